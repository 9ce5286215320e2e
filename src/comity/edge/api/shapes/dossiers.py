"""What the API gives of dossiers, and of what is owed in them."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.acts import Act
from comity.edge.api.shapes.drafts import Draft
from comity.edge.api.shapes.kinds import Id
from comity.edge.api.shapes.letters import Letter


class Task(Schema):
    """Something owed in a dossier; `due` null without a date."""

    dossier: str
    title: str
    tlp: str
    act: str
    party: str = Field(description="The name of who owes it.")
    words: str
    due: int | None
    since: int
    late: bool
    other: str = Field(description="The party it is between and this one, by name, or nothing.")
    zone: str = Field(description="That party's time zone, where somebody here has said it.")


class DossierLine(Schema):
    """A dossier in a list; `mine` says how much this party owes in it."""

    id: str
    title: str
    noun: str
    status: str
    tlp: str
    opened_by: str
    opened_at: int
    acts: int
    state: str
    mine: int


class Work(Schema):
    """What needs who asks: what this party owes, what others owe it, dossiers it is invited to,
    drafts to approve, what was signed in an emergency and waits for a review, letters that wait
    for a second person, and own drafts.
    """

    mine: list[Task]
    theirs: list[Task]
    invitations: list[DossierLine]
    approvals: list[Draft]
    reviews: list[Draft]
    letters: list[Letter]
    drafts: list[Draft]


class Dossiers(Schema):
    """Dossiers found, those changed last first; `before` is the cursor for more, 0 for the end."""

    dossiers: list[DossierLine]
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


class Step(Schema):
    """A kind that may be said next, or why not: by `hand` alone or second as your mandates say, or
    nothing; `rule` and `reason` are the dossier's own.
    """

    kind: str
    label: str
    help: str
    hand: Literal["alone", "second", ""]
    rule: str
    reason: str


class Recipient(Schema):
    """The party a file is sealed for."""

    party: Id


class Related(Schema):
    """Another dossier that belongs to this one; `how` is succeeds or cites, and `named` whether
    this one names it, or it this one.
    """

    id: str
    title: str
    how: str
    named: bool


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
    acts: list[Act]
    waiting: int = Field(description="Acts that arrived and wait for earlier ones.")
    before: int
