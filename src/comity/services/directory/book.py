"""The points of contact that somebody at a node sees, as communities tell of them.

What is told is found by what communities are about (their subjects), without folding one of them:
so it is quick, and needs no network. A record is its author's: what two authorities say of one seat
stands side by side. How fresh a particular is counts from the newest signed word that told or
confirmed it, and never from when it came here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from comity.kernel.act import read_header
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import is_hex
from comity.kernel.label import TLP
from comity.protocols._vocabulary.contacts import FIELDS, OWN, ROLES, SOURCES
from comity.protocols._vocabulary.sectors import SECTORS
from comity.protocols._vocabulary.states import State, is_code
from comity.protocols.trust.community import PROTOCOL
from comity.protocols.trust.community.contacts import CONTACT as RECORD
from comity.protocols.trust.community.contacts import Nominate
from comity.protocols.trust.community.forum import SEAT as HANDLE
from comity.services.casework import forms
from comity.services.directory.wording import Words
from comity.services.identity import find
from comity.services.people import audit
from comity.store.access import acts as access
from comity.store.access import subjects
from comity.store.access.subjects import About

if TYPE_CHECKING:
    from comity.kernel.fieldtypes import Handle
    from comity.services.casework.desk import Desk
    from comity.store.access.acts import DossierRow

Codes: TypeAlias = tuple[str, ...]
CONTACT, PARTICULAR, SEAT, POLICY = "contact", "particular", "seat", "policy"
SECTOR, STATE = "sector", "state"
"""Kinds of subjects that a community is about, as its summary spells them."""
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
    not given to us, was erased, or has not come; what was asked for and given stands there as well.
    ``visibility`` is for whom its author told it, ``told`` when at the latest, and ``confirmed``
    when somebody who may last said that it is right (ms); ``fresh`` a code of ``FRESHNESS``;
    ``act`` tells it.
    """

    field: str
    label: str
    text: str
    visibility: str
    told: int
    confirmed: int
    fresh: str
    act: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A point of contact as ``party``, called ``name``, keeps it in a ``dossier`` (``title``).

    ``seat`` is for whom it speaks, ``role`` for what; ``source`` how its author knows; ``listed``
    whether the community lists its author for the seat: listed, other (another party is), or open.
    ``kept_by`` is the other party that may tell its particulars as well, "" without one.
    ``sectors`` and ``states`` are the codes of those that it answers for; states in small letters.
    From ``since`` to ``until`` (ms, None without) it holds. ``act`` nominates it.
    """

    key: Key
    title: str
    name: str
    seat: str
    role: str
    source: str
    listed: str
    kept_by: str
    sectors: tuple[str, ...]
    states: tuple[str, ...]
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
    def serves(self) -> frozenset[str]:
        """The states that it serves: those told, and one that its seat is called after."""
        return frozenset({*self.states, *([self.seat] if is_code(self.seat) else [])})

    @property
    def sector_labels(self) -> tuple[str, ...]:
        """The sectors that it answers for, in words."""
        return tuple(SECTORS.get(code, code) for code in self.sectors)

    @property
    def told(self) -> tuple[Particular, ...]:
        """The particulars in the order in which people are asked for them."""
        return tuple(self.particulars[name] for name in FIELDS if name in self.particulars)

    def text(self, field: str) -> str:
        """Return what is held of a particular, or ""."""
        found = self.particulars.get(field)
        return "" if found is None else found.text

    def is_told_by(self, party: str) -> bool:
        """Say whether a party may tell, confirm and hand over its particulars."""
        return party in {self.key.author, self.kept_by}

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
    """A ``seat`` that is spoken for: how many ``contacts`` it has, by how many ``authorities``, and
    the ``names`` of these; the codes of the ``sectors`` and ``states`` that they answer for.
    """

    seat: str
    contacts: int
    authorities: int
    names: tuple[str, ...]
    sectors: tuple[str, ...]
    states: tuple[str, ...]

    @property
    def sector_labels(self) -> tuple[str, ...]:
        """The sectors, in words."""
        return tuple(SECTORS.get(code, code) for code in self.sectors)


class Book:
    """The records that the person at a desk sees, for as long as one page takes.

    Of communities that belong to the exercise ``realm`` alone, or by default to none: nobody shall
    call in earnest a number that was made up.
    """

    def __init__(self, desk: Desk, realm: str = "") -> None:
        self.desk = desk
        self._realm = realm
        self._sights = desk.sights()
        self._rows: dict[str, DossierRow] = {}

    def _about(self, kind: str, beginnings: Sequence[str]) -> list[About]:
        """Return what visible communities are about, of a kind, by how it begins."""
        db = self.desk.node.db
        found = subjects.subjects_under(db, self._sights, PROTOCOL.name, kind, beginnings)
        fresh = {row.dossier for row in found} - self._rows.keys()
        self._rows.update(self.desk.seen(fresh))
        return [row for row in found if self._counts(row.dossier)]

    def _counts(self, dossier: str) -> bool:
        """Say whether a community is seen, and belongs to where this book does."""
        return dossier in self._rows and self._rows[dossier].realm == self._realm

    def seats(self, beginning: str = "") -> tuple[str, ...]:
        """Return the seats that are spoken for, those whose name begins so."""
        return tuple(sorted({row.value.split("/")[0] for row in self._about(SEAT, [beginning])}))

    def listed(self, sector: str = "", state: str = "") -> tuple[Seat, ...]:
        """Return every seat that is spoken for; those whose contacts answer for a sector or serve a
        state, where one is named by its code.
        """
        sectors, states = self._served(SECTOR), self._served(STATE)
        held: dict[str, set[Key]] = {}
        for row in self._about(SEAT, [""]):
            seat, author, contact = row.value.split("/")
            key = Key(row.dossier, author, contact)
            served = {*states.get(key, ()), seat}
            if sector in {"", *sectors.get(key, ())} and state in {"", *served}:
                held.setdefault(seat, set()).add(key)
        return tuple(
            self._seat(seat, told, _all(sectors, told), _all(states, told))
            for seat, told in sorted(held.items())
        )

    def _served(self, kind: str) -> dict[Key, list[str]]:
        """Return the sectors or states that contacts answer for."""
        found: dict[Key, list[str]] = {}
        for row in self._about(kind, [""]):
            code, author, contact = row.value.split("/")
            found.setdefault(Key(row.dossier, author, contact), []).append(code)
        return found

    def _seat(self, seat: str, told: set[Key], sectors: Codes, states: Codes) -> Seat:
        authors = {key.author for key in told}
        names = sorted((self.desk.name(author) for author in authors), key=str.casefold)
        contacts = {(key.author, key.contact) for key in told}
        return Seat(seat, len(contacts), len(authors), tuple(names), sectors, states)

    def serving(self, sectors: Iterable[str], states: Iterable[str]) -> tuple[Contact, ...]:
        """Return the contacts that answer for one of some sectors, or serve one of some states: by
        what they tell of that, or by a seat that is called after it.
        """
        codes, served = {*sectors}, {*states}
        rows = [
            *(self._about(SECTOR, [f"{code}/" for code in sorted(codes)]) if codes else ()),
            *(self._about(STATE, [f"{code}/" for code in sorted(served)]) if served else ()),
        ]
        records = {"/".join((*row.value.split("/")[1:], "")) for row in rows}
        records |= {each for code in served for each in self._of_seat(code)}
        found = self._contacts(records)
        return tuple(c for c in found if codes & {*c.sectors} or served & c.serves)

    def of_seat(self, seat: str) -> tuple[Contact, ...]:
        """Return the contacts of a seat, by whomever they are kept."""
        return self._contacts(self._of_seat(seat))

    def _of_seat(self, seat: str) -> list[str]:
        # What is no handle names no seat, and may be what no database can be asked for.
        rows = self._about(SEAT, [f"{seat}/"]) if _is_handle(seat) else []
        return ["/".join((*row.value.split("/")[1:3], seat, "")) for row in rows]

    def _of_party(self, party: str) -> list[About]:
        """Return what a party nominated itself; if there is nothing, all that it keeps.

        What it copied from elsewhere speaks for others, as in the list that a secretariat keeps.
        """
        rows = self._about(CONTACT, [f"{party}/"])
        return [row for row in rows if row.value.split("/")[4] == OWN] or rows

    def nominated_by(self, party: str) -> tuple[Contact, ...]:
        """Return the contacts that a party nominated for itself."""
        rows = self._about(CONTACT, [f"{party}/"])
        return self._told([row for row in rows if row.value.split("/")[4] == OWN])

    def with_words(self, field: str, fits: Callable[[str], bool]) -> tuple[Contact, ...]:
        """Return the contacts of which a particular, one that is searched for, has words that fit.

        Only these are read, of thousands.
        """
        db = self.desk.node.db
        told = subjects.worded(db, self._sights, PROTOCOL.name, field)
        fitting = [row for row in told if fits(row.text)]
        acts = {row.act for row in fitting}
        records = {
            "/".join((*value.split("/")[:2], ""))
            for dossier in {row.dossier for row in fitting}
            for kind, value, _, _, act in subjects.of_dossier(db, dossier)
            if kind == PARTICULAR and act in acts and value.endswith(f"/{field}")
        }
        return tuple(each for each in self._contacts(records) if fits(each.text(field)))

    def in_community(self, dossier: str) -> tuple[Contact, ...]:
        """Return the contacts that a community tells of, by whomever they are kept."""
        self._rows.update(self.desk.seen([dossier]))
        if not self._counts(dossier):
            return ()
        told = [
            About(dossier, value, begins, ends, act)
            for kind, value, begins, ends, act in subjects.of_dossier(self.desk.node.db, dossier)
            if kind == CONTACT
        ]
        return self._told(sorted(told, key=lambda row: (row.value, row.act)))

    def of_record(self, author: str, contact: str) -> tuple[Contact, ...]:
        """Return what is in force of one record: one contact, or what was told in several ways."""
        named = is_hex(author) and _is_handle(contact, RECORD)
        return self._contacts([f"{author}/{contact}/"] if named else [])

    def named(self, text: str) -> tuple[Contact, ...]:
        """Return the contacts of the seat and of the party that ``text`` names, side by side.

        A seat is named whole or by how it begins, a party by name or id. Anybody may call a seat as
        a party is called, so that neither hides the other. Raises Refusal S3 when nobody is meant,
        S4 when more than one could be.
        """
        wanted = text.strip().casefold()
        seats = self.seats(wanted) if _is_handle(wanted) else ()
        called = find.parties_called(self.desk.node, wanted) if wanted else ()
        rows = [row for party in called for row in self._of_party(party)]
        meant = [wanted] if wanted in seats else seats if len(seats) == 1 and not rows else ()
        if not called and wanted not in seats:
            rows += self._of_one_party(text, or_seat=bool(meant))
        rows += self._about(CONTACT, sorted(each for seat in meant for each in self._of_seat(seat)))
        # What is meant in two of these ways is found twice, and is one.
        found = self._told([*dict.fromkeys(rows)])
        if not found:
            _nobody(text, several=bool(seats))
        return found

    def _of_one_party(self, text: str, *, or_seat: bool) -> list[About]:
        """Return what is kept by the party that a text names by a part of its name."""
        try:
            return self._of_party(find.party(self.desk.node, text))
        except Refusal as refusal:
            if refusal.rule == "S4" and not or_seat:
                _nobody(text, several=True)
            return []

    def _contacts(self, beginnings: Iterable[str]) -> tuple[Contact, ...]:
        return self._told(self._about(CONTACT, sorted({*beginnings})))

    def _told(self, rows: Sequence[About]) -> tuple[Contact, ...]:
        records = sorted({"/".join((*row.value.split("/")[:2], "")) for row in rows})
        particulars = self._about(PARTICULAR, records)
        words = Words(self.desk.node, rows, particulars)
        told = self._particulars(particulars, words)
        return tuple(self._contact(row, told, words) for row in rows)

    def _contact(
        self, row: About, told: Mapping[Key, dict[str, Particular]], words: Words
    ) -> Contact:
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
            kept_by=words.kept_by(row.act),
            sectors=words.served(row.act, "sectors"),
            states=words.served(row.act, "states"),
            since=row.begins,
            until=row.ends,
            act=row.act,
            particulars=told.get(key, {}),
        )

    def _particulars(self, rows: Sequence[About], words: Words) -> dict[Key, dict[str, Particular]]:
        days = self._policies({row.dossier for row in rows})
        found: dict[Key, dict[str, Particular]] = {}
        for row in sorted(rows, key=lambda row: row.begins or 0):
            author, contact, field = row.value.split("/")
            record = found.setdefault(Key(row.dossier, author, contact), {})
            heard = words.telling(row, field)
            told = Particular(
                field=field,
                label=FIELDS.get(field, field),
                text=words.text(heard.act, field),
                visibility=words.visibility(row.act),
                told=heard.told,
                confirmed=heard.confirmed,
                fresh=self._freshness(heard.confirmed, days.get(row.dossier, USUAL)),
                act=heard.act,
            )
            # Of what was told in several ways, what is here goes before what is not.
            if told.text or not record.get(field, told).text:
                record[field] = told
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


def _all(served: Mapping[Key, Sequence[str]], told: Iterable[Key]) -> Codes:
    return tuple(sorted({code for key in told for code in served.get(key, ())}))


def wanted(sector: str, state: str) -> tuple[str, str]:
    """Return the codes of a sector and a state that somebody looks for, "" for any. Raises Refusal
    S4.
    """
    if sector and sector not in SECTORS:
        told = Phrase("There is no such sector. Write one of {codes}.", codes=", ".join(SECTORS))
        raise Refusal("S4", told, SECTOR)
    try:
        return sector, State().from_text(state) if state else ""
    except ValueError as error:
        raise Refusal("S4", Phrase("State: {why}.", why=error.args[0]), STATE) from error


def again(desk: Desk, dossier: str, act: str) -> dict[str, str]:
    """Return what an own nomination in a dossier says, as a person writes it into the form of one
    that takes its place; nothing for what is none.
    """
    row = access.acts_among(desk.node.db, [act]).get(act)
    mine = row is not None and (row.dossier, row.party) == (dossier, desk.node.me)
    if row is None or not mine or row.kind != Nominate.KIND.kind:
        return {}
    # Which particulars it told is said by what is told anew: the others stay.
    said = {name: v for name, v in read_header(row.header).body.items() if name != "fields"}
    return forms.typed(Nominate.KIND, said)


def _is_handle(text: str, type_: Handle = HANDLE) -> bool:
    """Say whether a seat may be called so, or begin so; or what else is of a type."""
    try:
        return type_.check(text) == text
    except ValueError:
        return False


def note_read(desk: Desk, contacts: Iterable[Contact]) -> None:
    """Note that somebody read of contacts, where the label of their community asks for that."""
    for id_, row in desk.seen(each.key.dossier for each in contacts).items():
        audit.note_read(desk.node, desk.actor, id_, TLP(row.ceiling))


def _nobody(text: str, *, several: bool) -> NoReturn:
    if several:
        raise Refusal("S4", "More than one party could be meant; write more of it.", text)
    told = (
        "No contact of such a party or seat is here. Look for it by its seat, join a community "
        "that lists it, or write its contacts into one of your own."
    )
    raise Refusal("S3", told, text)
