"""A dialogue by the command line: what is generic carries it wholly."""

from __future__ import annotations

from tests.edge.desk import Desk
from tests.edge.test_cli_consultation import needs, options, say

OPENING = {
    "title": "Talks on points of contact",
    "purpose": "To know whom to call.",
    "lanes": "diplomatic,technical",
}
FIRST, SECOND = "2126-12-09T09:00Z", "2127-06-09T09:00Z"


def test_two_meet_and_one_commits_itself(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    words = options(**OPENING)
    found = desk.json("orvanda", "open", "dialogue", "--with", "tolmere", *words, "--yes")
    talks = str(found["dossier"])
    first = say(desk, "orvanda", talks, "schedule", number="1", begins=FIRST, form="video")
    assert [need["words"] for need in needs(desk, "tolmere")] == ["Meet, and say that you met"]
    say(desk, "orvanda", talks, "hold", first)
    refused = desk.refused("orvanda", "say", talks, "close_meeting", "--ref", first, "--yes")
    assert "set the next, or end the dialogue" in refused["reason"]
    say(desk, "orvanda", talks, "commit", first, due=SECOND, what="Send our contacts.")
    owed = [need["step"] for need in needs(desk, "orvanda")]
    assert (owed[0], {*owed[1:]}) == ("commitment", {"close_meeting", "summary"})
