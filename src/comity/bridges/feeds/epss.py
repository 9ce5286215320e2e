"""How likely each vulnerability is to be exploited in the next 30 days: EPSS of FIRST, as CSV.

::

    #model_version:v2023.03.01,score_date:2026-11-26T00:00:00+0000
    cve,epss,percentile
    CVE-2024-0001,0.97553,0.99995

The list names every vulnerability there is, each day anew. All are rows; STIX objects are made of
those that are asked for, one note each, of which every day makes a version.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from comity.bridges.feeds import kev
from comity.bridges.misp import marks, shape
from comity.bridges.stix.record import Flaw
from comity.kernel.errors import Phrase, Refusal

LIMIT = 256 * 1024 * 1024
"""The largest list, unpacked, in bytes; it has some 10 MiB."""
MOST = 2_000_000
"""The most rows of a list."""
MOST_FLAWS = 1_000
"""The most rows told to be none; beyond, it is no such list."""
COLUMNS = ["cve", "epss", "percentile"]
FIRST_SCORES = 1_618_358_400
"""When the first scores came out, 14 April 2021: since then a note on any may exist."""
_HEAD = re.compile(r"#\s*model_version:([\w.]{1,40}),\s*score_date:([0-9T:+Z.-]{10,40})\s*")
_NUMBER = re.compile(r"[01](\.[0-9]{1,20})?|[0-9.]{1,20}e-[0-9]{1,2}", re.IGNORECASE)


class Row(NamedTuple):
    """A score: ``cve``, ``score`` and ``percentile``, both from 0 to 1."""

    cve: str
    score: float
    percentile: float


class Scores(NamedTuple):
    """What a list says: ``model``, the instant ``scored`` in seconds, all ``rows``; ``objects`` as
    JSON of those that were asked for, and the ``flaws`` of rows that are none.
    """

    model: str
    scored: int
    rows: list[Row]
    objects: list[bytes]
    flaws: list[Flaw]


def read(data: bytes, wanted: Collection[str] = ()) -> Scores:
    """Return the scores of a list, and notes on the CVEs that are ``wanted``.

    Raises Refusal X52 and X56 for what is no such list.
    """
    if len(data) > LIMIT:
        raise Refusal("X56", Phrase("The list has more than {most} MiB.", most=LIMIT >> 20))
    try:
        head, _, rest = data.decode().removeprefix("\ufeff").partition("\n")
    except UnicodeDecodeError:
        raise Refusal("X56", Phrase("The list is no text in UTF-8.")) from None
    model, scored = _head(head)
    rows, flaws = _rows(csv.reader(io.StringIO(rest, newline=""), strict=True))
    asked = frozenset(wanted)
    made = [_note(row, model, scored) for row in rows if row.cve in asked]
    return Scores(model, scored, rows, list(map(orjson.dumps, made)), flaws)


def _head(line: str) -> tuple[str, int]:
    found = _HEAD.fullmatch(line.strip())
    if not found:
        raise Refusal("X56", Phrase("The first line does not say the model and the date."))
    said = shape.moment({"score_date": found[2]}, "score_date")
    return found[1], int(datetime.fromisoformat(said).timestamp())


def _rows(lines: Any) -> tuple[list[Row], list[Flaw]]:  # noqa: ANN401 - A reader of csv has no type.
    """Return the rows of a list, the first of each CVE, and the flaws of lines that are none."""
    rows: dict[str, Row] = {}
    flaws: list[Flaw] = []
    for number, cells in enumerate(_cells(lines)):
        row = _row(cells)
        if row and row.cve not in rows:
            rows[row.cve] = row
            continue
        if len(flaws) >= MOST_FLAWS or number >= MOST:
            raise Refusal("X56", Phrase("Most of this is no list of scores."))
        told = Phrase("The row has no CVE that is new, or no two numbers from 0 to 1.")
        flaws.append(Flaw(cells[0][:30] if cells else "", f"rows[{number}]", "X56", told))
    return list(rows.values()), flaws


def _cells(lines: Any) -> Iterable[list[str]]:  # noqa: ANN401 - As above.
    try:
        if next(lines, []) != COLUMNS:
            raise Refusal("X56", Phrase("The columns are not {names}.", names=", ".join(COLUMNS)))
        yield from lines
    except csv.Error:
        raise Refusal("X56", Phrase("Line {line} is no CSV.", line=lines.line_num + 1)) from None


def _row(cells: list[str]) -> Row | None:
    if len(cells) != len(COLUMNS) or not kev.CVE.fullmatch(cells[0]):
        return None
    numbers = [float(cell) if _NUMBER.fullmatch(cell) else -1 for cell in cells[1:]]
    return Row(cells[0], *numbers) if all(0 <= each <= 1 for each in numbers) else None


def note_id(cve: str) -> str:
    """Return the id of the note on the score of a CVE, the same in every version."""
    return f"note--{marks.made('epss', cve)}"


def _note(row: Row, model: str, scored: int) -> dict[str, Any]:
    made = kev.public(note_id(row.cve), min(FIRST_SCORES, scored), scored)
    percent = f"{row.score:.2%}"
    return made | {
        "abstract": f"{row.cve}: {percent} likely to be exploited within 30 days",
        "content": f"EPSS {row.score:.5f}, above {row.percentile:.2%} of all vulnerabilities.",
        "object_refs": [kev.vulnerability_id(row.cve)],
        "external_references": [{"source_name": "epss", "description": f"FIRST EPSS {model}"}],
    }
