"""What the API gives of dossiers, and of what is owed in them."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.kinds import Id
from comity.services.casework.reading import Line, Related, Step, Task
from comity.services.casework.view import ActView
from comity.services.directory.keys import PublicKey


class Need(Schema):
    """Something that needs who asks: a `duty`, an `invitation`, a `guest`'s answer, a `letter` or
    draft to `approve`, an emergency to `review`, a draft that was `returned`, an own `draft`, a
    `report` of a vulnerability that nobody has read, or an `advisory` that waited for the end of an
    embargo and did not go out by itself.
    """

    kind: Literal[
        "duty",
        "invitation",
        "guest",
        "letter",
        "approve",
        "review",
        "returned",
        "draft",
        "report",
        "advisory",
    ]
    subject: str = Field(
        description="The act, draft, letter or report it is about; of an advisory its SHA-256."
    )
    step: str = Field(description="The kind of act that does it, or nothing.")
    words: str
    who: str = Field(description="Who asks for it, by name.")
    reason: str
    dossier: str
    title: str
    tlp: str
    due: int | None
    since: int
    late: bool
    other: str = Field(description="The party it is between and this one, by name, or nothing.")
    zone: str = Field(description="That party's time zone, where somebody here has said it.")
    roles: list[str] = Field(description="Of what lies with colleagues: the mandates that may.")


class Work(Schema):
    """What needs who asks, most urgent first; what lies with colleagues, because no mandate of who
    asks covers it; and what waits on other parties. `after` and `others` are the cursors for the
    rest, 0 for the end; `more` is how much else lies with colleagues.
    """

    needs: list[Need]
    after: int
    colleagues: list[Need]
    more: int
    waiting: list[Task]
    others: int


class Dossiers(Schema):
    """Dossiers found, those changed last first; `before` is the cursor for more, 0 for the end."""

    dossiers: list[Line]
    before: int


class Keys(Schema):
    """Public keys that who asks sees, by party and holder; those that were revoked stand last."""

    keys: list[PublicKey]


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
