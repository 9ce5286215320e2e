"""Objects that go without their claims: whose they are, when they were made, what goes along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from comity.bridges.stix import reading
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import circles, importing, preparing, publishing
from comity.services.sharing.preparing import Line, Prepared
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.settling import KEEP, STRIP
from comity.store.access import objects
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, indicator, open_circle, uuid_of

MAKER = f"identity--{uuid_of('maker')}"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        yield orvanda, tolmere


@pytest.fixture
def circle(pair: tuple[Node, Node]) -> Id:
    return open_circle(*pair)


def look(node: Node, circle: Id, *values: dict[str, Any], claims: str = STRIP) -> Prepared:
    brought = importing.read(orjson.dumps({"objects": values}))
    return preparing.prepare(node, circles.shelf_of(node, circle), brought, claims=claims)


def publish(node: Node, circle: Id, *values: dict[str, Any]) -> list[dict[str, Any]]:
    prepared = look(node, circle, *values)
    publishing.publish(node, circle, prepared.objects, unmarked=prepared.unmarked)
    return [item.value for item in prepared.objects]


def by_verdict(prepared: Prepared) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in prepared.lines:
        found.setdefault(line.verdict, []).append(line)
    return found


def claiming(called: str, version: int = 0, **more: Any) -> dict[str, Any]:
    return indicator(called, version, description="By APT28.", created_by_ref=MAKER, **more)


def test_what_goes_is_a_new_object_of_now_and_names_the_first(
    pair: tuple[Node, Node], circle: Id
) -> None:
    first = claiming("first", tlp="green")
    made, tied = publish(pair[0], circle, first)
    assert made["id"] != first["id"]
    assert made["created"] == made["modified"] == tied["created"]
    assert made["created"] != first["created"]
    assert "created_by_ref" not in made
    assert (tied["source_ref"], tied["target_ref"]) == (made["id"], first["id"])
    prepared = look(pair[0], circle, claiming("other", tlp="green"))
    assert prepared.labels == ((TLP.GREEN, 2),)


def test_bringing_it_again_makes_nothing_new_and_a_later_version_a_later_one(
    pair: tuple[Node, Node], circle: Id
) -> None:
    node = pair[0]
    made, _ = publish(node, circle, claiming("again"))
    assert [*by_verdict(look(node, circle, claiming("again")))] == ["held"]
    later = by_verdict(look(node, circle, claiming("again", 1, name="Gale")))
    assert [line.id for line in later["version"]] == [made["id"]]
    (newer,) = publish(node, circle, claiming("again", 1, name="Gale"))
    assert newer["created"] == made["created"] == made["modified"] < newer["modified"]
    assert [*by_verdict(look(node, circle, claiming("again")))] == ["held"]


def test_of_two_versions_the_later_goes(pair: tuple[Node, Node], circle: Id) -> None:
    found = by_verdict(look(pair[0], circle, claiming("two"), claiming("two", 1, name="Gale")))
    assert [line.name for line in found["new"]][:1] == ["Gale"]
    assert "later version" in found["out"][0].reason


def test_what_others_say_under_the_id_changes_nothing(pair: tuple[Node, Node], circle: Id) -> None:
    node, other = pair
    deliver(node, other)
    made = look(node, circle, claiming("guessed")).objects[0].value
    guessed = {
        **made,
        "created": "1999-01-01T00:00:00.000Z",
        "modified": "1999-01-01T00:00:00.000Z",
    }
    batch, _ = reading.read_all([orjson.dumps(guessed)], stix_schemas())
    publishing.publish(other, circle, batch)
    deliver(other, node)
    assert objects.holdings_of(node.db, guessed["id"])
    made = look(node, circle, claiming("guessed")).objects[0].value
    assert (made["id"], made["created"] > "2000") == (guessed["id"], True)


def test_what_lacks_what_its_type_needs_stays_out(pair: tuple[Node, Node], circle: Id) -> None:
    joined = {
        **indicator("joined"),
        "type": "relationship",
        "id": f"relationship--{uuid_of('joined')}",
        "relationship_type": "indicates",
        "source_ref": f"indicator--{uuid_of('first')}",
        "target_ref": f"intrusion-set--{uuid_of('set')}",
    }
    found = by_verdict(look(pair[0], circle, joined))
    assert found["out"][0].rule == "X5"
    assert "Without what it claims it would not be whole" in found["out"][0].reason


@pytest.mark.parametrize("claims", [STRIP, KEEP, ""])
def test_no_translation_says_what_its_object_does_not(
    pair: tuple[Node, Node], circle: Id, claims: str
) -> None:
    of = claiming("translated")
    translation = {
        "type": "language-content",
        "spec_version": "2.1",
        "id": f"language-content--{uuid_of('translated')}",
        "created": of["created"],
        "modified": of["modified"],
        "object_ref": of["id"],
        "contents": {"fr": {"description": "Du groupe que tout le monde connaît."}},
    }
    prepared = look(pair[0], circle, translation, of, claims=claims)
    out = {line.type for line in by_verdict(prepared).get("out", [])}
    assert ("language-content" in out) == (claims != KEEP)


def test_what_was_made_says_in_its_bytes_how_strict_the_first_is(
    pair: tuple[Node, Node], circle: Id
) -> None:
    mark = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid_of('ours')}",
        "created": "2026-01-01T00:00:00Z",
        "definition_type": "tlp",
        "definition": {"tlp": "amber+strict"},
    }
    by_mark = claiming("by mark", object_marking_refs=[mark["id"]])
    by_word = claiming("by word", labels=["tlp:amber+strict"])
    prepared = look(pair[0], circle, mark, by_mark, by_word)
    made = [item for item in prepared.objects if item.type != "marking-definition"]
    assert len(made) == 4
    # As they are read again where a second person approves them.
    again, _ = reading.read_all([item.raw for item in made], stix_schemas())
    assert {item.marking.tlp for item in again} == {TLP.AMBER_STRICT}
