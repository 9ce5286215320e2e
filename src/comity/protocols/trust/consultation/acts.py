"""The acts of a consultation beyond its questions: meeting, a helper, slowing down, and ending.

One frozen type per kind; attributes are coded, and signed. Each party speaks for itself alone.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Flag, Instant, Party, Whole
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Files, Refs
from comity.protocols.trust.consultation.codes import (
    HELPER_WORDS,
    MEETING_WORDS,
    MEETINGS,
    MISTAKES,
    OUTCOMES,
    PAUSE_HOURS,
)
from comity.protocols.trust.consultation.content import REMARK
from comity.protocols.trust.consultation.questions import (
    ASKED,
    Acknowledge,
    Answer,
    Ask,
    DeclineAnswer,
    Inform,
    MoreTime,
    Open,
    lane_of,
)

WORDED = (
    *ASKED,
    "acknowledge",
    "answer",
    "more_time",
    "decline_answer",
    "inform",
    "propose_meeting",
    "answer_meeting",
    "meeting_held",
    "propose_helper",
    "answer_helper",
    "technical_only",
    "pause",
    "withdraw",
    "mark_mistake",
    "close",
)
"""The kinds that hold words of who says them."""


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
    lane: str | None = lane_of()


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
    lane: str | None = lane_of()


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

    lane: str | None = lane_of()


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
    refs=Refs(WORDED, "What the helper may read"),
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
