"""Whether an indicator still holds: told with its reason, found by it, and kept from devices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from comity.engines.decay import DAY, State
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework.issue import Draft, issue
from comity.services.node import Node, Settings
from comity.services.sharing import exporting, searching, showing, validity
from comity.services.sharing.exporting import Form, Wish
from comity.services.sharing.searching import Query
from comity.services.sharing.validity import Judged
from comity.store.access import objects
from tests.databases import counted
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, entries, indicator, open_circle, share

FROM = "2026-09-01T08:00:00Z"
LATER = "2026-11-01T08:00:02.000Z"
HASH = f"[file:hashes.'SHA-256' = '{'a' * 64}']"
MUTEX = "[mutex:name = 'x']"


def domain(called: str, **more: Any) -> dict[str, Any]:
    pattern = f"[domain-name:value = '{called}.example']"
    return indicator(called, **{"pattern": pattern, "valid_from": FROM, **more})


GIVEN = {
    "current": domain("current"),
    "ahead": domain("ahead", valid_from="2027-01-01T00:00:00Z"),
    "past": domain("past", valid_until="2026-09-02T00:00:00Z"),
    "ended": domain("ended"),
    "aged": domain("aged", valid_from="2026-01-01T00:00:00Z"),
    "wrong": domain("wrong"),
    "useful": domain("useful"),
    "lasting": domain("lasting", pattern=MUTEX),
    "later": domain("later", valid_until="2027-01-01T00:00:00Z"),
    "revoked": domain("revoked", revoked=True),
}
STATES = {
    "current": State.CURRENT,
    "ahead": State.AHEAD,
    "past": State.EXPIRED,
    "ended": State.EXPIRED,
    "aged": State.AGED,
    "wrong": State.WRONG,
    "useful": State.CURRENT,
    "lasting": State.CURRENT,
    "later": State.CURRENT,
    "revoked": State.REVOKED,
}


@dataclass(frozen=True)
class Place:
    """Orvanda, which reads what it published in a circle with Tolmere and Sarivane."""

    node: Node
    others: tuple[Node, ...]
    circle: Id
    act: Id

    def judged(self, called: str) -> Judged:
        finder = searching.at_the_machine(self.node)
        found = showing.show(self.node, finder, GIVEN[called]["id"]).judged
        assert found is not None
        return found

    def found(self, **asked: Any) -> set[str]:
        finder = searching.at_the_machine(self.node)
        page = searching.search(self.node, finder, Query(valid=True, **asked))
        return {name for name, value in GIVEN.items() for each in page.found
                if each.id == value["id"]}  # fmt: skip

    def exported(self, form: Form, *, ended: bool = False) -> exporting.Export:
        finder = searching.at_the_machine(self.node)
        return exporting.export(self.node, finder, Wish(form, TLP.AMBER, ended=ended))


def word(node: Node, place: tuple[Id, Id], called: str, as_: str) -> None:
    circle, act = place
    part = [*GIVEN].index(called)
    issue(node, dossier_id=circle, draft=Draft("feedback", {"part": part, "as": as_}, refs=(act,)))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere, sarivane = (nodes.make(n) for n in ("orvanda", "tolmere", "sarivane"))
        introduce(orvanda, tolmere, sarivane)
        circle = open_circle(orvanda, tolmere, sarivane)
        (act,) = share(orvanda, circle, *GIVEN.values()).acts
        deliver(orvanda, tolmere, sarivane)
        nodes.clock.advance(1000)
        where = (circle, act)
        for node in (tolmere, sarivane):
            word(node, where, "ended", "expired")
            word(node, where, "wrong", "false_positive")
        word(tolmere, where, "current", "expired")
        word(tolmere, where, "useful", "useful")
        for node in (tolmere, sarivane):
            deliver(node, orvanda)
        yield Place(orvanda, (tolmere, sarivane), circle, act)


def test_each_stands_as_its_source_its_readers_and_time_say(place: Place) -> None:
    assert {name: place.judged(name).validity.state for name in GIVEN} == STATES


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("ahead", "It is valid from 2027-01-01 00:00 UTC on, and not yet."),
        ("past", "Its source says that it was valid until 2026-09-02 00:00 UTC."),
        ("later", "Its source says that it is valid until 2027-01-01 00:00 UTC."),
        ("revoked", "Its source revoked it."),
        ("lasting", "Nobody says when it ends, and what it names does not grow old."),
        ("aged", ("It counts as old since 2026-06-30 00:00 UTC: what it names is worth half as "
                  "much after every 90 days in which nobody says that it was seen.")),
        ("current", ("It holds until 2027-02-28 08:00 UTC unless somebody says that it was seen: "
                    "what it names is worth half as much after every 90 days.")),
        ("ended", ("It is called expired by sarivane, tolmere, and nobody says that it was seen "
                  "since.")),
        ("wrong", ("It is called a false positive by sarivane, tolmere, and nobody says that it "
                   "was seen since.")),
    ],
)  # fmt: skip
def test_why_is_told_in_a_sentence(place: Place, called: str, told: str) -> None:
    assert validity.why(place.judged(called)) == told


def test_who_says_what_is_counted(place: Place) -> None:
    value = validity.to_value(place.judged("current"))
    assert value is not None
    assert [value[name] for name in ("state", "seen", "expired", "false_positive")] == [
        *("current", 0, 1, 0),
    ]
    assert validity.to_value(None) is None


def test_only_what_holds_is_found_where_that_is_asked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding = {name for name, state in STATES.items() if state is State.CURRENT}
    assert place.found() == holding
    assert place.found(types=("malware",)) == set()
    # In pieces, each with a cursor to go on from.
    monkeypatch.setattr(searching, "AT_ONCE", 2)
    monkeypatch.setattr(searching, "MOST_LOOKS", 2)
    finder, before, found = searching.at_the_machine(place.node), 0, list[str]()
    for _ in range(9):
        asked = Query(valid=True, before=before)
        page = searching.search(place.node, finder, asked, 1)
        found += [each.id for each in page.found]
        before = page.before
        if not before:
            break
    assert sorted(found) == sorted(GIVEN[name]["id"] for name in holding)


def test_the_questions_do_not_grow_with_what_is_looked_at(place: Place) -> None:
    finder = searching.at_the_machine(place.node)

    def asked(limit: int) -> int:
        sight, _ = searching.seen_by(place.node, finder)
        rows = searching.search(place.node, finder, Query(), limit).found
        numbers = objects.numbers(place.node.db, [each.id for each in rows])
        values = dict(zip(numbers.values(), GIVEN.values(), strict=False))
        with counted(place.node.db) as queries:
            validity.judge(place.node, sight, values)
        return len(queries)

    assert asked(7) == asked(10) <= 12


@pytest.mark.parametrize("form", [Form.CSV, Form.LISTS, Form.SURICATA])
def test_devices_get_what_holds_and_the_rest_is_counted(place: Place, form: Form) -> None:
    found = place.exported(form)
    text = b"".join(found.files.values()).decode()
    named = {name for name in GIVEN if f"{name}.example" in text}
    assert named == {"current", "useful", "later"}
    ended = {State.AHEAD: 1, State.EXPIRED: 2, State.AGED: 1, State.WRONG: 1, State.REVOKED: 1}
    assert found.ended == ended
    assert found.held == 4
    everything = place.exported(form, ended=True)
    text = b"".join(everything.files.values()).decode()
    named = {name for name in GIVEN if f"{name}.example" in text}
    assert named == GIVEN.keys() - {"lasting", "revoked"}
    assert everything.ended == {}


def test_other_exports_and_taxii_have_everything(place: Place) -> None:
    found = place.exported(Form.BUNDLE)
    assert (found.held, found.ended) == (len(GIVEN), {})
    assert {each.id for each in entries(place.node)} == {v["id"] for v in GIVEN.values()}


def test_a_sighting_takes_back_what_was_said_before_it(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    circle = open_circle(orvanda, tolmere)
    (act,) = share(orvanda, circle, *GIVEN.values()).acts
    deliver(orvanda, tolmere)
    place = Place(orvanda, (tolmere,), circle, act)

    def state(called: str) -> State:
        return place.judged(called).validity.state

    # Its source is enough by itself.
    word(orvanda, (circle, act), "ended", "expired")
    assert state("ended") is State.EXPIRED
    nodes.clock.advance(DAY)
    word(tolmere, (circle, act), "ended", "seen")
    word(tolmere, (circle, act), "aged", "seen")
    assert state("ended") is State.EXPIRED
    deliver(tolmere, orvanda)
    assert (state("ended"), state("aged")) == (State.CURRENT, State.CURRENT)


def test_a_node_may_have_half_lives_of_its_own(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    circle = open_circle(node)
    share(node, circle, domain("one"), domain("other", pattern=HASH))
    finder = searching.at_the_machine(node)

    def told(called: str) -> int | None:
        found = showing.show(node, finder, indicator(called)["id"]).judged
        assert found is not None
        assert found.holds is bool(found.half_life != 5 * DAY)
        return found.half_life

    assert (told("one"), told("other")) == (90 * DAY, 730 * DAY)
    node.settings = replace(node.settings, half_lives={"domain": 5})
    assert (told("one"), told("other")) == (5 * DAY, 730 * DAY)
    assert len(searching.search(node, finder, Query(valid=True)).found) == 1


@pytest.mark.parametrize(
    "told", [{"domain": 0}, {"domain": 1.5}, {"domain": True}, {"lamp": 3}, [3], {"ip": 36_501}]
)
def test_half_lives_that_are_none_are_refused_when_the_node_is_opened(
    nodes: Nodes, told: Any
) -> None:
    node = nodes.make("orvanda")
    replace(node.settings, half_lives={"ip": 36_500, "hash": 1}).write(node.folder)
    assert Settings.read(node.folder).half_lives == {"ip": 36_500, "hash": 1}
    replace(node.settings, half_lives=told).write(node.folder)
    with pytest.raises(Refusal, match="half_lives has days, 1 to 36500, by ip, url"):
        Settings.read(node.folder)


def test_an_older_version_does_not_outlive_the_newest(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    first, second = open_circle(node), open_circle(node)
    share(node, first, domain("one"))
    share(node, second, {**domain("one", valid_until="2026-09-02T00:00:00Z"), "modified": LATER})
    finder = searching.at_the_machine(node)
    found = exporting.export(node, finder, Wish(Form.LISTS, TLP.AMBER))
    assert (found.files, found.held, found.ended) == ({}, 0, {State.EXPIRED: 1})


def test_what_is_said_where_somebody_does_not_read_does_not_count(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    wide, narrow = open_circle(node), open_circle(node)
    one = domain("one")
    share(node, wide, one, unmarked=TLP.GREEN)
    (act,) = share(node, narrow, one, unmarked=TLP.AMBER_STRICT).acts
    issue(node, dossier_id=narrow, draft=Draft("feedback", {"part": 0, "as": "expired"},
                                               refs=(act,)))  # fmt: skip
    finder = searching.at_the_machine(node)
    for made_for, ended in ((TLP.GREEN, {}), (TLP.AMBER_STRICT, {State.EXPIRED: 1})):
        found = exporting.export(node, finder, Wish(Form.LISTS, made_for))
        assert found.ended == ended


@pytest.mark.parametrize("day", ["2026-02-29T00:00:00Z", "0000-01-01T00:00:00Z"])
def test_a_day_that_there_is_not_stops_nobody(nodes: Nodes, day: str) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    circle = open_circle(orvanda, tolmere)
    deliver(orvanda, tolmere)
    share(tolmere, circle, domain("hostile", pattern=MUTEX, valid_from=day), domain("current"))
    deliver(tolmere, orvanda)
    finder = searching.at_the_machine(orvanda)
    found = searching.search(orvanda, finder, Query(valid=True)).found
    assert {each.id for each in found} == {indicator(n)["id"] for n in ("hostile", "current")}
    made = exporting.export(orvanda, finder, Wish(Form.LISTS, TLP.AMBER))
    assert b"current.example" in b"".join(made.files.values())
    assert showing.show(orvanda, finder, indicator("hostile")["id"]).judged is not None
