"""Announcing an advisory in a disclosure: checked, signed by one person or two, and kept here until
the agreed end; and publishing it by hand where the embargo ended otherwise.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from comity.engines.embargo import Course
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.protocols.response.disclosure import PROTOCOL as DISCLOSURE
from comity.protocols.response.disclosure.acts import Ready
from comity.protocols.sharing.circle import PROTOCOL as CIRCLE
from comity.services.casework import content, dossiers, drafts, issue, signing
from comity.services.casework.drafts import Filling
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.people import audit
from comity.services.people.mandates import Hand
from comity.services.response import disclosures, outgoing, placing
from comity.services.response.placing import Places
from comity.services.sharing import advisories, publishing
from comity.services.sharing.circles import all_circles
from comity.store.access import announcements as access
from comity.store.access.announcements import WAITING, AnnouncementRow
from comity.store.append import announcements as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.services.casework.desk import Desk
    from comity.services.node import Node
    from comity.services.response.outgoing import Standing
    from comity.store.access.acts import DossierRow

KIND = Ready.KIND.kind
OUTSIDE = "What is announced in an exercise goes out within that exercise, and nowhere else."
ALONE = "A second person has to approve this before it goes out; ask one who may do it alone."


_SIGNS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Wish(NamedTuple):
    """What is to go out: a file's ``name`` and ``data``, the ``places``, and a word to the case."""

    name: str
    data: bytes
    places: Places
    text: str = ""


class Announced(NamedTuple):
    """What came of announcing: the ``act`` that was signed, or the ``draft`` that waits for a
    second person.
    """

    hash: str
    act: str = ""
    draft: str = ""


class Shown(NamedTuple):
    """An advisory of this party in a case: its row, and how it ``stands``, None where it is not
    announced yet, or went out.
    """

    row: AnnouncementRow
    stands: Standing | None


def shown(desk: Desk, dossier_id: str) -> list[Shown]:
    """Return this party's advisories of a case, the newest first. Raises Refusal S3 or S8."""
    row = desk.dossier_of(DISCLOSURE, dossier_id)
    rows = access.of_dossier(desk.node.db, row.id)
    return [
        Shown(each, outgoing.standing(desk.node, each) if each.state == WAITING else None)
        for each in rows
    ]


def circles(desk: Desk) -> list[tuple[str, str]]:
    """Return the circles into which somebody may publish, alone or not, as (id, title)."""
    rows = desk.seen(row.id for row in all_circles(desk.node)).values()
    found = [(row.id, desk.told(row).title(row)) for row in rows if _may(desk, row) is not None]
    return sorted(found, key=lambda each: (each[1], each[0]))


def _may(desk: Desk, row: DossierRow) -> Hand | None:
    """Say how somebody may publish in a circle; who commands the machine may alone."""
    if row.protocol != CIRCLE.name or row.state != dossiers.ACTIVE:
        return None
    if isinstance(desk, Machine):
        return Hand.ALONE
    under = desk.under(row, publishing.KIND)
    return None if under is None else under[1]


def file(desk: Desk, dossier_id: str, hash_: str) -> tuple[str, bytes]:
    """Return the name and bytes of an advisory that waits or went out, for who may announce one or
    approves that. Raises Refusal S3, S8 or S10.
    """
    row = desk.dossier_of(DISCLOSURE, dossier_id)
    lanes, actor = desk.sides.of(row), desk.actor
    approves = any(actor.approving(lane, row.protocol, KIND) for lane in lanes)
    if not approves and desk.under(row, KIND) is None:
        raise Refusal("S10", "None of your mandates covers this.", KIND)
    for each in access.of_dossier(desk.node.db, row.id):
        if each.hash == hash_:
            return each.name, access.data(desk.node.db, each.id)
    raise Refusal("S3", "There is no such advisory here.", hash_[:80])


def announce(desk: Desk, dossier_id: str, wish: Wish) -> Announced:
    """Announce an advisory: nothing of it leaves this node before the agreed end.

    Raises Refusal S3 or S8 for the case, S2 without an end that is to come, X40 to X49 and X23 for
    what could not go out as it is, S4 or S10 for where it could not, and as drafts do.
    """
    node, row = desk.node, desk.dossier_of(DISCLOSURE, dossier_id)
    _require_to_come(node, row)
    checked = advisories.of_bytes(Path(wish.name), wish.data)
    for circle in wish.places.circles:
        into = desk.dossier(circle)
        if _may(desk, into) is None:
            raise Refusal("S10", "None of your mandates lets you publish in this circle.", circle)
        if into.realm != row.realm:
            raise Refusal("S4", OUTSIDE, "circles")
    if row.realm and wish.places.provider:
        raise Refusal("S4", OUTSIDE, "provider")
    placing.rehearse(node, checked, wish.places)
    new = AnnouncementRow(
        id=node.ports.random.bytes(12).hex(),
        dossier=row.id,
        hash=hashlib.sha256(wish.data).hexdigest(),
        # A path may stand before the name that was checked, and a title may hold any sign.
        name=checked.file.name,
        title=" ".join(_SIGNS.sub(" ", checked.advisory.title).split()),
        circles=wish.places.circles,
        provider=wish.places.provider,
        draft="",
        act="",
        made_at=node.now(),
        state=WAITING,
        due=None,
        out_at=None,
        places=(),
        told="",
        trouble="",
        next_at=0,
    )
    return _by_machine(node, new, wish) if isinstance(desk, Machine) else _sign(desk, new, wish)


def _require_to_come(node: Node, row: DossierRow) -> None:
    found = disclosures.case(node, row.id)
    if found.end is None or found.end <= node.now() or found.endings or found.belief.because:
        told = "There is no agreed end to wait for; agree to terms first, or publish by yourself."
        raise Refusal("S2", told, row.id)


def _by_machine(node: Node, new: AnnouncementRow, wish: Wish) -> Announced:
    words = content.prepare_fields(node, {"text": wish.text} if wish.text else {})
    act = issue.issue(
        node,
        dossier_id=new.dossier,
        draft=Draft(KIND, {"hash": new.hash}, words),
        then=lambda act: append.insert(node.db, new._replace(act=act), wish.data),
    )
    return Announced(new.hash, act=act)


def _sign(desk: Desk, new: AnnouncementRow, wish: Wish) -> Announced:
    node, actor = desk.node, desk.actor
    ceiling = desk.dossier_of(DISCLOSURE, new.dossier).ceiling
    filling = Filling({"hash": new.hash, "text": wish.text}, tlp=ceiling)
    # Both or neither: a draft that could be signed before it is known where it goes out would not
    # need the hands that that takes.
    with writing(node.db):
        draft = drafts.begin(node, actor, kind=KIND, filling=filling, dossier=new.dossier)
        append.insert(node.db, new._replace(draft=draft.id), wish.data)
    if drafts.hand_of(node, actor, draft)[1] is not Hand.ALONE:
        signing.prepare(node, actor, draft.id)
        return Announced(new.hash, draft=draft.id)
    signed: list[Id] = []
    signing.sign(node, actor, draft.id, lambda _dossier, act: signed.append(act))
    return Announced(new.hash, act=signed[0])


def publish_now(desk: Desk, dossier_id: str) -> None:
    """Publish what this party announced, at once: not while the embargo that it waits for is kept.

    Raises Refusal S3 where nothing waits, S10 for who may not alone, S2 while it is kept, and as
    ``outgoing.publish`` does.
    """
    node, row = desk.node, desk.dossier_of(DISCLOSURE, dossier_id)
    found = next((each for each in shown(desk, row.id) if each.stands is not None), None)
    if found is None or found.stands is None:
        raise Refusal("S3", "No advisory of ours waits here.", row.id)
    if found.stands.course is Course.WAITS:
        told = (
            "The embargo is kept: the advisory goes out by itself at its end. To be free sooner, "
            "withdraw from the terms."
        )
        raise Refusal("S2", told, row.id)
    role = _require_alone(desk, row, found.row)
    due = found.stands.end if found.stands.course is Course.DUE else None
    by: Object | None = {"role": role} if role else None
    if outgoing.publish(node, found.row, found.stands.act, due, by) is None:
        raise Refusal("S12", "It is being published already; load the page anew.", row.id)
    if role:
        with writing(node.db):
            audit.note(node, desk.actor, "said", row.id, detail={"kind": outgoing.KIND})


def _require_alone(desk: Desk, row: DossierRow, found: AnnouncementRow) -> str:
    """Return the role in which somebody publishes alone in the case and its circles, "" at the
    machine. Raises Refusal S10.
    """
    if isinstance(desk, Machine):
        return ""
    under = desk.under(row, outgoing.KIND)
    hands = [None if under is None else under[1]]
    hands += [_may(desk, desk.dossier(circle)) for circle in found.circles]
    if under is None or any(hand is not Hand.ALONE for hand in hands):
        raise Refusal("S10", ALONE, outgoing.KIND)
    return under[0].code
