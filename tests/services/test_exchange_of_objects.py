"""Files of others in any form, and exports of what a collection holds, for a label."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.bridges.feeds import static
from comity.bridges.misp import feed
from comity.kernel.checkpoint import log_key
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import exporting, importing, searching
from comity.services.sharing import files as bringing
from comity.services.sharing.exporting import Export, Wish
from comity.services.sharing.importing import Form, Wanted
from tests.bridges.feeds.test_lists import ENTRY, SCORES, catalogue
from tests.bridges.misp.samples import whole
from tests.nodes import Nodes
from tests.sharing import indicator, open_circle, share

ONE = indicator("one", tlp="clear")


@pytest.mark.parametrize(
    ("data", "form", "count"),
    [
        (orjson.dumps(ONE), Form.STIX, 1),
        (orjson.dumps([ONE, indicator("two")]), Form.STIX, 2),
        (orjson.dumps({"objects": [ONE]}), Form.STIX, 1),
        (orjson.dumps({"type": "bundle", "objects": [ONE]}), Form.STIX, 1),
        (orjson.dumps({"Event": whole()}), Form.MISP, 26),
        (orjson.dumps([whole()]), Form.MISP, 26),
        (orjson.dumps({"response": [{"Event": whole()}]}), Form.MISP, 26),
        (catalogue(ENTRY), Form.KEV, 2),
        (SCORES, Form.EPSS, 1),
    ],
)
def test_a_file_is_known_by_what_it_holds(data: bytes, form: Form, count: int) -> None:
    for packed in (data, b"\xef\xbb\xbf" + data, gzip.compress(data, mtime=0)):
        found = importing.read(packed, Wanted(cves={"CVE-2024-0001"}))
        assert (found.form, len(found.objects), found.flaws) == (form, count, [])


def test_an_advisory_is_read_by_who_checks_it() -> None:
    data = b'{"document": {}}'
    with pytest.raises(Refusal, match="with its signature"):
        importing.read(data)
    found = importing.read(data, Wanted(advisories=lambda _: [orjson.dumps(ONE)]))
    assert (found.form, len(found.objects)) == (Form.CSAF, 1)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "X2"),
        (b"Dear all", "X2"),
        (b"[5", "X2"),
        (b"5", "X3"),
        (gzip.compress(b"{", mtime=0)[:-4], "X37"),
        (b"#model_version:x", "X56"),
        (b'{"Event": 5}', "X50"),
        (b'{"vulnerabilities": 5, "catalogVersion": ""}', "X56"),
    ],
)
def test_what_has_no_form_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(Refusal) as caught:
        importing.read(data)
    assert caught.value.rule == rule


def test_a_packed_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LIMIT", 1000)
    with pytest.raises(Refusal, match="more than 1000 bytes"):
        importing.read(gzip.compress(b" " * 100_000, mtime=0))


def test_one_bad_object_fails_alone() -> None:
    found = importing.read(orjson.dumps([ONE, {"type": "x"}, 5]))
    assert len(found.objects) == 1
    assert [each.path for each in found.flaws] == ["objects[1].id", "objects[2]"]


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    """A party with objects of every label that a circle takes."""
    node = nodes.make("orvanda")
    circle = open_circle(node)
    labels = ("clear", "green", "amber", "amber_strict")
    share(node, circle, *(indicator(each, tlp=each, name=f"canary {each}") for each in labels))
    share(node, circle, indicator("open", name="canary open"), unmarked=TLP.CLEAR)
    share(node, circle, indicator("bare", name="canary bare"))
    return node


CANARIES = {
    TLP.CLEAR: {"clear", "open"},
    TLP.GREEN: {"clear", "open", "green"},
    TLP.AMBER: {"clear", "open", "green", "amber", "bare"},
    TLP.AMBER_STRICT: {"clear", "open", "green", "amber", "bare", "amber_strict"},
}


def exported(node: Node, form: exporting.Form, made_for: TLP, **more: Any) -> Export:
    finder = searching.at_the_machine(node)
    return exporting.export(node, finder, Wish(form, made_for, title="News", **more))


def test_nothing_stricter_is_in_any_export(orvanda: Node) -> None:
    names = {f"canary {each}".encode() for each in CANARIES[TLP.AMBER_STRICT]}
    named = {"bundle", "csv", "atom", "misp", "misp-feed", "feed"}
    for made_for, allowed in CANARIES.items():
        for form in exporting.Form:
            found = exported(orvanda, form, made_for, ended=True)
            text = b"\n".join(found.files.values()).replace(b"canary amber_strict", b"canary xs")
            expected = {b"canary xs" if each == "amber_strict" else f"canary {each}".encode()
                        for each in allowed}  # fmt: skip
            leaked = {each for each in names | {b"canary xs"} if each in text}
            assert leaked == (expected if form in named else leaked & expected), (form, made_for)
            assert found.held == len(allowed)


def test_a_label_goes_along_with_what_had_none(orvanda: Node) -> None:
    found = exported(orvanda, exporting.Form.BUNDLE, TLP.AMBER)
    again = importing.read(found.files["objects.stix21.json"])
    labels = {each.value.get("name"): each.marking.tlp for each in again.objects}
    assert again.flaws == []
    assert (labels["canary bare"], labels["canary open"]) == (TLP.AMBER, TLP.CLEAR)


def test_an_export_is_of_the_collection_and_types_that_are_wished(orvanda: Node) -> None:
    assert exported(orvanda, exporting.Form.CSV, TLP.AMBER, types=("malware",)).held == 0
    with pytest.raises(Refusal) as caught:
        exported(orvanda, exporting.Form.CSV, TLP.AMBER, shelf="no such")
    assert caught.value.rule == "S3"


def test_a_feed_of_misp_is_read_again(orvanda: Node) -> None:
    found = exported(orvanda, exporting.Form.MISP_FEED, TLP.GREEN)
    (event,) = json.loads(found.files[feed.MANIFEST]).values()
    assert event["Tag"] == [{"name": "tlp:green"}]
    again = importing.read_folder(found.files)
    assert (again.form, again.flaws) == (Form.MISP_FEED, [])
    assert {each.marking.tlp for each in again.objects} == {TLP.GREEN}


def test_a_folder_that_is_a_feed_is_read_as_files_are(orvanda: Node, tmp_path: Path) -> None:
    found = exported(orvanda, exporting.Form.MISP_FEED, TLP.GREEN)
    for name, data in found.files.items():
        path = tmp_path / "feed" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    again = bringing.read([tmp_path / "feed"])
    assert again.objects
    assert again.flaws == []
    (tmp_path / "none").mkdir()
    assert [flaw.rule for flaw in bringing.read([tmp_path / "none"]).flaws] == ["X55"]


def test_a_static_feed_is_signed_and_read_again(orvanda: Node) -> None:
    found = exporting.signed(orvanda, exported(orvanda, exporting.Form.STATIC, TLP.GREEN))
    key = log_key(orvanda.me, 1, orvanda.keys.log(1).checkpoint.key)
    again = importing.read_folder(found.files, [key])
    assert (again.form, again.flaws, again.unmarked) == (Form.STATIC, [], TLP.GREEN)
    assert len(again.objects) == 3
    for files, keys in ((found.files, []), ({**found.files, static.NOTE: b""}, [key])):
        with pytest.raises(Refusal) as caught:
            importing.read_folder(files, keys)
        assert caught.value.rule in {"W1", "W2"}
