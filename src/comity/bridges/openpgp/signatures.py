"""Detached OpenPGP signatures of version 4 over files: reading, verifying and making them.

RFC 9580 sections 5.2 and 10.4. RSA, EdDSA on Curve 25519 (in its old form and its new one) and
ECDSA on the curves of NIST, with SHA-2; nothing weaker. What is verified is that the bytes are
those that a key signed: whose the key is, is decided by whoever trusts it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from comity.bridges.openpgp import armor
from comity.bridges.openpgp.material import Material, Private
from comity.bridges.openpgp.packets import Bytes, packets, subpackets
from comity.kernel.errors import Phrase, Refusal

LIMIT = 64 * 1024
"""The largest file of a signature, in bytes."""
HASHES = {8: "sha256", 9: "sha384", 10: "sha512"}
"""The hashes that are trusted, by their number."""
_SIGNATURE = 2
_BINARY = 0x00
_CREATED, _EXPIRES, _KEY_EXPIRES, _ISSUER, _FLAGS, _EMBEDDED, _ISSUER_FINGERPRINT = (
    2,
    3,
    9,
    16,
    27,
    32,
    33,
)
_KNOWN = {2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 16, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32}
_KNOWN |= {33, 34, 35, 39}
_NOTATION = 20


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of version 4.

    Fields: ``kind`` (section 5.2.1), ``algorithm`` of the key, ``hash`` by its name, ``created``
    (s since 1970, 0: it does not say), ``expires`` (s after that, 0: never), ``issuer`` (the
    fingerprint, or the last 16 digits of it), ``hashed`` (what is hashed behind the data),
    ``left`` (the first two bytes of the hash), ``numbers`` (the rest), ``flags`` of a key, an
    ``embedded`` signature, and ``key_expires`` (s after the creation of the key it is over).
    """

    kind: int
    algorithm: int
    hash: str
    created: int
    expires: int
    issuer: str
    hashed: bytes
    left: bytes
    numbers: bytes
    flags: int
    embedded: bytes
    key_expires: int

    def digest(self, data: bytes) -> bytes:
        """Return the hash over ``data`` that is signed."""
        trailer = b"\x04\xff" + len(self.hashed).to_bytes(4, "big")
        return hashlib.new(self.hash, data + self.hashed + trailer).digest()


def _odd(reason: Phrase) -> Refusal:
    return Refusal("X46", reason)


def read(data: bytes) -> Signature:
    """Return the one signature of a file, armored or binary. Raises Refusal X46."""
    if len(data) > LIMIT:
        raise _odd(Phrase("A signature has at most {limit} bytes.", limit=LIMIT))
    try:
        found = [packet for packet in packets(armor.signature(data)) if packet.tag == _SIGNATURE]
        if len(found) != 1:
            raise _odd(Phrase("The file holds {count} signatures, not one.", count=len(found)))
        return parse(found[0].body)
    except ValueError as error:
        why = error.args[0] if isinstance(error.args[0], Phrase) else str(error)
        raise _odd(Phrase("The signature cannot be read: {why}", why=why)) from None


def parse(body: bytes) -> Signature:
    """Return the signature of a packet. Raises ValueError or Refusal X46."""
    left = Bytes(body)
    version, kind, algorithm, hash_id = (left.number(1) for _ in range(4))
    if version != 4:
        raise _odd(Phrase("Signatures of version {version} are not read here.", version=version))
    if hash_id not in HASHES:
        raise _odd(Phrase("The hash of the signature, number {id}, is not trusted.", id=hash_id))
    area = left.take(left.number(2))
    other = left.take(left.number(2))
    _require_understood(area)
    hashed = dict(subpackets(area))
    said = dict(subpackets(other)) | hashed
    return Signature(
        kind=kind,
        algorithm=algorithm,
        hash=HASHES[hash_id],
        created=_number(hashed, _CREATED),
        expires=_number(hashed, _EXPIRES),
        issuer=_issuer(said),
        hashed=body[:6] + area,
        left=left.take(2),
        numbers=left.rest(),
        flags=(hashed.get(_FLAGS) or b"\0")[0],
        # It proves itself, and is often kept where nothing is hashed.
        embedded=said.get(_EMBEDDED, b""),
        key_expires=_number(hashed, _KEY_EXPIRES),
    )


def _require_understood(area: bytes) -> None:
    """Raise Refusal X46 where something critical is unknown, as section 5.2.3.7 demands."""
    for kind, critical in _criticals(area):
        if critical and (kind not in _KNOWN or kind == _NOTATION):
            raise _odd(Phrase("The signature says something critical that is not known here."))


def _criticals(area: bytes) -> list[tuple[int, bool]]:
    left, found = Bytes(area), []
    while left:
        first = left.number(1)
        if first >= 192:
            first = left.number(4) if first == 255 else (first - 192 << 8) + left.number(1) + 192
        kind = left.number(1)
        left.take(max(first, 1) - 1)
        found.append((kind & 0x7F, bool(kind & 0x80)))
    return found


def _number(said: dict[int, bytes], kind: int) -> int:
    return int.from_bytes(said.get(kind, b""), "big")


def _issuer(said: dict[int, bytes]) -> str:
    whole = said.get(_ISSUER_FINGERPRINT, b"")
    return (whole[1:] or said.get(_ISSUER, b"")).hex().upper()


def require_signed(
    data: bytes, signature: Signature, keys: list[Material], *, now: int | None = None
) -> Material:
    """Return the key of ``keys`` that signed ``data``.

    Raises Refusal X45 where none of them did, and X46 where the signature is none over a file, is
    of a key that may not sign, comes after the key had expired, or has itself. ``now`` is in ms.
    """
    if signature.kind != _BINARY:
        raise _odd(Phrase("The signature is not one over the bytes of a file."))
    signer = next((key for key in keys if key.is_named(signature.issuer)), None)
    if signer is None:
        raise Refusal(
            "X45",
            Phrase(
                "It is signed by the key {key}, which is not the one that is trusted.",
                key=signature.issuer,
            ),
        )
    digest = signature.digest(data)
    if digest[:2] != signature.left or not signer.verifies(
        signature.algorithm, signature.hash, signature.numbers, digest
    ):
        raise Refusal("X45", Phrase("The signature is not one over this file."), signature.issuer)
    _require_timely(signature, signer, now)
    return signer


def _require_timely(signature: Signature, signer: Material, now: int | None) -> None:
    expired = signer.expires is not None and signature.created >= signer.expires
    if expired or signature.created < signer.created:
        raise _odd(Phrase("The signature was made outside of the life of its key."))
    if now is None:
        return
    seconds = now // 1000
    if signature.created > seconds + 86_400:
        raise _odd(Phrase("The signature is dated in the future."))
    if signature.expires and signature.created + signature.expires < seconds:
        raise _odd(Phrase("The signature has expired."))


def make(data: bytes, private: Private, at: int) -> bytes:
    """Return an armored signature over ``data``, made at a time (s since 1970)."""
    fingerprint = bytes.fromhex(private.fingerprint)
    area = _subpacket(_CREATED, at.to_bytes(4, "big"))
    area += _subpacket(_ISSUER_FINGERPRINT, b"\x04" + fingerprint)
    other = _subpacket(_ISSUER, fingerprint[-8:])
    head = bytes([4, _BINARY, private.algorithm, 10]) + len(area).to_bytes(2, "big") + area
    unsigned = Signature(_BINARY, private.algorithm, "sha512", at, 0, "", head, b"", b"", 0, b"", 0)
    digest = unsigned.digest(data)
    body = head + len(other).to_bytes(2, "big") + other + digest[:2] + private.sign(digest)
    return armor.wrapped("SIGNATURE", b"\xc2\xff" + len(body).to_bytes(4, "big") + body)


def _subpacket(kind: int, body: bytes) -> bytes:
    return bytes([len(body) + 1, kind]) + body
