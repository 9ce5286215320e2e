"""How long parties waited for each other, from signed instants, with what the figures leave out.

Who has not replied has no time, and leaving it out would make the slowest look fast. So a quantile
is of all that were answered or are overdue, and where those without a reply reach into it, it is
none. What is neither answered nor overdue yet is counted apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Span(NamedTuple):
    """What was waited for: from ``since`` to ``until``, None while it has not come, and by when it
    was ``due``, None where nobody said. Milliseconds since the epoch, as signed by two parties,
    whose clocks may differ.
    """

    since: int
    until: int | None
    due: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What spans add up to: ``n``, how many ``came``, are ``missing`` (overdue) or ``open``;
    ``median`` and ``ninetieth`` in ms, None where they are not known; of ``dated`` ones, so many
    were ``kept`` in time.
    """

    n: int
    came: int
    missing: int
    open: int
    median: int | None
    ninetieth: int | None
    dated: int
    kept: int


def figures(spans: Iterable[Span], now: int) -> Figures:
    """Return what spans add up to at an instant (ms)."""
    all_ = [*spans]
    took = sorted(max(0, each.until - each.since) for each in all_ if each.until is not None)
    late = [each for each in all_ if each.until is None and each.due is not None]
    missing = sum(each.due < now for each in late if each.due is not None)
    settled = len(took) + missing
    dated = [each for each in all_ if each.due is not None and _is_judged(each, now)]
    return Figures(
        n=len(all_),
        came=len(took),
        missing=missing,
        open=len(all_) - settled,
        median=_quantile(took, 0.5, settled),
        ninetieth=_quantile(took, 0.9, settled),
        dated=len(dated),
        kept=sum(_is_kept(each) for each in dated),
    )


def _is_judged(each: Span, now: int) -> bool:
    return each.until is not None or (each.due is not None and each.due < now)


def _is_kept(each: Span) -> bool:
    return each.until is not None and each.due is not None and each.until <= each.due


def _quantile(took: Sequence[int], part: float, of: int) -> int | None:
    """Return within what time the ``part`` of so many had come; None where it has not."""
    place = math.ceil(part * of)
    return took[place - 1] if 0 < place <= len(took) else None
