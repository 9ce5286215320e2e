"""Sharing objects by the command line: from files to every member, and what they say of it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.services.node import open_node
from tests.edge.desk import Desk, party
from tests.edge.test_cli_circles import create
from tests.sharing import indicator

ONE, TWO = indicator("one", name="Gale"), indicator("two", tlp="green")
OLD = {
    "type": "bundle",
    "id": "bundle--0a4a0b3e-6a0c-4a0e-9f52-0f0d3e1c2b1a",
    "spec_version": "2.0",
    "objects": [
        {
            "type": "malware",
            "id": "malware--2b1e3c4d-5f60-4718-8a9b-0c1d2e3f4a5b",
            "created": "2026-11-01T08:00:00.000Z",
            "modified": "2026-11-01T08:00:00.000Z",
            "name": "Squall",
            "labels": ["bot"],
        }
    ],
}


def write(desk: Desk, name: str, value: object) -> Path:
    path = desk.home / name
    data = value if isinstance(value, bytes) else orjson.dumps(value)
    path.write_bytes(data)
    return path


def bundle(*objects: object) -> dict[str, object]:
    return {"type": "bundle", "id": "bundle--1", "objects": [*objects]}


@pytest.fixture
def circle(desk: Desk) -> str:
    """A circle of Orvanda and Tolmere, known at both."""
    desk.make("orvanda", "tolmere")
    return create(desk, "--forward", "members")["dossier"]


def shared(desk: Desk, circle: str, *objects: object) -> Any:
    """Let Orvanda share objects, and carry them to Tolmere."""
    told = desk.json("orvanda", "share", write(desk, "some.json", bundle(*objects)),
                     "--circle", circle)  # fmt: skip
    desk.sync("orvanda", "tolmere")
    return told


def found(desk: Desk, who: str, *asked: str) -> set[str]:
    return {each["id"] for each in desk.json(who, "search", *asked)["objects"]}


def test_files_of_every_kind_are_shared_and_each_object_has_its_verdict(
    desk: Desk, circle: str
) -> None:
    bad = {**indicator("bad"), "pattern": ""}
    paths = [
        write(desk, "bundle.json", bundle(ONE, bad)),
        write(desk, "one.json", TWO),
        write(desk, "list.json.gz", gzip.compress(orjson.dumps([indicator("list")]))),
        write(desk, "old.json", OLD),
        write(desk, "none.json", b"{"),
    ]
    before = desk.run("orvanda", "share", *paths, "--circle", circle, "--dry-run", "--json")
    assert before.exit_code == 1
    would = orjson.loads(before.stdout)
    assert would["verdicts"] == {"would be published": 4, "refused": 2}
    assert would["members"][0]["sees"] == {"green": 1, "amber": 3}
    assert would["acts"] == []
    assert found(desk, "orvanda") == set()

    got = desk.run("orvanda", "share", *paths, "--circle", "lantern sea")
    assert got.exit_code == 1
    assert "WHO WILL BE ABLE TO READ IT\n  Tolmere: 4 objects\n" in got.stdout
    assert f"  {ONE['id']} · TLP:AMBER · [" in got.stdout
    assert f"  left out: {bad['id']} bundle.json: objects[1].pattern: " in got.stdout
    assert "  left out: none.json: " in got.stdout
    assert got.stdout.endswith("Published 4, there already 0, left out 2.\n")
    again = desk.json("orvanda", "share", paths[1], "--circle", circle)
    assert (again["verdicts"], again["acts"]) == ({"there already": 1}, [])
    desk.sync("orvanda", "tolmere")
    assert len(found(desk, "tolmere")) == 4


def test_what_claims_who_did_it_goes_only_when_that_is_said(desk: Desk, circle: str) -> None:
    claim = indicator("who", name="Attributed to APT 99")
    paper = [{"source_name": "A paper", "description": "Page 3"}]
    sourced = indicator("sourced", name="Attributed to APT 99", external_references=paper)
    path = write(desk, "some.json", bundle(ONE, claim, sourced))
    share = ("share", path, "--circle", circle, "--json")
    for more, left, code in (
        ((), {claim["id"], sourced["id"]}, 1),
        (("--claims", "leave"), {claim["id"], sourced["id"]}, 0),
        (("--claims", "keep"), {claim["id"]}, 1),
    ):
        got = desk.run("orvanda", *share, "--dry-run", *more)
        told = orjson.loads(got.stdout)["objects"]
        assert {each["id"] for each in told if each.get("rule") == "X25"} == left
        assert got.exit_code == code
    assert desk.run("orvanda", *share).exit_code == 1
    assert found(desk, "orvanda") == {ONE["id"]}
    assert desk.refused("orvanda", *share[:-1], "--claims", "x")["rule"] == "S4"


def test_what_claims_who_did_it_goes_without_that(desk: Desk, circle: str) -> None:
    claim = indicator("who", name="Gale", description="By APT 99.")
    path = write(desk, "some.json", bundle(claim))
    share = ("share", path, "--circle", circle, "--claims", "strip")
    told = desk.ok("orvanda", *share, "--dry-run")
    assert f"would be published · made of {claim['id']}, without its claims" in told
    made, tied = desk.json("orvanda", *share)["objects"]
    assert made["of"] == tied["of"] == claim["id"]
    assert (made["verdict"], made["id"] != claim["id"]) == ("published", True)
    desk.sync("orvanda", "tolmere")
    assert found(desk, "tolmere") == {made["id"], tied["id"]}
    again = desk.json("orvanda", *share)
    assert (again["verdicts"], again["acts"]) == ({"there already": 2}, [])


def test_what_is_on_a_list_of_the_harmless_is_told_and_goes(desk: Desk, circle: str) -> None:
    path = write(desk, "one.json", indicator("own", pattern="[ipv4-addr:value = '127.0.0.1']"))
    told = desk.json("orvanda", "share", path, "--circle", circle)
    assert told["warnings"][0]["value"] == "127.0.0.1/32"
    assert told["verdicts"] == {"published": 1}
    again = indicator("again", pattern="[ipv4-addr:value = '127.0.0.1']")
    said = desk.ok("orvanda", "share", write(desk, "o.json", again), "--circle", circle)
    assert "ON A LIST OF THE HARMLESS: 127.0.0.1/32 · " in said


def test_what_is_unmarked_gets_the_label_that_is_said(desk: Desk, circle: str) -> None:
    path = write(desk, "one.json", ONE)
    told = desk.json("orvanda", "share", path, "--circle", circle, "--tlp", "green")
    assert told["objects"][0]["tlp"] == "green"
    assert [each["tlp"] for each in desk.json("orvanda", "search")["objects"]] == ["green"]


def test_objects_are_looked_for(desk: Desk, circle: str) -> None:
    domain = indicator("dom", pattern="[domain-name:value = 'gale.example']", type="indicator")
    shared(desk, circle, ONE, TWO, domain)
    assert found(desk, "tolmere", "gale") >= {ONE["id"]}
    assert found(desk, "tolmere", "--value", "192.0.2.0/24") == {ONE["id"], TWO["id"]}
    assert found(desk, "tolmere", "--value", "gale.example") == {domain["id"]}
    assert found(desk, "tolmere", "--tlp", "green", "--collection", circle) == {TWO["id"]}
    assert found(desk, "tolmere", "--type", "malware") == set()
    assert found(desk, "tolmere", "--since", "2030-01-01") == set()
    assert len(found(desk, "tolmere", "--since", "2026-01-01T00:00Z", "--limit", "2")) == 2
    assert "Nothing of what is here fits." in desk.ok("tolmere", "search", "nowhere")
    line = desk.ok("tolmere", "search", "--value", "192.0.2.7", "--tlp", "amber")
    assert line == f"{ONE['id']} · TLP:AMBER · Lantern Sea · Gale\n"
    assert desk.refused("tolmere", "search", "--since", "soon")["rule"] == "S4"


def test_techniques_are_told_by_their_names(desk: Desk, circle: str) -> None:
    named = {"source_name": "mitre-attack", "external_id": "T1086"}
    shared(desk, circle, indicator("skilled", external_references=[named]))
    told = "T1086 PowerShell is revoked. Instead: T1059.001 Command and Scripting Interpreter: "
    assert desk.ok("tolmere", "search", "T1086").splitlines()[0].startswith(told)
    (object_,) = found(desk, "tolmere", "--value", "T1086")
    assert f"  {told}PowerShell.\n" in desk.ok("tolmere", "object", object_)
    value = {"id": "T1086", "name": "PowerShell", "state": "revoked", "instead": ["T1059.001"]}
    for asked in (("search", "--value", "t1086"), ("object", object_)):
        assert desk.json("tolmere", *asked)["techniques"] == [value]


def test_an_object_shows_whose_hands_it_came_through_also_to_a_stranger(
    desk: Desk, circle: str
) -> None:
    shared(desk, circle, ONE)
    further = desk.json("tolmere", "circle", "create", "--title", "Far", "--with", "orvanda")
    told = desk.ok("tolmere", "forward", ONE["id"], "--to", further["dossier"])
    assert told == "Forwarded: 1 object.\n"
    file = desk.home / "object.json"
    shown = desk.ok("tolmere", "object", ONE["id"][:20], "--circle", "Far", "--evidence", file)
    assert f"{ONE['id']} · Gale\n" in shown
    assert "  version 2026-11-01 08:00 UTC · TLP:AMBER · in Lantern Sea\n" in shown
    assert " published by Orvanda (" in shown
    assert " forwarded by Tolmere (" in shown

    got = desk.run("nobody", "verify-object", file, "--out", desk.home / "out.json")
    assert got.exit_code == 3
    assert got.stdout.startswith("CONSISTENT, IDENTITY NOT CHECKED\n")
    assert orjson.loads((desk.home / "out.json").read_bytes()) == ONE
    ids = [party(desk, who) for who in ("orvanda", "tolmere")]
    known = [word for id_ in ids for word in ("--party", id_)]
    assert desk.json("nobody", "verify-object", file, *known)["verdict"] == "verified"
    assert desk.ok("tolmere", "verify-object", file, "--known").startswith("VERIFIED\n")
    assert desk.refused("nobody", "verify-object", file, "--party", "orvanda")["rule"] == "S4"
    file.write_bytes(file.read_bytes().replace(b'"data":"ey', b'"data":"eX'))
    assert desk.refused("nobody", "verify-object", file)["rule"] == "W3"
    assert desk.refused("tolmere", "object", "indicator--beef")["rule"] == "S3"


def test_what_an_object_was_worth_is_said_where_it_came_from(desk: Desk, circle: str) -> None:
    shared(desk, circle, ONE, TWO)
    seen = ("--count", "3", "--first", "2026-11-02T00:00Z", "--last", "2026-11-03T00:00Z")
    told = desk.ok("tolmere", "sighting", TWO["id"], "--as", "seen", *seen, "--text", "Proxy")
    assert told.startswith("Said in Lantern Sea: seen [")
    desk.sync("tolmere", "orvanda")
    said = desk.ok("orvanda", "show", circle)
    assert "Tolmere on an object: seen" in said
    assert "| Proxy" in said
    refused = desk.refused("tolmere", "sighting", TWO["id"], "--as", "nice")
    assert refused["reason"].startswith("--as is one of: seen, false_positive, expired, useful")
    assert desk.refused("tolmere", "sighting", "indicator--", "--as", "seen")["rule"] == "S4"


def test_what_was_published_is_relabelled_and_taken_back_by_its_author(
    desk: Desk, circle: str
) -> None:
    shared(desk, circle, ONE, TWO)
    assert desk.refused("tolmere", "retract", ONE["id"], "--reason", "wrong")["rule"] == "X24"
    told = desk.ok("orvanda", "relabel", ONE["id"], "--tlp", "amber+strict")
    assert told == "TLP:AMBER+STRICT in Lantern Sea from now on.\n"
    told = desk.ok("orvanda", "retract", TWO["id"], "--reason", "wrong")
    assert told == "Taken back from Lantern Sea.\n"
    desk.sync("orvanda", "tolmere")
    for who in ("orvanda", "tolmere"):
        assert found(desk, who) == {ONE["id"]}
        assert found(desk, who, "--tlp", "amber+strict") == {ONE["id"]}
    desk.sync("tolmere", "orvanda")
    assert "removed" in desk.ok("orvanda", "show", circle)


def test_the_source_is_asked_and_answers(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    circle = create(desk)["dossier"]
    shared(desk, circle, ONE)
    far = desk.json("tolmere", "circle", "create", "--title", "Far", "--with", "orvanda")
    got = desk.run("tolmere", "forward", ONE["id"], "--to", far["dossier"])
    assert got.exit_code == 1
    assert "(L6)" in got.stdout
    why = ("--text", "For a partner.")
    told = desk.ok("tolmere", "ask-source", ONE["id"], "--for", "forward", *why)
    assert told.startswith("Asked Orvanda for permission to forward it [")
    desk.sync("tolmere", "orvanda")
    (ask,) = desk.json("orvanda", "permit")["asks"]
    assert "Tolmere asks for permission to forward it" in desk.ok("orvanda", "permit")
    assert "asked    Tolmere" in desk.ok("orvanda", "circle", "show", circle)
    assert desk.ok("orvanda", "permit", ask["act"][:8], "--answer", "yes").startswith("Answered")
    desk.sync("orvanda", "tolmere")
    carried = desk.json("tolmere", "forward", ONE["id"], "--to", far["dossier"])
    assert (len(carried["acts"]), carried["refused"]) == (1, [])
    assert desk.refused("orvanda", "permit", carried["acts"][0])["rule"] == "S3"


def test_what_came_from_outside_has_no_source_to_be_asked(desk: Desk, circle: str) -> None:
    from comity.bridges.stix import reading
    from comity.services.sharing import circles, publishing
    from comity.services.sharing.schemas import stix_schemas

    node = open_node(desk.home / "orvanda", desk.ports())
    shelf = circles.open_intake(node, name="feed", title="A feed")
    batch, _ = reading.read_all([orjson.dumps(ONE)], stix_schemas())
    publishing.add_to_intake(node, shelf, batch)
    assert "came from outside: nobody signed it" in desk.ok("orvanda", "object", ONE["id"])
    assert desk.refused("orvanda", "sighting", ONE["id"], "--as", "seen")["rule"] == "S4"
    assert desk.refused("orvanda", "retract", ONE["id"], "--reason", "x", "--circle", circle)
    told = desk.ok("orvanda", "retract", ONE["id"], "--reason", "wrong")
    assert told == "Taken back from A feed.\n"
    assert found(desk, "orvanda") == set()
