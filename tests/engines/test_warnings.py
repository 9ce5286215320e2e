"""Warninglists: what an entry hits, by example and against a search that knows no index."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.engines.warnings import Compared, Hit, WarningList, Warnings, make, read
from comity.engines.warnings.lists import LONGEST, MOST


def lists(way: str, *entries: Any, kinds: frozenset[str] | None = None) -> Warnings:
    return Warnings([make("list", way, entries, kinds=kinds)])


def told(**members: Any) -> bytes:
    usual = {"name": "A list", "type": "string", "version": 3, "list": ["zoom.us"]}
    return json.dumps({**usual, **members}).encode()


# By example


@pytest.mark.parametrize(
    ("way", "entry", "kind", "value", "how"),
    [
        ("cidr", "10.0.0.0/8", "ip", "10.1.2.3/32", "within"),
        ("cidr", "10.0.0.0/8", "ip", "10.0.0.0/8", "within"),
        ("cidr", "10.0.0.0/8", "ip", "8.0.0.0/5", "holds"),
        ("cidr", "10.0.0.0/8", "ip", "11.0.0.0/8", None),
        ("cidr", "9.9.9.9", "ip", "9.9.9.9/32", "within"),
        ("cidr", "2001:DB8::/32", "ip", "2001:db8:1::/48", "within"),
        ("cidr", "::/0", "ip", "10.0.0.0/8", None),
        ("cidr", "0.0.0.0/0", "ip", "2001:db8::/32", None),
        ("cidr", "127.0.0.0/8", "url", "https://127.0.0.1:8443/a", "within"),
        ("cidr", "::1/128", "url", "https://[::1]/", "within"),
        ("cidr", "10.0.0.0/8", "url", "https://a.example/10.0.0.1", None),
        ("string", "zoom.us", "domain", "zoom.us", "same"),
        ("string", "Zoom.US", "domain", "zoom.us", "same"),
        ("string", "https://zoom.us/Download", "url", "https://zoom.us/Download", "same"),
        ("string", "zoom.us", "domain", "www.zoom.us", None),
        ("string", "zoom.us", "url", "https://zoom.us/", None),
        ("string", ".google.ad", "domain", "www.google.ad", "host"),
        ("string", ".google.ad", "domain", "google.ad", "host"),
        ("string", "9.9.9.9", "ip", "9.9.9.9/32", "same"),
        ("string", "9.9.9.0/24", "ip", "9.9.9.9/32", None),
        ("string", "D41D8CD9", "hash", "d41d8cd9", "same"),
        ("hostname", ".zkb.ch", "domain", "e.zkb.ch", "host"),
        ("hostname", "zkb.ch", "domain", "zkb.ch", "host"),
        ("hostname", "zkb.ch", "domain", "azkb.ch", None),
        ("hostname", "e.zkb.ch", "domain", "zkb.ch", None),
        ("hostname", "zkb.ch", "url", "https://me:pw@E.zkb.ch:8443/x", "host"),
        ("hostname", "zkb.ch", "url", "https://a.example/zkb.ch", None),
        ("hostname", "zkb.ch", "mail", "a@b@zkb.ch", "host"),
        ("hostname", "bücher.example", "domain", "xn--bcher-kva.example", "host"),
        ("hostname", "zkb.ch", "hash", "zkb.ch", None),
        ("substring", "0-mail.com", "mail", "a@0-mail.com", "part"),
        ("substring", "0-mail.com", "mail", "a@0-mail.org", None),
    ],
)
def test_an_entry_hits_as_its_type_says(
    way: str, entry: str, kind: str, value: str, how: str | None
) -> None:
    assert [hit.how for hit in lists(way, entry).hits(kind, value)] == ([how] if how else [])


@pytest.mark.parametrize(
    ("way", "kind", "value", "best"),
    [
        ("cidr", "ip", "10.1.2.3/32", "10.1.0.0/16"),
        ("hostname", "domain", "a.b.example", "b.example"),
        ("substring", "domain", "a.b.example", ".b.example"),
    ],
)
def test_of_several_entries_the_one_that_says_most_is_named(
    way: str, kind: str, value: str, best: str
) -> None:
    entries = ["10.0.0.0/8", best, "example", "10.0.0.0/15"]
    assert lists(way, *entries).hits(kind, value) == (
        Hit("list", best, lists(way, best).hits(kind, value)[0].how),
    )


def test_a_list_is_asked_about_its_kinds_alone() -> None:
    asked = read(told(matching_attributes=["domain|ip", "email-src", "btc"]))
    assert asked.kinds == frozenset({"domain", "ip", "mail", "btc"})
    assert Warnings([asked]).hits("domain", "zoom.us")
    assert not Warnings([asked]).hits("url", "zoom.us")


@pytest.mark.parametrize("attributes", [None, [], ["ALL"], ["md5", "ALL"]])
def test_a_list_that_names_none_is_about_all_kinds(attributes: object) -> None:
    assert read(told(matching_attributes=attributes)).kinds is None


def test_lists_are_named_in_their_order_and_each_once() -> None:
    both = Warnings([make(name, "hostname", ["b.example", "example"]) for name in "zay"])
    assert [hit.list for hit in both.hits("domain", "a.b.example")] == ["z", "a", "y"]
    assert [each.name for each in both.lists] == ["z", "a", "y"]


def test_what_is_said_of_an_entry_comes_with_its_hit() -> None:
    private = make("list", "cidr", ["10.0.0.0/8"], notes={"10.0.0.0/8": "private use"})
    (hit,) = Warnings([private]).hits("ip", "10.0.0.1/32")
    assert hit.note == "private use"


# What cannot be used


@pytest.mark.parametrize(
    ("way", "entry", "reason"),
    [
        ("regex", "/^(a+)+$/", "Regular expressions are not run."),
        ("cidr", "10.0.0.1/8", "10.0.0.0/8"),
        ("cidr", "::ffff:10.0.0.1", "without ::ffff:"),
        ("cidr", "zoom.us", "This is no range"),
        ("hostname", "https://zoom.us", "no name of a host"),
        ("hostname", "...", "no name of a host"),
        ("hostname", "ü" * 100, "no name of a host"),
        ("string", "", "1 to 200 characters"),
        ("string", "a" * (LONGEST + 1), "1 to 200 characters"),
        ("string", 7, "1 to 200 characters"),
        ("substring", None, "1 to 200 characters"),
    ],
)
def test_an_entry_that_cannot_be_used_is_passed_over_and_told_of(
    way: str, entry: object, reason: str
) -> None:
    good = {"cidr": "9.9.9.9", "regex": entry}.get(way, "good.example")
    found = make("list", way, [entry, good])
    assert reason in found.skipped[0].reason
    assert len(found.entries) == (way != "regex")


@pytest.mark.parametrize(
    ("data", "member"),
    [
        (b"", "type"),
        (b"[]", "type"),
        (told(type="glob"), "type"),
        (told(type=[]), "type"),
        (told(name=" "), "name"),
        (told(name=7), "name"),
        (told(name="a" * 201), "name"),
        (told(list={}), "list"),
        (told(list=None), "list"),
    ],
)
def test_what_is_no_list_is_refused_by_the_member_that_is_wrong(data: bytes, member: str) -> None:
    with pytest.raises(ValueError, match=f"its member {member} is missing or wrong"):
        read(data)


def test_a_list_of_too_many_entries_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.engines.warnings.lists.MOST", 1)
    assert MOST > 1
    with pytest.raises(ValueError, match="its member list"):
        read(told(list=["a", "b"]))


def test_description_and_version_are_kept_as_far_as_they_are_some() -> None:
    assert read(told(description="Seen often"))[1:3] == ("Seen often", 3)
    assert read(told(version="3")).version == 0


# Against a search without an index

LABELS = st.sampled_from(["a", "b", "ab", "example", "test"])
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
RANGES = st.one_of(
    st.builds(
        lambda n, length: ip_network((n << 24 & ~((1 << 32 - length) - 1), length)),
        st.integers(0, 15),
        st.integers(2, 12),
    ),
    st.builds(
        lambda n, length: ip_network((n << 120 & ~((1 << 128 - length) - 1), length)),
        st.integers(0, 15),
        st.integers(2, 12),
    ),
    st.integers(0, 15).map(lambda n: ip_network((n << 24, 32))),
).map(str)
VALUES = st.one_of(
    st.tuples(st.just("domain"), NAMES),
    st.tuples(st.just("mail"), NAMES.map("a@{}".format)),
    st.tuples(st.just("url"), NAMES.map("https://{}/a".format)),
    st.tuples(st.just("ip"), RANGES),
)
LISTS = st.lists(
    st.one_of(
        st.tuples(st.just("cidr"), st.lists(RANGES, max_size=6)),
        st.tuples(st.just("hostname"), st.lists(NAMES, max_size=6)),
        st.tuples(st.just("string"), st.lists(st.one_of(NAMES, RANGES), max_size=6)),
        st.tuples(st.just("substring"), st.lists(NAMES, max_size=6)),
    ),
    max_size=5,
)


def hits_naively(way: str, entry: str, kind: str, value: str) -> bool:
    host = value.removeprefix("https://").removeprefix("a@").partition("/")[0]
    match way:
        case "string":
            return entry == value
        case "substring":
            return entry in value
        case "hostname":
            return kind != "ip" and f".{host}".endswith(f".{entry}")
        case _:
            return kind == "ip" and ip_network(entry).overlaps(ip_network(value))


@given(LISTS, VALUES)
def test_the_index_finds_what_a_search_finds(
    made: list[tuple[str, list[str]]], asked: tuple[str, str]
) -> None:
    named = [make(str(n), way, entries) for n, (way, entries) in enumerate(made)]
    found = Warnings(named).hits(*asked)
    naive = [
        each.name
        for each in named
        if any(hits_naively(each.compared, entry, *asked) for entry in each.entries)
    ]
    assert [hit.list for hit in found] == naive
    for hit in found:
        assert hit.entry in named[int(hit.list)].entries
        assert hits_naively(named[int(hit.list)].compared, hit.entry, *asked)


@given(
    st.text("a1.:/[]@%ü\x00 ", max_size=300),
    st.sampled_from(["url", "domain", "mail", "ip", "hash", "x"]),
)
def test_any_value_can_be_asked_for(value: str, kind: str) -> None:
    asked = Warnings([make(way, way, ["example", "10.0.0.0/8"]) for way in Compared])
    assert isinstance(asked.hits(kind, value), tuple)


def test_a_look_up_costs_what_the_value_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted: of 10,000 entries, no more are looked at than the value has labels and lengths."""
    names = [f"{n}.example" for n in range(10_000)]
    asked = Warnings([make("hosts", "hostname", names), make("strings", "string", names)])

    class Counting(dict[str, list[int]]):
        asked = 0

        def get(self, key: str, default: Any = None) -> Any:
            Counting.asked += 1
            return super().get(key, default)

    for table in ("_hosts", "_same", "_ranges"):
        monkeypatch.setattr(asked, table, Counting(getattr(asked, table)))
    assert len(asked.hits("domain", "a.b.77.example")) == 1
    assert Counting.asked == 1 + 4


# The real ones


@pytest.fixture(scope="module")
def real(shared: Path) -> dict[str, WarningList]:
    folder = shared / "data" / "misp" / "warninglists"
    if not folder.is_dir():
        pytest.skip(f"no warninglists in {folder}")
    return {path.stem: read(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def test_the_lists_of_misp_are_read_whole(real: dict[str, WarningList]) -> None:
    assert len(real) == 12
    assert not [skipped for each in real.values() for skipped in each.skipped]
    assert len(real["public-dns-v4"].entries) == 62_745


@pytest.mark.parametrize(
    ("kind", "value", "on"),
    [
        ("ip", "192.168.7.7/32", {"rfc1918", "rfc5735"}),
        ("ip", "8.8.8.8/32", {"public-dns-v4"}),
        ("ip", "224.0.0.0/4", {"rfc5735", "multicast"}),
        ("domain", "www.google.ad", {"google"}),
        ("domain", "zoom.us", {"cisco_top1000"}),
        ("url", "https://arstechnica.com/x", {"security-provider-blogpost"}),
        ("mail", "somebody@0-mail.com", {"disposable-email"}),
        ("hash", "d41d8cd98f00b204e9800998ecf8427e", {"empty-hashes"}),
        ("domain", "orvanda.invalid", set()),
    ],
)
def test_the_lists_of_misp_hit_what_they_name(
    real: dict[str, WarningList], indexed: Warnings, kind: str, value: str, on: set[str]
) -> None:
    names = {real[stem].name for stem in on}
    assert {hit.list for hit in indexed.hits(kind, value)} == names


@pytest.fixture(scope="module")
def indexed(real: dict[str, WarningList]) -> Warnings:
    return Warnings(real.values())
