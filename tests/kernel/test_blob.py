"""Content blobs: encrypted once, opened only by what the bundle says of them."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.blob import (
    PLAINTEXT_LIMIT,
    RECORD_HEAD,
    TAG_SIZE,
    BlobRef,
    decrypt,
    encrypt,
    plan,
)
from comity.kernel.content import MAX_PARTS, PART_LIMIT, Part
from comity.kernel.ids import Id
from tests.kernel.refusals import flip, refuses, rule_of

KEY = bytes(range(32))
ACT = Id("a" * 64)
SALT = b"s" * 32

indexed = st.dictionaries(
    st.integers(0, MAX_PARTS - 1),
    st.tuples(st.binary(min_size=32, max_size=32), st.binary(max_size=50)),
    min_size=1,
    max_size=6,
).map(lambda found: [Part(index, *found[index]) for index in sorted(found)])


def record(index: int, data: bytes, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return index.to_bytes(4, "big") + SALT + size.to_bytes(4, "big") + data


def by_hand(plaintext: bytes, first: int = 0, last: int = 0) -> tuple[BlobRef, bytes]:
    ciphertext = ChaCha20Poly1305(KEY).encrypt(bytes(12), plaintext, b"comity/blob/v1")
    digest = Id(hashlib.sha256(ciphertext).hexdigest())
    return BlobRef(digest, len(ciphertext), KEY, first, last, ACT), ciphertext


@given(indexed)
def test_what_is_encrypted_opens(parts: list[Part]) -> None:
    ref, ciphertext = encrypt(KEY, parts, ACT)
    assert decrypt(ref, ciphertext) == parts
    assert (ref.first, ref.last, ref.act) == (parts[0].index, parts[-1].index, ACT)
    assert ref.size == len(ciphertext)


def test_the_format_is_frozen() -> None:
    parts = [Part(1, SALT, b"one"), Part(3, SALT, b"")]
    assert encrypt(KEY, parts, ACT) == by_hand(record(1, b"one") + record(3, b""), 1, 3)


@given(indexed, st.data())
def test_no_bit_of_the_ciphertext_or_the_reference_may_change(
    parts: list[Part], data: st.DataObject
) -> None:
    ref, ciphertext = encrypt(KEY, parts, ACT)
    wrong = flip(ciphertext, data.draw(st.integers(0, 8 * len(ciphertext) - 1)))
    refuses("T8", lambda: decrypt(ref, wrong))
    rehashed = replace(ref, hash=Id(hashlib.sha256(wrong).hexdigest()))
    refuses("T8", lambda: decrypt(rehashed, wrong))
    refuses("T8", lambda: decrypt(ref, ciphertext[:-1]))
    key = bytes([KEY[0] ^ 1]) + KEY[1:]
    for other in (
        replace(ref, hash=Id("0" * 64)),
        replace(ref, size=ref.size + 1),
        replace(ref, first=ref.first + 1),
        replace(ref, last=ref.last + 1),
        replace(ref, key=key),
    ):
        refuses("T8", lambda other=other: decrypt(other, ciphertext))  # type: ignore[misc]


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"x",
        record(0, b"")[:-1],
        record(0, b"ab", 3),
        record(0, b"") + b"x",
        record(0, b"") + record(0, b""),
        record(1, b"") + record(0, b""),
        record(0, b"") + record(1, b"") + record(0, b""),
        record(MAX_PARTS, b""),
        record(0, bytes(PART_LIMIT + 1)),
        record(0, b"", 2**32 - 1),
    ],
)
def test_a_plaintext_of_another_form_is_refused(plaintext: bytes) -> None:
    ref, ciphertext = by_hand(plaintext)
    refuses("T8", lambda: decrypt(ref, ciphertext))


@given(st.binary(max_size=120))
def test_any_plaintext_gives_parts_or_is_refused(plaintext: bytes) -> None:
    assert rule_of(lambda: decrypt(*by_hand(plaintext))) in {None, "T8"}


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [Part(1, SALT, b""), Part(0, SALT, b"")],
        [Part(0, SALT, b""), Part(0, SALT, b"")],
        [Part(i, SALT, bytes(PART_LIMIT)) for i in range(16)] + [Part(16, SALT, b"")],
    ],
)
def test_parts_that_make_no_blob_are_refused(parts: list[Part]) -> None:
    refuses("T8", lambda: encrypt(KEY, parts, ACT))


def test_the_largest_blob_holds_sixteen_full_parts() -> None:
    parts = [Part(i, SALT, bytes(PART_LIMIT)) for i in range(16)]
    ref, ciphertext = encrypt(KEY, parts, ACT)
    assert ref.size == PLAINTEXT_LIMIT + TAG_SIZE
    assert decrypt(ref, ciphertext) == parts
    assert BlobRef.from_object(ref.to_object()) == ref


def test_numbers_of_the_format_are_frozen() -> None:
    assert (RECORD_HEAD, TAG_SIZE, PLAINTEXT_LIMIT) == (40, 16, 16 * (2**20 + 40))
    assert plan([1, 2]) == [range(2)]
    assert plan([]) == []


def test_a_file_of_one_gibibyte_is_sixty_four_blobs() -> None:
    blobs = plan([PART_LIMIT] * 1024, first=1)
    assert blobs == [range(i, i + 16) for i in range(1, 1025, 16)]
    assert len(blobs) == 64


@given(
    st.lists(
        st.sampled_from([0, 1, PART_LIMIT - 1, PART_LIMIT]) | st.integers(0, PART_LIMIT),
        max_size=60,
    ),
    st.integers(0, 9),
)
def test_a_plan_covers_every_part_once_within_the_limit(sizes: list[int], first: int) -> None:
    blobs = plan(sizes, first)
    assert [i for blob in blobs for i in blob] == [*range(first, first + len(sizes))]
    totals = [sum(RECORD_HEAD + sizes[i - first] for i in blob) for blob in blobs]
    assert all(total <= PLAINTEXT_LIMIT for total in totals)
    # No blob could have taken the first part of the next.
    for total, following in zip(totals, blobs[1:], strict=False):
        assert total + RECORD_HEAD + sizes[following.start - first] > PLAINTEXT_LIMIT


REF = by_hand(record(0, b""))[0]


def test_a_reference_reads_what_it_writes_and_hides_its_key() -> None:
    assert BlobRef.from_object(REF.to_object()) == REF
    last = replace(REF, first=MAX_PARTS - 1, last=MAX_PARTS - 1)
    assert BlobRef.from_object(last.to_object()) == last
    assert REF.to_object()["key"] == KEY.hex()
    assert "key" not in repr(REF)


@pytest.mark.parametrize(
    "change",
    [
        {"hash": "0"},
        {"size": RECORD_HEAD + TAG_SIZE - 1},
        {"size": PLAINTEXT_LIMIT + TAG_SIZE + 1},
        {"key": "00" * 31},
        {"first": 1},
        {"first": -1},
        {"last": MAX_PARTS},
        {"act": None},
        {"more": 1},
    ],
)
def test_a_reference_of_another_form_is_refused(change: dict[str, Any]) -> None:
    refuses("T10", lambda: BlobRef.from_object({**REF.to_object(), **change}))
    refuses("T10", lambda: BlobRef.from_object("no object"))
