"""Lists of others: what is known to be exploited, and how likely it is."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.feeds import epss, kev
from comity.bridges.stix import reading as stix
from comity.bridges.stix.record import Observable
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.sharing.schemas import stix_schemas
from tests.shared import shared

ENTRY = {
    "cveID": "CVE-2025-48384",
    "vendorProject": "Git",
    "product": "Git",
    "vulnerabilityName": "Git Link Following Vulnerability",
    "dateAdded": "2025-08-25",
    "shortDescription": "Git follows links.",
    "requiredAction": "Apply mitigations.",
    "dueDate": "2025-09-15",
    "knownRansomwareCampaignUse": "Known",
    "notes": "",
    "cwes": ["CWE-59"],
}
SCORES = b"""#model_version:v2025.03.14,score_date:2026-08-01T12:55:00Z
cve,epss,percentile
CVE-2025-48384,0.01015,0.60644
CVE-2024-0001,9.7e-1,1
"""


def catalogue(*entries: Any, **more: Any) -> bytes:
    head = {
        "title": "Catalogue of what is exploited",
        "catalogVersion": "2025.08.25",
        "dateReleased": "2025-08-25T17:04:19.9796Z",
        "count": len(entries),
    }
    return orjson.dumps(head | {"vulnerabilities": list(entries)} | more)


def test_an_entry_is_a_row_and_two_objects() -> None:
    found = kev.read(catalogue(ENTRY))
    (row,) = found.rows
    assert (row.cve, row.vendor, row.ransomware, row.cwes) == (
        "CVE-2025-48384",
        "Git",
        True,
        ("CWE-59",),
    )
    assert (row.added, row.due, found.released) == (1756080000, 1757894400, 1756141459)
    objects, flaws = stix.read_all(found.objects, stix_schemas())
    assert (flaws, found.flaws) == ([], [])
    vulnerability, note = objects
    assert vulnerability.observables == (Observable("cve", "CVE-2025-48384"),)
    assert vulnerability.id == kev.vulnerability_id("CVE-2025-48384")
    assert vulnerability.id in note.refs
    assert "Due on: 2025-09-15\nUsed for ransomware: known" in note.value["content"]
    assert {each.marking.tlp for each in objects} == {TLP.CLEAR}


def test_only_what_changed_is_given_again() -> None:
    before = {row.cve: row.mark for row in kev.read(catalogue(ENTRY)).rows}
    other = ENTRY | {"cveID": "CVE-2024-0001"}
    assert kev.read(catalogue(ENTRY), before).objects == []
    assert len(kev.read(catalogue(ENTRY, other), before).objects) == 2
    changed = kev.read(catalogue(ENTRY | {"product": "git"}), before)
    assert len(changed.objects) == 2


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"cveID": "CVE-1"}, "X56"),
        ({"cveID": 5}, "X56"),
        ({"product": []}, "X56"),
        ({"product": "a" * 20_001}, "X56"),
        ({"cwes": ["CWE-x"]}, "X56"),
        ({"cwes": {}}, "X56"),
        ({"dateAdded": "2025-02-30"}, "X52"),
        ({"dateAdded": "0001-01-01"}, "X52"),
        ({"dueDate": 5}, "X52"),
    ],
)
def test_one_bad_entry_fails_alone(change: dict[str, Any], rule: str) -> None:
    good = ENTRY | {"cveID": "CVE-2024-0001"}
    found = kev.read(catalogue(ENTRY | change, good))
    assert [(each.path, each.rule) for each in found.flaws] == [("vulnerabilities[0]", rule)]
    assert [row.cve for row in found.rows] == ["CVE-2024-0001"]


def test_a_cve_stands_once() -> None:
    found = kev.read(catalogue(ENTRY, ENTRY | {"product": "x"}, "no entry"))
    assert [(each.id, each.path) for each in found.flaws] == [
        ("CVE-2025-48384", "vulnerabilities[1]"),
        ("", "vulnerabilities[2]"),
    ]
    assert found.rows[0].product == "Git"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"vulnerabilities": NaN}',
        b"[" * 50 + b"]" * 50,
        catalogue(catalogVersion=5),
        catalogue(title=""),
        catalogue(dateReleased="soon"),
        catalogue(vulnerabilities={}),
    ],
)
def test_what_is_no_catalogue_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        kev.read(data)
    assert caught.value.rule in {"X52", "X56"}


def test_the_real_catalogue_is_read_whole() -> None:
    data = shared("kev/known_exploited_vulnerabilities.json").read_bytes()
    found = kev.read(data)
    assert (len(found.rows), found.flaws) == (json.loads(data)["count"], [])
    objects, flaws = stix.read_all(found.objects, stix_schemas())
    assert (len(objects), flaws) == (2 * len(found.rows), [])


def test_scores_are_rows_and_notes_on_what_is_wanted() -> None:
    found = epss.read(SCORES, {"CVE-2024-0001"})
    assert found.rows == [("CVE-2025-48384", 0.01015, 0.60644), ("CVE-2024-0001", 0.97, 1.0)]
    assert (found.model, found.scored) == ("v2025.03.14", 1785588900)
    (note,), flaws = stix.read_all(found.objects, stix_schemas())
    assert flaws == []
    assert kev.vulnerability_id("CVE-2024-0001") in note.refs
    later = epss.read(SCORES.replace(b"2026-08-01", b"2026-08-02"), {"CVE-2024-0001"})
    (again,), _ = stix.read_all(later.objects, stix_schemas())
    assert (again.id, again.created) == (note.id, note.created)
    assert again.version > note.version


def test_the_published_spelling_of_the_date_is_read() -> None:
    found = epss.read(SCORES.replace(b"12:55:00Z", b"00:00:00+0000").replace(b"\n", b"\r\n"))
    assert (found.scored, len(found.rows)) == (1785542400, 2)


@pytest.mark.parametrize(
    "line",
    [
        *("CVE-2024-0002,nan,0.5", "CVE-2024-0002,inf,0.5", "CVE-2024-0002,1.1,0.5", "x,0.1,0.5"),
        *("CVE-2024-0002,-0,1", "CVE-2024-0002,0.1", "CVE-2024-0001,0.1,0.5", '""'),
        "CVE-2024-0002,1e999,0",
    ],
)
def test_one_bad_row_fails_alone(line: str) -> None:
    found = epss.read(SCORES + line.encode() + b"\nCVE-2024-0003,0,0\n")
    assert [(each.path, each.rule) for each in found.flaws] == [("rows[2]", "X56")]
    assert [row.cve for row in found.rows][2:] == ["CVE-2024-0003"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"cve,epss,percentile\n",
        SCORES.replace(b"cve,epss", b"epss,cve"),
        SCORES.replace(b"2026-08-01", b"0001-01-01"),
        SCORES.replace(b"2026-08-01T12:55:00Z", b"----------"),
        SCORES + b'"open',
        SCORES + b"x\n" * 1_001,
    ],
)
def test_what_is_no_list_of_scores_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        epss.read(data)
    assert caught.value.rule in {"X52", "X56"}


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_rows_or_refused(data: bytes) -> None:
    for read, text in ((epss.read, data), (epss.read, SCORES + data), (kev.read, data)):
        try:
            read(text)
        except Refusal as refusal:
            assert refusal.rule in {"X52", "X56"}  # noqa: PT017 - Either is right.
