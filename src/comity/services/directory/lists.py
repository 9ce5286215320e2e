"""Lists of contacts that come in from the formats of the world, and go out into them.

What comes in is told in a community as copied from elsewhere, under this party's own signature:
nobody takes it for a nomination. It is told once; read again, only what has changed is. What goes
out is what its author told everybody, under a label that lets everybody have it; or, for this
party's own use, all that is held here.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comity.bridges.contacts import record
from comity.kernel.act import read_header
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import PAP, Allow, Egress, Kind, Label, Reader, decide
from comity.protocols._vocabulary.contacts import FIELDS, IMPORTED, MEMBERS, PUBLIC, ROLES
from comity.protocols.trust.community import PROTOCOL
from comity.protocols.trust.community.content import LINES, MOST, MOST_LONG
from comity.services.casework import compose, dossiers
from comity.services.casework.compose import Attached
from comity.services.casework.issue import Draft
from comity.services.delivery.carry import audience_of
from comity.services.directory.book import Book
from comity.services.people import audit
from comity.services.people.mandates import Hand
from comity.store.access import acts as access
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.services.casework.desk import Desk
    from comity.services.directory.book import Contact, Particular
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow

SEAT_LETTERS, CONTACT_LETTERS = 32, 40
"""The most letters of the handles of a seat and of a contact."""
NUMBER = len("_10000")
"""Of these, those that tell apart as many of one name as a list may hold."""
AND = " · "
"""What stands between several values of a particular that has one line."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was done with a list: how many contacts were ``told`` of, ``changed``, and the ``same``
    as before; and what could not be kept, in ``lost``.
    """

    told: int
    changed: int
    same: int
    lost: tuple[Phrase, ...]


KINDS = ("nominate", "detail")
"""What taking a list in signs."""


def may_take_in(desk: Desk, row: DossierRow) -> bool:
    """Say whether a dossier is a community into which a person may take lists: that signs many
    things by one press.
    """
    return row.protocol == PROTOCOL.name and _mandate(desk, row) is not None


def _mandate(desk: Desk, row: DossierRow) -> str | None:
    """Return under which mandate a person takes lists in, None where no one lets it."""
    found = [desk.under(row, kind) for kind in KINDS]
    able = [under[0].code for under in found if under is not None and under[1] is Hand.ALONE]
    return able[0] if len(able) == len(KINDS) and row.state == dossiers.ACTIVE else None


def take_in_as_person(
    desk: Desk, dossier: str, contacts: Sequence[record.Contact], *, role: str = "technical"
) -> Taken:
    """As ``take_in``, by a person whose mandates let it sign that alone. Raises Refusal S3, S4 for
    a dossier that is no community, S10.
    """
    row = desk.dossier(dossier)
    if row.protocol != PROTOCOL.name:
        raise Refusal("S4", "This is no community; choose one.", dossier)
    mandate = _mandate(desk, row)
    if mandate is None:
        told = "Your mandates do not let you sign this alone; ask who may to take the list in."
        raise Refusal("S10", told, dossier)
    taken = take_in(desk, Id(dossier), contacts, role=role, under=mandate)
    if desk.actor.id:
        with writing(desk.node.db):
            audit.note(desk.node, desk.actor, "list", dossier)
    return taken


def take_in(
    desk: Desk,
    dossier: Id,
    contacts: Sequence[record.Contact],
    *,
    role: str = "technical",
    under: str = "",
) -> Taken:
    """Tell in a community of contacts that were read from a list, as copied from elsewhere.

    ``role`` is theirs where the list does not say one; it is told ``under`` a mandate, "" by who
    commands the machine. Raises Refusal as saying anything does.
    """
    book, node = Book(desk, desk.dossier(dossier).realm), desk.node
    own = [each for each in book.in_community(dossier) if each.key.author == node.me]
    held = {each.key.contact: each for each in own if each.source == IMPORTED}
    # What this party nominated, or wrote in from mail, no list changes.
    taken = {each.key.contact for each in own} - held.keys()
    counts, lost = [0, 0, 0], list[Phrase]()
    for handle, seat, contact in _named(contacts, taken):
        texts = dict(_texts(contact, lost))
        before = held.get(handle)
        if before is None:
            role_ = contact.role if contact.role in ROLES else role
            about = {"contact": handle, "seat": seat, "role": role_}
            _say(node, dossier, "nominate", (), {**about, **HOW, **texts}, under)
            counts[0] += 1
        elif changed := {n: t for n, t in texts.items() if before.text(n) != t}:
            _say(node, dossier, "detail", (before.act,), {"contact": handle, **changed}, under)
            counts[1] += 1
        else:
            counts[2] += 1
    new, other, same = counts
    return Taken(new, other, same, tuple(lost))


def _named(
    contacts: Iterable[record.Contact], taken: Iterable[str]
) -> Iterator[tuple[str, str, record.Contact]]:
    """Yield each contact with a handle of its own that is not ``taken``, the same whenever the list
    is read again.
    """
    used, numbers = {*taken}, Counter[str]()
    for contact in contacts:
        seat = _handle(contact.seat or contact.party or contact.holder, SEAT_LETTERS)
        base = _handle(contact.holder or contact.party or contact.seat, CONTACT_LETTERS - NUMBER)
        handle = base
        while not numbers[base] or handle in used:
            numbers[base] += 1
            handle = base if numbers[base] == 1 else f"{base}_{numbers[base]}"
        used.add(handle)
        yield handle, seat, contact


def _handle(text: str, most: int) -> str:
    """Return a handle made of text; of text without letters that it may have, of its hash."""
    found = re.sub("[^a-z0-9]+", "_", text.casefold()).strip("_")[:most].strip("_")
    if found and found[0].isalpha():
        return found
    return "c" + (found or hashlib.sha256(text.encode()).hexdigest())[: min(most, 16) - 1]


def _texts(contact: record.Contact, lost: list[Phrase]) -> Iterator[tuple[str, str]]:
    """Yield the particulars of a contact as a community takes them."""
    named = {"holder": contact.holder or contact.party}
    if contact.holder and not contact.institution:
        named["institution"] = contact.party
    kept = "\n".join(f"{name}: {value}" for name, value in contact.rest)
    named["other"] = "\n".join(filter(None, (contact.other, kept)))
    for field in FIELDS:
        text = named.get(field) or contact.told(field)
        most = MOST_LONG if field in LINES else MOST
        text = text if field in LINES else AND.join(text.splitlines())
        if len(text) > most:
            told = "{who}, {field}: it is longer than {most} characters, and left out."
            lost.append(Phrase(told, who=contact.name, field=Phrase(FIELDS[field]), most=most))
        elif text:
            yield field, text


HOW = {"holder_is": "desk", "source": IMPORTED}
"""How a contact that was read from a list is told of."""


def _say(
    node: Node,
    dossier: Id,
    kind: str,
    refs: Sequence[str],
    texts: Mapping[str, str],
    under: str,
) -> None:
    declared = compose.kind_of(node, dossier, kind)
    given = {**texts, "visibility": MEMBERS, "refs": ",".join(refs)}
    filled = compose.read(node, declared, given, dossier=dossier)
    by: Object = {"by": {"role": under}} if under else {}
    draft = Draft(kind, filled.body | by, None, filled.refs)
    compose.send(node, dossier, draft, filled, Attached((), ()))


def take_out(
    desk: Desk, contacts: Iterable[Contact], *, own: bool = False
) -> tuple[tuple[record.Contact, ...], tuple[Phrase, ...]]:
    """Return contacts as formats take them, and what was left out, in words.

    With ``own`` it is for this party's own use; without, for anybody.
    """
    left: list[Phrase] = []
    door = _Door(desk, own=own)
    given = tuple(_given(contact, door, left) for contact in contacts)
    return given, tuple(left)


def _given(contact: Contact, door: _Door, left: list[Phrase]) -> record.Contact:
    texts: dict[str, Any] = {}
    updated = 0
    if contact.sectors or contact.states:
        left.append(Phrase(UNSERVED, who=contact.key.contact))
    for field, told in contact.particulars.items():
        why = door.refusal(contact, told)
        if why:
            words = "{who}, {field}: {why}"
            field_ = Phrase(FIELDS[field])
            left.append(Phrase(words, who=contact.key.contact, field=field_, why=Phrase(why)))
        elif told.text:
            texts[field] = told.text if field in LINES else told.text.replace(AND, "\n")
            updated = max(updated, told.confirmed)
    return record.Contact(
        seat=contact.seat,
        party=texts.get("institution") or texts.get("holder", ""),
        role=contact.role,
        updated=updated or None,
        **texts,
    )


UNSERVED = "{who}: for which sectors and states it answers has no place in these files."
NOT_PUBLIC = "it was not told to everybody"
LABELLED = "its label does not let everybody have it; its author would tell it under TLP:CLEAR"


class _Door:
    """What may leave for a file: asked of what its author said, and of the table of labels."""

    def __init__(self, desk: Desk, *, own: bool) -> None:
        self._node = desk.node
        self._own = own
        self._verdicts: dict[str, str] = {}

    def refusal(self, contact: Contact, told: Particular) -> str:
        """Return why a particular does not leave, or "" when it may."""
        if not told.text:
            return ""
        if not self._own and told.visibility != PUBLIC:
            return NOT_PUBLIC
        if told.act not in self._verdicts:
            self._verdicts[told.act] = self._asked(contact.key.dossier, told.act)
        return self._verdicts[told.act]

    def _asked(self, dossier: str, act: str) -> str:
        row = access.act(self._node.db, act)
        if row is None:
            raise AssertionError(act)
        header = read_header(row.header)
        label = Label(header.tlp, header.pap or PAP.CLEAR, frozenset({dossier}))
        me = Reader(self._node.me, Kind.PERSON, accredited=True)
        anybody = Reader(PartyId("0" * 64), Kind.PERSON)
        with self._node.lock:
            audience = audience_of(dossiers.load(self._node, dossier))
        verdict = decide(label, me if self._own else anybody, Egress.FILE, {dossier: audience})
        return "" if isinstance(verdict, Allow) else verdict.reason if self._own else LABELLED
