"""Cells of tables that a spreadsheet does not run.

A spreadsheet takes what begins as a formula for one. Such a cell is written with an apostrophe
before it, which is taken away when it is read. Some programs part cells at semicolons or tabs, and
see no quotes then, so what stands behind one of these is written in the same way.
"""

from __future__ import annotations

import re

FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""With these, also in the width of Chinese and Japanese letters, a formula begins."""
_SIGN = rf"(?=[ \"']*[{re.escape(''.join(sorted(FORMULA)))}])"
_BEGINS = re.compile(rf"(^|[;\t\r\n]){_SIGN}")
_HIDDEN = re.compile(rf"(^|[;\t\r\n])'{_SIGN}")


def hidden(cell: str) -> str:
    """Return a cell as it is written."""
    return _BEGINS.sub(r"\1'", cell)


def shown(cell: str) -> str:
    """Return what a cell says that was written so."""
    return _HIDDEN.sub(r"\1", cell)
