"""The acts of a dialogue, one frozen type per kind. Each party speaks for itself alone.

Attributes are coded and signed in the header. What is talked about, and what was said, is content.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Instant, Many, Text, Whole
from comity.kernel.protocol import Field, Files, Refs
from comity.protocols._vocabulary.words import REMARK, title
from comity.protocols.trust.dialogue.codes import (
    CANCELLED,
    DROPPED,
    DROPS,
    ENDS,
    FORMS,
    LANES,
    LONGEST_CADENCE,
    MOVED,
    OUTCOMES,
)

TITLE = title("A few words by which people will recognise the dialogue.")
PURPOSE = Field("purpose", Text(), "Purpose", "What you meet for.", search=True)
PLACE = Field(
    "place",
    Text(most=2000),
    "Where, or how to join",
    "People's names and numbers stand in words alone, which can be erased.",
    required=False,
)
ITEM = Field(
    "item",
    Text(most=300, lines=False),
    "Item",
    "What is to be talked about.",
    title=True,
    search=True,
)
PROMISED = Field(
    "what",
    Text(most=300, lines=False),
    "What you will do",
    "In a line.",
    title=True,
    search=True,
)
WHEN = "With its zone, as in 2026-05-03T18:00Z."
ZONED = (Instant(), "When", WHEN)
MEETING = Refs(("schedule",), "Meeting", most=1)


def lane_of() -> str | None:
    """Declare the lane in which an act is said."""
    return coded(Code(LANES), "Lane", "Whose people read it; leave it out for all.", default=None)


@declare(
    "charter",
    label="Open a dialogue",
    caption="Dialogue · opened by {by:party} · {at:day} · {act:act}",
    help="Agree to meet regularly with one other party or several.",
    content=(TITLE, PURPOSE),
    files=Files.MAY,
)
class Open(Coded):
    """The opening. ``cadence`` is the number of days in which the parties mean to meet once."""

    cadence: int | None = coded(
        Whole(1, LONGEST_CADENCE), "Every how many days you mean to meet", default=None
    )
    lanes: list[str] = coded(
        Many(Code(LANES)), "Lanes", "Whose people deal with it: diplomats, technicians, others."
    )


@declare(
    "schedule",
    label="Set a meeting",
    caption="{by:party} set meeting {number}: {begins}, {form}",
    help="Say when and how you meet. Whoever cannot come then moves it.",
    content=(PLACE, REMARK),
)
class Schedule(Coded):
    """A meeting that begins at ``begins`` (milliseconds); ``number`` is its place in the series."""

    number: int = coded(Whole(1, 10_000), "Number", "Higher than that of the meeting before.")
    begins: int = coded(*ZONED)
    form: str = coded(Code(FORMS), "How")


@declare(
    "move",
    label="Move a meeting",
    caption="{by:party} moved a meeting to {begins}, {form}",
    help="Set another time for a meeting. What is said last counts.",
    content=(PLACE, REMARK),
    refs=MEETING,
)
class Move(Coded):
    """Another time, in milliseconds, and form of a meeting; any party may set it."""

    begins: int = coded(*ZONED)
    form: str = coded(Code(FORMS), "How")


@declare(
    "cancel",
    label="Cancel a meeting",
    caption="{by:party} cancelled a meeting: {reason}",
    help="Say that a meeting will not take place. What was to be talked about waits for the next.",
    content=(REMARK,),
    refs=MEETING,
)
class Cancel(Coded):
    """The meeting will not take place."""

    reason: str = coded(Code(CANCELLED), "Why")


@declare(
    "propose_item",
    label="Propose an item",
    caption="{by:party} proposed an item for a meeting",
    help="Propose something to talk about. The others accept it, or defer it to the next meeting.",
    content=(ITEM, REMARK),
    refs=MEETING,
    files=Files.MAY,
)
class ProposeItem(Coded):
    """An item for the agenda of a meeting."""

    lane: str | None = lane_of()


@declare(
    "accept_item",
    label="Accept items",
    caption="{by:party} accepted items of the agenda",
    help="Agree to talk about them. A later word takes the place of the earlier.",
    content=(REMARK,),
    refs=Refs(("propose_item",), "Items"),
)
class AcceptItem(Coded):
    """A party's word that it will talk about items of others."""

    lane: str | None = lane_of()


@declare(
    "defer_item",
    label="Defer items",
    caption="{by:party} deferred items to the next meeting",
    help="Put them off to the next meeting. You will be asked again when it is set.",
    content=(REMARK,),
    refs=Refs(("propose_item",), "Items"),
)
class DeferItem(Coded):
    """A party's word that it will talk about items of others at the next meeting."""

    lane: str | None = lane_of()


@declare(
    "withdraw_item",
    label="Withdraw items",
    caption="{by:party} withdrew items it had proposed",
    help="Take back items of yours. The record stays.",
    content=(REMARK,),
    refs=Refs(("propose_item",), "Items"),
)
class WithdrawItem(Coded):
    """The author's word that it no longer proposes items."""

    lane: str | None = lane_of()


@declare(
    "hold",
    label="Say that you met",
    caption="{by:party}: the meeting was held",
    help="Note that a meeting was held, and who was there if that is to be kept.",
    content=(REMARK,),
    refs=MEETING,
)
class Hold(Coded):
    """The meeting was held."""


@declare(
    "summary",
    label="Draft a summary",
    caption="{by:party} drafted a summary",
    help="Draft what was said, for all to agree. A later draft takes the place of the earlier.",
    content=(Field("summary", Text(), "Summary", search=True),),
    refs=MEETING,
    files=Files.MAY,
)
class Draft(Coded):
    """A draft of the summary of a meeting, to which its author agrees by handing it in."""

    lane: str | None = lane_of()


@declare(
    "agree_summary",
    label="Agree to a summary",
    caption="{by:party} agreed to a summary",
    help="When every party has agreed to it, it is the agreed summary of the meeting.",
    content=(REMARK,),
    refs=Refs(("summary",), "Summary", most=1),
)
class AgreeSummary(Coded):
    """A party's agreement to a draft of another, word by word."""

    lane: str | None = lane_of()


@declare(
    "own_summary",
    label="Hand in your own summary",
    caption="{by:party} handed in a summary of its own",
    help="Where you do not agree on one text, yours stands beside those of the others.",
    content=(Field("summary", Text(), "Summary", search=True),),
    refs=MEETING,
    files=Files.MAY,
)
class OwnSummary(Coded):
    """A party's own account of a meeting; its later one takes the place of the earlier."""

    lane: str | None = lane_of()


@declare(
    "commit",
    label="Commit your party",
    caption="{by:party} committed to something by {due}",
    help="Say what your own party will do, and by when. It stands in your work until it is done.",
    content=(PROMISED, REMARK),
    refs=Refs(("schedule",), "Meeting", "The meeting at which you said so, if any.", 0, 1),
)
class Commit(Coded):
    """What the author's own party will do by ``due`` (milliseconds)."""

    due: int = coded(Instant(), "By when", WHEN)
    lane: str | None = lane_of()


@declare(
    "commitment",
    label="Say what became of a commitment",
    caption="{by:party} on a commitment of its own: {outcome}",
    help="Say that it is done, that you drop it and why, or by when you will do it instead.",
    content=(REMARK,),
    refs=Refs(("commit",), "Commitment", most=1),
    files=Files.MAY,
)
class Commitment(Coded):
    """What became of an own commitment; ``due`` is its new time in milliseconds."""

    outcome: str = coded(Code(OUTCOMES), "What became of it")
    reason: str | None = coded(
        Code(DROPS), "Why it is dropped", default=None, when=("outcome", (DROPPED,))
    )
    due: int | None = coded(
        Instant(), "By when instead", WHEN, default=None, when=("outcome", (MOVED,))
    )
    lane: str | None = lane_of()


@declare(
    "close_meeting",
    label="Close a meeting",
    caption="{by:party} closed a meeting",
    help="Close a meeting that was held. Before that, set the next one, or end the dialogue.",
    content=(REMARK,),
    refs=MEETING,
)
class CloseMeeting(Coded):
    """Nothing is left to do about the meeting."""


@declare(
    "end",
    label="End the dialogue",
    caption="{by:party} ended the dialogue: {reason}",
    help="Say that your party meets no more. The others go on while there are two of them.",
    content=(REMARK,),
    refs=Refs(("charter",), "Opened with", most=1),
)
class End(Coded):
    """Its author meets no more in this dialogue."""

    reason: str = coded(Code(ENDS), "Why")


ACTS = (
    Schedule,
    Move,
    Cancel,
    ProposeItem,
    AcceptItem,
    DeferItem,
    WithdrawItem,
    Hold,
    Draft,
    AgreeSummary,
    OwnSummary,
    Commit,
    Commitment,
    CloseMeeting,
    End,
)
read = reader(Open, *ACTS)
