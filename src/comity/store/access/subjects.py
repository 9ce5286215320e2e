"""What dossiers are about: coded values by which they are found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from comity.store.access.finding import Sight, seen_by
from comity.store.sql import marks, query


class SubjectRow(NamedTuple):
    """A ``value`` that a ``dossier`` is about, from ``begins`` to ``ends`` (ms, None without such a
    bound), by an act of the ``time`` that its author says (ms), which came here at ``received_at``.
    """

    dossier: str
    value: str
    begins: int | None
    ends: int | None
    time: int
    received_at: int


class Sought(NamedTuple):
    """What to look for: of a ``kind``, one of ``values`` or what lies between ``low`` and ``high``,
    both included, that holds at some time from ``since`` to ``until`` (ms).
    """

    kind: str
    values: Sequence[str]
    low: str
    high: str
    since: int
    until: int


class About(NamedTuple):
    """A ``value`` of some kind that a ``dossier`` is about, from ``begins`` to ``ends`` (ms, None
    without such a bound), as an ``act`` says.
    """

    dossier: str
    value: str
    begins: int | None
    ends: int | None
    act: str


class Worded(NamedTuple):
    """The ``text`` that an ``act`` of a dossier holds in a field."""

    dossier: str
    act: str
    text: str


def worded(db: str, sights: Sequence[Sight], protocol: str, field: str) -> list[Worded]:
    """Return what acts of dossiers under a protocol hold in ``field``, one that is searched for, of
    those that somebody sees.
    """
    seen, asked = seen_by(sights)
    rows = query(
        db,
        "SELECT d.id, t.act, t.text FROM store_dossier d JOIN store_text t ON t.dossier = d.id "
        f"WHERE t.field = %s AND d.protocol = %s AND {seen} ORDER BY t.id",
        (field, protocol, *asked),
    )
    return [Worded(*row) for row in rows]


AT_ONCE = 200
"""Beginnings looked for in one statement: a database takes so many conditions."""


def subjects_under(
    db: str,
    sights: Sequence[Sight],
    protocol: str,
    kind: str,
    beginnings: Sequence[str],
    limit: int = 100_000,
) -> list[About]:
    """Return the values of a kind with one of these ``beginnings`` that dossiers under a protocol
    are about, of those that somebody sees; ordered by value, ``limit`` at most for 200 beginnings.
    """
    seen, asked = seen_by(sights)
    found: list[About] = []
    for at in range(0, len(beginnings), AT_ONCE):
        some = beginnings[at : at + AT_ONCE]
        # The column is compared by code points, also where a database sorts words otherwise, and
        # no value holds the last of them.
        ranges = " OR ".join(["(s.value >= %s AND s.value < %s)"] * len(some))
        rows = query(
            db,
            "SELECT s.dossier, s.value, s.begins, s.ends, s.act FROM store_subject s "
            f"JOIN store_dossier d ON d.id = s.dossier WHERE s.kind = %s AND ({ranges}) "
            f"AND d.protocol = %s AND {seen} ORDER BY s.value, s.dossier, s.act LIMIT %s",
            (kind, *(v for b in some for v in (b, f"{b}{LAST}")), protocol, *asked, limit),
        )
        found += [About(*row) for row in rows]
    return found


LAST = "\U0010ffff"


_ONE = (
    "SELECT s.dossier, s.value, s.begins, s.ends, a.time, a.received_at FROM store_subject s "
    "JOIN store_dossier d ON d.id = s.dossier JOIN store_act a ON a.id = s.act "
    "WHERE s.kind = %s AND {which} AND (s.begins IS NULL OR s.begins <= %s) "
    "AND (s.ends IS NULL OR s.ends >= %s) AND d.protocol = %s AND {seen}"
)


def find_subjects(
    db: str, sights: Sequence[Sight], protocol: str, sought: Sought, limit: int
) -> list[SubjectRow]:
    """Return what dossiers under a protocol are about that fits, of those that somebody sees,
    ``limit`` at most, in no order.
    """
    seen, asked = seen_by(sights)
    rest = (sought.until, sought.since, protocol, *asked)
    one_of = _ONE.format(which=f"s.value IN ({marks(len(sought.values))})", seen=seen)
    between = _ONE.format(which="s.value >= %s AND s.value <= %s", seen=seen)
    # Two searches, each by the index; for one with OR a database reads everything.
    rows = query(
        db,
        f"{one_of} UNION {between} LIMIT %s",
        (
            *(sought.kind, *sought.values, *rest),
            *(sought.kind, sought.low, sought.high, *rest),
            limit,
        ),
    )
    return [SubjectRow(*row) for row in rows]


class Held(NamedTuple):
    """A subject as a ``dossier`` holds it; fields as of ``protocol.Subject``."""

    dossier: str
    kind: str
    value: str
    begins: int | None
    ends: int | None
    act: str


def of_protocol(
    db: str, sights: Sequence[Sight], protocol: str, kinds: Sequence[str]
) -> list[Held]:
    """Return what dossiers under a protocol are about, of these ``kinds``, of those that somebody
    sees.
    """
    seen, asked = seen_by(sights)
    rows = query(
        db,
        "SELECT s.dossier, s.kind, s.value, s.begins, s.ends, s.act FROM store_subject s "
        "JOIN store_dossier d ON d.id = s.dossier "
        f"WHERE s.kind IN ({marks(len(kinds))}) AND d.protocol = %s AND {seen} "
        "ORDER BY s.dossier, s.kind, s.value, s.act",
        (*kinds, protocol, *asked),
    )
    return [Held(*row) for row in rows]


def of_dossier(db: str, dossier_id: str) -> list[tuple[str, str, int | None, int | None, str]]:
    """Return (kind, value, begins, ends, act) of everything a dossier is about, unordered."""
    rows = query(
        db,
        "SELECT kind, value, begins, ends, act FROM store_subject WHERE dossier = %s",
        (dossier_id,),
    )
    return [(kind, value, begins, ends, act) for kind, value, begins, ends, act in rows]
