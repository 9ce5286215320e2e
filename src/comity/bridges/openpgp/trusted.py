"""The keys of a file that may sign: a primary key and the subkeys that it binds to itself.

RFC 9580 sections 5.2.1 and 10.1. A subkey counts only where the primary key says that it signs,
and the subkey says that it belongs to it; whoever can add packets to a file gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from comity.bridges.openpgp import armor, material, signatures
from comity.bridges.openpgp.keys import LIMIT
from comity.bridges.openpgp.material import Material, Private
from comity.bridges.openpgp.packets import Packet, packets
from comity.bridges.openpgp.signatures import Signature
from comity.kernel.errors import Phrase, Refusal

_SIGNATURE, _PRIVATE, _PUBLIC, _PRIVATE_SUB, _USER, _PUBLIC_SUB = 2, 5, 6, 7, 13, 14
_CERTIFICATIONS = {0x10, 0x11, 0x12, 0x13}
_BINDING, _BACK, _DIRECT, _REVOKED, _SUB_REVOKED = 0x18, 0x19, 0x1F, 0x20, 0x28
_SIGNS = 0x02


def read(data: bytes) -> list[Material]:
    """Return the keys of a file, armored or binary, that may sign.

    Raises Refusal X46 where there is none: none at all, revoked, weak, or not for signing.
    """
    found: list[Material] = []
    refused: Refusal | None = None
    try:
        for group in _groups(data):
            try:
                found += _signing(group)
            except Refusal as refusal:
                refused = refusal
    except ValueError as error:
        raise Refusal("X46", Phrase("The key cannot be read: {why}", why=error.args[0])) from None
    if not found:
        raise refused or Refusal("X46", Phrase("The file holds no public key that may sign."))
    return found


def _groups(data: bytes) -> Iterator[list[Packet]]:
    """Yield the packets of each transferable key."""
    if len(data) > LIMIT:
        raise ValueError(Phrase("A key file has at most {limit} bytes.", limit=LIMIT))
    binary = data[:1] >= b"\x80"
    blocks = [data] if binary else armor.keys(data.decode("utf-8", "replace"))
    for block in blocks:
        group: list[Packet] = []
        for packet in packets(block):
            if packet.tag == _PUBLIC and group:
                yield group
                group = []
            group.append(packet)
        if group and group[0].tag == _PUBLIC:
            yield group


def _parts(group: list[Packet]) -> list[tuple[Packet, list[Packet]]]:
    """Return each key and name of a group with the signatures behind it."""
    parts: list[tuple[Packet, list[Packet]]] = []
    for packet in group:
        if packet.tag == _SIGNATURE and parts:
            parts[-1][1].append(packet)
        elif packet.tag != _SIGNATURE:
            parts.append((packet, []))
    return parts


def _signing(group: list[Packet]) -> Iterator[Material]:
    primary = group[0].body
    key = material.read(primary)
    parts = _parts(group)
    if any(_made(key, primary, parts[0][1], {_REVOKED})):
        raise Refusal("X46", Phrase("The key {key} is revoked.", key=key.fingerprint))
    own = [*_made(key, primary, parts[0][1], {_DIRECT}), *_named(key, primary, parts)]
    newest = max(own, key=lambda each: each.created, default=None)
    if newest is None or newest.flags & _SIGNS or not newest.flags:
        yield _living(key, newest)
    for packet, signed in parts:
        if packet.tag == _PUBLIC_SUB:
            yield from _subkey(key, primary, packet.body, signed)


def _named(
    key: Material, primary: bytes, parts: list[tuple[Packet, list[Packet]]]
) -> Iterator[Signature]:
    """Yield the signatures that a key made over its own names."""
    for packet, signed in parts:
        if packet.tag == _USER:
            name = b"\xb4" + len(packet.body).to_bytes(4, "big") + packet.body
            yield from _made(key, primary, signed, _CERTIFICATIONS, name)


def _hashed(body: bytes) -> bytes:
    return b"\x99" + len(body).to_bytes(2, "big") + body


def _made(
    key: Material, primary: bytes, signed: list[Packet], kinds: set[int], more: bytes = b""
) -> Iterator[Signature]:
    """Yield those signatures of certain kinds that the key itself made over itself and ``more``."""
    for packet in signed:
        try:
            one = signatures.parse(packet.body)
        except (Refusal, ValueError):
            continue  # What is not understood binds nothing, and revokes nothing either.
        if one.kind in kinds and key.is_named(one.issuer):
            digest = one.digest(_hashed(primary) + more)
            if key.verifies(one.algorithm, one.hash, one.numbers, digest):
                yield one


def _living(key: Material, said: Signature | None) -> Material:
    after = said.key_expires if said else 0
    return replace(key, expires=key.created + after) if after else key


def _subkey(key: Material, primary: bytes, body: bytes, signed: list[Packet]) -> Iterator[Material]:
    try:
        sub = material.read(body)
    except Refusal:
        return  # A subkey of another kind is for something else, as for encrypting.
    over = _hashed(body)
    bindings = list(_made(key, primary, signed, {_BINDING}, over))
    if not bindings or any(_made(key, primary, signed, {_SUB_REVOKED}, over)):
        return
    newest = max(bindings, key=lambda each: each.created)
    if newest.flags & _SIGNS and _belongs(sub, primary, over, newest.embedded):
        yield _living(sub, newest)


def _belongs(sub: Material, primary: bytes, over: bytes, embedded: bytes) -> bool:
    """Say whether a subkey itself says that it belongs to the primary key."""
    back = [Packet(_SIGNATURE, embedded)] if embedded else []
    return any(_made(sub, primary, back, {_BACK}, over))


def read_private(data: bytes) -> tuple[Private, bytes]:
    """Return the first private key of a file that may sign, and the file's public keys in armor.

    The file is what ``gpg --export-secret-keys`` writes of a key without pass phrase. A subkey
    that signs goes before the primary key. Raises Refusal X46.
    """
    binary = data[:1] >= b"\x80"
    try:
        texts = [data] if binary else armor.private_keys(data.decode("utf-8", "replace"))
        found = [packet for text in texts for packet in packets(text)]
        private = [material.read_private(each.body) for each in found if _signs(each)]
        public = b"".join(_public(packet) for packet in found)
    except ValueError as error:
        raise Refusal("X46", Phrase("The key cannot be read: {why}", why=error.args[0])) from None
    allowed = {each.fingerprint for each in read(public)} if public else set()
    usable = [each for each in private if each.fingerprint in allowed]
    if not usable:
        raise Refusal("X46", Phrase("The file holds no private key that may sign."))
    return usable[-1], armor.wrapped("PUBLIC KEY BLOCK", public)


def _signs(packet: Packet) -> bool:
    # The sixth byte is the algorithm; keys that encrypt are left where they are.
    algorithms = {material.RSA, material.EDDSA, material.ED25519}
    return packet.tag in {_PRIVATE, _PRIVATE_SUB} and packet.body[5:6] in {
        bytes([each]) for each in algorithms
    }


def _public(packet: Packet) -> bytes:
    """Return a packet as the public key has it: without what is private."""
    tag = {_PRIVATE: _PUBLIC, _PRIVATE_SUB: _PUBLIC_SUB}.get(packet.tag, packet.tag)
    body = packet.body if tag == packet.tag else material.public_part(packet.body)
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body
