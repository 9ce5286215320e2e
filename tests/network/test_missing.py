"""Content that did not come with its act is asked for again, politely, and comes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from comity.kernel.bundle import Bundle, Carried, Heights
from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.kernel.kinds import Growth
from comity.kernel.label import TLP
from comity.services.casework import content, dossiers, erasure, issue, join, missing, view
from comity.services.casework.issue import Draft
from comity.services.casework.missing import Content
from comity.services.delivery import heights, ingest
from comity.services.identity import parties
from comity.services.node import DAY, Node
from comity.store.access import acts as access
from comity.store.access import blobs, outbox
from comity.store.append import outbox as queue
from comity.store.sql import query, writing
from tests.network.simulator import MINUTE, Network, ladder
from tests.nodes import open_tally, say

SMALL, LARGE = b"seen at the lock gate", b"seen " * 30_000


def pair(net: Network) -> tuple[Node, Node]:
    made = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    return made


def came_bare(author: Node, node: Node, act: Id) -> None:
    """Let an act reach a node without its content, receipted to its author as it is."""
    stored = access.act(author.db, act)
    assert stored is not None
    bare = Carried(dossiers.stored_act(author, stored))
    outcome = ingest.receive(node, sender=author.me, what=Bundle(acts=(bare,)))
    assert outcome.receipt is not None
    with writing(author.db):
        rows = [row.id for row in outbox.deliveries(author.db, act) if row.recipient == node.me]
        queue.mark_sent(author.db, rows, author.now())
    ingest.receive(author, sender=node.me, what=Bundle(receipts=(outcome.receipt,)))
    assert ladder(author, act)[node.me] == "received"


def file_of(node: Node, act: Id) -> bytes:
    return b"".join(part.data for part in content.read_parts(node, act, 1))


def shown(node: Node, act: Id) -> Content:
    return view.act(node, act).content


def asks(net: Network, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Id, int]]:
    """Note (peer that is asked, act, when) of every content that is asked for."""
    found: list[tuple[str, Id, int]] = []
    original = heights.compare

    def noting(node: Node, peer: str, theirs: Iterable[Heights]) -> set[Id]:
        told = list(theirs)
        found.extend((node.settings.name, id_, net.time) for item in told for id_ in item.lacks)
        return original(node, peer, told)  # type: ignore[arg-type]

    monkeypatch.setattr(heights, "compare", noting)
    return found


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["in the bundle", "beside it"])
def test_an_act_that_came_without_its_content_asks_for_it(net: Network, data: bytes) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere, ceiling=TLP.GREEN)
    net.settle()
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a": data})
    came_bare(orvanda, tolmere, act)
    assert shown(tolmere, act) is Content.MISSING
    net.run(5, MINUTE)
    assert file_of(tolmere, act) == data
    assert shown(tolmere, act) is Content.HERE
    assert ladder(orvanda, act)[tolmere.me] == "whole"


def test_a_source_that_lost_a_blob_gives_others_when_it_is_asked(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a": LARGE})
    net.time += 1000
    net.work("orvanda")
    assert shown(tolmere, act) is Content.ARRIVING
    for path in orvanda.spool.iterdir():
        path.unlink()
    net.run(10, MINUTE)
    assert file_of(tolmere, act) == LARGE
    assert net.refusals("orvanda").keys() == {"T9"}


def test_the_same_behind_a_host(net: Network) -> None:
    council = net.make("council")
    made = [net.make(name, mailbox=council.me) for name in ("sarivane", "wicklight")]
    net.introduce()
    for node in made:
        parties.host(council, node.me, agreed=True)
    sarivane, wicklight = made
    dossier = open_tally(sarivane, wicklight)
    net.settle()
    act = say(sarivane, dossier, "bid", {"amount": 1}, files={"a": LARGE})
    net.time += 1000
    for path in [*sarivane.spool.iterdir()]:
        path.unlink()
    net.work("sarivane")
    # The host's disk and the author's spool are both gone before anybody fetched.
    for node in (sarivane, council):
        for path in node.spool.iterdir():
            path.unlink()
    net.run(30, MINUTE)
    assert file_of(wicklight, act) == LARGE
    assert ladder(sarivane, act)[wicklight.me] == "whole"


def test_another_member_gives_what_the_author_cannot(net: Network) -> None:
    orvanda, tolmere = pair(net)
    council = net.make("council")
    net.introduce()
    dossier = open_tally(orvanda, tolmere, council)
    net.settle()
    net.cut({"council"})
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a": SMALL})
    net.run(3)
    came_bare(orvanda, council, act)
    net.cut({"orvanda"})
    net.run(12, MINUTE)
    assert file_of(council, act) == SMALL


def test_asking_is_bounded_and_ends(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a": SMALL})
    came_bare(orvanda, tolmere, act)
    monkeypatch.setattr(heights, "_queue_contents", lambda *_: None)
    found = asks(net, monkeypatch)
    net.run(60, MINUTE)
    assert 2 <= len(found) <= 7
    net.run(130, DAY)
    assert {(name, id_) for name, id_, _ in found} == {("orvanda", act)}
    assert 80 <= len(found) <= 110
    assert max(at for _, _, at in found) < net.time - 30 * DAY
    assert shown(net["tolmere"], act) is Content.MISSING


def test_nothing_is_asked_that_is_not_meant_for_this_party(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = pair(net)
    council = net.make("council")
    net.introduce()
    dossier = open_tally(orvanda, tolmere, growth=Growth.CHAIR, chair=orvanda.me)
    early = say(orvanda, dossier, "bid", {"amount": 1}, files={"a": SMALL})
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("invite", {"party": council.me}))
    net.settle()
    join.join(council, dossier_id=dossier)
    net.settle()
    found = asks(net, monkeypatch)
    net.run(10, MINUTE)
    assert found == []
    assert shown(council, early) is Content.WITHHELD
    net.time += MINUTE
    asked = heights.heights_of(council, dossier)._replace(lacks=(early,))
    heights.compare(orvanda, council.me, [asked])
    assert ladder(orvanda, early)[council.me] == "received"


@pytest.mark.parametrize("whose", ["own", "author's"])
def test_what_was_erased_is_not_asked_for(
    net: Network, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a": SMALL})
    came_bare(orvanda, tolmere, act)
    if whose == "own":
        erasure.erase(tolmere, act, reason="personal_data")
    else:
        for stage in ("asked", "applied"):
            body: Object = {"act": act, "reason": "personal_data", "stage": stage}
            issue.issue(orvanda, dossier_id=dossier, draft=Draft("erase", body))
        net.run(3, 1_000)
    found = asks(net, monkeypatch)
    net.run(10, MINUTE)
    assert found == []
    assert shown(tolmere, act) is Content.ERASED


def test_who_may_not_have_a_content_asks_in_vain(net: Network) -> None:
    orvanda, tolmere = pair(net)
    council = net.make("council")
    net.introduce()
    dossier = open_tally(orvanda, tolmere)
    other = open_tally(orvanda, council)
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a": SMALL})
    net.settle()
    for asked in (dossier, other):
        heights.compare(orvanda, council.me, [Heights(asked, (), "", (act,))])
    assert council.me not in ladder(orvanda, act)


def test_many_are_asked_for_in_turn(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "MAX_LACKS", 3)
    monkeypatch.setattr(missing, "AT_ONCE", 4)
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    acts = [say(orvanda, dossier, "bid", {"amount": n + 1}, files={"a": SMALL}) for n in range(8)]
    for act in acts:
        came_bare(orvanda, tolmere, act)
    found = asks(net, monkeypatch)
    net.run(12, MINUTE)
    assert [file_of(tolmere, act) for act in acts] == [SMALL] * 8
    assert len(found) == 8


def test_a_blob_that_is_erased_is_served_no_more(net: Network) -> None:
    orvanda, tolmere = pair(net)
    dossier = open_tally(orvanda, tolmere)
    net.settle()
    act = say(orvanda, dossier, "bid", {"amount": 1}, files={"a": LARGE})
    net.time += 1000
    net.work("orvanda")
    assert blobs.out_blobs(orvanda.db, act)
    erasure.erase(orvanda, act, reason="personal_data")
    assert not list(orvanda.spool.iterdir())
    net.run(10, MINUTE)
    assert not file_of(tolmere, act)
    assert query(orvanda.db, "SELECT COUNT(*) FROM store_outblob") == [(0,)]
