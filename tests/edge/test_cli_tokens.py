"""Tokens at the command line: made for a person who is here, listed, and revoked."""

from __future__ import annotations

from comity.services.node import open_node
from comity.services.people import actors, tokens
from comity.store.access.people import audit
from tests.edge.desk import Desk
from tests.edge.program import person


def test_tokens_are_made_listed_and_revoked_at_the_machine(desk: Desk) -> None:
    desk.make("orvanda")
    node = open_node(desk.home / "orvanda", desk.ports())
    person(node, "ada", "duty_officer")
    (row,) = desk.json("orvanda", "people")["people"]
    given = ("--make", "Gateway", "--machine", "--person", row["email"])
    made = desk.json("orvanda", "tokens", *given, "--mandate", "duty_officer", "--ceiling", "green")
    found = tokens.of_secret(node, made["token"])
    assert (found.name, found.machine, found.lanes, found.ceiling) == (
        "Gateway",
        True,
        ("technical",),
        "green",
    )
    assert actors.of_person(node, found.person).name == "Ada"
    (listed,) = desk.json("orvanda", "tokens")["tokens"]
    assert (listed["id"], listed["person"]) == (made["id"], row["email"])
    assert "works" in desk.ok("orvanda", "tokens")
    desk.json("orvanda", "tokens", "--revoke", made["id"])
    assert "revoked" in desk.ok("orvanda", "tokens")
    assert [entry.what for entry in audit(node.db)][:2] == ["revoked", "token"]
    assert {entry.person for entry in audit(node.db)[:2]} == {None}


def test_a_token_is_of_somebody_who_holds_its_mandates(desk: Desk) -> None:
    desk.make("orvanda")
    node = open_node(desk.home / "orvanda", desk.ports())
    person(node, "ada", "duty_officer")
    email = desk.json("orvanda", "people")["people"][0]["email"]
    made = ("tokens", "--make", "x", "--person")
    assert desk.refused("orvanda", *made, email, "--mandate", "head")["rule"] == "S10"
    assert desk.refused("orvanda", *made, "eve@x.example", "--mandate", "head")["rule"] == "S3"
    assert desk.refused("orvanda", *made, email, "--revoke", "x")["rule"] == "S4"
    assert desk.refused("orvanda", "tokens", "--revoke", "x")["rule"] == "S3"
