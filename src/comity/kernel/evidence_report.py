"""What a verifier brings to an evidence file, and the report it gets (DESIGN section 4).

A file carries the documents of its own parties, and so proves consistency only. Whose party ids
those are, and whose cosignatures count, comes from the verifier's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.ids import Id, PartyId, fingerprint

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.documents import View
    from comity.kernel.label import Footing
    from comity.kernel.policy import Policy
    from comity.kernel.standing import Standing


class Verdict(StrEnum):
    """What a verifier may say of a file in which nothing fails."""

    VERIFIED = "verified"
    UNCHECKED = "consistent, identity not checked"


@dataclass(frozen=True, slots=True)
class Trust:
    """What the verifier brings: nothing in a file vouches for itself.

    ``parties`` whose ids were compared; ``witnesses``, known like them, of which ``quorum`` must
    have cosigned (0: none must, and no time is proven), or instead of both a C2SP ``policy``;
    ``latest``, the newest views the verifier itself holds, by party.
    """

    parties: frozenset[PartyId] = frozenset()
    witnesses: frozenset[PartyId] = frozenset()
    quorum: int = 0
    policy: Policy | None = None
    latest: Mapping[PartyId, View] = field(default_factory=dict)

    @property
    def known(self) -> frozenset[PartyId]:
        """Every party whose id the verifier knows."""
        return self.parties | self.witnesses


class Finding(NamedTuple):
    """One check that held: its name, the id it was about, and what it showed."""

    check: str
    subject: str
    detail: str


class Cosigned(NamedTuple):
    """A cosignature: by which ``party``, at which ``time`` (ms); ``counted`` by the verifier's
    policy or not; by a founding ``member`` of the dossier or not.
    """

    party: PartyId
    time: int
    counted: bool
    member: bool


class Received(NamedTuple):
    """A receipt: ``party`` held the act at ``time`` (ms, a claim), and ``whole`` in all parts."""

    party: PartyId
    time: int
    whole: bool


class PartSeen(NamedTuple):
    """A verified part: of which ``act``, which ``part``, its ``size`` in bytes and ``sha256``."""

    act: Id
    part: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a file shows about its ``subject``.

    ``member``: the author is a founding member. ``proven_time``: the time (ms) by which the
    verifier's policy was satisfied, or None. ``size``: of the tree it is proven to be in, or None.
    ``unknown``: authors and receivers whose ids the verifier has to compare. ``documents``: by
    party, the version (root, successions since) of the newest document seen.
    """

    verdict: Verdict
    subject: Id
    act: Act
    dossier: Id
    protocol: str
    footing: Footing
    member: bool
    standing: Standing
    size: int | None
    proven_time: int | None
    cosigned: tuple[Cosigned, ...]
    received: tuple[Received, ...]
    parts: tuple[PartSeen, ...]
    names: Mapping[PartyId, str]
    documents: Mapping[PartyId, tuple[int, int]]
    unknown: tuple[PartyId, ...]
    findings: tuple[Finding, ...]

    def to_object(self) -> dict[str, object]:
        """Return the report as JSON values.

        The independent verifier prints the same, but for names, documents and ``member``.
        """
        header = self.act.header
        return {
            "verdict": self.verdict.value,
            "subject": self.subject,
            "author": header.party,
            "fingerprint": fingerprint(header.party),
            "kind": header.kind,
            "body": header.body,
            "dossier": self.dossier,
            "protocol": self.protocol,
            "footing": self.footing.value,
            "tlp": header.tlp.value,
            "pap": header.pap and header.pap.value,
            "realm": header.realm,
            "time": header.time,
            "log": header.log,
            "seq": header.seq,
            "member": self.member,
            "standing": self.standing.value,
            "size": self.size,
            "proven_time": self.proven_time,
            "cosigned": [each._asdict() for each in self.cosigned],
            "received": [each._asdict() for each in self.received],
            "parts": [each._asdict() for each in self.parts],
            "names": dict(self.names),
            "documents": {party: [*version] for party, version in self.documents.items()},
            "unknown": {party: fingerprint(party) for party in self.unknown},
        }
