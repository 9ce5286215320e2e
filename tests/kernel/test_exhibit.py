"""The object file: what its origin signed is shown to anybody; nothing else is."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from comity.kernel import exhibit, provenance
from comity.kernel.content import Part
from comity.kernel.exhibit import Exhibit, parse
from comity.kernel.provenance import Provenance
from tests.kernel.test_provenance import ORVANDA, SIX, TOLMERE, came, forwarded, published, told
from tests.kernel.world import refused

A = published(ORVANDA, SIX)
HOP, PARTS = forwarded(TOLMERE, [SIX[4]])
CAME = told(came(A, SIX, {0: 4}), came(HOP, PARTS, {0: 0}), by=[ORVANDA, TOLMERE])
GOOD = Exhibit(Part(0, SIX[4].salt, SIX[4].data), CAME)
DATA = GOOD.to_bytes()


def changed(**fields: Any) -> bytes:
    return orjson.dumps({**orjson.loads(DATA), **fields}, option=orjson.OPT_SORT_KEYS)


def test_a_stranger_sees_who_said_it_first_and_whose_hands_it_came_through() -> None:
    found = parse(DATA)
    assert found == GOOD
    assert [act.id for act in found.verify().acts] == [A.id, HOP.id]


def test_other_bytes_or_another_salt_lead_nowhere() -> None:
    for name, value in (("data", b"x"), ("salt", bytes(32))):
        with refused("W3"):
            parse(changed(**{name: base64.b64encode(value).decode()})).verify()


def test_whose_documents_are_missing_did_not_say_it() -> None:
    with refused("K6"):
        Exhibit(GOOD.part, Provenance(CAME.documents[:1], CAME.came)).verify()


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("W8", b"{"),
        ("W8", b"[]"),
        ("W8", b" " + DATA),
        ("W8", changed(more=1)),
        ("W8", changed(data="?")),
        ("W8", changed(salt=7)),
        ("W8", changed(provenance={})),
        ("W8", b'{"data":"","provenance":' + b"[" * 300 + b"]" * 300 + b',"salt":"' + b"A" * 43
         + b'=","v":1}'),
        ("K15", changed(salt="")),
        ("K17", changed(v=2)),
        ("K19", changed(v=0)),
    ],
)  # fmt: skip
def test_what_is_no_object_file_is_refused(rule: str, data: bytes) -> None:
    with refused(rule):
        parse(data)


def test_a_file_beyond_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exhibit, "LIMIT", len(DATA) - 1)
    with refused("W8"):
        parse(DATA)
    assert exhibit.RULE == provenance.RULE
