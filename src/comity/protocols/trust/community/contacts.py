"""The acts by which members nominate points of contact, and keep what is known of them.

Which particulars an act tells is coded, so that their age is known without them; the particulars
themselves are content. An act has one visibility, and its audience is what that says.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare
from comity.kernel.fieldtypes import Code, Handle, Instant, Many, Party
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Refs
from comity.protocols._vocabulary.contacts import FIELDS, ROLES, SOURCES, VISIBILITIES
from comity.protocols._vocabulary.sectors import SECTORS
from comity.protocols._vocabulary.states import State
from comity.protocols.trust.community.codes import ENDS, HOLDERS, REFUSALS
from comity.protocols.trust.community.content import LEAVER, PARTICULARS, REMARK
from comity.protocols.trust.community.forum import SEAT

CONTACT = Handle(plain=True, most=40)
TELLING = ("nominate", "detail", "hand_over")
"""The kinds that tell particulars for the directory."""
NOMINATION = Refs(("nominate",), "Nomination", most=1)


def contact_of() -> str:
    """Declare the contact that an act is about."""
    return coded(CONTACT, "Contact", "That of what you cite, if you leave it out.")


def fields_of(label: str, help_: str) -> list[str]:
    """Declare which particulars an act is about."""
    return coded(Many(Code(FIELDS)), label, help_)


def visibility_of() -> str:
    """Declare who sees the particulars of an act."""
    return coded(
        Code(VISIBILITIES),
        "Seen by",
        "All particulars of this message; say those for others in another.",
    )


@declare(
    "nominate",
    label="Nominate a contact",
    caption="{by:party} nominated {contact} for {seat}: {role}",
    help="Say who is to be contacted, for whom, about what, and how. Names and numbers can be "
    "erased; what is coded cannot.",
    content=PARTICULARS,
    refs=Refs(
        ("nominate",),
        "Instead of",
        "Your earlier nomination, if its other particulars stay. Without it they are told anew.",
        0,
        1,
    ),
)
class Nominate(Coded):
    """A point of contact of its author, under a handle of the author's own.

    ``kept_by`` is a member that is this contact, or keeps it, and may tell, confirm and hand over
    its particulars. ``sectors`` and ``states`` are those that it answers for: a nomination that
    replaces another says them anew. ``since`` and ``until`` are when it speaks for the seat (ms).
    ``fields`` are the particulars told here, none where others tell them.
    """

    contact: str = coded(
        CONTACT, "Contact", "A handle that stays, as ops_desk; never the name of a person."
    )
    seat: str = coded(
        SEAT, "Seat", "For whom it speaks: a country code or short name in small letters."
    )
    role: str = coded(Code(ROLES), "Role")
    holder_is: str = coded(Code(HOLDERS), "Person or desk")
    kept_by: PartyId | None = coded(
        Party(),
        "Kept by",
        "The member that is this contact, and may tell its particulars itself.",
        default=None,
    )
    source: str = coded(Code(SOURCES), "Where you have it from")
    sectors: list[str] | None = coded(
        Many(Code(SECTORS)),
        "Sectors",
        "Those that it answers for, so that it is found when they are affected.",
        default=None,
    )
    states: list[str] | None = coded(
        Many(State()),
        "States",
        "Those that it serves, by their ISO 3166 codes: fr, de. The one that its seat names need "
        "not stand here.",
        default=None,
    )
    since: int | None = coded(
        Instant(), "Since", "With its zone, as in 2026-05-01T00:00Z.", default=None
    )
    until: int | None = coded(
        Instant(), "Until", "With its zone, as in 2027-05-01T00:00Z.", default=None
    )
    fields: list[str] | None = coded(
        Many(Code(FIELDS)), "Particulars told", "Those that you write below.", default=None
    )
    visibility: str = visibility_of()


@declare(
    "detail",
    label="Tell particulars",
    caption="{by:party} told particulars of {contact}",
    help="Tell more of a contact, or what has changed. One message for each who may see it.",
    content=PARTICULARS,
    refs=NOMINATION,
)
class Detail(Coded):
    """Particulars of one visibility; each takes the place of what was told of it before."""

    contact: str = contact_of()
    fields: list[str] = fields_of("Particulars told", "Those that you write below.")
    visibility: str = visibility_of()


@declare(
    "confirm",
    label="Confirm that it is still right",
    caption="{by:party} confirmed particulars of {contact}",
    help="Say that particulars are still right. That keeps them fresh; writing nothing does not.",
    refs=Refs(TELLING, "Told in", "The messages that tell them.", most=16),
)
class Confirm(Coded):
    """The word that ``fields``, as the acts cited tell them, are right at the act's own time."""

    contact: str = contact_of()
    fields: list[str] = fields_of("Particulars", "Those that are still right.")


@declare(
    "hand_over",
    label="Hand a contact over",
    caption="{by:party} handed {contact} over, as of {since}",
    help="Say in one message who leaves, who comes, and who the deputies are. What you tell takes "
    "the place of what was told; what you leave out stays.",
    content=(LEAVER, *PARTICULARS),
    refs=NOMINATION,
)
class HandOver(Coded):
    """A change of who holds a contact as of ``since`` (ms): leaver, joiner, deputies at once."""

    contact: str = contact_of()
    holder_is: str = coded(Code(HOLDERS), "Person or desk")
    since: int = coded(Instant(), "As of", "With its zone, as in 2026-05-01T00:00Z.")
    fields: list[str] = fields_of("Particulars told", "Those that you write below.")
    visibility: str = visibility_of()


@declare(
    "end",
    label="End a nomination",
    caption="{by:party} ended {contact}: {reason}",
    help="Say that it is no contact any more. Its particulars can be erased as well.",
    content=(REMARK,),
    refs=NOMINATION,
)
class End(Coded):
    """The nominator's word that a contact speaks for its seat no more."""

    contact: str = contact_of()
    reason: str = coded(Code(ENDS), "Why")


@declare(
    "ask_detail",
    label="Ask for particulars",
    caption="{by:party} asked for particulars of {contact}",
    help="Ask for what is given on request. Everybody here sees that you asked.",
    content=(REMARK,),
    refs=NOMINATION,
)
class AskDetail(Coded):
    """A request for particulars, to who keeps them."""

    contact: str = contact_of()
    fields: list[str] = fields_of("Particulars", "Those that you ask for.")


@declare(
    "give",
    label="Give particulars",
    caption="{by:party} gave particulars of {contact}",
    help="Give what was asked for to who asked, and to nobody else.",
    content=PARTICULARS,
    refs=Refs(("ask_detail",), "What was asked", most=1),
)
class Give(Coded):
    """Particulars for who asked alone."""

    contact: str = contact_of()
    fields: list[str] = fields_of("Particulars given", "Those that you write below.")


@declare(
    "refuse_detail",
    label="Do not give particulars",
    caption="{by:party} does not give particulars",
    help="Say that you do not give what was asked for. A reason helps, and is not asked for.",
    content=(REMARK,),
    refs=Refs(("ask_detail",), "What was asked", most=1),
)
class RefuseDetail(Coded):
    """The word that nothing is given; giving it afterwards is open."""

    reason: str | None = coded(Code(REFUSALS), "Why", default=None)


CONTACTS = (Nominate, Detail, Confirm, HandOver, End, AskDetail, Give, RefuseDetail)
