"""The structure of CSAF documents equals the schema of OASIS, and hostile bytes are refused."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.bridges.csaf import advisory, cvss, cvssscores, reading, shape
from comity.bridges.csaf.walk import moment
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from tests.bridges.csaf.samples import CVSS, Doc, data, denied, flaw, known, new, old


def plain(part: Any, whole: Doc) -> Any:
    """Return a schema without words for people, its definitions put in where they are named."""
    if not isinstance(part, dict):
        return part
    if "oneOf" in part or part.get("$ref", "").startswith("https:"):
        return {"type": "object"}  # A score, which has a schema of its own.
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return "branches" if name.startswith("branches") else plain(whole["$defs"][name], whole)
    kept = {"type", "enum", "format", "pattern", "required", "additionalProperties"}
    kept |= {f"{least}{what}" for least in ("min", "max") for what in ("Items", "Length")}
    kept |= {"minProperties", "maxProperties", "uniqueItems"}
    found = {name: value for name, value in part.items() if name in kept}
    for name in ("required", "enum"):
        if name in found:
            found[name] = sorted(found[name])
    if "properties" in part:
        found["properties"] = {n: plain(inner, whole) for n, inner in part["properties"].items()}
    return found | ({"items": plain(part["items"], whole)} if "items" in part else {})


def test_it_equals_the_schema_of_oasis(shared: Path) -> None:
    file = shared / "data" / "csaf" / "oasis-json-schema" / "csaf_json_schema.json"
    if not file.exists():
        pytest.skip("The schema of OASIS is not at hand.")
    theirs, ours = json.loads(file.read_text(encoding="utf-8")), shape.schema("2.0")
    assert plain(ours, ours) == plain(theirs, theirs)
    mine, other = ours["$defs"]["branches"], theirs["$defs"]["branches_t"]
    assert plain(mine, ours) == plain(other, theirs)


def test_what_2_1_does_not_have_is_refused_and_2_0_lets_it_pass_unread() -> None:
    for base, rule in ((new, "X41"), (old, "")):
        doc = base()
        doc["document"]["metrics"] = doc["vulnerabilities"][0]["metricz"] = 7
        if rule:
            assert denied(rule, reading.read, data(doc), known()).subject == "document"
        else:
            assert "metricz" not in reading.read(data(doc), known())["vulnerabilities"][0]


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.sampled_from(["metrics", "cwes", "flags", "ids", "unknown", "notes"]),
        st.recursive(
            st.none() | st.text() | st.integers(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    )
)
def test_whatever_stands_in_a_document_it_is_read_or_refused(odd: Doc) -> None:
    doc = old()
    flaw(doc).update(odd)
    try:
        said = advisory.read(reading.read(data(doc), known()))
    except Refusal:
        return
    assert said.id == "PU:2026 #1"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b'{"document": 1, "document": 2}', "twice"),
        (b'{"document": {"a": 1, "b": {"c": 1, "c": 1}}}', "twice"),
        (b"[" * 100_000, "levels"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "levels"),
        (b"[1]", "object"),
        (b'{"a": NaN}', "number"),
        (b'{"a": -Infinity}', "number"),
        (b'{"a": 1e999}', "larger"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "JSON"),
        (b'{"a": "\xff"}', "JSON"),
        (b'{"a": "\\ud800"}', "JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "JSON"),
        (b"", "JSON"),
        (b"\x1f\x8b\x08", "JSON"),
        (b" " * (reading.LIMIT + 1), "bytes"),
        (b'{"a": [' + b"[]," * 1_000_000 + b"[]]}", "values"),
    ],
)
def test_hostile_bytes_are_refused(bad: bytes, why: str) -> None:
    assert why in denied("X40", reading.parse, bad).reason


def test_a_packed_file_is_never_unpacked() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", b"0" * 1_000_000)
    denied("X40", reading.parse, packed.getvalue())


def test_a_structure_that_is_wrong_is_told_with_its_place() -> None:
    doc = old()
    flaw(doc)["remediations"][0]["category"] = "prayer"
    refusal = denied("X41", reading.read, data(doc), known())
    assert refusal.subject == "vulnerabilities[0].remediations[0].category"
    del doc["document"]["tracking"]["id"]
    faults = reading.faults(doc, known())
    assert {fault.number for fault in faults} == {"schema"}
    assert {fault.path for fault in faults} >= {"document.tracking"}


@pytest.mark.parametrize("version", ["9" * 101, f"1.0.0-{'a' * 100}"])
def test_an_endless_version_is_refused(version: str) -> None:
    doc = old()
    doc["document"]["tracking"]["version"] = version
    assert "too long" in denied("X41", reading.read, data(doc), known()).reason


def test_a_failing_test_is_told_with_its_number() -> None:
    doc = old()
    flaw(doc)["cwe"]["name"] = "Overflow"
    refusal = denied("X42", reading.read, data(doc), known())
    assert refusal.reason.startswith("Test 6.1.11 fails: CWE knows no weakness CWE-121 named")
    assert refusal.subject == "vulnerabilities[0].cwe"


@pytest.mark.parametrize(("name", "base"), [("2.0", old), ("2.1", new)])
def test_what_an_advisory_says(name: str, base: Any) -> None:
    said = advisory.read(reading.read(data(base()), known()))
    assert (said.id, said.version, said.status, said.csaf) == ("PU:2026 #1", "2", "final", name)
    assert (said.tlp, said.lang, said.cves) == (TLP.CLEAR, "en", ("CVE-2026-1234",))
    assert (said.initial, said.current) == (1772359200000, 1772445600000)
    assert [product.id for product in said.products][:2] == ["P-1", "P-2"]
    assert said.products[0].purls[0] == "pkg:npm/%40orvanda/pump@1.0"
    (one,) = said.vulnerabilities
    assert one.scores[0][:3] == ("3.1", CVSS["vectorString"], 9.8)
    assert one.remediations[0] == ("vendor_fix", "Take 1.1.", "", ("P-1",))
    assert one.states == {"known_affected": ("P-1",), "fixed": ("P-2",)}
    assert one.cwes == ("CWE-121",)
    assert one.ids == (("Pumps", "PU-17"),)
    assert one.references[0].category == "external"


def test_times_are_compared_wherever_they_were_written() -> None:
    assert moment("2026-03-01T10:00:00Z") == moment("2026-03-01T12:30:00.000+02:30")
    assert moment("2026-03-01T10:00:00.0000001Z") - moment("2026-03-01T10:00:00Z") == 100
    assert moment("0001-01-01T00:00:00+23:59") < 0 < moment("9999-12-31T23:59:60-23:59")


# Vectors and scores from FIRST's guide to CVSS 2.0, sections 3.3.1 and 3.3.2, and its examples.
@pytest.mark.parametrize(
    ("version", "vector", "scores"),
    [
        (
            "2.0",
            "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H",
            (7.8, 6.4, 9.2),
        ),
        (
            "2.0",
            "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L",
            (10.0, 8.3, 9.0),
        ),
        ("3.0", "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", (6.4, 6.4, 6.4)),
        ("3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:L/A:N", (7.2, 7.2, 7.2)),
        ("3.1", "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C", (7.8, 7.0, 7.0)),
        ("3.1", "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", (0.0, 0.0, 0.0)),
    ],
)
def test_scores_are_computed(version: str, vector: str, scores: tuple[float, ...]) -> None:
    found = cvssscores.computed(version, vector, known().scores)
    assert found is not None
    assert all(right in each for right, each in zip(scores, found.values(), strict=True))


def test_objects_of_4_are_checked_in_form() -> None:
    vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"
    score = {
        "version": "4.0",
        "vectorString": vector,
        "baseScore": 10.0,
        "baseSeverity": "CRITICAL",
    }
    assert cvss.checker("4.0").is_valid(score)
    assert not cvss.checker("4.0").is_valid(score | {"baseSeverity": "HIGH"})
    assert not cvss.checker("4.0").is_valid(score | {"vectorString": vector.replace("AC:L/", "")})


def test_the_real_advisories_are_valid(shared: Path) -> None:
    folder = shared / "data" / "csaf" / "cisa"
    files = sorted(folder.glob("*.json"))
    if not files:
        pytest.skip("The real advisories are not at hand.")
    for file in files:
        doc = reading.read(file.read_bytes(), known())
        assert advisory.read(doc).file == file.name
    assert len(files) == 60
