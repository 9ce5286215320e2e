"""Circles among parties of which one lies, leaves, or comes too early: nothing stops for the rest,
and no byte goes further than its source lets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from comity.bridges.stix.text import text_of
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.care import fsck
from comity.services.care.rebuild import rebuild
from comity.services.casework import erasure
from comity.services.casework.content import prepare_objects
from comity.services.casework.issue import Draft, issue
from comity.services.people.tokens import READ
from comity.services.sharing import (
    applying,
    circles,
    forwarding,
    retracting,
    shelf,
    shelving,
)
from comity.services.sharing.shelf import Wanted
from comity.store.access import acts, objects, words
from comity.store.sql import query
from tests.nodes import Nodes, introduce, pass_on
from tests.sharing import caller, deliver, entries, indicator, open_circle, share, shown

if TYPE_CHECKING:
    from comity.services.node import Node

ONE, TWO = indicator("one"), indicator("two")


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    return nodes.make("orvanda")


@pytest.fixture
def tolmere(nodes: Nodes, orvanda: Node) -> Node:
    node = nodes.make("tolmere")
    introduce(orvanda, node)
    return node


@pytest.fixture
def sarivane(nodes: Nodes, tolmere: Node) -> Node:
    """A party that knows Tolmere, and not Orvanda."""
    node = nodes.make("sarivane")
    introduce(tolmere, node)
    return node


def carried(orvanda: Node, tolmere: Node, sarivane: Node, **far: Any) -> tuple[Id, Id, Id]:
    """Share two objects near, carry them on, and return (near, far, the act that shared them)."""
    circles_ = open_circle(orvanda, tolmere), open_circle(tolmere, sarivane, **far)
    done = share(orvanda, circles_[0], ONE, TWO, unmarked=TLP.GREEN)
    deliver(orvanda, tolmere)
    added = [each.added for each in entries(tolmere, circle=circles_[0])]
    assert forwarding.forward(tolmere, circles_[1], added).refused == []
    deliver(tolmere, sarivane)
    return (*circles_, done.acts[0])


# What one circle cannot do does not stop the others


def test_a_tombstone_that_cannot_be_carried_on_stops_nothing(
    orvanda: Node, tolmere: Node, sarivane: Node
) -> None:
    near, far, batch = carried(orvanda, tolmere, sarivane)
    issue(tolmere, dossier_id=far, draft=Draft("leave"))
    retracting.retract(orvanda, batch, [0], reason="wrong")
    deliver(orvanda, tolmere)
    later = share(orvanda, near, indicator("later"))
    retracting.retract(orvanda, later.acts[0], None, reason="wrong")
    deliver(orvanda, tolmere)
    assert shown(tolmere, circle=near) == {TWO["id"]}
    applying.work(tolmere)
    assert not applying.is_due(tolmere)


def test_a_batch_that_cannot_be_read_stops_neither_others_nor_tombstones(
    orvanda: Node, tolmere: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, indicator("lost"))
    done = share(orvanda, circle, ONE, TWO)
    retracting.retract(orvanda, done.acts[0], [1], reason="wrong")
    pass_on(orvanda, tolmere)
    honest, first = shelving._shelve, objects.batches(tolmere.db)[0]

    def lost(node: Node, row: objects.BatchRow) -> int:
        if row == first:
            raise FileNotFoundError
        return honest(node, row)

    monkeypatch.setattr(shelving, "_shelve", lost)
    with pytest.raises(FileNotFoundError):
        applying.work(tolmere)
    assert shown(tolmere) == {ONE["id"]}
    monkeypatch.undo()
    applying.work(tolmere)
    assert shown(tolmere) == {ONE["id"], indicator("lost")["id"]}


# Collections that somebody claims


def test_no_circle_takes_the_collection_of_everything(orvanda: Node, tolmere: Node) -> None:
    other = open_circle(orvanda, tolmere)
    share(orvanda, other, ONE)
    claimed = open_circle(orvanda, tolmere, succeeds=other, collection=circles.EVERYTHING.hex)
    id_ = circles.shelf_of(orvanda, claimed).id
    assert id_ != str(circles.EVERYTHING)
    who = caller(orvanda, scopes=(READ,), shelf=id_)
    seen = shelf.readable(orvanda, who, id_)
    assert shelf.page(orvanda, who, seen, Wanted()).entries == []


def test_who_claims_the_collection_of_a_circle_that_is_not_here_yet_gives_it_back(
    orvanda: Node, tolmere: Node
) -> None:
    victim = open_circle(orvanda, tolmere)
    other = open_circle(tolmere, orvanda)
    id_ = circles.shelf_of(orvanda, victim).id
    claimed = open_circle(tolmere, orvanda, succeeds=other, collection=id_.replace("-", ""))
    squatted = circles.shelf_of(tolmere, claimed)
    assert squatted.id == id_
    deliver(orvanda, tolmere)
    share(orvanda, victim, ONE)
    deliver(orvanda, tolmere)
    assert circles.shelf_of(tolmere, victim).id == id_
    assert circles.shelf_of(tolmere, claimed).id != id_
    assert shown(tolmere, circle=victim) == {ONE["id"]}


# Labels


def test_a_label_raised_afterwards_goes_through_every_hand(
    orvanda: Node, tolmere: Node, sarivane: Node
) -> None:
    near, _, batch = carried(orvanda, tolmere, sarivane)
    green = caller(sarivane, tlp=TLP.GREEN, scopes=(READ,))
    assert shown(sarivane, green) == {ONE["id"], TWO["id"]}
    draft = Draft("relabel", {"parts": [0], "tlp": "amber"}, refs=(batch,))
    issue(orvanda, dossier_id=near, draft=draft)
    deliver(orvanda, tolmere)
    deliver(tolmere, sarivane)
    assert shown(sarivane, green) == {TWO["id"]}
    assert shown(sarivane) == {ONE["id"], TWO["id"]}


def test_what_is_raised_above_a_circle_further_on_is_taken_back_there(
    orvanda: Node, tolmere: Node, sarivane: Node
) -> None:
    near, far, batch = carried(orvanda, tolmere, sarivane, ceiling=TLP.GREEN)
    draft = Draft("relabel", {"parts": [0], "tlp": "amber"}, refs=(batch,))
    issue(orvanda, dossier_id=near, draft=draft)
    deliver(orvanda, tolmere)
    deliver(tolmere, sarivane)
    assert shown(sarivane) == {TWO["id"]}
    assert shown(tolmere, circle=far) == {TWO["id"]}


def test_no_new_label_is_wider_than_what_an_object_says_itself(
    orvanda: Node, tolmere: Node
) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, indicator("marked", tlp="amber"))
    draft = Draft("relabel", {"tlp": "green"}, refs=(done.acts[0],))
    issue(orvanda, dossier_id=circle, draft=draft)
    applying.work(orvanda)
    deliver(orvanda, tolmere)
    for node in (orvanda, tolmere):
        assert shown(node, caller(node, tlp=TLP.GREEN, scopes=(READ,))) == set()
        assert len(shown(node)) == 1


def test_of_two_labels_the_stricter_is_that_of_the_collection(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    deliver(orvanda, tolmere)
    share(tolmere, circle, ONE, unmarked=TLP.GREEN)
    strict = share(orvanda, circle, ONE, unmarked=TLP.AMBER)
    deliver(orvanda, tolmere)
    green = caller(tolmere, tlp=TLP.GREEN, scopes=(READ,))
    assert shown(tolmere, green) == set()
    assert shown(tolmere) == {ONE["id"]}
    retracting.retract(orvanda, strict.acts[0], None, reason="wrong")
    deliver(orvanda, tolmere)
    assert shown(tolmere, green) == {ONE["id"]}


# What is erased or done meanwhile


def test_what_is_erased_while_it_is_shelved_is_on_no_shelf(
    orvanda: Node, tolmere: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE, TWO)
    pass_on(orvanda, tolmere)
    honest = shelving.read_parts

    def meanwhile(*given: Any) -> Any:
        found = honest(*given)
        erasure.erase(tolmere, done.acts[0], reason="personal_data", parts=[0])
        return found

    monkeypatch.setattr(shelving, "read_parts", meanwhile)
    shelving.shelve_due(tolmere)
    assert shown(tolmere) == {TWO["id"]}
    assert query(tolmere.db, "SELECT COUNT(*) FROM store_objectversion") == [(1,)]


def test_two_that_shelve_one_batch_put_it_there_once(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE, TWO)
    pass_on(orvanda, tolmere)
    (row,) = objects.batches(tolmere.db)
    shelving._shelve(tolmere, row)
    shelving._shelve(tolmere, row)
    assert query(tolmere.db, "SELECT COUNT(*) FROM store_holding") == [(2,)]


def test_words_of_what_is_erased_meanwhile_are_not_kept(
    orvanda: Node, tolmere: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, indicator("one", name="Quillfeather"))
    honest, left = text_of, [1]

    def meanwhile(value: Any) -> str:
        if left and left.pop():
            erasure.erase(orvanda, done.acts[0], reason="personal_data")
        return honest(value)

    monkeypatch.setattr("comity.services.sharing.shelving.text_of", meanwhile)
    shelving.let_be_found(orvanda)
    sql, asked = words.clause(orvanda.db, ["quillfeather"])
    assert query(orvanda.db, sql.removeprefix("o.n IN (").removesuffix(")"), asked) == []


def test_why_an_object_was_refused_is_not_kept_longer_than_the_object(
    orvanda: Node, tolmere: Node
) -> None:
    circle = open_circle(orvanda, tolmere)
    bad = indicator("bad", pattern_type=["quillfeather"])
    content = prepare_objects(orvanda, [ONE, bad])
    act = issue(orvanda, dossier_id=circle, draft=Draft("publish", {}, content, tlp=TLP.AMBER))
    deliver(orvanda, tolmere)
    told = "SELECT rule FROM store_flawed ORDER BY rule"
    # X27, since the objects of tests are dated ahead of their clock.
    assert query(tolmere.db, told) == [("X27",), ("X5",)]
    erasure.erase(tolmere, act, reason="personal_data")
    assert query(tolmere.db, "SELECT COUNT(*) FROM store_flawed") == [(0,)]


# In circles


def test_what_goes_in_circles_comes_to_rest(orvanda: Node, tolmere: Node) -> None:
    first, second = open_circle(orvanda, tolmere), open_circle(tolmere, orvanda)
    done = share(orvanda, first, ONE, unmarked=TLP.GREEN)
    deliver(orvanda, tolmere)
    deliver(tolmere, orvanda)
    (near,) = entries(tolmere, circle=first)
    forwarding.forward(tolmere, second, [near.added])
    deliver(tolmere, orvanda)
    (far,) = entries(orvanda, circle=second)
    back = forwarding.forward(orvanda, first, [far.added])
    assert len(back.acts) == 1
    deliver(orvanda, tolmere)
    retracting.retract(orvanda, done.acts[0], None, reason="wrong")
    for _ in range(6):
        deliver(orvanda, tolmere)
        deliver(tolmere, orvanda)
    before = [acts.newest_act(node.db) for node in (orvanda, tolmere)]
    for _ in range(3):
        deliver(orvanda, tolmere)
        deliver(tolmere, orvanda)
    assert [acts.newest_act(node.db) for node in (orvanda, tolmere)] == before
    assert shown(orvanda) == set()
    assert shown(tolmere) == set()


# What is checked, and built anew


def test_what_stands_on_shelves_is_checked_and_rebuilt(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE, TWO, indicator("three"), indicator("four"))
    retracting.retract(orvanda, done.acts[0], [3], reason="wrong")
    applying.work(orvanda)
    applying.work(orvanda)
    assert fsck.check(orvanda).findings == []
    before = shown(orvanda)
    query(orvanda.db, "DELETE FROM store_holding WHERE part = 0")
    query(orvanda.db, "UPDATE store_holding SET tlp = 0 WHERE part = 1")
    query(orvanda.db, "UPDATE store_holding SET state = 0 WHERE part = 3")
    (found,) = fsck.check(orvanda).findings
    assert str(found.words).startswith("3 of its objects")
    rebuild(orvanda)
    assert fsck.check(orvanda).findings == []
    assert shown(orvanda) == before
    assert shown(orvanda, caller(orvanda, tlp=TLP.GREEN, scopes=(READ,))) == set()


def test_an_object_whose_bytes_are_lost_or_others_is_told_of(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE, TWO)
    query(orvanda.db, "UPDATE store_objectversion SET data = hash WHERE stix_id = %s", (ONE["id"],))
    query(orvanda.db, "DELETE FROM store_objectversion WHERE stix_id = %s", (TWO["id"],))
    told = {str(each.words) for each in fsck.check(orvanda).findings}
    assert "Its bytes are not what they were when they came." in told
    assert "1 objects stand there whose bytes are not here." in told


# Programs


def test_who_may_not_read_what_a_circle_is_called_is_not_told(orvanda: Node, tolmere: Node) -> None:
    strict = open_circle(orvanda, tolmere)
    who = caller(orvanda, scopes=(READ,), constituent=True)
    titles = {each.title for each in shelf.shelves(orvanda, who)}
    assert titles == {f"Circle {strict[:8]}", "Everything"}
    assert "Lantern Sea circle" in {e.title for e in shelf.shelves(orvanda, caller(orvanda))}


def test_a_dropped_member_puts_nothing_more_into_the_collection(
    orvanda: Node, tolmere: Node, nodes: Nodes
) -> None:
    dropped = nodes.make("fennick")
    introduce(orvanda, dropped)
    introduce(tolmere, dropped)
    first = open_circle(orvanda, tolmere, dropped)
    for member in (dropped, tolmere):
        deliver(orvanda, member)
    id_ = circles.shelf_of(orvanda, first).id
    open_circle(orvanda, tolmere, succeeds=first, collection=id_.replace("-", ""))
    applying.work(orvanda)
    circles.ensure(orvanda)
    share(dropped, first, ONE)
    deliver(dropped, orvanda)
    assert shown(orvanda) == set()
    number = circles.shelf_of(orvanda, first).number
    assert [flaw.rule for flaw in objects.flaws(orvanda.db, number)] == ["X26"]
    share(tolmere, first, TWO)
    deliver(tolmere, orvanda)
    assert shown(orvanda) == {TWO["id"]}
