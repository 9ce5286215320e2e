"""What members, strangers and broken machines may do to an embargo, and what becomes of it.

Every node of the network is a real one. A ``Forger`` signs and sends what no service would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from comity.kernel import documents
from comity.kernel.bundle import Bundle
from comity.kernel.canon import Object
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.kinds import Growth
from comity.protocols.response.disclosure import embargo
from comity.protocols.response.disclosure.codes import DAY
from comity.services.care import doctor, restore
from comity.services.casework import issue, join, view
from comity.services.casework.issue import Draft, own_view
from comity.services.delivery import ingest
from comity.services.delivery.carry import carry
from comity.services.identity import announce
from comity.services.node import Node
from comity.services.proof import equivocation
from comity.services.response import disclosures
from comity.store.access import acts as access
from tests.network.liars import Liar
from tests.network.simulator import Forger, Network, held, ladder, require_equal, verdicts
from tests.network.test_bad_input import bytes_changed
from tests.network.test_consent import agree, inform, knows, propose, report, three
from tests.nodes import introduce, say
from tests.protocols.response.disclosure.test_crossing import (
    AGREES,
    PROPOSES,
    REFUSES,
    combinations,
    diverges,
)

AGREED: Object = {"duties": ["none"]}
YEAR = 365 * DAY
HOUR = 3_600_000


def until(end: int, **more: Any) -> dict[str, Any]:
    return {"end": end, "use": "defence", "duties": ["none"], **more}


def stands(node: Node, dossier: Id) -> str:
    """Return where the embargo stands at a node."""
    return disclosures.case(node, dossier).embargo.state


def bound(node: Node, dossier: Id) -> set[str]:
    """Return who holds to terms, as a node shows it, by name."""
    case = disclosures.case(node, dossier)
    return {each.name for each in case.parties if each.party in case.embargo.held}


def in_force(net: Network) -> tuple[Node, Node, Node, Id, Id]:
    """Return three nodes, their case, and the terms of 30 days that the first two hold to."""
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    terms = propose(orvanda, dossier)
    net.settle()
    agree(tolmere, dossier, terms)
    net.settle()
    assert stands(sarivane, dossier) == embargo.ACTIVE
    return orvanda, tolmere, sarivane, dossier, terms


WRONG: dict[str, tuple[str, Callable[[int], dict[str, Any]]]] = {
    "an end in the past": ("D3", lambda now: until(now - DAY)),
    "an embargo of nothing": ("D3", until),
    "an embargo of a second": ("D3", lambda now: until(now + 1_000)),
    "an embargo of a hundred years": ("D3", lambda now: until(now + 100 * YEAR)),
    "a second to reply": ("D4", lambda now: until(now + 9 * DAY, reply_by=now + 1_000)),
    "a reply after the end": ("D4", lambda now: until(now + 9 * DAY, reply_by=now + 10 * DAY)),
}


@pytest.mark.parametrize("name", WRONG)
def test_terms_that_nobody_may_propose_are_not_signed_and_have_no_effect_anywhere(
    net: Network, name: str
) -> None:
    rule, body = WRONG[name]
    orvanda, tolmere, sarivane, dossier, _ = in_force(net)
    with pytest.raises(Refusal, match=rf"\({rule}\): .*(propose|Leave)"):
        say(sarivane, dossier, "propose", body(sarivane.now()))
    item = Forger(sarivane).act(dossier, "propose", body(sarivane.now()))
    Forger(sarivane).send(tolmere, item)
    net.cut({"sarivane"})
    net.settle()
    for node in (orvanda, tolmere):
        void = view.act(node, item.act.id).void
        assert void is not None
        assert (void.rule, bool(void.reason)) == (rule, True)
        assert stands(node, dossier) == embargo.ACTIVE
        assert bound(node, dossier) == {"orvanda", "tolmere"}
    require_equal([orvanda, tolmere], dossier)


@pytest.mark.parametrize(("kind", "body"), [("accept", AGREED), ("propose", None)])
def test_who_is_no_member_has_no_part_in_terms(
    net: Network, kind: str, body: Object | None
) -> None:
    _, tolmere, _, dossier, terms = in_force(net)
    stranger = net.make("fennick")
    introduce(stranger, tolmere)
    own = report(stranger)
    refs = (terms,) if kind == "accept" else ()
    said = body or until(stranger.now() + 9 * DAY)
    place: dict[str, Any] = {"dossier": dossier, "n": 1, "prev": None, "parents": (terms,)}
    item = Forger(stranger).act(own, kind, said, refs=refs, **place)
    Forger(stranger).send(tolmere, item)
    assert net.refusals("tolmere") == {"K12": 1}
    assert item.act.id not in held(tolmere, dossier)
    assert bound(tolmere, dossier) == {"orvanda", "tolmere"}


@pytest.mark.parametrize("kind", ["accept", "propose"])
def test_who_has_left_has_no_part_in_terms_any_more(net: Network, kind: str) -> None:
    orvanda, tolmere, sarivane, dossier, terms = in_force(net)
    join.leave(sarivane, dossier_id=dossier)
    net.settle()
    with pytest.raises(Refusal, match="member"):
        propose(sarivane, dossier)
    body = AGREED if kind == "accept" else until(sarivane.now() + 9 * DAY)
    item = Forger(sarivane).act(dossier, kind, body, refs=(terms,) if kind == "accept" else ())
    Forger(sarivane).send(tolmere, item)
    assert net.refusals("tolmere") == {"K12": 1}
    assert item.act.id not in held(tolmere, dossier)
    require_equal([orvanda, tolmere], dossier)


def test_what_was_agreed_in_one_case_says_nothing_in_another(net: Network) -> None:
    orvanda, tolmere, _, dossier, terms = in_force(net)
    other = report(orvanda, tolmere)
    propose(orvanda, other)
    net.settle()
    forger = Forger(tolmere)
    # Its dossier is under its signature.
    moved = bytes_changed(lambda data: data.replace(dossier.encode(), other.encode()))
    moved(forger, orvanda, dossier)
    assert net.refusals("orvanda") == {"K5": 1}
    # What is sent once more stays where it is.
    again = [carry(orvanda, each, tolmere.me) for each in held(orvanda, dossier)]
    Forger(orvanda).send(tolmere, *(item for item in again if item is not None))
    assert bound(tolmere, other) == set()
    # Who signs it anew cites what this dossier does not hold.
    with pytest.raises(Refusal, match=r"\(D0\)"):
        agree(tolmere, other, terms)
    item = forger.act(other, "accept", AGREED, refs=(terms,))
    forger.send(orvanda, item)
    assert verdicts(orvanda, other)[item.act.id] is not None
    assert (stands(orvanda, other), bound(orvanda, other)) == (embargo.PROPOSED, set())


@pytest.mark.parametrize("after", [20, 40])  # Days; the terms end after 30.
def test_an_agreement_that_comes_late_is_one_and_its_end_stays_past(
    net: Network, after: int
) -> None:
    """That it was agreed to, and until when, is the same for all; that it is over, each node's
    clock says.
    """
    orvanda, tolmere, sarivane, dossier, terms = in_force(net)
    net.cut({"sarivane"})
    net.step(after * DAY)
    agree(sarivane, dossier, terms)
    net.step((50 - after) * DAY)
    assert bound(orvanda, dossier) == {"orvanda", "tolmere"}
    late = say(tolmere, dossier, "propose", until(tolmere.now() + 9 * DAY))
    net.settle()
    for node in (orvanda, tolmere, sarivane):
        assert bound(node, dossier) == {"orvanda", "tolmere", "sarivane"}
        assert disclosures.case(node, dossier).keeping == "past"
    agree(orvanda, dossier, late)
    net.settle()
    require_equal([orvanda, tolmere, sarivane], dossier)


def test_an_agreement_after_the_embargo_was_ended_brings_it_back_for_nobody(net: Network) -> None:
    orvanda, tolmere, sarivane, dossier, terms = in_force(net)
    net.cut({"sarivane"})
    say(tolmere, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    agree(sarivane, dossier, terms)
    assert stands(sarivane, dossier) == embargo.ACTIVE
    net.settle()
    for node in (orvanda, tolmere, sarivane):
        assert stands(node, dossier) == embargo.ENDED
        assert [each.name for each in disclosures.case(node, dossier).endings] == ["tolmere"]


@pytest.mark.parametrize("off", [48 * HOUR, -48 * HOUR, 100 * YEAR])
def test_what_an_agreement_says_of_its_time_decides_nothing(net: Network, off: int) -> None:
    orvanda, tolmere, sarivane, dossier, terms = in_force(net)
    item = Forger(sarivane).act(dossier, "accept", AGREED, refs=(terms,), time=net.time + off)
    Forger(sarivane).send(tolmere, item)
    net.cut({"sarivane"})
    net.settle()
    for node in (orvanda, tolmere):
        assert stands(node, dossier) == embargo.ACTIVE
        assert bound(node, dossier) == {"orvanda", "tolmere", "sarivane"}
        # A time ahead is shown beside when it came.
        assert view.act(node, item.act.id).ahead is (off > 0)
    require_equal([orvanda, tolmere], dossier)


@pytest.mark.parametrize("off", [48 * HOUR, -48 * HOUR])
def test_a_node_whose_clock_is_days_off_is_told_so_and_loses_nothing(
    net: Network, off: int
) -> None:
    orvanda, tolmere, sarivane, dossier, terms = in_force(net)
    net.hosts["sarivane"].skew = off
    act = agree(sarivane, dossier, terms)
    more = inform(orvanda, dossier, "more")
    net.run(9)
    (found,) = (f for f in doctor.examine(sarivane).findings if f.subject == "clock")
    assert found.commands == ("timedatectl set-ntp true",)
    assert view.act(tolmere, act).ahead is (off > 0)
    # Once it goes right, all that was said meanwhile comes.
    net.hosts["sarivane"].skew = 0
    net.settle()
    assert more in held(sarivane, dossier)
    for node in (orvanda, tolmere, sarivane):
        assert bound(node, dossier) == {"orvanda", "tolmere", "sarivane"}
    require_equal([orvanda, tolmere, sarivane], dossier)


def test_a_kind_that_nobody_declares_is_kept_and_shown_without_effect(net: Network) -> None:
    orvanda, tolmere, sarivane, dossier, _ = in_force(net)
    item = Forger(sarivane).act(dossier, "embargo_for_ever", {"end": 0})
    Forger(sarivane).send(tolmere, item)
    net.cut({"sarivane"})
    net.settle()
    for node in (orvanda, tolmere):
        seen = view.act(node, item.act.id)
        assert seen.void is not None
        assert (seen.void.rule, bool(seen.void.reason)) == ("D0", True)
        assert stands(node, dossier) == embargo.ACTIVE
    require_equal([orvanda, tolmere], dossier)


def test_what_comes_after_years_counts_as_it_would_have(net: Network) -> None:
    orvanda, tolmere, sarivane, dossier, terms = in_force(net)
    net.cut({"sarivane"})
    act = agree(sarivane, dossier, terms)
    net.run(20, 60 * DAY)
    assert set(ladder(sarivane, act).values()) == {"undeliverable"}
    assert orvanda.now() - view.act(sarivane, act).time > 3 * YEAR
    net.groups = ()
    net.run(3, DAY)
    # It comes as soon as heights are compared, though its author had given up sending it.
    for node in (orvanda, tolmere, sarivane):
        assert act in held(node, dossier)
        assert bound(node, dossier) == {"orvanda", "tolmere", "sarivane"}
        assert disclosures.case(node, dossier).keeping == "past"
    require_equal([orvanda, tolmere, sarivane], dossier)


def test_a_coordinator_that_tells_each_half_another_end_is_found_out(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane, growth=Growth.CHAIR)
    net.settle()
    one, other = (
        Forger(orvanda).act(dossier, "propose", until(orvanda.now() + days * DAY))
        for days in (30, 90)
    )
    Forger(orvanda).send(tolmere, one)
    Forger(orvanda).send(sarivane, other)
    net.cut({"orvanda"})
    agree(tolmere, dossier, one.act.id)
    agree(sarivane, dossier, other.act.id)
    net.run(8, 40_000)
    for node in (tolmere, sarivane):
        assert {one.act.id, other.act.id} <= held(node, dossier)
        pairs = {(row.first, row.second) for row in access.equivocations(node.db)}
        assert tuple(sorted((one.act.id, other.act.id))) in pairs
        told = {found.subject: found.words for found in doctor.examine(node).findings}
        assert told["versions of orvanda"].startswith(equivocation.WORDS)
        # Each goes on holding to what it agreed to, and the earlier end counts for both.
        found = disclosures.case(node, dossier).embargo
        assert found.end == one.act.header.body["end"]
        assert {tolmere.me, sarivane.me} <= found.held.keys()
    require_equal([tolmere, sarivane], dossier)


def test_a_coordinator_that_vanishes_holds_up_nobody(net: Network) -> None:
    _, tolmere, sarivane, dossier, terms = in_force(net)
    agree(sarivane, dossier, terms)
    net.settle()
    net.cut({"orvanda"})
    sooner = propose(tolmere, dossier, days=20)
    net.run(9)
    agree(sarivane, dossier, sooner)
    inform(tolmere, dossier, "a way around it")
    net.run(9)
    for node in (tolmere, sarivane):
        assert disclosures.case(node, dossier).embargo.end == ends(node, sooner)
        # That the other does not answer is shown, and not taken for a word.
        silent = {each.name: each.reached for each in disclosures.case(node, dossier).parties}
        assert silent["orvanda"] != "whole"
    say(sarivane, dossier, "withdraw", {"reason": "safety"}, refs=[sooner])
    net.run(9)
    assert stands(tolmere, dossier) == embargo.ENDED
    require_equal([tolmere, sarivane], dossier)


def ends(node: Node, act: str) -> object:
    return view.act(node, act).body["end"]


def test_who_goes_on_with_new_keys_is_bound_as_before(net: Network) -> None:
    orvanda, tolmere, sarivane, dossier, terms = in_force(net)
    host = net.hosts["tolmere"]
    restore.restore(tolmere, code=host.kit, hand_over=host.keep)
    net.settle()
    assert bound(orvanda, dossier) == {"orvanda", "tolmere"}
    say(tolmere, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    net.settle()
    for node in (orvanda, tolmere, sarivane):
        assert stands(node, dossier) == embargo.ENDED
    require_equal([orvanda, tolmere, sarivane], dossier)


def test_whose_key_is_disowned_is_no_longer_shown_to_have_agreed(net: Network) -> None:
    """Newer documents of a party say that a thief signed for it."""
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    terms = propose(orvanda, dossier)
    net.settle()
    liar, first, host = Liar(net, "tolmere"), own_view(tolmere), net.hosts["tolmere"]
    restore.restore(tolmere, code=host.kit, hand_over=host.keep)
    agree(tolmere, dossier, terms)
    net.settle()
    assert bound(orvanda, dossier) == {"orvanda", "tolmere"}
    # Another line of documents, in which the log is not that it agreed in, grows longer.
    chain = [liar.root(first, first)]
    chain.append(liar.root(documents.read(chain[0], first), first))
    ingest.receive(orvanda, sender=tolmere.me, what=Bundle(documents=tuple(chain)))
    net.run(1, 60_000)
    assert (stands(orvanda, dossier), bound(orvanda, dossier)) == (embargo.PROPOSED, set())


def test_a_party_that_came_out_of_another_is_bound_by_its_own_word_alone(net: Network) -> None:
    """A part of Tolmere becomes a party of its own, and Tolmere goes up in Sarivane."""
    orvanda, tolmere, sarivane = three(net)
    north = net.make("tolmere-north")
    net.introduce()
    dossier = report(orvanda, tolmere, sarivane, growth=Growth.CHAIR)
    terms = propose(orvanda, dossier)
    net.settle()
    agree(tolmere, dossier, terms)
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("invite", {"party": north.me}))
    net.settle()
    join.join(north, dossier_id=dossier)
    join.leave(tolmere, dossier_id=dossier)
    net.settle()
    assert bound(north, dossier) == {"orvanda", "tolmere"}
    assert not knows(north)
    agree(north, dossier, terms)
    net.settle()
    for node in (orvanda, sarivane, north):
        assert bound(node, dossier) == {"orvanda", "tolmere", "tolmere-north"}
        assert stands(node, dossier) == embargo.ACTIVE
    require_equal([orvanda, sarivane, north], dossier)


def test_a_party_that_changes_its_name_is_the_same_party(net: Network) -> None:
    orvanda, tolmere, sarivane, dossier, terms = in_force(net)
    tolmere.settings = replace(tolmere.settings, name="Republic of Tolmere")
    assert announce.refresh(tolmere)
    tolmere.nudged |= {orvanda.me, sarivane.me}  # As a node's worker does.
    net.settle()
    for node in (orvanda, sarivane):
        assert bound(node, dossier) == {"orvanda", "Republic of Tolmere"}
    # Its consent is that of before, and nobody else's is counted as its own.
    say(tolmere, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    net.settle()
    (ended,) = disclosures.case(orvanda, dossier).endings
    assert ended.name == "Republic of Tolmere"
    require_equal([orvanda, tolmere, sarivane], dossier)


def test_a_leak_by_nobody_known_ends_nothing_by_itself_and_accuses_nobody(net: Network) -> None:
    orvanda, tolmere, sarivane, dossier, _ = in_force(net)
    say(sarivane, dossier, "claim", {"what": "public", "basis": "source"})
    net.settle()
    for node in (orvanda, tolmere):
        found = disclosures.case(node, dossier)
        assert (found.embargo.state, found.keeping) == (embargo.CLAIMED, "keeps")
        (claim,) = found.claims
        assert (claim.name, claim.basis, claim.believed) == ("sarivane", "source", False)
        # What a source told several is no observation of any.
        assert bound(node, dossier) == {"orvanda", "tolmere"}
    say(tolmere, dossier, "claim", {"what": "public", "basis": "own"})
    net.settle()
    assert disclosures.case(tolmere, dossier).keeping == "out"
    assert disclosures.case(orvanda, dossier).keeping == "keeps"


def test_terms_that_are_proposed_when_it_is_out_do_not_put_it_under_embargo(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    for node, what in ((orvanda, "public"), (tolmere, "exploit"), (sarivane, "attack")):
        net.settle()
        say(node, dossier, "claim", {"what": what, "basis": "own"})
    terms = propose(orvanda, dossier)
    net.settle()
    agree(tolmere, dossier, terms)
    net.settle()
    for node in (orvanda, tolmere, sarivane):
        assert stands(node, dossier) == embargo.CLAIMED
        assert disclosures.case(node, dossier).keeping != "keeps"
    # Terms bind use to defence as well, so that the words go to who agrees to them all the same.
    assert knows(tolmere)
    assert not knows(sarivane)
    require_equal([orvanda, tolmere, sarivane], dossier)


CROSSING = [each for each in combinations(2) if diverges(*each)]
"""The pairs that leave Vultron's machines in two states, by state and what each of two says."""


@pytest.mark.parametrize(("state", "said"), CROSSING)
def test_words_that_cross_leave_real_nodes_in_one_state(
    net: Network, state: str, said: tuple[str, str]
) -> None:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    dossier = report(orvanda, tolmere)
    first = last = propose(orvanda, dossier)
    net.settle()
    if state in "AR":
        agree(tolmere, dossier, first)
        net.settle()
    if state == "R":
        last = propose(orvanda, dossier, days=60)
        net.settle()
    net.cut({"orvanda"})
    for node, word, days in ((orvanda, said[0], 20), (tolmere, said[1], 70)):
        if word in PROPOSES:
            propose(node, dossier, days=days)
        elif word in AGREES:
            agree(node, dossier, last)
        elif word in REFUSES:
            say(node, dossier, "refuse", {"reason": "too_long"}, refs=[last])
        else:
            held_to = disclosures.case(node, dossier).embargo.held[node.me].terms
            say(node, dossier, "withdraw", {"reason": "law"}, refs=[held_to])
    assert held(orvanda, dossier) != held(tolmere, dossier)
    net.settle()
    assert stands(orvanda, dossier) == stands(tolmere, dossier)
    require_equal([orvanda, tolmere], dossier)
