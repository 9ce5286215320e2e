"""Cells of tables that a spreadsheet does not run.

A spreadsheet takes what begins as a formula for one. Such a cell is written with an apostrophe
before it, which is taken away when it is read.
"""

from __future__ import annotations

import re

# Signs that begin a formula, also in the width of Chinese and Japanese letters.
_FORMULA = re.compile("'*[=+@\t\r\uff1d\uff0b\uff0d\uff20-]")


def hidden(cell: str) -> str:
    """Return a cell as it is written."""
    return "'" + cell if _FORMULA.match(cell) else cell


def shown(cell: str) -> str:
    """Return what a cell says that was written so."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
