"""Objects in the forms of other tools, by the command line."""

from __future__ import annotations

import json

import pytest

from tests.edge.desk import Desk

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


def test_what_is_no_label_or_collection_is_refused(desk: Desk) -> None:
    desk.make("orvanda")
    ways = (*EXPORT, desk.home / "x", "--to", "csv", "--for")
    assert desk.refused("orvanda", *ways, "orange")["rule"] == "S4"
    assert desk.refused("orvanda", *ways, "clear", "--collection", "none")["rule"] == "S3"
