"""Erasing content, and answering those who ask for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import sending
from comity.edge.cli.run import Answer, Run, Yes, command
from comity.edge.cli.words import count, short
from comity.kernel.errors import Refusal
from comity.services.casework import erasure
from comity.services.casework.kernelkinds import REASONS
from comity.services.identity import find

if TYPE_CHECKING:
    from comity.services.casework.erasure import Erased

app = typer.Typer()
TOLD = {
    "refused": "You keep it, and its author is told so",
    "asked": "Erased here; the others are asked to, and `comity show` says who did",
    "applied": "Erased here; the others are told",
    "": "Erased here; nobody is told",
}


@command(app, "erase")
def erase(
    run: Run,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Whose content to erase.")],
    *,
    part: Annotated[
        list[int] | None,
        typer.Option(min=0, metavar="N", help="Only this part, from 0 on; may be repeated."),
    ] = None,
    reason: Annotated[str, typer.Option(metavar="CODE", help=f"One of {', '.join(REASONS)}.")] = "",
    refuse: Annotated[
        bool, typer.Option("--refuse", help="Keep what its author asked to erase.")
    ] = False,
    here_only: Annotated[
        bool, typer.Option("--here-only", help="Erase it here, and tell nobody.")
    ] = False,
    yes: Yes = False,
) -> Answer:
    """Erase content here and ask the others to, or answer such a wish.

    Words and files of the message are gone from this node for good; its heading stays, and what
    was signed can still be proven. Of your own message the others are asked to erase theirs, of
    another's message its members are told that you did. With --refuse you say that you keep it.
    Backups made before hold it until they are thrown away; it is erased again after a restore.
    """
    act = find.act(run.node, message)
    if refuse:
        if part or here_only:
            raise Refusal("S4", "--refuse goes with --reason alone.")
        lines = [f"The author of {short(act)} asked to erase its content."]
        sending.confirm(run, lines, "Keep it, and tell its author so?", yes=yes)
        return _erased(erasure.refuse(run.node, act, reason=reason))
    step = erasure.wish(run.node, act, reason=reason, parts=part or ())
    what = f"part {', '.join(map(str, step.parts))}" if step.parts else "all content"
    lines = [
        f"Reason: {REASONS[step.reason]}.",
        "What is erased here is gone for good; that it was said stays provable.",
    ]
    told = _told(step.stage, 0 if here_only else erasure.others(run.node, act))
    sending.confirm(run, lines, f"Erase {what} of {short(act)} here, and {told}?", yes=yes)
    with run.waiting("Erasing"):
        done = erasure.carry_out(run.node, step, tell=not here_only)
    return _erased(done)


def _told(stage: str, others: int) -> str:
    if not others:
        return "tell nobody"
    whom = count(others, "other")
    return f"ask {whom} to erase theirs" if stage == "asked" else f"tell {whom}"


def _erased(done: Erased) -> Answer:
    said = f", by {short(done.act)}" if done.act else ""
    told = [f"{TOLD[done.stage]}{said}."]
    if not done.gone:
        told.append(
            "Traces may be left in the database's files, which were in use; run it again later."
        )
    return Answer(asdict(done), told)
