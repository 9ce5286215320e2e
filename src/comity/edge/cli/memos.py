"""Memos: what is written down about a message, and never leaves the node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import instant, short
from comity.services.casework import memos
from comity.services.casework.inbox import Machine
from comity.services.identity import find
from comity.store.access.memos import ALL

if TYPE_CHECKING:
    from comity.services.casework.memos import Memo

app = typer.Typer()


@command(app, "memo")
def memo(
    run: Run,
    message: Annotated[
        str,
        typer.Argument(metavar="MESSAGE", help="What it is about; a dossier's id is its opening."),
    ],
    *,
    text: Annotated[
        str | None,
        typer.Option("--text", metavar="TEXT", help="What to write; empty to remove it."),
    ] = None,
    readers: Annotated[
        str,
        typer.Option("--readers", metavar="WHO", help="all, a lane of the dossier, or me."),
    ] = ALL,
) -> Answer:
    """Write down something about a message that never leaves this node, or list what was.

    Memos are in no message, sealed file or evidence, and nobody beyond this node's people reads
    them. They are in its backups, and are erased with the words of the message. Without --text,
    those of the whole dossier are listed that this machine may show: no person's private ones.
    """
    desk = Machine(run.node)
    act = find.act(run.node, message)
    if text is not None:
        memos.write(desk, act, text, for_=readers)
    found = memos.of_dossier(desk, desk.act(act).dossier)
    return Answer({"memos": [asdict(each) for each in found]}, _lines(found))


def _lines(found: tuple[Memo, ...]) -> Iterator[str]:
    if not found:
        yield "Nobody wrote a memo here."
    for each in found:
        who = each.name or "this machine"
        yield f"[{short(each.act)}] {who}, {instant(each.at)} (for {each.readers})"
        yield from (f"    | {line}" for line in each.text.split("\n"))
