"""The way out: by a real proxy that tunnels, to a real TLS server of a private authority; and what
is said when one of them is not as the settings say.
"""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from comity.services.care import doctor
from comity.services.delivery import meet, way, wire
from comity.services.delivery.outbound import HTTPTransport, Patience, Way
from comity.services.node import Node, Settings
from comity.services.ports import Astray, Ports, Reply, Unreachable
from comity.store.database import close_connection
from tests.doors import OK, Door, Proxy, answering, authority
from tests.nodes import Nodes

LOGIN = base64.b64encode(b"orvanda:secret").decode()
NAME = "tolmere.example"
URL = f"https://{NAME}/comity/1/hello"


@contextmanager
def sending(out: Way) -> Iterator[HTTPTransport]:
    transport = HTTPTransport(out, patience=Patience(connect=5, read=5, answer=20))
    try:
        yield transport
    finally:
        transport.close()


@contextmanager
def office(folder: Path, login: str = "") -> Iterator[tuple[Proxy, Door, Path]]:
    """Give a proxy by which one name is reached, at a server whose authority is private."""
    context, ca = authority(folder, NAME)
    with answering(OK, context) as far:
        proxy = Proxy({NAME: far.port}, login)
        with answering(proxy) as door:
            yield proxy, door, ca


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def test_it_goes_through_a_proxy_to_a_server_of_a_private_authority(tmp_path: Path) -> None:
    login = write(tmp_path, "login", "orvanda:secret\n")
    with (
        office(tmp_path, LOGIN) as (proxy, door, ca),
        sending(Way(ca=ca, proxy=door.url, proxy_login=login, local=False)) as transport,
    ):
        assert transport.send(URL, b"x", limit=10) == Reply(200, b"hi")
        assert transport.send(f"http://{NAME}/", b"x", limit=10) == Reply(200, b"hi")
        assert transport.probe() == ""
        assert proxy.asked[0].startswith(f"CONNECT {NAME}:443 HTTP/1.")


@pytest.mark.parametrize("told", ["", "orvanda:wrong"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_know_this_node(tmp_path: Path, told: str, scheme: str) -> None:
    login = write(tmp_path, "login", told) if told else None
    with (
        office(tmp_path, LOGIN) as (_, door, ca),
        sending(Way(ca=ca, proxy=door.url, proxy_login=login)) as transport,
    ):
        with pytest.raises(Astray, match=r"asks who this node is.*`proxy_login`"):
            transport.send(f"{scheme}://{NAME}/", b"x", limit=10)
        assert "asks who this node is" in transport.probe()


def test_a_proxy_that_refuses_one_address(tmp_path: Path) -> None:
    with office(tmp_path) as (_, door, ca), sending(Way(ca=ca, proxy=door.url)) as transport:
        with pytest.raises(Unreachable, match=r"refuses to connect to .*other.example.*403"):
            transport.send("https://other.example/", b"x", limit=10)
        assert transport.probe() == ""


def test_a_proxy_that_is_not_there() -> None:
    with answering(OK) as door:
        url = door.url
    with sending(Way(proxy=url)) as transport:
        for scheme in ("http", "https"):
            with pytest.raises(Astray, match="does not answer"):
                transport.send(f"{scheme}://{NAME}/", b"x", limit=10)
        assert "`proxy` in node.json" in transport.probe()


def test_a_certificate_that_is_not_trusted_says_what_to_do(tmp_path: Path) -> None:
    with (
        office(tmp_path) as (_, door, _),
        sending(Way(proxy=door.url)) as transport,
        pytest.raises(Unreachable, match=r"not one that this node trusts.*`ca` in node.json"),
    ):
        transport.send(URL, b"x", limit=10)


@pytest.mark.parametrize(
    ("out", "told"),
    [
        (Way(ca=Path("/none")), "`ca` names"),
        (Way(proxy="none"), "`proxy` in node.json is not"),
        (Way(proxy="ftp://proxy.example"), "`proxy` in node.json is not"),
        (Way(proxy="http://name:password@proxy.example"), "`proxy_login`"),
        (Way(proxy="http://["), "`proxy` in node.json is not"),
        (Way(proxy="http://proxy.example", proxy_login=Path("/none")), "`proxy_login` names"),
    ],
)
def test_a_way_that_is_none_is_told_when_something_is_sent(out: Way, told: str) -> None:
    with sending(out) as transport:
        assert told in transport.probe()
        with pytest.raises(Astray, match=told):
            transport.send(URL, b"x", limit=10)


def test_files_that_hold_something_else_are_no_way(tmp_path: Path) -> None:
    other = write(tmp_path, "other", "something else")
    for out in (Way(ca=other), Way(proxy="http://proxy.example", proxy_login=other)):
        with sending(out) as transport:
            assert "node.json" in transport.probe()


# What the settings say.


@pytest.mark.parametrize(
    ("endpoints", "setting", "local"),
    [
        ((), None, False),
        (("https://node.orvanda.example",), None, False),
        (("https://192.0.2.7",), None, True),
        (("http://127.0.0.1:8440",), None, True),
        (("https://node.orvanda.example", "http://[fd00::1]:8440"), None, True),
        (("http://LOCALHOST:8440",), None, True),
        (("http://127.0.0.1:8440",), False, False),
        ((), True, True),
    ],
)
def test_local_addresses_are_for_nodes_that_live_among_them(
    endpoints: tuple[str, ...],
    setting: bool | None,  # noqa: FBT001  the setting itself
    local: bool,  # noqa: FBT001  what comes of it
) -> None:
    settings = Settings("", "Orvanda", endpoints=endpoints, local_addresses=setting)
    assert way.is_local(settings) is local
    # Every node behind a reverse proxy listens on its own machine alone.
    assert settings.listen.startswith("127.0.0.1")


def test_the_settings_of_the_folder_are_the_way_out(tmp_path: Path) -> None:
    chosen = Settings(
        "", "Orvanda", proxy="http://proxy.example:3128", proxy_login="login", ca="keys/ca.pem"
    )
    assert way.of_settings(chosen, tmp_path) == Way(
        tmp_path / "keys/ca.pem", "http://proxy.example:3128", tmp_path / "login", local=False
    )
    assert way.of_settings(replace(chosen, ca="/etc/ca.pem"), tmp_path).ca == Path("/etc/ca.pem")
    chosen.write(tmp_path)
    transport = way.ports(tmp_path).transport
    assert isinstance(transport, HTTPTransport)
    assert "`ca` names" in transport.fault
    fresh = way.ports(tmp_path / "none").transport
    assert isinstance(fresh, HTTPTransport)
    assert fresh.fault == ""


def test_a_node_meets_another_by_proxy_and_private_authority(nodes: Nodes) -> None:
    """Through everything that carries it: settings, transport, proxy, TLS, documents."""
    tolmere = nodes.make("tolmere", endpoints=(f"https://{NAME}",))

    def answer(stream: socket.socket, _request: bytes) -> None:
        reply = wire.answer(tolmere, "hello", far.bodies[-1])
        close_connection(tolmere.db)  # This thread's own.
        head = f"HTTP/1.1 {reply.status} OK\r\nContent-Length: {len(reply.body)}\r\n\r\n"
        stream.sendall(head.encode() + reply.body)

    context, ca = authority(nodes.folder, NAME)
    with answering(answer, context) as far, answering(Proxy({NAME: far.port})) as door:
        orvanda = nodes.make("orvanda", proxy=door.url, ca=str(ca))
        transport = HTTPTransport(way.of_settings(orvanda.settings, orvanda.folder))
        orvanda.ports = Ports(orvanda.ports.clock, orvanda.ports.random, transport)
        assert meet.introduce(orvanda, f"https://{NAME}") == tolmere.me
        transport.close()


# What the doctor says.


def told(node: Node) -> list[tuple[str, str]]:
    found = doctor.examine(node).findings
    return [(f.level.value, f.words) for f in found if f.subject == "way out"]


def test_the_doctor_tries_the_way_out(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    assert told(node) == []
    login = write(node.folder, "login", "orvanda:secret")
    with office(nodes.folder, LOGIN) as (_, door, ca):
        good = replace(node.settings, proxy=door.url, ca=str(ca), proxy_login="login")
        node.settings = good
        assert told(node) == []
        login.chmod(0o644)
        assert "can read" in told(node)[0][1]
        login.chmod(0o600)
        node.settings = replace(good, proxy_login="")
        assert "asks who this node is" in told(node)[0][1]
        node.settings = replace(good, ca="none.pem")
        assert "`ca` names" in told(node)[0][1]
        node.settings = good
    assert "does not answer" in told(node)[0][1]
    # On a page that many look at, nothing is tried.
    assert "way out" not in {f.subject for f in doctor.examine(node, reaching=False).findings}
