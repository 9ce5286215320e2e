"""The one outgoing client: where it connects, what it believes, and how long it waits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.services.delivery.outbound import HTTPTransport, Patience, Way
from comity.services.ports import Reply, Unreachable
from tests.doors import OK, Script, answering, authority, named, pump


@pytest.fixture
def transport() -> Iterator[HTTPTransport]:
    made = HTTPTransport(patience=Patience(connect=5, read=5, answer=20))
    yield made
    made.close()


def test_it_posts_and_reads_the_answer(transport: HTTPTransport) -> None:
    with answering(OK) as door:
        body = b"x" * 300_000
        assert transport.send(f"{door.url}/comity/1/bundle", body, limit=2) == Reply(200, b"hi")
        assert door.asked[0].startswith(b"POST /comity/1/bundle HTTP/1.1\r\n")
        assert f"Host: 127.0.0.1:{door.port}".encode() in door.asked[0]
        assert transport.send(door.url, b"", limit=2).status == 200
        assert door.connections == 1
        transport.close()


def test_a_refusal_is_an_answer_too(transport: HTTPTransport) -> None:
    with answering(b"HTTP/1.1 429 Slow down\r\nContent-Length: 2\r\n\r\n{}") as door:
        assert transport.send(door.url, b"", limit=10) == Reply(429, b"{}")
        transport.close()


def test_a_redirect_is_not_followed(transport: HTTPTransport) -> None:
    with answering(OK) as other:
        moved = f"HTTP/1.1 307 Elsewhere\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        with answering(moved.encode()) as door:
            assert transport.send(door.url, b"", limit=10).status == 307
            transport.close()
        assert other.asked == []


def endless(stream: socket.socket, _request: bytes) -> None:
    stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        stream.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def lying(stream: socket.socket, _request: bytes) -> None:
    stream.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        stream.sendall(b"x" * 4096)


def compressed(stream: socket.socket, _request: bytes) -> None:
    import gzip

    bomb = gzip.compress(b"\0" * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    stream.sendall(head.encode() + bomb)


@pytest.mark.parametrize("script", [endless, lying])
def test_an_answer_is_read_to_its_limit_and_not_beyond(
    transport: HTTPTransport, script: Script
) -> None:
    with answering(script) as door, pytest.raises(Unreachable, match="larger"):
        transport.send(door.url, b"", limit=100_000)


def test_nothing_is_unpacked(transport: HTTPTransport) -> None:
    with answering(compressed) as door:
        assert len(transport.send(door.url, b"", limit=50_000).body) < 50_000
        transport.close()


def test_an_answer_that_ends_early_is_none(transport: HTTPTransport) -> None:
    def cut(stream: socket.socket, _request: bytes) -> None:
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        stream.shutdown(socket.SHUT_RDWR)

    with answering(cut) as door, pytest.raises(Unreachable):
        transport.send(door.url, b"", limit=5000)


@pytest.mark.parametrize("silence", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
def test_it_does_not_wait_for_ever(silence: bytes) -> None:
    transport = HTTPTransport(patience=Patience(connect=1, read=0.3, answer=1))
    with answering(silence) as door, pytest.raises(Unreachable):
        transport.send(door.url, b"", limit=10)
    transport.close()


def test_drops_of_an_answer_do_not_hold_it_up() -> None:
    def drip(stream: socket.socket, _request: bytes) -> None:
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        pause = threading.Event()
        while not pause.wait(0.05):
            stream.sendall(b"x")

    transport = HTTPTransport(patience=Patience(connect=1, read=1, answer=0.5))
    with answering(drip) as door, pytest.raises(Unreachable, match="too long"):
        transport.send(door.url, b"", limit=200_000)
    transport.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"garbage\r\n\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a" * 70_000],
)
def test_what_is_not_http_is_not_an_answer(transport: HTTPTransport, body: bytes) -> None:
    def say(stream: socket.socket, _request: bytes) -> None:
        stream.sendall(body)
        stream.shutdown(socket.SHUT_RDWR)

    with answering(say) as door, pytest.raises(Unreachable):
        transport.send(door.url, b"", limit=10)


def test_a_closed_port_is_unreachable(transport: HTTPTransport) -> None:
    with answering(OK) as door:
        url = door.url
    with pytest.raises(Unreachable, match="Nothing answers at"):
        transport.send(url, b"", limit=10)


# Where it connects.


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
    ],
)
def test_addresses_that_are_no_nodes_are_refused(transport: HTTPTransport, url: str) -> None:
    with pytest.raises(Unreachable, match="not an address this node connects to"):
        transport.send(url, b"", limit=10)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://orvanda.example/", "http://a:b@orvanda.example/", "x", ""]
)
def test_what_is_no_address_of_a_node_is_refused(transport: HTTPTransport, url: str) -> None:
    with pytest.raises(Unreachable, match="not an address"):
        transport.send(url, b"", limit=10)


def test_a_name_that_leads_to_such_an_address_is_refused(
    transport: HTTPTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, orvanda_example="169.254.169.254")
    with pytest.raises(Unreachable, match="not an address"):
        transport.send("http://orvanda.example/", b"", limit=10)


def test_an_unknown_name_is_unreachable(
    transport: HTTPTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_args: object, **_more: object) -> Any:
        raise socket.gaierror(8, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match="leads nowhere"):
        transport.send("http://orvanda.example/", b"", limit=10)


def test_it_connects_to_the_address_it_checked(
    transport: HTTPTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = named(monkeypatch, orvanda_example="127.0.0.1")
    with answering(OK) as door:
        url = f"http://orvanda.example:{door.port}/x"
        assert transport.send(url, b"", limit=10).status == 200
        assert f"Host: orvanda.example:{door.port}".encode() in door.asked[0]
        transport.close()
    assert looked_up == ["orvanda.example"]


def test_the_next_address_is_tried_when_one_does_not_answer(
    transport: HTTPTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, orvanda_example=["::1", "127.0.0.1"])
    with answering(OK) as door:
        url = f"http://orvanda.example:{door.port}/"
        assert transport.send(url, b"", limit=10).status == 200
        transport.close()


# HTTPS and proxies.


def test_https_proves_the_name_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, ca = authority(tmp_path, "orvanda.example")
    named(monkeypatch, orvanda_example="127.0.0.1", tolmere_example="127.0.0.1")
    trusting, plain = HTTPTransport(Way(ca=ca)), HTTPTransport()
    with answering(OK, context) as door:
        url = f"https://orvanda.example:{door.port}/"
        assert trusting.send(url, b"", limit=10) == Reply(200, b"hi")
        with pytest.raises(Unreachable, match=r"certificate|hostname"):
            trusting.send(f"https://tolmere.example:{door.port}/", b"", limit=10)
        with pytest.raises(Unreachable, match=r"certificate|hostname"):
            trusting.send(f"https://127.0.0.1:{door.port}/", b"", limit=10)
        with pytest.raises(Unreachable, match=r"certificate|hostname"):
            plain.send(url, b"", limit=10)
        trusting.close()
        plain.close()


def test_a_proxy_is_asked_for_the_name() -> None:
    with answering(OK) as door:
        transport = HTTPTransport(Way(proxy=door.url))
        assert transport.send("http://orvanda.example/a", b"", limit=10).status == 200
        assert door.asked[0].startswith(b"POST http://orvanda.example:80/a HTTP/1.1")
        with pytest.raises(Unreachable, match="not an address this node connects to"):
            transport.send("http://169.254.169.254/", b"", limit=10)
        transport.close()


def test_https_goes_through_a_proxy_unread(tmp_path: Path) -> None:
    context, ca = authority(tmp_path, "orvanda.example")
    with answering(OK, context) as door:

        def tunnel(stream: socket.socket, request: bytes) -> None:
            assert request.startswith(b"CONNECT orvanda.example:8441 HTTP/1.")
            with socket.create_connection(("127.0.0.1", door.port)) as far:
                stream.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=pump, args=(far, stream))
                back.start()
                pump(stream, far)
                back.join(20)

        with answering(tunnel) as proxy:
            transport = HTTPTransport(Way(ca=ca, proxy=proxy.url))
            url = "https://orvanda.example:8441/"
            assert transport.send(url, b"secret", limit=10) == Reply(200, b"hi")
            transport.close()
