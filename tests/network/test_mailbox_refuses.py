"""What a mailbox host refuses: typed, counted, and nothing stored that could hurt."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.kernel.blob import LEAST_SIZE, MOST_SIZE
from comity.kernel.bundle import Bundle
from comity.kernel.cover import WINDOW, CoverKind, SignedCover
from comity.kernel.ids import Id, PartyId
from comity.services import quota
from comity.services.delivery import envelope, kept, wire
from comity.services.identity import parties
from comity.services.node import Node
from comity.services.ports import Reply
from comity.store.access import blobs
from comity.store.database import close_connection
from comity.store.sql import query
from tests.network.simulator import Network

SPARE = 64 * 1024
"""For documents, which count as well."""
DATA = os.urandom(70_000)
HASH = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def three(net: Network) -> tuple[Node, Node, Node]:
    """A host, one it keeps blobs for, and a party that it only knows."""
    council = net.make("council")
    sarivane = net.make("sarivane", mailbox=council.me)
    wicklight = net.make("wicklight")
    net.introduce()
    parties.host(council, sarivane.me, agreed=True)
    return council, sarivane, wicklight


def spool(asker: Node, host: Node, body: bytes = b"", **args: Any) -> Reply:
    """Ask the host of another's mail to keep something, as the wire would."""
    args = {"blob": HASH, "size": len(DATA), "offset": 0} | args
    args = {name: value for name, value in args.items() if value is not None}
    return wire.answer(host, "spool", envelope.request(asker, host.me, CoverKind.SPOOL, args, body))


def fetch(asker: Node, host: Node, **more: Any) -> Reply:
    args: dict[str, Any] = {"blob": HASH, "offset": 0, "length": len(DATA), **more}
    return wire.answer(host, "blob", envelope.request(asker, host.me, CoverKind.BLOB, args))


def rule_of(reply: Reply) -> str:
    """Return the rule of a refusal in its one shape."""
    value = orjson.loads(reply.body)
    assert value.keys() >= {"rule", "reason", "subject", "retry"}
    return str(value["rule"])


def require_nothing_kept(host: Node) -> None:
    assert not list(host.spool.iterdir())
    assert not blobs.all_kept(host.db)


@pytest.mark.parametrize(
    ("rule", "status", "args", "body"),
    [
        ("T7", 413, {"size": LEAST_SIZE - 1}, b""),
        ("T7", 413, {"size": MOST_SIZE + 1}, b""),
        ("T7", 413, {"size": 2**53 - 1}, b""),
        ("T7", 413, {"offset": len(DATA)}, b"x"),
        ("T7", 413, {"size": 100}, DATA),
        ("T10", 400, {"size": -1}, b""),
        ("T10", 400, {"size": None}, b""),
        ("T10", 400, {"size": True}, b""),
        ("T10", 400, {"offset": "0"}, b""),
        ("T10", 400, {"blob": "../" + 61 * "a"}, b""),
        ("T10", 400, {"blob": HASH.upper()}, b""),
        ("T10", 400, {"to": []}, b""),
        ("T10", 400, {"to": ["f" * 64, "e" * 64]}, b""),
        ("T10", 400, {"to": [f"{n:064x}" for n in range(kept.MOST_NAMED + 1)]}, b""),
        ("T10", 400, {"to": ["somebody"]}, b""),
        ("T10", 400, {"more": 1}, b""),
        ("T10", 400, {"drop": True}, b""),
        ("T10", 400, {"drop": False, "size": None, "offset": None}, b""),
        ("T10", 400, {"drop": True, "size": None, "offset": None}, b"x"),
        ("T9", 404, {"to": None}, b""),
        ("T9", 404, {"to": None}, DATA),
    ],
)
def test_what_is_not_well_formed_or_was_not_announced(
    three: tuple[Node, Node, Node], rule: str, status: int, args: dict[str, Any], body: bytes
) -> None:
    council, sarivane, wicklight = three
    reply = spool(sarivane, council, body, **{"to": [wicklight.me]} | args)
    assert (reply.status, rule_of(reply)) == (status, rule)
    require_nothing_kept(council)


def test_each_refusal_is_counted(three: tuple[Node, Node, Node], net: Network) -> None:
    council, sarivane, wicklight = three
    for _ in range(3):
        spool(sarivane, council, size=1, to=[wicklight.me])
        fetch(wicklight, council)
    assert net.refusals("council") == {"T7": 3, "T9": 3}


def test_nothing_is_kept_for_a_party_that_is_not_hosted(three: tuple[Node, Node, Node]) -> None:
    council, _, wicklight = three
    reply = spool(wicklight, council, DATA, to=[wicklight.me])
    assert (reply.status, rule_of(reply)) == (403, "T11")
    assert rule_of(spool(wicklight, council, blob=HASH, drop=True, size=None, offset=None)) == "T11"
    require_nothing_kept(council)


def test_cheap_refusals_come_before_any_cryptography(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    council, sarivane, wicklight = three

    def never(*_: object) -> None:
        raise AssertionError("A signature was verified, or a body hashed.")

    monkeypatch.setattr(envelope, "require_sender", never)
    monkeypatch.setattr(envelope, "require_body", never)
    small = replace(council.settings, disk=len(DATA) - 1)
    council.settings, before = small, council.settings
    assert rule_of(spool(sarivane, council, DATA, to=[wicklight.me])) == "T5"
    council.settings = before
    assert rule_of(spool(wicklight, council, DATA, to=[wicklight.me])) == "T11"
    assert rule_of(spool(sarivane, council, DATA, size=9, to=[wicklight.me])) == "T7"
    require_nothing_kept(council)


def test_what_is_announced_counts_before_it_comes(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, wicklight = three
    council.settings = replace(council.settings, disk=3 * MOST_SIZE + SPARE)
    replies = [
        spool(sarivane, council, blob=f"{n:064x}", size=MOST_SIZE, to=[wicklight.me])
        for n in range(4)
    ]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert spool(sarivane, council, blob=f"{2:064x}", size=MOST_SIZE).status == 200
    assert not list(council.spool.iterdir())


def test_strangers_leave_room_in_a_mailbox(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, wicklight = three
    council.settings = replace(council.settings, disk=4 * SPARE)
    query(council.db, "UPDATE store_party SET accredited_at = NULL WHERE id = %s", (wicklight.me,))

    def leave() -> int:
        sealed = envelope.seal_for(wicklight, sarivane.me, Bundle(checkpoints=("x" * 4096,) * 8))
        return wire.answer(council, "bundle", sealed).status

    assert [leave() for _ in range(3)] == [202, 429, 429]
    parties.accredit(council, wicklight.me)
    assert leave() == 202


def test_announcements_at_once_are_counted_together(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    council, sarivane, wicklight = three
    council.settings = replace(council.settings, disk=MOST_SIZE + SPARE)
    ask: Any = {"size": MOST_SIZE, "to": [wicklight.me]}
    verify = envelope.require_sender
    others: list[object] = []

    def meanwhile(node: Node, signed: SignedCover) -> None:
        verify(node, signed)
        if not others:
            others.append(None)
            others[0] = spool(sarivane, council, blob="b" * 64, **ask).status

    monkeypatch.setattr(envelope, "require_sender", meanwhile)
    assert rule_of(spool(sarivane, council, blob="a" * 64, **ask)) == "T5"
    assert others == [200]
    assert blobs.all_kept(council.db) == {(sarivane.me, "b" * 64)}


def test_a_flood_of_small_blobs_ends_at_a_number(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    council, sarivane, wicklight = three
    monkeypatch.setattr(quota, "MOST_KEPT", 5)
    statuses = [
        spool(sarivane, council, blob=f"{n:064x}", size=LEAST_SIZE, to=[wicklight.me]).status
        for n in range(8)
    ]
    assert statuses == [200] * 5 + [429] * 3
    assert len(blobs.all_kept(council.db)) == 5


def test_a_flood_of_readers_ends_at_a_number(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, _ = three
    most = kept.MOST_READERS // kept.MOST_NAMED
    names = [f"{n:064x}" for n in range(kept.MOST_READERS + kept.MOST_NAMED)]
    groups = [names[at : at + kept.MOST_NAMED] for at in range(0, len(names), kept.MOST_NAMED)]
    statuses = [spool(sarivane, council, to=group).status for group in groups]
    assert statuses == [200] * most + [429]
    assert spool(sarivane, council, to=groups[0]).status == 200


def test_a_full_disk_is_left_alone(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    council, sarivane, wicklight = three
    assert spool(sarivane, council, to=[wicklight.me]).status == 200
    monkeypatch.setattr(quota, "LEAST_FREE", 2**62)
    assert rule_of(spool(sarivane, council, DATA)) == "S7"
    assert rule_of(spool(sarivane, council, blob="a" * 64, to=[wicklight.me])) == "S7"
    assert not list(council.spool.iterdir())


def test_another_size_than_was_announced(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, wicklight = three
    assert spool(sarivane, council, to=[wicklight.me]).status == 200
    assert rule_of(spool(sarivane, council, size=len(DATA) + 1, to=[wicklight.me])) == "T7"


def test_bytes_of_another_hash_are_thrown_away(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, wicklight = three
    wrong = bytes(len(DATA))
    reply = spool(sarivane, council, wrong, to=[wicklight.me])
    assert (reply.status, rule_of(reply)) == (400, "T8")
    assert not list(council.spool.iterdir())
    assert fetch(wicklight, council).status == 202
    assert spool(sarivane, council, DATA).body == b'{"have":70000}'
    assert fetch(wicklight, council).body == DATA


def test_nothing_is_served_before_it_is_whole(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, wicklight = three
    spool(sarivane, council, DATA[:50_000], to=[wicklight.me])
    assert fetch(wicklight, council, length=100) == Reply(202, b"")
    spool(sarivane, council, DATA[50_000:], offset=50_000)
    assert fetch(wicklight, council, offset=50_000, length=100).body == DATA[50_000:50_100]


def test_pieces_are_taken_once_and_in_order(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, wicklight = three
    spool(sarivane, council, DATA[:1000], to=[wicklight.me])
    for offset, have in ((0, 1000), (500, 1000), (5000, 1000), (1000, 2000), (1000, 2000)):
        piece = DATA[offset : offset + 1000]
        assert orjson.loads(spool(sarivane, council, piece, offset=offset).body) == {"have": have}
    assert orjson.loads(spool(sarivane, council, DATA[2000:], offset=2000).body)["have"] == 70_000
    # More, once it is whole, changes nothing.
    assert orjson.loads(spool(sarivane, council, DATA[:9]).body)["have"] == 70_000
    assert fetch(wicklight, council).body == DATA


def test_pieces_that_come_at_once_are_written_one_after_the_other(
    three: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    council, sarivane, wicklight = three
    spool(sarivane, council, to=[wicklight.me])
    met = threading.Barrier(2, timeout=0.5)

    class Slow(type(Path())):  # type: ignore[misc]
        """A path whose file is opened slowly, so that both would find nothing written yet."""

        def open(self, *args: Any, **more: Any) -> Any:
            with suppress(threading.BrokenBarrierError):
                met.wait()
            return super().open(*args, **more)

    place = kept.path_of
    monkeypatch.setattr(kept, "path_of", lambda *args: Slow(place(*args)))
    monkeypatch.setattr(kept, "_compare", lambda *_: None)

    def take() -> int:
        try:
            return kept._take(council, sarivane.me, HASH, 0, DATA)
        finally:
            close_connection(council.db)  # This thread's own.

    with ThreadPoolExecutor(2) as both:
        found = [both.submit(take) for _ in range(2)]
        assert [each.result() for each in found] == [len(DATA)] * 2
    assert place(council, sarivane.me, HASH).read_bytes() == DATA


def test_who_was_not_named_gets_nothing(three: tuple[Node, Node, Node], net: Network) -> None:
    council, sarivane, wicklight = three
    stranger = net.make("fennick")
    net.introduce("fennick", "council")
    spool(sarivane, council, DATA, to=[wicklight.me])
    for asker in (stranger, sarivane):
        assert rule_of(fetch(asker, council)) == "T9"
        assert fetch(asker, council, taken=True).status == 200
    assert fetch(wicklight, council).body == DATA


def test_a_stranger_that_nobody_introduced_is_asked_for_its_documents(
    three: tuple[Node, Node, Node], net: Network
) -> None:
    council, sarivane, wicklight = three
    stranger = net.make("fennick")
    spool(sarivane, council, DATA, to=[wicklight.me])
    assert rule_of(fetch(stranger, council)) == "T4"


@pytest.mark.parametrize(
    "args", [{"offset": 70_000}, {"offset": 2**53 - 1}, {"length": 0}, {"offset": 70_001}]
)
def test_a_range_outside(three: tuple[Node, Node, Node], args: dict[str, int]) -> None:
    council, sarivane, wicklight = three
    spool(sarivane, council, DATA, to=[wicklight.me])
    reply = fetch(wicklight, council, **args)
    assert (reply.status, rule_of(reply)) == (404, "T9")


def test_a_range_that_reaches_too_far_ends_with_the_blob(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, wicklight = three
    spool(sarivane, council, DATA, to=[wicklight.me])
    assert fetch(wicklight, council, offset=69_999, length=2**40).body == DATA[-1:]


def test_a_blob_goes_with_the_receipt_of_the_last_who_may_fetch_it(
    three: tuple[Node, Node, Node], net: Network
) -> None:
    council, sarivane, wicklight = three
    fennick = net.make("fennick")
    net.introduce("fennick", "council")
    spool(sarivane, council, DATA, to=sorted([wicklight.me, fennick.me]))
    assert fetch(wicklight, council, taken=True).status == 200
    assert rule_of(fetch(wicklight, council)) == "T9"
    assert fetch(fennick, council).body == DATA
    fetch(fennick, council, taken=True)
    require_nothing_kept(council)


def test_one_owner_is_not_in_anothers_way(three: tuple[Node, Node, Node], net: Network) -> None:
    council, sarivane, wicklight = three
    fennick = net.make("fennick", mailbox=council.me)
    net.introduce("fennick", "council")
    parties.host(council, fennick.me, agreed=True)
    spool(fennick, council, bytes(60_000), to=[wicklight.me])
    spool(sarivane, council, DATA, to=[wicklight.me])
    assert fetch(wicklight, council).body == DATA
    spool(fennick, council, drop=True, size=None, offset=None)
    assert fetch(wicklight, council).body == DATA


@pytest.mark.parametrize("kind", ["spool", "blob"])
def test_a_cover_is_taken_once(three: tuple[Node, Node, Node], kind: str) -> None:
    council, sarivane, wicklight = three
    spool(sarivane, council, DATA, to=[wicklight.me])
    args: dict[str, Any] = {"blob": HASH, "offset": 0}
    args |= {"size": len(DATA)} if kind == "spool" else {"length": 9}
    asker = sarivane if kind == "spool" else wicklight
    asked = envelope.request(asker, council.me, CoverKind(kind), args)
    assert wire.answer(council, kind, asked).status == 200
    assert rule_of(wire.answer(council, kind, asked)) == "T3"


def late(asker: Node, to: PartyId) -> bytes:
    asked = envelope.request(asker, to, CoverKind.SPOOL, {"blob": HASH, "drop": True})
    asker.ports.clock.net.time += WINDOW + 1  # type: ignore[attr-defined]
    return asked


def elsewhere(asker: Node, _to: PartyId) -> bytes:
    return envelope.request(asker, asker.me, CoverKind.SPOOL, {"blob": HASH, "drop": True})


def swapped(asker: Node, to: PartyId) -> bytes:
    args: Any = {"blob": HASH, "size": len(DATA), "offset": 0, "to": [Id("a" * 64)]}
    return envelope.request(asker, to, CoverKind.SPOOL, args, DATA)[:-1] + b"?"


def unnamed(asker: Node, to: PartyId) -> bytes:
    args: Any = {"blob": HASH, "size": len(DATA), "offset": 0, "to": [Id("a" * 64)]}
    return envelope.request(asker, to, CoverKind.SPOOL, args) + DATA


@pytest.mark.parametrize(
    ("make", "rule"), [(late, "T1"), (elsewhere, "T2"), (swapped, "T7"), (unnamed, "T7")]
)
def test_a_cover_that_is_not_right(
    three: tuple[Node, Node, Node], make: Callable[[Node, PartyId], bytes], rule: str
) -> None:
    council, sarivane, _ = three
    assert rule_of(wire.answer(council, "spool", make(sarivane, council.me))) == rule
    require_nothing_kept(council)


def test_what_lies_in_the_spool_without_a_row_is_swept(three: tuple[Node, Node, Node]) -> None:
    council, sarivane, wicklight = three
    spool(sarivane, council, DATA[:9], to=[wicklight.me])
    (right,) = council.spool.iterdir()
    for name in ("kept-x", f"in-{HASH}", right.name[:-1] + "z"):
        (council.spool / name).write_bytes(b"left over")
    kept.expire(council)
    assert list(council.spool.iterdir()) == [right]


def test_a_file_that_the_host_lost_is_refused_and_brought_again(
    three: tuple[Node, Node, Node],
) -> None:
    council, sarivane, wicklight = three
    spool(sarivane, council, DATA, to=[wicklight.me])
    (path,) = council.spool.iterdir()
    path.write_bytes(DATA[:100])
    assert orjson.loads(spool(sarivane, council).body) == {"have": 100}
    assert fetch(wicklight, council).status == 202
    path.unlink()
    spool(sarivane, council, DATA)
    assert fetch(wicklight, council).body == DATA
    path.unlink()
    assert rule_of(fetch(wicklight, council)) == "T9"
