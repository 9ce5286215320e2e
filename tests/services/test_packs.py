"""The pack of special addresses, names and hashes: held against what can be computed."""

from __future__ import annotations

import hashlib
import re
from ipaddress import ip_network

import pytest

from comity.engines.warnings import Warnings
from comity.services import packs

# Assigned for a special purpose and reached from everywhere all the same.
GLOBAL = {
    *("192.0.0.9/32", "192.0.0.10/32", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24"),
    *("192.88.99.0/24", "64:ff9b::/96", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128"),
    *("2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28", "2620:4f:8000::/48"),
    "2002::/16",
}
# Not in the table of every release of the library.
YOUNG = {
    "192.0.0.0/24",
    "192.0.0.8/32",
    "64:ff9b:1::/48",
    "100:0:0:1::/64",
    "3fff::/20",
    "5f00::/16",
}
MULTICAST = {"224.0.0.0/4", "ff00::/8"}


@pytest.fixture(scope="module")
def index() -> Warnings:
    return Warnings(packs.special_addresses())


def test_every_entry_is_used_and_names_its_standard() -> None:
    for each in packs.special_addresses():
        assert not each.skipped
        assert {*each.entries} == {*each.notes}
        assert all(
            re.search(r"\((RFC [0-9]+|FIPS [0-9-]+)\)$", note) for note in each.notes.values()
        )


def test_every_list_says_where_it_is_from_and_who_checked_it() -> None:
    for told in packs.load(packs.SPECIAL_ADDRESSES):
        origin = packs.origin(told)
        assert origin.source.startswith("https://")
        assert re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", origin.date)
        # What no person compared with its source is not said to be so.
        assert origin.verified is (told["kinds"] == ["hash"])
        assert origin.by


def test_ranges_are_those_that_the_library_calls_not_global() -> None:
    ranges = {entry for each in packs.special_addresses()[:2] for entry in each.entries}
    for entry in ranges - GLOBAL - YOUNG - MULTICAST:
        assert not ip_network(entry).is_global, entry
    for entry in MULTICAST:
        assert ip_network(entry).is_multicast


@pytest.mark.parametrize("name", ["_IPv4Constants", "_IPv6Constants"])
def test_no_range_is_missing_that_the_library_calls_private(index: Warnings, name: str) -> None:
    import ipaddress

    for network in getattr(ipaddress, name)._private_networks:
        if str(network) != "::ffff:0:0/96":  # As IPv4 it has its own entries.
            assert index.hits("ip", str(network)), network


def test_hashes_are_those_of_an_empty_file() -> None:
    hashes = packs.special_addresses()[3]
    for entry, note in hashes.notes.items():
        name = note.partition(" (")[0].lower()
        name = name.replace("-", "_") if name.startswith("sha3") else name.replace("-", "")
        assert hashlib.new(name).hexdigest() == entry
    assert len(hashes.notes) == 8


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("ip", "10.1.2.3/32", "private use (RFC 1918)"),
        ("ip", "192.0.2.7/32", "documentation, TEST-NET-1 (RFC 5737)"),
        ("ip", "2001:db8:1::/48", "documentation (RFC 3849)"),
        ("url", "http://127.0.0.1/a", "loopback (RFC 1122)"),
        ("domain", "www.example.org", "documentation (RFC 2606)"),
        ("mail", "a@orvanda.test", "tests (RFC 2606)"),
        ("hash", hashlib.sha256().hexdigest(), "SHA-256 (FIPS 180-4)"),
    ],
)
def test_a_hit_says_what_it_is(index: Warnings, kind: str, value: str, says: str) -> None:
    assert [hit.note for hit in index.hits(kind, value)] == [says]


@pytest.mark.parametrize("value", ["8.8.8.8/32", "2001:4860:4860::8888/128"])
def test_addresses_of_everyday_are_on_no_list(index: Warnings, value: str) -> None:
    assert not index.hits("ip", value)
