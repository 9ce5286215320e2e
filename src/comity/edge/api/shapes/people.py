"""What the API takes and gives of people, and of the links that let them in."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from comity.edge.api.shapes.kinds import WHOLE, Kind
from comity.services.people.invitations import Invitation

Codes = Annotated[list[Kind], Field(max_length=64)]


class Person(Schema):
    """A person of this party; `is_active` says whether that person may sign in."""

    id: int
    name: str
    email: str
    handle: str = Field(description="How other parties may list this person as a reader.")
    mandates: list[str]
    is_active: bool
    created_at: int


class People(Schema):
    """Everybody of this party, those that left last."""

    people: list[Person]


class PersonRules(Schema):
    """What a person may do here, by codes of mandates, and whether the account is open."""

    mandates: Codes
    is_active: bool


class NewInvitation(Schema):
    """Whom to let in, with which mandates; the person may correct `name` and `email`."""

    mandates: Codes
    name: Annotated[str, StringConstraints(pattern=WHOLE, max_length=120)] = ""
    email: Annotated[str, StringConstraints(pattern=WHOLE, max_length=254)] = ""


class Invitations(Schema):
    """The links that nobody has used yet, the newest first."""

    invitations: list[Invitation]


class Invited(Schema):
    """The address that lets one person in, once, within seven days; hand it over yourself."""

    link: str
