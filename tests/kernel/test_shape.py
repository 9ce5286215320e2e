"""Reading a header by its shape, and field by field, are the same reading."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import act as acts
from comity.kernel import shape
from comity.kernel.act import Header
from comity.kernel.errors import Refusal
from comity.kernel.label import PAP, Footing
from tests.kernel.world import Party, charter, digest, documents_of, replica

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
DOCS = documents_of(ORVANDA, TOLMERE)
OPENING = charter(ORVANDA, [TOLMERE], header={"pap": PAP.GREEN, "realm": "drill_1"})
DOSSIER = replica(OPENING, DOCS)
SAID = TOLMERE.say(
    DOSSIER,
    "claim",
    {"status": "held", "list": [1, True, {"a": "b"}]},
    refs=(digest("b"), digest("a")),
    footing=Footing.WITHOUT_PREJUDICE,
    realm="drill_1",
)
PAYLOADS = [OPENING.envelope.payload, SAID.envelope.payload]


def slowly(payload: bytes) -> Header | str:
    try:
        header = acts._read_fields(payload)
        acts._require_place(header)
    except Refusal as refusal:
        return refusal.rule
    return header


def quickly(payload: bytes) -> Header | str:
    try:
        return acts.read_header(payload)
    except Refusal as refusal:
        return refusal.rule


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_signed_has_the_shape(payload: bytes) -> None:
    assert shape.match(payload) is not None
    assert quickly(payload) == slowly(payload)


@given(st.sampled_from(PAYLOADS), st.integers(0), st.integers(0, 255), st.integers(0, 2))
def test_changed_bytes_are_read_alike(payload: bytes, at: int, byte: int, gone: int) -> None:
    at %= len(payload)
    changed = payload[:at] + bytes([byte]) + payload[at + gone :]
    assert quickly(changed) == slowly(changed)


VALUES = st.one_of(
    st.integers(-2, 2**60),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False),
    st.sampled_from(["", "amber", "red", "0" * 64, "x", "é", "\u202e", 'a"b', "charter"]),
    st.just([]),
    st.just(["0" * 64, "0" * 64]),
    st.just(["1" * 64, "0" * 64]),
    st.just([f"{i:064x}" for i in range(70)]),
    st.just({}),
    st.just({"a": "x" * 9000}),
    st.just({"hash": "0" * 64, "parts": 0, "size": 1, "type": "a/b"}),
    st.just({"hash": "0" * 64, "parts": 1, "size": 2**40, "type": "a/b"}),
)


@given(
    st.sampled_from(PAYLOADS), st.sampled_from([*orjson.loads(PAYLOADS[1]), "pap", "other"]), VALUES
)
def test_changed_fields_are_read_alike(payload: bytes, name: str, value: object) -> None:
    changed = orjson.loads(payload) | {name: value}
    data = orjson.dumps(changed, option=orjson.OPT_SORT_KEYS)
    assert quickly(data) == slowly(data)


@pytest.mark.parametrize("body", [b"[]", b'{"b":1,"a":2}', b"{", b'{"a":1.0}', b'{"a":null}'])
def test_a_body_is_held_to_the_profile(body: bytes) -> None:
    payload = PAYLOADS[1]
    begin, end = payload.index(b"{", 1), payload.rindex(b',"content":')
    data = payload[:begin] + body + payload[end:]
    verdict = quickly(data)
    assert isinstance(verdict, str)
    assert verdict == slowly(data)
