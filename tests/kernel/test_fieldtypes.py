"""Types of fields: what they take, what they refuse, and what they tell a person to write."""

from __future__ import annotations

import re

import pytest

from comity.kernel.canon import MAX_INT, Value
from comity.kernel.fieldtypes import (
    Code,
    Digits,
    FieldType,
    Flag,
    Handle,
    Hex,
    Instant,
    Language,
    Many,
    Party,
    Text,
    Whole,
    instant_from_text,
)
from tests.kernel.world import digest

ID = digest("an act")
CODE = Code({"up": "Up", "down": "Down"})


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (CODE, "up"),
        (Flag(), True),
        (Hex(), ID),
        (Party(), ID),
        (Handle(), "finder_1"),
        (Handle(), "of/finder_1"),
        (Handle(plain=True, most=4), "a_-1"),
        (Digits((2, 4)), "0f"),
        (Digits((2, 4)), "0f1e"),
        (Language(), "sr-Latn-RS"),
        (Whole(1, 3), 1),
        (Whole(1, 3), 3),
        (Instant(), 0),
        (Instant(), MAX_INT),
        (Text(3), "a\nb"),
        (Text(3), "\u200f\tx"),
        (Text(3, lines=False), "abc"),
        (Many(CODE), ["down", "up"]),
        (Many(Whole(), least=0), []),
        (Many(Whole()), [2, 10]),
    ],
)
def test_it_takes(type_: FieldType[object], value: Value) -> None:
    assert type_.check(value) == value


@pytest.mark.parametrize(
    ("type_", "value", "says"),
    [
        (CODE, "left", "'left' is not one of up, down"),
        (CODE, 1, "not one of"),
        (CODE, ["up"], "not one of"),
        (CODE, "x" * 100, "xxx… is not one of"),
        (Flag(), False, "write yes, or leave it out"),
        (Flag(), 1, "write yes"),
        (Hex(), ID.upper(), "the id of a act has 64"),
        (Hex("dossier"), "", "the id of a dossier has 64"),
        (Party(), 7, "the id of a party has 64"),
        (Handle(), "Jane Doe", "a handle begins with a letter"),
        (Digits((2, 4)), "0f1", "write all 2 or 4 hexadecimal digits"),
        (Digits((2, 4)), "0F", "hexadecimal digits"),
        (Digits((2, 4)), "0f\n", "hexadecimal digits"),
        (Digits((2, 4)), 12, "hexadecimal digits"),
        (Language(), "zh-hans", "write the tag of a language"),
        (Language(), 7, "write the tag of a language"),
        (Handle(), "jane@home.example", "a handle begins with a letter"),
        (Handle(), 7, "a handle begins with a letter"),
        (Handle(plain=True), "of/finder", "a-z, 0-9, _ and -, at most 64"),
        (Handle(plain=True, most=4), "a_-12", "at most 4"),
        (Whole(1, 3), 0, "write a whole number from 1 to 3"),
        (Whole(1, 3), 4, "write a whole number from 1 to 3"),
        (Whole(1, 3), True, "write a whole number from 1 to 3"),
        (Instant(), -1, "milliseconds"),
        (Instant(), MAX_INT + 1, "milliseconds"),
        (Instant(), True, "milliseconds"),
        (Text(3), "", "write 1 to 3 characters"),
        (Text(3), "abcd", "write 1 to 3 characters"),
        (Text(3), 1, "write 1 to 3 characters"),
        (Text(3, lines=False), "a\nb", "write a single line"),
        (Text(3), "a\x1bb", "take out the control characters"),
        (Text(3), "a\x85b", "take out the control characters"),
        (Text(3), "a\ud800", "take out the control characters"),
        (Many(CODE), [], "a list has 1 to 32 items"),
        (Many(CODE, most=1), ["down", "up"], "a list has 1 to 1 items"),
        (Many(CODE), "up", "a list has"),
        (Many(CODE), ["up", "down"], "ascending order"),
        (Many(CODE), ["up", "up"], "distinct"),
        (Many(CODE), ["left"], "not one of"),
    ],
)
def test_it_refuses_and_says_what_to_write(
    type_: FieldType[object], value: Value, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        type_.check(value)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (CODE, "down", "down"),
        (Flag(), "Yes", True),
        (Flag(), "true", True),
        (Flag(), "on", True),
        (Flag(), "1", True),
        (Hex(), ID, ID),
        (Party(), ID, ID),
        (Handle(), "finder", "finder"),
        (Digits((8,)), " 0x0F1E 2d:3c ", "0f1e2d3c"),
        (Language(), " ZH_hans ", "zh-Hans"),
        (Whole(), "12", 12),
        (Whole(-5), "-5", -5),
        (Instant(), "1970-01-01T00:00:01Z", 1000),
        (Instant(), "2026-05-03T02:40Z", 1_777_776_000_000),
        (Instant(), "2026-05-03T04:40+02:00", 1_777_776_000_000),
        (Instant(), "2026-05-03T02:40:00.001Z", 1_777_776_000_001),
        (Text(), "one\r\ntwo", "one\ntwo"),
        (Many(CODE), "up, down,up", ["down", "up"]),
        (Many(Whole()), "10,9", [9, 10]),
    ],
)
def test_it_reads_what_a_person_wrote(type_: FieldType[object], text: str, value: Value) -> None:
    assert type_.from_text(text) == value
    assert type_.check(value) == value


@pytest.mark.parametrize(
    ("type_", "text", "says"),
    [
        (CODE, "left", "not one of up, down"),
        (Flag(), "no", "leave it out"),
        (Hex(), "4f2a", "64 lower-case"),
        (Party(), "Orvanda", "64 lower-case"),
        (Whole(), "1.5", "write a whole number"),
        (Whole(), "", "write a whole number"),
        (Whole(), "9" * 5000, "write a whole number"),
        (Whole(), "١٢", "write a whole number"),
        (Text(3), "a\rb", "control characters"),
        (Many(CODE), "up,left", "not one of"),
    ],
)
def test_it_refuses_what_a_person_wrote(type_: FieldType[object], text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        type_.from_text(text)


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-05-03", "2026-05-03T02:40", "2026-02-30T00:00Z"]
)
def test_an_instant_is_written_with_its_zone(text: str) -> None:
    with pytest.raises(ValueError, match="date and time with its zone, as in 2026-05-03T02:40Z"):
        instant_from_text(text)


def test_the_name_of_a_language_is_not_its_tag() -> None:
    assert Language().check("french") == "french"  # By its form it is a tag.
    for text in ("french", "French", "French-CH"):
        with pytest.raises(ValueError, match="write the tag of a language"):
            Language().from_text(text)


def test_an_instant_before_the_epoch_is_refused() -> None:
    with pytest.raises(ValueError, match="milliseconds since 1970"):
        instant_from_text("1969-12-31T23:59:59Z")


def test_schemas_say_what_is_taken() -> None:
    assert CODE.schema() == {"type": "string", "enum": ["up", "down"]}
    assert Flag().schema() == {"type": "boolean", "const": True}
    assert Whole(1, 3).schema() == {"type": "integer", "minimum": 1, "maximum": 3}
    assert Instant().schema()["x_of"] == "milliseconds"
    assert Handle().schema() == {"type": "string", "pattern": "^[a-z][a-z0-9_/-]{0,63}$"}
    assert Digits((2, 4), "nonce").schema() == {
        "type": "string",
        "pattern": "^([0-9a-f]{2}|[0-9a-f]{4})$",
        "x_of": "nonce",
    }
    tags = Language().schema()
    assert re.fullmatch(str(tags["pattern"]), "zh-Hans")
    assert not re.fullmatch(str(tags["pattern"]), "zh-hans")
    assert tags["maxLength"] == 35
    assert Text(3).schema() == {"type": "string", "minLength": 1, "maxLength": 3}
    for type_, name in ((Hex(), "act"), (Party(), "party")):
        assert type_.schema() == {"type": "string", "pattern": "^[0-9a-f]{64}$", "x_of": name}
    assert Many(CODE, most=4).schema() == {
        "type": "array",
        "items": CODE.schema(),
        "minItems": 1,
        "maxItems": 4,
        "uniqueItems": True,
    }
