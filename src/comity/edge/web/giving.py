"""What is given to be kept, and never shown in a page: files, evidence, tables.

A browser is told to save it, not to guess what it is, and, should somebody open it all the same, to
let it do nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO, TypeVar

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from comity.bridges.cells import hidden
from comity.engines.instants import rfc3339

Answer = TypeVar("Answer", bound=HttpResponseBase)
BYTES = "application/octet-stream"
ALONE = "sandbox; default-src 'none'; frame-ancestors 'none'"


def _alone(answer: Answer) -> Answer:
    answer.headers["Content-Security-Policy"] = ALONE
    return answer


def file(opened: BinaryIO, name: str) -> FileResponse:
    """Give an open file under a name."""
    return _alone(FileResponse(opened, as_attachment=True, filename=name, content_type=BYTES))


def data(held: bytes, name: str) -> HttpResponse:
    """Give bytes under a name."""
    answer = HttpResponse(held, content_type=BYTES)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _alone(answer)


def table(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Give a table as CSV, in which no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guarded(cell) for cell in head])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    # Its first character says that it is UTF-8, which spreadsheets would not guess.
    answer = HttpResponse(out.getvalue().encode("utf-8-sig"), content_type="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _alone(answer)


def guarded(cell: object) -> object:
    """Return a cell that no program takes for a formula; numbers stay numbers."""
    return cell if isinstance(cell, int) else hidden(str(cell))


def instant(time: int | None) -> str:
    """Return an instant of milliseconds as tables hold it, to the second, or ""."""
    if time is None:
        return ""
    return rfc3339(time // 1000 * 1000)
