"""What the API gives of dossiers, and of what is owed in them."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.drafts import Draft
from comity.edge.api.shapes.kinds import Id
from comity.edge.api.shapes.letters import Letter
from comity.services.casework.reading import Line, Related, Step, Task
from comity.services.casework.view import ActView


class Work(Schema):
    """What needs who asks: what this party owes, what others owe it, dossiers it is invited to,
    drafts to approve, what was signed in an emergency and waits for a review, letters that wait
    for a second person, and own drafts.
    """

    mine: list[Task]
    theirs: list[Task]
    invitations: list[Line]
    approvals: list[Draft]
    reviews: list[Draft]
    letters: list[Letter]
    drafts: list[Draft]


class Dossiers(Schema):
    """Dossiers found, those changed last first; `before` is the cursor for more, 0 for the end."""

    dossiers: list[Line]
    before: int


class DossierChange(Schema):
    """A dossier that changed, by number `n` of its last change."""

    n: int
    id: str
    protocol: str
    version: int
    tlp: str
    state: str
    status: str
    acts: int


class Changes(Schema):
    """Dossiers that changed; `since` is where to go on, and `more` says whether at once."""

    changes: list[DossierChange]
    since: int
    more: bool


class Member(Schema):
    """A party in a dossier: member, invited, left or declined."""

    party: str
    name: str
    state: str


class Duty(Schema):
    """What a party owes in a dossier."""

    party: str
    what: str
    words: str
    due: int | None
    act: str


class Recipient(Schema):
    """The party a file is sealed for."""

    party: Id


class Dossier(Schema):
    """A dossier like a case file, with a part of its timeline; `before` is the cursor for what was
    said earlier, 0 for the beginning.
    """

    id: str
    title: str
    noun: str
    clause: str
    protocol: str
    version: int
    realm: str
    lane: str
    tlp: str
    footing: str
    opened_by: str
    opened_at: int
    state: str
    status: str
    digest: str
    members: list[Member]
    duties: list[Duty]
    steps: list[Step]
    membership: list[Step] = Field(description="What may be done about who takes part.")
    related: list[Related]
    may_erase: bool
    follows: bool = Field(description="Whether you are told of what is new in it.")
    acts: list[ActView]
    waiting: int = Field(description="Acts that arrived and wait for earlier ones.")
    before: int
