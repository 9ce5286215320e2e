"""The acts by which questions are asked and answered; the rest of a consultation is in ``acts``.

No field says who did something, for whom, or who is to blame, and none may be added: asking is not
accusing. What is seen, what is not known and what else would explain it are words, in content.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare
from comity.kernel.fieldtypes import Code, Flag, Instant, Many, Whole
from comity.kernel.protocol import Files, Refs
from comity.protocols._vocabulary.rsit import RSIT
from comity.protocols.trust.consultation.codes import (
    ACKNOWLEDGED,
    DELAYS,
    EFFECTS,
    KNOWN,
    LANES,
    MORE_HOURS,
    REFUSALS,
    RESULTS,
    URGENCIES,
)
from comity.protocols.trust.consultation.content import MEASURES, OPENING, QUESTION, REMARK, TEXT

ASKED = ("charter", "ask")
"""The kinds that ask a question: the opening asks the first."""


def lane_of() -> str | None:
    """Declare the lane in which an act is said."""
    return coded(Code(LANES), "Lane", "Whose people read it; leave it out for both.", default=None)


@declare(
    "charter",
    label="Ask for clarification",
    caption="Consultation · opened by {by:party} · {at:day} · {act:act}",
    help="Ask another party about something you see. The opening asks the first question.",
    content=OPENING,
    files=Files.MAY,
)
class Open(Coded):
    """The opening, which asks the first question. ``reply_by`` and ``since`` in milliseconds; where
    the first is left out, a reply is due 48 hours after the opening's own time.
    """

    urgency: str = coded(Code(URGENCIES), "Urgency")
    lanes: list[str] = coded(
        Many(Code(LANES)), "Lanes", "Whose people deal with it: diplomats, technicians, or both."
    )
    reply_by: int | None = coded(
        Instant(),
        "Reply needed by, if not in 48 hours",
        "With its zone, as in 2026-05-03T18:00Z.",
        default=None,
    )
    rsit: str | None = coded(
        Code(RSIT), "Class", "The class by the Reference Security Incident Taxonomy.", default=None
    )
    since: int | None = coded(
        Instant(), "Since when", "With its zone, as in 2026-05-01T02:40Z.", default=None
    )
    critical: str | None = coded(Code(KNOWN), "Critical infrastructure is affected", default=None)
    effect: str | None = coded(Code(EFFECTS), "Effect across a border", default=None)


@declare(
    "ask",
    label="Ask a further question",
    caption="{by:party} asked a further question",
    help="Ask one question; each is answered by itself. Either party may ask.",
    content=(QUESTION,),
    files=Files.MAY,
)
class Ask(Coded):
    """A further question to the other party, due at ``due`` (milliseconds), by default 48 hours
    after the question's own time.
    """

    due: int | None = coded(
        Instant(),
        "Reply needed by, if not in 48 hours",
        "With its zone, as in 2026-05-03T18:00Z.",
        default=None,
    )
    lane: str | None = lane_of()


@declare(
    "acknowledge",
    label="Acknowledge",
    caption="{by:party} acknowledged: {as}",
    help="Say that a person here has taken notice. Opening a page says nothing to anyone.",
    content=(REMARK,),
    refs=Refs(
        (*ASKED, "answer", "decline_answer", "more_time", "inform", "mark_mistake", "close"),
        "What you acknowledge",
    ),
)
class Acknowledge(Coded):
    """A person's word, on acts of others, that they were ``read``, ``passed_on`` to those who can
    answer, or are being looked into. A later word on the same act takes the place of the earlier.
    """

    as_: str = coded(Code(ACKNOWLEDGED), "As")
    lane: str | None = lane_of()


@declare(
    "answer",
    label="Answer",
    caption="{by:party} answered: {result}",
    help="Answer one question. An honest “not known” is an answer.",
    content=(REMARK, MEASURES),
    refs=Refs(ASKED, "Question", most=1),
    timed=True,
    files=Files.MAY,
)
class Answer(Coded):
    """The answer to one question. One that is ``partly`` given leaves the rest owed; a later answer
    takes the place of the earlier.
    """

    result: str = coded(Code(RESULTS), "Answer")
    partly: bool | None = coded(
        Flag(), "In part", "More will follow, and is still owed.", default=None
    )
    lane: str | None = lane_of()


@declare(
    "more_time",
    label="Ask for more time",
    caption="{by:party} needs more time ({hours} h): {reason}",
    help="Take up to 48 hours more for a question, once. It says that you are at work on it.",
    content=(REMARK,),
    refs=Refs(ASKED, "Question"),
    timed=True,
)
class MoreTime(Coded):
    """Notice that a reply needs ``hours`` more than was asked for, and why."""

    hours: int = coded(Whole(1, MORE_HOURS), "Hours more", "1 to 48.")
    reason: str = coded(Code(DELAYS), "Why")
    lane: str | None = lane_of()


@declare(
    "decline_answer",
    label="Decline to answer",
    caption="{by:party} declined to answer",
    help="Say that you will not answer. A reason helps, and is not asked for.",
    content=(REMARK,),
    refs=Refs(ASKED, "Question"),
    timed=True,
)
class DeclineAnswer(Coded):
    """The asked party's word that it does not answer; an answer that follows takes its place."""

    reason: str | None = coded(Code(REFUSALS), "Why", default=None)
    lane: str | None = lane_of()


@declare(
    "inform",
    label="Add to it",
    caption="{by:party} added to it",
    help="Tell what else there is, with files or a batch of STIX objects. It asks for nothing.",
    content=(TEXT,),
    refs=Refs((*ASKED, "answer", "inform"), "Belongs to", "What it adds to.", 0),
    files=Files.MAY,
    batch=True,
)
class Inform(Coded):
    """Something said to all members, who owe nothing for it."""

    lane: str | None = lane_of()
