"""Who should be told next of an incident, as this node proposes it; it tells nobody by itself.

It is worked out from what parties said that they know (whom, which sectors and which states it
affects), and from the directory as somebody sees it: who speaks for the seat of a party that is
affected; who says that it answers for such a sector, or serves such a state; and, of contacts that
do not say which sectors they answer for, whose words on their constituency name one. Who serves
other states alone is not proposed for a sector. Members that have not received the opening stand
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from comity.kernel.errors import Phrase
from comity.kernel.ids import PartyId, host_of
from comity.protocols._vocabulary.contacts import OWN
from comity.protocols._vocabulary.sectors import SECTORS
from comity.protocols._vocabulary.states import written
from comity.protocols.response.incident import PROTOCOL, reading
from comity.services.casework import dossiers
from comity.services.directory import book
from comity.services.directory.book import Book, Key
from comity.store.access import outbox

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.services.directory.book import Contact
    from comity.store.access.acts import DossierRow

MOST = 20
"""Proposals that are shown; more would be read by nobody."""
SHORT = 120
"""Characters of what a contact says of its constituency that stand in a reason."""
OTHER = "other"
CONSTITUENCY = "constituency"
WAITS, INVITE, CONTACT = "waits", "invite", "contact"
"""A member that is not reached yet; a party to invite, or to write to; one known as a contact."""

NOT_RECEIVED = "It is a member, and has not received the opening yet."
NAMED = "Its people or services are affected, as {names} said."
SEAT = "It speaks for {seat}, as {name} does, which is affected."
BOTH = "It serves {states}, and answers for a sector that is affected: {sectors}."
STATE = "It serves a state where the incident has effects: {states}."
SECTOR = "It answers for a sector that is affected: {sectors}."
TEXT = "By its own words it answers for a sector that is affected ({sectors}): {text}"
WORDS = (NOT_RECEIVED, NAMED, SEAT, BOTH, STATE, SECTOR, TEXT)
"""Why somebody should be told, for translation; the strongest reason first."""


@dataclass(frozen=True, slots=True)
class ToTell:
    """Somebody who should be told: the ``party``, "" for one that is known as a contact of ``seat``
    only, its ``name``, whether it ``waits`` (as a member), is to be invited (``invite``) or is such
    a ``contact``, kept as a ``record`` of the directory; and why, in words, the strongest reason
    first.
    """

    party: str
    name: str
    seat: str
    way: str
    why: tuple[str, ...]
    record: Key | None = None


@dataclass(frozen=True, slots=True)
class NextToTell:
    """Who should be told next, the strongest reason first; ``left`` are left out."""

    proposed: tuple[ToTell, ...]
    left: int


@dataclass(slots=True)
class _Found:
    """Somebody found, and why, by the place of the reason among ``WORDS``."""

    name: str
    seat: str = ""
    way: str = INVITE
    record: Key | None = None
    why: dict[int, Phrase] = field(default_factory=dict)


def proposed(desk: Desk, dossier_id: str) -> NextToTell:
    """Return who should be told next of an incident. Raises Refusal S3 or S8.

    That somebody read of contacts is noted, where the label of their community asks for that.
    """
    row = desk.dossier_of(PROTOCOL, dossier_id)
    return _Looking(desk, row).proposed()


class _Looking:
    """One look, for one person: ``places`` are those who take part or were invited, ``named`` who
    is affected with the names of those who said so, ``sectors`` and ``states`` the codes of what
    is.
    """

    def __init__(self, desk: Desk, row: DossierRow) -> None:
        self._desk, self._row = desk, row
        self._found: dict[tuple[str, str], _Found] = {}
        self._shown: list[Contact] = []
        self._named: dict[PartyId, list[str]] = {}
        self._sectors: set[str] = set()
        self._states: set[str] = set()
        with desk.node.lock:
            loaded = dossiers.load(desk.node, row.id)
            self._places: Mapping[PartyId, str] = dict(dossiers.member_states(loaded))
            for said in reading.described(dossiers.shown(desk.node, loaded)):
                host, _ = host_of(said.author)
                for party in cast("list[PartyId]", said.told.get("parties", [])):
                    self._named.setdefault(party, []).append(desk.name(host))
                self._sectors.update(cast("list[str]", said.told.get("sectors", [])))
                self._states.update(cast("list[str]", said.told.get("states", [])))
        self._sectors.discard(OTHER)

    def proposed(self) -> NextToTell:
        self._waiting()
        for party, names in self._named.items():
            self._add(party, NAMED, Phrase(NAMED, names=", ".join(sorted({*names}))))
        directory = Book(self._desk, self._row.realm)
        self._by_seat(directory)
        self._by_service(directory)
        self._by_words(directory)
        found = sorted(self._found.items(), key=_strongest)
        book.note_read(self._desk, self._shown)
        return NextToTell(
            tuple(self._told(key[0], each) for key, each in found[:MOST]),
            max(0, len(found) - MOST),
        )

    def _waiting(self) -> None:
        """Find the members that have not received an own opening: of another's we do not know."""
        for way in outbox.deliveries(self._desk.node.db, self._row.id):
            party = PartyId(way.recipient)
            if way.received_at is None and self._places.get(party) == "member":
                name = self._desk.name(party)
                self._found[party, ""] = _Found(name, way=WAITS, why={0: Phrase(NOT_RECEIVED)})

    def _add(self, party: PartyId, ground: str, why: Phrase) -> None:
        if party not in self._places and party != self._desk.node.me:
            found = self._found.setdefault((party, ""), _Found(self._desk.name(party)))
            found.why.setdefault(WORDS.index(ground), why)

    def _by_seat(self, directory: Book) -> None:
        """Find who else speaks for the seats that affected parties speak for."""
        for party in sorted(self._named):
            own = directory.nominated_by(party)
            self._shown += own
            for seat in sorted({each.seat for each in own}):
                why = Phrase(SEAT, seat=seat, name=self._desk.name(party))
                for contact in directory.of_seat(seat):
                    if contact.key.author != party:
                        self._of(directory, contact, SEAT, why)

    def _by_service(self, directory: Book) -> None:
        """Find who says that it answers for a sector, or serves a state, that is affected."""
        for contact in directory.serving(self._sectors, self._states):
            met = [code for code in SECTORS if code in self._sectors & {*contact.sectors}]
            sectors = self._in_words(met)
            states = ", ".join(map(written, sorted(self._states & contact.serves)))
            if states and sectors:
                why = Phrase(BOTH, states=states, sectors=sectors)
                self._of(directory, contact, BOTH, why)
            elif states and not (contact.sectors and self._sectors):
                self._of(directory, contact, STATE, Phrase(STATE, states=states))
            elif sectors and not self._is_elsewhere(contact):
                self._of(directory, contact, SECTOR, Phrase(SECTOR, sectors=sectors))

    def _is_elsewhere(self, contact: Contact) -> bool:
        """Say whether a contact serves states, and none of those where there are effects."""
        return bool(self._states and contact.serves and not self._states & contact.serves)

    def _in_words(self, codes: Iterable[str]) -> str:
        return ", ".join(self._desk.tongue.say(SECTORS[code]) for code in codes)

    def _by_words(self, directory: Book) -> None:
        """Find whose constituency is a sector that is affected, by what they wrote of it, of those
        that do not say which sectors they answer for.
        """
        if not self._sectors:
            return
        words = {code: self._called(code) for code in sorted(self._sectors)}
        fits = re.compile("|".join(words.values()), re.IGNORECASE)
        for contact in directory.with_words(CONSTITUENCY, lambda text: bool(fits.search(text))):
            if not contact.sectors and not self._is_elsewhere(contact):
                text = contact.text(CONSTITUENCY)
                met = [c for c, called in words.items() if re.search(called, text, re.IGNORECASE)]
                short = text if len(text) <= SHORT else f"{text[:SHORT].rstrip()} …"
                why = Phrase(TEXT, sectors=self._in_words(met), text=short)
                self._of(directory, contact, TEXT, why)

    def _called(self, code: str) -> str:
        """Return a pattern of what a sector is called: by its code, in English, and by readers."""
        label = SECTORS[code]
        names = {code.replace("_", " "), label, self._desk.tongue.say(label)}
        return "|".join(rf"\b{re.escape(name)}\b" for name in sorted(names))

    def _of(self, directory: Book, contact: Contact, ground: str, why: Phrase) -> None:
        """Note whom a contact speaks for now: its author, or, of one copied from elsewhere, a seat
        for which no party speaks itself that takes part or is named.
        """
        if not contact.is_valid(self._desk.node.now()):
            return
        self._shown.append(contact)
        if contact.source == OWN:
            self._add(PartyId(contact.key.author), ground, why)
            return
        known = {PartyId(each.key.author) for each in directory.of_seat(contact.seat) if _own(each)}
        if not known & {*self._places, *self._named, self._desk.node.me}:
            key = ("", f"{contact.seat}/{contact.called}")
            found = _Found(contact.called, contact.seat, CONTACT, contact.key)
            self._found.setdefault(key, found).why.setdefault(WORDS.index(ground), why)

    def _told(self, party: str, found: _Found) -> ToTell:
        say = self._desk.tongue.say
        why = tuple(found.why[rank].said(say) for rank in sorted(found.why))
        return ToTell(party, found.name, found.seat, found.way, why, found.record)


def _own(contact: Contact) -> bool:
    return contact.source == OWN


def _strongest(found: tuple[tuple[str, str], _Found]) -> tuple[int, int, str, tuple[str, str]]:
    key, each = found
    return (min(each.why), -len(each.why), each.name.casefold(), key)
