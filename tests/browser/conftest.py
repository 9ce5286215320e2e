"""A real browser: Debian's Chromium, or what COMITY_BROWSER names; without one the tests skip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import House
from tests.running import Town

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser, started once."""
    found = os.environ.get("COMITY_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is installed; COMITY_BROWSER may name one")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # The library runs a loop of its own in this thread, and Django would take it for its own.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        # Run by root, as in a container, it starts without its own sandbox alone.
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two parties that do not know each other yet, their nodes running."""
    with Town(tmp_path_factory.mktemp("town")) as town:
        for name in ("Orvanda", "Tolmere"):
            town.make(name, second_factor=False)
        yield House(browser, town)


@pytest.fixture(scope="session")
def pictures() -> Path | None:
    """Where pictures of the pages are put, if COMITY_PICTURES names a folder."""
    folder = os.environ.get("COMITY_PICTURES")
    return Path(folder) if folder else None
