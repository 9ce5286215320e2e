"""Clocks by the incident that they are of: what is due next first, and nothing that is lost."""

from __future__ import annotations

from comity.kernel.label import TLP
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.response import byincident, clocks
from comity.services.response.byincident import IncidentClocks
from comity.services.response.clocks import Which
from tests.edge.test_web_dossiers import incident
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.reporting import applies, aware, file, reported


def grouped(
    node: Node, which: Which = Which.CURRENT, most: int = 100
) -> tuple[list[IncidentClocks], int]:
    desk = Machine(node)
    return byincident.of_board(desk, clocks.board(desk, which), most)


def test_each_clock_stands_once_in_the_fold_that_is_its_own(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = file(orvanda)
    aware(orvanda, dossier, 30)
    applies(orvanda, dossier, "nis2", "us_circia")
    reported(orvanda, dossier, "early_warning", 1)
    ((group,), left) = grouped(orvanda)
    assert [line.stage for line in group.open] == ["notification", "incident", "ransom"]
    assert [line.stage for line in group.later] == ["final_report"]
    assert {line.stage for line in group.ended} == {"early_warning", "progress_report"}
    assert (group.late, group.ended_late, group.is_quiet, left) == (0, 1, False, 0)
    regimes = [line.regime for line in group.asked]
    assert len(regimes) == len({*regimes}) > 3
    every = clocks.board(Machine(orvanda), Which.ALL)
    assert len(every.clocks) == len(group.open) + len(group.later) + len(group.ended)


def test_files_of_one_incident_stand_together_under_its_title(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    about = incident(orvanda, tolmere, "Cranes stop", TLP.AMBER_STRICT)
    pass_on(orvanda, tolmere)
    for node, other in ((orvanda, orvanda), (tolmere, orvanda)):
        dossier = file(node, other, title=f"File of {node.settings.name}", incident=about)
        aware(node, dossier, 1)
        applies(node, dossier, "nis2")
    pass_on(tolmere, orvanda)
    ((group,), _) = grouped(orvanda)
    assert group.incident == (about, "Cranes stop", TLP.AMBER_STRICT.value)
    assert {line.title for line in group.files.values()} == {"File of orvanda", "File of tolmere"}
    # The title of the incident is under the label of the incident.
    assert TLP(group.tlp) is TLP.AMBER_STRICT


def test_an_incident_that_is_not_to_be_seen_gives_no_title(nodes: Nodes) -> None:
    orvanda, tolmere, sarivane = map(nodes.make, ("orvanda", "tolmere", "sarivane"))
    introduce(orvanda, tolmere, sarivane)
    hidden = incident(tolmere, sarivane, "Quiet")
    dossier = file(orvanda, incident=hidden)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    ((group,), _) = grouped(orvanda)
    assert group.incident is None
    assert TLP(group.tlp) is TLP.AMBER


def test_what_is_due_next_comes_first_and_what_is_settled_last(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    titles = {"settled": 200, "fresh": 1, "overdue": 30, "undecided": 500}
    for title, hours in titles.items():
        dossier = file(orvanda, title=title)
        aware(orvanda, dossier, hours)
        if title != "undecided":
            applies(orvanda, dossier, "gdpr_33")
        if title == "overdue":
            applies(orvanda, dossier, "nis2")
        if title == "settled":
            reported(orvanda, dossier, "notification", 190, regime="gdpr_33")
            say(orvanda, dossier, "close", {"end": "settled"})
    found, _ = grouped(orvanda, Which.ALL)
    order = [next(iter(group.files.values())).title for group in found]
    assert order == ["overdue", "fresh", "undecided", "settled"]
    assert [group.is_quiet for group in found] == [False, False, False, True]


def test_a_closed_file_whose_report_never_came_stays_late(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = file(orvanda)
    aware(orvanda, dossier, 30)
    applies(orvanda, dossier, "nis2")
    say(orvanda, dossier, "close", {"end": "settled"})
    assert grouped(orvanda)[0] == []
    ((group,), _) = grouped(orvanda, Which.ALL)
    assert (group.open, group.ended_late) == ([], 1)


def test_what_is_left_out_is_counted_and_is_the_least_urgent(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    reported(orvanda, dossier, "notification", 0.5)
    every = clocks.board(Machine(orvanda), Which.CURRENT)
    assert [line.is_open for line in every.clocks] == [True, True, False, False]
    ((group,), left) = grouped(orvanda, most=1)
    assert [line.stage for line in group.open] == ["early_warning"]
    regimes = {line.regime for line in every.undecided}
    assert left == len(every.clocks) - 1 + len(regimes) - 1


def test_where_late_ones_are_looked_for_only_what_would_be_late_is_asked(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    dossier = file(orvanda)
    aware(orvanda, dossier, 30)
    applies(orvanda, dossier, "nis2")
    ((group,), _) = grouped(orvanda, Which.LATE)
    assert {line.state for line in (*group.open, *group.asked)} == {"late"}
    assert {line.state for line in grouped(orvanda)[0][0].asked} > {"late"}
