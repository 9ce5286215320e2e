"""The directory: whom to call now, and what is kept of seats."""

from __future__ import annotations

from typing import Literal

from ninja import Query, Router, Schema

from comity.edge.api.answers import answers
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes.kinds import Line, Number
from comity.services.directory import calling
from comity.services.directory.book import Book, Contact, Seat, note_read

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
