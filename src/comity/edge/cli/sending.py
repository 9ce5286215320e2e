"""What `open` and `say` share: who will read it, asking, files, labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import terminal
from comity.edge.cli.words import (
    FOOTING_WORDS,
    PAP_WORDS,
    TLP_MEANS,
    TLP_WORDS,
    count,
    read_footing,
    read_pap,
    read_tlp,
    size,
)
from comity.kernel.errors import Refusal
from comity.kernel.label import PAP, TLP, Footing
from comity.services.casework.readers import TO_INVITE, WITHHELD

if TYPE_CHECKING:
    from comity.edge.cli.run import Run
    from comity.services.casework.compose import Attached
    from comity.services.casework.readers import ReaderParty

NAMED = 4
"""The most parties that a question names one by one."""

Attach = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", exists=True, dir_okay=False, help="A file; may be repeated."),
]
Tlp = Annotated[
    str, typer.Option(metavar="LEVEL", help="clear, green, amber, amber+strict or red.")
]
Pap = Annotated[str, typer.Option(metavar="LEVEL", help="clear, green, amber or red.")]
Foot = Annotated[str, typer.Option("--footing", help="formal, technical, or without prejudice.")]


def levels(tlp: str, pap: str, footing: str) -> tuple[TLP | None, PAP | None, Footing | None]:
    """Return the labels a person wrote. Raises Refusal S4."""
    return (
        read_tlp(tlp) if tlp else None,
        read_pap(pap) if pap else None,
        read_footing(footing) if footing else None,
    )


def preview(
    readers: Sequence[ReaderParty], label: tuple[TLP, PAP | None, Footing | None], text: str
) -> list[str]:
    """Return who will be able to read it, and how it may be read."""
    tlp, pap, footing = label
    lines = [f"{text}", "WHO WILL BE ABLE TO READ IT"]
    lines += [f"  {_reader(reader)}" for reader in readers]
    if not readers:
        lines.append("  nobody but you")
    words = [TLP_WORDS[tlp], *([PAP_WORDS[pap]] if pap else [])]
    lines.append(f"  {' '.join(words)}: {TLP_MEANS[tlp]}")
    if footing is not None:
        lines.append(f"  Footing: {FOOTING_WORDS[footing]}")
    return lines


def _reader(reader: ReaderParty) -> str:
    notes = [] if reader.accredited else ["not accredited: nobody compared its fingerprint"]
    if reader.state == "invited":
        notes.append("invited; reads it once it has joined, if you release it")
    elif reader.state == TO_INVITE:
        notes.append("is invited as you sign: the opening has no room for more members")
    elif reader.state == WITHHELD:
        notes.append("is given it when it has agreed to terms, and not before")
    return " · ".join([reader.name, *notes])


def to_whom(readers: Sequence[ReaderParty]) -> str:
    """Return the question whether to send it to these readers, of whom a few are named."""
    names = [reader.name for reader in readers]
    if not names:
        return "Sign this? Nobody else gets it."
    if len(names) > NAMED:
        return f"Sign and send this to {len(names)} parties?"
    *others, last = names
    return f"Sign and send this to {', '.join(others)}{' and ' * bool(others)}{last}?"


def confirm(run: Run, lines: Iterable[str], question: str, *, yes: bool) -> None:
    """Show ``lines`` and ask the question. Raises Refusal S4 when the answer is no."""
    run.show(lines)
    if yes:
        return
    if not run.can_ask:
        raise Refusal("S4", "Nothing was signed: nobody can be asked here. Add --yes to go on.")
    if not typer.confirm(terminal.line(question), default=False):
        raise Refusal("S4", "Nothing was signed: you said no.")


def offer(run: Run, lines: Iterable[str], question: str, *, yes: bool) -> None:
    """As ``confirm``; where nobody can be asked it goes on: this is for commands that can be asked
    first what would come of them. Raises Refusal S4 when the answer is no.
    """
    confirm(run, lines, question, yes=yes or not run.can_ask)


def describe_files(attached: Attached) -> list[str]:
    """Return what is attached, for people."""
    lines = [f"  {path.name}, {size(path.stat().st_size)}" for path in attached.files]
    lines += [f"  {path.name}: STIX 2.1, {count(n, 'object')}" for path, n in attached.batches]
    return lines


def reader_values(readers: Iterable[ReaderParty]) -> list[dict[str, object]]:
    """Return readers as JSON values."""
    return [asdict(reader) for reader in readers]
