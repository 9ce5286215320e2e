"""Whether a party here still keeps to an embargo: each node's own rule over what others claim.

That a vulnerability is out is claimed by parties, and the claims stand, signed, in the case. Which
of them end the embargo for us is ours to say: one false claim would otherwise end every embargo,
and what nobody may doubt would be worth claiming falsely. What we saw ourselves ends it always;
else so many parties that saw it independently, or the coordinator, as the rule says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Said(NamedTuple):
    """A claim: the ``act`` that makes it, the party ``by`` which, whether it rests on that party's
    ``own`` observation, and whether it was ``taken_back``. Of a ``guest`` it is by its host: guests
    of one party are no several parties, and what one saw is not what its host saw.
    """

    act: str
    by: str
    own: bool
    taken_back: bool
    guest: bool = False


class Rule(NamedTuple):
    """How many ``parties`` that observed it themselves are believed, none with 0, and whether the
    ``coordinator`` alone is.
    """

    parties: int = 2
    coordinator: bool = True


class Because(StrEnum):
    """Why claims are believed."""

    OWN = "own"
    PARTIES = "parties"
    COORDINATOR = "coordinator"


class Belief(NamedTuple):
    """That it is out, ``because`` of the claims ``acts``; None where it is not believed."""

    because: Because | None
    acts: tuple[str, ...]


class Keeping(StrEnum):
    """Whether the party here keeps to an embargo."""

    NONE = "none"
    """It holds to no terms."""
    KEEPS = "keeps"
    OUT = "out"
    """Claims that it is out are believed here."""
    WITHDRAWN = "withdrawn"
    """A party has ended it."""
    PAST = "past"
    """The end has come."""


def believe(claims: Iterable[Said], rule: Rule, *, me: str, coordinator: str) -> Belief:
    """Return whether it is believed here that a vulnerability is out, and on which claims.

    A claim that was taken back is not. ``coordinator`` is empty where nobody holds the office.
    """
    standing = [claim for claim in claims if not claim.taken_back]
    seen = [claim for claim in standing if claim.own]
    if own := [claim for claim in seen if claim.by == me and not claim.guest]:
        return Belief(Because.OWN, _acts(own))
    if rule.parties and len({claim.by for claim in seen}) >= rule.parties:
        return Belief(Because.PARTIES, _acts(seen))
    told = [c for c in standing if coordinator and c.by == coordinator and not c.guest]
    if rule.coordinator and told:
        return Belief(Because.COORDINATOR, _acts(told))
    return Belief(None, ())


def _acts(claims: Sequence[Said]) -> tuple[str, ...]:
    return tuple(sorted(claim.act for claim in claims))


def keeping(*, held: bool, ended: bool, end: int | None, belief: Belief, now: int) -> Keeping:
    """Return whether the party here keeps to an embargo at ``now``.

    ``held`` says whether it holds to terms in the case, ``ended`` whether a party has ended the
    embargo, ``end`` is the earliest that is held to; times in milliseconds.
    """
    if ended:
        return Keeping.WITHDRAWN
    if not held or end is None:
        return Keeping.NONE
    if end <= now:
        return Keeping.PAST
    return Keeping.KEEPS if belief.because is None else Keeping.OUT


class Course(StrEnum):
    """What becomes of an advisory that was announced for the agreed end of an embargo."""

    WAITS = "waits"
    DUE = "due"
    """The embargo came to its agreed end: it goes out by itself."""
    EARLY = "early"
    """Something else ended it, or there is no end to keep: people decide."""


class Outlook(NamedTuple):
    """An embargo, for a party that keeps to it: its ``end`` (ms), None where the party holds to no
    terms; whether two parties had ``agreed`` to that before it came; and when it was said to have
    ended otherwise: by parties that withdrew, and by claims that are believed here (``out``).
    """

    end: int | None
    agreed: bool
    withdrawn: tuple[int, ...] = ()
    out: tuple[int, ...] = ()


def course(outlooks: Sequence[Outlook], *, was_early: bool, now: int) -> Course:
    """Return what becomes of an advisory at ``now`` under one embargo, or under several that are
    about one flaw: the earliest end of them counts, and what ended any of them ended it for all.

    A claim that is dated at or after the end is no early one, whenever it came: others, whose
    clocks are ahead, published as agreed. A withdrawal that was held before the end is one,
    whatever its date says (``was_early``).
    """
    end, agreed = soonest(outlooks)
    withdrawn = [time for each in outlooks for time in each.withdrawn]
    out = [time for each in outlooks for time in each.out]
    if end is None or any(time < end for time in (*withdrawn, *out)):
        return Course.EARLY
    if withdrawn and (now < end or was_early):
        return Course.EARLY
    if now < end:
        return Course.WAITS
    return Course.DUE if agreed else Course.EARLY


def soonest(outlooks: Sequence[Outlook]) -> tuple[int | None, bool]:
    """Return the earliest end of several embargoes, and whether it was agreed to before it came."""
    ends = [(each.end, each.agreed) for each in outlooks if each.end is not None]
    return min(ends, key=lambda each: (each[0], not each[1]), default=(None, False))
