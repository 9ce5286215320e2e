"""The drill of a lost root key: what two of three holders can do, and what nobody can."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from comity.services.casework import dossiers
from tools.demo import Failed, until

if TYPE_CHECKING:
    from tools.drill import Day

HOLDERS = ("Head", "Deputy", "Notary")


def root_key_lost(day: Day) -> None:
    """One of three holders loses the key, and for a while a second one too."""
    day.start()
    _hold(day)
    fresh = _make(day, "Judge")
    proposal = day.home / "proposal"
    day.mend("ceremony", "replace", "Deputy", "Judge", "--code", fresh, "--out", str(proposal))
    # Two of three are needed. While the notary's sheet is missing too, nobody can go on.
    alone = [_sign(day, "Head"), _sign(day, "Judge")]
    refused = day.orvanda.run("ceremony", "publish", *alone, ok=False)
    if refused.get("rule") != "K5":
        raise Failed(f"One of two root keys did what takes two: {refused}.")
    day.say(text="Root keys are not needed for this.")
    # It is found.
    day.mend("ceremony", "publish", *alone, _sign(day, "Notary"))
    _until_known(day, version=3)


def _hold(day: Day) -> None:
    """Give the root keys to three holders, of whom two are needed."""
    node = day.orvanda
    node.run("ceremony", "begin", "--threshold", "2")
    for who in HOLDERS:
        node.run("ceremony", "add", who, "--code", _make(day, who))
    node.run("ceremony", "propose", "--out", str(day.home / "proposal"))
    node.run("ceremony", "publish", *(_sign(day, who) for who in HOLDERS))
    _until_known(day, version=2)


def _make(day: Day, who: str) -> str:
    """Let a holder make a key on paper; return the holder code."""
    sheet = day.home / f"{who}.html"
    made = day.orvanda.run("ceremony", "key", "--label", who, "--paper", str(sheet))
    text = sheet.read_text(encoding="utf-8")
    _paper(day, who).write_text(text.partition("<code>")[2].partition("</code>")[0])
    return str(made["code"])


def _sign(day: Day, who: str) -> str:
    """Let a holder sign the proposal; return the file with the signature code."""
    file = str(day.home / f"{who}.signature")
    paper = str(_paper(day, who))
    proposal = str(day.home / "proposal")
    day.orvanda.run("ceremony", "sign", proposal, "--kit-file", paper, "--out", file, "--yes")
    return file


def _paper(day: Day, who: str) -> Path:
    return day.home / f"{who}.paper"


def _until_known(day: Day, *, version: int) -> None:
    """Wait until the others have the root document of this version, for the same party."""
    for stage in (day.tolmere, day.council):
        with day.opened(stage) as node:

            def is_known() -> bool:
                view = dossiers.newest(node, day.orvanda.party)
                return view is not None and view.version[0] == version and view.threshold == 2

            until(f"{stage.name} has the new root keys", is_known)
