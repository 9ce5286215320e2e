"""Lists of what is harmless or everybody's, of which a person is warned before sharing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.run import Answer, Dir, Json, Run, command
from comity.edge.cli.words import count
from comity.services import packs
from comity.services.sharing import warning

if TYPE_CHECKING:
    from comity.engines.warnings import WarningList

app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="warninglist")


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """List the warninglists that objects are looked up in, add one or remove it."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


@command(group, "add")
def add(
    run: Run,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The list.")
    ],
) -> Answer:
    """Import a list in the form of the MISP warninglists; one of the same name is replaced."""
    added = warning.add(run.node, file)
    skipped = added.list.skipped
    lines = [f"{_line(added.list)}, kept as {added.file}."]
    lines += [f"Not used: {each.entry}: {each.reason}" for each in skipped[:10]]
    lines += [f"Not used: {len(skipped) - 10} more."] if len(skipped) > 10 else []
    return Answer(_value(added.list, added.file), lines)


@command(group, "list")
def list_(run: Run) -> Answer:
    """List the lists that the program comes with, and those that were imported."""
    shipped, imported = packs.special_addresses(), warning.imported(run.node)
    value: dict[str, object] = {
        "lists": [
            *(_value(each, "") for each in shipped),
            *(_value(each.list, each.file) for each in imported),
        ]
    }
    lines = [f"{_line(each)}; comes with the program" for each in shipped]
    lines += [f"{_line(each.list)}; {each.file}" for each in imported]
    return Answer(value, lines)


@command(group, "remove")
def remove(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the list, or of its file.")],
) -> Answer:
    """Remove a list that was imported."""
    removed = warning.remove(run.node, name)
    return Answer({"removed": removed.list.name}, [f"{removed.list.name} is asked no more."])


def _line(each: WarningList) -> str:
    kinds = ", ".join(sorted(each.kinds)) if each.kinds else "all kinds"
    return f"{each.name}: {count(len(each.entries), 'entry', 'entries')}, {kinds}"


def _value(each: WarningList, file: str) -> dict[str, object]:
    return {
        "name": each.name,
        "version": each.version,
        "file": file,
        "compared": each.compared,
        "kinds": sorted(each.kinds) if each.kinds else None,
        "entries": len(each.entries),
        "skipped": len(each.skipped),
    }
