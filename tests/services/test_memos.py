"""Memos stay at home: who reads them there, and that nothing which leaves the node holds one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import comity
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP
from comity.services.care import backup
from comity.services.casework import erasure, issue, memos
from comity.services.casework.content import prepare_fields
from comity.services.casework.desk import Desk
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.delivery import handing, stick
from comity.services.node import Node
from comity.services.people.actors import Actor
from comity.services.proof import evidence
from tests import databases
from tests.edge.test_two_lanes import SECRET, answered, opened
from tests.edge.test_web_dossiers import incident
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce, pass_on
from tests.services.staff import hire

CANARY = "canary-91c4-memo"
SOURCE = Path(comity.__file__).parent


@dataclass(frozen=True)
class Place:
    """Orvanda's dossier in two lanes with Tolmere, which said something in each, and its people."""

    orvanda: Node
    tolmere: Node
    dossier: Id
    said: dict[str, Id]
    people: dict[str, Actor]

    def desk(self, who: str) -> Desk:
        """The desk of one of the people."""
        return Desk(self.orvanda, self.people[who])

    def texts(self, who: str) -> set[str]:
        """The memos that one of the people reads."""
        return {memo.text for memo in memos.of_dossier(self.desk(who), self.dossier)}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A head reads both lanes; a duty officer the technical one, and a diplomat the other."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        dossier = opened(orvanda, tolmere, "diplomatic", "technical")
        pass_on(orvanda, tolmere)
        said = {lane: answered(tolmere, dossier, lane, "no") for lane in SECRET}
        pass_on(tolmere, orvanda)
        people = {code: hire(orvanda, code, code) for code in ("head", "duty_officer", "diplomat")}
        people["analyst"] = hire(orvanda, "analyst", "analyst")
        yield Place(orvanda, tolmere, dossier, said, people)


def inform(node: Node, dossier: Id, text: str) -> None:
    """Add words to the dossier."""
    content = prepare_fields(node, {"text": text})
    issue.issue(node, dossier_id=dossier, draft=Draft("inform", {}, content))


def test_a_private_one_is_read_by_who_wrote_it_alone(place: Place) -> None:
    memos.write(place.desk("head"), place.dossier, "Mine.")
    assert "Mine." in place.texts("head")
    assert not {who for who in place.people if who != "head" and "Mine." in place.texts(who)}
    assert not [m for m in memos.of_dossier(Machine(place.orvanda), place.dossier) if m.mine]
    machine = Desk(place.orvanda, replace(place.people["head"], machine="0" * 24))
    assert "Mine." not in {m.text for m in memos.of_dossier(machine, place.dossier)}


@pytest.mark.parametrize(
    ("readers", "read_by"),
    [
        ("all", {"head", "duty_officer", "diplomat", "analyst"}),
        ("technical", {"head", "duty_officer", "analyst"}),
        ("diplomatic", {"head", "diplomat"}),
    ],
)
def test_one_for_colleagues_is_read_by_those_of_its_lane(
    place: Place, readers: str, read_by: set[str]
) -> None:
    memos.write(place.desk("head"), place.dossier, f"For {readers}.", for_=readers)
    assert {who for who in place.people if f"For {readers}." in place.texts(who)} == read_by


def test_whoever_does_not_read_a_message_reads_no_memo_about_it(place: Place) -> None:
    memos.write(place.desk("diplomat"), place.said["diplomatic"], "Ask the minister.", for_="all")
    found = {who for who in place.people if "Ask the minister." in place.texts(who)}
    assert found == {"head", "diplomat"}
    with refused("S3"):
        memos.write(place.desk("duty_officer"), place.said["diplomatic"], "x")


def test_what_is_written_again_takes_the_place_of_the_earlier_and_nothing_removes_it(
    place: Place,
) -> None:
    analyst, act = place.desk("analyst"), place.said["technical"]
    for text in ("First.", " Second.\r\nLine. "):
        memos.write(analyst, act, text)
    found = [memo for memo in memos.of_dossier(analyst, place.dossier) if memo.mine]
    assert [(m.act, m.name, m.readers, m.text) for m in found] == [
        (act, "analyst", "me", "Second.\nLine.")
    ]
    memos.write(analyst, act, "  ")
    assert not [memo for memo in memos.of_dossier(analyst, place.dossier) if memo.mine]


def test_what_does_not_fit_is_refused(place: Place) -> None:
    officer = place.desk("duty_officer")
    for readers in ("diplomatic", "legal", "everybody"):
        with refused("S4", "Choose who"):
            memos.write(officer, place.dossier, "x", for_=readers)
    with refused("S4", "4000"):
        memos.write(officer, place.dossier, "x" * 4001)
    machine = Desk(place.orvanda, replace(officer.actor, machine="0" * 24))
    with refused("S10"):
        memos.write(machine, place.dossier, "x", for_="all")
    with refused("S3"):
        memos.write(officer, "0" * 64, "x")


def test_nothing_that_leaves_the_node_holds_one(place: Place, tmp_path: Path) -> None:
    """Words of a message are found at the other node, so that they would be if they were there."""
    orvanda, tolmere = place.orvanda, place.tolmere
    for act in (place.dossier, *place.said.values()):
        for readers in ("me", "all", "technical"):
            memos.write(place.desk("head"), act, f"{CANARY} {act}", for_=readers)
    assert any(CANARY.encode() in data for data in databases.kept_in(orvanda.folder).values())
    inform(orvanda, place.dossier, "said before the file")
    officer = place.people["duty_officer"]
    name, file = handing.export(orvanda, officer, place.dossier, PartyId(tolmere.me))
    sealed = tmp_path / name
    with file:
        sealed.write_bytes(file.read())
    assert stick.import_from(tolmere, sealed).refused == []
    inform(orvanda, place.dossier, "said after the file")
    pass_on(orvanda, tolmere)
    kept = databases.kept_in(tolmere.folder)
    for words in (b"said before the file", b"said after the file"):
        assert any(words in data for data in kept.values())
    assert not [name for name, data in kept.items() if CANARY.encode() in data]
    for act in (place.dossier, *place.said.values()):
        assert CANARY.encode() not in evidence.make(orvanda, act)


def test_nothing_but_a_person_s_own_ways_in_reads_the_table() -> None:
    """What is sent, exported, printed, proven or counted cannot hold what it never asks for."""
    users = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "memos.of_dossier" in (text := path.read_text(encoding="utf-8"))
        or "service.of_dossier" in text
        or "store_memo" in text
    }
    assert users == {
        "store/access/memos.py",
        "store/append/memos.py",
        "edge/api/memos.py",
        "edge/cli/memos.py",
        "edge/web/views/memos.py",
        "edge/web/views/dossiers.py",
    }


def test_they_go_with_the_words_that_they_are_about(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = incident(orvanda, tolmere, "Cranes stop")
    machine = Machine(orvanda)
    memos.write(machine, dossier, CANARY, for_="all")
    erasure.carry_out(orvanda, erasure.wish(orvanda, dossier, reason="mistake"))
    assert memos.of_dossier(machine, dossier) == ()
    kept = databases.kept_in(orvanda.folder)
    assert not [name for name, data in kept.items() if CANARY.encode() in data]


def test_of_a_red_dossier_its_readers_alone_read_them(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    one, other = hire(orvanda, "One", "head"), hire(orvanda, "Other", "head")
    readers = ((orvanda.me, one.handle),)
    dossier = incident(orvanda, tolmere, "Cranes stop", TLP.RED, readers=readers)
    memos.write(Desk(orvanda, one), dossier, "Only for readers.", for_="all")
    assert [memo.mine for memo in memos.of_dossier(Desk(orvanda, one), dossier)] == [True]
    with refused("S3"):
        memos.of_dossier(Desk(orvanda, other), dossier)


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_backup_keeps_them(tmp_path: Path) -> None:
    with Nodes(tmp_path / "nodes") as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        memos.write(Machine(orvanda), incident(orvanda, tolmere, "Cranes"), CANARY, for_="all")
        backup.backup(orvanda, target=tmp_path / "copy")
    assert any(CANARY.encode() in data for data in databases.kept_in(tmp_path / "copy").values())
