"""Content: parts, and the commitment to them that a header carries (DESIGN section 4).

Frozen. Content is a list of at least one part. ::

    leaf = SHA-256(0x00 ‖ salt ‖ data)          salt: 32 random bytes, data: at most 1 MiB
    hash = the Merkle root over the leaves      RFC 6962 section 2.1
    header field: content{type, parts, size, hash}; size = the bytes of all data together

The salt is drawn per part, kept beside it and erased with it: then the leaf that stays in proofs
cannot be guessed from, however little the part could have said. It is also what makes the ids of
acts in a public log unguessable. One part can be shown with its salt and path, and nothing else.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import merkle
from comity.kernel.errors import Refusal
from comity.kernel.ids import is_hex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comity.kernel.canon import Object, Value

SALT_SIZE = 32
_COMMITMENT = frozenset({"type", "parts", "size", "hash"})
PART_LIMIT = 1024 * 1024
"""The most bytes of data in one part; a larger file is cut into parts of exactly this size."""
MAX_PARTS = 2**24
"""The most parts of one act, so that a path has at most 24 hashes."""

DOCUMENT = "application/vnd.comity.content.v1+json"
"""The type of content whose part 0 is a manifest (see ``manifest``) and the others are files."""
STIX = "application/stix+json;version=2.1"
"""The type of a batch of STIX objects: one part per object, no manifest."""

# RFC 6838 section 4.2 in lower case, so that a type has one spelling, then parameters.
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(;[a-z0-9-]+=[\w.+-]+)*")
_TYPE_LIMIT = 127


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ``index`` from 0, ``salt`` (32 bytes), ``data``. Raises Refusal K15."""

    index: int
    salt: bytes = field(repr=False)
    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.index < MAX_PARTS:
            raise Refusal("K15", f"A part's index is not within 0 and {MAX_PARTS - 1}.")
        if len(self.salt) != SALT_SIZE:
            raise Refusal("K15", f"A salt has {len(self.salt)} bytes instead of {SALT_SIZE}.")
        if len(self.data) > PART_LIMIT:
            raise Refusal("K15", f"A part has more than {PART_LIMIT} bytes.")

    @property
    def leaf(self) -> bytes:
        """The leaf hash: RFC 6962's, over the salt and the data."""
        digest = hashlib.sha256(b"\x00" + self.salt)
        digest.update(self.data)
        return digest.digest()


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part with its ``path`` to the root: it can be shown while all others stay closed."""

    part: Part
    path: tuple[bytes, ...]


class Commitment(NamedTuple):
    """The header field ``content``: media ``type``, ``parts``, ``size`` (bytes), ``hash`` (hex)."""

    type: str
    parts: int
    size: int
    hash: str

    @classmethod
    def from_object(cls, value: Value) -> Commitment:
        """Return the commitment that ``value`` spells. Raises Refusal K4.

        Written out, because it runs for every act that arrives.
        """
        if not isinstance(value, dict) or value.keys() != _COMMITMENT:
            raise Refusal("K4", "A content has exactly type, parts, size and hash.")
        kind, parts, size = value["type"], value["parts"], value["size"]
        if type(parts) is not int or type(size) is not int:
            raise Refusal("K4", "The parts and the size of a content are integers.")
        digest = value["hash"]
        if not isinstance(kind, str) or not isinstance(digest, str) or not is_hex(digest):
            raise Refusal("K4", "A content has a media type, and a hash in hexadecimal.")
        return cls.checked(kind, parts, size, digest)

    @classmethod
    def checked(cls, kind: str, parts: int, size: int, digest: str) -> Commitment:
        """Return the commitment of these values; ``digest`` is an id. Raises Refusal K4."""
        if not 1 <= parts <= MAX_PARTS:
            raise Refusal("K4", f"A content has 1 to {MAX_PARTS} parts.")
        if not 0 <= size <= parts * PART_LIMIT:
            raise Refusal("K4", "The size of a content is not one its parts can have.")
        require_type(kind, "K4")
        return cls(kind, parts, size, digest)

    def to_object(self) -> Object:
        """Return {type, parts, size, hash}."""
        return {"type": self.type, "parts": self.parts, "size": self.size, "hash": self.hash}


class Committer:
    """Commits to parts that come one by one.

    What it keeps of a part is its leaf of 32 bytes, so that a file of 1 GiB takes 32 KiB.
    """

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self._size = 0

    def add(self, part: Part) -> None:
        """Take the next part. Raises Refusal K15 when it is not the next."""
        if part.index != len(self.leaves):
            raise Refusal("K15", f"Part {part.index} stands in the place of {len(self.leaves)}.")
        self.leaves.append(part.leaf)
        self._size += len(part.data)

    def finish(self, kind: str) -> Commitment:
        """Return the commitment to all parts taken, of media type ``kind``. Raises Refusal K15."""
        require_type(kind, "K15")
        if not self.leaves:
            raise Refusal("K15", "Content has at least one part.")
        root = merkle.root(self.leaves)
        return Commitment(kind, len(self.leaves), self._size, root.hex())


def commit(kind: str, parts: Iterable[Part]) -> Commitment:
    """Return the commitment to ``parts``, in their order from index 0. Raises Refusal K15."""
    committer = Committer()
    for part in parts:
        committer.add(part)
    return committer.finish(kind)


def verify_parts(commitment: Commitment, parts: Iterable[Part]) -> None:
    """Require that ``parts`` are all the parts committed to. Raises Refusal K15."""
    found = commit(commitment.type, parts)
    if found != commitment:
        raise Refusal("K15", "The parts are not those the header commits to.", commitment.hash)


def show(leaves: Sequence[bytes], part: Part) -> ShownPart:
    """Return ``part`` with its path, from the ``leaves`` of all parts."""
    return ShownPart(part, tuple(merkle.inclusion_path(leaves, part.index)))


def verify_part(commitment: Commitment, shown: ShownPart) -> None:
    """Require that ``shown`` is the part of its index that was committed to. Raises Refusal K15.

    RFC 9162 section 2.1.3.2. The size of one part alone says nothing about the others, so that
    only its sum, and only with all parts, is compared by ``verify_parts``.
    """
    part = shown.part
    if len(part.data) > commitment.size:
        raise Refusal("K15", "A part is larger than the whole content.", commitment.hash)
    try:
        merkle.verify_inclusion(
            part.leaf, part.index, commitment.parts, shown.path, bytes.fromhex(commitment.hash)
        )
    except Refusal as refusal:
        reason = f"Part {part.index} is not what the header commits to."
        raise Refusal("K15", reason, commitment.hash) from refusal


def verify_subset(commitment: Commitment, leaves: Sequence[bytes], parts: Iterable[Part]) -> None:
    """Require that ``leaves`` are those of all parts committed to, and ``parts`` some of them.

    For who is given many parts and not all: one leaf of 32 bytes for each part withheld or erased
    takes the place of a path for each part shown. Raises Refusal K15.
    """
    complete = len(leaves) == commitment.parts and {len(leaf) for leaf in leaves} == {32}
    if not complete or merkle.root(leaves).hex() != commitment.hash:
        raise Refusal("K15", "The leaves are not those the header commits to.", commitment.hash)
    size = 0
    for part in parts:
        if part.index >= len(leaves) or part.leaf != leaves[part.index]:
            reason = f"Part {part.index} is not what the header commits to."
            raise Refusal("K15", reason, commitment.hash)
        size += len(part.data)
    if size > commitment.size:
        raise Refusal("K15", "The parts are larger than the whole content.", commitment.hash)


def split(size: int) -> list[range]:
    """Return the byte ranges of the parts of a file of ``size`` bytes.

    All have ``PART_LIMIT`` bytes but the last; an empty file has one empty part, so that every
    file can be erased by erasing its parts.
    """
    starts = range(0, max(size, 1), PART_LIMIT)
    return [range(start, min(start + PART_LIMIT, size)) for start in starts]


@lru_cache(maxsize=256)
def require_type(kind: str, rule: str) -> None:
    """Raise Refusal ``rule`` unless ``kind`` is a media type in its one spelling."""
    if len(kind) > _TYPE_LIMIT or not _TYPE.fullmatch(kind):
        raise Refusal(rule, f"{kind[:80]!r} is not a media type in lower case.")
