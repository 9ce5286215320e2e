"""Somebody without a node reports a vulnerability, on a telephone or without scripts, and is
answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.browser.people import House, follow, require_accessible
from tests.running import Town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
PHONE = 360


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A party that takes reports, its node running."""
    with Town(tmp_path_factory.mktemp("town")) as town:
        harbour = "We thank whoever reports in good faith.\nWe answer within five days."
        town.make("Orvanda", second_factor=False, intake=True, safe_harbour=harbour)
        yield House(browser, town)


WORDS = "Words of 300 bytes stop it."
ANSWER = "Thank you; it is mended in 1.1."
SEND = "form:has(input[name=ticket]) button"


@dataclass
class Finder:
    """Somebody with a narrow screen; where there are no ``scripts``, nothing can be looked over."""

    page: Page
    pictures: Path | None
    scripts: bool
    asked: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """Look at the page: nothing is cut off, nothing is out of anybody's reach."""
        if not self.scripts:
            return
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE
        require_accessible(self.page)
        if self.pictures is not None:
            language = self.page.get_attribute("html", "lang")
            self.page.screenshot(
                path=self.pictures / f"finder-{language}-{name}.png", full_page=True
            )

    def report(self, url: str, subject: str, file: Path) -> str:
        """Report something, after a try with nothing in it, and return the address told."""
        page = self.page
        page.goto(f"{url}/report")
        assert "We answer within five days." in (page.text_content("main") or "")
        assert len(self.asked) <= 4
        self.look("1-asked")
        follow(page.locator(SEND))
        assert page.locator("form .error").count() == 2
        self.look("2-wrong")
        page.fill("#id_affected", subject)
        page.fill("#id_description", WORDS)
        page.check("input[name=public][value=no]")
        page.fill("#id_planned", "2027-03-01T08:00")
        page.set_input_files("#id__files", file)
        follow(page.locator(SEND))
        self.look("3-kept")
        return page.locator("main .panel a").get_attribute("href") or ""


def _answer(house: House, name: str, subject: str) -> None:
    """Let a colleague find the report and answer it."""
    ada = house.person("Orvanda", name, scripts=True)
    ada.go("/")
    ada.press(f"a:has-text('{subject}')")
    require_accessible(ada.page)
    assert WORDS in (ada.page.text_content("main") or "")
    ada.page.fill("#id_answer-text", ANSWER)
    ada.press("button[value=answer]")
    assert ANSWER in (ada.page.text_content("#said ~ ol") or "")


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_a_finder_reports_and_is_answered(
    house: House, tmp_path: Path, pictures: Path | None, language: str
) -> None:
    scripts = language != "fr"
    context = house.browser.new_context(
        viewport={"width": PHONE, "height": 640}, locale=language, java_script_enabled=scripts
    )
    finder = Finder(context.new_page(), pictures, scripts)
    page = finder.page
    page.on("request", lambda request: finder.asked.append(request.url))
    file, subject = tmp_path / "poc.py", f"Pump of Fennick ({language})"
    file.write_bytes(b"print(1)")
    address = finder.report(house.node("Orvanda").url, subject, file)
    assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    _answer(house, f"Ada{language}", subject)
    page.goto(address)
    assert ANSWER in (page.text_content("#said") or "")
    finder.look("4-answered")
    page.fill("#id_text", "So it is.")
    follow(page.locator("section:has(#more) button"))
    assert "So it is." in (page.text_content("#said") or "")
    assert context.cookies() == []
    context.close()
