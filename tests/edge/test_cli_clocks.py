"""Clocks by the command line and the API: a party alone, from its first word to a late report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from docx import Document

from comity.engines.instants import exact
from comity.kernel.label import TLP
from comity.store.access.people import audit
from tests.edge.desk import Desk
from tests.edge.program import program
from tests.edge.visitor import Pages
from tests.nodes import Nodes
from tests.services.reporting import HOUR, applies, aware, file, reported


def test_a_party_alone_keeps_its_clocks(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda")
    assert "There is no reporting file here." in desk.ok("orvanda", "clocks")
    terms = ("--zone", "Europe/Paris", "--place", "FR", "--title", "Cranes stop")
    opened = desk.json("orvanda", "open", "reporting", *terms, "--yes")["dossier"]
    assert "No clock runs here." in desk.ok("orvanda", "clocks")
    say = ("say", opened)
    aware_ = ("--event", "aware", "--at", "2026-09-20T02:40Z", "--yes")
    desk.ok("orvanda", *say, "aware", *aware_)
    assert "whether these apply: " in desk.ok("orvanda", "clocks")
    desk.ok("orvanda", *say, "applies", "--regime", "nis2", "--basis", "bound", "--yes")
    told = desk.ok("orvanda", "clocks")
    for words in (
        f"[{opened[:8]}] nis2 early_warning · Cranes stop (TLP:",
        "    - we became aware of it, 2026-09-20 02:40 UTC",
        "    - 24 hours after 2026-09-20 02:40 UTC",
        "    - so until 2026-09-21 02:40 UTC",
        "    late; due 2026-09-21 02:40 UTC",
        "    waits for: Incident notification",
        "This is no legal advice.",
    ):
        assert words in told
    report = tmp_path / "warning.txt"
    where = (opened[:8], "nis2", "early_warning")
    assert "Written to" in desk.ok("orvanda", "regime-report", *where, "--out", str(report))
    assert "[To be filled in]" in report.read_text()
    assert "[To be filled in]" in desk.ok("orvanda", "regime-report", *where)
    paper = tmp_path / "warning.docx"
    desk.ok("orvanda", "regime-report", *where, "--format", "docx", "--out", str(paper))
    assert Document(str(paper)).paragraphs[0].text == "NIS2, Article 23 – Early warning"
    given = ("--regime", "nis2", "--stage", "early_warning", "--at", "2026-09-21T05:40Z")
    desk.ok("orvanda", *say, "reported", *given, "--attach", str(report), "--yes")
    late = desk.ok("orvanda", "clocks", "--which", "late")
    assert "reported late, 3 hours 0 minutes after it was due" in late
    ics = tmp_path / "clocks.ics"
    assert f"Written to {ics}." in desk.ok("orvanda", "clocks", "--ics", str(ics))
    assert ics.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    found = desk.json("orvanda", "clocks", "--which", "all", "--file", opened[:8])
    assert {each["regime"] for each in found["clocks"]} == {"nis2"}
    assert desk.refused("orvanda", "regime-report", opened[:8], "nis2", "x")["rule"] == "S3"


def test_clocks_say_what_was_corrected_and_what_is_wrong(desk: Desk) -> None:
    desk.make("orvanda")
    terms = ("--zone", "utc", "--title", "Cranes stop", "--exercise", "lantern")
    opened = desk.json("orvanda", "open", "reporting", *terms, "--yes")["dossier"]
    for at in ("2026-09-20T02:40Z", "2026-09-20T03:40Z"):
        desk.ok("orvanda", "say", opened, "aware", "--event", "aware", "--at", at, "--yes")
    applies_ = ("--regime", "au_soci_other", "--basis", "precaution", "--yes")
    desk.ok("orvanda", "say", opened, "applies", *applies_)
    (desk.home / "orvanda" / "regimes.yaml").write_text("[]")
    told = desk.ok("orvanda", "clocks", "--regime", "au_soci_other")
    assert "Mend regimes.yaml" in told
    assert "Not verified: ask your lawyer." in told
    assert "part of the exercise lantern" in told
    assert "said before, and corrected: we became aware of it, 2026-09-20 02:40 UTC" in told


def test_programs_list_clocks_and_read_reports(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    dossier = file(orvanda)
    aware(orvanda, dossier, 27)
    applies(orvanda, dossier, "nis2")
    reported(orvanda, dossier, "early_warning")
    with Pages(orvanda) as pages:
        ada = program(pages, "duty_officer")
        (late,) = ada.get("/clocks?which=late").value["clocks"]
        assert (late["state"], late["late_by"], late["good"]) == ("reported_late", 3 * HOUR, False)
        assert late["reasons"][-1] == f"so until {exact(late['due'])}"
        assert late["source"]["celex"] == "32022L2555"
        found = ada.get(f"/clocks/{dossier}/nis2/notification").value
        assert found["known"][0] == ["Who reports", "orvanda"]
        assert ada.get(f"/clocks/{dossier}/nis2/none").status == 404
        taken = ada.get(f"/clocks/{dossier}/nis2/notification/file")
        assert 'filename="nis2-notification.docx"' in taken.headers["content-disposition"]
        assert ada.get(f"/clocks/{dossier}/nis2/notification/file?format=odt").status == 422
        assert ada.get("/clocks?which=odd").status == 422
        assert ada.get(f"/clocks?file={'0' * 64}").status == 404
        assert program(pages, "diplomat").get("/clocks?which=all").value["clocks"] == []


def test_a_strict_report_that_a_program_reads_is_noted(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    strict = file(orvanda, tlp=TLP.AMBER_STRICT)
    with Pages(orvanda) as pages:
        ada = program(pages, "duty_officer", machine=True, name="ada")
        assert ada.get(f"/clocks/{strict}/nis2/early_warning").status == 200
        read = [entry.subject for entry in audit(orvanda.db) if entry.what == "read"]
        assert read == [strict]
