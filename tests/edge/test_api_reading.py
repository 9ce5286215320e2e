"""The API, read: dossiers, acts, what is new, taking things out; hidden from who may not see it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.casework.desk import Desk
from comity.services.delivery import stick
from comity.services.people import actors
from comity.services.proof import evidence
from comity.store.access import acts
from comity.store.access.people import audit
from comity.store.append.log import allocate
from comity.store.sql import writing
from tests.edge.program import Program, person, program, token
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce, open_tally, pass_on, say


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages and the API of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def cranes(nodes: Nodes, pages: Pages) -> str:
    """An incident of Orvanda and Tolmere."""
    return incident(pages.node, nodes.opened["tolmere"], "Cranes stop")


def test_a_dossier_is_found_and_read(nodes: Nodes, pages: Pages, cranes: str) -> None:
    pass_on(pages.node, nodes.opened["tolmere"])
    ada = program(pages, "duty_officer")
    (line,) = ada.get("/dossiers?text=crane").value["dossiers"]
    assert (line["id"], line["title"], line["tlp"]) == (cranes, "Cranes stop", "amber")
    file = ada.get(f"/dossiers/{cranes}").value
    assert file["title"] == "Cranes stop"
    assert {m["name"] for m in file["members"]} == {"orvanda", "tolmere"}
    (act,) = file["acts"]
    assert act["fields"]["text"] == "Since 02:40."
    assert act["ladder"][0]["rungs"].keys() >= {"signed", "received"}
    step = {each["kind"]: each for each in file["steps"]}
    assert step["inform"]["hand"] == "alone"
    assert step["inform"]["rule"] == ""
    assert step["answer"]["rule"]
    assert step["answer"]["reason"]
    assert ada.get(f"/acts/{cranes}").value == act
    assert ada.get("/dossiers?text=nothing").value == {"dossiers": [], "before": 0}


def test_what_needs_somebody_is_said(nodes: Nodes, pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    assert ada.get("/work").value["needs"] == []
    tolmere = nodes.opened["tolmere"]
    pass_on(pages.node, tolmere)
    asked = say(tolmere, cranes, "ask", {"verb": "investigate", "to": [pages.node.me]})
    pass_on(tolmere, pages.node)
    (need,) = ada.get("/work").value["needs"]
    assert (need["dossier"], need["subject"], need["step"]) == (cranes, asked, "answer")
    assert (need["words"], need["reason"]) == (
        "Answer tolmere",
        "tolmere asked orvanda: investigate the systems named",
    )
    away = program(pages, "administrator").get("/work").value
    assert away["needs"] == away["colleagues"] == []
    beside = program(pages, "head").get("/work").value
    assert (beside["needs"], beside["more"]) == ([], 0)
    assert [each["subject"] for each in beside["colleagues"]] == [asked]


def test_hidden_and_absent_are_answered_alike(pages: Pages, cranes: str) -> None:
    act = say(pages.node, cranes, "inform")
    kim = program(pages, "administrator")
    low = program(pages, "duty_officer", ceiling=TLP.GREEN)
    away = program(pages, "duty_officer", lanes=())
    for blind in (kim, low, away):
        for path in ("/dossiers/{}", "/dossiers/{}/forms/inform"):
            _alike(blind, path, cranes)
        for path in ("/acts/{}", "/acts/{}/evidence", "/acts/{}/files/0"):
            _alike(blind, path, act)
        assert blind.get("/dossiers").value["dossiers"] == []
        assert blind.get("/acts").value["acts"] == []
        assert blind.get("/changes").value["changes"] == []


def _alike(blind: Program, path: str, hidden: str) -> None:
    absent = "0" * 64
    one, other = blind.get(path.format(hidden)), blind.get(path.format(absent))
    assert (one.status, other.status) == (404, 404)
    assert one.body.replace(hidden.encode(), absent.encode()) == other.body
    assert one.headers.keys() == other.headers.keys()


def test_reading_what_is_strict_is_noted_for_the_auditor(nodes: Nodes, pages: Pages) -> None:
    tolmere = nodes.opened["tolmere"]
    strict = incident(pages.node, tolmere, "Strict", TLP.AMBER_STRICT)
    act = say(pages.node, strict, "inform", files={"a.txt": b"one"})
    ada = program(pages, "duty_officer", machine=True, name="ada")
    me = ada.get("/me").value
    taken = [f"/acts/{act}", f"/acts/{act}/evidence", f"/acts/{act}/files/0"]
    for number, path in enumerate([f"/dossiers/{strict}", *taken], 1):
        assert ada.get(path).status == 200
        read = [entry for entry in audit(pages.node.db) if entry.what == "read"]
        assert len(read) == number, path
        assert (read[0].subject, read[0].name) == (strict, "A program")
        assert read[0].detail["token"] == me["token"]


def test_no_token_reads_what_is_red(nodes: Nodes, pages: Pages) -> None:
    """RED is for pages alone: a token does not read what lists its own maker."""
    node, tolmere = pages.node, nodes.opened["tolmere"]
    who = person(node, "hal", "head")
    head = actors.of_person(node, who)
    red = open_tally(node, tolmere, ceiling=TLP.RED, readers=((node.me, head.handle),))
    assert Desk(node, head).dossier(red).id == red
    hal = Program(pages.app, token(node, who, "head"))
    assert hal.get("/me").value["mandates"][0]["ceiling"] == "amber_strict"
    assert hal.get(f"/dossiers/{red}").status == 404
    with pytest.raises(Refusal, match="TLP:RED"):
        token(node, who, "head", ceiling=TLP.RED)


def test_evidence_and_files_are_taken_out(pages: Pages, cranes: str) -> None:
    act = say(pages.node, cranes, "inform", files={"a.txt": b"one", "b.txt": b"two" * 100_000})
    ada = program(pages, "duty_officer")
    answer = ada.get(f"/acts/{act}/evidence")
    assert answer.status == 200
    assert evidence.verify(answer.body).subject == act
    answer = ada.get(f"/acts/{act}/files/1")
    assert answer.body == b"two" * 100_000
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert ada.get(f"/acts/{act}/files/2").rule == "S3"


def test_what_waits_for_a_member_is_taken_out_sealed(
    nodes: Nodes, pages: Pages, cranes: str, tmp_path: Path
) -> None:
    tolmere, ada = nodes.opened["tolmere"], program(pages, "duty_officer")
    answer = ada.post(f"/dossiers/{cranes}/export", {"party": tolmere.me})
    assert answer.status == 200
    assert audit(pages.node.db)[0].what == "exported"
    sealed = tmp_path / "sealed"
    sealed.write_bytes(answer.body)
    stick.import_from(tolmere, sealed)
    assert acts.act(tolmere.db, cranes) is not None
    answer = ada.post(f"/dossiers/{cranes}/export", {"party": pages.node.me})
    assert (answer.rule, answer.value["field"]) == ("S4", "party")
    assert list(pages.node.spool.iterdir()) == []


def test_reading_on_from_a_cursor_gives_every_act_once(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    first = ada.get("/acts").value
    assert [act["id"] for act in first["acts"]] == [cranes]
    new = [say(pages.node, cranes, "inform") for _ in range(3)]
    second = ada.get(f"/acts?since={first['since']}").value
    assert [act["id"] for act in second["acts"]] == new
    assert ada.get(f"/acts?since={second['since']}").value["acts"] == []
    changes = ada.get("/changes").value
    assert [each["id"] for each in changes["changes"]] == [cranes]
    assert ada.get(f"/changes?since={changes['since']}").value["changes"] == []


def test_a_cursor_never_passes_what_another_writer_commits_late(
    nodes: Nodes, pages: Pages, cranes: str
) -> None:
    """While one has taken a number and not committed, no other gets a later one that is seen."""
    ada, began = program(pages, "duty_officer"), threading.Event()
    since = ada.get("/acts").value["since"]
    said: list[str] = []

    def late() -> None:
        began.set()
        said.append(say(pages.node, cranes, "inform"))
        nodes.close_connection("orvanda")

    writer = threading.Thread(target=late)
    # A program is no thread of this one, whose transaction is open.
    with ThreadPoolExecutor() as elsewhere, writing(pages.node.db):
        first = allocate(pages.node.db, "act")
        writer.start()
        began.wait()
        # The other writer waits for the number, or for the whole database.
        answer = elsewhere.submit(ada.get, f"/acts?since={since}").result()
        assert answer.value == {"acts": [], "since": since, "more": False}
    writer.join()
    (act,) = ada.get(f"/acts?since={since}").value["acts"]
    assert act["id"] == said[0]
    assert act["n"] > first


def test_a_reader_among_writers_misses_nothing(nodes: Nodes, pages: Pages, cranes: str) -> None:
    tolmere = nodes.opened["tolmere"]
    places = [cranes, incident(pages.node, tolmere, "Pumps stop")]
    ada = program(pages, "duty_officer")
    said: list[str] = []

    def write(dossier: str) -> None:
        said.extend(say(pages.node, dossier, "inform") for _ in range(8))
        nodes.close_connection("orvanda")

    since, seen = ada.get("/acts").value["since"], list[str]()
    writers = [threading.Thread(target=write, args=(dossier,)) for dossier in places]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers) or len(seen) < 16:
        answer = ada.get(f"/acts?since={since}").value
        seen += [act["id"] for act in answer["acts"]]
        since = answer["since"]
    assert sorted(seen) == sorted(said)
    assert len(set(seen)) == 16


def test_the_newest_reach_far(pages: Pages, cranes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.services.casework import feeds

    monkeypatch.setattr(feeds.acts, "__defaults__", (2,))
    for _ in range(3):
        say(pages.node, cranes, "inform")
    ada, since, seen = program(pages, "duty_officer"), 0, 0
    while (answer := ada.get(f"/acts?since={since}").value)["more"]:
        since, seen = answer["since"], seen + len(answer["acts"])
        assert len(answer["acts"]) == 2
    assert seen == 4
