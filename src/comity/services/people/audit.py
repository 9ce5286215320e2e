"""What people of this party did and read, for its own auditor. It never leaves the node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comity.kernel.label import TLP
from comity.store.access import people as access
from comity.store.append import people as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.people import AuditRow

AT_ONCE = 50
"""Entries given at once."""
SUBJECT = 140
"""Characters of a subject that are kept; an address of mail can be longer."""
WHAT = {
    "link": "Made a link for a person",
    "link_revoked": "Revoked a link for a person",
    "joined": "Set up an account",
    "changed": "Changed a person",
    "mandate": "Changed a mandate",
    "read": "Read what is marked AMBER+STRICT or RED",
    "said": "Signed for the party",
    "read_aloud": "Took a step in reading a key aloud",
    "list": "Took a list of contacts in",
    "campaign": "Started or closed a campaign of contact checks",
    "emergency": "Signed alone, declaring an emergency",
    "prepared": "Prepared something for a second person",
    "approved": "Approved what another person prepared",
    "reviewed": "Reviewed what was signed in an emergency",
    "returned": "Returned what another person prepared",
    "accredited": "Accredited a party",
    "guest_prepared": "Prepared a link for a guest",
    "guest_made": "Made a link for a guest",
    "guest_used": "A guest acknowledged or answered",
    "guest_revoked": "Revoked the link of a guest",
    "exported": "Sealed a file for a party",
    "zone": "Noted the time zone of a party",
    "signature": "Brought a holder’s signature for new root keys",
    "rooted": "Put new root keys in force",
    "alarm": "An alarm was raised about versions of objects that a party shared",
    "token": "Made a token for a program",
    "revoked": "Revoked a token of a program",
    "report_made": "A finder reported a vulnerability",
    "report_added": "A finder added to a report",
    "report_read": "Read a report of a vulnerability",
    "report_answered": "Answered a finder",
    "report_begun": "Began a dossier of a report",
    "report_taken": "Said in which dossier a report is dealt with",
    "report_closed": "Closed a report",
    "report_erased": "Erased a report",
    "reports_closed": "Closed many reports at once",
    "reports_erased": "Erased many reports at once",
}
"""Every code of what is noted, with its label."""


def note(
    node: Node,
    actor: Actor | None,
    what: str,
    subject: str = "",
    *,
    detail: Mapping[str, Any] | None = None,
    by: str = "",
) -> None:
    """Note that ``actor`` did ``what`` to ``subject``; None is who commands the machine itself,
    unless ``by`` names somebody who is no person of this node. A machine is noted by its own name,
    and the person who answers for it by number.

    Call it within the transaction that does it.
    """
    if what not in WHAT:
        raise AssertionError(what)
    shown = {"token": actor.token} if actor is not None and actor.token else {}
    append.note(
        node.db,
        at=node.now(),
        person=None if actor is None else actor.id,
        name=by if actor is None else actor.name,
        what=what,
        subject=subject[:SUBJECT],
        detail={**(detail or {}), **shown},
    )


def note_read(node: Node, actor: Actor, dossier: str, ceiling: TLP) -> None:
    """Note that ``actor`` read a dossier, where its label is stricter than AMBER."""
    if ceiling > TLP.AMBER:
        with writing(node.db):
            note(node, actor, "read", dossier)


def entries(node: Node, actor: Actor, before: int | None = None) -> list[AuditRow]:
    """Return what was noted, newest first, below number ``before``. Raises Refusal S10."""
    actor.require_manage("audit")
    return access.audit(node.db, before, AT_ONCE)
