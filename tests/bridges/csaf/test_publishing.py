"""Names, hashes, labels, objects of STIX, and the tree of a provider."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.csaf import advisory, labels, names, provider, reading, stix
from comity.bridges.csaf.provider import Entry, Key, Site
from comity.bridges.stix import reading as objects
from comity.bridges.stix.scoids import sco_id
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.csaf.samples import Doc, data, denied, known, new, old

NOW = 1_780_000_000_000
TYPES = ["identity", "vulnerability", "note", "artifact", "report"]
FIXED = {"identity", "artifact"}
"""What has no version of its own in an advisory."""


def entry(doc: Doc, tlp: TLP = TLP.CLEAR) -> Entry:
    raw = data(doc)
    return Entry(advisory.read(reading.read(raw, known())), raw, tlp)


def site(**other: Any) -> Site:
    publisher = entry(old()).advisory.publisher
    return Site("https://pumps.example/csaf", publisher, NOW, **other)


def named(doc: Doc, id_: str, label: str) -> Doc:
    doc["document"]["tracking"]["id"] = id_
    doc["document"]["distribution"]["tlp"]["label"] = label
    return doc


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        ("2022_#01-A", "2022_01-a.json"),
        ("cisco-sa-20190513-secureboot", "cisco-sa-20190513-secureboot.json"),
        ("RHBA-2019:0024", "rhba-2019_0024.json"),
        ("../../etc/passwd", "_etc_passwd.json"),
        ("a/../../b\\c:d", "a_b_c_d.json"),
        ("Größe\u0000", "gr_e_.json"),
        ("CON", "con.json"),
    ],
)
def test_names_follow_the_rule(id_: str, name: str) -> None:
    assert names.file_name(id_) == name


@given(st.text(max_size=60))
def test_no_name_leads_out_of_a_folder(id_: str) -> None:
    try:
        name = names.file_name(id_)
    except Refusal:
        return
    assert not set(name.removesuffix(".json")) - set("abcdefghijklmnopqrstuvwxyz0123456789+-_")


@pytest.mark.parametrize("id_", ["..", "///", "ÄÖÜ", "a" * 300])
def test_ids_that_give_no_name_are_refused(id_: str) -> None:
    denied("X43", names.file_name, id_)


def test_another_name_is_refused() -> None:
    names.require_name("a-1.json", "A-1")
    assert "gives a-1.json" in denied("X43", names.require_name, "A-1.json", "A-1").reason


@pytest.mark.parametrize("algorithm", ["sha512", "sha256"])
def test_hashes_are_compared(algorithm: str) -> None:
    said = names.hash_file(algorithm, b"words", "a.json")
    names.require_hash(algorithm, b"words", said, "a.json")
    names.require_hash(algorithm, b"words", said.split()[0].upper(), "a.json")
    names.require_hash(algorithm, b"words", said.replace(b"a.json", b"*./x/a.json"), "a.json")
    denied("X44", names.require_hash, algorithm, b"other", said, "a.json")
    denied("X44", names.require_hash, algorithm, b"words", said, "b.json")
    denied("X44", names.require_hash, algorithm, b"words", said[1:], "a.json")
    denied("X44", names.require_hash, algorithm, b"words", b"", "a.json")
    denied("X44", names.require_hash, algorithm, b"words", b"\xff\xff", "a.json")


def test_no_label_is_ever_loosened() -> None:
    for version in ("2.0", "2.1"):
        for tlp in TLP:
            word = labels.written(tlp, version)
            read = labels.read({"document": {"distribution": {"tlp": {"label": word}}}})
            assert read is not None
            assert read >= tlp
    assert labels.written(TLP.AMBER_STRICT, "2.0") == "RED"
    assert labels.written(TLP.AMBER_STRICT, "2.1") == "AMBER+STRICT"
    assert labels.read({"document": {"distribution": {"text": "For all."}}}) is None
    labels.require_not_wider(TLP.AMBER, TLP.RED, "")
    labels.require_not_wider(None, TLP.CLEAR, "")
    denied("X47", labels.require_not_wider, TLP.AMBER, TLP.GREEN, "")


def test_an_advisory_becomes_objects_that_a_strict_reader_takes() -> None:
    one = entry(new())
    raws = stix.objects(one.advisory, one.data)
    items, flaws = objects.read_all(raws, stix_schemas())
    assert flaws == []
    assert [item.type for item in items] == TYPES
    assert raws == stix.objects(one.advisory, one.data)
    assert {item.marking.tlp for item in items} == {TLP.CLEAR}
    assert ("cve", "CVE-2026-1234") in items[1].observables
    assert set(items[-1].refs) >= {item.id for item in items[:-1]}
    assert orjson.loads(raws[-1])["external_references"][0]["external_id"] == "PU:2026 #1"

    stricter, _ = objects.read_all(stix.objects(one.advisory, one.data, TLP.RED), stix_schemas())
    assert {item.marking.tlp for item in stricter} == {TLP.RED}
    assert stricter[0].id != items[0].id
    bare = dataclasses.replace(one.advisory, tlp=None)
    unmarked, _ = objects.read_all(stix.objects(bare, one.data), stix_schemas())
    assert {item.marking.tlp for item in unmarked} == {TLP.AMBER}
    amber = dataclasses.replace(one.advisory, tlp=TLP.AMBER)
    denied("X47", stix.objects, amber, one.data, TLP.GREEN)


def test_a_newer_version_is_a_newer_version_of_the_same_objects() -> None:
    doc = new()
    before = [orjson.loads(raw) for raw in stix.objects(entry(doc).advisory, b"")]
    doc["document"]["tracking"]["current_release_date"] = "2026-03-05T10:00:00Z"
    after = [orjson.loads(raw) for raw in stix.objects(entry(doc).advisory, b"")]
    assert [one["id"] for one in before] == [one["id"] for one in after]
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if b["type"] not in FIXED]
    assert len(pairs) == 3
    assert all(b["modified"] < a["modified"] for b, a in pairs)


def test_the_file_goes_along_with_its_signature() -> None:
    one = entry(new())
    raws = [orjson.loads(raw) for raw in stix.objects(one.advisory, one.data, None, b"signed")]
    items, flaws = objects.read_all([*map(orjson.dumps, raws)], stix_schemas())
    assert flaws == []
    assert [item.type for item in items] == [*TYPES[:-1], "artifact", "relationship", "report"]
    file, signature, link, report = raws[-4:]
    assert (base64.b64decode(file["payload_bin"]), file["mime_type"]) == (one.data, stix.FILE)
    assert base64.b64decode(signature["payload_bin"]) == b"signed"
    assert (link["source_ref"], link["target_ref"]) == (signature["id"], file["id"])
    assert (file["id"] in report["object_refs"], signature["id"] in report["object_refs"]) == (
        True,
        False,
    )
    # Signed anew, the report is what it was.
    assert orjson.loads(stix.objects(one.advisory, one.data, None, b"anew")[-1]) == report
    assert sco_id(file) == file["id"]


def test_a_large_file_is_named_by_its_hash_alone() -> None:
    one = entry(new())
    most = one.data.ljust(stix.ATTACHED)
    items, flaws = objects.read_all(stix.objects(one.advisory, most, None, b"x"), stix_schemas())
    assert (flaws, "artifact" in {item.type for item in items}) == ([], True)
    large = one.data + b" " * stix.ATTACHED
    items, _ = objects.read_all(stix.objects(one.advisory, large, None, b"x"), stix_schemas())
    assert [item.type for item in items] == [kind for kind in TYPES if kind != "artifact"]


def test_the_tree_of_a_provider() -> None:
    entries = [
        entry(old()),
        entry(named(old(), "PU-2", "GREEN"), TLP.GREEN),
        entry(named(old(), "PU-3", "WHITE"), TLP.AMBER),
    ]
    key = Key("A" * 40, b"public")
    files = provider.tree(site(ceiling=TLP.AMBER, key=key, sign=lambda _: b"signed"), entries)
    place = "white/2026/pu_2026_1.json"
    assert files[place] == entries[0].data
    assert files[f"{place}.asc"] == b"signed"
    assert {"green/2026/pu-2.json", "amber/2026/pu-3.json"} <= files.keys()
    names.require_hash("sha512", entries[0].data, files[f"{place}.sha512"], "pu_2026_1.json")
    names.require_hash("sha256", entries[0].data, files[f"{place}.sha256"], "pu_2026_1.json")
    assert files["white/index.txt"] == b"2026/pu_2026_1.json\n"
    assert files["white/changes.csv"] == b'"2026/pu_2026_1.json","2026-03-02T10:00:00.000Z"\n'
    assert list(files)[-1] == "provider-metadata.json"
    assert files[f"openpgp/{'A' * 40}.asc"] == b"public"

    feed = json.loads(files["feed-tlp-white.json"])["feed"]
    assert [one["id"] for one in feed["entry"]] == ["PU:2026 #1"]
    links = {link["rel"]: link["href"] for link in feed["entry"][0]["link"]}
    assert links["self"] == f"https://pumps.example/csaf/{place}"
    assert links["signature"].endswith(".json.asc")
    service = json.loads(files["service.json"])["service"]["workspace"][0]["collection"]
    assert [one["href"].rpartition("/")[2] for one in service] == [
        "feed-tlp-white.json",
        "feed-tlp-green.json",
        "feed-tlp-amber.json",
    ]
    terms = json.loads(files["category.json"])["categories"]["category"]
    assert terms == [{"term": "csaf_security_advisory"}, {"term": "en"}]
    metadata = json.loads(files["provider-metadata.json"])
    assert metadata["role"] == "csaf_trusted_provider"
    assert metadata["public_openpgp_keys"][0]["fingerprint"] == "A" * 40
    # Nothing of what is not for everybody stands in what lies open.
    for path, raw in files.items():
        assert b"PU-3" not in raw or "amber" in path
        assert b"pu-3" not in raw or "amber" in path


def test_the_tree_of_a_provider_of_2_1() -> None:
    strict = named(new(), "PU-2", "AMBER+STRICT")
    entries = [entry(new()), entry(strict, TLP.AMBER_STRICT)]
    files = provider.tree(site(ceiling=TLP.AMBER_STRICT), entries)
    assert "clear/2026/pu_2026_1.json" in files
    assert "amber_strict/2026/pu-2.json" in files
    metadata = json.loads(files["provider-metadata.json"])
    assert metadata["metadata_version"] == "2.1"
    assert metadata["role"] == "csaf_provider"
    assert metadata["distributions"][1]["directory"]["tlp_label"] == "CLEAR"
    assert all("last_updated" in one for one in metadata["distributions"][0]["rolie"]["feeds"])
    assert "feed-tlp-amber-strict.json" in files


def test_what_must_not_be_published_is_refused() -> None:
    one = entry(named(old(), "PU-2", "AMBER"), TLP.AMBER)
    denied("X47", provider.tree, site(), [one])
    denied("X47", provider.tree, site(ceiling=TLP.AMBER), [dataclasses.replace(one, tlp=TLP.GREEN)])
    red = dataclasses.replace(one, tlp=TLP.RED)
    denied("X47", provider.tree, site(ceiling=TLP.RED), [red])
    denied("X48", provider.tree, site(), [entry(old()), entry(named(old(), "PU 2026 1", "WHITE"))])
    denied("X48", provider.tree, site(), [entry(old()), entry(old())])
    denied("X49", provider.tree, site(), [entry(old()), entry(named(new(), "PU-2", "CLEAR"))])
    draft = old()
    draft["document"]["tracking"]["status"] = "draft"
    denied("X49", provider.tree, site(), [entry(draft)])
    for url in (
        "http://pumps.example",
        "https://pumps.example/?a",
        "file:///x",
        "https://a/../b c",
    ):
        denied("X49", provider.tree, dataclasses.replace(site(), url=url), [])


def test_one_name_under_two_labels_is_refused() -> None:
    other = named(old(), "pu 2026_1", "GREEN")
    denied("X48", provider.tree, site(ceiling=TLP.GREEN), [entry(old()), entry(other, TLP.GREEN)])
