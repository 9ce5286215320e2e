"""Types of fields: what is taken, what is refused, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel.canon import MAX_INT
from comity.kernel.fieldtypes import (
    Code,
    FieldType,
    Flag,
    Hex,
    Instant,
    Many,
    Party,
    Text,
    Whole,
    instant_from_text,
)
from tests.kernel.world import digest

A, B = sorted((digest("a"), digest("b")))
CODES = Code({"yes": "Yes", "no": "No"})
# Each type with values it takes, values it refuses with a word of the reason, and its schema.
TYPES: list[tuple[FieldType[Any], list[Any], list[tuple[Any, str]], dict[str, Any]]] = [
    (
        CODES,
        ["yes", "no"],
        [("maybe", "'maybe' is not one of yes, no"), (1, "1 is not"), ("x" * 200, "…")],
        {"type": "string", "enum": ["yes", "no"]},
    ),
    (
        Flag(),
        [True],
        [(False, "leave it out"), (1, "leave it out"), ("yes", "leave it out")],
        {"type": "boolean", "const": True},
    ),
    (
        Hex("dossier"),
        [A],
        [(A[:-1], "id of a dossier"), (A.upper(), "64"), (5, "64")],
        {"type": "string", "pattern": "^[0-9a-f]{64}$", "x_of": "dossier"},
    ),
    (
        Party(),
        [A],
        [("x", "id of a party"), ([], "64")],
        {"type": "string", "pattern": "^[0-9a-f]{64}$", "x_of": "party"},
    ),
    (
        Whole(1, 3),
        [1, 3],
        [(0, "from 1 to 3"), (4, "from 1 to 3"), (True, "from 1"), ("2", "from 1")],
        {"type": "integer", "minimum": 1, "maximum": 3},
    ),
    (
        Instant(),
        [0, MAX_INT],
        [(-1, "milliseconds"), (MAX_INT + 1, "milliseconds"), (True, "milliseconds")],
        {"type": "integer", "minimum": 0, "maximum": MAX_INT, "x_of": "milliseconds"},
    ),
    (
        Text(5),
        ["a", "a\nb", "\tabcd"],
        [("", "1 to 5"), ("abcdef", "1 to 5"), (5, "1 to 5"), ("a\x00", "control"), ("\ud800", "")],
        {"type": "string", "minLength": 1, "maxLength": 5},
    ),
    (
        Text(5, lines=False),
        ["a b"],
        [("a\nb", "single line")],
        {"type": "string", "minLength": 1, "maxLength": 5},
    ),
    (
        Many(CODES, most=2),
        [["no"], ["no", "yes"]],
        [
            ([], "1 to 2 items"),
            (["no", "yes", "yes"], "1 to 2 items"),
            ("no", "1 to 2 items"),
            (["yes", "no"], "ascending"),
            (["no", "no"], "ascending"),
            (["maybe"], "not one of"),
        ],
        {
            "type": "array",
            "items": {"type": "string", "enum": ["yes", "no"]},
            "minItems": 1,
            "maxItems": 2,
            "uniqueItems": True,
        },
    ),
    (
        Many(Whole(), least=0),
        [[], [1, 2, 10]],
        [([10, 2], "ascending"), (["1"], "whole number")],
        {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": MAX_INT},
            "minItems": 0,
            "maxItems": 32,
            "uniqueItems": True,
        },
    ),
]


@pytest.mark.parametrize(("kind", "good", "bad", "schema"), TYPES)
def test_a_type_takes_its_values_and_says_what_is_wrong_with_others(
    kind: FieldType[Any], good: list[Any], bad: list[tuple[Any, str]], schema: dict[str, Any]
) -> None:
    for value in good:
        assert kind.check(value) == value
    for value, reason in bad:
        with pytest.raises(ValueError) as caught:  # noqa: PT011  the reason is compared below
            kind.check(value)
        assert reason in str(caught.value)
    assert kind.schema() == schema
    assert kind.name


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (CODES, "yes", "yes"),
        (Flag(), "Yes", True),
        (Flag(), "on", True),
        (Hex(), A, A),
        (Party(), B, B),
        (Whole(), "0017", 17),
        (Whole(-5), "-5", -5),
        (Instant(), "1970-01-01T00:00:01Z", 1000),
        (Text(), "a\r\nb", "a\nb"),
        (Many(CODES), "yes, no,yes", ["no", "yes"]),
        (Many(Whole()), "10,2", [2, 10]),
        (Many(Hex()), f"{B},{A}", [A, B]),
    ],
)
def test_what_a_person_writes_becomes_a_canonical_value(
    kind: FieldType[Any], text: str, value: object
) -> None:
    assert kind.from_text(text) == value
    assert kind.check(kind.from_text(text)) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (CODES, "YES"),
        (Flag(), "no"),
        (Hex(), "x"),
        (Party(), ""),
        (Whole(), "1.5"),
        (Whole(), "1_000"),
        (Whole(), " 1"),
        (Whole(), "٣"),
        (Whole(), "9" * 17),
        (Whole(), "-1"),
        (Instant(), "tomorrow"),
        (Text(), ""),
        (Many(CODES), ""),
        (Many(Whole()), "1,x"),
    ],
)
def test_what_a_person_writes_wrongly_is_a_value_error(kind: FieldType[Any], text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        kind.from_text(text)


def test_an_instant_is_written_with_its_zone() -> None:
    wanted = 1_777_776_000_000
    for text in ("2026-05-03T02:40Z", "2026-05-03T04:40:00.000+02:00", "2026-05-02 22:40-04:00"):
        assert instant_from_text(text) == wanted
    assert instant_from_text("2026-05-03T02:40:00.001999Z") == wanted + 1
    for text in ("2026-05-03T02:40", "2026-05-03", "", "1969-12-31T23:59:59Z"):
        with pytest.raises(ValueError, match=r"zone|milliseconds"):
            instant_from_text(text)
