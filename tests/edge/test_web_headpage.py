"""An incident on one sheet, for who heads this party: as a page, as a document, at the machine."""

from __future__ import annotations

import io
import re
from pathlib import Path

from docx import Document

from comity.kernel.label import TLP
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.response import headpage
from tests.edge.desk import Desk
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_incidents import HOUR, ada, cranes, pages, say
from tests.edge.visitor import Pages, Visitor
from tests.kernel.world import refused
from tests.nodes import START, Nodes, pass_on
from tests.services import reporting

__all__ = ["ada", "cranes", "pages"]


def texts(node: Node, dossier: str) -> list[str]:
    """Return the lines of a sheet."""
    blocks = headpage.make(Machine(node), dossier).blocks
    return [
        line
        for block in blocks
        for line in ([block.text] if block.text else [": ".join(row) for row in block.rows])
    ]


def test_it_says_what_happened_who_was_told_what_is_owed_asked_and_unknown(
    nodes: Nodes, ada: Visitor, cranes: str
) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    sarivane = nodes.opened["sarivane"]
    say(nodes, "tolmere", cranes, "describe", people=1200, malicious="unknown")
    say(nodes, "orvanda", cranes, "event", what="detection", at=START)
    to = sorted([tolmere.me, sarivane.me])
    say(nodes, "orvanda", cranes, "ask", to=to, verb="investigate", due=START + 24 * HOUR)
    say(nodes, "tolmere", cranes, "ask", to=[orvanda.me], verb="block-host")
    told = texts(orvanda, cranes)
    assert "tolmere: People affected: 1200; Suspected to be malicious: not known" in told
    assert any(line.endswith("(orvanda): ") for line in told)
    assert any(line.startswith("Answer tolmere: ") for line in told)
    asked = next(line for line in told if line.startswith("investigate the systems named, "))
    assert {*asked.split(": ", 1)[1].split("; ")} == {
        "sarivane: no word yet",
        "tolmere: no word yet",
    }
    unknown = next(line for line in told if line.startswith("Nobody has told: "))
    assert "Financial loss" in unknown
    assert "People affected" not in unknown
    assert "Asked, and no word yet: sarivane, tolmere." in told
    page = ada.get(f"/dossiers/{cranes}/head")
    for heading in headpage.HEADINGS:
        assert f"<h2>{heading}</h2>" in page.text
    assert f"/dossiers/{cranes}/head" in ada.get(f"/dossiers/{cranes}/incident").read.links


def test_what_is_owed_by_law_stands_on_it_unless_it_is_marked_more_strictly(
    nodes: Nodes, pages: Pages
) -> None:
    orvanda, tolmere = pages.node, nodes.opened["tolmere"]
    opened = incident(orvanda, tolmere, "Cranes stop", TLP.GREEN)
    assert "We owe nothing that may be seen here." in texts(orvanda, opened)
    strict = reporting.file(orvanda, incident=opened)
    reporting.aware(orvanda, strict, hours=30)
    reporting.applies(orvanda, strict, "nis2")
    told = texts(orvanda, opened)
    assert "We owe nothing that may be seen here." not in told
    assert headpage.STRICTER in told
    assert not any(line.startswith("NIS2") for line in told)
    file = reporting.file(orvanda, tlp=TLP.GREEN, incident=opened)
    reporting.aware(orvanda, file, hours=30)
    reporting.applies(orvanda, file, "nis2", "dora")
    told = texts(orvanda, opened)
    owed = [line for line in told if line.startswith("NIS2, Article 23: ")]
    assert re.fullmatch(r"NIS2, Article 23: Early warning: .* UTC \(late\)", owed[0])
    assert "late" not in owed[1]
    assert any(re.match(r"DORA.* \(not verified\): ", line) for line in told)
    other = incident(orvanda, tolmere, "Trams stop", TLP.GREEN)
    assert "We owe nothing that may be seen here." in texts(orvanda, other)


def test_who_has_not_received_it_is_told_from_who_was_told_elsewhere(
    nodes: Nodes, pages: Pages
) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    members = tuple(sorted(node.me for node in nodes.opened.values()))
    opened = incident(pages.node, tolmere, "Cranes stop", members=members)
    assert pass_on(orvanda, tolmere) == []
    told = texts(orvanda, opened)
    assert "sarivane: not received yet" in told
    assert any(line.startswith("tolmere: ") and line.endswith(" UTC") for line in told)
    assert "sarivane: not known here" in texts(tolmere, opened)


def test_lists_are_cut_so_that_the_sheet_stays_one(nodes: Nodes, cranes: str) -> None:
    for hour in range(headpage.FEW + 3):
        say(nodes, "orvanda", cranes, "event", what="detection", at=START + hour * HOUR)
    assert "3 more in the dossier." in texts(nodes.opened["orvanda"], cranes)


def test_the_document_is_marked_as_the_page(ada: Visitor, cranes: str) -> None:
    answer = ada.get(f"/dossiers/{cranes}/head.docx")
    assert answer.headers["content-disposition"].endswith('.docx"')
    sheet = Document(io.BytesIO(answer.body))
    (marking,) = sheet.sections[0].header.paragraphs
    assert marking.text.startswith("TLP:AMBER · technical")
    assert sheet.paragraphs[0].text == "Cranes stop"


def test_what_is_red_is_on_no_sheet(nodes: Nodes, ada: Visitor, pages: Pages) -> None:
    tolmere = nodes.opened["tolmere"]
    readers = ((pages.node.me, "ada"),)
    red = incident(pages.node, tolmere, "Quiet", ceiling=TLP.RED, readers=readers)
    assert ada.get(f"/dossiers/{red}/head").status == 404
    assert ada.get(f"/dossiers/{red}/head.docx").status == 404
    with refused("L2"):
        headpage.make(Machine(pages.node), red)


def test_at_the_machine_it_is_written_to_a_file(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    out = tmp_path / "sheet.docx"
    assert desk.ok("orvanda", "incident", opened, "--sheet", out) == f"Written to {out}.\n"
    assert Document(str(out)).paragraphs[0].text
