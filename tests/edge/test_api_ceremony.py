"""The API, of the root ceremony: the proposal goes out, signatures come in, and no key ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from comity.services.casework.issue import own_view
from comity.services.identity import ceremony, holders, proposals
from comity.store.access.people import audit
from tests.edge.program import program
from tests.edge.visitor import Pages
from tests.nodes import Nodes
from tests.services.test_ceremony import NAMES, add, held


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages and the API of Orvanda, where three holders are named."""
    orvanda = nodes.make("orvanda")
    ceremony.begin(orvanda, 2)
    add(orvanda, *NAMES)
    with Pages(orvanda) as found:
        yield found


def test_signatures_are_brought_and_the_new_keys_put_in_force(pages: Pages) -> None:
    node, root = pages.node, program(pages, "administrator", name="root")
    assert root.get("/ceremony").value["step"] == "gather"
    assert root.get("/ceremony/proposal").rule == "S3"
    proposal = ceremony.propose(node)
    shown = root.get("/ceremony").value
    assert (shown["step"], shown["proposal"], shown["spoken"]) == (
        "sign",
        proposal.id,
        proposal.spoken,
    )
    assert shown["new"] == {"have": 0, "need": 2, "of": 3}
    carried = proposals.parse(root.get("/ceremony/proposal").body)
    codes = [holders.sign(carried, held(name)) for name in NAMES[:2]]
    for code in codes:
        shown = root.post("/ceremony/signatures", {"code": code}).value
    assert shown["step"] == "publish"
    assert [h["label"] for h in shown["holders"] if h["signed"] and h["new"]] == sorted(NAMES[:2])
    done = root.post("/ceremony/publish").value
    assert (done["step"], done["grade"]) == ("rest", "hardened")
    assert own_view(node).grade == "hardened"
    told = [(row.what, row.name) for row in audit(node.db)][:3]
    assert told == [("rooted", "Root"), ("signature", "Root"), ("signature", "Root")]


def test_what_does_not_count_is_refused_and_harms_nothing(pages: Pages) -> None:
    node, root = pages.node, program(pages, "administrator", name="root")
    carried = ceremony.propose(node)
    code = holders.sign(carried, held("Head"))
    root.post("/ceremony/signatures", {"code": code})
    for wrong, rule in ((code, "S4"), ("COMITY-SIGNATURE-AAAAA", "S4")):
        answer = root.post("/ceremony/signatures", {"code": wrong})
        assert (answer.status, answer.rule) == (422, rule)
    answer = root.post("/ceremony/publish")
    assert (answer.status, answer.rule) == (422, "K5")
    assert root.get("/ceremony").value["new"]["have"] == 1


def test_a_machine_looks_and_does_nothing(pages: Pages) -> None:
    """What it may manage of the node, it only reads."""
    carried = ceremony.propose(pages.node)
    machine = program(pages, "administrator", name="root", machine=True)
    assert machine.get("/ceremony").value["step"] == "sign"
    code = holders.sign(carried, held("Head"))
    for answer in (
        machine.post("/ceremony/signatures", {"code": code}),
        machine.post("/ceremony/publish"),
    ):
        assert (answer.status, answer.rule) == (403, "S10")
    assert machine.get("/ceremony").value["new"]["have"] == 0
