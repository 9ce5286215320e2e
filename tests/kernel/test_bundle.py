"""Bundles: what is read back is what was written, and what is not of this form is refused."""

from __future__ import annotations

import base64
import random
from typing import Any

import orjson
import pytest

from comity.kernel import bundle
from comity.kernel.blob import BlobRef
from comity.kernel.bundle import (
    INLINE_LIMIT,
    MAX_ACTS,
    MAX_ITEMS,
    MAX_LACKS,
    MAX_SOURCES,
    Bundle,
    Carried,
    FeedHeads,
    Heights,
)
from comity.kernel.content import Part
from comity.kernel.ids import PartyId
from comity.kernel.seal import PLAINTEXT_LIMIT
from tests.kernel.refusals import refuses
from tests.kernel.world import Party, digest, open_dossier

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
DOSSIER = open_dossier(ORVANDA, [TOLMERE])
CHARTER = DOSSIER.graph.charter.id
ACT = ORVANDA.say(DOSSIER, "note")
SALT = bytes(range(32))
REF = BlobRef(digest("ciphertext"), 1000, bytes(32), 0, 0, ACT.id)
WHOLE = Carried(ACT, (Part(0, SALT, b"\x00\xff"),))
BESIDE = Carried(ACT, (), ((0, SALT),), (REF,), (TOLMERE.id, ORVANDA.id))
HEIGHTS = Heights(
    CHARTER, (FeedHeads(ORVANDA.id, 1, ((1, CHARTER), (1, ACT.id))),), digest("state"), (ACT.id,)
)
REFUSAL = {"rule": "T5", "reason": "Too much.", "subject": "", "retry": "later"}
FULL = Bundle(
    documents=tuple(ORVANDA.envelopes),
    nodes=tuple(ORVANDA.envelopes),
    acts=(WHOLE, BESIDE),
    receipts=(ACT.envelope,),
    heights=(HEIGHTS, Heights(CHARTER, (), "")),
    checkpoints=("a note\n",),
    refusals=(REFUSAL,),
)
B64 = base64.b64encode(SALT).decode()


def value_of(what: Bundle) -> dict[str, Any]:
    """Return the JSON of a bundle, to spoil it."""
    return dict(orjson.loads(what.to_bytes()))


@pytest.mark.parametrize("what", [FULL, Bundle(), Bundle(acts=(WHOLE,))])
def test_what_was_written_is_read(what: Bundle) -> None:
    assert bundle.parse(what.to_bytes()) == what


@pytest.mark.parametrize("item", [WHOLE, BESIDE, Carried(ACT)])
def test_what_waits_is_read_as_it_was(item: Carried) -> None:
    assert bundle.read_carried(bundle.carried_bytes(item)) == item


def test_absent_members_are_not_written() -> None:
    assert value_of(Bundle()) == {"v": 1}
    assert value_of(Bundle(acts=(Carried(ACT),)))["acts"][0].keys() == {"envelope"}
    assert "lacks" not in value_of(Bundle(heights=(HEIGHTS._replace(lacks=()),)))["heights"][0]


def test_members_of_a_later_version_are_passed_over() -> None:
    value = value_of(FULL) | {"sources": ["https://orvanda.example"]}
    value["acts"][0]["later"] = value["heights"][0]["later"] = 1
    assert bundle.parse(orjson.dumps(value)) == FULL


def test_an_act_that_cannot_be_read_spoils_no_other() -> None:
    value = value_of(FULL)
    value["acts"].insert(0, {"envelope": {}})
    read = bundle.parse(orjson.dumps(value))
    assert read.acts == FULL.acts
    assert [refusal.rule for refusal in read.refused] == ["K3"]


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("acts", [{}] * (MAX_ACTS + 1)),
        ("acts", {}),
        ("receipts", [{}] * (MAX_ITEMS + 1)),
        ("checkpoints", [""] * 9),
        ("checkpoints", [1]),
        ("checkpoints", ["x" * 4097]),
        ("refusals", [REFUSAL | {"rule": 5}]),
        ("refusals", ["T5"]),
        ("heights", ["x"]),
        ("heights", [{"dossier": "x"}]),
        ("heights", [{"dossier": CHARTER, "digest": "x"}]),
        ("heights", [{"dossier": CHARTER, "feeds": ["x"]}]),
        ("heights", [{"dossier": CHARTER, "feeds": [{"party": "x"}]}]),
        ("heights", [{"dossier": CHARTER, "feeds": [{"party": ORVANDA.id, "log": 0}]}]),
        ("heights", [{"dossier": CHARTER, "feeds": [{"party": ORVANDA.id, "log": True}]}]),
        *(
            ("heights", [{"dossier": CHARTER, "feeds": [feed]}])
            for heads in ([[1]], ["x"], [[True, CHARTER]], [[0, CHARTER]], [[1, "x"]])
            for feed in [{"party": ORVANDA.id, "log": 1, "heads": heads}]
        ),
        ("heights", [{"dossier": CHARTER, "lacks": ["x"]}]),
        ("heights", [{"dossier": CHARTER, "lacks": [1]}]),
        ("heights", [{"dossier": CHARTER, "lacks": CHARTER}]),
        ("heights", [{"dossier": CHARTER, "lacks": [CHARTER] * (MAX_LACKS + 1)}]),
    ],
)
def test_a_member_of_another_form(name: str, items: object) -> None:
    refuses("T10", lambda: bundle.parse(orjson.dumps({"v": 1, name: items})))


@pytest.mark.parametrize(
    "change",
    [
        {"parts": [[0, B64]]},
        {"parts": ["x"]},
        {"parts": [["0", B64, ""]]},
        {"parts": [[0, 5, ""]]},
        {"parts": [[0, "*", ""]]},
        {"parts": [[0, B64, ""]] * 2},
        {"leaves": [[0]]},
        {"leaves": ["x"]},
        {"leaves": [[False, B64]]},
        {"leaves": [[-1, B64]]},
        {"leaves": [[0, ""]]},
        {"blobs": [REF.to_object() | {"act": digest("another")}]},
        {"blobs": [REF.to_object() | {"url": "https://orvanda.example"}]},
        {"sources": ["https://orvanda.example"]},
        {"sources": [ORVANDA.id.upper()]},
        {"sources": [5]},
        {"sources": ORVANDA.id},
        {"sources": [ORVANDA.id] * (MAX_SOURCES + 1)},
    ],
)
def test_an_act_of_another_form(change: dict[str, Any]) -> None:
    value = {"envelope": orjson.Fragment(ACT.envelope.to_bytes()), **change}
    (refusal,) = bundle.parse(orjson.dumps({"v": 1, "acts": [value]})).refused
    assert refusal.rule == "T10"


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"v":2}', b"\xff"])
def test_what_is_no_bundle(data: bytes) -> None:
    refuses("T10", lambda: bundle.parse(data))


def test_an_item_that_is_no_act() -> None:
    items: tuple[object, ...] = (5, {})
    for item in items:
        (refusal,) = bundle.parse(orjson.dumps({"v": 1, "acts": [item]})).refused
        assert refusal.rule == "T10"


def test_what_is_too_large_is_neither_written_nor_read() -> None:
    refuses("T7", lambda: bundle.parse(b" " * (PLAINTEXT_LIMIT + 1)))
    large = WHOLE._replace(parts=(Part(0, SALT, bytes(PLAINTEXT_LIMIT)),))
    refuses("T7", lambda: Bundle(acts=(large,)).to_bytes())


def test_the_size_of_an_act_is_never_guessed_too_small() -> None:
    chance = random.Random(1)
    for count in (0, 1, 8, 64):
        item = Carried(
            ACT,
            tuple(Part(n, SALT, chance.randbytes(INLINE_LIMIT // 64)) for n in range(count)),
            tuple((n, SALT) for n in range(count)),
            (REF,) * count,
            tuple(PartyId(f"{n:064x}") for n in range(min(count, MAX_SOURCES))),
        )
        assert len(bundle.carried_bytes(item)) <= bundle.carried_size(item)


def test_words_of_a_refusal_are_cut() -> None:
    value = {"v": 1, "refusals": [REFUSAL | {"reason": "x" * 501}]}
    assert bundle.parse(orjson.dumps(value)).refusals[0]["reason"] == "x" * 500
