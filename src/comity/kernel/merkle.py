"""Merkle trees: RFC 6962 section 2.1, SHA-256.

::

    leaf hash = SHA-256(0x00 ‖ data)
    node hash = SHA-256(0x01 ‖ left ‖ right)
    a tree of n > 1 leaves splits at the largest power of two below n; no leaves: SHA-256("")

A proof is a list of hashes of spans of leaves. Which spans, is one decision, taken by
``inclusion_spans`` and ``consistency_spans`` for who makes a proof and for who checks one.

A log keeps its leaves in order, and beside them the hash of every complete subtree of 256^level
leaves, level 1, 2, … (the rows of the C2SP tlog-tiles). From these a ``Reader`` serves any proof
with a few reads; what is not complete yet is hashed again from the level below.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
TILE_HEIGHT = 8
"""Levels of the binary tree between two levels of tiles: a tile spans 2^8 = 256 hashes."""
_COUNT_SIZE = 8


class Span(NamedTuple):
    """The leaves from index ``start`` to before ``stop``; always one whole subtree."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Subtree:
    """A complete subtree: ``hash`` over the leaves from ``index`` · 256^``level`` on."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a checkpoint says of a tree: ``size`` in leaves and ``root`` hash."""

    size: int
    root: bytes


EMPTY_HEAD = TreeHead(0, EMPTY_ROOT)


class Reader(Protocol):
    """A port to the hashes a log keeps."""

    def hashes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        """Return the hashes of the complete subtrees ``start`` to before ``stop`` of ``level``.

        Level 0 are leaf hashes; a hash of level k spans 256^k leaves. Only subtrees that are
        complete at the tree size in question are asked for.
        """


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf that holds ``data``."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root hash of the tree over these leaf hashes: MTH of RFC 6962."""
    row = list(leaves)
    while len(row) > 1:
        # A node without a sibling moves up as it is: the same tree as splitting from the top.
        row = _parents(row) + row[len(row) & ~1 :]
    return row[0] if row else EMPTY_ROOT


def _parents(row: Sequence[bytes]) -> list[bytes]:
    sha256 = hashlib.sha256
    # The one hot loop of a log: written out, and zip stops before a last node without sibling.
    return [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(row[::2], row[1::2], strict=False)
    ]


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs of a tree: its ``size`` and its ``peaks``.

    Peaks are the roots of the complete subtrees of the tree, one per bit set in ``size``, the
    largest first. A frontier is a value: to append makes another.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """Return the frontier with one more leaf hash. Who appends many uses ``extend``."""
        return self.extend((leaf,))[0]

    def extend(self, leaves: Iterable[bytes]) -> tuple[Frontier, list[Subtree]]:
        """Return the frontier with these leaf hashes, and the 256-subtrees they completed.

        The subtrees, of level 1 and above, are what the store keeps beside the leaves.
        """
        row, peaks, grown = list(leaves), list(self.peaks), list[bytes]()
        size, height, subtrees = self.size + len(row), 0, list[Subtree]()
        while row:
            # `row` holds the subtrees of 2^height leaves that are new.
            if height and height % TILE_HEIGHT == 0:
                level, first = height // TILE_HEIGHT, self.size >> height
                subtrees += [Subtree(level, first + i, each) for i, each in enumerate(row)]
            if self.size >> height & 1:
                row.insert(0, peaks.pop())
            if len(row) & 1:
                grown.append(row.pop())
            row = _parents(row)
            height += 1
        return Frontier(size, (*peaks, *reversed(grown))), subtrees

    def root(self) -> bytes:
        """Return the root hash."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, digest = self.peaks
        for peak in reversed(rest):
            digest = node_hash(peak, digest)
        return digest

    @property
    def head(self) -> TreeHead:
        """The size and the root hash together."""
        return TreeHead(self.size, self.root())

    def to_bytes(self) -> bytes:
        """Return the stored form: the size as 8 bytes, big-endian, then the peaks."""
        return self.size.to_bytes(_COUNT_SIZE, "big") + b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Return the frontier that ``data`` stores.

        Raises Refusal W3 when its length is not the one its size asks for.
        """
        size, body = int.from_bytes(data[:_COUNT_SIZE], "big"), data[_COUNT_SIZE:]
        if len(data) < _COUNT_SIZE or len(body) != size.bit_count() * HASH_SIZE:
            raise Refusal("W3", "A stored frontier has not the hashes that its size asks for.")
        peaks = (body[i : i + HASH_SIZE] for i in range(0, len(body), HASH_SIZE))
        return cls(size, tuple(peaks))


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Return the spans whose hashes prove leaf ``index`` in a tree of ``size`` (section 2.1.1).

    From the leaf's sibling up to the root's child. Raises Refusal W3 when there is no such leaf.
    """
    if not 0 <= index < size:
        raise Refusal("W3", f"A tree of {size} leaves has no leaf {index}.")
    start, stop, spans = 0, size, list[Span]()
    while stop - start > 1:
        middle = _split(start, stop)
        if index < middle:
            spans.append(Span(middle, stop))
            stop = middle
        else:
            spans.append(Span(start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, size: int) -> list[Span]:
    """Return the spans whose hashes prove that a tree of ``size`` extends one of ``old`` leaves.

    Section 2.1.2, in its order. None are needed from size 0 on, or from a size to itself.
    Raises Refusal W3 when ``old`` is larger than ``size``.
    """
    if not 0 <= old <= size:
        raise Refusal("W3", f"A tree of {size} leaves does not extend one of {old}.")
    if old == 0:
        return []
    start, stop, spans = 0, size, list[Span]()
    while old != stop:
        middle = _split(start, stop)
        if old <= middle:
            spans.append(Span(middle, stop))
            stop = middle
        else:
            spans.append(Span(start, middle))
            start = middle
    if start:
        # The old tree ends in this subtree; were it the whole old tree, its root would be known.
        spans.append(Span(start, stop))
    return spans[::-1]


def subset_spans(indices: Sequence[int], size: int) -> list[Span]:
    """Return the spans whose hashes, with the leaves ``indices``, give the root of ``size`` leaves.

    ``indices`` ascend. From the left to the right, each span as large as it can be: none for all
    leaves, for one leaf those of its inclusion proof. Raises Refusal W3 when there is no such leaf.
    """
    if not size or not indices or not 0 <= indices[0] <= indices[-1] < size:
        raise Refusal("W3", f"A tree of {size} leaves has not all of the leaves that are named.")
    spans = list[Span]()
    todo = [Span(0, size)]
    while todo:
        span = todo.pop()
        at = bisect_left(indices, span.start)
        if at == len(indices) or indices[at] >= span.stop:
            spans.append(span)
        elif span.stop - span.start > 1:
            middle = _split(*span)
            todo += [Span(middle, span.stop), Span(span.start, middle)]
    return spans


def prove_subset(leaves: Sequence[bytes], indices: Sequence[int]) -> list[bytes]:
    """Return the proof that the leaves ``indices``, which ascend, are in the tree over ``leaves``.

    Raises Refusal W3 when there is no such leaf.
    """
    return [root(leaves[span.start : span.stop]) for span in subset_spans(indices, len(leaves))]


def verify_subset(
    leaves: Mapping[int, bytes], size: int, hashes: Sequence[bytes], tree_root: bytes
) -> None:
    """Require that ``leaves``, by index, are in the tree of ``size`` leaves with this root.

    ``hashes`` are those of ``subset_spans``, in their order. Raises Refusal W3.
    """
    if _root_of(Span(0, size), _known(leaves, size, hashes)) != tree_root:
        raise Refusal("W3", "The proof of several leaves does not lead to the root.")


def narrow_subset(
    leaves: Mapping[int, bytes], size: int, hashes: Sequence[bytes], indices: Sequence[int]
) -> list[bytes]:
    """Return the proof of fewer leaves, ``indices``, from that of ``leaves``. Raises Refusal W3."""
    found = _known(leaves, size, hashes)
    if not leaves.keys() >= set(indices):
        raise Refusal("W3", "A proof is not narrowed to a leaf that it does not prove.")
    return [_root_of(span, found) for span in subset_spans(indices, size)]


def _known(leaves: Mapping[int, bytes], size: int, hashes: Sequence[bytes]) -> dict[Span, bytes]:
    """Return the hash of every leaf and span that a proof gives. Together they are a partition of
    the tree, so each meets its sibling on the way to the root.
    """
    spans = subset_spans(sorted(leaves), size)
    _require_hashes((*leaves.values(), *hashes), len(leaves) + len(spans))
    found = dict(zip(spans, hashes, strict=True))
    return found | {Span(index, index + 1): leaf for index, leaf in leaves.items()}


def _root_of(span: Span, found: Mapping[Span, bytes]) -> bytes:
    if span in found:
        return found[span]
    middle = _split(*span)
    left, right = Span(span.start, middle), Span(middle, span.stop)
    return node_hash(_root_of(left, found), _root_of(right, found))


def _split(start: int, stop: int) -> int:
    return start + (1 << (stop - start - 1).bit_length() - 1)


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf ``index`` is in the tree over these leaf hashes.

    Raises Refusal W3 when there is no such leaf.
    """
    return [root(leaves[start:stop]) for start, stop in inclusion_spans(index, len(leaves))]


def consistency_path(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the tree over these leaf hashes extends that over the first ``old``.

    Raises Refusal W3 when ``old`` is larger.
    """
    return [root(leaves[start:stop]) for start, stop in consistency_spans(old, len(leaves))]


def prove_inclusion(reader: Reader, index: int, size: int) -> list[bytes]:
    """As ``inclusion_path``, for the tree of the first ``size`` leaves of a kept log."""
    return [span_hash(reader, span) for span in inclusion_spans(index, size)]


def prove_consistency(reader: Reader, old: int, size: int) -> list[bytes]:
    """As ``consistency_path``, for the tree of the first ``size`` leaves of a kept log."""
    return [span_hash(reader, span) for span in consistency_spans(old, size)]


def head_at(reader: Reader, size: int) -> TreeHead:
    """Return the head that a kept log had when it held ``size`` leaves."""
    return TreeHead(size, span_hash(reader, Span(0, size)) if size else EMPTY_ROOT)


def span_hash(reader: Reader, span: Span) -> bytes:
    """Return the root hash over the leaves of ``span``, by at most one read per level of tiles.

    ``span`` is not empty, and starts at a multiple of a power of two not below its length, as
    all spans of proofs do.
    """
    height = (span.stop - span.start).bit_length() - 1
    height -= height % TILE_HEIGHT
    first, last = span.start >> height, span.stop >> height
    row = list(reader.hashes(height // TILE_HEIGHT, first, last))
    rest = Span(last << height, span.stop)
    if rest.start < rest.stop:
        # Fewer leaves than one subtree of this level: they hang at its right edge as one node.
        row.append(span_hash(reader, rest))
    return root(row)


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], tree_root: bytes
) -> None:
    """Require that ``path`` leads from leaf hash ``leaf`` at ``index`` to ``tree_root``.

    RFC 9162 section 2.1.3.2. Raises Refusal W3.
    """
    spans = inclusion_spans(index, size)
    _require_hashes((leaf, *path), len(spans) + 1)
    digest = leaf
    for span, sibling in zip(spans, path, strict=True):
        left = span.stop <= index
        digest = node_hash(sibling, digest) if left else node_hash(digest, sibling)
    if digest != tree_root:
        raise Refusal("W3", f"The inclusion proof of leaf {index} does not lead to the root.")


def verify_consistency(old: TreeHead, new: TreeHead, path: Sequence[bytes]) -> None:
    """Require that the tree ``new`` extends the tree ``old``: RFC 9162 section 2.1.4.2.

    Where RFC 6962 says nothing, size 0, this follows C2SP tlog-witness: a tree of size 0 has the
    root SHA-256("") and no other; any tree extends it, and the path must be empty, for there is
    nothing to prove. From a size to itself the path is empty and the roots are equal.
    Raises Refusal W3.
    """
    spans = consistency_spans(old.size, new.size)
    _require_hashes(path, len(spans))
    if any(head.size == 0 and head.root != EMPTY_ROOT for head in (old, new)):
        raise Refusal("W3", "A tree without leaves has a root that is not SHA-256 of nothing.")
    if old.size == 0:
        return
    hashes = list(path)
    # The first span is the old tree's last subtree, unless that is the old tree itself.
    ends_old = bool(spans) and spans[0].stop == old.size
    old_root = new_root = hashes.pop(0) if ends_old else old.root
    for span, sibling in zip(spans[ends_old:], hashes, strict=True):
        if span.start < old.size:
            old_root, new_root = node_hash(sibling, old_root), node_hash(sibling, new_root)
        else:
            new_root = node_hash(new_root, sibling)
    if old_root != old.root or new_root != new.root:
        reason = f"The proof does not show that {new.size} leaves extend {old.size}."
        raise Refusal("W3", reason)


def _require_hashes(hashes: Sequence[bytes], count: int) -> None:
    # A hash of another length could move bytes between two children of one node.
    if len(hashes) != count or any(len(each) != HASH_SIZE for each in hashes):
        raise Refusal("W3", f"The proof does not consist of the {count} hashes that it needs.")
