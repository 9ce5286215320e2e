"""Reading dossiers, acts, parts and what is derived from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import orjson

from comity.store.sql import Row, marks, query


class DossierRow(NamedTuple):
    """A dossier as lists show it. ``params`` are the caption's; ``acts`` how many are held."""

    id: str
    protocol: str
    version: int
    realm: str
    ceiling: str
    footing: str
    opened_by: str
    opened_at: int
    state: str
    acts: int
    n: int
    status: str
    caption: str
    params: dict[str, str]
    title: str
    digest: str


DOSSIER = ", ".join(DossierRow._fields)


def dossier_row(row: Row) -> DossierRow:
    """Return a row of the columns ``DOSSIER``."""
    value = DossierRow(*row)
    params: Any = value.params
    # PostgreSQL gives jsonb decoded or as text, by what the driver was told; SQLite gives text.
    return value._replace(params=orjson.loads(params) if isinstance(params, str) else params)


def dossier(db: str, id_: str) -> DossierRow | None:
    """Return one dossier's row, or None."""
    rows = query(db, f"SELECT {DOSSIER} FROM store_dossier WHERE id = %s", (id_,))
    return dossier_row(rows[0]) if rows else None


def dossiers(db: str, after: int = 0, limit: int = 1000) -> list[DossierRow]:
    """Return dossiers changed after the cursor ``after``, in order of change."""
    sql = f"SELECT {DOSSIER} FROM store_dossier WHERE n > %s ORDER BY n LIMIT %s"
    return [dossier_row(row) for row in query(db, sql, (after, limit))]


def dossiers_among(db: str, ids: Sequence[str]) -> dict[str, DossierRow]:
    """Return those of some dossiers that are here, by id."""
    rows = _rows_among(db, f"SELECT {DOSSIER} FROM store_dossier WHERE id IN", ids)
    return {row.id: row for row in map(dossier_row, rows)}


def dossiers_like(db: str, prefix: str) -> list[str]:
    """Return the ids of dossiers that begin with ``prefix``; two are enough to be ambiguous."""
    rows = query(db, "SELECT id FROM store_dossier WHERE id LIKE %s LIMIT 2", (prefix + "%",))
    return [row[0] for row in rows]


class ActRow(NamedTuple):
    """An admitted act as stored; ``header`` and ``sig`` are bytes."""

    n: int
    id: str
    dossier: str
    idx: int
    party: str
    log: int
    seq: int
    kind: str
    time: int
    header: bytes
    sig: bytes
    received_at: int
    via: str
    void_rule: str
    void_reason: str
    whole: bool


_ACT = ", ".join(ActRow._fields)


def _act_row(row: Row) -> ActRow:
    value = ActRow(*row)
    return value._replace(header=bytes(value.header), sig=bytes(value.sig), whole=bool(value.whole))


def acts_of(db: str, dossier_id: str, after: int = -1) -> Iterator[ActRow]:
    """Yield a dossier's acts beyond index ``after``, in order of admission."""
    sql = f"SELECT {_ACT} FROM store_act WHERE dossier = %s AND idx > %s ORDER BY idx"
    return map(_act_row, query(db, sql, (dossier_id, after)))


def acts_before(db: str, dossier_id: str, before: int, limit: int) -> list[ActRow]:
    """Return the last ``limit`` of a dossier's acts below index ``before``, in order."""
    sql = f"SELECT {_ACT} FROM store_act WHERE dossier = %s AND idx < %s ORDER BY idx DESC LIMIT %s"
    return [_act_row(row) for row in reversed(query(db, sql, (dossier_id, before, limit)))]


def newest_of(
    db: str, dossier_id: str, kinds: Sequence[str], limit: int, since: int = 0
) -> list[ActRow]:
    """Return a dossier's acts of some kinds that have effect and were said ``since`` (ms), those
    admitted last first.
    """
    sql = (
        f"SELECT {_ACT} FROM store_act WHERE dossier = %s AND kind IN ({marks(len(kinds))}) "
        "AND void_rule = '' AND time >= %s ORDER BY idx DESC LIMIT %s"
    )
    return [_act_row(row) for row in query(db, sql, (dossier_id, *kinds, since, limit))]


def act(db: str, id_: str) -> ActRow | None:
    """Return one act, or None."""
    rows = query(db, f"SELECT {_ACT} FROM store_act WHERE id = %s", (id_,))
    return _act_row(rows[0]) if rows else None


def acts_of_kind(db: str, kind: str, party: str, after: int = 0) -> list[ActRow]:
    """Return the acts of one kind by one party beyond the cursor ``after``, as admitted here."""
    sql = f"SELECT {_ACT} FROM store_act WHERE n > %s AND party = %s AND kind = %s ORDER BY n"
    return [_act_row(row) for row in query(db, sql, (after, party, kind))]


def acts_of_kinds(db: str, kinds: Sequence[str], parties: Sequence[str]) -> list[ActRow]:
    """Return the acts of some kinds by some parties, in no order."""
    more = f" AND kind IN ({marks(len(kinds))})"
    rows = _rows_among(db, f"SELECT {_ACT} FROM store_act WHERE party IN", parties, more, kinds)
    return [_act_row(row) for row in rows]


def newest_act(db: str) -> int:
    """Return the node's cursor of the act admitted last, 0 for none."""
    return int(query(db, "SELECT COALESCE(MAX(n), 0) FROM store_act")[0][0])


def round_at(db: str, name: str) -> int | None:
    """Return how far a round of the node's own has come by its ``name``, or None."""
    rows = query(db, "SELECT value FROM store_counter WHERE name = %s", (name,))
    return int(rows[0][0]) if rows else None


def acts_among(db: str, ids: Sequence[str]) -> dict[str, ActRow]:
    """Return those of the acts ``ids`` that are held, by id."""
    rows = _rows_among(db, f"SELECT {_ACT} FROM store_act WHERE id IN", ids)
    return {row.id: row for row in map(_act_row, rows)}


def acts_like(db: str, prefix: str) -> list[str]:
    """Return the ids of acts that begin with ``prefix``; two are enough to be ambiguous."""
    rows = query(db, "SELECT id FROM store_act WHERE id LIKE %s LIMIT 2", (prefix + "%",))
    return [row[0] for row in rows]


def acts_since(db: str, after: int, limit: int = 200) -> list[ActRow]:
    """Return acts beyond the node's dense cursor ``after``, of all dossiers."""
    sql = f"SELECT {_ACT} FROM store_act WHERE n > %s ORDER BY n LIMIT %s"
    return [_act_row(row) for row in query(db, sql, (after, limit))]


def known_acts(db: str, ids: Sequence[str]) -> set[str]:
    """Return which of ``ids`` are admitted here."""
    return _among(db, "store_act", ids)


def whole_acts(db: str, ids: Sequence[str]) -> set[str]:
    """Return which of ``ids`` are held with every part meant for this party."""
    return _among(db, "store_act", ids, " AND whole")


class LackingRow(NamedTuple):
    """An act whose content is not, or not all, held; ``via`` brought it, "" for an own one."""

    n: int
    id: str
    dossier: str
    via: str
    received_at: int


def lacking_acts(db: str, after: int, limit: int) -> list[LackingRow]:
    """Return acts beyond the cursor ``after`` whose content is not here, and was not erased."""
    rows = query(
        db,
        "SELECT n, id, dossier, via, received_at FROM store_act a WHERE NOT whole AND n > %s "
        "AND NOT EXISTS (SELECT 1 FROM store_erasure e WHERE e.act = a.id) ORDER BY n LIMIT %s",
        (after, limit),
    )
    return [LackingRow(*row) for row in rows]


def known_documents(db: str, ids: Sequence[str]) -> set[str]:
    """Return which of ``ids`` are root documents or successions held here."""
    return _among(db, "store_document", ids)


def known_statements(db: str, ids: Sequence[str]) -> set[str]:
    """Return which of ``ids`` are receipts or node documents held here."""
    return _among(db, "store_statement", ids)


def _among(db: str, table: str, ids: Sequence[str], more: str = "") -> set[str]:
    return {row[0] for row in _rows_among(db, f"SELECT id FROM {table} WHERE id IN", ids, more)}


def _rows_among(
    db: str, sql: str, ids: Sequence[str], more: str = "", values: Sequence[str] = ()
) -> list[Row]:
    rows: list[Row] = []
    # Databases limit how many values one statement may name.
    for slice_ in (ids[at : at + 500] for at in range(0, len(ids), 500)):
        rows += query(db, f"{sql} ({marks(len(slice_))}){more}", (*slice_, *values))
    return rows


def acts_at(db: str, party: str, log: int, seq: int) -> list[str]:
    """Return the ids of all statements that claim one place of one log."""
    sql = "WHERE party = %s AND log = %s AND seq = %s"
    rows = query(
        db,
        f"SELECT id FROM store_act {sql} UNION SELECT id FROM store_statement {sql}",
        (party, log, seq) * 2,
    )
    return sorted(row[0] for row in rows)


def claims(db: str, party: str, log: int, seqs: Sequence[int]) -> dict[int, list[str]]:
    """Return the ids of the statements that claim each of ``seqs`` in one log."""
    where = f"WHERE party = %s AND log = %s AND seq IN ({marks(len(seqs))})"
    rows = query(
        db,
        f"SELECT seq, id FROM store_act {where} UNION SELECT seq, id FROM store_statement {where}",
        (party, log, *seqs) * 2,
    )
    found: dict[int, list[str]] = {}
    for seq, id_ in rows:
        found.setdefault(seq, []).append(id_)
    return found


def kinds_from(db: str, party: str, log: int, seq: int) -> list[tuple[str, int, str]]:
    """Return (protocol, version, kind) of the acts in one log from ``seq`` on, each once."""
    rows = query(
        db,
        "SELECT DISTINCT d.protocol, d.version, a.kind FROM store_act a "
        "JOIN store_dossier d ON d.id = a.dossier "
        "WHERE a.party = %s AND a.log = %s AND a.seq >= %s",
        (party, log, seq),
    )
    return [(row[0], row[1], row[2]) for row in rows]


class PartHeld(NamedTuple):
    """A part as stored: ``salt`` None means only its leaf is left."""

    idx: int
    leaf: bytes
    salt: bytes | None
    data: bytes | None
    path: str
    size: int


# The bytes of a part that is a STIX object are kept once, with the object.
_PARTS = (
    "SELECT act, idx, leaf, salt, COALESCE(data, (SELECT o.data FROM store_objectversion o "
    "WHERE o.n = object)), path, size FROM store_part WHERE"
)


def parts(db: str, act_id: str, first: int = 0, last: int = 2**31 - 1) -> list[PartHeld]:
    """Return an act's parts with indices from ``first`` to ``last``, in order."""
    sql = f"{_PARTS} act = %s AND idx >= %s AND idx <= %s ORDER BY idx"
    return [_part(row[1:]) for row in query(db, sql, (act_id, first, last))]


def parts_among(db: str, ids: Sequence[str]) -> dict[str, list[PartHeld]]:
    """Return the parts of each of several acts, in order."""
    found: dict[str, list[PartHeld]] = {id_: [] for id_ in ids}
    for id_, *row in _rows_among(db, f"{_PARTS} act IN", ids, " ORDER BY act, idx"):
        found[id_].append(_part(row))
    return found


def _part(row: Sequence[Any]) -> PartHeld:
    idx, leaf, salt, data, path, size = row
    return PartHeld(idx, bytes(leaf), _bytes(salt), _bytes(data), path, size)


def part_sizes(db: str, act_id: str) -> list[tuple[int, int, bool]]:
    """Return (index, size, is held) of an act's parts, without their data."""
    rows = query(
        db,
        "SELECT idx, size, salt IS NOT NULL FROM store_part WHERE act = %s ORDER BY idx",
        (act_id,),
    )
    return [(idx, size, bool(held)) for idx, size, held in rows]


def part_sizes_among(db: str, ids: Sequence[str]) -> dict[str, list[tuple[int, int, bool]]]:
    """As ``part_sizes``, of each of several acts."""
    sql = "SELECT act, idx, size, salt IS NOT NULL FROM store_part WHERE act IN"
    found: dict[str, list[tuple[int, int, bool]]] = {id_: [] for id_ in ids}
    for id_, idx, size, held in _rows_among(db, sql, ids, " ORDER BY act, idx"):
        found[id_].append((idx, size, bool(held)))
    return found


def first_parts(db: str, ids: Sequence[str]) -> dict[str, PartHeld]:
    """Return the first part of each of several acts that have one."""
    rows = _rows_among(db, f"{_PARTS} act IN", ids, " AND idx = 0")
    return {id_: _part(row) for id_, *row in rows}


def erased_among(db: str, ids: Sequence[str]) -> set[str]:
    """Return of which of several acts content was erased here."""
    return {row[0] for row in _rows_among(db, "SELECT act FROM store_erasure WHERE act IN", ids)}


def _bytes(value: object) -> bytes | None:
    return None if value is None else bytes(cast("bytes", value))


class PendingRow(NamedTuple):
    """A waiting act as stored; ``item`` is it as it was carried."""

    id: str
    dossier: str
    via: str
    missing: list[str]
    item: bytes
    size: int
    received_at: int


def pending(db: str, dossier_id: str | None = None) -> list[PendingRow]:
    """Return waiting acts, of one dossier or of all, oldest first."""
    where = "" if dossier_id is None else "WHERE dossier = %s"
    rows = query(
        db,
        "SELECT id, dossier, via, missing, item, size, received_at FROM store_pending "
        f"{where} ORDER BY received_at, id",
        () if dossier_id is None else (dossier_id,),
    )
    return [_pending_row(row) for row in rows]


def _pending_row(row: Row) -> PendingRow:
    value = PendingRow(*row)
    return value._replace(missing=_list(value.missing), item=bytes(value.item))


def _list(value: object) -> list[Any]:
    return list(orjson.loads(value) if isinstance(value, str) else cast("list[Any]", value))


def waiting(db: str) -> list[tuple[str, list[str]]]:
    """Return (act, what it lacks) of all waiting acts, oldest first."""
    rows = query(db, "SELECT id, missing FROM store_pending ORDER BY received_at, id")
    return [(id_, _list(missing)) for id_, missing in rows]


def pending_act(db: str, id_: str) -> PendingRow | None:
    """Return one waiting act, or None."""
    return pending_among(db, [id_]).get(id_)


def pending_among(db: str, ids: Sequence[str]) -> dict[str, PendingRow]:
    """Return those of ``ids`` that are waiting acts, by id."""
    sql = "SELECT id, dossier, via, missing, item, size, received_at FROM store_pending WHERE id IN"
    return {row.id: row for row in map(_pending_row, _rows_among(db, sql, ids))}


def pending_load(db: str, via: str) -> int:
    """Return how many acts of a peer wait."""
    return int(query(db, "SELECT COUNT(*) FROM store_pending WHERE via = %s", (via,))[0][0])


def members(db: str, dossier_id: str) -> list[tuple[str, str]]:
    """Return (party, state) of everyone in a dossier."""
    return [
        (row[0], row[1])
        for row in query(
            db,
            "SELECT party, state FROM store_member WHERE dossier = %s ORDER BY party",
            (dossier_id,),
        )
    ]


def stale_dossiers(db: str) -> list[str]:
    """Return the dossiers whose derived rows are to be written anew."""
    rows = query(db, "SELECT name FROM store_counter WHERE name LIKE %s", ("stale-%",))
    return [row[0].removeprefix("stale-") for row in rows]


def dossiers_with(db: str, party: str) -> list[str]:
    """Return the dossiers a party is a member of or invited to."""
    sql = "SELECT dossier FROM store_member WHERE party = %s AND state IN ('member', 'invited') "
    return [row[0] for row in query(db, sql + "ORDER BY dossier", (party,))]


def changed_with(db: str, party: str, after: int, limit: int) -> list[tuple[str, int]]:
    """Return (dossier, n) of those a party is a member of that changed after the cursor
    ``after``, in order of change.
    """
    sql = (
        "SELECT d.id, d.n FROM store_member m JOIN store_dossier d ON d.id = m.dossier "
        "WHERE m.party = %s AND m.state = 'member' AND d.n > %s ORDER BY d.n LIMIT %s"
    )
    return [(row[0], int(row[1])) for row in query(db, sql, (party, after, limit))]


class DutyRow(NamedTuple):
    """What a party owes in a dossier; ``due`` in ms or None."""

    dossier: str
    who: str
    what: str
    due: int | None
    act: str
    to: str


def duties(db: str, who: str | None = None, dossier_id: str | None = None) -> list[DutyRow]:
    """Return what is owed, soonest first; those without a due time last."""
    clauses = {"who = %s": who, "dossier = %s": dossier_id}
    asked = {clause: value for clause, value in clauses.items() if value is not None}
    where = f"WHERE {' AND '.join(asked)}" if asked else ""
    rows = query(
        db,
        f'SELECT dossier, who, what, due, act, "to" FROM store_duty {where} '
        "ORDER BY due IS NULL, due, dossier, act",
        tuple(asked.values()),
    )
    return [DutyRow(*row) for row in rows]


def texts(db: str, act_id: str) -> list[tuple[str, bool, str]]:
    """Return (field, is title, text) of an act's text held here."""
    rows = query(
        db,
        "SELECT field, is_title, text FROM store_text WHERE act = %s ORDER BY id",
        (act_id,),
    )
    return [(field, bool(title), text) for field, title, text in rows]


def titles(db: str, acts: Sequence[str]) -> dict[str, str]:
    """Return what names some acts for people of this node, by act; of those that have a title."""
    sql = "SELECT act, text FROM store_text WHERE act IN"
    return dict(_rows_among(db, sql, acts, " AND is_title"))


class EquivocationRow(NamedTuple):
    """Two statements in one place, with their envelopes as evidence."""

    party: str
    place: str
    first: str
    second: str
    evidence: bytes
    at: int


def equivocations(db: str) -> list[EquivocationRow]:
    """Return all pairs of statements that claim one place, oldest first."""
    rows = query(
        db, "SELECT party, place, first, second, evidence, at FROM store_equivocation ORDER BY id"
    )
    return [EquivocationRow._make([*row[:4], bytes(row[4]), row[5]]) for row in rows]


def count_equivocations(db: str, party: str, place: str) -> int:
    """Return how many pairs are kept of one place of a party's log or feed."""
    sql = "SELECT COUNT(*) FROM store_equivocation WHERE party = %s AND place = %s"
    return int(query(db, sql, (party, place))[0][0])


def erasures(db: str) -> list[tuple[str, list[int], str]]:
    """Return (act, parts, reason) of all erasures applied here."""
    rows = query(db, "SELECT act, parts, reason FROM store_erasure ORDER BY at, act")
    return [(a, _list(p), r) for a, p, r in rows]


def erasures_undone(db: str) -> list[tuple[str, list[int], str]]:
    """Return (act, parts, reason) of the erasures of acts of which content is held, or again."""
    rows = query(
        db,
        "SELECT act, parts, reason FROM store_erasure e WHERE EXISTS (SELECT 1 FROM store_part p "
        "WHERE p.act = e.act AND p.salt IS NOT NULL) ORDER BY at, act",
    )
    return [(a, _list(p), r) for a, p, r in rows]


def is_erased(db: str, act_id: str) -> bool:
    """Say whether content of an act was erased here."""
    return bool(query(db, "SELECT 1 FROM store_erasure WHERE act = %s", (act_id,)))


def has_part_file(db: str, path: str) -> bool:
    """Say whether a part held here lies in the file ``path``."""
    return bool(query(db, "SELECT 1 FROM store_part WHERE path = %s LIMIT 1", (path,)))
