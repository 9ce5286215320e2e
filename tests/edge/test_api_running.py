"""The API, running the node: parties met and accredited, its state, mandates and audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from comity.kernel.errors import Refusal
from comity.services.delivery import meet, wire
from comity.services.identity import parties, roster
from comity.services.people import actors, mandates
from comity.services.ports import Reply
from comity.store.access.people import audit
from comity.store.database import close_connection
from tests.edge.program import person, program
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce

AT = "https://tolmere.example"


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The API of Orvanda, which has not met Tolmere; that answers at ``AT``."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere", endpoints=(AT,))

    def answer(path: str, body: bytes) -> Reply:
        try:
            return wire.answer(tolmere, path, body)
        finally:
            # It was answered in a thread of Orvanda's, which knows nothing of this database.
            close_connection(tolmere.db)

    nodes.transport.connect(f"{AT}/comity/1/", answer)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def test_a_party_is_met_by_its_address_and_accredited(nodes: Nodes, pages: Pages) -> None:
    tolmere, ada = nodes.opened["tolmere"], program(pages, "duty_officer")
    met = ada.post("/parties", {"address": AT}).value
    assert (met["id"], met["name"], met["accredited_at"]) == (tolmere.me, "tolmere", None)
    assert [party["name"] for party in ada.get("/parties").value["parties"]] == [
        "orvanda",
        "tolmere",
    ]
    place = f"/parties/{tolmere.me}"
    answer = ada.post(f"{place}/accredit", {"told": "12345 " * 12})
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", "told")
    assert ada.get(place).value["accredited_at"] is None
    told = roster.known(pages.node, tolmere.me).fingerprint
    done = ada.post(f"{place}/accredit", {"told": told}).value
    assert done["accredited_at"] == pages.node.now()
    entry = audit(pages.node.db)[0]
    assert (entry.what, entry.subject) == ("accredited", tolmere.me)


def test_a_party_is_met_by_its_card(nodes: Nodes, pages: Pages) -> None:
    tolmere, ada = nodes.opened["tolmere"], program(pages, "duty_officer")
    card = orjson.loads(parties.card(tolmere))
    assert ada.post("/parties", {"card": card}).value["id"] == tolmere.me
    wrongs: list[object] = [{"documents": []}, {**card, "documents": []}]
    for wrong in wrongs:
        answer = ada.post("/parties", {"card": wrong})
        assert (answer.status, answer.rule, answer.value["field"]) == (422, "T10", "card")


@pytest.mark.parametrize("given", [{}, {"address": AT, "card": {"documents": []}}])
def test_one_way_to_meet_is_named(pages: Pages, given: dict[str, object]) -> None:
    answer = program(pages, "duty_officer").post("/parties", given)
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", "address")


def test_meeting_takes_a_mandate_wherever_it_is_asked_for(nodes: Nodes, pages: Pages) -> None:
    ann = actors.of_person(pages.node, person(pages.node, "ann", "analyst"))
    with pytest.raises(Refusal, match="S10"):
        meet.as_person(pages.node, ann, card=parties.card(nodes.opened["tolmere"]))


def test_a_node_that_does_not_answer_is_the_address_s_fault(nodes: Nodes, pages: Pages) -> None:
    ada = program(pages, "duty_officer")
    answer = ada.post("/parties", {"address": "https://nobody.example"})
    assert (answer.status, answer.rule, answer.value["retry"]) == (422, "S13", "later")
    assert answer.value["field"] == "address"
    nodes.transport.connect("https://odd.example", lambda _path, _body: Reply(500, b"no"))
    answer = ada.post("/parties", {"address": "https://odd.example"})
    assert (answer.status, answer.value["field"]) == (422, "address")


def test_the_state_of_the_node_is_told(nodes: Nodes, pages: Pages) -> None:
    introduce(pages.node, nodes.opened["tolmere"])
    incident(pages.node, nodes.opened["tolmere"], "Cranes stop")
    state = program(pages, "administrator").get("/node").value
    assert (state["name"], state["party"]) == ("orvanda", pages.node.me)
    assert (state["dossiers"], state["backup"], state["drill"]) == (1, None, None)
    (queue,) = state["queues"]
    assert (queue["party"], queue["states"]) == (nodes.opened["tolmere"].me, {"queued": 1})
    assert {finding["level"] for finding in state["findings"]} <= {"error", "warning", "note"}


def test_mandates_are_read_and_changed(pages: Pages) -> None:
    kim = program(pages, "administrator", name="kim")
    listed = kim.get("/mandates").value["mandates"]
    assert [mandate["code"] for mandate in listed] == [*mandates.shipped()]
    analyst = next(mandate for mandate in listed if mandate["code"] == "analyst")
    rules = {key: analyst[key] for key in ("lanes", "ceiling", "second", "override")}
    changed = kim.put("/mandates/analyst", {**rules, "issue": ["*:acknowledge"]}).value
    assert changed == {**analyst, "issue": ["*:acknowledge"]}
    assert mandates.of_node(pages.node)["analyst"].issue == ("*:acknowledge",)
    entry = audit(pages.node.db)[0]
    assert (entry.what, entry.subject, entry.name) == ("mandate", "analyst", "Kim")
    assert kim.get("/mandates/nothing").rule == "S3"
    answer = kim.put("/mandates/analyst", {**rules, "lanes": ["secret"]})
    assert (answer.status, answer.value["field"]) == (422, "lanes.0")


def test_the_audit_is_read_page_by_page(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.services.people import audit as service

    monkeypatch.setattr(service, "AT_ONCE", 2)
    eve, seen, before = program(pages, "auditor", name="eve"), list[int](), 0
    while True:
        answer = eve.get(f"/audit?before={before}").value
        seen += [entry["n"] for entry in answer["entries"]]
        before = answer["before"]
        if not before:
            break
    assert seen == list(range(max(seen), 0, -1))
    assert len(seen) == len(audit(pages.node.db)) >= 3
    assert answer["entries"][-1]["words"] == "Made a link for a person"
