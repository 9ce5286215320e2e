"""An object is shown, and written into a file, as far as its label lets whoever looks see it."""

from __future__ import annotations

import orjson
import pytest

from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import answering, searching, showing
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce
from tests.sharing import indicator, open_circle, share

ONE = indicator("one", 1)


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    made = nodes.make("orvanda")
    introduce(made, nodes.make("tolmere"))
    return made


def test_what_is_red_is_neither_shown_nor_written_into_a_file(orvanda: Node) -> None:
    red = open_circle(orvanda, ceiling=TLP.RED, readers=((orvanda.me, "ada"),))
    wide = open_circle(orvanda)
    later = indicator("one", 2, tlp="red")
    share(orvanda, red, later)
    finder = searching.at_the_machine(orvanda)
    with refused("S3"):
        showing.show(orvanda, finder, later["id"])
    with refused("S3"):
        showing.evidence(orvanda, finder, later["id"])
    share(orvanda, wide, ONE)
    found = showing.show(orvanda, finder, ONE["id"])
    assert orjson.loads(found.data) == ONE
    assert [place.dossier for place in found.places] == [wide]
    assert found.hops == ()
    with refused("S3"):
        showing.evidence(orvanda, finder, ONE["id"])
    assert showing.evidence(orvanda, finder, ONE["id"], wide)


def test_what_stands_nowhere_any_more_is_not_found(orvanda: Node) -> None:
    with refused("S3"):
        answering.find_object(orvanda, "indicator--")
    circle = open_circle(orvanda)
    share(orvanda, circle, ONE, indicator("two"))
    with refused("S4"):
        answering.find_object(orvanda, "indicator--")
    assert answering.find_object(orvanda, ONE["id"]) == ONE["id"]
    place = answering.newest(orvanda, ONE["id"])
    (signed,) = answering.relabel(orvanda, [place], TLP.GREEN)
    assert signed
    assert answering.newest(orvanda, ONE["id"]).tlp is TLP.GREEN


def test_a_file_of_something_else_is_no_object(orvanda: Node) -> None:
    circle = open_circle(orvanda)
    share(orvanda, circle, ONE)
    data = showing.evidence(orvanda, searching.at_the_machine(orvanda), ONE["id"])
    assert showing.verify(data).unknown == (orvanda.me,)
    assert showing.verify(data, {orvanda.me}).unknown == ()
    with refused("W8"):
        showing.verify(b"{}")
    with refused("X4"):
        showing._id_in(b"[]")
