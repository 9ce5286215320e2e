"""The points of contact that somebody at a node sees, as communities tell of them.

What is told is found by what communities are about (their subjects), without folding one of them:
so it is quick, and needs no network. A record is its author's: what two authorities say of one seat
stands side by side. How fresh a particular is counts from the newest signed word that told or
confirmed it, and never from when it came here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.protocols._vocabulary.contacts import FIELDS, MEMBERS, ROLES, SOURCES
from comity.protocols.trust.community import PROTOCOL
from comity.protocols.trust.community.content import LINES, MOST, MOST_LONG
from comity.protocols.trust.community.forum import SEAT as HANDLE
from comity.services.casework.content import manifest_in
from comity.services.casework.view import TIME_AHEAD
from comity.services.identity import find
from comity.services.people import audit
from comity.store.access import acts as access
from comity.store.access import subjects
from comity.store.access.subjects import About

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.canon import Object
    from comity.kernel.ids import PartyId
    from comity.services.casework.desk import Desk
    from comity.store.access.acts import ActRow, DossierRow

CONTACT, PARTICULAR, SEAT, POLICY = "contact", "particular", "seat", "policy"
"""Kinds of subjects that a community is about, as its summary spells them."""
GIVE = "give"
"""The kind of act that gives particulars to who asked."""
DAY = 24 * 3600 * 1000
USUAL = 365
"""Days after which a particular counts as stale, where a community's policy is not known."""
FRESH, DUE, STALE = "fresh", "due", "stale"
FRESHNESS = {FRESH: "fresh", DUE: "to be confirmed soon", STALE: "stale"}
SOON = 0.8
"""Part of the time allowed after which it is time to confirm."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which record: by whom it is kept, in which community, and what it is called there."""

    dossier: str
    author: str
    contact: str


@dataclass(frozen=True, slots=True)
class Particular:
    """One particular of a contact: ``field`` with its ``label``, and its ``text``, "" where it is
    not given to us, was erased, or has not come. ``visibility`` is for whom its author told it,
    ``confirmed`` when somebody who may last said so (ms), ``fresh`` a code of ``FRESHNESS``;
    ``act`` tells it.
    """

    field: str
    label: str
    text: str
    visibility: str
    confirmed: int
    fresh: str
    act: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A point of contact as ``party``, called ``name``, keeps it in a ``dossier`` (``title``).

    ``seat`` is for whom it speaks, ``role`` for what; ``source`` how its author knows; ``listed``
    whether the community lists its author for the seat: listed, other (another party is), or open.
    From ``since`` to ``until`` (ms, None without) it holds. ``act`` nominates it.
    """

    key: Key
    title: str
    name: str
    seat: str
    role: str
    source: str
    listed: str
    since: int | None
    until: int | None
    act: str
    particulars: Mapping[str, Particular]

    @property
    def role_label(self) -> str:
        """What it is for, in words."""
        return ROLES.get(self.role, self.role)

    @property
    def source_label(self) -> str:
        """How its author knows, in words."""
        return SOURCES.get(self.source, self.source)

    @property
    def told(self) -> tuple[Particular, ...]:
        """The particulars in the order in which people are asked for them."""
        return tuple(self.particulars[name] for name in FIELDS if name in self.particulars)

    def text(self, field: str) -> str:
        """Return what is held of a particular, or ""."""
        found = self.particulars.get(field)
        return "" if found is None else found.text

    def is_valid(self, at: int) -> bool:
        """Say whether it holds at an instant (ms)."""
        return (self.since or 0) <= at and (self.until is None or at < self.until)

    @property
    def text_hours(self) -> str:
        """When it is at work, and by which clock, as its author wrote it."""
        return " ".join(filter(None, (self.text("hours"), self.text("zone"))))

    @property
    def called(self) -> str:
        """The name of the person or desk, or else what the record is called."""
        return self.text("holder") or self.text("institution") or self.key.contact


@dataclass(frozen=True, slots=True)
class Seat:
    """A ``seat`` that is spoken for: how many ``contacts`` it has, by how many ``authorities``."""

    seat: str
    contacts: int
    authorities: int


class Book:
    """The records that the person at a desk sees, for as long as one page takes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._sights = desk.sights()
        self._rows: dict[str, DossierRow] = {}

    def _about(self, kind: str, beginnings: Sequence[str]) -> list[About]:
        """Return what visible communities are about, of a kind, by how it begins."""
        db = self.desk.node.db
        found = subjects.subjects_under(db, self._sights, PROTOCOL.name, kind, beginnings)
        fresh = {row.dossier for row in found} - self._rows.keys()
        self._rows.update(self.desk.seen(fresh))
        return [row for row in found if row.dossier in self._rows]

    def seats(self, beginning: str = "") -> tuple[str, ...]:
        """Return the seats that are spoken for, those whose name begins so."""
        return tuple(sorted({row.value.split("/")[0] for row in self._about(SEAT, [beginning])}))

    def listed(self) -> tuple[Seat, ...]:
        """Return every seat that is spoken for."""
        held: dict[str, set[tuple[str, str]]] = {}
        for row in self._about(SEAT, [""]):
            seat, author, contact = row.value.split("/")
            held.setdefault(seat, set()).add((author, contact))
        return tuple(
            Seat(seat, len(told), len({author for author, _ in told}))
            for seat, told in sorted(held.items())
        )

    def of_seat(self, seat: str) -> tuple[Contact, ...]:
        """Return the contacts of a seat, by whomever they are kept."""
        return self._contacts(self._of_seat(seat))

    def _of_seat(self, seat: str) -> list[str]:
        # What is no handle names no seat, and may be what no database can be asked for.
        rows = self._about(SEAT, [f"{seat}/"]) if _is_handle(seat) else []
        return ["/".join((*row.value.split("/")[1:3], seat, "")) for row in rows]

    def of_party(self, party: str) -> tuple[Contact, ...]:
        """Return the contacts that a party keeps."""
        return self._contacts([f"{party}/"])

    def in_community(self, dossier: str) -> tuple[Contact, ...]:
        """Return the contacts that a community tells of, by whomever they are kept."""
        rows = self._about(CONTACT, [""])
        return self._told([row for row in rows if row.dossier == dossier])

    def of_record(self, author: str, contact: str) -> tuple[Contact, ...]:
        """Return what is in force of one record: one contact, or what was told in several ways."""
        return self._contacts([f"{author}/{contact}/"])

    def named(self, text: str) -> tuple[Contact, ...]:
        """Return the contacts of the seat and of the party that ``text`` names, side by side.

        A seat is named whole or by how it begins, a party by name or id. Anybody may call a seat as
        a party is called, so that neither hides the other. Raises Refusal S3 when nobody is meant,
        S4 when more than one could be.
        """
        wanted = text.strip().casefold()
        seats = self.seats(wanted) if _is_handle(wanted) else ()
        parties = find.parties_called(self.desk.node, wanted) if wanted else ()
        meant = [wanted] if wanted in seats else seats if len(seats) == 1 and not parties else ()
        if not meant or wanted not in seats:
            parties = parties or self._one_party(text)
        of_seats = [each for seat in meant for each in self._of_seat(seat)]
        found = self._contacts([*of_seats, *(f"{party}/" for party in parties)])
        if found or not seats:
            return found or _nobody(text)
        raise Refusal("S4", "More than one party could be meant; write more of it.", text)

    def _one_party(self, text: str) -> tuple[PartyId, ...]:
        try:
            return (find.party(self.desk.node, text),)
        except Refusal:
            return ()

    def _contacts(self, beginnings: Iterable[str]) -> tuple[Contact, ...]:
        # What begins in two of these ways is found twice, and is one.
        return self._told([*dict.fromkeys(self._about(CONTACT, sorted({*beginnings})))])

    def _told(self, rows: Sequence[About]) -> tuple[Contact, ...]:
        told = self._particulars(rows)
        return tuple(self._contact(row, told) for row in rows)

    def _contact(self, row: About, told: Mapping[Key, dict[str, Particular]]) -> Contact:
        author, contact, seat, role, source, listed = row.value.split("/")
        key, head = Key(row.dossier, author, contact), self._rows[row.dossier]
        return Contact(
            key=key,
            title=self.desk.told(head).title(head),
            name=self.desk.name(author),
            seat=seat,
            role=role,
            source=source,
            listed=listed,
            since=row.begins,
            until=row.ends,
            act=row.act,
            particulars=told.get(key, {}),
        )

    def _particulars(self, contacts: Iterable[About]) -> dict[Key, dict[str, Particular]]:
        records = sorted({"/".join((*row.value.split("/")[:2], "")) for row in contacts})
        rows = self._about(PARTICULAR, records)
        acts = _Acts(self.desk, rows)
        days = self._policies({row.dossier for row in rows})
        found: dict[Key, dict[str, Particular]] = {}
        for row in sorted(rows, key=lambda row: row.begins or 0):
            author, contact, field = row.value.split("/")
            record = found.setdefault(Key(row.dossier, author, contact), {})
            confirmed = acts.confirmed(row)
            told = Particular(
                field=field,
                label=FIELDS.get(field, field),
                text=acts.text(row.act, field),
                visibility=acts.visibility(row.act),
                confirmed=confirmed,
                fresh=self._freshness(confirmed, days.get(row.dossier, USUAL)),
                act=row.act,
            )
            # Of what was told in several ways, what is here goes before what is not.
            if told.text or not record.get(field, told).text:
                record[field] = told
        for key, record in found.items():
            record.update(self._given(key, record))
        return found

    def _given(self, key: Key, record: Mapping[str, Particular]) -> dict[str, Particular]:
        """Return those particulars that are not told here and were given when they were asked for,
        since they were told last.
        """
        missing = [told for told in record.values() if not told.text]
        db, found = self.desk.node.db, dict[str, Particular]()
        for row in access.acts_of_kind(db, GIVE, key.author) if missing else ():
            body = read_header(row.header).body
            if (row.dossier, body.get("contact"), row.void_rule) == (key.dossier, key.contact, ""):
                words = _Acts(self.desk, [About(row.dossier, "", row.time, None, row.id)])
                for told in missing:
                    text = words.text(row.id, told.field)
                    if text and row.time >= words.time(told.act):
                        found[told.field] = replace(told, text=text)
        return found

    def _policies(self, dossiers: set[str]) -> dict[str, int]:
        """Return after how many days a community holds a particular to be stale."""
        rows = self._about(POLICY, ["freshness/"]) if dossiers else []
        return {row.dossier: int(row.value.split("/")[1]) for row in rows}

    def _freshness(self, confirmed: int, days: int) -> str:
        age = self.desk.node.now() - confirmed
        if age > days * DAY:
            return STALE
        return DUE if age > SOON * days * DAY else FRESH


def _is_handle(text: str) -> bool:
    """Say whether a seat may be called so, or begin so."""
    try:
        return HANDLE.check(text) == text
    except ValueError:
        return False


def note_read(desk: Desk, contacts: Iterable[Contact]) -> None:
    """Note that somebody read of contacts, where the label of their community asks for that."""
    for id_, row in desk.seen(each.key.dossier for each in contacts).items():
        audit.note_read(desk.node, desk.actor, id_, TLP(row.ceiling))


def _nobody(text: str) -> tuple[Contact, ...]:
    told = (
        "No contact of such a party or seat is here. Join a community that lists it, or write its "
        "contacts into one of your own."
    )
    raise Refusal("S3", told, text)


class _Acts:
    """The acts that tell particulars: their headers, and what is held of their content."""

    def __init__(self, desk: Desk, rows: Iterable[About]) -> None:
        ids = sorted({row.act for row in rows})
        self._node = desk.node
        self._rows: dict[str, ActRow] = {}
        for at in range(0, len(ids), 400):
            self._rows.update(access.acts_among(desk.node.db, ids[at : at + 400]))
        self._parts = {
            id_: part
            for at in range(0, len(ids), 400)
            for id_, part in access.first_parts(desk.node.db, ids[at : at + 400]).items()
        }
        self._headers: dict[str, Header] = {}
        self._fields: dict[str, Object] = {}

    def _header(self, act: str) -> Header:
        if act not in self._headers:
            self._headers[act] = read_header(self._rows[act].header)
        return self._headers[act]

    def time(self, act: str) -> int:
        """Return when an act was said, by its author (ms)."""
        row = self._rows.get(act) or access.act(self._node.db, act)
        return 0 if row is None else row.time

    def visibility(self, act: str) -> str:
        """Return for whom an act tells what it tells."""
        return str(self._header(act).body.get("visibility", MEMBERS))

    def confirmed(self, row: About) -> int:
        """Return when a particular was last said to be right (ms); of a word that claims to come
        from a time ahead, when what it is about came here.
        """
        claimed = row.begins or 0
        ahead = claimed > self._node.now() + TIME_AHEAD
        return self._rows[row.act].received_at if ahead else claimed

    def text(self, act: str, field: str) -> str:
        """Return what an act says in a field, as far as it is held; "" otherwise."""
        if act not in self._fields:
            self._fields[act] = self._read(act)
        found = self._fields[act].get(field)
        # Nor is what others wrote as short as a form takes it.
        return found[: MOST_LONG if field in LINES else MOST] if isinstance(found, str) else ""

    def _read(self, act: str) -> Object:
        try:
            listed = manifest_in(self._node, self._parts.get(act), self._header(act).content)
        except Refusal:
            # What others wrote is never trusted to have its form.
            return {}
        return {} if listed is None else listed.fields
