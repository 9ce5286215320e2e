"""People in front of a browser, at the nodes of their parties."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, sync_playwright

from comity.services.people import persons

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.running import Running, Town

SERIOUS = {"serious", "critical"}
NAMES = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "three green boats sail at noon"


def installed() -> str | None:
    """Return the path of a browser: what COMITY_BROWSER names, or what is installed."""
    return os.environ.get("COMITY_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started() -> Iterator[Browser]:
    """Start the browser that is installed. Raises RuntimeError where there is none."""
    found = installed()
    if found is None:
        raise RuntimeError("no Chromium is installed; COMITY_BROWSER may name one")
    with sync_playwright() as playwright:
        # Run by root, as in a container, it starts without its own sandbox alone.
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


def require_accessible(page: Page) -> None:
    """Require that a page has no serious fault for people with disabilities, as axe finds them."""
    found = _looked_through(page)
    bad = [fault for fault in found["violations"] if fault["impact"] in SERIOUS]
    told = [(fault["id"], [node["html"] for node in fault["nodes"]][:3]) for fault in bad]
    assert not bad, (page.url, told)


def _looked_through(page: Page) -> dict[str, Any]:
    try:
        return dict(Axe().run(page).response)
    except Error as error:
        # The browser may forget what it was about to answer, and says so.
        if "garbage collected" not in str(error):
            raise
        return dict(Axe().run(page).response)


def follow(button: Locator) -> None:
    """Press what leads to another page, and wait for that page.

    A click alone comes back as soon as it leads on: on a slow machine the page is then still the
    one before, or half of the next.
    """
    with button.page.expect_navigation():
        button.click()


def take(button: Locator) -> bytes:
    """Press what gives a file, and return the file."""
    with button.page.expect_download() as began:
        button.click()
    return Path(began.value.path()).read_bytes()


@dataclass
class Person:
    """Somebody at a browser: ``page`` is what they look at, ``url`` the node's address."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page, and count what it asks for."""
        # What the page before still loads is not of this one.
        self.page.wait_for_load_state("networkidle")
        self.requests.clear()
        self.page.goto(self.url + path)

    def press(self, selector: str) -> None:
        """Press a button of the main part, or follow a link of it, and wait for the next page."""
        follow(self.page.locator(f"main {selector}").first)


@dataclass
class House:
    """The nodes of a test, and the browser their people use."""

    browser: Browser
    town: Town

    def node(self, name: str) -> Running:
        """Return a party's node."""
        return next(n for n in self.town.nodes if n.node.settings.name == name)

    def person(
        self,
        party: str,
        name: str,
        *codes: str,
        language: str = "en",
        scripts: bool = False,
        width: int = 1000,
    ) -> Person:
        """Let somebody in at a party's node, by a link, as a new colleague comes in."""
        running = self.node(party)
        context = self.browser.new_context(
            viewport={"width": width, "height": 800}, locale=language, java_script_enabled=scripts
        )
        page = context.new_page()
        person = Person(page, running.url)
        page.on("request", lambda request: person.requests.append(request.url))
        secret = persons.invite(running.node, None, codes=codes or persons.FIRST)
        person.go(f"/welcome/{secret}")
        page.fill("#id_name", name)
        page.fill("#id_email", f"{name.lower()}@{party.lower()}.example")
        page.fill("#id_password", PASSWORD)
        person.press("form button")
        assert page.url == f"{running.url}/"
        return person
