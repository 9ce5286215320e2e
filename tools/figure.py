"""What a measuring gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured line: ``value`` in ``unit``, the ``floor`` in the same unit, their ``ratio``,
    and a ``note`` on others that were measured beside it.
    """

    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    note: str = ""
