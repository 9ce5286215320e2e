"""What STIX 2.1 says must hold and its schemas do not check: times, references, and a few more.

The numbers of sections are those of the OASIS Standard of 10 June 2021.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.bridges.stix import markings, patterns
from comity.bridges.stix.scoids import OBSERVED
from comity.bridges.stix.times import micros
from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from comity.bridges.stix.record import Json

_SEEN = ("first_seen", "last_seen", False)
ORDERED: dict[str, tuple[str, str, bool]] = {
    # The earlier, the later, and whether both must differ (sections 3, 4, 5 and 6).
    "campaign": _SEEN,
    "indicator": ("valid_from", "valid_until", True),
    "infrastructure": _SEEN,
    "intrusion-set": _SEEN,
    "malware": _SEEN,
    "malware-analysis": ("analysis_started", "analysis_ended", False),
    "network-traffic": ("start", "end", False),
    "observed-data": ("first_observed", "last_observed", False),
    "relationship": ("start_time", "stop_time", True),
    "sighting": _SEEN,
    "threat-actor": _SEEN,
}
_ADDRESSES = ("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")
_CREATOR: dict[str, tuple[str, ...]] = {"creator_user_ref": ("user-account",)}
REFERENCES: dict[str, dict[str, tuple[str, ...]]] = {
    # What a reference may lead to, where the schema takes any id.
    "directory": {"contains_refs": ("file", "directory")},
    "domain-name": {"resolves_to_refs": ("domain-name", "ipv4-addr", "ipv6-addr")},
    "email-addr": {"belongs_to_ref": ("user-account",)},
    "email-message": {
        **dict.fromkeys(
            ("from_ref", "sender_ref", "to_refs", "cc_refs", "bcc_refs"), ("email-addr",)
        ),
        "raw_email_ref": ("artifact",),
    },
    "file": {"parent_directory_ref": ("directory",), "content_ref": ("artifact",)},
    "ipv4-addr": {"resolves_to_refs": ("mac-addr",), "belongs_to_refs": ("autonomous-system",)},
    "ipv6-addr": {"resolves_to_refs": ("mac-addr",), "belongs_to_refs": ("autonomous-system",)},
    "malware": {"operating_system_refs": ("software",), "sample_refs": ("file", "artifact")},
    "malware-analysis": {
        **dict.fromkeys(("host_vm_ref", "operating_system_ref"), ("software",)),
        "installed_software_refs": ("software",),
    },
    "network-traffic": {
        **dict.fromkeys(("src_ref", "dst_ref"), _ADDRESSES),
        **dict.fromkeys(("src_payload_ref", "dst_payload_ref"), ("artifact",)),
        **dict.fromkeys(("encapsulates_refs", "encapsulated_by_ref"), ("network-traffic",)),
    },
    "process": {
        **_CREATOR,
        "opened_connection_refs": ("network-traffic",),
        "image_ref": ("file",),
        "parent_ref": ("process",),
        "child_refs": ("process",),
    },
    "windows-registry-key": _CREATOR,
}


def require(value: Json) -> None:
    """Raise Refusal X6, X7, X8 or X9, whose subject is the path of the first thing wrong.

    ``value`` fits its schema.
    """
    kind = value["type"]
    if kind in ORDERED:
        _require_order(value, *ORDERED[kind])
    if kind in REFERENCES:
        _require_references(value, REFERENCES[kind])
    if kind in _MORE:
        _MORE[kind](value)
    if "granular_markings" in value or kind == "marking-definition":
        markings.require(value)


def instant(value: Json, name: str) -> int:
    """Return a timestamp of an object in microseconds. Raises Refusal X6, if there is no such day.

    The schema has looked at its form where it stands in a property of the standard.
    """
    try:
        return micros(value[name])
    except (TypeError, ValueError):
        raise Refusal("X6", Phrase("There is no such day or time."), name) from None


def _require_order(value: Json, first: str, last: str, differ: bool) -> None:  # noqa: FBT001
    if first in value and last in value:
        earlier, later = instant(value, first), instant(value, last)
        if later < earlier or (differ and earlier == later):
            raise not_in_order(first, last)


def not_in_order(first: str, last: str) -> Refusal:
    """Return the refusal of times in the wrong order."""
    return Refusal("X6", Phrase("{last} must be later than {first}.", first=first, last=last), last)


def _require_references(value: Json, table: dict[str, tuple[str, ...]]) -> None:
    for name, types in table.items():
        found = value.get(name)
        if found is None:
            continue
        for path, ref in _each(name, found):
            if ref.partition("--")[0] not in types:
                raise _leads_astray(path, types)


def _each(name: str, found: str | list[str]) -> Iterator[tuple[str, str]]:
    if isinstance(found, str):
        yield name, found
    else:
        yield from ((f"{name}[{number}]", ref) for number, ref in enumerate(found))


def _leads_astray(path: str, types: tuple[str, ...]) -> Refusal:
    return Refusal(
        "X7",
        Phrase("This must be the id of an object of type {types}.", types=" / ".join(types)),
        path,
    )


def _indicator(value: Json) -> None:
    if value["pattern_type"] == "stix":
        patterns.require(value["pattern"])


def _sighting(value: Json) -> None:
    kind = value["sighting_of_ref"].partition("--")[0]
    if kind in OBSERVED or kind == "extension-definition":
        told = Phrase("A sighting is of what is known, as an indicator. What was seen itself is"
                      " observed data, under “observed_data_refs”.")  # fmt: skip
        raise Refusal("X7", told, "sighting_of_ref")


_MORE: dict[str, Callable[[Json], None]] = {
    "indicator": _indicator,
    "sighting": _sighting,
}
