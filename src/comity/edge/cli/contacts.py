"""Contacts in the formats of the world."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import terminal
from comity.edge.cli.run import Answer, Dir, Json, Run, command
from comity.edge.cli.words import count
from comity.kernel.errors import Refusal
from comity.services.directory import exchange
from comity.services.directory.exchange import Format

if TYPE_CHECKING:
    from comity.kernel.errors import Phrase

app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="contacts")


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """Change files of contacts from one format into another."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


@command(group, "convert")
def convert(
    run: Run,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The contacts.")
    ],
    *,
    source: Annotated[Format, typer.Option("--from", metavar="FORMAT", help="What it is.")],
    target: Annotated[Format, typer.Option("--to", metavar="FORMAT", help="What it shall be.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Where to write it. [default: the output]"
        ),
    ] = None,
) -> Answer:
    """Change a file of contacts from one format into another; no node is needed.

    Formats are first, rfc2350, vcard, jcard, securitytxt and csv. What was not understood, and what
    the new format cannot hold, is told on the error output.
    """
    if file.stat().st_size > exchange.LARGEST:
        raise Refusal("S4", f"The file has more than {exchange.LARGEST} bytes.", str(file))
    contacts, unread = exchange.imported(file.read_bytes().decode(), source)
    text, unwritten = exchange.exported(contacts, target)
    if out is not None:
        out.write_bytes(text.encode())
    value: dict[str, object] = {
        "contacts": len(contacts),
        "not_understood": [*unread],
        "not_held": [*unwritten],
        **({"text": text} if out is None else {"file": str(out)}),
    }
    if not run.json:
        _tell(f"{file} as {source}:", unread)
        _tell(f"What {target} does not hold:", unwritten)
        if out is None:
            _print(text)
    return Answer(value, [f"{count(len(contacts), 'contact')} written to {out}."] if out else [])


def _tell(head: str, lost: Iterable[Phrase]) -> None:
    for number, each in enumerate(lost):
        if not number:
            typer.echo(terminal.line(head), err=True)
        typer.echo(f"  {terminal.line(each)}", err=True)


def _print(text: str) -> None:
    """Print a file as it is; on a terminal, without what that would obey."""
    shown = terminal.clean(text.replace("\r\n", "\n")) if sys.stdout.isatty() else text
    typer.echo(shown, nl=False)
