"""What providers list, as a client reads it: nothing that is wrong leads anywhere."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.csaf import listing
from comity.bridges.csaf.listing import Listed, Source
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from tests.bridges.csaf.samples import denied

URL = "https://team.example/csaf/provider-metadata.json"
FEED = {"tlp_label": "GREEN", "url": "feed.json"}
SOURCE = Source("https://team.example/csaf/feed.json", feed=True, tlp=TLP.GREEN)
FOLDER = Source("https://team.example/csaf/white/", feed=False, tlp=None)
ENTRY = {"link": [{"rel": "self", "href": "2026/a.json"}], "updated": "2026-03-01T00:00:00Z"}
NOT_HTTPS = (
    "http://team.example/x",
    "ftp://x/y",
    "https://u:p@x/y",
    "https://[/",
    "https://x:99999/y",
    5,
)


def metadata(*distributions: Any, **more: Any) -> bytes:
    value = {"publisher": {"name": "Team"}, "distributions": [*distributions]}
    return orjson.dumps(value | more)


def feed(*entries: Any) -> bytes:
    return orjson.dumps({"feed": {"entry": [*entries]}})


def all_of(data: bytes, source: Source) -> list[Listed]:
    found, wrong = listing.listed(data, source)
    assert wrong == []
    return found


def one_of_two(data: bytes, source: Source) -> str:
    """Return by which rule one of two that are listed is wrong; the other is there."""
    found, wrong = listing.listed(data, source)
    assert (len(found), len(wrong)) == (1, 1)
    return wrong[0].rule


def test_an_aggregator_lists_providers_and_who_is_mirrored() -> None:
    told = {
        "aggregator": {"name": "Lantern list"},
        "csaf_providers": [
            {"metadata": {"url": "https://a.example/m.json"}, "mirrors": ["https://x.example/"]},
            {"metadata": {"url": "https://a.example/m.json"}},
        ],
        "csaf_publishers": [
            {"metadata": {"url": "https://b.example/"}, "mirrors": ["b/m.json", "c/m.json"]},
        ],
    }
    found = listing.aggregator(orjson.dumps(told), URL)
    assert found == (
        *("Lantern list", ("https://a.example/m.json", "https://team.example/csaf/b/m.json"), ()),
    )
    assert listing.aggregator(metadata({"directory_url": "white"}), URL) is None


@pytest.mark.parametrize("url", NOT_HTTPS)
def test_what_an_aggregator_names_otherwise_is_told_and_holds_up_no_other(url: object) -> None:
    right = {"metadata": {"url": "https://a.example/m.json"}}
    for wrong in ({"metadata": {"url": url}}, {"metadata": url}, {}, 5):
        told = {"aggregator": {}, "csaf_providers": [wrong, right], "csaf_publishers": [5]}
        found = listing.aggregator(orjson.dumps(told), URL)
        assert found is not None
        assert found.providers == ("https://a.example/m.json",)
        assert [each.rule for each in found.wrong] == ["X68", "X68"]


def test_an_aggregator_lists_so_many_and_no_more() -> None:
    one = {"metadata": {"url": "https://a.example/m.json"}}
    for count, fits in ((listing.MOST_PROVIDERS, True), (listing.MOST_PROVIDERS + 1, False)):
        told = orjson.dumps({"aggregator": {}, "csaf_providers": [one] * count})
        if fits:
            assert listing.aggregator(told, URL) is not None
        else:
            with pytest.raises(Refusal, match="more than 500"):
                listing.aggregator(told, URL)


def test_feeds_come_before_folders() -> None:
    both = metadata({"directory_url": "white"}, {"rolie": {"feeds": [FEED]}})
    found = listing.metadata(both, URL)
    assert (found.name, found.sources, found.fingerprints) == ("Team", (SOURCE,), ())
    # Of 2.0 and of 2.1; a folder's address ends in a slash.
    place = {"directory": {"tlp_label": "AMBER+STRICT", "url": "/strict/"}}
    keys = [{"fingerprint": "A" * 40}, {"fingerprint": 1}, 2]
    folders = metadata({"directory_url": "white"}, place, public_openpgp_keys=keys)
    found = listing.metadata(folders, URL)
    strict = Source("https://team.example/strict/", feed=False, tlp=TLP.AMBER_STRICT)
    assert found.sources == (FOLDER, strict)
    assert found.fingerprints == ("A" * 40,)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b"{}",
        metadata(),
        metadata(1, {"rolie": 1}, {"rolie": {"feeds": 1}}),
        metadata({"rolie": {"feeds": [1]}}),
        metadata({"directory": 1}),
        metadata({"directory_url": None}),
        metadata(*[{"directory_url": f"a{n}"} for n in range(101)]),
        orjson.dumps({"publisher": {"name": 1}, "distributions": []}),
    ],
)
def test_what_is_no_metadata_is_refused(data: bytes) -> None:
    denied("X68", listing.metadata, data, URL)


@pytest.mark.parametrize("said", NOT_HTTPS)
def test_only_addresses_by_https_are_followed(said: Any) -> None:
    denied("X68", listing.metadata, metadata({"rolie": {"feeds": [{"url": said}]}}), URL)
    bad = ENTRY | {"link": [{"rel": "self", "href": said}]}
    assert one_of_two(feed(bad, ENTRY), SOURCE) == "X68"
    denied("X68", listing.metadata, metadata({"directory_url": "https://x/" + "a" * 2000}), URL)


def test_an_entry_says_where_all_of_it_is() -> None:
    links = [
        {"rel": "self", "href": "2026/a.json"},
        {"rel": "hash", "href": "2026/a.json.sha256"},
        {"rel": "hash", "href": "2026/a.json.md5"},
        {"rel": "signature", "href": "/a.asc"},
        {"rel": "related", "href": "https://elsewhere.example/"},
    ]
    (found,) = all_of(feed(ENTRY | {"link": links}), SOURCE)
    at = "https://team.example/csaf/2026/a.json"
    hashes = {"sha256": f"{at}.sha256"}
    asc = "https://team.example/a.asc"
    assert found == Listed(at, "2026-03-01T00:00:00Z", hashes, asc, promised=True, tlp=TLP.GREEN)
    plain = {"link": [], "content": {"src": "b.json"}, "updated": "x"}
    (found,) = all_of(feed(plain), SOURCE)
    assert (found.url, found.signature) == ("https://team.example/csaf/b.json", "")


@pytest.mark.parametrize(
    "data",
    [
        b"[",
        b"{}",
        orjson.dumps({"feed": {"entry": {}}}),
    ],
)
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    denied("X68", listing.listed, data, SOURCE)


@pytest.mark.parametrize(
    "entry",
    [
        1,
        {"link": []},
        {"link": [{"rel": "self"}], "updated": "x"},
        {"link": [], "updated": "x", "content": "text"},
        {"link": [{"rel": "self", "href": "a.json"}]},
    ],
)
def test_an_entry_that_is_wrong_holds_up_no_other(entry: Any) -> None:
    assert one_of_two(feed(entry, ENTRY), SOURCE) == "X68"


def test_a_folder_lists_paths_and_times(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b'"2026/a.json","2026-03-01T00:00:00Z"\r\n\r\n"b.json","x"\n\n'
    first, second = all_of(rows, FOLDER)
    assert (first.url, first.changed) == (f"{FOLDER.url}2026/a.json", "2026-03-01T00:00:00Z")
    assert first.hashes["sha512"] == f"{first.url}.sha512"
    assert (first.signature, first.promised) == (f"{first.url}.asc", False)
    assert second.url == f"{FOLDER.url}b.json"
    monkeypatch.setattr(listing, "MOST_LISTED", 1)
    # It is not read to its end.
    told = denied("X68", listing.listed, rows + b"what is no line", FOLDER)
    assert "more than 1" in told.reason


@pytest.mark.parametrize(
    "row",
    [
        b'"a.json"', b'"a.json","b","c"', b'"../a.json","x"', b'"/a.json","x"', b'"a//b.json","x"',
        b'"https://x/a.json","x"', b'"a.txt","x"', b'"A.json","x"', b'"1/2/3/4/5/a.json","x"',
        b"\xff", b'"' + b"a" * 140_000 + b'","x"',
         b'a.json,"' + b"x" * 200_000 + b'"',
    ],
)  # fmt: skip
def test_no_line_of_a_folder_leads_out_of_it_or_holds_up_another(row: bytes) -> None:
    assert one_of_two(row + b'\n"b.json","x"\n', FOLDER) == "X68"


def test_an_address_ends_in_the_name_of_an_advisory() -> None:
    assert listing.file_of("https://x/2026/a-1.json?x#y") == "a-1.json"
    for bad in ("https://x/", "https://x/..", "https://x/a%2fb", f"https://x/{'a' * 300}.json"):
        denied("X43", listing.file_of, bad)


ANYTHING = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["link", "rel", "href", "self", "updated", "content", "src", "url", "feeds",
                         "rolie", "directory", "directory_url", "tlp_label", "fingerprint"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(ANYTHING, ANYTHING)
def test_whatever_a_provider_says_it_is_read_or_refused(one: Any, other: Any) -> None:
    with suppress(Refusal):
        listing.metadata(metadata(one, public_openpgp_keys=other), URL)
    with suppress(Refusal):
        listing.listed(feed(one, other), SOURCE)
