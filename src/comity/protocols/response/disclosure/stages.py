"""Which word may follow which, after the state machines of Vultron (CMU/SEI-2022-SR-012).

Of each party alone: how it handles the report (RM), and how far its fix is (F and D of CS). Of the
case: what may come to be known (P, X and A of CS), which is claimed and never forbidden.
"""

from __future__ import annotations

from typing import NamedTuple

from comity.protocols.response.disclosure.codes import (
    ACCEPTED,
    ATTACK,
    CLOSED,
    DEFERRED,
    DEPLOYED,
    EXPLOIT,
    INVALID,
    PUBLIC,
    READY,
    RECEIVED,
    VALID,
)

START = ""
"""Of who has said nothing of the report yet."""
FOLLOWING = {
    START: (RECEIVED,),
    RECEIVED: (VALID, INVALID),
    INVALID: (VALID, CLOSED),
    VALID: (ACCEPTED, DEFERRED),
    ACCEPTED: (DEFERRED, CLOSED),
    DEFERRED: (ACCEPTED, CLOSED),
    CLOSED: (),
}
"""By how a party handles the report, what it may say next."""
FIXING = (ACCEPTED, DEFERRED)
"""How a party handles a report while it says how far its fix is."""
AWARE = "aware"
"""That a vendor knows: it follows from its having received the report."""
NEEDS = {READY: AWARE, DEPLOYED: READY}
"""What comes before each step of a fix."""


class Known(NamedTuple):
    """What is so of one vendor and of the case: the six letters of Vultron's case state."""

    aware: bool = False
    ready: bool = False
    deployed: bool = False
    public: bool = False
    exploit: bool = False
    attack: bool = False

    @property
    def is_out(self) -> bool:
        """Whether anything is so that no embargo outlasts."""
        return self.public or self.exploit or self.attack

    def has(self, what: str) -> bool:
        """Say whether one of the six is so."""
        return bool(getattr(self, what))


def following(known: Known) -> tuple[str, ...]:
    """Return what may come to be so next.

    Where an exploit is public, so is the vulnerability; what the public knows its vendor knows.
    These come next, whatever else does.
    """
    if known.exploit and not known.public:
        return (PUBLIC,)
    if known.public and not known.aware:
        return (AWARE,)
    return tuple(
        what
        for what in (AWARE, READY, DEPLOYED, PUBLIC, EXPLOIT, ATTACK)
        if not known.has(what) and (what not in NEEDS or known.has(NEEDS[what]))
    )


def may_fix(stage: str, known: Known, step: str) -> bool:
    """Say whether a party at ``stage`` may say that its fix is at ``step``."""
    return stage in FIXING and known.has(NEEDS[step])
