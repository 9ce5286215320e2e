"""Errors as people and programs get them: what happened, why, and what to do."""

from __future__ import annotations

import errno
from typing import cast

import typer

from comity.edge.cli import terminal
from comity.kernel.errors import RULES, ComityError, Pending, Refusal, Retry
from comity.services.ports import Unreachable

# What a wrong option or argument raises, wherever typer keeps it.
USAGE = cast("type[Exception]", typer.BadParameter.mro()[2])

HINTS = {
    "S1": "Run `comity fsck` to see the difference, then `comity restore`.",
    "S2": "Run `comity show` to see where the dossier stands, and say something it allows.",
    "S3": "Run `comity inbox` for dossiers and `comity parties` for parties; check the id.",
    "S4": "Correct what the reason names; the command's --help says what it takes.",
    "S5": "Run `comity init`, or name another folder with --dir.",
    "S6": "Install the newer program, or restore a backup made with this one.",
    "S7": "Free some room on the disk, then run the command again.",
    "S8": "Wait until the earlier messages have arrived; `comity show` says when.",
    "T4": "Introduce the party first: `comity introduce URL`, or a card it gave you.",
    "T13": "Try again later. `comity doctor` says what was heard of the other node.",
    "W5": "Ask for a file with more cosignatures, or ask for a smaller --quorum.",
    "K13": "Choose a label within the dossier's own; `comity show` prints it.",
    "K15": "Check the file: its name, its size, and that it is the one that is meant.",
    "K18": "Ask whoever made the evidence for a fresh file.",
}
RETRIES = {
    Retry.NEVER: "It will not go through as it is; change what the reason names.",
    Retry.LATER: "Run the command again later.",
    Retry.AFTER_UPGRADE: "Upgrade the program, then run the command again.",
    Retry.AFTER_DOCUMENT: "Introduce the party again, then run the command again.",
}


def as_refusal(error: Exception) -> Refusal | None:
    """Return an error as a refusal, or None when it is a fault of the program."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Pending):
        return Refusal("S8", f"Something earlier is missing here: {error}.")
    if isinstance(error, USAGE):
        return Refusal("S4", str(getattr(error, "message", "")) or "Options are missing.")
    if isinstance(error, OSError):
        rule = "S7" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "S5"
        return Refusal(rule, f"{error.strerror or error}.", str(error.filename or ""))
    if isinstance(error, ComityError | Unreachable):
        return Refusal("T13", str(error))
    return None


def hint(refusal: Refusal) -> str:
    """Return what a person can do about a refusal."""
    return HINTS.get(refusal.rule) or RETRIES[refusal.retry]


def report(refusal: Refusal, command: str, *, as_json: bool) -> None:
    """Print a refusal: JSON on the output, or three lines on the error output."""
    if as_json:
        typer.echo(terminal.as_json(refusal.shape()))
        return
    # The reason may be another node's.
    subject = f" [{terminal.line(refusal.subject)}]" if refusal.subject else ""
    typer.echo(f"{command} did nothing.", err=True)
    typer.echo(f"  Why: {terminal.line(refusal.reason)}{subject}", err=True)
    typer.echo(f"  Rule {refusal.rule}: {RULES[refusal.rule].title}", err=True)
    typer.echo(f"  What to do: {hint(refusal)}", err=True)
