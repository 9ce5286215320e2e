"""Finding dossiers: what somebody sees, narrowed by what somebody looks for; what this party was
invited to; what is owed in all of them; and what belongs together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from comity.store.access.acts import DOSSIER, DossierRow, DutyRow, dossier_row
from comity.store.sql import marks, query

Clause: TypeAlias = "tuple[str, list[object]]"
"""A condition and its parameters."""


class Sight(NamedTuple):
    """Which dossiers somebody sees: of these ``protocols`` (or, ``others``, of none of them) those
    with one of these ``ceilings``.
    """

    protocols: tuple[str, ...]
    ceilings: tuple[str, ...]
    others: bool = False


class Wanted(NamedTuple):
    """What to look for among dossiers; "" asks for nothing. ``due`` is any, late or none.

    ``text`` is looked for in titles and in what is marked to be found; ``before`` a cursor.
    """

    protocol: str = ""
    party: str = ""
    status: str = ""
    ceiling: str = ""
    due: str = ""
    text: str = ""
    before: int = 0


def find_dossiers(
    db: str, sights: Sequence[Sight], wanted: Wanted, *, me: str, now: int, limit: int
) -> list[DossierRow]:
    """Return dossiers that somebody sees and looks for, those changed last first.

    ``me`` is whose duties ``due`` asks about, ``now`` in ms when they are late.
    """
    clauses: list[Clause] = [seen_by(sights), *_asked(wanted, me, now)]
    rows = query(
        db,
        f"SELECT {DOSSIER} FROM store_dossier d WHERE {' AND '.join(sql for sql, _ in clauses)} "
        "ORDER BY n DESC LIMIT %s",
        (*(value for _, values in clauses for value in values), limit),
    )
    return [dossier_row(row) for row in rows]


def opened_since(
    db: str, sights: Sequence[Sight], protocol: str, since: int, after: str, limit: int
) -> list[str]:
    """Return dossiers under a protocol that somebody sees, no exercises, and that opened ``since``
    an instant (ms); by id, those that follow the id ``after``, so that all are met once although
    they change meanwhile.
    """
    seen, asked = seen_by(sights)
    rows = query(
        db,
        "SELECT d.id FROM store_dossier d WHERE d.protocol = %s AND d.realm = '' "
        f"AND d.opened_at >= %s AND d.id > %s AND {seen} ORDER BY d.id LIMIT %s",
        (protocol, since, after, *asked, limit),
    )
    return [row[0] for row in rows]


def seen_by(sights: Sequence[Sight]) -> Clause:
    """Return the condition that somebody with ``sights`` sees a row of dossiers."""
    seen = [_seen(sight) for sight in sights if sight.ceilings] or [("1 = 0", [])]
    return "(" + " OR ".join(sql for sql, _ in seen) + ")", [v for _, vs in seen for v in vs]


def _seen(sight: Sight) -> Clause:
    among = "NOT IN" if sight.others else "IN"
    names, ceilings = sight.protocols or ("",), sight.ceilings
    return (
        f"(protocol {among} ({marks(len(names))}) AND ceiling IN ({marks(len(ceilings))}))",
        [*names, *ceilings],
    )


_OWED = "EXISTS (SELECT 1 FROM store_duty u WHERE u.dossier = d.id AND u.who = %s"
_DUE = {"any": f"{_OWED})", "none": f"NOT {_OWED})", "late": f"{_OWED} AND u.due < %s)"}


def _asked(wanted: Wanted, me: str, now: int) -> list[Clause]:
    found: list[Clause] = [
        (f"d.{column} = %s", [value])
        for column in ("protocol", "status", "ceiling")
        if (value := getattr(wanted, column))
    ]
    if wanted.party:
        sql = "EXISTS (SELECT 1 FROM store_member m WHERE m.dossier = d.id AND m.party = %s)"
        found.append((sql, [wanted.party]))
    if wanted.due in _DUE:
        found.append((_DUE[wanted.due], [me, now] if wanted.due == "late" else [me]))
    if wanted.text:
        like = _like(wanted.text)
        sql = (
            "(LOWER(d.title) LIKE %s ESCAPE '!' OR EXISTS (SELECT 1 FROM store_text t "
            "WHERE t.dossier = d.id AND LOWER(t.text) LIKE %s ESCAPE '!'))"
        )
        found.append((sql, [like, like]))
    if wanted.before:
        found.append(("d.n < %s", [wanted.before]))
    return found


def _like(text: str) -> str:
    return "%" + text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"


def acts_with(db: str, dossier: str, text: str) -> list[str]:
    """Return the acts of a dossier in which ``text`` can be found."""
    sql = (
        "SELECT DISTINCT act FROM store_text WHERE dossier = %s AND LOWER(text) LIKE %s ESCAPE '!'"
    )
    return [row[0] for row in query(db, sql, (dossier, _like(text)))]


def beginnings(db: str, ids: Sequence[str], most: int) -> dict[str, str]:
    """Return the first ``most`` characters of what some acts say, by act: of several fields that
    are searched and no titles, those of the last.
    """
    if not ids:
        return {}
    sql = (
        f"SELECT act, SUBSTR(text, 1, {most}) FROM store_text "
        f"WHERE act IN ({marks(len(ids))}) AND NOT is_title ORDER BY id"
    )
    return {row[0]: row[1] for row in query(db, sql, tuple(ids))}


def has_said(db: str, party: str) -> bool:
    """Say whether a party has said anything in any dossier here."""
    return bool(query(db, "SELECT 1 FROM store_act WHERE party = %s LIMIT 1", (party,)))


def was_acknowledged(db: str, party: str) -> bool:
    """Say whether another party has acknowledged something in a dossier that ``party`` opened."""
    rows = query(
        db,
        "SELECT 1 FROM store_dossier d WHERE d.opened_by = %s AND EXISTS (SELECT 1 FROM store_act "
        "WHERE dossier = d.id AND kind = 'acknowledge' AND void_rule = '' AND party <> %s) LIMIT 1",
        (party, party),
    )
    return bool(rows)


def joining(db: str) -> list[DossierRow]:
    """Return the dossiers this party was invited to whose acts are not here yet, newest first."""
    sql = f"SELECT {DOSSIER} FROM store_dossier WHERE state = 'joining' ORDER BY n DESC"
    return [dossier_row(row) for row in query(db, sql)]


def invited(db: str, me: str) -> list[DossierRow]:
    """Return the dossiers to which the party ``me`` is invited and has not answered, newest first.

    Where it answered before the acts came, its answer waits for them.
    """
    rows = query(
        db,
        f"SELECT {DOSSIER} FROM store_dossier d WHERE (state = 'joining' AND NOT EXISTS "
        "(SELECT 1 FROM store_pending p WHERE p.dossier = d.id AND p.via = %s)) OR EXISTS "
        "(SELECT 1 FROM store_member m WHERE m.dossier = d.id AND m.party = %s "
        "AND m.state = 'invited') ORDER BY n DESC",
        (me, me),
    )
    return [dossier_row(row) for row in rows]


def owed(db: str) -> list[tuple[DutyRow, int]]:
    """Return what is owed, with when (ms) the act it rests on was said: soonest due first, then by
    age, those without a due time last.
    """
    rows = query(
        db,
        'SELECT u.dossier, u.who, u.what, u.due, u.act, u."to", a.time FROM store_duty u '
        "JOIN store_act a ON a.id = u.act "
        "ORDER BY u.due IS NULL, u.due, a.time, u.dossier, u.act",
    )
    return [(DutyRow(*row[:-1]), row[-1]) for row in rows]


def related(db: str, dossier_id: str, apart: str) -> list[tuple[str, str, bool]]:
    """Return (other dossier, how, whether this one names it) of the dossiers here that name this
    one or are named by it; ``how`` is succeeds or cites. What acts of the kind ``apart`` name is
    left out.
    """
    said = "JOIN store_act s ON s.id = r.act AND s.kind <> %s"
    rows = query(
        db,
        "SELECT DISTINCT a.dossier, r.how, 1 FROM store_relation r JOIN store_act a "
        f"ON a.id = r.named {said} WHERE r.dossier = %s AND a.dossier <> %s "
        "UNION SELECT DISTINCT r.dossier, r.how, 0 FROM store_relation r JOIN store_act a "
        f"ON a.id = r.named {said} WHERE a.dossier = %s AND r.dossier <> %s ORDER BY 2 DESC, 1",
        (apart, dossier_id, dossier_id) * 2,
    )
    return [(row[0], row[1], bool(row[2])) for row in rows]


def naming(db: str, dossier_id: str, kind: str) -> list[tuple[str, str]]:
    """Return (act, other dossier) of the acts of a ``kind`` by which this dossier names another
    that is here, or is named by another.
    """
    # Two searches, each by the index.
    joined = (
        "FROM store_relation r JOIN store_act a ON a.id = r.named "
        "JOIN store_act s ON s.id = r.act AND s.kind = %s"
    )
    rows = query(
        db,
        f"SELECT r.act, a.dossier {joined} WHERE r.dossier = %s AND a.dossier <> %s "
        f"UNION SELECT r.act, r.dossier {joined} WHERE a.dossier = %s AND r.dossier <> %s",
        (kind, dossier_id, dossier_id) * 2,
    )
    return [(row[0], row[1]) for row in rows]
