"""Which other objects an object names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.bridges.stix.record import Json

_PLAIN = frozenset(
    [
        *("type", "spec_version", "id", "created", "modified", "name", "description", "pattern"),
        *("labels", "aliases", "external_references", "kill_chain_phases", "revoked", "confidence"),
        *("relationship_type", "pattern_type", "pattern_version", "valid_from", "valid_until"),
    ]
)
"""Properties of the standard in which no id of another object stands."""


def refs_of(value: Json) -> tuple[str, ...]:
    """Return the ids that an object names, each once."""
    ref, refs, rest = _plan(tuple(value))
    found = [item for name in ref if type(item := value[name]) is str]
    for name in refs:
        found += [one for one in value[name] if type(one) is str]
    for name in rest:
        item = value[name]
        kind = type(item)
        if kind is dict or (kind is list and item and type(item[0]) is dict):
            found += _inner_refs(item)
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=4096)
def _plan(names: tuple[str, ...]) -> tuple[list[str], list[str], list[str]]:
    """Return which properties hold one id, which several, and which may hold more within.

    Objects of one maker have the same properties, so this is worked out seldom.
    """
    ref = [name for name in names if name.endswith("_ref")]
    refs = [name for name in names if name.endswith("_refs")]
    return ref, refs, [name for name in names if name not in {*ref, *refs, *_PLAIN}]


def _inner_refs(item: object) -> Iterator[str]:
    if isinstance(item, dict):
        yield from refs_of(item)
    elif isinstance(item, list):
        for within in item:
            yield from _inner_refs(within)
