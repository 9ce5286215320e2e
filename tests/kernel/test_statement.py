"""The head of every statement, receipts and node documents."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from comity.kernel import canon, dsse, statement
from comity.kernel.seal import SUITES, SecretOpener
from comity.kernel.statement import Head, NodeDocument, Receipt
from tests.kernel.world import TIME, Party, charter, digest, refused

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
HPKE = SecretOpener(bytes(range(32))).key
A, B = sorted((digest("a"), digest("b")))


def node(**fields: Any) -> NodeDocument:
    document = NodeDocument(
        head=ORVANDA.head(),
        version=3,
        name="Orvanda",
        endpoints=("https://node.orvanda.example/",),
        hpke=(HPKE,),
        wire=(1,),
        protocols={"response/incident": (1, 2), "norms/consultation": (1,)},
        witnesses=(TOLMERE.id,),
        quorum=1,
        mailbox=None,
        limits={"rate": 100},
    )
    return document._replace(**fields)


def sealed(kind: str, payload: bytes, **fields: Any) -> dsse.Envelope:
    value = {k: v for k, v in (orjson.loads(payload) | fields).items() if v is not None}
    data = canon.dump(value, limit=canon.DOCUMENT_LIMIT)
    return dsse.sign(kind, data, [ORVANDA.signer("act")])


def receipt(**fields: Any) -> dsse.Envelope:
    payload = statement.receipt_payload(ORVANDA.head(), TOLMERE.id, [B, A], [A])
    return sealed(dsse.RECEIPT, payload, **fields)


def test_a_head_holds_what_places_a_statement() -> None:
    head = Head(ORVANDA.id, ORVANDA.view.id, 1, 0, TIME)
    assert head.to_object() == {
        "v": 1,
        "party": ORVANDA.id,
        "doc": ORVANDA.view.id,
        "log": 1,
        "seq": 0,
        "time": TIME,
    }


def test_a_receipt_is_read_as_it_was_written() -> None:
    assert statement.read_receipt(receipt()) == Receipt(ORVANDA.head(), TOLMERE.id, (A, B), (A,))


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("'v'", {"v": -1}),
        ("'v'", {"v": "1"}),
        ("'v'", {"v": None}),
        ("'party'", {"party": "x"}),
        ("'doc'", {"doc": None}),
        ("'log'", {"log": 0}),
        ("'seq'", {"seq": -1}),
        ("'time'", {"time": -1}),
        ("'to'", {"to": None}),
        ("'acts'", {"acts": []}),
        ("'acts'", {"acts": [B, A]}),
        ("'whole'", {"whole": None}),
        ("unknown", {"more": 1}),
        ("more is whole than it holds", {"whole": [digest("c")]}),
    ],
)
def test_a_receipt_out_of_form_is_refused_by_k4(reason: str, fields: dict[str, Any]) -> None:
    with refused("K4", reason):
        statement.read_receipt(receipt(**fields))


@pytest.mark.parametrize("fields", [{"v": 2}, {"v": 2**53 - 1, "party": "x", "more": 1}])
def test_a_statement_of_a_later_format_asks_for_an_upgrade(fields: dict[str, Any]) -> None:
    with refused("K17", "format version"):
        statement.read_receipt(receipt(**fields))
    with refused("K17", "format version"):
        statement.read_node(sealed(dsse.NODE, statement.node_payload(node()), **fields))


def test_every_act_of_a_receipt_may_be_whole() -> None:
    assert statement.read_receipt(receipt(whole=[A, B])).whole == (A, B)


def test_one_statement_is_not_read_as_another() -> None:
    with refused("K4", "does not hold a receipt"):
        statement.read_receipt(charter(Party("orvanda")).envelope)
    with refused("K4", "does not hold a node document"):
        statement.read_node(receipt())


def test_a_node_document_is_read_as_it_was_written() -> None:
    for document in (
        node(),
        node(mailbox=TOLMERE.id, endpoints=(), quorum=0, witnesses=()),
        node(endpoints=("x", "x" * 500), wire=(0,)),
    ):
        envelope = dsse.sign(dsse.NODE, statement.node_payload(document), [ORVANDA.signer("act")])
        assert statement.read_node(envelope) == document


def test_sealing_keys_of_suites_to_come_are_passed_over() -> None:
    hpke = [{"suite": "later", "key": "whatever"}, {"suite": SUITES[0], "key": HPKE}]
    envelope = sealed(dsse.NODE, statement.node_payload(node()), hpke=hpke)
    assert statement.read_node(envelope).hpke == (HPKE,)


def protocols(*names: str) -> dict[str, Any]:
    return {"protocols": [{"name": name, "versions": [1]} for name in names]}


@pytest.mark.parametrize(
    ("rule", "reason", "fields"),
    [
        ("K4", "'version'", {"version": 0}),
        ("K4", "'name'", {"name": ""}),
        ("K4", "'name'", {"name": "x" * 121}),
        ("K4", "'endpoints'", {"endpoints": ["x"] * 9}),
        ("K4", "strings of 1 to 500", {"endpoints": [""]}),
        ("K4", "strings of 1 to 500", {"endpoints": ["x" * 501]}),
        ("K4", "strings of 1 to 500", {"endpoints": [5]}),
        ("K4", "'hpke'", {"hpke": []}),
        ("K4", "unknown", {"hpke": [{"suite": SUITES[0], "key": HPKE, "x": 1}]}),
        ("K9", "sealing key", {"hpke": [{"suite": SUITES[0], "key": "x25519:" + "0" * 64}]}),
        ("K4", "'wire'", {"wire": []}),
        ("K4", "whole numbers", {"wire": [-1]}),
        ("K4", "whole numbers", {"wire": [True]}),
        ("K4", "'name'", protocols("A")),
        ("K4", "distinct protocols in ascending order", protocols("b", "a")),
        ("K4", "distinct protocols in ascending order", protocols("a", "a")),
        ("K4", "unknown", {"protocols": [{"name": "a", "versions": [1], "x": 1}]}),
        ("K4", "'witnesses'", {"witnesses": [B, A]}),
        ("K4", "'quorum'", {"quorum": 2}),
        ("K4", "'mailbox'", {"mailbox": "x"}),
        ("K4", "'limits'", {"limits": []}),
        ("K4", "unknown", {"more": 1}),
    ],
)
def test_a_node_document_out_of_form_is_refused(
    rule: str, reason: str, fields: dict[str, Any]
) -> None:
    envelope = sealed(dsse.NODE, statement.node_payload(node()), **fields)
    with refused(rule, reason):
        statement.read_node(envelope)


def test_a_statement_is_signed_by_the_act_key_of_the_document_it_names() -> None:
    envelope = receipt()
    head = statement.read_receipt(envelope).head
    statement.verify(envelope, head, ORVANDA.view)
    with refused("K6", "not this party's"):
        statement.verify(envelope, head, TOLMERE.view)
    with refused("K6", "not this party's"):
        statement.verify(envelope, head._replace(party=TOLMERE.id), ORVANDA.view)
    with refused("K6", "not this party's"):
        statement.verify(envelope, head, Party("orvanda").confirm())
    with refused("K6", "does not list log 2"):
        statement.verify(envelope, head._replace(log=2), ORVANDA.view)
    other = dsse.sign(dsse.RECEIPT, envelope.payload, [ORVANDA.signer("checkpoint")])
    with refused("K5"):
        statement.verify(other, head, ORVANDA.view)
