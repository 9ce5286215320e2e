"""Structural admission: each rule broken once, and nothing changes when one is."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel.admission import Admission, verify
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Pending
from comity.kernel.kinds import Growth
from tests.kernel.world import Party, charter, digest, documents_of, open_dossier, refused, replica

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
DOCS = documents_of(ORVANDA, TOLMERE)
OPENING = charter(ORVANDA, [TOLMERE])


@pytest.fixture
def dossier() -> Dossier:
    """A dossier in which Orvanda has said two things after its charter."""
    opened = replica(OPENING, DOCS)
    for _ in range(2):
        opened.admit(ORVANDA.say(opened, "note"), DOCS)
    return opened


def test_a_dossier_opens_with_a_charter(dossier: Dossier) -> None:
    with refused("K14", "opens with a charter"):
        Admission(ORVANDA.say(dossier, "note"), DOCS)


def test_a_charter_is_verified_like_any_act() -> None:
    with pytest.raises(Pending) as pending:
        Admission(OPENING, {})
    assert pending.value.documents == {ORVANDA.view.id}
    with refused("K5"):
        Admission(ORVANDA.sign_act(OPENING.header, TOLMERE.signer("act")), DOCS)


def test_admitting_twice_returns_the_same_node(dossier: Dossier) -> None:
    act = TOLMERE.say(dossier, "note")
    node = dossier.admit(act, DOCS)
    assert dossier.admit(act, DOCS) is node
    assert dossier.place(act, TOLMERE.view, DOCS) is node
    admission = dossier._admission
    assert admission.admit(act, DOCS) is node
    assert admission.admit(OPENING, DOCS) is dossier.graph.charter
    assert dossier.graph.order.count(node) == 1
    assert not dossier.graph.forked


def test_admission_alone_places_what_it_admits() -> None:
    opened = replica(OPENING, DOCS)
    act = TOLMERE.say(opened, "note")
    admission = Admission(OPENING, DOCS)
    node = admission.admit(act, DOCS)
    assert admission.graph.nodes[act.id] is node
    assert node.void is None


def test_an_act_names_its_own_dossier(dossier: Dossier) -> None:
    with refused("K11", "another dossier"):
        dossier.admit(TOLMERE.say(open_dossier(ORVANDA), "note"), DOCS)
    with refused("K11", "another dossier"):
        dossier.admit(charter(TOLMERE), DOCS)
    with refused("K11", "another dossier"):  # Its own charter is there, and has no second place.
        dossier.try_act(OPENING, ORVANDA.view, DOCS)


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("before this one in its feed", {"n": 7}),
        ("before this one in its feed", {"n": 3}),
        ("in log or time", {"seq": 0}),
        ("in log or time", {"time": 5}),
    ],
)
def test_a_feed_goes_on_from_its_own_last_act(
    dossier: Dossier, reason: str, fields: dict[str, Any]
) -> None:
    with refused("K10", reason):
        dossier.admit(ORVANDA.say(dossier, "note", **fields), DOCS)


def test_an_act_does_not_take_the_place_of_its_predecessor(dossier: Dossier) -> None:
    [last] = dossier.graph.feed_heads()[ORVANDA.id, 1]
    with refused("K10", "in log or time"):
        dossier.admit(ORVANDA.say(dossier, "note", seq=last.header.seq), DOCS)
    same = ORVANDA.say(dossier, "note", seq=last.header.seq + 1, time=last.header.time)
    dossier.admit(same, DOCS)


def test_a_prev_of_another_feed_is_refused_by_k10(dossier: Dossier) -> None:
    [last] = dossier.graph.feed_heads()[ORVANDA.id, 1]
    with refused("K10", "before this one in its feed"):
        act = TOLMERE.say(dossier, "note", n=last.header.n + 1, prev=last.id, parents=())
        dossier.admit(act, DOCS)


def test_missing_ancestors_make_an_act_pending(dossier: Dossier) -> None:
    a, b = sorted((digest("a"), digest("b")))
    with pytest.raises(Pending) as pending:
        dossier.admit(TOLMERE.say(dossier, "note", parents=(a, b)), DOCS)
    assert pending.value.acts == {a, b}
    with pytest.raises(Pending) as pending:
        dossier.admit(ORVANDA.say(dossier, "note", prev=a), DOCS)
    assert pending.value.acts == {a}


def test_a_stranger_says_nothing(dossier: Dossier) -> None:
    stranger = Party("stranger")
    docs = DOCS | documents_of(stranger)
    with refused("K12"):
        dossier.admit(stranger.say(dossier, "claim", {"status": "open"}), docs)


@pytest.mark.parametrize(
    ("rule", "reason", "body"),
    [
        ("K14", "'role'", {"by": {"role": "The Minister"}}),
        ("K14", "'role'", {"by": {}}),
        ("K14", "unknown", {"by": {"role": "desk", "name": "x"}}),
        ("K14", "not roles", {"by": {"role": "desk", "approved_by": ["Jane Doe"]}}),
        ("K14", "not roles", {"by": {"role": "desk", "approved_by": [5]}}),
        ("K14", "array of 0 to 8", {"by": {"role": "desk", "approved_by": ["a"] * 9}}),
        ("K4", "audience", {"audience": []}),
        ("K16", "array", {"approvals": {}}),
    ],
)
def test_what_every_body_may_hold_is_checked_in_every_kind(
    dossier: Dossier, rule: str, reason: str, body: dict[str, Any]
) -> None:
    for kind in ("claim", "note", "of_some_later_version"):
        with refused(rule, reason):
            dossier.admit(ORVANDA.say(dossier, kind, body), DOCS)


def test_roles_of_who_spoke_and_approved_are_codes(dossier: Dossier) -> None:
    by = {"role": "desk", "approved_by": ["head", "legal_officer"]}
    assert dossier.admit(ORVANDA.say(dossier, "note", {"by": by}), DOCS).void is None


def test_nothing_changes_unless_every_check_has_passed(dossier: Dossier) -> None:
    before = (dossier.digest(), len(dossier.graph), [n.id for n in dossier.graph.heads()])
    for rule, act in (
        ("K14", TOLMERE.say(dossier, "invite", {"party": digest("x")})),
        ("K14", TOLMERE.say(dossier, "evidence", {})),
        ("K10", ORVANDA.say(dossier, "note", seq=0)),
    ):
        with refused(rule):
            dossier.admit(act, DOCS)
    assert (dossier.digest(), len(dossier.graph)) == before[:2]
    assert [n.id for n in dossier.graph.heads()] == before[2]
    assert not dossier.graph.by_kind.get(("invite", (TOLMERE.id, 1)))


def test_judging_places_nothing_and_knows_what_the_act_would_cite(dossier: Dossier) -> None:
    act = TOLMERE.say(dossier, "note")
    placement = dossier._admission.judge(act, TOLMERE.view, DOCS)
    assert act.id not in dossier.graph.nodes
    assert placement.node.parents == placement.parents
    assert all(dossier.graph.before(parent, placement.node) for parent in placement.parents)
    dossier.try_act(act, TOLMERE.view, DOCS)
    opaque = Dossier(OPENING, DOCS, None)
    opaque.try_act(TOLMERE.say(opaque, "unknown"), TOLMERE.view, DOCS)


def test_an_act_is_verified_with_the_document_it_names(dossier: Dossier) -> None:
    act = ORVANDA.say(dossier, "note")
    assert verify(act, DOCS) is ORVANDA.view
    with pytest.raises(Pending):
        verify(act, documents_of(TOLMERE))
    foreign = ORVANDA.say(dossier, "note", doc=TOLMERE.view.id)
    with refused("K6"):
        verify(foreign, DOCS)


def test_growth_is_a_matter_of_the_charter_and_not_of_who_asks(dossier: Dossier) -> None:
    assert dossier.charter.growth == Growth.CLOSED
    with refused("K14", "closes this dossier"):
        dossier.admit(ORVANDA.say(dossier, "invite", {"party": digest("x")}), DOCS)
