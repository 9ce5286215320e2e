"""What hostile programs send to a TAXII server: each gets an error of TAXII, and never a 5xx."""

from __future__ import annotations

import gzip
import io
import queue
import threading

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.taxii.media import TAXII
from comity.edge.taxii import answers, endpoints, routes
from comity.edge.taxii.app import CHANGING, READING, TaxiiApp
from comity.edge.taxii.endpoints import MAX_CONTENT_LENGTH
from comity.edge.taxii.routes import ROOT
from comity.services.gate import Limits
from comity.services.people import tokens
from comity.services.people.tokens import READ, WRITE, Wish
from comity.services.replies import Answer
from comity.services.sharing import shelf
from tests.edge.analyst import TaxiiServer, Tool, envelope, is_error
from tests.edge.calls import Got, Readable, ask
from tests.sharing import indicator

COLLECTIONS = f"{ROOT}collections/"


@pytest.fixture(scope="module")
def tool(taxii: TaxiiServer) -> Tool:
    return taxii.tool()


def refused(got: Got, status: int, *rules: str) -> bool:
    return is_error(got) and got.status == status and got.json["error_code"] in rules


ENVELOPES = {
    b"": "X2",
    b"null": "X3",
    b"[]": "X3",
    b"{}": "X3",
    b'{"objects": []}': "X3",
    b'{"objects": {}}': "X3",
    b'{"objects": [NaN]}': "X2",
    b'{"objects": [], "objects": []}': "X2",
    b'{"type": "report", "objects": [{}]}': "X3",
    b"[" * 1_000_000: "X1 X2 X3",
    b'{"objects":[' * 200_000: "X1 X2 X3",
    b'{"a":' * 1_000_000: "X1 X2 X3",
    b"\x1f\x8b": "X2",
    b'{"objects": [{"type": ' + b"[" * 10_000 + b"]" * 10_000 + b"}]}": "X1",
}


@pytest.mark.parametrize("body", ENVELOPES, ids=lambda body: str(body[:24]))
def test_what_is_no_envelope_is_refused_whole(tool: Tool, body: bytes) -> None:
    assert refused(tool.post("objects/", body), 422, *ENVELOPES[body].split())


OBJECTS = [
    b'"\xff"',
    b"null",
    b"1",
    b"[]",
    b"{}",
    b'{"id": "indicator--1", "type": "indicator"}',
    b'{"type": "indicator", "type": "malware"}',
    b'{"type": "indicator", "confidence": 1e999}',
    orjson.dumps({**indicator("id"), "id": "indicator--not-a-uuid"}),
    orjson.dumps({**indicator("time"), "modified": "2026-02-30T00:00:00Z"}),
    orjson.dumps({**indicator("long"), "id": "indicator--" + "a" * 100_000}),
    orjson.dumps({**indicator("pattern"), "pattern": "[" * 10_000}),
]


def test_a_bad_object_fails_alone_and_is_told_where_and_why(tool: Tool) -> None:
    good = orjson.dumps({**indicator("good"), "name": "a\x00b"})
    got = tool.post("objects/", b'{"objects": [' + b",".join([*OBJECTS, good]) + b"]}")
    assert (got.status, got.json["success_count"]) == (202, 1), got.body
    assert got.json["failure_count"] == len(OBJECTS)
    for failure in got.json["failures"]:
        assert failure["message"].startswith("objects[")
        assert failure["message"].endswith(")")
        assert failure["id"]
    assert tool.get("objects/").status == tool.get("manifest/").status == 200
    assert tool.get(f"{ROOT}status/{got.json['id']}/").body == got.body


def packed(tool: Tool, body: bytes, encoding: str = "gzip") -> Got:
    return tool.post("objects/", body, HTTP_CONTENT_ENCODING=encoding)


def test_a_packed_body_is_taken_and_a_bomb_is_not(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gzip.compress(envelope([indicator("packed")]))
    assert packed(tool, whole).status == 202
    assert refused(packed(tool, whole[:-1]), 400, "X37")
    assert refused(packed(tool, whole, "br"), 415, "X31")
    assert refused(packed(tool, whole, "gzip, gzip"), 415, "X31")
    monkeypatch.setattr(endpoints, "MAX_CONTENT_LENGTH", 100_000)
    bomb = gzip.compress(gzip.compress(bytes(10_000_000)) + bytes(10_000_000))
    assert refused(packed(tool, bomb), 413, "X36")


class Never:
    """A body that nobody may read."""

    def read(self, _size: int, /) -> bytes:
        raise AssertionError("a body was read")


def test_no_body_is_read_of_whom_may_not_send_it(tool: Tool) -> None:
    never: Readable = Never()
    length = {"length": "5"}
    reader, nobody = tool.at("reader"), tool.at("")
    assert nobody.post("objects/", never, **length).status == 401
    assert reader.post("objects/", never, **length).status == 403
    assert tool.at("neither").post("objects/", never, **length).status == 404
    assert tool.post("manifest/", never, **length).status == 405
    assert tool.post("objects/", never, **length, CONTENT_TYPE="text/plain").status == 415
    assert tool.post("objects/", never, **length, HTTP_ACCEPT="text/html").status == 406
    assert tool.post("objects/", never, **length, HTTP_CONTENT_ENCODING="br").status == 415
    assert tool.post("objects/", never, length=str(MAX_CONTENT_LENGTH + 1)).status == 413


def test_a_token_revoked_while_a_body_comes_adds_nothing(tool: Tool) -> None:
    node = tool.server.node
    wish = Wish("in flight", machine=True, scopes=(READ, WRITE))
    secret, row = tokens.make_for_program(node, wish)

    class Revoking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if not self.tell():
                tokens.revoke(node, None, row.id)
            return super().read(size)

    late, data = indicator("in flight"), envelope([indicator("in flight")])
    body: Readable = Revoking(data)
    got = tool.at(row.name, secret).post("objects/", body, length=str(len(data)))
    assert refused(got, 401, "X38")
    assert tool.get(f"objects/{late['id']}/").status == 404


def test_lengths_that_lie(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    body = envelope([indicator("long")])
    assert refused(tool.post("objects/", body, length=str(len(body) + 1)), 400, "T7")
    for wrong in ("-1", "1.5", "x", "٣"):
        assert refused(tool.post("objects/", body, length=wrong), 400, "T7")
    assert refused(tool.post("objects/", io.BytesIO(body)), 411, "T7")
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
    assert tool.post("objects/", io.BytesIO(body), **chunked).status == 202
    monkeypatch.setattr(endpoints, "MAX_CONTENT_LENGTH", 1000)
    assert refused(tool.post("objects/", io.BytesIO(b" " * 1001), **chunked), 413, "T7")


def test_bodies_at_once_and_requests_a_minute_have_a_limit(tool: Tool) -> None:
    node = tool.server.node
    app = TaxiiApp(node, then=tool.server.app, limits=Limits(per_minute=3, bodies=1))
    arrived, go_on = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            arrived.set()
            go_on.wait(60)
            return super().read(size)

    def post(body: bytes | Readable) -> Got:
        more = {"HTTP_AUTHORIZATION": f"Bearer {tool.secret}", "CONTENT_TYPE": TAXII}
        path = f"{COLLECTIONS}{tool.place.id}/objects/"
        length = str(len(data))
        return ask(app, "POST", path, body, address="192.0.2.7", length=length, **more)

    data = envelope([indicator("slow")])
    got = list[Got]()
    first = threading.Thread(target=lambda: got.append(post(Slow(data))))
    first.start()
    assert arrived.wait(60)
    second = post(data)
    go_on.set()
    first.join()
    assert (got[0].status, refused(second, 429, "T5")) == (202, True)
    assert post(data).status == 202
    assert refused(post(data), 429, "T5")
    app.close()


def test_whoever_adds_or_removes_keeps_no_reader_waiting(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice as many change things as there are connections, and stand; readers go on."""
    working, stood, go_on = queue.SimpleQueue[str](), list[int](), threading.Event()
    count, lock = [0, 0], threading.Lock()

    def standing(_ask: object, *_: object) -> Answer:
        with lock:
            count[0] += 1
            count[1] = max(count)
        working.put("one")
        go_on.wait(60)
        with lock:
            count[0] -= 1
        return answers.answer(b"{}", 202)

    monkeypatch.setattr(endpoints, "add", standing)
    monkeypatch.setattr(endpoints, "CHANGING", {"object": standing})
    server = tool.server
    app = TaxiiApp(server.node, then=server.app, limits=Limits(bodies=99, bodies_here=99))
    more = {"HTTP_AUTHORIZATION": f"Bearer {tool.secret}", "CONTENT_TYPE": TAXII}
    path, body = f"{COLLECTIONS}{tool.place.id}/objects/", envelope([indicator("stands")])
    one = f"{path}{indicator('stands')['id']}/"

    def change(number: int) -> None:
        if number % 2:
            got = ask(app, "POST", path, body, length=str(len(body)), **more)
        else:
            got = ask(app, "DELETE", one, b"", **more)
        stood.append(got.status)

    threads = [threading.Thread(target=change, args=(n,)) for n in range(2 * (READING + CHANGING))]
    for thread in threads:
        thread.start()
    for _ in range(CHANGING):
        assert working.get(timeout=60) == "one"
    read = [ask(app, "GET", path, b"", **more).status for _ in range(READING)]
    go_on.set()
    for thread in threads:
        thread.join()
    app.close()
    assert read == [200] * READING
    assert stood == [202] * len(threads)
    assert count == [0, CHANGING]


def test_a_fault_of_the_node_is_told_as_one(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such table")

    monkeypatch.setattr(shelf, "shelves", broken)
    got = tool.get(COLLECTIONS)
    assert refused(got, 503, "T13")
    assert b"table" not in got.body
    assert got.headers["retry-after"] == "5"


def test_names_that_no_database_takes_lead_nowhere(tool: Tool) -> None:
    for name in ("a\0", "a b", "\x7f", "", "a" * 301, "\xff"):
        assert routes.find(f"{COLLECTIONS}{name}/") is None
        assert refused(tool.get(f"objects/{name}/x/../"), 404, "S3")
        assert refused(tool.get(f"{COLLECTIONS}{name}/"), 404, "S3")


METHODS = ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "TRACE", "get", ""]
SEGMENTS = st.sampled_from(
    ["taxii2", "api", "collections", "objects", "manifest", "versions", "status", "all", "..", ""]
) | st.text(max_size=8)
NAMES = st.sampled_from(["limit", "next", "added_after", "match[id]", "match[version]", "match["])
QUERIES = st.lists(st.tuples(NAMES, st.text(max_size=12)), max_size=4)


@given(
    method=st.sampled_from(METHODS),
    segments=st.lists(SEGMENTS, max_size=8),
    pairs=QUERIES,
    accept=st.sampled_from([TAXII, "*/*", ";;,", "text/html"]),
    shown=st.booleans(),
)
def test_any_request_gets_an_answer_of_taxii(
    tool: Tool,
    method: str,
    segments: list[str],
    pairs: list[tuple[str, str]],
    accept: str,
    shown: bool,  # noqa: FBT001
) -> None:
    path = "/taxii2/" + "/".join(segments).encode(errors="surrogatepass").decode("latin-1")
    query = "&".join(f"{name}={value}" for name, value in pairs)
    raw = query.encode(errors="surrogatepass").decode("latin-1")
    got = (tool if shown else tool.at("")).ask(method, path, query=raw, HTTP_ACCEPT=accept)
    assert got.status < 500
    assert got.headers["content-type"] == TAXII
    assert got.status < 400 or method == "HEAD" or is_error(got)
    assert shown or got.status in {200, 401, 405, 406}
