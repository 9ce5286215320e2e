"""Reading objects: what stands on a shelf, page by page, and what is known of one of them.

What a reader may see is said by a ``Sight``: shelves, and for every set of sources the strictest
label that passes. It is worked out by ``kernel.label.decide`` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from comity.store import halves
from comity.store.phrases import unpacked
from comity.store.sql import marks, query

SHOWN, RETRACTED, GONE, DOUBLE, CLASH = range(5)
"""States of a holding: shown; taken back by its source; only its record is left; the same bytes
stand there already; other bytes of the same version stand there already.
"""
ALARMS = ("X22", "X27", "X28")
"""Rules whose breach is remembered of what stands on a shelf all the same."""
CHUNK = 500
Clause: TypeAlias = "tuple[str, list[object]]"


class ShelfRow(NamedTuple):
    """A shelf, as its table says; ``made_at`` in ms."""

    number: int
    id: str
    kind: str
    source: str
    title: str
    description: str
    alias: str
    label: str
    ceiling: str
    readers: str
    made_at: int


class Sight(NamedTuple):
    """What somebody sees: of these ``shelves``, by number, holdings whose sources are among
    ``passes``, each (number of the set, rank of the strictest label).
    """

    shelves: tuple[int, ...]
    passes: tuple[tuple[int, int], ...]


class Asked(NamedTuple):
    """What is looked for: objects of these ids, types and versions, added after a moment (µs).

    ``versions`` are "first", "last", "all" or moments in µs; nothing means the newest.
    """

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str | int, ...] = ()
    after: int = 0


class EntryRow(NamedTuple):
    """A holding and its object, times in µs. ``mark_at`` and ``mark_end`` are those of the object;
    ``data`` is empty where bytes were not asked for.
    """

    added: int
    shelf: int
    object: int
    stix_id: str
    version: int
    type: str
    own: int
    tlp: int
    mark_at: int
    mark_end: int
    data: bytes


class Standing(NamedTuple):
    """What a shelf shows of an object: when it was ``added``, its number and version."""

    added: int
    stix_id: str
    object: int
    version: int
    newest: bool
    oldest: bool


class HoldingRow(NamedTuple):
    """A holding, as its table says."""

    added: int
    shelf: int
    object: int
    type: str
    act: int | None
    part: int
    sources: int
    tlp: int
    pap: int
    newest: bool
    oldest: bool
    state: int


class FlawRow(NamedTuple):
    """What was refused or is wrong of a batch; ``at`` in ms."""

    shelf: int
    act: int | None
    part: int
    stix_id: str
    path: str
    rule: str
    reason: str
    at: int


class BatchRow(NamedTuple):
    """A batch on its way to a shelf."""

    act: int
    dossier: str
    parts: int
    done: int


_SHELF = ", ".join(ShelfRow._fields)
_HOLDING = ", ".join(f"h.{name}" for name in HoldingRow._fields)
_RECORD = (
    "h.added, h.shelf, h.object, o.stix_id, o.version, h.type, o.tlp, h.tlp, o.mark_at, o.mark_end"
)
_ENTRY = f"{_RECORD}, o.data"
_SERVED = "h.added, CASE WHEN o.tlp < h.tlp THEN h.tlp ELSE -1 END, o.mark_at, o.mark_end, o.data"
ServedRow: TypeAlias = "tuple[int, int, int, int, bytes]"


def shelves(db: str) -> list[ShelfRow]:
    """Return all shelves, by title."""
    return [ShelfRow(*row) for row in query(db, f"SELECT {_SHELF} FROM store_shelf ORDER BY title")]


def shelf(db: str, name: str) -> ShelfRow | None:
    """Return a shelf by its id, its alias or its source, or None."""
    sql = f"SELECT {_SHELF} FROM store_shelf WHERE id = %s OR alias = %s OR source = %s"
    found = [ShelfRow(*row) for row in query(db, sql, (name, name, name))] if name else []
    # What is an id is meant as one, whatever another shelf is called.
    return min(found, key=lambda row: (row.id != name, row.alias != name), default=None)


def count(db: str, shelf: int) -> int:
    """Return how many objects a shelf shows, each in its newest version."""
    sql = f"SELECT COUNT(*) FROM store_holding WHERE shelf = %s AND newest AND state = {SHOWN}"
    found: int = query(db, sql, (shelf,))[0][0]
    return found


def source_sets(db: str) -> list[tuple[int, frozenset[str]]]:
    """Return every set of sources with its number."""
    rows = query(db, "SELECT number, names FROM store_sources")
    return [(number, frozenset(names.split())) for number, names in rows]


def page(
    db: str,
    sight: Sight,
    asked: Asked,
    *,
    limit: int,
    data: bool = True,
    more: Sequence[Clause] = (),
    backwards: bool = False,
) -> list[EntryRow]:
    """Return what somebody sees and asks for, in the order in which it was added, or
    ``backwards``. ``more`` are conditions on the holding ``h`` or its object ``o``; those by which
    few objects are found say so by asking for ``o.n``.
    """
    found = _page(db, _ENTRY if data else _RECORD, sight, asked, limit, more, backwards=backwards)
    if not data:
        return [EntryRow._make((*row, b"")) for row in found]
    return [EntryRow._make(row) for row in found]


def served(db: str, sight: Sight, asked: Asked, limit: int) -> list[ServedRow]:
    """As ``page``, what serving an object takes and no more, because every column takes time:
    (added, rank, mark_at, mark_end, data). ``rank`` is of the label it stands under, and -1 where
    its own marking is as strict.
    """
    return _page(db, _SERVED, sight, asked, limit)


def _page(
    db: str,
    columns: str,
    sight: Sight,
    asked: Asked,
    limit: int,
    more: Sequence[Clause] = (),
    *,
    backwards: bool = False,
) -> list[Any]:
    if not sight.shelves or not sight.passes:
        return []
    order = "DESC" if backwards else "ASC"
    few = bool(asked.ids) or any(sql.startswith("o.n IN") for sql, _ in more)
    # SQLite, which has no statistics, would look through the shelf instead.
    tables = (
        "store_objectversion o CROSS JOIN store_holding h"
        if few
        else "store_holding h JOIN store_objectversion o ON o.n = h.object"
    )
    clauses = [*_seen(sight), *_asked(asked), *more]
    if few:
        # The plus keeps SQLite from the index of the shelf.
        clauses = [(sql.replace("h.shelf", "+h.shelf"), values) for sql, values in clauses]
        clauses = [(sql.replace("h.added", "+h.added"), values) for sql, values in clauses]
        clauses.append(("h.object = o.n", []))
    elif len(sight.shelves) > 1 and not asked.types:
        # In the order of all that was added, since several shelves would have to be sorted.
        clauses = [(sql.replace("h.shelf", "+h.shelf"), values) for sql, values in clauses]
    return query(
        db,
        f"SELECT {columns} FROM {tables} WHERE {' AND '.join(sql for sql, _ in clauses)} "
        f"ORDER BY h.added {order} LIMIT %s",
        (*(value for _, values in clauses for value in values), limit),
    )


def _seen(sight: Sight) -> Iterator[Clause]:
    yield _among("h.shelf", sight.shelves)
    pairs = ["(h.sources = %s AND h.tlp <= %s)" for _ in sight.passes]
    yield f"({' OR '.join(pairs)})", [value for pair in sight.passes for value in pair]
    if len(sight.shelves) > 1:
        # Of what stands on several shelves that somebody sees, the first is shown. The plus keeps
        # SQLite from looking through all that was added before.
        inner = " OR ".join("(e.sources = %s AND e.tlp <= %s)" for _ in sight.passes)
        sql = (
            "NOT EXISTS (SELECT 1 FROM store_holding e WHERE e.object = h.object AND "
            f"e.shelf IN ({marks(len(sight.shelves))}) AND e.state = {SHOWN} AND "
            f"+e.added < h.added AND ({inner}))"
        )
        yield sql, [*sight.shelves, *(value for pair in sight.passes for value in pair)]


def _among(column: str, values: Sequence[object]) -> Clause:
    if len(values) == 1:
        return f"{column} = %s", [*values]
    return f"{column} IN ({marks(len(values))})", [*values]


def _asked(asked: Asked) -> Iterator[Clause]:
    yield "h.state = 0", []
    yield "h.added > %s", [asked.after]
    if asked.ids:
        yield halves.among("o", asked.ids)
    if asked.types:
        yield _among("h.type", asked.types)
    versions = asked.versions or ("last",)
    if "all" not in versions:
        moments = [each for each in versions if isinstance(each, int)]
        either = [f"h.{name}" for told, name in _FLAGS if told in versions]
        if moments:
            either.append(f"o.version IN ({marks(len(moments))})")
        yield either[0] if len(either) == 1 else f"({' OR '.join(either)})", [*moments]


_FLAGS = (("last", "newest"), ("first", "oldest"))


def numbers(db: str, ids: Sequence[str]) -> dict[tuple[str, int, bytes], int]:
    """Return the number of every version held of these objects, by (id, version, hash)."""
    sql = "SELECT o.n, o.stix_id, o.version, o.hash FROM store_objectversion o WHERE"
    rows = _of_ids(db, sql, ids)
    return {(stix_id, version, bytes(digest)): n for n, stix_id, version, digest in rows}


def standing(db: str, shelf: int, ids: Sequence[str]) -> list[Standing]:
    """Return what a shelf shows of these objects."""
    # Joined so that SQLite, which has no statistics, looks for the objects first.
    sql = (
        "SELECT h.added, o.stix_id, h.object, o.version, h.newest, h.oldest "
        "FROM store_objectversion o CROSS JOIN store_holding h "
        f"WHERE h.object = o.n AND h.state = {SHOWN} AND h.shelf = {shelf:d} AND"
    )
    found = (Standing(*row) for row in _of_ids(db, sql, ids))
    return [each._replace(newest=bool(each.newest), oldest=bool(each.oldest)) for each in found]


def objects_of(db: str, added: Sequence[int]) -> dict[int, int]:
    """Return the number of the object version of each of these holdings."""
    sql = "SELECT added, object FROM store_holding WHERE added IN"
    return dict(_in_chunks(db, sql, added))


def ids_of(db: str, objects: Sequence[int]) -> dict[int, str]:
    """Return the ids of object versions."""
    return dict(_in_chunks(db, "SELECT n, stix_id FROM store_objectversion WHERE n IN", objects))


def doubles(db: str, shelf: int, objects: Sequence[int]) -> list[int]:
    """Return of each of these object versions, where the shelf shows none, the holding that stands
    there a second time under the strictest label, the first of several.
    """
    sql = (
        "SELECT h.object, -h.tlp, h.added FROM store_holding h "
        f"WHERE h.state = {DOUBLE} AND h.shelf = {shelf:d} AND NOT EXISTS (SELECT 1 FROM "
        f"store_holding e WHERE e.object = h.object AND e.shelf = h.shelf AND e.state = {SHOWN}) "
        "AND h.object IN"
    )
    best: dict[int, tuple[int, int]] = {}
    for object_, *rank in _in_chunks(db, sql, objects):
        best[object_] = min(best.get(object_, (1, 0)), (rank[0], rank[1]))
    return sorted(added for _, added in best.values())


def outranked(db: str, shelf: int, objects: Sequence[int]) -> list[tuple[int, int]]:
    """Return (added, object) of what a shelf shows under a wider label than that under which the
    same bytes stand there a second time.
    """
    sql = (
        "SELECT DISTINCT h.added, h.object FROM store_holding h JOIN store_holding d "
        f"ON d.object = h.object AND d.shelf = h.shelf AND d.state = {DOUBLE} AND d.tlp > h.tlp "
        f"WHERE h.state = {SHOWN} AND h.shelf = {shelf:d} AND h.object IN"
    )
    return [(added, object_) for added, object_ in _in_chunks(db, sql, objects)]


def holdings(db: str, added: Sequence[int]) -> list[HoldingRow]:
    """Return holdings by when they were added."""
    sql = f"SELECT {_HOLDING} FROM store_holding h WHERE h.added IN"
    return [HoldingRow(*row) for row in _in_chunks(db, sql, added)]


def holdings_of_act(db: str, act: int, parts: Sequence[int] | None = None) -> list[HoldingRow]:
    """Return what an act brought to shelves: all, or of some of its parts."""
    sql = f"SELECT {_HOLDING} FROM store_holding h WHERE h.act = {act:d}"
    if parts is None:
        return [HoldingRow(*row) for row in query(db, sql)]
    return [HoldingRow(*row) for row in _in_chunks(db, f"{sql} AND h.part IN", parts)]


def parts_held(db: str, act_numbers_: Sequence[int]) -> dict[int, list[int]]:
    """Return of each of these acts which parts are held: not what was erased or refused."""
    sql = f"SELECT act, part FROM store_holding WHERE state <> {GONE} AND act IN"
    found: dict[int, list[int]] = {}
    for act, part in _in_chunks(db, sql, act_numbers_):
        found.setdefault(act, []).append(part)
    return found


def holdings_of_objects(db: str, numbers_: Sequence[int]) -> list[HoldingRow]:
    """Return every holding of object versions."""
    sql = f"SELECT {_HOLDING} FROM store_holding h WHERE h.object IN"
    return [HoldingRow(*row) for row in _in_chunks(db, sql, numbers_)]


def holdings_of(db: str, stix_id: str) -> list[tuple[HoldingRow, int]]:
    """Return every holding of an object with its version (µs), the newest version first."""
    one, told = halves.among("o", (stix_id,))
    rows = query(
        db,
        f"SELECT {_HOLDING}, o.version FROM store_objectversion o "
        f"JOIN store_holding h ON h.object = o.n WHERE {one} ORDER BY o.version DESC, h.added",
        told,
    )
    return [(HoldingRow(*row[:12]), row[12]) for row in rows]


def own_labels(db: str, objects: Sequence[int]) -> dict[int, int]:
    """Return the rank of the strictest own marking of object versions, -1 where there is none."""
    sql = "SELECT n, tlp FROM store_objectversion WHERE n IN"
    return dict(_in_chunks(db, sql, sorted(set(objects))))


def parts_present(db: str, act: str, first: int, last: int) -> set[int]:
    """Return which of the parts ``first`` to ``last`` of an act are held: not what was erased."""
    sql = (
        "SELECT idx FROM store_part WHERE act = %s AND idx >= %s AND idx <= %s AND salt IS NOT NULL"
    )
    return {row[0] for row in query(db, sql, (act, first, last))}


def parts_refused(db: str, act: int) -> set[int]:
    """Return which parts of an act were refused: not what raised an alarm and stands there."""
    sql = f"SELECT part FROM store_flawed WHERE act = %s AND rule NOT IN ({marks(len(ALARMS))})"
    return {row[0] for row in query(db, sql, (act, *ALARMS))}


def data_of(db: str, objects: Sequence[int]) -> dict[int, bytes]:
    """Return the bytes of object versions."""
    rows = _in_chunks(db, "SELECT n, data FROM store_objectversion WHERE n IN", objects)
    return {n: bytes(data) for n, data in rows}


def worded_data(db: str, numbers_: Sequence[int]) -> dict[int, bytes]:
    """Return the bytes of those of these object versions that full text finds."""
    rows = _in_chunks(db, "SELECT n, data FROM store_objectversion WHERE worded AND n IN", numbers_)
    return {n: bytes(data) for n, data in rows}


def orphans(db: str, objects: Sequence[int]) -> list[int]:
    """Return those of these object versions that stand nowhere and that no part has."""
    sql = (
        "SELECT o.n FROM store_objectversion o WHERE NOT EXISTS (SELECT 1 FROM store_holding h "
        f"WHERE h.object = o.n AND h.state <> {GONE}) AND NOT EXISTS (SELECT 1 FROM store_part p "
        "WHERE p.object = o.n) AND o.n IN"
    )
    return [row[0] for row in _in_chunks(db, sql, objects)]


def batches(db: str, limit: int = 100, after: int = -1) -> list[BatchRow]:
    """Return batches that are not wholly on their shelf, the oldest first, ``after`` an act."""
    sql = (
        "SELECT act, dossier, parts, done FROM store_batch WHERE done < parts AND act > %s "
        "ORDER BY act LIMIT %s"
    )
    return [BatchRow(*row) for row in query(db, sql, (after, limit))]


def has_work(db: str) -> bool:
    """Say whether a batch is not wholly on its shelf, or an object not found by full text."""
    sql = (
        "SELECT EXISTS (SELECT 1 FROM store_batch WHERE done < parts) "
        "OR EXISTS (SELECT 1 FROM store_objectversion WHERE NOT worded)"
    )
    return bool(query(db, sql)[0][0])


def wordless(db: str, limit: int) -> list[tuple[int, bytes]]:
    """Return object versions that full text does not find yet: number and bytes."""
    rows = query(
        db,
        "SELECT n, data FROM store_objectversion WHERE NOT worded ORDER BY n LIMIT %s",
        (limit,),
    )
    return [(n, bytes(data)) for n, data in rows]


def flaws(db: str, shelf: int, *, act: int | None = None, limit: int = 100) -> list[FlawRow]:
    """Return what was refused or is wrong on a shelf, the newest first; of one ``act`` alone."""
    where, more = ("", []) if act is None else (" AND act = %s", [act])
    rows = query(
        db,
        f"SELECT {', '.join(FlawRow._fields)} FROM store_flawed WHERE shelf = %s{where} "
        "ORDER BY id DESC LIMIT %s",
        (shelf, *more, limit),
    )
    return [row._replace(reason=unpacked(row.reason)) for row in map(FlawRow._make, rows)]


def batches_before(
    db: str, dossier: str, kinds: Sequence[str], before: int, limit: int
) -> list[str]:
    """Return acts of these kinds said before a moment (ms), of which something is held still."""
    rows = query(
        db,
        f"SELECT a.id FROM store_act a WHERE a.dossier = %s AND a.kind IN ({marks(len(kinds))}) "
        "AND a.time < %s AND EXISTS (SELECT 1 FROM store_part p WHERE p.act = a.id "
        "AND p.salt IS NOT NULL) ORDER BY a.idx LIMIT %s",
        (dossier, *kinds, before, limit),
    )
    return [row[0] for row in rows]


def act_numbers(db: str, ids: Sequence[str]) -> dict[str, int]:
    """Return the numbers of acts."""
    return dict(_in_chunks(db, "SELECT id, n FROM store_act WHERE id IN", ids))


def act_ids(db: str, numbers_: Sequence[int]) -> dict[int, str]:
    """Return the ids of acts, by number."""
    return dict(_in_chunks(db, "SELECT n, id FROM store_act WHERE n IN", numbers_))


def _in_chunks(
    db: str, sql: str, values: Sequence[object], more: str = ""
) -> Iterable[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for at in range(0, len(values), CHUNK):
        some = values[at : at + CHUNK]
        rows += query(db, f"{sql} ({marks(len(some))}){more}", tuple(some))
    return rows


def _of_ids(db: str, sql: str, ids: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Yield what a statement finds of these objects; it calls their table ``o``."""
    wanted = sorted(set(ids))
    for at in range(0, len(wanted), CHUNK):
        one, told = halves.among("o", wanted[at : at + CHUNK])
        yield from query(db, f"{sql} {one}", told)
