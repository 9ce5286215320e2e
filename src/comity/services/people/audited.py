"""What the entries of the audit are about, as far as the auditor may see it.

An auditor sees who did what, and nothing of what was said: who has other mandates beside is led to
what they show anyway. Everybody else is given the first digits of an id, which tell entries about
one thing from those about another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.services.casework import drafts
from comity.services.people import audit
from comity.store.access import acts as acts_access
from comity.store.access import drafts as drafts_access

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comity.services.casework.desk import Desk
    from comity.store.access.acts import DossierRow
    from comity.store.access.drafts import DraftRow
    from comity.store.access.people import AuditRow

SHORT = 8
"""Digits of an id that is shown and leads nowhere."""
DRAFTS = frozenset({"said", "emergency", "prepared", "approved", "reviewed", "returned"})
GUESTS = frozenset({"guest_prepared", "guest_made", "guest_used", "guest_revoked"})
PARTIES = frozenset({"accredited", "zone", "exported"})
DOSSIERS = frozenset({"read", "read_aloud", "list"})
REPORTS = frozenset(what for what in audit.WHAT if what.startswith("report_"))
IDS = DRAFTS | DOSSIERS | REPORTS | {"rooted", "token", "revoked"}
"""Entries whose subject is an id that says nothing to people."""


class About(NamedTuple):
    """What an entry is about: a ``page`` that shows it, "" for none, the ``place`` it is found by
    there, and the ``act`` on it; ``words`` for it.
    """

    words: str
    page: str = ""
    place: tuple[str, ...] = ()
    act: str = ""


def entries(desk: Desk, before: int | None = None) -> list[tuple[AuditRow, About]]:
    """Return what was noted, newest first, with what it is about. Raises Refusal S10."""
    rows = audit.entries(desk.node, desk.actor, before)
    found = _Subjects(desk, rows)
    return [(row, found.of(row)) for row in rows]


class _Subjects:
    """What a page of entries names, looked up at once."""

    def __init__(self, desk: Desk, rows: Sequence[AuditRow]) -> None:
        self._desk = desk
        db = desk.node.db
        asked = [row.subject for row in rows if row.what in DRAFTS]
        self._drafts: Mapping[str, DraftRow] = drafts_access.drafts_among(db, asked)
        acts = {row.act for row in self._drafts.values()}
        acts |= {str(row.detail.get("letter", "")) for row in rows if row.what in GUESTS}
        self._acts = acts_access.acts_among(db, sorted(acts - {""}))
        named = {row.subject for row in rows if row.what in DOSSIERS}
        named |= {row.dossier for row in self._drafts.values()}
        named |= {act.dossier for act in self._acts.values()}
        self._dossiers = desk.seen(named - {""})

    def of(self, row: AuditRow) -> About:
        """Return what one entry is about."""
        if row.what in PARTIES:
            return About(self._desk.name(row.subject), "party", (row.subject,))
        if row.what == "mandate" and self._desk.actor.manages("mandates"):
            return About(row.subject, "mandate", (row.subject,))
        if row.what in DOSSIERS:
            found = self._of_dossier(row.subject, str(row.detail.get("act", "")))
        elif row.what in DRAFTS:
            found = self._of_draft(self._drafts.get(row.subject))
        elif row.what in GUESTS:
            found = self._of_guest(row)
        else:
            found = None
        return found or About(row.subject[:SHORT] if row.what in IDS else row.subject)

    def _of_dossier(self, id_: str, act: str = "") -> About | None:
        head = self._dossiers.get(id_)
        return None if head is None else About(self._title(head), "dossier", (id_,), act)

    def _of_draft(self, draft: DraftRow | None) -> About | None:
        if draft is None:
            return None
        if draft.act in self._acts:
            return self._of_dossier(self._acts[draft.act].dossier, draft.act)
        if draft.state == drafts_access.DROPPED:
            return None
        head = self._dossiers.get(draft.dossier)
        if head is None or not drafts.sees(self._desk.node, self._desk.actor, draft):
            return None
        return About(self._title(head), "check", (draft.id,))

    def _of_guest(self, row: AuditRow) -> About | None:
        letter = self._acts.get(str(row.detail.get("letter", "")))
        if letter is None or letter.dossier not in self._dossiers:
            return None
        return About(row.subject, "guest_letter", (letter.dossier, str(row.detail["link"])))

    def _title(self, head: DossierRow) -> str:
        return self._desk.told(head).title(head)
