"""Large content from and to nodes that accept no connections: brought to a host, fetched there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.kernel.ids import Id
from comity.services.casework import content
from comity.services.delivery import blobs as fetching
from comity.services.delivery import kept, uploads, work
from comity.services.identity import parties
from comity.services.node import DAY, Node
from comity.store.access import blobs, outbox
from comity.store.access import parties as access_parties
from comity.store.append import blobs as append
from comity.store.sql import writing
from tests import databases
from tests.network.simulator import MINUTE, Crash, Faults, Network, ladder
from tests.nodes import open_tally, say

CANARY = b"kittiwake-"
DATA = CANARY * 30_000
KIB = 1024


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a blob take several pieces without being large."""
    monkeypatch.setattr(uploads, "PIECE", 100 * KIB)
    monkeypatch.setattr(fetching, "PIECE", 100 * KIB)


def hosted(net: Network, name: str, host: Node) -> Node:
    """Make a node that accepts no connections."""
    return net.make(name, mailbox=host.me)


def agree(net: Network) -> None:
    """Let all know each other, and every host keep what it is asked to."""
    net.introduce()
    for node in net.nodes.values():
        for other in net.nodes.values():
            if other.settings.mailbox == node.me:
                parties.host(node, other.me, agreed=True)


def behind_one_host(net: Network) -> tuple[Node, Node, Node]:
    """Return two nodes that accept no connections, and the host of both."""
    council = net.make("council")
    made = hosted(net, "sarivane", council), hosted(net, "wicklight", council), council
    agree(net)
    return made


def send(net: Network, author: Node, *others: Node, data: bytes = DATA) -> Id:
    """Say something with a large file; return its id."""
    dossier = open_tally(author, *others)
    net.settle()
    return say(author, dossier, "bid", {"amount": 1}, files={"big.bin": data})


def file_of(node: Node, act: Id) -> bytes:
    return b"".join(part.data for part in content.read_parts(node, act, 1))


def wait(net: Network, act: Id, *names: str, most: int = 60, pace: int = 10_000) -> None:
    """Let time pass until these nodes hold the content, and its author knows it."""
    for _ in range(most):
        net.step(pace)
        done = [file_of(net[name], act) == DATA for name in names]
        author = next(n for n in net.nodes.values() if outbox.deliveries(n.db, act))
        states = {ladder(author, act).get(net[name].me) for name in names}
        if all(done) and states == {"whole"}:
            return
    raise AssertionError({n: net.refusals(n) for n in net.nodes})


def kept_at(node: Node) -> list[Path]:
    return sorted(node.spool.glob("kept-*"))


def require_clean(net: Network) -> None:
    """Demand that nothing of what travelled is left in any spool."""
    net.run(3, 40_000)
    for node in net.nodes.values():
        assert not list(node.spool.iterdir())
        assert not blobs.all_kept(node.db)
        assert not blobs.fetching(node.db)


def test_two_nodes_behind_one_host(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    wait(net, act, "wicklight", pace=2_000)
    assert not any(net.refusals(name) for name in net.nodes)
    require_clean(net)
    assert not council.loaded


def test_two_nodes_behind_two_hosts_that_do_not_know_all(net: Network) -> None:
    council, fennick = net.make("council"), net.make("fennick")
    sarivane, wicklight = hosted(net, "sarivane", council), hosted(net, "wicklight", fennick)
    net.introduce("council", "sarivane")
    net.introduce("fennick", "wicklight")
    net.introduce("sarivane", "wicklight")
    parties.host(council, sarivane.me, agreed=True)
    parties.host(fennick, wicklight.me, agreed=True)
    # Where the other's mail goes is all that either needs to know beforehand.
    net.introduce("sarivane", "fennick")
    act = send(net, sarivane, wicklight)
    wait(net, act, "wicklight")
    require_clean(net)


def test_from_a_node_behind_a_host_to_one_with_an_address(net: Network) -> None:
    council, orvanda = net.make("council"), net.make("orvanda")
    sarivane = hosted(net, "sarivane", council)
    agree(net)
    act = send(net, sarivane, orvanda)
    wait(net, act, "orvanda", pace=2_000)
    require_clean(net)


def test_from_a_node_behind_a_host_to_that_host(net: Network) -> None:
    council = net.make("council")
    sarivane = hosted(net, "sarivane", council)
    agree(net)
    act = send(net, sarivane, council)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "clean_spool", lambda _node: None)
        wait(net, act, "council")
        net.run(3, 40_000)
        assert not kept_at(council)
    require_clean(net)


def test_from_a_node_with_an_address_to_one_behind_a_host(net: Network) -> None:
    council, orvanda = net.make("council"), net.make("orvanda")
    sarivane = hosted(net, "sarivane", council)
    agree(net)
    act = send(net, orvanda, sarivane)
    wait(net, act, "sarivane")
    assert not [path for to, path, _ in net.seen if path.endswith("spool")]
    require_clean(net)


def test_to_several_each_brought_once(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    orvanda = net.make("orvanda")
    agree(net)
    act = send(net, sarivane, wicklight, orvanda, council)
    net.seen.clear()
    wait(net, act, "wicklight", "orvanda", "council", pace=2_000)
    brought = [len(body) for _, path, body in net.seen if path.endswith("spool")]
    assert len(DATA) < sum(brought) < 2 * len(DATA)
    require_clean(net)


def test_the_host_reads_nothing_and_learns_neither_act_nor_dossier(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    for _ in range(20):
        net.time += 2_000
        net.work("sarivane")
    (path,) = kept_at(council)
    assert path.stat().st_size > len(DATA)
    found = b"".join(databases.kept_in(council.folder).values())
    assert CANARY not in found
    assert act.encode() not in found
    assert wicklight.me.encode() in found


def test_a_line_that_is_cut_anywhere_goes_on_from_there(net: Network) -> None:
    sarivane, wicklight, _ = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    net.faults = Faults(lose_request=0.2, lose_reply=0.2, duplicate=0.2)
    wait(net, act, "wicklight", most=300)
    net.faults = Faults()
    net.settle()
    require_clean(net)


@pytest.mark.parametrize("name", ["sarivane", "council", "wicklight"])
def test_whoever_is_killed_the_rest_is_brought_and_nothing_doubled(net: Network, name: str) -> None:
    sarivane, wicklight, _ = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    for nth in [None, *range(0, 60, 3)]:
        net.arm(name, nth)
        net.run(1, 2_000)
    wait(net, act, "wicklight")
    net.settle()
    for host in net.hosts.values():
        host.clock_crash, host.anchor_crash = None, False
    require_clean(net)


@pytest.mark.parametrize("where", ["the piece written", "the whole compared", "the row written"])
def test_a_host_killed_while_it_keeps(
    net: Network, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    module, name = {
        "the piece written": (kept, "_compare"),
        "the whole compared": (append, "mark_kept"),
        "the row written": (kept, "_take"),
    }[where]

    def die(*_: object, **__: object) -> None:
        raise Crash("council")

    with monkeypatch.context() as patch:
        patch.setattr(module, name, die)
        net.run(4, 2_000)
    assert not any(row.whole for row in blobs.kept_for(council.db, wicklight.me, of(sarivane, act)))
    wait(net, act, "wicklight")
    require_clean(net)


def of(node: Node, act: str) -> str:
    """Return the hash of the one blob made of an act."""
    (row,) = blobs.out_blobs(node.db, act)
    return row.hash


def test_what_nobody_fetches_is_dropped_after_ninety_days(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    send(net, sarivane, wicklight)
    for _ in range(20):
        net.time += 2_000
        net.work("sarivane")
    net.time += 89 * DAY
    net.work("council")
    assert kept_at(council)
    net.time += 2 * DAY
    net.work("council")
    assert not kept_at(council)
    assert not blobs.all_kept(council.db)


def test_the_author_has_a_blob_dropped_that_came_another_way(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    monkeypatch.setattr(fetching, "_say_taken", lambda *_: None)
    act = send(net, sarivane, wicklight)
    wait(net, act, "wicklight", pace=2_000)
    assert kept_at(council)
    require_clean(net)


def test_a_host_that_lost_a_blob_is_brought_it_again(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    for _ in range(20):
        net.time += 2_000
        net.work("sarivane")
    kept_at(council)[0].unlink()
    wait(net, act, "wicklight", most=200)
    require_clean(net)


@pytest.mark.parametrize("left", [None, b"", DATA[:200_000], bytes(400_000)])
def test_a_file_that_was_lost_or_damaged_at_its_author_is_made_anew(
    net: Network, left: bytes | None
) -> None:
    sarivane, wicklight, _ = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    work.send_all(sarivane)
    spooled = sarivane.spool / of(sarivane, act)
    size = spooled.stat().st_size
    spooled.unlink()
    if left is not None:
        spooled.write_bytes(left[:size])
    wait(net, act, "wicklight", most=40, pace=MINUTE)
    require_clean(net)


def test_another_host_is_brought_what_the_first_had(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    fennick = net.make("fennick")
    agree(net)
    act = send(net, sarivane, wicklight)
    net.time += 2_000
    net.work("sarivane")
    parties.host(fennick, sarivane.me, agreed=True)
    net["sarivane"].settings = type(sarivane.settings)(
        **{
            **{f: getattr(sarivane.settings, f) for f in sarivane.settings.__slots__},
            "mailbox": fennick.me,
        }
    )
    parties.publish_node_document(net["sarivane"])
    net.introduce()
    parties.host(council, sarivane.me, agreed=False)
    wait(net, act, "wicklight", most=200)
    assert "T9" not in net.refusals("fennick")


def test_a_host_that_forgot_a_blob_is_told_of_it_anew(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "_bring", uploads._announce)
        net.time += 2_000
        net.work("sarivane")
    assert blobs.all_kept(council.db) == {(sarivane.me, of(sarivane, act))}
    kept.drop(council, sarivane.me, of(sarivane, act))
    wait(net, act, "wicklight", pace=2_000)
    assert net.refusals("council")["T9"] >= 1
    assert ladder(sarivane, act) == {wicklight.me: "whole"}


def test_wrong_bytes_of_one_source_do_not_keep_out_those_of_another(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    fennick = net.make("fennick")
    net.introduce()
    act = send(net, sarivane, wicklight)
    for _ in range(5):
        net.time += 2_000
        net.work("sarivane")
    hash_ = of(sarivane, act)
    # Another holds the blob too; the first that is named gives something else.
    with writing(fennick.db):
        size = kept_at(council)[0].stat().st_size
        append.keep_blob(fennick.db, sarivane.me, hash_, size, net.time)
        append.let_fetch(fennick.db, sarivane.me, [hash_], [wicklight.me])
        append.mark_kept(fennick.db, sarivane.me, hash_, whole=True)
    kept.path_of(fennick, sarivane.me, hash_).write_bytes(kept_at(council)[0].read_bytes())
    kept_at(council)[0].write_bytes(bytes(size))
    place = fetching.places
    monkeypatch.setattr(
        fetching,
        "places",
        lambda node, row: place(node, row._replace(sources=[council.me, fennick.me])),
    )
    wait(net, act, "wicklight")
    assert net.refusals("wicklight") == {"T8": 1}


def test_sources_that_are_not_known_are_passed_over(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    act = send(net, sarivane, wicklight)
    work.send_all(sarivane)
    work.pull_mail(wicklight)
    (row,) = blobs.in_blobs(wicklight.db, act=act)
    assert row.sources == [council.me]
    unknown = row._replace(sources=["f" * 64, council.me, sarivane.me])
    assert fetching.places(wicklight, unknown) == [council.me]
    assert fetching.places(wicklight, row._replace(sources=["f" * 64], via="e" * 64)) == []


def test_refusals_of_a_host_hold_up_no_act(net: Network) -> None:
    sarivane, wicklight, council = behind_one_host(net)
    dossier = open_tally(sarivane, wicklight)
    net.settle()
    act = say(sarivane, dossier, "bid", {"amount": 1}, files={"big.bin": DATA})
    full = council.settings
    council.settings = type(full)(
        **{**{f: getattr(full, f) for f in full.__slots__}, "disk": 200 * KIB}
    )
    net.run(10, MINUTE)
    assert ladder(sarivane, act) == {wicklight.me: "received"}
    assert dict(_counts(sarivane))["T5"] > 0
    assert not kept_at(council)
    council.settings = full
    wait(net, act, "wicklight", most=200, pace=MINUTE)


def _counts(node: Node) -> Iterator[tuple[str, int]]:
    for rule, _, count, _, _ in access_parties.refusals(node.db):
        yield rule, count


def test_work_goes_on_one_round_at_a_time(net: Network) -> None:
    sarivane, wicklight, _ = behind_one_host(net)
    send(net, sarivane, wicklight)
    work.send_all(sarivane)
    assert uploads.upload_due(sarivane)
    assert not uploads.upload_due(sarivane)
    assert not uploads.upload_due(net["council"])
