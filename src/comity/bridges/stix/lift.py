"""Objects of STIX 2.0 as STIX 2.1 writes them (STIX 2.1 section 1.7 and the parts it names).

Lifted once, on entry; the lifted bytes are what is kept. Ids, times and words stay as they are.
What was renamed gets its new name, what is gone stays as a property of one's own, and what 2.1
demands and 2.0 did not have is the least that 2.0 can have meant. Lifting is the same every time.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from comity.bridges.stix.scoids import CONTRIBUTING, sco_id
from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.bridges.stix.record import Json

_VOCABULARY = {
    # Labels of these were terms of a vocabulary, and have a property of their own now.
    "indicator": "indicator_types",
    "malware": "malware_types",
    "report": "report_types",
    "threat-actor": "threat_actor_types",
    "tool": "tool_types",
}
_FILES = {"created": "ctime", "modified": "mtime", "accessed": "atime"}
_RENAMED = {
    "directory": _FILES,
    "file": _FILES,
    "process": {"created": "created_time", "binary_ref": "image_ref"},
    "user-account": {"password_last_changed": "credential_last_changed"},
    "windows-registry-key": {"modified": "modified_time"},
}
_PENDING = ""
_T = TypeVar("_T")


def is_old(value: Json) -> bool:
    """Whether an object was written as STIX 2.0, or does not say which version it is of.

    An observable need not say it, and is of 2.1 then: in 2.0 none stood alone.
    """
    version = value.get("spec_version")
    return version == "2.0" or (
        version is None and ("created" in value or value.get("type") == "marking-definition")
    )


def lift(value: Json) -> Json:
    """Return an object as STIX 2.1 has it, without the observables it held (see ``lifted``)."""
    return lifted(value)[0]


def lifted(value: Json) -> list[Json]:
    """Return an object as STIX 2.1 has it, and after it the observables that it held, on their own.

    What needs no lifting is returned as it is. Raises Refusal X10.
    """
    if not is_old(value):
        return [value]
    main = {"spec_version": "2.1", **value} | {"spec_version": "2.1"}
    kind = main.get("type")
    terms = _VOCABULARY.get(kind) if isinstance(kind, str) else None
    if terms and terms not in main and "labels" in main:
        main[terms] = main.pop("labels")
    if kind == "indicator":
        main.setdefault("pattern_type", "stix")
    elif kind == "malware":
        # What 2.0 described by a name was a family more often than one sample of it.
        main.setdefault("is_family", True)
    elif kind == "marking-definition":
        _name_colour(main)
    elif kind == "observed-data" and isinstance(main.get("objects"), dict):
        return _opened(main)
    return [main]


def _name_colour(main: Json) -> None:
    definition = main.get("definition")
    if main.get("definition_type") == "tlp" and isinstance(definition, dict):
        main.setdefault("name", f"TLP:{str(definition.get('tlp')).upper()}")


def _opened(main: Json) -> list[Json]:
    """Take the observables out of observed data, and let it name them instead.

    They bear every marking that it bears, of its parts too: so no part is marked less than before.
    """
    inside = {key: _renamed(item) for key, item in main.pop("objects").items()}
    ids: dict[str, str] = {}
    for key in inside:
        _identify(main, inside, ids, key)
    markings = _markings(main)
    main["object_refs"] = list(dict.fromkeys(ids.values()))
    marked = {"object_marking_refs": markings} if markings else {}
    found: list[Json] = [main]
    for key, item in inside.items():
        head = {"type": item["type"], "spec_version": "2.1", "id": ids[key]}
        found.append(head | _referring(item, ids) | marked)
    alone: dict[str, Json] = {str(one.get("id")): one for one in found}
    return list(alone.values())


def _markings(main: Json) -> list[str]:
    """Return the markings that what is inside bears; those of it alone become the whole's."""
    own, parts = main.get("object_marking_refs", []), main.pop("granular_markings", [])
    if not _are(own, str) or not _are(parts, dict) or not _are(_marked_by(parts), str):
        raise _no_form("granular_markings", Phrase("Its markings are not written as such."))
    inner = [part for part in parts if _is_inside(part)]
    if outer := [part for part in parts if part not in inner]:
        main["granular_markings"] = outer
    named = list(dict.fromkeys([*own, *_marked_by(inner)]))
    if inner and named:
        main["object_marking_refs"] = named
    return list(dict.fromkeys([*named, *_marked_by(outer)]))


def _are(found: object, kind: type) -> bool:
    return isinstance(found, list) and all(isinstance(one, kind) for one in found)


def _marked_by(parts: list[Any]) -> list[Any]:
    return [part["marking_ref"] for part in parts if "marking_ref" in part]


def _is_inside(part: Json) -> bool:
    selectors = part.get("selectors")
    return not isinstance(selectors, list) or any(
        str(selector).partition(".")[0] == "objects" for selector in selectors
    )


def _renamed(item: Any) -> Json:  # noqa: ANN401 - Any JSON.
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        raise _no_form("objects", Phrase("Each observable in it needs a type."))
    names = _RENAMED.get(item["type"], {})
    return {names.get(str(name), str(name)): found for name, found in item.items()}


def _identify(main: Json, inside: dict[str, Json], ids: dict[str, str], key: str) -> str:
    """Give an observable its id, after those that its id hangs on, and return it."""
    if key not in ids:
        item = _at(inside, key)
        ids[key] = _PENDING
        names = [name for name in CONTRIBUTING.get(item["type"], ()) if name.endswith("_ref")]
        said = {
            name: _identify(main, inside, ids, str(item[name])) for name in names if name in item
        }
        ids[key] = sco_id(item | said) or f"{item['type']}--{_drawn(main, key)}"
    elif ids[key] == _PENDING:
        raise _no_form("objects", Phrase("The id of {key} hangs on itself.", key=key[:100]))
    return ids[key]


def _referring(item: Json, ids: dict[str, str]) -> Json:
    """Return an observable that names others by their ids instead of their keys."""
    said: Json = {}
    for name, found in item.items():
        if name.endswith("_ref") and isinstance(found, str):
            said[name] = _at(ids, found)
        elif name.endswith("_refs") and isinstance(found, list):
            said[name] = [_at(ids, str(ref)) for ref in found]
    return item | said


def _at(named: Mapping[str, _T], key: str) -> _T:
    if key not in named:
        why = Phrase("It names an observable {key} that is not there.", key=key[:100])
        raise _no_form("objects", why)
    return named[key]


def _drawn(main: Json, key: str) -> str:
    """Return an id for what is named by nothing in it: the same whenever this is lifted."""
    number = int.from_bytes(hashlib.sha256(f"{main.get('id')} {key}".encode()).digest()[:16])
    number = number & ~(0xF000 << 64) | (4 << 76)
    number = number & ~(0xC000 << 48) | (0x8000 << 48)
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _no_form(path: str, why: Phrase) -> Refusal:
    return Refusal("X10", why, path)
