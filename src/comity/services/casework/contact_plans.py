"""Reading what a campaign of contact checks is to ask of whom, as a person writes it in a file.

::

    campaign: council/2026-2
    title: Contacts of the Council, autumn
    level: 2
    hours: 24
    checked:
      - party: Tolmere
        contacts:
          - contact: duty_desk
            channels: [node, email]
            hours: Mo-Fr 08:00-16:30
            zone: Europe/Paris
      - seat: sarivane/ministry
        contacts: [{contact: desk, channels: [email]}]

The file names no person: contacts are handles, as their nominations have them. When a contact is
at work, and which fields are due at level 2, is taken from the directory where it is not said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from comity.engines import hours
from comity.kernel.errors import Phrase, Refusal
from comity.protocols._vocabulary.contacts import NODE
from comity.protocols.trust.contact_check.acts import Open, Probe
from comity.protocols.trust.contact_check.codes import FIELDS_DUE
from comity.services.casework.checking_contacts import Campaign, Checked, Contact
from comity.services.casework.inbox import Machine
from comity.services.directory.book import Book
from comity.services.identity import find

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from comity.kernel.fieldtypes import FieldType
    from comity.kernel.ids import PartyId
    from comity.services.casework.desk import Desk
    from comity.services.node import Node

TOP = frozenset({"campaign", "title", "text", "level", "hours", "lanes", "exercise", "checked"})
OF_CHECKED = frozenset({"party", "seat", "contacts"})
OF_CONTACT = frozenset({"contact", "listed_by", "channels", "hours", "zone", "holidays", "fields"})
TYPES: dict[str, FieldType[object]] = {
    field.name: field.type for kind in (Probe.KIND, Open.KIND) for field in kind.body
}


def read(
    node: Node, value: object, desk: Desk | None = None
) -> tuple[Campaign, tuple[Checked, ...]]:
    """Return a campaign and who is checked; what it does not say is taken from what is seen at a
    ``desk``, or by who commands the machine. Raises Refusal S3 or S4, whose subject is the field.
    """
    top = _object(value, TOP, "campaign")
    campaign = Campaign(
        name=_checked("campaign", top.get("campaign")),
        level=_checked("level", top.get("level")),
        due_hours=_checked("due_hours", top.get("hours"), "hours"),
        title=_text(top, "title") or _missing("title"),
        text=_text(top, "text"),
        lanes=tuple(_checked("lanes", sorted(top["lanes"]))) if top.get("lanes") else (),
        realm=_text(top, "exercise"),
    )
    book = Book(desk or Machine(node), campaign.realm)
    checked = tuple(_of(book, each, campaign) for each in _list(top, "checked"))
    if len({each.who for each in checked}) < len(checked):
        raise Refusal("S4", "A party or seat stands there twice; put its contacts together.")
    return campaign, checked


def _of(book: Book, value: object, campaign: Campaign) -> Checked:
    node, told = book.desk.node, _object(value, OF_CHECKED, "checked")
    party, seat = _text(told, "party"), _text(told, "seat")
    if bool(party) == bool(seat):
        raise Refusal("S4", "Write for each a party, or a seat that has no node.", "checked")
    of = find.party(node, party) if party else None
    contacts = tuple(_contact(book, of, each, campaign) for each in _list(told, "contacts"))
    if seat and any(NODE in contact.channels for contact in contacts):
        raise Refusal("S4", "A seat has no node; ask it by another channel.", seat)
    if seat:
        return Checked(None, _checked("seat", seat), contacts)
    return Checked(of, "", contacts)


def _contact(book: Book, of: PartyId | None, value: object, campaign: Campaign) -> Contact:
    told = _object(value, OF_CONTACT, "contacts")
    channels = tuple(_checked("channel", each) for each in _list(told, "channels"))
    if campaign.level == 0 and {*channels} != {NODE}:
        raise Refusal("S4", "At level 0 nodes answer, and no other channel is asked.", "channels")
    listed = _text(told, "listed_by")
    found = Contact(
        handle=_checked("contact", told.get("contact")),
        channels=channels,
        listed_by=find.party(book.desk.node, listed) if listed else None,
        hours=_text(told, "hours"),
        zone=_text(told, "zone"),
        holidays=_text(told, "holidays"),
        fields=tuple(_checked("fields", sorted(told["fields"]))) if told.get("fields") else (),
    )
    if found.hours or found.zone:
        _require_hours(found)
    return _completed(book, found.listed_by or of or book.desk.node.me, found, campaign)


def _completed(book: Book, author: PartyId, contact: Contact, campaign: Campaign) -> Contact:
    """Add what the directory tells of a contact where the plan says nothing of it.

    What several records tell in several ways is for a person to choose, and is left out.
    """
    held = book.of_record(author, contact.handle)
    if len(held) != 1:
        return contact
    if not contact.hours and not contact.zone:
        hours_, zone, holidays = map(held[0].text, ("hours", "zone", "holidays"))
        contact = replace(contact, hours=hours_, zone=zone, holidays=holidays)
    if not contact.fields and campaign.level >= FIELDS_DUE:
        contact = replace(contact, fields=tuple(sorted(held[0].particulars)))
    return contact


def _require_hours(contact: Contact) -> None:
    try:
        hours.read(contact.hours, contact.zone, contact.holidays)
    except ValueError as error:
        told = Phrase("Hours of {contact}: {why}.", contact=contact.handle, why=error.args[0])
        raise Refusal("S4", told, "hours") from error


def _object(value: object, known: Collection[str], what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refusal("S4", Phrase("Write {what} as names with values.", what=what), what)
    if unknown := sorted({*map(str, value)} - {*known}):
        told = "{names} is not known there; what may stand is {known}."
        names = ", ".join(unknown)
        raise Refusal("S4", Phrase(told, names=names, known=", ".join(sorted(known))), what)
    return value


def _list(value: Mapping[str, Any], name: str) -> list[object]:
    found = value.get(name)
    if not isinstance(found, list) or not found:
        raise Refusal("S4", Phrase("Write at least one of {what}.", what=name), name)
    return found


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    # YAML takes a date that is written bare for a date.
    return "" if found is None else str(found).strip()


def _missing(name: str) -> str:
    raise Refusal("S4", Phrase("Write {what}.", what=name), name)


def _checked(field: str, value: object, name: str = "") -> Any:  # noqa: ANN401  of the field's type
    try:
        return TYPES[field].check(value)  # type: ignore[arg-type]
    except ValueError as error:
        told = Phrase("{field}: {why}.", field=name or field, why=error.args[0])
        raise Refusal("S4", told, name or field) from error
