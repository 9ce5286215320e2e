"""The directory: whom to call now, and what is kept of seats."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from comity.edge.api.answers import answers, takes
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes.kinds import Id, Line, Number
from comity.protocols.trust.contact_check.acts import MOST_HOURS
from comity.services.casework import checking_contacts, contact_figures
from comity.services.directory import calling, campaigning
from comity.services.directory.book import Book, Contact, Seat, note_read
from comity.services.directory.campaigning import Wish

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


class Seats(Schema):
    """The seats that are spoken for."""

    seats: list[Seat]


class Contacts(Schema):
    """The contacts of a seat; what different authorities say stands side by side."""

    contacts: list[Contact]


@router.get("/call", response=answers(calling.Answer))
def whom_to_call(request: Asked, wanted: Query[Wanted]) -> calling.Answer:
    """Say whom to call now, best first; it is answered from what is held here."""
    at = request.node.now() if wanted.at is None else wanted.at
    asked = calling.asked(wanted.party, wanted.purpose, wanted.language, at=at)
    desk = desk_of(request)
    found = calling.call(desk, asked)
    note_read(desk, (each.contact for each in found.candidates))
    return found


@router.get("/directory", response=answers(Seats))
def list_seats(request: Asked) -> Seats:
    """List the seats that are spoken for."""
    return Seats(seats=[*Book(desk_of(request)).listed()])


@router.get("/directory/{seat}", response=answers(Contacts))
def list_contacts(request: Asked, seat: str) -> Contacts:
    """List the contacts of a seat, by whomever they are kept; none where nobody speaks for it."""
    desk = desk_of(request)
    found = Book(desk).of_seat(seat)
    note_read(desk, found)
    return Contacts(contacts=[*found])


class Campaigns(Schema):
    """The campaigns of contact checks of this party, the newest first."""

    campaigns: list[contact_figures.Line]


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


class StartedChecks(Schema):
    """The checks of a campaign: which dossier is whose, whether it was opened now, and how many
    probes went out.
    """

    checks: list[checking_contacts.Started]


class ClosedChecks(Schema):
    """The checks that were closed."""

    closed: list[str]


@router.get("/contact-checks", response=answers(Campaigns))
def list_campaigns(request: Asked) -> Campaigns:
    """List the campaigns of contact checks that this party started."""
    return Campaigns(campaigns=contact_figures.campaigns(desk_of(request)))


@router.get("/contact-checks/figures", response=answers(contact_figures.Found))
def read_campaign(request: Asked, asked: Query[Named]) -> contact_figures.Found:
    """Say what a campaign found: each result for this party alone, and figures for others."""
    return contact_figures.of_campaign(desk_of(request), asked.campaign)


@router.post("/contact-checks", response=takes(StartedChecks))
def start_campaign(request: Asked, wanted: Starting) -> StartedChecks:
    """Start a campaign, or go on with one that was broken off: nobody is asked twice."""
    started = campaigning.start(desk_of(request), Wish(**wanted.dict()))
    return StartedChecks(checks=started)


@router.post("/contact-checks/close", response=takes(ClosedChecks))
def close_campaign(request: Asked, named: Named) -> ClosedChecks:
    """Close a campaign: who was asked and has not answered was silent."""
    return ClosedChecks(closed=campaigning.close(desk_of(request), named.campaign, stop=named.stop))
