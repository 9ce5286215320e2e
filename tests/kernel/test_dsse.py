"""DSSE envelopes in their one form."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import orjson
import pytest

from comity.kernel import dsse
from comity.kernel.errors import RULES, Retry
from comity.kernel.keys import key_id
from tests.kernel.world import refused, signer

ONE, TWO, THREE = signer("one"), signer("two"), signer("three")
PAYLOAD = b'{"a":"hello world"}'
ENVELOPE = dsse.sign(dsse.ACT, PAYLOAD, [ONE])


def changed(**members: Any) -> bytes:
    value = orjson.loads(ENVELOPE.to_bytes()) | members
    return orjson.dumps({name: item for name, item in value.items() if item is not None})


def signature(**members: Any) -> bytes:
    [value] = orjson.loads(ENVELOPE.to_bytes())["signatures"]
    return changed(signatures=[value | members])


def test_the_encoding_is_that_of_the_standard() -> None:
    # The example of DSSE 1.0.2, protocol.md.
    assert (
        dsse.pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert dsse.pae("é", b"\xff\n") == "DSSEv1 2 é 2 ".encode() + b"\xff\n"


def test_an_envelope_is_read_as_it_was_written() -> None:
    data = ENVELOPE.to_bytes()
    assert dsse.parse(data, limit=100) == ENVELOPE
    assert ENVELOPE.id == hashlib.sha256(ENVELOPE.pae).hexdigest()
    dsse.verify_one(ENVELOPE, ONE.key)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "exactly payload"),
        (changed(extra=1), "exactly payload"),
        (changed(payload=None), "exactly payload"),
        (changed(payloadType=7), "wrong types"),
        (changed(signatures={}), "wrong types"),
        (changed(signatures=[]), "1 to 16"),
        (changed(signatures=[1] * 17), "1 to 16"),
        (changed(signatures=[1]), "exactly keyid"),
        (signature(extra=1), "exactly keyid"),
        (signature(keyid="AB"), "keyid"),
        (signature(keyid="A" * 64), "keyid"),
        (signature(keyid="é" * 64), "keyid"),
        (signature(keyid=5), "keyid"),
        (signature(sig=5), "not a string"),
        (signature(sig="é"), "standard base64"),
        (signature(sig="a"), "standard base64"),
        (signature(sig="ab_-"), "standard base64"),
        (changed(payload=5), "not a string"),
        (changed(payload="eyJhIjoxf?=="), "standard base64"),
        (changed(payload="QQ==QQ=="), ""),
        (changed(payload="QR=="), "one canonical form"),
        (b" " + ENVELOPE.to_bytes(), "one canonical form"),
        (ENVELOPE.to_bytes()[:-1] + b',"payload":"QQ=="}', "one canonical form"),
    ],
)
def test_bytes_that_are_no_envelope_are_refused_by_k3(data: bytes, reason: str) -> None:
    with refused("K3", reason):
        dsse.parse(data, limit=100)


def test_an_unknown_payload_type_is_refused_by_k17_until_the_upgrade() -> None:
    with refused("K17"):
        dsse.parse(changed(payloadType="application/vnd.comity.act.v2+json"), limit=100)


def test_a_payload_type_of_format_0_is_refused_for_ever_and_its_sender_has_to_upgrade() -> None:
    with refused("K19", "Ask its sender"):
        dsse.parse(changed(payloadType="application/vnd.comity.act.v0+json"), limit=100)
    assert RULES["K19"].retry is Retry.NEVER


def test_envelope_and_payload_are_limited_by_k1() -> None:
    assert dsse.parse(ENVELOPE.to_bytes(), limit=len(PAYLOAD)) == ENVELOPE
    with refused("K1", "payload"):
        dsse.parse(ENVELOPE.to_bytes(), limit=len(PAYLOAD) - 1)
    with refused("K1", "envelope"):
        dsse.parse(b" " * (4 * 34 + dsse.ENVELOPE_SLACK + 1), limit=100)


def test_an_envelope_has_up_to_sixteen_signatures() -> None:
    many = dsse.sign(dsse.ACT, PAYLOAD, [signer(str(i)) for i in range(dsse.MAX_SIGNATURES)])
    assert dsse.parse(many.to_bytes(), limit=100) == many


def test_the_first_signature_decides_and_further_ones_are_passed_over() -> None:
    more = dsse.sign(dsse.ACT, PAYLOAD, [ONE, TWO])
    dsse.verify_one(more, ONE.key)
    spoilt = dsse.Envelope(
        more.payload_type, PAYLOAD, (more.signatures[0], dsse.Signature(key_id(TWO.key), b"?"))
    )
    dsse.verify_one(spoilt, ONE.key)
    with refused("K5", "another key"):
        dsse.verify_one(more, TWO.key)


def test_a_signature_that_does_not_verify_is_refused_by_k5() -> None:
    [good] = ENVELOPE.signatures
    for sig in (good.sig[:-1] + b"\x00", good.sig[:-1], b""):
        wrong = dsse.Envelope(dsse.ACT, PAYLOAD, (dsse.Signature(good.keyid, sig),))
        with refused("K5"):
            dsse.verify_one(wrong, ONE.key)
    with refused("K5"):
        dsse.verify_one(dsse.Envelope(dsse.NODE, PAYLOAD, ENVELOPE.signatures), ONE.key)


def test_a_threshold_counts_distinct_keys() -> None:
    keys = frozenset({ONE.key, TWO.key})
    dsse.verify_threshold(dsse.sign(dsse.ROOT, PAYLOAD, [THREE, ONE, TWO]), keys, 2)
    with refused("K5", "1 of the 2"):
        dsse.verify_threshold(dsse.sign(dsse.ROOT, PAYLOAD, [ONE, ONE, THREE]), keys, 2)
    forged = dsse.Signature(key_id(TWO.key), bytes(64))
    envelope = dsse.sign(dsse.ROOT, PAYLOAD, [ONE])
    with refused("K5", "does not verify"):
        dsse.verify_threshold(
            dsse.Envelope(dsse.ROOT, PAYLOAD, (*envelope.signatures, forged)), keys, 1
        )


def test_base64_is_standard_with_padding() -> None:
    value = orjson.loads(ENVELOPE.to_bytes())
    assert base64.b64decode(value["payload"], validate=True) == PAYLOAD
    assert list(value) == ["payload", "payloadType", "signatures"]
