"""Bodies that were packed on their way (Content-Encoding)."""

from __future__ import annotations

import zlib

from comity.kernel.errors import Phrase, Refusal

_GZIP = 16 + zlib.MAX_WBITS
PLAIN = frozenset({"", "identity"})
PACKED = frozenset({"gzip", "x-gzip"})


def require_known(encoding: str) -> None:
    """Check a header Content-Encoding, before a body is read. Raises Refusal X31."""
    if encoding.strip().lower() not in PLAIN | PACKED:
        raise Refusal("X31", Phrase("A body is packed by gzip or not at all."), "Content-Encoding")


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """Return a body as it was before it was packed: at most ``limit`` bytes.

    No more is ever unpacked. Raises Refusal X36 when there is more, X37 for what is no whole gzip.
    """
    if encoding.strip().lower() in PLAIN:
        return body
    unpacker = zlib.decompressobj(_GZIP)
    try:
        data = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise _broken() from error
    if len(data) > limit:
        raise Refusal("X36", Phrase("Unpacked, the body has more than {limit} bytes.", limit=limit))
    if not unpacker.eof or unpacker.unused_data:
        raise _broken()
    return data


def _broken() -> Refusal:
    return Refusal("X37", Phrase("The body is no whole gzip, or more follows it."))
