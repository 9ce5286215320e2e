"""Errors as people and programs get them: what happened, why, and what to do."""

from __future__ import annotations

import errno
import re
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
    "S5": "Name another folder with --dir; `comity init` makes a node in a new one.",
    "S6": "Install the newer program, or restore a backup made with this one.",
    "S7": "Free some room on the disk, then run the command again.",
    "S8": "Wait until the earlier messages have arrived; `comity show` says when.",
    "T4": "Introduce the party first: `comity introduce URL`, or a card it gave you.",
    "S13": "Run the command again when it answers; `comity doctor` says what was heard of others.",
    "T10": "Check that it is the file that was meant. If it is, upgrade the program.",
    "T13": "Try again later. `comity doctor` says what was heard of the other node.",
    "W5": "Ask for a file with more cosignatures, or ask for a smaller --quorum.",
    "W7": "Ask for the file again: `comity evidence` writes it, and nothing may change it.",
    "K13": "Choose a label within the dossier's own; `comity show` prints it.",
    "K15": "Check the file: its name, its size, and that it is the one that is meant.",
    "K18": "Ask whoever made the evidence for a fresh file.",
    "K19": "Ask whoever made it for a new one, made by a current program.",
}
RETRIES = {
    Retry.NEVER: "It will not go through as it is; change what the reason names.",
    Retry.LATER: "Run the command again later.",
    Retry.AFTER_UPGRADE: "Upgrade the program, then run the command again.",
    Retry.AFTER_DOCUMENT: "Introduce the party again, then run the command again.",
}
FAULTS = {
    errno.ENOENT: "There is no such file or folder",
    errno.EEXIST: "It is there already",
    errno.EISDIR: "It is a folder, and a file is needed",
    errno.ENOTDIR: "A part of the path is a file, and not a folder",
    errno.EACCES: "You may not read or write it",
    errno.EPERM: "You may not read or write it",
    errno.EROFS: "Nothing can be written there",
    errno.ENAMETOOLONG: "Its name is too long",
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "Your share of the disk is used up",
    errno.EADDRINUSE: "Another program listens at that address already",
    errno.EADDRNOTAVAIL: "This machine does not have that address",
}
"""What the operating system says, in words."""


def as_refusal(error: Exception) -> Refusal | None:
    """Return an error as a refusal, or None when it is a fault of the program."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Pending):
        return Refusal("S8", f"Something earlier is missing here: {error}.")
    if isinstance(error, USAGE):
        return Refusal("S4", str(getattr(error, "message", "")) or "Options are missing.")
    return Refusal("S2", str(error)) if isinstance(error, ComityError) else _from_outside(error)


def _from_outside(error: Exception) -> Refusal | None:
    """Return what files, other nodes or the database gave as a refusal."""
    if isinstance(error, UnicodeDecodeError):
        return Refusal("S4", "A file that should hold text holds something else.")
    if isinstance(error, OSError):
        return _fault(error)
    if isinstance(error, Unreachable):
        return Refusal("S13", str(error))
    # Known by its name: what gives help does not load the database.
    if any(kind.__module__ == "django.db.utils" for kind in type(error).__mro__):
        return Refusal("S13", f"The node's database does not answer: {plain(error)}.")
    return None


def _fault(error: OSError) -> Refusal:
    rule = "S7" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "S4"
    words = FAULTS.get(error.errno or 0, error.strerror or str(error))
    return Refusal(rule, f"{words}.", str(error.filename or ""))


def plain(error: Exception) -> str:
    """Return the first line of an error, without the number of the operating system."""
    text = next(iter(str(error).splitlines()), "")
    return re.sub(r"\[Errno -?\d+\] ", "", text).rstrip(".") or "it says nothing"


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
    typer.echo(f"  What to do: {hint(refusal)}", err=True)
    typer.echo(f"  Rule {refusal.rule}: {RULES[refusal.rule].title}", err=True)
