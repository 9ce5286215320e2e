"""People of this party and the links that let them in, for who manages people.

A new password for somebody who is here already is given at the pages alone: it opens an account
with all it reaches, and no token reaches so far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninja import Router, Status

from comity.edge.api.answers import answers, takes
from comity.edge.api.asking import Asked
from comity.edge.api.once import Key, once
from comity.edge.api.shapes import people as shapes
from comity.edge.api.shapes.kinds import LinkId, Number
from comity.services.people import invitations, persons

if TYPE_CHECKING:
    from comity.services.people.answers import Keep

router = Router(tags=["People"])


@router.get("/people", response=answers(shapes.People))
def list_people(request: Asked) -> shapes.People:
    """List everybody of this party."""
    rows = persons.people(request.node, request.auth)
    return shapes.People(people=[shapes.Person.from_orm(row) for row in rows])


@router.get("/people/{person}", response=answers(shapes.Person))
def read_person(request: Asked, person: Number) -> shapes.Person:
    """Read of one person what others may know here."""
    return shapes.Person.from_orm(persons.one(request.node, request.auth, person))


@router.put("/people/{person}", response=takes(shapes.Person))
def change_person(request: Asked, person: Number, rules: shapes.PersonRules) -> shapes.Person:
    """Give a person other mandates, or close or open the account."""
    persons.change(request.node, request.auth, person, codes=rules.mandates, active=rules.is_active)
    return read_person(request, person)


@router.get("/invitations", response=answers(shapes.Invitations))
def list_invitations(request: Asked) -> shapes.Invitations:
    """List the links that nobody has used yet."""
    return shapes.Invitations(invitations=invitations.of_node(request.node, request.auth))


@router.post("/invitations", response=takes(shapes.Invited, 201))
def invite_person(request: Asked, whom: shapes.NewInvitation, key: Key) -> Status[shapes.Invited]:
    """Make a link that lets one person in; its address is answered here and shown nowhere else."""

    def invite(keep: Keep) -> None:
        persons.invite(
            request.node,
            request.auth,
            codes=whom.mandates,
            email=whom.email,
            name=whom.name,
            then=lambda secret: keep({"link": f"{request.node.address}/welcome/{secret}"}),
        )

    return Status(201, shapes.Invited(**once(request, key, invite)))


@router.delete("/invitations/{invitation}", response=takes(None, 204))
def revoke_invitation(request: Asked, invitation: LinkId) -> Status[None]:
    """Take a link away before it is used."""
    invitations.revoke(request.node, request.auth, invitation)
    return Status(204, None)
