"""Every mandatory test of CSAF: a document that passes it, and what makes it fail."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from comity.bridges.csaf import mandatory, reading
from tests.bridges.csaf.samples import (
    CVSS,
    DAY,
    MOST,
    Change,
    Doc,
    data,
    flaw,
    gone,
    helper,
    informing,
    known,
    leaves,
    new,
    old,
    vex,
)

LATER = "2027-01-01T00:00:00Z"


def put(path: str, value: Any) -> Change:
    """Return what puts a value at a path, as ``document.lang``; numbers are places in lists."""

    def change(doc: Doc) -> None:
        *way, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
        inner: Any = doc
        for part in way:
            inner = inner[part]
        inner[last] = copy.deepcopy(value)

    return change


def drop(path: str) -> Change:
    """Return what takes a field away."""

    def change(doc: Doc) -> None:
        way, _, last = path.rpartition(".")
        inner: Any = doc
        for part in way.split(".") if way else []:
            inner = inner[int(part) if part.isdecimal() else part]
        del inner[last]

    return change


def again(path: str, **fields: Any) -> Change:
    """Return what adds the first item of a list once more, with other ``fields``."""

    def change(doc: Doc) -> None:
        inner: Any = doc
        for part in path.split("."):
            inner = inner[int(part) if part.isdecimal() else part]
        inner.append(copy.deepcopy(inner[0]) | fields)

    return change


def both(*changes: Change) -> Change:
    """Return what makes several changes."""

    def change(doc: Doc) -> None:
        for each in changes:
            each(doc)

    return change


def nothing(_doc: Doc) -> None:
    """Change nothing."""


def deep(count: int) -> Change:
    """Return what puts so many branches within each other."""

    def change(doc: Doc) -> None:
        branch: Doc = {
            "category": "product_family",
            "name": "Deep",
            "product": {"name": "Deep", "product_id": "P-9"},
        }
        for _ in range(count - 1):
            branch = {"category": "product_family", "name": "Deep", "branches": [branch]}
        doc["product_tree"]["branches"].append(branch)

    return change


TRACKING = "document.tracking"
HISTORY = f"{TRACKING}.revision_history"
FIRST = "vulnerabilities.0"
SCORE = f"{FIRST}.scores.0.cvss_v3"
GROUP = "document.distribution.sharing_group"
METRIC = f"{FIRST}.metrics.0.content"
CHOICE = f"{METRIC}.ssvc_v2.selections.0"

# Number: what makes a document the test is about, and what makes that one fail.
OLD: dict[str, tuple[Change, Change]] = {
    "6.1.1": (nothing, put(f"{FIRST}.product_status.fixed", ["P-8"])),
    "6.1.2": (nothing, again("product_tree.full_product_names")),
    "6.1.3": (nothing, put("product_tree.relationships.0.product_reference", "P-4")),
    "6.1.4": (nothing, put(f"{FIRST}.threats.0.group_ids", ["G-8"])),
    "6.1.5": (nothing, again("product_tree.product_groups")),
    "6.1.6": (nothing, put(f"{FIRST}.product_status.known_not_affected", ["P-1"])),
    "6.1.7": (nothing, again(f"{FIRST}.scores")),
    "6.1.8": (nothing, drop(f"{SCORE}.baseSeverity")),
    "6.1.9": (nothing, put(f"{SCORE}.baseScore", 9.7)),
    "6.1.10": (nothing, put(f"{SCORE}.attackVector", "LOCAL")),
    "6.1.11": (nothing, put(f"{FIRST}.cwe.name", "Overflow")),
    "6.1.12": (nothing, put("document.lang", "EZ")),
    "6.1.13": (
        nothing,
        lambda doc: helper(doc).update(purl="pkg:maven/@1.0"),
    ),
    "6.1.14": (nothing, put(f"{HISTORY}.0.date", LATER)),
    "6.1.15": (
        both(put("document.publisher.category", "translator"), put("document.source_lang", "fr")),
        drop("document.source_lang"),
    ),
    "6.1.16": (nothing, put(f"{TRACKING}.version", "1")),
    "6.1.17": (
        both(
            put(HISTORY, [{"date": DAY.format(2), "number": "0.1.0", "summary": "First."}]),
            put(f"{TRACKING}.version", "0.1.0"),
            put(f"{TRACKING}.status", "draft"),
        ),
        put(f"{TRACKING}.status", "final"),
    ),
    "6.1.18": (nothing, again(HISTORY, number="0", date="2026-02-01T00:00:00Z")),
    "6.1.19": (
        both(
            put(HISTORY, [{"date": DAY.format(2), "number": "1.0.0", "summary": "First."}]),
            put(f"{TRACKING}.version", "1.0.0"),
        ),
        put(f"{HISTORY}.0.number", "1.0.0-rc"),
    ),
    "6.1.20": (
        both(
            put(HISTORY, [{"date": DAY.format(2), "number": "1.0.0", "summary": "First."}]),
            put(f"{TRACKING}.version", "1.0.0-rc"),
            put(f"{TRACKING}.status", "draft"),
        ),
        put(f"{TRACKING}.status", "interim"),
    ),
    "6.1.21": (nothing, both(put(f"{HISTORY}.1.number", "3"), put(f"{TRACKING}.version", "3"))),
    "6.1.22": (nothing, again(HISTORY)),
    "6.1.23": (nothing, again("vulnerabilities")),
    "6.1.24": (nothing, again(f"{FIRST}.involvements", status="disputed")),
    "6.1.25": (
        nothing,
        lambda doc: helper(doc)["hashes"][0]["file_hashes"][0].update(algorithm="sha512"),
    ),
    "6.1.26": (
        put("document.category", "Orvanda Security Advisory"),
        put("document.category", "Security_Advisory"),
    ),
    "6.1.27.1": (informing, put("document.notes.0.category", "legal_disclaimer")),
    "6.1.27.2": (informing, put("document.references.1.category", "self")),
    "6.1.27.3": (
        informing,
        put("vulnerabilities", [{"cve": "CVE-2026-1234"}]),
    ),
    "6.1.27.4": (nothing, drop("product_tree")),
    "6.1.27.5": (nothing, drop(f"{FIRST}.notes")),
    "6.1.27.6": (nothing, drop(f"{FIRST}.product_status")),
    "6.1.27.7": (vex, put(f"{FIRST}.product_status", {"recommended": ["P-2"]})),
    "6.1.27.8": (vex, both(drop(f"{FIRST}.cve"), drop(f"{FIRST}.ids"))),
    "6.1.27.9": (vex, drop(f"{FIRST}.flags")),
    "6.1.27.10": (vex, drop(f"{FIRST}.remediations")),
    "6.1.27.11": (nothing, drop("vulnerabilities")),
    "6.1.28": (put("document.source_lang", "en-GB"), put("document.source_lang", "EN")),
    "6.1.29": (nothing, drop(f"{FIRST}.remediations.0.product_ids")),
    "6.1.30": (nothing, put(f"{TRACKING}.version", "2.0.0")),
    "6.1.31": (nothing, lambda doc: leaves(doc)[0].update(name="prior to 1.0")),
    "6.1.32": (nothing, drop(f"{FIRST}.flags.0.product_ids")),
    "6.1.33": (
        nothing,
        both(
            put(f"{FIRST}.flags.0", {"label": "component_not_present", "product_ids": ["P-4"]}),
            again(f"{FIRST}.flags", label="vulnerable_code_not_present", group_ids=["G-1"]),
        ),
    ),
}
NEW: dict[str, tuple[Change, Change]] = {
    "6.1.27.12": (
        nothing,
        put(f"{FIRST}.product_status", {"first_affected": ["P-1"], "fixed": ["P-2"]}),
    ),
    "6.1.27.13": (nothing, put(f"{FIRST}.product_status", {"fixed": ["P-2"]})),
    "6.1.27.14": (gone("withdrawn"), put("document.notes.0.category", "summary")),
    "6.1.27.15": (
        gone("withdrawn"),
        put("product_tree", {"full_product_names": [{"name": "Pump", "product_id": "P-1"}]}),
    ),
    "6.1.27.16": (
        gone("withdrawn"),
        both(
            put(HISTORY, [{"date": DAY.format(1), "number": "1", "summary": "First."}]),
            put(f"{TRACKING}.version", "1"),
        ),
    ),
    "6.1.27.17": (gone("withdrawn"), put("document.notes.0.title", "Why")),
    "6.1.27.18": (gone("superseded"), again("document.notes")),
    "6.1.27.19": (gone("superseded"), drop("document.references.2.category")),
    "6.1.34": (deep(30), deep(31)),
    "6.1.35": (
        again(f"{FIRST}.remediations", category="mitigation"),
        again(f"{FIRST}.remediations", category="no_fix_planned"),
    ),
    "6.1.36": (nothing, again(f"{FIRST}.remediations", product_ids=["P-2"])),
    "6.1.37": (nothing, put(f"{METRIC}.ssvc_v2.timestamp", "2026-03-01t10:00:00z")),
    "6.1.38": (
        put(GROUP, {"id": MOST, "name": "Public"}),
        put("document.distribution.tlp.label", "GREEN"),
    ),
    "6.1.39": (
        nothing,
        put(GROUP, {"id": "5f0ab8ce-1d7c-4bf4-8f73-6d3f5a1d6e01", "name": "Some"}),
    ),
    "6.1.40": (
        both(
            put("document.distribution.tlp.label", "RED"),
            put(GROUP, {"id": "5f0ab8ce-1d7c-4bf4-8f73-6d3f5a1d6e01", "name": "Some"}),
        ),
        put(f"{GROUP}.name", "Public"),
    ),
    "6.1.41": (put(GROUP, {"id": MOST, "name": "Public"}), drop(f"{GROUP}.name")),
    "6.1.42": (nothing, lambda doc: helper(doc)["purls"].append("pkg:npm/other@1.0")),
    "6.1.43": (nothing, lambda doc: helper(doc).update(model_numbers=["P*U*"])),
    "6.1.44": (nothing, lambda doc: helper(doc).update(serial_numbers=["*1*"])),
    "6.1.45": (nothing, put(f"{FIRST}.disclosure_date", LATER)),
    "6.1.46": (nothing, drop(f"{METRIC}.ssvc_v2.selections")),
    "6.1.47": (nothing, put(f"{METRIC}.ssvc_v2.target_ids", ["CVE-1900-0001"])),
    "6.1.48": (nothing, put(f"{CHOICE}.values", [{"key": "A"}, {"key": "N"}])),
    "6.1.49": (nothing, put(f"{METRIC}.ssvc_v2.timestamp", LATER)),
    "6.1.50": (nothing, lambda doc: leaves(doc)[2].update(name="all before 0.9.0")),
    "6.1.51": (nothing, put(f"{METRIC}.epss.timestamp", LATER)),
    "6.1.52": (nothing, put(f"{FIRST}.first_known_exploitation_dates.0.date", LATER)),
    "6.1.53": (
        nothing,
        put(f"{FIRST}.first_known_exploitation_dates.0.date", "2026-02-01T00:00:00Z"),
    ),
    "6.1.54": (
        put("document.license_expression", "(MIT OR Apache-2.0+) AND CC0-1.0"),
        put("document.license_expression", "You may copy this."),
    ),
    "6.1.55": (
        both(
            put("document.license_expression", "LicenseRef-pumps.example-own"),
            again("document.notes", title="License", category="legal_disclaimer"),
        ),
        put("document.notes.1.category", "other"),
    ),
    "6.1.56": (nothing, put(f"{FIRST}.metrics.1.products", ["P-1"])),
    "6.1.57": (
        nothing,
        put("product_tree.branches.0.branches.0.category", "vendor"),
    ),
    "6.1.58": (
        nothing,
        put("product_tree.branches.0.branches.0.category", "product_version_range"),
    ),
    "6.1.59": (nothing, lambda doc: leaves(doc)[2].update(name="vers:npm/0.9.0")),
    "6.1.60.1": (nothing, drop("x_extensions.0.critical")),
    "6.1.61": (nothing, lambda doc: helper(doc).update(skus=["a*b*"])),
}
MOVED: dict[str, Change] = {
    # What 2.1 has elsewhere than 2.0.
    "6.1.3": put("product_tree.product_paths.0.subpaths.0.next_product_reference", "P-4"),
    "6.1.7": both(
        again(f"{FIRST}.metrics", content={"cvss_v3": CVSS}),
    ),
    "6.1.8": drop(f"{METRIC}.cvss_v3.baseSeverity"),
    "6.1.9": put(f"{METRIC}.cvss_v3.baseScore", 9.7),
    "6.1.10": put(f"{METRIC}.cvss_v3.attackVector", "LOCAL"),
    "6.1.11": put(f"{FIRST}.cwes.0.name", "Overflow"),
    "6.1.13": lambda doc: helper(doc).update(purls=["pkg:oci/com.example/pump@1"]),
}


FOUR = {
    "version": "4.0",
    "vectorString": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:P",
    "baseScore": 9.3,
    "baseSeverity": "CRITICAL",
}


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({}, set()),
        ({"baseScore": 10.0}, {"6.1.9"}),
        ({"baseScore": 8.9, "baseSeverity": "HIGH"}, {"6.1.9"}),
        ({"baseSeverity": "HIGH"}, {"6.1.8"}),
    ],
)
def test_a_score_of_4_is_that_of_all_its_vector(changes: Doc, failed: set[str]) -> None:
    doc = new()
    put(f"{METRIC}.cvss_v4", FOUR | changes)(doc)
    assert numbers(doc) == failed


def numbers(doc: Doc) -> set[str]:
    """Return the tests that a document fails."""
    return {fault.number for fault in reading.faults(doc, known())}


@pytest.mark.parametrize("number", OLD)
def test_of_both_versions(number: str) -> None:
    make, fail = OLD[number]
    for base in (old, new):
        doc = base()
        make(doc)
        assert numbers(doc) == set()
        MOVED.get(number, fail)(doc) if base is new else fail(doc)
        assert number in numbers(doc), base.__name__


@pytest.mark.parametrize("number", NEW)
def test_of_the_later_version(number: str) -> None:
    make, fail = NEW[number]
    doc = new()
    make(doc)
    assert numbers(doc) == set()
    fail(doc)
    assert number in numbers(doc)


def test_the_table_is_whole() -> None:
    both_versions = {test.number for test in mandatory.TESTS if "2.0" in test.versions}
    assert both_versions == set(OLD)
    assert {test.number for test in mandatory.TESTS} == {*OLD, *NEW}
    asked = [f"6.1.{n}" for n in range(1, 62) if n not in {27, 60}]
    asked += [f"6.1.27.{n}" for n in range(1, 20)] + [f"6.1.60.{n}" for n in range(1, 4)]
    assert set(asked) == {*OLD, *NEW, *mandatory.UNSUPPORTED}
    assert len({test.number for test in mandatory.TESTS}) == len(mandatory.TESTS)


def test_the_wrong_base_of_a_score_is_told_with_what_the_vector_gives() -> None:
    doc = old()
    flaw(doc)["scores"][0]["cvss_v3"]["vectorString"] += "/AV:L"
    assert [fault.reason for fault in reading.faults(doc, known())] == [
        "The vector lacks a metric that every score has, or repeats it."
    ]


@pytest.mark.parametrize("target", [["CVE-2026-1234"], {}, None, 1])
def test_what_is_no_id_is_no_target_of_ssvc(target: Any) -> None:
    doc = new()
    put(f"{METRIC}.ssvc_v2.target_ids", [target])(doc)
    assert numbers(doc) == {"6.1.47"}


@pytest.mark.parametrize(
    ("namespace", "key", "version", "values", "right"),
    [
        # As OASIS's documents for test 6.1.48 have it.
        ("ssvc", "MI", "1.0.0", "N D", False),
        ("ssvc", "SIs", "2.0.0", "M R C", False),
        ("ssvc", "SI", "2.0.0", "C R M N", False),
        ("ssvc", "SI", "1.9.7", "M R C", False),
        ("cvss", "AC", "3.0.1", "E", False),
        ("cvss", "E", "2.0.0", "P U X", False),
        ("ssvc//.example.test#some-private-collection", "SI", "2.0.0", "S R C", False),
        ("ssvc//.example.test$en-GB", "SI", "2.0.0", "M C R", False),
        ("ssvc", "MI", "1.0.0", "N NED", True),
        ("ssvc", "SI", "2.0.0", "N M R C", True),
        ("cvss", "E", "2.0.0", "U P X", True),
        ("x_example.test#some-private-collection", "SI", "1.9.7", "S R C", True),
        ("ssvc//.example.test$en-GB", "SI", "2.0.0", "M R C", True),
        ("invalid", "INVALID", "1.0.0", "E", False),
        ("x_invalid", "INVALID", "1.0.0", "E", False),
        ("test", "TEST", "2.0.0", "A", True),
        ("nist#800-30", "X", "1.0.0", "A", False),
        ("nist#1", "X", "1.0.0", "A", False),
        # The same value twice is in no order.
        ("ssvc", "SI", "2.0.0", "M M", False),
        # What is newer than the list is not judged by it; what is no version is not newer.
        ("ssvc", "SI", "9.0.0", "Z", True),
        ("ssvc", "SI", "9.0.0-x", "Z", False),
    ],
)
def test_decision_points_are_those_of_the_registry(
    namespace: str,
    key: str,
    version: str,
    values: str,
    right: bool,  # noqa: FBT001
) -> None:
    doc = new()
    keys = [{"key": each} for each in values.split()]
    choice = {"namespace": namespace, "key": key, "version": version, "values": keys}
    put(CHOICE, choice)(doc)
    assert numbers(doc) == (set() if right else {"6.1.48"})


def test_what_is_no_choice_is_told_by_one_test_alone() -> None:
    doc = new()
    drop(f"{CHOICE}.version")(doc)
    assert numbers(doc) == {"6.1.46"}


def test_each_extension_is_warned_of_with_its_class() -> None:
    doc = new()
    put("x_extensions.0.critical", value=True)(doc)
    leaves(doc)[0]["product"]["x_extensions"] = [doc["x_extensions"][0] | {"critical": False}]
    first, second = reading.warnings(reading.read(data(doc), known()))
    assert first.path == "x_extensions[0]"
    assert first.reason.startswith("This supplementary extension is critical and not supported")
    assert second.path.endswith(".product.x_extensions[0]")
    assert all("https://pumps.example/extension.json" in each.reason for each in (first, second))
    assert reading.warnings(reading.read(data(old()), known())) == []


def test_failures_are_limited() -> None:
    doc = old()
    flaw(doc)["product_status"]["recommended"] = [f"Q-{n}" for n in range(5_000)]
    assert len(reading.faults(doc, known())) == reading.MOST
