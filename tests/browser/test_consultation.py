"""A consultation, walked by people of two parties in two browsers and two languages.

Dita of Orvanda reads French, Basim of Tolmere Arabic, from right to left. Both are diplomats, and
by the mandates that are shipped a second person releases what they say. Their nodes are served and
send nothing by themselves: what was said goes to the other when the test says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comity.store.access import acts
from tests.browser.people import follow
from tests.browser.sides import Side, deliver, two_sides

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
CHECKED = {
    "title": "Balayages des réseaux du port",
    "seen": "Quatre cents adresses balayées depuis 02:40Z.",
    "unknown": "Qui les envoie.",
    "explanations": "Une étude, un appareil détourné, une adresse erronée.",
    "harm": "Aucun à ce jour.",
    "confidence": "Nous ne pouvons pas le dire.",
    "question": "Une activité annoncée de votre part l’explique-t-elle ?",
}
SECOND = "Connaissez-vous l’hôte 192.0.2.7 ?"
MEASURES = "أوقفنا المسح في الساعة السادسة."
DELAY = "ننتظر سجلات الجامعة."
LATER = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def sides(browser: Browser, tmp_path: Path, pictures: Path | None) -> Iterator[list[Side]]:
    """The diplomats of Orvanda and of Tolmere; the two parties know each other."""
    with two_sides(browser, tmp_path, "diplomat", pictures) as found:
        yield found


def test_two_people_ask_and_answer_in_two_languages_until_it_is_clarified(
    sides: list[Side],
) -> None:
    dita, basim = sides
    second = _ask(dita, basim)
    deliver(sides)
    _reply(basim, second)
    deliver(sides)
    dita.open()
    dita.require_heads("yes", "passed on to those who can answer", "we are still looking into it")
    dita.require_as_written("ar", MEASURES, DELAY)
    dita.look("replied")
    basim.say(f"/say/answer?refs={second}", {}, {"result": "not_known"})
    _meet(sides)
    for side in sides:
        side.say("/say/close", {}, {"outcome": "clarified"}, look="close")
        deliver(sides)
    for side in sides:
        side.open()
        side.require_heads("yes", "not known", "by video", "accepted", "clarified")
        assert side.status == side.word("Clarified")
        side.look("clarified")


def _ask(dita: Side, basim: Side) -> str:
    """Check oneself, open a consultation, and ask a second question; return that question's id."""
    dita.writes.page.goto(f"{dita.running.url}/open/trust/consultation")
    dita.writes.page.check("input[name=_members]")
    dita.fill(CHECKED, {"urgency": "urgent", "lanes": "diplomatic technical"})
    dita.send("open")
    basim.dossier = dita.dossier
    dita.say("/say/ask", {"question": SECOND}, {})
    return [*acts.acts_of(dita.running.node.db, dita.dossier)][-1].id


def _reply(basim: Side, second: str) -> None:
    """Take notice, answer one question, and take more time for the other; beginning at Work."""
    page = basim.writes.page
    page.goto(f"{basim.running.url}/")
    basim.look("work")
    assert page.locator(".tasks a[href*='/say/answer?']").count() == 2
    follow(page.locator(".tasks a[href*='/say/acknowledge?']"))
    basim.fill({}, {"as": "passed_on"})
    basim.send("acknowledge")
    basim.open()
    basim.require_as_written("fr", CHECKED["unknown"], SECOND)
    basim.look("asked")
    answer = f"/say/answer?refs={basim.dossier}"
    basim.say(answer, {"measures": MEASURES}, {"result": "yes"}, look="answer")
    more = f"/say/more_time?refs={second}"
    basim.say(more, {"hours": "24", "text": DELAY}, {"reason": "looking"}, look="more-time")


def _meet(sides: list[Side]) -> None:
    """Propose a meeting, and accept it; beginning at Work."""
    dita, basim = sides
    basim.say("/say/propose_meeting", {"at": LATER}, {"form": "video"}, look="propose")
    deliver(sides)
    dita.take_up("answer_meeting")
    dita.fill({}, {"word": "accepted"})
    dita.send("accept")
    deliver(sides)
