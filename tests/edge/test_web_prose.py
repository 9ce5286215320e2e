"""What people wrote is shown as prose and does nothing; what is taken out is a file and no page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from django.utils.html import escape

from comity.bridges.cells import FORMULA
from comity.edge.web import giving, prose
from comity.edge.web.views import dossiers
from comity.kernel.canon import Object
from comity.kernel.label import TLP
from comity.services.casework import issue
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft
from comity.store.access.people import audit, people
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import START, Nodes, introduce

EVIL = [
    "<script>alert(1)</script>",
    "<img src=https://x.example/pixel>",
    "![tracked](https://x.example/pixel.png)",
    "[click](javascript:alert(1))",
    "[click](data:text/html,<script>)",
    "[click](vbscript:x)",
    "<javascript:alert(1)>",
    '[a](https://x.example "onmouseover=alert(1)")',
    "<a href=https://x.example style=position:fixed>x</a>",
    "<style>body{display:none}</style>",
    '[x](https://x.example/"onmouseover="alert)',
    "[`</span><script>`](https://x.example/?<b>)",
    "<iframe src=//x.example>",
    "[x]: https://x.example\n\n[x]",
]


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


class _Reader(HTMLParser):
    """Reads the elements of a piece of a page, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", EVIL)
def test_nothing_that_is_written_loads_or_runs(text: str) -> None:
    reader = _Reader()
    reader.feed(prose.shown(text).html)
    for tag, given in reader.seen:
        assert tag in prose.TAGS
        assert given.keys() <= {"href", "rel", "start", "class", "dir"}
        if tag == "a":
            assert str(given["href"]).startswith(("https://", "http://", "mailto:"))
            assert given["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize("sign", ["[", "*a", "_*", "<b>", "- a\n", "\\", "`", "#\n", "1. a\n"])
def test_what_is_hardly_prose_is_shown_line_by_line(sign: str) -> None:
    text = sign * 3000
    found = prose.shown(text)
    assert found.html == escape(text).replace("\n", "<br>")
    assert not found.marked


def test_prose_has_paragraphs_lists_and_links_that_tell_where_they_lead() -> None:
    shown = prose.shown(
        "# What we saw\n\nOne line\nand another.\n\n- FC-40\n- FC-41\n\n"
        "[the ministry](https://elsewhere.example/a) <https://x.example>"
    )
    html = shown.html
    assert shown.marked
    assert '<p class="head">What we saw</p>' in html
    assert "One line<br" in html
    assert "<li>FC-40</li>" in html
    assert "https://elsewhere.example/a</span>)" in html
    assert html.count('class="address"') == 1
    assert not prose.shown("Since 02:40.\nWho knows more?").marked


def test_a_message_is_shown_as_prose_and_as_it_was_written(nodes: Nodes, pages: Pages) -> None:
    text = "Look for **192.0.2.7**.\n\n1. firewall\n2. proxy\n\n<script>alert(1)</script>"
    id_ = incident(pages.node, nodes.opened["tolmere"], "# Cranes *stop*", text=text)
    ada = pages.person("ada", "duty_officer")
    for path in (f"/dossiers/{id_}", f"/dossiers/{id_}/print"):
        page = ada.get(path).text
        assert "<strong>192.0.2.7</strong>" in page
        assert "<li>firewall</li>" in page
        assert "# Cranes *stop*" in page
        assert "**192.0.2.7**" in page
        assert "<script>" not in page


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "  =", " @"])
def test_no_cell_of_a_table_is_a_formula(first: str) -> None:
    assert str(giving.guarded(f"{first}1+1"))[:1] == "'"


@pytest.mark.parametrize("between", [";", "; ", ';"', "\n", "\r\n", "\t"])
def test_no_cell_is_a_formula_where_a_program_parts_cells_otherwise(between: str) -> None:
    """Where numbers have a decimal comma, cells are parted by semicolons."""
    answer = giving.table("a.csv", ["Title"], [[f"Cranes{between}=1+1"]])
    for line in answer.content.decode("utf-8-sig").splitlines():
        for cell in re.split("[;\t]", line):
            assert cell.strip(' "')[:1] not in FORMULA, line


def test_numbers_and_words_of_a_table_stay_what_they_are() -> None:
    assert giving.guarded(-3) == -3
    for text in ("", "Cranes stop", "a=b", "1-2", "a; b", "a\nb", "one -\ntwo"):
        assert giving.guarded(text) == text


def table(body: bytes) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]


def test_the_list_of_dossiers_is_a_table_too(
    nodes: Nodes, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    tolmere = nodes.opened["tolmere"]
    formula = '=HYPERLINK("https://x.example")'
    id_ = incident(pages.node, tolmere, formula)
    incident(pages.node, tolmere, "Water 100%", TLP.GREEN)
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/dossiers?ceiling=amber")
    assert "/dossiers.csv?ceiling=amber" in page.text
    page = ada.get("/dossiers.csv?ceiling=amber")
    (row,) = table(page.body)
    assert (row["Dossier"], row["Title"]) == (id_, f"'{formula}")
    assert page.headers["content-disposition"] == 'attachment; filename="dossiers.csv"'
    assert len(table(ada.get("/dossiers.csv").body)) == 2
    monkeypatch.setattr(dossiers, "MANY", 1)
    assert len(table(ada.get("/dossiers.csv").body)) == 2
    assert table(pages.person("dip", "diplomat").get("/dossiers.csv").body) == []


def test_what_is_due_is_a_table_too(nodes: Nodes, pages: Pages) -> None:
    tolmere = nodes.opened["tolmere"]
    id_ = incident(pages.node, tolmere, "Cranes stop")
    body: Object = {"to": [tolmere.me], "verb": "investigate", "due": START + 3_600_000}
    issue.issue(pages.node, dossier_id=id_, draft=Draft("ask", body))
    ada = pages.person("ada", "duty_officer")
    (row,) = table(ada.get("/due.csv").body)
    assert row["Who owes it"] == "tolmere"
    assert row["Due (UTC)"] == "2026-09-21T15:13:20Z"


def test_what_is_red_is_in_no_table(nodes: Nodes, pages: Pages) -> None:
    hal = pages.person("hal", "head")
    (person,) = people(pages.node.db)
    red = incident(
        pages.node,
        nodes.opened["tolmere"],
        "Only for Hal",
        TLP.RED,
        readers=((pages.node.me, person.handle),),
    )
    body: Object = {"to": [nodes.opened["tolmere"].me], "verb": "investigate"}
    issue.issue(pages.node, dossier_id=red, draft=Draft("ask", body))
    assert "Only for Hal" in hal.get("/dossiers").text
    assert table(hal.get("/dossiers.csv").body) == []
    assert table(hal.get("/due.csv").body) == []


def test_what_is_taken_out_is_saved_and_shown_by_no_browser(nodes: Nodes, pages: Pages) -> None:
    evil = nodes.folder / "evil.svg"
    evil.write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    id_ = incident(pages.node, nodes.opened["tolmere"], "Strict", TLP.AMBER_STRICT)
    content = prepare_fields(pages.node, {"text": "See."}, [(evil.name, "image/svg+xml", evil)])
    act = issue.issue(pages.node, dossier_id=id_, draft=Draft("inform", content=content))
    ada = pages.person("ada", "duty_officer")
    for path in (f"/acts/{act}/files/0", f"/acts/{act}/evidence", "/dossiers.csv", "/due.csv"):
        page = ada.get(path)
        assert page.status == 200
        assert page.headers["content-disposition"].startswith("attachment; ")
        assert page.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["content-type"] in {"application/octet-stream", "text/csv"}
    noted = [entry for entry in audit(pages.node.db) if entry.what == "read"]
    assert [entry.subject for entry in noted] == [id_, id_]
