"""Strict JSON: UTF-8, real numbers, no name twice in one object, and no deep nesting.

The parsers used stop at nesting that would exhaust a stack, and refuse what is no number or no
text. What they let pass is looked at here: a name that stands twice, of which each reader takes
another one, and depth. Both are ruled out by counting where that is enough.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from comity.bridges.stix.record import Json

OBJECT_LIMIT = 1024 * 1024
"""The most bytes of one object: it travels as one part of an act's content, see its PART_LIMIT."""
DEPTH_LIMIT = 32
"""How deep an object may nest, itself counted as 1. What people write nests less than 10 deep."""


def parse(raw: bytes) -> Json:
    """Return the object that ``raw`` encodes. Raises Refusal X1 or X2."""
    if len(raw) > OBJECT_LIMIT:
        raise Refusal(
            "X1",
            Phrase(
                "The object has {size} bytes; at most {limit} are taken. Put large files into"
                " attachments.",
                size=len(raw),
                limit=OBJECT_LIMIT,
            ),
        )
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _not_json(error) from None
    if type(value) is not dict:
        raise Refusal("X2", Phrase("This is no JSON object; an object stands in braces."))
    # To leave out what is seldom is faster than to count it.
    if 2 * len(raw) - len(raw.replace(b"{", b"")) - len(raw.replace(b"[", b"")) > DEPTH_LIMIT:
        _require_depth(value)
    written = orjson.dumps(value)
    if written != raw and _lacks(written, raw):
        require_names_once(raw)
    return value


def _lacks(written: bytes, raw: bytes) -> bool:
    """Say whether an object that was read from ``raw`` and ``written`` again may lack a name.

    A colon stands after each name and in texts. Written again, an object lacks those of names that
    stood twice; a colon written as an escape would make up for one.
    """
    escaped = b"\\" in raw and b"\\u003" in raw
    return escaped or raw.count(b":") != written.count(b":")


def _not_json(error: ValueError) -> Refusal:
    why = str(error)
    if "depth" in why:
        return Refusal("X1", _too_deep())
    return Refusal("X2", Phrase("This is not strict JSON: {why}.", why=why[:200]))


def _too_deep() -> Phrase:
    return Phrase("The object nests deeper than {limit} levels.", limit=DEPTH_LIMIT)


def _require_depth(value: Json) -> None:
    level: list[Any] = [value]
    for _ in range(DEPTH_LIMIT):
        level = [
            item
            for within in level
            for item in (within.values() if isinstance(within, dict) else within)
            if isinstance(item, dict | list)
        ]
        if not level:
            return
    raise Refusal("X1", _too_deep())


def require_names_once(raw: bytes) -> None:
    """Raise Refusal X2 where a name stands twice in one object, or a number is none.

    ``raw`` is JSON that another parser has taken, and nests no deeper than the limit.
    """
    json.loads(raw, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse_twice([name for name, _ in pairs])
    return found


def _refuse_twice(names: list[str]) -> NoReturn:
    twice = Counter(names).most_common(1)[0][0]
    raise Refusal(
        "X2",
        Phrase(
            "The name {name} stands twice in one object; readers would take different ones.",
            name=twice[:100],
        ),
        twice[:100],
    )
