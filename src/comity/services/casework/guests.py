"""Guests: somebody without a node is sent one act of ours as a letter, and answers it by one link.

::

    waiting ──release──▶ made ──acknowledge──▶ acknowledged ──answer──▶ answered
                          └───────────────────answer────────────────────┘

until it expires or is revoked. It waits where the mandate of who makes it asks for a second person:
what goes to members by two hands goes to nobody else by one.

Opening the link changes nothing and is noted nowhere: programs that guard mailboxes open links.
What a guest does is recorded in the dossier by the kernel's ``record``, as said by a guest of this
party and never as signed by another. Who the guest is stands in the record's content alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.kernel.language import spelled
from comity.services import origins
from comity.services.casework import compose, forms, guestways, sendable
from comity.services.casework.desk import Desk
from comity.services.casework.issue import Draft, issue
from comity.services.casework.kernelkinds import LANGUAGE, record_body, record_of
from comity.services.casework.letters import answers
from comity.services.people import audit
from comity.services.people.mandates import Hand
from comity.services.quota import require_free
from comity.store.access import acts
from comity.store.access import guests as access
from comity.store.access.guests import GuestRow
from comity.store.append import guests as append
from comity.store.append.guests import ACKNOWLEDGED, ANSWERED
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from comity.kernel.protocol import ActKind
    from comity.services.node import Node
    from comity.services.people.actors import Actor

DAY = 24 * 3600 * 1000
DAYS, MOST_DAYS = 30, 90
"""How long a link works, unless it is said, and at most."""
UPLOAD = 16 * 1024 * 1024
"""Bytes that a guest may hand over with one answer; evidence of it can show them all."""
MOST_FILES = 10
RATE = 60
"""Times a minute that a network address may ask for the pages of guests."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter is for: ``name`` and ``mail``, its two ``languages``, the first one first, and
    how many ``days`` its link works.
    """

    name: str
    mail: str
    languages: tuple[str, str]
    days: int = DAYS


Done: TypeAlias = "Callable[[GuestRow, str], None]"
"""Called with a link and its secret in the transaction that keeps it; what it raises undoes it."""


def make(
    node: Node, actor: Actor | None, act_id: str, to: Addressee, then: Done | None = None
) -> tuple[GuestRow, str]:
    """Make a link for a letter of an act; return it with its secret, which is not kept, and is ""
    while the link waits for a second person.

    ``actor`` None is who commands the machine itself. Raises Refusal as ``sendable.require``, and
    S4 with the field of ``to`` that is wrong as its subject.
    """
    row = draft(node, actor, act_id, to)
    secret = "" if row.waiting else _secret(node)
    with writing(node.db):
        append.insert(node.db, row, secret)
        _made(node, actor, row, secret, then)
    return row, secret


def _made(node: Node, actor: Actor | None, row: GuestRow, secret: str, then: Done | None) -> None:
    what = "guest_prepared" if row.waiting else "guest_made"
    audit.note(node, actor, what, row.handle, detail=_told(row))
    if then is not None:
        then(row, secret)


def _secret(node: Node) -> str:
    return base64.urlsafe_b64encode(node.ports.random.bytes(24)).decode()


def _lasts(row: GuestRow) -> int:
    """Return how long a link works, in ms, from when it is made or let go."""
    return min(row.expires - row.made_at, MOST_DAYS * DAY)


def release(node: Node, actor: Actor, guest: str, then: Done | None = None) -> tuple[GuestRow, str]:
    """Let a link go that another person made; return it with its secret, which is not kept.

    Its days count from now. Raises Refusal S3, S10 for the own one or without a mandate to approve
    the kind of the letter, S12 when it waits no longer, and as ``sendable.require_act``.
    """
    row = one(node, actor, guest)
    sendable.require_second(node, actor, row.letter, row.made_by)
    sendable.require_given(node, sendable.require_act(node, row.letter), row.handle)
    secret = _secret(node)
    row = row._replace(waiting=False, expires=node.now() + _lasts(row))
    row = row._replace(second=actor.id, second_name=actor.name)
    with writing(node.db):
        if not append.release(node.db, row, secret):
            raise Refusal("S12", "This letter does not wait any more; load the page anew.", guest)
        _made(node, actor, row, secret, then)
    return row, secret


def renew(
    node: Node, actor: Actor | None, guest: str, then: Done | None = None
) -> tuple[GuestRow, str]:
    """Give a letter another address, in place of one that was lost or has expired; return it as
    ``make`` does. Its days count from now, and the old address shows nothing any more.

    Raises Refusal as ``sendable.require``, S12 when it was answered or revoked.
    """
    row = one(node, actor, guest)
    _, hand = sendable.require(node, actor, row.letter)
    waits, now = hand is Hand.SECOND, node.now()
    row = row._replace(**_maker(actor), second=None, second_name="", waiting=waits)
    row = row._replace(made_at=now, expires=now + _lasts(row))
    secret = "" if waits else _secret(node)
    with writing(node.db):
        if not append.renew(node.db, row, secret):
            raise Refusal("S12", "This letter was answered or revoked; write another.", guest)
        _made(node, actor, row, secret, then)
    return row, secret


def one(node: Node, actor: Actor | None, guest: str) -> GuestRow:
    """Return a link of a dossier that ``actor`` sees. Raises Refusal S3, as for none at all."""
    row = access.guest(node.db, guest)
    head = None if row is None else acts.dossier(node.db, row.dossier)
    hidden = actor is not None and (head is None or not Desk(node, actor).sees(head))
    if row is None or hidden:
        raise Refusal("S3", "There is no such link of a guest here.", guest)
    return row


def to_release(desk: Desk) -> list[GuestRow]:
    """Return the links that wait for a second person, whom this one may be."""
    actor = desk.actor
    rows = [row for row in access.waiting(desk.node.db) if row.made_by != actor.id]
    letters = acts.acts_among(desk.node.db, sorted({row.letter for row in rows}))
    heads = desk.seen(row.dossier for row in rows)

    def approves(row: GuestRow) -> bool:
        head, letter = heads.get(row.dossier), letters.get(row.letter)
        if head is None or letter is None:
            return False
        return actor.approving(desk.lane(head), head.protocol, letter.kind) is not None

    return [row for row in rows if approves(row)]


def made_by(desk: Desk) -> list[GuestRow]:
    """Return the links that this person made and that wait for another."""
    return [row for row in access.waiting(desk.node.db) if row.made_by == desk.actor.id]


def draft(node: Node, actor: Actor | None, act_id: str, to: Addressee) -> GuestRow:
    """Return the link that ``make`` would keep, so that it can be looked at. Raises as it does."""
    act, hand = sendable.require(node, actor, act_id)
    to, now = checked(to), node.now()
    handle = _handle(node, act.dossier, to.mail)
    sendable.require_given(node, act, handle)
    return GuestRow(
        id=node.ports.random.bytes(12).hex(),
        dossier=act.dossier,
        letter=act.id,
        handle=handle,
        name=to.name,
        mail=to.mail,
        languages=to.languages,
        **_maker(actor),
        made_at=now,
        waiting=hand is Hand.SECOND,
        second=None,
        second_name="",
        expires=now + to.days * DAY,
        revoked_at=None,
        acknowledged="",
        answered="",
    )


def _maker(actor: Actor | None) -> dict[str, Any]:
    if actor is None:
        return {"made_by": None, "made_name": ""}
    return {"made_by": actor.id, "made_name": actor.name}


def checked(to: Addressee) -> Addressee:
    """Return an addressee as it is kept. Raises Refusal S4 naming the field that is wrong."""
    name, mail = " ".join(to.name.split()), to.mail.strip()
    if not 0 < len(name) <= 120 or not name.isprintable():
        raise Refusal("S4", "Write the guest's name, in at most 120 characters.", "name")
    try:
        validate_email(mail)
    except ValidationError as error:
        raise Refusal("S4", "Write an address like name@example.org.", "mail") from error
    for field, language in zip(("first", "second"), to.languages, strict=True):
        if language not in dict(settings.LANGUAGES):
            raise Refusal("S4", "The letter cannot be written in this language.", field)
    if len(set(to.languages)) < len(to.languages):
        raise Refusal("S4", "Choose two languages that differ.", "second")
    if not 1 <= to.days <= MOST_DAYS:
        raise Refusal("S4", "A link works for 1 to 90 days.", "days")
    return Addressee(name, mail, to.languages, to.days)


def _handle(node: Node, dossier: str, mail: str) -> str:
    """Return the guest's handle in a dossier: who was reached there before keeps the one given."""
    for row in access.guests_of(node.db, dossier):
        if row.mail.casefold() == mail.casefold():
            return row.handle
    return f"g{node.ports.random.bytes(4).hex()}"


def _told(row: GuestRow, **more: str) -> dict[str, str]:
    """Return what the auditor is told: a handle, and never who that is, which may be erased."""
    return {"letter": row.letter, "link": row.id, **more}


def made_in(node: Node, dossier_id: str) -> list[GuestRow]:
    """Return the links made in a dossier, the newest first; who asks has been let see it."""
    return access.guests_of(node.db, dossier_id)


def state_of(row: GuestRow, now: int) -> str:
    """Return what became of a link: waiting, made, acknowledged, answered, expired or revoked."""
    if row.revoked_at is not None:
        return "revoked"
    if row.waiting:
        return "waiting"
    if row.answered:
        return ANSWERED
    if row.expires <= now:
        return "expired"
    return ACKNOWLEDGED if row.acknowledged else "made"


def revoke(node: Node, actor: Actor | None, guest: str) -> GuestRow:
    """End a link at once, and return it; doing it twice changes nothing.

    Raises Refusal S3 or S10, as for making it.
    """
    row = one(node, actor, guest)
    sendable.require_hand(node, actor, row.letter)
    with writing(node.db):
        if append.revoke(node.db, row.id, node.now()):
            audit.note(node, actor, "guest_revoked", row.handle, detail=_told(row))
    return row._replace(revoked_at=row.revoked_at or node.now())


def require_turn(node: Node, origin: str) -> None:
    """Raise Refusal T5 when an address asks for guests' pages too often. ``origin`` is its own."""
    if not node.buckets.take(f"guest {origins.holder(origin)}", RATE, node.now()):
        raise Refusal("T5", "This was asked for too often. Wait a minute, then try again.")


def require_link(node: Node, secret: str) -> GuestRow:
    """Return the link with a secret. Raises Refusal S11, the same for whatever ended it."""
    row = access.open_guest(node.db, secret, node.now())
    if row is None:
        raise gone()
    return row


def gone() -> Refusal:
    """Return the refusal of a link that does not work, or does no more."""
    return Refusal("S11", "This link does not work, or does not work any more.")


def acknowledge(node: Node, secret: str, texts: Mapping[str, str]) -> Id:
    """Record that the guest has taken notice; return the act that says so.

    Raises Refusal S11, S12 when it was done before, S2 when the dossier takes it no longer, or
    FormErrors.
    """
    row = require_link(node, secret)
    return _record(node, row, guestways.of(node, row).acknowledge, ACKNOWLEDGED, texts, ())


def answer(
    node: Node,
    secret: str,
    texts: Mapping[str, str],
    files: Sequence[tuple[str, Path]] = (),
    lang: str = "",
) -> Id:
    """Record the guest's answer, with ``files`` as (name, path), in the language ``lang`` of the
    page that was answered, "" where that is not known; return the act that says so.

    It is the last that the link takes. Raises Refusal as ``acknowledge``, and S4 for too many files
    or too large ones, K15 for a name that no file may have, S7 when the disk is full.
    """
    row = require_link(node, secret)
    _require_small(node, [path for _, path in files])
    kind = guestways.of(node, row).answer
    return _record(node, row, kind, ANSWERED, _in_language(kind, texts, lang), files)


def _in_language(kind: ActKind | None, texts: Mapping[str, str], lang: str) -> Mapping[str, str]:
    """Return what was filled in, with the language of its words where there are some: the guest is
    asked nothing that the page knows.
    """
    fields = kind.content if kind is not None and forms.asks_language(kind) else ()
    written = any(texts.get(field.name, "").strip() for field in fields)
    return {**texts, LANGUAGE.name: spelled(lang)} if lang and written else texts


def _require_small(node: Node, files: Iterable[Path]) -> None:
    sizes = [path.stat().st_size for path in files]
    if len(sizes) > MOST_FILES:
        raise Refusal("S4", "These are too many files; put them into one archive.", forms.FILES)
    if sum(sizes) > UPLOAD:
        raise Refusal("S4", "The files are too large together; send less of them.", forms.FILES)
    require_free(node, sum(sizes))


def _record(
    node: Node,
    row: GuestRow,
    kind: ActKind | None,
    column: str,
    texts: Mapping[str, str],
    files: Sequence[tuple[str, Path]],
) -> Id:
    if getattr(row, column) or row.answered:
        raise Refusal("S12", "This was recorded already.", row.handle)
    if kind is None:
        raise Refusal("S2", "The dossier takes this no longer; write to whoever sent the letter.")

    def then(act: Id) -> None:
        if not append.record(node.db, row.id, column, act, node.now()):
            raise Refusal("S12", "This was recorded already.", row.handle)
        detail = _told(row, act=act, kind=kind.kind)
        audit.note(node, None, "guest_used", row.handle, detail=detail, by=row.handle)

    said = _said(node, row, kind, texts, files)
    return issue(node, dossier_id=row.dossier, draft=said, then=then)


def _said(
    node: Node,
    row: GuestRow,
    kind: ActKind,
    texts: Mapping[str, str],
    files: Sequence[tuple[str, Path]],
) -> Draft:
    """Return the record of what a guest filled in."""
    letter, head = acts.act(node.db, row.letter), acts.dossier(node.db, row.dossier)
    if letter is None or head is None:
        raise AssertionError(row.letter)
    header = read_header(letter.header)
    own = {"letter": row.letter, "guest": row.handle, "mail": called(row)}
    cited = {forms.REFS: row.letter} if guestways.cites(kind, header.kind) else {}
    filled = compose.read(node, record_of(kind), {**texts, **own, **cited}, files=len(files))
    names = {path: name for name, path in files}
    return Draft(
        "record",
        record_body(kind.kind, filled.body),
        compose.prepare(node, filled, [*names], names),
        filled.refs,
        answers(TLP(head.ceiling)),
        header.pap,
    )


def called(row: GuestRow) -> str:
    """Return who a guest is, as its records say."""
    return f"{row.name} <{row.mail}>"
