"""A real browser: Debian's Chromium, or what COMITY_BROWSER names; without one the tests skip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.people import House, installed, started
from tests.running import Town


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser, started once."""
    if installed() is None:
        pytest.skip("no Chromium is installed; COMITY_BROWSER may name one")
    with pytest.MonkeyPatch.context() as patch, started() as opened:
        # The library runs a loop of its own in this thread, and Django would take it for its own.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield opened


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
