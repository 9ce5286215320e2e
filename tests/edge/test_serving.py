"""What contacts of the directory answer for: told, shown and looked for at the pages, by the API
and by the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.services.casework.inbox import Machine
from comity.services.directory.book import Book
from tests.edge.desk import Desk
from tests.edge.program import program
from tests.edge.test_cli_calling import TERMS
from tests.edge.test_web_saying import press
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes
from tests.services.phonebook import community, nominate


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which keeps a contact for energy and one that says nothing."""
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    forum = community(orvanda)
    nominate(orvanda, forum, sectors="energy,health", states="sa")
    nominate(orvanda, forum, contact="envoy", seat="xa_desk", until="2027-05-01T00:00Z")
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "duty_officer")


def test_the_directory_says_what_each_answers_for_and_shows_those_alone(ada: Visitor) -> None:
    page = ada.get("/directory")
    assert "Energy, Health" in page.text
    assert "/directory/seats/xa_desk" in page.read.links
    page = ada.get("/directory?sector=energy&state=")
    assert "/directory/seats/or" in page.read.links
    assert "/directory/seats/xa_desk" not in page.read.links
    assert "Party or seat: fill this in." not in page.text
    assert ada.get("/directory?state=SA").text.count("/directory/seats/") == 1
    assert "Nobody here says that it answers for that." in ada.get("/directory?state=zz").text
    assert "write the two letters of a state" in ada.get("/directory?state=1").text
    assert "Select a valid choice" in ada.get("/directory?sector=coal").text
    assert "Energy, Health" in ada.get("/directory/seats/or").text


def test_who_keeps_a_contact_changes_what_it_answers_for_and_nothing_else(
    pages: Pages, ada: Visitor
) -> None:
    page = ada.get("/directory/seats/xa_desk")
    (link,) = (each for each in page.read.links if "say/nominate" in each)
    page = ada.get(link)
    assert page.form_with(["sectors"]).fields["seat"] == ["xa_desk"]
    page = ada.fill(page, {"sectors": ["space"], "states": "XA"}, button="check")
    press(ada, page, "prepare")
    bea = pages.person("bea", "duty_officer")
    press(bea, bea.get(page.path), "approve")
    (contact,) = Book(Machine(pages.node)).of_seat("xa_desk")
    assert (contact.sectors, contact.states) == (("space",), ("xa",))
    assert (contact.key.contact, contact.text("phone")) == ("envoy", "+99 555 0100")
    assert contact.until == 1_809_129_600_000


def test_programs_are_told_the_same(pages: Pages) -> None:
    asks = program(pages, "duty_officer")
    found = {each["seat"]: each for each in asks.get("/directory").value["seats"]}
    assert (found["or"]["sectors"], found["or"]["states"]) == (["energy", "health"], ["sa"])
    found = asks.get("/directory?sector=energy&state=SA").value["seats"]
    assert [each["seat"] for each in found] == ["or"]
    (contact,) = asks.get("/directory/or").value["contacts"]
    assert (contact["sectors"], contact["states"]) == (["energy", "health"], ["sa"])
    for asked, field in (("sector=coal", "sector"), ("state=1", "state")):
        answer = asks.get(f"/directory?{asked}")
        assert (answer.status, answer.rule, answer.value["subject"]) == (422, "S4", field)


def test_programs_tell_it_by_the_form_of_a_nomination(pages: Pages) -> None:
    forum = Book(Machine(pages.node)).of_seat("or")[0].key.dossier
    asks = program(pages, "duty_officer")
    form = asks.get(f"/dossiers/{forum}/forms/nominate").value
    asked = {field["name"]: field for field in form["fields"]}
    assert (asked["states"]["type"], asked["states"]["many"]) == ("state", True)
    assert {"value": "space", "label": "Space"} in asked["sectors"]["choices"]
    texts = {"contact": "lab", "seat": "xa_lab", "role": "technical", "holder_is": "desk"}
    texts |= {"source": "own", "visibility": "members", "holder": "Lab", "sectors": "space"}
    given = {"dossier": forum, "kind": "nominate", "tlp": "amber"}
    begun = asks.post("/drafts", {**given, "texts": {**texts, "states": "1"}}).value["id"]
    wrong = asks.get(f"/drafts/{begun}/preview")
    assert (wrong.rule, wrong.value["field"]) == ("S4", "states")
    asks.put(f"/drafts/{begun}", {**given, "texts": {**texts, "states": "XA"}})
    assert asks.get(f"/drafts/{begun}/preview").value["hand"] == "second"


def test_the_command_line_lists_who_answers_for_what(desk: Desk) -> None:
    desk.make("orvanda")
    opened = desk.json("orvanda", "open", "community", *TERMS, "--yes")["dossier"]
    for seat, more in (("or", ("--sectors", "energy", "--states", "SA")), ("xa", ())):
        desk.ok(
            "orvanda", "say", opened, "nominate", "--contact", f"desk_{seat}", "--seat", seat,
            "--role", "technical", "--holder-is", "desk", "--source", "own",
            "--visibility", "members", "--holder", "Desk", *more, "--yes",
        )  # fmt: skip
    listed = desk.ok("orvanda", "contacts", "list")
    assert listed == "or: 1 contact by Orvanda; for Energy, SA\nxa: 1 contact by Orvanda\n"
    assert desk.ok("orvanda", "contacts", "list", "--sector", "energy").startswith("or: ")
    found = desk.json("orvanda", "contacts", "list", "--state", "sa")["seats"]
    assert [each["seat"] for each in found] == ["or"]
    assert desk.ok("orvanda", "contacts", "list", "--state", "zz").startswith("Nobody here says")
    assert desk.refused("orvanda", "contacts", "list", "--sector", "coal")["subject"] == "sector"
