"""The landscape by the command line."""

from __future__ import annotations

from comity.kernel.label import TLP
from comity.services.node import Node, open_node
from tests.edge.desk import Desk
from tests.services.test_landscape import of_type, several
from tests.sharing import open_circle, share


def test_what_was_seen_is_said(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    node: Node = open_node(desk.home / "orvanda", desk.ports())
    circle = open_circle(node)
    actor = of_type("threat-actor", "crane", name="Crane", primary_motivation="ideology")
    share(node, circle, *several("phish", 5), *several("flood", 3, labels=["ddos"]), actor)
    share(node, circle, *several("more", 2, tlp=TLP.AMBER.value))
    said = desk.ok("orvanda", "landscape").splitlines()
    assert said[0].startswith("TLP:AMBER, ")
    assert said[0].endswith("of 11 objects")
    assert said[1] == "Seen: at least 7; new this week: 0"
    assert said[2:4] == ["  Fraud: 7", "  Availability: too few to tell"]
    assert "Claimed motive, 2026-11-01, passed on by Orvanda: ideology" in said
    unseen = next(line for line in said if line.startswith("Not seen, sectors: "))
    assert ", Health care, " in unseen
    assert "Nothing for 30 days of Tolmere; last: never" in said
    green = desk.json("orvanda", "landscape", "--up-to", "green")
    assert (green["label"], green["seen"], green["read"]) == ("green", 5, 9)
    assert desk.refused("orvanda", "landscape", "--up-to", "pink")["rule"] == "S4"
