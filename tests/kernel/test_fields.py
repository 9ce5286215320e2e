"""Strict reading of coded objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from comity.kernel.fields import Fields
from tests.kernel.world import digest, refused, signer

A, B = sorted((digest("a"), digest("b")))
KEYS = sorted((signer("a").key, signer("b").key))


def fields(value: Any) -> Fields:
    return Fields({"x": value}, "thing")


GOOD: list[tuple[Callable[[Fields], Any], Any, Any]] = [
    (lambda f: f.take("x"), 5, 5),
    (lambda f: f.integer("x", 1, 5), 1, 1),
    (lambda f: f.integer("x", 1, 5), 5, 5),
    (lambda f: f.text("x", 3), "a", "a"),
    (lambda f: f.text("x", 3), "abc", "abc"),
    (lambda f: f.code("x"), "a1_/-z", "a1_/-z"),
    (lambda f: f.code("x", frozenset({"yes"})), "yes", "yes"),
    (lambda f: f.language("x"), "sr-Latn-RS", "sr-Latn-RS"),
    (lambda f: f.id("x"), A, A),
    (lambda f: f.party("x"), A, A),
    (lambda f: f.key("x"), KEYS[0], KEYS[0]),
    (lambda f: f.keys("x", 2, 2), KEYS, frozenset(KEYS)),
    (lambda f: f.array("x", 2), [], []),
    (lambda f: f.array("x", 2, 2), [1, "a"], [1, "a"]),
    (lambda f: f.ids("x", 2), [A, B], (A, B)),
    (lambda f: f.ids("x", 2), [], ()),
    (lambda f: f.parties("x", 2, 1), [B], (B,)),
    (lambda f: f.object("x"), {"y": 1}, {"y": 1}),
    (lambda f: f.nested("x").integer("y"), {"y": 1}, 1),
    (lambda f: [g.take("y") for g in f.each("x", 2)], [{"y": 1}, {"y": 2}], [1, 2]),
    (lambda f: f.optional("x", f.integer), 3, 3),
    (lambda f: f.optional("x", f.text), "b", "b"),
]


@pytest.mark.parametrize(("read", "value", "wanted"), GOOD)
def test_a_field_is_read_once_and_nothing_is_left(
    read: Callable[[Fields], Any], value: Any, wanted: Any
) -> None:
    reader = fields(value)
    assert reader.has("x")
    assert read(reader) == wanted
    assert not reader.has("x")
    reader.end()
    assert reader.optional("x", reader.integer) is None
    with refused("K4", "The thing lacks the field 'x'."):
        reader.take("x")


BAD: list[tuple[Callable[[Fields], Any], list[Any], str]] = [
    (lambda f: f.integer("x", 1, 5), [0, 6, "1", True, [1], {}], "integer from 1 to 5"),
    (lambda f: f.text("x", 3), ["", "abcd", 5, []], "string of 1 to 3"),
    (lambda f: f.code("x"), ["", "A", "1a", "a b", "a\n", "a" * 65, 5, "_a"], "needs a code"),
    (lambda f: f.code("x", frozenset({"yes"})), ["no"], "not one of ['yes']"),
    (lambda f: f.language("x"), ["", "EN", "en ", "e", "en-gb", 5, []], "tag of a language"),
    (lambda f: f.id("x"), ["", A[:-1], A.upper(), 5], "hexadecimal digits"),
    (lambda f: f.party("x"), [5], "hexadecimal digits"),
    (lambda f: f.keys("x", 2), [KEYS[::-1], [KEYS[0], KEYS[0]]], "ascending order"),
    (lambda f: f.keys("x", 1, 1), [[], KEYS, "x"], "array of 1 to 1"),
    (lambda f: f.array("x", 1, 1), [[], [1, 2], {}, "x", 5], "array of 1 to 1"),
    (lambda f: f.ids("x", 2), [[B, A], [A, A], [5], [A, "x"]], "ascending order"),
    (lambda f: f.ids("x", 1), [[A, B]], "array of 0 to 1"),
    (lambda f: f.object("x"), [[], "x", 5], "needs an object"),
    (lambda f: f.nested("x"), [[], "x", 5], "thing's x is not an object"),
    (lambda f: f.each("x", 2), [[1], [{}, []]], "thing's x is not an object"),
    (lambda f: f.optional("x", f.integer), ["x"], "integer"),
]


@pytest.mark.parametrize(("read", "values", "reason"), BAD)
def test_a_wrong_field_is_refused_with_the_rule_of_its_object(
    read: Callable[[Fields], Any], values: list[Any], reason: str
) -> None:
    for value in values:
        with refused("K4", reason):
            read(fields(value))
        with refused("K14", reason):
            read(Fields({"x": value}, "thing", "K14"))


@pytest.mark.parametrize("value", [None, [], "x", 5, True])
def test_what_is_not_an_object_is_refused(value: Any) -> None:
    with refused("K4", "not an object"):
        Fields(value, "thing")


def test_a_wrong_key_is_refused_by_k9() -> None:
    with refused("K9"):
        fields("no key").key("x")
    with refused("K9"):
        fields(["no key"]).keys("x", 2)


def test_what_nobody_took_is_refused() -> None:
    reader = fields(1)
    with refused("K4", "unknown fields: ['x']"):
        reader.end()


def test_reading_leaves_the_object_as_it_is() -> None:
    value: Any = {"x": {"y": 1}}
    Fields(value, "thing").nested("x").take("y")
    assert value == {"x": {"y": 1}}
