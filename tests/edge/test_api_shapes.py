"""Shapes of the API have a name each: the description knows them by it alone."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, get_args

from ninja import Schema

import comity.edge.api.app as whole


def shapes() -> Iterator[type]:
    """Yield every class of which a question or an answer consists, each once."""
    asked: list[Any] = [
        found
        for _, router in whole.api._routers
        for view in router.path_operations.values()
        for operation in view.operations
        for found in (*operation.models, *operation.response_models.values())
    ]
    seen: set[int] = set()
    while asked:
        one = asked.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        asked += get_args(one)
        if isinstance(one, type) and hasattr(one, "model_fields"):
            asked += [field.annotation for field in one.model_fields.values()]
        if isinstance(one, type) and issubclass(one, Schema | enum.Enum):
            yield one


def test_no_two_shapes_have_one_name() -> None:
    named: dict[str, set[str]] = defaultdict(set)
    for shape in shapes():
        named[shape.__name__].add(f"{shape.__module__}.{shape.__qualname__}")
    twice = {name: found for name, found in named.items() if len(found) > 1}
    assert len(named) > 100
    assert twice == {}
