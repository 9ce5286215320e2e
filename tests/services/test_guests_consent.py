"""A guest in a disclosure: terms come before content by a letter too; then it answers."""

from __future__ import annotations

import pytest

from comity.kernel.canon import Object
from comity.kernel.ids import Id, guest_of
from comity.protocols.response.disclosure.codes import DAY
from comity.services.casework import content, dossiers, guests, issue, sendable
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.response import disclosures
from comity.store.access import acts
from tests.kernel.world import refused
from tests.network.test_consent import report
from tests.nodes import Nodes, introduce
from tests.services.test_guests import JANE, sent


@pytest.fixture
def case(nodes: Nodes) -> tuple[Node, Id]:
    """A case of Orvanda and Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    return orvanda, report(orvanda, tolmere)


def write(node: Node, dossier: Id, kind: str, body: Object, text: str) -> Id:
    prepared = content.prepare_fields(node, {"text": text})
    return issue.issue(node, dossier_id=dossier, draft=Draft(kind, body, prepared))


def propose(node: Node, dossier: Id) -> Id:
    body: Object = {"end": node.now() + 30 * DAY, "use": "defence", "duties": ["none"]}
    return write(node, dossier, "propose", body, "Thirty days.")


def test_no_letter_brings_a_guest_what_it_has_not_agreed_to_keep(case: tuple[Node, Id]) -> None:
    orvanda, dossier = case
    told = write(orvanda, dossier, "inform", {}, "The parser writes past its buffer.")
    with refused("S4"):
        sent(orvanda, told)
    assert not guests.made_in(orvanda, dossier)


def test_a_finder_agrees_by_its_link_and_is_told_and_answers(case: tuple[Node, Id]) -> None:
    orvanda, dossier = case
    row, secret = sent(orvanda, propose(orvanda, dossier))
    guests.answer(orvanda, secret, {"duties": "none"})
    held = disclosures.case(orvanda, dossier).embargo.held
    finder = guest_of(orvanda.me, row.handle)
    assert finder in held
    told = write(orvanda, dossier, "inform", {}, "It is mended in 4.2.")
    again, secret = sent(orvanda, told)
    assert again.handle == row.handle
    guests.answer(orvanda, secret, {"text": "Thank you; 4.2 holds."})
    said = [n.said.header for n in dossiers.load(orvanda, dossier).graph.order]
    assert [(h.party, h.kind) for h in said][-1] == (finder, "inform")


def test_who_agreed_and_withdrew_is_sent_nothing_more(case: tuple[Node, Id]) -> None:
    orvanda, dossier = case
    terms = propose(orvanda, dossier)
    row, secret = sent(orvanda, terms)
    guests.answer(orvanda, secret, {"duties": "none"})
    told = write(orvanda, dossier, "inform", {}, "It is mended in 4.2.")
    held = acts.act(orvanda.db, told)
    assert held is not None
    sendable.require_given(orvanda, held, row.handle)
    body: Object = {
        "letter": terms,
        "guest": row.handle,
        "kind": "withdraw",
        "body": {"reason": "safety"},
    }
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("record", body, refs=(terms,)))
    with refused("S4"):
        sendable.require_given(orvanda, held, row.handle)
    with refused("S4"):
        guests.make(orvanda, None, told, JANE)
