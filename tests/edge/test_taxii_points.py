"""TAXII 2.1 to the letter: of eighteen points that servers commonly get wrong, the first ten."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from comity.bridges.taxii.media import TAXII
from comity.edge.taxii import endpoints
from comity.edge.taxii.app import TaxiiApp
from comity.edge.taxii.routes import ROOT, TOP
from comity.services.people import tokens
from comity.services.people.tokens import READ, Wish
from tests.edge.analyst import (
    GALE,
    GALE_PATH,
    Tool,
    envelope,
    ids,
    indicators,
    is_error,
    malware,
)
from tests.edge.calls import ask
from tests.sharing import indicator, uuid_of

COLLECTIONS = f"{ROOT}collections/"
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def test_point_01_every_response_has_the_media_type_of_taxii_refusals_too(tool: Tool) -> None:
    asked = [
        tool.get(TOP + "/"),
        tool.get(ROOT),
        tool.get(COLLECTIONS),
        tool.get("objects/"),
        tool.get("objects/", "limit=0"),
        tool.at("").get("objects/"),
        tool.at("both", "wrong").get("objects/"),
        tool.at("writer").get("objects/"),
        tool.get(ROOT + "nowhere/"),
        tool.get(COLLECTIONS + "unknown/"),
        tool.ask("PUT", "objects/"),
        tool.get("objects/", HTTP_ACCEPT="text/html"),
        tool.post("objects/", b"{", CONTENT_TYPE="text/plain"),
        tool.post("objects/", b"not JSON"),
        tool.post("objects/", envelope([indicator("a")])),
        tool.ask("OPTIONS", "objects/"),
    ]
    statuses = [200, 200, 200, 200, 400, 401, 401, 403, 404, 404, 405, 406, 415, 422, 202, 200]
    assert [got.status for got in asked] == statuses
    assert {got.headers["content-type"] for got in asked} == {TAXII}
    assert all(is_error(got) for got in asked if got.status >= 400)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (TAXII, 200),
        ("application/taxii+json", 200),
        ("application/taxii+json; version=2.1", 200),
        ('Application/TAXII+JSON ;  Version="2.1"', 200),
        ("application/taxii+json;version=2.1,application/stix+json;version=2.1", 200),
        ("text/html, application/taxii+json;q=0.4", 200),
        ("application/taxii+json;version=2.1;q=0.8, application/taxii+json;version=9.9", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("", 200),
        ("application/taxii+json;version=9.9", 406),
        ("application/vnd.oasis.taxii+json; version=2.0", 406),
        ("text/html", 406),
        ("application/taxii+json;version=2.1;q=0", 406),
        ("application/taxii+json;q=0, */*", 406),
        ("application/taxii+json;q=a", 406),
        (",;,=;q=", 406),
    ],
)
def test_point_02_a_request_says_what_it_takes(tool: Tool, accept: str, status: int) -> None:
    got = tool.get(COLLECTIONS, HTTP_ACCEPT=accept)
    assert got.status == status
    assert got.headers["content-type"] == TAXII
    assert status == 200 or got.json["error_code"] == "X30"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (TAXII, 202),
        ("application/taxii+json", 202),
        ('application/taxii+json; version="2.1"; charset=utf-8', 202),
        ("application/taxii+json;version=2.0", 415),
        ("application/json", 415),
        ("application/stix+json;version=2.1", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_point_02_what_is_posted_says_what_it_is(tool: Tool, sent: str, status: int) -> None:
    assert tool.post("objects/", envelope([indicator("a")]), CONTENT_TYPE=sent).status == status


def test_point_03_an_error_has_a_title_and_its_status_as_a_string(tool: Tool) -> None:
    assert tool.get("objects/", "limit=0").json == {
        "title": "A page is asked to hold a whole number of objects, one or more.",
        "description": "Write limit as a whole number, 1 or more.",
        "error_code": "X32",
        "http_status": "400",
        "details": {"subject": "limit"},
    }
    assert "details" not in tool.get(ROOT + "nowhere/").json, "nothing empty is sent"


def test_point_04_an_envelope_has_more_next_and_objects_and_is_else_empty(filled: Tool) -> None:
    page = filled.get("objects/", "limit=2").json
    assert page.keys() == {"more", "next", "objects"}
    assert page["more"] is True
    assert filled.get("objects/").json.keys() == {"objects"}
    nothing = filled.get("objects/", "match[type]=tool")
    assert (nothing.status, nothing.body) == (200, b"{}")
    assert not [name for name in nothing.headers if name.startswith("x-taxii")]
    empty = filled.server.tool()
    for path in ("objects/", "manifest/"):
        assert empty.get(path).body == b"{}"
    wish = Wish("nowhere", scopes=(READ,), shelf=uuid_of("nowhere"))
    secret, _ = tokens.make_for_program(filled.server.node, wish)
    assert filled.at("nowhere", secret).get(COLLECTIONS).body == b"{}"


def test_point_05_next_is_repeatable_outlives_the_server_and_is_bound_to_its_filters(
    filled: Tool,
) -> None:
    cursor = filled.get("objects/", "limit=2").json["next"]
    pages = [ids(filled.get("objects/", f"limit=2&next={cursor}")) for _ in range(2)]
    assert pages == [indicators(2, 3)] * 2
    again = TaxiiApp(filled.server.node, then=filled.server.app)
    more = {"HTTP_AUTHORIZATION": f"Bearer {filled.secret}"}
    path = f"{COLLECTIONS}{filled.place.alias}/objects/"
    got = ask(again, "GET", path, b"", QUERY_STRING=f"limit=3&next={cursor}", **more)
    again.close()
    assert ids(got) == [*indicators(2, 3, 4)]
    for query in (
        f"next={cursor}&match[type]=indicator",
        f"next={cursor}&added_after=2026-01-01T00:00:00Z",
        f"next={cursor}&match[version]=all",
        f"next={cursor}x",
        f"next={cursor[:-1]}",
        "next=1",
        "next=",
        "next=%00",
        f"next={cursor}&next={cursor}",
    ):
        got = filled.get("objects/", query)
        assert (got.status, is_error(got)) == (400, True), query
    assert filled.get("manifest/", f"next={cursor}").status == 400
    assert filled.server.tool().get("objects/", f"next={cursor}").status == 400


@pytest.mark.parametrize("path", ["objects/", "manifest/"])
def test_point_06_all_is_reached_by_next_and_by_the_time_last_added(
    filled: Tool, path: str
) -> None:
    whole = ids(filled.get(path, "match[version]=all"))
    assert len(whole) == 7
    by_next, query = list[str](), ""
    while True:
        got = filled.get(path, f"limit=2&match[version]=all{query}")
        by_next += ids(got)
        assert got.json.get("more", False) is ("next" in got.json)
        if not got.json.get("more"):
            break
        query = f"&next={got.json['next']}"
    by_time, query = list[str](), ""
    while True:
        got = filled.get(path, f"limit=2&match[version]=all{query}")
        by_time += ids(got)
        if not got.json.get("more"):
            break
        query = f"&added_after={got.headers['x-taxii-date-added-last']}"
    assert by_next == by_time == whole


def test_point_07_added_after_is_exclusive_and_a_time(filled: Tool) -> None:
    first = filled.get("objects/", "limit=1").headers["x-taxii-date-added-last"]
    rest = indicators(1, 2, 3, 4)
    for written in (first, f"{first[:-1]}999Z", f"{first[:-1]}+00:00".replace("+", "%2B")):
        found = ids(filled.get("objects/", f"added_after={written}&match[type]=indicator"))
        assert found == rest, written
    for written in ("2026-09-21T14:13:19Z", "2026-09-21t14:13:19.9z"):
        assert ids(filled.get("objects/", f"added_after={written}"))[:5] == indicators(*range(5))
    for wrong in ("2016", "2016-01-01", "yesterday", "", "2016-13-01T00:00:00Z", "0", "null"):
        got = filled.get("objects/", f"added_after={quote(wrong)}")
        assert (got.status, got.json["error_code"]) == (400, "X34"), wrong
    assert filled.get("objects/", "match[version]=bogus").json["error_code"] == "X34"


def test_point_08_objects_manifest_and_versions_ascend_by_date_added(filled: Tool) -> None:
    late = malware("gale", 0)
    filled.post("objects/", envelope([late]))
    query = "match[version]=all"
    assert ids(filled.get("objects/", query)) == [*indicators(*range(5)), *[GALE] * 3]
    dates = [each["date_added"] for each in filled.get("manifest/", query).json["objects"]]
    assert dates == sorted(set(dates))
    assert all(map(STAMP.fullmatch, dates))
    seconds = [v[17:19] for v in filled.get(f"{GALE_PATH}versions/").json["versions"]]
    assert seconds == ["01", "02", "00"], "the one that came last is last, whatever its version"


def test_point_09_the_headers_say_when_first_and_last_of_the_page_were_added(filled: Tool) -> None:
    for path in ("objects/", "manifest/", GALE_PATH, f"{GALE_PATH}versions/"):
        got = filled.get(path, "match[version]=all")
        first, last = (got.headers[f"x-taxii-date-added-{end}"] for end in ("first", "last"))
        assert STAMP.fullmatch(first)
        assert STAMP.fullmatch(last)
        assert first < last
    entries = filled.get("manifest/", "match[version]=all").json["objects"]
    page = filled.get("objects/", "limit=3")
    assert page.headers["x-taxii-date-added-first"] == entries[0]["date_added"]
    assert page.headers["x-taxii-date-added-last"] == entries[2]["date_added"]


def test_point_10_limit_is_positive_and_the_server_has_one_of_its_own(
    filled: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ids(filled.get("objects/", "limit=3")) == indicators(0, 1, 2)
    assert len(ids(filled.get("objects/", f"limit={2**53 - 1}"))) == 6
    for wrong in ("0", "-1", "a", "1.5", "", "+1", "01", "1e3", "٣", str(2**53), "9" * 5000):
        got = filled.get("objects/", f"limit={quote(wrong)}")
        assert (got.status, got.json["error_code"]) == (400, "X32"), wrong
    with monkeypatch.context() as patch:
        patch.setattr(endpoints, "PAGE_BYTES", 1)
        page = filled.get("objects/")
        assert (len(ids(page)), page.json["more"]) == (1, True)
    monkeypatch.setattr(endpoints, "PAGE", 2)
    assert len(ids(filled.get("objects/"))) == 2
    assert len(ids(filled.get("objects/", "limit=4"))) == 2
