"""Reports that wait unread, many at once: where a machine sent them, nobody reads one by one.

A heap is what came with the same words, digits and spaces apart, or on one day (UTC). It is closed
or erased whole. What was taken into a dossier, begun or answered here is in no heap. Nothing is
known of who sent them, so there is no heap by sender.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.errors import Refusal
from comity.services.people import audit
from comity.services.response import reports
from comity.services.response.intake import ABUSE, FLOOD
from comity.store.access import reports as access
from comity.store.append import acts as append_acts
from comity.store.append import reports as append
from comity.store.append.log import lock
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.reports import WaitingRow

ASIDE, ERASE = "aside", "erase"
DEEDS: Mapping[str, str] = MappingProxyType(
    {
        ASIDE: "Set them aside: who writes again is read",
        ABUSE: "Close them as not being reports: nothing more is accepted for them",
        ERASE: "Erase them: their addresses show nothing any more",
    }
)
"""What is done with a heap, as it is offered."""
_REASONS = {ASIDE: FLOOD, ABUSE: ABUSE}
_VARYING = re.compile(r"[\d\s]+")


class Heap(NamedTuple):
    """Reports that wait and have something in common: their words, or the day named by ``key``.

    ``affected`` and ``words`` are of the oldest; ``oldest`` and ``newest`` when its finder said
    something last (ms); ``size`` in bytes.
    """

    key: str
    by_words: bool
    number: int
    size: int
    oldest: int
    newest: int
    affected: str
    words: str


class Load(NamedTuple):
    """What waits unread: how many, how many bytes, and when the oldest and newest of them were said
    (ms), None where none does.
    """

    number: int
    size: int
    oldest: int | None
    newest: int | None


def load(node: Node, actor: Actor | None) -> Load:
    """Say what waits unread. Raises Refusal S10."""
    reports.require_reader(node, actor)
    rows = access.unread(node.db)
    times = [row.changed_at for row in rows]
    return Load(*access.load(node.db), min(times, default=None), max(times, default=None))


def heaps(node: Node, actor: Actor | None) -> list[Heap]:
    """Return the heaps of two or more: those of the same words, the largest first, then those of a
    day, the oldest first. Raises Refusal S10.
    """
    reports.require_reader(node, actor)
    found: dict[tuple[bool, str], list[WaitingRow]] = {}
    for row in access.waiting(node.db):
        for key in _keys(row):
            found.setdefault((len(key) == _LENGTH, key), []).append(row)
    made = [_heap(key, rows, by_words) for (by_words, key), rows in found.items() if rows[1:]]
    return sorted(
        made, key=lambda heap: (not heap.by_words, -heap.number * heap.by_words, heap.key)
    )


_LENGTH = 16
_SHOWN = 400
"""Characters of the words of a heap that are shown."""


def _keys(row: WaitingRow) -> tuple[str, str]:
    words = _VARYING.sub(" ", f"{row.affected}\n{row.words}".casefold()).strip()
    day = datetime.fromtimestamp(row.changed_at // 1000, UTC).date().isoformat()
    return hashlib.sha256(words.encode()).hexdigest()[:_LENGTH], day


def _heap(key: str, rows: list[WaitingRow], by_words: bool) -> Heap:  # noqa: FBT001  of the key
    times, first = [row.changed_at for row in rows], rows[0]
    size = sum(row.size for row in rows)
    words = first.words.strip()[:_SHOWN]
    return Heap(key, by_words, len(rows), size, min(times), max(times), first.affected, words)


def clear_away(node: Node, actor: Actor | None, key: str, deed: str, until: int) -> int:
    """Do one of ``DEEDS`` with a heap, as far as it came until ``until`` (ms): what came since was
    seen by nobody. Return how many reports that were.

    Raises Refusal S10, S4 for another deed, S3 when nothing of it waits any more.
    """
    reports.require_reader(node, actor, alone=True)
    if deed not in DEEDS:
        raise Refusal("S4", "Choose what to do with them.", "deed")
    with writing(node.db):
        lock(node.db, "reports")
        rows = access.waiting(node.db)
        ids = [row.id for row in rows if key in _keys(row) and row.changed_at <= until]
        if not ids:
            raise Refusal("S3", "Nothing of this waits any more.", key)
        _do(node, ids, deed)
        what = "reports_erased" if deed == ERASE else "reports_closed"
        detail = {"count": len(ids)} | ({} if deed == ERASE else {"reason": _REASONS[deed]})
        audit.note(node, actor, what, key, detail=detail)
    return len(ids)


def _do(node: Node, ids: Iterable[str], deed: str) -> None:
    for id_ in ids:
        if deed == ERASE:
            append.forget(node.db, id_)
        else:
            append.set_state(node.db, id_, access.CLOSED, _REASONS[deed], node.now())
    if deed == ERASE:
        append_acts.set_cursor(node.db, reports.ERASED, node.now())
