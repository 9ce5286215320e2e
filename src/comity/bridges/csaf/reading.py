"""Bytes in, an advisory that was checked out; or a refusal that says where and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from comity.bridges.csaf import extensions, later, mandatory, shape
from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.rules import Fault
from comity.bridges.csaf.walk import Json, at_any, moment
from comity.kernel.errors import Phrase, Refusal

LIMIT = 16 * 1024 * 1024
"""The largest advisory, in bytes."""
DEEPEST = 200
"""How deep lists and objects may stand in each other; CSAF 2.1 itself needs some seventy."""
MOST_VALUES = 2_000_000
"""How many values a file may hold: an advisory of the largest size has a quarter of that."""
LONGEST_NUMBER = 100
"""The longest version number, in characters."""
MOST = 100
"""How many failures of one advisory are told."""
_SHOWN = 200
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(data: bytes) -> Json:
    """Return the object that ``data`` encodes.

    Raises Refusal X40 for what is no JSON object in UTF-8, too large or too deep, holds a name
    twice in one object, a number that is none, or half a character.
    """
    if len(data) > LIMIT:
        raise Refusal("X40", Phrase("An advisory has at most {limit} bytes.", limit=LIMIT))
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_VALUES:
        raise Refusal("X40", Phrase("An advisory has at most {most} values.", most=MOST_VALUES))
    try:
        text = data.decode()
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_float
        )
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Refusal("X40", Phrase("This is no JSON: {why}.", why=_short(str(error)))) from None
    if not isinstance(value, dict):
        raise Refusal("X40", Phrase("An advisory is a JSON object."))
    _require_shallow(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refusal("X40", Phrase("The name {name} stands twice in one object.", name=twice))
    return value


def _no_number(text: str) -> float:
    raise Refusal("X40", Phrase("{text} is no number of JSON.", text=text))


def _float(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise Refusal("X40", Phrase("{text} is larger than any number.", text=_short(text)))
    return value


def _too_deep() -> Refusal:
    return Refusal("X40", Phrase("More than {most} levels stand in each other.", most=DEEPEST))


def _require_shallow(value: Json) -> None:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        # Copies of one level at a time: a tree is never walked by calls within calls.
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def faults(doc: Json, lists: Lists) -> list[Fault]:
    """Return what is wrong with a document, by its structure first: of that no test is made.

    At most ``MOST`` are returned. A document of an unknown version is judged as one of 2.0.
    """
    said = doc.get("document")
    version = said.get("csaf_version") if isinstance(said, dict) else None
    known = version if version in shape.VERSIONS else "2.0"
    found = _first(_structure(doc, known))
    return found or _first(mandatory.run(shape.known(doc, known), lists))


def _first(found: Iterator[Fault]) -> list[Fault]:
    return [fault for _, fault in zip(range(MOST), found, strict=False)]


def _structure(doc: Json, version: str) -> Iterator[Fault]:
    sound = True
    for error in shape.checker(version).iter_errors(doc):
        sound = False
        yield Fault("schema", _path(error.instance_path), _short(error.message))
    if sound:
        yield from _unreadable(shape.known(doc, version))


def _unreadable(doc: Json) -> Iterator[Fault]:
    """Yield what the schema lets pass and no test can be made of."""
    for one in at_any(doc, later.TIMES):
        try:
            moment(one.value)
        except ValueError:
            yield Fault("schema", one.path, Phrase("{text} is no date.", text=_short(one.value)))
    for one in at_any(doc, _NUMBERS):
        if len(one.value) > LONGEST_NUMBER:
            yield Fault("schema", one.path, Phrase("The version number is too long."))


_NUMBERS = ("document.tracking.version", "document.tracking.revision_history[].number")


def _path(parts: list[str | int]) -> str:
    """Return a path as in ``vulnerabilities[0].cve``."""
    shown = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return "".join(shown).lstrip(".")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"


def read(data: bytes, lists: Lists) -> Json:
    """Return a valid document, without the fields that CSAF does not have.

    Raises Refusal X40, X41 or X42; the subject is where it fails first.
    """
    doc = parse(data)
    found = faults(doc, lists)
    if found:
        raise refused(found)
    return shape.known(doc, doc["document"]["csaf_version"])


def warnings(doc: Json) -> list[Fault]:
    """Return what is said of a valid document and no reason to refuse it; at most ``MOST``."""
    return _first(extensions.unsupported(doc))


def refused(found: list[Fault]) -> Refusal:
    """Return the refusal of a document with these faults: X41 for its structure, or X42."""
    number, path, reason = found[0]
    subject = path or "document"
    if number == "schema":
        return Refusal("X41", reason, subject)
    told = Phrase(
        "Test {number} fails: {reason} Failures in all: {count}.",
        number=number,
        reason=reason,
        count=len(found),
    )
    return Refusal("X42", told, subject)
