"""Covers: form, signature, time, recipient, and the framing on every medium."""

import base64
import hashlib
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import dsse
from comity.kernel.cover import (
    HEAD_LIMIT,
    LINE_LIMIT,
    MAGIC,
    PAYLOAD_LIMIT,
    WINDOW,
    Cover,
    CoverKind,
    build,
    frame,
    parse,
    require_body,
    require_recent,
    require_recipient,
    split,
    verify,
)
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.keys import SeedSigner
from tests.kernel.refusals import flip, refuses, rule_of

SIGNER, STRANGER = SeedSigner(bytes(32)), SeedSigner(b"\1" * 32)
ME, PEER = PartyId("a" * 64), PartyId("b" * 64)
BODY = b"ciphertext\nwith lines\n"
NOW = 1_750_000_000_000
PULL = Cover(PEER, ME, NOW, "c" * 64, CoverKind.PULL, Id("d" * 64), 1)
BUNDLE = replace(
    PULL,
    kind=CoverKind.BUNDLE,
    hash=hashlib.sha256(BODY).hexdigest(),
    size=len(BODY),
    key="e" * 64,
    args={"realm": "exercise", "n": 3},
)


def line(cover: Cover) -> bytes:
    return build(cover, SIGNER).envelope.to_bytes()


def signed(payload: bytes, kind: str = dsse.COVER) -> bytes:
    return dsse.sign(kind, payload, [SIGNER]).to_bytes()


def changed(**fields: Any) -> bytes:
    value = {**orjson.loads(BUNDLE.to_payload()), **fields}
    value = {name: item for name, item in value.items() if item is not None}
    return signed(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


@pytest.mark.parametrize("cover", [PULL, BUNDLE, *(replace(BUNDLE, kind=k) for k in CoverKind)])
def test_a_cover_reads_what_it_writes_and_verifies(cover: Cover) -> None:
    read = parse(line(cover))
    assert read.cover == cover
    verify(read, SIGNER.key)


def test_the_payload_is_frozen() -> None:
    assert PULL.to_payload() == (
        b'{"created":1750000000000,"doc":"' + b"d" * 64 + b'","from":"' + b"b" * 64
        + b'","kind":"pull","log":1,"nonce":"' + b"c" * 64 + b'","to":"' + b"a" * 64
        + b'","v":1}'
    )  # fmt: skip
    assert orjson.loads(BUNDLE.to_payload()).keys() - orjson.loads(PULL.to_payload()).keys() == {
        "hash",
        "size",
        "key",
        "args",
    }


@given(st.data())
def test_no_bit_of_a_cover_may_change(data: st.DataObject) -> None:
    good = line(BUNDLE)
    wrong = flip(good, data.draw(st.integers(0, 8 * len(good) - 1)))
    # Another payload type is not known here and may be known after an upgrade: K17.
    with pytest.raises(Refusal, match=r"T1|K17"):
        verify(parse(wrong), SIGNER.key)


def test_a_cover_signed_by_another_key_is_refused() -> None:
    refuses("T1", lambda: verify(parse(line(PULL)), STRANGER.key))


def test_a_signature_that_only_names_the_right_key_is_refused() -> None:
    good, other = build(PULL, SIGNER).envelope, build(replace(PULL, log=2), SIGNER).envelope
    forged = good._replace(signatures=other.signatures)
    refuses("T1", lambda: verify(parse(forged.to_bytes()), SIGNER.key))


@pytest.mark.parametrize(
    "fields",
    [
        {"v": None},
        {"v": -1},
        {"v": "1"},
        {"from": "b"},
        {"to": None},
        {"created": -1},
        {"created": "now"},
        {"nonce": "c" * 63},
        {"kind": "act"},
        {"kind": "BUNDLE"},
        {"doc": 1},
        {"log": 0},
        {"log": None},
        {"hash": None},
        {"size": None},
        {"key": None},
        {"hash": None, "size": None},
        {"hash": None, "size": None, "key": None},
        {"kind": "spool", "hash": None, "size": None},
        {"size": -1},
        {"args": []},
        {"args": {}},
        {"more": 1},
    ],
)
def test_a_cover_of_another_form_is_refused(fields: dict[str, Any]) -> None:
    refuses("T1", lambda: parse(changed(**fields)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        signed(b"{}"),
        signed(b"no json"),
        signed(PULL.to_payload() + b" "),
        signed(PULL.to_payload(), dsse.ACT),
        dsse.sign(dsse.COVER, PULL.to_payload(), [SIGNER, STRANGER]).to_bytes(),
        line(PULL) + b"\n",
        b" " * (LINE_LIMIT + 1),
    ],
)
def test_an_envelope_that_holds_no_cover_is_refused(data: bytes) -> None:
    refuses("T1", lambda: parse(data))


def test_a_payload_of_an_unknown_type_asks_for_an_upgrade() -> None:
    later = base64.b64encode(b"{}").decode()
    for rule, version in (("K17", 2), ("K19", 0)):
        kind = f"application/vnd.comity.cover.v{version}+json"
        value = {"payload": later, "payloadType": kind, "signatures": [{}]}
        refuses(rule, partial(parse, orjson.dumps(value)))


def test_a_cover_of_a_later_format_asks_for_an_upgrade() -> None:
    refuses("K17", lambda: parse(changed(v=2)))
    refuses("K17", lambda: parse(changed(v=9, more=1)))
    refuses("K19", lambda: parse(changed(v=0)))


def test_a_cover_stays_within_its_limits() -> None:
    room = PAYLOAD_LIMIT - len(replace(PULL, args={"x": ""}).to_payload())
    largest = line(replace(PULL, args={"x": "a" * room}))
    assert len(largest) <= LINE_LIMIT
    parse(largest)
    refuses("K1", lambda: build(replace(PULL, args={"x": "a" * (room + 1)}), SIGNER))
    payload = orjson.dumps({"x": "a" * PAYLOAD_LIMIT})
    refuses("T1", lambda: parse(signed(payload)))


def test_nothing_is_signed_that_a_reader_would_refuse() -> None:
    refuses("T1", lambda: build(replace(PULL, nonce="short"), SIGNER))
    refuses("T1", lambda: replace(PULL, size=3))
    refuses("T1", lambda: replace(PULL, key="e" * 64))
    refuses("T1", lambda: replace(BUNDLE, key=None))


def test_numbers_of_the_format_are_frozen() -> None:
    assert (PAYLOAD_LIMIT, LINE_LIMIT, HEAD_LIMIT) == (4096, 8192, 16 + 8192 + 1)
    assert WINDOW == 600_000  # Ten minutes.


@given(st.binary(max_size=200))
def test_any_bytes_are_a_cover_or_refused(data: bytes) -> None:
    with pytest.raises(Refusal, match=r"T1|K17"):
        parse(data)


@given(
    st.dictionaries(
        st.sampled_from(["v", "from", "kind", "size", "args"]), st.integers(-(2**63), 2**63)
    )
)
def test_any_payload_is_a_cover_or_refused(fields: dict[str, Any]) -> None:
    assert rule_of(lambda: parse(changed(**fields))) in {None, "T1", "K17", "K19"}


@pytest.mark.parametrize("offset", [0, WINDOW, -WINDOW])
def test_a_recent_cover_is_taken(offset: int) -> None:
    require_recent(PULL, NOW + offset)
    require_recent(PULL, NOW + 2 * offset, window=2 * WINDOW)


@pytest.mark.parametrize("offset", [WINDOW + 1, -WINDOW - 1])
def test_a_cover_too_old_or_from_the_future_is_refused(offset: int) -> None:
    refuses("T1", lambda: require_recent(PULL, NOW + offset))


def test_a_cover_for_another_party_is_refused() -> None:
    require_recipient(PULL, ME)
    refuses("T2", lambda: require_recipient(PULL, PEER))


def test_the_body_is_the_one_the_cover_names() -> None:
    digest = hashlib.sha256(BODY).hexdigest()
    require_body(BUNDLE, size=len(BODY), digest=digest)
    refuses("T7", lambda: require_body(BUNDLE, size=len(BODY) + 1, digest=digest))
    refuses("T7", lambda: require_body(BUNDLE, size=len(BODY), digest="0" * 64))
    refuses("T7", lambda: require_body(PULL, size=len(BODY), digest=digest))


@given(st.sampled_from([PULL, BUNDLE]), st.binary(max_size=30))
def test_a_frame_comes_apart_however_much_of_it_has_come(cover: Cover, body: bytes) -> None:
    framed = frame(build(cover, SIGNER), body)
    begin = len(framed) - len(body)
    for size in range(begin):
        assert split(framed[:size]) is None
    for size in range(begin, len(framed) + 1):
        assert split(framed[:size]) == (line(cover), begin)


def test_a_frame_is_ascii_lines_and_then_the_body() -> None:
    framed = frame(build(BUNDLE, SIGNER), BODY)
    assert framed == b"comity-cover-v1\n" + line(BUNDLE) + b"\n" + BODY
    assert frame(build(PULL, SIGNER)).endswith(b"}\n")


@pytest.mark.parametrize(
    ("rule", "head"),
    [
        ("T1", b"x"),
        ("T1", b"PK\3\4" * 9),
        ("T1", b"comity-cover-v1\r\n"),
        ("T1", b"comity-cover-vx\n"),
        ("K17", b"comity-cover-v2\n{}"),
        ("K17", b"comity-cover-v10\n"),
        ("K19", b"comity-cover-v0\n{}"),
    ],
)
def test_what_does_not_begin_as_a_frame_is_refused_at_once(rule: str, head: bytes) -> None:
    refuses(rule, lambda: split(head))


def test_a_line_without_end_is_refused() -> None:
    assert split(MAGIC + b"x" * LINE_LIMIT) is None
    assert split(MAGIC + b"x" * LINE_LIMIT + b"\n") == (b"x" * LINE_LIMIT, HEAD_LIMIT)
    refuses("T1", lambda: split(MAGIC + b"x" * (LINE_LIMIT + 1)))
    refuses("T1", lambda: split(MAGIC + b"x" * (LINE_LIMIT + 1) + b"\n"))


@given(st.binary(max_size=40), st.booleans())
def test_any_bytes_come_apart_or_are_refused(data: bytes, magic: bool) -> None:  # noqa: FBT001
    head = MAGIC + data if magic else data
    rule = rule_of(lambda: split(head))
    assert rule in {None, "T1", "K17", "K19"}
    found = None if rule else split(head)
    assert found is None or head.startswith(MAGIC + found[0] + b"\n")
