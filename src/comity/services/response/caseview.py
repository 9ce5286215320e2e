"""A coordinated disclosure as it is shown: what parties said, and what this node makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.ids import Id, PartyId

if TYPE_CHECKING:
    from comity.engines.embargo import Belief, Keeping, Outlook
    from comity.protocols._vocabulary.linking import Linked
    from comity.protocols.response.disclosure.embargo import Embargo

READY, NOT_READY = "ready", "not_ready"
"""What a party says of its advisory, "" while it says nothing."""
NO_REPLY, TO_COME, UNASKED = "no_reply", "to_come", "unasked"
"""Of terms: a member said nothing on them; an invited party cannot yet; none were proposed."""
MEMBER, INVITED, DECLINED = "member", "invited", "declined"


@dataclass(frozen=True, slots=True, order=True)
class ProductWord:
    """A party's word on a ``product`` and a ``vulnerability``, "" for all of them."""

    product: str
    vulnerability: str
    word: str


@dataclass(frozen=True, slots=True, order=True)
class ProductFix:
    """How far a party's fix of a ``product`` is, "" for all of them."""

    product: str
    step: str


@dataclass(frozen=True, slots=True)
class PublishedAdvisory:
    """That a party says by ``act`` that it published at ``time``, for the agreed end ``due`` if it
    did for one (ms), what has the SHA-256 ``hash``, "" where it does not say.
    """

    act: Id
    time: int
    due: int | None
    hash: str


@dataclass(frozen=True, slots=True)
class DisclosureParty:
    """A party, or a guest of one: ``place`` is that in the dossier, or guest; ``role`` as it says,
    "" where it does not.

    ``consent`` is agreed, refused, countered or withdrawn, or else no_reply, which is no refusal,
    to_come, or unasked while no terms were proposed; ``until`` is the end it holds to (ms),
    ``duties`` and ``within`` (hours) what its law makes it pass on. ``stage`` is how it handles
    the report, ``words`` and ``fixes`` what it says of its products, "" and empty while it says
    nothing. ``reached`` is how far
    the report got from here: queued, sent, received, whole, refused, undeliverable, "" where this
    node did not send it. ``advisory`` is ready, not_ready or "", and ``published`` its newest word
    that it published.
    """

    party: PartyId
    name: str
    place: str
    role: str
    consent: str
    until: int | None
    duties: tuple[str, ...]
    within: int | None
    stage: str
    words: tuple[ProductWord, ...]
    fixes: tuple[ProductFix, ...]
    reached: str
    advisory: str = ""
    published: PublishedAdvisory | None = None

    @property
    def is_silent(self) -> bool:
        """Whether a member has said nothing at all: no reply, and neither a refusal nor a "no"."""
        said = self.stage or self.words or self.fixes
        return self.place == MEMBER and self.consent == NO_REPLY and not said


@dataclass(frozen=True, slots=True)
class EmbargoEnding:
    """Who ended an embargo, by which act at ``time`` (ms), with the code of its reason and kind."""

    name: str
    act: Id
    time: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class OutClaim:
    """A claim that it is out: by whom, ``what``, on which ``basis``; ``seen`` (ms) if it says when.

    ``believed`` says that we end the embargo for ourselves on it.
    """

    name: str
    act: Id
    time: int
    what: str
    basis: str
    seen: int | None
    taken_back: bool
    believed: bool


@dataclass(frozen=True, slots=True)
class TermsProposed:
    """The newest terms of a party: the ``act`` that proposes them, their ``end`` and by when a
    reply is needed, if it is (ms).
    """

    name: str
    act: Id
    end: int
    reply_by: int | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A disclosure: ``names`` are codes of vulnerabilities, ``coordinator`` is "" where nobody has
    the office; ``keeping`` is our own view, and ``terms`` are the newest that each party proposed.
    ``spread`` is how long after the first party the last one published for the same agreed end
    (ms), None until two have. ``links`` say how it belongs with other dossiers; ``with_us`` are the
    other cases of the same flaw in which this party agreed to terms too, and ``end`` is the
    earliest of all ends that bind it, this case's among them.
    """

    dossier: Id
    names: tuple[str, ...]
    coordinator: str
    embargo: Embargo
    terms: tuple[TermsProposed, ...]
    endings: tuple[EmbargoEnding, ...]
    claims: tuple[OutClaim, ...]
    belief: Belief
    keeping: Keeping
    parties: tuple[DisclosureParty, ...]
    spread: int | None
    links: tuple[Linked, ...]
    with_us: tuple[SameFlaw, ...]
    end: int | None

    def name(self, party: PartyId) -> str:
        """Return what a party or guest is called that has a line of its own."""
        return next((each.name for each in self.parties if each.party == party), party[:8])


@dataclass(frozen=True, slots=True)
class SameFlaw:
    """Another case of the same flaw, and the ``outlook`` of its embargo for this party."""

    dossier: Id
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long an embargo lasts for this party: from ``since``, when it and another had agreed to
    the same terms, to the ``end`` it agreed to last; ``until`` is when it ended and ``keeping`` by
    what, None while it is kept; ``spread`` is how far apart equals published (ms), if they did.
    """

    since: int
    end: int
    until: int | None
    keeping: Keeping
    spread: int | None
