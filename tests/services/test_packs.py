"""The packs that come with the program: held against what can be computed, and against others."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter
from importlib import import_module, resources
from ipaddress import ip_network
from pathlib import Path

import pytest

from comity.bridges.stix.normal import KINDS
from comity.engines.clocks import said
from comity.engines.decay import DAY
from comity.engines.warnings import Warnings
from comity.services import packs
from tools.attack import PACK, catalogue, objects
from tools.attack import text as pack_text

# Assigned for a special purpose and reached from everywhere all the same.
GLOBAL = {
    *("192.0.0.9/32", "192.0.0.10/32", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24"),
    *("192.88.99.0/24", "64:ff9b::/96", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128"),
    *("2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28", "2620:4f:8000::/48"),
    "2002::/16",
}
# Not in the table of every release of the library.
YOUNG = {
    "192.0.0.0/24",
    "192.0.0.8/32",
    "64:ff9b:1::/48",
    "100:0:0:1::/64",
    "3fff::/20",
    "5f00::/16",
}
MULTICAST = {"224.0.0.0/4", "ff00::/8"}


# Half-lives of indicators


def test_half_lives_are_of_kinds_that_indicators_name_and_say_that_nobody_measured_them() -> None:
    told = packs.load(packs.HALF_LIVES)
    assert not packs.origin(told).verified
    rules = packs.decay_rules()
    assert rules.half_lives.keys() <= KINDS.keys()
    assert [rules.half_lives[kind] // DAY for kind in ("ip", "domain", "hash")] == [30, 90, 730]
    assert (rules.least, rules.agree) == (0.25, 2)


# Special addresses, names and hashes


@pytest.fixture(scope="module")
def index() -> Warnings:
    return Warnings(packs.special_addresses())


def test_every_entry_is_used_and_names_its_standard() -> None:
    for each in packs.special_addresses():
        assert not each.skipped
        assert {*each.entries} == {*each.notes}
        assert all(
            re.search(r"\((RFC [0-9]+|FIPS [0-9-]+)\)$", note) for note in each.notes.values()
        )


def test_every_list_says_where_it_is_from_and_who_checked_it() -> None:
    for told in packs.load(packs.SPECIAL_ADDRESSES):
        origin = packs.origin(told)
        assert origin.source.startswith("https://")
        assert re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", origin.date)
        # What no person compared with its source is not said to be so.
        assert origin.verified is (told["kinds"] == ["hash"])
        assert origin.by


def test_ranges_are_those_that_the_library_calls_not_global() -> None:
    ranges = {entry for each in packs.special_addresses()[:2] for entry in each.entries}
    for entry in ranges - GLOBAL - YOUNG - MULTICAST:
        assert not ip_network(entry).is_global, entry
    for entry in MULTICAST:
        assert ip_network(entry).is_multicast


@pytest.mark.parametrize("name", ["_IPv4Constants", "_IPv6Constants"])
def test_no_range_is_missing_that_the_library_calls_private(index: Warnings, name: str) -> None:
    import ipaddress

    for network in getattr(ipaddress, name)._private_networks:
        if str(network) != "::ffff:0:0/96":  # As IPv4 it has its own entries.
            assert index.hits("ip", str(network)), network


def test_hashes_are_those_of_an_empty_file() -> None:
    hashes = packs.special_addresses()[3]
    for entry, note in hashes.notes.items():
        name = note.partition(" (")[0].lower()
        name = name.replace("-", "_") if name.startswith("sha3") else name.replace("-", "")
        assert hashlib.new(name).hexdigest() == entry
    assert len(hashes.notes) == 8


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("ip", "10.1.2.3/32", "private use (RFC 1918)"),
        ("ip", "192.0.2.7/32", "documentation, TEST-NET-1 (RFC 5737)"),
        ("ip", "2001:db8:1::/48", "documentation (RFC 3849)"),
        ("url", "http://127.0.0.1/a", "loopback (RFC 1122)"),
        ("domain", "www.example.org", "documentation (RFC 2606)"),
        ("mail", "a@orvanda.test", "tests (RFC 2606)"),
        ("hash", hashlib.sha256().hexdigest(), "SHA-256 (FIPS 180-4)"),
    ],
)
def test_a_hit_says_what_it_is(index: Warnings, kind: str, value: str, says: str) -> None:
    assert [hit.note for hit in index.hits(kind, value)] == [says]


@pytest.mark.parametrize("value", ["8.8.8.8/32", "2001:4860:4860::8888/128"])
def test_addresses_of_everyday_are_on_no_list(index: Warnings, value: str) -> None:
    assert not index.hits("ip", value)


# ATT&CK


def test_techniques_are_all_there_with_the_terms_on_which_they_are() -> None:
    text = resources.files("comity.packs").joinpath(packs.ATTACK).read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    assert any("© 2025 The MITRE Corporation. This work is reproduced" in line for line in head)
    assert any("non-exclusive, royalty-free license to use ATT&CK" in line for line in head)
    lines = text.splitlines()[len(head) + 1 :]
    found = packs.techniques()
    assert found.version == "18.1"
    # One line for each id: none is there twice.
    assert len(lines) == len(found.entries) == 691 + 132 + 12 + 14 + 83 + 12 + 12 + 204
    kinds = [(each.id[:2] == "TA", "." in each.id, each.state) for each in found.entries.values()]
    assert Counter(kinds) == {
        (True, False, "current"): 38,
        (False, False, "current"): 376,
        (False, True, "current"): 522,
        (False, False, "revoked"): 182,
        (False, True, "revoked"): 3,
        (True, False, "deprecated"): 2,
        (False, False, "deprecated"): 36,
        (False, True, "deprecated"): 1,
    }


def test_what_replaced_a_technique_stands_itself() -> None:
    entries = packs.techniques().entries
    for each in entries.values():
        assert each.name
        assert all(entries[id_].state == "current" for id_ in each.instead), each
        assert each.id.partition(".")[0] in entries
    assert entries["T1086"].instead == ("T1059.001",)
    assert entries["T1108"].instead == ("T1136", "T1505.003", "T1133")
    # What took the place of these of Mobile is deprecated, and nothing stands in its place; of one
    # MITRE names nothing.
    nothing = {id_ for id_, each in entries.items() if each.state == "revoked" and not each.instead}
    assert nothing == {"T1431", "T1434", "T1440", "T1441", "T1442", "T1443", "T1445"} | {
        "T1454",
        "T1455",
    }


def test_techniques_are_those_of_the_bundles_of_mitre(shared: Path) -> None:
    folder = shared / "data" / "stix"
    files = [folder / f"attack-{name}.stix21.json.gz" for name in ("enterprise", "ics")]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no ATT&CK in {folder}")
    made = catalogue("18.1", objects(files))
    known = packs.techniques()
    assert made.entries == {id_: each for id_, each in known.entries.items() if id_ in made.entries}
    # The rest are Mobile's.
    others = known.entries.keys() - made.entries.keys()
    assert {id_[:3] for id_ in others} == {"T13", "T14", "T15", "T16", "TA0"}
    pack = PACK.read_text(encoding="utf-8")
    assert pack_text(pack, known) == pack


# Vocabularies and classes


def test_vocabularies_are_those_of_the_library_of_oasis() -> None:
    vocab = import_module("stix2.v21.vocab")
    names = {"hash-algorithm": "HASHING_ALGORITHM"}
    for name, found in packs.vocabularies().items():
        stem = name.rpartition("-")[0]
        theirs = getattr(vocab, names.get(stem, stem.upper().replace("-", "_")))
        assert [*found.codes] == theirs, name


def test_properties_that_use_a_vocabulary_are_those_of_the_library_of_oasis() -> None:
    library = import_module("stix2.v21")
    for name, found in packs.vocabularies().items():
        for type_, property_ in found.uses:
            made = "X509Certificate" if type_ == "x509-certificate" else type_.title()
            assert property_ in getattr(library, made.replace("-", ""))._properties, name


NAMES_OF_THINGS = {"hash-algorithm-ov", "pattern-type-ov"}
"""What these list has one name in every language."""


def test_every_code_of_a_vocabulary_has_words() -> None:
    vocabularies = packs.vocabularies()
    for name, found in vocabularies.items():
        wanted = set() if name in NAMES_OF_THINGS else {*found.codes}
        assert found.words.keys() == wanted, name
    sectors = packs.vocabulary_of("identity", "sectors")
    assert sectors is vocabularies["industry-sector-ov"]
    assert (sectors.word("energy"), sectors.word("lamplight")) == ("Energy", "lamplight")
    assert packs.vocabulary_of("indicator", "sectors") is None


def test_vocabularies_and_classes_say_where_they_are_from() -> None:
    for name in (packs.STIX_VOCABULARIES, packs.RSIT_MAPPING):
        origin = packs.origin(packs.load(name))
        assert origin.source.startswith("https://")
        assert origin.verified is False
        assert "nobody yet" in origin.by or "decided here" in origin.by


def test_every_line_of_the_table_names_a_class_or_a_sector() -> None:
    table = packs.classes()
    by_type = [line for each in table.types.values() for line in each.items()]
    plain = (table.labels, table.techniques, table.phases, table.objects)
    lines = [*by_type, *(line for each in plain for line in each.items())]
    assert {class_ for _, class_ in lines} <= table.known
    assert {*table.sectors.values()} <= table.sector_codes
    # A name that is a code already needs no line.
    assert not {*table.sectors} & table.sector_codes


def test_types_of_the_table_are_of_the_vocabularies() -> None:
    used = {
        property_: found.codes
        for found in packs.vocabularies().values()
        for _, property_ in found.uses
    }
    for property_, codes in packs.classes().types.items():
        assert {*codes} <= {*used[property_]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "malware", "malware_types": ["ransomware"]}, "malicious-code"),
        ({"type": "vulnerability", "name": "CVE-2026-0001"}, "vulnerable"),
        ({"type": "infrastructure", "infrastructure_types": ["phishing"]}, "fraud"),
        ({"type": "indicator", "indicator_types": ["malicious-activity"]}, "other"),
        ({"type": "indicator", "labels": ["Phishing"]}, "fraud"),
    ],
)
def test_the_usual_objects_are_counted_where_one_looks_for_them(
    value: dict[str, object], expected: str
) -> None:
    assert packs.classes().of(value) == expected


def test_techniques_and_phases_of_attack_are_known(shared: Path) -> None:
    file = shared / "data" / "stix" / "attack-enterprise.stix21.json.gz"
    if not file.is_file():
        pytest.skip(f"no ATT&CK in {file}")
    objects = json.loads(gzip.decompress(file.read_bytes()))["objects"]
    patterns = [each for each in objects if each["type"] == "attack-pattern"]
    numbers = {ref.get("external_id") for p in patterns for ref in p["external_references"]}
    assert {*packs.classes().techniques} <= numbers
    classed = [packs.classes().of(each) for each in patterns]
    assert classed.count("other") < len(classed) / 10


# Clocks


def test_every_regime_says_where_it_is_from_and_how_that_was_checked() -> None:
    found = packs.clocks()
    assert len({each.source.title for each in found}) == len(found)
    for each in found:
        assert each.source.url.startswith("https://"), each.id
        assert each.by, each.id
        # Who says that it was compared shows what it was compared with.
        assert each.quote or not each.verified, each.id
        assert ("Union" in each.area) >= bool(each.source.celex), each.id


def test_what_was_compared_with_no_text_is_not_said_to_be_verified() -> None:
    assert {each.id for each in packs.clocks() if each.verified} == {
        "nis2",
        "cra_vulnerability",
        "cra_incident",
    }
    # Of these nobody here knows that they are in force.
    assert {each.id for each in packs.clocks() if each.valid_from is None} == {
        "us_circia",
        "eu_contact_point",
        "usual_help",
    }


@pytest.mark.parametrize(
    ("place", "limits"),
    [
        ("nis2 early_warning", ["24 hours since aware"]),
        ("nis2 notification", ["72 hours since aware"]),
        ("nis2 progress_report", ["1 month since notification"]),
        ("nis2 final_report", ["1 month since notification", "1 month since handled"]),
        ("dora initial", ["4 hours since classified", "24 hours since aware"]),
        ("dora intermediate", ["72 hours since initial"]),
        ("dora final", ["1 month since intermediate"]),
        ("cra_vulnerability early_warning", ["24 hours since aware"]),
        ("cra_vulnerability notification", ["72 hours since aware"]),
        ("cra_vulnerability final_report", ["14 days since measure_available"]),
        ("cra_incident final_report", ["1 month since notification"]),
        ("gdpr_33 notification", ["72 hours since aware"]),
        ("us_circia incident", ["72 hours since believed"]),
        ("us_circia ransom", ["24 hours since payment"]),
        ("us_sec filing", ["4 days of work since materiality"]),
        ("in_cert report", ["6 hours since noticed"]),
        ("au_soci_critical report", ["12 hours since aware"]),
        ("au_soci_other report", ["72 hours since aware"]),
        ("eu_contact_point answer", ["8 hours since asked"]),
    ],
)
def test_limits_are_those_of_the_texts(place: str, limits: list[str]) -> None:
    id_, _, stage_id = place.partition(" ")
    (regime,) = (each for each in packs.clocks() if each.id == id_)
    stage = regime.stage(stage_id)
    assert stage is not None
    assert [f"{said(each.span)} since {each.since}" for each in stage.limits] == limits
