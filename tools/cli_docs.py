"""Write docs/reference/cli.md from the commands themselves.

Run as ``python -m tools.cli_docs [--check]``; with ``--check`` it writes nothing and fails when
the page is not current.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import comity.__main__  # noqa: F401  it declares run, serve and work
from comity.edge.cli.main import FAMILIES
from comity.edge.cli.main import app as program

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
HEAD = """# Command line

This page is written from the commands by `python -m tools.cli_docs`.

Every command takes `--dir DIR` (or the environment variable `COMITY_DIR`) for the folder of the
node, and `--json`, before or after its name. Ids may be shortened as far as they stay unambiguous,
from 4 digits on; parties may be called by their names.

With `--json` the answer is one object on the output, with whole ids and times in milliseconds
since 1970, UTC; what people should see before something is signed goes to the error output. What
is refused is `{"rule", "reason", "subject", "retry"}`, with exit code 1; `retry` is one of
`never`, `later`, `after-upgrade`, `after-document`. Without `--json` it is said in words what
happened, why, and what to do, on the error output; options that do not exist give exit code 2.
"""
FIELDS = """Fields of the message are options too; `--explain` lists them, with what they take."""
COMMON = {"folder", "as_json", "help"}


def commands(module: str) -> dict[str, Any]:
    """Return the commands of a family, as the library makes them."""
    app: typer.Typer = importlib.import_module(module).app
    return dict(typer.main.get_group(app).commands)


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for family in FAMILIES:
        parts.append(f"## {family.heading}\n")
        known = commands(family.module)
        for name in family.commands:
            parts += _commands(name, known[name])
    parts += ["## The server\n", *_servers()]
    return "\n".join(parts).rstrip() + "\n"


def _servers() -> Iterator[str]:
    group = typer.main.get_group(program).commands
    listed = {name for family in FAMILIES for name in family.commands}
    for name, command in group.items():
        if name not in listed:
            yield _command(name, command)


def _commands(name: str, command: Any) -> Iterator[str]:  # noqa: ANN401  as below
    """Yield a command, and those below it."""
    yield _command(name, command)
    for below, each in getattr(command, "commands", {}).items():
        yield from _commands(f"{name} {below}", each)


def _command(name: str, command: Any) -> str:  # noqa: ANN401  the library's own base is private
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name not in COMMON]
    usage = " ".join(["comity", name, *map(_argument, arguments)])
    free = bool(command.context_settings.get("ignore_unknown_options"))
    lines = [f"### {name}", "", "```", f"{usage} [--option …]" if options else usage, "```", ""]
    lines += [inspect.cleandoc(command.help or ""), ""]
    rows = [_row(_argument(p), p) for p in arguments] + [_row(_option(p), p) for p in options]
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    return "\n".join([*lines, FIELDS, ""] if free else lines)


def _argument(parameter: Any) -> str:  # noqa: ANN401  as above
    name = parameter.metavar or parameter.name.upper()
    return str(name if parameter.required else f"[{name}]")


def _option(parameter: Any) -> str:  # noqa: ANN401  as above
    names = ", ".join(sorted(parameter.opts, key=len, reverse=True))
    if parameter.is_flag:
        return names
    return f"{names} {parameter.metavar or parameter.name.upper()}"


def _row(name: str, parameter: Any) -> str:  # noqa: ANN401  as above
    text = (parameter.help or "").replace("|", "\\|")
    notes = ["needed"] if parameter.required and parameter.param_type_name == "option" else []
    if parameter.default not in {None, False, ""} and not parameter.required:
        notes.append(f"by default `{parameter.default}`")
    escaped = name.replace("|", "\\|")
    return f"| `{escaped}` | {text}{' (' + ', '.join(notes) + ')' if notes else ''} |"


def main(arguments: list[str]) -> int:
    """Write or check the page."""
    current = page()
    held = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if arguments == ["--check"]:
        if current != held:
            print("docs/reference/cli.md is not current; run python -m tools.cli_docs")
        return int(current != held)
    PAGE.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
