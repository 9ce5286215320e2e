"""Contacts in the formats of the world."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from comity.edge.cli import terminal
from comity.edge.cli.run import Answer, Dir, Json, Run, command
from comity.edge.cli.words import count
from comity.kernel.errors import Refusal
from comity.protocols._vocabulary.states import written
from comity.services.casework.inbox import Machine
from comity.services.directory import exchange, lists
from comity.services.directory.book import Book, wanted
from comity.services.directory.exchange import Format
from comity.services.identity import find

if TYPE_CHECKING:
    from comity.bridges.contacts.record import Contact
    from comity.kernel.errors import Phrase
    from comity.services.directory.book import Seat

File = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The contacts.")
]
From = Annotated[Format, typer.Option("--from", metavar="FORMAT", help="What it is.")]
To = Annotated[Format, typer.Option("--to", metavar="FORMAT", help="What it shall be.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Where to write it. [default: the output]"),
]
app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="contacts")


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """List contacts, take lists of them in and out, or change their format."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


@command(group, "list")
def list_(
    run: Run,
    *,
    sector: Annotated[
        str, typer.Option("--sector", metavar="CODE", help="Those that answer for it, as energy.")
    ] = "",
    state: Annotated[
        str, typer.Option("--state", metavar="CODE", help="Those that serve it: ISO 3166, as fr.")
    ] = "",
) -> Answer:
    """List the seats that are spoken for, and the sectors and states that they answer for.

    A contact says so in its nomination: `comity say DOSSIER nominate --sectors energy,health
    --states fr …`; one that changes it cites the earlier with --ref.
    """
    found = Book(Machine(run.node)).listed(*wanted(sector, state))
    value: dict[str, object] = {"seats": [asdict(each) for each in found]}
    return Answer(value, [*map(_seat, found)] or ["Nobody here says that it answers for that."])


def _seat(each: Seat) -> str:
    served = ", ".join((*each.sector_labels, *map(written, each.states)))
    by = f"{each.seat}: {count(each.contacts, 'contact')} by {', '.join(each.names)}"
    return f"{by}; for {served}" if served else by


@command(group, "import")
def import_(
    run: Run,
    dossier: Annotated[str, typer.Argument(metavar="DOSSIER", help="A community, by its id.")],
    file: File,
    *,
    source: From,
    role: Annotated[
        str, typer.Option("--role", help="Of contacts whose list says none.")
    ] = "technical",
) -> Answer:
    """Tell in a community of the contacts of a file, as copied from elsewhere.

    Nobody takes them for nominations. Read again, only what has changed is told. What was not
    understood, or could not be kept, is told on the error output.
    """
    contacts, unread = exchange.imported(_text(file), source)
    taken = lists.take_in(Machine(run.node), find.dossier(run.node, dossier), contacts, role=role)
    value: dict[str, object] = {
        "told": taken.told,
        "changed": taken.changed,
        "same": taken.same,
        "not_understood": [*unread],
        "not_kept": [*taken.lost],
    }
    if not run.json:
        _tell(f"{file} as {source}:", unread)
        _tell("What a community does not keep:", taken.lost)
    told = f"{count(taken.told, 'contact')} told, {taken.changed} changed, {taken.same} as before."
    return Answer(value, [told])


@command(group, "export")
def export(
    run: Run,
    *,
    party: Annotated[
        str, typer.Option("--party", metavar="PARTY", help="A party, or a seat as xx or xx_cert.")
    ],
    target: To,
    own: Annotated[
        bool, typer.Option("--own", help="All that is held here, for this party's own use.")
    ] = False,
    out: Out = None,
) -> Answer:
    """Write contacts of a party or seat into a file: what its author told everybody.

    With --own it is all that is held here. What is left out, and what the format cannot hold, is
    told on the error output.
    """
    desk = Machine(run.node)
    contacts, left = lists.take_out(desk, Book(desk).named(party), own=own)
    text, unwritten = exchange.exported(contacts, target)
    value: dict[str, object] = {"left_out": [*left], "not_held": [*unwritten]}
    if not run.json:
        _tell("Left out:", left)
    return _written(run, value, contacts, _File(text, unwritten, target, out))


@command(group, "convert")
def convert(
    run: Run,
    file: File,
    *,
    source: From,
    target: To,
    out: Out = None,
) -> Answer:
    """Change a file of contacts from one format into another; no node is needed.

    Formats are first, rfc2350, vcard, jcard, securitytxt and csv. What was not understood, and what
    the new format cannot hold, is told on the error output.
    """
    contacts, unread = exchange.imported(_text(file), source)
    text, unwritten = exchange.exported(contacts, target)
    value: dict[str, object] = {"not_understood": [*unread], "not_held": [*unwritten]}
    if not run.json:
        _tell(f"{file} as {source}:", unread)
    return _written(run, value, contacts, _File(text, unwritten, target, out))


@command(group, "wkd")
def wkd(
    run: Run,
    address: Annotated[str, typer.Argument(metavar="MAIL", help="As desk@example.org.")],
) -> Answer:
    """Say where the domain of a mail address would publish its OpenPGP key.

    Nothing is fetched: who asks there tells the domain so. No node is needed.
    """
    del run
    found = exchange.key_places(address)
    told = [f"ask first: {found.advanced}", f"then:      {found.direct}"]
    return Answer({"hash": found.hashed, **found._asdict()}, [f"hash:      {found.hashed}", *told])


class _File(NamedTuple):
    """A file to be written: its text, what it does not hold, its format, and where it goes."""

    text: str
    lost: tuple[Phrase, ...]
    form: Format
    out: Path | None


def _written(
    run: Run, value: dict[str, object], contacts: Sequence[Contact], file: _File
) -> Answer:
    """Write a file, or print it, and say what it does not hold."""
    if file.out is not None:
        file.out.write_bytes(file.text.encode())
    where = {"text": file.text} if file.out is None else {"file": str(file.out)}
    if not run.json:
        _tell(f"What {file.form} does not hold:", file.lost)
        if file.out is None:
            _print(file.text)
    told = [f"{count(len(contacts), 'contact')} written to {file.out}."] if file.out else []
    return Answer({"contacts": len(contacts), **value, **where}, told)


def _text(file: Path) -> str:
    if file.stat().st_size > exchange.LARGEST:
        raise Refusal("S4", f"The file has more than {exchange.LARGEST} bytes.", str(file))
    return file.read_bytes().decode()


def _tell(head: str, lost: Iterable[Phrase]) -> None:
    for number, each in enumerate(lost):
        if not number:
            typer.echo(terminal.line(head), err=True)
        typer.echo(f"  {terminal.line(each)}", err=True)


def _print(text: str) -> None:
    """Print a file as it is; on a terminal, without what that would obey."""
    shown = terminal.clean(text.replace("\r\n", "\n")) if sys.stdout.isatty() else text
    typer.echo(shown, nl=False)
