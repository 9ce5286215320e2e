"""Objects in the forms of other tools, by the command line."""

from __future__ import annotations

import json

import orjson
import pytest

from tests.edge.desk import Desk
from tests.edge.test_cli_circles import create
from tests.sharing import indicator

EXPORT = ("export-objects", "--out")


@pytest.mark.parametrize("form", ["bundle", "csv", "suricata", "atom", "misp", "misp-feed", "feed"])
def test_an_empty_node_exports_nothing_in_every_form(desk: Desk, form: str) -> None:
    if not (desk.home / "orvanda").exists():
        desk.make("orvanda")
    folder = desk.home / form
    said = desk.json("orvanda", *EXPORT, folder, "--to", form, "--for", "green")
    assert (said["objects"], said["left_out"]) == (0, [])
    assert sorted(str(each.relative_to(folder)) for each in folder.rglob("*.*")) == said["files"]
    if form == "feed":
        assert json.loads((folder / "index.json").read_bytes())["tlp"] == "green"
        assert (folder / "index.json.note").read_bytes().startswith(b"comity-feed/1\n")


def test_what_does_not_hold_is_not_for_devices_and_that_is_said(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    circle = create(desk)["dossier"]
    one = indicator("one", valid_from="2026-11-01T08:00:00Z")
    past = indicator("past", valid_from="2026-10-01T08:00:00Z", valid_until="2026-10-02T08:00:00Z")
    old = indicator("old", valid_from="2026-01-01T08:00:00Z", confidence=29)
    file, folder = desk.home / "some.json", desk.home / "lists"
    file.write_bytes(orjson.dumps([one, past, old]))
    desk.ok("orvanda", "share", file, "--circle", circle)
    ways = (*EXPORT, folder, "--to", "lists", "--for", "amber")
    assert desk.json("orvanda", *ways)["ended"] == {"aged": 1, "expired": 1}
    told = "Left out: 2 indicators not to be acted upon now (1 old, 1 expired). "
    assert told in desk.ok("orvanda", *ways)
    assert "Left out" not in desk.ok("orvanda", *ways, "--ended")
    assert desk.json("orvanda", *ways, "--ended")["objects"] == 3
    found = desk.json("orvanda", "search", "--valid", "--limit", "1")["objects"]
    assert [each["id"] for each in found] == [one["id"]]
    shown = desk.ok("orvanda", "object", old["id"])
    assert "  old: It counts as old since " in shown
    assert "  confidence 29 of 100: low (none, low, medium or high)" in shown
    said = desk.json("orvanda", "object", past["id"])["validity"]
    assert (said["state"], said["why"]) == ("expired", "valid_until")


def test_an_alarm_is_told_with_the_object(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    circle = create(desk)["dossier"]
    file, one = desk.home / "one.json", indicator("one", modified="2026-12-24T08:00:00Z")
    file.write_bytes(orjson.dumps(one))
    desk.ok("orvanda", "share", file, "--circle", circle)
    told = "  ALARM X27: Orvanda gave a version dated 2026-12-24 08:00 UTC, more than a day after "
    assert told in desk.ok("orvanda", "object", one["id"])
    (alarm,) = desk.json("orvanda", "object", one["id"])["alarms"]
    assert (alarm["rule"], alarm["version"]) == ("X27", 1798099200000000)


def test_what_is_no_label_or_collection_is_refused(desk: Desk) -> None:
    desk.make("orvanda")
    ways = (*EXPORT, desk.home / "x", "--to", "csv", "--for")
    assert desk.refused("orvanda", *ways, "orange")["rule"] == "S4"
    assert desk.refused("orvanda", *ways, "clear", "--collection", "none")["rule"] == "S3"
