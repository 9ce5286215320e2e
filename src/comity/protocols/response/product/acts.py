"""The acts of a joint product, one frozen type per kind. Attributes are coded and signed in the
header; what a paragraph says is content, and its label is that of its act.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Hex, Instant, Many, Whole
from comity.kernel.ids import Id
from comity.kernel.protocol import Files, Refs
from comity.protocols._vocabulary.words import REMARK, TEXT, title
from comity.protocols.response.product.codes import PART, POSITIONS, PRODUCTS, REASONS

MOST_PLACES = 999
"""The last place of a paragraph."""
NAMED = Many(Hex("act"))

TITLE = title()


@declare(
    "charter",
    label="Write something together",
    caption="{by:party} began a {product}",
    help="Draft a warning, an advisory or a statement with others, and publish it with the names "
    "of those who stand behind it.",
    content=(TITLE, TEXT),
    files=Files.MAY,
)
class Open(Coded):
    """What is to be written; ``dossier`` is the case it is written on, if one is to be named."""

    product: str = coded(Code(PRODUCTS), "What is written")
    dossier: Id | None = coded(
        Hex("dossier"),
        "Written on",
        "The id of the case, if all members may know that there is one.",
        default=None,
    )


@declare(
    "paragraph",
    label="Write a paragraph",
    caption="{by:party} wrote a paragraph for place {place}",
    help="Write one paragraph under its own label. What you write last at its place counts.",
    content=(TEXT,),
    refs=Refs(("paragraph",), "In place of", "The paragraph that it would replace.", 0, 1),
    files=Files.MAY,
)
class Paragraph(Coded):
    """One paragraph. ``place`` orders them, at one place by id; ``sources`` are the acts, of any
    dossier, that it rests on.
    """

    place: int = coded(Whole(1, MOST_PLACES), "Place", "Paragraphs stand in the order of these.")
    sources: list[Id] | None = coded(
        NAMED, "Rests on", "Ids of the messages that it rests on, in any dossier.", default=None
    )


@declare(
    "take_back",
    label="Take a paragraph back",
    caption="{by:party} took a paragraph back",
    help="Say that a paragraph of yours is to be in no further draft.",
    content=(REMARK,),
    refs=Refs(("paragraph",), "Which paragraph", most=1),
)
class TakeBack(Coded):
    """The author of a paragraph wants it in no further draft."""


@declare(
    "comment",
    label="Comment",
    caption="{by:party} commented",
    help="Say something about paragraphs or drafts, without taking a position.",
    content=(TEXT,),
    refs=Refs(("paragraph", "draft", "comment", "publish"), "About", "What you speak of.", 0),
)
class Comment(Coded):
    """A word about what is written; all of it is content."""


@declare(
    "draft",
    label="Put a draft forward",
    caption="{by:party} put a draft forward",
    help="Ask the others whether they stand behind these paragraphs, under this label.",
    content=(REMARK,),
    refs=Refs(("paragraph",), "Its paragraphs"),
    timed=True,
)
class Draft(Coded):
    """A draft: the paragraphs cited, by place. ``due`` is when a position is needed (ms)."""

    due: int | None = coded(
        Instant(), "Positions needed by", "With its zone, as in 2026-05-03T18:00Z.", default=None
    )


@declare(
    "position",
    label="Say where you stand",
    caption="{by:party} on the draft: {position}",
    help="Say whether your party stands behind a draft. A later word takes the place of the "
    "earlier, also after publication.",
    content=(REMARK,),
    refs=Refs(("draft",), "Which draft", most=1),
    timed=True,
)
class Position(Coded):
    """A party's word on a draft; ``apart`` are the paragraphs that it does not stand behind."""

    position: str = coded(Code(POSITIONS), "Where you stand")
    apart: list[Id] | None = coded(
        NAMED,
        "But for",
        "The paragraphs that you do not stand behind.",
        default=None,
        when=("position", (PART,)),
    )


@declare(
    "publish",
    label="Publish",
    caption="{by:party} published it",
    help="Say that a draft is published, with all positions as they are now.",
    content=(REMARK,),
    refs=Refs(("draft",), "Which draft", most=1),
    timed=True,
)
class Publish(Coded):
    """A draft becomes public at ``at`` (ms), to all under its label at once; now where it is left
    out. A later publication takes the place of the earlier.
    """

    at: int | None = coded(
        Instant(), "Public at", "With its zone; now, if you leave it out.", default=None
    )


@declare(
    "withdraw",
    label="Withdraw",
    caption="{by:party} withdrew it: {reason}",
    help="Say that what was published no longer stands. It stays on record.",
    content=(REMARK,),
    refs=Refs(("publish",), "Which publication", most=1),
    timed=True,
)
class Withdraw(Coded):
    """What was published stands no longer."""

    reason: str = coded(Code(REASONS), "Why")


ACTS = (Paragraph, TakeBack, Comment, Draft, Position, Publish, Withdraw)
read = reader(Open, *ACTS)
