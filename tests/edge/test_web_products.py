"""A joint product: written by two parties, read at the pages, by programs and at the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework import content, erasure, issue
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.response import products
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_saying import press
from tests.edge.visitor import Pages, Visitor
from tests.nodes import START, Nodes, introduce, pass_on

HOUR = 3_600_000


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere and Sarivane."""
    orvanda, tolmere, sarivane = (nodes.make(n) for n in ("orvanda", "tolmere", "sarivane"))
    introduce(orvanda, tolmere)
    introduce(orvanda, sarivane)
    introduce(tolmere, sarivane)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def write(node: Node, dossier: str, kind: str, text: str = "", *refs: Id, **body: object) -> Id:
    """Say something in a dossier, with words."""
    prepared = content.prepare_fields(node, {"text": text}, []) if text else None
    return issue.issue(
        node,
        dossier_id=dossier,
        draft=Draft(kind, dict(body), prepared, refs, tlp=TLP.GREEN),  # type: ignore[arg-type]
    )


def everybody(nodes: Nodes) -> None:
    """Carry everything to everybody."""
    for sender in nodes.opened.values():
        for recipient in nodes.opened.values():
            if sender is not recipient:
                assert pass_on(sender, recipient) == []


@pytest.fixture
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "duty_officer")


@pytest.fixture
def warning(nodes: Nodes, ada: Visitor) -> str:
    """A warning of all three, begun at the page."""
    given: dict[str, str | list[str]] = {
        "title": "Cranes stop in three harbours",
        "text": "For all who run cranes.",
        "product": "warning",
        "_tlp": "green",
        "_members": [nodes.opened[name].me for name in ("tolmere", "sarivane")],
    }
    page = ada.fill(ada.get("/open/response/product"), given, button="check")
    found = press(ada, page, "sign").path.removeprefix("/dossiers/")
    everybody(nodes)
    return found


def put_forward(nodes: Nodes, dossier: str) -> tuple[Id, Id]:
    """Let Orvanda and Tolmere write a paragraph each, and Orvanda put both forward."""
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    second = write(tolmere, dossier, "paragraph", "Look for port 20000.", place=2)
    everybody(nodes)
    first = write(orvanda, dossier, "paragraph", "Cranes stop.", place=1, sources=[second])
    draft = write(orvanda, dossier, "draft", "", first, second, due=START + HOUR)
    everybody(nodes)
    return second, draft


def test_before_a_draft_there_is_nothing_to_read(ada: Visitor, warning: str) -> None:
    assert f"/dossiers/{warning}/product" in ada.get(f"/dossiers/{warning}").read.links
    page = ada.get(f"/dossiers/{warning}/product")
    assert "No draft was put forward yet" in page.text


def test_a_draft_reads_in_order_and_silence_is_told_from_consent(
    nodes: Nodes, ada: Visitor, warning: str
) -> None:
    second, draft = put_forward(nodes, warning)
    write(
        nodes.opened["tolmere"], warning, "position", "", draft, position="in_part", apart=[second]
    )
    everybody(nodes)
    page = ada.get(f"/dossiers/{warning}/product")
    assert page.text.index("Cranes stop.") < page.text.index("Look for port 20000.")
    assert "we concur, but for the paragraphs named" in page.text
    assert page.text.count("no word yet") == 1
    assert page.text.index("Look for port 20000.") < page.text.index("not behind it")
    assert f"/dossiers/{warning}/say/position?refs={draft}" not in page.read.links
    (found,) = products.read(Machine(nodes.opened["sarivane"]), warning)
    assert [each.text for each in found.paragraphs] == ["Cranes stop.", "Look for port 20000."]
    assert found.paragraphs[0].sources[0].endswith("wrote a paragraph for place 2")
    assert found.paragraphs[1].apart == ("tolmere",)
    assert {each.name: each.position for each in found.stands} == {
        "tolmere": "in_part",
        "sarivane": "",
    }


def test_it_becomes_public_at_the_time_agreed(nodes: Nodes, ada: Visitor, warning: str) -> None:
    _, draft = put_forward(nodes, warning)
    write(nodes.opened["tolmere"], warning, "position", "Gladly.", draft, position="concur")
    everybody(nodes)
    write(nodes.opened["orvanda"], warning, "publish", "", draft, at=START + 2 * HOUR)
    everybody(nodes)
    assert "Will be public" in ada.get(f"/dossiers/{warning}/product").text
    nodes.clock.advance(2 * HOUR)
    page = ada.get(f"/dossiers/{warning}/product")
    assert "Published" in page.text
    assert "Gladly." in page.text
    (found,) = products.read(Machine(nodes.opened["tolmere"]), warning)
    assert (found.is_public, found.public) == (True, START + 2 * HOUR)


def test_a_paragraph_whose_words_were_erased_stays_in_its_place(
    nodes: Nodes, ada: Visitor, warning: str
) -> None:
    second, _ = put_forward(nodes, warning)
    tolmere = nodes.opened["tolmere"]
    erasure.carry_out(tolmere, erasure.wish(tolmere, second, reason="law"))
    (found,) = products.read(Machine(tolmere), warning)
    assert [(each.text, each.absence) for each in found.paragraphs] == [
        ("Cranes stop.", "here"),
        ("", "erased"),
    ]
    everybody(nodes)
    orvanda = nodes.opened["orvanda"]
    erasure.carry_out(orvanda, erasure.wish(orvanda, second))
    assert "Look for port 20000." not in ada.get(f"/dossiers/{warning}/product").text


def test_what_is_no_joint_product_is_not_found(nodes: Nodes, ada: Visitor) -> None:
    cranes = incident(nodes.opened["orvanda"], nodes.opened["tolmere"], "Cranes stop")
    assert ada.get(f"/dossiers/{cranes}").status == 200
    assert ada.get(f"/dossiers/{cranes}/product").status == 404
