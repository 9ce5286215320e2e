"""Advisories that wait for the agreed end of an embargo: looked at by the worker, published at the
first moment when that has come, and never before.

::

    waiting ──the agreed end──▶ out
       │ ▲
       │ └─ the end was moved, a claim was taken back
       ▼
    waiting, "early": people are told, and may publish at once

What signs an announcement is this party's act in the case: what stands in the table without one
goes nowhere, and what was taken back there is forgotten here.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from comity.engines.embargo import Course, course, soonest
from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.services.casework import content, issue
from comity.services.casework.issue import Draft
from comity.services.response import disclosures, placing
from comity.services.response.placing import Places
from comity.services.sharing import advisories
from comity.store.access import acts
from comity.store.access import announcements as access
from comity.store.access import drafts as drafts_access
from comity.store.access.announcements import EARLY, FAILED
from comity.store.append import announcements as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.kernel.canon import Object
    from comity.kernel.ids import Id
    from comity.services.node import Node
    from comity.services.sharing.advisories import Checked
    from comity.store.access.announcements import AnnouncementRow

LOG = logging.getLogger(__name__)
KIND = "publish"
AGAIN = 60_000
"""Milliseconds until what could not go out is tried again."""
NOWHERE = "There is no place where it could go out."
IN_A_CIRCLE = "In a circle, to its members."


class Standing(NamedTuple):
    """How an advisory stands that this party announced by ``act``: its ``course``, and the ``end``
    that it waits for (ms).
    """

    act: Id
    course: Course
    end: int | None


def standing(node: Node, row: AnnouncementRow) -> Standing | None:
    """Return how one that waits stands; None where this party has not announced it, or no more.

    What was signed with it is what announces it: other places of the same bytes were not approved.
    """
    said = disclosures.announced(node, row.dossier)
    if said is None or said != (_signed(node, row), row.hash):
        return None
    found = disclosures.outlooks(node, row.dossier)
    stands = course(found, was_early=row.told == EARLY, now=node.now())
    return Standing(said[0], stands, soonest(found)[0])


def _signed(node: Node, row: AnnouncementRow) -> str:
    """Return the act that was signed with one, "" while none was."""
    begun = drafts_access.draft(node.db, row.draft) if row.draft else None
    return row.act if begun is None or begun.state != drafts_access.SIGNED else begun.act


def look(node: Node) -> int | None:
    """Publish what is due, and note what people are to be told; return when to look again if
    nothing is said until then (ms), None for never.
    """
    ends: list[int] = []
    seen: set[str] = set()
    for row in reversed(access.waiting(node.db)):
        try:
            stands = _standing_or_gone(node, row, seen)
        except Refusal as refusal:
            LOG.warning("An advisory that waits cannot be looked at: %s", refusal)
            continue
        if stands is None:
            continue
        seen.add(row.dossier)
        if stands.course is Course.DUE:
            ends += [] if _is_out(node, row, stands) else [node.now() + AGAIN]
        else:
            _note(node, row, EARLY if stands.course is Course.EARLY else "")
        if stands.course is Course.WAITS and stands.end is not None:
            ends.append(stands.end)
    for row in access.unfinished(node.db):
        ends += [] if _is_finished(node, row) else [node.now() + AGAIN]
    return min(ends, default=None)


def _standing_or_gone(node: Node, row: AnnouncementRow, seen: set[str]) -> Standing | None:
    """Return how one stands; one that is announced no more is forgotten, unless it still waits for
    a second person. Of those of a case that are in ``seen`` a newer one is announced.
    """
    begun = drafts_access.draft(node.db, row.draft) if row.draft else None
    waits = begun is not None and begun.state not in {drafts_access.SIGNED, drafts_access.DROPPED}
    if waits:
        return None
    out = disclosures.published(node, row.dossier, row.hash)
    stands = None if out is not None or row.dossier in seen else standing(node, row)
    with writing(node.db):
        if out is not None:
            # The case says so: this node was restored from a copy that is older.
            append.went_out(node.db, row.id, out.time, out.due, [])
        elif stands is None and not disclosures.is_torn(node, row.dossier):
            append.drop(node.db, row.id)
    return stands


def _note(node: Node, row: AnnouncementRow, told: str, trouble: str = "") -> None:
    if (row.told, row.trouble) != (told, trouble):
        with writing(node.db):
            append.stand(node.db, row.id, told, trouble)


def _is_out(node: Node, row: AnnouncementRow, stands: Standing) -> bool:
    """Publish what is due, and say whether that was done; else people are told why not."""
    try:
        return publish(node, row, stands.act, stands.end, _by(node, stands.act)) is not None
    except Refusal as refusal:
        _note(node, row, FAILED, refusal.reason)
    return False


def _is_finished(node: Node, row: AnnouncementRow) -> bool:
    """Publish one that is out where it is not yet; say whether it is everywhere now."""
    now = node.now()
    with writing(node.db):
        if not append.claim(node.db, row.id, now, now + AGAIN):
            return False
    found: Sequence[str] = row.places
    wrong: str | None
    try:
        found, wrong = placing.place(node, *_what(node, row), _by(node, _signed(node, row)))
    except Refusal as refusal:
        # What an earlier version of the program took, this one may refuse; others go out anyway.
        wrong = refusal.reason
    with writing(node.db):
        append.finished(node.db, row.id, found, FAILED if wrong else "", wrong or "")
    return wrong is None


def _what(node: Node, row: AnnouncementRow) -> tuple[Checked, Places]:
    """Return an advisory as it is read again from its row, and where it goes."""
    checked = advisories.of_bytes(Path(row.name), access.data(node.db, row.id))
    return checked, Places(row.circles, row.provider)


def _by(node: Node, act: str) -> Object | None:
    """Return the roles that stand behind an announcement: what goes out then goes out by them."""
    found = acts.act(node.db, act)
    by = None if found is None else read_header(found.header).body.get("by")
    return by if isinstance(by, dict) else None


def publish(
    node: Node, row: AnnouncementRow, act: Id, due: int | None, by: Object | None
) -> list[str] | None:
    """Publish what was announced by ``act``, for the agreed end ``due`` if it is for one, say so in
    the case, and return where; None where another process does.

    Where it can go to some of its places alone, it is out, and the others are tried again. Raises
    Refusal where it can go to none, X40 to X49 or S5 among others: then it waits as before.
    """
    now = node.now()
    with writing(node.db):
        if not append.claim(node.db, row.id, now, now + AGAIN):
            return None
    checked, places = _what(node, row)
    found, wrong = placing.place(node, checked, places, by)
    if not found:
        raise Refusal("S5", wrong or NOWHERE, row.id)
    told = FAILED if wrong else ""

    def then(_act: Id) -> None:
        if not append.went_out(node.db, row.id, now, due, found, told=told, trouble=wrong or ""):
            raise Refusal("S12", "It went out already.", row.id)

    body: Object = {"time": now, "hash": row.hash}
    body |= {} if due is None else {"due": due}
    body |= {} if by is None else {"by": by}
    try:
        draft = _said(node, row, found, act, body)
        issue.issue(node, dossier_id=row.dossier, draft=draft, then=then)
    except Refusal as refusal:
        # It is out, whether or not the case takes our word on it any more.
        LOG.warning("An advisory went out, and the case was not told: %s", refusal)
        with writing(node.db):
            append.went_out(
                node.db, row.id, now, due, found, told=told, trouble=wrong or refusal.reason
            )
    return found


def _said(node: Node, row: AnnouncementRow, found: list[str], act: Id, body: Object) -> Draft:
    """Return what the case is told: what went out and where, without naming circles."""
    places = [IN_A_CIRCLE if each in row.circles else each for each in found]
    lines = [f"{row.title} ({Path(row.name).stem})", *dict.fromkeys(places)]
    words = content.prepare_fields(node, {"text": "\n".join(lines)})
    return Draft(KIND, body, words, refs=(act,))
