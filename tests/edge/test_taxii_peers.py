"""Pulling from other TAXII servers and pushing to them, over HTTP: this node's own, and liars."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from comity.bridges.stix import reading
from comity.edge.taxii.app import TaxiiApp
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.people import tokens
from comity.services.people.tokens import READ, WRITE, Wish
from comity.services.sharing import circles, peers, publishing, pulling, retracting, rounds, shelf
from comity.services.sharing.peers import Direction, Peer, Standing
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.shelf import Wanted
from comity.store.access import exchanges, objects
from comity.store.access.exchanges import FAILED, REMOVED, SENT
from tests.edge.loopback import serving
from tests.nodes import Nodes
from tests.running import Town, until
from tests.sharing import caller, indicator, open_circle, uuid_of

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.store.access.objects import ShelfRow


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with Nodes(tmp_path_factory.mktemp("peers")) as made:
        yield made


@pytest.fixture(scope="module")
def server(town: Nodes) -> Iterator[Other]:
    node = town.make("tolmere")
    app = TaxiiApp(node, then=_nothing)
    with serving(app) as url:
        yield Other(node, url)
    app.close()


def _nothing(_environ: object, _start: object) -> list[bytes]:
    raise AssertionError("asked for what is not of TAXII")


_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def here(town: Nodes) -> Node:
    """The node that pulls and pushes, which may connect to this machine."""
    node = town.make("orvanda")
    node.settings = replace(node.settings, local_addresses=True)
    return node


@pytest.fixture(autouse=True)
def no_peers(here: Node) -> None:
    (here.folder / peers.FILE).unlink(missing_ok=True)


@dataclass
class Other:
    """A node that serves TAXII at an address."""

    node: Node
    url: str

    def collection(self, *, label: TLP = TLP.GREEN) -> ShelfRow:
        return circles.open_intake(
            self.node, name=f"c{next(_NUMBERS)}", title="Readings", label=label
        )

    def peer(self, here: Node, place: ShelfRow, **more: Any) -> Peer:
        """Return a peer that reads and writes a collection, kept by the node ``here``."""
        name = f"p{next(_NUMBERS)}"
        secret, _ = tokens.make_for_program(
            self.node, Wish(name, scopes=(READ, WRITE), ceiling=TLP.AMBER_STRICT)
        )
        given = {"into": name, **more}
        peer = Peer(name, f"{self.url}/taxii2/", collection=place.id, user=name, **given)
        peers.add(here, peer, secret)
        return peer


def put(node: Node, place: ShelfRow, *objects_: dict[str, Any]) -> None:
    """Put objects on the shelf of an intake."""
    batch, flaws = reading.read_all([orjson.dumps(each) for each in objects_], stix_schemas())
    assert not flaws
    assert len(publishing.add_to_intake(node, place, batch).objects) == len(objects_)


def held(node: Node, name: str) -> dict[str, TLP]:
    """Return what stands in an intake, newest versions, with the labels it stands under."""
    row = objects.shelf(node.db, name)
    assert row is not None
    who = caller(node)
    found = shelf.versions(node, who, shelf.readable(node, who, row.id), Wanted()).entries
    rows = objects.holdings(node.db, [each.added for each in found])
    labels = {each.added: tuple(TLP)[each.tlp] for each in rows}
    return {each.id: labels[each.added] for each in found}


def ids(*names: str) -> set[str]:
    return {f"indicator--{uuid_of(name)}" for name in names}


# Pulling from a node.


def test_pages_are_followed_and_the_next_round_asks_for_what_is_new(
    server: Other, here: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "PAGE", 3)
    place = server.collection()
    put(server.node, place, *(indicator(f"a{n}") for n in range(8)))
    peer = server.peer(here, place)
    done = rounds.run(here, peer).pulled
    assert done is not None
    assert (done.pages, done.objects, done.held, done.flaws) == (3, 8, 0, 0)
    assert held(here, peer.into).keys() == ids(*(f"a{n}" for n in range(8)))
    put(server.node, place, indicator("a8"), indicator("a1", 1))
    again = rounds.run(here, peer).pulled
    assert again is not None
    assert (again.pages, again.objects) == (1, 2)
    assert len(held(here, peer.into)) == 9


def test_labels_are_as_objects_say_or_as_the_peer_is_described(server: Other, here: Node) -> None:
    place = server.collection()
    # A node says the label of everything; a liar below serves what has none.
    put(server.node, place, indicator("b0"), indicator("b1", tlp="clear"))
    peer = server.peer(here, place)
    rounds.run(here, peer)
    (b0,), (b1,) = ids("b0"), ids("b1")
    assert held(here, peer.into) == {b0: TLP.GREEN, b1: TLP.CLEAR}
    row = objects.shelf(here.db, peer.into)
    assert row is not None
    assert row.title == f"{peer.name} (127.0.0.1)"


def test_a_wrong_password_is_told_and_waited_with(server: Other, here: Node) -> None:
    peer = server.peer(here, server.collection())
    peers.add(here, peer, "wrong")
    with pytest.raises(Refusal, match="user and password right"):
        rounds.run(here, peer)
    assert peer not in rounds.due(here)
    row = exchanges.exchange(here.db, peer.key)
    assert (row.failed, row.next_at) == (1, here.now() + rounds.MINUTE)
    assert "user and password" in row.told


def test_a_collection_that_is_not_there_is_told_with_those_that_are(
    server: Other, here: Node
) -> None:
    place = server.collection()
    peer = replace(server.peer(here, place), collection="nowhere")
    with pytest.raises(Refusal, match="Readings") as caught:
        rounds.run(here, peer)
    assert caught.value.rule == "X64"


def test_what_is_pulled_goes_into_an_intake_that_is_not_pushed(server: Other, here: Node) -> None:
    source = open_source(here, indicator("c", tlp="clear"))
    both = {"direction": Direction.BOTH, "shelf": source.id}
    peer = server.peer(here, server.collection(), **both, into=source.source)
    with pytest.raises(Refusal, match="another collection"):
        rounds.run(here, peer)
    with pytest.raises(Refusal, match="another collection"):
        replace(peer, into=source.id)
    circle = circles.shelf_of(here, open_circle(here))
    with pytest.raises(Refusal, match="not a circle"):
        rounds.run(here, replace(peer, into=circle.id))


# Pushing to a node.


def open_source(node: Node, *objects_: dict[str, Any], readers: str = "anyone") -> ShelfRow:
    made = circles.open_intake(
        node, name=f"s{next(_NUMBERS)}", title="Own", label=TLP.GREEN, readers=readers
    )
    put(node, made, *objects_)
    return made


@pytest.mark.parametrize(
    ("standing", "ceiling", "goes"),
    [
        (Standing.ANYONE, TLP.CLEAR, ["clear"]),
        (Standing.ACCREDITED, TLP.GREEN, ["clear", "green"]),
        (Standing.ACCREDITED, TLP.CLEAR, ["clear"]),
        (Standing.OWN, TLP.AMBER, ["clear", "green", "amber"]),
        (Standing.OWN, TLP.AMBER_STRICT, ["clear", "green", "amber", "amber_strict"]),
    ],
)
def test_what_the_table_of_labels_allows_is_pushed(
    server: Other, here: Node, standing: Standing, ceiling: TLP, goes: list[str]
) -> None:
    levels = ["clear", "green", "amber", "amber_strict"]
    mark = next(_NUMBERS)
    source = open_source(here, *(indicator(f"d{mark}{each}", tlp=each) for each in levels))
    place = server.collection()
    peer = server.peer(
        here,
        place,
        direction=Direction.PUSH,
        into="",
        shelf=source.id,
        standing=standing,
        ceiling=ceiling,
    )
    done = rounds.run(here, peer).pushed
    assert done is not None
    assert (done.sent, done.failed) == (len(goes), 0)
    assert held(server.node, place.id).keys() == ids(*(f"d{mark}{each}" for each in goes))
    again = rounds.run(here, peer).pushed
    assert again is not None
    assert again.sent == 0


def test_a_collection_for_this_node_alone_is_pushed_to_an_own_system_only(
    server: Other, here: Node
) -> None:
    source = open_source(here, indicator("e", tlp="clear"), readers="node")
    place = server.collection()
    peer = server.peer(here, place, direction=Direction.PUSH, into="", shelf=source.id)
    done = rounds.run(here, peer).pushed
    assert done is not None
    assert done.sent == 0
    own = replace(peer, standing=Standing.OWN)
    done = rounds.run(here, own).pushed
    assert done is not None
    assert done.sent == 1


def test_what_was_pushed_is_known_when_it_comes_back_and_what_came_is_not_pushed_back(
    server: Other, here: Node
) -> None:
    place = server.collection()
    put(server.node, place, indicator("theirs", tlp="clear"))
    source = open_source(here, indicator("mine", tlp="clear"))
    peer = server.peer(here, place, direction=Direction.BOTH, shelf=source.id)
    first = rounds.run(here, peer)
    assert first.pulled is not None
    assert first.pushed is not None
    assert (first.pulled.objects, first.pushed.sent) == (1, 1)
    second = rounds.run(here, peer)
    assert second.pulled is not None
    assert second.pushed is not None
    assert (second.pulled.objects, second.pulled.own, second.pushed.sent) == (0, 1, 0)
    assert held(here, peer.into).keys() == ids("theirs")
    # What came from there stands in the collection that is pushed, too.
    came = objects.data_of(here.db, [*objects.numbers(here.db, [*ids("theirs")]).values()])
    batch, _ = reading.read_all([*came.values()], stix_schemas())
    publishing.add_to_intake(here, source, batch)
    third = rounds.run(here, peer).pushed
    assert third is not None
    assert third.sent == 0


def test_what_is_taken_down_or_labelled_anew_is_removed_there(server: Other, here: Node) -> None:
    place = server.collection()
    source = open_source(here, *(indicator(f"f{n}", tlp="clear") for n in range(3)))
    peer = server.peer(here, place, direction=Direction.PUSH, into="", shelf=source.id)
    rounds.run(here, peer)
    (gone,) = objects.standing(here.db, source.number, [*ids("f1")])
    retracting.take_down(here, source, [gone.added])
    done = rounds.run(here, peer).pushed
    assert done is not None
    assert (done.removed, done.kept) == (1, 0)
    assert held(server.node, place.id).keys() == ids("f0", "f2")
    assert exchanges.counts(here.db, peer.key) == {SENT: 2, REMOVED: 1}


def test_batches_stay_within_what_the_server_takes(
    server: Other, here: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.edge.taxii import endpoints

    monkeypatch.setattr(endpoints, "MAX_CONTENT_LENGTH", 1500)
    place = server.collection()
    small = [indicator(f"g{n}", tlp="clear") for n in range(9)]
    large = indicator("large", tlp="clear", description="x" * 2000)
    source = open_source(here, large, *small)
    peer = server.peer(here, place, direction=Direction.PUSH, into="", shelf=source.id)
    done = rounds.run(here, peer).pushed
    assert done is not None
    assert (done.sent, done.failed) == (9, 1)
    (failed,) = exchanges.given(here.db, peer.key, [FAILED], 10)
    assert failed.stix_id == large["id"]
    assert "larger than the server takes" in failed.told
    again = rounds.run(here, peer).pushed
    assert again is not None
    assert again.failed == 0
    rounds.forget_failed(here, peer)
    once_more = rounds.run(here, peer).pushed
    assert once_more is not None
    assert once_more.failed == 1


@pytest.mark.slow
def test_a_running_node_turns_to_its_peers_by_itself(tmp_path: Path) -> None:
    with Town(tmp_path) as made:
        tolmere, orvanda = made.make("Tolmere"), made.make("Orvanda", start=False)
        other = Other(tolmere.node, tolmere.url)
        place, back = other.collection(), other.collection()
        put(tolmere.node, place, indicator("one"), indicator("two"))
        source = open_source(orvanda.node, indicator("mine", tlp="clear"))
        pulls = other.peer(orvanda.node, place)
        pushes = other.peer(orvanda.node, back, direction=Direction.PUSH, into="", shelf=source.id)
        orvanda.start()
        until(lambda: exchanges.exchange(orvanda.node.db, pulls.key).ran_at > 0, "a pull")
        until(lambda: exchanges.exchange(orvanda.node.db, pushes.key).ran_at > 0, "a push")
        assert held(orvanda.node, pulls.into).keys() == ids("one", "two")
        assert held(tolmere.node, back.id).keys() == ids("mine")
