"""Whose version of an indicator decides: nobody but its origin and this party ends it on lists."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.bridges.stix import reading
from comity.engines.decay import State
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework.issue import Draft, issue
from comity.services.node import Node
from comity.services.sharing import (
    circles,
    deciding,
    exporting,
    forwarding,
    publishing,
    retracting,
    searching,
    showing,
    validity,
    whole,
)
from comity.services.sharing.exporting import ACTED_UPON, Form, Wish
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.searching import Query
from comity.services.sharing.validity import Judged
from tests.databases import counted
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, indicator, open_circle, share

PAST, COMING = "2026-09-02T00:00:00Z", "2027-01-01T00:00:00Z"
FROM = "2026-09-01T08:00:00Z"
ENDS: dict[str, dict[str, Any]] = {
    "revoked": {"revoked": True},
    "expired": {"valid_until": PAST},
    "ahead": {"valid_from": COMING},
}
MINE = "[domain-name:value = 'mine.example']"


def one(version: int = 0, **more: Any) -> dict[str, Any]:
    pattern = "[domain-name:value = 'one.example']"
    return indicator("one", version, **{"pattern": pattern, "valid_from": FROM, **more})


class Place(NamedTuple):
    """Orvanda, which reads; Tolmere, which gives an object first; Sarivane, which is another; and
    two circles of all three.
    """

    reader: Node
    origin: Node
    other: Node
    circle: Id
    second: Id

    def give(
        self, node: Node, *objects: dict[str, Any], to: Id | None = None, **more: Any
    ) -> Sequence[Id]:
        acts = share(node, to or self.circle, *objects, **more).acts
        if node is not self.reader:
            deliver(node, *(each for each in self[:3] if each is not node))
        return acts

    def listed(self, form: Form = Form.LISTS, made_for: TLP = TLP.AMBER) -> str:
        finder = searching.at_the_machine(self.reader)
        found = exporting.export(self.reader, finder, Wish(form, made_for))
        return b"".join(found.files.values()).decode()

    def found(self, **asked: Any) -> list[int]:
        finder = searching.at_the_machine(self.reader)
        page = searching.search(self.reader, finder, Query(valid=True, **asked))
        return [each.version for each in page.found if each.id == one()["id"]]

    def judged(self) -> Judged:
        finder = searching.at_the_machine(self.reader)
        shown = showing.show(self.reader, finder, one()["id"]).judged
        assert shown is not None
        assert whole.whole(self.reader, finder, one()["id"]).judged == shown
        return shown

    def holds(self) -> bool:
        """Whether devices get it in every form, and it is found as valid."""
        listed = {"one.example" in self.listed(form) for form in sorted(ACTED_UPON)}
        assert listed == {bool(self.found())}
        return listed == {True}


def make(nodes: Nodes) -> Place:
    reader, origin, other = (nodes.make(name) for name in ("orvanda", "tolmere", "sarivane"))
    introduce(reader, origin, other)
    first, second = (open_circle(reader, origin, other) for _ in range(2))
    deliver(reader, origin, other)
    return Place(reader, origin, other, first, second)


@pytest.fixture
def place(nodes: Nodes) -> Place:
    return make(nodes)


@pytest.mark.parametrize("how", ENDS)
def test_another_ends_nothing_and_its_word_is_told(place: Place, how: str) -> None:
    place.give(place.origin, one())
    place.give(place.other, one(1, **ENDS[how]))
    assert place.holds()
    judged = place.judged()
    assert judged.validity.state is State.CURRENT
    (other,) = judged.others
    assert (other.party, other.name, other.state) == (place.other.me, "sarivane", how)
    told = {
        "revoked": "sarivane says that it is revoked.",
        "expired": "sarivane says that it ended at 2026-09-02 00:00 UTC.",
        "ahead": "sarivane says that it is valid only from 2027-01-01 00:00 UTC on.",
    }
    assert validity.beside(other) == told[how]


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("who", ["origin", "reader"])
def test_its_origin_and_this_party_end_it(place: Place, who: str, how: str) -> None:
    place.give(place.origin, one())
    place.give(place.other, one(1))
    assert place.holds()
    place.give(getattr(place, who), one(2, **ENDS[how]))
    assert not place.holds()
    assert (place.judged().validity.state, place.judged().others) == (how, ())
    # Nor does another make it hold again.
    place.give(place.other, one(3))
    assert not place.holds()


def test_the_newest_of_its_origin_and_this_party_decides(place: Place) -> None:
    place.give(place.origin, one())
    place.give(place.reader, one(1, revoked=True))
    assert not place.holds()
    place.give(place.origin, one(2))
    assert place.holds()


def test_another_does_not_change_what_is_looked_for(place: Place) -> None:
    place.give(place.origin, one())
    place.give(place.other, one(1, pattern=MINE))
    assert ("one.example" in place.listed(), "mine.example" in place.listed()) == (True, False)
    assert len(place.found(value="one.example")) == 1
    assert place.found(value="mine.example") == []


def test_what_is_not_for_a_reader_hides_nothing_by_another(place: Place) -> None:
    place.give(place.origin, one(), unmarked=TLP.GREEN)
    place.give(place.other, one(1), unmarked=TLP.AMBER_STRICT)
    assert "one.example" in place.listed(made_for=TLP.GREEN)
    # Its own later version does, which is another label's.
    place.give(place.origin, one(2), unmarked=TLP.AMBER_STRICT)
    assert "one.example" not in place.listed(made_for=TLP.GREEN)


def test_the_word_of_the_origin_counts_through_whatever_hands(nodes: Nodes) -> None:
    place = make(nodes)
    near = open_circle(place.origin, place.other)
    share(place.origin, near, one())
    deliver(place.origin, place.other)

    def carry() -> None:
        finder = searching.at_the_machine(place.other)
        newest = searching.search(place.other, finder, Query(shelf=near)).found[0]
        forwarding.forward(place.other, place.circle, [newest.added])
        deliver(place.other, place.reader)

    carry()
    place.give(place.other, one(1, revoked=True))
    assert place.holds()
    share(place.origin, near, one(2, valid_until=PAST))
    deliver(place.origin, place.other)
    carry()
    assert not place.holds()


def test_who_carries_it_on_and_copies_it_is_not_its_source(place: Place) -> None:
    near = open_circle(place.origin, place.other)
    share(place.origin, near, one())
    deliver(place.origin, place.other)
    finder = searching.at_the_machine(place.other)
    (found,) = searching.search(place.other, finder, Query(shelf=near)).found
    forwarding.forward(place.other, place.circle, [found.added])
    (act,) = place.give(place.other, one(), to=place.second)
    word = Draft("feedback", {"part": 0, "as": "expired"}, refs=(act,))
    issue(place.other, dossier_id=place.second, draft=word)
    deliver(place.other, place.reader)
    assert place.judged().expired == ("sarivane",)
    assert place.holds()


def test_what_is_left_when_its_origin_took_it_back_is_the_others(place: Place) -> None:
    (act,) = place.give(place.origin, one())
    place.give(place.other, one(1))
    retracting.retract(place.origin, act, None, reason="wrong")
    deliver(place.origin, place.reader)
    assert place.holds()
    place.give(place.other, one(2, revoked=True))
    assert not place.holds()
    assert place.judged().others == ()


def test_an_intake_ends_what_it_gave_first_alone(place: Place) -> None:
    node = place.reader
    first, second = (circles.open_intake(node, name=n, title=n.upper()) for n in ("a", "b"))

    def take(shelf: Any, value: dict[str, Any]) -> None:
        batch, _ = reading.read_all([orjson.dumps(value)], stix_schemas())
        publishing.add_to_intake(node, shelf, batch)

    take(first, one())
    take(second, one(1, revoked=True))
    place.give(place.other, one(2, revoked=True))
    assert place.holds()
    others = {(each.party, each.name) for each in place.judged().others}
    assert others == {("", "B"), (place.other.me, "sarivane")}
    take(first, one(3, revoked=True))
    assert not place.holds()


def test_a_copy_given_first_by_another_in_a_second_circle_is_still_the_origins(
    place: Place,
) -> None:
    place.give(place.origin, one())
    place.give(place.other, one(1, revoked=True), to=place.second)
    assert place.holds()
    place.give(place.origin, one(1, revoked=True))
    assert not place.holds()


def test_the_questions_do_not_grow_with_the_objects(place: Place) -> None:
    names = [f"n{n}" for n in range(12)]
    place.give(place.origin, *(indicator(name) for name in names))
    place.give(place.other, *(indicator(name, 1, revoked=True) for name in names))
    ids = [indicator(name)["id"] for name in names]
    sight, _ = searching.seen_by(place.reader, searching.at_the_machine(place.reader))

    def asked(count: int) -> int:
        with counted(place.reader.db) as queries:
            deciding.decide(place.reader, sight, ids[:count])
        return len(queries)

    assert asked(2) == asked(12) == 1


WORDS = st.lists(
    st.tuples(
        st.sampled_from(["circle", "second"]),
        st.integers(1, 59),
        st.sampled_from([{}, *ENDS.values(), {"pattern": MINE}, {"indicator_types": ["benign"]}]),
        st.sampled_from([TLP.GREEN, TLP.AMBER]),
    ),
    min_size=1,
    max_size=4,
)
NAMES = (f"n{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        yield make(nodes)


@given(words=WORDS, forwards=st.booleans())
@settings(max_examples=25)
def test_nobody_else_takes_it_off_a_list(
    wide: Place, words: list[tuple[str, int, dict[str, Any], TLP]], *, forwards: bool
) -> None:
    called = next(NAMES)
    mine = f"{called}.example"

    def version(number: int, **more: Any) -> dict[str, Any]:
        pattern = f"[domain-name:value = '{mine}']"
        return indicator(called, number, **{"pattern": pattern, "valid_from": FROM, **more})

    def is_listed() -> set[bool]:
        labels = TLP.GREEN, TLP.AMBER
        listed = {mine in wide.listed(form, tlp) for form in ACTED_UPON for tlp in labels}
        finder = searching.at_the_machine(wide.reader)
        query = Query(value=mine, valid=True)
        return listed | {bool(searching.search(wide.reader, finder, query).found)}

    wide.give(wide.origin, version(0), unmarked=TLP.GREEN)
    if forwards:
        finder = searching.at_the_machine(wide.other)
        (found,) = searching.search(wide.other, finder, Query(value=mine)).found
        forwarding.forward(wide.other, wide.second, [found.added])
        deliver(wide.other, wide.reader)
    for where, number, more, label in words:
        wide.give(wide.other, version(number, **more), to=getattr(wide, where), unmarked=label)
    assert is_listed() == {True}
    wide.give(wide.origin, version(0, modified="2026-11-01T08:01:00Z", revoked=True))
    assert mine not in wide.listed()
