"""The acts by which parties ask for help, offer it, say whether and when, deliver, and say what
came of it. Several may help at once; a no with a reason is an answer, and ends what is owed.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare
from comity.kernel.fieldtypes import Code, Flag, Instant, Many, Party
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Files, Refs
from comity.protocols._vocabulary.sectors import SECTORS
from comity.protocols.response.incident.codes import (
    BASES,
    CANNOT,
    DEEDS,
    FORMS,
    HELP,
    NORM_C,
    NORM_H,
    PARTLY,
    PURPOSES,
    REASONS,
    RESULTS,
    TURNED_DOWN,
    USES,
    VERBS,
    WILL,
)
from comity.protocols.response.incident.content import INFRASTRUCTURE, REMARK, TEXT

ZONED = "With its zone, as in 2026-05-03T18:00Z."


@declare(
    "ask",
    label="Ask for help",
    caption="{by:party} asked {to}: {verb}",
    help="Ask one or several parties for something, and say by when you need it.",
    content=(TEXT, INFRASTRUCTURE),
    timed=True,
    files=Files.MAY,
)
class Ask(Coded):
    """A request to members. ``due`` is when the help is needed, ``whether_by`` when each says
    whether it will help, by default 8 hours after the ask's own time; both in milliseconds.
    """

    to: list[PartyId] = coded(Many(Party(), most=64), "Whom you ask")
    verb: str = coded(Code(VERBS), "What you ask for")
    due: int | None = coded(Instant(), "Answer needed by", ZONED, default=None)
    whether_by: int | None = coded(
        Instant(),
        "Say whether by, if not in 8 hours",
        "By when each says whether it will help. With its zone, as in 2026-05-03T18:00Z.",
        default=None,
    )
    purpose: str | None = coded(
        Code(PURPOSES),
        "Purpose",
        "What the help is used for, and nothing else. Left out, it is protection.",
        default=None,
    )
    form: str | None = coded(
        Code(FORMS), "Under a norm", "Leave it out for a general request.", default=None
    )
    sector: str | None = coded(
        Code(SECTORS), "Critical infrastructure of", default=None, when=("form", (NORM_H,))
    )
    use: str | None = coded(
        Code(USES),
        "Use that is made of it, as you see it",
        "Of infrastructure there; it does not say that the party asked knows of it.",
        default=None,
        when=("form", (NORM_C,)),
    )
    basis: str | None = coded(Code(BASES), "Legal basis", default=None)


@declare(
    "answer",
    label="Answer",
    caption="{by:party} answered: {result}",
    help="Say whether you will help and when, or what you have done. A later answer takes the "
    "place of the earlier.",
    content=(REMARK,),
    refs=Refs(("ask",), "What you answer", most=1),
    timed=True,
    files=Files.MAY,
)
class Answer(Coded):
    """The asked party's word: that it will help, and ``when`` (milliseconds), or what it has done;
    ``reason`` says why it is not simply done.
    """

    result: str = coded(Code(RESULTS), "Result")
    when: int | None = coded(Instant(), "By when", ZONED, default=None, when=("result", (WILL,)))
    reason: str | None = coded(
        Code(REASONS), "Why", default=None, when=("result", (PARTLY, CANNOT))
    )


@declare(
    "offer",
    label="Offer help",
    caption="{by:party} offered {to} help",
    help="Offer a party help, asked for or not. Nothing is done before it accepts.",
    content=(TEXT,),
    refs=Refs(("ask",), "What was asked", "Leave it out when nobody asked.", 0, 1),
    files=Files.MAY,
)
class Offer(Coded):
    """An offer to one member, that stands until ``until`` (milliseconds)."""

    to: PartyId = coded(Party(), "Whom you offer it")
    verbs: list[str] = coded(Many(Code(DEEDS)), "What you offer")
    until: int | None = coded(Instant(), "The offer stands until", ZONED, default=None)


@declare(
    "accept",
    label="Accept an offer",
    caption="{by:party} accepted an offer of help",
    help="Take up help that was offered to you.",
    content=(REMARK,),
    refs=Refs(("offer",), "Offer", most=1),
    timed=True,
)
class Accept(Coded):
    """The word that the help offered is wanted, ``due`` by then (milliseconds)."""

    due: int | None = coded(Instant(), "Help needed by", ZONED, default=None)


@declare(
    "turn_down",
    label="Turn down an offer",
    caption="{by:party} turned down an offer of help: {reason}",
    help="Say that you do not take up help that was offered to you.",
    content=(REMARK,),
    refs=Refs(("offer",), "Offer", most=1),
)
class TurnDown(Coded):
    """The word that the help offered is not wanted. If it is again, it is offered anew."""

    reason: str = coded(Code(TURNED_DOWN), "Why")


@declare(
    "deliver",
    label="Deliver",
    caption="{by:party} delivered what it was asked for or offered",
    help="Hand over the help: findings, files or STIX objects, or the word that it was given.",
    content=(REMARK,),
    refs=Refs(("ask", "offer"), "What it was asked or offered in", most=1),
    timed=True,
    files=Files.MAY,
    batch=True,
)
class Deliver(Coded):
    """Help, handed over. With ``more`` the rest is still owed."""

    more: bool | None = coded(
        Flag(), "More will follow", "What is still missing stays owed.", default=None
    )


@declare(
    "result",
    label="Say what came of it",
    caption="{by:party} on the help asked for or accepted: {result}",
    help="Say whether the help helped, or that it is no longer needed. It ends what is owed.",
    content=(REMARK,),
    refs=Refs(("ask", "offer"), "What you asked or accepted", most=1),
    timed=True,
)
class Result(Coded):
    """The word of who was helped; a later one takes the place of the earlier."""

    result: str = coded(Code(HELP), "What came of it")
