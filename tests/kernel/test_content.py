"""Content: parts, the commitment to them, and what can be shown of them."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.canon import Object
from comity.kernel.content import (
    MAX_PARTS,
    PART_LIMIT,
    SALT_SIZE,
    STIX,
    Commitment,
    Committer,
    Part,
    ShownPart,
    commit,
    show,
    split,
    verify_part,
    verify_parts,
    verify_subset,
)
from tests.kernel.refusals import flip, refuses, rule_of

SALT = bytes(range(32))

datas = st.lists(st.binary(max_size=40), min_size=1, max_size=12)


def make(datas: list[bytes]) -> list[Part]:
    # Each part a salt of its own, as in use; here it is derived, so that a run can be repeated.
    return [Part(i, hashlib.sha256(b"%d" % i).digest(), data) for i, data in enumerate(datas)]


def test_leaf_and_root_are_those_of_the_specification() -> None:
    parts = make([b"one", b"two", b"three"])
    a, b, c = (hashlib.sha256(b"\0" + p.salt + p.data).digest() for p in parts)
    inner = hashlib.sha256(b"\1" + a + b).digest()
    root = hashlib.sha256(b"\1" + inner + c).hexdigest()
    assert [p.leaf for p in parts] == [a, b, c]
    assert commit(STIX, parts) == Commitment(STIX, 3, 11, root)


def test_the_commitment_to_one_known_part_does_not_change() -> None:
    assert commit("text/plain", [Part(0, SALT, b"hello")]).to_object() == {
        "type": "text/plain",
        "parts": 1,
        "size": 5,
        "hash": hashlib.sha256(b"\0" + SALT + b"hello").hexdigest(),
    }
    assert (
        commit("text/plain", [Part(0, SALT, b"hello")]).hash
        == "6d13e0742138e218ccfb3a97d48713e279e3a7f8641f93d0d4de46a9732d42ef"
    )


@given(datas)
def test_all_parts_verify_and_none_may_be_missing_moved_or_added(datas: list[bytes]) -> None:
    parts = make(datas)
    commitment = commit(STIX, parts)
    verify_parts(commitment, parts)
    refuses("K15", lambda: verify_parts(commitment, parts[:-1]))
    refuses("K15", lambda: verify_parts(commitment, [*parts, Part(len(parts), SALT, b"")]))
    refuses("K15", lambda: verify_parts(commitment, parts[1:]))
    refuses("K15", lambda: verify_parts(commitment._replace(size=commitment.size + 1), parts))


@given(datas, st.data())
def test_a_shown_part_verifies_and_no_bit_of_it_may_change(
    datas: list[bytes], data: st.DataObject
) -> None:
    parts = make(datas)
    commitment, leaves = commit(STIX, parts), [part.leaf for part in parts]
    part = data.draw(st.sampled_from(parts))
    shown = show(leaves, part)
    verify_part(commitment, shown)

    def wrong(changed: ShownPart) -> None:
        refuses("K15", lambda: verify_part(commitment, changed))

    bit = data.draw(st.integers(0, 255))
    wrong(replace(shown, part=replace(part, salt=flip(part.salt, bit))))
    wrong(replace(shown, part=replace(part, data=part.data + b"\0")))
    wrong(replace(shown, part=replace(part, index=part.index + 1)))
    wrong(replace(shown, path=(*shown.path, bytes(32))))
    if part.data:
        bit = data.draw(st.integers(0, 8 * len(part.data) - 1))
        wrong(replace(shown, part=replace(part, data=flip(part.data, bit))))
    for i, sibling in enumerate(shown.path):
        changed = flip(sibling, data.draw(st.integers(0, 255)))
        wrong(replace(shown, path=(*shown.path[:i], changed, *shown.path[i + 1 :])))
        wrong(replace(shown, path=(*shown.path[:i], *shown.path[i + 1 :])))


def test_a_part_larger_than_the_content_is_refused() -> None:
    part = Part(0, SALT, b"abc")
    commitment = commit(STIX, [part])._replace(size=2)
    refuses("K15", lambda: verify_part(commitment, ShownPart(part, ())))
    refuses("K15", lambda: verify_subset(commitment, [part.leaf], [part]))


@given(datas, st.data())
def test_some_parts_verify_beside_the_leaves_of_the_others(
    datas: list[bytes], data: st.DataObject
) -> None:
    parts = make(datas)
    commitment, leaves = commit(STIX, parts), [part.leaf for part in parts]
    some = data.draw(st.lists(st.sampled_from(parts), unique_by=lambda p: p.index))
    verify_subset(commitment, leaves, some)
    part = data.draw(st.sampled_from(parts))
    changed = replace(part, salt=flip(part.salt, data.draw(st.integers(0, 255))))
    refuses("K15", lambda: verify_subset(commitment, leaves, [*some, changed]))
    other = [*leaves]
    other[part.index] = flip(part.leaf, data.draw(st.integers(0, 255)))
    refuses("K15", lambda: verify_subset(commitment, other, some))
    refuses("K15", lambda: verify_subset(commitment, other[:-1], []))
    refuses("K15", lambda: verify_subset(commitment, leaves, [Part(len(leaves), SALT, b"")]))


def test_two_leaves_are_not_one_leaf_of_twice_the_length() -> None:
    parts = make([b"a", b"b", b"c", b"d"])
    commitment, leaves = commit(STIX, parts), [part.leaf for part in parts]
    moved = [leaves[0] + leaves[1][:1], leaves[1][1:], *leaves[2:]]
    refuses("K15", lambda: verify_subset(commitment, moved, []))


@pytest.mark.parametrize(
    "make_part",
    [
        lambda: Part(-1, SALT, b""),
        lambda: Part(MAX_PARTS, SALT, b""),
        lambda: Part(0, SALT[:-1], b""),
        lambda: Part(0, SALT + b"\0", b""),
        lambda: Part(0, SALT, bytes(PART_LIMIT + 1)),
    ],
)
def test_a_part_stays_within_its_limits(make_part: Callable[[], Part]) -> None:
    refuses("K15", make_part)


def test_inner_nodes_are_not_taken_for_leaves() -> None:
    parts = make([b"a", b"b", b"c", b"d"])
    a, b, c, d = (part.leaf for part in parts)
    inner = [hashlib.sha256(b"\1" + x + y).digest() for x, y in ((a, b), (c, d))]
    refuses("K15", lambda: verify_subset(commit(STIX, parts), inner, []))


def test_numbers_of_the_format_are_frozen() -> None:
    assert (SALT_SIZE, PART_LIMIT, MAX_PARTS) == (32, 2**20, 2**24)
    longest = "text/" + "x" * 122
    assert len(longest) == 127
    assert Commitment.from_object({**GOOD, "type": longest}).type == longest
    assert commit(longest, make([b""])).type == longest
    refuses("K15", lambda: commit(longest + "x", make([b""])))
    smallest = {**GOOD, "parts": 1, "size": 0}
    largest = {**GOOD, "parts": MAX_PARTS, "size": MAX_PARTS * PART_LIMIT}
    for value in (smallest, largest):
        assert Commitment.from_object({**value}).to_object() == value


def test_parts_are_fed_one_by_one_in_their_order() -> None:
    parts = make([bytes(PART_LIMIT), b"rest"])
    committer = Committer()
    refuses("K15", lambda: committer.add(parts[1]))
    for part in parts:
        committer.add(part)
    refuses("K15", lambda: committer.add(parts[1]))
    assert committer.finish(STIX) == commit(STIX, parts)
    assert committer.leaves == [part.leaf for part in parts]


def test_content_has_at_least_one_part() -> None:
    refuses("K15", lambda: commit(STIX, []))


def test_what_a_part_says_does_not_appear_in_its_repr() -> None:
    assert repr(Part(3, SALT, b"secret")) == "Part(index=3)"


GOOD: Object = {"type": STIX, "parts": 2, "size": 9, "hash": "0" * 64}


def test_a_commitment_reads_what_it_writes() -> None:
    commitment = Commitment(STIX, 2, 9, "0" * 64)
    assert commitment.to_object() == GOOD
    assert Commitment.from_object({**GOOD}) == commitment


@pytest.mark.parametrize(
    "change",
    [
        {"type": "plain"},
        {"type": "Text/Plain"},
        {"type": "text/plain; charset=utf-8"},
        {"type": "text/" + "x" * 128},
        {"type": ""},
        {"parts": 0},
        {"parts": MAX_PARTS + 1},
        {"parts": True},
        {"size": -1},
        {"size": 2 * PART_LIMIT + 1},
        {"hash": "0" * 63},
        {"hash": "A" * 64},
        {"more": 1},
    ],
)
def test_a_commitment_of_another_form_is_refused(change: dict[str, Any]) -> None:
    refuses("K4", lambda: Commitment.from_object({**GOOD, **change}))


@given(st.recursive(st.none() | st.integers() | st.text() | st.booleans(), st.lists))
def test_any_value_is_a_commitment_or_refused(value: Any) -> None:
    for candidate in (value, {**GOOD, "parts": value}, {**GOOD, "type": value}):
        rule = rule_of(lambda candidate=candidate: Commitment.from_object(candidate))  # type: ignore[misc]
        assert rule in {None, "K4"}


def test_a_wrong_type_is_refused_when_committing() -> None:
    refuses("K15", lambda: commit("no type", make([b""])))


@pytest.mark.parametrize(
    ("size", "parts"),
    [(0, 1), (1, 1), (PART_LIMIT, 1), (PART_LIMIT + 1, 2), (1024 * PART_LIMIT, 1024)],
)
def test_a_file_is_cut_into_parts_without_gap_or_overlap(size: int, parts: int) -> None:
    ranges = split(size)
    assert len(ranges) == parts
    assert ranges[0].start == 0
    assert ranges[-1].stop == size
    assert all(a.stop == b.start for a, b in pairwise(ranges))
    assert all(len(r) == PART_LIMIT for r in ranges[:-1])
