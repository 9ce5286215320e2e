"""Objects are looked up by half of their UUID, and are found and told apart as by the whole id."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.ids import Id
from comity.services.node import Node
from comity.services.sharing import circles
from comity.services.sharing.answering import find_object
from comity.store import database
from comity.store.access import alarms, around, exchanges, objects
from comity.store.access import given as given_by
from comity.store.access.exchanges import SENT, PushedRow
from comity.store.access.objects import Asked, Sight
from comity.store.append import exchanges as given_
from comity.store.halves import between, half
from comity.store.sql import query, writing
from tests.databases import Pool
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce
from tests.sharing import CREATED, indicator, open_circle, share, uuid_of

ONE = indicator("one", tlp="clear")
TWIN = {
    "type": "campaign",
    "spec_version": "2.1",
    "id": f"campaign--{uuid_of('one')}",
    "created": CREATED,
    "modified": CREATED,
    "name": "Lantern",
    "object_marking_refs": ONE["object_marking_refs"],
}
SIBLING = {**TWIN, "id": f"{TWIN['id'][:-1]}{'0' if TWIN['id'][-1] != '0' else '1'}"}
"""An object of another UUID with the same half."""


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    """A node with a circle in which three objects of one half stand."""
    found, other = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(found, other)
    share(found, open_circle(found, other), ONE, TWIN, SIBLING)
    return found


@given(st.uuids(), st.uuids(), st.integers(1, 35))
def test_numbers_are_in_the_order_of_uuids(one: object, two: object, digits: int) -> None:
    low, high = sorted((f"tool--{one}", f"tool--{two}"))
    assert -(2**63) <= half(low) <= half(high) < 2**63
    found = between(low[: len("tool--") + digits])
    assert found is not None
    assert found[0] <= half(low) <= found[1]
    assert found == between(low[: len("tool--") + digits].replace("tool", "x-tool"))


def test_letters_of_a_uuid_are_read_in_either_case() -> None:
    assert half(ONE["id"]) == half(ONE["id"][:11] + ONE["id"][11:].upper())


@pytest.mark.parametrize("text", ["", "malware", "malware--", "malware---", "malware--x", "a--é"])
def test_what_says_no_digit_may_be_any(text: str) -> None:
    assert between(text) is None


def test_a_few_digits_say_from_where_to_where() -> None:
    assert between("tool--f") == (0x7000000000000000, 0x7FFFFFFFFFFFFFFF)
    assert between("tool--00000000-0000-4") == (-(2**63) + 0x4000, -(2**63) + 0x4FFF)


@pytest.mark.parametrize("id_", ["malware--1", "", f"x--{' ' * 20}{uuid_of('one')[20:]}"])
def test_what_ends_in_no_uuid_has_a_number_too(id_: str) -> None:
    digest = hashlib.sha256(id_.encode()).digest()
    assert half(id_) == int.from_bytes(digest[:8]) - 2**63


def test_objects_of_one_half_are_told_apart(orvanda: Node) -> None:
    db, ids = orvanda.db, [ONE["id"], TWIN["id"], SIBLING["id"]]
    assert len({half(id_) for id_ in ids}) == 1
    (shelf,) = circles.ensure(orvanda)
    (number,) = (number for number, _ in objects.source_sets(db))
    sight = Sight((shelf.number,), ((number, 4),))
    for id_ in ids:
        assert [key[0] for key in objects.numbers(db, [id_])] == [id_]
        assert [each.stix_id for each in objects.standing(db, shelf.number, [id_])] == [id_]
        assert [row.stix_id for row in objects.page(db, sight, Asked((id_,)), limit=9)] == [id_]
        assert len(objects.holdings_of(db, id_)) == 1
        assert [row.stix_id for row in alarms.versions(db, [id_])] == [id_]
        assert [row.stix_id for row in given_by.given(db, [id_])[id_]] == [id_]
    assert len(objects.numbers(db, ids)) == 3


def test_objects_are_found_by_how_their_ids_begin(orvanda: Node) -> None:
    db, begun = orvanda.db, TWIN["id"][:-1]
    both = sorted([TWIN["id"], SIBLING["id"]])
    for prefix in ("c", "campaign", "campaign--", "campaign--" + uuid_of("one")[:1], begun):
        assert around.ids_like(db, prefix, 9) == both
    assert around.ids_like(db, begun, 1) == both[:1]
    assert around.ids_like(db, "campaign--zz", 9) == []
    assert find_object(orvanda, ONE["id"][:20]) == ONE["id"]
    assert find_object(orvanda, TWIN["id"]) == TWIN["id"]
    with refused("S4"):
        find_object(orvanda, begun)


def test_what_is_withdrawn_is_found_beyond_a_first_piece(
    orvanda: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchanges, "CHUNK", 2)
    db = orvanda.db
    (shelf,) = circles.ensure(orvanda)
    (number,) = (number for number, _ in objects.source_sets(db))
    gone = [f"tool--{uuid_of(str(n))}" for n in range(5)]
    there = [(row[0], row[1]) for row in objects.numbers(db, [ONE["id"], TWIN["id"]])]
    rows = [*there, *((id_, 7) for id_ in gone), (ONE["id"], 7)]
    sent = [PushedRow("key", *row, b"h" * 32, SENT, "", n % 3) for n, row in enumerate(rows)]
    with writing(db):
        given_.put(db, sent)
    seen = Sight((shelf.number,), ((number, 4),))
    wanted = sorted((row for row in sent[2:]), key=lambda row: (row.at, row.stix_id, row.version))
    assert exchanges.withdrawn(db, "key", seen, 9) == wanted
    assert exchanges.withdrawn(db, "key", seen, 3) == wanted[:3]
    assert exchanges.withdrawn(db, "other", seen, 9) == []
    for blind in (
        Sight((), seen.passes),
        Sight(seen.shelves, ()),
        Sight((shelf.number,), ((9, 4),)),
    ):
        assert len(exchanges.withdrawn(db, "key", blind, 9)) == len(sent)


def test_the_same_bytes_are_kept_once(orvanda: Node) -> None:
    (shelf,) = circles.ensure(orvanda)
    done = share(orvanda, Id(shelf.source), ONE, TWIN)
    assert [each.id for each in done.held] == [ONE["id"], TWIN["id"]]
    assert query(orvanda.db, "SELECT COUNT(*) FROM store_objectversion") == [(3,)]


def require_numbered(where: str) -> None:
    """Play the migration over a database with objects in it."""
    db = database.open_database("older", where)
    try:
        call_command("migrate", "store", "0006", database=db, verbosity=0)
        sql = (
            "INSERT INTO store_objectversion (n, stix_id, version, created, type, hash, tlp, size, "
            "data, worded, mark_at, mark_end) VALUES (%s, %s, 1, 1, 'tool', %s, 0, 2, %s, %s, 0, 0)"
        )
        ids = [f"tool--{uuid_of(str(n))}" for n in range(2500)]
        with writing(db):
            for n, id_ in enumerate(ids, 1):
                query(db, sql, (n, id_, b"h", b"{}", False))
        database.migrate(db)
        rows = query(db, "SELECT stix_id, half FROM store_objectversion ORDER BY n")
        assert rows == [(id_, half(id_)) for id_ in ids]
        assert len(objects.numbers(db, ids)) == len(ids)
    finally:
        database.close_database(db)


@pytest.mark.slow
def test_objects_of_an_older_database_are_numbered(tmp_path: Path) -> None:
    require_numbered(str(tmp_path / "older"))


@pytest.mark.slow
def test_objects_of_an_older_database_of_a_server_are_numbered(pool: Pool) -> None:
    require_numbered(pool.bare())
