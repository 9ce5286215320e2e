"""Where the domain of a mail address publishes its OpenPGP key: the Web Key Directory.

As in draft-koch-openpgp-webkey-service, section 3.1. Who asks there tells the domain so.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple
from urllib.parse import quote

from comity.kernel.errors import Phrase

_ADDRESS = re.compile(r"([^@\s\x00-\x1f\x7f\ud800-\udfff]{1,64})@([^@\s\x00-\x1f\x7f/?#:]{1,253})")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})+")
_Z_BASE_32 = "ybndrfg8ejkmcpqxot1uwisza345h769"
_UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Places(NamedTuple):
    """Where a key lies: ``advanced`` is asked first, ``direct`` where its host does not exist; both
    by the ``hashed`` part of the address.
    """

    advanced: str
    direct: str
    hashed: str


def hashed(local: str) -> str:
    """Return the 32 characters that stand for the part of an address before the ``@``."""
    # The draft lowers letters of ASCII alone.
    data = local.translate(_UPPER).encode()
    number = int.from_bytes(hashlib.sha1(data, usedforsecurity=False).digest(), "big")
    return "".join(_Z_BASE_32[number >> shift & 31] for shift in range(155, -1, -5))


def places(address: str) -> Places:
    """Return the two addresses at which a key for a mail address may lie. Raises ValueError."""
    found = _ADDRESS.fullmatch(address)
    host = _host(found[2]) if found else ""
    if found is None or not _HOST.fullmatch(host):
        raise ValueError(Phrase("write a mail address, as in desk@example.org"))
    name = hashed(found[1])
    file = f"hu/{name}?l={quote(found[1], safe='')}"
    return Places(
        f"https://openpgpkey.{host}/.well-known/openpgpkey/{host}/{file}",
        f"https://{host}/.well-known/openpgpkey/{file}",
        name,
    )


def _host(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
