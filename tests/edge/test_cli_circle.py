"""Sharing objects in a circle by the commands that every protocol has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from tests.edge.desk import Desk
from tests.sharing import indicator

TERMS = (
    *("--title", "Harbours", "--text", "What harbours see.", "--purpose", "defence"),
    *("--publishers", "all", "--forward", "ask", "--tlp", "amber"),
)


def kinds(desk: Desk, who: str, dossier: str) -> list[str]:
    found: list[dict[str, Any]] = desk.json(who, "show", dossier)["acts"]
    return [act["kind"] for act in found]


def bundle(path: Path, *names: str) -> Path:
    objects = [indicator(name) for name in names]
    path.write_bytes(orjson.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}))
    return path


def test_a_bundle_is_published_retracted_and_taken_out_of_use(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    first = bundle(desk.home / "seen.json", "one", "two", "three")
    opening = ("open", "circle", *TERMS, "--with", "tolmere", "--attach", first, "--yes")
    opened = desk.json("orvanda", *opening)
    circle, (batch,) = opened["dossier"], opened["batches"]
    assert "Circle" in desk.ok("orvanda", "show", circle)
    second = bundle(desk.home / "more.json", "three", "four")
    more = desk.json("orvanda", "say", circle, "publish", "--attach", second, "--yes")
    assert more["objects"] == 2
    desk.sync("orvanda", "tolmere")
    assert kinds(desk, "tolmere", circle) == ["charter", "publish", "publish"]
    desk.json(
        "orvanda", "say", circle, "retract", "--ref", batch, "--parts", "0, 2", "--reason", "wrong",
        "--yes",
    )  # fmt: skip
    desk.sync("orvanda", "tolmere")
    # The node applies it, and says so by itself.
    assert kinds(desk, "tolmere", circle)[-2:] == ["retract", "applied"]
    assert desk.json("tolmere", "inbox", "--keep")["needs"] == []


def test_what_is_no_object_is_not_published(desk: Desk) -> None:
    desk.make("orvanda")
    circle = desk.json("orvanda", "open", "circle", *TERMS, "--yes")["dossier"]
    plain = desk.home / "note.txt"
    plain.write_text("Words.", encoding="utf-8")
    refused = desk.refused("orvanda", "say", circle, "publish", "--attach", plain, "--yes")
    assert "files cannot be sent with this" in refused["reason"]
    refused = desk.refused("orvanda", "say", circle, "publish", "--yes")
    assert "send a STIX 2.1 bundle" in refused["reason"]
    assert kinds(desk, "orvanda", circle) == ["charter"]
