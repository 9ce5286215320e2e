"""How a database finds objects: by the one index that makes a page cost what is on it.

The plans are those of SQLite, which has no statistics, so they are the same however much is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.services.sharing import circles
from comity.services.sharing.searching import of_observable
from comity.store.access import alarms, given, objects
from comity.store.access.objects import Asked, Clause, Sight
from comity.store.append import objects as append
from comity.store.sql import query, writing
from tests.nodes import Nodes
from tests.sharing import uuid_of

ONE = Sight((1,), ((1, 3), (2, 0)))
TWO = ONE._replace(shelves=(1, 2))

pytestmark = pytest.mark.sqlite("PostgreSQL plans by statistics")


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    """Nodes of one kind of database alone."""
    with Nodes(tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    ("sight", "asked", "more", "first"),
    [
        (ONE, Asked(), [], "h USING INDEX holding_page (shelf=? AND added>?)"),
        (ONE, Asked(versions=("all",), after=7), [], "h USING INDEX holding_page (shelf=? AND"),
        (ONE, Asked(types=("malware",)), [], "h USING INDEX holding_type (shelf=? AND type=? AND"),
        (TWO, Asked(), [], "h USING INTEGER PRIMARY KEY (rowid>?)"),
    ],
)
def test_a_page_is_read_in_order_and_no_further(
    nodes: Nodes,
    monkeypatch: pytest.MonkeyPatch,
    sight: Sight,
    asked: Asked,
    more: list[Clause],
    first: str,
) -> None:
    plan = planned(nodes, monkeypatch, sight, asked, more)
    assert plan[0].startswith(f"SEARCH {first}")
    assert not any("SCAN" in step or "ORDER BY" in step for step in plan), plan


@pytest.mark.parametrize("sight", [ONE, TWO])
@pytest.mark.parametrize(
    ("asked", "more", "first"),
    [
        (Asked(ids=("malware--1",)), [], "o USING INDEX object_half"),
        (Asked(), [of_observable("ip", "192.0.2.7/32")], "o USING INTEGER PRIMARY KEY"),
        (
            Asked(),
            [of_observable("domain", "a.example")],
            "o USING INTEGER PRIMARY KEY",
        ),
    ],
)
def test_few_objects_are_looked_up_one_by_one(
    nodes: Nodes,
    monkeypatch: pytest.MonkeyPatch,
    sight: Sight,
    asked: Asked,
    more: list[Clause],
    first: str,
) -> None:
    plan = planned(nodes, monkeypatch, sight, asked, more)
    assert plan[0].startswith(f"SEARCH {first}")
    assert any("h USING INDEX holding_object (object=?" in step for step in plan), plan
    found = [step for step in plan if step.startswith("SEARCH i")]
    assert all("USING INDEX observable_value (value" in step for step in found), plan
    assert not any("SCAN" in step for step in plan), plan


def test_what_stands_twice_is_looked_up_by_the_object(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(nodes, monkeypatch, TWO, Asked(), [])
    assert "SEARCH e USING INDEX holding_object (object=? AND shelf=?)" in plan


def planned(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch, sight: Sight, asked: Asked, more: list[Clause]
) -> list[str]:
    """Return the steps by which a page would be found."""
    steps: list[str] = []

    def explained(db: str, sql: str, params: Any = ()) -> list[Any]:
        steps.extend(row[3] for row in query(db, f"EXPLAIN QUERY PLAN {sql}", params))
        return []

    monkeypatch.setattr(objects, "query", explained)
    db = nodes.make("orvanda").db
    objects.page(db, sight, asked, limit=101, more=more)
    if not more:
        found = [*steps]
        steps.clear()
        objects.served(db, sight, asked, limit=101)
        assert steps == found
    return steps


def test_alarms_look_at_what_came_since_and_at_its_versions(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def explained(db: str, sql: str, params: Any = ()) -> list[Any]:
        steps.extend(row[3] for row in query(db, f"EXPLAIN QUERY PLAN {sql}", params))
        return []

    node = nodes.make("orvanda")
    monkeypatch.setattr(alarms, "query", explained)
    alarms.came(node.db, 7, 1000)
    assert steps[0] == "SEARCH h USING INTEGER PRIMARY KEY (rowid>?)"
    alarms.versions(node.db, ["malware--1"])
    assert "SEARCH h USING INDEX holding_object (object=?)" in steps
    assert not any("SCAN" in step or "ORDER BY" in step for step in steps), steps


def test_who_gave_an_object_is_found_by_the_object(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def explained(db: str, sql: str, params: Any = ()) -> list[Any]:
        steps.extend(row[3] for row in query(db, f"EXPLAIN QUERY PLAN {sql}", params))
        return []

    monkeypatch.setattr(given, "query", explained)
    given.given(nodes.make("orvanda").db, ["indicator--1"])
    assert "SEARCH h USING INDEX holding_object (object=?)" in steps
    assert not any("SCAN" in step for step in steps), steps


def test_a_shelf_is_found_by_its_id_before_its_alias_before_its_source(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    first = circles.open_intake(node, name="first", title="First")
    called = circles.open_intake(node, name=uuid_of("a"), title="Called so")
    with writing(node.db):
        for name in (first.id, called.source):
            row = first._replace(id=uuid_of(name), source=f"of {name}", alias=name)
            append.insert_shelf(node.db, row)
    assert objects.shelf(node.db, first.id) == first
    aliased = objects.shelf(node.db, called.source)
    assert aliased is not None
    assert aliased.alias == called.source
    assert objects.shelf(node.db, "first") == first
    assert objects.shelf(node.db, "") is None
