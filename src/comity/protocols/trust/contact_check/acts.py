"""The acts of a contact check, one frozen type per kind.

Attributes are coded and signed in the header. Contacts stand there as handles; their particulars,
which are personal data, are content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Handle, Hex, Instant, Many, Party, Text, Whole
from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import Field, Refs
from comity.protocols._vocabulary.contacts import CHANNELS, FIELDS, NODE
from comity.protocols._vocabulary.words import REMARK, title
from comity.protocols.trust.contact_check.codes import (
    ANSWERS,
    CONFIRMED,
    CORRECTED,
    DECLINED,
    ENDS,
    FIELDS_DUE,
    LANES,
    MACHINE,
    PERSON,
    REASONS,
    RESULTS,
    SECOND,
    STAGES,
    TASK,
    TASKS,
    WHO,
)

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.graph import Past

MOST_HOURS = 720
SOME_FIELDS = Many(Code(FIELDS), most=len(FIELDS))
LEVEL = Whole(MACHINE, TASK)
DIGITS = Whole(10_000_000, 99_999_999)
"""What is told by the channel that is checked, and said in the answer: eight digits."""

TITLE = title()
SAMPLE = Field(
    "text", Text(), "Text", "What you ask, and a sample notice if there is one.", required=False
)
PARTICULARS = tuple(
    Field(name, Text(most=4000), label, "If it has changed.", required=False)
    for name, label in FIELDS.items()
)
"""Particulars as they are now, told by who answers; one that is corrected and stays empty goes."""
PROBE = Refs(("probe",), "What was asked", most=1)


@declare(
    "charter",
    label="Check contacts of a party",
    caption="{by:party} opened a contact check",
    help="Ask one other party whether its points of contact can be reached, and are still right.",
    content=(TITLE, REMARK),
)
class Open(Coded):
    """The opening: of which ``campaign`` it is, the highest ``level``, and within how many hours of
    work at the contact an answer is asked for. ``seat`` is who is checked where it has no node.
    """

    campaign: str = coded(
        Handle(), "Campaign", "A handle under which several checks stand, as council/2026-1."
    )
    seat: str | None = coded(
        Handle(),
        "Who is checked, without a node",
        "A country code in small letters or a short name, when nobody else is invited.",
        default=None,
    )
    level: int = coded(
        LEVEL,
        "Level",
        "0: the node answers. 1: a person does. 2: and says what is still right. 3: and does a "
        "small task.",
    )
    due_hours: int = coded(
        Whole(1, MOST_HOURS), "Hours to answer", "Hours of work where the contact is, 1 to 720."
    )
    lanes: list[str] | None = coded(
        Many(Code(LANES)), "Lanes", "Whose people deal with it; leave it out for all.", default=None
    )


@declare(
    "probe",
    label="Ask by a channel",
    caption="{by:party} asked {contact} by {channel}",
    help="Ask one point of contact by one channel. Level 0 asks the node, and no person.",
    content=(SAMPLE,),
    timed=True,
)
class Probe(Coded):
    """A question to one contact by one channel; ``due`` (milliseconds) by the clock, as who asks
    worked it out from the hours of work there. ``listed_by`` is whose nomination lists the contact,
    by default the party checked; ``seal`` commits to digits told by the channel, as ``seal_of``.
    """

    contact: str = coded(Handle(), "Contact", "The handle of the nomination, never a name.")
    listed_by: PartyId | None = coded(
        Party(), "Nominated by", "If not by the party checked.", default=None
    )
    channel: str = coded(Code(CHANNELS), "Channel")
    level: int = coded(LEVEL, "Level", "0 to 3, not above that of the check.")
    due: int = coded(Instant(), "Answer needed by", "With its zone, as in 2026-05-03T18:00Z.")
    seal: Id | None = coded(
        Hex("seal"),
        "Seal of the digits",
        "Made from eight digits that are told by the channel alone.",
        default=None,
    )
    fields: list[str] | None = coded(
        SOME_FIELDS, "Fields due", "What is to be confirmed or corrected.", default=None
    )


@declare(
    "answer",
    label="Answer",
    caption="{by:party} answered: {outcome}",
    help="Say that you are reached, what is still right, and what has changed.",
    content=(REMARK, *PARTICULARS),
    refs=PROBE,
    timed=True,
)
class Answer(Coded):
    """A person's answer; a later one takes the place of the earlier. ``fields`` are still right,
    by default all that are due where it is ``confirmed``; ``corrected`` are told anew in the
    content, or go. ``tasks`` are what was done at level 3.
    """

    outcome: str = coded(Code(ANSWERS), "Answer")
    corrected: list[str] | None = coded(
        SOME_FIELDS,
        "What has changed",
        "Write each anew below; what stays empty there goes.",
        default=None,
        when=("outcome", (CORRECTED,)),
    )
    reason: str | None = coded(Code(REASONS), "Why", default=None, when=("outcome", (DECLINED,)))
    fields: list[str] | None = coded(
        SOME_FIELDS, "What is still right", "If not all that was asked about.", default=None
    )
    who: str | None = coded(
        Code(WHO), "Who answers", "If not the person or desk named.", default=None
    )
    nonce: int | None = coded(
        DIGITS, "Digits", "The eight digits that you were told, if you were.", default=None
    )
    tasks: list[str] | None = coded(Many(Code(TASKS)), "What was done", default=None)

    @property
    def is_right(self) -> bool:
        """Whether the right person or desk answered, and did not decline."""
        return self.outcome in {CONFIRMED, CORRECTED}

    @property
    def level(self) -> int:
        """The level at which it answers."""
        if self.tasks:
            return TASK
        return FIELDS_DUE if self.fields or self.corrected else PERSON


@declare(
    "remind",
    label="Remind",
    caption="{by:party} reminded: {stage}",
    help="Say that you asked again: by the same channel, a deputy, a second one, or the authority.",
    content=(REMARK,),
    refs=PROBE,
)
class Remind(Coded):
    """A reminder; ``channel`` is the second one."""

    stage: str = coded(Code(STAGES), "Stage")
    channel: str | None = coded(
        Code({code: label for code, label in CHANNELS.items() if code != NODE}),
        "Second channel",
        default=None,
        when=("stage", (SECOND,)),
    )


@declare(
    "result",
    label="Say what came of it",
    caption="{by:party}: {outcome}",
    help="Say that nobody answered, or not a person, or the wrong one. An answer takes its place.",
    content=(REMARK,),
    refs=PROBE,
    timed=True,
)
class Result(Coded):
    """What came of a probe that the contact did not answer here."""

    outcome: str = coded(Code(RESULTS), "What came of it")


@declare(
    "close",
    label="Close",
    caption="{by:party} closed the check: {end}",
    help="Ask nothing more. Who has not answered may answer still.",
    content=(REMARK,),
    refs=Refs(("charter",), "Opened with", most=1),
    timed=True,
)
class Close(Coded):
    """The end of the check."""

    end: str = coded(Code(ENDS), "How it ends")


ACTS = (Probe, Answer, Remind, Result, Close)
RECORDABLE = frozenset({Answer.KIND.kind})
"""What a contact without a node may do through a member that records it."""
read = reader(Open, *ACTS)


def asked_of(header: Header, past: Past) -> Probe:
    """Return the probe that an act cites, as D0 has required of it."""
    found = past.effective(header.refs[0], "probe")
    if found is None:
        raise AssertionError
    return Probe.checked(found.header)
