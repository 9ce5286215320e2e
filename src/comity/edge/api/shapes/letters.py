"""What the API takes and gives of letters to guests."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.kinds import Line
from comity.services.casework.guests import DAYS

State = Literal["waiting", "made", "acknowledged", "answered", "expired", "revoked"]


class Addressee(Schema):
    """Whom a letter goes to, its two languages, and how many days its address works."""

    name: Line
    mail: Line
    first: Line = Field(description="A language of the node, as en, ar or zh-hans.")
    second: Line = Field(description="Another.")
    days: int = DAYS


class Letter(Schema):
    """A letter to a guest. `acknowledged` and `answered` are the acts that record what the guest
    did, or nothing; `letter` is the act that it carries.
    """

    id: str
    dossier: str
    letter: str
    handle: str = Field(description="Under which other members hear of the guest.")
    name: str
    mail: str
    languages: list[str]
    state: State
    made_name: str
    made_at: int
    second_name: str = Field(description="The second person, who let it go.")
    expires: int
    revoked_at: int | None
    acknowledged: str
    answered: str


class Letters(Schema):
    """The letters of a dossier, the newest first."""

    letters: list[Letter]


class Words(Schema):
    """What a letter says: by mail, with a `subject`, and printed as a `page`. Its address is kept
    nowhere: put it where … stands on a line of its own.
    """

    subject: str
    text: str = Field(description="Tells of the act what anybody may know, as mail is read.")
    page: str = Field(description="The letter whole.")


class LetterPreview(Words):
    """What would leave the house; `waits` says whether a second person has to let it go."""

    waits: bool


class LetterWords(Letter, Words):
    """A letter, with what it says."""


class Made(Schema):
    """A letter that was made: its address, or nothing while it waits for a second person."""

    letter: str
    link: str
