"""Exports of objects in the forms of other tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from comity.edge.cli import terminal
from comity.edge.cli.objects import VALIDITY
from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import TLP_WORDS, count, read_tlp
from comity.services.sharing import exporting, searching
from comity.services.sharing.exporting import Export, Form, Wish

app = typer.Typer()
_SHOWN = 20
"""The most told of what an export does not hold."""


@command(app, "export-objects")
def export_objects(
    run: Run,
    *,
    form: Annotated[Form, typer.Option("--to", metavar="FORMAT", help="What it shall be.")],
    made_for: Annotated[
        str, typer.Option("--for", metavar="LEVEL", help="The strictest label that goes along.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FOLDER", file_okay=False, help="Where it goes."),
    ],
    collection: Annotated[
        str, typer.Option("--collection", metavar="ID", help="One collection. [default: all]")
    ] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="As indicator; may be repeated."),
    ] = None,
    ended: Annotated[
        bool,
        typer.Option("--ended", help="With indicators that do not hold any more, for devices too."),
    ] = False,
    title: Annotated[str, typer.Option("--title", help="What it is called.")] = "Objects",
    address: Annotated[
        str, typer.Option("--url", metavar="URL", help="Where its news will be found.")
    ] = "",
) -> Answer:
    """Write objects in the form of another tool, into a folder: of each its newest version.

    Formats are bundle (STIX), csv, lists (addresses, names, URLs, hashes), suricata, atom, misp,
    misp-feed, and feed, which is signed and which a stranger can check. What is stricter than the
    label is left out; from csv, lists and suricata, which devices act upon, also indicators that do
    not hold any more, as `comity object` says of each. What a format cannot hold is told on the
    error output.
    """
    level = read_tlp(made_for)
    wish = Wish(form, level, collection, tuple(kind or ()), title, address, ended)
    with run.waiting("Exporting"):
        found = exporting.export(run.node, searching.at_the_machine(run.node), wish)
        found = exporting.signed(run.node, found) if form == Form.STATIC else found
    _write(out, found.files)
    if not run.json:
        _tell(found.left)
    value = {
        "files": sorted(found.files),
        "objects": found.held,
        "left_out": list(found.left),
        "ended": {state.value: number for state, number in sorted(found.ended.items())},
    }
    told = f"{count(found.held, 'object')} for {TLP_WORDS[level]} written to {out}."
    return Answer(value, [told, *_ended(found)])


def _ended(found: Export) -> Iterator[str]:
    if found.ended:
        states = ", ".join(f"{n} {VALIDITY[state]}" for state, n in sorted(found.ended.items()))
        number = count(sum(found.ended.values()), "indicator")
        yield f"Left out: {number} not to be acted upon now ({states}). Take them in with --ended."


def _write(folder: Path, files: dict[str, bytes]) -> None:
    # What says what else is there comes last.
    for path in sorted(files, key=lambda each: each.startswith(("index.", "manifest."))):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(files[path])


def _tell(left: tuple[str, ...]) -> None:
    for each in left[:_SHOWN]:
        typer.echo(terminal.clean(f"Left out: {each}"), err=True)
    if len(left) > _SHOWN:
        typer.echo(f"Left out: {len(left) - _SHOWN} more.", err=True)
