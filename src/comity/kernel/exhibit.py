"""The object file: one object with the signed acts it came through, for anybody to verify.

Frozen. One JSON object in the form of RFC 8785 ::

    {"data": base64, "provenance": {…}, "salt": base64, "v": 1}

``data`` are the bytes that its origin committed to and ``salt`` those of its part; ``provenance``
is that of this one part, whose number is 0 (see ``provenance``).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from comity.kernel import provenance
from comity.kernel.content import Part
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.provenance import Provenance, Verified
from comity.kernel.version import VERSION

LIMIT = provenance.LIMIT + 2 * 1024 * 1024
"""The largest object file, in bytes."""
RULE = "W8"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An object and what says where it came from: ``part`` 0, and its ``came``, unverified."""

    part: Part
    came: Provenance

    def to_bytes(self) -> bytes:
        """Return the file. Raises Refusal W8 when its provenance is larger than it may be."""
        value = {
            "data": base64.b64encode(self.part.data).decode(),
            "provenance": orjson.Fragment(self.came.to_bytes()),
            "salt": base64.b64encode(self.part.salt).decode(),
            "v": VERSION,
        }
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

    def verify(self) -> Verified:
        """Return the acts that the object came through, its origin first, each verified.

        Raises Refusal as ``provenance.verify``.
        """
        return provenance.verify(self.came, {0: self.part.leaf})


def parse(data: bytes) -> Exhibit:
    """Return the object file in ``data``, unverified.

    Raises Refusal W8 (not of the form), K15 (no part), K3 (an envelope in it) or K17.
    """
    if len(data) > LIMIT:
        raise Refusal(RULE, f"The object file has {len(data)} bytes; {LIMIT} are allowed.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Refusal(RULE, f"The object file is not JSON: {error}.") from error
    fields = Fields(value, "object file", RULE)
    fields.version()
    part = Part(0, _bytes(fields, "salt"), _bytes(fields, "data"))
    came = provenance.parse(_canonical(fields.take("provenance")))
    fields.end()
    found = Exhibit(part, came)
    # One form, as of a provenance.
    if found.to_bytes() != data:
        raise Refusal(RULE, "The object file is not in its one canonical form.")
    return found


def _canonical(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        # It nests deeper than is ever written.
        raise Refusal(RULE, f"The provenance in the file has no form: {error}.") from error


def _bytes(fields: Fields, name: str) -> bytes:
    try:
        # What is not a string fails here as what is not base64 does.
        return base64.b64decode(str(fields.take(name)), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(RULE, f"What stands under {name!r} is not base64.") from error
