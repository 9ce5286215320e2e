"""What the API takes and gives of this node, its mandates and the parties it knows."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from comity.edge.api.shapes.kinds import WHOLE, Label, Line, Object, Patterns


class MandateShape(Schema):
    """What a role may do."""

    code: str
    title: str
    help: str
    lanes: list[str]
    ceiling: str
    issue: list[str]
    second: list[str]
    approve: list[str]
    override: list[str]
    manage: list[str]


class Me(Schema):
    """Who a token acts for, and how far it reaches now."""

    party: str
    token: str
    name: str = Field(description="The person's, or the machine's own.")
    machine: bool
    mandates: list[MandateShape] = Field(description="As narrowed by the token.")
    expires: int


class MandateRules(Schema):
    """What a mandate is to say; patterns are `protocol:kind`, and * stands for anything."""

    lanes: list[Literal["technical", "diplomatic", "legal", "programme"]]
    ceiling: Label
    issue: Patterns = Field(default_factory=list)
    second: Patterns = Field(default_factory=list)
    approve: Patterns = Field(default_factory=list)
    override: Patterns = Field(default_factory=list)
    manage: list[Literal["people", "mandates", "node", "parties", "audit"]] = Field(
        default_factory=list
    )


class Mandates(Schema):
    """The mandates of this node."""

    mandates: list[MandateShape]


class Party(Schema):
    """A party known here; `reach` says how: direct, mailbox or none."""

    id: str
    name: str
    fingerprint: str
    is_self: bool
    grade: str
    accredited_at: int | None
    introduced_by: str
    reach: str
    endpoints: list[str]
    hosted: bool
    frozen: str
    zone: str = Field(description="Its time zone, where somebody here has said it.")
    last_heard: int | None
    last_error: str


class Parties(Schema):
    """The parties known here, this one first."""

    parties: list[Party]


class Proofs(Schema):
    """What stands behind a party's signatures: `need` of `of` root keys sign for it, `log` is its
    newest, of which the last checkpoint held here has `size` entries.
    """

    need: int
    of: int
    log: int
    size: int | None
    checkpoint_at: int | None


class PartyRead(Party):
    """A party, with what stands behind its signatures and whom it names as witnesses."""

    proofs: Proofs | None
    witnesses: list[str]


class Zone(Schema):
    """In which time zone a party is, as Asia/Beirut (IANA); empty where nobody knows."""

    zone: Line


class Meeting(Schema):
    """Another party's node, by address, or the card it sent."""

    address: Annotated[str, StringConstraints(pattern=r"^(https?://[^\x00\s]{1,290})?$")] = ""
    card: Object | None = None


class Told(Schema):
    """The 12 groups of 5 digits that a party told of its fingerprint, over another channel."""

    told: Annotated[str, StringConstraints(pattern=WHOLE, max_length=200)]


class Finding(Schema):
    """Something about the node that somebody should know."""

    level: Literal["error", "warning", "note"]
    subject: str
    words: str
    why: str
    commands: list[str]


class Queue(Schema):
    """What waits for a party, by state, and how the last try went."""

    party: str
    states: dict[str, int]
    failures: int
    last_error: str
    last_sent: int
    last_heard: int
    next_try: int


class Refused(Schema):
    """How often a rule refused something of a party."""

    rule: str
    party: str
    count: int
    reason: str
    at: int


class Witnessed(Schema):
    """Who signed the last checkpoint, and when."""

    party: str
    at: int


class Drill(Schema):
    """How the last restore drill went: which backup, made when, and whether it can be restored."""

    at: int
    where: str
    made_at: int | None
    sound: bool
    reason: str


class Node(Schema):
    """How this node stands."""

    party: str
    name: str
    version: str
    findings: list[Finding]
    log: int
    size: int
    checkpoint_size: int
    checkpoint_at: int
    cosigned: list[Witnessed]
    queues: list[Queue]
    refused: list[Refused]
    dossiers: int
    duties: int
    pending: int
    free: int
    backup: int | None
    drill: Drill | None


class Entry(Schema):
    """Something that was done here; `name` is empty for who commands the machine itself."""

    n: int
    at: int
    name: str
    what: str
    words: str
    subject: str
    detail: Object


class Entries(Schema):
    """What was done here, newest first; `before` is the cursor for more, 0 for the end."""

    entries: list[Entry]
    before: int
