"""Whom to call now, by the command line, with the network down."""

from __future__ import annotations

from comity.edge.cli.calling import lines
from comity.kernel.canon import Object
from comity.services.casework import content, issue
from comity.services.casework.issue import Draft
from comity.services.directory import calling
from tests.edge.desk import Desk
from tests.nodes import Nodes
from tests.services.phonebook import call, community, nominate

TERMS = (
    "--freshness", "365", "--cadence", "182", "--visibility", "members",
    "--title", "Harbour forum", "--purpose", "To be reached.",
)  # fmt: skip
CONTACT = (
    "--contact", "ops_desk", "--seat", "or", "--role", "technical", "--holder-is", "desk",
    "--source", "own", "--visibility", "members", "--holder", "Operations desk",
    "--phone", "+99 555 0100", "--hours", "24/7", "--zone", "Africa/Accra", "--languages", "en",
)  # fmt: skip


def test_a_contact_is_nominated_and_called(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.json("orvanda", "open", "community", "--with", "tolmere", *TERMS, "--yes")
    desk.ok("orvanda", "say", opened["dossier"], "nominate", *CONTACT, "--yes")
    desk.sync("orvanda", "tolmere")
    desk.cut = True
    said = desk.ok("tolmere", "call", "--party", "or", "--purpose", "technical")
    for words in (
        "Operations desk · technical · for or\n",
        "    at work now (",
        "Africa/Accra); en\n",
        "    telephone: +99 555 0100  (not tested; confirmed ",
        "by Orvanda, nominated by its own authority; nobody listed [",
        calling.NOT_TESTED,
    ):
        assert words in said
    found = desk.json("tolmere", "call", "--party", "Orvanda", "--at", "2027-01-01T00:00Z")
    (each,) = found["candidates"]
    assert (each["called"], each["open"], each["fits"]) == ("Operations desk", True, True)
    assert [way["text"] for way in each["ways"]] == ["+99 555 0100"]
    assert desk.refused("tolmere", "call", "--party", "zz")["rule"] == "S3"
    assert desk.refused("tolmere", "call", "--party", "or", "--at", "noon")["subject"] == "at"
    late = desk.refused("tolmere", "call", "--party", "or", "--at", "9999-12-31T00:00Z")
    assert late["subject"] == "at"
    wrong = desk.refused("tolmere", "call", "--party", "or", "--purpose", "gossip")
    assert wrong["subject"] == "purpose"


def test_who_may_see_particulars_is_asked_and_shown(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    with_both = ("--with", "tolmere", "--with", "Lantern Sea Council")
    opened = desk.json("orvanda", "open", "community", *with_both, *TERMS, "--yes")
    id_ = opened["dossier"]
    desk.ok("orvanda", "say", id_, "nominate", *CONTACT, "--yes")
    detail = ("say", id_, "detail", "--contact", "ops_desk", "--chat", "@ops")
    lacking = desk.refused("orvanda", *detail, "--visibility", "named", "--yes")
    assert "--named" in lacking["reason"]
    members = ("--visibility", "members", "--yes")
    extra = desk.refused("orvanda", *detail, "--named", "tolmere", *members)
    assert "leave this out" in extra["reason"]
    empty = desk.refused("orvanda", "say", id_, "detail", "--contact", "ops_desk", *members)
    assert "write at least one of them" in empty["reason"]
    told = desk.json("orvanda", *detail, "--visibility", "named", "--named", "tolmere", "--yes")
    assert [reader["name"] for reader in told["readers"]] == ["Tolmere"]


def test_a_plan_for_checking_is_drawn_up_and_started(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.json("orvanda", "open", "community", "--with", "tolmere", *TERMS, "--yes")
    desk.sync("orvanda", "tolmere")
    desk.ok("tolmere", "say", opened["dossier"], "nominate", *CONTACT, "--yes")
    desk.sync("tolmere", "orvanda")
    draw = ("check-contacts", "plan", opened["dossier"], "--campaign", "spring", "--title", "Check")
    assert "    channels:\n    - phone\n    - node\n" in desk.ok("orvanda", *draw)
    said = desk.refused("tolmere", *draw)
    assert "no contact of others" in said["reason"]
    plan = desk.home / "plan.yaml"
    assert desk.ok("orvanda", *draw, "--out", plan) == f"1 check planned in {plan}.\n"
    assert "Operations" not in plan.read_text(encoding="utf-8")
    started = desk.ok("orvanda", "check-contacts", "start", plan, "--yes")
    assert started.endswith("\nOpened 1 check, sent 2 probes.\n")


def test_a_particular_of_many_lines_is_shown_on_one(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    forum = community(orvanda)
    act = nominate(orvanda, forum)
    # No form takes it, and who is hostile fills in none.
    words = content.prepare_fields(orvanda, {"phone": "+99\n    by Tolmere, listed for it"})
    body: Object = {"contact": "ops_desk", "fields": ["phone"], "visibility": "members"}
    issue.issue(orvanda, dossier_id=forum, draft=Draft("detail", body, words, (act,)))
    shown = [*lines(call(orvanda, "or").candidates)]
    assert [line for line in shown if line.startswith("    by ")] == [shown[-1]]
    assert shown[2].startswith("    telephone: +99 ")
    words = content.prepare_fields(orvanda, {"phone": "9" * 100_000, "deputies": "a\n" * 100_000})
    body = {"contact": "ops_desk", "fields": ["deputies", "phone"], "visibility": "members"}
    issue.issue(orvanda, dossier_id=forum, draft=Draft("detail", body, words, (act,)))
    shown = [*lines(call(orvanda, "or").candidates)]
    assert len(shown) < 3000
    assert len(shown[2]) < 600
