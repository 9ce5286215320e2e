"""The schemas of OASIS, read otherwise than they stand where the standard says something else.

They ask for more than the standard does, or for what nobody keeps to and nothing hangs on:

- an id may be a UUID of any version;
- a granular marking may name a language in place of a marking;
- a CVE may be named by another catalogue than “cve”;
- a time needs no milliseconds, and an IPv6 address may end as an IPv4 one;
- a domain, an address of mail or the web is what was seen, and need be no valid one.

They ask for less where a reference must lead to one type of object, or must not. And what an
observable has no property for, as labels, has the form there that it has elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

Schema: TypeAlias = dict[str, Any]

_BYTES = (
    # UUIDs of versions 1 to 5, and of any.
    (
        b"[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}",
        b"[0-9a-fA-F]{4}-[0-9a-fA-F]{4}",
    ),
    # What a relationship must not join.
    (
        b"|marking-definition|language-content)--.+$",
        b"|marking-definition|language-content|extension-definition)--.+$",
    ),
)
_LED = {"created_by_ref": "identity", "object_marking_refs": "marking-definition"}
_SEEN = {"type": "string", "minLength": 1, "maxLength": 65536}
_IPV6 = "^[0-9A-Fa-f:.]{2,45}(%[^/]+)?(/[0-9]{1,3})?$"


def amended(path: str, data: bytes) -> Schema:
    """Return a schema as it is used; ``path`` is that of its file, ``data`` what stands in it."""
    for said, meant in _BYTES:
        data = data.replace(said, meant)
    schema: Schema = orjson.loads(data)
    change = _CHANGES.get(path)
    if change:
        change(schema)
    properties = schema.get("properties", {})
    for name in _LED.keys() & properties.keys():
        properties[name] = _leading(properties[name], _LED[name])
    return schema


def _leading(schema: Schema, kind: str) -> Schema:
    """Return the schema of a reference, or a list of such, that leads to one type alone."""
    if "items" in schema:
        return schema | {"items": _leading(schema["items"], kind)}
    return {"allOf": [schema, {"pattern": f"^{kind}--"}]}


def _core(schema: Schema) -> None:
    for name in ("created", "modified"):
        del schema["properties"][name]["allOf"][1]


def _observable_core(schema: Schema) -> None:
    for name in ("created_by_ref", "external_references", "labels"):
        schema["properties"][name] = {"$ref": f"core.json#/properties/{name}"}


def _granular(schema: Schema) -> None:
    schema["required"] = ["selectors"]
    schema["anyOf"] = [{"required": ["marking_ref"]}, {"required": ["lang"]}]


def _reference(schema: Schema) -> None:
    del schema["oneOf"][2]["properties"]["external_id"]["not"]


def _seen(schema: Schema) -> None:
    _of_value(schema, _SEEN)


def _ipv6(schema: Schema) -> None:
    _of_value(schema, {"type": "string", "pattern": _IPV6})


def _of_value(schema: Schema, meant: Schema) -> None:
    next(one for one in schema["allOf"] if "properties" in one)["properties"]["value"] = meant


def _address(schema: Schema) -> None:
    del schema["format"]


_CHANGES: dict[str, Callable[[Schema], None]] = {
    "common/core.json": _core,
    "common/cyber-observable-core.json": _observable_core,
    "common/external-reference.json": _reference,
    "common/granular-marking.json": _granular,
    "common/url-regex.json": _address,
    "observables/domain-name.json": _seen,
    "observables/email-addr.json": _seen,
    "observables/ipv6-addr.json": _ipv6,
}
