"""The acts of a disclosure, one frozen type per kind. Each party speaks for itself alone.

Attributes are coded and signed in the header, and every member is given them. No field says who is
to blame. What a vulnerability is called is a code, as ``cve-2026-0417``; what it is, is content.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Handle, Hex, Instant, Many, Party, Whole
from comity.kernel.ids import Id, PartyId
from comity.kernel.office import Office
from comity.kernel.protocol import Files, Refs
from comity.protocols.response.disclosure.codes import (
    BASES,
    CLAIMS,
    DUTIES,
    ENDINGS,
    FIXES,
    REFUSALS,
    RELATIONS,
    ROLES,
    STAGES,
    USES,
    WORDS,
)
from comity.protocols.response.disclosure.content import (
    EVIDENCE,
    OPEN_REMARK,
    OPEN_TEXT,
    PLACES,
    REMARK,
    REPORT,
    TEXT,
    TITLE,
)

WHEN = "With its zone, as in 2026-05-03T18:00Z."
NAME = Handle("name", plain=True, most=40)
VULNERABILITY = (NAME, "Vulnerability", "Its code, as cve-2026-0417; leave it out for all.")
PRODUCT = (NAME, "Product", "A code of yours for it, as gateway-3; leave it out for all.")
REPORTED = Refs(("charter",), "Reported with", "The message that reported it.", most=1)
TERMS = Refs(("propose",), "Terms", "The terms proposed.", most=1)
PASSING_ON = Many(Code(DUTIES), most=len(DUTIES))
PASS_ON = (
    PASSING_ON,
    "Whom the law makes you tell",
    "What your law obliges you to pass on before the end, and to whom. Say so where it is nobody.",
)
ADVISORY = (Hex("sha256"), "SHA-256 of its file", "Of the very bytes that go out.")
WITHIN = (Whole(0, 8784), "Within how many hours", "The shortest time that the law leaves you.")


@declare(
    "charter",
    label="Report a vulnerability",
    caption="Vulnerability · reported by {by:party} as {role} · {at:day} · {act:act}",
    help="Tell others of a vulnerability. They are given what you write when they have agreed to "
    "terms; propose these next.",
    content=(TITLE, REPORT),
    files=Files.MAY,
)
class Report(Coded):
    """The report: in which ``role`` it is made, codes of what it is about, when it was ``found``
    (milliseconds).
    """

    role: str = coded(Code(ROLES), "What you are in this")
    names: list[str] | None = coded(
        Many(NAME, most=16),
        "Vulnerabilities",
        "Their codes, as cve-2026-0417, if they have any. All members see them.",
        default=None,
    )
    found: int | None = coded(Instant(), "When it was found", WHEN, default=None)


@declare(
    "name",
    label="Give a vulnerability a code",
    caption="{by:party} named a vulnerability: {name}",
    help="Say under which code one is known, as that of the CVE list. All members see the code.",
    content=(REMARK,),
)
class Name(Coded):
    """A code of one vulnerability that the case is about."""

    name: str = coded(NAME, "Code", "As cve-2026-0417.")


@declare(
    "handle",
    label="Say what you do with the report",
    caption="{by:party} on the report: {stage}",
    help="Say that you received it, whether you found it valid, and whether you work on it.",
    content=(REMARK,),
    refs=REPORTED,
    timed=True,
)
class HandleReport(Coded):
    """How a party handles the report; a later word takes the place of the earlier."""

    stage: str = coded(Code(STAGES), "The report is")
    role: str | None = coded(Code(ROLES), "What you are in this", default=None)


@declare(
    "status",
    label="Say whether a product is affected",
    caption="{by:party}: {word}",
    help="Say it of your own products. What you say last of the same counts.",
    content=(REMARK,),
)
class Status(Coded):
    """A party's word on its own ``product`` and one ``vulnerability``, of all without them."""

    word: str = coded(Code(WORDS), "It is")
    product: str | None = coded(*PRODUCT, default=None)
    vulnerability: str | None = coded(*VULNERABILITY, default=None)


@declare(
    "fix",
    label="Say how far a fix is",
    caption="{by:party}: {step}",
    help="Say that a fix of your own is ready, or deployed.",
    content=(REMARK,),
    files=Files.MAY,
)
class Fix(Coded):
    """How far the fix of an own ``product`` is, of all without one."""

    step: str = coded(Code(FIXES), "How far")
    product: str | None = coded(*PRODUCT, default=None)


@declare(
    "claim",
    label="Say that it is out",
    caption="{by:party} says: {what}, {basis}",
    help="Say that the public knows, or that it is exploited. Each party judges by itself whether "
    "that ends the embargo for it; your word stays, and says on what it rests.",
    content=(EVIDENCE,),
    timed=True,
    files=Files.MAY,
)
class Claim(Coded):
    """A claim, which stands for ever under its author; ``seen`` is when (milliseconds)."""

    what: str = coded(Code(CLAIMS), "What is so")
    basis: str = coded(Code(BASES), "On what basis")
    seen: int | None = coded(Instant(), "Since when", WHEN, default=None)


@declare(
    "retract",
    label="Take back what you said was out",
    caption="{by:party} took back a claim",
    help="Say that you were wrong. Both words stand side by side.",
    content=(REMARK,),
    refs=Refs(("claim",), "What you take back", most=1),
    timed=True,
)
class Retract(Coded):
    """The author's further word, that a claim of its own was wrong."""


@declare(
    "propose",
    label="Propose terms",
    caption="{by:party} proposed an embargo until {end}, {use}",
    help="Propose until when nobody publishes. You agree to what you propose; of the ends that "
    "parties hold to, the earliest counts. Propose anew to change your own.",
    content=(OPEN_REMARK,),
    refs=Refs(("propose",), "Instead of", "The terms that you cannot agree to, if any.", 0, 1),
    timed=True,
)
class Propose(Coded):
    """Terms, known by the id of this act: nothing is published before ``end`` (milliseconds), and
    all is used for defence. ``duties`` and ``within`` are the proposer's own.
    """

    end: int = coded(Instant(), "End", "From a day to a year from now. " + WHEN)
    use: str = coded(Code(USES), "What it is used for")
    duties: list[str] = coded(*PASS_ON)
    within: int | None = coded(*WITHIN, default=None)
    reply_by: int | None = coded(
        Instant(), "Reply needed by", "A day from now at least. " + WHEN, default=None
    )


@declare(
    "accept",
    label="Agree to terms",
    caption="{by:party} agreed to terms",
    help="Agree, and say whom your law makes you tell. You are then given what was written.",
    content=(OPEN_REMARK,),
    refs=TERMS,
    timed=True,
)
class Accept(Coded):
    """One party's consent to terms, with its ``duties`` under law, and ``within`` how many hours.

    What a party agreed to last is what it holds to.
    """

    duties: list[str] = coded(*PASS_ON)
    within: int | None = coded(*WITHIN, default=None)


@declare(
    "refuse",
    label="Refuse terms",
    caption="{by:party} refused terms: {reason}",
    help="Say that you do not agree. If you agreed before, that ends the embargo for all.",
    content=(OPEN_REMARK,),
    refs=TERMS,
    timed=True,
)
class Refuse(Coded):
    """One party's refusal of terms; of what it holds to it is a withdrawal."""

    reason: str = coded(Code(REFUSALS), "Why")


@declare(
    "withdraw",
    label="Withdraw from terms",
    caption="{by:party} withdrew from terms: {reason}",
    help="End the embargo, for all. Everyone sees that it was you. It is no duty to publish.",
    content=(OPEN_REMARK,),
    refs=TERMS,
    timed=True,
)
class Withdraw(Coded):
    """One party's word that it no longer holds to the terms that it agreed to."""

    reason: str = coded(Code(ENDINGS), "Why")


@declare(
    "discuss",
    label="Write about terms",
    caption="{by:party} wrote about terms",
    help="Ask about terms or explain them, to all members.",
    content=(OPEN_TEXT,),
    refs=Refs(("propose", "discuss"), "About", "The messages that it is about, if any.", 0),
)
class Discuss(Coded):
    """Something said about terms, also to those who agreed to none."""


@declare(
    "inform",
    label="Inform",
    caption="{by:party} informed",
    help="Say something to all who agreed to terms, with files.",
    content=(TEXT,),
    refs=Refs(("charter", "inform", "claim"), "Adds to", "Messages that it adds to, if any.", 0),
    files=Files.MAY,
)
class Inform(Coded):
    """Something said about the vulnerability."""


@declare(
    "ready",
    label="Announce your advisory",
    caption="{by:party} has its advisory ready",
    help="Promise to publish an advisory at the end that was agreed. The page of the disclosure "
    "checks it first, fills this in, and has it go out at that moment by itself.",
    content=(REMARK,),
    timed=True,
)
class Ready(Coded):
    """The promise to publish what has this ``hash`` at the agreed end; what is said last counts."""

    hash: Id = coded(*ADVISORY)


@declare(
    "unready",
    label="Say that your advisory is not ready",
    caption="{by:party} has no advisory ready",
    help="Say that yours is still to come, or take back what you announced: then nothing goes out.",
    content=(REMARK,),
    timed=True,
)
class Unready(Coded):
    """Its author's word that it has none ready, any more or yet."""


@declare(
    "publish",
    label="Say that you published",
    caption="{by:party} published at {time}",
    help="Say when and where you published. The end of the terms is when all do so together.",
    content=(PLACES,),
    refs=Refs(("ready",), "Announced with", "The message that announced it, if any.", 0, 1),
    timed=True,
    files=Files.MAY,
)
class Publish(Coded):
    """Notice that its author published at ``time`` (milliseconds): the public knows from then.

    ``hash`` is of what was published; ``due`` the agreed end (ms) at which it was to be, so that
    what was late is seen to be.
    """

    time: int = coded(Instant(), "When", WHEN)
    hash: Id | None = coded(*ADVISORY, default=None)
    due: int | None = coded(
        Instant(), "The agreed end", f"If it went out because of that. {WHEN}", default=None
    )


@declare(
    "link",
    label="Link to another dossier",
    caption="{by:party} linked another dossier: {relation}",
    help="Say that another case is about the same flaw. Both stay as they are, and only who is in "
    "the other can open it.",
    content=(REMARK,),
)
class Link(Coded):
    """How its author sees this case belong with another dossier; a later word on the same dossier
    takes the place of the earlier.
    """

    relation: str = coded(Code(RELATIONS), "This case is")
    dossier: Id = coded(Hex("dossier"), "The other dossier")


@declare(
    "offer_coordination",
    label="Hand over coordination",
    caption="{by:party} offered coordination to {to}",
    help="Offer another member to coordinate. It does when it has agreed.",
    content=(OPEN_REMARK,),
    refs=Refs(("charter", "offer_coordination"), "By what you coordinate", most=1),
)
class OfferCoordination(Coded):
    """The offer of the coordinator's role to the member ``to``."""

    to: PartyId = coded(Party(), "To whom")


@declare(
    "take_coordination",
    label="Take over coordination",
    caption="{by:party} coordinates",
    help="Agree to coordinate. That gives no power over others: all may do what they could.",
    content=(OPEN_REMARK,),
    refs=Refs(("offer_coordination",), "What was offered", most=1),
)
class TakeCoordination(Coded):
    """The offer's acceptance by the member that it was made to."""


ACTS = (
    Name,
    HandleReport,
    Status,
    Fix,
    Claim,
    Retract,
    Propose,
    Accept,
    Refuse,
    Withdraw,
    Discuss,
    Inform,
    Ready,
    Unready,
    Publish,
    Link,
    OfferCoordination,
    TakeCoordination,
)
COORDINATOR = Office(
    name="coordinator",
    label="Coordinator",
    acts=(),
    hand_over="offer_coordination",
    accept="take_coordination",
)
"""Whose word others may give more weight. No act needs it, so that its loss holds up nobody."""
RECORDABLE = frozenset(
    kind.KIND.kind for kind in (Claim, Retract, Propose, Accept, Refuse, Withdraw, Discuss, Inform)
)
"""What a finder without a node may do through a member that records it."""
read = reader(Report, *ACTS)
