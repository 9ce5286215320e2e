"""Text around OpenPGP data: armored keys and cleartext signatures (RFC 9580 sections 6 and 7)."""

from __future__ import annotations

import binascii
import re

from comity.kernel.errors import Phrase

_BEGIN = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_END = "-----END PGP PUBLIC KEY BLOCK-----"
_HEADER = re.compile(r"[A-Za-z-]+: ")
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"


def keys(text: str) -> list[bytes]:
    """Return what the armored public keys of ``text`` hold. Raises ValueError where it is broken.

    A checksum is left unread, as section 6.1 of RFC 9580 demands.
    """
    return [_unarmored(block) for block in _parted(text)[1]]


def without_keys(text: str) -> str:
    """Return ``text`` without its armored public keys."""
    return "\n".join(_parted(text)[0])


def _parted(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the lines outside of armored keys, and those of each key."""
    words: list[str] = []
    blocks: list[list[str]] = []
    block: list[str] | None = None
    for line in text.splitlines():
        mark = line.strip()
        if mark == _BEGIN:
            block = []
        elif mark == _END and block is not None:
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
            Phrase("An armored key is cut off or changed; ask for it again.")
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
