"""The canonical JSON profile of every signed payload: RFC 8785, restricted.

The profile is a filter, not a transformation: the bytes that were signed are the bytes that are
stored and parsed, and bytes that are not already canonical are refused (KERNEL, ADR 0007).

Frozen: objects whose keys match ``[a-z0-9_]+``; arrays; strings without control characters and
without bidirectional controls; booleans; integers with |i| ≤ 2^53 − 1. No null, no floats.
Nesting depth at most 8, counting the outermost object as 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias, cast

import orjson

from comity.kernel.errors import Refusal

Value: TypeAlias = "bool | int | str | list[Value] | dict[str, Value]"
Object: TypeAlias = dict[str, Value]

MAX_INT = 2**53 - 1
MAX_DEPTH = 8
HEADER_LIMIT = 16 * 1024
"""The largest header of a statement, in bytes."""
DOCUMENT_LIMIT = 256 * 1024
"""The largest document, in bytes. A restored log may have to list what it kept."""

_KEY = re.compile(r"[a-z0-9_]{1,64}")
# C0, DEL and C1 controls; then the bidirectional controls of UAX 9 and the line separators, which
# make one identifier look like another on a screen.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def parse(data: bytes, *, limit: int = HEADER_LIMIT) -> Object:
    """Return the object that ``data`` encodes.

    Raises Refusal K1 (larger than ``limit`` bytes) or K2 (not of the profile).
    """
    value = _decode(data, limit)
    require_profile(value)
    _require_canonical(value, data)
    return value


def load(data: bytes, *, limit: int = HEADER_LIMIT) -> Object:
    """Return the object that ``data`` encodes, its values not held against the profile yet.

    For readers that check every value themselves. Raises Refusal K1 or K2, as ``parse`` does.
    """
    value = _decode(data, limit)
    _require_canonical(value, data)
    return value


def _decode(data: bytes, limit: int) -> Object:
    if len(data) > limit:
        raise Refusal("K1", f"The payload has {len(data)} bytes; at most {limit} are allowed.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Refusal("K2", f"The payload is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise Refusal("K2", "The payload is not a JSON object.")
    return cast("Object", value)


def _require_canonical(value: Object, data: bytes) -> None:
    try:
        again = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        # What nests too deep to be written again is far beyond the profile.
        raise Refusal("K2", f"The payload cannot be written again: {error}.") from error
    if again != data:
        raise Refusal("K2", "The payload is not in canonical form; serialising it again differs.")


def dump(value: Object, *, limit: int = HEADER_LIMIT) -> bytes:
    """Return the canonical bytes of ``value``; the inverse of ``parse``.

    Raises Refusal K1 or K2, so that nothing is ever signed that a reader would refuse.
    """
    require_profile(value)
    try:
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise Refusal("K2", f"The value cannot be written as JSON: {error}.") from error
    if len(data) > limit:
        raise Refusal("K1", f"The payload has {len(data)} bytes; at most {limit} are allowed.")
    return data


def require_profile(value: object, depth: int = 1) -> None:
    """Raise Refusal K2 unless ``value``, nested at ``depth``, is of the profile."""
    # Exact types are compared because a bool is an int, and because this runs for every act.
    kind = type(value)
    if kind is str:
        if _FORBIDDEN.search(cast("str", value)):
            raise Refusal("K2", "A string holds a control or bidirectional control character.")
    elif kind is int:
        if not -MAX_INT <= cast("int", value) <= MAX_INT:
            raise Refusal("K2", "An integer lies outside ±(2^53 − 1).")
    elif kind is dict or kind is list:
        _require_depth(depth)
        items = cast("dict[object, object] | list[object]", value)
        for item in _require_keys(items) if isinstance(items, dict) else items:
            require_profile(item, depth + 1)
    elif kind is not bool:
        raise Refusal("K2", f"A value of type {kind.__name__} is not allowed.")


def _require_keys(value: dict[object, object]) -> Iterable[object]:
    for key in value:
        if type(key) is not str or not _KEY.fullmatch(key):
            raise Refusal("K2", f"The key {key!r} is not of the form [a-z0-9_]+.")
    return value.values()


def _require_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Refusal("K2", f"The payload is nested deeper than {MAX_DEPTH} levels.")
