"""The numbers in OpenPGP keys of version 4, and what is computed with them.

RFC 9580 sections 5.5.2, 5.5.3 and 5.2.3. The computing is that of ``cryptography``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from comity.bridges.openpgp.packets import Bytes
from comity.kernel.errors import Phrase, Refusal

RSA, ECDSA, EDDSA, ED25519 = 1, 19, 22, 27
"""The algorithms that are trusted; RSA also stands in the guise of 3, for signing only."""
LEAST_BITS = 2048
"""The shortest modulus of RSA, in bits."""
_RSA_SIGN, _ECDH, _X25519 = 3, 18, 25
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ED25519_OID = bytes.fromhex("2b06010401da470f01")
_CURVES: dict[bytes, ec.EllipticCurve] = {
    bytes.fromhex("2a8648ce3d030107"): ec.SECP256R1(),
    bytes.fromhex("2b81040022"): ec.SECP384R1(),
    bytes.fromhex("2b81040023"): ec.SECP521R1(),
}
_Public: TypeAlias = "rsa.RSAPublicKey | ec.EllipticCurvePublicKey | Ed25519PublicKey"


@dataclass(frozen=True, slots=True)
class Material:
    """A public key that can verify.

    Fields: ``fingerprint`` in capital hexadecimal digits, ``algorithm``, ``created`` and
    ``expires`` in s since 1970 (None: never).
    """

    fingerprint: str
    algorithm: int
    created: int
    expires: int | None
    public: _Public = field(repr=False)

    def is_named(self, issuer: str) -> bool:
        """Say whether a signature names this key: by its fingerprint, or by its last 16 digits."""
        return len(issuer) >= 16 and self.fingerprint.endswith(issuer)

    def verifies(self, algorithm: int, name: str, numbers: bytes, digest: bytes) -> bool:
        """Say whether the numbers of a signature are this key's over a digest."""
        if _plain(algorithm) != self.algorithm:
            return False
        try:
            self._verify(_HASHES[name], Bytes(numbers), digest)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _verify(self, hashed: hashes.HashAlgorithm, left: Bytes, digest: bytes) -> None:
        if isinstance(self.public, rsa.RSAPublicKey):
            size = (self.public.key_size + 7) // 8
            signature = _padded(mpi(left), size)
            self.public.verify(signature, digest, padding.PKCS1v15(), Prehashed(hashed))
        elif isinstance(self.public, Ed25519PublicKey):
            native = self.algorithm == ED25519
            signature = left.take(64) if native else b"".join(_padded(mpi(left), 32) for _ in "rs")
            self.public.verify(signature, digest)
        else:
            pair = [int.from_bytes(mpi(left), "big") for _ in "rs"]
            self.public.verify(encode_dss_signature(*pair), digest, ec.ECDSA(Prehashed(hashed)))


def _plain(algorithm: int) -> int:
    return RSA if algorithm == _RSA_SIGN else algorithm


def mpi(left: Bytes) -> bytes:
    """Return the bytes of the next number, without leading zeros. Raises ValueError."""
    return left.take((left.number(2) + 7) // 8)


def _padded(number: bytes, size: int) -> bytes:
    if len(number) > size:
        raise ValueError(Phrase("A number of the signature is too long."))
    return number.rjust(size, b"\0")


def fingerprint(body: bytes) -> bytes:
    """Return the fingerprint of a public key packet of version 4 (section 5.5.4)."""
    return hashlib.sha1(
        b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False
    ).digest()


def read(body: bytes) -> Material:
    """Return the key of a public key packet, never expiring.

    Raises Refusal X46 for other versions than 4, for algorithms and strengths that are not
    trusted, and for numbers that make no key. Raises ValueError where the packet is cut off.
    """
    left = Bytes(body)
    if left.number(1) != 4:
        raise Refusal("X46", Phrase("Only keys of version 4 verify signatures here."))
    created, algorithm = left.number(4), _plain(left.number(1))
    try:
        public = _public(algorithm, left)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refusal("X46", Phrase("The numbers of the key make no key.")) from error
    return Material(fingerprint(body).hex().upper(), algorithm, created, None, public)


def _public(algorithm: int, left: Bytes) -> _Public:
    if algorithm == RSA:
        modulus, exponent = (int.from_bytes(mpi(left), "big") for _ in "ne")
        if modulus.bit_length() < LEAST_BITS:
            raise Refusal(
                "X46", Phrase("An RSA key has at least {bits} bits to be trusted.", bits=LEAST_BITS)
            )
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    if algorithm == ED25519:
        return Ed25519PublicKey.from_public_bytes(left.take(32))
    if algorithm not in {ECDSA, EDDSA}:
        raise Refusal(
            "X46", Phrase("Keys of the algorithm number {id} are not trusted here.", id=algorithm)
        )
    curve, point = left.take(left.number(1)), mpi(left)
    if algorithm == EDDSA and curve == _ED25519_OID and point[:1] == b"\x40":
        return Ed25519PublicKey.from_public_bytes(point[1:])
    if algorithm == EDDSA or curve not in _CURVES:
        raise Refusal("X46", Phrase("The curve of the key is not trusted here."))
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve], point)


@dataclass(frozen=True, slots=True)
class Private:
    """A private key that can sign: its ``fingerprint``, ``algorithm``, and the key itself."""

    fingerprint: str
    algorithm: int
    key: rsa.RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    def sign(self, digest: bytes) -> bytes:
        """Return the numbers of a signature over a digest of SHA-512."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            raw = self.key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA512()))
            return _mpi_of(raw)
        raw = self.key.sign(digest)
        return raw if self.algorithm == ED25519 else _mpi_of(raw[:32]) + _mpi_of(raw[32:])


def _mpi_of(raw: bytes) -> bytes:
    number = int.from_bytes(raw, "big")
    size = number.bit_length()
    return size.to_bytes(2, "big") + number.to_bytes((size + 7) // 8, "big")


def public_part(body: bytes) -> bytes:
    """Return the public packet in a private one, of any algorithm whose numbers are told apart.

    Raises ValueError.
    """
    left = Bytes(body)
    left.take(5)
    algorithm = left.number(1)
    if _plain(algorithm) == RSA:
        _skip(left, 2)
    elif algorithm in {ED25519, _X25519}:
        left.take(32)
    elif algorithm in {ECDSA, EDDSA, _ECDH}:
        left.take(left.number(1))
        _skip(left, 1)
        if algorithm == _ECDH:
            left.take(left.number(1))
    else:
        raise ValueError(Phrase("A key of the algorithm number {id} is among them.", id=algorithm))
    return body[: len(body) - len(left.rest())]


def _skip(left: Bytes, count: int) -> None:
    for _ in range(count):
        mpi(left)


def read_private(body: bytes) -> Private:
    """Return the key of a private key packet that no pass phrase protects.

    Raises Refusal X46 where it is protected, or of an algorithm that does not sign here, and
    ValueError where the packet is cut off.
    """
    whole = public_part(body)
    public = read(whole)
    left = Bytes(body[len(whole) :])
    if left.number(1):
        raise Refusal(
            "X46", Phrase("The private key is protected by a pass phrase; export it without one.")
        )
    return Private(public.fingerprint, public.algorithm, _private(public, left))


def _private(public: Material, left: Bytes) -> rsa.RSAPrivateKey | Ed25519PrivateKey:
    if isinstance(public.public, rsa.RSAPublicKey):
        d, p, q = (int.from_bytes(mpi(left), "big") for _ in "dpq")
        numbers = rsa.RSAPrivateNumbers(
            p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public.public.public_numbers()
        )
        return numbers.private_key()
    if isinstance(public.public, Ed25519PublicKey):
        raw = left.take(32) if public.algorithm == ED25519 else mpi(left).rjust(32, b"\0")
        return Ed25519PrivateKey.from_private_bytes(raw)
    raise Refusal("X46", Phrase("Only RSA and Ed25519 keys sign here."))
