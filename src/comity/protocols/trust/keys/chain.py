"""From an act to the key that it is about: each cites the one before, down to what showed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel.ids import PartyId
from comity.protocols.trust.keys.acts import CommitWords, ShowKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.graph import Node, Past

SHOW = ShowKey.KIND.kind
REVOKE = "revoke_key"


class Key(NamedTuple):
    """A key: of which ``party``, and its ``fingerprint``."""

    party: PartyId
    fingerprint: str


class Reading(NamedTuple):
    """The reading aloud of a key: by the act ``commit`` the ``first``, who began, committed to a
    number toward the ``second``; the act ``shown`` showed the key.
    """

    commit: Node
    first: PartyId
    second: PartyId
    shown: Node

    @property
    def verifier(self) -> PartyId:
        """The one of the two whose key it is not."""
        return self.second if self.first == self.shown.header.party else self.first


def chain(node: Node, past: Past) -> Iterator[Node]:
    """Yield an act, what it cites first, what that cites, and so on to what showed the key.

    ``node`` cites as declared, so that all of it lies in ``past``.
    """
    while True:
        yield node
        if node.header.kind == SHOW:
            return
        node = cast("Node", past.find(node.header.refs[0]))


def key_of(node: Node, past: Past) -> Key:
    """Return the key that an act is about."""
    (*_, shown) = chain(node, past)
    return Key(shown.header.party, ShowKey.checked(shown.header).fingerprint)


def reading_of(node: Node, past: Past) -> Reading:
    """Return the reading aloud that an act of one belongs to."""
    (*_, commit, shown) = chain(node, past)
    return Reading(commit, commit.header.party, CommitWords.checked(commit.header).to, shown)


def is_revoked(key: Key, past: Past) -> bool:
    """Say whether the party of a key had revoked it."""
    return any(key_of(node, past) == key for node in past.all(REVOKE, key.party))


def shown_for(holder: str, party: PartyId, past: Past) -> list[Key]:
    """Return the keys that a party shows for a holder, by what it said last of each."""
    shown = [(node, ShowKey.checked(node.header)) for node in past.all(SHOW, party)]
    return [
        Key(party, act.fingerprint)
        for node, act in shown
        if act.holder == holder
        and not any(
            later.fingerprint == act.fingerprint and past.before(node, other)
            for other, later in shown
        )
    ]
