"""What the API takes and gives of what is about to be said."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.kinds import Id, Kind, Line, Name, Text


class DraftForm(Schema):
    """What was filled in."""

    texts: dict[str, str]
    tlp: str
    footing: str
    members: list[str]
    growth: str


class DraftFile(Schema):
    """A file of a draft; `path` names it here."""

    name: str
    size: int
    path: str


class Draft(Schema):
    """What is about to be said; nothing of it has left the node."""

    id: str
    name: str = Field(description="Who wrote it.")
    protocol: str
    version: int
    dossier: str = Field(description="Empty when it opens one.")
    kind: str
    state: Literal["open", "waiting", "returned", "signed", "dropped"]
    form: DraftForm
    files: list[DraftFile]
    emergency: bool
    reason: str = Field(description="Why it was returned, or could not wait.")
    second_name: str
    act: str = Field(description="What became of it, when it is signed.")
    made_at: int
    changed_at: int


class Choice(Schema):
    """A value that may be chosen, and what it is called."""

    value: str
    label: str


class Condition(Schema):
    """When a field is asked for, and then required."""

    field: str
    values: list[str]


class FormField(Schema):
    """A field to fill in; several values of one are separated by commas."""

    name: str
    place: Literal["body", "content", "refs", "language", "audience"]
    type: str
    label: str
    help: str
    required: bool
    choices: list[Choice]
    when: Condition | None
    many: bool
    most: int | None


class Form(Schema):
    """What there is to fill in to say a kind of act."""

    protocol: str
    kind: str
    label: str
    help: str
    clause: str
    ceiling: str = Field(description="The strictest label it may carry.")
    floor: str = Field(description="The widest: of a translation, the original's.")
    fields: list[FormField]
    files: str = Field(description="Whether files may or must be added: none, may, must.")
    batch: bool = Field(description="Whether a STIX bundle may stand in place of the content.")
    parties: list[Choice] = Field(description="Who may be named.")
    acts: list[Choice] = Field(description="What may be cited.")
    footing: str = Field(description="To open a dossier: the usual footing; else empty.")
    growths: list[str] = Field(
        description="To open a dossier: how it may gain members, the usual way first."
    )


class Protocol(Schema):
    """A protocol under which dossiers may be opened."""

    id: str
    name: str
    version: int
    title: str
    lane: str


class Protocols(Schema):
    """The protocols under which a token may open dossiers."""

    protocols: list[Protocol]


class Filling(Schema):
    """What is filled in: texts by field, and the label. `footing`, `members` and `growth` are for
    what opens a dossier; left empty, footing and growth are what is usual under its protocol.
    """

    texts: dict[Name, Text]
    tlp: Literal["clear", "green", "amber", "amber_strict"]
    footing: Literal["", "without_prejudice", "technical", "formal"] = ""
    members: Annotated[list[Line], Field(max_length=256)] = Field(default_factory=list)
    growth: Literal["", "closed", "chair", "all_consent"] = ""


class NewDraft(Filling):
    """A draft to begin: of a `kind` in a `dossier`, or that opens one under `protocol`."""

    dossier: Id | None = None
    kind: Kind = "charter"
    protocol: Line = ""


class Reason(Schema):
    """Why something is returned, or cannot wait."""

    reason: Text


class Reader(Schema):
    """A party that will be able to read it; an invited one only what is said after it joined. One
    `to_invite` is invited as the dossier opens.
    """

    party: str
    name: str
    accredited: bool
    state: str


class Preview(Schema):
    """What is about to be signed: who will be able to read it, and how it may leave your hands."""

    draft: Draft
    readers: list[Reader]
    hand: Literal["alone", "second"]
    override: bool = Field(description="Whether you may sign alone in an emergency you declare.")
    role: str = Field(
        description="The mandate under which it is said; it is signed, names are not."
    )
    footing: str = Field(description="How it may be read, where it opens a dossier or says so.")
    growth: str = Field(description="How the dossier gains members, where it opens one.")


class Signed(Schema):
    """What was signed: the dossier, and the act."""

    dossier: str
    act: str
