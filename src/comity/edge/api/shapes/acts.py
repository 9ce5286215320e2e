"""What the API gives of acts."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.kinds import Object
from comity.services.casework.ladder import Ladder
from comity.services.casework.view import FileView, ReplyView


class ActLine(Schema):
    """An act that was admitted, by its number `n` in this node."""

    n: int
    id: str
    dossier: str
    party: str
    kind: str
    time: int
    received_at: int
    void: str = Field(description="The rule that gives it no effect, or nothing.")
    held: bool = Field(description="Whether all its content that is meant for us is here.")


class Acts(Schema):
    """Acts that were admitted; `since` is where to go on, and `more` says whether at once."""

    acts: list[ActLine]
    since: int
    more: bool


class Standing(Schema):
    """How strong the evidence for an act is, as far as this node has verified it."""

    rung: str
    checked: bool
    log: int
    seq: int
    size: int | None
    time: int | None


class Erasing(Schema):
    """What a party said about erasing an act's content."""

    party: str
    name: str
    stage: str
    reason: str


class Void(Schema):
    """Why an act has no effect."""

    rule: str
    reason: str


class Act(Schema):
    """An act as it is held here: `body` is coded, `fields` and `files` its content as far as it is
    here, `content` what there is of that. The place of a file in the list is its number.
    """

    id: str
    dossier: str
    kind: str
    caption: str
    party: str
    name: str
    guest: str
    recorded: str
    time: int
    received_at: int
    ahead: bool
    tlp: str
    pap: str
    footing: str
    body: Object
    follows: list[str]
    refs: list[str]
    held: bool
    content: Literal["here", "arriving", "missing", "withheld", "erased"]
    fields: Object
    files: list[FileView]
    objects: int
    void: Void | None
    standing: Standing
    erasing: list[Erasing]
    ladder: list[Ladder]
    replies: list[ReplyView]
