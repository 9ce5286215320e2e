"""Measures of incidents: what this party owed others, and they it, by what was signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from comity.engines.measures import Figures
from comity.kernel.canon import Object, Value
from comity.kernel.ids import Id
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.response import measures
from comity.services.response.measures import ACKNOWLEDGED, HELPED, WHETHER
from tests.edge.test_web_dossiers import incident
from tests.network.test_consent import agree, propose, report
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.reporting import applies, aware, file, reported
from tests.services.test_carry import queries

MINUTE, HOUR = 60_000, 3_600_000


def both_ways(one: Node, other: Node) -> None:
    assert pass_on(one, other) == pass_on(other, one) == []


def asking(whom: Node, **more: Value) -> Object:
    """Return the body of an ask."""
    return {
        "to": [whom.me],
        "verb": "investigate",
        "purpose": "protection",
        **more,
    }


def told(node: Node) -> dict[tuple[str, bool], Figures]:
    found = measures.of_desk(Machine(node))
    return {(each.what, each.ours): each.figures for each in found.measures}


def cranes(nodes: Nodes, realm: str | None = None) -> tuple[Node, Node, Id]:
    """Let Orvanda open an incident with Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = incident(orvanda, tolmere, "Cranes stop", realm=realm)
    both_ways(orvanda, tolmere)
    return orvanda, tolmere, dossier


def test_each_side_sees_what_it_owed_and_what_it_was_owed(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = cranes(nodes)
    told_ = say(orvanda, dossier, "inform", {"ack_wanted": True})
    ask = say(orvanda, dossier, "ask", asking(tolmere, due=orvanda.now() + 24 * HOUR))
    both_ways(orvanda, tolmere)
    nodes.clock.advance(10 * MINUTE)
    say(tolmere, dossier, "acknowledge", {"as": "read"}, refs=[told_])
    say(tolmere, dossier, "answer", {"result": "will", "when": tolmere.now() + HOUR}, refs=[ask])
    nodes.clock.advance(50 * MINUTE)
    say(tolmere, dossier, "deliver", refs=[ask])
    both_ways(orvanda, tolmere)
    ours, theirs = told(tolmere), told(orvanda)
    for what, minutes in ((ACKNOWLEDGED, 10), (WHETHER, 10), (HELPED, 60)):
        assert ours[what, True] == theirs[what, False]
        assert ours[what, True].median == minutes * MINUTE
        assert ours[what, False].n == theirs[what, True].n == 0
    assert (ours[WHETHER, True].dated, ours[WHETHER, True].kept) == (1, 1)


def test_silence_is_overdue_when_its_time_has_passed_and_open_before(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = cranes(nodes)
    say(orvanda, dossier, "ask", asking(tolmere))
    both_ways(orvanda, tolmere)
    before = told(orvanda)[WHETHER, False]
    assert (before.n, before.missing, before.open) == (1, 0, 1)
    nodes.clock.advance(9 * HOUR)
    after = told(orvanda)[WHETHER, False]
    assert (after.missing, after.open, after.median) == (1, 0, None)


def test_how_long_after_the_first_the_last_was_told(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    sarivane = nodes.make("sarivane")
    introduce(orvanda, tolmere, sarivane)
    members = tuple(sorted(each.me for each in (orvanda, tolmere, sarivane)))
    incident(orvanda, tolmere, "Cranes stop", members=members)
    assert pass_on(orvanda, tolmere) == []
    assert measures.of_desk(Machine(orvanda)).told.open == 1
    nodes.clock.advance(5 * MINUTE)
    assert pass_on(orvanda, sarivane) == []
    assert measures.of_desk(Machine(orvanda)).told.median == 5 * MINUTE
    assert measures.of_desk(Machine(tolmere)).told.n == 0


def test_what_clocks_asked_for_is_in_time_only_by_a_rule_that_is_sure(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = file(orvanda)
    aware(orvanda, dossier, 2)
    applies(orvanda, dossier, "nis2", "au_soci_other")
    reported(orvanda, dossier, "early_warning", 1)
    reported(orvanda, dossier, "report", regime="au_soci_other")
    found = measures.of_desk(Machine(orvanda)).clocks
    assert (found.n, found.came, found.open) == (3, 2, 1)
    assert (found.median, found.ninetieth) == (1 * HOUR, 2 * HOUR)
    assert (found.dated, found.kept) == (1, 1)
    nodes.clock.advance(90 * HOUR)
    late = measures.of_desk(Machine(orvanda)).clocks
    assert (late.missing, late.open, late.dated, late.kept) == (1, 0, 2, 1)


def test_clocks_of_others_of_exercises_and_of_long_ago_are_not_counted(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    exercise = incident(
        orvanda,
        orvanda,
        "Cranes stop",
        realm="crystal",
        protocol="response/reporting",
        members=(orvanda.me,),
        terms={"zone": "europe/paris", "place": "fr"},
    )
    for dossier in (file(orvanda, tolmere), exercise):
        aware(orvanda, dossier, 2)
        applies(orvanda, dossier, "nis2")
    both_ways(orvanda, tolmere)
    assert measures.of_desk(Machine(orvanda)).clocks.n == 2
    assert measures.of_desk(Machine(tolmere)).clocks.n == 0
    nodes.clock.advance((measures.DAYS + 1) * measures.DAY)
    assert measures.of_desk(Machine(orvanda)).clocks.n == 0


def embargoed(nodes: Nodes) -> tuple[Node, Node, Id, Id]:
    """Let Orvanda report to Tolmere, which agrees a day later to thirty days."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = report(orvanda, tolmere)
    terms = propose(orvanda, dossier)
    both_ways(orvanda, tolmere)
    nodes.clock.advance(measures.DAY)
    assert measures.of_desk(Machine(orvanda)).embargo.agreed.n == 0
    agree(tolmere, dossier, terms)
    both_ways(orvanda, tolmere)
    return orvanda, tolmere, dossier, terms


def ended(node: Node) -> tuple[int | None, int | None, int, int, int]:
    """Return days agreed and held, and how many embargoes ended by what."""
    found = measures.of_desk(Machine(node)).embargo
    agreed, held = (
        each.median if each.median is None else each.median // measures.DAY
        for each in (found.agreed, found.held)
    )
    return agreed, held, found.past, found.withdrawn, found.out


def test_an_embargo_counts_from_when_two_agreed_until_its_end(nodes: Nodes) -> None:
    orvanda, tolmere, _, _ = embargoed(nodes)
    for node in (orvanda, tolmere):
        assert ended(node) == (29, None, 0, 0, 0)
        assert measures.of_desk(Machine(node)).embargo.held.open == 1
    nodes.clock.advance(29 * measures.DAY)
    for node in (orvanda, tolmere):
        assert ended(node) == (29, 29, 1, 0, 0)


def test_how_far_apart_equals_published_is_measured(nodes: Nodes) -> None:
    orvanda, tolmere, dossier, _ = embargoed(nodes)
    nodes.clock.advance(29 * measures.DAY)
    end = nodes.clock.time
    say(orvanda, dossier, "publish", {"time": end, "due": end})
    both_ways(orvanda, tolmere)
    nodes.clock.advance(4000)
    # Who published for no agreed end is no equal of theirs.
    say(tolmere, dossier, "publish", {"time": end + 4000})
    both_ways(orvanda, tolmere)
    assert measures.of_desk(Machine(orvanda)).embargo.spread.n == 0
    say(tolmere, dossier, "publish", {"time": end + 4000, "due": end})
    both_ways(orvanda, tolmere)
    for node in (orvanda, tolmere):
        found = measures.of_desk(Machine(node)).embargo.spread
        assert (found.n, found.median) == (1, 4000)


def test_an_embargo_of_an_exercise_is_not_counted(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    given: dict[str, Any] = {"protocol": "response/disclosure", "terms": {"role": "finder"}}
    for realm in ("crystal", None):
        dossier = incident(orvanda, tolmere, "Flaw", realm=realm, **given)
        terms = propose(orvanda, dossier)
        both_ways(orvanda, tolmere)
        agree(tolmere, dossier, terms)
        both_ways(orvanda, tolmere)
        assert measures.of_desk(Machine(orvanda)).embargo.agreed.n == int(realm is None)
    nodes.clock.advance((measures.DAYS + 1) * measures.DAY)
    assert measures.of_desk(Machine(orvanda)).embargo.agreed.n == 0


def test_what_ended_an_embargo_first_is_what_ended_it(nodes: Nodes) -> None:
    orvanda, tolmere, dossier, terms = embargoed(nodes)
    doubting = replace(tolmere.settings, believed_parties=2, believed_coordinator=False)
    tolmere.settings = doubting
    nodes.clock.advance(5 * measures.DAY)
    say(orvanda, dossier, "claim", {"what": "public", "basis": "own"})
    both_ways(orvanda, tolmere)
    assert ended(orvanda) == (29, 5, 0, 0, 1)
    nodes.clock.advance(2 * measures.DAY)
    say(tolmere, dossier, "withdraw", {"reason": "safety"}, refs=[terms])
    both_ways(orvanda, tolmere)
    nodes.clock.advance(60 * measures.DAY)
    assert ended(orvanda) == (29, 5, 0, 0, 1)
    assert ended(tolmere) == (29, 7, 0, 1, 0)


def test_exercises_and_what_is_long_past_are_not_counted(nodes: Nodes) -> None:
    orvanda, tolmere, _ = cranes(nodes, realm="crystal")
    assert measures.of_desk(Machine(orvanda)).incidents == 0
    incident(orvanda, tolmere, "Cranes stop again")
    assert measures.of_desk(Machine(orvanda)).incidents == 1
    nodes.clock.advance((measures.DAYS + 1) * measures.DAY)
    assert measures.of_desk(Machine(orvanda)).incidents == 0


def test_all_incidents_are_read_some_at_a_time(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, _ = cranes(nodes)
    for _ in range(4):
        incident(orvanda, tolmere, "Cranes stop again")
    monkeypatch.setattr("comity.services.casework.desk.MANY", 2)
    found = measures.of_desk(Machine(orvanda))
    assert (found.incidents, found.told.n) == (5, 0)
    both_ways(orvanda, tolmere)
    assert measures.of_desk(Machine(tolmere)).incidents == 5


def test_an_incident_more_costs_no_more_than_reading_it(nodes: Nodes) -> None:
    orvanda, tolmere, _ = cranes(nodes)

    def asked() -> list[str]:
        with queries(orvanda) as run:
            measures.of_desk(Machine(orvanda))
        return run

    few = asked()
    for _ in range(6):
        incident(orvanda, tolmere, "Cranes stop again")
    # Of each its acts, whether the log is still the same, and whose documents disown something.
    assert len(asked()) - len(few) == 6 * 3
