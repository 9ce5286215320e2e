"""Reading how many bytes are kept because of whom.

What is verified counts against who signed it, whoever brought it; what is not, and what waits,
against who brought it. So nobody is filled up by what others invent in its name, and who passes on
what another floods it with pays for nothing that is real::

    headers of acts, receipts, node documents, later documents, checkpoints   who signed them
    a party's first document                                   who introduced it, else the party
    parts of content, once all of it matches the commitment                   the act's author
    blobs announced and not fetched, parts not compared yet                   who announced them
    acts that wait for others                                                 who sent them
    mail kept for hosted parties                                              who sent it
"""

from __future__ import annotations

from collections import Counter

from comity.kernel.checkpoint import parse_origin
from comity.store.sql import query

STRANGERS = "strangers"
"""Stands for all parties together that nobody here has accredited."""
PREFIX = "bytes-"

_PAYER = "CASE WHEN p.via = '' THEN a.party ELSE p.via END"
_HELD = "FROM store_part p JOIN store_act a ON a.id = p.act WHERE p.salt IS NOT NULL"
_BRINGER = (
    "CASE WHEN d.id = d.party AND NOT p.is_self AND p.introduced_by <> '' "
    "THEN p.introduced_by ELSE d.party END"
)
_DOCUMENTS = "FROM store_document d JOIN store_party p ON p.id = d.party"
_STORED = (
    "SELECT party, length(header) AS size FROM store_act",
    f"SELECT {_PAYER} AS party, p.size {_HELD}",
    "SELECT via AS party, size FROM store_inblob WHERE NOT done",
    "SELECT via AS party, size FROM store_pending",
    "SELECT sender AS party, size FROM store_mail",
    "SELECT party, length(envelope) AS size FROM store_statement",
    f"SELECT {_BRINGER} AS party, length(d.envelope) AS size {_DOCUMENTS}",
    "SELECT origin AS party, length(note) AS size FROM store_checkpoint",
)
_SELF = "SELECT id FROM store_party WHERE is_self"


def bytes_from(db: str, party: str) -> int:
    """Return the bytes counted as kept because of a party, or of all ``STRANGERS``."""
    rows = query(db, "SELECT value FROM store_counter WHERE name = %s", (f"{PREFIX}{party}",))
    return int(rows[0][0]) if rows else 0


def counted(db: str) -> dict[str, int]:
    """Return all that is counted, by party, without what is zero."""
    sql = "SELECT name, value FROM store_counter WHERE name LIKE %s AND value <> 0"
    return {row[0].removeprefix(PREFIX): int(row[1]) for row in query(db, sql, (f"{PREFIX}%",))}


def stored(db: str) -> dict[str, int]:
    """Return what should be counted, by party and of all strangers: reads every row's size."""
    found: Counter[str] = Counter()
    for sql in _STORED:
        for key, size in query(db, f"SELECT party, SUM(size) FROM ({sql}) s GROUP BY party"):
            # A log's origin names its party; all others are named by their ids alone.
            found[key if "/" not in key else parse_origin(key)[0]] += int(size)
    for (own,) in query(db, _SELF):
        del found[own]
    known = query(db, "SELECT id FROM store_party WHERE accredited_at IS NOT NULL")
    found[STRANGERS] = found.total() - sum(found[row[0]] for row in known)
    return {party: size for party, size in found.items() if size}


def of_content(db: str, act: str) -> Counter[str]:
    """Return the bytes kept of one act's content, by who they count against."""
    rows = query(
        db,
        f"SELECT {_PAYER}, SUM(p.size) {_HELD} AND p.act = %s GROUP BY 1 "
        "UNION ALL SELECT via, SUM(size) FROM store_inblob WHERE act = %s AND NOT done GROUP BY 1",
        (act, act),
    )
    found: Counter[str] = Counter()
    for party, size in rows:
        found[party] += int(size)
    return found


def unsettled(db: str, author: str, but: str) -> int:
    """Return the bytes of blobs that others announced for acts of ``author``, and that will count
    against it once they are verified; those of the act ``but`` are left out.
    """
    rows = query(
        db,
        "SELECT COALESCE(SUM(b.size), 0) FROM store_inblob b JOIN store_act a ON a.id = b.act "
        "WHERE a.party = %s AND NOT a.whole AND b.via <> %s AND b.act <> %s",
        (author, author, but),
    )
    return int(rows[0][0])
