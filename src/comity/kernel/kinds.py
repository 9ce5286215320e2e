"""The kernel kinds, equal in every protocol: their bodies and what they authorise.

charter · invite · join · decline · leave · release · evidence · erase · record · translation · note

Frozen bodies (every body may also hold ``by``, ``approvals`` and ``audience``)::

    charter   {protocol, version, members[], growth, ceiling, chair?, readers?[{party, handle}],
               succeeds?, time?{witnesses[], quorum, grace}, terms?{}}
    invite    {party}
    join      {invite}
    decline   {invite?}            a founding member's, or an invited party's
    leave     {}
    release   {acts[], to}         an author gives earlier content to a later member
    evidence  {act, standard, proof, docs[]}
    erase     {act, stage, reason, parts?[]}  stage: asked by the act's author, applied or refused
                                   by others; parts: which of its content, all by default
    record    {letter, guest, kind, body}
    translation {act, lang, as}    as: official, by the author of the act alone, unofficial, machine
    note      {}

``docs`` names the documents that admission may read to verify a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from comity.kernel.audience import parse_audience
from comity.kernel.errors import Refusal
from comity.kernel.fields import CODE, Fields
from comity.kernel.ids import guest_of
from comity.kernel.label import TLP

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.kernel.act import Header
    from comity.kernel.canon import Object, Value
    from comity.kernel.ids import Id, PartyId

COMMON = frozenset({"by", "approvals", "audience"})
"""What every body may hold; the kernel checks it, and protocols pass over it."""
MAX_MEMBERS = 100
MAX_READERS = 32
MAX_RELEASED = 64
MAX_ERASED = 256
MAX_DOCS = 32
PROOF_LIMIT = 7 * 1024
TLOG_PROOF = "c2sp.org/tlog-proof@v1"
RECEIPT = "comity/receipt"
STANDARDS = frozenset({TLOG_PROOF, RECEIPT})
OFFICIAL, UNOFFICIAL, MACHINE = AS = ("official", "unofficial", "machine")
"""What a translation is called by who gives it."""
REASONS = frozenset({"mistake", "personal_data", "law", "agreement", "retention", "other"})
RULE = "K14"


class Growth:
    """How a dossier gains members; fixed in its charter."""

    CLOSED = "closed"
    CHAIR = "chair"
    ALL = "all_consent"


GROWTH = frozenset({Growth.CLOSED, Growth.CHAIR, Growth.ALL})


@dataclass(frozen=True, slots=True)
class TimePolicy:
    """When a time counts as proven: the ``quorum``-th smallest cosignature time by one of the
    ``witnesses``; ``grace`` is milliseconds a protocol may allow after a deadline.
    """

    witnesses: tuple[PartyId, ...]
    quorum: int
    grace: int


@dataclass(frozen=True, slots=True)
class Charter:
    """The fixed rules of a dossier.

    ``protocol`` and ``version`` pin the rules; ``members`` are the founders, the author among
    them; ``readers`` are (party, handle) pairs where the ceiling is RED; ``succeeds`` names the
    dossier that this one replaces; ``terms`` are the protocol's own coded parameters.
    """

    protocol: str
    version: int
    members: tuple[PartyId, ...]
    growth: str
    ceiling: TLP
    chair: PartyId | None
    readers: tuple[tuple[PartyId, str], ...]
    succeeds: Id | None
    time: TimePolicy | None
    terms: Object

    def to_body(self) -> Object:
        """Return the charter's body."""
        body: Object = {
            "protocol": self.protocol,
            "version": self.version,
            "members": [*sorted(self.members)],
            "growth": self.growth,
            "ceiling": self.ceiling.value,
        }
        readers: list[Value] = [{"party": p, "handle": h} for p, h in sorted(self.readers)]
        optional: Object = {"readers": readers, "terms": self.terms}
        body |= {name: value for name, value in optional.items() if value}
        if self.chair is not None:
            body["chair"] = self.chair
        if self.succeeds is not None:
            body["succeeds"] = self.succeeds
        if self.time is not None:
            witnesses: list[Value] = [*sorted(self.time.witnesses)]
            body["time"] = {
                "witnesses": witnesses,
                "quorum": self.time.quorum,
                "grace": self.time.grace,
            }
        return body


def read_charter(header: Header) -> Charter:
    """Return the charter in a header. Raises Refusal K13 or K14."""
    fields = Fields(header.body, "charter", RULE)
    take_common(fields, header)
    charter = Charter(
        protocol=fields.code("protocol"),
        version=fields.integer("version", 1),
        members=fields.parties("members", MAX_MEMBERS, 1),
        growth=fields.code("growth", GROWTH),
        ceiling=TLP(fields.code("ceiling", frozenset(level.value for level in TLP))),
        chair=fields.optional("chair", fields.party),
        readers=_readers(fields),
        succeeds=fields.optional("succeeds", fields.id),
        time=_time_policy(fields),
        terms=fields.object("terms") if fields.has("terms") else {},
    )
    fields.end()
    _require_consistent(charter, header)
    return charter


def _readers(fields: Fields) -> tuple[tuple[PartyId, str], ...]:
    if not fields.has("readers"):
        return ()
    found: list[tuple[PartyId, str]] = []
    for item in fields.each("readers", MAX_READERS, 1):
        found.append((item.party("party"), item.code("handle")))
        item.end()
    if sorted(set(found)) != found:
        raise fields.refuse("lists readers twice or out of order.")
    return tuple(found)


def _time_policy(fields: Fields) -> TimePolicy | None:
    if not fields.has("time"):
        return None
    item = fields.nested("time")
    witnesses = item.parties("witnesses", 16, 1)
    policy = TimePolicy(witnesses, item.integer("quorum", 1, len(witnesses)), item.integer("grace"))
    item.end()
    return policy


def _require_consistent(charter: Charter, header: Header) -> None:
    if header.party not in charter.members:
        raise Refusal(RULE, "A charter's author is one of its founding members.")
    if (charter.growth == Growth.CHAIR) != (charter.chair is not None):
        raise Refusal(RULE, "Exactly a charter whose growth is the chair's names a chair.")
    if charter.chair is not None and charter.chair not in charter.members:
        raise Refusal(RULE, "The chair is one of the founding members.")
    if header.footing is None:
        raise Refusal("K13", "A charter sets the footing.")
    if bool(charter.readers) != (charter.ceiling is TLP.RED):
        raise Refusal("K13", "Exactly a dossier whose ceiling is RED lists its readers.")
    if not {party for party, _ in charter.readers} <= set(charter.members):
        raise Refusal("K13", "A reader belongs to a founding member.")


def take_common(fields: Fields, header: Header) -> None:
    """Check and remove what every body may hold: ``by``, ``approvals``, ``audience``."""
    if fields.has("by"):
        by = fields.nested("by")
        by.code("role")
        for approver in by.array("approved_by", 8) if by.has("approved_by") else []:
            if not isinstance(approver, str) or not CODE.fullmatch(approver):
                raise by.refuse("lists approvers that are not roles.")
        by.end()
    if fields.has("audience"):
        parse_audience(fields.take("audience"), header.content.parts)
    if fields.has("approvals"):
        fields.take("approvals")


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation: the ``party`` that may join."""

    party: PartyId


@dataclass(frozen=True, slots=True)
class Join:
    """A join, citing its ``invite``."""

    invite: Id


@dataclass(frozen=True, slots=True)
class Decline:
    """A refusal to take part: of ``invite``, or of being named in the charter when None."""

    invite: Id | None


@dataclass(frozen=True, slots=True)
class Empty:
    """The body of ``leave`` and ``note``."""


@dataclass(frozen=True, slots=True)
class Release:
    """Content of the author's own ``acts`` given to a later member ``to``."""

    acts: tuple[Id, ...]
    to: PartyId


@dataclass(frozen=True, slots=True)
class Evidence:
    """A ``proof`` (base64) of ``standard`` about ``act``; ``docs`` verify it."""

    act: Id
    standard: str
    proof: str
    docs: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class Erase:
    """A step of erasing ``act``: asked, applied or refused, with a coded ``reason``.

    ``parts`` are indices into its content, none for all of it.
    """

    act: Id
    stage: str
    reason: str
    parts: tuple[int, ...] = ()

    def to_body(self) -> Object:
        """Return the body that says this."""
        body: Object = {"act": self.act, "stage": self.stage, "reason": self.reason}
        return body | ({"parts": [*self.parts]} if self.parts else {})


@dataclass(frozen=True, slots=True)
class Record:
    """What a guest of this party did, told by the party: ``letter``, ``guest`` handle, ``kind``
    of the recorded act and its coded ``body``.
    """

    letter: Id
    guest: str
    kind: str
    body: Object


@dataclass(frozen=True, slots=True)
class Translation:
    """The texts of ``act`` in the language ``lang``; ``as_`` is one of ``AS``."""

    act: Id
    lang: str
    as_: str


def _invite(fields: Fields) -> Invite:
    return Invite(fields.party("party"))


def _join(fields: Fields) -> Join:
    return Join(fields.id("invite"))


def _decline(fields: Fields) -> Decline:
    return Decline(fields.optional("invite", fields.id))


def _empty(_fields: Fields) -> Empty:
    return Empty()


def _release(fields: Fields) -> Release:
    return Release(fields.ids("acts", MAX_RELEASED, 1), fields.party("to"))


def _evidence(fields: Fields) -> Evidence:
    return Evidence(
        fields.id("act"),
        _standard(fields),
        fields.text("proof", PROOF_LIMIT),
        fields.ids("docs", MAX_DOCS),
    )


def _standard(fields: Fields) -> str:
    value = fields.text("standard", 60)
    if value not in STANDARDS:
        raise fields.refuse(f"names a standard that is not one of {sorted(STANDARDS)}.")
    return value


def _erase(fields: Fields) -> Erase:
    return Erase(
        fields.id("act"),
        fields.code("stage", frozenset({"asked", "applied", "refused"})),
        fields.code("reason", REASONS),
        fields.optional("parts", lambda name: fields.integers(name, MAX_ERASED, 1)) or (),
    )


def _record(fields: Fields) -> Record:
    return Record(
        fields.id("letter"), fields.code("guest"), fields.code("kind"), fields.object("body")
    )


def _translation(fields: Fields) -> Translation:
    return Translation(fields.id("act"), fields.language("lang"), fields.code("as", frozenset(AS)))


_READERS: dict[str, Callable[[Fields], object]] = {
    "invite": _invite,
    "join": _join,
    "decline": _decline,
    "leave": _empty,
    "note": _empty,
    "release": _release,
    "evidence": _evidence,
    "erase": _erase,
    "record": _record,
    "translation": _translation,
}
KERNEL_KINDS = frozenset({"charter", *_READERS})


def read_body(header: Header) -> object:
    """Return the typed body of a kernel act other than a charter. Raises Refusal K14."""
    fields = Fields(header.body, f"body of {header.kind}", RULE)
    take_common(fields, header)
    value = _READERS[header.kind](fields)
    fields.end()
    return value


def said(header: Header) -> Header:
    """Return a header as protocols see it: of a record, what the guest did, at the same place.

    Raises Refusal K14.
    """
    if header.kind != "record":
        return header
    told = cast("Record", read_body(header))
    guest = guest_of(header.party, told.guest)
    return header._replace(party=guest, kind=told.kind, body=told.body)


def named_documents(header: Header) -> tuple[Id, ...]:
    """Return the documents, besides ``doc``, that admission of this act reads.

    Raises Refusal K14 when an evidence act does not name them as it should.
    """
    if header.kind != "evidence":
        return ()
    fields = Fields(header.body, "body of evidence", RULE)
    return fields.ids("docs", MAX_DOCS)
