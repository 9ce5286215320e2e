"""All clocks of a node: those of several regimes at once, with the reason for each."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import docx
import pytest
import yaml
from icalendar import Calendar

from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services import packs
from comity.services.care import backup, doctor
from comity.services.care.rebuild import rebuild
from comity.services.casework.desk import Desk
from comity.services.casework.inbox import Machine
from comity.services.casework.telling import Tongue
from comity.services.node import Node
from comity.services.people import awaiting, notices, tokens
from comity.services.people.actors import Actor
from comity.services.response import calendar, clocks, files, regime_reports, rules
from comity.services.response.clocks import NOT_IN_FORCE, UNVERIFIED, ClockLine, Which
from comity.services.response.files import File, Word
from comity.services.response.regime_reports import ReportForm
from comity.services.response.rules import FILE
from comity.store.access.subjects import Held
from tests.edge.test_web_dossiers import incident
from tests.engines.regimes import regime, stage
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.reporting import HOUR, applies, aware, file, happened, reported
from tests.services.staff import hire

VAST = "rest: [" + "".join(f"&a{n} [{f'*a{n - 1}, ' * 9 if n else ''}], " for n in range(6)) + "]"
"""A short text that stands for half a million lists."""


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    return nodes.make("orvanda")


def look(node: Node, which: Which = Which.ALL, **wanted: Any) -> list[ClockLine]:
    return [*clocks.board(Machine(node), which, **wanted).clocks]


def the(node: Node, stage_: str, regime_: str = "nis2") -> ClockLine:
    (line,) = (x for x in look(node) if (x.regime, x.stage) == (regime_, stage_))
    return line


def read(data: bytes, form: ReportForm) -> list[str]:
    """Return the lines of a report as it was taken, of a document its margins too."""
    if form is not ReportForm.DOCX:
        return data.decode().splitlines()
    sheet = docx.Document(io.BytesIO(data))
    (section,) = sheet.sections
    margins = [place.paragraphs[0].text for place in (section.header, section.footer)]
    cells = [cell.text for table in sheet.tables for row in table.rows for cell in row.cells]
    return [*margins, *(each.text for each in sheet.paragraphs), *cells]


def own(node: Node, told: object) -> None:
    (node.folder / FILE).write_text(yaml.safe_dump(told), encoding="utf-8")


def events(data: bytes) -> dict[str, Any]:
    read: Any = Calendar.from_ical(data)
    return {str(each["uid"]): each for each in read.walk("VEVENT")}


# By when, and why


def test_several_regimes_run_on_one_incident_soonest_due_first(orvanda: Node) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2", "gdpr_33", "au_soci_critical")
    lines = [(x.regime, x.stage, x.due and (x.due - orvanda.now()) // HOUR) for x in look(orvanda)]
    assert lines[:4] == [
        ("au_soci_critical", "report", 11),
        ("nis2", "early_warning", 23),
        ("gdpr_33", "notification", 71),
        ("nis2", "notification", 71),
    ]
    assert the(orvanda, "final_report").state == "waiting"
    assert the(orvanda, "final_report").waits == ("Incident notification",)
    assert the(orvanda, "final_report").forecast is not None


def test_a_clock_says_why_it_is_due_then(orvanda: Node) -> None:
    dossier = file(orvanda)
    happened(orvanda, dossier, "classified", 25)
    aware(orvanda, dossier, 50)
    applies(orvanda, dossier, "dora")
    line = the(orvanda, "initial", "dora")
    told = [re.sub("20..-..-.. ..:..(:..)? UTC", "T", each) for each in line.reasons]
    assert told == [
        "we classified it as one to report, T",
        "4 hours after T",
        "so until T",
        "we became aware of it, T",
        "24 hours after T",
        "that falls away: we classified it as one to report",
    ]
    assert line.state == "late"
    assert line.source.celex == "32025R0301"
    assert line.to == "Competent authority"


def test_late_is_recorded_and_never_hidden(orvanda: Node) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 27)
    applies(orvanda, dossier, "nis2")
    assert the(orvanda, "early_warning").state == "late"
    reported(orvanda, dossier, "early_warning")
    say(orvanda, dossier, "close", {"end": "settled"})
    line = the(orvanda, "early_warning")
    assert (line.state, line.late_by, line.good) == ("reported_late", 3 * HOUR, False)
    assert [x.stage for x in look(orvanda, Which.LATE)] == ["early_warning"]
    assert look(orvanda, Which.OPEN) == []


def test_what_was_corrected_is_shown_beside_it(orvanda: Node) -> None:
    dossier = file(orvanda)
    applies(orvanda, dossier, "nis2")
    aware(orvanda, dossier, 30)
    aware(orvanda, dossier, 5)
    reported(orvanda, dossier, "early_warning", 1)
    reported(orvanda, dossier, "early_warning", 2)
    line, now = the(orvanda, "early_warning"), orvanda.now()
    assert (line.due, line.reported) == (now + 19 * HOUR, now - 2 * HOUR)
    assert line.earlier == (
        ("we became aware of it", now - 30 * HOUR),
        ("Early warning", now - HOUR),
    )


def test_awareness_for_one_regime_alone_counts_for_that(orvanda: Node) -> None:
    dossier = file(orvanda)
    applies(orvanda, dossier, "nis2", "gdpr_33")
    aware(orvanda, dossier, 10)
    aware(orvanda, dossier, 2, regime="gdpr_33")
    assert the(orvanda, "notification", "gdpr_33").due == orvanda.now() + 70 * HOUR
    assert the(orvanda, "notification").due == orvanda.now() + 62 * HOUR


def test_what_has_not_begun_is_not_doubted_for_a_day_that_nobody_knows(orvanda: Node) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 2)
    applies(orvanda, dossier, "nis2", "us_circia")
    assert the(orvanda, "final_report").state == "waiting"
    assert the(orvanda, "final_report").warnings == ()
    assert the(orvanda, "incident", "us_circia").warnings == (UNVERIFIED,)
    happened(orvanda, dossier, "believed", 1)
    assert the(orvanda, "incident", "us_circia").warnings == (UNVERIFIED, NOT_IN_FORCE)


def test_only_what_is_verified_and_in_force_is_green(orvanda: Node) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 2)
    happened(orvanda, dossier, "believed", 2)
    applies(orvanda, dossier, "nis2", "au_soci_other", "us_circia")
    reported(orvanda, dossier, "early_warning")
    reported(orvanda, dossier, "report", regime="au_soci_other")
    reported(orvanda, dossier, "incident", regime="us_circia")
    kept = {x.regime: x for x in look(orvanda) if x.state == "kept"}
    assert kept.keys() == {"nis2", "au_soci_other", "us_circia"}
    assert {id_ for id_, line in kept.items() if line.good} <= {"nis2"}
    assert UNVERIFIED in kept["au_soci_other"].warnings
    assert UNVERIFIED not in kept["nis2"].warnings
    assert any("in force" in each for each in kept["us_circia"].warnings)


def test_regimes_nobody_decided_on_are_shown_apart(orvanda: Node) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    say(orvanda, dossier, "does_not_apply", {"regime": "gdpr_33", "reason": "no_personal_data"})
    found = clocks.board(Machine(orvanda))
    assert {line.regime for line in found.clocks} == {"nis2"}
    undecided = {line.regime for line in found.undecided}
    assert {"dora", "cra_incident", "nis2_trust"} <= undecided
    # What is counted from something else that was not said has no time to show.
    assert not undecided & {"nis2", "gdpr_33", "us_sec", "in_cert"}
    say(orvanda, dossier, "close", {"end": "settled"})
    assert clocks.board(Machine(orvanda)).undecided == ()


def test_a_regime_hangs_its_clock_where_its_law_does(orvanda: Node) -> None:
    dossier = file(orvanda)
    happened(orvanda, dossier, "materiality", 1)
    applies(orvanda, dossier, "us_sec")
    assert any("America/New_York" in each for each in the(orvanda, "filing", "us_sec").reasons)


def test_a_zone_or_state_without_a_calendar_is_said(orvanda: Node) -> None:
    dossier = file(orvanda, zone="orvanda/capital", place="or")
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    told = the(orvanda, "early_warning").warnings
    assert any("hangs in UTC" in each for each in told)
    assert any("Monday to Friday" in each for each in told)
    assert the(orvanda, "early_warning").due is not None


def test_an_instant_beyond_all_calendars_is_due_at_no_time(orvanda: Node) -> None:
    dossier = file(orvanda)
    say(orvanda, dossier, "aware", {"event": "aware", "at": 0})
    applies(orvanda, dossier, "nis2")
    assert the(orvanda, "early_warning").due == 24 * HOUR


def test_clocks_are_shown_to_who_sees_the_file_alone(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = file(orvanda, tolmere)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    pass_on(orvanda, tolmere)
    assert {(x.name, x.mine) for x in look(tolmere)} == {("orvanda", False)}
    assert events(calendar.of_desk(Machine(tolmere))) == {}
    other = hire(tolmere, "Tim", "duty_officer")
    awaiting.gather(tolmere)
    shown = notices.of_desk(Desk(tolmere, other))
    assert [each for each in shown if each.kind == notices.CLOCK] == []
    diplomat, officer = hire(orvanda, "Dana", "diplomat"), hire(orvanda, "Omar", "duty_officer")
    assert clocks.board(Desk(orvanda, diplomat), Which.ALL).clocks == ()
    assert clocks.board(Desk(orvanda, officer), Which.ALL).clocks
    with pytest.raises(Refusal, match="no such dossier"):
        clocks.board(Desk(orvanda, diplomat), only=dossier)
    with pytest.raises(Refusal, match="no such clock"):
        clocks.one(Machine(orvanda), dossier, "nis2", "last_rites")


def test_clocks_of_one_file_or_regime_are_found(orvanda: Node) -> None:
    first, second = file(orvanda), file(orvanda, title="Another")
    for dossier in (first, second):
        aware(orvanda, dossier, 1)
        applies(orvanda, dossier, "nis2", "gdpr_33")
    assert {x.dossier for x in look(orvanda, only=second)} == {second}
    assert {x.regime for x in look(orvanda, regime="gdpr_33")} == {"gdpr_33"}


def test_clocks_outlive_a_rebuild(orvanda: Node) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    aware(orvanda, dossier, 2)
    applies(orvanda, dossier, "nis2")
    reported(orvanda, dossier, "early_warning")
    before = look(orvanda)
    rebuild(orvanda)
    assert look(orvanda) == before


def test_what_is_told_in_two_ways_counts_as_is_stricter() -> None:
    held = File(cast("Any", None))
    held.events = {("aware", ""): [Word(9, "b"), Word(5, "a")]}
    held.reports = {("nis2", "early_warning"): [Word(30, "c"), Word(40, "d")]}
    rows = [
        Held("d", kind, "nis2:bound", None, None, "a") for kind in ("applies", "does_not_apply")
    ]
    assert files._file(cast("Any", None), rows).stands("nis2") == ("applies", "bound")
    known = held.known()
    assert known.event("aware", "nis2") == 5
    assert known.reports == {("nis2", "early_warning"): 40}


def test_clocks_are_told_in_the_language_of_who_reads(orvanda: Node) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    desk = Machine(orvanda)
    desk.tongue = replace(Tongue(), say=lambda text: f"<{text}>")
    line = clocks.board(desk).clocks[0]
    assert line.stage_name == "<Early warning>"
    assert line.reasons[1].startswith("<<24 hours> after ")


# This node's own regimes


def test_a_nodes_own_regimes_stand_before_those_of_the_pack(orvanda: Node) -> None:
    mine = regime(stage("call", {"since": "aware", "within": "2 hours"}), id="pact")
    checked = regime(stage("notification", {"since": "aware", "within": "70 hours"}), id="gdpr_33")
    own(orvanda, {"regimes": [mine, checked], "rest": ["2026-09-22"]})
    held = rules.read(orvanda)
    assert [each.id for each in held.regimes][:3] == ["pact", "gdpr_33", "nis2"]
    assert len(held.regimes) == len(packs.clocks()) + 1
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "pact", "gdpr_33")
    assert the(orvanda, "call", "pact").due == orvanda.now() + HOUR
    line = the(orvanda, "notification", "gdpr_33")
    assert (line.due, line.source.own) == (orvanda.now() + 69 * HOUR, True)


def test_an_agreement_of_this_party_gives_clocks_and_is_said_to_be_one(orvanda: Node) -> None:
    told = (Path(__file__).parents[2] / "docs" / "reference" / "regimes.md").read_text("utf-8")
    written = told.partition("```yaml\n")[2].partition("```")[0]
    (orvanda.folder / FILE).write_text(written, encoding="utf-8")
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "pact")
    line = the(orvanda, "call", "pact")
    assert line.due == orvanda.now() + HOUR
    assert (line.source.own, line.source.agreement) == (True, True)
    assert (line.source.title, line.source.url) == ("Agreement of the harbours, point 4", "")
    assert (line.verified, line.source.by) == (True, "Our legal adviser, on 26 November 2026")
    (event,) = events(calendar.of_desk(Machine(orvanda))).values()
    assert clocks.AGREEMENT in str(event["description"])
    found = regime_reports.report(Machine(orvanda), dossier, "pact", "call")
    for form in (ReportForm.TEXT, ReportForm.DOCX):
        lines = read(regime_reports.written(Machine(orvanda), found, form), form)
        assert (
            lines.count(clocks.AGREEMENT) == lines.count("Agreement of the harbours, point 4") == 1
        )
    reported(orvanda, dossier, "call", regime="pact")
    assert the(orvanda, "call", "pact").good
    laws = [line for line in look(orvanda) if not line.source.agreement]
    assert {line.source.kind for line in laws} <= {""}


def test_days_of_rest_of_a_party_move_what_is_due(orvanda: Node) -> None:
    limit = {"since": "aware", "within": "1 working day", "ends": "noon"}
    own(orvanda, {"regimes": [regime(stage("call", limit), id="pact")]})
    dossier = file(orvanda)
    aware(orvanda, dossier, 0)
    applies(orvanda, dossier, "pact")
    plain = the(orvanda, "call", "pact").due
    told = {"regimes": [regime(stage("call", limit), id="pact")], "rest": ["2026-09-22"]}
    own(orvanda, told)
    # The nodes of tests begin on Monday, 21 September 2026.
    assert plain is not None
    assert the(orvanda, "call", "pact").due == plain + 24 * HOUR
    # Where a regime counts by a calendar of its own, nobody's rest moves it.
    told["regimes"] = [regime(stage("call", limit), id="pact", place="FR", zone="Europe/Paris")]
    own(orvanda, told)
    assert the(orvanda, "call", "pact").due == plain


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("- [", "it is no YAML, by line"),
        ("[]", "write regimes: with a list"),
        ("when: now", "write regimes: with a list"),
        ("regimes: []", "write a list of 1 to 500 regimes"),
        ("rest: tomorrow", "write rest as a list of dates"),
        ("rest: [2026-02-30]", "write rest as a list of dates|no YAML"),
        ("rest: [1]", "write rest as a list of dates"),
        ("[" * 5000, "it is no YAML"),
        ("#" * (1 << 20) + "\n", "it has more than"),
        ("\x00", "it is no YAML"),
        (VAST, "it says more than 50000 things"),
        ("rest: &r [*r]", "it says more than 50000 things"),
    ],
)
def test_a_wrong_file_says_what_to_mend_and_hides_no_clock(
    orvanda: Node, told: str, why: str
) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    (orvanda.folder / FILE).write_text(told)
    with pytest.raises(Refusal, match=why) as refused:
        rules.read(orvanda)
    assert (refused.value.rule, refused.value.subject) == ("S5", FILE)
    found = clocks.board(Machine(orvanda))
    assert "Mend regimes.yaml" in found.wrong
    told_by = [each.subject for each in doctor.examine(orvanda, reaching=False).findings]
    assert FILE in told_by
    assert [line.stage for line in found.clocks][:1] == ["early_warning"]


def test_a_file_that_cannot_be_read_is_said(orvanda: Node) -> None:
    (orvanda.folder / FILE).mkdir()
    with pytest.raises(Refusal, match="it cannot be read"):
        rules.read(orvanda)


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_own_regimes_come_back_from_a_backup(orvanda: Node, tmp_path: Path) -> None:
    own(orvanda, {"regimes": [regime(id="pact")]})
    made = backup.backup(orvanda, target=tmp_path / "copy")
    assert FILE in made.files
    backup.unpack(tmp_path / "copy", tmp_path / "new")
    assert (tmp_path / "new" / FILE).read_bytes() == (orvanda.folder / FILE).read_bytes()


# A calendar


def test_a_calendar_holds_what_is_due_and_no_word_of_the_incident(orvanda: Node) -> None:
    dossier = file(orvanda, title="Secret cranes")
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2", "au_soci_other")
    data = calendar.of_desk(Machine(orvanda))
    assert b"Secret" not in data
    found = events(data)
    assert len(found) == 3
    warning = found[f"{dossier}.nis2.early_warning@comity"]
    assert round(warning["dtstart"].dt.timestamp() * 1000) == orvanda.now() + 23 * HOUR
    assert str(warning["summary"]).startswith("NIS2, Article 23 · Early warning")
    assert (str(warning["status"]), str(warning["transp"])) == ("CONFIRMED", "TRANSPARENT")
    other = found[f"{dossier}.au_soci_other.report@comity"]
    assert str(other["status"]) == "TENTATIVE"
    assert UNVERIFIED in str(other["description"])


def test_an_entry_ends_no_later_than_its_clock(orvanda: Node) -> None:
    dossier = file(orvanda)
    happened(orvanda, dossier, "measure_available", 1)
    applies(orvanda, dossier, "cra_vulnerability")
    due = the(orvanda, "final_report", "cra_vulnerability").due or 0
    (event,) = events(calendar.of_desk(Machine(orvanda))).values()
    assert due % 1000 == 999
    assert round(event["dtstart"].dt.timestamp() * 1000) == due - 999


def test_the_secret_of_a_calendar_opens_that_and_nothing_else(orvanda: Node) -> None:
    officer = hire(orvanda, "Omar", "duty_officer")
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    secret = calendar.subscribe(orvanda, officer)
    assert b"Early warning" in calendar.of_secret(orvanda, secret)
    with pytest.raises(Refusal, match="unknown here"):
        tokens.of_secret(orvanda, secret)
    wish = tokens.Wish("program", codes=("duty_officer",), lanes=("technical",))
    other, _ = tokens.make(orvanda, officer, wish, by=officer)
    with pytest.raises(Refusal, match="no such calendar"):
        calendar.of_secret(orvanda, other)
    (row,) = (each for each in tokens.own(orvanda, officer.id) if each.scopes)
    tokens.revoke(orvanda, officer, row.id)
    with pytest.raises(Refusal, match="no such calendar"):
        calendar.of_secret(orvanda, secret)


# Notices


def test_a_clock_awaits_who_may_report_until_that_is_done(nodes: Nodes, orvanda: Node) -> None:
    omar, dana = hire(orvanda, "Omar", "duty_officer"), hire(orvanda, "Dana", "diplomat")
    head = hire(orvanda, "Hana", "head")
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)

    def told(actor: Actor) -> list[tuple[str, str, bool]]:
        awaiting.gather(orvanda)
        shown = notices.of_desk(Desk(orvanda, actor))
        return [(x.subject, x.stage, x.is_read) for x in shown if x.kind == notices.CLOCK]

    # Whether it applies nobody has said.
    assert told(omar) == []
    applies(orvanda, dossier, "au_soci_critical")
    assert told(omar) == told(omar) == [("au_soci_critical/report", "", False)]
    # Who sees it and may not report is told of nothing, as who may not see it.
    assert told(head) == told(dana) == []
    nodes.clock.advance(8 * HOUR)
    assert ("au_soci_critical/report", notices.SOON, False) in told(omar)
    nodes.clock.advance(4 * HOUR)
    assert ("au_soci_critical/report", notices.LATE, False) in told(omar)
    reported(orvanda, dossier, "report", regime="au_soci_critical")
    assert told(omar) == []


# Reports


def test_a_report_is_filled_in_with_what_is_known(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    about = incident(orvanda, tolmere, "Cranes stop", terms={"rsit": "availability"})
    dossier = file(orvanda, title="Cranes, reporting", incident=about)
    aware(orvanda, dossier, 30)
    applies(orvanda, dossier, "nis2")
    reported(orvanda, dossier, "early_warning", 3)
    found = regime_reports.report(Machine(orvanda), dossier, "nis2", "notification")
    known = dict(found.known)
    assert known["Who reports"] == "orvanda"
    assert known["we became aware of it"].endswith(" UTC")
    assert known["Reported before: Early warning"].endswith(" UTC")
    assert known["Title of the incident"] == "Cranes stop"
    assert known["Parties that know of it"] == "orvanda, tolmere"
    assert "availability" in str(known).lower()
    assert next(label for label, _ in found.asked) == "What changed since the early warning"
    text = regime_reports.written(Machine(orvanda), found, ReportForm.TEXT).decode()
    assert "- Indicators of compromise, where there are any: [To be filled in]" in text
    assert "This is no legal advice." in text
    assert regime_reports.named(found, ReportForm.TEXT) == "nis2-notification.txt"


@pytest.mark.parametrize(
    ("stage_", "asks"),
    [
        ("early_warning", "Whether unlawful or malicious acts are suspected"),
        ("notification", "First assessment, with severity and effect"),
        ("progress_report", "How far an incident is handled that is still going on"),
        ("final_report", "What threat or cause set it off"),
    ],
)
def test_each_report_of_nis2_asks_for_its_own(orvanda: Node, stage_: str, asks: str) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 10)
    for given in ("early_warning", "notification"):
        reported(orvanda, dossier, given, 1)
    desk = Machine(orvanda)
    found = regime_reports.report(desk, dossier, "nis2", stage_)
    text = regime_reports.written(desk, found, ReportForm.TEXT).decode()
    assert f"- {asks}: [To be filled in]" in text
    assert text.splitlines()[1].startswith("NIS2, Article 23 – ")
    assert "CSIRT or competent authority" in text
    assert "Due: 20" in text


def test_a_report_is_written_as_json(orvanda: Node) -> None:
    import orjson

    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    found = regime_reports.report(Machine(orvanda), dossier, "nis2", "early_warning")
    told = orjson.loads(regime_reports.written(Machine(orvanda), found, ReportForm.JSON))
    assert told["due"].endswith("Z")
    assert told["marking"].startswith("TLP:AMBER · technical: ")
    assert told["asked"][0] == {
        "label": "Whether unlawful or malicious acts are suspected",
        "value": "",
    }
    assert regime_reports.named(found, ReportForm.JSON) == "nis2-early_warning.json"
    none = regime_reports.report(Machine(orvanda), dossier, "nis2", "final_report")
    assert orjson.loads(regime_reports.as_json(none))["due"] is None
    assert "Due: –" in regime_reports.as_text(none, str)


def test_a_report_says_nothing_of_an_incident_that_is_not_to_be_seen(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    quiet = incident(orvanda, tolmere, "Quiet", TLP.RED, readers=((orvanda.me, "somebody"),))
    officer = hire(orvanda, "Omar", "duty_officer")
    dossier = file(orvanda, incident=quiet)
    aware(orvanda, dossier, 1)
    reported(orvanda, dossier, "early_warning")
    found = regime_reports.report(Desk(orvanda, officer), dossier, "nis2", "early_warning")
    assert "Quiet" not in str(found)
    assert "Title of the incident" not in dict(found.known)
    assert "Early warning" in dict(found.known)


@pytest.mark.parametrize("label", [TLP.AMBER, TLP.AMBER_STRICT, TLP.RED])
def test_a_report_says_nothing_of_an_incident_under_a_stricter_label(
    nodes: Nodes, label: TLP
) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    readers = ((orvanda.me, "ada"),) if label is TLP.RED else ()
    about = incident(orvanda, tolmere, "Quiet", label, readers=readers)
    dossier = file(orvanda, incident=about)
    aware(orvanda, dossier, 1)
    desk = Machine(orvanda)
    assert desk.dossier(about)
    found = regime_reports.report(desk, dossier, "nis2", "early_warning")
    assert TLP(found.tlp) is TLP.AMBER
    written = [str(read(regime_reports.written(desk, found, form), form)) for form in ReportForm]
    assert ["Quiet" in text or "tolmere" in text for text in written] == [label is TLP.AMBER] * 3


def test_a_finished_report_is_kept_as_what_was_reported(orvanda: Node) -> None:
    officer = hire(orvanda, "Omar", "duty_officer")
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    row = regime_reports.keep(
        Desk(orvanda, officer), dossier, "nis2", "early_warning", "It is done."
    )
    assert (row.kind, row.dossier) == ("reported", dossier)
    assert row.form["texts"] | {"at": ""} == {"regime": "nis2", "stage": "early_warning", "at": ""}
    assert [each["name"] for each in row.files] == ["nis2-early_warning.txt"]


def test_what_is_red_is_taken_nowhere(orvanda: Node) -> None:
    dossier = file(orvanda, title="Quiet", readers=((orvanda.me, "ada"),))
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    desk = Machine(orvanda)
    assert clocks.board(desk).clocks
    assert events(calendar.of_desk(desk)) == {}
    found = regime_reports.report(desk, dossier, "nis2", "early_warning")
    for form in ReportForm:
        with pytest.raises(Refusal, match="L2: What is TLP:RED is read on pages only"):
            regime_reports.written(desk, found, form)


def test_a_report_takes_nothing_from_an_incident_marked_more_strictly(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    quiet = incident(orvanda, tolmere, "Quiet", TLP.AMBER_STRICT, terms={"rsit": "availability"})
    dossier = file(orvanda, incident=quiet)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    found = regime_reports.report(Machine(orvanda), dossier, "nis2", "early_warning")
    assert found.tlp == "amber"
    assert dict(found.known)["Dossier of the incident"] == regime_reports.STRICTER
    written = regime_reports.as_text(found, str)
    assert "Quiet" not in written
    assert "tolmere" not in written


@pytest.mark.parametrize("form", [ReportForm.TEXT, ReportForm.DOCX])
@pytest.mark.parametrize("stage_", ["early_warning", "notification", "final_report"])
def test_a_report_as_text_and_as_a_document_says_the_same(
    orvanda: Node, form: ReportForm, stage_: str
) -> None:
    dossier = file(orvanda)
    aware(orvanda, dossier, 1)
    applies(orvanda, dossier, "nis2")
    desk = Machine(orvanda)
    found = regime_reports.report(desk, dossier, "nis2", stage_)
    told = read(regime_reports.written(desk, found, form), form)
    assert told[0] == "TLP:AMBER · technical: contact between experts, nobody's position"
    whole = "\n".join(told)
    for words in (
        f"NIS2, Article 23 – {found.stage_name}",
        "CSIRT or competent authority",
        "[To be filled in]",
        *(value for pair in found.known for value in pair),
        *(label for label, _ in found.asked),
        clocks.ADVICE,
        "The marking is that of the reporting file of orvanda, from which this was made.",
        "https://eur-lex.europa.eu/eli/dir/2022/2555/oj",
    ):
        assert words in whole, words
    assert regime_reports.named(found, form) == f"nis2-{stage_}.{'txt' if form == 'text' else form}"


@pytest.mark.parametrize("form", [ReportForm.TEXT, ReportForm.DOCX])
def test_a_report_of_an_exercise_by_a_rule_not_verified_says_both(
    orvanda: Node, form: ReportForm
) -> None:
    dossier = file(orvanda, realm="lantern")
    aware(orvanda, dossier, 1)
    desk = Machine(orvanda)
    found = regime_reports.report(desk, dossier, "au_soci_other", "report")
    told = read(regime_reports.written(desk, found, form), form)
    assert told[0].endswith(" · EXERCISE lantern: not live")
    assert UNVERIFIED in told


def test_a_document_in_arabic_is_written_from_the_right(orvanda: Node) -> None:
    dossier = file(orvanda)
    for tag, from_right in (("ar", True), ("fr", False)):
        desk = Machine(orvanda)
        desk.tongue = replace(Tongue(), tag=tag)
        found = regime_reports.report(desk, dossier, "nis2", "early_warning")
        data = regime_reports.written(desk, found, ReportForm.DOCX)
        margin = docx.Document(io.BytesIO(data)).sections[0].header.paragraphs[0]
        assert (margin.runs[0].font.rtl is True) is from_right
