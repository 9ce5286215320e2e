"""Alarms about versions: raised once, told to people, and each still its party's word."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel.act import Header
from comity.kernel.ids import Id
from comity.kernel.provenance import Provenance
from comity.services.casework.desk import Desk
from comity.services.node import Node
from comity.services.people import actors, awaiting, notices
from comity.services.sharing import (
    alarms,
    alerting,
    applying,
    circles,
    forwarding,
    retracting,
    searching,
    shelving,
    showing,
)
from comity.services.sharing.alarms import Came, Told
from comity.store.access import objects
from comity.store.access.people import audit
from comity.store.append import acts as append_acts
from tests.nodes import Nodes, introduce, pass_on
from tests.services.staff import hire
from tests.sharing import deliver, entries, indicator, open_circle, share

DAY = 24 * 3_600_000
# The clock of tests begins on 21 September 2026, 14:13 UTC.
BEFORE, NEXT_DAY, AFTER = ("2026-09-20T14:00:00Z", "2026-09-22T14:00:00Z", "2026-09-22T14:20:00Z")


def dated(when: str, **more: Any) -> dict[str, Any]:
    return indicator("one", **{"created": BEFORE, "valid_from": BEFORE, "modified": when, **more})


@pytest.fixture
def three(nodes: Nodes) -> tuple[Node, Node, Node]:
    """Orvanda, Tolmere and Sarivane; the last does not know the first."""
    orvanda, tolmere, sarivane = (nodes.make(n) for n in ("orvanda", "tolmere", "sarivane"))
    introduce(orvanda, tolmere)
    introduce(tolmere, sarivane)
    return orvanda, tolmere, sarivane


def flaws(node: Node, circle: Id) -> list[str]:
    number = circles.shelf_of(node, circle).number
    return sorted(flaw.rule for flaw in objects.flaws(node.db, number))


def told(node: Node) -> list[Told]:
    finder = searching.at_the_machine(node)
    return [*showing.show(node, finder, dated(BEFORE)["id"]).alarms]


def test_what_is_dated_ahead_raises_an_alarm_and_is_still_served(
    three: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = three
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, dated(NEXT_DAY))
    deliver(orvanda, tolmere)
    assert (flaws(tolmere, circle), told(tolmere)) == ([], [])
    (act,) = share(orvanda, circle, dated(AFTER)).acts
    deliver(orvanda, tolmere)
    assert flaws(tolmere, circle) == ["X27"]
    (alarm,) = told(tolmere)
    assert (alarm.rule, alarm.party, alarm.act) == ("X27", orvanda.me, act)
    assert alarm.told.startswith(
        "orvanda gave a version dated 2026-09-22 14:20 UTC, more than a day after it was said;"
    )
    (entry,) = entries(tolmere, circle=circle)
    assert b"2026-09-22T14:20" in entry.data


def test_an_author_whose_clock_is_ahead_is_found_by_when_it_came(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    circle = open_circle(orvanda, tolmere)
    nodes.clock.advance(30 * DAY)
    share(orvanda, circle, dated("2026-10-21T14:00:00Z"))
    nodes.clock.advance(-30 * DAY)
    deliver(orvanda, tolmere)
    assert flaws(tolmere, circle) == ["X27"]


def test_who_takes_over_anothers_object_is_named_until_its_source_says_more(
    three: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = three
    circle = open_circle(orvanda, tolmere)
    first, later = dated(BEFORE), dated("2026-09-21T14:00:00Z", name="Mine")
    share(orvanda, circle, first)
    deliver(orvanda, tolmere)
    share(tolmere, circle, later)
    deliver(tolmere, orvanda)
    assert flaws(orvanda, circle) == ["X28"]
    (alarm,) = told(orvanda)
    assert alarm.told.startswith("orvanda gave this object first, and tolmere a later version, of ")
    # Its own later version is no alarm, and the word of the other is the newest no more.
    share(orvanda, circle, dated("2026-09-21T14:00:01Z"))
    applying.work(orvanda)
    assert told(orvanda) == []
    assert flaws(orvanda, circle) == ["X28"]


def test_who_gives_the_same_at_once_stands_by_it(three: tuple[Node, Node, Node]) -> None:
    orvanda, tolmere, _ = three
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, dated(BEFORE))
    deliver(orvanda, tolmere)
    for node in (orvanda, tolmere):
        share(node, circle, dated("2026-09-21T14:00:00Z"))
    deliver(orvanda, tolmere)
    deliver(tolmere, orvanda)
    for node in (orvanda, tolmere):
        assert told(node) == []


def test_what_is_forwarded_is_its_origins(three: tuple[Node, Node, Node]) -> None:
    orvanda, tolmere, sarivane = three
    near, far = open_circle(orvanda, tolmere), open_circle(tolmere, sarivane)
    for when in (BEFORE, "2026-09-21T14:00:00Z"):
        share(orvanda, near, dated(when))
        deliver(orvanda, tolmere)
        finder = searching.at_the_machine(tolmere)
        found = searching.search(tolmere, finder, searching.Query(shelf=near)).found
        forwarding.forward(tolmere, far, [found[0].added])
        deliver(tolmere, sarivane)
    assert (flaws(sarivane, far), told(sarivane)) == ([], [])
    share(tolmere, far, dated("2026-09-21T14:00:02Z"))
    deliver(tolmere, sarivane)
    assert flaws(sarivane, far) == ["X28"]


def test_what_acts_came_through_is_read_once_for_all_their_objects(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, sarivane = three
    near, far = open_circle(orvanda, tolmere), open_circle(tolmere, sarivane)
    for when in (BEFORE, "2026-09-21T14:00:00Z"):
        share(orvanda, near, *(indicator(f"n{n}", created=BEFORE, modified=when) for n in range(4)))
        deliver(orvanda, tolmere)
        query = searching.Query(shelf=near, since=1)
        found = searching.search(tolmere, searching.at_the_machine(tolmere), query).found
        forwarding.forward(tolmere, far, [each.added for each in found])
    original, looked = shelving.provenance_of, list[Id]()

    def counted(node: Node, act: Id, header: Any) -> Any:
        looked.append(act)
        return original(node, act, header)

    deliver(tolmere, sarivane)
    append_acts.set_cursor(sarivane.db, alerting.CURSOR, 0)
    monkeypatch.setattr(shelving, "provenance_of", counted)
    alerting.raise_due(sarivane)
    assert flaws(sarivane, far) == []
    assert len(looked) == len(set(looked)) == 2


def test_people_are_told_once_for_each_act_and_the_auditor_too(
    three: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = three
    circle = open_circle(orvanda, tolmere)
    ada, ben = hire(orvanda, "Ada", "duty_officer"), hire(orvanda, "Ben", "head")
    first, other = dated(BEFORE), indicator("two", created=BEFORE, modified=BEFORE)
    deliver(orvanda, tolmere)
    share(tolmere, circle, {**first, "name": "Other bytes"}, {**other, "name": "Other bytes"})
    share(orvanda, circle, first, other)
    deliver(orvanda, tolmere)
    deliver(tolmere, orvanda)
    alerting.raise_due(orvanda)
    assert flaws(orvanda, circle) == ["X22", "X22"]

    def alarmed(person: Any) -> list[tuple[str, bool]]:
        awaiting.gather(orvanda)
        shown = notices.of_desk(Desk(orvanda, actors.of_person(orvanda, person.id)))
        return [(each.dossier, each.is_read) for each in shown if each.kind == notices.ALARM]

    assert alarmed(ada) == [(circle, False)]
    assert alarmed(ben) == []
    notices.read(orvanda, ada)
    assert alarmed(ada) == []
    (row,) = [row for row in audit(orvanda.db, None, 50) if row.what == "alarm"]
    assert (row.name, row.subject) == ("tolmere", circle)
    assert (row.detail["rules"], row.detail["objects"]) == (["X22"], 2)
    (alarm,) = told(orvanda)
    assert alarm.told.startswith("tolmere gave other bytes for the version of 2026-09-20 14:00 UTC "
                                 "than orvanda. They are kept apart and not shown.")  # fmt: skip


def test_a_clash_is_never_shown_in_place_of_what_was_taken_back(
    three: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = three
    circle = open_circle(orvanda, tolmere)
    deliver(orvanda, tolmere)
    share(tolmere, circle, dated(BEFORE, name="Other bytes"))
    (act,) = share(orvanda, circle, dated(BEFORE)).acts
    deliver(tolmere, orvanda)
    retracting.retract(orvanda, act, None, reason="wrong")
    applying.work(orvanda)
    assert entries(orvanda, circle=circle) == []


def test_of_one_act_no_more_is_remembered_than_can_be_read(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "MOST", 2)
    orvanda, tolmere, _ = three
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, *(indicator(f"n{n}") for n in range(3)))
    deliver(orvanda, tolmere)
    assert flaws(tolmere, circle) == ["X27", "X27"]
    assert [row.what for row in audit(tolmere.db, None, 50)].count("alarm") == 1


def test_what_another_process_looked_at_is_not_told_twice(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, _ = three
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, dated(AFTER))
    looked = alerting._raised

    def twice(node: Node, rows: Any) -> Any:
        monkeypatch.setattr(alerting, "_raised", looked)
        alerting.raise_due(node)
        return looked(node, rows)

    monkeypatch.setattr(alerting, "_raised", twice)
    deliver(orvanda, tolmere)
    assert flaws(tolmere, circle) == ["X27"]
    assert [row.what for row in audit(tolmere.db, None, 50)].count("alarm") == 1


def test_what_this_party_said_itself_is_remembered_and_told_to_nobody(
    three: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = three
    circle = open_circle(orvanda, tolmere)
    hire(orvanda, "Ada", "duty_officer")
    share(orvanda, circle, dated(AFTER))
    applying.work(orvanda)
    assert flaws(orvanda, circle) == ["X27"]
    assert "alarm" not in [row.what for row in audit(orvanda.db, None, 50)]


def test_very_many_versions_of_one_object_are_looked_at_once_each() -> None:
    asked = list[Came]()

    def source(came: Came) -> str:
        asked.append(came)
        return came.party

    origin, other = "orvanda", "tolmere"
    came = [
        Came(at, at, "shown", "act", at, other if at % 2 else origin, at, forwarded=True)
        for at in range(200)
    ]
    among = alarms.Among(came, source)
    found = [each for one in came for each in alarms.alarms(one, among)]
    # Only the last is of another than gave the first, who gave nothing as late.
    assert [(each.rule, each.came.added) for each in found] == [("X28", 199)]
    assert len(asked) == len(came) + 1


def test_where_much_came_from_is_read_once_for_each_act(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, sarivane = three
    near, far = open_circle(orvanda, tolmere), open_circle(tolmere, sarivane)
    read, known = list[Id](), shelving.provenance_of

    def noted(node: Node, act: Id, header: Header) -> Provenance:
        read.append(act)
        return known(node, act, header)

    for when in (BEFORE, "2026-09-21T14:00:00Z"):
        share(orvanda, near, *(dated(when) | {"id": indicator(f"{i}")["id"]} for i in range(5)))
        deliver(orvanda, tolmere)
        finder = searching.at_the_machine(tolmere)
        found = searching.search(tolmere, finder, searching.Query(shelf=near)).found
        forwarding.forward(tolmere, far, [each.added for each in found])
        assert pass_on(tolmere, sarivane) == []
        shelving.shelve_due(sarivane)
    with monkeypatch.context() as patch:
        patch.setattr(shelving, "provenance_of", noted)
        alerting.raise_due(sarivane)
    assert len(read) == len(set(read)) == 2
    assert flaws(sarivane, far) == []
