"""Joint products."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from comity.edge.cli.dossiers import DossierArg
from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import FOOTING_WORDS, TLP_WORDS, instant
from comity.kernel.label import TLP, Footing
from comity.protocols.response.product.codes import POSITIONS
from comity.services.casework.inbox import Machine
from comity.services.identity import find
from comity.services.response import products

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.services.response.products import Paragraph, Product

app = typer.Typer()


@command(app, "product")
def product(run: Run, dossier: DossierArg) -> Answer:
    """Read a joint product, and who stands behind which paragraph.

    The draft put forward last is shown, or what was published.
    """
    found = products.read(Machine(run.node), find.dossier(run.node, dossier))
    lines = [line for each in found for line in _lines(each)]
    return Answer(
        {"products": [asdict(each) for each in found]},
        lines or ["No draft was put forward yet, or what was published has been withdrawn."],
    )


def _lines(each: Product) -> Iterator[str]:
    label = f"{TLP_WORDS[TLP(each.tlp)]}, {FOOTING_WORDS[Footing(each.footing)]}"
    if each.public is None:
        yield f"Draft of {each.name}, {instant(each.time)}, {label}"
    else:
        said = "Published by" if each.is_public else "Will be public, by"
        yield f"{said} {each.name}, {instant(each.public)}, {label}"
    for paragraph in each.paragraphs:
        yield ""
        yield from _paragraph(paragraph)
    yield ""
    yield f"{each.name}: put it forward"
    for stand in each.stands:
        told = POSITIONS.get(stand.position, "no word yet")
        yield f"{stand.name}: {told}{f': {stand.words}' if stand.words else ''}"
    if each.due is not None and each.public is None:
        yield f"Positions are needed by {instant(each.due)}"


def _paragraph(each: Paragraph) -> Iterator[str]:
    yield each.text or f"({each.caption}: its words are not here)"
    rests = f"; rests on {', '.join(each.sources)}" if each.sources else ""
    yield f"  {TLP_WORDS[TLP(each.tlp)]}, {each.name}{rests}"
    if each.apart:
        yield f"  Not behind it: {', '.join(each.apart)}"
