"""Answers of servers: read strictly, and refused with what is wrong and where."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from comity.bridges.taxii import answers, resources
from comity.bridges.taxii.answers import ApiRoot, Discovery
from comity.bridges.taxii.media import TAXII
from comity.kernel.errors import Refusal

ROOT = {"title": "Root", "versions": [TAXII], "max_content_length": 10}
STATUS: dict[str, Any] = {
    "id": "1",
    "status": "complete",
    "total_count": 1,
    "success_count": 0,
    "failure_count": 1,
    "pending_count": 0,
}


def refused(read: Any, *given: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(*given)
    return caught.value


def test_what_this_server_answers_is_read() -> None:
    found = answers.front(resources.discovery("Orvanda", "", ["/a/", "/b/"]))
    assert isinstance(found, Discovery)
    assert found.roots == ("/a/", "/b/")
    root = answers.front(resources.api_root("Orvanda", "", 7))
    assert isinstance(root, ApiRoot)
    assert root.max_content_length == 7
    page = answers.envelope(resources.envelope([b'{"a": 1}'], "on"), 1000)
    assert page == ([b'{"a": 1}'], True, "on")
    assert answers.envelope(resources.envelope([], ""), 1000) == ([], False, "")
    assert answers.envelope(b" ", 1000) == ([], False, "")
    error = resources.error(404, "Nothing", "There is\n nothing.", "S3", "")
    assert answers.said(error) == "Nothing: There is nothing."


@pytest.mark.parametrize(
    ("read", "value", "match"),
    [
        (answers.front, {"title": "Root"}, "names no API root"),
        (answers.front, {"title": 1, "default": "/a/"}, r"\$\.title"),
        (answers.front, {"title": "A", "api_roots": ["/a/", 2]}, r"\$\.api_roots\[1\]"),
        (answers.front, [], "object"),
        (answers.api_root, ROOT | {"max_content_length": "10"}, "max_content_length"),
        (answers.api_root, ROOT | {"max_content_length": True}, "max_content_length"),
        (answers.api_root, ROOT | {"max_content_length": 0}, "no content"),
        (answers.api_root, ROOT | {"versions": ["taxii-2.0"]}, "does not speak TAXII 2.1"),
        (answers.api_root, {"title": "Root"}, "versions"),
        (answers.collections, {"collections": [{"id": "1"}]}, "title"),
        (answers.collections, {"collections": {}}, "array"),
        (answers.status, STATUS | {"status": "lost"}, "lost"),
        (answers.status, STATUS | {"failures": [{"id": 1}]}, r"failures\[0\]\.id"),
        (answers.status, STATUS | {"total_count": "1"}, "total_count"),
    ],
)
def test_a_wrong_type_is_refused_and_told_where(read: Any, value: object, match: str) -> None:
    refusal = refused(read, orjson.dumps(value))
    assert refusal.rule == "X62"
    assert re.search(match, str(refusal.reason))


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    assert refused(answers.collections, data).rule == "X62"
    assert answers.said(data) == ""


@pytest.mark.parametrize(
    "type_",
    [
        TAXII,
        "application/taxii+json",
        'Application/TAXII+json; charset=utf-8; version="2.1"',
        "application/json",
    ],
)
def test_types_of_an_answer_that_are_taken(type_: str) -> None:
    answers.require_answered(type_, "identity")


@pytest.mark.parametrize(
    "type_",
    ["", "text/html", "application/vnd.oasis.taxii+json; version=2.0",
     "application/taxii+json;version=2.0", "application/stix+json;version=2.1"],
)  # fmt: skip
def test_types_of_an_answer_that_are_not(type_: str) -> None:
    assert refused(answers.require_answered, type_, "").rule == "X61"
    assert refused(answers.require_answered, TAXII, "br").rule == "X61"


def test_words_of_a_server_are_cut_and_on_one_line() -> None:
    assert answers.short("a\x1b[2J\nb") == "a [2J b"
    assert len(answers.short("x" * 10_000)) == answers.SHOWN


@pytest.mark.parametrize(
    ("header", "found"),
    [("", None), ("1970-01-01T00:00:00.000002Z", 2), (" 1970-01-01T00:00:01Z ", 1_000_000)],
)
def test_when_the_last_was_added(header: str, found: int | None) -> None:
    assert answers.added_last(header, 0) == found


@pytest.mark.parametrize("header", ["now", "1969-12-31T23:59:59Z", "1970-01-02T00:00:00.000001Z"])
def test_a_time_that_cannot_be_is_refused(header: str) -> None:
    assert refused(answers.added_last, header, 0).rule == "X62"
