"""What is a person's own: notices, dossiers that are followed, language, time zone and hours.

A program that acts for a person may do it; a machine has none of this.
"""

from __future__ import annotations

from ninja import Router, Status

from comity.edge.api.answers import answers, takes
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes import account as shapes
from comity.edge.api.shapes.kinds import Id, Number
from comity.services.people import notices, persons
from comity.services.people.hours import Hours

router = Router(tags=["Account"])


@router.get("/notices", response=answers(shapes.Notices))
def list_notices(request: Asked) -> shapes.Notices:
    """List what awaits you, unread first: 200 at most."""
    return shapes.Notices(notices=notices.of_desk(desk_of(request)))


@router.post("/notices/read", response=takes(None, 204))
def read_notices(request: Asked) -> Status[None]:
    """Mark all that awaits you as read."""
    notices.read(request.node, request.auth)
    return Status(204, None)


@router.post("/notices/{notice}/read", response=takes(None, 204))
def read_notice(request: Asked, notice: Number) -> Status[None]:
    """Mark a notice as read; of what is not yours nothing changes."""
    notices.read(request.node, request.auth, notice)
    return Status(204, None)


@router.put("/dossiers/{dossier}/follow", response=takes(shapes.Following))
def follow_dossier(request: Asked, dossier: Id, wanted: shapes.Following) -> shapes.Following:
    """Be told of what is new in a dossier, or not any more."""
    notices.follow(desk_of(request), dossier, wanted=wanted.follows)
    return wanted


@router.get("/account", response=answers(shapes.Account))
def read_account(request: Asked) -> shapes.Account:
    """Read what you chose: language, time zone, and when mail may come."""
    row = persons.own(request.node, request.auth)
    hours = Hours.from_object(row.hours).to_object()
    return shapes.Account.from_orm({"language": row.language, "zone": row.zone, "hours": hours})


@router.put("/account", response=takes(shapes.Account))
def change_account(request: Asked, chosen: shapes.Account) -> shapes.Account:
    """Choose language, time zone, and when mail may come."""
    hours = Hours.from_object(chosen.hours.dict())
    person = persons.own(request.node, request.auth).id
    persons.settle(request.node, person, language=chosen.language, zone=chosen.zone)
    persons.set_hours(request.node, person, hours)
    return read_account(request)
