"""What services ask of a circle: what is in force, under which label, and who did what about it."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.act import Act
from comity.kernel.canon import Object
from comity.kernel.fold import State
from comity.kernel.graph import Past
from comity.kernel.label import PAP, TLP
from comity.kernel.protocol import LANES as SIDES
from comity.kernel.protocol import Summary
from comity.protocols.sharing.circle import PROTOCOL, codes, reading
from comity.protocols.sharing.circle.acts import (
    ACTS,
    Applied,
    Ask,
    Feedback,
    Permit,
    Publish,
    Relabel,
    Retract,
)
from comity.protocols.sharing.circle.labels import label_of
from comity.protocols.sharing.circle.summary import COLLECTION
from comity.protocols.sharing.circle.terms import Open
from comity.services.casework.words import Words
from tests.kernel.world import digest
from tests.protocols.sharing.circle import cases
from tests.protocols.table import LATER, TIME, Table

Case = Callable[[Table], None]


def played(case: Case) -> tuple[Table, State, list[Act]]:
    """The table, the state that everyone sees, and the acts, of which the first is the charter."""
    table = Table(PROTOCOL)
    case(table)
    return table, table.seen.state, table.acts


def summary_of(table: Table) -> Summary:
    summary = table.seen.summary()
    assert summary is not None
    return summary


def labels(state: State, act: Act, count: int = 3) -> list[str]:
    return [reading.label(state, act.id, part).value for part in range(count)]


# The circle


def test_a_circle_is_read_as_its_charter_says() -> None:
    table, state, (charter, *_) = played(cases.accepted_a_policy)
    circle = reading.opened(state)
    assert (circle.act, circle.by, circle.time) == (charter.id, table.id("orvanda"), TIME)
    assert reading.terms(state) == circle.terms
    assert (circle.terms.starts, circle.terms.ends) == (TIME, LATER)
    assert circle.terms.pap is None


def test_a_collection_has_the_shape_of_a_uuid_and_goes_on_in_a_successor() -> None:
    table, state, _ = played(cases.accepted_objects_for_all)
    found = reading.opened(state).collection
    assert uuid.UUID(found).version == 4
    assert uuid.UUID(found).variant == uuid.RFC_4122
    assert found[:12] == table.acts[0].id[:12]
    assert [(s.kind, s.value) for s in summary_of(table).subjects] == [(COLLECTION, found)]
    _, state, _ = played(cases.accepted_a_successor)
    assert reading.opened(state).collection == "0" * 32


def test_the_words_of_pages_are_its_own() -> None:
    table, _, _ = played(cases.accepted_joined_and_left)
    assert PROTOCOL.title == "Circle"
    assert PROTOCOL.nouns == {"dossier": "circle", "dossiers": "circles"}
    caption = Words(PROTOCOL).caption(summary_of(table).caption)
    assert caption.startswith("Circle · defence of own systems · ")


def test_codes_are_those_of_the_kernel_where_it_has_them() -> None:
    assert [*codes.TLPS] == [level.value for level in TLP]
    assert [*codes.PAPS] == [level.value for level in PAP]
    assert {*codes.LANES} == {*SIDES} == {*PROTOCOL.lanes}
    assert codes.SILENT not in codes.APPLICATIONS


def test_no_field_tells_whose_systems_were_seen_or_who_is_to_blame() -> None:
    names = {field.name for kind in ACTS for field in kind.KIND.body}
    assert not names & {"victim", "actor", "attribution", "sector", "country", "system"}
    assert PROTOCOL.recordable == frozenset()


# Batches


def test_a_batch_says_what_it_carries() -> None:
    table, state, (_, first, second, _) = played(cases.accepted_corrected)
    batch = reading.batch(state, first.id)
    assert (batch.act, batch.author, batch.kind) == (first.id, table.id("orvanda"), "publish")
    assert (batch.tlp, batch.pap, batch.objects) == (TLP.AMBER, None, 3)
    assert (batch.origins, batch.hops, batch.proofs) == ((), 0, 0)
    assert batch.time == first.header.time
    assert reading.batch(state, second.id).pap is PAP.AMBER
    assert reading.corrections(state, first.id) == [second.id]
    assert reading.corrections(state, second.id) == []
    assert reading.in_force(state) == sorted([first.id, second.id])


def test_provenance_is_no_object() -> None:
    _, state, acts = played(cases.accepted_forwarded)
    batch = reading.batch(state, acts[1].id)
    assert (batch.objects, batch.proofs, batch.hops) == (2, 1, 1)
    assert batch.origins == (cases.ELSEWHERE,)
    assert acts[1].header.content.parts == 3
    assert reading.in_force(state) == []


def test_audience_and_role_are_not_of_the_batch() -> None:
    table = Table(PROTOCOL)
    cases.opened(table)
    only: Object = {"audience": [{"first": 0, "last": 0, "to": "author"}]}
    act = table.say("orvanda", "publish", body={**only, "by": {"role": "analyst"}}, objects=2)
    (entry,) = table.seen.state.entries("batch", act.id)
    assert isinstance(entry.value, dict)
    assert {*entry.value} == {"kind", "tlp", "objects", "time"}


@pytest.mark.parametrize("ask", [reading.batch, reading.retraction, reading.ask])
def test_what_is_not_there_is_not_found(ask: Callable[[State, str], object]) -> None:
    _, state, (charter, *_) = played(cases.accepted_objects_for_all)
    with pytest.raises(KeyError):
        ask(state, charter.id)
    with pytest.raises(KeyError):
        reading.label(state, charter.id, 0)


# Retractions


def test_what_is_retracted_is_known_by_part_and_by_which_act() -> None:
    table, state, (_, batch, gone, *_) = played(cases.accepted_retracted_and_applied)
    assert reading.retracted(state, batch.id) == {0: (gone.id,), 2: (gone.id,)}
    assert [reading.is_retracted(state, batch.id, part) for part in range(3)] == [True, False, True]
    assert reading.in_force(state) == [batch.id]
    told = reading.retraction(state, gone.id)
    assert (told.of, told.parts, told.reason) == (batch.id, (0, 2), "personal_data")
    assert (told.act, told.author) == (gone.id, table.id("orvanda"))


def test_a_batch_is_retracted_with_all_that_is_in_it() -> None:
    _, state, acts = played(cases.accepted_retracted_for_good)
    batch, part, whole = acts[1], *acts[5:7]
    assert reading.retracted(state, batch.id) == {None: (whole.id,), 0: (part.id,)}
    assert reading.is_retracted(state, batch.id, 2)
    assert reading.retraction(state, whole.id).parts is None
    assert reading.retracted(state, whole.id) == {}
    assert reading.in_force(state) == []


def test_each_member_is_shown_as_what_it_did_or_as_silent() -> None:
    table, state, (_, _, gone, *_) = played(cases.accepted_retracted_and_applied)
    told = {each.party: (each.how, each.reason) for each in reading.applied(state, gone.id)}
    assert told == {
        table.id("tolmere"): ("removed", None),
        table.id("sarivane"): ("kept", "legal_hold"),
    }
    table, state, acts = played(cases.accepted_kept_then_removed)
    told_ = {each.party: each for each in reading.applied(state, acts[2].id)}
    assert told_[table.id("tolmere")].how == "removed"
    assert told_[table.id("tolmere")].act == acts[-1].id
    silent = told_[table.id("sarivane")]
    assert (silent.how, silent.act, silent.said_by) == ("silent", None, table.id("sarivane"))
    assert table.id("orvanda") not in told_


def test_nobody_is_silent_about_a_label_and_who_applied_it_is_shown() -> None:
    table, state, acts = played(cases.accepted_relabelled)
    said = next(act for act in acts if act.header.kind == "applied").header.refs[0]
    assert [(a.party, a.how) for a in reading.applied(state, said)] == [
        (table.id("tolmere"), "relabelled")
    ]


def test_an_ask_about_what_was_retracted_makes_nobody_silent() -> None:
    """An ask is owed an answer, and is not applied."""
    _, state, acts = played(cases.accepted_permission_to_forward)
    assert reading.applied(state, acts[-1].id) == []


def test_what_was_applied_further_on_names_the_party_and_its_message() -> None:
    table, state, acts = played(cases.accepted_applied_further_on)
    gone = acts[2].id
    one, other = reading.relayed(state, gone)
    assert {one.party, other.party} == {cases.BEYOND, digest("and another")}
    assert {one.said_by, other.said_by} == {table.id("tolmere")}
    assert (one.act, one.how) == (digest("its word"), "removed")
    # It is no word of the member for itself.
    assert [each.how for each in reading.applied(state, gone)].count("silent") == 1
    assert reading.relayed(state, acts[1].id) == []


def test_who_owes_a_word_is_asked_for_it_until_it_leaves() -> None:
    table, _, acts = played(cases.accepted_kept_then_removed)
    summary = summary_of(table)
    assert [(d.who, d.what, d.act, d.to) for d in summary.duties] == [
        (table.id("sarivane"), "applied", acts[2].id, table.id("orvanda"))
    ]
    assert summary.status == "waiting"
    table, _, _ = played(cases.accepted_joined_and_left)
    assert summary_of(table).duties == ()


# Labels


def test_a_label_is_its_authors_last_word() -> None:
    table = Table(PROTOCOL)
    batch = cases.published(table, TLP.GREEN)

    def relabel(tlp: str, parts: list[int] | None = None) -> list[str]:
        table.say("orvanda", Relabel(tlp=tlp, parts=parts), [batch])
        return labels(table.seen.state, batch)

    assert labels(table.seen.state, batch) == ["green"] * 3
    assert relabel("amber") == ["amber"] * 3
    assert relabel("clear", [1, 2]) == ["amber", "clear", "clear"]
    assert relabel("green", [2]) == ["amber", "clear", "green"]
    assert relabel("amber") == ["amber"] * 3
    assert relabel("green") == ["green"] * 3
    assert relabel("amber", [0]) == ["amber", "green", "green"]


def test_of_two_labels_that_crossed_the_stricter_holds_until_a_word_that_has_seen_both() -> None:
    table = Table(PROTOCOL)
    batch = cases.published(table, TLP.GREEN)
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Relabel(tlp="clear", parts=[0]), [batch])
    table.say("orvanda/restored", Relabel(tlp="amber"), [batch], apart=True)
    assert labels(table.seen.state, batch) == ["amber"] * 3
    _, state, acts = played(cases.accepted_relabelled_in_two_ways)
    assert labels(state, acts[1]) == ["green"] * 3


def test_a_yes_to_who_asks_for_a_wider_label_is_one_for_all() -> None:
    _, state, acts = played(cases.accepted_widened)
    assert labels(state, acts[1]) == ["green", "clear", "green"]


def test_what_was_forwarded_keeps_the_strictest_label_it_had() -> None:
    _, state, acts = played(cases.accepted_forwarded)
    assert labels(state, acts[1], 2) == ["amber", "amber"]


SAID = st.tuples(
    st.booleans(),
    st.booleans(),
    st.sampled_from(["clear", "green", "amber"]),
    st.none() | st.lists(st.integers(0, 1), unique=True, min_size=1).map(sorted),
)


@given(st.lists(SAID, max_size=7))
def test_services_read_the_label_that_rules_read(
    said: list[tuple[bool, bool, str, list[int] | None]],
) -> None:
    """Also where a restored machine speaks beside itself, and sometimes has seen what it said."""
    table = Table(PROTOCOL)
    batch = cases.published(table)
    table.fork("orvanda", "orvanda/restored")
    for again, apart, tlp, parts in said:
        voice = "orvanda/restored" if again else "orvanda"
        table.say(voice, Relabel(tlp=tlp, parts=parts), [batch], apart=apart)
        node, now = table.node(batch), table.seen.now()
        rules = [label_of(node, part, now).value for part in range(3)]
        assert labels(table.seen.state, batch) == rules


# What others say


def test_the_newest_word_of_each_party_on_an_object_counts() -> None:
    table, state, acts = played(cases.accepted_objects_for_all)
    batch = acts[1].id
    told = {each.party: each for each in reading.feedback(state, batch, 0)}
    seen = told[table.id("tolmere")]
    assert (seen.as_, seen.times, seen.first, seen.last) == ("seen", 5, TIME, LATER)
    assert seen.act == acts[3].id
    wrong = told[table.id("sarivane")]
    assert (wrong.as_, wrong.times, wrong.first, wrong.last) == ("false_positive", None, None, None)
    assert reading.parts_with_feedback(state, batch) == [0, 2]
    assert reading.feedback(state, batch, 1) == []


def test_what_each_party_holds_can_be_compared() -> None:
    table, state, acts = played(cases.accepted_objects_for_all)
    (held,) = reading.compared(state)
    assert (held.party, held.objects) == (table.id("sarivane"), 3)
    assert held.root == digest("what is held")
    assert (held.act, held.time) == (acts[-2].id, acts[-2].header.time)


def test_open_asks_are_those_that_nobody_answered_and_nothing_settled() -> None:
    table, state, acts = played(cases.accepted_permission_to_forward)
    (asked,) = reading.open_asks(state)
    assert (asked.act, asked.by, asked.of) == (acts[-1].id, table.id("sarivane"), acts[1].id)
    assert (asked.part, asked.what) == (None, "forward")
    (duty,) = summary_of(table).duties
    assert (duty.who, duty.what, duty.to) == (table.id("orvanda"), "permit", table.id("sarivane"))


def test_a_retraction_settles_what_was_asked_about_what_it_takes_back() -> None:
    def asked_about(parts: list[int] | None) -> list[int | None]:
        table = Table(PROTOCOL)
        batch = cases.published(table)
        for part in (0, 1, None):
            table.say("tolmere", Ask(what="widen", part=part), [batch])
        table.say("orvanda", Retract(reason="wrong", parts=parts), [batch])
        return sorted((a.part for a in reading.open_asks(table.seen.state)), key=str)

    assert asked_about([0, 2]) == [1, None]
    assert asked_about(None) == []


def test_permission_to_forward_is_for_who_asked_and_what_was_asked_about() -> None:
    table, state, acts = played(cases.accepted_permission_to_forward)
    batch = acts[1].id

    def may(name: str) -> list[bool]:
        return [reading.may_forward(state, batch, part, table.id(name)) for part in range(3)]

    assert may("tolmere") == [False, True, False]
    assert may("sarivane") == [False] * 3
    assert may("orvanda") == [True] * 3


def test_a_yes_and_a_no_at_once_are_a_no() -> None:
    table, state, acts = played(cases.accepted_answered_in_two_ways)
    assert not reading.may_forward(state, acts[1].id, 0, table.id("tolmere"))


def test_who_is_not_known_to_have_asked_is_not_permitted() -> None:
    table, state, acts = played(cases.accepted_permission_to_forward)
    without = table.seen.state_without(frozenset({acts[2].id}))
    assert reading.may_forward(state, acts[1].id, 1, table.id("tolmere"))
    assert not reading.may_forward(without, acts[1].id, 1, table.id("tolmere"))


def test_permission_for_a_batch_is_for_each_of_its_objects() -> None:
    table = Table(PROTOCOL)
    batch = cases.published(table)
    cases.permitted(table, batch, Ask(what="forward"), Permit(answer="yes"))
    assert reading.may_forward(table.seen.state, batch.id, 2, table.id("tolmere"))


def test_where_the_charter_lets_members_forward_all_may() -> None:
    table = Table(PROTOCOL)
    cases.opened(table, Open(purpose="response", publishers="all", forward="members"))
    batch = table.say("orvanda", Publish(), objects=1)
    assert reading.may_forward(table.seen.state, batch.id, 0, table.id("sarivane"))


def test_who_forwarded_it_needs_permission_like_the_others() -> None:
    table, state, acts = played(cases.accepted_forwarded)
    assert not reading.may_forward(state, acts[1].id, 0, table.id("tolmere"))


# What it costs


def test_an_append_asks_for_nothing_that_ever_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither all acts of a kind nor all keys of a cell, but who the members are."""
    keys = State.keys

    def only_members(state: State, cell: str) -> object:
        assert cell == "member"
        return keys(state, cell)

    def never(*_: object) -> None:
        raise AssertionError

    for case in (case for name, case in vars(cases).items() if name.startswith("accepted_")):
        table, _, _ = played(case)
        with monkeypatch.context() as patch:
            patch.setattr(State, "keys", only_members)
            for method in ("all", "latest"):
                patch.setattr(Past, method, never)
            assert table.replica().summary() == table.seen.summary()


def shared(table: Table, batches: int) -> Act:
    """A circle with so many batches, half of them retracted and applied by all."""
    cases.opened(table)
    sent = [table.say("orvanda", Publish(), objects=1, apart=True) for _ in range(batches)]
    gone = [
        table.say("orvanda", Retract(reason="wrong"), [batch], apart=True) for batch in sent[::2]
    ]
    for voice in ("tolmere", "sarivane"):
        table.catch_up(voice)
        for first in range(0, len(gone), 32):
            table.say(voice, Applied(how="removed"), gone[first : first + 32], apart=True)
        table.say(voice, Feedback(part=0, as_="seen"), [sent[1]], apart=True)
    return sent[-1]


def calls_of_a_day(batches: int) -> int:
    """How many calls it takes to fold and sum up an act of each kind that cites a batch."""
    table, calls = Table(PROTOCOL), 0
    batch = shared(table, batches)
    assert summary_of(table).status == "open"
    seen, table.seen = table.seen, table.replica()

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    for voice, what in (
        ("orvanda", Relabel(tlp="amber")),
        ("tolmere", Feedback(part=0, as_="useful")),
        ("tolmere", Ask(what="forward")),
        ("orvanda", Retract(reason="outdated")),
    ):
        act = table.say(voice, what, [batch])
        sys.setprofile(count)
        try:
            table.give(seen, act)
            seen.summary()
        finally:
            sys.setprofile(None)
    return calls


def test_an_append_costs_the_same_in_a_circle_of_ten_times_as_many_batches() -> None:
    few, many = calls_of_a_day(30), calls_of_a_day(300)
    assert abs(many - few) < 50
