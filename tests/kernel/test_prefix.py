"""Ranges of addresses: one spelling each, and places by which an index finds what encloses them."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import prefix
from comity.kernel.errors import Phrase
from comity.kernel.fieldtypes import Many, Prefix
from comity.kernel.prefix import Network

WIDTH = {4: 32, 6: 128}


def made(version: int, address: int, length: int) -> Network:
    """The range of a length that holds an address."""
    bits = WIDTH[version]
    first = address >> (bits - length) << (bits - length)
    whole = first.to_bytes(bits // 8, "big")
    return ipaddress.ip_network((whole, length))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Any range that has a spelling."""
    version = draw(st.sampled_from([4, 6]))
    address = draw(st.integers(0, 2 ** WIDTH[version] - 1))
    found = made(version, address, draw(st.integers(0, WIDTH[version])))
    mapped = isinstance(found, ipaddress.IPv6Network) and found.network_address.ipv4_mapped
    return made(6, address ^ 2**127, 128) if mapped is not False and mapped else found


@given(networks())
def test_a_range_is_read_as_it_is_spelled(network: Network) -> None:
    assert prefix.read(str(network)) == network
    assert Prefix().check(str(network)) == str(network)
    assert len(str(network)) <= prefix.LONGEST


@given(networks())
def test_whatever_a_person_writes_it_has_one_spelling(network: Network) -> None:
    assert Prefix().from_text(network.exploded.upper()) == str(network)


@given(st.text("0123456789abcdefABCDEF.:/%x ", max_size=50) | st.text(max_size=20))
def test_any_text_is_a_range_or_refused_with_words(text: str) -> None:
    found: Network | Phrase
    try:
        found = prefix.read(text)
    except ValueError as error:
        found = error.args[0]
    if not isinstance(found, Phrase):
        assert prefix.read(str(found)) == found
        assert prefix.at(prefix.place(found)) == found


@given(networks(), networks())
def test_places_find_what_encloses_and_what_lies_within(one: Network, other: Network) -> None:
    low, high = prefix.within(one)
    holds = one.version == other.version and other.subnet_of(one)  # type: ignore[arg-type]
    assert (low <= prefix.place(other) <= high and other.prefixlen >= one.prefixlen) == holds
    assert (prefix.place(one) in prefix.enclosing(other)) == holds


@given(networks(), st.data())
def test_a_part_lies_within_and_its_whole_encloses_it(one: Network, data: st.DataObject) -> None:
    bits = WIDTH[one.version]
    address = int(one.network_address) + data.draw(st.integers(0, 2 ** (bits - one.prefixlen) - 1))
    part = made(one.version, address, data.draw(st.integers(one.prefixlen, bits)))
    low, high = prefix.within(one)
    assert low <= prefix.place(part) <= high
    assert prefix.place(one) in prefix.enclosing(part)
    assert prefix.enclosing(part)[-1] == prefix.place(part)


def test_places_are_frozen() -> None:
    assert prefix.place(prefix.read("192.0.2.0/24")) == "4c000020018"
    assert prefix.place(prefix.read("2001:db8::/32")) == "620010db8" + "0" * 24 + "20"
    assert prefix.enclosing(prefix.read("128.0.0.0/1")) == ["40000000000", "48000000001"]
    assert prefix.within(prefix.read("192.0.2.0/24")) == ("4c000020000", "4c00002ffff")


@pytest.mark.parametrize("place", ["", "4", "4c0000200", "5c000020018", "4c000020121", "zz"])
def test_not_every_text_is_a_place(place: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the words are of whoever finds it wrong
        prefix.at(place)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("192.0.2.7/24", "a range begins with its first address: 192.0.2.0/24"),
        ("2001:db8::1/32", "a range begins with its first address: 2001:db8::/32"),
        ("192.0.2.0/33", "write an address or a range"),
        ("192.0.2/24", "write an address or a range"),
        ("192.0.2.0/255.255.255.0", "write an address or a range"),
        ("192.0.2.00/24", "write an address or a range"),
        ("192.0.2.0/ 24", "write an address or a range"),
        ("١٩٢.0.2.0/24", "write an address or a range"),
        ("fe80::1%eth0", "write an address or a range"),
        ("::ffff:192.0.2.1", "write an IPv4 address as one"),
        ("::ffff:0:0/96", "write an IPv4 address as one"),
        ("example.org", "write an address or a range"),
        ("3221225985", "write an address or a range"),
        ("", "write an address or a range"),
    ],
)
def test_it_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        prefix.read(text)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:DB8:0:0:1:0:0:0/80", "2001:db8:0:0:1::/80"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1/128"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221/128"),
        ("::", "::/128"),
    ],
)
def test_what_a_person_writes_is_spelled_in_one_way(text: str, spelled: str) -> None:
    assert Prefix().from_text(text) == spelled


@pytest.mark.parametrize("value", ["2001:0db8::/32", "192.0.2.7", "2001:DB8::/32"])
def test_a_signed_range_has_the_one_spelling(value: str) -> None:
    with pytest.raises(ValueError, match="write it as "):
        Prefix().check(value)


@pytest.mark.parametrize("value", [7, None, ["192.0.2.0/24"], True])
def test_a_range_is_text(value: object) -> None:
    with pytest.raises(ValueError, match="write an address or a range"):
        Prefix().check(value)  # type: ignore[arg-type]


def test_a_range_may_not_be_too_wide() -> None:
    type_ = Prefix(least4=8, least6=16)
    assert type_.check("10.0.0.0/8") == "10.0.0.0/8"
    assert type_.check("2001::/16") == "2001::/16"
    for text in ("10.0.0.0/7", "2000::/15", "::/0"):
        with pytest.raises(ValueError, match="too wide; the widest are /8 of IPv4 and /16 of IPv6"):
            type_.check(text)


def test_ranges_are_read_from_lines_and_commas() -> None:
    many = Many(Prefix(), most=3)
    assert many.from_text("192.0.2.7,\n2001:db8::/32\n\n192.0.2.7/32 , ") == [
        "192.0.2.7/32",
        "2001:db8::/32",
    ]
    with pytest.raises(ValueError, match="a list has 1 to 3 items"):
        many.from_text("192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4")


def test_the_schema_takes_every_spelling() -> None:
    assert Prefix().schema() == {
        "type": "string",
        "pattern": "^[0-9a-f.:]+/[0-9]{1,3}$",
        "maxLength": 43,
        "x_of": "prefix",
    }
