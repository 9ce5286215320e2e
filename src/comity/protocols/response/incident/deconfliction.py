"""The acts by which two who are about to act on the same target learn of it before they do.

A target is known to rules by its hash alone: SHA-256, in hexadecimal, of the kind and the one
spelling of an observable with a colon between, as ``ip:198.51.100.7/32`` (``bridges.stix.normal``).
Whoever guesses a target can compute the hash, so it hides nothing from members.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare
from comity.kernel.fieldtypes import Code, Digits, Instant, Many
from comity.kernel.protocol import Refs
from comity.protocols.response.incident.codes import DEEDS
from comity.protocols.response.incident.content import OBSERVABLES, REMARK

HASHES = Many(Digits((64,)))
ZONED = "With its zone, as in 2026-05-03T18:00Z."


@declare(
    "intend",
    label="Say that you are about to act",
    caption="{by:party} is about to act, from {from}: {verb}",
    help="Name what you are about to act on, so that nobody disturbs you, nor you others.",
    content=(OBSERVABLES, REMARK),
    timed=True,
)
class Intend(Coded):
    """Notice that its author acts on ``targets`` between two instants (milliseconds)."""

    verb: str = coded(Code(DEEDS), "What you will do")
    targets: list[str] = coded(
        HASHES, "Hashes of the targets", "They are made of the targets that are named."
    )
    from_: int = coded(Instant(), "From", ZONED)
    until: int = coded(Instant(), "Until", ZONED)


@declare(
    "go_ahead",
    label="Let others go ahead",
    caption="{by:party} lets another go ahead",
    help="Say that what another is about to do does not disturb you, or that you have agreed.",
    content=(REMARK,),
    refs=Refs(("intend",), "What they are about to do"),
)
class GoAhead(Coded):
    """The author's word that intentions of others are no hindrance to its own."""


@declare(
    "stand_down",
    label="Stand down",
    caption="{by:party} stands down",
    help="Say that you do not, or no longer, act on it; or that an offer of yours ends.",
    content=(REMARK,),
    refs=Refs(("intend", "offer"), "What you no longer do"),
)
class StandDown(Coded):
    """The author's word that intentions or offers of its own are over, done or not."""
