"""Feeds of MISP: what is listed, what is held, and for whom."""

from __future__ import annotations

import hashlib

import orjson
import pytest

from comity.bridges.misp import feed
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from tests.bridges.misp.samples import EVENT, attribute, event, uuid, whole

OTHER = event(attribute(50, "domain", "b.example"), uuid=uuid(51), timestamp="1764000500")


def test_a_feed_is_read_as_it_was_written() -> None:
    mapped = feed.read(feed.write([whole(), OTHER], TLP.RED))
    assert mapped.flaws == []
    alone = [feed.read(feed.write([each], TLP.RED)).objects for each in (whole(), OTHER)]
    assert mapped.objects == list(dict.fromkeys(alone[0] + alone[1]))


def test_the_hashes_are_of_each_part_of_a_value() -> None:
    inner = {"uuid": uuid(10), "name": "f", "Attribute": [attribute(3, "domain", "a.example")]}
    pair = attribute(1, "domain|ip", "a.example|198.51.100.7")
    files = feed.write([event(pair, Object=[inner])], TLP.GREEN)
    digests = [hashlib.md5(each).hexdigest() for each in (b"a.example", b"198.51.100.7")]
    assert files["hashes.csv"].decode().splitlines() == [f"{each},{EVENT}" for each in digests]


def test_only_what_is_newer_is_wanted() -> None:
    manifest = feed.write([whole(), OTHER], TLP.RED)["manifest.json"]
    assert feed.wanted(manifest, {}) == [f"{EVENT}.json", f"{uuid(51)}.json"]
    have = {EVENT: 1764000100, uuid(51): 1764000499}
    assert feed.wanted(manifest, have) == [f"{uuid(51)}.json"]
    odd = orjson.dumps({"../../etc/passwd": {}, EVENT: 5, uuid(1): {"timestamp": []}})
    assert feed.wanted(odd, {}) == [f"{EVENT}.json", f"{uuid(1)}.json"]


@pytest.mark.parametrize(
    ("value", "made_for"),
    [
        (event(), TLP.CLEAR),
        (event(Tag=[]), TLP.GREEN),
        (event(attribute(1, "domain", "a.example", Tag=[{"name": "tlp:red"}])), TLP.AMBER_STRICT),
        (event(attribute(1, "domain", "a.example", distribution="0")), TLP.AMBER),
    ],
)
def test_nothing_stricter_is_in_a_feed_than_it_is_made_for(value: object, made_for: TLP) -> None:
    with pytest.raises(Refusal, match="Leave it out") as caught:
        feed.write([value], made_for)  # type: ignore[list-item]
    assert (caught.value.rule, caught.value.subject) == ("X57", EVENT)


def test_a_feed_without_a_manifest_is_none() -> None:
    for files in ({}, {"manifest.json": b"[]"}, {"manifest.json": b"{"}):
        with pytest.raises(Refusal) as caught:
            feed.read(files)
        assert caught.value.rule == "X55"


def test_each_event_that_is_not_as_listed_fails_alone() -> None:
    files = feed.write([whole(), OTHER], TLP.RED)
    alone = feed.read(feed.write([OTHER], TLP.RED)).objects
    for broken in (
        {name: data for name, data in files.items() if EVENT not in name},
        files | {f"{EVENT}.json": files[f"{uuid(51)}.json"]},
        files | {f"{EVENT}.json": b"[" + files[f"{uuid(51)}.json"] + b",{}]"},
    ):
        mapped = feed.read(broken)
        assert [(each.path, each.rule) for each in mapped.flaws] == [
            (f"manifest.json.{EVENT}", "X55")
        ]
        assert mapped.objects == alone
    mapped = feed.read(files | {f"{EVENT}.json": b"{", "../x.json": b"{}"})
    assert [each.rule for each in mapped.flaws] == ["X50"]


def test_a_path_is_made_of_nothing_but_a_uuid() -> None:
    mapped = feed.read({"manifest.json": b'{"../../secret": {}}', "../../secret.json": b"{}"})
    assert [each.path for each in mapped.flaws] == ["manifest.json.../../secret"]


def test_the_flaws_of_an_event_name_its_file() -> None:
    bad = event(attribute(1, "md5", 5, timestamp="x"))
    mapped = feed.read(feed.write([bad], TLP.GREEN))
    assert [each.path for each in mapped.flaws] == [f"{EVENT}.json.Event.Attribute[0]"]
