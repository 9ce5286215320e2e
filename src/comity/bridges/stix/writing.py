"""Objects put together for others, by joining their bytes as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def bundle(raws: Iterable[bytes], uuid: str) -> bytes:
    """Return a bundle of objects as they stand; ``uuid`` names it and says nothing of them."""
    head = b'{"type":"bundle","id":"bundle--%b"' % uuid.encode()
    joined = b",".join(raws)
    return b'%b,"objects":[%b]}' % (head, joined) if joined else head + b"}"
