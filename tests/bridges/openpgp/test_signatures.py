"""Detached signatures: those of GnuPG are verified, ours are verified by GnuPG, others refused."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.openpgp import armor, material, signatures, trusted
from comity.bridges.openpgp.packets import Packet, packets
from comity.kernel.errors import Refusal
from tests.bridges.csaf.samples import denied
from tests.bridges.openpgp.samples import (
    CRYSTAL_KEY,
    CRYSTAL_SECRET,
    CRYSTAL_SIGNATURE,
    ORVANDA_KEY,
    ORVANDA_SECRET,
    ORVANDA_SIGNATURE,
    SIGNED,
)

BOTH = [
    (ORVANDA_KEY, ORVANDA_SECRET, ORVANDA_SIGNATURE, "0BEA3D6C1A8EE834BBEFAE7C928A9621A7A17A36"),
    (CRYSTAL_KEY, CRYSTAL_SECRET, CRYSTAL_SIGNATURE, "89276EBE18E428440176FCE357C9E2476F4FAE7F"),
]
CISA = "144AED0A57BE7D4AE835D9D8CAC5AC4F74164B17"
AT = 1_800_000_000


def binary(armored: bytes, kind: str = "key") -> bytes:
    text = armored.decode()
    return armor.signature(armored) if kind == "signature" else armor.keys(text)[0]


def packed(found: list[Packet]) -> bytes:
    return b"".join(
        bytes([0xC0 | one.tag, 0xFF]) + len(one.body).to_bytes(4, "big") + one.body for one in found
    )


@pytest.mark.parametrize(("key", "_secret", "signature", "signer"), BOTH)
def test_signatures_of_gnupg_are_verified(
    key: bytes, _secret: bytes, signature: bytes, signer: str
) -> None:
    read = signatures.read(signature)
    assert (read.issuer, read.hash, read.kind) == (signer, "sha512", 0)
    for form in (key, binary(key)):
        keys = trusted.read(form)
        assert [one.fingerprint for one in keys] == [signer]
        assert signatures.require_signed(SIGNED, read, keys).fingerprint == signer
    assert signatures.read(binary(signature, "signature")) == read
    short = replace(read, issuer=signer[-16:])
    assert signatures.require_signed(SIGNED, short, trusted.read(key)).fingerprint == signer


@pytest.mark.parametrize(("key", "_secret", "signature", "_signer"), BOTH)
def test_what_was_not_signed_is_refused(
    key: bytes, _secret: bytes, signature: bytes, _signer: str
) -> None:
    read, keys = signatures.read(signature), trusted.read(key)
    denied("X45", signatures.require_signed, SIGNED + b"!", read, keys)
    denied("X45", signatures.require_signed, SIGNED, read, [])
    # A hash that begins as the signed one does is not enough.
    forged = replace(read, left=read.digest(b"other")[:2])
    denied("X45", signatures.require_signed, b"other", forged, keys)
    moved = replace(read, hashed=read.hashed[:-1] + bytes([read.hashed[-1] ^ 1]))
    denied("X45", signatures.require_signed, SIGNED, moved, keys)
    for numbers in (b"", b"\xff\xff", read.numbers[:-1], b"\0\0" * 2):
        denied("X45", signatures.require_signed, SIGNED, replace(read, numbers=numbers), keys)


def test_anothers_key_is_refused() -> None:
    read = signatures.read(ORVANDA_SIGNATURE)
    assert (
        BOTH[0][3]
        in denied("X45", signatures.require_signed, SIGNED, read, trusted.read(CRYSTAL_KEY)).reason
    )
    named = replace(read, issuer=BOTH[1][3])
    denied("X45", signatures.require_signed, SIGNED, named, trusted.read(CRYSTAL_KEY))


@pytest.mark.parametrize(("key", "secret", "_signature", "signer"), BOTH)
def test_what_is_signed_here_is_verified(
    key: bytes, secret: bytes, _signature: bytes, signer: str, tmp_path: Path
) -> None:
    private, public = trusted.read_private(secret)
    assert private.fingerprint == signer
    assert signer.encode() not in repr(private.key).encode()
    assert [one.fingerprint for one in trusted.read(public)] == [signer]
    assert b"PRIVATE" not in public
    made = signatures.make(SIGNED, private, AT)
    assert made == signatures.make(SIGNED, private, AT)
    read = signatures.read(made)
    assert (read.issuer, read.created) == (signer, AT)
    signatures.require_signed(SIGNED, read, trusted.read(key), now=AT * 1000)
    if shutil.which("gpgv") is None:
        pytest.skip("gpgv is not installed; the rest was tried.")
    for name, data in (("key", binary(key)), ("file", SIGNED), ("file.asc", made)):
        (tmp_path / name).write_bytes(data)
    words: list[str | Path] = [
        "gpgv",
        "--keyring",
        tmp_path / "key",
        tmp_path / "file.asc",
        tmp_path / "file",
    ]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "Good signature" in told.stderr


def test_times_of_keys_and_signatures_count() -> None:
    private, _ = trusted.read_private(ORVANDA_SECRET)
    (key,) = trusted.read(ORVANDA_KEY)
    read = signatures.read(signatures.make(SIGNED, private, AT))

    def verify(one: signatures.Signature, by: material.Material, now: int) -> None:
        signatures.require_signed(SIGNED, one, [by], now=now * 1000)

    verify(read, replace(key, expires=AT + 1), AT + 10_000)
    denied("X46", verify, read, replace(key, expires=AT), AT)
    denied("X46", verify, read, replace(key, created=AT + 1), AT)
    denied("X46", verify, read, key, AT - 100_000)
    denied("X46", verify, replace(read, expires=10), key, AT + 11)


def test_a_subkey_counts_only_where_both_keys_say_so() -> None:
    found = [*packets(binary(CRYSTAL_KEY))]
    assert [one.tag for one in found] == [6, 13, 2, 14, 2]
    other = [*packets(binary(ORVANDA_KEY))]
    # Without its binding, with another's, and bound by whoever has no part in it.
    denied("X46", trusted.read, packed(found[:4]))
    denied("X46", trusted.read, packed([*found[:4], other[2]]))
    stolen = [*other, found[3], found[4]]
    assert [one.fingerprint for one in trusted.read(packed(stolen))] == [BOTH[0][3]]
    # What the subkey says of itself stands in the binding, and cannot be left out.
    binding = signatures.parse(found[4].body)
    assert binding.embedded
    at = found[4].body.index(binding.embedded)
    changed = bytearray(found[4].body)
    changed[at + 30] ^= 1
    denied("X46", trusted.read, packed([*found[:4], Packet(2, bytes(changed))]))


def test_a_key_that_was_revoked_is_refused() -> None:
    private, public = trusted.read_private(ORVANDA_SECRET)
    found = [*packets(binary(public))]
    primary = b"\x99" + len(found[0].body).to_bytes(2, "big") + found[0].body
    made = next(packets(armor.signature(signatures.make(primary, private, AT)))).body
    revoked = bytearray(made)
    revoked[1] = 0x20
    read = signatures.parse(bytes(revoked))
    numbers = private.sign(read.digest(primary))
    body = bytes(revoked[: len(made) - len(read.numbers)]) + numbers
    assert (
        "revoked"
        in denied("X46", trusted.read, packed([found[0], Packet(2, body), *found[1:]])).reason
    )
    # Nobody else can revoke it.
    forged = bytes(revoked)
    assert trusted.read(packed([found[0], Packet(2, forged), *found[1:]]))


def test_weak_and_foreign_keys_are_refused() -> None:
    small = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    body = b"\x04" + bytes(4) + b"\x01"
    for number in (small.n, small.e):
        body += number.bit_length().to_bytes(2, "big")
        body += number.to_bytes((number.bit_length() + 7) // 8, "big")
    assert "2048" in denied("X46", material.read, body).reason
    denied("X46", material.read, b"\x06" + body[1:])
    denied("X46", material.read, b"\x04" + bytes(4) + b"\x11" + bytes(100))
    denied("X46", material.read, b"\x04" + bytes(4) + b"\x16\x05abcde\x00\x10\x40\x01")
    denied("X46", material.read, b"\x04" + bytes(4) + b"\x1b" + b"\xff" * 3)


def test_a_curve_of_nist_verifies() -> None:
    private = ec.derive_private_key(7, ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    body = b"\x04" + bytes(4) + b"\x13\x08" + bytes.fromhex("2a8648ce3d030107")
    key = material.read(body + (515).to_bytes(2, "big") + point)
    assert key.algorithm == material.ECDSA
    assert not key.verifies(material.ECDSA, "sha256", b"\x00\x01\x01" * 2, bytes(32))
    assert not key.verifies(material.RSA, "sha256", b"\x00\x01\x01" * 2, bytes(32))


def changed(at: int, value: int) -> bytes:
    (packet,) = packets(binary(ORVANDA_SIGNATURE, "signature"))
    body = bytearray(packet.body)
    body[at] = value
    return packed([Packet(2, bytes(body))])


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (changed(0, 3), "version 3"),
        (changed(0, 6), "version 6"),
        (changed(3, 2), "number 2"),
        (changed(3, 1), "number 1"),
        (changed(7, 0xE4), "critical"),
        (changed(5, 0xFF), "too early"),
        (b"", "no armored"),
        (b"hello", "no armored"),
        (ORVANDA_SIGNATURE * 2, "no armored"),
        (ORVANDA_KEY, "no armored"),
        (packed([*packets(binary(ORVANDA_KEY))][:2]), "0 signatures, not one"),
        (ORVANDA_SIGNATURE[:300], "no armored"),
        (ORVANDA_SIGNATURE.replace(b"iQ", b"**"), "changed"),
        (b"\x80" * 100_000, "bytes"),
    ],
)
def test_odd_signatures_are_refused(bad: bytes, why: str) -> None:
    assert why in denied("X46", signatures.read, bad).reason


def test_a_signature_over_a_text_is_refused() -> None:
    read = signatures.read(changed(1, 1))
    denied("X46", signatures.require_signed, SIGNED, read, trusted.read(ORVANDA_KEY))


@given(st.binary(max_size=300))
def test_whatever_is_read_is_a_signature_or_refused(data: bytes) -> None:
    for function in (signatures.read, trusted.read, trusted.read_private):
        with pytest.raises(Refusal):
            function(data)


@pytest.mark.parametrize("data", [ORVANDA_KEY, b"", ORVANDA_SECRET[:900]])
def test_what_is_no_private_key_is_refused(data: bytes) -> None:
    denied("X46", trusted.read_private, data)


def test_a_protected_private_key_is_refused() -> None:
    found = [*packets(armor.private_keys(ORVANDA_SECRET.decode())[0])]
    size = len(material.public_part(found[0].body))
    body = bytearray(found[0].body)
    body[size] = 254
    assert (
        "pass phrase"
        in denied("X46", trusted.read_private, packed([Packet(5, bytes(body)), *found[1:]])).reason
    )


def test_the_real_signatures_are_read_right(shared: Path) -> None:
    files = sorted((shared / "data" / "csaf" / "cisa").glob("*.asc"))
    if not files:
        pytest.skip("The real advisories are not at hand.")
    for file in files:
        read = signatures.read(file.read_bytes())
        assert (read.issuer, read.algorithm, read.hash) == (CISA, material.RSA, "sha512")
        assert read.digest(file.with_suffix("").read_bytes())[:2] == read.left
        denied("X45", signatures.require_signed, SIGNED, read, trusted.read(ORVANDA_KEY))
    assert len(files) == 60
