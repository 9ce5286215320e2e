"""Circles and the tokens for them, by the command line."""

from __future__ import annotations

from comity.edge.taxii import routes
from comity.services.node import Node, open_node
from comity.services.sharing import callers, overview, shelf
from comity.store.access import tokens as access
from tests.edge.desk import Desk
from tests.sharing import indicator, share


def node_of(desk: Desk, who: str) -> Node:
    return open_node(desk.home / who, desk.ports())


def create(desk: Desk, *more: str) -> dict[str, str]:
    """Open a circle of Orvanda and Tolmere."""
    terms = ("--title", "Lantern Sea", "--with", "tolmere", "--tlp", "amber+strict")
    made: dict[str, str] = desk.json("orvanda", "circle", "create", *terms, *more)
    return made


def test_a_circle_is_opened_listed_and_shown_with_its_collections_address(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    made = create(desk, "--retention", "30", "--attribution", "must", "--forward", "members")
    url = f"http://127.0.0.1:8440/taxii2/api/collections/{made['collection']}/"
    assert made["url"] == url
    told = desk.ok("orvanda", "circle", "create", "--title", "Another", "--purpose", "research")
    assert f"Circle      {desk.json('orvanda', 'circle', 'list')['circles'][0]['dossier']}" in told
    assert "Collection  http://127.0.0.1:8440/taxii2/api/collections/" in told
    listed = desk.ok("orvanda", "circle", "list")
    assert "Lantern Sea · 2 members · TLP:AMBER+STRICT at most · 0 objects" in listed
    share(node_of(desk, "orvanda"), made["dossier"], indicator("one"))  # type: ignore[arg-type]
    for name in (made["dossier"][:8], made["collection"], "lantern sea"):
        shown = desk.ok("orvanda", "circle", "show", name)
        assert f"    {url}\n" in shown
        assert "  member   Tolmere\n" in shown
        assert "  Kept for (days): 30\n" in shown
        assert "· 1 object\n" in shown
    value = desk.json("orvanda", "circle", "show", made["dossier"])
    assert value["terms"]["attribution"] == "must"
    assert (value["objects"], value["batches"], value["flaws"]) == (1, 1, 0)


def test_a_successor_without_a_member_keeps_the_collection(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    made = create(desk)
    next_ = desk.json(
        "orvanda", "circle", "create", "--title", "Lantern Sea", "--succeeds", made["dossier"]
    )
    assert next_["collection"] == made["collection"]
    assert next_["dossier"] != made["dossier"]


def test_what_makes_no_circle_is_refused_by_the_name_of_its_option(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    wrong = ("circle", "create", "--title", "x", "--purpose", "war")
    assert "--purpose" in desk.refused("orvanda", *wrong)["reason"]
    dossier = desk.open("orvanda", "tolmere")
    assert desk.refused("orvanda", "circle", "show", dossier)["rule"] == "S4"
    assert desk.refused("orvanda", "circle", "show", "abcd1234")["rule"] == "S3"
    assert "There is no circle" in desk.ok("orvanda", "circle", "list")
    explained = desk.ok("orvanda", "circle", "create", "--title", "x", "--explain")
    assert "--retention" in explained
    assert "--encrypt-in-transit" in explained


def test_a_token_is_made_as_a_client_needs_it(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    made = create(desk)
    create_token = ("token", "create", "--scope", "taxii:read", "--name")
    got = desk.json("orvanda", *create_token, "opencti", "--scope", "taxii:write", "--tlp", "amber")
    assert got["discovery"] == "http://127.0.0.1:8440/taxii2/"
    assert (got["user"], got["scopes"]) == ("opencti", ["taxii:read", "taxii:write"])
    assert made["url"] in [each["url"] for each in got["collections"]]
    node = node_of(desk, "orvanda")
    row = access.token(node.db, got["id"])
    assert row is not None
    assert row.used_at is None
    caller = callers.of_basic(node, got["user"], got["password"])
    assert (caller.reads, caller.writes, caller.ceiling.value) == (True, True, "amber")
    assert {each.id for each in shelf.shelves(node, caller)} >= {made["collection"]}

    one = desk.json(
        "orvanda", *create_token, "A: b", "--collection", made["dossier"], "--days", "2"
    )
    assert one["user"] == one["id"], "a colon would end the user's name"
    assert [each["id"] for each in one["collections"]] == [made["collection"]]
    told = desk.ok("orvanda", *create_token, "siem", "--constituent")
    assert "User       siem\nPassword   comity_" in told
    assert desk.refused("orvanda", *create_token, "x", "--tlp", "red")["rule"] == "S10"
    assert desk.refused("orvanda", *create_token, "x", "--scope", "api")["rule"] == "S4"
    assert desk.refused("orvanda", *create_token, "x", "--collection", "beef")["rule"] == "S3"


def test_addresses_are_those_of_the_server(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    node = node_of(desk, "orvanda")
    made = create(desk)
    route = routes.find(overview.address(node, made["collection"]).removeprefix(node.address))
    assert route is not None
    assert (route.name, route.first) == ("collection", made["collection"])
    found = routes.find(overview.discovery(node).removeprefix(node.address))
    assert found is not None
    assert found.name == routes.DISCOVERY
