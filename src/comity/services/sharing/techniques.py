"""What ATT&CK calls the techniques that an object names, or that somebody looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comity.bridges.stix.observables import observables
from comity.engines.attack import CURRENT, REVOKED, UNKNOWN, Entry
from comity.kernel.errors import Phrase
from comity.services import packs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.services.sharing.searching import Query

MOST = 20
"""Words of what somebody looks for in which ids are seen."""


def named(value: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Return the techniques and tactics that an object as read names, {} where it is gone."""
    seen = observables(dict(value)) if value else ()
    return _entries([each.value for each in seen if each.kind == "attack"])


def asked(query: Query) -> tuple[Entry, ...]:
    """Return what somebody looks for by id, or in words that are the name of a technique."""
    ids = [query.value.strip(), *query.words.split()[:MOST]]
    found = dict.fromkeys((*_entries(ids), *packs.techniques().called(query.words)))
    return (*found,)


def _entries(ids: list[str]) -> tuple[Entry, ...]:
    catalogue = packs.techniques()
    return tuple(dict.fromkeys(entry for id_ in ids if (entry := catalogue.find(id_))))


def to_value(entry: Entry) -> dict[str, object]:
    """Return an entry as JSON values."""
    return {**entry._asdict(), "instead": [*entry.instead]}


def sentence(entry: Entry) -> str:
    """Return an entry as people read it: what it is called, and whether its id still stands."""
    if entry.state == CURRENT:
        return _called(entry)
    if entry.state == UNKNOWN:
        return Phrase(
            "{id} is not in the list here, of ATT&CK {version}, Enterprise, Mobile and ICS.",
            id=entry.id,
            version=packs.techniques().version,
        )
    instead = "; ".join(_called(each) for each in _entries([*entry.instead]))
    return _ended(entry, instead)


def _ended(entry: Entry, instead: str) -> Phrase:
    name = _called(entry)
    if entry.state == REVOKED and not instead:
        return Phrase("{name} is revoked, and nothing stands instead.", name=name)
    if entry.state == REVOKED:
        return Phrase("{name} is revoked. Instead: {instead}.", name=name, instead=instead)
    if instead:
        return Phrase("{name} is deprecated. Instead: {instead}.", name=name, instead=instead)
    return Phrase("{name} is deprecated, and nothing stands instead.", name=name)


def _called(entry: Entry) -> str:
    return f"{entry.id} {entry.name}"
