"""Text around OpenPGP data: armored keys and cleartext signatures (RFC 9580 sections 6 and 7)."""

from __future__ import annotations

import binascii
import re

from comity.kernel.errors import Phrase

_KEY = re.compile(
    r"^-----BEGIN PGP PUBLIC KEY BLOCK-----[ \t]*\r?\n(.*?)^-----END PGP PUBLIC KEY BLOCK-----",
    re.DOTALL | re.MULTILINE,
)
_HEADER = re.compile(r"[A-Za-z-]+: ")
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"


def keys(text: str) -> list[bytes]:
    """Return what the armored public keys of ``text`` hold. Raises ValueError where it is broken.

    A checksum is left unread, as section 6.1 of RFC 9580 demands.
    """
    return [_unarmored(found[1]) for found in _KEY.finditer(text)]


def without_keys(text: str) -> str:
    """Return ``text`` without its armored public keys."""
    return _KEY.sub("", text)


def _unarmored(block: str) -> bytes:
    lines = [line.strip() for line in block.splitlines()]
    wanted = [line for line in lines if not _HEADER.match(line) and not line.startswith("=")]
    try:
        return binascii.a2b_base64("".join(wanted), strict_mode=True)
    except binascii.Error:
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
