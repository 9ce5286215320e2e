"""In which class and sectors an object is counted: what says most exactly decides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.engines.classes import OTHER, Classes

TABLE = Classes(
    known=frozenset({"fraud", "availability", "intrusions", "vulnerable", OTHER}),
    labels={"port scan": "intrusions"},
    types={"tool_types": {"denial-of-service": "availability"}},
    techniques={"T1566": "fraud", "T1566.003": "intrusions"},
    phases={"impact": "availability"},
    objects={"vulnerability": "vulnerable"},
    sectors={"health care": "healthcare", "bank": "gone"},
    sector_codes=frozenset({"healthcare", "energy"}),
)
TECHNIQUE = {"external_references": [{"source_name": "mitre-attack", "external_id": "T1566.001"}]}
PHASE = {"kill_chain_phases": [{"kill_chain_name": "mitre-attack", "phase_name": "impact"}]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "vulnerability"}, "vulnerable"),
        ({"type": "vulnerability", **PHASE}, "availability"),
        ({**PHASE, **TECHNIQUE}, "fraud"),
        ({"tool_types": ["unknown", "denial-of-service"], **TECHNIQUE}, "availability"),
        ({"labels": ["Port-Scan"], "tool_types": ["denial-of-service"]}, "intrusions"),
        ({"labels": ["port scan", 'rsit:fraud="phishing"']}, "fraud"),
        ({"labels": ["RSIT:availability"]}, "availability"),
        ({"labels": ["rsit:made-up", "rsit:fraud=phishing"]}, OTHER),
        ({"external_references": [{"external_id": "T1566.003"}]}, "intrusions"),
        ({"external_references": [{"external_id": "CVE-2026-0001"}, {}]}, OTHER),
        ({"type": "indicator", "name": "phishing"}, OTHER),
        ({}, OTHER),
    ],
)
def test_what_says_most_exactly_decides(value: dict[str, Any], expected: str) -> None:
    assert TABLE.of(value) == expected


def test_sectors_are_found_by_code_and_by_name() -> None:
    told = ["Energy", " health_care ", "energy", "bank", "elsewhere", 7, None]
    assert TABLE.sectors_of(told) == ("energy", "healthcare")


values = st.recursive(
    st.none() | st.integers() | st.sampled_from(["T1566", "rsit:fraud", "impact", "port scan"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["external_id", "phase_name"]), inner, max_size=2)
    ),
    max_leaves=6,
)
properties = st.sampled_from(
    ["type", "labels", "tool_types", "external_references", "kill_chain_phases"]
)


@given(st.dictionaries(properties, values))
def test_any_object_has_a_class(value: dict[str, Any]) -> None:
    assert TABLE.of(value) in TABLE.known
