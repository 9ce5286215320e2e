"""Warninglists by the command line."""

from __future__ import annotations

import orjson

from tests.edge.desk import Desk
from tests.services.test_warning import HARBOUR


def test_lists_are_added_listed_and_removed(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    file = desk.home / "list.json"
    file.write_bytes(orjson.dumps(HARBOUR))
    said = desk.ok("orvanda", "warninglist", "add", file).splitlines()
    assert said[0].startswith("Harbour Authority's own: 1 entry, domain, url, kept as harbour-")
    assert said[1] == "Not used: not a name: This is no name of a host."
    listed = desk.json("orvanda", "warninglist", "list")["lists"]
    assert listed[-1].items() >= {"name": HARBOUR["name"], "entries": 1, "skipped": 1}.items()
    assert listed[0]["file"] == ""
    assert "Special-purpose IPv4 addresses" in desk.ok("orvanda", "warninglist", "list")
    removed = desk.ok("orvanda", "warninglist", "remove", str(HARBOUR["name"]))
    assert removed == "Harbour Authority's own is asked no more.\n"
    assert desk.refused("orvanda", "warninglist", "remove", "x")["rule"] == "S3"
