"""Lists of vulnerabilities that others publish."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import count
from comity.kernel.errors import Phrase, Refusal
from comity.services.sharing import vulnerabilities
from comity.services.sharing.vulnerabilities import LARGEST, TITLES, Change, Kind

TOLD = 10
"""How many CVEs are named where more have changed."""
app = typer.Typer()


@command(app, "import-list")
def import_list(
    run: Run,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="JSON or CSV.")
    ],
    *,
    kind: Annotated[
        Kind | None, typer.Option("--kind", help="Which list it is, if it shall not be guessed.")
    ] = None,
) -> Answer:
    """Take in a list of vulnerabilities that others publish: KEV or EPSS.

    KEV is the catalogue of CISA as JSON: known to be exploited. EPSS are the scores of FIRST as
    CSV, also packed by gzip: how likely each is to be. What changed since the list before goes as
    objects to an intake, TLP:CLEAR; where a CVE is shown, it is said what the lists say of it.
    """
    if file.stat().st_size > LARGEST:
        raise Refusal("S4", Phrase("The file has more than {most} bytes.", most=LARGEST), file.name)
    change = vulnerabilities.take_in(run.node, file.read_bytes(), kind)
    return Answer(_value(change), _lines(change), code=1 if change.flaws else 0)


def _lines(change: Change) -> list[str]:
    day = vulnerabilities.day(change.dated)
    rows = count(change.rows, "vulnerability", "vulnerabilities")
    said = (
        f"{len(change.new)} new{_named(change.new)}",
        f"{len(change.changed)} changed{_named(change.changed)}",
        f"{len(change.gone)} no longer listed{_named(change.gone)}",
    )
    lines = [
        f"{TITLES[change.kind]}, version {change.version} of {day}: {rows}.",
        f"{', '.join(said)}; {count(change.objects, 'object')} taken in.",
    ]
    told = change.flaws[:TOLD]
    lines += [f"Not taken: {flaw.path} {flaw.id}: {flaw.reason}" for flaw in told]
    return lines + ([f"Not taken: {len(change.flaws) - TOLD} more."] * (len(change.flaws) > TOLD))


def _named(cves: Sequence[str]) -> str:
    return f" ({', '.join(cves)})" if 0 < len(cves) <= TOLD else ""


def _value(change: Change) -> dict[str, object]:
    return {**change._asdict(), "flaws": [flaw._asdict() for flaw in change.flaws]}
