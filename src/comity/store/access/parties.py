"""Reading parties, documents, own logs, checkpoints and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from comity.store.sql import marks, query


class PartyRow(NamedTuple):
    """A party as known here; ``accredited_at`` in ms or None; ``zone`` (IANA) or ""."""

    id: str
    name: str
    doc: str
    node_doc: str
    node_version: int
    is_self: bool
    accredited_at: int | None
    introduced_by: str
    hosted: bool
    frozen: str
    seen_at: int
    zone: str


_PARTY = ", ".join(PartyRow._fields)


def party(db: str, id_: str) -> PartyRow | None:
    """Return one party, or None."""
    rows = query(db, f"SELECT {_PARTY} FROM store_party WHERE id = %s", (id_,))
    return _party_row(rows[0]) if rows else None


def parties(db: str) -> list[PartyRow]:
    """Return all parties, by the name each gives itself."""
    rows = query(db, f"SELECT {_PARTY} FROM store_party ORDER BY name, id")
    return [_party_row(row) for row in rows]


def documents_of(db: str, of: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of all documents held of each of these parties, the one in force last."""
    wanted = sorted(of)
    rows = query(
        db,
        "SELECT d.party, d.id FROM store_document d JOIN store_party p ON p.id = d.party "
        f"WHERE d.party IN ({marks(len(wanted))}) ORDER BY d.id = p.doc, d.id",
        wanted,
    )
    found: dict[str, list[str]] = {}
    for party, id_ in rows:
        found.setdefault(party, []).append(id_)
    return found


def _party_row(row: tuple[object, ...]) -> PartyRow:
    value = PartyRow(*row)  # type: ignore[arg-type]
    return value._replace(is_self=bool(value.is_self), hosted=bool(value.hosted))


def document(db: str, id_: str) -> bytes | None:
    """Return the envelope of a root document or succession, or None."""
    rows = query(db, "SELECT envelope FROM store_document WHERE id = %s", (id_,))
    return bytes(rows[0][0]) if rows else None


def document_ids(db: str, of: str | None = None) -> list[str]:
    """Return the ids of documents of one party or of all, in the order they follow each other."""
    where, params = ("WHERE party = %s", (of,)) if of is not None else ("", ())
    sql = f"SELECT id FROM store_document {where} ORDER BY root_version, step, id"
    return [row[0] for row in query(db, sql, params)]


def documents_at(db: str, of: str, root_version: int, step: int) -> int:
    """Return how many documents of a party claim one place in its chain; two are a fork."""
    rows = query(
        db,
        "SELECT COUNT(*) FROM store_document WHERE party = %s AND root_version = %s AND step = %s",
        (of, root_version, step),
    )
    return int(rows[0][0])


def statement(db: str, id_: str) -> bytes | None:
    """Return the envelope of a receipt or node document, or None."""
    rows = query(db, "SELECT envelope FROM store_statement WHERE id = %s", (id_,))
    return bytes(rows[0][0]) if rows else None


def statements_among(db: str, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the envelopes of those of the receipts and node documents ``ids`` that are held."""
    found: dict[str, bytes] = {}
    for slice_ in (ids[at : at + 500] for at in range(0, len(ids), 500)):
        sql = f"SELECT id, envelope FROM store_statement WHERE id IN ({marks(len(slice_))})"
        found |= {id_: bytes(data) for id_, data in query(db, sql, tuple(slice_))}
    return found


class StatementRow(NamedTuple):
    """A receipt or node document with its place in its party's log."""

    id: str
    kind: str
    party: str
    log: int
    seq: int
    to: str
    envelope: bytes


def statements(db: str, of: str, kind: str) -> list[StatementRow]:
    """Return the statements of one kind by a party, by log and place."""
    rows = query(
        db,
        'SELECT id, kind, party, log, seq, "to", envelope FROM store_statement '
        "WHERE party = %s AND kind = %s ORDER BY log, seq",
        (of, kind),
    )
    return [StatementRow._make([*row[:6], bytes(row[6])]) for row in rows]


class LogRow(NamedTuple):
    """The head of an own log, and its last checkpoint; times in ms."""

    log: int
    size: int
    root: str
    checkpoint_size: int
    checkpoint_at: int
    last_time: int
    closed: bool


def logs(db: str) -> list[LogRow]:
    """Return all own logs, oldest first."""
    rows = query(
        db,
        "SELECT log, size, root, checkpoint_size, checkpoint_at, last_time, closed "
        "FROM store_log ORDER BY log",
    )
    return [LogRow._make([*row[:6], bool(row[6])]) for row in rows]


def open_log(db: str) -> int:
    """Return the number of the own log that is open; 0 when none is."""
    rows = query(db, "SELECT log FROM store_log WHERE NOT closed ORDER BY log DESC LIMIT 1")
    return int(rows[0][0]) if rows else 0


def leaves(db: str, log: int, start: int, stop: int) -> list[tuple[bytes, bool]]:
    """Return (data, is padding) of an own log's leaves ``start`` to before ``stop``."""
    rows = query(
        db,
        "SELECT data, padding FROM store_leaf WHERE log = %s AND seq >= %s AND seq < %s "
        "ORDER BY seq",
        (log, start, stop),
    )
    return [(bytes(data), bool(padding)) for data, padding in rows]


class CheckpointRow(NamedTuple):
    """A signed checkpoint; ``note`` is the signed note's text, ``at`` in ms."""

    origin: str
    size: int
    root: str
    note: str
    at: int


def other_checkpoint(db: str, origin: str, size: int, root: str) -> str | None:
    """Return the note of a checkpoint held of this size whose root is another, or None."""
    rows = query(
        db,
        "SELECT note FROM store_checkpoint WHERE origin = %s AND size = %s AND root <> %s LIMIT 1",
        (origin, size, root),
    )
    return rows[0][0] if rows else None


def newest_checkpoint(db: str, origin: str, least: int = 0) -> CheckpointRow | None:
    """Return the largest checkpoint held of a log, of at least ``least`` leaves, or None."""
    rows = query(
        db,
        "SELECT origin, size, root, note, at FROM store_checkpoint "
        "WHERE origin = %s AND size >= %s ORDER BY size DESC, id LIMIT 1",
        (origin, least),
    )
    return CheckpointRow(*rows[0]) if rows else None


def checkpoint_over(db: str, origin: str, size: int, *, cosigned: bool) -> CheckpointRow | None:
    """Return the smallest checkpoint of at least ``size`` leaves, cosigned if asked, or None."""
    more = (
        "AND EXISTS (SELECT 1 FROM store_cosignature s WHERE s.origin = c.origin "
        "AND s.size = c.size)"
        if cosigned
        else ""
    )
    rows = query(
        db,
        "SELECT origin, size, root, note, at FROM store_checkpoint c "
        f"WHERE origin = %s AND size >= %s {more} ORDER BY size, id LIMIT 1",
        (origin, size),
    )
    return CheckpointRow(*rows[0]) if rows else None


def cosignatures(db: str, origin: str, size: int) -> list[tuple[str, str, int]]:
    """Return (witness, line, time in ms) of the cosignatures on an own checkpoint."""
    rows = query(
        db,
        "SELECT witness, line, at FROM store_cosignature WHERE origin = %s AND size = %s "
        "ORDER BY witness",
        (origin, size),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def cosigned_size(db: str, origin: str, witness: str) -> int:
    """Return the largest size of an own log that a witness has cosigned; 0 if none."""
    rows = query(
        db,
        "SELECT COALESCE(MAX(size), 0) FROM store_cosignature WHERE origin = %s AND witness = %s",
        (origin, witness),
    )
    return int(rows[0][0])


def witnessed(db: str, origin: str) -> CheckpointRow | None:
    """Return the newest tree of another's log that this node cosigned, or None."""
    rows = query(
        db,
        "SELECT origin, size, root, note, at FROM store_witnessed WHERE origin = %s",
        (origin,),
    )
    return CheckpointRow(*rows[0]) if rows else None


def behind(db: str, dossiers: Sequence[str]) -> dict[str, tuple[str, frozenset[str]]]:
    """Return of those of some dossiers that are here the ceiling, and who is a member now."""
    sql = (
        "SELECT d.id, d.ceiling, m.party FROM store_dossier d LEFT JOIN store_member m "
        "ON m.dossier = d.id AND m.state = 'member' WHERE d.id IN"
    )
    ceilings: dict[str, str] = {}
    members: dict[str, set[str]] = {}
    # Databases limit how many values one statement may name.
    for some in (dossiers[at : at + 500] for at in range(0, len(dossiers), 500)):
        for dossier, ceiling, party in query(db, f"{sql} ({marks(len(some))})", tuple(some)):
            ceilings[dossier] = ceiling
            members.setdefault(dossier, set()).update(() if party is None else (party,))
    return {id_: (ceiling, frozenset(members[id_])) for id_, ceiling in ceilings.items()}


def refusals(db: str) -> list[tuple[str, str, int, str, int]]:
    """Return (rule, peer, count, last reason, last time) of what was refused."""
    rows = query(db, "SELECT rule, peer, count, reason, at FROM store_refused ORDER BY rule, peer")
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
