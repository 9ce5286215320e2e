"""A circle at the pages that every protocol has: opened, published in, and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity.store.access import acts
from tests.edge.test_cli_circle import bundle as written
from tests.edge.test_web_saying import press
from tests.edge.visitor import Pages, Visitor, with_files
from tests.nodes import Nodes, introduce


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Orvanda and Tolmere, which know each other."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as found:
        introduce(found.make("orvanda"), found.make("tolmere"))
        yield found


@pytest.fixture(scope="module")
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda."""
    orvanda = nodes.opened["orvanda"]
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture(scope="module")
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "duty_officer")


@pytest.fixture(scope="module")
def circle(nodes: Nodes, ada: Visitor) -> str:
    """A circle of Orvanda and Tolmere, opened at the page."""
    page = ada.get("/open/sharing/circle")
    headings = ["Title", "With whom", "Who publishes, and", "What may be done", "If you have an"]
    places = [page.text.index(mark) for mark in headings]
    assert places == sorted(places)
    given: dict[str, str | list[str]] = {
        "title": "Harbours",
        "text": "What harbours see.",
        "purpose": "early_warning",
        "publishers": "listed",
        "listed": [nodes.opened["tolmere"].me],
        "forward": "ask",
        "_tlp": "amber",
        "_members": [nodes.opened["tolmere"].me],
    }
    page = press(ada, ada.fill(page, given, button="check"), "sign")
    return page.path.removeprefix("/dossiers/")


def test_a_circle_is_called_one(pages: Pages, ada: Visitor, circle: str) -> None:
    row = acts.dossier(pages.node.db, circle)
    assert row is not None
    assert (row.protocol, row.status) == ("sharing/circle", "open")
    page = ada.get(f"/dossiers/{circle}")
    assert '<p class="over"><span>Circle</span>' in page.text
    assert "What is shared here says what was seen, and accuses nobody." in page.text


def test_publishing_is_offered_and_forwarding_is_left_to_the_program(
    ada: Visitor, circle: str
) -> None:
    links = ada.get(f"/dossiers/{circle}").read.links
    assert f"/dossiers/{circle}/say/publish" in links
    assert f"/dossiers/{circle}/say/forward" not in links


def test_objects_are_published_from_a_file(
    pages: Pages, ada: Visitor, circle: str, tmp_path: Path
) -> None:
    bundle = written(tmp_path / "seen.json", "one", "two", "three").read_bytes()
    page = ada.get(f"/dossiers/{circle}/say/publish")
    form = page.form_with(["_tlp"])
    typed = {name: texts[0] for name, texts in form.fields.items() if texts and name != "_files"}
    page = ada.send(page.path, *with_files(typed, "_files", {"seen_json": bundle}, "check"))
    assert page.status == 200
    page = press(ada, page, "sign")
    assert "Signed. It is on its way to every member." in page.text
    batch = [*acts.acts_of(pages.node.db, circle)][-1]
    assert batch.kind == "publish"
    page = ada.get(f"/dossiers/{circle}/say/retract")
    page = ada.fill(
        page,
        {"refs": [batch.id], "parts": "0, 2", "reason": "wrong", "_tlp": "amber"},
        button="check",
    )
    press(ada, page, "sign")
    row = acts.dossier(pages.node.db, circle)
    assert row is not None
    assert row.status == "waiting"
