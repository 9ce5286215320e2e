"""One party in a conversation of several: somebody who writes at a browser, and who releases it."""

from __future__ import annotations

import gettext
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import comity
from comity.services.casework import signing
from comity.services.delivery import work
from tests.browser.people import House, Person, follow, require_accessible
from tests.running import Town, acquaint
from tests.services.staff import hire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser

    from comity.services.people.actors import Actor
    from tests.running import Running

PEOPLE = {"Orvanda": ("fr", "Dita", "Elin"), "Tolmere": ("ar", "Basim", "Hala")}
"""By party: its language, who writes, and a colleague who releases."""
WIDE, NARROW = 1000, 320
CATALOGUES = Path(comity.__file__).parent / "locale"


@dataclass
class Side:
    """One party: ``writes`` reads the pages of its node in the language ``code``; ``releases`` is a
    colleague, who approves by another way than pages.

    ``dossier`` is the one they are in, by id; ``pictures`` is where pages that are looked at go.
    """

    running: Running
    writes: Person
    releases: Actor
    code: str
    pictures: Path | None = None
    dossier: str = ""
    _seen: set[str] = field(default_factory=set)

    def word(self, english: str) -> str:
        """Return what the pages call something in the language of this side."""
        found = gettext.translation("django", CATALOGUES, [self.code]).gettext(english)
        assert found != english
        return found

    def open(self, path: str = "") -> None:
        """Open the dossier, or a page of it."""
        self.writes.page.goto(f"{self.running.url}/dossiers/{self.dossier}{path}")

    def look(self, name: str) -> None:
        """Look at the page: nothing is cut off on a narrow screen, or out of anybody's reach.

        Each kind of page is looked through once, for that takes most of the time.
        """
        page = self.writes.page
        self._keep(name)
        page.set_viewport_size({"width": NARROW, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, page.url
        self._keep(f"{name}-narrow")
        page.set_viewport_size({"width": WIDE, "height": 800})
        kind = re.sub(r"[0-9a-f]{32,64}|(?<=/say/)\w+", "*", urlsplit(page.url).path)
        if kind not in self._seen:
            self._seen.add(kind)
            require_accessible(page)

    def _keep(self, name: str) -> None:
        if self.pictures is not None:
            path = self.pictures / f"{self.code}-{name}.png"
            self.writes.page.screenshot(path=path, full_page=True)

    def fill(self, texts: Mapping[str, str], chosen: Mapping[str, str]) -> None:
        """Fill in a form: ``texts`` are typed and ``chosen`` is ticked, by the names of fields; of
        a long list one is chosen.
        """
        page = self.writes.page
        for name, text in texts.items():
            page.fill(f"#id_{name}", text)
        for name, values in chosen.items():
            listed = page.locator(f"select[name={name}]")
            if listed.count():
                listed.select_option(values)
                continue
            for value in values.split():
                page.check(f"input[name={name}][value='{value}']")

    def say(
        self, path: str, texts: Mapping[str, str], chosen: Mapping[str, str], look: str = ""
    ) -> None:
        """Write a message in the dossier, and send it."""
        self.open(path)
        self.fill(texts, chosen)
        self.send(look)

    def send(self, look: str = "") -> None:
        """Send what the form holds, by a second person's word where the mandate asks for it."""
        page = self.writes.page
        if look:
            self.look(look)
        self.writes.press("button[name=check]")
        assert page.locator(".errors").count() == 0, page.text_content(".errors")
        if look:
            self.look(f"{look}-check")
        if page.locator("button[value=sign]").count():
            self.writes.press("button[value=sign]")
            return
        draft = urlsplit(page.url).path.split("/")[2]
        self.writes.press("button[value=prepare]")
        page.locator("[role=status]").wait_for()
        self.dossier = signing.approve(self.running.node, self.releases, draft)

    def take_up(self, kind: str) -> None:
        """Begin what the page Work says this side owes, and how it is done."""
        self.writes.page.goto(f"{self.running.url}/")
        follow(self.writes.page.locator(f".tasks a[href*='/say/{kind}?']"))

    def require_as_written(self, language: str, *words: str) -> None:
        """Require that words of the other party stand there as written, in its language."""
        for each in words:
            found = self.writes.page.locator(f".words[lang={language}]", has_text=each).first
            assert (found.text_content() or "").strip() == each
            assert found.get_attribute("dir") == "auto"

    def require_heads(self, *english: str) -> None:
        """Require that codes stand above the messages, in the language of this side alone."""
        heads = "\n".join(self.writes.page.locator(".timeline h3").all_text_contents())
        for each in english:
            assert self.word(each) in heads, (each, heads)
            assert each not in heads, (each, heads)

    @property
    def status(self) -> str:
        """How the dossier stands, as its page says."""
        return self.writes.page.locator("aside dd").first.text_content() or ""


@contextmanager
def two_sides(
    browser: Browser, folder: Path, mandate: str, pictures: Path | None = None
) -> Iterator[list[Side]]:
    """Serve the nodes of two parties that know each other, with people of ``mandate`` before them.

    What is said goes to the other node by ``deliver`` alone.
    """
    with Town(folder) as town:
        for party in PEOPLE:
            running = town.make(party, start=False, second_factor=False)
            running.command = "serve"
            running.start()
        acquaint(*town.nodes)
        house = House(browser, town)
        yield [_side(house, party, mandate, pictures) for party in PEOPLE]


def _side(house: House, party: str, mandate: str, pictures: Path | None) -> Side:
    code, writes, releases = PEOPLE[party]
    running = house.node(party)
    person = house.person(party, writes, mandate, language=code, scripts=True)
    return Side(running, person, hire(running.node, releases, "head"), code, pictures)


def deliver(sides: list[Side]) -> None:
    """Bring what was said to the other nodes, and their receipts back."""
    while any(work.work_once(side.running.node) for side in sides):
        pass
