"""The acts by which stakeholders are accredited, or are not, and go on being heard either way.

Every step is an act that all members see: who applied, until when objections were open, who
objected, how it was decided and until when, and what was written afterwards.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare
from comity.kernel.fieldtypes import Code, Flag, Handle, Instant
from comity.kernel.protocol import Refs
from comity.protocols._vocabulary.contacts import CATEGORIES
from comity.protocols.trust.community.codes import OUTCOMES, VOTES, WITHDRAWALS
from comity.protocols.trust.community.content import REMARK, TEXT, WHO, WHY
from comity.protocols.trust.community.forum import GRANTS

APPLICANT = Handle(plain=True, most=40)
APPLICATION = Refs(("apply",), "Application", most=1)


@declare(
    "apply",
    label="Apply for accreditation",
    caption="{by:party} brought the application of {applicant} as {category}",
    help="Apply to take part as a stakeholder, or write in an application that reached you.",
    content=(WHO, WHY),
)
class Apply(Coded):
    """An application under a handle. Who brings it writes for it, and is written to."""

    applicant: str = coded(APPLICANT, "Applicant", "A handle, as harbour_lab; names stand below.")
    category: str = coded(Code(CATEGORIES), "Category")


@declare(
    "circulate",
    label="Circulate an application",
    caption="{by:party} circulated an application, until {due}",
    help="Tell the members of an application, and until when they may object.",
    content=(REMARK,),
    refs=Refs(("apply", *GRANTS), "Application", least=2, most=2),
)
class Circulate(Coded):
    """An application as it is before the members until ``due`` (ms)."""

    due: int = coded(Instant(), "Until", "With its zone, as in 2026-05-15T00:00Z.")


@declare(
    "object",
    label="Object",
    caption="{by:party} objected to an application",
    help="Object to an application while it is circulated. A reason helps the applicant.",
    content=(REMARK,),
    refs=APPLICATION,
)
class Objection(Coded):
    """A member's objection; ``reasoned`` says that it gives its reason."""

    reasoned: bool | None = coded(
        Flag(), "With a reason", "It is written below, for all members.", default=None
    )


@declare(
    "lift",
    label="Lift an objection",
    caption="{by:party} lifted its objection",
    help="Take your objection back.",
    content=(REMARK,),
    refs=Refs(("object",), "Your objection", most=1),
)
class Lift(Coded):
    """The author's word that it objects no more."""


@declare(
    "vote",
    label="Vote",
    caption="{by:party} voted on an application: {word}",
    help="Vote on an application while it is circulated. A later vote takes the place of yours.",
    content=(REMARK,),
    refs=APPLICATION,
)
class Vote(Coded):
    """A member's vote."""

    word: str = coded(Code(VOTES), "Your vote")


@declare(
    "decide",
    label="Decide on an application",
    caption="{by:party} decided on an application: {outcome}",
    help="Say what was decided by the rule of the forum, and until when it holds.",
    content=(REMARK,),
    refs=Refs(("apply", "object", *GRANTS), "Application", "With the objections, if any.", least=2),
)
class Decide(Coded):
    """A decision by the rule of the forum. ``until`` is when an accreditation ends (ms)."""

    outcome: str = coded(Code(OUTCOMES), "Outcome")
    until: int | None = coded(
        Instant(),
        "Until",
        "With its zone, as in 2027-05-15T00:00Z.",
        default=None,
        when=("outcome", ("accredited",)),
    )


@declare(
    "end_accreditation",
    label="End an accreditation",
    caption="{by:party} ended an accreditation: {reason}",
    help="Say that an accreditation holds no more, and why.",
    content=(REMARK,),
    refs=Refs(("decide", *GRANTS), "Decision", least=2, most=2),
)
class EndAccreditation(Coded):
    """The secretariat's word that a decision to accredit holds no more."""

    reason: str = coded(Code(WITHDRAWALS), "Why")


@declare(
    "write",
    label="Write to the forum",
    caption="{by:party} wrote about an application",
    help="Write to the forum. That stays open to who applied, whatever was decided.",
    content=(TEXT,),
    refs=APPLICATION,
)
class Write(Coded):
    """Words of who brought an application, before or after the decision; all of it is content."""


@declare(
    "reply",
    label="Reply",
    caption="{by:party} replied to who applied",
    help="Reply for the forum to what was written.",
    content=(TEXT,),
    refs=Refs(("write", *GRANTS), "What was written", least=2, most=2),
)
class Reply(Coded):
    """The secretariat's reply; all of it is content."""


ACCREDITATION = (
    Apply,
    Circulate,
    Objection,
    Lift,
    Vote,
    Decide,
    EndAccreditation,
    Write,
    Reply,
)
RECORDABLE = frozenset(kind.KIND.kind for kind in (Apply, Write))
"""What a stakeholder without a node may do through a member that records it."""
