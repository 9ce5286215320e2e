"""Sharing objects in a circle by the commands that every protocol has."""

from __future__ import annotations

from typing import Any

from tests.edge.desk import Desk
from tests.edge.test_cli_dossiers import stix

TERMS = (
    *("--title", "Harbours", "--text", "What harbours see.", "--purpose", "defence"),
    *("--publishers", "all", "--forward", "ask", "--tlp", "amber"),
)


def kinds(desk: Desk, who: str, dossier: str) -> list[str]:
    found: list[dict[str, Any]] = desk.json(who, "show", dossier)["acts"]
    return [act["kind"] for act in found]


def test_a_bundle_is_published_retracted_and_taken_out_of_use(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    bundle = stix(desk.home / "seen.json", 3)
    opening = ("open", "circle", *TERMS, "--with", "tolmere", "--attach", bundle, "--yes")
    opened = desk.json("orvanda", *opening)
    circle, (batch,) = opened["dossier"], opened["batches"]
    assert "Circle" in desk.ok("orvanda", "show", circle)
    more = desk.json("orvanda", "say", circle, "publish", "--attach", bundle, "--yes")
    assert more["objects"] == 3
    desk.sync("orvanda", "tolmere")
    assert kinds(desk, "tolmere", circle) == ["charter", "publish", "publish"]
    gone = desk.json(
        "orvanda", "say", circle, "retract", "--ref", batch, "--parts", "0, 2", "--reason", "wrong",
        "--yes",
    )["id"]  # fmt: skip
    desk.sync("orvanda", "tolmere")
    (need,) = desk.json("tolmere", "inbox", "--keep")["needs"]
    assert (need["step"], need["subject"]) == ("applied", gone)
    assert "YOURS  Remove what Orvanda retracted, or say why you keep it" in desk.ok(
        "tolmere", "inbox"
    )
    desk.ok("tolmere", "say", circle, "applied", "--ref", gone, "--how", "removed", "--yes")
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
