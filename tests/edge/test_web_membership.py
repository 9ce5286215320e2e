"""Who takes part in a dossier, by page: invited, joined, declined, left, given what was said
before; and content erased, with what stays and what goes said in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import NamedTuple

import pytest

from comity.kernel.act import read_header
from comity.kernel.ids import Id
from comity.services.casework import dossiers, issue
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.store.access import acts
from comity.store.access.people import audit
from tests.edge.program import Program, token
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_saying import press
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on


class Three(NamedTuple):
    """Orvanda's incident with Tolmere, into which Orvanda invites; Sarivane stands outside."""

    orvanda: Pages
    tolmere: Pages
    sarivane: Pages
    dossier: Id

    def meet(self) -> None:
        nodes = [pages.node for pages in (self.orvanda, self.tolmere, self.sarivane)]
        for _ in range(3):
            for sender in nodes:
                for other in nodes:
                    if sender is not other:
                        pass_on(sender, other)

    def states(self, node: Node) -> dict[str, str]:
        parties = [pages.node for pages in (self.orvanda, self.tolmere, self.sarivane)]
        names = {str(party.me): party.settings.name for party in parties}
        return {names[party]: state for party, state in acts.members(node.db, self.dossier)}


@pytest.fixture
def three(nodes: Nodes) -> Iterator[Three]:
    made = [nodes.make(name) for name in ("Orvanda", "Tolmere", "Sarivane")]
    introduce(*made)
    orvanda, tolmere, _ = made
    dossier = incident(orvanda, tolmere, "Cranes stop", growth="chair", chair=orvanda.me)
    with ExitStack() as stack:
        for node in made:
            node.settings = replace(node.settings, second_factor=False)
        first, second, third = [stack.enter_context(Pages(node)) for node in made]
        found = Three(first, second, third, dossier)
        found.meet()
        yield found


def begin(visitor: Visitor, dossier: str, kind: str, **fields: str | list[str]) -> Page:
    """Fill in a kind and go on to the page before it is signed."""
    page = visitor.get(f"/dossiers/{dossier}/say/{kind}")
    assert page.status == 200, page.text
    return visitor.fill(page, fields, form=page.form_with(["csrfmiddlewaretoken"]), button="check")


def invited(three: Three) -> Visitor:
    """Let Orvanda invite Sarivane, and return somebody at Sarivane."""
    ada = three.orvanda.person("ada", "duty_officer")
    page = begin(ada, three.dossier, "invite", party=three.sarivane.node.me)
    assert "It gets the opening of the dossier at once" in page.text
    press(ada, page, "sign")
    three.meet()
    return three.sarivane.person("sam", "duty_officer")


def test_who_joins_later_is_not_said_to_read_translations_of_what_was_before(three: Three) -> None:
    node, dossier = three.orvanda.node, three.dossier
    told = Draft("inform", {}, prepare_fields(node, {"text": "Die Kräne stehen."}, lang="de"))
    act = issue.issue(node, dossier_id=dossier, draft=told)
    issue.issue(node, dossier_id=dossier, draft=Draft("invite", {"party": three.sarivane.node.me}))
    ada = three.orvanda.person("ada", "duty_officer")
    page = begin(ada, dossier, "inform", text="Now.", lang="en", _tlp="amber")
    assert named(page) == ["Sarivane", "Tolmere"]
    page = ada.get(f"/dossiers/{dossier}/say/translation?act={act}")
    given = {"text": "The cranes.", "lang": "en", "as": "official"}
    page = ada.fill(page, given, button="check")
    assert named(page) == ["Tolmere"]
    api = Program(three.orvanda.app, token(node, 1, "duty_officer"))
    readers = api.get(page.path.replace("/check", "/preview")).value["readers"]
    assert [reader["name"] for reader in readers] == ["Tolmere"]


def named(page: Page) -> list[str]:
    """Return who is said to be able to read what is about to be signed."""
    listed = page.text.partition('<ul class="readers">')[2].partition("</ul>")[0]
    return re.findall("<bdi>([^<]+)</bdi>", listed)


def test_an_invitation_is_found_at_work_and_joined_by_page(three: Three) -> None:
    sam = invited(three)
    assert three.states(three.orvanda.node)["Sarivane"] == "invited"
    work = sam.get("/")
    assert "You are invited to take part: join, or decline." in work.text
    page = sam.get(f"/dossiers/{three.dossier}")
    assert f"/dossiers/{three.dossier}/say/join" in page.text
    page = begin(sam, three.dossier, "join")
    assert "What was said before arrives afterwards" in page.text
    press(sam, page, "sign")
    assert "You are invited" not in sam.get("/").text
    three.meet()
    assert three.states(three.orvanda.node)["Sarivane"] == "member"
    row = acts.dossier(three.sarivane.node.db, three.dossier)
    assert row is not None
    assert row.state == dossiers.ACTIVE
    (joined,) = acts.acts_of_kind(three.orvanda.node.db, "join", three.sarivane.node.me)
    assert read_header(joined.header).body["by"] == {"role": "duty_officer"}
    assert audit(three.sarivane.node.db)[0].what == "said"


def test_an_invitation_is_answered_once(three: Three) -> None:
    sam = invited(three)
    press(sam, begin(sam, three.dossier, "decline"), "sign")
    page = sam.get(f"/dossiers/{three.dossier}")
    assert "/say/join" not in page.text
    three.meet()
    assert three.states(three.orvanda.node)["Sarivane"] == "declined"


def test_a_founding_member_that_never_spoke_declines_and_who_spoke_leaves(three: Three) -> None:
    bo, ada = (
        three.tolmere.person("bo", "duty_officer"),
        three.orvanda.person("ada", "duty_officer"),
    )
    page = bo.get(f"/dossiers/{three.dossier}")
    assert "/say/decline" in page.text
    assert "/say/leave" not in page.text
    page = ada.get(f"/dossiers/{three.dossier}")
    assert "/say/leave" in page.text
    page = begin(ada, three.dossier, "leave")
    assert "Ends: nothing that is said from then on comes here" in page.text
    press(ada, page, "sign")
    row = acts.dossier(three.orvanda.node.db, three.dossier)
    assert row is not None
    assert row.state == dossiers.LEFT
    page = ada.get(f"/dossiers/{three.dossier}")
    assert page.status == 200
    assert "/say/" not in page.text
    three.meet()
    assert three.states(three.tolmere.node)["Orvanda"] == "left"


def test_why_nobody_can_be_brought_in_is_said(three: Three) -> None:
    orvanda, tolmere = three.orvanda.node, three.tolmere.node
    closed = incident(orvanda, tolmere, "Closed")
    ada = three.orvanda.person("ada", "duty_officer")
    text = ada.get(f"/dossiers/{closed}").text
    assert "The charter closes this dossier to new members." in text
    assert "Nobody here lacks anything that we said." in text
    bo = three.tolmere.person("bo", "duty_officer")
    assert "Only the chair invites into this dossier." in bo.get(f"/dossiers/{three.dossier}").text


def test_what_was_said_before_is_released_to_who_came_later(three: Three) -> None:
    node = three.orvanda.node
    said = prepare_fields(node, {"text": "Look for 192.0.2.7"})
    act = issue.issue(node, dossier_id=three.dossier, draft=Draft("inform", content=said))
    sam = invited(three)
    press(sam, begin(sam, three.dossier, "join"), "sign")
    three.meet()
    assert "192.0.2.7" not in sam.get(f"/dossiers/{three.dossier}").text
    bea = three.orvanda.person("bea", "duty_officer")
    page = begin(bea, three.dossier, "release", acts=[act], to=three.sarivane.node.me)
    assert "What was given cannot be taken back" in page.text
    press(bea, page, "sign")
    left = bea.get(f"/dossiers/{three.dossier}/say/release").text
    assert f'value="{act}"' not in left
    assert f'value="{three.dossier}"' in left
    three.meet()
    assert "192.0.2.7" in sam.get(f"/dossiers/{three.dossier}").text


def test_content_is_erased_here_and_the_others_are_asked(three: Three) -> None:
    node = three.orvanda.node
    said = prepare_fields(node, {"text": "The name is Ines."})
    act = issue.issue(node, dossier_id=three.dossier, draft=Draft("inform", content=said))
    three.meet()
    ada, bo = (
        three.orvanda.person("ada", "duty_officer"),
        three.tolmere.person("bo", "duty_officer"),
    )
    page = ada.get(f"/dossiers/{three.dossier}")
    assert f"/say/erase?act={act}" in page.text
    page = ada.get(f"/dossiers/{three.dossier}/say/erase?act={act}")
    for told in (
        "Goes: the words and files of the message on this node",
        "Stays: that it was said",
    ):
        assert told in page.text
    assert page.form_with(["act"]).fields["act"] == [act]
    page = ada.fill(page, {"answer": "erase", "reason": "personal_data"}, button="check")
    press(ada, page, "sign")
    text = ada.get(f"/dossiers/{three.dossier}").text
    assert "Ines" not in text
    assert "Its content was erased; that it was said stays proven." in text
    assert "was asked, no word yet" in text
    three.meet()
    page = bo.get(f"/dossiers/{three.dossier}")
    assert "Ines" in page.text
    assert "Its author asks this party to erase its content: answer" in page.text
    page = bo.get(f"/dossiers/{three.dossier}/say/erase?act={act}")
    page = bo.fill(page, {"answer": "keep", "reason": "law"}, button="check")
    press(bo, page, "sign")
    assert "Ines" in bo.get(f"/dossiers/{three.dossier}").text
    three.meet()
    text = ada.get(f"/dossiers/{three.dossier}").text
    assert "keeps it" in text
    assert "no word yet" not in text[text.index("Erasing its content") :][:600]


def test_what_cannot_be_kept_is_refused_with_its_reason(three: Three) -> None:
    ada = three.orvanda.person("ada", "duty_officer")
    page = begin(ada, three.dossier, "erase", act=three.dossier, answer="keep", reason="law")
    page = press(ada, page, "sign")
    assert "Its author has not asked this party to erase it." in page.text
    assert "Since 02:40." in ada.get(f"/dossiers/{three.dossier}").text


def test_a_mandate_may_ask_for_a_second_person_to_leave(three: Three) -> None:
    ann = three.orvanda.person("ann", "analyst")
    ada = three.orvanda.person("ada", "duty_officer")
    page = begin(ann, three.dossier, "leave")
    assert "Your mandate asks for a second person." in page.text
    press(ann, page, "prepare")
    row = acts.dossier(three.orvanda.node.db, three.dossier)
    assert row is not None
    assert row.state == dossiers.ACTIVE
    press(ada, ada.get(page.path), "approve")
    (left,) = acts.acts_of_kind(three.orvanda.node.db, "leave", three.orvanda.node.me)
    body = read_header(left.header).body
    assert body["by"] == {"role": "analyst", "approved_by": ["duty_officer"]}


def test_who_may_say_nothing_changes_nothing_about_who_takes_part(three: Three) -> None:
    hal = three.orvanda.person("hal", "head")
    assert "Not under your mandates." in hal.get(f"/dossiers/{three.dossier}").text
    for kind in ("invite", "leave", "erase", "release", "join", "decline"):
        assert hal.get(f"/dossiers/{three.dossier}/say/{kind}").status == 404
