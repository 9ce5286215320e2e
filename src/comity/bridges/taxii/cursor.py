"""Cursors, the values of ``next`` (section 3.5): where the next page begins, told to nobody else.

A cursor is made from the place, the collection and the filters, and from nothing that the server
remembers: it is good for ever, at any process, as often as it is used. Places are counted over the
whole node, so that a client who could read two would learn how much came in between elsewhere:
they are sealed. A cursor opens nothing: what is on the page is asked for anew, with the rights of
the one who asks.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from comity.kernel.errors import Phrase, Refusal

_HALF = 8
_TAG, _PAD = b"taxii tag", b"taxii pad"


def give(key: bytes, scope: bytes, place: int) -> str:
    """Return the cursor of ``place`` within ``scope``, the collection and filters as bytes.

    Its tag is the nonce of its seal, as in SIV: equal places have equal cursors.
    """
    plain = place.to_bytes(_HALF, "big")
    tag = _tag(key, scope, plain)
    return base64.urlsafe_b64encode(tag + _sealed(key, tag, plain)).decode().rstrip("=")


def read(key: bytes, scope: bytes, cursor: str) -> int:
    """Return the place of a cursor. Raises Refusal X33 for one not given for this ``scope``."""
    data = _decoded(cursor)
    tag, plain = data[:_HALF], _sealed(key, data[:_HALF], data[_HALF:])
    if len(data) != 2 * _HALF or _tag(key, scope, plain) != tag:
        raise Refusal(
            "X33",
            Phrase(
                "This cursor was not given for these filters. Send next with the same filters as "
                "before, or begin again with added_after."
            ),
            "next",
        )
    return int.from_bytes(plain, "big")


def _tag(key: bytes, scope: bytes, plain: bytes) -> bytes:
    return _keyed(key, _TAG, plain + scope)


def _sealed(key: bytes, tag: bytes, plain: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(plain, _keyed(key, _PAD, tag), strict=False))


def _keyed(key: bytes, use: bytes, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_HALF, key=key, person=use).digest()


def _decoded(cursor: str) -> bytes:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
