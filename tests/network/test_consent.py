"""Content goes to a member when its signed consent to terms is held, by whatever way.

Each file that is sent holds a word of its own, which is looked for in all that another node keeps.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.kernel.canon import Object
from comity.kernel.cover import CoverKind
from comity.kernel.ids import Id
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.protocols.response.disclosure import PROTOCOL
from comity.protocols.response.disclosure.codes import DAY
from comity.services.casework import content, dossiers, issue, join, missing, readers
from comity.services.casework.issue import Draft
from comity.services.casework.missing import Content
from comity.services.delivery import envelope, stick, uploads, wire, work
from comity.services.delivery.carry import carry
from comity.services.identity import parties
from comity.services.node import Node
from comity.store.access import acts as access
from comity.store.access import blobs
from tests import databases
from tests.network.simulator import MINUTE, Network, held, ladder, require_equal
from tests.nodes import pass_on, say

CANARY = "turnstone-"
LARGE = 200_000


def report(
    author: Node, *members: Node, growth: str = Growth.CLOSED, large: bool = False, red: str = ""
) -> Id:
    """Open a case whose report holds the canary, TLP:RED where a person here is to read it alone;
    return its id.
    """
    file = author.folder / "report.txt"
    file.write_bytes(word("report") * (LARGE // 30 if large else 1))
    prepared = content.prepare_fields(author, {}, [("report.txt", "text/plain", file)])
    charter = Charter(
        protocol=PROTOCOL.name,
        version=PROTOCOL.version,
        members=tuple(sorted([author.me, *(node.me for node in members)])),
        growth=growth,
        ceiling=TLP.RED if red else TLP.AMBER,
        chair=author.me if growth == Growth.CHAIR else None,
        readers=((author.me, red),) if red else (),
        succeeds=None,
        time=None,
        terms={"role": "finder"},
    )
    draft = Draft("charter", content=prepared, footing=Footing.TECHNICAL)
    return issue.open_dossier(author, charter=charter, draft=draft)


def word(of: str) -> bytes:
    return f"{CANARY}{of}-spoonbill. ".encode()


def propose(node: Node, dossier: Id, *, days: int = 30) -> Id:
    end = node.now() + days * DAY
    body: Object = {"end": end, "use": "defence", "duties": ["none"]}
    return say(node, dossier, "propose", body, files={"terms.txt": b"curlew: the terms"})


def agree(node: Node, dossier: Id, terms: Id) -> Id:
    return say(node, dossier, "accept", {"duties": ["none"]}, refs=[terms])


def inform(node: Node, dossier: Id, of: str) -> Id:
    return say(node, dossier, "inform", {}, files={"more.txt": word(of)})


def knows(node: Node) -> bool:
    """Say whether a byte of what was said of the vulnerability is anywhere at a node."""
    return CANARY.encode() in everything_in(node.folder)


def everything_in(folder: Path) -> bytes:
    return b"".join(databases.kept_in(folder).values())


def has_content(node: Node, act: Id) -> bool:
    return any(is_held for _, _, is_held in access.part_sizes(node.db, act))


def three(net: Network) -> tuple[Node, Node, Node]:
    made = net.make("orvanda"), net.make("tolmere"), net.make("sarivane")
    net.introduce()
    return made


@pytest.mark.parametrize("large", [False, True])
def test_consent_brings_what_was_withheld_to_that_member_alone(net: Network, large: bool) -> None:  # noqa: FBT001  pytest's form
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane, large=large)
    terms, more = propose(orvanda, dossier), inform(orvanda, dossier, "more")
    net.settle()
    require_equal([orvanda, tolmere, sarivane], dossier)
    assert not knows(tolmere)
    assert not knows(sarivane)
    assert has_content(tolmere, terms)
    assert has_content(sarivane, terms)
    agree(tolmere, dossier, terms)
    net.settle()
    assert has_content(tolmere, dossier)
    assert has_content(tolmere, more)
    assert ladder(orvanda, dossier) == {tolmere.me: "whole", sarivane.me: "received"}
    assert knows(tolmere)
    assert not knows(sarivane)


def test_consent_has_its_author_send_what_it_withheld_at_once(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    terms = propose(orvanda, dossier)
    net.settle()
    agree(tolmere, dossier, terms)
    assert not pass_on(tolmere, orvanda)
    assert ladder(orvanda, dossier) == {tolmere.me: "queued", sarivane.me: "received"}


def test_who_refuses_never_gets_a_byte(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    terms = propose(orvanda, dossier)
    net.settle()
    say(sarivane, dossier, "refuse", {"reason": "law"}, refs=[terms])
    agree(tolmere, dossier, terms)
    net.settle()
    for node in (orvanda, tolmere):
        inform(node, dossier, "more")
    net.settle()
    net.run(5, 30 * MINUTE)
    require_equal([orvanda, tolmere, sarivane], dossier)
    assert not knows(sarivane)


def test_who_joins_later_agrees_or_gets_nothing(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, growth=Growth.CHAIR)
    terms = propose(orvanda, dossier)
    net.settle()
    agree(tolmere, dossier, terms)
    net.settle()
    issue.issue(orvanda, dossier_id=dossier, draft=Draft("invite", {"party": sarivane.me}))
    net.settle()
    join.join(sarivane, dossier_id=dossier)
    net.settle()
    inform(tolmere, dossier, "later")
    for acts in ([dossier], [terms]):
        body: Object = {"acts": [*acts], "to": sarivane.me}
        issue.issue(orvanda, dossier_id=dossier, draft=Draft("release", body))
    net.settle()
    require_equal([orvanda, tolmere, sarivane], dossier)
    assert has_content(sarivane, terms)
    assert not knows(sarivane)
    agree(sarivane, dossier, terms)
    net.settle()
    assert has_content(sarivane, dossier)


def test_who_withdraws_is_given_nothing_more(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    terms = propose(orvanda, dossier)
    net.settle()
    for node in (tolmere, sarivane):
        agree(node, dossier, terms)
    net.settle()
    say(sarivane, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    net.settle()
    later = inform(orvanda, dossier, "later")
    net.settle()
    assert has_content(tolmere, later)
    assert not has_content(sarivane, later)
    assert has_content(sarivane, dossier)


def test_no_relay_gives_what_the_author_withholds(net: Network) -> None:
    """Orvanda is away; Tolmere, which was given the report, is asked by who was not."""
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    terms = propose(orvanda, dossier)
    net.settle()
    agree(tolmere, dossier, terms)
    net.settle()
    net.cut({"tolmere", "sarivane"})
    sarivane.missed[tolmere.me] = {dossier: (dossier,)}
    sarivane.nudged.add(tolmere.me)
    net.run(3, MINUTE)
    for node in (orvanda, tolmere):
        carried = carry(node, dossier, sarivane.me)
        assert carried is not None
        assert not carried.parts
        assert not carried.blobs
    assert not knows(sarivane)
    agree(sarivane, dossier, terms)
    net.run(5, 30 * MINUTE)
    assert has_content(sarivane, dossier)


def test_a_blob_is_fetched_by_those_alone_who_agreed(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane, large=True)
    terms = propose(orvanda, dossier)
    net.settle()
    assert not blobs.out_blobs(orvanda.db, dossier)
    agree(tolmere, dossier, terms)
    net.time += 1000
    net.work("tolmere")
    net.time += 1000
    net.work("orvanda")
    (row,) = blobs.out_blobs(orvanda.db, dossier)
    asked: Object = {"blob": row.hash, "offset": 0, "length": 9}
    answers = {
        node.me: wire.answer(
            orvanda, "blob", envelope.request(node, orvanda.me, CoverKind.BLOB, asked)
        ).status
        for node in (tolmere, sarivane)
    }
    assert answers == {tolmere.me: 200, sarivane.me: 404}


def test_a_blob_is_fetched_no_further_by_who_has_withdrawn(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane, large=True)
    terms = propose(orvanda, dossier)
    net.settle()
    for node in (tolmere, sarivane):
        agree(node, dossier, terms)
        pass_on(node, orvanda)
    for node in (tolmere, sarivane):
        pass_on(orvanda, node)
    (row,) = blobs.out_blobs(orvanda.db, dossier)

    def fetched(node: Node) -> int:
        asked: Object = {"blob": row.hash, "offset": 0, "length": 9}
        data = envelope.request(node, orvanda.me, CoverKind.BLOB, asked)
        return wire.answer(orvanda, "blob", data).status

    assert (fetched(tolmere), fetched(sarivane)) == (200, 200)
    say(sarivane, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    pass_on(sarivane, orvanda)
    assert (fetched(tolmere), fetched(sarivane)) == (200, 404)


def test_a_host_passes_on_no_word_of_it(net: Network) -> None:
    orvanda, council = net.make("orvanda"), net.make("council")
    sarivane = net.make("sarivane", mailbox=council.me)
    net.introduce()
    parties.host(council, sarivane.me, agreed=True)
    dossier = report(orvanda, sarivane)
    terms = propose(orvanda, dossier)
    net.settle()
    assert held(sarivane, dossier) == {dossier, terms}
    assert not knows(sarivane)
    agree(sarivane, dossier, terms)
    net.settle()
    assert has_content(sarivane, dossier)
    assert not knows(council)


def test_a_file_that_is_carried_by_hand_holds_none_of_it(net: Network, tmp_path: Path) -> None:
    orvanda, tolmere = net.make("orvanda"), net.make("tolmere")
    net.introduce()
    dossier = report(orvanda, tolmere)
    propose(orvanda, dossier)
    stick.export_to(orvanda, tolmere.me, tmp_path / "stick")
    stick.import_from(tolmere, tmp_path / "stick")
    assert dossier in held(tolmere, dossier)
    assert not knows(tolmere)


def test_what_is_withheld_is_not_missing_and_is_asked_of_nobody(net: Network) -> None:
    orvanda, tolmere, _ = three(net)
    dossier = report(orvanda, tolmere)
    terms = propose(orvanda, dossier)
    net.settle()
    row = access.act(tolmere.db, dossier)
    assert row is not None
    loaded = dossiers.load(tolmere, dossier)
    assert missing.state_of(tolmere, loaded, row, erased=False) is Content.WITHHELD
    agree(tolmere, dossier, terms)
    loaded = dossiers.load(tolmere, dossier)
    assert missing.state_of(tolmere, loaded, row, erased=False) is Content.MISSING


def test_who_gets_the_words_is_shown_before_they_are_said(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    terms = propose(orvanda, dossier)
    net.settle()
    agree(tolmere, dossier, terms)
    net.settle()

    def states(kind: str) -> dict[str, str]:
        return {r.party: r.state for r in readers.of_draft(orvanda, dossier, kind, {})}

    assert states("inform") == {tolmere.me: "member", sarivane.me: "withheld"}
    assert states("discuss") == {tolmere.me: "member", sarivane.me: "member"}
    (first,) = readers.of_members(orvanda, [orvanda.me, tolmere.me], PROTOCOL)
    assert first.state == "withheld"


def test_proposing_less_brings_nobody_the_report_until_its_author_agrees(net: Network) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    propose(orvanda, dossier)
    net.settle()
    sooner = propose(tolmere, dossier, days=2)
    net.settle()
    assert not knows(tolmere)
    agree(orvanda, dossier, sooner)
    # Its author's own word lets it through, and sends it.
    assert ladder(orvanda, dossier) == {tolmere.me: "queued", sarivane.me: "received"}
    net.settle()
    assert has_content(tolmere, dossier)
    assert not knows(sarivane)


def test_who_proposes_more_is_given_the_report_when_another_agrees_and_not_before(
    net: Network,
) -> None:
    orvanda, tolmere, sarivane = three(net)
    dossier = report(orvanda, tolmere, sarivane)
    propose(orvanda, dossier)
    net.settle()
    later = propose(sarivane, dossier, days=60)
    net.settle()
    assert not knows(sarivane)
    agree(tolmere, dossier, later)
    assert not pass_on(tolmere, orvanda)
    assert ladder(orvanda, dossier) == {tolmere.me: "queued", sarivane.me: "queued"}
    net.settle()
    assert has_content(sarivane, dossier)
    assert has_content(tolmere, dossier)


def at_host(host: Node, party: Node, hash_: str) -> int:
    """Return what a host answers to a party that asks for a blob."""
    asked: Object = {"blob": hash_, "offset": 0, "length": 9}
    return wire.answer(host, "blob", envelope.request(party, host.me, CoverKind.BLOB, asked)).status


def test_a_host_gives_no_blob_any_more_to_who_has_withdrawn(net: Network) -> None:
    council, tolmere, sarivane = net.make("council"), net.make("tolmere"), net.make("sarivane")
    orvanda = net.make("orvanda", mailbox=council.me)
    net.introduce()
    parties.host(council, orvanda.me, agreed=True)
    dossier = report(orvanda, tolmere, sarivane, large=True)
    terms = propose(orvanda, dossier)
    net.settle()
    for node in (tolmere, sarivane):
        agree(node, dossier, terms)
        pass_on(node, orvanda)
    work.send_all(orvanda)
    (row,) = blobs.out_blobs(orvanda.db, dossier)
    while uploads.upload_due(orvanda):
        pass
    assert (at_host(council, tolmere, row.hash), at_host(council, sarivane, row.hash)) == (200, 200)
    say(sarivane, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    pass_on(sarivane, orvanda)
    while uploads.upload_due(orvanda):
        pass
    assert at_host(council, sarivane, row.hash) == 404
    net.settle()
    assert has_content(tolmere, dossier)
    assert ladder(orvanda, dossier) == {tolmere.me: "whole", sarivane.me: "received"}
    assert not knows(sarivane)
    assert not knows(council)


def test_a_host_keeps_what_all_who_were_named_may_have_still(net: Network) -> None:
    council, tolmere, sarivane = net.make("council"), net.make("tolmere"), net.make("sarivane")
    orvanda = net.make("orvanda", mailbox=council.me)
    net.introduce()
    parties.host(council, orvanda.me, agreed=True)
    dossier = report(orvanda, tolmere, sarivane, large=True)
    terms = propose(orvanda, dossier)
    net.settle()
    agree(tolmere, dossier, terms)
    pass_on(tolmere, orvanda)
    work.send_all(orvanda)
    (row,) = blobs.out_blobs(orvanda.db, dossier)
    say(sarivane, dossier, "refuse", {"reason": "law"}, refs=[terms])
    pass_on(sarivane, orvanda)
    assert [each.hash for each in blobs.out_blobs(orvanda.db, dossier)] == [row.hash]
