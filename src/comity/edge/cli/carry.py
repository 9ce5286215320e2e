"""Sealed files, carried where no line goes, and the records that guests took away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.parties import Party
from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import count, short, size
from comity.kernel.ids import fingerprint
from comity.services.delivery import stick
from comity.services.identity import find
from comity.services.proof import guestrecord

if TYPE_CHECKING:
    from comity.services.delivery.stick import Imported
    from comity.services.proof.guestrecord import Taken

app = typer.Typer()


@command(app, "export")
def export(
    run: Run,
    party: Party,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
) -> Answer:
    """Write what waits for a party into a sealed file, for a stick.

    Only that party can open it. It counts as sent, and is sent again if no receipt comes back,
    over the line or by a file in the other direction.
    """
    who = find.party(run.node, party)
    with run.waiting("Writing"):
        done = stick.export_to(run.node, who, file)
    value: dict[str, object] = {"party": who, "file": str(file), **asdict(done)}
    held = f"{count(done.messages, 'message')} and {count(done.receipts, 'receipt')}"
    return Answer(value, [f"{file} holds {held} for {party}, {size(file.stat().st_size)}."])


@command(app, "import")
def import_(
    run: Run,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The file.")
    ],
) -> Answer:
    """Take in a sealed file for this node, or a record that a guest took away.

    Of a sealed file, exit code 1 means that some of it was refused; the rest came in. A record is
    verified, notarised in this node's own log, and kept with it; its parties are known here then,
    and compared by nobody.
    """
    if guestrecord.is_record(file):
        return _recorded(run, file)
    with run.waiting("Reading"):
        done = stick.import_from(run.node, file)
    value: dict[str, object] = {
        "messages": done.messages,
        "whole": done.whole,
        "blobs": done.blobs,
        "before": done.before,
        "refused": [refusal.shape() for refusal in done.refused],
    }
    return Answer(value, _lines(done), 1 if done.refused else 0)


def _recorded(run: Run, file: Path) -> Answer:
    with run.waiting("Verifying"):
        done = guestrecord.take_in(run.node, file)
    value: dict[str, object] = {
        "dossier": done.act,
        "statements": [report.to_object() for report in done.reports],
    }
    told = f"Verified and kept: {count(len(done.reports), 'statement')}, in {short(done.act)}."
    return Answer(value, [told, *_unknown(done)])


def _unknown(done: Taken) -> Iterator[str]:
    """Yield the fingerprints that a person has to compare before the record proves who spoke."""
    unknown = {party: r.names.get(party, "a party") for r in done.reports for party in r.unknown}
    if unknown:
        yield "Compare these fingerprints with the parties themselves, then `comity accredit` them:"
    for party, name in unknown.items():
        yield f"  {name} ({short(party)}): {fingerprint(party)}"


def _lines(done: Imported) -> Iterator[str]:
    yield f"{count(done.messages, 'message')} came in, {done.whole} with all their content."
    if done.blobs:
        yield f"{count(done.blobs, 'large piece')} of content came with them."
    if done.before:
        yield f"{count(done.before, 'bundle')} had been taken in before."
    for refusal in done.refused:
        yield f"Refused ({refusal.rule}): {refusal.reason}"
