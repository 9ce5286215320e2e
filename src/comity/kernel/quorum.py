"""Whose cosignatures count, and the time they prove: one rule wherever a time is proven.

A quorum asks for so many different parties that were seen to sign. A party never witnesses its own
log. A party counts once, however many logs it has had. And a public key counts once: a cosignature
does not cover the name above it, and a document lists a witness key without showing that the party
holds it, so that whoever copies a key can put its own name to what another signed.

Where several parties list one key, it counts for one of them: for that one which leaves most to
count. For none, anybody could take a witness away from all others by listing its key; for the
first by some order, a party could take back a time that it helped to prove. So further evidence
only ever makes a time earlier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.ids import PartyId
    from comity.kernel.keys import Key


class Seen(NamedTuple):
    """A verified cosignature: its ``time``, and under whose name by which key it was made."""

    time: int
    party: PartyId
    key: Key


class Counted(NamedTuple):
    """``times``, ascending, in units as given: by the k-th of them k parties had cosigned.

    ``parties`` are those with whose cosignature the count rose.
    """

    times: tuple[int, ...]
    parties: frozenset[PartyId]

    def time(self, quorum: int) -> int | None:
        """Return the time by which ``quorum`` parties, one at least, had cosigned, or None."""
        return self.times[quorum - 1] if len(self.times) >= quorum else None


def count(cosignatures: Iterable[Seen], *, log: PartyId) -> Counted:
    """Count the cosignatures by witnesses of a policy on checkpoints of a ``log``'s party."""
    keys: dict[PartyId, list[Key]] = {}
    holders: dict[Key, PartyId] = {}
    times: list[int] = []
    parties: set[PartyId] = set()
    for time, party, key in sorted(cosignatures):
        if party == log:
            continue
        keys.setdefault(party, []).append(key)
        # One more cosignature lets one more party count at most; which one, the order of time says.
        waiting = [each for each in keys if each not in holders.values()]
        if any(_place(each, keys, holders, set()) for each in waiting):
            times.append(time)
            parties.add(party)
    return Counted(tuple(times), frozenset(parties))


def _place(
    party: PartyId, keys: dict[PartyId, list[Key]], holders: dict[Key, PartyId], tried: set[Key]
) -> bool:
    """Let a party count by one of its keys; who held that one finds another (Kuhn's algorithm)."""
    for key in keys[party]:
        if key not in tried:
            tried.add(key)
            if key not in holders or _place(holders[key], keys, holders, tried):
                holders[key] = party
                return True
    return False
