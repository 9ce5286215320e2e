"""The witnesses of an act in an evidence file, and the time they prove to a verifier.

Which cosignatures are enough comes from the verifier's side: witness parties and a quorum, or a
C2SP policy. How they are counted, says ``quorum``; a policy names keys, each once, and so counts
those. No party is a witness of its own log, whatever a policy says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from comity.kernel import checkpoint, policy
from comity.kernel.errors import Refusal
from comity.kernel.evidence_report import Cosigned, Trust
from comity.kernel.proof import Proof, verify_by_policy
from comity.kernel.quorum import Counted, Seen, count

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.checkpoint import Cosignature
    from comity.kernel.ids import PartyId
    from comity.kernel.policy import Policy


def count_trusted(cosignatures: Sequence[Cosignature], trust: Trust, author: PartyId) -> Counted:
    """Count verified cosignatures on the log of ``author`` by witnesses of the verifier; in ms."""
    keys = None if trust.policy is None else {key.key for key in trust.policy.cosigners}
    seen = [Seen(c.time * 1000, _party(c), c.cosigner.key) for c in cosignatures]
    if keys is None:
        return count((s for s in seen if s.party in trust.witnesses), log=author)
    return count((s for s in seen if s.key in keys), log=author)


def by_party(
    cosignatures: Sequence[Cosignature], counted: Counted, members: frozenset[PartyId]
) -> tuple[Cosigned, ...]:
    """Return the first cosignature of each party, in order of time."""
    found: dict[PartyId, Cosigned] = {}
    for time, party in sorted((each.time * 1000, _party(each)) for each in cosignatures):
        found.setdefault(party, Cosigned(party, time, party in counted.parties, party in members))
    return tuple(found.values())


def proven_time(proof: Proof | None, counted: Counted, trust: Trust, subject: Act) -> int | None:
    """Return the time (ms) by which enough witnesses had cosigned; None if none need have.

    Raises Refusal W5, or W2 (a policy does not list the log).
    """
    if trust.policy is not None:
        return _satisfied(proof, trust.policy, subject)
    if not trust.quorum:
        return None
    time = counted.time(trust.quorum)
    if time is None:
        reason = f"{len(counted.times)} of the {trust.quorum} witnesses needed have cosigned."
        raise Refusal("W5", reason, subject.id)
    return time


def _satisfied(proof: Proof | None, rules: Policy, subject: Act) -> int | None:
    if proof is None:
        raise Refusal("W5", "The act is not proven to be in a log.", subject.id)
    cosignatures = verify_by_policy(proof, bytes.fromhex(subject.id), rules)
    if rules.quorum is None:
        return None
    others = [each for each in cosignatures if _party(each) != subject.header.party]
    return policy.satisfied_time(rules, others) * 1000


def _party(cosignature: Cosignature) -> PartyId:
    return checkpoint.parse_witness_name(cosignature.cosigner.name)[0]
