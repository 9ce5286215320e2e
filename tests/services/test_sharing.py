"""Circles and shelves: what is published is where it may be, and goes when its source says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.bridges.stix import reading
from comity.kernel import provenance
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.protocols.sharing.circle import reading as said
from comity.protocols.sharing.circle.acts import Publish
from comity.services.casework import compose, dossiers, erasure
from comity.services.casework.content import prepare_objects
from comity.services.casework.issue import Draft, issue
from comity.services.node import Node
from comity.services.people.tokens import READ, WRITE
from comity.services.sharing import (
    applying,
    circles,
    comparing,
    forwarding,
    publishing,
    retention,
    retracting,
    searching,
    shelf,
    shelving,
)
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.searching import Query
from comity.services.sharing.shelf import Wanted
from comity.store.access import acts, objects
from comity.store.sql import query
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce
from tests.sharing import (
    MARKINGS,
    caller,
    deliver,
    entries,
    indicator,
    open_circle,
    share,
    shown,
    view,
)

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


# Publishing and receiving


def test_what_is_published_is_on_the_shelves_of_all_members(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE, TWO)
    assert shown(orvanda) == {ONE["id"], TWO["id"]}
    deliver(orvanda, tolmere)
    assert shown(tolmere) == {ONE["id"], TWO["id"]}
    both = [circles.shelf_of(node, circle).id for node in (orvanda, tolmere)]
    assert both[0] == both[1]


def test_bytes_are_kept_once_and_as_they_came(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE)
    deliver(orvanda, tolmere)
    for node in (orvanda, tolmere):
        assert query(node.db, "SELECT COUNT(*) FROM store_part WHERE data IS NOT NULL AND act = %s",
                     (done.acts[0],)) == [(0,)]  # fmt: skip
        (held,) = acts.parts(node.db, done.acts[0])
        assert held.data == orjson.dumps(ONE)


def test_an_act_has_the_label_of_all_that_it_carries(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE, indicator("wide", tlp="clear"), indicator("g", tlp="green"))
    headers = [row_of(orvanda, id_).header for id_ in done.acts]
    assert [orjson.loads(header)["tlp"] for header in headers] == ["clear", "green", "amber"]


def row_of(node: Node, id_: Id) -> acts.ActRow:
    held = acts.act(node.db, id_)
    assert held is not None
    return held


def test_what_is_unmarked_is_served_with_the_label_it_stands_under(
    orvanda: Node, tolmere: Node
) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE, indicator("marked", tlp="amber"))
    served = {entry.id: orjson.loads(entry.data) for entry in entries(orvanda)}
    assert served[ONE["id"]]["object_marking_refs"] == [MARKINGS["amber"]]
    assert orjson.loads(acts.parts(orvanda.db, said_acts(orvanda, circle)[0])[0].data or b"") == ONE
    other = indicator("marked", tlp="amber")
    assert served[other["id"]] == other


def said_acts(node: Node, circle: Id) -> list[str]:
    return [row.id for row in acts.acts_of(node.db, circle) if row.kind == "publish"]


def test_an_object_above_the_ceiling_is_a_flaw_and_spoils_nothing(
    orvanda: Node, tolmere: Node
) -> None:
    circle = open_circle(orvanda, tolmere, ceiling=TLP.GREEN)
    strict = indicator("strict", tlp="amber")
    done = share(orvanda, circle, ONE, strict, indicator("wide", tlp="green"))
    assert {(flaw.id, flaw.rule) for flaw in done.flaws} == {
        (ONE["id"], "X23"),
        (strict["id"], "X23"),
    }
    assert shown(orvanda) == {indicator("wide")["id"]}
    assert share(orvanda, circle, ONE, unmarked=TLP.GREEN).flaws == []


def test_publishing_twice_is_once(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE)
    again = share(orvanda, circle, ONE, ONE)
    assert again.acts == []
    assert [item.id for item in again.held] == [ONE["id"], ONE["id"]]


def test_one_version_has_one_spelling(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE)
    done = share(orvanda, circle, {**ONE, "name": "Another"})
    assert [(flaw.id, flaw.rule) for flaw in done.flaws] == [(ONE["id"], "X22")]


def test_other_bytes_of_a_version_that_another_sends_raise_an_alarm(
    orvanda: Node, tolmere: Node
) -> None:
    circle = open_circle(orvanda, tolmere)
    deliver(orvanda, tolmere)
    share(orvanda, circle, ONE)
    share(tolmere, circle, {**ONE, "name": "Another"})
    deliver(tolmere, orvanda)
    number = circles.shelf_of(orvanda, circle).number
    # X27, since the objects of tests are dated ahead of their clock.
    assert {flaw.rule for flaw in objects.flaws(orvanda.db, number)} == {"X27", "X22"}
    assert len(entries(orvanda, circle=circle)) == 1


def test_what_has_no_version_may_be_written_in_several_ways(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    id_ = "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    one = {"type": "ipv4-addr", "spec_version": "2.1", "id": id_, "value": "198.51.100.3"}
    share(orvanda, circle, one)
    again = share(orvanda, circle, {**one, "object_marking_refs": [MARKINGS["green"]]}, TWO)
    assert again.flaws == []
    (served,) = [e for e in entries(orvanda, circle=circle) if e.id == id_]
    assert orjson.loads(served.data)["object_marking_refs"] == [MARKINGS["green"]]


def test_a_later_version_takes_the_place_of_the_earlier(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, indicator("one", 2))
    share(orvanda, circle, indicator("one", 1), indicator("one", 3))

    def versions(*asked: str | int) -> list[int]:
        found = entries(orvanda, circle=circle, versions=asked)
        return [entry.version // 1_000_000 % 60 for entry in found]

    assert versions() == [3]
    assert versions("first") == [1]
    assert versions("all") == [2, 1, 3]
    assert versions("first", "last") == [1, 3]


def test_what_comes_wrong_is_in_quarantine_with_its_reason(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    bad = indicator("bad")
    del bad["pattern_type"]
    wide = indicator("red", tlp="red")
    content = prepare_objects(orvanda, [ONE, bad, wide])
    draft = Draft("publish", {}, content, tlp=TLP.AMBER)
    issue(orvanda, dossier_id=circle, draft=draft)
    deliver(orvanda, tolmere)
    assert shown(tolmere) == {ONE["id"]}
    number = circles.shelf_of(tolmere, circle).number
    # X27, since the objects of tests are dated ahead of their clock.
    found = (flaw for flaw in objects.flaws(tolmere.db, number) if flaw.rule != "X27")
    flaws = {(f.part, f.stix_id, f.rule) for f in found}
    assert flaws == {(1, bad["id"], "X5"), (2, wide["id"], "X23")}


def test_who_may_not_publish_puts_nothing_on_a_shelf(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere, publishers="chair")
    deliver(orvanda, tolmere)
    with refused("S2"):
        share(tolmere, circle, ONE)
    assert shown(tolmere) == set()


def written(tmp_path: Path, *objects_: dict[str, Any]) -> compose.Attached:
    """Return a bundle as a person attaches it to a message."""
    path = tmp_path / "bundle.json"
    path.write_bytes(orjson.dumps({"type": "bundle", "id": "bundle--1", "objects": objects_}))
    return compose.sort_files([path], batch=True)


def sent(node: Node, circle: Id, attached: compose.Attached) -> list[Id]:
    filled = compose.read(node, Publish.KIND, {}, dossier=circle, batch=True)
    draft = Draft("publish", {}, tlp=TLP.GREEN)
    return compose.send(node, circle, draft, filled, attached, alone=True)


def test_what_a_person_attaches_is_looked_at_before_it_is_signed(
    orvanda: Node, tolmere: Node, tmp_path: Path
) -> None:
    circle = open_circle(orvanda, tolmere)
    bad = {**TWO, "id": "indicator--no"}
    acts_ = sent(orvanda, circle, written(tmp_path, ONE, bad, indicator("wide", tlp="clear")))
    assert shown(orvanda) == {ONE["id"], indicator("wide")["id"]}
    assert len(acts_) == 2
    number = circles.shelf_of(orvanda, circle).number
    assert [flaw.rule for flaw in objects.flaws(orvanda.db, number)] == ["X5"]
    with refused("S12"):
        sent(orvanda, circle, written(tmp_path, ONE))
    with refused("X5", "None of it can be shared"):
        sent(orvanda, circle, written(tmp_path, bad))


# Labels


def test_a_reader_passes_every_source(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    all_ = {tlp: indicator(tlp, tlp=tlp) for tlp in ("clear", "green", "amber", "amber_strict")}
    share(orvanda, circle, *all_.values())
    ids = {tlp: value["id"] for tlp, value in all_.items()}
    assert shown(orvanda, caller(orvanda, tlp=TLP.GREEN)) == {ids["clear"], ids["green"]}
    constituent = caller(orvanda, scopes=(READ,), constituent=True)
    assert shown(orvanda, constituent) == {ids["clear"], ids["green"], ids["amber"]}


def test_an_intake_is_for_this_node_only_until_somebody_says_otherwise(orvanda: Node) -> None:
    mine = circles.open_intake(orvanda, name="feed", title="A feed", label=TLP.CLEAR)
    batch, _ = reading.read_all([orjson.dumps(ONE)], stix_schemas())
    publishing.add_to_intake(orvanda, mine, batch)
    assert shown(orvanda) == {ONE["id"]}
    assert shown(orvanda, caller(orvanda, scopes=(READ,), constituent=True)) == set()


def test_a_new_label_is_that_of_what_stands_there(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE, TWO, unmarked=TLP.GREEN)
    deliver(orvanda, tolmere)
    draft = Draft("relabel", {"parts": [0], "tlp": "amber_strict"}, refs=(done.acts[0],))
    issue(orvanda, dossier_id=circle, draft=draft)
    applying.work(orvanda)
    deliver(orvanda, tolmere)
    for node in (orvanda, tolmere):
        assert shown(node, caller(node, tlp=TLP.AMBER)) == {TWO["id"]}


# Taking back


def test_a_tombstone_is_applied_everywhere_and_its_source_knows(
    orvanda: Node, tolmere: Node
) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE, TWO)
    deliver(orvanda, tolmere)
    signed = retracting.retract(orvanda, done.acts[0], [0], reason="wrong")
    assert shown(orvanda) == {TWO["id"]}
    deliver(orvanda, tolmere)
    assert shown(tolmere) == {TWO["id"]}
    deliver(tolmere, orvanda)
    state = dossiers.shown(orvanda, dossiers.load(orvanda, circle))
    assert [(a.party, a.how) for a in said.applied(state, signed)] == [(tolmere.me, "removed")]


def test_a_tombstone_that_comes_before_its_objects_are_shelved_counts(
    orvanda: Node, tolmere: Node
) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE, TWO)
    retracting.retract(orvanda, done.acts[0], [1], reason="wrong")
    deliver(orvanda, tolmere)
    assert shown(tolmere) == {ONE["id"]}


def test_what_another_published_is_not_ones_own_to_take_back(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE)
    deliver(orvanda, tolmere)
    who = caller(tolmere)
    with refused("X24"):
        shelf.remove(tolmere, who, view(tolmere, who, circle), ONE["id"], Wanted())


def test_what_two_published_stands_until_both_take_it_back(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    deliver(orvanda, tolmere)
    first, second = share(orvanda, circle, ONE), share(tolmere, circle, ONE)
    deliver(orvanda, tolmere)
    deliver(tolmere, orvanda)
    retracting.retract(orvanda, first.acts[0], None, reason="wrong")
    assert shown(orvanda) == {ONE["id"]}
    retracting.retract(tolmere, second.acts[0], None, reason="wrong")
    deliver(tolmere, orvanda)
    assert shown(orvanda) == set()


def test_erasing_leaves_no_byte_and_no_word(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, indicator("one", name="Quillfeather"))
    applying.work(orvanda)
    assert found(orvanda, words="quillfeather")
    erasure.carry_out(orvanda, erasure.wish(orvanda, done.acts[0], reason="personal_data"))
    assert not found(orvanda, words="quillfeather")
    assert query(orvanda.db, "SELECT COUNT(*) FROM store_objectversion") == [(0,)]
    assert query(orvanda.db, "SELECT COUNT(*) FROM store_observable") == [(0,)]


def found(node: Node, **asked: Any) -> set[str]:
    finder = searching.at_the_machine(node)
    return {each.id for each in searching.search(node, finder, Query(**asked)).found}


def test_what_nobody_may_keep_for_longer_is_removed(
    orvanda: Node, tolmere: Node, nodes: Nodes
) -> None:
    short = open_circle(orvanda, tolmere, retention=30)
    long = open_circle(orvanda, tolmere)
    share(orvanda, short, ONE)
    share(orvanda, long, TWO)
    nodes.clock.advance(29 * retention.DAY)
    assert retention.remove_due(orvanda) == 0
    nodes.clock.advance(2 * retention.DAY)
    share(orvanda, short, indicator("fresh"))
    assert retention.remove_due(orvanda) == 1
    assert retention.remove_due(orvanda) == 0
    assert shown(orvanda) == {TWO["id"], indicator("fresh")["id"]}


# Carrying on


def test_an_object_is_shown_with_its_origins_signature_at_any_distance(
    orvanda: Node, tolmere: Node, sarivane: Node
) -> None:
    near, far = open_circle(orvanda, tolmere), open_circle(tolmere, sarivane)
    done = share(orvanda, near, ONE, TWO)
    deliver(orvanda, tolmere)
    (held,) = [e for e in entries(tolmere, circle=near) if e.id == TWO["id"]]
    carried = forwarding.forward(tolmere, far, [held.added])
    assert carried.refused == []
    deliver(tolmere, sarivane)
    assert shown(sarivane) == {TWO["id"]}
    (act,) = carried.acts
    header = dossiers.stored_act(sarivane, row_of(sarivane, act)).header
    came = shelving.read_provenance(sarivane, act, header).through(0)
    assert [(a.id, a.header.party) for a in came] == [(done.acts[0], orvanda.me)]


def test_a_tombstone_and_its_answer_go_through_every_hand(
    orvanda: Node, tolmere: Node, sarivane: Node
) -> None:
    near, far = open_circle(orvanda, tolmere), open_circle(tolmere, sarivane)
    done = share(orvanda, near, ONE, TWO)
    deliver(orvanda, tolmere)
    forwarding.forward(tolmere, far, [e.added for e in entries(tolmere, circle=near)])
    deliver(tolmere, sarivane)
    signed = retracting.retract(orvanda, done.acts[0], [1], reason="recalled")
    deliver(orvanda, tolmere)
    deliver(tolmere, sarivane)
    assert shown(sarivane) == {ONE["id"]}
    deliver(sarivane, tolmere)
    deliver(tolmere, orvanda)
    state = dossiers.shown(orvanda, dossiers.load(orvanda, near))
    assert [(a.party, a.how, a.said_by) for a in said.relayed(state, signed)] == [
        (sarivane.me, "removed", tolmere.me)
    ]


def test_amber_is_carried_on_only_by_leave(orvanda: Node, tolmere: Node, sarivane: Node) -> None:
    near, far = open_circle(orvanda, tolmere, forward="none"), open_circle(tolmere, sarivane)
    share(orvanda, near, ONE, indicator("wide", tlp="clear"))
    deliver(orvanda, tolmere)
    added = [entry.added for entry in entries(tolmere, circle=near)]
    carried = forwarding.forward(tolmere, far, added)
    assert [refusal.rule for _, refusal in carried.refused] == ["L6"]
    deliver(tolmere, sarivane)
    assert shown(sarivane) == {indicator("wide")["id"]}


def test_a_forwarder_lowers_no_label(orvanda: Node, tolmere: Node, sarivane: Node) -> None:
    near, far = open_circle(orvanda, tolmere), open_circle(tolmere, sarivane)
    share(orvanda, near, ONE)
    deliver(orvanda, tolmere)
    (held,) = entries(tolmere, circle=near)
    shelf_ = circles.shelf_of(tolmere, far)
    (holding,) = objects.holdings(tolmere.db, [held.added])
    source = forwarding._source(tolmere, holding)
    forwarding._sign(tolmere, shelf_, Draft("forward", tlp=TLP.CLEAR), [source], None)
    deliver(tolmere, sarivane)
    assert shown(sarivane) == set()
    number = circles.shelf_of(sarivane, far).number
    assert [flaw.rule for flaw in objects.flaws(sarivane.db, number)] == ["X21"]


def test_a_forged_provenance_puts_nothing_on_a_shelf(
    orvanda: Node, tolmere: Node, sarivane: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    near, far = open_circle(orvanda, tolmere), open_circle(tolmere, sarivane)
    share(orvanda, near, ONE, TWO)
    deliver(orvanda, tolmere)
    honest = provenance.show

    def other(envelope: Any, leaves: Any, places: dict[int, int]) -> provenance.Came:
        return honest(envelope, leaves, {part: 1 - at for part, at in places.items()})

    monkeypatch.setattr(provenance, "show", other)
    one, *_ = entries(tolmere, circle=near)
    forwarding.forward(tolmere, far, [one.added])
    deliver(tolmere, sarivane)
    assert shown(sarivane) == set()
    number = circles.shelf_of(sarivane, far).number
    assert [flaw.rule for flaw in objects.flaws(sarivane.db, number)] == ["X20"]


# Circles over time


def test_a_successor_keeps_the_collection(orvanda: Node, tolmere: Node) -> None:
    first = open_circle(orvanda, tolmere)
    share(orvanda, first, ONE)
    id_ = circles.shelf_of(orvanda, first).id
    next_ = open_circle(orvanda, tolmere, succeeds=first, collection=id_.replace("-", ""))
    share(orvanda, next_, TWO)
    assert circles.shelf_of(orvanda, next_).id == id_
    assert shown(orvanda) == {ONE["id"], TWO["id"]}


def test_nobody_takes_over_the_collection_of_a_circle_that_it_does_not_succeed(
    orvanda: Node, tolmere: Node
) -> None:
    first, other = open_circle(orvanda, tolmere), open_circle(orvanda, tolmere)
    share(orvanda, first, ONE)
    id_ = circles.shelf_of(orvanda, first).id
    taken = open_circle(orvanda, tolmere, succeeds=other, collection=id_.replace("-", ""))
    assert circles.shelf_of(orvanda, taken).id != id_


def test_who_did_not_lead_a_circle_does_not_take_its_collection_over(
    orvanda: Node, tolmere: Node
) -> None:
    first = open_circle(orvanda, tolmere)
    deliver(orvanda, tolmere)
    id_ = circles.shelf_of(orvanda, first).id
    taken = open_circle(tolmere, orvanda, succeeds=first, collection=id_.replace("-", ""))
    deliver(tolmere, orvanda)
    assert circles.shelf_of(orvanda, taken).id != id_


# Comparing


def test_two_nodes_prove_that_they_hold_the_same(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE, TWO)
    deliver(orvanda, tolmere)
    comparing.say(orvanda, circle)
    share(orvanda, circle, indicator("later"))
    deliver(orvanda, tolmere)
    (told,) = comparing.compared(tolmere, circle)
    assert told.agrees
    assert (told.party, told.theirs, told.mine) == (orvanda.me, {}, {})


def test_what_one_of_two_nodes_lacks_is_named(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE, TWO, indicator("three"))
    deliver(orvanda, tolmere)
    erasure.erase(tolmere, done.acts[0], reason="law", parts=[1])
    comparing.say(orvanda, circle)
    deliver(orvanda, tolmere)
    (told,) = comparing.compared(tolmere, circle)
    assert (told.agrees, told.theirs, told.mine) == (False, {done.acts[0]: "1"}, {})
    comparing.say(tolmere, circle)
    deliver(tolmere, orvanda)
    (told,) = comparing.compared(orvanda, circle)
    assert (told.agrees, told.theirs, told.mine) == (False, {}, {done.acts[0]: "1"})


@pytest.mark.parametrize(
    "value",
    [[], {"0": 1}, {"xx": "0"}, {"00": "0-99999999999"}, {"00": "1,0"}, {"00": "a"}],
)
def test_a_list_that_is_none_is_not_believed(value: Any) -> None:
    assert comparing._read(orjson.dumps(value)) is None


# Looking


def test_objects_are_found_by_words_and_by_values(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    pattern = "[domain-name:value = 'a.b.example']"
    named = indicator("named", name="Überfall am Häfen", pattern=pattern)
    share(orvanda, circle, ONE, named)
    applying.work(orvanda)
    assert found(orvanda, words="häfen ÜBER") == {named["id"]}
    assert found(orvanda, words="häfen nirgends") == set()
    assert found(orvanda, value="192.0.2.0/24") == {ONE["id"]}
    assert found(orvanda, value="192.0.2.7") == {ONE["id"]}
    assert found(orvanda, value="192.0.2.8") == set()
    assert found(orvanda, value="a.b.example") == {named["id"]}
    assert found(orvanda, value="x.a.b.example") == {named["id"]}
    assert found(orvanda, value="b.example") == set()
    with refused("S4"):
        found(orvanda, value="nonsense")


# Tokens


def test_a_token_does_what_its_scopes_say(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, ONE)
    writer = caller(orvanda, scopes=(WRITE,))
    seen = view(orvanda, writer, circle)
    assert (seen.can_read, seen.can_write) == (False, True)
    with refused("S10"):
        shelf.readable(orvanda, writer, seen.id)
    reader = caller(orvanda, scopes=(READ,))
    with refused("S10"):
        shelf.add(orvanda, reader, view(orvanda, reader, circle), [orjson.dumps(TWO)])


def test_a_status_is_for_who_asked(orvanda: Node, tolmere: Node) -> None:
    circle = open_circle(orvanda, tolmere)
    who = caller(orvanda)
    bad = {**TWO, "id": "indicator--no"}
    told = shelf.add(
        orvanda, who, view(orvanda, who, circle), [orjson.dumps(ONE), orjson.dumps(bad)]
    )
    assert [each.id for each in told.successes] == [ONE["id"]]
    assert [flaw.path for flaw in told.failures] == ["objects[1].id"]
    assert shelf.status(orvanda, who, told.id) == told
    with refused("S3"):
        shelf.status(orvanda, caller(orvanda), told.id)


def test_a_flaw_names_labels_as_the_standard_does(orvanda: Node) -> None:
    circle = open_circle(orvanda, ceiling=TLP.GREEN)
    (marked,) = share(orvanda, circle, indicator("one", tlp="amber_strict")).flaws
    assert marked.reason.startswith("It is marked TLP:AMBER+STRICT and stands under TLP:GREEN. ")
    (bare,) = share(orvanda, circle, indicator("two")).flaws
    assert bare.reason.startswith("It has no marking and counts as TLP:AMBER, which ")
