"""A case of many parties: its pages ask the database as often as those of a few, and what was not
read in it is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.kernel.ids import Id
from comity.services.casework.desk import Desk
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.people import awaiting, notices
from comity.services.people.actors import of_person
from comity.services.response import disclosures, incidents
from comity.store.access import people
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes
from tests.services.test_carry import queries
from tools import bench_case
from tools.bench_case import Case

FEW, MANY = 6, 16
SAID = 60


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as found:
        yield found


@pytest.fixture(scope="module")
def cases(nodes: Nodes) -> tuple[Node, dict[str, Case]]:
    """The node, and cases of a few parties and of many, in which more was said."""
    node, others = bench_case.town(nodes, MANY)
    few = others[: FEW - 1]
    return node, {
        "disclosure of few": bench_case.disclosed(node, few, SAID),
        "disclosure of many": bench_case.disclosed(node, others, 3 * SAID),
        "incident of few": bench_case.suffered(node, few, SAID),
        "incident of many": bench_case.suffered(node, others, 3 * SAID),
    }


def asked(node: Node, case: Case) -> tuple[int, int]:
    """Return by how many queries a case's file is read, and it as it stands."""
    id_ = case.id
    Machine(node).file(id_)
    with queries(node) as file:
        Machine(node).file(id_)
    with queries(node) as page:
        if "disclosure" in Machine(node).dossier(id_).protocol:
            disclosures.case(node, id_)
        else:
            incidents.read(Machine(node), id_)
    return len(file), len(page)


@pytest.mark.parametrize("kind", ["disclosure", "incident"])
def test_more_parties_and_acts_are_no_more_queries(
    cases: tuple[Node, dict[str, Case]], kind: str
) -> None:
    node, found = cases
    few, many = found[f"{kind} of few"], found[f"{kind} of many"]
    assert len(many.thread.acts) == 3 * len(few.thread.acts)
    file, page = asked(node, few)
    more_file, more_page = asked(node, many)
    assert more_file <= file
    assert more_page <= page


@pytest.fixture(scope="module")
def ada(cases: tuple[Node, dict[str, Case]]) -> Iterator[Visitor]:
    with Pages(cases[0]) as pages:
        yield pages.person("ada", "duty_officer")


def unread(node: Node, dossier: Id) -> list[str]:
    """Look for what awaits people; return what Ada has not read of a dossier."""
    awaiting.gather(node)
    (ada,) = people.people(node.db)
    shown = notices.of_desk(Desk(node, of_person(node, ada.id)))
    return [each.kind for each in shown if each.dossier == dossier and not each.is_read]


@pytest.mark.parametrize("kind", ["disclosure", "incident"])
def test_what_many_said_is_one_thing_not_read_until_it_is_looked_at(
    cases: tuple[Node, dict[str, Case]], ada: Visitor, kind: str
) -> None:
    node, found = cases
    case, other = found[f"{kind} of many"], found[f"{kind} of few"]
    before = unread(node, other.id)
    page = ada.get(f"/dossiers/{case.id}")
    ada.fill(page, {}, form=next(f for f in page.read.forms if f.action.endswith("follow")))
    assert unread(node, case.id) == []
    said = len(case.thread.acts)
    case.say(case.step("inform", {}), case.parties[1:9])
    case.bring(said)
    assert unread(node, case.id) == [notices.NEWS]
    assert unread(node, other.id) == before
    ada.get(f"/dossiers/{case.id}")
    assert unread(node, case.id) == []


@pytest.mark.long
def test_five_hundred_vendors_are_on_one_page_with_who_is_silent(
    tmp_path: Path, cases: tuple[Node, dict[str, Case]]
) -> None:
    with Nodes(tmp_path) as made:
        node, others = bench_case.town(made, 500)
        case = bench_case.disclosed(node, others, 2_500)
        found = disclosures.case(node, case.id)
        assert len(found.parties) == 500
        silent = {each.name for each in found.parties if each.consent == "no_reply"}
        # One of twelve never says a word, and this party has not yet.
        assert len(silent) == len(others[:: bench_case.SILENT]) - 1 + 1
        few_file, few_page = asked(*_few(cases))
        file, page = asked(node, case)
        assert (file <= few_file, page <= few_page) == (True, True)
        with Pages(node) as pages:
            ada = pages.person("ada", "duty_officer")
            for path in ("", "/disclosure", "/picture"):
                shown = ada.get(f"/dossiers/{case.id}{path}")
                assert shown.status == 200
            shown = ada.get(f"/dossiers/{case.id}/disclosure")
            assert all(f"<bdi>{each.name}</bdi>" in shown.text for each in found.parties)


def _few(cases: tuple[Node, dict[str, Case]]) -> tuple[Node, Case]:
    return cases[0], cases[1]["disclosure of few"]
