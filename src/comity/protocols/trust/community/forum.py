"""The acts by which a forum is opened and kept: its policy, its members' places, its secretariat.

What the secretariat says cites what gives it the office: the charter, or a hand-over that it took.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare
from comity.kernel.fieldtypes import Code, Handle, Many, Party, Whole
from comity.kernel.ids import PartyId
from comity.kernel.office import Office
from comity.kernel.protocol import Refs
from comity.protocols._vocabulary.contacts import CATEGORIES, VISIBILITIES
from comity.protocols.trust.community.codes import (
    ACCREDITING,
    LANES,
    MOST_DAYS,
    MOST_OBJECTING,
    STANDS,
)
from comity.protocols.trust.community.content import OPENING, REMARK

SEAT = Handle(plain=True, most=32)
"""For whom a contact speaks. Short, and without what parts the values of subjects."""
GRANTS = ("charter", "hand_office")
BY_OFFICE = Refs(GRANTS, "By office", "What gave you the office.", most=1)


@declare(
    "charter",
    label="Open a community",
    caption="Community · opened by {by:party} · {at:day} · {act:act}",
    help="Open the file of a forum, or of a party's own list of contacts: its members nominate "
    "points of contact, and everybody in it sees who said what, and how fresh it is.",
    content=OPENING,
)
class Open(Coded):
    """The rules of a forum. ``freshness`` and ``cadence`` are days: after how many a particular
    that nobody confirmed is no longer fresh, and how often contacts are to be checked.
    ``visibility`` is what forms propose. ``decides`` is how stakeholders are accredited, not at
    all where it is left out; ``objecting`` are the days for objections, 14 where it is.
    """

    freshness: int = coded(
        Whole(1, MOST_DAYS), "Fresh for (days)", "After them a particular is to be confirmed."
    )
    cadence: int = coded(
        Whole(1, MOST_DAYS), "Checked every (days)", "How often contacts are to be tried."
    )
    visibility: str = coded(
        Code(VISIBILITIES), "Usually seen by", "What is proposed for particulars."
    )
    decides: str | None = coded(
        Code(ACCREDITING),
        "Stakeholders are accredited",
        "Leave it out where nobody is accredited.",
        default=None,
    )
    objecting: int | None = coded(
        Whole(1, MOST_OBJECTING),
        "Days for objections",
        "At least so long an application is circulated; 14 if you leave it out.",
        default=None,
    )
    lanes: list[str] | None = coded(
        Many(Code(LANES)),
        "Lanes",
        "Whose people deal with it; all if you leave it out.",
        default=None,
    )


@declare(
    "set_policy",
    label="Change the policy",
    caption="{by:party} changed the policy",
    help="Say anew for how long particulars are fresh, how often contacts are checked, or by whom "
    "particulars are usually seen. What you leave out stays.",
    content=(REMARK,),
    refs=BY_OFFICE,
)
class SetPolicy(Coded):
    """What holds from now on, in days and codes as in the charter; at least one of them."""

    freshness: int | None = coded(Whole(1, MOST_DAYS), "Fresh for (days)", default=None)
    cadence: int | None = coded(Whole(1, MOST_DAYS), "Checked every (days)", default=None)
    visibility: str | None = coded(Code(VISIBILITIES), "Usually seen by", default=None)


@declare(
    "place",
    label="Say what a member is",
    caption="{by:party} placed {party} as {category}",
    help="Say for the forum in which category a member takes part.",
    content=(REMARK,),
    refs=BY_OFFICE,
)
class Place(Coded):
    """The category of a member; a later word takes the place of the earlier."""

    party: PartyId = coded(Party(own=True), "Member")
    category: str = coded(Code(CATEGORIES), "Category")


@declare(
    "recognise",
    label="Say whose nominations are listed",
    caption="{by:party} on {seat}: {authority} is {stand}",
    help="Say whose nominations this forum lists for a seat. What others nominate for it is shown "
    "beside them, as not listed.",
    content=(REMARK,),
    refs=BY_OFFICE,
)
class Recognise(Coded):
    """Whose nominations the forum lists for a seat; a later word takes the place of the earlier."""

    seat: str = coded(
        SEAT, "Seat", "For whom its contacts speak: a country code or short name in small letters."
    )
    authority: PartyId = coded(Party(own=True), "Authority", "The member that nominates for it.")
    stand: str = coded(Code(STANDS), "It is")


@declare(
    "hand_office",
    label="Hand over the secretariat",
    caption="{by:party} offered the secretariat to {to}",
    help="Offer the office to another member; you hold it until that member takes it.",
    content=(REMARK,),
    refs=BY_OFFICE,
)
class HandOffice(Coded):
    """An offer of the office to the member ``to``."""

    to: PartyId = coded(Party(), "To")


@declare(
    "take_office",
    label="Take the secretariat",
    caption="{by:party} took the secretariat",
    help="Take the office that was offered to you.",
    content=(REMARK,),
    refs=Refs(("hand_office",), "The offer", most=1),
)
class TakeOffice(Coded):
    """Acceptance of the office, by whom it was offered to."""


FORUM = (SetPolicy, Place, Recognise, HandOffice, TakeOffice)
SECRETARIAT = Office(
    "secretariat",
    "secretariat",
    ("set_policy", "place", "recognise", "circulate", "decide", "end_accreditation", "reply"),
    "hand_office",
    "take_office",
)
