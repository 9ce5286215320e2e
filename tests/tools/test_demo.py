"""The story of the demonstration is played to its end, by its own scenes and in one process.

Commands, nodes and what they check are the real ones; there is no server and no waiting: who waits
lets the nodes send and fetch. The one scene left out reports at pages, as ``tests/edge`` does.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.services.ports import Reply, Unreachable
from tests.edge.desk import Desk, Ticking, leave
from tools import demo, demo_flaw, demo_middleman, demo_story
from tools.demo import Demo, Failed, Stage

pytestmark = [pytest.mark.slow, pytest.mark.sqlite("the demonstration is played on SQLite")]
ROUNDS = 20
"""How often the nodes send and fetch before something counts as not happening."""


@dataclass
class Hall(Desk):
    """A desk of which some nodes are away for a while."""

    away: set[str] = field(default_factory=set)

    def send(self, url: str, body: bytes, *, limit: int) -> Reply:
        if self.hosts[url.removeprefix("http://").partition("/")[0]] in self.away:
            raise Unreachable("Nobody answers there.")
        return super().send(url, body, limit=limit)


@dataclass
class Seat(Stage):
    """A party on the stage whose commands are run in this process."""

    hall: Hall = field(kw_only=True)

    def run(self, *words: str, ok: bool = True) -> dict[str, Any]:
        done = self.hall.run(self.folder.name, *words, "--json")
        if ok and done.exit_code != 0:
            raise Failed(f"{self.name}: {words}\n{done.output}\n{done.exception!r}")
        lines = done.stdout.splitlines()
        return {**(orjson.loads(lines[-1]) if lines else {}), "exit_code": done.exit_code}

    def start(self, *_options: str) -> None:
        self.hall.away.discard(self.folder.name)

    def stop(self, _number: signal.Signals = signal.SIGTERM) -> None:
        self.hall.away.add(self.folder.name)


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    """Where the story is played, by the clock of its nodes."""
    made = Hall(tmp_path, tmp_path, Ticking(round(time.time() * 1000)))

    def now(ahead: int = 0) -> str:
        return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(made.clock.at / 1000 + ahead))

    monkeypatch.setattr(demo, "HOME", tmp_path)
    monkeypatch.setattr(demo, "now", now)
    monkeypatch.setattr(demo, "together", lambda work, stages: [work(each) for each in stages])
    monkeypatch.setattr(demo_flaw, "reported", lambda *_: None)
    monkeypatch.setattr(demo_middleman, "HTTPTransport", lambda: made)
    monkeypatch.setattr(demo_middleman, "SystemClock", lambda: made.clock)
    yield made
    leave(made)


@pytest.fixture
def played(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """The four parties, made and introduced."""
    stages = [
        Seat(name, number, hall.home / name.split()[0].lower(), hall=hall)
        for number, name in enumerate(demo_story.PARTIES, 1)
    ]
    hall.hosts = {f"127.0.0.1:{each.port}": each.folder.name for each in stages}

    def until(what: str, holds: Callable[[], object]) -> float:
        for _ in range(ROUNDS):
            if holds():
                return 0.0
            sync(each for each in stages if each.folder.name not in hall.away)
        raise Failed(f"It did not happen: {what}.")

    monkeypatch.setattr(demo, "until", until)
    made = Demo([*stages])
    demo.set_up(made)
    demo.meet(made)
    return made


def sync(stages: Iterable[Stage]) -> None:
    for stage in stages:
        stage.run("sync")


def test_the_story_is_played_to_its_end_and_every_card_has_its_figures(played: Demo) -> None:
    demo_story.play(played)
    cards = demo_story.cards(played.figures)
    assert all(lines for lines in cards.values())
    assert "ended when two had seen attacks" in played.figures["embargo"]


def test_a_claim_that_does_not_hold_ends_the_story(
    played: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, council, fennick = played.stages
    case = demo_flaw.disclosed(played, fennick, (orvanda, tolmere), council)
    monkeypatch.setattr(demo_flaw, "outs", lambda _: 1)
    with pytest.raises(Failed, match="keeps to nothing"):
        demo_flaw.ended(played, fennick, (tolmere, orvanda), case)
