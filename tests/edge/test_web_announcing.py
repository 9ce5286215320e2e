"""Announcing an advisory, by pages, API and command line; and what is shown of it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.kernel.ids import Id
from comity.protocols.response.disclosure.codes import DAY
from comity.services.node import Node
from comity.services.people import awaiting
from comity.services.response import disclosures, outgoing
from tests.edge.desk import Desk
from tests.edge.program import program
from tests.edge.test_cli_consultation import say as tell
from tests.edge.test_cli_disclosure import opened, proposed
from tests.edge.visitor import Page, Pages, Visitor, with_files
from tests.network.test_consent import agree, propose, report
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.test_announcing import URL, advisory
from tests.sharing import open_circle

FILE = Path("orvanda-2026-1.json")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as found:
        introduce(found.make("orvanda"), found.make("tolmere"))
        yield found


@pytest.fixture(scope="module")
def pages(nodes: Nodes) -> Iterator[Pages]:
    orvanda = nodes.opened["orvanda"]
    more: dict[str, Any] = {"advisories": "csaf", "advisories_url": URL}
    orvanda.settings = replace(orvanda.settings, second_factor=False, **more)
    open_circle(orvanda, nodes.opened["tolmere"])
    with Pages(orvanda) as found:
        yield found


@pytest.fixture(scope="module")
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "duty_officer")


def embargoed(nodes: Nodes) -> tuple[Node, Node, Id, Id]:
    """Return a case under embargo, and its terms."""
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    dossier = report(orvanda, tolmere)
    terms = propose(orvanda, dossier)
    assert not pass_on(orvanda, tolmere)
    agree(tolmere, dossier, terms)
    assert not pass_on(tolmere, orvanda)
    return orvanda, tolmere, dossier, terms


def announced(ada: Visitor, dossier: Id, data: bytes = advisory("orvanda")[1]) -> Page:
    """Announce an advisory into the folder, as somebody does at the page."""
    return sent(ada, dossier, data, provider="on")


def sent(ada: Visitor, dossier: Id, data: bytes, **fields: str) -> Page:
    path = f"/dossiers/{dossier}/disclosure/announce"
    kept = {name: values[0] for name, values in ada.get(path).form.fields.items() if values}
    kept.pop("file", None)
    body, kind = with_files({**kept, **fields}, "file", {FILE.name: data})
    return ada.send(path, body, kind)


def test_what_waits_is_told_with_when_it_goes_out_and_is_taken_back(
    nodes: Nodes, ada: Visitor
) -> None:
    orvanda, _, dossier, _ = embargoed(nodes)
    assert (
        f"/dossiers/{dossier}/disclosure/announce"
        in ada.get(f"/dossiers/{dossier}/disclosure").read.links
    )
    page = announced(ada, dossier)
    assert "goes out by itself at the agreed end" in page.text
    assert "goes out by itself" in page.text
    assert hashlib.sha256(advisory("orvanda")[1]).hexdigest() in page.text
    assert f"/dossiers/{dossier}/say/unready" in page.read.links
    assert re.search(r'data-label="Advisory"><span class="tag good">ready', page.text)
    say(orvanda, dossier, "unready")
    outgoing.look(orvanda)
    page = ada.get(f"/dossiers/{dossier}/disclosure")
    assert re.search(r'data-label="Advisory">not ready', page.text)
    assert "goes out by itself" not in page.text


def test_what_is_wrong_with_it_is_said_beside_the_file(nodes: Nodes, ada: Visitor) -> None:
    *_, dossier, _ = embargoed(nodes)
    page = announced(ada, dossier, advisory("orvanda", status="draft")[1])
    assert "A draft is not published." in page.text
    page = announced(ada, dossier, b"{}")
    assert "There is a problem" in page.text
    page = sent(ada, dossier, advisory("orvanda")[1])
    assert "Choose where it is to go out." in page.text


def test_at_the_end_the_page_says_that_it_is_out_and_how_late(
    nodes: Nodes, pages: Pages, ada: Visitor
) -> None:
    orvanda, tolmere, dossier, _ = embargoed(nodes)
    announced(ada, dossier)
    end = disclosures.case(orvanda, dossier).end
    assert end is not None
    say(tolmere, dossier, "publish", {"time": end, "due": end})
    nodes.clock.time = end + 3 * DAY
    outgoing.look(orvanda)
    assert not pass_on(tolmere, orvanda)
    page = ada.get(f"/dossiers/{dossier}/disclosure")
    assert f"{URL}/clear/2026/{FILE}" in page.text
    assert page.text.count("3 days late") == 2
    assert "for one agreed end it took 3 days" in page.text
    found = program(pages, "duty_officer").get(f"/dossiers/{dossier}/disclosure").value
    assert found["spread"] == 3 * DAY
    assert found["advisories"][0]["state"] == "out"
    told = {each["name"]: each["published"] for each in found["parties"]}
    assert told["orvanda"]["time"] == end + 3 * DAY


def test_who_is_told_that_it_was_held_back_publishes_it_at_once(nodes: Nodes, ada: Visitor) -> None:
    orvanda, tolmere, dossier, terms = embargoed(nodes)
    announced(ada, dossier)
    say(tolmere, dossier, "withdraw", {"reason": "safety"}, refs=[terms])
    assert not pass_on(tolmere, orvanda)
    outgoing.look(orvanda)
    awaiting.gather(orvanda)
    notices = ada.get("/notices")
    assert "An advisory under embargo did not go out by itself." in notices.text
    assert f"/dossiers/{dossier}/disclosure" in notices.read.links
    assert f"/dossiers/{dossier}/disclosure" in ada.get("/").read.links
    page = ada.get(f"/dossiers/{dossier}/disclosure")
    assert "held back" in page.text
    form = next(f for f in page.read.forms if f.action.endswith("/publish"))
    page = ada.fill(page, {}, form=form)
    assert "Published. All members are told." in page.text
    assert f"/dossiers/{dossier}/disclosure" not in ada.get("/").read.links
    assert "by hand" in page.text
    again = ada.fill(page, {}, form=form)
    assert "No advisory of ours waits here." in again.text


def test_who_may_not_alone_hands_it_on_and_cannot_publish_it(
    nodes: Nodes, pages: Pages, ada: Visitor
) -> None:
    orvanda, tolmere, dossier, terms = embargoed(nodes)
    ann = pages.person("ann", "analyst")
    page = announced(ann, dossier)
    assert "It waits for a second person" in page.text
    assert "waits for a second person" in ada.get(f"/dossiers/{dossier}/disclosure").text
    announced(ada, dossier)
    say(tolmere, dossier, "withdraw", {"reason": "safety"}, refs=[terms])
    assert not pass_on(tolmere, orvanda)
    page = ann.get(f"/dossiers/{dossier}/disclosure")
    form = next(f for f in page.read.forms if f.action.endswith("/publish"))
    assert "A second person has to approve this" in ann.fill(page, {}, form=form).text


def test_a_promise_without_a_file_is_told_to_go_out_by_nobody(nodes: Nodes, ada: Visitor) -> None:
    orvanda, _, dossier, _ = embargoed(nodes)
    told = "its file is not here"
    say(orvanda, dossier, "ready", {"hash": "a" * 64})
    assert told in ada.get(f"/dossiers/{dossier}/disclosure").text
    announced(ada, dossier)
    assert told not in ada.get(f"/dossiers/{dossier}/disclosure").text


def test_who_announces_or_approves_is_given_the_file_and_nobody_else(
    nodes: Nodes, pages: Pages, ada: Visitor
) -> None:
    *_, dossier, _ = embargoed(nodes)
    data = advisory("orvanda")[1]
    announced(ada, dossier)
    path = f"/dossiers/{dossier}/disclosure/announced/{hashlib.sha256(data).hexdigest()}"
    for code, given in {"analyst": True, "head": True, "legal_officer": False}.items():
        page = pages.person(f"a-{code}", code).get(path)
        assert (page.status == 200 and page.body == data) is given
    assert pages.person("bo", "duty_officer").get(path[:-1] + "z").status == 404


def test_a_link_and_what_it_binds_to_are_shown(nodes: Nodes, ada: Visitor) -> None:
    orvanda, tolmere, dossier, _ = embargoed(nodes)
    other = report(orvanda, tolmere)
    terms = propose(orvanda, other, days=9)
    assert not pass_on(orvanda, tolmere)
    agree(tolmere, other, terms)
    assert not pass_on(tolmere, orvanda)
    say(orvanda, dossier, "link", {"relation": "merged_into", "dossier": other})
    text = ada.get(f"/dossiers/{dossier}/disclosure").text
    assert "by another case of the same flaw" in text
    assert "merged into it" in text
    assert f"/dossiers/{other}" in text


def test_programs_announce_and_publish(nodes: Nodes, pages: Pages) -> None:
    orvanda, tolmere, dossier, terms = embargoed(nodes)
    asks, path = program(pages, "duty_officer"), f"/dossiers/{dossier}/disclosure/advisory"
    name, data = advisory("orvanda")
    file = base64.b64encode(data).decode()
    wish = {"name": name, "file": file, "provider": True}
    assert asks.post(path, {**wish, "file": "!"}).rule == "S4"
    assert asks.post(path, {**wish, "file": "é"}).rule == "S4"
    assert asks.post(path, {**wish, "file": "e30="}).rule == "X41"
    done = asks.post(path, wish).value
    assert (done["hash"], done["draft"]) == (hashlib.sha256(data).hexdigest(), "")
    assert asks.post(f"{path}/publish").rule == "S2"
    (own,) = asks.get(f"/dossiers/{dossier}/disclosure").value["advisories"]
    assert (own["course"], own["provider"], own["out_at"]) == ("waits", True, None)
    say(tolmere, dossier, "withdraw", {"reason": "safety"}, refs=[terms])
    assert not pass_on(tolmere, orvanda)
    assert asks.post(f"{path}/publish").value["state"] == "out"


def test_at_the_machine_it_is_announced_shown_and_published(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda", "tolmere")
    case = opened(desk)
    terms = proposed(desk, case)
    tell(desk, "tolmere", case, "accept", terms, duties="none")
    desk.ok("orvanda", "sync")
    circle = str(desk.json("orvanda", "open", "circle", *CIRCLE, "--yes")["dossier"])
    name, data = advisory("orvanda")
    file = tmp_path / name
    file.write_bytes(data)
    assert "Name a file to announce" in desk.run("orvanda", "announce", case).output
    words = ("announce", case, str(file), "--circle", circle)
    asked = desk.run("orvanda", *words, "--provider").output
    assert f"{name}: SHA-256 {hashlib.sha256(data).hexdigest()}" in asked
    assert "unless the embargo ends otherwise" in asked
    assert f"Into the circle [{circle[:8]}]" in asked
    assert "For everybody" in asked
    assert "Add --yes to go on" in asked
    assert "advisory ready" not in desk.ok("orvanda", "disclosure", case)
    told = desk.ok("orvanda", *words, "--yes")
    assert hashlib.sha256(data).hexdigest() in told
    told = desk.ok("orvanda", "disclosure", case)
    assert "goes out by itself at the end" in told
    assert "advisory ready" in told
    assert "The embargo is kept" in desk.run("orvanda", "announce", case, "--now", "--yes").output
    tell(desk, "tolmere", case, "withdraw", terms, reason="safety")
    desk.ok("orvanda", "sync")
    assert "held back" in desk.ok("orvanda", "disclosure", case)
    assert "published" in desk.ok("orvanda", "announce", case, "--now", "--yes")


CIRCLE = (
    *("--with", "tolmere", "--title", "Lantern Sea circle", "--text", "Defence."),
    *("--purpose", "defence", "--publishers", "all", "--forward", "members"),
)
