"""What a program reads of a collection, page by page, and who may read it at all."""

from __future__ import annotations

import orjson
import pytest

from comity.bridges.stix import reading
from comity.bridges.stix.inject import SERVED, inject
from comity.kernel.label import TLP
from comity.services.casework.issue import Draft, issue
from comity.services.node import Node
from comity.services.people.tokens import READ, WRITE
from comity.services.sharing import circles, publishing, shelf
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.shelf import Wanted
from tests.databases import counted
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce
from tests.sharing import caller, deliver, entries, indicator, open_circle, share, source, view

ONE = indicator("one")
LABELLED = [indicator(tlp, tlp=tlp) for tlp in ("clear", "green", "amber")]
MARKED = {each["id"]: orjson.dumps(each) for each in LABELLED}


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    return nodes.make("orvanda")


@pytest.fixture
def tolmere(nodes: Nodes, orvanda: Node) -> Node:
    node = nodes.make("tolmere")
    introduce(orvanda, node)
    return node


def test_an_object_is_served_as_it_came_and_marked_where_it_says_less(
    orvanda: Node, tolmere: Node
) -> None:
    circle = open_circle(orvanda, tolmere)
    said = indicator("said", labels=["tlp:amber+strict"])
    share(orvanda, circle, ONE, said, *LABELLED)
    served = {each.id: each.data for each in entries(orvanda, circle=circle)}
    marked = inject(orjson.dumps(ONE), TLP.AMBER)
    assert SERVED[TLP.AMBER].encode() in marked
    assert served == {ONE["id"]: marked, said["id"]: orjson.dumps(said), **MARKED}


def test_pages_follow_each_other_and_hold_each_object_once(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    given = [indicator(f"i{number}", tlp="green") for number in range(5)]
    share(orvanda, circle, *given)
    who = caller(orvanda, scopes=(READ,))
    whence, after = source(orvanda, who, circle), 0
    for first in (0, 2, 4):
        here = given[first : first + 2]
        page = shelf.page(orvanda, who, whence, Wanted(), after, 2)
        said = shelf.versions(orvanda, who, whence, Wanted(), after, 2)
        assert page.entries == [orjson.dumps(each) for each in here]
        assert [each.id for each in said.entries] == [each["id"] for each in here]
        assert page.added == said.added == [each.added for each in said.entries]
        assert page.more is said.more is (first < 4)
        after = page.added[-1]
    assert shelf.page(orvanda, who, whence, Wanted(), after, 2) == ([], [], False)


def test_who_leaves_a_circle_reads_there_what_others_may_read(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, *LABELLED)
    deliver(orvanda, tolmere)
    who = caller(tolmere, scopes=(READ,))
    whence = source(tolmere, who, circle)
    assert len(shelf.page(tolmere, who, whence, Wanted()).entries) == 3
    issue(tolmere, dossier_id=circle, draft=Draft("leave"))
    left = [orjson.dumps(each) for each in LABELLED[:2]]
    assert shelf.page(tolmere, who, whence, Wanted()).entries == left
    assert len(entries(orvanda, circle=circle)) == 3


@pytest.mark.parametrize("alone", [True, False])
def test_a_page_takes_as_many_statements_with_many_circles_as_with_one(
    orvanda: Node, tolmere: Node, *, alone: bool
) -> None:
    first = open_circle(orvanda, tolmere)
    share(orvanda, first, ONE)
    who = caller(orvanda, scopes=(READ,))

    def statements() -> int:
        with counted(orvanda.db) as run:
            whence = source(orvanda, who, first if alone else None)
            assert shelf.page(orvanda, who, whence, Wanted(), 0, 1).entries
        return len(run)

    few = statements()
    for number in range(3):
        share(orvanda, open_circle(orvanda, tolmere), indicator(f"i{number}"))
    circles.ensure(orvanda)
    assert statements() == few


def test_a_collection_is_read_by_who_may_and_is_not_there_for_others(orvanda: Node) -> None:
    mine = circles.open_intake(orvanda, name="feed", title="A feed", label=TLP.CLEAR)
    batch, _ = reading.read_all([orjson.dumps(ONE)], stix_schemas())
    publishing.add_to_intake(orvanda, mine, batch)
    reader = caller(orvanda, scopes=(READ,))
    whence = shelf.readable(orvanda, reader, mine.id)
    assert len(shelf.page(orvanda, reader, whence, Wanted()).entries) == 1
    assert shelf.readable(orvanda, reader, "all").rows == [mine]
    with refused("S10"):
        shelf.readable(orvanda, caller(orvanda, scopes=(WRITE,)), mine.id)
    other = circles.open_intake(orvanda, name="other", title="Another")
    stranger = caller(orvanda, scopes=(READ, WRITE), constituent=True)
    bound = caller(orvanda, scopes=(READ,), shelf=other.id)
    for who, name in [
        (stranger, mine.id),
        (bound, mine.id),
        (bound, "all"),
        (reader, mine.source),
        (reader, "nothing"),
        (caller(orvanda, scopes=(WRITE,)), "all"),
    ]:
        with refused("S3"):
            shelf.readable(orvanda, who, name)
    assert shelf.readable(orvanda, stranger, "all").rows == []
    assert view(orvanda, reader).can_read
