"""The acts of an incident, one frozen type per kind. Attributes are coded and signed in the header.

No field says who caused an incident, and none may be added: a notice is not an accusation.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Flag, Instant, Party, Text
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Field, Files, Refs
from comity.protocols._vocabulary.rsit import RSIT
from comity.protocols.response.incident.codes import (
    ACKNOWLEDGED,
    CANNOT,
    OUTCOMES,
    PARTLY,
    REASONS,
    RESULTS,
    VERBS,
)

TITLE = Field(
    "title",
    Text(most=200, lines=False),
    "Title",
    "A few words by which people will recognise the incident.",
    title=True,
    search=True,
)
TEXT = Field("text", Text(), "Text", search=True)
REMARK = Field("text", Text(), "Text", "If there is more to say.", required=False, search=True)


@declare(
    "charter",
    label="Open an incident",
    caption="Incident · opened by {by:party} · {at:day} · {act:act}",
    help="Tell other parties about an incident and work on it with them.",
    content=(TITLE, TEXT),
    files=Files.MAY,
)
class Open(Coded):
    """The opening of an incident: its class and when it happened (milliseconds), if known."""

    rsit: str | None = coded(
        Code(RSIT), "Class", "The class by the Reference Security Incident Taxonomy.", default=None
    )
    occurred: int | None = coded(
        Instant(), "When it happened", "With its zone, as in 2026-05-01T02:40Z.", default=None
    )


@declare(
    "inform",
    label="Inform",
    caption="{by:party} informed",
    help="Say something to all members, with files or a batch of STIX objects.",
    content=(TEXT,),
    refs=Refs(("inform", "files"), "Adds to", "Earlier acts that this adds to or corrects.", 0),
    files=Files.MAY,
    batch=True,
)
class Inform(Coded):
    """Something said to all members. ``ack_wanted`` makes each of the others owe a word back."""

    ack_wanted: bool | None = coded(
        Flag(), "Ask for acknowledgement", "The others will be asked to acknowledge.", default=None
    )


@declare(
    "acknowledge",
    label="Acknowledge",
    caption="{by:party} acknowledged: {as}",
    help="Say that a person here has taken notice. Opening a page says nothing to anyone.",
    content=(REMARK,),
    refs=Refs(("charter", "inform", "ask", "answer", "files", "close"), "What you acknowledge"),
)
class Acknowledge(Coded):
    """A person's word, on acts of other parties, that they were ``read``, ``understood`` or are
    being acted upon. A later word on the same act takes the place of the earlier.
    """

    as_: str = coded(Code(ACKNOWLEDGED), "As")


@declare(
    "ask",
    label="Ask for help",
    caption="{by:party} asked {to}: {verb}",
    help="Ask one party for something, and say by when you need an answer.",
    content=(TEXT,),
    timed=True,
    files=Files.MAY,
)
class Ask(Coded):
    """A request to one member. ``due`` is when an answer is needed, in milliseconds."""

    to: PartyId = coded(Party(), "Whom you ask")
    verb: str = coded(Code(VERBS), "What you ask for")
    due: int | None = coded(
        Instant(), "Answer needed by", "With its zone, as in 2026-05-03T18:00Z.", default=None
    )


@declare(
    "answer",
    label="Answer",
    caption="{by:party} answered: {result}",
    help="Answer what you were asked. A later answer takes the place of the earlier.",
    content=(REMARK,),
    refs=Refs(("ask",), "What you answer", most=1),
    timed=True,
    files=Files.MAY,
)
class Answer(Coded):
    """The asked party's answer; ``reason`` says why it is not simply done."""

    result: str = coded(Code(RESULTS), "Result")
    reason: str | None = coded(
        Code(REASONS), "Why", default=None, when=("result", (PARTLY, CANNOT))
    )


@declare(
    "files",
    label="Hand over files",
    caption="{by:party} handed over files",
    help="Hand files to all members. Who had which file when can be proven by the act.",
    content=(REMARK,),
    refs=Refs(("inform", "ask", "files"), "Belongs to", "What the files were asked for in.", 0),
    files=Files.MUST,
)
class HandOver(Coded):
    """Files in the custody of all members from now on; their hashes are in the content."""


@declare(
    "close",
    label="Close the incident",
    caption="{by:party} closed the incident: {outcome}",
    help="End what the incident still waits for. Answers and acknowledgements may follow.",
    content=(REMARK,),
    refs=Refs(("charter",), "Opened with", "The act that opened the incident.", most=1),
    timed=True,
)
class Close(Coded):
    """The end, said by who opened it; the charter it cites is what lets it. A later closing takes
    the place of the earlier.
    """

    outcome: str = coded(Code(OUTCOMES), "Outcome")


ACTS = (Inform, Acknowledge, Ask, Answer, HandOver, Close)
RECORDABLE = frozenset(kind.KIND.kind for kind in (Inform, Acknowledge, Ask, Answer, HandOver))
"""What a finder or an operator without a node may do through a member that records it: all but
opening and closing, which are for members to coordinate.
"""
read = reader(Open, *ACTS)
