"""Where the one outgoing client connects: however an address is written, and wherever it leads."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.services.delivery import addresses
from comity.services.delivery.addresses import Address, Target
from comity.services.delivery.outbound import HTTPTransport, Way
from comity.services.ports import Forbidden, Unreachable
from tests.doors import named

INNER = [
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
    "169.254.0.0/16", "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "198.18.0.0/15",
]  # fmt: skip
INNER_6 = ["::1/128", "::/128", "fc00::/7", "fe80::/10", "ff00::/8"]
NEVER = ["169.254.0.0/16", "0.0.0.0/32", "224.0.0.0/4", "fe80::/10", "ff00::/8", "::/128"]


def inside(*networks: str) -> st.SearchStrategy[Address]:
    """Addresses of these networks, ends included."""
    found = [ipaddress.ip_network(network) for network in networks]
    return st.sampled_from(found).flatmap(
        lambda net: st.integers(int(net[0]), int(net[-1])).map(type(net[0]))
    )


def spellings(address: ipaddress.IPv4Address) -> Iterator[str]:
    """Every way in which people and attackers write one IPv4 address."""
    number, (a, b, c, d) = int(address), address.packed
    yield str(address)
    yield str(number)
    yield hex(number)
    yield oct(number).replace("0o", "0")
    yield ".".join(f"0{part:o}" for part in (a, b, c, d))
    yield ".".join(f"0x{part:x}" for part in (a, b, c, d))
    yield f"{a}.{number & 0xFFFFFF}"
    yield f"{a}.{b}.{number & 0xFFFF}"
    yield f"{address}."
    yield f"[::ffff:{address}]"
    yield f"[::{address}]"
    yield f"[64:ff9b::{address}]"
    yield f"[{ipaddress.IPv6Address((0x2002 << 112) | number << 80)}]"
    yield f"[::ffff:{a:02x}{b:02x}:{c:02x}{d:02x}]"


class Reached(Exception):
    """The client went on to connect."""


@pytest.fixture(scope="module", autouse=True)
def _no_connection_is_made() -> Iterator[None]:
    """Let the client fail where it would connect; looking up what is a number stays real."""

    def connect(*_args: object, **_more: object) -> None:
        raise Reached

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("urllib3.util.connection.create_connection", connect)
        yield


def reaches(transport: HTTPTransport, url: str) -> bool:
    """Say whether the client would connect for a URL, whatever it is refused for."""
    try:
        transport.send(url, b"", limit=10)
    except Reached:
        return True
    except Unreachable:
        return False
    return True


@pytest.mark.slow
@given(inside(*INNER), st.sampled_from(["", "http://proxy.example:3128"]))
def test_no_spelling_of_an_inner_address_is_connected_to(
    address: ipaddress.IPv4Address, proxy: str
) -> None:
    out = Way(local=False, proxy=proxy)
    transport = HTTPTransport(out)
    for text in spellings(address):
        assert not reaches(transport, f"http://{text}/"), text
    transport.close()


@pytest.mark.slow
@given(inside(*INNER_6), st.sampled_from(["", "%25lo", "%25eth0", "%1"]))
def test_no_inner_address_of_ipv6_is_connected_to(address: Address, zone: str) -> None:
    transport = HTTPTransport(Way(local=False))
    for text in (str(address), address.exploded, str(address).upper()):
        assert not reaches(transport, f"http://[{text}{zone}]/"), text
    transport.close()


@given(inside(*NEVER))
def test_what_is_nobodys_address_is_refused_by_every_node(address: Address) -> None:
    assert not addresses.is_allowed(address, local=True)


@pytest.mark.parametrize("address", sorted(map(str, addresses.METADATA)))
def test_secrets_of_a_machine_are_asked_for_by_no_node(address: str) -> None:
    transport = HTTPTransport(Way(local=True))
    if ":" in address:
        assert not addresses.is_allowed(ipaddress.ip_address(f"{address}%lo"), local=True)
    forms = ("[{}]", "[{}%25lo]") if ":" in address else ("{}", "[::ffff:{}]", "[64:ff9b::{}]")
    for form in forms:
        assert not reaches(transport, f"http://{form.format(address)}/"), form
    transport.close()


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:93.184.216.34"]
)
def test_a_public_address_is_connected_to(address: str) -> None:
    for local in (False, True):
        assert addresses.is_allowed(ipaddress.ip_address(address), local=local)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "fd00::7", "::ffff:10.1.2.3"])
def test_nodes_of_one_house_reach_each_other(address: str) -> None:
    assert addresses.is_allowed(ipaddress.ip_address(address), local=True)
    assert not addresses.is_allowed(ipaddress.ip_address(address), local=False)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "a.localhost", "intranet", "db."])
def test_a_proxy_is_not_asked_for_names_of_its_own_network(host: str) -> None:
    target = Target("https", host, 443, "/")
    with pytest.raises(Forbidden, match="`local_addresses`"):
        addresses.to_try(target, local=False, by_proxy=True)
    assert addresses.to_try(target, local=True, by_proxy=True) == [host]


def test_a_name_is_looked_up_once_and_cannot_lead_elsewhere_when_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the first answer is public, every later one is this machine."""
    answers = iter(["93.184.216.34", *["127.0.0.1"] * 9])
    asked: list[str] = []
    connected: list[object] = []

    def getaddrinfo(host: str, port: int, *_args: object, **_more: object) -> list[object]:
        if host == "orvanda.example":
            asked.append(host)
            host = next(answers)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]

    def connect(address: tuple[str, int], *_args: object, **_more: object) -> None:
        connected.append(address)
        raise Reached

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    transport = HTTPTransport(Way(local=False))
    with pytest.raises(Reached):
        transport.send("http://orvanda.example/", b"", limit=10)
    assert (asked, connected) == (["orvanda.example"], [("93.184.216.34", 80)])
    transport.close()


def test_of_several_addresses_only_those_that_are_allowed_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named(monkeypatch, orvanda_example=["10.0.0.1", "93.184.216.34", "127.0.0.1"])
    target = Target("https", "orvanda.example", 443, "/")
    assert addresses.to_try(target, local=False, by_proxy=False) == ["93.184.216.34"]
    named(monkeypatch, orvanda_example=["10.0.0.1", "127.0.0.1"])
    with pytest.raises(Forbidden):
        addresses.to_try(target, local=False, by_proxy=False)
