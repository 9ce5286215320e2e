"""The sheet for who heads the agency, printed by a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from comity.services.casework import content, issue
from comity.services.casework.issue import Draft
from comity.services.response.headpage import SHORT
from tests.edge.test_web_dossiers import incident
from tests.nodes import introduce

if TYPE_CHECKING:
    from comity.kernel.ids import Id
    from comity.services.node import Node
    from tests.browser.people import House

pytestmark = pytest.mark.slow
HOUR = 3_600_000
KNOWN: dict[str, object] = {
    "people": 120_000,
    "services": "most",
    "essential": "yes",
    "malicious": "yes",
    "cross_border": "yes",
    "victim": "large",
    "sectors": ["energy", "transport"],
    "ongoing": "yes",
}


def say(node: Node, dossier: Id, kind: str, text: str = "", /, **body: object) -> None:
    prepared = content.prepare_fields(node, {"text": text}, []) if text else None
    issue.issue(node, dossier_id=dossier, draft=Draft(kind, body, prepared))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_a_full_one_has_room_on_one_page(house: House, language: str) -> None:
    orvanda, tolmere = house.node("Orvanda").node, house.node("Tolmere").node
    introduce(orvanda, tolmere)
    dossier = incident(orvanda, tolmere, "Cranes of several manufacturers stop in three harbours")
    now = orvanda.now()
    known = {name: value for name, value in KNOWN.items() if name != "victim"}
    say(orvanda, dossier, "describe", "Controllers stop. " * (SHORT // 10), **known)
    for hours in range(8):
        say(orvanda, dossier, "event", what="detection", at=now - hours * HOUR)
        say(orvanda, dossier, "ask", "Do you see it?", to=[tolmere.me], verb="investigate")
        say(orvanda, dossier, "task", due=now + HOUR)
    ada = house.person("Orvanda", f"Head{language}", language=language)
    ada.go(f"/dossiers/{dossier}/head")
    printed = ada.page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
