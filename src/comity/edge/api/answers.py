"""What an operation may answer, as its description says: its own shape, and problems."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from comity.edge.api.problems import Problem

BINARY = "application/octet-stream"
_READ = frozenset({400, 401, 403, 404, 409, 422, 429, 503})
_WRITE = _READ | {413}
_TAKE = _WRITE | {411}
_MATCH = _WRITE | {412, 428}
READ: dict[Any, Any] = {_READ: Problem}
"""Every problem of an operation that only reads."""
WRITE: dict[Any, Any] = {_WRITE: Problem}
"""Every problem of an operation that changes something."""


def answers(shape: type[Any]) -> dict[Any, Any]:
    """Return what an operation that reads may answer."""
    return {200: shape, **READ}


def takes(shape: type[Schema] | None, status: int = 200) -> dict[Any, Any]:
    """Return what an operation that changes something may answer, in full."""
    return {status: shape, **WRITE}


def takes_bytes(shape: type[Schema], status: int) -> dict[Any, Any]:
    """Return what an operation that takes a file may answer."""
    return {status: shape, _TAKE: Problem}


def matches(shape: type[Schema]) -> dict[Any, Any]:
    """Return what an operation may answer that acts on a version which the request names."""
    return {200: shape, _MATCH: Problem}


def versioned(words: str) -> dict[str, Any]:
    """Return the description of an answer that says which version of a thing it shows."""
    header = {"description": words, "required": True, "schema": {"type": "string"}}
    return {"responses": {200: {"headers": {"ETag": header}}}}


def bytes_out(words: str) -> dict[str, Any]:
    """Return the description of an answer that is a file."""
    return {"responses": {200: {"description": words, "content": _content()}}}


def bytes_in(words: str) -> dict[str, Any]:
    """Return the description of a request whose body is a file."""
    return {"requestBody": {"description": words, "required": True, "content": _content()}}


def _content() -> dict[str, Any]:
    return {BINARY: {"schema": {"type": "string", "format": "binary"}}}
