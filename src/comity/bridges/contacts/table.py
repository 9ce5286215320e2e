"""Contacts as a table: CSV (RFC 4180), one row a contact, named columns.

Columns are named as the fields of a contact, and are read in any order; those of other names are
kept in ``rest``. Nothing is lost; what a spreadsheet would run is hidden from it (``cells``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from comity.bridges.cells import hidden, shown
from comity.bridges.contacts.record import (
    FIELDS,
    HEAD,
    Contact,
    Draft,
    Reading,
    Writing,
    is_kept,
    iso,
    reading,
    require_number,
    require_size,
    written,
)
from comity.kernel.errors import Phrase
from comity.kernel.fieldtypes import instant_from_text

COLUMNS = (*HEAD, *FIELDS, "updated")
MOST = 1_000
"""The most columns."""
_KEPT = "csv."


def read(text: str) -> Reading:
    """Return the contacts of a table, its columns parted by commas, semicolons or tabs.

    Raises ValueError where there is no line of names, and for a row that is longer than it.
    """
    require_size(text)
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    parted = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=parted, strict=True)
    try:
        names = [_name(cell) for cell in next(rows, [])]
        _require_names(names)
        return _read(names, rows)
    except csv.Error:
        raise ValueError(Phrase("Line {line} is no CSV.", line=rows.line_num)) from None


def _name(cell: str) -> str:
    name = shown(cell).strip()
    code = name.lower().replace(" ", "_").replace("-", "_")
    return code if code in COLUMNS else name


def _require_names(names: list[str]) -> None:
    known = [name for name in names if name in COLUMNS]
    if not known or len(names) > MOST:
        raise ValueError(
            Phrase(
                "The first line names the columns, as {names}; at most {most} of them.",
                names=", ".join(COLUMNS[:6]),
                most=MOST,
            )
        )
    if twice := next((name for name in names if name and names.count(name) > 1), None):
        raise ValueError(Phrase("The column {name} is there twice.", name=twice))


def _read(names: list[str], rows: Iterable[list[str]]) -> Reading:
    drafts: list[Draft] = []
    for number, row in enumerate(rows, 1):
        if len(row) > len(names):
            raise ValueError(Phrase("Row {number} has more cells than columns.", number=number))
        if any(cell.strip() for cell in row):
            require_number(len(drafts) + 1)
            drafts.append(_draft(zip(names, map(shown, row), strict=False)))
    return reading(drafts)


def _draft(cells: Iterable[tuple[str, str]]) -> Draft:
    draft = Draft()
    for name, value in cells:
        if name == "updated":
            _update(draft, value.strip())
        elif name in COLUMNS:
            draft.add(name, value)
        else:
            draft.keep(name if is_kept(name) else f"{_KEPT}{name or 'unnamed'}", value)
    return draft


def _update(draft: Draft, value: str) -> None:
    try:
        draft.updated = instant_from_text(value) if value else None
    except ValueError:
        told = Phrase(
            "{value} is no date and time with its zone; it is kept as it is.", value=value
        )
        draft.lost.append(told)
        draft.keep(_KEPT + "updated", value)


def write(contacts: Sequence[Contact]) -> Writing:
    """Return the contacts as a table with commas; it has every column."""
    # A row in which nothing stands is none.
    contacts = [each for each in contacts if each != Contact()]
    more = list(dict.fromkeys(name for each in contacts for name, _ in each.rest))
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(map(hidden, (*COLUMNS, *map(_column, more))))
    rows.writerows(map(hidden, _cells(each, more)) for each in contacts)
    return written(out.getvalue(), contacts, read)


def _column(name: str) -> str:
    """Return the name of a column for what has no field, as it was read; no other is called so."""
    short = name.removeprefix(_KEPT)
    return name if "." in short or _name(short) in COLUMNS else short


def _cells(contact: Contact, more: Sequence[str]) -> Iterator[str]:
    rest = dict(contact.rest)
    yield from (contact.told(name) for name in COLUMNS[:-1])
    yield "" if contact.updated is None else iso(contact.updated)
    yield from (rest.get(name, "") for name in more)
