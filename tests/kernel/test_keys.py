"""Ed25519 by the strict profile, with the vectors of others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.kernel import keys
from comity.kernel.errors import Refusal
from tests.kernel.world import refused, signer

# The canonical encoding of the neutral element, and a point of order 8.
NEUTRAL = bytes([1]) + bytes(31)
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
ORDER = 2**252 + 27742317777372353535851937790883648493


def test_the_first_test_of_rfc_8032_holds() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    one = keys.SeedSigner(seed)
    assert one.key == "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signature = one.sign(b"")
    assert signature.hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
        "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    keys.verify(one.key, b"", signature)
    assert keys.raw_key(one.key).hex() == one.key[8:]
    assert keys.key_id(one.key) == hashlib.sha256(one.key.encode()).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "ed25519:",
        "rsa:" + "0" * 64,
        "ed25519:" + "0" * 63,
        "ed25519:" + "A" * 64,
        "ed25519:" + NEUTRAL.hex(),
        "ed25519:" + ORDER_8.hex(),
        "ed25519:" + "f" * 64,
        "ed25519:02" + "00" * 31,
    ],
)
def test_what_is_not_a_key_is_refused_by_k9(text: object) -> None:
    with refused("K9"):
        keys.parse_key(text)


def test_a_key_is_read_from_text_and_from_bytes() -> None:
    key = signer("somebody").key
    with refused("K9"):
        keys.parse_key(key.removeprefix("ed25519:"))
    assert keys.parse_key(key) == key == keys.key_from_bytes(keys.raw_key(key))
    for raw in (b"", keys.raw_key(key)[:31], keys.raw_key(key) + b"\x00", ORDER_8):
        with refused("K9"):
            keys.key_from_bytes(raw)


def test_what_is_not_this_signature_is_refused_by_k5() -> None:
    one = signer("somebody")
    good = one.sign(b"message")
    keys.verify(one.key, b"message", good)
    greater = int.from_bytes(good[32:], "little") + ORDER
    malleable = good[:32] + greater.to_bytes(32, "little")
    for message, signature in (
        (b"messagf", good),
        (b"message", good[:63]),
        (b"message", good + b"\x00"),
        (b"essage", good + b"m"),
        (b"message", bytes(64)),
        (b"message", malleable),
        (b"message", NEUTRAL + good[32:]),
    ):
        with refused("K5"):
            keys.verify(one.key, message, signature)


def accepted_by_openssl(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def accepted_here(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        keys.verify_raw(key, message, signature)
    except Refusal:
        return False
    return True


def test_the_914_edge_cases_have_the_verdicts_of_the_strict_rules(shared: Path) -> None:
    vectors = orjson.loads((shared / "vectors/ed25519/cctv.json").read_bytes())
    verdicts: dict[tuple[bool, bool], int] = {}
    admitted = 0
    for vector in vectors:
        key, signature = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"])
        message = vector["msg"].encode()
        ours = accepted_here(key, message, signature)
        verdict = (ours, accepted_by_openssl(key, message, signature))
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
        try:
            keys.require_point(key)
        except Refusal:
            continue
        admitted += 1
        if "low_order_R" in (vector["flags"] or []):
            assert not ours
    # Both accept, both refuse, and what a laxer library would let in.
    assert verdicts == {(True, True): 43, (False, False): 706, (False, True): 165}
    assert admitted == 28


def test_the_vectors_of_wycheproof_have_their_verdicts(shared: Path) -> None:
    suite = orjson.loads((shared / "vectors/ed25519/wycheproof.json").read_bytes())
    seen = 0
    for group in suite["testGroups"]:
        raw = bytes.fromhex(group["publicKey"]["pk"])
        keys.require_point(raw)
        for test in group["tests"]:
            message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
            assert accepted_here(raw, message, signature) is (test["result"] == "valid"), test
            seen += 1
    assert seen == 151
