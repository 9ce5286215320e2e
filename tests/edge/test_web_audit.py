"""The auditor's page: who did what, led to what the auditor may see, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework import guests
from comity.services.people import audit
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_saying import press, write
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce
from tests.services.staff import hire
from tests.services.test_guests import JANE, warn


class House:
    """Orvanda, where much was done: the dossiers, the draft, the act and the link of it."""

    def __init__(self, nodes: Nodes, pages: Pages) -> None:
        self.pages, self.tolmere = pages, nodes.opened["tolmere"]
        node = pages.node
        self.strict = incident(node, self.tolmere, "Strict quay", TLP.AMBER_STRICT)
        self.cranes = incident(node, self.tolmere, "Cranes stop")
        ann, ada = pages.person("ann", "analyst"), pages.person("ada", "duty_officer")
        ada.get(f"/dossiers/{self.strict}")
        press(ann, write(ann, self.cranes, "Look for 192.0.2.7."), "prepare")
        ada.fill(
            ada.get(f"/dossiers/{self.cranes}/export"),
            {"party": self.tolmere.me},
        )
        self.guest, _ = guests.make(node, hire(node, "Gil", "duty_officer"), self.told(), JANE)

    def told(self) -> Id:
        return warn(self.pages.node, self.cranes)

    def draft(self, ada: Visitor) -> str:
        (link,) = (link for link in ada.get("/").read.links if link.endswith("/check"))
        return link


@pytest.fixture
def house(nodes: Nodes) -> Iterator[House]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as pages:
        yield House(nodes, pages)


def about(page: str) -> list[str]:
    """Return the cells that say what the entries are about, the newest first."""
    rows = page[page.index("<tbody>") : page.index("</tbody>")].split("<tr>")[1:]
    return [row.rsplit("<td>", 1)[1].removesuffix("</td></tr>\n") for row in rows]


def test_an_auditor_is_told_of_what_was_said_by_its_first_digits_alone(house: House) -> None:
    aud = house.pages.person("aud", "auditor")
    page = aud.get("/audit").text
    assert f"<bdi>{house.strict[:8]}</bdi></td>" in page
    for hidden in ("Strict quay", "Cranes stop", house.strict, house.cranes, house.strict[:9]):
        assert hidden not in page
    assert "/drafts/" not in page
    assert "/guests/" not in page
    assert f'<a href="/parties/{house.tolmere.me}"><bdi>tolmere</bdi></a>' in page
    assert f"<bdi>{house.guest.handle}</bdi>" in page
    assert "<bdi>aud@orvanda.example</bdi>" in page


def test_who_sees_dossiers_beside_is_led_to_them_by_their_titles(house: House) -> None:
    both = house.pages.person("both", "auditor", "duty_officer")
    page = both.get("/audit").text
    assert f'<a href="/dossiers/{house.strict}"><bdi>Strict quay</bdi></a>' in page
    check = house.draft(both)
    assert f'<a href="{check}"><bdi>Cranes stop</bdi></a>' in page
    link = f"/dossiers/{house.cranes}/guests/{house.guest.id}"
    assert f'<a href="{link}"><bdi>{house.guest.handle}</bdi></a>' in page
    for each in (f"/dossiers/{house.strict}", check, link):
        assert both.get(each).status == 200
    press(both, both.get(check), "approve")
    said = about(both.get("/audit").text)[0]
    assert said.startswith(f'<a href="/dossiers/{house.cranes}#a-')
    assert "Cranes stop" in said


def test_what_is_stricter_than_the_auditor_reads_is_not_named(house: House) -> None:
    low = house.pages.person("leo", "auditor", "legal_officer")
    page = low.get("/audit").text
    assert "Strict quay" not in page
    assert house.strict not in page


def test_the_audit_is_read_page_by_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    aud = house.pages.person("aud", "auditor")
    whole = about(aud.get("/audit").text)
    assert "?before=" not in aud.get("/audit").text
    monkeypatch.setattr(audit, "AT_ONCE", 4)
    found, path = [], "/audit"
    for _ in range(-(-len(whole) // 4)):
        page = aud.get(path)
        found += about(page.text)
        path = next(("/audit" + each for each in page.read.links if "?before=" in each), "")
    assert found == whole
