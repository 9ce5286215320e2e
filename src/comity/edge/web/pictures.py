"""Small drawings beside words that say the same: read by who would rather look.

Each is a drawing in the page, without words or colours of its own: the style sheet colours it by
class, in the dark too, and turns it round where writing runs from right to left. Readers of
screens are given the words beside it, and never the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from django.utils.html import format_html, format_html_join

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

WIDE = 200
"""The width of a bar, in pixels."""
STEP = 20
CIRCLE = '<circle class="{}" cx="{}" cy="8" r="5"/>'
SQUARE = '<path class="{}" d="M{} 3m-5 0h10v10h-10z"/>'


class Segment(NamedTuple):
    """A part of a bar, from ``start`` to ``end`` (0 to 1 of its width), coloured as ``kind``."""

    start: float
    end: float
    kind: str


def _drawing(kind: str, width: int, height: int, inside: SafeString) -> SafeString:
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" '
        'focusable="false">{}</svg>',
        kind,
        width,
        height,
        width,
        height,
        inside,
    )


@cache
def steps(nodes: tuple[bool, ...], people: tuple[bool, ...]) -> SafeString:
    """Draw steps that were reached or not: a node's as circles, then a person's as squares."""
    reached = [*nodes, *people]
    last = 8 + STEP * (len(reached) - 1)
    line = format_html('<path class="line" d="M8 8H{}"/>', last)
    marks = [
        format_html(CIRCLE if n < len(nodes) else SQUARE, "on" if on else "off", 8 + STEP * n)
        for n, on in enumerate(reached)
    ]
    return _drawing("steps", last + 8, 16, _all([line, *marks]))


def _all(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def bar(segments: Iterable[Segment], mark: float | None = None) -> SafeString:
    """Draw a bar of segments; ``mark`` (0 to 1) is where a line crosses it."""
    drawn = [
        format_html(
            '<rect class="{}" x="{}" y="4" width="{}" height="10"/>',
            part.kind,
            round(part.start * WIDE, 1),
            max(2, round((part.end - part.start) * WIDE, 1)),
        )
        for part in segments
    ]
    line = () if mark is None else (_mark(mark),)
    return _drawing("bar", WIDE, 18, _all([*drawn, *line]))


def _mark(where: float) -> SafeString:
    x = round(min(max(where, 0.005), 0.995) * WIDE, 1)
    return format_html('<path class="now" d="M{} 0V18"/>', x)


def shares(counts: Sequence[tuple[str, int]]) -> SafeString:
    """Draw how a whole is shared: (kind, how many) one behind the other; nothing of nothing."""
    total, done = sum(number for _, number in counts), 0
    segments = []
    for kind, number in counts:
        if number:
            segments.append(Segment(done / total, (done + number) / total, kind))
        done += number
    return bar(segments)


class Point(NamedTuple):
    """An act in a picture of acts: in which ``column`` it stands, which points before it it
    ``follows`` and ``cites``, and whether it has no effect (``void``).
    """

    column: int
    follows: tuple[int, ...]
    cites: tuple[int, ...]
    void: bool


COLUMN, ROW = 64, 34


def acts(points: Sequence[Point], columns: int) -> SafeString:
    """Draw acts below each other in the columns of who said them, numbered as they are listed; a
    line leads to each that an act follows, a broken one to each that it cites.
    """
    lines = [
        _line(points, n, before, kind)
        for n, point in enumerate(points)
        for kind, ids in (("line", point.follows), ("cite", point.cites))
        for before in ids
    ]
    marks = [_number(point, n) for n, point in enumerate(points)]
    inside = _all([*lines, *marks])
    return _drawing("acts", COLUMN * max(columns, 1), ROW * len(points) + 8, inside)


def _place(points: Sequence[Point], n: int) -> tuple[int, int]:
    return COLUMN * points[n].column + COLUMN // 2, ROW * n + ROW // 2 + 4


def _line(points: Sequence[Point], here: int, there: int, kind: str) -> SafeString:
    (x, y), (to, up) = _place(points, here), _place(points, there)
    bend = 0 if x != to or here - there == 1 else 24
    if kind == "cite":
        bend = -24 if bend or x == to else 0
    path = f"M{x} {y}C{x + bend} {y - 17} {to + bend} {up + 17} {to} {up}"
    return format_html('<path class="{}" d="{}"/>', kind, path)


def _number(point: Point, n: int) -> SafeString:
    x, y = COLUMN * point.column + COLUMN // 2, ROW * n + ROW // 2 + 4
    return format_html(
        '<circle class="{}" cx="{}" cy="{}" r="12"/><text x="{}" y="{}">{}</text>',
        "void" if point.void else "act",
        x,
        y,
        x,
        y + 4,
        n + 1,
    )
