"""The doors other nodes knock at: what they answer, what they refuse, and that they stay open."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comity.edge.wire.app import DOORS, LANES, WireApp
from comity.kernel import cover, seal, tiles
from comity.kernel.bundle import Bundle
from comity.kernel.cover import CoverKind
from comity.services import quota
from comity.services.delivery import deliver, envelope, meet, wire
from comity.services.delivery.worker import PULSE
from comity.services.gate import Gate, Limits
from comity.services.identity.parties import card, host, read_card
from comity.services.node import Node
from comity.services.ports import Reply
from comity.services.proof import witnessing
from comity.services.quota import Buckets
from comity.services.replies import Turned
from comity.store.access import outbox, parties
from comity.store.database import close_connection
from tests.edge.calls import Got, ask, is_error
from tests.nodes import Nodes, introduce, open_tally, say

WIRE = "/comity/1"


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    return nodes.make("orvanda", endpoints=("http://orvanda.example",), tiles_public=True)


@pytest.fixture
def tolmere(nodes: Nodes) -> Node:
    return nodes.make("tolmere", endpoints=("http://tolmere.example",))


@pytest.fixture
def app(orvanda: Node) -> Iterator[WireApp]:
    (orvanda.folder / PULSE).touch()
    made = WireApp(orvanda)
    yield made
    made.close()


def connect(nodes: Nodes, url: str, app: WireApp) -> None:
    """Let the nodes of a test reach ``app`` at ``url``."""

    def handler(path: str, body: bytes) -> Reply:
        got = ask(app, "POST", path, body)
        return Reply(got.status, got.body)

    nodes.transport.connect(url, handler)


def test_two_nodes_meet_and_an_act_gets_its_receipt(
    nodes: Nodes, orvanda: Node, tolmere: Node, app: WireApp
) -> None:
    connect(nodes, "http://orvanda.example", app)
    assert meet.introduce(tolmere, "http://orvanda.example/") == orvanda.me
    introduce(orvanda, tolmere)
    dossier = open_tally(tolmere, orvanda)
    act = say(tolmere, dossier, "note", files={"report.txt": b"seen at the lock gate"})
    assert not deliver.send_to(tolmere, orvanda.me)
    assert [d.state for d in outbox.deliveries(tolmere.db, act)] == ["whole"]


def test_the_card_introduces_this_party(orvanda: Node, tolmere: Node, app: WireApp) -> None:
    got = ask(app, "GET", f"{WIRE}/card")
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert read_card(tolmere, got.body) == orvanda.me


def test_tiles_are_served_as_their_specification_says(orvanda: Node, app: WireApp) -> None:
    witnessing.cut(orvanda)
    got = ask(app, "GET", f"{WIRE}/log/1/checkpoint")
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.headers["cache-control"] == "public, max-age=5"
    size = int(got.body.split(b"\n")[1])
    leaves = [data for data, _ in parties.leaves(orvanda.db, 1, 0, size)]
    for kind in ("0", "entries"):
        tile = ask(app, "GET", f"{WIRE}/log/1/tile/{kind}/000.p/{size}")
        assert tile.status == 200
        assert tile.headers["content-type"] == "application/octet-stream"
        assert "immutable" in tile.headers["cache-control"]
        if kind == "entries":
            assert tile.body == tiles.encode_entries(leaves)
        else:
            assert len(tile.body) == 32 * size


@pytest.mark.parametrize(
    "path",
    [
        "log/1/tile/0/000",
        "log/1/tile/0/000.p/255",
        "log/1/tile/0/../../node.json",
        "log/2/checkpoint",
        "log/01/checkpoint",
        "log/1/",
        "log/1",
        "card/",
        "",
        "bundle/x",
        "nothing",
    ],
)
def test_what_is_not_there_is_not_found(app: WireApp, path: str) -> None:
    got = ask(app, "GET", f"{WIRE}/{path}")
    assert got.status == 404
    assert is_error(got)


def test_tiles_are_private_unless_the_node_says_otherwise(tolmere: Node) -> None:
    witnessing.cut(tolmere)
    app = WireApp(tolmere)
    assert ask(app, "GET", f"{WIRE}/log/1/checkpoint").status == 404
    app.close()


def test_a_witness_refuses_in_the_one_shape(app: WireApp) -> None:
    got = ask(app, "POST", f"{WIRE}/add-checkpoint", b"old 0\n\nnot a note")
    assert got.status == 400
    assert is_error(got)


def test_every_kind_of_cover_has_its_door() -> None:
    assert {*CoverKind} | {"add-checkpoint"} == DOORS


def test_a_blob_is_brought_and_fetched_by_the_doors(
    nodes: Nodes, orvanda: Node, tolmere: Node, app: WireApp
) -> None:
    sarivane = nodes.make("sarivane", mailbox=orvanda.me)
    introduce(orvanda, tolmere, sarivane)
    data = os.urandom(3_000_000)
    named: Any = {"blob": hashlib.sha256(data).hexdigest(), "size": len(data)}

    def bring(offset: int, **more: Any) -> Got:
        piece, args = data[offset : offset + 2 * 1024 * 1024], named | {"offset": offset} | more
        body = envelope.request(sarivane, orvanda.me, CoverKind.SPOOL, args, piece)
        return ask(app, "POST", f"{WIRE}/spool", body)

    def fetch(offset: int) -> Got:
        args: Any = {"blob": named["blob"], "offset": offset, "length": 4 * 1024 * 1024}
        body = envelope.request(tolmere, orvanda.me, CoverKind.BLOB, args)
        return ask(app, "POST", f"{WIRE}/blob", body)

    got = bring(0, to=[tolmere.me])
    assert (got.status, got.json["rule"]) == (403, "T11")
    host(orvanda, sarivane.me, agreed=True)
    got = bring(0, to=[tolmere.me])
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert got.json == {"have": 2 * 1024 * 1024}
    assert (fetch(0).status, fetch(0).body) == (202, b"")
    assert bring(2 * 1024 * 1024).json == {"have": len(data)}
    got = fetch(1_000_000)
    assert (got.status, got.headers["content-type"]) == (200, "application/octet-stream")
    assert got.body == data[1_000_000:]
    assert is_error(fetch(len(data)))


def test_a_head_request_gets_the_headers_alone(app: WireApp) -> None:
    full, head = ask(app, "GET", f"{WIRE}/card"), ask(app, "HEAD", f"{WIRE}/card")
    assert head.body == b""
    assert head.headers == full.headers
    assert head.status == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", f"{WIRE}/bundle", "POST"),
        ("POST", f"{WIRE}/card", "GET, HEAD"),
        ("DELETE", "/healthz", "GET, HEAD"),
        ("PUT", f"{WIRE}/blob", "POST"),
    ],
)
def test_another_method_is_told_which_one_is_right(
    app: WireApp, method: str, path: str, allowed: str
) -> None:
    got = ask(app, method, path)
    assert (got.status, got.headers["allow"]) == (405, allowed)
    assert is_error(got)


def test_every_answer_carries_the_security_headers(app: WireApp) -> None:
    for got in (
        ask(app, "GET", "/healthz"),
        ask(app, "GET", "/nothing"),
        ask(app, "POST", f"{WIRE}/bundle", b"x"),
    ):
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-security-policy"].startswith("default-src 'none'")
        assert got.headers["referrer-policy"] == "no-referrer"
        assert got.headers["cache-control"] == "no-store"


def test_every_other_path_goes_to_the_application_behind(orvanda: Node) -> None:
    def behind(_environ: object, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html")])
        return [b"a page"]

    app = WireApp(orvanda, then=behind)
    assert ask(app, "GET", "/").body == b"a page"
    assert ask(app, "GET", f"{WIRE}/nothing").status == 404
    app.close()


# Sizes.


class Endless:
    """A body that never ends, and counts what was taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int) -> bytes:
        self.taken += size
        return b"x" * size


def test_a_body_said_to_be_too_large_is_refused_unread(app: WireApp) -> None:
    body = Endless()
    got = ask(app, "POST", f"{WIRE}/bundle", body, length=str(wire.BODY_LIMIT + 1))
    assert (got.status, got.json["rule"]) == (413, "T7")
    assert body.taken == 0


def test_a_body_of_unsaid_length_is_refused_unread(app: WireApp) -> None:
    body = Endless()
    assert ask(app, "POST", f"{WIRE}/bundle", body, length=None).status == 411
    assert body.taken == 0


def test_a_body_larger_than_it_said_is_cut_off(app: WireApp) -> None:
    body = Endless()
    got = ask(app, "POST", f"{WIRE}/bundle", body, length="10")
    assert (got.status, got.json["rule"]) == (413, "T7")
    assert body.taken == 11


def test_a_chunked_body_is_read_to_the_limit_and_not_beyond(app: WireApp) -> None:
    body = Endless()
    got = ask(app, "POST", f"{WIRE}/bundle", body, HTTP_TRANSFER_ENCODING="chunked")
    assert (got.status, got.json["rule"]) == (413, "T7")
    assert body.taken == wire.BODY_LIMIT + 1


def test_a_body_that_ends_early_is_refused(app: WireApp) -> None:
    got = ask(app, "POST", f"{WIRE}/bundle", b"short", length="100")
    assert (got.status, got.json["rule"]) == (400, "T7")


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "0x10", " 5", "9" * 400])
def test_a_length_that_is_no_number_is_refused(app: WireApp, length: str) -> None:
    got = ask(app, "POST", f"{WIRE}/bundle", b"12345", length=length)
    assert got.status in {400, 413}
    assert is_error(got)


# The gate.


def test_one_address_uses_up_its_own_minute_only() -> None:
    now = [0.0]
    gate = Gate(Limits(per_minute=60), clock=lambda: now[0])
    for _ in range(60):
        gate.require_turn("192.0.2.1")
    with pytest.raises(Turned) as turned:
        gate.require_turn("192.0.2.1")
    assert turned.value.status == 429
    gate.require_turn("192.0.2.2")
    now[0] = 1.0
    gate.require_turn("192.0.2.1")


def test_inventing_names_empties_nobodys_bucket() -> None:
    buckets = Buckets()
    assert all(buckets.take("flooder", 5, 0) for _ in range(5))
    for n in range(quota.MOST_SENDERS - 1):
        buckets.take(f"invented {n}", 5, 0)
        assert not buckets.take("flooder", 5, 0)


def test_slow_bodies_of_one_address_leave_room_for_others() -> None:
    gate = Gate(Limits(bodies=2, bodies_here=2, bodies_in_all=3))
    with gate.reading("192.0.2.1"), gate.reading("192.0.2.1"):
        with pytest.raises(Turned) as turned, gate.reading("192.0.2.1"):
            pass
        assert turned.value.status == 429
        with gate.reading("192.0.2.2"):
            with pytest.raises(Turned) as turned, gate.reading("192.0.2.3"):
                pass
            assert turned.value.status == 503
        with gate.reading("192.0.2.3"):
            pass


def test_the_addresses_of_one_network_share_what_one_address_has() -> None:
    gate = Gate(Limits(per_minute=2, bodies=2), clock=lambda: 0.0)
    gate.require_turn("2001:db8:0:1::1")
    gate.require_turn("2001:db8:0:1:ffff::2")
    with pytest.raises(Turned):
        gate.require_turn("2001:db8:0:1::3")
    gate.require_turn("2001:db8:0:2::1")
    gate.require_turn("::ffff:192.0.2.1")
    gate.require_turn("192.0.2.1")
    with pytest.raises(Turned):
        gate.require_turn("192.0.2.1")
    with gate.reading("2001:db8::1"), gate.reading("2001:db8::2"):
        with pytest.raises(Turned), gate.reading("2001:db8::3"):
            raise AssertionError
        with gate.reading("2001:db8:1::1"):
            pass


def test_a_proxy_on_this_machine_says_for_whom_it_asks(orvanda: Node) -> None:
    app = WireApp(orvanda, limits=Limits(per_minute=1))
    asked = [
        # The last word is the proxy's own; those before it came from outside.
        ("127.0.0.1", "192.0.2.9, 198.51.100.7", 200),
        ("127.0.0.1", "192.0.2.8, 198.51.100.7", 429),
        ("127.0.0.1", "198.51.100.8", 200),
        # From elsewhere the header is anybody's, and is not believed.
        ("203.0.113.5", "198.51.100.9", 200),
        ("203.0.113.5", "198.51.100.10", 429),
    ]
    for address, told, status in asked:
        got = ask(app, "GET", f"{WIRE}/card", address=address, HTTP_X_FORWARDED_FOR=told)
        assert got.status == status, (address, told)
    app.close()


def test_who_claims_to_be_another_party_uses_up_nothing_of_its_quota(
    nodes: Nodes, tolmere: Node
) -> None:
    limited = nodes.make("sarivane", rate=3)
    introduce(limited, tolmere)
    app = WireApp(limited)
    request = envelope.request(
        tolmere, limited.me, CoverKind.TILE, {"log": 1, "path": "checkpoint"}
    )
    for _ in range(4):
        ask(app, "POST", f"{WIRE}/tile", request, address="192.0.2.66")
    got = ask(app, "POST", f"{WIRE}/tile", request, address="192.0.2.66")
    assert (got.status, got.json["rule"]) == (429, "T5")
    witnessing.cut(limited)
    fresh = envelope.request(tolmere, limited.me, CoverKind.TILE, {"log": 1, "path": "checkpoint"})
    assert ask(app, "POST", f"{WIRE}/tile", fresh, address="192.0.2.1").status == 200
    app.close()


# Health.


def test_a_healthy_node_says_so(app: WireApp) -> None:
    got = ask(app, "GET", "/healthz")
    assert (got.status, got.json) == (200, {"status": "ok", "reasons": []})


def test_a_node_without_a_worker_is_degraded_and_answers(orvanda: Node, app: WireApp) -> None:
    (orvanda.folder / PULSE).unlink()
    got = ask(app, "GET", "/healthz")
    assert (got.status, got.json["status"]) == (200, "degraded")
    os.utime(orvanda.folder, (0, 0))
    (orvanda.folder / PULSE).touch()
    os.utime(orvanda.folder / PULSE, (0, 0))
    assert "last seen" in ask(app, "GET", "/healthz").json["reasons"][0]


def test_a_node_that_cannot_sign_says_so(orvanda: Node, app: WireApp) -> None:
    mark = orvanda.anchor.read()
    assert mark is not None
    orvanda.anchor.write(replace(mark, size=mark.size + 1))
    got = ask(app, "GET", "/healthz")
    assert got.status == 503
    assert got.json["reasons"] == ["The database is behind the anchor; nothing is signed."]
    (orvanda.folder / "anchor").write_bytes(b"?")
    assert ask(app, "GET", "/healthz").json["reasons"] == ["The anchor cannot be read."]
    (orvanda.folder / "anchor").unlink()
    assert ask(app, "GET", "/healthz").status == 503


def test_a_full_disk_is_told(app: WireApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.services.care.health.LEAST_FREE", 2**62)
    got = ask(app, "GET", "/healthz")
    assert (got.status, got.json["reasons"]) == (503, ["The disk is nearly full."])


def test_a_fault_of_this_node_is_no_fault_of_the_sender(
    app: WireApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_more: object) -> Reply:
        raise OSError("the database went away, at a path nobody is told")

    monkeypatch.setattr(wire, "answer", broken)
    got = ask(app, "POST", f"{WIRE}/bundle", b"x")
    assert (got.status, got.json["rule"], got.json["retry"]) == (503, "T13", "later")
    assert b"path" not in got.body
    assert "failed here" in caplog.text


# Threads and connections.


def test_connections_are_few_however_many_ask(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        node = nodes.make("orvanda")
        before, threads = open_databases(node), threading.active_count()
        app = WireApp(node)
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: ask(app, "GET", f"{WIRE}/card").status, range(200)))
            assert set(answers) == {200}
            assert open_databases(node) <= before + LANES
        app.close()
        # SQLite keeps the handle of a closed connection until no other holds the file: none does.
        close_connection(node.db)
        assert open_databases(node) == 0
        assert threading.active_count() == threads


def open_databases(node: Node) -> int:
    """Count this process's open handles of a node's SQLite file."""
    file = str(node.folder / "comity.sqlite3")
    handles = Path("/proc/self/fd")
    if not handles.exists():
        pytest.skip("this system does not list a process's open files")
    return sum(_leads_to(handle) == file for handle in handles.iterdir())


def _leads_to(handle: Path) -> str:
    try:
        return str(handle.readlink())
    except FileNotFoundError:
        return ""  # It was the listing's own.


# Whatever is sent.


class Doors:
    """A node with its doors, and a peer it knows, for many examples."""

    def __init__(self, folder: Path) -> None:
        self.nodes = Nodes(folder)
        self.node = self.nodes.make("orvanda", tiles_public=True, rate=10**9)
        self.peer = self.nodes.make("tolmere")
        introduce(self.node, self.peer)
        (self.node.folder / PULSE).touch()
        self.app = WireApp(self.node, limits=Limits(per_minute=10**9))

    def close(self) -> None:
        self.app.close()
        self.nodes.close()

    def seal(self, plain: bytes) -> bytes:
        """Seal any bytes as a bundle of the known peer, as only its holder of keys could."""
        key = seal.HPKEKey(seal.SecretOpener(self.node.keys.hpke()[0]).key)
        sealed = seal.seal(plain, key, self.peer.me, self.node.me)
        signed = envelope._sign(
            self.peer, self.node.me, CoverKind.BUNDLE, sealed, seal.hpke_key_id(key), {}
        )
        return cover.frame(signed, sealed)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    made = Doors(tmp_path_factory.mktemp("doors"))
    yield made
    made.close()


def judge(got: Got) -> None:
    assert got.status < 500, got
    if got.status >= 400 and got.headers["content-type"] != "text/x.tlog.size":
        assert is_error(got), got


SPOILED: list[object] = [None, 0, "", [], {}, [0], [[]], [{}], [""], [None]]
MEMBERS = sorted(orjson.loads(Bundle().to_bytes()))
PLAIN = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
PATHS = st.one_of(
    st.sampled_from([f"{WIRE}/{name}" for name in sorted(DOORS)]),
    st.sampled_from(
        [f"{WIRE}/card", "/healthz", f"{WIRE}/log/1/checkpoint", f"{WIRE}/log/1/tile/"]
    ),
    st.text().map(lambda text: f"{WIRE}/log/1/{text}"),
    st.text().map(lambda text: f"{WIRE}/{text}"),
    st.text(),
)


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "\x00"]),
    PATHS,
    st.binary(max_size=2000),
    st.one_of(st.none(), st.just(""), st.text(max_size=20)),
    st.text(max_size=60),
)
@example("POST", f"{WIRE}/bundle", cover.MAGIC + b"{}\n", "", "")
@example(
    "POST",
    f"{WIRE}/hello",
    cover.MAGIC + b'{"payload":"","payloadType":"","signatures":[]}\n',
    "",
    "",
)
def test_whatever_is_sent_gets_an_answer(
    doors: Doors, method: str, path: str, body: bytes, length: str | None, told: str
) -> None:
    got = ask(doors.app, method, path, body, length=length, HTTP_X_FORWARDED_FOR=told)
    if method == "HEAD":
        assert (got.status < 500, got.body) == (True, b"")
    else:
        judge(got)


@given(st.data())
def test_whatever_is_done_to_a_message_it_gets_an_answer(doors: Doors, data: st.DataObject) -> None:
    kind = data.draw(
        st.sampled_from(["bundle", "pull", "blob", "hello", "recall", "tile", "witness"])
    )
    if kind == "bundle":
        good = doors.seal(Bundle().to_bytes())
    elif kind == "hello":
        good = envelope.request(doors.peer, doors.peer.me, CoverKind.HELLO, body=card(doors.peer))
    elif kind == "witness":
        good = b"old 0\n\n" + witnessing.cut(doors.peer).to_bytes()
    else:
        args = data.draw(
            st.dictionaries(
                st.sampled_from(["after", "blob", "offset", "length", "log", "path"]),
                st.one_of(st.integers(-(2**53) + 1, 2**53 - 1), st.text(PLAIN, max_size=20)),
            )
        )
        good = envelope.request(doors.peer, doors.node.me, CoverKind(kind), {**args})
    path = "add-checkpoint" if kind == "witness" else kind
    # Drawn without regard to the message, which is as long as its times and numbers happen to be.
    at = data.draw(st.integers(0, 2**16)) % len(good)
    cut = data.draw(st.integers(0, 8))
    put = data.draw(st.binary(max_size=8))
    judge(ask(doors.app, "POST", f"{WIRE}/{path}", good[:at] + put + good[at + cut :]))


@given(
    st.one_of(
        st.binary(max_size=500),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=10),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(MEMBERS) | st.text(max_size=8),
                    inner,
                    max_size=9,
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
@example(Bundle().to_bytes())
def test_whatever_a_known_peer_seals_gets_an_answer(doors: Doors, plain: bytes) -> None:
    judge(ask(doors.app, "POST", f"{WIRE}/bundle", doors.seal(plain)))


def test_a_bundle_with_any_member_spoiled_gets_an_answer(doors: Doors) -> None:
    dossier = open_tally(doors.peer, doors.node)
    say(doors.peer, dossier, "note")
    packed, _ = deliver.pack(doors.peer, doors.node.me)
    value = orjson.loads(packed.to_bytes())
    for name in value:
        for spoiled in SPOILED:
            plain = orjson.dumps({**value, name: spoiled})
            judge(ask(doors.app, "POST", f"{WIRE}/bundle", doors.seal(plain)))
