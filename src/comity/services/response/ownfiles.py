"""The files of a node's folder in which a party writes what is its own: regimes, and schemes.

They are written by people, by hand, so that what is wrong with one is said with what to mend.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from yaml.constructor import ConstructorError

from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from comity.services.node import Node

LARGEST = 1 << 20
"""Bytes of a file that are read."""
LARGEST_NUMBER = 2**63 - 1
_HALF = re.compile("[\ud800-\udfff]")
MOST_VALUES = 50_000
"""The most lists, mappings and values of a file, each counted as often as it is referred to: a
short text that refers to itself could stand for more than any memory holds.
"""


def read(node: Node, name: str) -> bytes | None:
    """Return what a file holds, None where there is none. Raises Refusal S5."""
    try:
        with (node.folder / name).open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        why = Phrase("it cannot be read: {error}", error=error.strerror or "")
        raise refused(name, why) from error
    if len(data) > LARGEST:
        raise refused(name, Phrase("it has more than {most} bytes", most=LARGEST))
    return data


def parsed(data: bytes, name: str) -> object:
    """Return what the YAML of a file stands for. Raises Refusal S5."""
    try:
        told: object = yaml.load(data, _Loader)  # noqa: S506  safe: it is made of the safe one
        # Deeply nested text exhausts the reader of YAML, and a value that is none of the kind that
        # its tag names fails it in its own ways.
    except (
        yaml.YAMLError,
        RecursionError,
        ValueError,
        LookupError,
        AttributeError,
        OverflowError,
    ) as error:
        where = getattr(error, "problem_mark", None)
        line = 0 if where is None else where.line + 1
        raise refused(name, Phrase("it is no YAML, by line {line}", line=line)) from error
    if _is_vast(told):
        raise refused(name, Phrase("it says more than {most} things", most=MOST_VALUES))
    return told


def refused(name: str, what: str) -> Refusal:
    """Return the refusal of a file, for what is wrong with it."""
    told = "{file} in this node's folder cannot be used: {what}. Mend {file}, or take it away."
    return Refusal("S5", Phrase(told, file=name, what=what), name)


def _is_vast(told: object) -> bool:
    left, count = [told], 0
    while left and count <= MOST_VALUES:
        count += 1
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list | tuple):
            left += value
    return count > MOST_VALUES


class _Loader(yaml.SafeLoader):
    """Reads YAML without mappings that are merged into others: a short text could so stand for more
    than any memory holds before anything counts it. No text holds half a character, and no number
    is longer than any that is meant.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Raise ConstructorError where another mapping is merged in."""
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            raise ConstructorError(None, None, "mappings are not merged here", node.start_mark)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        """Return the text of a scalar. Raises ConstructorError for one that is no text."""
        text: str = super().construct_scalar(node)
        if _HALF.search(text):
            raise ConstructorError(None, None, "half a character", node.start_mark)
        return text

    def number(self, node: yaml.ScalarNode) -> int:
        """Return a number. Raises ConstructorError for one that is too long."""
        value: int = self.construct_yaml_int(node)
        if abs(value) > LARGEST_NUMBER:
            raise ConstructorError(None, None, "too long a number", node.start_mark)
        return value


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.number)
