"""Text around OpenPGP data: armored keys and cleartext signatures (RFC 9580 sections 6 and 7)."""

from __future__ import annotations

import binascii
import re

from comity.kernel.errors import Phrase

_KEY = "PUBLIC KEY BLOCK"
_PRIVATE = "PRIVATE KEY BLOCK"
_DETACHED = "SIGNATURE"
_BEGIN, _END = "-----BEGIN PGP {}-----", "-----END PGP {}-----"
_HEADER = re.compile(r"[A-Za-z-]+: ")
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"


def keys(text: str) -> list[bytes]:
    """Return what the armored public keys of ``text`` hold. Raises ValueError where it is broken.

    A checksum is left unread, as section 6.1 of RFC 9580 demands.
    """
    return [_unarmored(block) for block in _parted(text, _KEY)[1]]


def private_keys(text: str) -> list[bytes]:
    """Return what the armored private keys of ``text`` hold. Raises ValueError."""
    return [_unarmored(block) for block in _parted(text, _PRIVATE)[1]]


def signature(data: bytes) -> bytes:
    """Return the packets of a detached signature, armored or not. Raises ValueError."""
    if data[:1] >= b"\x80":
        return data
    blocks = _parted(data.decode("utf-8", "replace"), _DETACHED)[1]
    if len(blocks) != 1:
        raise ValueError(Phrase("This is no armored OpenPGP signature."))
    return _unarmored(blocks[0])


def wrapped(kind: str, data: bytes) -> bytes:
    """Return binary data as an armored block, as of a ``SIGNATURE``.

    With the checksum that RFC 9580 made needless: GnuPG 2.2 complains of its absence.
    """
    text = binascii.b2a_base64(data, newline=False).decode()
    check = binascii.b2a_base64(_crc(data).to_bytes(3, "big"), newline=False).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)] + [f"={check}"]
    return "\n".join([_BEGIN.format(kind), "", *lines, _END.format(kind), ""]).encode()


def _crc(data: bytes) -> int:
    """Return the checksum of section 6.1.1."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    return crc & 0xFFFFFF


def without_keys(text: str) -> str:
    """Return ``text`` without its armored public keys."""
    return "\n".join(_parted(text, _KEY)[0])


def _parted(text: str, kind: str) -> tuple[list[str], list[list[str]]]:
    """Return the lines outside of armored blocks of a kind, and those of each block."""
    begin, end = _BEGIN.format(kind), _END.format(kind)
    words: list[str] = []
    blocks: list[list[str]] = []
    block: list[str] | None = None
    for line in text.splitlines():
        mark = line.strip()
        if mark == begin:
            block = []
        elif mark == end and block is not None:
            blocks.append(block)
            block = None
        else:
            (words if block is None else block).append(line)
    return words, blocks


def _unarmored(block: list[str]) -> bytes:
    lines = map(str.strip, block)
    wanted = [line for line in lines if not _HEADER.match(line) and not line.startswith("=")]
    try:
        return binascii.a2b_base64("".join(wanted), strict_mode=True)
    except ValueError:
        raise ValueError(
            Phrase("An armored key or signature is cut off or changed; ask for it again.")
        ) from None


def cleartext(text: str) -> tuple[str, bool]:
    """Return what a cleartext signature stands under, and whether ``text`` bears one.

    Without one it is all of ``text``. Words before and after what is signed are left out, since
    the signature does not cover them. The signature itself is not looked at.
    """
    lines = text.splitlines()
    if _SIGNED not in lines:
        return text, False
    lines = lines[lines.index(_SIGNED) + 1 :]
    lines = lines[lines.index("") + 1 :] if "" in lines else lines
    lines = lines[: lines.index(_SIGNATURE)] if _SIGNATURE in lines else lines
    # Section 7.1: a line that begins with a hyphen is written with "- " before it.
    return "\n".join(line.removeprefix("- ") for line in lines) + "\n", True
