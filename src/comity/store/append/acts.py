"""Acts, their parts, and what is derived from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.store.append.log import allocate
from comity.store.append.space import count_bytes, give_back
from comity.store.sql import insert, marks, query, run_many

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.graph import Node
    from comity.kernel.ids import Id, PartyId
    from comity.kernel.protocol import Duty, Subject, Summary


class NewAct(NamedTuple):
    """An admitted act to insert: ``via`` is the peer it came from, "" for an own one, which is
    ``whole`` from the start.
    """

    act: Act
    node: Node
    via: str
    whole: bool = False


class PartRow(NamedTuple):
    """One part to insert: ``data``, ``path`` or ``object`` of what is held, none after erasure."""

    idx: int
    leaf: bytes
    salt: bytes | None
    data: bytes | None
    path: str
    size: int
    object: int | None = None


def insert_dossier(
    db: str, *, charter: Act, protocol: str, version: int, ceiling: str, state: str
) -> None:
    """Make the row of a dossier that opens with ``charter``; making it twice is once."""
    header = charter.header
    query(
        db,
        "INSERT INTO store_dossier (id, protocol, version, realm, ceiling, footing, opened_by, "
        "opened_at, state, acts, n, status, caption, params, title, digest) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, '', '', '{}', '', '') "
        "ON CONFLICT (id) DO NOTHING",
        (
            charter.id,
            protocol,
            version,
            header.realm or "",
            ceiling,
            header.footing.value if header.footing else "",
            header.party,
            header.time,
            state,
            allocate(db, "dossier"),
        ),
    )


def set_dossier_state(db: str, dossier: Id, state: str) -> None:
    """Set what the dossier is to this node: active, joining, opaque, declined or left."""
    query(db, "UPDATE store_dossier SET state = %s WHERE id = %s", (state, dossier))


_INSERT_ACT = (
    "INSERT INTO store_act (n, id, dossier, idx, party, log, seq, kind, time, header, sig, "
    "received_at, via, void_rule, void_reason, whole) VALUES "
    "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def insert_acts(db: str, dossier: Id, acts: Sequence[NewAct], now: int) -> None:
    """Insert admitted acts of one dossier in their order of admission, and count them."""
    if not acts:
        return
    first = allocate(db, "act", len(acts))
    rows = []
    for n, (act, node, via, whole) in enumerate(acts, first):
        header = act.header
        void = node.void or ("", "")
        rows.append(
            (
                n,
                act.id,
                dossier,
                node.index,
                header.party,
                header.log,
                header.seq,
                header.kind,
                header.time,
                act.envelope.payload,
                act.envelope.signatures[0].sig,
                now,
                via,
                void[0],
                void[1][:500],
                whole,
            )
        )
    run_many(db, _INSERT_ACT, rows)
    query(db, "UPDATE store_dossier SET acts = acts + %s WHERE id = %s", (len(acts), dossier))


def insert_relations(db: str, dossier: Id, relations: Iterable[tuple[Id, Id, str]]) -> None:
    """Insert (act, what it names, how) of acts that name something beyond their dossier; inserting
    them twice is once.
    """
    run_many(
        db,
        "INSERT INTO store_relation (dossier, act, named, how) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (act, named, how) DO NOTHING",
        [(dossier, *relation) for relation in relations],
    )


def insert_parts(db: str, act: Id, parts: Iterable[PartRow], *, via: str = "") -> None:
    """Insert parts of an act's content; one held already stays as it is.

    ``via`` is who announced them, as long as they are not compared with the commitment.
    """
    insert(
        db,
        "store_part (act, idx, leaf, salt, data, path, size, object, via)",
        [(act, *part, via) for part in parts],
        "ON CONFLICT (act, idx) DO NOTHING",
    )


def mark_compared(db: str, act: Id) -> None:
    """Say that all parts of an act's content are what it commits to."""
    query(db, "UPDATE store_part SET via = '' WHERE act = %s AND via <> ''", (act,))


def mark_whole(db: str, *acts: Id) -> None:
    """Say that every part meant for this party is held, and verified."""
    run_many(db, "UPDATE store_act SET whole = %s WHERE id = %s", [(True, id_) for id_ in acts])


def drop_parts(db: str, act: Id) -> None:
    """Remove what arrived of a content that turned out not to match its commitment."""
    query(db, "DELETE FROM store_part WHERE act = %s", (act,))


def erase_part(db: str, act: Id, idx: int) -> None:
    """Remove data and salt of one part; its leaf stays, so that proofs go on verifying."""
    query(
        db,
        "UPDATE store_part SET salt = NULL, data = NULL, path = '', object = NULL "
        "WHERE act = %s AND idx = %s",
        (act, idx),
    )


def insert_text(
    db: str, *, act: Id, part: int, dossier: Id, rows: Iterable[tuple[str, bool, str]]
) -> None:
    """Fill title and search text of one part: rows of (field, is title, text)."""
    run_many(
        db,
        "INSERT INTO store_text (act, part, dossier, field, is_title, text) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        [(act, part, dossier, *row) for row in rows],
    )


def delete_text(db: str, act: Id) -> None:
    """Remove title and search text of an act, when its content is erased."""
    query(db, "DELETE FROM store_text WHERE act = %s", (act,))


def forget_title(db: str, act: Id) -> None:
    """Remove the title of the dossier that ``act`` opened, if it opened one."""
    query(db, "UPDATE store_dossier SET title = '' WHERE id = %s", (act,))


def set_title(db: str, dossier: Id, title: str) -> None:
    """Set a dossier's title for people of this node."""
    query(db, "UPDATE store_dossier SET title = %s WHERE id = %s", (title[:300], dossier))


def write_summary(db: str, dossier: Id, summary: Summary, digest: str) -> None:
    """Replace a dossier's derived row, what is owed in it and what it is about by what its acts add
    up to.
    """
    caption = summary.caption
    query(
        db,
        "UPDATE store_dossier SET status = %s, caption = %s, params = %s, digest = %s, n = %s "
        "WHERE id = %s",
        (
            summary.status,
            caption.code,
            orjson.dumps(dict(caption.params)).decode(),
            digest,
            allocate(db, "dossier"),
            dossier,
        ),
    )
    _write_duties(db, dossier, summary.duties)
    _write_subjects(db, dossier, summary.subjects)


def set_readable(db: str, dossier: Id) -> None:
    """Note that a dossier that was opaque is computed now, since this node has its protocol."""
    query(
        db,
        "UPDATE store_dossier SET state = 'active' WHERE id = %s AND state = 'opaque'",
        (dossier,),
    )


def touch_dossier(db: str, dossier: Id) -> None:
    """Give a dossier the next cursor, when it changed without having a summary."""
    n = allocate(db, "dossier")
    query(db, "UPDATE store_dossier SET n = %s WHERE id = %s", (n, dossier))


def mark_stale(db: str, party: PartyId) -> None:
    """Note that a party disowned some of its acts: what its dossiers add up to is shown without."""
    query(
        db,
        "INSERT INTO store_counter (name, value) SELECT DISTINCT 'stale-' || dossier, 1 "
        "FROM store_act WHERE party = %s ON CONFLICT (name) DO NOTHING",
        (party,),
    )


def mark_fresh(db: str, dossier: str) -> None:
    """Note that the derived rows of a dossier were written anew."""
    query(db, "DELETE FROM store_counter WHERE name = %s", (f"stale-{dossier}",))


def _write_duties(db: str, dossier: Id, duties: Iterable[Duty]) -> None:
    _write_rows(
        db,
        "store_duty",
        ("who", "what", "due", "act", '"to"'),
        dossier,
        {(d.who, d.what, d.due, d.act, d.to or "") for d in duties},
    )


def _write_subjects(db: str, dossier: Id, subjects: Iterable[Subject]) -> None:
    columns = ("kind", "value", "begins", "ends", "act")
    _write_rows(db, "store_subject", columns, dossier, {tuple(each) for each in subjects})


def write_members(db: str, dossier: Id, members: Iterable[tuple[PartyId, str]]) -> None:
    """Replace a dossier's derived membership: (party, member | invited | left | declined)."""
    _write_rows(db, "store_member", ("party", "state"), dossier, {*members})


def _write_rows(
    db: str, table: str, columns: tuple[str, ...], dossier: Id, wanted: set[tuple[object, ...]]
) -> None:
    """Make the derived rows of a dossier ``wanted``, touching those alone that differ."""
    names = ", ".join(columns)
    rows = query(db, f"SELECT id, {names} FROM {table} WHERE dossier = %s", (dossier,))
    held = {row[1:]: row[0] for row in rows}
    gone = [(id_,) for values, id_ in held.items() if values not in wanted]
    run_many(db, f"DELETE FROM {table} WHERE id = %s", gone)
    new = [(dossier, *values) for values in wanted if values not in held]
    marked = marks(1 + len(columns))
    run_many(db, f"INSERT INTO {table} (dossier, {names}) VALUES ({marked})", new)


def insert_pending(
    db: str,
    *,
    id_: Id,
    dossier: Id,
    via: PartyId,
    missing: Sequence[str],
    item: bytes,
    now: int,
) -> None:
    """Keep an act that waits for others; ``item`` is it as it was carried."""
    if not query(db, "SELECT 1 FROM store_pending WHERE id = %s", (id_,)):
        count_bytes(db, via, len(item))
    query(
        db,
        "INSERT INTO store_pending (id, dossier, via, missing, item, size, received_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET "
        "missing = excluded.missing",
        (id_, dossier, via, orjson.dumps([*missing]).decode(), item, len(item), now),
    )


def delete_pending(db: str, ids: Sequence[Id]) -> None:
    """Forget acts that wait no more."""
    sql = "DELETE FROM store_pending WHERE id = %s RETURNING via, size"
    give_back(db, [row for id_ in ids for row in query(db, sql, (id_,))])


def expire_pending(db: str, before: int, me: PartyId) -> None:
    """Forget acts of others that have waited since ``before`` (ms) for what never came."""
    sql = "DELETE FROM store_pending WHERE received_at < %s AND via <> %s RETURNING via, size"
    give_back(db, query(db, sql, (before, me)))


def insert_equivocation(
    db: str, *, party: PartyId, place: str, pair: tuple[Id, Id], evidence: bytes, now: int
) -> None:
    """Keep two statements in one place as evidence; a pair is kept once."""
    first, second = sorted(pair)
    query(
        db,
        "INSERT INTO store_equivocation (party, place, first, second, evidence, at) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (first, second) DO NOTHING",
        (party, place, first, second, evidence, now),
    )


def insert_erasure(db: str, *, act: Id, parts: Sequence[int], reason: str, now: int) -> None:
    """Remember an erasure, so that it is applied again after a restore."""
    query(
        db,
        "INSERT INTO store_erasure (act, parts, reason, at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (act) DO UPDATE SET parts = excluded.parts, reason = excluded.reason",
        (act, orjson.dumps([*parts]).decode(), reason, now),
    )


def set_cursor(db: str, name: str, value: int) -> None:
    """Note how far a round of the node's own has come, by its ``name``."""
    query(
        db,
        "INSERT INTO store_counter (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
