"""Writing anew what is derived, and sending anew what may have been forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.store.sql import query

if TYPE_CHECKING:
    from comity.kernel.ids import Id


def drop_derived(db: str, dossier: Id) -> None:
    """Drop all derived rows of one dossier, and what its own row derives from its acts."""
    for table in ("store_member", "store_duty", "store_subject", "store_text", "store_relation"):
        query(db, f"DELETE FROM {table} WHERE dossier = %s", (dossier,))
    query(
        db,
        "UPDATE store_dossier SET status = '', caption = '', params = '{}', title = '', "
        "digest = '' WHERE id = %s",
        (dossier,),
    )


def set_verdict(db: str, act: Id, void: tuple[str, str] | None) -> None:
    """Write the verdict of a dossier's own rules on an act; None means that it has effect."""
    rule, reason = void or ("", "")
    query(
        db,
        "UPDATE store_act SET void_rule = %s, void_reason = %s WHERE id = %s",
        (rule, reason[:500], act),
    )


def queue_sent_again(db: str) -> None:
    """Queue every act again that was sent and that no receipt came for, or none for its content:
    that one may have come and be forgotten.
    """
    query(
        db,
        "UPDATE store_delivery SET state = 'queued' WHERE state IN ('sent', 'received') "
        "AND what = 'act'",
    )
