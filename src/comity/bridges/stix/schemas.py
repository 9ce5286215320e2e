"""The STIX 2.1 JSON Schemas of OASIS, compiled, and what they find said in words.

Who uses the bridge gives the files; ``amended`` says where they are read otherwise than they stand.
A newer minor version than 2.1 is held against what is known of 2.1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from comity.bridges.stix.amended import amended
from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from comity.bridges.stix.record import Json

_OBJECTS = ("sdos/", "sros/", "observables/")
_COMMON = ("marking-definition", "language-content", "extension-definition")
_CORE, _SCO = "core", "cyber-observable-core"
_KNOWN = ("2.0", "2.1", None)


class Schemas:
    """The compiled schemas: ``Schemas(files)``, where ``files`` are JSON by path (``sdos/x.json``).

    Raises Refusal X11 when a schema is missing or names one that is not among the files.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        try:
            read = {path: amended(path, data) for path, data in files.items()}
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
        error = _nearest(next(check.iter_errors(value)))
        return Refusal("X5", _told(error), path_of(error.instance_path))


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


def _nearest(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Of what fits none of several forms, return what is wrong in the form that it comes nearest.

    Nearest is the form in which the first thing wrong lies deepest; where all lie where the whole
    is, no form is nearer than another.
    """
    while contexts := getattr(error.kind, "context", None):
        found = [errors[0] for errors in contexts if errors]
        nearest = max(found, key=_depth, default=error)
        if len(found) > 1 and _depth(nearest) == _depth(error):
            return error
        error = nearest
    return error


def _depth(error: jsonschema_rs.ValidationError) -> int:
    return len(error.instance_path)


def _told(error: jsonschema_rs.ValidationError) -> Phrase:
    if error.instance is None:
        return Phrase("Nothing stands here. Leave the property out.")
    if error.instance in ([], {}):
        return Phrase("This is empty. Leave the property out.")
    told = _TOLD.get(error.kind.name)
    return (told and told(error.kind)) or Phrase(
        "This does not fit the schema: {why}.", why=error.message[:300]
    )


def _missing(kind: Any) -> Phrase | None:  # noqa: ANN401 - As the library gives it.
    """Say which properties are missing, where each form asks for one."""
    kinds = [errors[0].kind for errors in kind.context if errors]
    if not kinds or any(one.name != "required" for one in kinds):
        return None
    names = ", ".join(dict.fromkeys(one.property for one in kinds))
    return Phrase("One of these properties must be there: {names}.", names=names)


def _forbidden(kind: Any) -> Phrase:  # noqa: ANN401 - As the library gives it.
    forms = kind.schema.get("anyOf", ()) if isinstance(kind.schema, dict) else ()
    names = [name for form in forms for name in form.get("required", ())]
    if names:
        told = "The standard keeps these names for itself: {names}. Use another one."
        return Phrase(told, names=", ".join(names))
    return Phrase("This has a form that is forbidden here.")


def _leading(pattern: str) -> Phrase:
    if leads := _LEADS.fullmatch(pattern):
        types = leads[1].replace("|", " / ")
        return Phrase("This must be the id of an object of type {types}.", types=types)
    return Phrase("This does not have the form {pattern}.", pattern=pattern[:300])


_LEADS = re.compile(r"\^\(?([a-z0-9|-]+)\)?--(\.\+\$)?")
_TOLD: dict[str, Callable[[Any], Phrase | None]] = {
    "required": lambda kind: Phrase("The property {name} is missing.", name=kind.property),
    "enum": lambda kind: Phrase(
        "This is none of the values that may stand here: {values}.",
        values=", ".join(map(str, kind.options))[:300],
    ),
    "type": lambda kind: Phrase("This must be of type {types}.", types=" / ".join(kind.types)),
    "pattern": lambda kind: _leading(kind.pattern),
    "minimum": lambda kind: Phrase("This must be at least {limit}.", limit=kind.limit),
    "maximum": lambda kind: Phrase("This must be at most {limit}.", limit=kind.limit),
    "additionalProperties": lambda kind: Phrase(
        "These names are not allowed here: {names}. A name has 3 to 250 small letters, digits"
        " and _.",
        names=", ".join(kind.unexpected)[:300],
    ),
    "not": _forbidden,
    "anyOf": _missing,
    "oneOf": _missing,
}
