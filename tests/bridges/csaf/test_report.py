"""Reports of vulnerabilities as CSAF: read from a finder's file, and written as one."""

from __future__ import annotations

import json

import pytest

from comity.bridges.csaf import reading, report
from comity.bridges.csaf.report import NO, UNKNOWN, YES, Issued, Reported
from comity.kernel.errors import Refusal
from tests.bridges.csaf.samples import Doc, flaw, known, new, old

NOW = 1_790_000_000_000
PROFILE = "csaf_vulnerability_report"
"""What the category may be called: unverified."""
BY = Issued("r-1", "Pump", "Orvanda", "https://orvanda.example", NOW, NOW + 1, "fr")


def bare() -> Doc:
    """A document that says no more than it must, under the name of the profile."""
    doc = json.loads(report.write(Reported("Pump", description="It stops."), BY))
    doc["document"]["category"] = PROFILE
    return dict(doc)


def read(doc: Doc) -> Reported:
    return report.read(json.dumps(doc).encode(), known(), NOW)


def test_what_is_written_is_valid_and_read_back_as_it_was() -> None:
    told = Reported(
        affected="Pump of Orvanda",
        versions="before 1.1",
        description="Words that are too long stop it.",
        reproduce="Send 300 bytes.",
        impact="No water.",
        public=NO,
        exploited=UNKNOWN,
        name="Nele",
        credit=True,
        planned=NOW + 86_400_000,
    )
    doc = reading.read(report.write(told, BY), known())
    assert doc["document"]["distribution"] == {"tlp": {"label": "AMBER"}}
    found = read(doc)
    assert found.affected == "Pump of Orvanda"
    assert (found.name, found.credit, found.planned) == ("Nele", True, told.planned)
    for words in (told.description, told.versions, told.reproduce):
        assert words in found.description
    assert found.impact == "No water."


def test_who_wants_no_credit_is_not_named() -> None:
    written = report.write(Reported("Pump", description="It stops.", name="Nele"), BY)
    assert b"Nele" not in written
    assert b"acknowledgments" not in written


@pytest.mark.parametrize("category", [PROFILE, "csaf_base", "anything", "csaf_unheard_of"])
def test_nobody_is_refused_for_the_name_of_a_category(category: str) -> None:
    doc = bare()
    doc["document"]["category"] = category
    assert read(doc).affected == "Pump"


@pytest.mark.parametrize("make", [old, new])
def test_any_valid_document_is_read(make: object) -> None:
    doc = make()  # type: ignore[operator]
    found = read(doc)
    assert found.affected.startswith("Pump 1.0, Pump 1.1, ")
    assert found.versions.startswith("1.0, 1.1")
    assert "CVE-2026-1234" in found.description
    assert "Words that are too long stop the pump." in found.description
    assert found.impact == "No pump."
    later = make is new
    assert (found.public, found.exploited) == ((YES, YES) if later else (UNKNOWN, UNKNOWN))


def test_a_disclosure_to_come_is_a_plan_and_one_past_is_public() -> None:
    doc = bare()
    flaw(doc)["disclosure_date"] = "2026-09-21T14:13:21Z"
    assert (read(doc).public, read(doc).planned) == (UNKNOWN, NOW + 1000)
    flaw(doc)["disclosure_date"] = "2026-09-21T14:13:20Z"
    assert (read(doc).public, read(doc).planned) == (YES, None)


def refused(data: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        report.read(data, known(), NOW)
    return caught.value.rule


def test_what_is_no_document_is_refused_and_says_why() -> None:
    assert refused(b"not JSON") == "X40"
    assert refused(b"{" + b" " * report.LIMIT + b"}") == "X40"
    assert refused(b"{}") == "X41"
    doc = bare()
    doc["vulnerabilities"] *= report.MOST_FLAWS + 1
    assert refused(json.dumps(doc).encode()) == "X40"
    doc["vulnerabilities"].pop()
    assert read(doc).affected == "Pump"
    doc = bare()
    flaw(doc)["product_status"] = {"under_investigation": ["P-2"]}
    assert refused(json.dumps(doc).encode()) == "X42"
    doc = bare()
    del flaw(doc)["notes"]
    assert refused(json.dumps(doc).encode()) == "X42"
    doc = bare()
    del doc["product_tree"], flaw(doc)["product_status"]
    assert refused(json.dumps(doc).encode()) == "X42"
