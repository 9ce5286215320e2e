"""A joint product by the command line, from the first word to publication."""

from __future__ import annotations

from tests.edge.desk import Desk
from tests.edge.test_cli_consultation import options, say


def test_two_write_an_advisory_and_one_reads_who_stands_behind_it(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    words = options(title="Cranes", text="For harbours.", product="advisory")
    opened = desk.json("orvanda", "open", "product", "--with", "tolmere", *words, "--yes")
    desk.ok("orvanda", "sync")
    dossier = str(opened["dossier"])
    assert desk.ok("tolmere", "product", dossier).startswith("No draft was put forward yet")
    second = say(desk, "tolmere", dossier, "paragraph", text="Look for port 20000.", place="2")
    first = say(desk, "orvanda", dossier, "paragraph", text="Cranes stop.", place="1")
    draft = say(desk, "orvanda", dossier, "draft", first, second)
    assert "Tolmere: no word yet" in desk.ok("orvanda", "product", dossier).splitlines()
    refused = desk.refused("orvanda", "say", dossier, "publish", "--ref", draft, "--yes")
    assert refused["rule"] == "S2"
    assert "Nobody else stands behind it yet" in refused["reason"]
    say(desk, "tolmere", dossier, "position", draft, position="in_part", apart=second)
    say(desk, "orvanda", dossier, "publish", draft)
    told = desk.ok("tolmere", "product", dossier).splitlines()
    assert told[0].startswith("Published by Orvanda, ")
    assert told.index("Cranes stop.") < told.index("Look for port 20000.")
    assert "  Not behind it: Tolmere" in told
    assert "Tolmere: we concur, but for the paragraphs named" in told
    (found,) = desk.json("tolmere", "product", dossier)["products"]
    assert [each["text"] for each in found["paragraphs"]] == [
        "Cranes stop.",
        "Look for port 20000.",
    ]
