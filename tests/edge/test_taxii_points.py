"""TAXII 2.1 to the letter: the eighteen points that servers commonly get wrong, one test each."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from comity.bridges.taxii.media import STIX, TAXII
from comity.edge.taxii import endpoints
from comity.edge.taxii.app import TaxiiApp
from comity.edge.taxii.endpoints import MAX_CONTENT_LENGTH
from comity.edge.taxii.routes import ROOT, TOP
from comity.services.people import tokens
from comity.services.people.tokens import READ, Wish
from tests.edge.analyst import TaxiiServer, Tool, envelope, is_error, malware
from tests.edge.calls import Got, ask
from tests.nodes import Nodes
from tests.sharing import indicator, uuid_of

COLLECTIONS = f"{ROOT}collections/"
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TaxiiServer]:
    with (
        Nodes(tmp_path_factory.mktemp("taxii")) as nodes,
        TaxiiServer(nodes.make("orvanda")) as made,
    ):
        yield made


@pytest.fixture
def tool(server: TaxiiServer) -> Tool:
    return server.tool()


@pytest.fixture
def filled(tool: Tool) -> Tool:
    """A tool at a collection of five indicators and two versions of a malware."""
    held = [*(indicator(f"i{n}") for n in range(5)), *(malware("gale", v) for v in (1, 2))]
    got = tool.post("objects/", envelope(held))
    assert (got.status, got.json["failure_count"]) == (202, 0), got.body
    return tool


def ids(got: Got) -> list[str]:
    assert got.status == 200, got.body
    return [each["id"] for each in got.json.get("objects", [])]


def indicators(*numbers: int) -> list[str]:
    return [f"indicator--{uuid_of(f'i{n}')}" for n in numbers]


MALWARE = f"malware--{uuid_of('gale')}"
MALWARE_PATH = f"objects/{MALWARE}/"


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
    assert ids(filled.get("objects/", query)) == [*indicators(*range(5)), *[MALWARE] * 3]
    dates = [each["date_added"] for each in filled.get("manifest/", query).json["objects"]]
    assert dates == sorted(set(dates))
    assert all(map(STAMP.fullmatch, dates))
    seconds = [v[17:19] for v in filled.get(f"{MALWARE_PATH}versions/").json["versions"]]
    assert seconds == ["01", "02", "00"], "the one that came last is last, whatever its version"


def test_point_09_the_headers_say_when_first_and_last_of_the_page_were_added(filled: Tool) -> None:
    for path in ("objects/", "manifest/", MALWARE_PATH, f"{MALWARE_PATH}versions/"):
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


def test_point_11_values_are_alternatives_and_filters_all_hold(filled: Tool) -> None:
    two = ",".join([*indicators(1), MALWARE])
    assert ids(filled.get("objects/", f"match[id]={two}")) == [*indicators(1), MALWARE]
    assert ids(filled.get("objects/", f"match[id]={two}&match[type]=malware")) == [MALWARE]
    assert len(ids(filled.get("objects/", "match[type]=malware,indicator&match[colour]=red"))) == 6
    versions = {
        "": ["02"],
        "last": ["02"],
        "first": ["01"],
        "all": ["01", "02"],
        "first,last": ["01", "02"],
        "2026-11-01T08:00:01.000Z": ["01"],
        "2026-11-01T08:00:01Z,last": ["01", "02"],
    }
    for asked, wanted in versions.items():
        query = f"match[version]={asked}" if asked else ""
        got = filled.get("objects/", f"match[type]=malware&{query}").json["objects"]
        assert [each["modified"][17:19] for each in got] == wanted, asked
    assert len(ids(filled.get("objects/", "match[spec_version]=2.1,2.0"))) == 6
    assert ids(filled.get("objects/", "match[spec_version]=2.0")) == []
    for wrong in (
        "match[type]=",
        "match[type]=a,,b",
        "match[type]=a, b",
        "match[type]=a&match[type]=b",
        "match[version]=all,last",
        "match[version]=last,last",
        "match[version]=2026-11-01T08:00:01Z,2026-11-01T08:00:01.000Z",
        "match[spec_version]=two",
        f"match[id]={','.join(map(str, range(1001)))}",
    ):
        assert filled.get("objects/", wrong).status == 400, wrong


def test_point_12_each_address_has_the_filters_of_the_standard(filled: Tool) -> None:
    other = "match[type]=indicator&match[id]=indicator--1"
    assert ids(filled.get(MALWARE_PATH, other)) == [MALWARE], "these are not of this address"
    assert len(ids(filled.get(MALWARE_PATH, "match[version]=all"))) == 2
    assert filled.get(MALWARE_PATH, "match[spec_version]=2.0").body == b"{}"
    versions = filled.get(f"{MALWARE_PATH}versions/", "match[version]=first")
    assert len(versions.json["versions"]) == 2
    assert filled.delete(MALWARE_PATH, "match[spec_version]=2.0").status == 404
    first = "match[version]=2026-11-01T08:00:01.000Z"
    assert filled.delete(MALWARE_PATH, first).status == 200
    assert filled.get(MALWARE_PATH, first).status == 404, "a version that was deleted"
    assert ids(filled.get(MALWARE_PATH)) == [MALWARE]
    gone = filled.delete(MALWARE_PATH)
    assert (gone.status, gone.body, gone.headers["content-type"]) == (200, b"", TAXII)
    assert filled.get(MALWARE_PATH).status == 404
    assert filled.delete(MALWARE_PATH).status == 404
    assert MALWARE not in ids(filled.get("manifest/"))


def test_point_12_without_a_version_all_versions_are_deleted(filled: Tool) -> None:
    assert filled.delete(MALWARE_PATH).status == 200
    assert filled.get(f"{MALWARE_PATH}versions/").status == 404


def test_point_13_what_is_added_has_a_status_for_each_object(filled: Tool) -> None:
    got = filled.post("objects/", envelope([indicator("new"), {"no": "id"}, indicator("i0")]))
    assert got.status == 202, "one bad object fails no batch, and a duplicate is a success"
    status = got.json
    assert (status["status"], status["total_count"]) == ("complete", 3)
    assert (status["success_count"], status["failure_count"], status["pending_count"]) == (2, 1, 0)
    assert status["successes"] == [
        {"id": f"indicator--{uuid_of(name)}", "version": "2026-11-01T08:00:00.000Z"}
        for name in ("new", "i0")
    ]
    (failure,) = status["failures"]
    assert (failure["id"], failure["version"]) == ("objects[1]", "1970-01-01T00:00:00.000Z")
    assert failure["message"].startswith("objects[1].type: ")
    assert "(X4)" in failure["message"]
    assert "pendings" not in status
    assert STAMP.fullmatch(status["request_timestamp"])
    assert filled.get(f"{ROOT}status/{status['id']}/").json == status
    other = filled.at("writer").get(f"{ROOT}status/{status['id']}/")
    assert other.status == 404, "a status is for its submitter alone"


def test_point_14_the_root_names_media_types_and_the_length_it_takes(tool: Tool) -> None:
    found = tool.get(TOP + "/").json
    assert found["title"]
    assert found["default"] in found["api_roots"]
    assert found["api_roots"] == ["/taxii2/api/"], "over HTTP a root is named from this address"
    assert tool.at("").ask("GET", "/taxii2/").json == found, "anyone may look"
    assert tool.at("both", "wrong").ask("GET", "/taxii2/").status == 401
    root = tool.get(ROOT).json
    assert root["versions"] == [TAXII]
    assert root["max_content_length"] == MAX_CONTENT_LENGTH
    long = str(MAX_CONTENT_LENGTH + 1)
    got = tool.post("objects/", b"", length=long)
    assert (got.status, is_error(got)) == (413, True)


@pytest.mark.parametrize(
    ("pages", "root"),
    [
        ("https://tolmere.example/", "https://tolmere.example/taxii2/api/"),
        ("http://127.0.0.1:8440", "/taxii2/api/"),
    ],
)
def test_point_14_over_https_alone_a_root_is_named_whole(
    tmp_path: Path, pages: str, root: str
) -> None:
    with Nodes(tmp_path) as nodes, TaxiiServer(nodes.make("tolmere", pages=pages)) as server:
        found = server.tool().get("/taxii2/").json
    assert found["api_roots"] == [found["default"]] == [root]


READS = ("objects/", "manifest/", MALWARE_PATH, f"{MALWARE_PATH}versions/")


def test_point_15_rights_are_those_of_the_one_who_asks(filled: Tool) -> None:
    reader, writer = filled.at("reader"), filled.at("writer")
    neither = filled.at("neither")
    view = reader.get("").json
    assert view == {
        "id": filled.place.id,
        "title": "Readings",
        "alias": filled.place.alias,
        "can_read": True,
        "can_write": False,
        "media_types": [STIX],
    }
    assert reader.get(f"{COLLECTIONS}{view['id']}").json == view
    assert view in reader.get(COLLECTIONS).json["collections"]
    written = [each for each in writer.get(COLLECTIONS).json["collections"] if each["can_read"]]
    assert not written
    assert [reader.get(path).status for path in READS] == [200] * 4
    assert [writer.get(path).status for path in READS] == [403] * 4
    assert [neither.get(path).status for path in READS] == [404] * 4
    posts = [
        each.post("objects/", envelope([indicator("x")])).status
        for each in (reader, writer, neither)
    ]
    assert posts == [403, 202, 404]
    deletes = [each.ask("DELETE", MALWARE_PATH).status for each in (reader, writer, neither)]
    assert deletes == [403, 403, 404]
    by_id = filled.get(f"{COLLECTIONS}{filled.place.id}/objects/")
    assert by_id.body == filled.get("objects/").body


def test_point_16_who_is_not_known_is_asked_for_a_token(tool: Tool) -> None:
    for anyone in (tool.at(""), tool.at("both", "wrong")):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE", "PUT"):
            got = anyone.ask(method, "objects/")
            assert got.status == 401
            assert got.headers["www-authenticate"].startswith("Basic realm=")
        assert anyone.get(ROOT + "nowhere/").status == 401, "nor is it said what is there"
    secret = tool.secret

    def basic(text: bytes) -> str:
        return f"Basic {base64.b64encode(text).decode()}"

    for header, status in {
        f"Bearer {secret}": 200,
        f"bearer  {secret} ": 200,
        basic(f"both:{secret}".encode()): 200,
        basic(f":{secret}".encode()).replace("Basic", "basic"): 200,
        basic(f"reader:{secret}".encode()): 401,
        basic(f"both{secret}".encode()): 401,
        basic(f"both:{secret}\0".encode()): 401,
        basic(f"both\0:{secret}".encode()): 401,
        basic(b"\xff:" + secret.encode()): 401,
        "Basic !": 401,
        "Basic": 401,
        "Bearer": 401,
        f"Digest {secret}": 401,
        secret: 401,
        "": 401,
    }.items():
        assert tool.at("").get("objects/", HTTP_AUTHORIZATION=header).status == status, header


def test_point_16_both_forms_of_an_address_are_answered(filled: Tool) -> None:
    for path in (COLLECTIONS, f"{COLLECTIONS}{filled.place.alias}/", *READS):
        assert filled.get(path.removesuffix("/")).body == filled.get(path).body
    assert filled.ask("GET", "/taxii2").status == filled.ask("GET", "/taxii2/api").status == 200
    assert filled.post("objects/".removesuffix("/"), envelope([indicator("x")])).status == 202
    assert filled.delete(MALWARE_PATH.removesuffix("/")).status == 200


def test_point_17_what_is_not_there_is_not_found_and_what_does_not_fit_is_empty(
    filled: Tool,
) -> None:
    unknown = f"objects/indicator--{uuid_of('nobody')}/"
    for path in (
        "/taxii2/other/",
        "/taxii2/api/collections//",
        "/taxii2/api//",
        COLLECTIONS + "unknown/",
        COLLECTIONS + "unknown/objects/",
        "else/",
        f"{ROOT}status/{uuid_of('s')}/",
        unknown,
        f"{unknown}versions/",
    ):
        got = filled.get(path)
        assert (got.status, is_error(got)) == (404, True), path
    assert filled.delete(unknown).status == 404
    later = "added_after=2036-01-01T00:00:00Z"
    for path in ("objects/", "manifest/", MALWARE_PATH, f"{MALWARE_PATH}versions/"):
        got = filled.get(path, later)
        assert (got.status, got.body) == (200, b"{}"), path
    assert filled.get("objects/", f"match[id]=indicator--{uuid_of('nobody')}").body == b"{}"


def test_point_18_methods_parameters_and_brackets(filled: Tool) -> None:
    for path in ("/taxii2/", ROOT, COLLECTIONS, "objects/", "manifest/", MALWARE_PATH):
        head, got = filled.ask("HEAD", path), filled.get(path)
        assert (head.status, head.body, head.headers) == (200, b"", got.headers)
    assert filled.ask("HEAD", "objects/", query="limit=0").body == b""
    allowed = {
        "/taxii2/": "GET, HEAD, OPTIONS",
        "objects/": "GET, HEAD, OPTIONS, POST",
        MALWARE_PATH: "DELETE, GET, HEAD, OPTIONS",
    }
    for path, methods in allowed.items():
        assert filled.ask("OPTIONS", path).headers["allow"] == methods
        got = filled.ask("PATCH", path)
        assert (got.status, got.headers["allow"], is_error(got)) == (405, methods, True)
    for query in (
        "match[type]=malware&colour=red&limits=0&match[colour]=&match[",
        "match%5Btype%5D=malware",
        "match%5btype%5d=malware&&",
        "match[type]=%6dalware",
    ):
        assert ids(filled.get("objects/", query)) == [MALWARE], query
