"""The charter of a circle: for what it shares, who may publish, and what may be done with it.

The ceiling of labels, the members and how more of them come stand in every charter already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.declare import Coded, coded, declare
from comity.kernel.fieldtypes import Code, Digits, Instant, Many, Party, Text, Whole
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Field
from comity.protocols._vocabulary.words import title
from comity.protocols.sharing.circle.codes import (
    ACTIONS,
    FORWARDERS,
    LANES,
    LISTED,
    MAY_OR_NOT,
    MOST_DAYS,
    MUST_MAY_OR_NOT,
    MUST_OR_MAY,
    PAPS,
    PUBLISHERS,
    PURPOSES,
)

if TYPE_CHECKING:
    from comity.kernel.ids import Id

COLLECTION = Digits((32,), "collection")
OPENING = (
    title(
        "A few words by which people will recognise the circle; programs show it as the title of "
        "its collection."
    ),
    Field("text", Text(), "What it is for", "And what is not to be shared in it.", search=True),
)


@declare(
    "charter",
    label="Open a circle",
    caption="Circle · {purpose} · opened by {by:party} · {at:day} · {act:act}",
    help="Share objects with other parties under rules that all of them see: how far they may go, "
    "what may be done with them, who may publish, and who may forward them.",
    content=OPENING,
)
class Open(Coded):
    """The rules of a circle. ``pap`` is the highest action allowed, none set where it is left out;
    ``retention`` are days after which members remove what they hold of it. ``listed`` publish where
    ``publishers`` says so, beside the chair, or the opener where there is none. ``collection`` is
    that of the circle that this one succeeds. The others are of the Information Exchange Policy,
    which is in force from ``starts`` to ``ends`` (ms).
    """

    purpose: str = coded(Code(PURPOSES), "Purpose")
    publishers: str = coded(Code(PUBLISHERS), "Who may publish")
    listed: list[PartyId] | None = coded(
        Many(Party(), most=32),
        "Publishers",
        "Beside the chair, or who opens it where there is none; also who has yet to join.",
        default=None,
        when=("publishers", (LISTED,)),
    )
    forward: str = coded(
        Code(FORWARDERS),
        "Who may forward what is AMBER or stricter",
        "Beyond this circle, to another. What is CLEAR or GREEN goes as far as its label says.",
    )
    pap: str | None = coded(
        Code(PAPS),
        "What may be done with it",
        "A message may allow less. Without a choice each message says it.",
        default=None,
    )
    retention: int | None = coded(
        Whole(1, MOST_DAYS),
        "Kept for (days)",
        "After them members remove what they hold; leave it out where there is no term.",
        default=None,
    )
    permitted_actions: str | None = coded(
        Code(ACTIONS), "Permitted actions (IEP)", "By FIRST's exchange policy.", default=None
    )
    encrypt_in_transit: str | None = coded(
        Code(MUST_OR_MAY), "Who passes it on encrypts it (IEP)", default=None
    )
    affected_party_notifications: str | None = coded(
        Code(MAY_OR_NOT), "Tell those affected (IEP)", default=None
    )
    attribution: str | None = coded(
        Code(MUST_MAY_OR_NOT), "Name the source when passing it on (IEP)", default=None
    )
    obfuscate_affected_parties: str | None = coded(
        Code(MUST_MAY_OR_NOT), "Make those affected unrecognisable (IEP)", default=None
    )
    unmodified_resale: str | None = coded(
        Code(MAY_OR_NOT), "Sell it on as it is (IEP)", default=None
    )
    starts: int | None = coded(
        Instant(), "The policy holds from", "With its zone, as in 2026-05-01T00:00Z.", default=None
    )
    ends: int | None = coded(
        Instant(), "The policy holds until", "With its zone, as in 2027-05-01T00:00Z.", default=None
    )
    collection: str | None = coded(
        COLLECTION,
        "Its collection",
        "The id of the collection of the circle that this one succeeds, so that programs go on "
        "reading where they read. Leave it out otherwise.",
        default=None,
    )
    lanes: list[str] | None = coded(
        Many(Code(LANES)),
        "Lanes",
        "Whose people deal with it; all if you leave it out.",
        default=None,
    )


def collection_of(charter: Id, terms: Open) -> str:
    """Return the id of a circle's collection, 32 hexadecimal digits.

    It is that which its charter keeps of the circle it succeeds, or else made of the charter's own
    id, in the shape of a random UUID (RFC 9562 section 5.4), which TAXII 2.1 section 5.1 asks for.
    """
    if terms.collection is not None:
        return terms.collection
    variant = "89ab"[int(charter[16], 16) % 4]
    return f"{charter[:12]}4{charter[13:16]}{variant}{charter[17:32]}"
