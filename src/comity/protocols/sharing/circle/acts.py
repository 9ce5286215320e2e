"""The acts of a circle, one frozen type per kind. Attributes are coded and signed in the header.

An act covers a batch: one part of its content for each STIX object. Its label is that of all of
them, so that objects of other labels are published by another act. A *part* is the index of one.
"""

from __future__ import annotations

from comity.kernel.content import MAX_PARTS
from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Digits, Hex, Instant, Many, Party, Whole
from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import Files, Refs
from comity.protocols._vocabulary.words import REMARK, TEXT
from comity.protocols.sharing.circle.codes import (
    ANSWERS,
    APPLICATIONS,
    ASKS,
    FEEDBACK,
    KEEPING,
    KEPT,
    RETRACTIONS,
    TLPS,
)
from comity.protocols.sharing.circle.terms import Open

PART = Whole(0, MAX_PARTS - 1)
PARTS = Many(PART, most=256)
MOST_ORIGINS = 32
MOST_HOPS = 64
BATCHES = ("publish", "forward")
"""The kinds that carry objects."""
BATCH = Refs(BATCHES, "What was published", most=1)


def parts_of() -> list[int] | None:
    """Declare which of the objects an act is about."""
    return coded(
        PARTS,
        "Objects",
        "Their numbers in the message, the first is 0; all of them if you leave it out.",
        default=None,
    )


@declare(
    "publish",
    label="Publish objects",
    caption="{by:party} published objects",
    help="Give a batch of STIX objects to all members, under one label.",
    refs=Refs(("publish",), "Corrects", "Own messages that this one corrects, if any.", 0),
    batch=True,
)
class Publish(Coded):
    """A batch of objects, one part each; all there is to say stands in them."""


@declare(
    "forward",
    label="Forward objects",
    caption="{by:party} forwarded objects, over {hops} hops",
    help="Give members objects that another party has published elsewhere, with the messages that "
    "show it. The program makes it.",
    batch=True,
)
class Forward(Coded):
    """Objects from elsewhere. ``origins`` are the dossiers they came through; the last ``proofs``
    parts are no objects but their provenance; ``hops`` are how many signed acts it is long.
    """

    origins: list[Id] = coded(
        Many(Hex("dossier"), most=MOST_ORIGINS), "Came through", "The dossiers, by their ids."
    )
    proofs: int = coded(Whole(1, MAX_PARTS - 1), "Parts of provenance")
    hops: int = coded(Whole(1, MOST_HOPS), "Hops")


@declare(
    "retract",
    label="Retract objects",
    caption="{by:party} retracted objects: {reason}",
    help="Take back what you published. Every member says whether it has removed it.",
    content=(REMARK,),
    refs=BATCH,
)
class Retract(Coded):
    """A tombstone on objects of one own act, on all of them without ``parts``."""

    parts: list[int] | None = parts_of()
    reason: str = coded(Code(RETRACTIONS), "Why")


@declare(
    "relabel",
    label="Change a label",
    caption="{by:party} changed a label to {tlp}",
    help="Say anew how far what you published may go. The old label does not hold any more.",
    content=(REMARK,),
    refs=BATCH,
)
class Relabel(Coded):
    """The label of objects of one own act from now on, of all of them without ``parts``."""

    parts: list[int] | None = parts_of()
    tlp: str = coded(Code(TLPS), "Label")


@declare(
    "applied",
    label="Say that it was applied",
    caption="{by:party} on what was taken back or relabelled: {how}",
    help="Say what came of a retraction or a new label with you. The program says it where it can.",
    content=(REMARK,),
    refs=Refs(("retract", "relabel"), "What was applied"),
)
class Applied(Coded):
    """What a party did about a retraction or a label. A later word takes the place of the earlier.

    With ``on_behalf`` it is what another party, in a circle further on, did by its own ``act``.
    """

    how: str = coded(Code(APPLICATIONS), "What came of it")
    reason: str | None = coded(Code(KEEPING), "Why", default=None, when=("how", (KEPT,)))
    on_behalf: PartyId | None = coded(
        Party(outside=True),
        "Of another party",
        "That to which you forwarded it, if this is what it did.",
        default=None,
    )
    act: Id | None = coded(
        Hex(), "Its message", "The id of that in which it said so.", default=None
    )


@declare(
    "feedback",
    label="Give feedback",
    caption="{by:party} on an object: {as}",
    help="Say that you have seen it, that it is wrong or out of date, or that it helped. A later "
    "word on the same object takes the place of yours.",
    content=(REMARK,),
    refs=BATCH,
)
class Feedback(Coded):
    """A party's word on one object; ``count``, ``first`` and ``last`` (ms) are of all that it has
    seen of it until then. Whose systems they were is not said.
    """

    part: int = coded(PART, "Which object", "Its number in the message; the first is 0.")
    as_: str = coded(Code(FEEDBACK), "What you say of it")
    count: int | None = coded(Whole(1), "How often", default=None)
    first: int | None = coded(
        Instant(), "First", "With its zone, as in 2026-05-01T02:40Z.", default=None
    )
    last: int | None = coded(
        Instant(), "Last", "With its zone, as in 2026-05-03T02:40Z.", default=None
    )


@declare(
    "ask",
    label="Ask the source",
    caption="{by:party} asked for {what}",
    help="Ask who published it for a wider label, or for permission to forward it.",
    content=(TEXT,),
    refs=BATCH,
)
class Ask(Coded):
    """A question to the author of a batch, about one object or all of them."""

    part: int | None = coded(
        PART,
        "Which object",
        "Its number in the message, the first is 0; all of them if you leave it out.",
        default=None,
    )
    what: str = coded(Code(ASKS), "What you ask for")


@declare(
    "permit",
    label="Answer who asks",
    caption="{by:party} answered: {answer}",
    help="Answer who asks for a wider label, or for permission to forward what you published.",
    content=(REMARK,),
    refs=Refs(("ask",), "What was asked", most=1),
)
class Permit(Coded):
    """The author's answer. ``tlp`` is the new label of what is widened, for all members."""

    answer: str = coded(Code(ANSWERS), "Answer")
    tlp: str | None = coded(
        Code(TLPS), "New label", "Where you widen what you published yourself.", default=None
    )


@declare(
    "compare",
    label="Compare what is held",
    caption="{by:party} said what it holds: {count}",
    help="Say by one number what you hold of this circle, and by a list if you like, so that "
    "others can tell whether they hold the same.",
    content=(REMARK,),
    files=Files.MAY,
)
class Compare(Coded):
    """What its author holds of the acts it had seen: how many objects, and their ``root``."""

    root: str = coded(Digits((64,), "root"), "Root")
    count: int = coded(Whole(), "How many")


ACTS = (Publish, Forward, Retract, Relabel, Applied, Feedback, Ask, Permit, Compare)
read = reader(Open, *ACTS)
