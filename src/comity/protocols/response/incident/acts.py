"""The acts of an incident, one frozen type per kind: telling, working, closing.

Attributes are coded and signed in the header; content is declared beside them. No field says who is
to blame, and none may be added: telling a party is not accusing it. Help is in ``assistance``, what
is known of the incident in ``describing``, what others might disturb in ``deconfliction``.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Flag, Hex, Instant
from comity.kernel.ids import Id
from comity.kernel.protocol import Files, Refs
from comity.protocols._vocabulary.linking import RELATIONS
from comity.protocols._vocabulary.rsit import RSIT
from comity.protocols.response.incident.assistance import (
    Accept,
    Answer,
    Ask,
    Deliver,
    Offer,
    Result,
    TurnDown,
)
from comity.protocols.response.incident.codes import (
    ACKNOWLEDGED,
    EVENTS,
    OUTCOMES,
    PROGRESS,
)
from comity.protocols.response.incident.content import REMARK, TASK, TEXT, TITLE, TOPIC
from comity.protocols.response.incident.deconfliction import GoAhead, Intend, StandDown
from comity.protocols.response.incident.describing import Describe
from comity.protocols.response.incident.effects import PRECISIONS

TOLD = ("inform", "files", "describe", "event", "topic")
"""The kinds that tell something, and what an act of telling may belong to."""


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
    refs=Refs(TOLD, "Belongs to", "A topic, or earlier acts that this adds to or corrects.", 0),
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
    refs=Refs(
        (
            "charter",
            "inform",
            "describe",
            "event",
            "ask",
            "answer",
            "offer",
            "deliver",
            "result",
            "files",
            "intend",
            "close",
        ),
        "What you acknowledge",
    ),
)
class Acknowledge(Coded):
    """A person's word, on acts of other parties, that they were ``read``, ``understood`` or are
    being acted upon. A later word on the same act takes the place of the earlier.
    """

    as_: str = coded(Code(ACKNOWLEDGED), "As")


@declare(
    "event",
    label="Add to the timeline",
    caption="{by:party} put into the timeline: {what}, {at}",
    help="Say what happened when in the incident. What you said wrongly is said again instead.",
    content=(TEXT,),
    refs=Refs(("event",), "Instead of", "What you said before, if this puts it right.", 0, 1),
    files=Files.MAY,
)
class Event(Coded):
    """Something that happened ``at`` an instant (milliseconds), known with a ``precision``."""

    what: str = coded(Code(EVENTS), "What happened")
    at: int = coded(Instant(), "When", "With its zone, as in 2026-05-01T02:40Z.")
    precision: str | None = coded(Code(PRECISIONS), "How exactly that is known", default=None)


@declare(
    "topic",
    label="Begin a topic",
    caption="{by:party} began a topic",
    help="Give a name to what several messages will be about, so that they stand together.",
    content=(TOPIC, REMARK),
)
class Topic(Coded):
    """A topic, to which what is said belongs by citing it."""


@declare(
    "task",
    label="Take a task",
    caption="{by:party} took a task",
    help="Say what your own party will do. What you want of others, you ask for.",
    content=(TASK, REMARK),
    refs=Refs(("ask", "offer", "topic"), "Belongs to", "What it is done for.", 0, 1),
)
class Task(Coded):
    """A task of the author's own, ``due`` by then (milliseconds), if there is a time."""

    due: int | None = coded(
        Instant(), "Done by", "With its zone, as in 2026-05-03T18:00Z.", default=None
    )


@declare(
    "progress",
    label="Say how a task goes on",
    caption="{by:party} on a task: {state}",
    help="Say how far a task of your party is. What is done or dropped does not go on.",
    content=(REMARK,),
    refs=Refs(("task",), "Task", most=1),
)
class Progress(Coded):
    """How far a task is; a later word takes the place of the earlier."""

    state: str = coded(Code(PROGRESS), "It is")


@declare(
    "link",
    label="Link to another dossier",
    caption="{by:party} linked another dossier: {relation}",
    help="Say how this incident belongs with another dossier. Only who is in it can open it.",
    content=(REMARK,),
)
class Link(Coded):
    """How its author sees this incident belong with another dossier; a later word on the same
    dossier takes the place of the earlier.
    """

    relation: str = coded(Code(RELATIONS), "This incident is")
    dossier: Id = coded(Hex("dossier"), "The other dossier")


@declare(
    "files",
    label="Hand over files",
    caption="{by:party} handed over files",
    help="Hand files to all members. Who had which file when can be proven by the act.",
    content=(REMARK,),
    refs=Refs(("ask", *TOLD), "Belongs to", "What the files were asked for in.", 0),
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


ACTS = (
    Inform,
    Acknowledge,
    Describe,
    Event,
    Ask,
    Answer,
    Offer,
    Accept,
    TurnDown,
    Deliver,
    Result,
    Intend,
    GoAhead,
    StandDown,
    Topic,
    Task,
    Progress,
    HandOver,
    Link,
    Close,
)
RECORDABLE = frozenset(
    kind.KIND.kind for kind in (Inform, Acknowledge, Ask, Answer, Offer, Deliver, Result, HandOver)
)
"""What a finder or an operator without a node may do through a member that records it: tell what it
knows, in words, and help. What is coded of it a member says for itself, and all that coordinates.
"""
read = reader(Open, *ACTS)
