"""TAXII 2.1 to the letter: the last eight of the eighteen points, one test each or more."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from comity.bridges.taxii.media import STIX, TAXII
from comity.edge.taxii.endpoints import MAX_CONTENT_LENGTH
from comity.edge.taxii.routes import ROOT, TOP
from tests.edge.analyst import (
    GALE,
    GALE_PATH,
    TaxiiServer,
    Tool,
    envelope,
    ids,
    indicators,
    is_error,
)
from tests.nodes import Nodes
from tests.sharing import indicator, uuid_of

COLLECTIONS = f"{ROOT}collections/"
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def test_point_11_values_are_alternatives_and_filters_all_hold(filled: Tool) -> None:
    two = ",".join([*indicators(1), GALE])
    assert ids(filled.get("objects/", f"match[id]={two}")) == [*indicators(1), GALE]
    assert ids(filled.get("objects/", f"match[id]={two}&match[type]=malware")) == [GALE]
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
    assert ids(filled.get(GALE_PATH, other)) == [GALE], "these are not of this address"
    assert len(ids(filled.get(GALE_PATH, "match[version]=all"))) == 2
    assert filled.get(GALE_PATH, "match[spec_version]=2.0").body == b"{}"
    versions = filled.get(f"{GALE_PATH}versions/", "match[version]=first")
    assert len(versions.json["versions"]) == 2
    assert filled.delete(GALE_PATH, "match[spec_version]=2.0").status == 404
    first = "match[version]=2026-11-01T08:00:01.000Z"
    assert filled.delete(GALE_PATH, first).status == 200
    assert filled.get(GALE_PATH, first).status == 404, "a version that was deleted"
    assert ids(filled.get(GALE_PATH)) == [GALE]
    gone = filled.delete(GALE_PATH)
    assert (gone.status, gone.body, gone.headers["content-type"]) == (200, b"", TAXII)
    assert filled.get(GALE_PATH).status == 404
    assert filled.delete(GALE_PATH).status == 404
    assert GALE not in ids(filled.get("manifest/"))


def test_point_12_without_a_version_all_versions_are_deleted(filled: Tool) -> None:
    assert filled.delete(GALE_PATH).status == 200
    assert filled.get(f"{GALE_PATH}versions/").status == 404


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


READS = ("objects/", "manifest/", GALE_PATH, f"{GALE_PATH}versions/")


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
    deletes = [each.ask("DELETE", GALE_PATH).status for each in (reader, writer, neither)]
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
    assert filled.delete(GALE_PATH.removesuffix("/")).status == 200


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
    for path in ("objects/", "manifest/", GALE_PATH, f"{GALE_PATH}versions/"):
        got = filled.get(path, later)
        assert (got.status, got.body) == (200, b"{}"), path
    assert filled.get("objects/", f"match[id]=indicator--{uuid_of('nobody')}").body == b"{}"


def test_point_18_methods_parameters_and_brackets(filled: Tool) -> None:
    for path in ("/taxii2/", ROOT, COLLECTIONS, "objects/", "manifest/", GALE_PATH):
        head, got = filled.ask("HEAD", path), filled.get(path)
        assert (head.status, head.body, head.headers) == (200, b"", got.headers)
    assert filled.ask("HEAD", "objects/", query="limit=0").body == b""
    allowed = {
        "/taxii2/": "GET, HEAD, OPTIONS",
        "objects/": "GET, HEAD, OPTIONS, POST",
        GALE_PATH: "DELETE, GET, HEAD, OPTIONS",
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
        assert ids(filled.get("objects/", query)) == [GALE], query


def test_point_11_an_object_without_times_has_one_version_everywhere(tool: Tool) -> None:
    address = {"type": "ipv4-addr", "spec_version": "2.1", "value": "198.51.100.3"}
    address["id"] = "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    (told,) = tool.post("objects/", envelope([address])).json["successes"]
    (record,) = tool.get("manifest/").json["objects"]
    path = f"objects/{address['id']}/"
    versions = tool.get(f"{path}versions/").json["versions"]
    assert [record["version"]] == versions == [told["version"]]
    assert ids(tool.get(path, f"match[version]={told['version']}")) == [address["id"]]
    assert tool.delete(path, f"match[version]={told['version']}").status == 200
