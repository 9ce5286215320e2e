"""People walk through the pages of real nodes, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comity.kernel.canon import Object
from comity.kernel.ids import fingerprint
from comity.services.casework import issue
from comity.services.casework.issue import Draft
from tests.browser.people import House, Person, require_accessible
from tests.edge.test_web_dossiers import incident
from tests.nodes import introduce
from tests.running import until

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
LANGUAGES = ["ar", "en", "es", "fr", "ru", "zh-hans"]
MAIN = [
    "/",
    "/start",
    "/dossiers",
    "/open/response/incident",
    "/open/trust/planned",
    "/explain?address=192.0.2.7",
    "/parties",
    "/node",
    "/people",
    "/notices",
]


@pytest.mark.parametrize(
    ("language", "scripts"), [("en", False), ("en", True), ("ar", False), ("ar", True)]
)
def test_led_by_start_here_a_warning_is_sent_and_acknowledged(
    browser: Browser, tmp_path: Path, language: str, *, scripts: bool
) -> None:
    from tests.running import Town

    with Town(tmp_path) as town:
        for name in ("Orvanda", "Tolmere"):
            town.make(name, second_factor=False)
        house = House(browser, town)
        ada = house.person("Orvanda", "Ada", language=language, scripts=scripts)
        bo = house.person("Tolmere", "Bo", language=language, scripts=scripts)
        assert ada.page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
        _meet(house, ada, "Tolmere")
        _meet(house, bo, "Orvanda")
        _warn(ada)
        _acknowledge(bo)
        until(lambda: _is_acknowledged(ada), "the acknowledgement")


def _meet(house: House, person: Person, other: str) -> None:
    """Get to know another party and compare its fingerprint, beginning at Start here."""
    person.press("a[href='/start']")
    person.press("a[href='/parties/introduce']")
    person.page.fill("#id_address", house.node(other).url)
    person.press("form button")
    person.page.fill("#id_told", fingerprint(house.node(other).node.me))
    person.press("form button")
    assert person.page.locator("main .tag.good").count() == 1
    person.go("/")


def _warn(person: Person) -> None:
    person.press("a[href='/start']")
    person.press("a[href='/open']")
    person.press("a[href='/open/response/incident']")
    page = person.page
    page.check("input[name=_members]")
    page.check("input[name=_tlp][value=amber]")
    page.fill("#id_title", "Cranes stop")
    page.fill("#id_text", "Since 02:40. Who knows FC-40?")
    person.press("button[name=check]")
    assert page.locator("main .readers bdi, main li bdi").first.text_content() == "Tolmere"
    person.press("button[value=sign]")
    person.press("a[href$='/say/inform']")
    page.fill("#id_text", "Look for 192.0.2.7 in your logs.")
    page.check("#id_ack_wanted")
    person.press("button[name=check]")
    person.press("button[value=sign]")


def _acknowledge(person: Person) -> None:
    def arrived() -> bool:
        person.go("/")
        return person.page.locator("main .tasks a").count() > 0

    until(arrived, "the warning")
    person.press(".tasks a")
    page = person.page
    assert page.locator("input[name=refs]").first.is_checked()
    page.locator("input[name=as]").first.check()
    person.press("button[name=check]")
    person.press("button[value=sign]")


def _is_acknowledged(person: Person) -> bool:
    person.go("/start")
    return person.page.locator("main .tag.good").count() >= 4


def test_no_page_has_a_serious_fault_for_people_with_disabilities(house: House) -> None:
    ada = house.person("Orvanda", "Ada", scripts=True)
    own = ["/account", "/account/tokens", "/about"]
    for path in [*MAIN, *own, "/mandates", "/mandates/head", "/people/invite"]:
        ada.go(path)
        require_accessible(ada.page)


@pytest.fixture(scope="module")
def cranes(house: House) -> str:
    """The address of an incident of Orvanda and Tolmere, with prose and something owed in it."""
    orvanda, tolmere = house.node("Orvanda").node, house.node("Tolmere").node
    introduce(orvanda, tolmere)
    text = "# What we saw\n\n- FC-40\n\n[the note](https://wicklight.example/4)"
    dossier = incident(orvanda, tolmere, "Cranes stop", text=text)
    body: Object = {"to": [tolmere.me], "verb": "investigate", "due": orvanda.now() + 3_600_000}
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("ask", body))
    return f"/dossiers/{dossier}"


ABOUT_IT = ["", "/print", "/picture", "/export", "/say/inform", "/say/leave", "/say/erase"]


def test_no_page_of_a_dossier_has_a_serious_fault(house: House, cranes: str) -> None:
    ada = house.person("Orvanda", "Eva", scripts=True)
    for path in [*(cranes + each for each in ABOUT_IT), "/due"]:
        ada.go(path)
        require_accessible(ada.page)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_of_a_dossier_is_cut_off_on_a_narrow_screen(
    house: House, cranes: str, language: str, pictures: Path | None
) -> None:
    person = house.person("Orvanda", f"Nad{language}", language=language, width=320)
    for path in [*(cranes + each for each in ABOUT_IT), "/due"]:
        person.go(path)
        wide = person.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, path
        if pictures is not None:
            name = (
                f"{language}-narrow{path.removeprefix(cranes).replace('/', '-') or '-dossier'}.png"
            )
            person.page.screenshot(path=pictures / name, full_page=True)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_is_cut_off_on_a_narrow_screen(house: House, language: str) -> None:
    person = house.person("Orvanda", f"Nar{language}", language=language, width=320)
    for path in MAIN:
        person.go(path)
        wide = person.page.locator("html").bounding_box()
        assert wide is not None
        inside = person.page.locator("main").bounding_box()
        assert inside is not None
        assert inside["width"] <= 320, path
        assert wide["width"] <= 320, path


def test_a_page_takes_few_requests_and_only_from_its_node(house: House) -> None:
    person = house.person("Orvanda", "Few", scripts=True)
    for path in MAIN:
        person.go(path)
        assert len(person.requests) <= 4, (path, person.requests)
        assert all(url.startswith(person.url) for url in person.requests)


def test_the_keyboard_alone_reaches_and_presses_everything(house: House) -> None:
    person = house.person("Orvanda", "Key", scripts=True)
    person.go("/start")
    page = person.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "/parties/introduce":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/parties/introduce")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_pages_in_every_language(
    house: House, language: str, pictures: Path | None
) -> None:
    person = house.person("Tolmere", f"Pic{language.replace('-', '')}", language=language)
    for path in MAIN:
        person.go(path)
        assert person.page.get_attribute("html", "lang") == language
        if pictures is not None:
            name = f"{language}{path.replace('/', '-').rstrip('-')}.png"
            person.page.screenshot(path=pictures / name, full_page=True)
