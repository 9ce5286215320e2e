"""Any bytes give a typed value, a refusal or Pending, and nothing else; every bit counts."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import act as acts
from comity.kernel import canon, checkpoint, documents, dsse, merkle, proof, statement
from comity.kernel.act import Act
from comity.kernel.documents import Closing
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Pending, Refusal
from comity.kernel.kinds import TLOG_PROOF, Evidence
from comity.kernel.timeproof import Proved, require_evidence
from tests.kernel.world import (
    TALLY,
    Party,
    charter,
    digest,
    documents_of,
    edited,
    replica,
    signer,
)

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
DOCS = documents_of(ORVANDA, TOLMERE)
OPENING = charter(ORVANDA, [TOLMERE])
NOTE = TOLMERE.say(replica(OPENING, DOCS), "claim", {"status": "open"})

# Canonical values of the profile, and values near it.
KEYS = st.text("abz09_", min_size=1, max_size=64)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]).filter(
        lambda c: not canon._FORBIDDEN.search(c)
    ),
    max_size=20,
)
INTEGERS = st.integers(-canon.MAX_INT, canon.MAX_INT)
VALUES = st.recursive(
    st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def flips(data: bytes) -> Iterator[bytes]:
    """Yield ``data`` with each of its bits changed, one at a time."""
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        yield bytes(changed)


# --- Bytes and ids ---


@given(OBJECTS)
def test_canonical_form_is_that_of_rfc_8785_and_reads_back(value: dict[str, Any]) -> None:
    data = attempt(canon.dump, value)
    if is_profile(value, 1):
        assert data == rfc8785.dumps(value)
        assert canon.parse(rfc8785.dumps(value)) == value
    else:
        assert isinstance(data, Refusal)


@given(ANYTHING)
def test_what_is_parsed_is_what_the_profile_allows_whatever_way_it_is_checked(value: Any) -> None:
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str) if fits(value) else b"{}"
    parsed = attempt(canon.parse, data)
    again = orjson.loads(data)
    allowed = isinstance(again, dict) and is_profile(again, 1)
    assert (parsed == again) if allowed else isinstance(parsed, Refusal)


def fits(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True


def is_profile(value: object, depth: int) -> bool:
    """The profile, written again from its text."""
    match value:
        case bool():
            return True
        case int():
            return abs(value) <= 2**53 - 1
        case str():
            bidi = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\ufeff"
            bidi += "\u2066\u2067\u2068\u2069"
            return not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in bidi for c in value)
        case list():
            return depth <= 8 and all(is_profile(item, depth + 1) for item in value)
        case dict():
            keys = all(k and len(k) <= 64 and set(k) <= KEY_CHARACTERS for k in value)
            return depth <= 8 and keys and all(is_profile(v, depth + 1) for v in value.values())
        case _:
            return False


KEY_CHARACTERS = set("abcdefghijklmnopqrstuvwxyz0123456789_")


def attempt(call: Callable[..., object], *args: object) -> object:
    """Return what ``call`` returns, or the Refusal or Pending it raises; let all else through."""
    try:
        return call(*args)
    except (Refusal, Pending) as error:
        return error


def admit(dossier: Dossier, data: bytes) -> object:
    return dossier.admit(acts.parse(data), DOCS)


def test_every_changed_bit_of_an_envelope_is_refused() -> None:
    data = NOTE.envelope.to_bytes()
    dossier = replica(OPENING, DOCS)
    for changed in flips(data):
        verdict = attempt(admit, dossier, changed)
        assert isinstance(verdict, Refusal | Pending), changed
    assert len(dossier.graph) == 1
    dossier.admit(acts.parse(data), DOCS)


def test_every_changed_bit_of_a_payload_that_is_signed_again_makes_another_id() -> None:
    seen = {NOTE.id}
    for changed in flips(NOTE.envelope.payload):
        envelope = dsse.sign(dsse.ACT, changed, [TOLMERE.signer("act")])
        assert envelope.id not in seen
        seen.add(envelope.id)
        read = attempt(acts.read, envelope)
        if isinstance(read, Act):
            assert read.header.to_payload() == changed


@given(st.sampled_from(sorted(dsse.PAYLOAD_TYPES)), st.binary(max_size=200), st.integers(1, 5))
def test_an_envelope_reads_back_and_its_id_is_free_of_signatures(
    kind: str, payload: bytes, count: int
) -> None:
    one = dsse.sign(kind, payload, [signer("0")])
    many = dsse.sign(kind, payload, [signer(str(i)) for i in range(count)])
    assert dsse.parse(many.to_bytes(), limit=200) == many
    assert one.id == many.id
    assert dsse.sign(kind, payload + b"\n", [signer("0")]).id != one.id


# --- Any bytes ---

SUCCEEDED = Party("orvanda")
SUCCEEDED.succeed(Closing(1, digest("root"), ((1, digest("kept")),)))
NODE: canon.Object = {
    **ORVANDA.head().to_object(),
    "version": 1,
    "name": "Orvanda",
    "endpoints": ["https://node.orvanda.example/"],
    "hpke": [{"suite": "later", "key": "k"}],
    "wire": [1],
    "protocols": [{"name": "a", "versions": [1]}],
    "witnesses": [],
    "quorum": 0,
    "limits": {},
}


def read_as(kind: str, read: Callable[[dsse.Envelope], object]) -> Callable[[bytes], object]:
    """Return a reader of payloads of this type, signed by the key that a succession needs."""
    return lambda data: read(dsse.sign(kind, data, [ORVANDA.root, signer("orvanda act 2")]))


# Each reader with something it reads, from which the wrong bytes are made.
READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "canon": (canon.parse, b'{"a":[1,true,"x"]}'),
    "envelope": (lambda data: dsse.parse(data, limit=1000), NOTE.envelope.to_bytes()),
    "act": (acts.parse, NOTE.envelope.to_bytes()),
    "header": (acts.read_header, NOTE.envelope.payload),
    "root": (
        read_as(dsse.ROOT, lambda envelope: documents.read(envelope, None)),
        ORVANDA.envelopes[0].payload,
    ),
    "succession": (
        read_as(dsse.SUCCESSION, lambda envelope: documents.read(envelope, ORVANDA.view)),
        SUCCEEDED.envelopes[1].payload,
    ),
    "predecessor": (
        read_as(dsse.SUCCESSION, documents.predecessor),
        SUCCEEDED.envelopes[1].payload,
    ),
    "receipt": (
        read_as(dsse.RECEIPT, statement.read_receipt),
        TOLMERE.receipt(ORVANDA, [OPENING]).payload,
    ),
    "node": (read_as(dsse.NODE, statement.read_node), canon.dump(NODE)),
}


@pytest.mark.parametrize("name", READERS)
def test_every_seed_is_read(name: str) -> None:
    read, seed = READERS[name]
    read(seed)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_any_bytes_give_a_typed_value_or_a_refusal(name: str, data: st.DataObject) -> None:
    read, seed = READERS[name]
    attempt(read, data.draw(st.binary(max_size=60)))
    # Bytes near what is right go deeper: cut, doubled and overwritten anywhere.
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 8)))
    attempt(read, seed[:start] + data.draw(st.binary(max_size=8)) + seed[end:])


@pytest.mark.parametrize("name", [n for n in READERS if n not in {"envelope", "act", "canon"}])
@given(data=st.data())
def test_any_values_in_any_field_give_a_typed_value_or_a_refusal(
    name: str, data: st.DataObject
) -> None:
    read, seed = READERS[name]
    value = orjson.loads(seed)
    paths = list(places(value))
    for _ in range(data.draw(st.integers(1, 3))):
        replace_at(value, data.draw(st.sampled_from(paths)), data.draw(VALUES))
    attempt(read, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def replace_at(value: Any, path: tuple[str | int, ...], new: object) -> None:
    """Replace what lies at ``path``, unless an earlier replacement took the way there."""
    for key in path[:-1]:
        value = value[key] if holds(value, key) else None
    if holds(value, path[-1]):
        value[path[-1]] = new


def holds(value: object, key: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(key, int) and key < len(value)
    return isinstance(value, dict) and key in value


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "party",
                "act",
                "acts",
                "to",
                "invite",
                "letter",
                "stage",
                "lang",
                "as",
                "reason",
                "proof",
                "docs",
                "standard",
                "by",
                "audience",
                "approvals",
                "guest",
                "kind",
                "body",
            ]
        ),
        VALUES,
    ),
    st.sampled_from(
        [
            "invite",
            "join",
            "decline",
            "leave",
            "release",
            "evidence",
            "erase",
            "record",
            "translation",
            "note",
            "claim",
            "mark",
            "bid",
            "objection",
            "unknown",
        ]
    ),
)
def test_any_body_of_any_kind_is_admitted_or_refused(body: dict[str, Any], kind: str) -> None:
    dossier = replica(OPENING, DOCS, [NOTE])
    act = attempt(ORVANDA.say, dossier, kind, body)
    if isinstance(act, Act):
        attempt(dossier.admit, act, DOCS)
    dossier.digest()


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "protocol",
                "version",
                "members",
                "growth",
                "ceiling",
                "chair",
                "readers",
                "succeeds",
                "time",
                "terms",
                "by",
            ]
        ),
        VALUES,
    )
)
def test_any_charter_is_read_or_refused(fields: dict[str, Any]) -> None:
    body = {**OPENING.header.body, **fields}
    act = attempt(acts.parse, edited(OPENING, ORVANDA.signer("act"), body=body))
    opened = attempt(Dossier, act, DOCS, TALLY) if isinstance(act, Act) else act
    assert isinstance(opened, Dossier | Refusal)


@given(data=st.data())
def test_any_proof_is_verified_or_refused(data: st.DataObject) -> None:
    seed = proof_bytes()
    start = data.draw(st.integers(0, len(seed)))
    changed = seed[:start] + data.draw(st.binary(max_size=6)) + seed[start + 3 :]
    dossier = replica(OPENING, DOCS)
    body = {
        "act": OPENING.id,
        "standard": TLOG_PROOF,
        "proof": base64.b64encode(changed).decode(),
        "docs": sorted((ORVANDA.view.id, TOLMERE.view.id)),
    }
    verdict = attempt(dossier.admit, ORVANDA.say(dossier, "evidence", body, seq=999), DOCS)
    if changed != seed and isinstance(verdict, Refusal):
        assert verdict.rule == "K18"


def proof_bytes() -> bytes:
    leaves = [bytes.fromhex(OPENING.id), *(bytes([i]) * 32 for i in range(15))]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    head = checkpoint.Checkpoint(checkpoint.origin(ORVANDA.id, 1), 16, merkle.root(hashes))
    cosigned = checkpoint.sign(head, ORVANDA.signer("checkpoint"))
    cosigned = cosigned.add([TOLMERE.cosign(cosigned, 1_700_000_000)])
    return proof.Proof(0, tuple(merkle.inclusion_path(hashes, 0)), cosigned).to_bytes()


def test_every_changed_bit_of_a_proof_is_refused_or_leaves_its_time_unproven() -> None:
    subject = replica(OPENING, DOCS).graph.charter
    good = Proved("cosigned", (TOLMERE.id, TOLMERE.keys(1).witness), 1_700_000_000_000)
    for changed in flips(proof_bytes()):
        body = Evidence(OPENING.id, TLOG_PROOF, base64.b64encode(changed).decode(), ())
        found = attempt(require_evidence, body, subject, DOCS)
        assert isinstance(found, Refusal) or found == (good,), changed
