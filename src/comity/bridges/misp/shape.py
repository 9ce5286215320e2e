"""The fields of MISP's JSON, which may be anything until they were looked at.

MISP and its tools write numbers and instants as numbers or as text, and leave out what is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from comity.bridges.stix.strict import OBJECT_LIMIT
from comity.kernel.errors import Phrase, Refusal

Element = Mapping[str, Any]
"""An event, an attribute, an object … as it was parsed."""

LIMIT = 128 * 1024 * 1024
"""The largest file, in bytes."""
DEEPEST = 28
"""The deepest nesting; MISP's own reaches 9, and an object of STIX may have 32."""
LONGEST = OBJECT_LIMIT
"""The longest text of a field, in characters; MISP's own values end at 65,535 bytes."""
LATEST = 253_402_300_799
"""The last second of the year 9999."""
_TRUE = ("1", "true")
_FLAGS = ("", "0", "false", *_TRUE)
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parsed(data: bytes, rule: str = "X50") -> Any:  # noqa: ANN401 - JSON may be anything.
    """Return what a JSON file says.

    Raises Refusal ``rule`` beyond ``LIMIT`` and ``DEEPEST``, and for what is no JSON: NaN is none,
    nor is what is not UTF-8.
    """
    if len(data) > LIMIT:
        told = Phrase("The file has more than {most} MiB; split it.", most=LIMIT >> 20)
        raise Refusal(rule, told)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Refusal(rule, Phrase("The file is no JSON: {why}", why=str(error)[:120])) from None
    require_shallow(value, rule)
    return value


def require_shallow(value: object, rule: str = "X50") -> None:
    """Raise Refusal ``rule`` for what is nested deeper than ``DEEPEST``: all else may recurse."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise Refusal(rule, Phrase("The file is nested deeper than {most} levels.", most=DEEPEST))


def _inside(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def wrong(name: str, why: Phrase) -> Refusal:
    """Return the refusal of an element for one of its fields."""
    return Refusal("X51", Phrase("{field}: {why}", field=name, why=why))


def text(element: Element, name: str) -> str:
    """Return a field as text, "" where it is not there. Raises Refusal X51 for other types."""
    value = element.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise wrong(name, Phrase("A text is expected here."))
    said = value if isinstance(value, str) else orjson.dumps(value).decode()
    if len(said) > LONGEST:
        raise wrong(name, Phrase("This is longer than {most} characters.", most=LONGEST))
    return said


def flag(element: Element, name: str) -> bool:
    """Return a field that is true or false, also as 0, 1, "0" and "1". Raises Refusal X51."""
    said = text(element, name).lower()
    if said not in _FLAGS:
        raise wrong(name, Phrase("True or false is expected here."))
    return said in _TRUE


def uuid(element: Element, name: str = "uuid") -> str:
    """Return a UUID in lower case. Raises Refusal X51 where there is none."""
    said = text(element, name).lower()
    if not _UUID.fullmatch(said):
        raise wrong(name, Phrase("A UUID is expected here."))
    return said


def is_uuid(said: object) -> bool:
    """Say whether this is a UUID in lower case."""
    return isinstance(said, str) and _UUID.fullmatch(said) is not None


def seconds(element: Element, name: str) -> int:
    """Return an instant in seconds since 1970, 0 where it is not there. Raises Refusal X52."""
    value = element.get(name)
    if value is None or value == "":
        return 0
    said = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _SECONDS.fullmatch(said) or int(said) > LATEST:
        raise Refusal("X52", Phrase("{field} is no instant from 1970 to 9999.", field=name))
    return int(said)


def moment(element: Element, name: str) -> str:
    """Return a moment as STIX writes it, of ISO 8601 text; "" where there is none.

    Raises Refusal X52 for other text, and for a year before 1970.
    """
    said = text(element, name)
    if not said:
        return ""
    try:
        found = datetime.fromisoformat(said)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        found = _NEVER
    if found.year < 1970:
        raise Refusal("X52", Phrase("{field} is no instant from 1970 to 9999.", field=name))
    return f"{found:%Y-%m-%dT%H:%M:%S}.{found.microsecond:06d}Z"


def day(element: Element, name: str) -> int:
    """Return the first second of a date, 0 where there is none. Raises Refusal X52."""
    said = text(element, name)
    if said and not _DATE.fullmatch(said):
        raise Refusal("X52", Phrase("{field} is no date from 1970 to 9999.", field=name))
    begins = moment({name: f"{said}T00:00:00+00:00"}, name) if said else ""
    return int(datetime.fromisoformat(begins).timestamp()) if begins else 0


def iso(instant: int) -> str:
    """Return an instant in seconds as STIX writes it."""
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def items(element: Element, name: str) -> list[Any]:
    """Return a list, empty where it is not there. Raises Refusal X51 for other types."""
    value = element.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(name, Phrase("A list is expected here."))
    return value


def elements(element: Element, name: str) -> list[dict[str, Any]]:
    """Return a list of elements; what is none of them is refused with X51."""
    found = items(element, name)
    if not all(isinstance(each, dict) for each in found):
        raise wrong(name, Phrase("A list of objects is expected here."))
    return found


def require_element(value: object) -> dict[str, Any]:
    """Return an element as it is. Raises Refusal X51 for all that is no JSON object."""
    if not isinstance(value, dict):
        raise Refusal("X51", Phrase("A JSON object is expected here."))
    return value
