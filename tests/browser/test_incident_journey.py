"""An incident, walked from its opening to its end by people of two parties in two languages.

Dita of Orvanda reads French, Basim of Tolmere Arabic, from right to left; both are duty officers,
who sign alone. Their nodes are served and send nothing by themselves: what was said goes to the
other when the test says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from comity.store.access import acts
from tests.browser.sides import Side, deliver, two_sides

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
OPENED = {"title": "Les grues du port s’arrêtent", "text": "Depuis 02:40, aucune FC-40 ne répond."}
WARNING = "Cherchez 192.0.2.7 dans vos journaux."
ASKED = "Bloquez 192.0.2.7, s’il vous plaît."
WILL = "سنحجبه الليلة."
HELP = "حجبناه في الساعة السادسة."
OVER = "Les grues marchent de nouveau."


def ahead(hours: int) -> str:
    """Return a time so many hours ahead, as a field of a page takes it."""
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def sides(browser: Browser, tmp_path: Path, pictures: Path | None) -> Iterator[list[Side]]:
    """The duty officers of Orvanda and of Tolmere; the two parties know each other."""
    with two_sides(browser, tmp_path, "duty_officer", pictures) as found:
        yield found


def test_two_people_open_warn_help_and_close_an_incident_in_two_languages(
    sides: list[Side],
) -> None:
    dita, basim = sides
    for side, direction in ((dita, "ltr"), (basim, "rtl")):
        html = side.writes.page.locator("html")
        assert (html.get_attribute("lang"), html.get_attribute("dir")) == (side.code, direction)
    _open(dita, basim)
    warning = _warn(dita, basim)
    deliver(sides)
    _take_notice(basim, warning)
    deliver(sides)
    assert waiting(dita) == []
    asked = newest(dita, "ask")
    _promise(basim, asked)
    deliver(sides)
    dita.open()
    dita.require_heads("we will")
    dita.require_as_written("ar", WILL)
    _help(basim, asked)
    deliver(sides)
    _end(dita, asked)
    deliver(sides)
    _see_the_end(basim)
    deliver(sides)
    for side in sides:
        side.open()
        side.require_heads("acting on it", "we will", "it helped", "resolved", "understood")
        assert side.status == side.word("Closed")
        assert waiting(side) == []
        side.look("closed")
    assert len({state(side) for side in sides}) == 1


def _open(dita: Side, basim: Side) -> None:
    """Open the incident, beginning where a new one is opened."""
    page = dita.writes.page
    page.goto(f"{dita.running.url}/open")
    dita.writes.press("a[href='/open/response/incident']")
    page.check("input[name=_members]")
    dita.fill(OPENED, {"_tlp": "amber"})
    dita.send("open")
    basim.dossier = dita.dossier = urlsplit(page.url).path.split("/")[2]


def _warn(dita: Side, basim: Side) -> str:
    """Warn, wanting a word back, and ask for help; return the warning's id."""
    dita.open()
    dita.writes.press("a[href$='/say/inform']")
    dita.writes.page.check("#id_ack_wanted")
    dita.fill({"text": WARNING}, {})
    dita.send("warn")
    warning = newest(dita, "inform")
    asked = {"to": basim.running.node.me, "verb": "block-host"}
    dita.say("/say/ask", {"text": ASKED, "due": ahead(20)}, asked, look="ask")
    return warning


def _take_notice(basim: Side, warning: str) -> None:
    """Read the warning as it was written, and acknowledge it; beginning at Work."""
    assert sorted(waiting(basim)) == ["acknowledge", "answer"]
    basim.look("work")
    basim.open()
    basim.require_as_written("fr", WARNING, ASKED)
    basim.look("warned")
    basim.take_up("acknowledge")
    assert basim.writes.page.locator(f"input[name=refs][value='{warning}']").is_checked()
    basim.fill({}, {"as": "acting"})
    basim.send("acknowledge")


def _promise(basim: Side, asked: str) -> None:
    """Say that the help will be given, and when; beginning at Work."""
    basim.take_up("answer")
    assert basim.writes.page.locator(f"input[name=refs][value='{asked}']").is_checked()
    basim.fill({"text": WILL, "when": ahead(10)}, {"result": "will"})
    basim.send("answer")


def _help(basim: Side, asked: str) -> None:
    """Give the help that was promised; beginning at Work, where it is owed."""
    basim.take_up("deliver")
    assert basim.writes.page.locator(f"input[name=refs][value='{asked}']").is_checked()
    basim.fill({"text": HELP}, {})
    basim.send("deliver")
    assert waiting(basim) == []


def _end(dita: Side, asked: str) -> None:
    """Say what came of the help, and close the incident."""
    dita.open()
    dita.require_as_written("ar", HELP)
    dita.look("helped")
    dita.say(f"/say/result?refs={asked}", {}, {"result": "helped"}, look="result")
    dita.open()
    dita.writes.press("a[href*='/say/close']")
    dita.fill({"text": OVER}, {"outcome": "resolved"})
    dita.send("close")


def _see_the_end(basim: Side) -> None:
    """Acknowledge the closing, as it was written."""
    basim.open()
    basim.require_as_written("fr", OVER)
    end = newest(basim, "close")
    basim.say(f"/say/acknowledge?refs={end}", {}, {"as": "understood"})


def waiting(side: Side) -> list[str]:
    """Return what the page Work says is to be done in the dossier, by kind."""
    side.writes.page.goto(f"{side.running.url}/")
    links = side.writes.page.locator(f".tasks a[href*='{side.dossier}/say/']").all()
    return [urlsplit(link.get_attribute("href") or "").path.rpartition("/")[2] for link in links]


def newest(side: Side, kind: str) -> str:
    """Return the id of the newest message of a kind that this side's node holds."""
    held = acts.acts_of(side.running.node.db, side.dossier)
    return [act.id for act in held if act.kind == kind][-1]


def state(side: Side) -> str:
    """Return the digest of the state that this side's node computes."""
    row = acts.dossier(side.running.node.db, side.dossier)
    assert row is not None
    return row.digest
