"""How what is taken from a dossier is marked: in one place, for every way out."""

from __future__ import annotations

import io
from dataclasses import replace

from docx import Document

from comity.kernel.label import TLP
from comity.services.casework import marking
from comity.services.casework.inbox import Machine
from comity.services.response import headpage
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce

MARKED = (
    "TLP:AMBER+STRICT · technical: contact between experts, nobody's position · "
    "EXERCISE lantern: not live"
)


def test_every_way_out_carries_label_footing_and_exercise(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    cranes = incident(orvanda, tolmere, "Cranes stop", TLP.AMBER_STRICT, realm="lantern")
    desk = Machine(orvanda)
    assert marking.of(desk.dossier(cranes)) == MARKED
    sheet = Document(io.BytesIO(headpage.document(desk, headpage.make(desk, cranes))))
    (section,) = sheet.sections
    margins = [place.paragraphs[0].text for place in (section.header, section.footer)]
    assert margins == [MARKED, MARKED]
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as pages:
        ada = pages.person("ada", "duty_officer")
        page = ada.get(f"/dossiers/{cranes}/sheet.css").text
        taken = ada.get(f"/dossiers/{cranes}/head.docx").body
    assert "EXERCISE lantern" in page
    assert Document(io.BytesIO(taken)).sections[0].header.paragraphs[0].text == MARKED


def test_it_is_said_in_the_language_of_who_reads(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    cranes = incident(orvanda, orvanda, "Cranes stop", realm="lantern", members=(orvanda.me,))
    told = marking.of(Machine(orvanda).dossier(cranes), lambda text: f"<{text}>")
    assert told.endswith(" · <EXERCISE lantern: not live>")
    assert "<technical: " in told
