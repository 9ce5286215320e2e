"""RFC 6962 trees: against the definition, against published vectors, and against change."""

import hashlib
import itertools
import json
import tarfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import merkle
from comity.kernel.errors import Refusal
from comity.kernel.merkle import EMPTY_ROOT, Frontier, Span, Subtree, TreeHead

LEAVES = [merkle.leaf_hash(i.to_bytes(32, "big")) for i in range(700)]


def mth(leaves: Sequence[bytes]) -> bytes:
    """The definition in RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH in RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF in RFC 6962 section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


class Kept:
    """What the store keeps: the leaves, and one row per complete 256-subtree."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.rows: dict[tuple[int, int], bytes] = {}
        self.frontier = Frontier()
        self.reads = 0

    def extend(self, leaves: Sequence[bytes]) -> None:
        self.leaves += leaves
        self.frontier, subtrees = self.frontier.extend(leaves)
        for subtree in subtrees:
            assert (subtree.level, subtree.index) not in self.rows
            self.rows[subtree.level, subtree.index] = subtree.hash

    def hashes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        self.reads += 1
        if level == 0:
            assert stop <= len(self.leaves)
            return self.leaves[start:stop]
        return [self.rows[level, index] for index in range(start, stop)]


def heads(old: int, size: int) -> tuple[TreeHead, TreeHead]:
    return TreeHead(old, mth(LEAVES[:old])), TreeHead(size, mth(LEAVES[:size]))


def refused(check: Callable[..., object], *arguments: object) -> None:
    with pytest.raises(Refusal) as caught:
        check(*arguments)
    assert caught.value.rule == "W3"


# The definition.


def test_hashes_are_those_of_the_standard() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert EMPTY_ROOT.hex() == empty
    leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.leaf_hash(b"").hex() == leaf
    assert merkle.node_hash(b"a", b"b") == hashlib.sha256(b"\x01ab").digest()


def test_the_tree_of_the_certificate_transparency_code_has_its_published_root() -> None:
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    data.append("606162636465666768696a6b6c6d6e6f")
    root = merkle.root([merkle.leaf_hash(bytes.fromhex(each)) for each in data])
    assert root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_root_and_frontier_equal_the_definition_at_every_size() -> None:
    frontier = Frontier()
    for size, leaf in enumerate([*LEAVES[:600], b"one more"]):
        expected = mth(LEAVES[:size])
        assert merkle.root(LEAVES[:size]) == expected
        assert frontier.head == TreeHead(size, expected)
        assert Frontier.from_bytes(frontier.to_bytes()) == frontier
        frontier = frontier.append(leaf)


@given(st.lists(st.integers(0, 300), max_size=8))
def test_a_frontier_does_not_depend_on_how_leaves_are_batched(batches: list[int]) -> None:
    size = sum(batches)
    leaves = (LEAVES * 4)[:size]
    kept, rest = Kept(), iter(leaves)
    for batch in batches:
        kept.extend(list(itertools.islice(rest, batch)))
    assert (kept.frontier, kept.rows) == (
        Frontier().extend(leaves)[0],
        {(1, i): mth(leaves[i * 256 : i * 256 + 256]) for i in range(size // 256)},
    )


def test_a_frontier_is_a_value() -> None:
    frontier, _ = Frontier().extend(LEAVES[:5])
    other = frontier.append(LEAVES[5])
    assert frontier.root() == mth(LEAVES[:5])
    assert other.root() == mth(LEAVES[:6])


def test_complete_subtrees_of_every_level_are_reported_once() -> None:
    leaves = LEAVES[:256] * 256 * 2 + LEAVES[:3]
    whole = mth(LEAVES[:256])
    kept = Kept()
    kept.extend(leaves[:100_000])
    kept.extend(leaves[100_000:])
    level_2 = mth([whole] * 256)
    assert kept.rows == {
        **{(1, i): whole for i in range(512)},
        (2, 0): level_2,
        (2, 1): level_2,
    }
    tail = Subtree(1, 0, whole)
    assert Frontier().extend(LEAVES[:256])[1] == [tail]
    assert Frontier().extend(LEAVES[:255])[1] == []


@pytest.mark.parametrize("data", [b"", b"\x00" * 7, b"\x00" * 7 + b"\x01", b"\x00" * 9])
def test_a_stored_frontier_of_another_length_is_refused(data: bytes) -> None:
    refused(Frontier.from_bytes, data)


# Proofs.


@pytest.mark.parametrize("size", [*range(1, 70), 127, 128, 129, 255, 256, 257, 600])
def test_inclusion_paths_are_those_of_the_standard_and_verify(size: int) -> None:
    root = mth(LEAVES[:size])
    for index in range(0, size, max(1, size // 60)):
        proof = merkle.inclusion_path(LEAVES[:size], index)
        assert proof == path(index, LEAVES[:size])
        merkle.verify_inclusion(LEAVES[index], index, size, proof, root)


def test_consistency_of_all_pairs_up_to_64() -> None:
    for size in range(65):
        for old in range(size + 1):
            proof = merkle.consistency_path(LEAVES[:size], old)
            assert proof == (subproof(old, LEAVES[:size], whole=True) if old else [])
            merkle.verify_consistency(*heads(old, size), proof)


def test_a_leaf_is_proven_at_its_own_index_only() -> None:
    size = 37
    root = mth(LEAVES[:size])
    for index in range(size):
        proof = merkle.inclusion_path(LEAVES[:size], index)
        for other in {*range(size + 1)} - {index}:
            refused(merkle.verify_inclusion, LEAVES[index], other, size, proof, root)
        refused(merkle.verify_inclusion, LEAVES[index + 1], index, size, proof, root)


@given(st.integers(1, 600), st.integers(0, 599), st.data())
def test_a_changed_inclusion_proof_is_refused(size: int, index: int, data: st.DataObject) -> None:
    index %= size
    proof = merkle.inclusion_path(LEAVES[:size], index)
    root = mth(LEAVES[:size])
    for leaf, hashes, claimed in changes(data, LEAVES[index], proof, root):
        refused(merkle.verify_inclusion, leaf, index, size, hashes, claimed)


@given(st.integers(2, 600), st.integers(1, 599), st.data())
def test_a_changed_consistency_proof_is_refused(size: int, old: int, data: st.DataObject) -> None:
    old = 1 + old % (size - 1)
    proof = merkle.consistency_path(LEAVES[:size], old)
    was, is_ = heads(old, size)
    for was_root, hashes, is_root in changes(data, was.root, proof, is_.root):
        claim = TreeHead(old, was_root), TreeHead(size, is_root)
        refused(merkle.verify_consistency, *claim, hashes)


def changes(
    data: st.DataObject, first: bytes, proof: list[bytes], last: bytes
) -> Iterator[tuple[bytes, list[bytes], bytes]]:
    """One bit flipped somewhere; a hash more, less, longer; hashes moved across a border."""
    parts = [first, *proof, last]
    bit = data.draw(st.integers(0, len(parts) * 256 - 1))
    flipped = list(parts)
    value = int.from_bytes(parts[bit // 256], "big") ^ (1 << bit % 256)
    flipped[bit // 256] = value.to_bytes(32, "big")
    yield flipped[0], flipped[1:-1], flipped[-1]
    yield first, [*proof, proof[-1] if proof else first], last
    yield first, [b"", *proof], last
    if proof:
        yield first, proof[:-1], last
        yield first, [proof[0] + proof[-1][:1], *proof[1:]], last


def test_hashes_of_other_lengths_do_not_move_bytes_between_children() -> None:
    left, right = LEAVES[:2]
    root = merkle.node_hash(left, right)
    refused(merkle.verify_inclusion, left + right[:1], 0, 2, [right[1:]], root)
    refused(merkle.verify_inclusion, b"", 0, 1, [], b"")


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (5, 3), (-1, 3)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    refused(merkle.inclusion_path, LEAVES[:size], index)
    refused(merkle.verify_inclusion, LEAVES[0], index, size, [], LEAVES[0])


@pytest.mark.parametrize("old", [4, -1])
def test_a_tree_does_not_extend_a_larger_one(old: int) -> None:
    refused(merkle.consistency_path, LEAVES[:3], old)


# Size 0, decided as C2SP tlog-witness does.


def test_any_tree_extends_the_empty_one_without_proof() -> None:
    for size in (0, 1, 5):
        merkle.verify_consistency(*heads(0, size), [])
        refused(merkle.verify_consistency, *heads(0, size), [EMPTY_ROOT])


def test_the_empty_tree_has_one_root() -> None:
    other = TreeHead(0, LEAVES[0])
    refused(merkle.verify_consistency, other, TreeHead(1, LEAVES[0]), [])
    refused(merkle.verify_consistency, TreeHead(0, EMPTY_ROOT), other, [])
    refused(merkle.verify_consistency, other, other, [])
    refused(merkle.verify_consistency, TreeHead(1, LEAVES[0]), heads(0, 0)[1], [])


def test_one_size_has_one_root() -> None:
    refused(merkle.verify_consistency, TreeHead(1, LEAVES[0]), TreeHead(1, LEAVES[1]), [])


# Proofs out of what the store keeps.


@given(st.integers(1, 70_000), st.data())
def test_proofs_of_a_kept_log_equal_those_over_all_leaves(size: int, data: st.DataObject) -> None:
    kept = full_log()
    old, index = data.draw(st.integers(0, size)), data.draw(st.integers(0, size - 1))
    was, is_ = merkle.head_at(kept, old), merkle.head_at(kept, size)
    assert was.root == merkle.root(kept.leaves[:old])
    proof = merkle.prove_inclusion(kept, index, size)
    merkle.verify_inclusion(kept.leaves[index], index, size, proof, is_.root)
    merkle.verify_consistency(was, is_, merkle.prove_consistency(kept, old, size))
    kept.reads = 0
    assert proof == merkle.prove_inclusion(kept, index, size)
    assert kept.reads <= 20


_FULL: list[Kept] = []


def full_log() -> Kept:
    if not _FULL:
        kept = Kept()
        kept.extend([merkle.leaf_hash(i.to_bytes(4, "big")) for i in range(70_000)])
        _FULL.append(kept)
    return _FULL[0]


def test_a_span_is_read_from_the_highest_rows_there_are() -> None:
    kept = full_log()
    kept.reads = 0
    assert merkle.span_hash(kept, Span(0, 65_536)) == kept.rows[2, 0]
    assert kept.reads == 1
    assert merkle.span_hash(kept, Span(65_536, 70_000)) == merkle.root(kept.leaves[65_536:])
    assert kept.reads == 3


# Published vectors.

# The one case of 196 where RFC 6962 is silent and C2SP tlog-witness is not: from size 0 on, an
# empty proof suffices. The vectors call the same thing useless and refuse it.
DECIDED = {"size1 is zero and size2 is not zero"}


def vectors(shared: Path, folder: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with tarfile.open(shared / "vectors/merkle/transparency-dev.tar.gz") as archive:
        for member in archive:
            if member.name.startswith(f"./{folder}/") and member.isfile():
                file = archive.extractfile(member)
                assert file is not None
                found.append(json.load(file))
    assert len(found) == 98
    return found


def accepts(check: Callable[..., None], *arguments: object) -> bool:
    try:
        check(*arguments)
    except Refusal:
        return False
    return True


def unpack(vector: dict[str, Any]) -> list[bytes]:
    return [b64decode(each) for each in vector["proof"] or []]


def test_published_inclusion_vectors(shared: Path) -> None:
    for vector in vectors(shared, "inclusion"):
        leaf, root = b64decode(vector["leafHash"]), b64decode(vector["root"])
        size = vector.get("treeSize", vector.get("end"))
        claim = (leaf, vector["leafIdx"], size, unpack(vector), root)
        assert accepts(merkle.verify_inclusion, *claim) is not vector["wantErr"], vector


def test_published_consistency_vectors(shared: Path) -> None:
    for vector in vectors(shared, "consistency"):
        old = TreeHead(vector["size1"], b64decode(vector["root1"]))
        new = TreeHead(vector["size2"], b64decode(vector["root2"]))
        wanted = not vector["wantErr"] or vector["desc"] in DECIDED
        assert accepts(merkle.verify_consistency, old, new, unpack(vector)) is wanted, vector


@st.composite
def subsets(draw: st.DrawFn) -> tuple[int, list[int]]:
    size = draw(st.integers(1, 300))
    indices = draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=min(size, 40)))
    return size, sorted(indices)


def proof_of(size: int, indices: Sequence[int]) -> tuple[dict[int, bytes], list[bytes], bytes]:
    leaves = LEAVES[:size]
    proof = merkle.prove_subset(leaves, indices)
    return {i: leaves[i] for i in indices}, proof, mth(leaves)


@given(subsets())
def test_several_leaves_are_proven_together(subset: tuple[int, list[int]]) -> None:
    size, indices = subset
    leaves, proof, root = proof_of(size, indices)
    merkle.verify_subset(leaves, size, proof, root)
    for at, leaf in leaves.items():
        refused(merkle.verify_subset, leaves | {at: LEAVES[-1]}, size, proof, root)
        refused(merkle.verify_subset, leaves | {at: leaf[:-1]}, size, proof, root)
    refused(merkle.verify_subset, leaves, size, [*proof, root], root)
    refused(merkle.verify_subset, leaves, size, proof, LEAVES[-1])


@given(subsets(), st.data())
def test_a_proof_of_several_is_narrowed_to_fewer(
    subset: tuple[int, list[int]], data: st.DataObject
) -> None:
    size, indices = subset
    leaves, proof, _ = proof_of(size, indices)
    fewer = sorted(data.draw(st.sets(st.sampled_from(indices), min_size=1)))
    narrowed = merkle.narrow_subset(leaves, size, proof, fewer)
    assert narrowed == merkle.prove_subset(LEAVES[:size], fewer)


def test_all_leaves_need_no_proof_and_one_its_inclusion_proof() -> None:
    size = 37
    assert merkle.prove_subset(LEAVES[:size], range(size)) == []
    for index in range(size):
        one = merkle.prove_subset(LEAVES[:size], [index])
        assert {*one} == {*merkle.inclusion_path(LEAVES[:size], index)}


@pytest.mark.parametrize(("indices", "size"), [([], 3), ([3], 3), ([-1, 0], 3), ([0], 0)])
def test_a_subset_that_is_none_is_refused(indices: list[int], size: int) -> None:
    refused(merkle.subset_spans, indices, size)


def test_a_proof_is_not_narrowed_to_what_it_does_not_prove() -> None:
    leaves, proof, _ = proof_of(8, [1, 2])
    refused(merkle.narrow_subset, leaves, 8, proof, [3])
