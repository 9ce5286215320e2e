"""Measures of incidents: what this party owed others, and they it, by what was signed."""

from __future__ import annotations

from comity.engines.measures import Figures
from comity.kernel.canon import Object, Value
from comity.kernel.ids import Id
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.response import measures
from comity.services.response.measures import ACKNOWLEDGED, HELPED, WHETHER
from tests.edge.test_web_dossiers import incident
from tests.nodes import Nodes, introduce, pass_on, say

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


def test_exercises_and_what_is_long_past_are_not_counted(nodes: Nodes) -> None:
    orvanda, tolmere, _ = cranes(nodes, realm="crystal")
    assert measures.of_desk(Machine(orvanda)).incidents == 0
    incident(orvanda, tolmere, "Cranes stop again")
    assert measures.of_desk(Machine(orvanda)).incidents == 1
    nodes.clock.advance((measures.DAYS + 1) * measures.DAY)
    assert measures.of_desk(Machine(orvanda)).incidents == 0
