"""The directory: whom to call now, and what is kept of seats."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from comity.edge.api.answers import answers, takes
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes.kinds import Id, Line, Number
from comity.protocols.trust.contact_check.acts import MOST_HOURS
from comity.services.casework import contact_figures
from comity.services.directory import calling, campaigning, exchange, lists
from comity.services.directory.book import Book, Contact, Seat, note_read, wanted
from comity.services.directory.campaigning import Wish
from comity.services.directory.exchange import Format

router = Router(tags=["Directory"])


Purpose = Literal["", "diplomatic", "technical", "law_enforcement", "legal", "policy", "other"]


class Wanted(Schema):
    """Whom to look for: a party or seat, for a purpose and in a language, "" for any, at an instant
    in ms, now by default.
    """

    party: Line
    purpose: Purpose = ""
    language: Line = ""
    at: Number | None = None


class Serving(Schema):
    """What the seats shall answer for: a sector by its code, a state by its code of ISO 3166-1; ""
    for any.
    """

    sector: Line = ""
    state: Line = ""


class Seats(Schema):
    """The seats that are spoken for."""

    seats: list[Seat]


class Contacts(Schema):
    """The contacts of a seat; what different authorities say stands side by side."""

    contacts: list[Contact]


@router.get("/call", response=answers(calling.Answer))
def whom_to_call(request: Asked, sought: Query[Wanted]) -> calling.Answer:
    """Say whom to call now, best first; it is answered from what is held here."""
    at = request.node.now() if sought.at is None else sought.at
    asked = calling.asked(sought.party, sought.purpose, sought.language, at=at)
    desk = desk_of(request)
    found = calling.call(desk, asked)
    note_read(desk, (each.contact for each in found.candidates))
    return found


@router.get("/directory", response=answers(Seats))
def list_seats(request: Asked, asked: Query[Serving]) -> Seats:
    """List the seats that are spoken for, with the sectors and states that they answer for; those
    alone that answer for one, where it is named.
    """
    sector, state = wanted(asked.sector, asked.state)
    return Seats(seats=[*Book(desk_of(request)).listed(sector, state)])


@router.get("/directory/{seat}", response=answers(Contacts))
def list_contacts(request: Asked, seat: str) -> Contacts:
    """List the contacts of a seat, by whomever they are kept; none where nobody speaks for it."""
    desk = desk_of(request)
    found = Book(desk).of_seat(seat)
    note_read(desk, found)
    return Contacts(contacts=[*found])


class Taking(Schema):
    """In which format to take contacts, as `GET /directory/{seat}/file` names them; `own` asks for
    all that is held here, for this party's own use.
    """

    format: Format
    own: bool = False


class ContactFile(Schema):
    """Contacts as a text in a format; what was left out, and what the format cannot hold."""

    text: str
    left_out: list[str]
    not_held: list[str]


class ContactList(Schema):
    """A list of contacts to take in, a `text` in a `format`; `role` is theirs if it says none."""

    format: Format
    text: Annotated[str, Field(max_length=exchange.LARGEST)]
    role: Purpose = "technical"


class TakenIn(Schema):
    """How many contacts were told of, changed, and the same as before; what was not understood, and
    what could not be kept.
    """

    told: int
    changed: int
    same: int
    not_understood: list[str]
    not_kept: list[str]


@router.get("/directory/{seat}/file", response=answers(ContactFile))
def take_contacts(request: Asked, seat: str, asked: Query[Taking]) -> ContactFile:
    """Take the contacts of a seat as a file: what their authors told everybody, or, for the own use
    of this party, all that is held here.
    """
    desk = desk_of(request)
    contacts = Book(desk).of_seat(seat)
    note_read(desk, contacts)
    given, left = lists.take_out(desk, contacts, own=asked.own)
    text, unwritten = exchange.exported(given, asked.format)
    return ContactFile(text=text, left_out=[*left], not_held=[*unwritten])


@router.post("/dossiers/{dossier}/contacts", response=takes(TakenIn))
def take_contacts_in(request: Asked, dossier: Id, given: ContactList) -> TakenIn:
    """Tell in a community of the contacts of a list, as copied from elsewhere; again, only what
    has changed.
    """
    desk = desk_of(request)
    desk.dossier(dossier)
    contacts, unread = exchange.imported(given.text, given.format)
    taken = lists.take_in_as_person(desk, dossier, contacts, role=given.role or "technical")
    counts = {"told": taken.told, "changed": taken.changed, "same": taken.same}
    return TakenIn(**counts, not_understood=[*unread], not_kept=[*taken.lost])


class Campaign(Schema):
    """A campaign in a list: how many checks it has, and how many of them are open."""

    campaign: str
    checks: int
    open: int


class Campaigns(Schema):
    """The campaigns of contact checks of this party, the newest first."""

    campaigns: list[Campaign]


class Named(Schema):
    """A campaign, by its handle; `stop` closes it although some have time left."""

    campaign: Line
    stop: bool = False


class Starting(Schema):
    """A campaign to start: of the contacts of a community, the `dossier`; `level` 0 to 3; to be
    answered in so many `hours` of work.
    """

    dossier: Id
    campaign: Line
    title: Line
    level: Literal[0, 1, 2, 3] = 2
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 24


class StartedCheck(Schema):
    """The check of one party or seat: its dossier, whether it was opened now, and how many probes
    went out.
    """

    dossier: str
    who: str
    opened: bool
    probes: int


class StartedChecks(Schema):
    """The checks of a campaign."""

    checks: list[StartedCheck]


class ClosedChecks(Schema):
    """The checks that were closed."""

    closed: list[str]


@router.get("/contact-checks", response=answers(Campaigns))
def list_campaigns(request: Asked) -> Campaigns:
    """List the campaigns of contact checks that this party started."""
    found = contact_figures.campaigns(desk_of(request))
    return Campaigns(campaigns=[Campaign(**each._asdict()) for each in found])


@router.get("/contact-checks/figures", response=answers(contact_figures.Found))
def read_campaign(request: Asked, asked: Query[Named]) -> contact_figures.Found:
    """Say what a campaign found: each result for this party alone, and figures for others."""
    return contact_figures.of_campaign(desk_of(request), asked.campaign)


@router.post("/contact-checks", response=takes(StartedChecks))
def start_campaign(request: Asked, start: Starting) -> StartedChecks:
    """Start a campaign, or go on with one that was broken off: nobody is asked twice."""
    started = campaigning.start(desk_of(request), Wish(**start.dict()))
    return StartedChecks(checks=[StartedCheck(**each._asdict()) for each in started])


@router.post("/contact-checks/close", response=takes(ClosedChecks))
def close_campaign(request: Asked, named: Named) -> ClosedChecks:
    """Close a campaign: who was asked and has not answered was silent."""
    return ClosedChecks(closed=campaigning.close(desk_of(request), named.campaign, stop=named.stop))
