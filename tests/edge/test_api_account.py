"""The API, of a person's own: notices, what is followed, language, time zone and hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from comity.services.people import awaiting
from comity.services.people.hours import Hours
from comity.store.access import people
from tests.edge.program import Program, person, program, token
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce, pass_on
from tests.services.staff import ask

HOURS: dict[str, Any] = {
    "mail": False,
    "digest": True,
    "begins": 510,
    "days": [0, 2],
    "quiet": [1200, 420],
}


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages and the API of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def cranes(nodes: Nodes, pages: Pages) -> str:
    """An incident that Tolmere opened with Orvanda, and asks for two things in."""
    tolmere = nodes.opened["tolmere"]
    dossier = incident(tolmere, pages.node, "Cranes stop")
    for _ in range(2):
        ask(tolmere, pages.node, dossier)
    pass_on(tolmere, pages.node)
    return dossier


def unread(who: Program) -> list[int]:
    return [n["id"] for n in who.get("/notices").value["notices"] if not n["is_read"]]


def test_what_awaits_a_person_is_listed_and_marked_as_read(pages: Pages, cranes: str) -> None:
    ada, bea = program(pages, "duty_officer"), program(pages, "duty_officer", name="bea")
    awaiting.gather(pages.node)
    first, second = ada.get("/notices").value["notices"]
    assert (first["kind"], first["dossier"], first["title"]) == ("duty", cranes, "Cranes stop")
    # Nobody marks what awaits another.
    assert bea.post(f"/notices/{first['id']}/read").status == 204
    assert len(unread(ada)) == 2
    assert ada.post(f"/notices/{first['id']}/read").status == 204
    assert unread(ada) == [second["id"]]
    assert ada.post("/notices/read").status == 204
    assert (unread(ada), len(unread(bea))) == ([], 2)


@pytest.mark.usefixtures("cranes")
def test_a_token_marks_nothing_as_read_that_it_does_not_see(pages: Pages) -> None:
    node = pages.node
    ada = person(node, "ada", "duty_officer", "diplomat")
    whole = Program(pages.app, token(node, ada, "duty_officer"))
    blind = Program(pages.app, token(node, ada, "diplomat"))
    awaiting.gather(node)
    assert unread(blind) == []
    blind.post("/notices/read")
    blind.post(f"/notices/{unread(whole)[0]}/read")
    assert len(unread(whole)) == 2


def test_a_dossier_is_followed(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    assert ada.get(f"/dossiers/{cranes}").value["follows"] is False
    assert ada.put(f"/dossiers/{cranes}/follow", {"follows": True}).value == {"follows": True}
    assert ada.get(f"/dossiers/{cranes}").value["follows"] is True
    ada.put(f"/dossiers/{cranes}/follow", {"follows": False})
    assert ada.get(f"/dossiers/{cranes}").value["follows"] is False


def test_language_zone_and_hours_are_chosen(pages: Pages) -> None:
    ada = program(pages, "duty_officer")
    before = ada.get("/account").value
    assert (before["language"], before["zone"]) == ("", "")
    assert before["hours"] == {**Hours().to_object(), "days": [0, 1, 2, 3, 4], "quiet": [1200, 420]}
    chosen = {"language": "fr", "zone": "Europe/Paris", "hours": HOURS}
    assert ada.put("/account", chosen).value == chosen
    (row,) = people.people(pages.node.db)
    assert Hours.from_object(row.hours) == Hours(
        mail=False, begins=510, days=(0, 2), quiet=(1200, 420)
    )
    unquiet = {**chosen, "hours": {**HOURS, "quiet": None}}
    assert ada.put("/account", unquiet).value == unquiet


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"language": "xx"}, "language"),
        ({"zone": "Europe/Nowhere"}, "zone"),
        ({"hours": {**HOURS, "begins": 1440}}, "hours.begins"),
        ({"hours": {**HOURS, "days": [7]}}, "hours.days.0"),
        ({"hours": {**HOURS, "quiet": [1]}}, "hours.quiet.1"),
    ],
)
def test_what_is_wrong_with_an_account_names_its_field(
    pages: Pages, given: dict[str, Any], field: str
) -> None:
    ada = program(pages, "duty_officer")
    answer = ada.put("/account", {"language": "fr", "zone": "UTC", "hours": HOURS, **given})
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", field)
    assert ada.get("/account").value["zone"] == ""


def test_a_machine_has_none_of_this(pages: Pages, cranes: str) -> None:
    """Nothing of who answers for it is shown to it, or changed by it."""
    node = pages.node
    ada = person(node, "ada", "duty_officer")
    own = Program(pages.app, token(node, ada, "duty_officer"))
    machine = Program(pages.app, token(node, ada, "duty_officer", machine=True))
    awaiting.gather(node)
    chosen = {"language": "fr", "zone": "UTC", "hours": HOURS}
    for answer in (
        machine.get("/notices"),
        machine.post("/notices/read"),
        machine.post(f"/notices/{unread(own)[0]}/read"),
        machine.put(f"/dossiers/{cranes}/follow", {"follows": True}),
        machine.get("/account"),
        machine.put("/account", chosen),
    ):
        assert (answer.status, answer.rule) == (403, "S10")
    own.put(f"/dossiers/{cranes}/follow", {"follows": True})
    assert own.get(f"/dossiers/{cranes}").value["follows"] is True
    assert machine.get(f"/dossiers/{cranes}").value["follows"] is False
    assert len(unread(own)) == 2


def test_a_party_s_time_zone_is_said(nodes: Nodes, pages: Pages) -> None:
    tolmere, ada = nodes.opened["tolmere"], program(pages, "duty_officer")
    place = f"/parties/{tolmere.me}"
    shown = ada.get(place).value
    assert (shown["zone"], shown["witnesses"]) == ("", [])
    assert (shown["proofs"]["need"], shown["proofs"]["of"]) == (1, 1)
    assert ada.put(f"{place}/zone", {"zone": "Asia/Beirut"}).value["zone"] == "Asia/Beirut"
    answer = ada.put(f"{place}/zone", {"zone": "Asia/Nowhere"})
    assert (answer.status, answer.value["field"]) == (422, "zone")
    assert ada.get(place).value["zone"] == "Asia/Beirut"
