"""Codes that people print, type and scan: bytes in base32, in groups of five, ending in a check.

A code says by its first words what it holds. Base32 (RFC 4648) has no letter that another case, or
another hand, makes a different one; a QR code of it is small, because it is upper-case alone.
"""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.kernel.errors import Refusal

KIT, ROOT = "COMITY", "COMITY-ROOT"
HOLDER, SIGNATURE = "COMITY-HOLDER", "COMITY-SIGNATURE"
CHECK = 3
"""Bytes of the check: one mistyped code in sixteen million passes it."""
# Prefixes and labels are frozen.
_LABELS = {
    KIT: b"comity/kit-check/v1",
    ROOT: b"comity/root-check/v1",
    HOLDER: b"comity/holder-check/v1",
    SIGNATURE: b"comity/signature-check/v1",
}
_MISTYPED = {
    KIT: "The spare-key code was mistyped: its check does not agree.",
    ROOT: "The root code was mistyped: its check does not agree.",
    HOLDER: "The holder code was mistyped: its check does not agree.",
    SIGNATURE: "The signature code was mistyped: its check does not agree.",
}
_ANOTHER = {
    KIT: "This is the spare-key code of a kit; another code is asked for.",
    ROOT: "This is the root code of a kit; another code is asked for. Show it to nobody.",
    HOLDER: "This is the holder code of a new root key; another code is asked for.",
    SIGNATURE: "This is a signature code; another code is asked for.",
}


def write(prefix: str, data: bytes) -> str:
    """Return the code of ``data`` under a prefix of this module."""
    text = base64.b32encode(data + _check(prefix, data)).decode().rstrip("=")
    return "-".join([prefix, *(text[i : i + 5] for i in range(0, len(text), 5))])


def read(prefix: str, code: str, size: int) -> bytes:
    """Return the ``size`` bytes in a code. Raises Refusal S4: another code, or mistyped."""
    written = "".join(code.upper().split())
    found = kind(written)
    if found not in {prefix, ""}:
        raise Refusal("S4", _ANOTHER[found])
    digits = written.removeprefix(prefix).replace("-", "")
    try:
        raw = base64.b32decode(digits + "=" * (-len(digits) % 8))
    except ValueError:
        raw = b""
    data, check = raw[:-CHECK], raw[-CHECK:]
    if len(data) != size or check != _check(prefix, data):
        raise Refusal("S4", _MISTYPED[prefix])
    return data


def kind(written: str) -> str:
    """Return the prefix a code begins with, "" when with none: the digits alone may be typed."""
    return next((p for p in sorted(_LABELS, key=len, reverse=True) if written.startswith(p)), "")


def _check(prefix: str, data: bytes) -> bytes:
    return HKDF(SHA256(), CHECK, None, _LABELS[prefix]).derive(data)
