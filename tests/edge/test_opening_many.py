"""Opening a dossier with more parties than a charter has room for: at the pages, by the API, and by
the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.ids import PartyId
from comity.services.casework import opening
from comity.services.people import actors
from comity.store.access import acts
from tests.edge.desk import Desk
from tests.edge.program import program
from tests.edge.test_web_saying import press
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce

GIVEN = {"title": "Cranes stop", "text": "Since 02:40."}


@pytest.fixture(autouse=True)
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_MEMBERS", 2)


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows three others."""
    made = [nodes.make(name) for name in ("orvanda", "tolmere", "sarivane", "fennick")]
    introduce(*made)
    made[0].settings = replace(made[0].settings, second_factor=False)
    with Pages(made[0]) as found:
        yield found


def others(nodes: Nodes) -> list[PartyId]:
    return [node.me for name, node in nodes.opened.items() if name != "orvanda"]


def test_the_form_says_so_and_the_page_before_signing_who_is_invited(
    nodes: Nodes, pages: Pages
) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/open/response/incident")
    given: dict[str, str | list[str]] = {**GIVEN, "_tlp": "green", "_members": [*others(nodes)]}
    page = ada.fill(page, given, button="check")
    assert "4 parties are too many for one opening, which has room for 2." in page.text
    page = ada.fill(page, {"_growth": "chair"}, button="check")
    assert "The opening has no room for 2 of these parties." in page.text
    assert page.text.count("is invited as it is signed, and joins") == 2
    page = press(ada, page, "sign")
    dossier = page.path.removeprefix("/dossiers/")
    states = sorted(state for _, state in acts.members(pages.node.db, dossier))
    assert states == ["invited", "invited", "member", "member"]


def test_a_program_is_told_the_same(nodes: Nodes, pages: Pages) -> None:
    ada = program(pages, "duty_officer")
    asked = {"protocol": "response/incident", "texts": GIVEN, "tlp": "green"}
    asked["members"] = others(nodes)
    begun = ada.post("/drafts", asked).value["id"]
    refused = ada.get(f"/drafts/{begun}/preview")
    assert (refused.status, refused.rule, refused.value["field"]) == (422, "S4", "members")
    ada.put(f"/drafts/{begun}", {**asked, "growth": "chair"})
    preview = ada.get(f"/drafts/{begun}/preview").value
    assert [each["state"] for each in preview["readers"]].count("to_invite") == 2
    dossier = ada.post(f"/drafts/{begun}/sign", key="k").value["dossier"]
    assert [row.kind for row in acts.acts_of(pages.node.db, dossier)] == ["charter"] + [
        "invite"
    ] * 2


def test_who_may_not_invite_opens_it_with_those_who_have_room(
    nodes: Nodes, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = program(pages, "duty_officer")
    asked = {"protocol": "response/incident", "texts": GIVEN, "tlp": "green", "growth": "chair"}
    begun = ada.post("/drafts", {**asked, "members": others(nodes)}).value["id"]
    under = actors.Actor.under
    monkeypatch.setattr(
        actors.Actor,
        "under",
        lambda self, lane, protocol, kind: (
            None if kind == "invite" else under(self, lane, protocol, kind)
        ),
    )
    assert ada.post(f"/drafts/{begun}/sign", key="k").rule == "S10"
    assert acts.newest_act(pages.node.db) == 0
    ada.put(f"/drafts/{begun}", {**asked, "members": others(nodes)[:1]})
    assert ada.post(f"/drafts/{begun}/sign", key="l").status == 200


def test_the_command_line_says_and_does_the_same(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    for name, words in (
        ("open", ("incident", "--title", "T", "--text", "x")),
        ("circle", ("create", "--title", "T")),
    ):
        asked = (name, *words, "--with", "tolmere", "--with", "lantern", "--yes")
        refused = desk.refused("orvanda", *asked, "--growth", "closed")
        assert (refused["rule"], refused["subject"]) == ("S4", "members")
    asked = (
        "open",
        "incident",
        "--title",
        "T",
        "--text",
        "x",
        "--with",
        "tolmere",
        "--with",
        "lantern",
    )
    told = desk.ok("orvanda", *asked, "--growth", "chair", "--yes")
    assert told.count("is invited as you sign") == 1
    value = desk.json("orvanda", *asked, "--growth", "chair", "--yes")
    assert (len(value["members"]), len(value["invited"])) == (2, 1)
    circle = ("circle", "create", "--title", "T", "--with", "tolmere", "--with", "lantern")
    opened = desk.json("orvanda", *circle, "--growth", "chair", "--yes")["dossier"]
    kinds = [row["kind"] for row in desk.json("orvanda", "show", opened)["acts"]]
    assert kinds == ["charter", "invite"]
