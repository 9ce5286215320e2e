"""An object and its neighbours as a drawing: what names it at its start, what it names at its end.

The drawing has a title and says in words what it shows; the list beside it says the same with
links. It turns round where writing runs from right to left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from comity.edge.web.stixwords import of_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comity.services.sharing.relations import Relations

BOX, GAP, ROW = 220, 60, 52
"""Width of a box, of the room between, and height of a row, in pixels."""
LETTERS = 28
"""Letters that fit into a box."""


class Tie(NamedTuple):
    """A neighbour in words: what ties it, what it is called, of which kind; whether it is held."""

    id: str
    label: str
    name: str
    type: str
    held: bool


def ties(id_: str, found: Relations) -> tuple[list[Tie], list[Tie]]:
    """Return what names an object, and what it names."""
    inward, outward = list[Tie](), list[Tie]()
    for edge in found.edges:
        other = edge.source if edge.target == id_ else edge.target
        near = found.neighbours.get(other)
        if near is None:
            continue
        tie = Tie(other, edge.label, near.name, near.type, near.held)
        (inward if edge.target == id_ else outward).append(tie)
    return inward, outward


def drawn(name: str, inward: Sequence[Tie], outward: Sequence[Tie]) -> SafeString:
    """Draw an object with what names it and what it names; nothing where it has no neighbours."""
    if not (inward or outward):
        return SafeString()
    height = ROW * max(len(inward), len(outward), 1)
    # A side on which there is nothing takes no room.
    centre = BOX + GAP if inward else 0
    width = centre + BOX + (BOX + GAP if outward else 0)
    middle = height // 2
    told = gettext("%(name)s: named by %(inward)s, and names %(outward)s.") % {
        "name": name,
        "inward": len(inward),
        "outward": len(outward),
    }
    lines = _all(
        format_html('<path class="line" d="{}"/>', path)
        for path in (
            *_lines(len(inward), height, BOX, to=True),
            *_lines(len(outward), height, centre + BOX, to=False),
        )
    )
    boxes = [_box(centre, middle, "act", (name, ""))]
    for x, some in ((0, inward), (centre + BOX + GAP, outward)):
        boxes += [
            _box(x, _row(n, len(some), height), "act" if tie.held else "void", _words(tie))
            for n, tie in enumerate(some)
        ]
    return format_html(
        '<svg class="relations" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
        'aria-labelledby="drawing-title drawing-told"><title id="drawing-title">{}</title>'
        '<desc id="drawing-told">{}</desc>{}{}</svg>',
        width,
        height,
        width,
        height,
        gettext("Relations"),
        told,
        lines,
        _all(boxes),
    )


def _words(tie: Tie) -> tuple[str, str]:
    return tie.name or of_type(tie.type), tie.label


def _row(n: int, count: int, height: int) -> int:
    return (height - ROW * count) // 2 + ROW * n + ROW // 2


def _lines(count: int, height: int, start: int, *, to: bool) -> Iterable[str]:
    """Return the paths between the boxes of one side and the one in the middle, beginning at
    ``start``; ``to`` the middle or from there.
    """
    for n in range(count):
        y, middle = _row(n, count, height), height // 2
        one, other = (y, middle) if to else (middle, y)
        bend = start + GAP // 2
        yield f"M{start} {one}C{bend} {one} {bend} {other} {start + GAP} {other}"


def _box(x: int, y: int, kind: str, words: tuple[str, str]) -> SafeString:
    name, label = words
    told = format_html('<text x="{}" y="{}">{}</text>', x + BOX // 2, y + 4, _cut(name))
    if label:
        told = format_html(
            '<text class="how" x="{0}" y="{1}">{2}</text><text x="{0}" y="{3}">{4}</text>',
            x + BOX // 2,
            y - 5,
            _cut(label),
            y + 12,
            _cut(name),
        )
    box = format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="40" rx="3"/>',
        kind,
        x + 1,
        y - 20,
        BOX - 2,
    )
    return _all([box, told])


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def _all(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
