"""Writing objects: their bytes once, and what stands on which shelf.

Call all of it within a write transaction. What allocates takes a row lock first, so that objects
become visible in the order of ``added``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from comity.store.access import objects as access
from comity.store.access.objects import CLASH, DOUBLE, GONE, SHOWN
from comity.store.append.log import allocate, lock
from comity.store.halves import half
from comity.store.phrases import packed
from comity.store.sql import insert, marks, query, run_many

CHUNK = 500
"""Values in one question: both databases take more, and this is enough."""


class NewVersion(NamedTuple):
    """A version of an object to be kept, as its table says; times in µs."""

    stix_id: str
    version: int
    created: int
    type: str
    hash: bytes
    tlp: int
    mark_at: int
    mark_end: int
    data: bytes


class NewHolding(NamedTuple):
    """An object version to be put on a shelf: its number, id and version, and where it came from.

    ``act`` is the number of the act, None of an intake; ``tlp`` and ``pap`` are ranks.
    """

    object: int
    stix_id: str
    version: int
    type: str
    act: int | None
    part: int
    sources: int
    tlp: int
    pap: int = 0


def keep(db: str, items: Sequence[NewVersion]) -> tuple[list[tuple[int, bool]], frozenset[str]]:
    """Keep the bytes of object versions, each once. Return of each its number and whether it is new
    here, and the ids of those of which there was no version before.
    """
    lock(db, "objects")
    ids = frozenset(item.stix_id for item in items)
    known = access.numbers(db, [*ids])
    first = ids.difference(stix_id for stix_id, _, _ in known)
    found: list[tuple[int, bool]] = []
    fresh: list[NewVersion] = []
    for item in items:
        key = (item.stix_id, item.version, item.hash)
        if is_new := key not in known:
            known[key] = -len(fresh) - 1  # Numbered below, once it is known how many are new.
            fresh.append(item)
        found.append((known[key], is_new))
    if not fresh:
        return found, first
    number = allocate(db, "object", len(fresh))
    # One at a time: several are copied by the library before it writes them, and these are long.
    run_many(
        db,
        "INSERT INTO store_objectversion (n, stix_id, version, created, type, hash, tlp, "
        "mark_at, mark_end, data, half, size, worded) "
        f"VALUES ({marks(13)})",
        [
            (number + i, *item, half(item.stix_id), len(item.data), False)
            for i, item in enumerate(fresh)
        ],
    )
    return [(number - n - 1 if n < 0 else n, is_new) for n, is_new in found], first


def index(db: str, observables: Sequence[tuple[str, str, int]]) -> None:
    """Let objects be found by what they are about, given as (kind, value, object)."""
    insert(db, "store_observable (kind, value, object)", observables)


def insert_named(db: str, named: Sequence[tuple[int, str]]) -> None:
    """Let objects be found by what they name, given as (object, id)."""
    insert(db, "store_named (object, named)", named)


def _moments(db: str, count: int, now: int) -> int:
    """Return the first of ``count`` moments, in µs: ``now``, or right after the last before it.

    The row stays locked until the transaction ends, so they become visible in order.
    """
    rows = query(
        db,
        "INSERT INTO store_counter (name, value) VALUES ('holding', %s) "
        "ON CONFLICT (name) DO UPDATE SET value = CASE WHEN store_counter.value + %s > "
        "excluded.value THEN store_counter.value + %s ELSE excluded.value END RETURNING value",
        (now + count - 1, count, count),
    )
    return int(rows[0][0]) - count + 1


class _Standing:
    """What a shelf shows of some objects, while more of them are put there."""

    def __init__(self, standing: Iterable[access.Standing]) -> None:
        self._by_id: dict[str, list[access.Standing]] = defaultdict(list)
        self.changed: dict[int, tuple[bool, bool]] = {}
        for each in standing:
            self._by_id[each.stix_id].append(each)

    def put(self, added: int, item: NewHolding) -> tuple[int, bool, bool]:
        """Return the state of a holding that comes, and whether it is the newest and the oldest."""
        others = self._by_id[item.stix_id]
        if not others:
            others.append(
                access.Standing(added, item.stix_id, item.object, item.version, True, True)
            )
            return SHOWN, True, True
        state = _state(item, others)
        if state != SHOWN:
            return state, False, False
        newest = all(item.version >= each.version for each in others)
        oldest = all(item.version < each.version for each in others)
        for i, each in enumerate(others):
            flags = (each.newest and not newest, each.oldest and not oldest)
            if flags != (each.newest, each.oldest):
                others[i] = each._replace(newest=flags[0], oldest=flags[1])
                self.changed[each.added] = flags
        others.append(
            access.Standing(added, item.stix_id, item.object, item.version, newest, oldest)
        )
        return state, newest, oldest


def hold(
    db: str, shelf: int, items: Sequence[NewHolding], now: int, fresh: Container[str] = ()
) -> list[int]:
    """Put object versions on a shelf, and return the state of each: shown, double when the same
    bytes stand there already, or clash when other bytes of that version do. ``now`` is in µs;
    ``fresh`` are the ids of objects of which nothing stood anywhere before.
    """
    if not items:
        return []
    first = _moments(db, len(items), now)
    ids = [item.stix_id for item in items]
    known = [id_ for id_ in ids if id_ not in fresh]
    shown = _Standing(access.standing(db, shelf, known))
    if known or len({*ids}) < len(ids):
        placed = [shown.put(added, item) for added, item in enumerate(items, first)]
    else:
        # Most are new; what is true of them all is said without a look at each.
        placed = [(SHOWN, True, True)] * len(items)
    insert(
        db,
        "store_holding (added, shelf, object, type, act, part, sources, tlp, pap, state, newest, "
        "oldest)",
        [
            (added, shelf, i.object, i.type, i.act, i.part, i.sources, i.tlp, i.pap, *flags)
            for added, (i, flags) in enumerate(zip(items, placed, strict=True), first)
        ],
    )
    _set_flags(db, shown.changed)
    states = [state for state, _, _ in placed]
    again = [item.object for item, state in zip(items, states, strict=True) if state == DOUBLE]
    _show_strictest(db, shelf, again, now)
    return states


def _state(item: NewHolding, others: Iterable[access.Standing]) -> int:
    same = [each.object for each in others if each.version == item.version]
    if item.object in same:
        return DOUBLE
    # What has no versions, as an address, may be written in several ways: the last is shown.
    return CLASH if same and item.version else SHOWN


def _set_flags(db: str, changed: dict[int, tuple[bool, bool]]) -> None:
    run_many(
        db,
        "UPDATE store_holding SET newest = %s, oldest = %s WHERE added = %s",
        [(newest, oldest, added) for added, (newest, oldest) in changed.items()],
    )


def take_down(db: str, shelf: int, added: Sequence[int], state: int, now: int) -> None:
    """Let holdings of a shelf be shown no more; ``state`` says why, ``now`` is in µs.

    What stands there a second time, from another source, takes the place of what went.
    """
    objects = access.objects_of(db, added)
    for at in range(0, len(added), CHUNK):
        some = added[at : at + CHUNK]
        query(
            db,
            "UPDATE store_holding SET state = %s, newest = %s, oldest = %s "
            f"WHERE shelf = %s AND added IN ({marks(len(some))})",
            (state, False, False, shelf, *some),
        )
    _promote(db, shelf, sorted(set(objects.values())), now)
    _refresh(db, shelf, sorted(set(access.ids_of(db, [*set(objects.values())]).values())))


def _promote(db: str, shelf: int, objects: Sequence[int], now: int) -> None:
    """Show what stood there a second time, as added now."""
    doubles = access.doubles(db, shelf, objects)
    if doubles:
        first = _moments(db, len(doubles), now)
        run_many(
            db,
            "UPDATE store_holding SET state = %s, added = %s WHERE added = %s",
            [(SHOWN, first + i, added) for i, added in enumerate(doubles)],
        )


def _show_strictest(db: str, shelf: int, objects: Sequence[int], now: int) -> None:
    """Show of the same bytes, where several put them on a shelf, what has the strictest label: no
    later word of another lowers that of the first, whichever came first.
    """
    wider = access.outranked(db, shelf, sorted(set(objects)))
    if wider:
        sql = "UPDATE store_holding SET state = %s, newest = %s, oldest = %s WHERE added = %s"
        run_many(db, sql, [(DOUBLE, False, False, added) for added, _ in wider])
        numbers = sorted({object_ for _, object_ in wider})
        _promote(db, shelf, numbers, now)
        _refresh(db, shelf, sorted({*access.ids_of(db, numbers).values()}))


def _refresh(db: str, shelf: int, ids: Sequence[str]) -> None:
    """Work out anew which of the versions that a shelf shows are the newest and the oldest."""
    by_id: dict[str, list[access.Standing]] = defaultdict(list)
    for each in access.standing(db, shelf, ids):
        by_id[each.stix_id].append(each)
    changed = {}
    for standing in by_id.values():
        newest = max(standing, key=lambda each: (each.version, each.added)).added
        oldest = min(standing, key=lambda each: (each.version, each.added)).added
        for each in standing:
            flags = (each.added == newest, each.added == oldest)
            if flags != (each.newest, each.oldest):
                changed[each.added] = flags
    _set_flags(db, changed)


def relabel(db: str, held: Sequence[access.HoldingRow], tlp: int, now: int) -> None:
    """Give holdings another label: its rank. ``now`` is in µs."""
    run_many(
        db,
        "UPDATE store_holding SET tlp = %s WHERE added = %s",
        [(tlp, each.added) for each in held],
    )
    for shelf in sorted({each.shelf for each in held}):
        _show_strictest(db, shelf, [each.object for each in held if each.shelf == shelf], now)


def forget(db: str, objects: Sequence[int]) -> None:
    """Remove the bytes and the index of object versions that stand nowhere any more and that no
    part of an act has; their words have to go before (``words.delete``).
    """
    for at in range(0, len(objects), CHUNK):
        some = objects[at : at + CHUNK]
        listed = marks(len(some))
        for table, column in (
            ("observable", "object"),
            ("named", "object"),
            ("objectversion", "n"),
        ):
            query(db, f"DELETE FROM store_{table} WHERE {column} IN ({listed})", tuple(some))
        query(
            db,
            f"DELETE FROM store_holding WHERE state = {GONE} AND object IN ({listed})",
            tuple(some),
        )


def point_parts(db: str, act: str, places: Sequence[tuple[int, int]]) -> None:
    """Let parts of an act have their bytes from object versions: (part, object) each."""
    run_many(
        db,
        "UPDATE store_part SET data = NULL, object = %s WHERE act = %s AND idx = %s "
        "AND salt IS NOT NULL AND path = ''",
        [(object_, act, part) for part, object_ in places],
    )


def sources(db: str, names: Iterable[str]) -> int:
    """Return the number of a set of sources, which is made where it is new."""
    told = " ".join(sorted(set(names)))
    rows = query(db, "SELECT number FROM store_sources WHERE names = %s", (told,))
    if rows:
        return int(rows[0][0])
    lock(db, "sources")
    rows = query(db, "SELECT number FROM store_sources WHERE names = %s", (told,))
    if rows:
        return int(rows[0][0])
    number = allocate(db, "sources")
    query(db, "INSERT INTO store_sources (number, names) VALUES (%s, %s)", (number, told))
    return number


def insert_shelf(db: str, row: access.ShelfRow) -> access.ShelfRow:
    """Make a shelf and return it with its number; ``row`` has 0 there."""
    row = row._replace(number=allocate(db, "shelf"))
    columns = ", ".join(row._fields)
    query(db, f"INSERT INTO store_shelf ({columns}) VALUES ({marks(len(row))})", tuple(row))
    return row


def change_shelf(db: str, number: int, **fields: str) -> None:
    """Change what a shelf is called, where it is from or who reads it."""
    columns = ", ".join(f"{name} = %s" for name in fields)
    query(db, f"UPDATE store_shelf SET {columns} WHERE number = %s", (*fields.values(), number))


def insert_flaws(db: str, rows: Sequence[access.FlawRow]) -> None:
    """Remember what was refused of a batch, or is wrong about it."""
    columns = ", ".join(access.FlawRow._fields)
    run_many(
        db,
        f"INSERT INTO store_flawed ({columns}) VALUES ({marks(len(access.FlawRow._fields))})",
        [_fitted(row) for row in rows],
    )


def _fitted(row: access.FlawRow) -> access.FlawRow:
    reason = packed(row.reason)
    return row._replace(stix_id=row.stix_id[:300], path=row.path[:300], reason=reason)


def insert_batch(db: str, act: int, dossier: str, parts: int) -> None:
    """Note that the batch of an act has come and is to be put on its shelf; noting it twice is
    once.
    """
    query(
        db,
        "INSERT INTO store_batch (act, dossier, parts, done) VALUES (%s, %s, %s, 0) "
        "ON CONFLICT (act) DO NOTHING",
        (act, dossier, parts),
    )


def set_batch(db: str, act: int, done: int) -> None:
    """Note how many parts of a batch were looked at."""
    query(db, "UPDATE store_batch SET done = %s WHERE act = %s", (done, act))


def take_off(db: str, act: int) -> None:
    """Forget where the objects of an act stand and what was wrong with them, not their bytes, so
    that it is shelved anew; it has to be noted again.
    """
    for table in ("holding", "flawed", "batch"):
        query(db, f"DELETE FROM store_{table} WHERE act = %s", (act,))


def claim_piece(db: str, act: int, first: int, last: int) -> bool:
    """Note that the parts ``first`` to before ``last`` of a batch are looked at; False where
    another has done so.
    """
    sql = "UPDATE store_batch SET done = %s WHERE act = %s AND done = %s RETURNING act"
    return bool(query(db, sql, (last, act, first)))


def forget_flaws(db: str, act: int, parts: Sequence[int] | None) -> None:
    """Forget what was wrong with parts of an act, all of them without ``parts``: it may say what
    stood in them.
    """
    sql = "DELETE FROM store_flawed WHERE act = %s"
    if parts is None:
        query(db, sql, (act,))
    else:
        run_many(db, f"{sql} AND part = %s", [(act, part) for part in parts])


def insert_status(db: str, id_: str, token: str, shelf: int, value: str, at: int) -> None:
    """Keep what became of a request; ``value`` is JSON, ``at`` in ms."""
    query(
        db,
        "INSERT INTO store_taxiistatus (id, token, shelf, value, at) VALUES (%s, %s, %s, %s, %s)",
        (id_, token, shelf, value, at),
    )


def forget_statuses(db: str, before: int) -> None:
    """Forget what became of requests made before a moment, in ms."""
    query(db, "DELETE FROM store_taxiistatus WHERE at < %s", (before,))


def mark_worded(db: str, objects: Sequence[int]) -> None:
    """Note that full text finds these object versions."""
    run_many(
        db,
        "UPDATE store_objectversion SET worded = %s WHERE n = %s",
        [(True, number) for number in objects],
    )
