"""Announcing a planned activity and looking up what explains an address, by the command line."""

from __future__ import annotations

from comity.services.casework import explaining
from tests.edge.desk import Desk

FIELDS = (
    "--activity", "scan", "--begins", "2030-10-01T00:00Z", "--ends", "2030-10-02T00:00Z",
    "--ranges", "192.0.2.0/28,2001:db8:7::/48", "--effect", "none",
    "--title", "Survey", "--text", "Of ports.", "--contact", "Jane, 555",
)  # fmt: skip


def test_an_address_is_looked_up_where_it_was_announced_to(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.json("orvanda", "open", "planned", "--with", "tolmere", *FIELDS, "--yes")
    desk.sync("orvanda", "tolmere")
    desk.cut = True
    asked = ("explain", "192.0.2.7", "--at", "2030-10-01T12:00Z")
    answer = desk.json("tolmere", *asked)
    (each,) = answer["announcements"]
    assert (each["dossier"], each["name"], each["explains"]) == (opened["dossier"], "Orvanda", True)
    assert answer["note"] == explaining.PROVES_NOTHING
    said = desk.ok("tolmere", *asked)
    for words in (
        f"[{opened['dossier'][:8]}] Survey",
        "    Announced; announced by Orvanda (TLP:AMBER)",
        "    from 2030-10-01 00:00 UTC to 2030-10-02 00:00 UTC\n",
        "    addresses 192.0.2.0/28\n",
        explaining.PROVES_NOTHING,
    ):
        assert words in said
    assert "Jane" not in said
    assert "afterwards" not in said

    near = desk.ok("tolmere", "explain", "192.0.2.7", "--at", "2030-10-02T00:10Z", "--margin", "30")
    assert "the instant is outside, within the margin" in near
    none = desk.ok("tolmere", "explain", "192.0.2.99", "--at", "2030-10-01T12:00Z")
    assert none.startswith("No announcement here holds 192.0.2.99 at 2030-10-01 12:00 UTC.\n")
    assert explaining.PROVES_NOTHING in none
    assert desk.json("tolmere", "explain", "192.0.2.7")["announcements"] == []

    assert desk.refused("tolmere", "explain", "harbour")["subject"] == "address"
    late = desk.refused("tolmere", "explain", "192.0.2.7", "--at", "noon")
    assert late["reason"].startswith("--at: write a date and time with its zone")

    desk.cut = False
    cancel = ("say", opened["dossier"], "cancel", "--reason", "asked", "--ref", opened["dossier"])
    desk.ok("orvanda", *cancel, "--yes")
    told = desk.ok("orvanda", *asked)
    assert "    Cancelled: it explains nothing; announced by Orvanda" in told
