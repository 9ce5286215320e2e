"""What a request asks for by its query (section 3.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

from comity.bridges.taxii.times import read_time
from comity.kernel.errors import Phrase, Refusal

LAST, FIRST, ALL = "last", "first", "all"
SPEC = "2.1"
"""The version of STIX in which everything is kept."""
PAGED = frozenset({"limit", "next", "added_after"})
ID, TYPE, VERSION, SPEC_VERSION = (
    f"match[{field}]" for field in ("id", "type", "version", "spec_version")
)
MOST_VALUES = 1000
_MOST_LIMIT = 2**53 - 1
"""No integer of TAXII is larger (section 2)."""
_LIMIT = re.compile(r"[1-9][0-9]{0,15}")
_VALUE = re.compile(r"[^\x00-\x20\x7f-\x9f,\ud800-\udfff]{1,300}")
_SPEC = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")


class Query(NamedTuple):
    """What is asked for. ``limit`` is None and ``next`` "" where they were not given;
    ``added_after`` in microseconds; ``versions`` are words, or times in microseconds.
    """

    limit: int | None = None
    next: str = ""
    added_after: int | None = None
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str | int, ...] = (LAST,)
    specs: tuple[str, ...] = (SPEC,)

    def scope(self, collection: str, endpoint: str) -> bytes:
        """Return all that a cursor is bound to; the size of a page may change on the way."""
        return repr((collection, endpoint, *self[2:])).encode()


def read(query: str, known: frozenset[str], *, usual: str = LAST) -> Query:
    """Read a query, brackets escaped or not, as an address that supports ``known`` understands it;
    ``usual`` are the versions meant where none is named.

    What is not known there is ignored, whatever it says. Raises Refusal X32 to X35.
    """
    given = _given(query, known)
    return Query(
        limit=_limit(given["limit"]) if "limit" in given else None,
        next=_next(given["next"]) if "next" in given else "",
        added_after=_time(given, "added_after"),
        ids=_values(given, ID),
        types=_values(given, TYPE),
        versions=_versions(given) or (usual,),
        specs=_specs(given) or (SPEC,),
    )


def _given(query: str, known: frozenset[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in _pairs(query):
        if name not in known:
            continue
        if name in given:
            raise _unfit(name, Phrase("{name} is given once, at most.", name=name))
        given[name] = _text(value, name)
    return given


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        yield unquote_plus(name), value


def _text(value: str, name: str) -> str:
    try:
        # A server gives what stood there as Latin-1, were it not escaped.
        return unquote_plus(value.encode("latin-1").decode(), errors="strict")
    except UnicodeError as error:
        raise _unfit(name, Phrase("{name} is not text in UTF-8.", name=name)) from error


def _limit(value: str) -> int:
    if not _LIMIT.fullmatch(value) or int(value) > _MOST_LIMIT:
        raise Refusal("X32", Phrase("Write limit as a whole number, 1 or more."), "limit")
    return int(value)


def _next(value: str) -> str:
    if not value:
        raise Refusal("X33", Phrase("Send next as it was given, or not at all."), "next")
    return value


def _time(given: Mapping[str, str], name: str) -> int | None:
    return read_time(given[name], name) if name in given else None


def _values(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the values of a filter, each once. Raises Refusal X35."""
    values = given[name].split(",") if name in given else []
    if len(values) > MOST_VALUES:
        reason = Phrase("{name} has more than {most} values.", name=name, most=MOST_VALUES)
        raise _unfit(name, reason)
    if not all(map(_VALUE.fullmatch, values)):
        reason = Phrase(
            "Write each value of {name} after the other, with a comma between two and no space.",
            name=name,
        )
        raise _unfit(name, reason)
    return tuple(dict.fromkeys(values))


def _versions(given: Mapping[str, str]) -> tuple[str | int, ...]:
    words = given[VERSION].split(",") if VERSION in given else []
    _values(given, VERSION)
    versions = [w if w in {LAST, FIRST, ALL} else read_time(w, VERSION) for w in words]
    if len(set(versions)) < len(versions) or (ALL in versions and len(versions) > 1):
        reason = Phrase("A version is asked for once, and all of them by all alone.")
        raise _unfit(VERSION, reason)
    return tuple(versions)


def _specs(given: Mapping[str, str]) -> tuple[str, ...]:
    specs = _values(given, SPEC_VERSION)
    if not all(map(_SPEC.fullmatch, specs)):
        reason = Phrase("Write {name} as two numbers, as in 2.1.", name=SPEC_VERSION)
        raise _unfit(SPEC_VERSION, reason)
    return specs


def _unfit(name: str, reason: str) -> Refusal:
    return Refusal("X35", reason, name)
