"""Labels: the table to the letter, and the laws that hold for every label and reader."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.label import (
    PAP,
    TLP,
    Allow,
    Audience,
    Egress,
    Footing,
    Kind,
    Label,
    Reader,
    Refuse,
    carry,
    decide,
    lets_out,
    onward,
    require,
    require_way_out,
)

A, B, C, D = (PartyId(letter * 64) for letter in "abcd")
RED_SOURCE = "1" * 64
HANDLE = "desk-1"
AUDIENCES = {
    RED_SOURCE: Audience(frozenset({A, B}), TLP.RED, frozenset({(B, HANDLE)})),
    "2" * 64: Audience(frozenset({A, B, C}), TLP.AMBER_STRICT, frozenset({(B, HANDLE)}), "chair"),
    "3" * 64: Audience(frozenset({A, C}), TLP.RED, frozenset({(C, HANDLE), (A, HANDLE)})),
    "intake/feed": Audience(frozenset({A})),
}
# As seen from the source RED_SOURCE, whose members are A and B.
READERS = {
    "stranger": Reader(D, Kind.PERSON, frozenset({HANDLE})),
    "accredited person": Reader(D, Kind.PERSON, accredited=True),
    "accredited machine": Reader(D, Kind.MACHINE, accredited=True),
    "constituent of another": Reader(D, Kind.PERSON, constituent_of=frozenset({C})),
    "constituent": Reader(D, Kind.PERSON, constituent_of=frozenset({A})),
    "member machine": Reader(B, Kind.MACHINE),
    "member, another handle": Reader(B, Kind.PERSON, frozenset({"desk-2"})),
    "member, another's handle": Reader(A, Kind.PERSON, frozenset({HANDLE})),
    "listed person": Reader(B, Kind.PERSON, frozenset({HANDLE, "desk-2"})),
    "listed machine": Reader(B, Kind.MACHINE, frozenset({HANDLE})),
}
EVERY_DOOR = "wire taxii api export page mail file index"
# The literal table: for each reader, the doors open at CLEAR, GREEN, AMBER, AMBER+STRICT, RED.
TABLE = {
    "stranger": (EVERY_DOOR, "", "", "", ""),
    "accredited person": (EVERY_DOOR, EVERY_DOOR, "", "", ""),
    "accredited machine": (EVERY_DOOR, EVERY_DOOR, "", "", ""),
    "constituent of another": (EVERY_DOOR, "", "", "", ""),
    "constituent": (EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, "", ""),
    "member machine": (EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, ""),
    "member, another handle": (EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, ""),
    "member, another's handle": (EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, ""),
    "listed person": (EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, "page"),
    "listed machine": (EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, EVERY_DOOR, ""),
}
RULES = {TLP.GREEN: "L5", TLP.AMBER: "L4", TLP.AMBER_STRICT: "L3", TLP.RED: "L2"}


def label(tlp: TLP, *sources: str) -> Label:
    return Label(tlp, PAP.CLEAR, frozenset(sources or {RED_SOURCE}))


labels = st.builds(
    Label,
    st.sampled_from(TLP),
    st.sampled_from(PAP),
    st.frozensets(st.sampled_from([*AUDIENCES, "unknown"]), min_size=1),
)
parties = st.sampled_from([A, B, C, D])
readers = st.builds(
    Reader,
    parties,
    st.sampled_from(Kind),
    st.frozensets(st.sampled_from([HANDLE, "desk-2"])),
    st.booleans(),
    st.frozensets(parties),
)


@pytest.mark.parametrize(("name", "tlp"), [*product(READERS, TLP)])
def test_the_table_holds_for_every_reader_level_and_door(name: str, tlp: TLP) -> None:
    doors = TABLE[name][list(TLP).index(tlp)].split()
    for egress in Egress:
        verdict = decide(label(tlp), READERS[name], egress, AUDIENCES)
        if egress.value in doors:
            assert verdict == Allow()
        else:
            assert isinstance(verdict, Refuse)
            assert (verdict.rule, verdict.source) == (RULES[tlp], RED_SOURCE)
            assert "Ask the source to widen it." in verdict.reason


def test_the_table_above_names_every_reader_and_door() -> None:
    assert TABLE.keys() == READERS.keys()
    assert EVERY_DOOR.split() == [*Egress]


@pytest.mark.parametrize(("tlp", "door"), [*product(TLP, Egress)])
def test_a_level_is_let_out_where_the_table_lets_somebody_have_it(tlp: TLP, door: Egress) -> None:
    open_ = any(door.value in doors[list(TLP).index(tlp)].split() for doors in TABLE.values())
    assert lets_out(tlp, door) == open_
    if open_:
        require_way_out(tlp, door, RED_SOURCE)
        return
    with pytest.raises(Refusal, match=r"^L2: What is TLP:RED is read on pages only") as caught:
        require_way_out(tlp, door, RED_SOURCE)
    assert caught.value.subject == RED_SOURCE


@pytest.mark.parametrize("tlp", TLP)
def test_an_unknown_source_refuses_whatever_the_level(tlp: TLP) -> None:
    reader = READERS["listed person"]
    verdict = decide(label(tlp, RED_SOURCE, "unknown"), reader, Egress.PAGE, AUDIENCES)
    assert verdict == Refuse("L1", verdict_reason(verdict), "unknown")
    with pytest.raises(Refusal, match="L1"):
        require(label(tlp, "unknown"), reader, Egress.PAGE, AUDIENCES)


def verdict_reason(verdict: Allow | Refuse) -> str:
    assert isinstance(verdict, Refuse)
    return verdict.reason


def test_red_needs_a_source_whose_ceiling_is_red() -> None:
    reader = READERS["listed person"]
    require(label(TLP.RED), reader, Egress.PAGE, AUDIENCES)
    with pytest.raises(Refusal, match="L2") as caught:
        require(label(TLP.RED, "2" * 64), reader, Egress.PAGE, AUDIENCES)
    assert caught.value.subject == "2" * 64


def test_being_listed_without_being_a_member_opens_nothing() -> None:
    audiences = {"x": Audience(frozenset({A}), TLP.RED, frozenset({(D, HANDLE)}))}
    reader = Reader(D, Kind.PERSON, frozenset({HANDLE}))
    assert isinstance(decide(label(TLP.RED, "x"), reader, Egress.PAGE, audiences), Refuse)


def test_a_reader_passes_only_if_every_source_allows() -> None:
    # B is a member of the first two sources and not of the third.
    reader = READERS["member machine"]
    assert decide(label(TLP.AMBER, RED_SOURCE, "2" * 64), reader, Egress.API, AUDIENCES) == Allow()
    joined = label(TLP.GREEN, "2" * 64).join(label(TLP.AMBER, "3" * 64))
    verdict = decide(joined, reader, Egress.API, AUDIENCES)
    assert isinstance(verdict, Refuse)
    assert (verdict.rule, verdict.source) == ("L4", "3" * 64)


@given(labels, labels, readers, st.sampled_from(Egress))
def test_what_a_join_allows_both_labels_allow(
    a: Label, b: Label, reader: Reader, egress: Egress
) -> None:
    if decide(a.join(b), reader, egress, AUDIENCES) == Allow():
        assert decide(a, reader, egress, AUDIENCES) == Allow()
        assert decide(b, reader, egress, AUDIENCES) == Allow()


def test_what_a_join_allows_both_labels_allow_for_every_pair_of_levels() -> None:
    # The same law without chance: all levels, sources, readers and doors of this file.
    every = [label(tlp, source) for tlp, source in product(TLP, [*AUDIENCES, "unknown"])]
    for reader, egress in product(READERS.values(), (Egress.PAGE, Egress.WIRE)):
        allowed = {a for a in every if decide(a, reader, egress, AUDIENCES) == Allow()}
        for a, b in product(every, every):
            joint = decide(a.join(b), reader, egress, AUDIENCES) == Allow()
            assert not joint or {a, b} <= allowed


@given(labels, labels, labels)
def test_join_is_commutative_associative_and_idempotent(a: Label, b: Label, c: Label) -> None:
    assert a.join(b) == b.join(a)
    assert a.join(b).join(c) == a.join(b.join(c))
    assert a.join(a) == a


def test_join_takes_the_strictest_of_each_and_all_sources() -> None:
    a = Label(TLP.RED, PAP.GREEN, frozenset({"x"}))
    b = Label(TLP.AMBER, PAP.AMBER, frozenset({"y"}))
    assert a.join(b) == Label(TLP.RED, PAP.AMBER, frozenset({"x", "y"}))


def test_a_label_without_a_source_is_refused() -> None:
    with pytest.raises(Refusal, match="L1"):
        Label(TLP.CLEAR, PAP.CLEAR, frozenset())


def test_codes_and_orders_are_frozen() -> None:
    assert [t.value for t in sorted(TLP)] == ["clear", "green", "amber", "amber_strict", "red"]
    assert [p.value for p in sorted(PAP)] == ["clear", "green", "amber", "red"]
    assert [f.value for f in sorted(Footing)] == ["without_prejudice", "technical", "formal"]
    assert TLP.AMBER <= TLP.AMBER < TLP.AMBER_STRICT
    assert not TLP.RED <= TLP.AMBER
    assert not TLP.AMBER < TLP.AMBER


@pytest.mark.parametrize(
    ("party", "source", "rule"),
    [
        (B, RED_SOURCE, None),
        (A, RED_SOURCE, "L2"),  # A member, and nobody of it is listed.
        (B, "2" * 64, "L2"),  # Listed, but the ceiling is not RED.
        (D, RED_SOURCE, "L2"),
        (B, "unknown", "L1"),
    ],
)
def test_red_travels_only_to_a_node_behind_which_somebody_is_listed(
    party: PartyId, source: str, rule: str | None
) -> None:
    verdict = carry(label(TLP.RED, source), Reader(party, Kind.MACHINE), AUDIENCES)
    assert (verdict.rule if isinstance(verdict, Refuse) else None) == rule


@given(labels, readers)
def test_below_red_travelling_is_the_table_for_the_wire(a: Label, node: Reader) -> None:
    if a.tlp < TLP.RED:
        assert carry(a, node, AUDIENCES) == decide(a, node, Egress.WIRE, AUDIENCES)


def nodes(*parties: PartyId, accredited: bool = True) -> list[Reader]:
    return [Reader(party, Kind.MACHINE, accredited=accredited) for party in parties]


@pytest.mark.parametrize(
    ("tlp", "into", "may_forward", "rule"),
    [
        (TLP.CLEAR, nodes(D, accredited=False), (), None),
        (TLP.GREEN, nodes(B, D), (), None),
        (TLP.GREEN, nodes(B, D, accredited=False), (), "L5"),
        (TLP.AMBER, nodes(A, B), (), "L6"),
        (TLP.AMBER, nodes(A, B), (RED_SOURCE,), None),
        (TLP.AMBER, nodes(A, D), (RED_SOURCE,), "L4"),
        (TLP.AMBER_STRICT, nodes(A, B), (), "L6"),
        (TLP.AMBER_STRICT, nodes(A, B), (RED_SOURCE,), None),
        (TLP.AMBER_STRICT, nodes(A, C), (RED_SOURCE,), "L3"),
        (TLP.RED, nodes(B), (RED_SOURCE,), "L2"),
    ],
)
def test_publishing_into_a_circle_passes_every_source_and_its_permission(
    tlp: TLP, into: list[Reader], may_forward: tuple[str, ...], rule: str | None
) -> None:
    verdict = onward(label(tlp), "2" * 64, into, AUDIENCES, may_forward)
    assert (verdict.rule if isinstance(verdict, Refuse) else None) == rule


def test_every_origin_must_permit_and_the_circle_itself_is_no_origin() -> None:
    into = nodes(A)
    mixed = label(TLP.AMBER, RED_SOURCE, "2" * 64, "3" * 64)
    verdict = onward(mixed, "2" * 64, into, AUDIENCES, {RED_SOURCE})
    assert isinstance(verdict, Refuse)
    assert (verdict.rule, verdict.source) == ("L6", "3" * 64)
    assert onward(mixed, "2" * 64, into, AUDIENCES, {RED_SOURCE, "3" * 64}) == Allow()
    assert onward(label(TLP.AMBER, "2" * 64), "2" * 64, into, AUDIENCES, ()) == Allow()


def test_labels_are_written_as_people_write_them() -> None:
    assert [tlp.written for tlp in (TLP.CLEAR, TLP.AMBER_STRICT)] == [
        "TLP:CLEAR",
        "TLP:AMBER+STRICT",
    ]
