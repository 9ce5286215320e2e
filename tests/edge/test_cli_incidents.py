"""An incident by the command line: described, helped with, and read as it stands."""

from __future__ import annotations

from tests.edge.desk import Desk
from tests.edge.test_cli_consultation import options, say


def test_an_incident_is_read_as_it_stands(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    desk.ok("orvanda", "sync")
    assert desk.ok("tolmere", "incident", opened).strip() == "Nothing is known of it yet."
    say(desk, "orvanda", opened, "describe", services="all", essential="yes")
    say(desk, "tolmere", opened, "event", what="detection", at="2026-05-01T02:40Z", text="Alarm.")
    say(desk, "tolmere", opened, "task", title="Look at quay 4", due="2030-05-01T00:00Z")
    ask = say(desk, "orvanda", opened, "ask", to="tolmere", verb="block-host", text="Please.")
    told = desk.ok("tolmere", "incident", opened).splitlines()
    assert "  Services: none works" in told
    level = next(line for line in told if "United Kingdom" in line)
    assert "at least highly significant incident" in level
    assert level.endswith("[not verified]")
    assert "2026-05-01 02:40 UTC  detection, Tolmere" in told
    assert "Task of Tolmere: Look at quay 4, to be done, by 2030-05-01 00:00 UTC" in told
    assert "  Tolmere: no word yet" in told
    say(desk, "tolmere", opened, "answer", ask, result="will", when="2030-05-01T00:00Z")
    say(desk, "orvanda", opened, "offer", to="tolmere", verbs="training", text="We can teach.")
    meant = {"verb": "block-host", "from": "2030-05-01T00:00Z", "until": "2030-05-02T00:00Z"}
    for who in ("orvanda", "tolmere"):
        words = options(observables="198.51.100.7", **meant)
        desk.ok(who, "say", opened, "intend", *words, "--yes")
        desk.ok(who, "sync")
    other = desk.open("orvanda", "tolmere")
    words = options(relation="related", dossier=other)
    desk.ok("orvanda", "say", opened, "link", *words, "--yes")
    desk.ok("orvanda", "sync")
    told = desk.ok("tolmere", "incident", opened).splitlines()
    assert "  Tolmere: we will, by 2030-05-01 00:00 UTC" in told
    assert any("Orvanda offers Tolmere: train users" in line for line in told)
    assert sum("SAME TARGET: " in line for line in told) == 2
    assert any(line.startswith("Orvanda: related to it ") for line in told)
    found = desk.json("tolmere", "incident", opened)
    assert {r["scheme"] for r in found["descriptions"][0]["ratings"]} == {"nis2", "uk", "nciss"}
    (desk.home / "tolmere" / "severity.yaml").write_text("no list", encoding="utf-8")
    assert "it holds a list of schemes" in desk.ok("tolmere", "incident", opened)


def test_who_should_be_told_next_is_said_with_the_reason(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    opened = desk.open("orvanda", "tolmere")
    desk.ok("orvanda", "sync")
    assert desk.ok("orvanda", "incident", opened, "--next").strip() == "Nobody is proposed."
    say(desk, "orvanda", opened, "describe", parties="lantern")
    told = desk.ok("orvanda", "incident", opened, "--next").splitlines()
    (each,) = desk.json("orvanda", "incident", opened, "--next")["proposed"]
    assert told[0] == f"Lantern Sea Council [{each['party'][:8]}]"
    assert told[1] == "  Its people or services are affected, as Orvanda said."


def test_what_is_no_incident_is_said_to_be_none(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    words = options(title="A scan", text="Of all.", activity="scan", effect="none")
    times = options(begins="2030-05-01T00:00Z", ends="2030-05-02T00:00Z")
    opened = desk.json("orvanda", "open", "planned", "--with", "tolmere", *words, *times, "--yes")
    assert desk.refused("orvanda", "incident", opened["dossier"])["rule"] == "S3"
