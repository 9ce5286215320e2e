"""A short notation for JSON Schema, in which the structure of CSAF is written down."""

from __future__ import annotations

from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

URI: Schema = {"type": "string", "format": "uri"}
TIME: Schema = {"type": "string", "format": "date-time"}
ONE: dict[str, int] = {"minItems": 1}
SET: dict[str, Any] = {"minItems": 1, "uniqueItems": True}


def text(pattern: str = "", least: int = 1) -> Schema:
    """Return a text of ``least`` characters or more, and of a pattern where one is given."""
    size = {"minLength": least} if least else {}
    return {"type": "string", **size, **({"pattern": pattern} if pattern else {})}


def codes(words: str) -> Schema:
    """Return a text that is one of ``words``, which stand with blanks between them."""
    return {"type": "string", "enum": words.split()}


def many(item: Schema, **limits: Any) -> Schema:  # noqa: ANN401 - as JSON Schema has them
    """Return a list of one item or more."""
    return {"type": "array", "items": item, **(limits or ONE)}


def record(fields: dict[str, Schema], needed: str = "", **limits: int) -> Schema:
    """Return an object whose ``needed`` fields are present; one of these or more, if none is."""
    required = {"required": needed.split()} if needed else {}
    return {"type": "object", "properties": fields, **required, **limits}


def closed(shape: Schema) -> Schema:
    """Return a shape whose records, at any depth, have no fields but the named ones."""
    if "properties" in shape:
        fields = {name: closed(each) for name, each in shape["properties"].items()}
        return {"additionalProperties": False, **shape, "properties": fields}
    if "items" in shape:
        return {**shape, "items": closed(shape["items"])}
    return shape
