"""Keys of people and desks that parties showed each other: how far each is known, and by whom.

It is what dossiers of keys add up to, as far as a person sees them, and nobody else learns that it
was looked at. That evidence is old is this node's own view, by its own clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.act import read_header
from comity.kernel.errors import Phrase, Refusal
from comity.protocols.trust.keys import PROTOCOL
from comity.protocols.trust.keys.acts import RevokeKey, ShowKey, Verify
from comity.protocols.trust.keys.codes import (
    ALGORITHMS,
    COMPARED,
    K0,
    K2,
    PLACES,
    REASONS,
    USES,
)
from comity.protocols.trust.keys.facts import ACKNOWLEDGE
from comity.protocols.trust.keys.summary import ACKNOWLEDGED, DIFFERED, EVIDENCE, KEY, REVOKED
from comity.store.access import acts as acts_access
from comity.store.access import finding, subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from comity.kernel.act import Header
    from comity.services.casework.desk import Desk
    from comity.store.access.acts import DossierRow
    from comity.store.access.subjects import Held

OLD = 730 * 24 * 3600 * 1000
"""From how old on evidence is called so, in ms: 24 months."""
GROUP = 4
KINDS = (KEY, EVIDENCE, REVOKED, ACKNOWLEDGED, DIFFERED)
LEAST = 8
"""The digits of a fingerprint that name a key at least."""
LEVEL_WORDS = {
    "k0": "K0: shown by its party",
    "k1": "K1: the domain agrees",
    "k2": "K2: read aloud",
    "k3": "K3: compared in person",
}
HOW_WORDS = {**PLACES, **COMPARED}


@dataclass(frozen=True, slots=True)
class KeyEvidence:
    """What speaks for a key: a ``level`` of evidence, by the party ``verifier`` called ``name``,
    ``at`` ms, said by ``act``. ``how`` are codes of what was compared or where it was seen,
    ``witnesses`` the names of who stood by, ``holder`` the handle of who did it, "" where it was
    not said. ``old`` by this node's clock; ``own`` when this party says so.
    """

    level: str
    verifier: str
    name: str
    at: int
    act: str
    how: tuple[str, ...]
    witnesses: tuple[str, ...]
    holder: str
    old: bool
    own: bool


@dataclass(frozen=True, slots=True)
class KeyRevocation:
    """The end of a key, ``at`` ms: the ``reason``, by ``act``; how many have ``acknowledged`` it
    and on how many it ``waits``.
    """

    reason: str
    at: int
    act: str
    acknowledged: int
    waits: int


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that the party ``party``, called ``name``, showed for a ``holder`` in a ``dossier``
    called ``title``, at ``at`` ms by ``act``: its ``algorithm``, ``fingerprint`` and ``uses``.

    ``level`` is the highest of its ``evidence``, strongest first; ``known`` the highest that this
    party found itself, and ``old`` whether all of that level is. ``differed`` are the names of who
    heard, or read, different digits. ``own`` when it is this party's. ``realm`` names the exercise
    that it was shown in, "" for none.
    """

    dossier: str
    title: str
    realm: str
    party: str
    name: str
    holder: str
    algorithm: str
    label: str
    fingerprint: str
    uses: tuple[str, ...]
    at: int
    act: str
    level: str
    known: str
    old: bool
    own: bool
    evidence: tuple[KeyEvidence, ...]
    differed: tuple[str, ...]
    revoked: KeyRevocation | None

    @property
    def spelled(self) -> str:
        """The fingerprint as it is compared: in groups of four digits."""
        text = self.fingerprint.upper()
        return " ".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


class _Place(NamedTuple):
    dossier: str
    party: str
    fingerprint: str


def listed(desk: Desk, party: str = "", holder: str = "") -> tuple[PublicKey, ...]:
    """Return the keys that the person at a desk sees, of one party or one holder where it is
    named: by party and holder, those that were revoked last.
    """
    held = subjects.of_protocol(desk.node.db, desk.sights(), PROTOCOL.name, KINDS)
    seen = desk.seen(row.dossier for row in held)
    told = _Told(desk, seen, [row for row in held if row.dossier in seen])
    found = [told.key(row) for row in told.rows if row.kind == KEY]
    kept = [k for k in found if party in {"", k.party} and holder in {"", k.holder}]
    return tuple(sorted(kept, key=_by_holder))


def _by_holder(key: PublicKey) -> tuple[bool, str, str, str, str, int]:
    ended = key.revoked is not None
    return ended, key.name.casefold(), key.party, key.holder, key.fingerprint, key.at


def find(desk: Desk, text: str) -> PublicKey:
    """Return the key that a person means by its act, or its fingerprint or the end of one, written
    in any way. Raises Refusal S3 when there is none, S4 when there are several.
    """
    digits = "".join(text.split()).replace(":", "").lower().removeprefix("0x")
    everything = listed(desk)
    found = [
        key
        for key in everything
        if key.act == digits or (len(digits) >= LEAST and key.fingerprint.endswith(digits))
    ]
    if not found and len(digits) >= LEAST:
        found = [key for key in everything if key.act.startswith(digits)]
    if not found:
        raise Refusal("S3", "There is no such key here; give its fingerprint.", text)
    if len(found) > 1:
        told = Phrase("{count} keys are called so; give the id of the message.", count=len(found))
        raise Refusal("S4", told, text)
    return found[0]


class _Told:
    """The keys of some rows in words, with all that is asked for looked up at once."""

    def __init__(self, desk: Desk, heads: Mapping[str, DossierRow], rows: Sequence[Held]) -> None:
        self._desk, self.rows = desk, rows
        self._by_key: dict[_Place, list[Held]] = {}
        for row in rows:
            self._by_key.setdefault(_place(row), []).append(row)
        found = acts_access.acts_among(desk.node.db, sorted({row.act for row in rows}))
        self._heads: Mapping[str, Header] = {
            id_: read_header(row.header) for id_, row in found.items()
        }
        self._realms = {id_: head.realm for id_, head in heads.items()}
        self._titles = {id_: desk.told(head).title(head) for id_, head in heads.items()}
        owed = (duty for duty, _ in finding.owed(desk.node.db) if duty.what == ACKNOWLEDGE)
        self._waits = Counter(duty.act for duty in owed)

    def key(self, row: Held) -> PublicKey:
        """Return one key."""
        me, about = self._desk.node.me, self._by_key[_place(row)]
        party, holder, algorithm, fingerprint = _parts(row.value)
        found = (self._evidence(each) for each in about if each.kind == EVIDENCE)
        evidence = tuple(sorted(found, key=_strongest))
        level = evidence[0].level if evidence else K0
        of_level = [each for each in evidence if each.level == level]
        shown = ShowKey.checked(self._heads[row.act])
        return PublicKey(
            dossier=row.dossier,
            title=self._titles[row.dossier],
            realm=self._realms[row.dossier],
            party=party,
            name=self._desk.name(party),
            holder=holder,
            algorithm=algorithm,
            label=ALGORITHMS[algorithm],
            fingerprint=fingerprint,
            uses=tuple(USES[use] for use in shown.uses),
            at=row.begins or 0,
            act=row.act,
            level=level,
            known=next((each.level for each in evidence if each.own), ""),
            old=bool(of_level) and all(each.old for each in of_level),
            own=party == me,
            evidence=evidence,
            differed=tuple(
                self._desk.name(each.value.rpartition("/")[2])
                for each in about
                if each.kind == DIFFERED
            ),
            revoked=self._revocation(about),
        )

    def _evidence(self, row: Held) -> KeyEvidence:
        _, _, level, verifier = row.value.split("/")
        said = None if level == K2 else Verify.checked(self._heads[row.act])
        how = () if said is None else (*(said.seen or ()), *([said.how] if said.how else []))
        stood_by = (said and said.witnesses) or []
        node = self._desk.node
        return KeyEvidence(
            level=level,
            verifier=verifier,
            name=self._desk.name(verifier),
            at=row.begins or 0,
            act=row.act,
            how=how,
            witnesses=tuple(self._desk.name(party) for party in stood_by),
            holder=(said and said.holder) or "",
            old=node.now() - (row.begins or 0) > OLD,
            own=verifier == node.me,
        )

    def _revocation(self, about: Iterable[Held]) -> KeyRevocation | None:
        ends = [row for row in about if row.kind == REVOKED]
        if not ends:
            return None
        last = max(ends, key=lambda row: (row.begins or 0, row.act))
        done = {row.value for row in about if row.kind == ACKNOWLEDGED}
        reason = RevokeKey.checked(self._heads[last.act]).reason
        return KeyRevocation(
            reason=REASONS[reason],
            at=last.begins or 0,
            act=last.act,
            acknowledged=len(done),
            waits=self._waits[last.act],
        )


def _place(row: Held) -> _Place:
    """Return which key a subject is about."""
    party, _, rest = row.value.partition("/")
    of_key = row.kind == KEY
    fingerprint = rest.rpartition("/")[2] if of_key else rest.partition("/")[0]
    return _Place(row.dossier, party, fingerprint)


def _parts(value: str) -> tuple[str, str, str, str]:
    """Return party, holder, kind of key and fingerprint; a handle may hold what parts them."""
    party, _, rest = value.partition("/")
    holder, algorithm, fingerprint = rest.rsplit("/", 2)
    return party, holder, algorithm, fingerprint


def _strongest(each: KeyEvidence) -> tuple[int, int]:
    return -int(each.level[1:]), -each.at


def code_of(key: PublicKey) -> str:
    """Return what a QR code of a key holds, in capitals, which make it small: the kind of key and
    its fingerprint; of OpenPGP 4 under the name by which keyrings scan it.
    """
    kind = "OPENPGP4FPR" if key.algorithm == "pgp4" else key.algorithm.upper()
    return f"{kind}:{key.fingerprint.upper()}"


def counts(keys: Iterable[PublicKey]) -> Iterator[tuple[str, int]]:
    """Yield how many keys that stand, are no part of an exercise and not this party's, it knows at
    each level itself.
    """
    others = (key for key in keys if not key.own and not key.realm)
    standing = [key.known or K0 for key in others if key.revoked is None]
    for level in sorted(LEVEL_WORDS):
        yield level, standing.count(level)
