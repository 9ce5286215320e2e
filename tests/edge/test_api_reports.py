"""Reports of vulnerabilities by the API: read, answered and closed once, never sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity.bridges.csaf import reading
from comity.services.response import intake
from comity.services.response.intake import Said
from comity.services.sharing.advisories import known_lists
from tests.edge.program import program
from tests.edge.visitor import Pages
from tests.nodes import Nodes
from tests.services.test_intake import file, opened

PUMP = Said("Pump of Fennick", "Long words stop it.", name="Nele", public="no")


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which takes reports."""
    node = opened(nodes.make("orvanda"))
    node.settings = replace(node.settings, second_factor=False)
    with Pages(node) as found:
        yield found


def test_a_program_reads_answers_and_closes(pages: Pages, tmp_path: Path) -> None:
    node, key = pages.node, intake.new_secret(pages.node)
    row = intake.submit(node, key, PUMP, [file(tmp_path, "poc", b"print(1)")], "fr")
    ada = program(pages, "duty_officer")
    assert [need["kind"] for need in ada.get("/work").value["needs"]] == ["report"]
    (line,) = ada.get("/reports").value["reports"]
    assert (line["affected"], line["state"], line["unread"]) == (PUMP.affected, "new", True)
    found = ada.get(f"/reports/{row.id}").value
    assert (found["name"], found["public"], found["language"]) == ("Nele", "no", "fr")
    assert (found["state"], found["unread"]) == ("open", False)
    given = ada.get(f"/reports/{row.id}/files/{found['files'][0]['id']}")
    assert given.body == b"print(1)"
    reading.read(ada.get(f"/reports/{row.id}/csaf").body, known_lists())
    for _ in range(2):
        told = ada.post(f"/reports/{row.id}/answer", {"text": "We look."}, key="k1")
        assert [note["text"] for note in told.value["notes"]] == ["We look."]
    closing = {"reason": "done", "text": "1.1 is out."}
    for _ in range(2):
        told = ada.post(f"/reports/{row.id}/close", closing, key="k2")
        assert (told.value["state"], told.value["reason"]) == ("closed", "done")
    case = intake.require_case(node, key)
    assert [note.text for note in case.notes] == ["We look.", "1.1 is out."]


def test_what_is_wrong_is_named(pages: Pages) -> None:
    row = intake.submit(pages.node, intake.new_secret(pages.node), PUMP)
    ada = program(pages, "duty_officer")
    answer = ada.post(f"/reports/{row.id}/close", {"reason": "because"}, key="k1")
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", "reason")
    answer = ada.post(f"/reports/{row.id}/answer", {"text": " "}, key="k2")
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", "text")
    assert ada.post("/reports", {"affected": "x"}, key="k3").status == 405
    assert ada.get(f"/reports/{row.id}/files/9007199254740991").status == 404
    assert ada.get("/reports?before=x").status == 422


def test_the_list_goes_on_where_the_cursor_says(pages: Pages) -> None:
    for _ in range(51):
        intake.submit(pages.node, intake.new_secret(pages.node), PUMP)
    ada = program(pages, "duty_officer")
    first = ada.get("/reports").value
    rest = ada.get(f"/reports?before={first['before']}").value
    assert (len(first["reports"]), len(rest["reports"]), rest["before"]) == (50, 1, "")


def test_a_flood_is_cleared_away_as_far_as_it_was_seen(pages: Pages) -> None:
    def come(number: int) -> None:
        for at in range(number):
            spam = Said("Cheap pumps", f"Buy pump {at}.")
            intake.submit(pages.node, intake.new_secret(pages.node), spam)

    come(3)
    ada, head = program(pages, "duty_officer"), program(pages, "head")
    told = ada.get("/reports/waiting").value
    assert (told["number"], [heap["number"] for heap in told["heaps"]]) == (3, [3, 3])
    words = next(heap for heap in told["heaps"] if heap["by_words"])
    assert words["words"].startswith("Buy pump ")
    pages.node.ports.clock.advance(1000)  # type: ignore[attr-defined]
    come(1)
    path, wish = f"/reports/waiting/{words['key']}", {"deed": "aside", "until": words["newest"]}
    assert head.post(path, wish).rule == "S10"
    assert ada.post(path, {**wish, "deed": "erase"}).status == 422
    assert ada.post(path, wish).value == {"number": 3}
    assert ada.post(path, wish).rule == "S3"
    assert ada.get("/reports/waiting").value["number"] == 1
