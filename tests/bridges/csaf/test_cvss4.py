"""Scores of CVSS 4.0: those of FIRST's examples, and what holds for all vectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.csaf import cvss, cvss4
from tests.bridges.csaf.samples import known

EVERYTHING = "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"


def computed(vector: str) -> set[float]:
    found = cvss.parts(f"CVSS:4.0/{vector}")
    assert found is not None
    return cvss4.computed(found, known().scores)


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        # Vulnerabilities of FIRST's document of examples.
        ("AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3),
        ("AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7),
        ("AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 5.2),
        ("AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:A", 8.7),
        ("AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0),
        # Of OASIS's documents for test 6.1.9.
        ("AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:P", 9.3),
        ("AV:N/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N", 5.3),
        # As FIRST's calculator has them.
        ("AV:L/AC:L/AT:P/PR:L/UI:P/VC:H/VI:H/VA:N/SC:H/SI:N/SA:L", 6.8),
        ("AV:L/AC:H/AT:P/PR:L/UI:N/VC:H/VI:H/VA:L/SC:L/SI:N/SA:N", 7.3),
        ("AV:P/AC:L/AT:N/PR:L/UI:N/VC:L/VI:N/VA:N/SC:L/SI:H/SA:N/IR:H/MAT:N/MSC:L/MSI:N", 2.4),
        ("AV:P/AC:H/AT:P/PR:L/UI:P/VC:H/VI:N/VA:L/SC:N/SI:N/SA:L/AR:L/MPR:H/MVC:L/MVA:N/MSI:N", 1),
        # Nothing is hurt; nothing could be hurt more, also by what is changed.
        ("AV:P/AC:H/AT:P/PR:H/UI:A/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0),
        (f"{EVERYTHING}/MVC:N/MVI:N/MVA:N/MSC:N/MSI:N/MSA:N", 0.0),
        (f"{EVERYTHING}/MSI:S/MSA:S/E:A/CR:H/IR:H/AR:H", 10.0),
        ("AV:P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N/E:U/CR:L/IR:L/AR:L", 0.1),
        # What says nothing counts as the worst; what does not score does not count.
        (f"{EVERYTHING}/E:X/CR:X/MAV:X/S:P/AU:Y/R:I/V:C/RE:H/U:Red", 10.0),
    ],
)
def test_known_vectors_have_their_scores(vector: str, score: float) -> None:
    assert computed(vector) == {score}


def test_where_two_calculators_differ_both_are_right() -> None:
    assert computed("AV:N/AC:L/AT:P/PR:H/UI:A/VC:N/VI:L/VA:H/SC:L/SI:N/SA:L") == {5.6, 5.7}


def test_the_table_has_every_macro_vector_that_there_is() -> None:
    table = known().scores
    assert len(table) == 270
    assert (table["000000"], table["212221"], min(table.values())) == (100, 1, 1)


BASE = [metric for metric in cvss.TABLES["4.0"] if metric.needed]
MORE = [metric for metric in cvss.TABLES["4.0"] if not metric.needed]


@given(
    st.tuples(*(st.sampled_from(sorted(each.values)) for each in BASE)),
    st.tuples(*(st.sampled_from(sorted(each.values)) for each in MORE)),
)
def test_every_vector_has_a_score(base: tuple[str, ...], more: tuple[str, ...]) -> None:
    pairs = [*zip(BASE, base, strict=True), *zip(MORE, more, strict=True)]
    scores = computed("/".join(f"{metric.code}:{value}" for metric, value in pairs))
    assert 0.0 <= min(scores) <= max(scores) <= 10.0
    assert round(max(scores) - min(scores), 1) <= 0.1
