"""What an object says can be seen: addresses, names, hashes, and ids of vulnerabilities and ATT&CK.

Read from observables themselves, from those inside observed data, from patterns of indicators, from
references to others' catalogues, and from the names of vulnerabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.bridges.stix import patterns
from comity.bridges.stix.normal import normal
from comity.bridges.stix.record import Observable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.bridges.stix.record import Json

MOST = 10_000
"""The most observables that are kept of one object."""

PLACES: dict[str, tuple[str, ...]] = {
    # Where an observable's own property, or a pattern's path, holds which kinds.
    "ipv4-addr:value": ("ip",),
    "ipv6-addr:value": ("ip",),
    "domain-name:value": ("domain",),
    "domain-name:resolves_to_refs[*].value": ("ip", "domain"),
    "url:value": ("url",),
    "email-addr:value": ("mail",),
    "email-message:from_ref.value": ("mail",),
    "email-message:sender_ref.value": ("mail",),
    "network-traffic:src_ref.value": ("ip", "domain"),
    "network-traffic:dst_ref.value": ("ip", "domain"),
    "autonomous-system:number": ("asn",),
    "mac-addr:value": ("mac",),
    "mutex:name": ("mutex",),
    "windows-registry-key:key": ("registry",),
    "file:name": ("file",),
}
_HASHED = ("file", "artifact", "x509-certificate")
_OWN: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
for _place, _kinds in PLACES.items():
    _type, _, _name = _place.partition(":")
    if "." not in _name:
        _OWN.setdefault(_type, []).append((_name, _kinds))


def observables(value: Json) -> tuple[Observable, ...]:
    """Return what an object says can be seen, each once, at most ``MOST``."""
    kind = value["type"]
    found = (
        list(_catalogued(value["external_references"])) if "external_references" in value else []
    )
    if kind == "indicator":
        found += _in_pattern(value)
    elif kind in _OWN or kind in _HASHED:
        found += _of_observable(value)
    elif kind == "observed-data":
        for inside in value.get("objects", {}).values():
            found += _of_observable(inside)
    elif kind == "vulnerability":
        found += _spelt(("cve",), value.get("name"))
    return tuple(dict.fromkeys(found))[:MOST] if found else ()


def _catalogued(references: list[Json]) -> Iterator[Observable]:
    for reference in references:
        id_ = reference.get("external_id")
        if id_ is None:
            continue
        if id_[:4].upper() == "CVE-":
            yield from _spelt(("cve",), id_)
        elif reference["source_name"][:5].lower() == "mitre":
            yield from _spelt(("attack",), id_)


def _in_pattern(value: Json) -> Iterator[Observable]:
    if value.get("pattern_type") != "stix":
        return
    for path, compared in patterns.compared(value["pattern"]):
        kind, _, name = path.partition(":")
        if kind in _HASHED and name.startswith("hashes."):
            yield from _spelt(("hash",), compared)
        else:
            yield from _spelt(PLACES.get(path, ()), compared)


def _of_observable(value: Json) -> Iterator[Observable]:
    kind = value.get("type", "")
    for name, kinds in _OWN.get(kind, ()):
        yield from _spelt(kinds, value.get(name))
    if kind in _HASHED:
        for digest in value.get("hashes", {}).values():
            yield from _spelt(("hash",), digest)


def _spelt(kinds: tuple[str, ...], text: object) -> Iterator[Observable]:
    """Yield the first kind that a text is one of."""
    for kind in kinds:
        spelt = normal(kind, str(text)) if isinstance(text, str | int) else None
        if spelt is not None:
            yield Observable(kind, spelt)
            return
