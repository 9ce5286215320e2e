"""What nobody verified is called kept nowhere, and what is late is shown everywhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml
from docx import Document
from icalendar import Calendar

from comity.kernel.ids import Id
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.response import calendar, clocks, headpage, measures, regime_reports, rules
from comity.services.response.clocks import UNVERIFIED, ClockLine, Which
from comity.services.response.regime_reports import ReportForm
from tests.edge.desk import Desk
from tests.edge.program import program
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.engines.regimes import regime, stage
from tests.nodes import Nodes, introduce, say
from tests.services.reporting import HOUR, applies, aware, file, happened, reported

WITHIN_DAYS = {"since": "aware", "within": "2 working days"}
RULES = {
    "sure": regime(stage("report"), id="sure"),
    "unverified": regime(stage("report"), id="unverified", verified=False),
    "undated": regime(stage("report"), id="undated", valid_from=None),
    "future": regime(stage("report"), id="future", valid_from="2030-01-01"),
    "unplaced": regime(stage("report", WITHIN_DAYS), id="unplaced"),
}
"""Regimes of which all but the first leave something unknown, by what that is."""
DOUBTFUL = tuple(each for each in RULES if each != "sure")


@dataclass
class House:
    """A node with a file in which a stage of each of ``RULES`` was reported in time."""

    pages: Pages
    node: Node
    file: Id


@pytest.fixture
def house(nodes: Nodes) -> Iterator[House]:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    (orvanda.folder / rules.FILE).write_text(yaml.safe_dump({"regimes": [*RULES.values()]}))
    # No zone and no state of this name is known, which matters to what counts days alone.
    dossier = file(orvanda, zone="orvanda/capital", place="or")
    aware(orvanda, dossier, 2)
    applies(orvanda, dossier, *RULES)
    with Pages(orvanda) as pages:
        yield House(pages, orvanda, dossier)


def kept(house: House) -> None:
    for each in RULES:
        reported(house.node, house.file, "report", 1, regime=each)


def lines(house: House) -> dict[str, ClockLine]:
    return {line.regime: line for line in clocks.board(Machine(house.node), Which.ALL).clocks}


def test_services_and_the_api_call_nothing_good_that_is_not_sure(house: House) -> None:
    kept(house)
    assert {line.state for line in lines(house).values()} == {"kept"}
    assert {id_ for id_, line in lines(house).items() if line.good} == {"sure"}
    ada = program(house.pages, "duty_officer")
    told = ada.get("/clocks?which=all").value["clocks"]
    assert {each["regime"] for each in told if each["good"] or each["sure"]} == {"sure"}
    assert all(each["warnings"] for each in told if not each["sure"])


@pytest.mark.parametrize("which", RULES)
def test_the_page_is_green_for_what_is_sure_alone(house: House, which: str) -> None:
    kept(house)
    page = house.pages.person("ada", "duty_officer").get(f"/clocks?which=all&regime={which}").text
    good = '<span class="tag good">reported in time</span>'
    assert (page.count(good), page.count("tag good")) == ((1, 1) if which == "sure" else (0, 0))


def test_the_calendar_is_sure_of_what_is_sure_alone(house: House) -> None:
    read: Any = Calendar.from_ical(calendar.of_desk(Machine(house.node)))
    told = {str(each["categories"].cats[0]): str(each["status"]) for each in read.walk("VEVENT")}
    assert told == dict.fromkeys(DOUBTFUL, "TENTATIVE") | {"sure": "CONFIRMED"}


def test_the_measures_count_as_kept_what_is_sure_alone(house: House) -> None:
    kept(house)
    found = measures.of_desk(Machine(house.node)).clocks
    assert (found.n, found.dated, found.kept) == (len(RULES), 1, 1)


@pytest.mark.parametrize("form", [*ReportForm])
@pytest.mark.parametrize("which", RULES)
def test_a_report_says_what_is_doubtful(house: House, which: str, form: ReportForm) -> None:
    desk = Machine(house.node)
    found = regime_reports.report(desk, house.file, which, "report")
    data = regime_reports.written(desk, found, form)
    told = (
        data.decode()
        if form is not ReportForm.DOCX
        else "\n".join(each.text for each in Document(io.BytesIO(data)).paragraphs)
    )
    warnings = lines(house)[which].warnings
    assert (UNVERIFIED in told) is (which == "unverified")
    assert all(each in told for each in warnings)
    assert "reported in time" not in told


def test_at_the_command_line_what_is_doubtful_stands_below_the_clock(desk: Desk) -> None:
    desk.make("orvanda")
    (desk.home / "orvanda" / rules.FILE).write_text(yaml.safe_dump({"regimes": [*RULES.values()]}))
    terms = ("--zone", "utc", "--title", "Cranes stop")
    opened = desk.json("orvanda", "open", "reporting", *terms, "--yes")["dossier"]
    at = ("--at", "2026-09-20T02:40Z", "--yes")
    desk.ok("orvanda", "say", opened, "aware", "--event", "aware", *at)
    given = ("--regime", "unverified")
    desk.ok("orvanda", "say", opened, "applies", *given, "--basis", "agreed", "--yes")
    desk.ok("orvanda", "say", opened, "reported", *given, "--stage", "report", *at)
    told = desk.ok("orvanda", "clocks", "--which", "all").splitlines()
    at_ = next(n for n, line in enumerate(told) if line.startswith("    reported in time"))
    assert told[at_ + 1] == f"    {UNVERIFIED}"


def test_the_sheet_says_of_a_level_that_its_scheme_is_not_verified(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    cranes = incident(orvanda, tolmere, "Cranes stop")
    say(orvanda, cranes, "describe", {"services": "all", "essential": "yes"})
    desk = Machine(orvanda)
    sheet = headpage.make(desk, cranes)
    told = [cell for block in sheet.blocks for row in block.rows for cell in row]
    (grave,) = (line for cell in told for line in cell.splitlines() if line.startswith("How grave"))
    levels = grave.partition(" – ")[2].split("; ")
    assert levels
    assert all(level.endswith(" (not verified)") for level in levels)
    document = Document(io.BytesIO(headpage.document(desk, sheet)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any(grave in cell for cell in cells)


# Late


def test_what_was_late_is_said_everywhere_after_it_was_reported_and_closed(house: House) -> None:
    node, late = house.node, file(house.node, title="Late")
    aware(node, late, 30)
    happened(node, late, "classified", 30)
    applies(node, late, "sure")
    reported(node, late, "report", 3, regime="sure")
    say(node, late, "close", {"end": "settled"})
    line = next(each for each in clocks.board(Machine(node), Which.LATE).clocks)
    assert (line.dossier, line.state, line.late_by, line.good) == (
        late,
        "reported_late",
        3 * HOUR,
        False,
    )
    ada = house.pages.person("ada", "duty_officer")
    for address in ("which=all", "which=late", f"which=all&file={late}"):
        page = ada.get(f"/clocks?{address}").text
        assert "reported 0 d 3 h 0 min after" in page, address
    (folded,) = re.findall(
        "(?s)<h2>Nothing more to report</h2>.*", ada.get("/clocks?which=all").text
    )
    assert '1 reported or not needed <span class="tag late">1 late</span></summary>' in folded
    told = program(house.pages, "duty_officer", name="bob").get("/clocks?which=late").value
    assert [each["state"] for each in told["clocks"]] == ["reported_late"]
    found = measures.of_desk(Machine(node)).clocks
    assert (found.dated, found.kept) == (1, 0)


def test_what_is_late_and_open_is_said_to_be_everywhere(house: House, nodes: Nodes) -> None:
    nodes.clock.advance(200 * HOUR)
    ada = house.pages.person("ada", "duty_officer")
    assert f"{len(RULES)} clocks are late" in ada.get("/").text
    assert ada.get("/clocks").text.count('<li class="late">') == len(RULES)
    data = calendar.of_desk(Machine(house.node)).replace(b"\r\n ", b"")
    assert data.count(" · late\r\n".encode()) == len(RULES)
    assert {line.state for line in lines(house).values()} == {"late"}
