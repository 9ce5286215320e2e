"""A bundle is read with as many queries as it has dossiers, however many acts it carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from comity.kernel.ids import Id
from comity.services.casework import erasure
from comity.services.delivery import carry, deliver
from comity.services.node import Node
from comity.store.append import outbox
from comity.store.append.outbox import mark_sent
from comity.store.sql import writing
from tests.nodes import Nodes, introduce, open_tally, pass_on, say


@contextmanager
def queries(node: Node) -> Iterator[list[str]]:
    """Collect the statements run on a node's database."""
    run: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  Django's form
        run.append(sql)
        return execute(sql, params, many, context)

    with connections[node.db].execute_wrapper(note):
        yield run


def pair(nodes: Nodes) -> tuple[Node, Node, Id]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_tally(orvanda, tolmere)
    assert pass_on(orvanda, tolmere) == []
    assert pass_on(tolmere, orvanda) == []
    return orvanda, tolmere, dossier


def packed(orvanda: Node, tolmere: Node, dossier: Id, number: int) -> tuple[int, int]:
    """Return how many acts went into a bundle of so many new ones, and by how many queries."""
    for _ in range(number):
        say(orvanda, dossier, "note", files={"note.txt": b"Something was said."})
    with queries(orvanda) as run:
        bundle, taken = deliver.pack(orvanda, tolmere.me)
    mark_sent(orvanda.db, taken, orvanda.now())
    return len(bundle.acts), len(run)


def test_more_acts_are_not_more_queries(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    few, many = packed(orvanda, tolmere, dossier, 3), packed(orvanda, tolmere, dossier, 40)
    assert (few[0], many[0]) == (3, 40)
    assert few[1] == many[1] <= 20


def test_receipts_are_read_together(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    counts = []
    for number in (2, 12):
        for _ in range(number):
            say(orvanda, dossier, "note")
            bundle, taken = deliver.pack(orvanda, tolmere.me)
            mark_sent(orvanda.db, taken, orvanda.now())
            deliver.take_in(tolmere, orvanda.me, bundle)
        with queries(tolmere) as run:
            back, taken = deliver.pack(tolmere, orvanda.me)
        mark_sent(tolmere.db, taken, tolmere.now())
        counts.append((len(back.receipts), len(run)))
    assert [receipts for receipts, _ in counts] == [2, 12]
    assert len({run for _, run in counts}) == 1


def test_together_they_go_as_each_would_alone(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    made = [
        say(orvanda, dossier, "note"),
        say(orvanda, dossier, "claim", {"status": "done"}, files={"f": b"f" * 20_000}),
        say(orvanda, dossier, "note", files={"g": b"g" * 90_000}),
        say(orvanda, dossier, "note", files={"a": b"a", "b": b"b" * 30_000, "c": b"c"}),
    ]
    erasure.erase(orvanda, made[1], reason="mistake", parts=[1])
    bundle, _ = deliver.pack(orvanda, tolmere.me)
    alone = [carry.carry(orvanda, id_, tolmere.me) for id_ in made]
    assert list(bundle.acts[: len(made)]) == alone
    assert bundle.acts[1].leaves
    assert bundle.acts[2].blobs


def test_what_is_gone_takes_no_room(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    act = say(orvanda, dossier, "note")
    with writing(orvanda.db):
        outbox.queue(orvanda.db, outbox.ACT, [(Id("0" * 64), tolmere.me)], orvanda.now())
        outbox.queue(orvanda.db, outbox.RECEIPT, [(Id("1" * 64), tolmere.me)], orvanda.now())
    bundle, taken = deliver.pack(orvanda, tolmere.me)
    assert [each.act.id for each in bundle.acts] == [act]
    assert len(taken) == 3


@pytest.mark.parametrize("size", [900, 40_000])
def test_content_beyond_one_bundle_goes_with_the_next(nodes: Nodes, size: int) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    number = 40
    for _ in range(number):
        say(orvanda, dossier, "note", files={"f": b"f" * size})
    got = 0
    while got < number:
        bundle, taken = deliver.pack(orvanda, tolmere.me)
        assert taken
        assert all(each.parts for each in bundle.acts)
        deliver.take_in(tolmere, orvanda.me, bundle)
        mark_sent(orvanda.db, taken, orvanda.now())
        got += len(bundle.acts)
    assert got == number
