"""Memos at the pages, by the API and by the command line."""

from __future__ import annotations

import pytest

from comity.services.casework import memos
from comity.services.casework.desk import Desk
from comity.services.people import actors
from tests.edge.desk import Desk as Commands
from tests.edge.program import person
from tests.edge.test_two_lanes import Place, place

__all__ = ["place"]  # The fixture.


@pytest.mark.parametrize("readers", ["me", "all", "technical"])
def test_one_is_written_shown_beside_the_message_changed_and_removed(
    place: Place, readers: str
) -> None:
    visitor = place.pages.person(f"officer{readers}", "duty_officer")
    dossier, act = f"/dossiers/{place.dossier}", place.said["technical"]
    address = f"/acts/{act}/memo"
    page = visitor.fill(visitor.get(address), {"text": "<b>Ask twice.</b>", "readers": readers})
    assert page.path.startswith(dossier)
    # Beside the message, and in the list.
    assert page.text.count("&lt;b&gt;Ask twice.") == 2
    assert "<b>Ask" not in page.text
    assert "Ask twice" not in visitor.get(f"{dossier}/print").text
    assert "Ask twice" not in visitor.get(f"{dossier}/picture").text
    again = visitor.get(f"{address}?readers={readers}")
    assert again.form_with(["text"]).fields["text"] == ["\n<b>Ask twice.</b>"]
    page = visitor.fill(again, {"text": "", "readers": readers})
    assert "Ask twice" not in page.text


def test_what_does_not_fit_is_said_beside_the_field(place: Place) -> None:
    visitor = place.pages.person("long", "duty_officer")
    page = visitor.get(f"/acts/{place.dossier}/memo")
    page = visitor.fill(page, {"text": "x" * 4001, "readers": "me"})
    assert "write 1 to 4000 characters" in page.text
    assert visitor.get(f"/acts/{place.said['diplomatic']}/memo").status == 404


def test_a_program_reads_and_writes_those_of_its_person(place: Place) -> None:
    officer = place.program("duty_officer")
    dossier, act = place.dossier, place.said["technical"]
    found = officer.put(f"/acts/{act}/memo", {"text": "By a program.", "readers": "all"})
    assert found.status == 200, found.body
    (memo,) = (each for each in found.value["memos"] if each["text"] == "By a program.")
    assert (memo["act"], memo["readers"], memo["mine"]) == (act, "all", True)
    assert officer.get(f"/dossiers/{dossier}/memos").value == found.value
    refused = officer.put(f"/acts/{act}/memo", {"text": "x", "readers": "diplomatic"})
    assert (refused.status, refused.value["field"]) == (422, "readers")
    node = place.pages.node
    diplomat = Desk(node, actors.of_person(node, person(node, "d", "diplomat")))
    assert "By a program." not in {memo.text for memo in memos.of_dossier(diplomat, dossier)}


def test_the_machine_writes_one_and_lists_what_is_not_private(desk: Commands) -> None:
    desk.make("orvanda", "tolmere")
    dossier = desk.open("orvanda", "tolmere")
    assert "Nobody wrote a memo here." in desk.ok("orvanda", "memo", dossier)
    found = desk.json("orvanda", "memo", dossier, "--text", "Ask twice.")["memos"]
    assert [(m["act"], m["name"], m["text"]) for m in found] == [(dossier, "", "Ask twice.")]
    assert "| Ask twice." in desk.ok("orvanda", "memo", dossier)
    assert desk.json("orvanda", "memo", dossier, "--text", "")["memos"] == []
