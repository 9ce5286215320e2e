"""The acts of a planned activity, one frozen type per kind.

Attributes are coded and signed in the header. Who is on duty, and how to reach them, is content.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Flag, Hex, Instant, Many, Prefix, Text
from comity.kernel.ids import Id
from comity.kernel.protocol import Field, Files, Refs
from comity.protocols._vocabulary.words import REMARK, TEXT, title
from comity.protocols.trust.planned.codes import (
    ACKNOWLEDGED,
    ACTIVITIES,
    CLASHES,
    COURSES,
    EFFECTS,
    REASONS,
    RESULTS,
)

MOST_RANGES = 64
RANGES = Many(Prefix(least4=8, least6=16), most=MOST_RANGES)
"""Source ranges. What claims more than any network has would explain everything."""

TITLE = title("A few words by which people will recognise the activity.")
NOTICEABLE = Field(
    "noticeable",
    Text(most=4000),
    "What others may notice",
    "As in their logs, and what it is not.",
    required=False,
    search=True,
)
CONTACT = Field(
    "contact",
    Text(most=2000),
    "Who is on duty, and how to reach them",
    "People's names and numbers stand here alone. Title and text are erased with them; to erase "
    "them apart, say them afterwards.",
    required=False,
)
ON_DUTY = Field(
    "contact",
    Text(most=2000),
    "Who is on duty, and how to reach them",
    "It can be erased when the activity is over.",
)
ANNOUNCED = Refs(("charter",), "Announced with", "The message that announced it.", most=1)
SOMETHING = ("charter", "amend", "contact", "begin", "end", "cancel")


@declare(
    "charter",
    label="Announce a planned activity",
    caption="{by:party} announced: {activity}, {begins} to {ends}",
    help="Tell others beforehand what you will do, when and from which addresses, so that nobody "
    "takes it for something else.",
    content=(TITLE, TEXT, NOTICEABLE, CONTACT),
    timed=True,
    files=Files.MAY,
)
class Announce(Coded):
    """The announcement: the window is from ``begins`` to ``ends`` (milliseconds), both included;
    ``ranges`` are the addresses it comes from, if it comes from any.
    """

    activity: str = coded(Code(ACTIVITIES), "What is planned")
    begins: int = coded(Instant(), "Begins", "With its zone, as in 2026-05-01T02:40Z.")
    ends: int = coded(Instant(), "Ends", "With its zone; a year after the beginning at most.")
    ranges: list[str] | None = coded(
        RANGES,
        "From which addresses",
        "Ranges of your organisation, as 192.0.2.0/24 or 2001:db8::/48, or single addresses: 64 at "
        "most. All members get them, and they cannot be erased.",
        default=None,
    )
    effect: str = coded(Code(EFFECTS), "Effect abroad")
    ack_wanted: bool | None = coded(
        Flag(), "Ask for acknowledgement", "The others will be asked to acknowledge.", default=None
    )


@declare(
    "amend",
    label="Amend",
    caption="{by:party} amended it: {begins} to {ends}",
    help="Say the window anew, and the addresses or the effect where they changed.",
    content=(REMARK,),
    refs=ANNOUNCED,
    timed=True,
)
class Amend(Coded):
    """What is in force from now on. A field left out stays as it was said last."""

    begins: int = coded(Instant(), "Begins", "With its zone, as in 2026-05-01T02:40Z.")
    ends: int = coded(Instant(), "Ends", "With its zone; a year after the beginning at most.")
    ranges: list[str] | None = coded(
        RANGES, "From which addresses", "All of them, or nothing where they stay.", default=None
    )
    effect: str | None = coded(
        Code(EFFECTS), "Effect abroad", "Or nothing where it stays.", default=None
    )
    ack_wanted: bool | None = coded(
        Flag(), "Ask for acknowledgement", "The others will be asked to acknowledge.", default=None
    )


@declare(
    "contact",
    label="Say who is on duty",
    caption="{by:party} said who is on duty",
    help="Name whom to call during the activity; what you say last counts.",
    content=(ON_DUTY,),
    refs=ANNOUNCED,
)
class OnDuty(Coded):
    """Who is on duty; all of it is content."""


@declare(
    "acknowledge",
    label="Acknowledge",
    caption="{by:party} acknowledged: {as}",
    help="Say that a person here has taken notice. That is no consent.",
    content=(REMARK,),
    refs=Refs((*SOMETHING, "conflict", "ask", "answer"), "What you acknowledge"),
)
class Acknowledge(Coded):
    """A person's word, on acts of other parties, that they were ``read``, ``understood`` or are
    being acted upon. A later word on the same act takes the place of the earlier.
    """

    as_: str = coded(Code(ACKNOWLEDGED), "As")


@declare(
    "ask",
    label="Ask about it",
    caption="{by:party} asked about it",
    help="Ask who announced it, as whether something you see belongs to it.",
    content=(TEXT,),
    refs=Refs(SOMETHING, "About", "The messages that you ask about, if any.", 0),
    timed=True,
    files=Files.MAY,
)
class Ask(Coded):
    """A question to the announcer. ``due`` is when an answer is needed, in milliseconds."""

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
    """The announcer's answer."""

    result: str = coded(Code(RESULTS), "Answer")


@declare(
    "conflict",
    label="Say what else is planned",
    caption="{by:party} has something planned {clash}",
    help="Say that you have planned something at the same time or addresses.",
    content=(REMARK,),
    timed=True,
)
class Conflict(Coded):
    """Something else is planned; ``dossier`` is where it was announced, if one is to know."""

    clash: str = coded(Code(CLASHES), "How they meet")
    dossier: Id | None = coded(
        Hex("dossier"),
        "Its dossier",
        "The id, if the others may know that there is one. Who is not in it reads nothing of it.",
        default=None,
    )


@declare(
    "begin",
    label="Say that it begins",
    caption="{by:party} said that it begins",
    help="Tell the others that it is under way now.",
    content=(REMARK,),
    refs=ANNOUNCED,
    timed=True,
)
class Begin(Coded):
    """The activity is under way."""


@declare(
    "end",
    label="Say that it is over",
    caption="{by:party} said that it is over: {course}",
    help="Tell the others how it went. They may still ask about it.",
    content=(REMARK,),
    refs=ANNOUNCED,
    timed=True,
    files=Files.MAY,
)
class End(Coded):
    """The activity is over. A later word takes the place of the earlier."""

    course: str = coded(Code(COURSES), "How it went")


@declare(
    "cancel",
    label="Cancel",
    caption="{by:party} cancelled it: {reason}",
    help="Say that it will not take place. What has begun is ended.",
    content=(REMARK,),
    refs=ANNOUNCED,
    timed=True,
)
class Cancel(Coded):
    """The activity will not take place. A later word takes the place of the earlier."""

    reason: str = coded(Code(REASONS), "Why")


ACTS = (Amend, OnDuty, Acknowledge, Ask, Answer, Conflict, Begin, End, Cancel)
RECORDABLE = frozenset(kind.KIND.kind for kind in (Acknowledge, Ask, Conflict))
"""What an operator without a node may do through a member that records it. Announcing, and all
that the announcer does, is for members.
"""
read = reader(Announce, *ACTS)
