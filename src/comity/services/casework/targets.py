"""Hashes of what a party is about to act on, made of the targets that a person names.

Nobody types a hash: each line is brought into the one spelling that observables have here, so that
two who name the same target find each other, and hashed as the protocol says.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from comity.bridges.stix.normal import recognised
from comity.kernel.errors import Phrase
from comity.kernel.fieldtypes import items_of
from comity.protocols.response.incident.deconfliction import HASHES, Intend

if TYPE_CHECKING:
    from comity.kernel.protocol import ActKind, Field

FIELD, NAMED = "targets", "observables"
"""The coded field of hashes, and that of the content in which the targets are named."""


def field_of(kind: ActKind) -> Field | None:
    """Return the coded field of a kind that holds hashes of targets, if it has one. Nobody is asked
    for it: it is what was named.
    """
    return next((f for f in kind.body if kind is Intend.KIND and f.name == FIELD), None)


def hashes(text: str) -> list[str]:
    """Return the hashes of the targets that are named, one a line or parted by commas, in ascending
    order. Raises ValueError, which says what is no target.
    """
    return HASHES.check([*sorted({_hash(item) for item in items_of(text)})])


def _hash(item: str) -> str:
    known = recognised(item)
    if known is None:
        raise ValueError(
            Phrase(
                "{value} is no address, range, domain, URL, mail address, hash, CVE or technique",
                value=repr(item[:80]),
            )
        )
    kind, value = known
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()
