"""A dossier that is open in a browser shows what others say, without being loaded anew."""

from __future__ import annotations

import pytest

from comity.store.access import acts
from tests.browser.people import House, Person
from tests.edge.test_web_dossiers import incident
from tests.nodes import introduce
from tests.running import until

pytestmark = pytest.mark.slow
SAID = "Look for 192.0.2.7 in your logs."


@pytest.fixture(scope="module")
def cranes(house: House) -> str:
    """The address of an incident of Orvanda and Tolmere that both hold."""
    orvanda, tolmere = house.node("Orvanda").node, house.node("Tolmere").node
    introduce(orvanda, tolmere)
    dossier = incident(orvanda, tolmere, "Cranes stop")
    until(lambda: acts.dossier(tolmere.db, dossier) is not None, "the incident")
    return f"/dossiers/{dossier}"


def tell(person: Person, dossier: str, text: str) -> None:
    """Inform all members at the page."""
    person.go(f"{dossier}/say/inform")
    person.page.fill("#id_text", text)
    person.press("button[name=check]")
    person.press("button[value=sign]")


def test_what_another_says_appears_on_the_open_page(house: House, cranes: str) -> None:
    ada = house.person("Orvanda", "Ada", scripts=True)
    ada.go(cranes)
    ada.page.evaluate("window.stays = true")
    ada.page.locator("#file li details summary").first.click()
    tell(house.person("Tolmere", "Bo"), cranes, SAID)
    ada.page.wait_for_selector(f"#file >> text={SAID}")
    assert ada.page.evaluate("window.stays")
    assert ada.page.locator("#news").text_content() == "Something new was said."
    assert ada.page.locator("#file li details[open]").count() == 1


def test_nothing_moves_while_somebody_is_at_a_button(house: House, cranes: str) -> None:
    eva = house.person("Orvanda", "Eva", scripts=True)
    eva.go(cranes)
    before = eva.page.locator("#file").get_attribute("data-n")
    eva.page.locator("#file button").first.focus()
    with eva.page.expect_response(lambda got: "/news?" in got.url and got.status == 200):
        tell(house.person("Tolmere", "Dan"), cranes, "And for 192.0.2.8.")
    assert eva.page.locator("#file").get_attribute("data-n") == before
    eva.page.locator("#file button").first.blur()
    eva.page.wait_for_selector("#file >> text=And for 192.0.2.8.")
