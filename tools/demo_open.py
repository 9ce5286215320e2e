"""What stands open at the end of the demonstration: a younger incident, played at the pages.

It is there for who signs in afterwards: at every party something is to be acknowledged, answered by
a time, or approved as a second person.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.demo import Demo, Stage
    from tools.demo_people import Browser, Person

DRAFTED = (
    "Our controllers of that series have been apart from other networks since the cranes stopped.",
    "Pumps 1 to 3 run by hand. Nobody is hurt, and nothing leaks.",
    "Four more ports of the region run the FC-40. We ask to be allowed to tell them.",
    "Release 4.2 of the FC-40 takes no such frame. It goes to customers tonight.",
)
"""What the analyst of each party hands to a second person, in the order of the parties."""


def play(demo: Demo, people: Mapping[str, Mapping[str, Person]]) -> None:
    """Leave something to do for the people of every party; each by party's name, then by role."""
    from tools.demo import Failed, until  # noqa: PLC0415  the files are one program

    orvanda, tolmere, council, fennick = demo.stages
    duty = {name: found["duty_officer"].browser for name, found in people.items()}
    others = (orvanda, council, fennick)
    dossier = opened(duty[tolmere.name], others)
    say(
        duty[tolmere.name], dossier, "inform", ack_wanted="on",
        text="The frames came from a maintenance laptop. It is off the network.",
    )  # fmt: skip
    say(
        duty[tolmere.name], dossier, "ask", to=fennick.party, verb="other", due=ahead(6),
        text="Please say which release of the FC-40 takes no such frame.",
    )  # fmt: skip
    until("Orvanda holds the younger incident", holds(duty[orvanda.name], dossier, "laptop"))
    say(
        duty[orvanda.name], dossier, "ask", to=tolmere.party, verb="investigate", due=ahead(20),
        text="Please find out whether that laptop was in our port in April.",
    )  # fmt: skip
    until("Tolmere is asked", holds(duty[tolmere.name], dossier, "in April"))
    for stage, text in zip(demo.stages, DRAFTED, strict=True):
        analyst = people[stage.name]["analyst"].browser
        until(f"{stage.name} holds it", holds(analyst, dossier, "laptop"))
        say(analyst, dossier, "inform", do="prepare", text=text)
    for name, found in people.items():
        idle = [role for role in ("duty_officer", "analyst", "head") if not found[role].waits()]
        if idle:
            raise Failed(f"At {name} nothing waits for {', '.join(idle)}.")


def opened(browser: Browser, others: tuple[Stage, ...]) -> str:
    """Open the younger incident at a page, with other parties; return the dossier."""
    where = signed(
        browser,
        "/open/response/incident",
        {
            "_tlp": "amber",
            "_members": [stage.party for stage in others],
            "_footing": "technical",
            "_growth": "closed",
            "title": "Pumps of a fuel terminal in Tolmere stop by themselves",
            "text": "At 04:15 three pumps stopped. Their controllers are of the FC-40 series.",
            "rsit": "availability",
        },
    )
    return where.rpartition("/")[2]


def say(browser: Browser, dossier: str, kind: str, do: str = "sign", **fields: str) -> None:
    """Say something in the dossier at a page, and sign it, or hand it to a second person."""
    signed(browser, f"/dossiers/{dossier}/say/{kind}", {"_tlp": "amber", **fields}, do)


def signed(
    browser: Browser, page: str, fields: Mapping[str, str | list[str]], do: str = "sign"
) -> str:
    """Fill in a page, look at what it will be, and sign it or hand it on; return where it leads."""
    from tools.demo import Failed  # noqa: PLC0415

    check, form = browser.send(page, {**fields, "check": "1"})
    where, _ = browser.send(check, {"do": do}) if check else ("", "")
    if not where:
        told = re.findall(r'<p class="error"[^>]*>([^<]*)', form)
        raise Failed(f"{page} was not taken: {' '.join(told)}")
    return where


def holds(browser: Browser, dossier: str, words: str) -> Callable[[], bool]:
    """Return a question: whether the dossier's page says these words."""
    return lambda: words in browser.get(f"/dossiers/{dossier}")


def ahead(hours: int) -> str:
    """Return a time so many hours ahead, in UTC, as a field of a page takes it."""
    return time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + hours * 3600))
