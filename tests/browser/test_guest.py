"""Somebody without a node, on a telephone: reads a letter, acknowledges, answers, hands over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.browser.people import House, Person, follow, require_accessible
from tests.services.test_guests import open_incident, warn

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
PHONE = 360


def _letter(house: House, person: Person, *languages: str) -> str:
    """Warn, write a letter of the warning, and return the address in it."""
    node, page = house.node("Orvanda").node, person.page
    dossier = open_incident(node)
    warn(node, dossier, "Since 02:40 cranes with FC-40 stop.\nDo yours, too?")
    person.go(f"/dossiers/{dossier}")
    follow(page.locator(".timeline a[href$='/letter']").last)
    page.fill("#id_name", "Jane Fenn")
    page.fill("#id_mail", "jane@fennick.example")
    page.select_option("#id_first", languages[0])
    page.select_option("#id_second", languages[1])
    person.press("form button")
    assert page.locator("main section.side").count() == 2
    require_accessible(page)
    person.press("button[name=make]")
    require_accessible(page)
    found = re.search(r"http://[\d.:]+/guest/[\w=-]+", page.input_value("#text"))
    assert found is not None
    return found[0]


@dataclass
class Phone:
    """A telephone with a narrow screen, and what its browser asks for."""

    page: Page
    pictures: Path | None
    asked: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """Look at the page: nothing is cut off, nothing is out of anybody's reach."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE
        require_accessible(self.page)
        if self.pictures is not None:
            path = self.pictures / f"guest-{self.page.get_attribute('html', 'lang')}-{name}.png"
            self.page.screenshot(path=path, full_page=True)

    def press(self, way: str) -> None:
        """Press the button of a form."""
        follow(self.page.locator(f"section:has(#do-{way}) form button"))

    @property
    def recorded(self) -> int:
        return self.page.locator("#recorded .timeline > li").count()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_guest_answers_on_a_telephone(
    house: House, tmp_path: Path, pictures: Path | None, language: str
) -> None:
    ada = house.person("Orvanda", f"Ada{language}", scripts=True)
    address = _letter(house, ada, "en", "ar")
    context = house.browser.new_context(viewport={"width": PHONE, "height": 640}, locale=language)
    phone = Phone(context.new_page(), pictures)
    page = phone.page
    page.on("request", lambda request: phone.asked.append(request.url))
    page.goto(address)
    assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    assert "Do yours, too?" in (page.text_content("main") or "")
    assert len(phone.asked) <= 4
    phone.look("1-opened")
    page.check("input[name=acknowledge-as][value=read]")
    phone.press("acknowledge")
    assert phone.recorded == 1
    phone.look("2-acknowledged")
    phone.press("answer")
    assert page.locator(".errors").count() == 1
    phone.look("3-wrong")
    _answer(phone, tmp_path)
    phone.look("4-answered")
    assert context.cookies() == []
    context.close()
    _listed(ada, pictures)


def _answer(phone: Phone, folder: Path) -> None:
    log = folder / "cranes.log"
    log.write_text("02:40 stop")
    phone.page.fill("textarea[name=inform-text]", "Ours stand still as well.")
    phone.page.set_input_files("input[type=file]", log)
    phone.press("answer")
    assert phone.recorded == 2
    assert phone.page.locator("form").count() == 0


def _listed(person: Person, pictures: Path | None) -> None:
    """Look at the letter as it is printed, and at the list of the dossier's guests."""
    page = person.page
    if pictures is not None:
        language = page.get_attribute("html", "lang")
        page.screenshot(path=pictures / f"letter-{language}.png", full_page=True)
        page.emulate_media(media="print")
        page.screenshot(path=pictures / f"letter-{language}-printed.png", full_page=True)
        page.emulate_media(media="screen")
    follow(page.locator("a.back"))
    assert "jane@fennick.example" in (page.text_content("main") or "")
    assert page.locator("main td a").count() == 4
    require_accessible(page)


def test_a_guest_answers_without_scripts(house: House, tmp_path: Path) -> None:
    ada = house.person("Orvanda", "Plain", scripts=True)
    address = _letter(house, ada, "fr", "ar")
    phone = Phone(house.browser.new_page(java_script_enabled=False, locale="ar"), None)
    phone.page.goto(address)
    phone.page.check("input[name=acknowledge-as][value=acting]")
    phone.press("acknowledge")
    assert phone.recorded == 1
    _answer(phone, tmp_path)
    phone.page.close()


def test_files_over_the_limit_are_answered_with_words(house: House, tmp_path: Path) -> None:
    ada = house.person("Orvanda", "Big", scripts=True)
    address = _letter(house, ada, "en", "fr")
    phone = Phone(house.browser.new_page(java_script_enabled=False), None)
    big = tmp_path / "big.bin"
    for size, told in ((20 * 1024 * 1024, ".errors"), (90 * 1024 * 1024, "h1")):
        with big.open("wb") as file:
            file.truncate(size)
        phone.page.goto(address)
        phone.page.fill("textarea[name=inform-text]", "See the file.")
        phone.page.set_input_files("input[type=file]", big)
        phone.press("answer")
        assert "too large" in (phone.page.locator(told).first.text_content() or "")
    phone.page.close()
