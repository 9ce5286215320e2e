"""Erasing: what leaves the node's files, what others said, and what came back afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from comity.kernel import documents, dsse
from comity.kernel.act import Act
from comity.kernel.bundle import Bundle
from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.services.care import fsck
from comity.services.casework import content, dossiers, erasure, missing
from comity.services.casework.erasure import Word
from comity.services.casework.issue import Draft, issue, own_view
from comity.services.casework.missing import Content
from comity.services.delivery import blobs, carry, deliver, ingest, work
from comity.services.identity.parties import save_own_document
from comity.services.node import DATABASE, Node
from comity.services.proof import evidence, witnessing
from comity.store import compact
from comity.store.access import acts as access
from comity.store.access import blobs as access_blobs
from comity.store.sql import query, writing
from tests import databases
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say

CANARY = b"canary-5e2a-crane"
SMALL, LARGE = {"f": CANARY * 100}, {"f": CANARY * 6000}


def traces(node: Node) -> list[str]:
    kept = databases.kept_in(node.folder)
    return [name for name, data in kept.items() if CANARY in data and "to-attach" not in name]


def pair(nodes: Nodes) -> tuple[Node, Node, Id]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    return orvanda, tolmere, open_tally(orvanda, tolmere)


def claim(node: Node, dossier: Id, files: dict[str, bytes]) -> Id:
    return say(node, dossier, "claim", {"status": "held"}, files=files)


def erase(node: Node, act: Id, reason: str = "", *parts: int) -> erasure.Erased:
    return erasure.carry_out(node, erasure.wish(node, act, reason=reason, parts=parts))


def words_at(node: Node, dossier: Id, act: Id) -> list[Word]:
    loaded = dossiers.load(node, dossier)
    return erasure.words(loaded, dossiers.shown(node, loaded), act)


@pytest.mark.sqlite("what its file still holds of deleted rows")
def test_a_database_that_forgets_to_wipe_is_rewritten(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda, _, dossier = pair(nodes)
        act = claim(orvanda, dossier, SMALL)
        # Some builds of SQLite wipe what is deleted, and most do not.
        query(orvanda.db, "PRAGMA secure_delete = 0")
        assert traces(orvanda)
        erasure.erase(orvanda, act, reason="law")
        assert traces(orvanda)
        assert compact.compact(orvanda.db)
        assert traces(orvanda) == []


@pytest.mark.sqlite("what its file still holds of deleted rows")
def test_while_another_writes_it_says_that_traces_may_be_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda, _, dossier = pair(nodes)
        act = claim(orvanda, dossier, SMALL)
        monkeypatch.setattr(compact, "compact", lambda _: False)
        assert not erase(orvanda, act, "law").gone
        monkeypatch.undo()
        query(orvanda.db, "PRAGMA busy_timeout = 1")
        with writing_elsewhere(orvanda):
            assert not compact.compact(orvanda.db)
        # It is not said twice, and done again it is finished.
        again = erase(orvanda, act)
        assert (again.act, again.gone) == ("", True)


@contextmanager
def writing_elsewhere(node: Node) -> Iterator[None]:
    """Hold the database's write lock, as another process would."""
    with closing(sqlite3.connect(node.folder / DATABASE)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_every_database_is_rewritten(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    act = claim(orvanda, dossier, SMALL)
    assert erase(orvanda, act, "law").gone
    assert [held for _, _, held in access.part_sizes(orvanda.db, act)] == [False, False]
    assert fsck.check(orvanda).findings == []
    pass_on(orvanda, tolmere)
    # Who had not been given it yet gets the heading and the leaves.
    assert access.act(tolmere.db, act) is not None
    assert [held for _, _, held in access.part_sizes(tolmere.db, act)] == [False, False]
    assert traces(tolmere) == []
    # It knows why, and asks nobody for it.
    row = access.act(tolmere.db, act)
    assert row is not None
    loaded = dossiers.load(tolmere, dossier)
    assert missing.state_of(tolmere, loaded, row, erased=False) is Content.ERASED
    nodes.clock.advance(3600_000)
    missing.ask_again(tolmere)
    assert tolmere.missed == {}


def test_blobs_made_of_it_go_with_their_keys_and_are_made_anew_without_the_part(
    nodes: Nodes,
) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    act = claim(orvanda, dossier, {"f": CANARY * 6000, "g": b"g" * 90_000})
    carried = carry.carry(orvanda, act, tolmere.me)
    assert carried is not None
    before = {ref.hash for ref in carried.blobs}
    assert before == {path.name for path in orvanda.spool.iterdir()}
    erase(orvanda, act, "mistake", 1)
    (gone,) = query(orvanda.db, "SELECT gone, key FROM store_outblob")
    assert gone == (True, b"")
    work.work_once(orvanda)
    assert query(orvanda.db, "SELECT hash FROM store_outblob WHERE gone") == []
    assert list(orvanda.spool.iterdir()) == []
    again = carry.carry(orvanda, act, tolmere.me)
    assert again is not None
    assert {ref.hash for ref in again.blobs}.isdisjoint(before)
    assert [index for index, _ in again.leaves] == [1]


def in_between(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, step: Callable[[], object]
) -> None:
    """Let ``step`` be done once, right before the function ``name`` of a module."""
    function, steps = getattr(module, name), [step]

    def first(*args: Any, **kwargs: Any) -> Any:
        if steps:
            steps.pop()()
        return function(*args, **kwargs)

    monkeypatch.setattr(module, name, first)


@pytest.mark.parametrize("place", [(content, "held_part"), (carry, "_make_blob"), (carry, "lock")])
def test_a_blob_being_made_while_its_content_is_erased_is_not_kept(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch, place: tuple[object, str]
) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    act = claim(orvanda, dossier, {"f": CANARY * 6000, "g": b"g" * 90_000})
    in_between(monkeypatch, *place, lambda: erasure.erase(orvanda, act, reason="law", parts=[1]))
    carried = carry.carry(orvanda, act, tolmere.me)
    assert carried is not None
    assert [index for index, _ in carried.leaves] == [1]
    made = access_blobs.out_blobs(orvanda.db, act)
    assert [(row.first, row.last) for row in made] == [(0, 0), (2, 2)]
    assert {row.hash for row in made} == {path.name for path in orvanda.spool.iterdir()}
    assert {row.hash for row in made} == {ref.hash for ref in carried.blobs}


def test_a_blob_is_not_made_of_what_its_author_says_meanwhile_it_erased(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, act = announced(nodes)
    (row,) = access_blobs.in_blobs(tolmere.db, act=act)
    (tolmere.spool / row.name).write_bytes((orvanda.spool / row.hash).read_bytes())
    assert blobs.fetch(tolmere, row)
    erase(orvanda, act, "mistake", 1)
    in_between(monkeypatch, carry, "_make_blob", lambda: pass_on(orvanda, tolmere))
    carried = carry.carry(tolmere, act, orvanda.me)
    assert carried is not None
    assert ([part.index for part in carried.parts], len(carried.leaves)) == ([0], 1)
    assert not access_blobs.out_blobs(tolmere.db, act)
    assert not list(tolmere.spool.iterdir())


def test_a_blob_made_right_before_its_content_is_erased_goes_with_it(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    act = claim(orvanda, dossier, LARGE)
    in_between(monkeypatch, erasure, "writing", lambda: carry.carry(orvanda, act, tolmere.me))
    erasure.erase(orvanda, act, reason="law")
    assert not access_blobs.out_blobs(orvanda.db, act)
    assert not list(orvanda.spool.iterdir())


def test_a_lost_file_is_not_taken_for_an_erased_one(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    act = claim(orvanda, dossier, LARGE)
    for path in (path for path in orvanda.parts.rglob("*") if path.is_file()):
        path.unlink()
    with pytest.raises(FileNotFoundError):
        carry.carry(orvanda, act, tolmere.me)


def announced(nodes: Nodes) -> tuple[Node, Node, Id]:
    """Tolmere was told of a large content of Orvanda's, and has not fetched it."""
    orvanda, tolmere, dossier = pair(nodes)
    act = claim(orvanda, dossier, LARGE)
    packed, _ = deliver.pack(orvanda, tolmere.me)
    ingest.receive(tolmere, sender=orvanda.me, what=packed)
    assert access_blobs.in_blobs(tolmere.db, act=act)
    return orvanda, tolmere, act


def test_what_is_still_being_fetched_is_fetched_no_more(nodes: Nodes) -> None:
    _, tolmere, act = announced(nodes)
    (row,) = access_blobs.in_blobs(tolmere.db, act=act)
    (tolmere.spool / row.name).write_bytes(b"half")
    erase(tolmere, act, "law")
    assert access_blobs.in_blobs(tolmere.db, act=act) == []
    assert list(tolmere.spool.iterdir()) == []


def test_what_arrives_while_it_is_erased_is_not_kept(nodes: Nodes) -> None:
    orvanda, tolmere, act = announced(nodes)
    (row,) = access_blobs.in_blobs(tolmere.db, act=act)
    erasure.erase(tolmere, act, reason="law")
    # The fetch had begun before, and ends now.
    (tolmere.spool / row.name).write_bytes((orvanda.spool / row.hash).read_bytes())
    assert blobs.fetch(tolmere, row)
    assert traces(tolmere) == []
    assert not any(held for _, _, held in access.part_sizes(tolmere.db, act))
    assert list(tolmere.spool.iterdir()) == []


def test_parts_are_not_erased_apart_before_all_have_come(nodes: Nodes) -> None:
    _, tolmere, act = announced(nodes)
    with refused("S4", "not wholly arrived"):
        erasure.wish(tolmere, act, reason="law", parts=[1])
    with refused("S4", "At most"):
        erasure.wish(tolmere, act, reason="law", parts=range(300))
    with refused("S3"):
        erasure.wish(tolmere, Id("0" * 64), reason="law")


def test_who_has_not_answered_is_silent_and_only_where_the_author_asked(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    act = claim(orvanda, dossier, SMALL)
    pass_on(orvanda, tolmere)

    def words(node: Node) -> list[Word]:
        return words_at(node, dossier, act)

    assert words(orvanda) == []
    erase(tolmere, act, "retention")
    assert words(tolmere) == [Word(tolmere.me, "applied", "retention")]
    with refused("S4", "has not asked"):
        erasure.refuse(tolmere, act, reason="law")
    pass_on(tolmere, orvanda)
    erase(orvanda, act, "mistake")
    assert words(orvanda) == [
        Word(orvanda.me, "asked", "mistake"),
        Word(tolmere.me, "applied", "retention"),
    ]
    other = claim(orvanda, dossier, SMALL)
    erase(orvanda, other, "mistake")
    found = words_at(orvanda, dossier, other)
    assert found == [Word(orvanda.me, "asked", "mistake"), Word(tolmere.me, "silent")]
    with refused("S4", "has not asked"):
        erasure.refuse(orvanda, other, reason="law")


def test_an_own_word_that_peers_give_back_later_is_carried_out_then(nodes: Nodes) -> None:
    orvanda, _, dossier = pair(nodes)
    act = claim(orvanda, dossier, LARGE)
    kept = claim(orvanda, dossier, SMALL)
    for stage, of in (("asked", act), ("refused", kept)):
        draft = Draft("erase", {"act": of, "stage": stage, "reason": "law"})
        issue(orvanda, dossier_id=dossier, draft=draft)
    assert any(held for _, _, held in access.part_sizes(orvanda.db, act))
    assert work.checkpoint(orvanda)
    assert not any(held for _, _, held in access.part_sizes(orvanda.db, act))
    assert all(held for _, _, held in access.part_sizes(orvanda.db, kept))
    assert erasure.apply_again(orvanda) == 0


def test_own_words_are_looked_at_once_and_again_when_the_documents_change(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, _, dossier = pair(nodes)
    for _ in range(3):
        erase(orvanda, claim(orvanda, dossier, SMALL), "law")
    read: list[str] = []
    stored = dossiers.stored_act

    def noted(node: Node, row: access.ActRow) -> Act:
        read.append(row.id)
        return stored(node, row)

    def looked_at() -> int:
        read.clear()
        with monkeypatch.context() as patch:
            patch.setattr(dossiers, "stored_act", noted)
            assert erasure.apply_again(orvanda) == 0
        return len(read)

    assert [looked_at(), looked_at()] == [3, 0]
    claim(orvanda, dossier, SMALL)
    erase(orvanda, claim(orvanda, dossier, SMALL), "law")
    assert [looked_at(), looked_at()] == [1, 0]
    root = orvanda.keys.root()
    assert root is not None
    view = own_view(orvanda)
    payload = documents.root_payload(
        time=nodes.clock.now(),
        grade=view.grade,
        root_keys=[root.key],
        threshold=1,
        logs=view.logs,
        next_hash=view.next,
        previous=view,
    )
    with writing(orvanda.db):
        save_own_document(orvanda, dsse.sign(dsse.ROOT, payload, [root]))
    assert [looked_at(), looked_at()] == [4, 0]


def test_a_word_that_came_after_the_last_look_is_carried_out(nodes: Nodes) -> None:
    orvanda, _, dossier = pair(nodes)
    act = claim(orvanda, dossier, {"a": b"a", "b": b"b"})
    erase(orvanda, act, "law", 1)
    assert erasure.apply_again(orvanda) == 0
    # Told, and cut off before it was done.
    body: Object = {"act": act, "stage": "asked", "reason": "law", "parts": [2]}
    issue(orvanda, dossier_id=dossier, draft=Draft("erase", body))
    assert erasure.apply_again(orvanda) == 1
    held = {idx for idx, _, there in access.part_sizes(orvanda.db, act) if there}
    assert held == {0}
    assert erasure.apply_again(orvanda) == 0


def test_the_newest_own_word_counts(nodes: Nodes) -> None:
    orvanda, tolmere, dossier = pair(nodes)
    act = claim(orvanda, dossier, SMALL)
    erase(orvanda, act, "mistake")
    pass_on(orvanda, tolmere)
    assert erasure.refuse(tolmere, act, reason="law").stage == "refused"
    assert erasure.apply_again(tolmere) == 0
    erase(tolmere, act)
    with refused("S4", "nothing left to keep"):
        erasure.refuse(tolmere, act, reason="law")
    assert erasure.wish(tolmere, act).reason == "mistake"
    assert [w.stage for w in words_at(tolmere, dossier, act)] == [
        "asked",
        "applied",
    ]


def test_every_proof_holds_after_parts_were_erased(nodes: Nodes) -> None:
    orvanda, _, dossier = pair(nodes)
    act = claim(orvanda, dossier, {"a": b"a" * 99, "b": b"b" * 90_000, "c": b"c"})
    witnessing.cut(orvanda)
    leaves = [row.leaf for row in access.parts(orvanda.db, act)]
    erasure.erase(orvanda, act, reason="personal_data", parts=[1, 2])
    for row in access.parts(orvanda.db, act):
        assert (row.salt is None) == (row.data is None) == (row.idx in {1, 2})
    assert [row.leaf for row in access.parts(orvanda.db, act)] == leaves
    # What is left is proven as before, and what is gone is still committed to.
    report = evidence.verify(evidence.make(orvanda, act, parts=evidence.ALL))
    assert [part.part for part in report.parts] == [0, 3]
    assert report.standing.value == "proven"


@pytest.mark.parametrize("size", [10, 90_000])
def test_a_part_its_author_erased_is_passed_on_by_nobody_and_lacked_by_nobody(
    nodes: Nodes, size: int
) -> None:
    orvanda, tolmere, council = (nodes.make(n) for n in ("orvanda", "tolmere", "council"))
    for one, other in ((orvanda, tolmere), (orvanda, council), (tolmere, council)):
        introduce(one, other)
    dossier = open_tally(orvanda, tolmere, council)
    act = claim(orvanda, dossier, {"f": CANARY * (size // 10), "g": b"g" * size})
    pass_on(orvanda, tolmere)
    while rows := access_blobs.in_blobs(tolmere.db, act=act):
        for row in rows:
            (tolmere.spool / row.name).write_bytes((orvanda.spool / row.hash).read_bytes())
            assert blobs.fetch(tolmere, row)
    assert carry.carry(tolmere, act, council.me)
    erase(orvanda, act, "mistake", 1)
    pass_on(orvanda, tolmere)
    # Tolmere has not answered, and holds the part still.
    assert [held for _, _, held in access.part_sizes(tolmere.db, act)] == [True] * 3
    for id_ in (row.id for row in access.acts_of(tolmere.db, dossier)):
        item = carry.carry(tolmere, id_, council.me)
        assert item is not None
        ingest.receive(council, sender=tolmere.me, what=Bundle(acts=(item,)))
    while rows := access_blobs.in_blobs(council.db, act=act):
        for row in rows:
            (council.spool / row.name).write_bytes((tolmere.spool / row.hash).read_bytes())
            assert blobs.fetch(council, row)
    assert [held for _, _, held in access.part_sizes(council.db, act)] == [True, False, True]
    row_of = access.act(council.db, act)
    assert row_of is not None
    loaded = dossiers.load(council, dossier)
    assert missing.state_of(council, loaded, row_of, erased=False) is Content.HERE
    assert traces(council) == []
