"""The acts of a consultation, one frozen type per kind. Attributes are coded, and signed.

No field says who did something, for whom, or who is to blame, and none may be added: asking is not
accusing. What is seen, what is not known and what else would explain it are words, in content.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Flag, Instant, Many, Party, Whole
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Files, Refs
from comity.protocols.trust.consultation.codes import (
    ACKNOWLEDGED,
    DELAYS,
    EFFECTS,
    HELPER_WORDS,
    KNOWN,
    LANES,
    MEETING_WORDS,
    MEETINGS,
    MISTAKES,
    MORE_HOURS,
    OUTCOMES,
    PAUSE_HOURS,
    REFUSALS,
    RESULTS,
    RSIT,
    URGENCIES,
)
from comity.protocols.trust.consultation.content import MEASURES, OPENING, QUESTION, REMARK, TEXT

ASKED = ("charter", "ask")
"""The kinds that ask a question: the opening asks the first."""


def _lane() -> str | None:
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
    lane: str | None = _lane()


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
    lane: str | None = _lane()


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
    lane: str | None = _lane()


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
    lane: str | None = _lane()


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
    lane: str | None = _lane()


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

    lane: str | None = _lane()


@declare(
    "propose_meeting",
    label="Propose a meeting",
    caption="{by:party} proposed to meet {form}",
    help="Propose to talk, or another time for it: in writing, by video, or in person.",
    content=(REMARK,),
    refs=Refs(("propose_meeting",), "Instead of", "The proposal it takes the place of.", 0, 1),
)
class ProposeMeeting(Coded):
    """A proposal to meet at ``at`` (milliseconds); one that cites another takes its place."""

    form: str = coded(Code(MEETINGS), "How")
    at: int = coded(Instant(), "When", "With its zone, as in 2026-05-03T18:00Z.")
    lane: str | None = _lane()


@declare(
    "answer_meeting",
    label="Reply to a proposal to meet",
    caption="{by:party} on the meeting proposed: {word}",
    help="Accept it, or say not now. For another time, propose a meeting instead of it.",
    content=(REMARK,),
    refs=Refs(("propose_meeting",), "Proposal", most=1),
)
class AnswerMeeting(Coded):
    """The other party's word on a proposal; a later word takes the place of the earlier."""

    word: str = coded(Code(MEETING_WORDS), "Your word")
    lane: str | None = _lane()


@declare(
    "meeting_held",
    label="Say that you met",
    caption="{by:party}: the meeting was held",
    help="Note that a meeting was held and, if both want it, what was said, as an agreed paper.",
    content=(REMARK,),
    refs=Refs(("propose_meeting",), "Meeting", most=1),
    files=Files.MAY,
)
class MeetingHeld(Coded):
    """Notice that an accepted meeting was held; what it holds is its author's account."""

    lane: str | None = _lane()


@declare(
    "propose_helper",
    label="Propose a helper",
    caption="{by:party} proposed {party} as helper",
    help="Name a party that both trust. It learns of nothing before both agree and invite it.",
    content=(REMARK,),
)
class ProposeHelper(Coded):
    """A proposal that ``party``, which is no member, helps the two."""

    party: PartyId = coded(Party(outside=True), "Helper")


@declare(
    "answer_helper",
    label="Reply to the helper proposed",
    caption="{by:party} on the helper proposed: {word}",
    help="Agree to the party named, or not. When both agree, each of you invites it.",
    content=(REMARK,),
    refs=Refs(("propose_helper",), "Proposal", most=1),
)
class AnswerHelper(Coded):
    """The other party's word on a helper; a later word takes the place of the earlier."""

    word: str = coded(Code(HELPER_WORDS), "Your word")


@declare(
    "agree_release",
    label="Agree that a helper reads it",
    caption="{by:party} agreed that a helper reads it",
    help="Let the other party give what it said before a helper came to that helper.",
    refs=Refs(
        (*ASKED, "answer", "decline_answer", "more_time", "inform", "meeting_held"),
        "What the helper may read",
    ),
)
class AgreeRelease(Coded):
    """Agreement that acts of the other party are released to a helper, by that party."""


@declare(
    "technical_only",
    label="Go on among technicians",
    caption="{by:party} goes on in the technical lane alone",
    help="Leave the diplomatic lane, for your own party. Nobody has to agree.",
    content=(REMARK,),
    refs=Refs(("charter",), "Opened with", most=1),
)
class TechnicalOnly(Coded):
    """Notice that its author says nothing more in the diplomatic lane."""


@declare(
    "pause",
    label="Pause",
    caption="{by:party} paused for {hours} h",
    help="Let it cool, once, for up to 72 hours: nothing new is asked, and what is due moves.",
    content=(REMARK,),
    refs=Refs(("charter",), "Opened with", most=1),
    timed=True,
)
class Pause(Coded):
    """A pause of ``hours`` from the act's own time."""

    hours: int = coded(Whole(1, PAUSE_HOURS), "Hours", "1 to 72.")


@declare(
    "withdraw",
    label="Withdraw",
    caption="{by:party} withdrew what it asked",
    help="Take back questions of yours; the opening, and with it the consultation.",
    content=(REMARK,),
    refs=Refs((*ASKED, "propose_meeting", "propose_helper"), "What you take back"),
)
class Withdraw(Coded):
    """The author's word that it no longer asks what it cites. The record stays."""


@declare(
    "mark_mistake",
    label="Mark as a mistake",
    caption="{by:party} marked a message as a mistake: {reason}",
    help="Say that what you said was a mistake. The record stays; saying so is a courtesy.",
    content=(REMARK,),
    refs=Refs((*ASKED, "answer", "decline_answer", "inform", "meeting_held"), "What was a mistake"),
)
class MarkMistake(Coded):
    """The author's word that acts of its own were a mistake; an answer is then owed anew."""

    reason: str = coded(Code(MISTAKES), "What kind")


@declare(
    "close",
    label="Close",
    caption="{by:party} closed: {outcome}",
    help="Say how it ends for you. The other party says so for itself, in the same words or not.",
    content=(REMARK,),
    refs=Refs(("charter",), "Opened with", most=1),
    timed=True,
)
class Close(Coded):
    """One party's own closing; a later one takes the place of the earlier."""

    outcome: str = coded(Code(OUTCOMES), "How it ends")
    lessons: bool | None = coded(
        Flag(), "Lessons", "There is something here to learn from, together.", default=None
    )


ACTS = (
    Ask,
    Acknowledge,
    Answer,
    MoreTime,
    DeclineAnswer,
    Inform,
    ProposeMeeting,
    AnswerMeeting,
    MeetingHeld,
    ProposeHelper,
    AnswerHelper,
    AgreeRelease,
    TechnicalOnly,
    Pause,
    Withdraw,
    MarkMistake,
    Close,
)
read = reader(Open, *ACTS)
