"""The canonical JSON profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import orjson
import pytest
import rfc8785

from comity.kernel import canon
from tests.kernel.world import refused


def nested(depth: int) -> canon.Object:
    value: canon.Object = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


def test_what_is_dumped_is_parsed_again() -> None:
    value: canon.Object = {
        "b": [True, False, {"z": -canon.MAX_INT, "a": canon.MAX_INT}],
        "a": 'é€😀"\\/',
        "0_": "",
    }
    data = canon.dump(value)
    assert data == '{"0_":"","a":"é€😀\\"\\\\/","b":[true,false,{"a":%d,"z":-%d}]}'.encode() % (
        canon.MAX_INT,
        canon.MAX_INT,
    )
    assert canon.parse(data) == value
    assert data == rfc8785.dumps(cast("Any", value))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"a":"\\ud800"}', "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b"[" * 100_00, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"1", "not a JSON object"),
        (b'{"a":null}', "type NoneType"),
        (b'{"a":1.0}', "type float"),
        (b'{"a":1e2}', "type float"),
        (b'{"a":-0.0}', "type float"),
        (b'{"a":9007199254740992}', "outside"),
        (b'{"a":-9007199254740992}', "outside"),
        (b'{"a":18446744073709551616}', ""),
        (b'{"A":1}', "key"),
        (b'{"":1}', "key"),
        (b'{"a-b":1}', "key"),
        ('{"é":1}'.encode(), "key"),
        (b'{"%s":1}' % (b"a" * 65), "key"),
        (b'{"a":{"B":1}}', "key"),
        (b'{"a":"\\n"}', "control"),
        (b'{"a":"\x7f"}', "control"),
        ('{"a":"\u0085"}'.encode(), "control"),
        ('{"a":"\u202e"}'.encode(), "control"),
        ('{"a":["\u2066"]}'.encode(), "control"),
        ('{"a":"\u2028"}'.encode(), "control"),
        ('{"a":"\ufeff"}'.encode(), "control"),
        (b'{"a":1,"a":1}', "canonical"),
        (b'{"b":1,"a":1}', "canonical"),
        (b'{"a": 1}', "canonical"),
        (b'{"a":1}\n', "canonical"),
        (b'{"a":"\\u0041"}', "canonical"),
        (b'{"a":"\\/"}', "canonical"),
        (b'{"a":-0}', ""),
    ],
)
def test_bytes_outside_the_profile_are_refused_by_k2(data: bytes, reason: str) -> None:
    with refused("K2", reason):
        canon.parse(data)


def test_loading_checks_form_and_leaves_values_to_the_reader() -> None:
    assert canon.load(b'{"A":null}') == {"A": None}
    for data in (b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":1,"a":1}', b"[]", b"{"):
        with refused("K2"):
            canon.load(data)
    with refused("K2", "cannot be written again"):
        canon.load(b'{"a":' + b"[" * 900 + b"]" * 900 + b"}")
    with refused("K1"):
        canon.load(b'{"a":1}', limit=6)


def test_nesting_ends_at_eight() -> None:
    assert canon.parse(canon.dump(nested(8))) == nested(8)
    with refused("K2", "nested deeper"):
        canon.dump(nested(9))
    with refused("K2", "nested deeper"):
        canon.parse(orjson.dumps(nested(9)))
    with refused("K2", "nested deeper"):
        canon.parse(b'{"a":' + b"[" * 900 + b"]" * 900 + b"}")


def test_size_is_limited_by_k1_before_anything_is_read() -> None:
    fits = canon.dump({"a": "x" * (canon.HEADER_LIMIT - 8)})
    assert len(fits) == canon.HEADER_LIMIT
    canon.parse(fits)
    with refused("K1"):
        canon.dump({"a": "x" * (canon.HEADER_LIMIT - 7)})
    with refused("K1"):
        canon.parse(b"?" * (canon.HEADER_LIMIT + 1))
    canon.parse(canon.dump({"a": "x" * 20_000}, limit=canon.DOCUMENT_LIMIT), limit=30_000)


@pytest.mark.parametrize(
    "value",
    [
        {"a": None},
        {"a": 0.5},
        {"a": b"bytes"},
        {"a": (1, 2)},
        {1: "a"},
        {"a": "\ud800"},
        {"a": canon.MAX_INT + 1},
    ],
)
def test_nothing_is_dumped_that_a_reader_would_refuse(value: Any) -> None:
    with refused("K2"):
        canon.dump(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    value: canon.Object = {}
    value["a"] = value
    with refused("K2", "nested deeper"):
        canon.dump(value)


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_vectors_of_rfc_8785_are_read_as_the_standard_or_refused(shared: Path, name: str) -> None:
    folder = shared / "vectors" / "jcs" / "testdata"
    wanted = (folder / "output" / f"{name}.json").read_bytes()
    value = orjson.loads((folder / "input" / f"{name}.json").read_bytes())
    # What these hold lies outside the profile: each says why, and none is read differently.
    with refused("K2"):
        canon.parse(wanted)
    with refused("K2"):
        canon.dump(value)
    assert rfc8785.dumps(value) == wanted


def test_strings_of_the_vectors_are_written_as_the_standard_writes_them(shared: Path) -> None:
    folder = shared / "vectors" / "jcs" / "testdata" / "output"
    seen = 0
    for path in folder.iterdir():
        for text in strings(orjson.loads(path.read_bytes())):
            value: canon.Object = {"a": text}
            if not canon._FORBIDDEN.search(text):
                assert canon.dump(value) == rfc8785.dumps(cast("Any", value))
                seen += 1
    assert seen > 20


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [s for k, v in value.items() for s in (k, *strings(v))]
    return [s for v in value for s in strings(v)] if isinstance(value, list) else []
