"""Who belongs: against a membership counted from ancestors, and the corners of each kind."""

from __future__ import annotations

import pytest

from comity.kernel.act import Act
from comity.kernel.dossier import Dossier
from comity.kernel.graph import Node
from comity.kernel.ids import PartyId
from comity.kernel.kinds import Growth
from tests.kernel.histories import ancestors, woven
from tests.kernel.world import Party, digest, documents_of, open_dossier, refused, replica

ORVANDA, TOLMERE, SARIVANE = Party("orvanda"), Party("tolmere"), Party("sarivane")
DOCS = documents_of(ORVANDA, TOLMERE, SARIVANE)


def circle() -> Dossier:
    return open_dossier(ORVANDA, [TOLMERE], growth=Growth.CHAIR, chair=ORVANDA.id)


def tell(dossier: Dossier, by: Party, kind: str, **body: object) -> Act:
    act = by.say(dossier, kind, body)
    dossier.admit(act, DOCS)
    return act


@pytest.mark.parametrize("seed", range(8))
def test_members_of_every_act_agree_with_ancestors_counted_one_by_one(seed: int) -> None:
    dossier = woven(seed, 90).fold()
    for node in dossier.graph.order:
        seen = ancestors(node) | {node}
        assert dossier.members.at(node.clock) == counted(dossier, seen)
        assert dossier.members.of(node) == counted(dossier, seen) | {node.header.party}
    assert dossier.members.now() == counted(dossier, set(dossier.graph.order))


def counted(dossier: Dossier, seen: set[Node]) -> set[PartyId]:
    founders = set(dossier.charter.members)
    joins = {n for n in seen if n.header.kind == "join"}
    parties = founders | {n.header.party for n in joins}
    found = set()
    for party in parties:
        ends = [n for n in seen if n.header.kind in {"leave", "decline"}]
        ends = [n for n in ends if n.header.party == party]
        begins = [n for n in joins if n.header.party == party]
        if party in founders:
            begins.append(dossier.graph.charter)
        if any(all(b not in ancestors(e) for e in ends) for b in begins):
            found.add(party)
    return found


def test_nobody_invites_a_member() -> None:
    dossier = circle()
    with refused("K14", "member already"):
        tell(dossier, ORVANDA, "invite", party=TOLMERE.id)


def test_a_join_cites_an_invitation_of_its_author_that_it_had_seen() -> None:
    dossier = circle()
    unaware = replica(ORVANDA.sign_act(dossier.graph.charter.header), DOCS)
    invite = tell(dossier, ORVANDA, "invite", party=SARIVANE.id)
    note = tell(dossier, ORVANDA, "note")
    for wrong in (digest("nothing"), note.id):
        with refused("K14", "no invitation of itself"):
            tell(dossier, SARIVANE, "join", invite=wrong)
    stranger = Party("stranger")
    with refused("K14", "no invitation of itself"):
        dossier.admit(
            stranger.say(dossier, "join", {"invite": invite.id}), DOCS | documents_of(stranger)
        )
    blind = SARIVANE.say(unaware, "join", {"invite": invite.id})
    with refused("K14", "no invitation of itself"):
        dossier.admit(blind, DOCS)
    assert dossier.members.invites_of(SARIVANE.id) == [dossier.graph.nodes[invite.id]]
    assert dossier.members.invites_of(TOLMERE.id) == []


def test_a_member_does_not_join_again() -> None:
    dossier = circle()
    invite = tell(dossier, ORVANDA, "invite", party=SARIVANE.id)
    tell(dossier, SARIVANE, "join", invite=invite.id)
    with refused("K14", "member already"):
        tell(dossier, SARIVANE, "join", invite=invite.id)


def test_an_invitation_from_before_a_join_does_not_bring_its_guest_back() -> None:
    dossier = circle()
    used, spare = (tell(dossier, ORVANDA, "invite", party=SARIVANE.id) for _ in range(2))
    tell(dossier, SARIVANE, "join", invite=used.id)
    tell(dossier, SARIVANE, "leave")
    for invite in (used, spare):
        with refused("K14", "used once"):
            tell(dossier, SARIVANE, "join", invite=invite.id)


def test_consent_that_the_guest_had_not_seen_is_none() -> None:
    dossier = open_dossier(ORVANDA, [TOLMERE], growth=Growth.ALL)
    opening = ORVANDA.sign_act(dossier.graph.charter.header)
    first = tell(dossier, ORVANDA, "invite", party=SARIVANE.id)
    early = SARIVANE.say(replica(opening, DOCS, [first]), "join", {"invite": first.id})
    tell(dossier, TOLMERE, "invite", party=SARIVANE.id)
    with refused("K14", "Not every member"):
        dossier.admit(early, DOCS)
    tell(dossier, SARIVANE, "join", invite=first.id)


def test_who_declined_may_still_come_by_the_same_invitation() -> None:
    dossier = circle()
    invite = tell(dossier, ORVANDA, "invite", party=SARIVANE.id)
    tell(dossier, SARIVANE, "decline", invite=invite.id)
    assert SARIVANE.id not in dossier.members.now()
    tell(dossier, SARIVANE, "join", invite=invite.id)
    assert SARIVANE.id in dossier.members.now()
    with refused("K14", "founding member"):
        tell(dossier, SARIVANE, "decline")


def test_a_join_and_a_leave_that_have_not_seen_each_other_leave_a_member() -> None:
    dossier = circle()
    invite = tell(dossier, ORVANDA, "invite", party=SARIVANE.id)
    before = replica(
        ORVANDA.sign_act(dossier.graph.charter.header),
        DOCS,
        [ORVANDA.sign_act(dossier.graph.nodes[invite.id].header)],
    )
    tell(dossier, SARIVANE, "join", invite=invite.id)
    tell(dossier, SARIVANE, "leave")
    again = SARIVANE.say(before, "join", {"invite": invite.id})
    dossier.admit(again, DOCS)  # Two copies of its node: a fork, and both are in the graph.
    assert SARIVANE.id in dossier.members.now()
    assert dossier.members.ever() == {ORVANDA.id, TOLMERE.id, SARIVANE.id}


def test_an_answer_about_erasing_names_an_act_that_its_author_had_seen() -> None:
    dossier = circle()
    with refused("K14", "its author had seen"):
        tell(dossier, TOLMERE, "erase", act=digest("x"), stage="applied", reason="law")
    tell(dossier, TOLMERE, "erase", act=dossier.id, stage="applied", reason="law")
    with refused("K14", "no such part"):
        tell(dossier, TOLMERE, "erase", act=dossier.id, stage="applied", reason="law", parts=[1])
    tell(dossier, TOLMERE, "erase", act=dossier.id, stage="applied", reason="law", parts=[0])
    said = dossier.state.entries("erased", dossier.id)
    assert [entry.value for entry in said] == [{"stage": "applied", "reason": "law", "parts": [0]}]


def test_an_author_releases_only_what_it_had_said() -> None:
    dossier = circle()
    with refused("K14", "own acts only"):
        tell(dossier, ORVANDA, "release", acts=[digest("x")], to=TOLMERE.id)
    with refused("K14", "own acts only"):
        tell(dossier, TOLMERE, "release", acts=[dossier.id], to=TOLMERE.id)
