"""Provenance: the signed acts that parts of a content came through, their origin first.

Frozen. One JSON object in the form of RFC 8785, at most 8 MiB ::

    {"came": [come, …], "documents": [envelope, …], "v": 1}

    come  {"envelope", "hashes": base64, "parts": [[first, last, at], …]}

Who forwards an object keeps its bytes and its salt, so that its leaf is the one that its origin
committed to. ``came`` names acts, of one object earlier ones first: that by which its origin
published, then those by which others forwarded. Who forwards says in its body how many parts at the
end of its content are the provenance (``proofs``, one or more), and who publishes does not: so the
order is verified, and nobody who forwards is taken for the origin. Of each act, ``parts`` says that
the parts ``first`` to ``last`` of what is shown are its parts ``at`` and on, and ``hashes`` are
those of ``merkle.subset_spans``, one after the other: none where all its parts are shown.
``documents`` are the whole chains of the authors, each document after the one it follows.

No signature is there that no check looks at, and no document twice, as in an evidence file:
``show`` and ``build`` leave such out.

A forwarder adds an act of its own and re-signs nothing, so that whoever has an object can show by
whom it was first said, at any distance, and to anybody. The acts say in which dossiers, and when.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.kernel import act as acts
from comity.kernel import dsse, merkle
from comity.kernel.chain import Chain
from comity.kernel.content import MAX_PARTS
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.version import VERSION

if TYPE_CHECKING:
    from comity.kernel.act import Act

LIMIT = 8 * 1024 * 1024
"""The largest provenance, in bytes."""
MAX_CAME, MAX_STRETCHES, MAX_DOCUMENTS = 1024, 65536, 4096
MAX_HANDS = 64
"""The most acts that a part comes through, on the average of those shown."""
RULE = "W8"
PROOFS = "proofs"
"""The field in the body of an act that forwards."""


class Stretch(NamedTuple):
    """The parts ``first`` to ``last`` of what is shown are an act's parts from ``at`` on."""

    first: int
    last: int
    at: int


@dataclass(frozen=True, slots=True)
class Came:
    """An act that parts came through, in its ``envelope``: which ones, and the proof of them."""

    envelope: dsse.Envelope
    stretches: tuple[Stretch, ...]
    hashes: tuple[bytes, ...] = ()

    @property
    def count(self) -> int:
        """How many parts it is said to be about, which costs nothing to ask."""
        return sum(last - first + 1 for first, last, _ in self.stretches)

    def has(self, part: int) -> bool:
        """Say whether it is about a part."""
        return any(first <= part <= last for first, last, _ in self.stretches)

    def places(self) -> dict[int, int]:
        """Return where each part shown stands in the act. Raises Refusal W8 for one said twice."""
        found: dict[int, int] = {}
        for first, last, at in self.stretches:
            for part in range(first, last + 1):
                if found.setdefault(part, at + part - first) != at + part - first:
                    raise Refusal(RULE, f"Part {part} is said to stand in two places of an act.")
        if len({*found.values()}) != len(found):
            raise Refusal(RULE, "Two parts are said to stand in one place of an act.")
        return found

    def to_object(self) -> dict[str, object]:
        """Return {envelope, hashes, parts}."""
        return {
            "envelope": orjson.Fragment(self.envelope.to_bytes()),
            "hashes": base64.b64encode(b"".join(self.hashes)).decode(),
            "parts": [[*stretch] for stretch in self.stretches],
        }


@dataclass(frozen=True, slots=True)
class Provenance:
    """What says where parts came from, unverified: the ``documents`` and the acts they ``came``
    through.
    """

    documents: tuple[dsse.Envelope, ...]
    came: tuple[Came, ...]

    def to_bytes(self) -> bytes:
        """Return the stored form. Raises Refusal W8 when it is larger than it may be."""
        value = {
            "came": [each.to_object() for each in self.came],
            "documents": [orjson.Fragment(each.to_bytes()) for each in self.documents],
            "v": VERSION,
        }
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        if len(data) > LIMIT:
            raise Refusal(RULE, f"The provenance has {len(data)} bytes; {LIMIT} are allowed.")
        return data


@dataclass(frozen=True, slots=True)
class Verified:
    """A provenance whose every act and proof was verified.

    Fields: ``acts`` in their order, ``chain`` of their authors' documents, and ``places``, for each
    act: where it has each part shown.
    """

    acts: tuple[Act, ...]
    chain: Chain
    places: tuple[Mapping[int, int], ...]

    def through(self, part: int) -> tuple[Act, ...]:
        """Return the acts that a part came through, its origin first."""
        pairs = zip(self.acts, self.places, strict=True)
        return tuple(act for act, places in pairs if part in places)


def parse(data: bytes) -> Provenance:
    """Return the provenance in ``data``, unverified.

    Raises Refusal W8 (not of the form), K3 (an envelope in it) or K17.
    """
    if len(data) > LIMIT:
        raise Refusal(RULE, f"The provenance has {len(data)} bytes; {LIMIT} are allowed.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Refusal(RULE, f"The provenance is not JSON: {error}.") from error
    fields = Fields(value, "provenance", RULE)
    fields.version()
    found = Provenance(
        documents=tuple(map(dsse.from_object, fields.array("documents", MAX_DOCUMENTS, 1))),
        came=tuple(map(_came, fields.each("came", MAX_CAME, 1))),
    )
    fields.end()
    # One form: this refuses white space, repeated members and other spellings of base64 as well.
    if found.to_bytes() != data:
        raise Refusal(RULE, "The provenance is not in its one canonical form.")
    return found


def _came(fields: Fields) -> Came:
    envelope = dsse.from_object(fields.take("envelope"))
    try:
        # What is not a string fails here as what is not base64 does.
        joined = base64.b64decode(str(fields.take("hashes")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(RULE, "The hashes of a proof are not base64.") from error
    size = merkle.HASH_SIZE
    hashes = tuple(joined[i : i + size] for i in range(0, len(joined), size))
    stretches = tuple(map(_stretch, fields.array("parts", MAX_STRETCHES, 1)))
    fields.end()
    return Came(envelope, stretches, hashes)


def _stretch(value: object) -> Stretch:
    match value:
        case [int(first), int(last), int(at)] if (
            0 <= first <= last < MAX_PARTS and 0 <= at < MAX_PARTS and type(at) is int
        ):
            return Stretch(first, last, at)
        case _:
            raise Refusal(RULE, "A stretch of parts is its first, its last, and where they stand.")


def build(documents: Iterable[dsse.Envelope], came: Iterable[Came]) -> Provenance:
    """Return the provenance of parts that ``came`` through acts, without what proves nothing.

    ``documents`` are as in the file, each once. Raises Refusal as ``Chain.take`` does.
    """
    return Provenance(tuple(map(Chain().bare, documents)), tuple(came))


def stretches(places: Mapping[int, int]) -> tuple[Stretch, ...]:
    """Return the fewest stretches that say where an act has each part shown."""
    found: list[Stretch] = []
    for part, at in sorted(places.items()):
        last = found[-1] if found else None
        if last and part == last.last + 1 and at == last.at + part - last.first:
            found[-1] = last._replace(last=part)
        else:
            found.append(Stretch(part, part, at))
    return tuple(found)


def show(envelope: dsse.Envelope, leaves: Sequence[bytes], places: Mapping[int, int]) -> Came:
    """Return an act of which all ``leaves`` are known, as one that parts came through.

    ``places`` says where it has each part shown. Signatures after the first are left out. Raises
    Refusal W3.
    """
    indices = sorted(places.values())
    only = envelope._replace(signatures=envelope.signatures[:1])
    return Came(only, stretches(places), tuple(merkle.prove_subset(leaves, indices)))


def narrow(came: Came, leaves: Mapping[int, bytes], renamed: Mapping[int, int]) -> Came | None:
    """Return what ``came`` says of fewer parts, or None when it says nothing of them.

    ``leaves`` are those of the parts it is about; ``renamed`` gives the parts that are kept, each
    with its number from now on. Raises Refusal W3 or W8.
    """
    places = came.places()
    kept = {new: places[old] for old, new in renamed.items() if old in places}
    if not kept:
        return None
    size = acts.read(came.envelope).header.content.parts
    known = {at: leaves[part] for part, at in places.items()}
    hashes = merkle.narrow_subset(known, size, came.hashes, sorted(kept.values()))
    return Came(came.envelope, stretches(kept), tuple(hashes))


def verify(provenance: Provenance, leaves: Mapping[int, bytes]) -> Verified:
    """Return a provenance whose every act has the parts that it is said to have.

    ``leaves`` are those of all parts shown, by number. Raises Refusal W8 (a part without origin, or
    what is said of none), W3 (a proof), K4, K5 or K6 (an act), and as ``Chain.take`` does.
    """
    _require_size(provenance, len(leaves))
    chain = Chain()
    for envelope in provenance.documents:
        chain.take_bare(envelope, RULE)
    found, places = list[acts.Act](), list[Mapping[int, int]]()
    for came in provenance.came:
        found.append(_verified(came, chain))
        places.append(_require_parts(came, found[-1], leaves))
    _require_order(found, places)
    if {act.header.party for act in found} != {*chain.latest}:
        raise Refusal(RULE, "A provenance shows the documents of its acts' authors and no others.")
    if {part for each in places for part in each} != {*leaves}:
        raise Refusal(RULE, "A provenance says of every part where it came from.")
    return Verified(tuple(found), chain, tuple(places))


def _require_size(provenance: Provenance, parts: int) -> None:
    """Refuse what a few bytes let be much: no act is about more parts than are shown."""
    counts = [came.count for came in provenance.came]
    if max(counts) > parts:
        raise Refusal(RULE, "A provenance speaks of parts that are not shown, or of some twice.")
    if sum(counts) > MAX_HANDS * parts:
        raise Refusal(RULE, f"Its parts came through more than {MAX_HANDS} acts each.")


def _verified(came: Came, chain: Chain) -> Act:
    act = acts.read(came.envelope)
    if len(came.envelope.signatures) != 1:
        raise Refusal(RULE, "An act has signatures that prove nothing.", act.id)
    view = chain.views.get(act.header.doc)
    if view is None:
        raise Refusal("K6", "The act names a document that is not shown.", act.id)
    acts.verify(act, view)
    return act


def _require_order(found: Sequence[Act], places: Sequence[Mapping[int, int]]) -> None:
    """Refuse a part that was forwarded before it was published, or published twice."""
    begun: set[int] = set()
    for act, where in zip(found, places, strict=True):
        parts = where.keys()
        if not (parts <= begun if _is_hop(act, where) else parts.isdisjoint(begun)):
            told = "A part is published by one act, and forwarded by those after it."
            raise Refusal(RULE, told, act.id)
        begun |= parts


def _is_hop(act: Act, where: Mapping[int, int]) -> bool:
    """Say whether an act forwards; what it forwards stands before the provenance."""
    if PROOFS not in act.header.body:
        return False
    proofs, parts = act.header.body[PROOFS], act.header.content.parts
    if type(proofs) is not int or proofs < 1 or max(where.values()) >= parts - proofs:
        raise Refusal(RULE, "An act shows a part of its provenance as an object.", act.id)
    return True


def _require_parts(came: Came, act: Act, leaves: Mapping[int, bytes]) -> dict[int, int]:
    places, commitment = came.places(), act.header.content
    if not places.keys() <= leaves.keys():
        raise Refusal(RULE, "A provenance speaks of parts that are not shown.", act.id)
    known = {at: leaves[part] for part, at in places.items()}
    merkle.verify_subset(known, commitment.parts, came.hashes, bytes.fromhex(commitment.hash))
    return places
