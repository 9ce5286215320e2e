"""The STIX 2.1 JSON Schemas of OASIS, compiled, and what they find said in words.

Who uses the bridge gives the files. In some places they are read otherwise than they stand. The
standard asks for less than they do: an id may be a UUID of any version, a granular marking may name
a language in place of a marking, a CVE may be named by another catalogue than “cve”, and a newer
minor version is held against what is known of 2.1. It asks for more where a reference must lead to
one type, or must not. And what an observable has no property for, as labels, has the form there
that it has elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import orjson

from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from comity.bridges.stix.record import Json

_UUID_1_TO_5 = b"[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}"
_UUID_ANY = b"[0-9a-fA-F]{4}-[0-9a-fA-F]{4}"
_NO_ENDS = b"|marking-definition|language-content)--.+$"
_NO_ENDS_ALL = b"|marking-definition|language-content|extension-definition)--.+$"
_OBJECTS = ("sdos/", "sros/", "observables/")
_COMMON = ("marking-definition", "language-content", "extension-definition")
_CORE, _SCO = "core", "cyber-observable-core"
_KNOWN = ("2.0", "2.1", None)


class Schemas:
    """The compiled schemas: ``Schemas(files)``, where ``files`` are JSON by path (``sdos/x.json``).

    Raises Refusal X11 when a schema is missing or names one that is not among the files.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        read = {path: _schema(path, data) for path, data in files.items()}
        try:
            registry = jsonschema_rs.Registry(
                [(schema["$id"], schema) for schema in read.values()], retriever=_nothing
            )
            self._checks = {
                path.rpartition("/")[2].removesuffix(".json"): jsonschema_rs.validator_for(
                    schema, registry=registry, retriever=_nothing, validate_formats=True
                )
                for path, schema in read.items()
                if _is_of_an_object(path)
            }
            core, sco = self._checks.pop(_CORE), self._checks.pop(_SCO)
        except (KeyError, ValueError, jsonschema_rs.ReferencingError) as error:
            raise Refusal(
                "X11", Phrase("The schemas are not whole: {why}.", why=str(error)[:200])
            ) from error
        self._core, self._sco = core, sco
        self._valid = {kind: check.is_valid for kind, check in self._checks.items()}

    @property
    def types(self) -> frozenset[str]:
        """The types of objects that have a schema of their own."""
        return frozenset(self._checks)

    def require(self, value: Json) -> None:
        """Raise Refusal X5, whose subject is the path of the first thing that does not fit."""
        asked = value
        if value.get("spec_version") not in _KNOWN:
            asked = _as_known(value)
        kind = value["type"]
        valid = self._valid.get(kind)
        if not (valid(asked) if valid else self._custom(value).is_valid(asked)):
            raise self._refusal(kind, asked)

    def _custom(self, value: Json) -> jsonschema_rs.Validator:
        # A type of one's own is an observable unless it has what only other objects have.
        return self._core if "created" in value or "modified" in value else self._sco

    def _refusal(self, kind: str, value: Json) -> Refusal:
        check = self._checks.get(kind) or self._custom(value)
        error = _deepest(next(check.iter_errors(value)))
        return Refusal("X5", _told(error), path_of(error.instance_path))


def _schema(path: str, data: bytes) -> dict[str, Any]:
    data = data.replace(_UUID_1_TO_5, _UUID_ANY).replace(_NO_ENDS, _NO_ENDS_ALL)
    schema: dict[str, Any] = orjson.loads(data)
    properties = schema.get("properties", {})
    if path.endswith("/granular-marking.json"):
        schema["required"] = ["selectors"]
        schema["anyOf"] = [{"required": ["marking_ref"]}, {"required": ["lang"]}]
    elif path.endswith("/external-reference.json"):
        del schema["oneOf"][2]["properties"]["external_id"]["not"]
    elif path.endswith(f"/{_SCO}.json"):
        for name in ("created_by_ref", "external_references", "labels"):
            properties[name] = {"$ref": f"core.json#/properties/{name}"}
    for name, kind in (
        ("created_by_ref", "identity"),
        ("object_marking_refs", "marking-definition"),
    ):
        if name in properties:
            properties[name] = _leading(properties[name], kind)
    return schema


def _leading(schema: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the schema of a reference, or a list of such, that leads to one type alone."""
    if "items" in schema:
        return schema | {"items": _leading(schema["items"], kind)}
    return {"allOf": [schema, {"pattern": f"^{kind}--"}]}


def _is_of_an_object(path: str) -> bool:
    name = path.rpartition("/")[2].removesuffix(".json")
    return path.startswith(_OBJECTS) or name in {*_COMMON, _CORE, _SCO}


def _nothing(uri: str) -> bool:
    raise ValueError(f"{uri} is not among the schemas")


def _as_known(value: Json) -> Json:
    version = value["spec_version"]
    if isinstance(version, str) and version.startswith("2.") and version[2:].isdecimal():
        return value | {"spec_version": "2.1"}
    return value


def path_of(steps: Sequence[str | int]) -> str:
    """Return the path to a place as people write it: ``external_references[0].url``."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step[:100]}" for step in steps)
    return path.removeprefix(".")[:500]


def _deepest(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Of what fits none of several forms, return what is wrong in the form that it comes nearest.

    Nearest is the form in which the first thing wrong lies deepest.
    """
    while contexts := getattr(error.kind, "context", None):
        found = [errors[0] for errors in contexts if errors]
        if not found:
            return error
        error = max(found, key=lambda one: len(one.instance_path))
    return error


_TOLD: dict[str, Callable[[Any], Phrase]] = {
    "required": lambda kind: Phrase("The property {name} is missing.", name=kind.property),
    "enum": lambda kind: Phrase(
        "This is none of the values that may stand here: {values}.",
        values=", ".join(map(str, kind.options))[:300],
    ),
    "const": lambda kind: Phrase("This must be {value}.", value=str(kind.expected_value)[:100]),
    "type": lambda kind: Phrase("This must be of type {types}.", types=" / ".join(kind.types)),
    "pattern": lambda kind: _formed(kind.pattern),
    "format": lambda kind: Phrase(
        "This is no {format} as its standard has it.", format=kind.format
    ),
    "minItems": lambda _: Phrase("An empty list must be left out."),
    "minProperties": lambda _: Phrase("An empty dictionary must be left out."),
    "minimum": lambda kind: Phrase("This must be at least {limit}.", limit=kind.limit),
    "maximum": lambda kind: Phrase("This must be at most {limit}.", limit=kind.limit),
    "additionalProperties": lambda kind: Phrase(
        "These names are not allowed here: {names}. Names have small letters, digits and _.",
        names=", ".join(kind.unexpected)[:300],
    ),
    "not": lambda _: Phrase("This has a form that is forbidden here."),
}


_LEADS = re.compile(r"\^\(?([a-z0-9|-]+)\)?--(\.\+\$)?")


def _formed(pattern: str) -> Phrase:
    if leads := _LEADS.fullmatch(pattern):
        types = leads[1].replace("|", " / ")
        return Phrase("This must be the id of an object of type {types}.", types=types)
    return Phrase("This does not have the form {pattern}.", pattern=pattern[:300])


def _told(error: jsonschema_rs.ValidationError) -> Phrase:
    told = _TOLD.get(error.kind.name)
    if told:
        return told(error.kind)
    return Phrase("This does not fit the schema: {why}.", why=error.message[:300])
