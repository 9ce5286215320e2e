"""People by the command line: links that let them in, and mail that is tried out."""

from __future__ import annotations

import orjson

from comity.services.node import open_node
from tests.edge.desk import Desk
from tests.mailserver import serving
from tests.services.staff import hire


def test_mail_to_a_person_is_tried_out_and_what_is_wrong_is_said(desk: Desk) -> None:
    desk.make("orvanda")
    hire(open_node(desk.home / "orvanda", desk.ports()), "Ada", "duty_officer")
    words = ("people", "--try-mail", "ada@orvanda.example")
    assert "has no mail server" in desk.refused("orvanda", *words)["reason"]
    path = desk.home / "orvanda" / "node.json"
    with serving() as server:
        given = {"host": "127.0.0.1", "port": server.port, "sender": "c@o.example"}
        settings = orjson.loads(path.read_bytes()) | {"mail": given | {"security": "none"}}
        path.write_bytes(orjson.dumps(settings))
        assert desk.json("orvanda", *words) == {"sent": "ada@orvanda.example"}
        assert desk.refused("orvanda", *words[:2], "eve@o.example")["rule"] == "S3"
        server.broken = "550 Not from there"
        assert "550 Not from there" in desk.refused("orvanda", *words)["reason"]
    assert [got.headers["Subject"] for got in server.got] == ["Mail from your Comity node works"]
    assert "550 Not from there" in desk.run("orvanda", "doctor").output


def test_one_thing_is_done_at_a_time(desk: Desk) -> None:
    desk.make("orvanda")
    refusal = desk.refused("orvanda", "people", "--invite", "--try-mail", "a@o.example")
    assert refusal["rule"] == "S4"


def test_a_link_that_nobody_has_used_is_listed_and_taken_away(desk: Desk) -> None:
    desk.make("orvanda")
    desk.ok("orvanda", "people", "--invite", "--mandate", "analyst")
    # The other link is the one that was printed at the start.
    links = {(*link["mandates"],): link for link in desk.json("orvanda", "people")["links"]}
    assert links.keys() == {("administrator", "duty_officer"), ("analyst",)}
    newest = links["analyst",]
    told = desk.ok("orvanda", "people")
    assert f"[{newest['id']}]" in told
    assert "A link for whoever has it (analyst), until" in told
    assert "lets nobody in" in desk.ok("orvanda", "people", "--revoke", newest["id"])
    assert newest["id"] not in desk.ok("orvanda", "people")
    assert desk.refused("orvanda", "people", "--revoke", newest["id"])["rule"] == "S3"
