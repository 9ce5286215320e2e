"""Severity: levels from facts that are known, with their reasons, and never from what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.engines.severity import Category, Condition, Level, Scheme, judge

GRAVE = Level(
    "grave",
    "grave",
    (
        (Condition("services", frozenset({"all"})), Condition("essential", frozenset({"yes"}))),
        (Condition("people", least=1000),),
    ),
)
LIGHT = Level("light", "light", ((Condition("services", frozenset({"some", "all"})),),))
RULED = Scheme("own", "Own", (GRAVE, LIGHT))
WEIGHED = Scheme(
    "mean",
    "Mean",
    (Level("high", "high", least=75), Level("low", "low", least=20)),
    (
        Category("services", 3, {"all": 100, "some": 50, "none": 0}),
        Category("information", 1, {"none": 0, "personal": 40, "critical": 100}),
    ),
)


def found(scheme: Scheme, **facts: object) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    judged = judge(scheme, facts)
    level = None if judged.level is None else judged.level.code
    return (level, judged.reasons, judged.missing)


@pytest.mark.parametrize(
    ("facts", "level", "reasons", "missing"),
    [
        ({"services": "all", "essential": "yes"}, "grave", ("services", "essential"), ()),
        ({"people": 1000}, "grave", ("people",), ()),
        ({"services": "some", "people": 999}, "light", ("services",), ()),
        ({"services": "all", "people": 0}, "light", ("services",), ("essential",)),
        ({"services": "some"}, "light", ("services",), ("people",)),
        ({"services": "none", "people": 0}, None, (), ()),
        ({}, None, (), ("services", "essential", "people")),
    ],
)
def test_the_gravest_level_that_is_known_to_be_reached_is_told(
    facts: dict[str, object], level: str | None, reasons: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    assert found(RULED, **facts) == (level, reasons, missing)


def test_a_level_is_exact_when_nothing_could_raise_it() -> None:
    assert judge(RULED, {"services": "some", "people": 1}).exact
    assert not judge(RULED, {"services": "some"}).exact
    assert not judge(RULED, {"services": "none", "people": 1}).exact


def test_what_is_told_as_not_known_decides_nothing() -> None:
    assert found(RULED, services="all", essential="unknown", people=1) == found(
        RULED, services="all", people=1
    )


def test_of_several_codes_one_is_enough() -> None:
    scheme = Scheme("s", "S", (Level("x", "x", ((Condition("sectors", frozenset({"a"})),),)),))
    assert found(scheme, sectors=["a", "b"])[0] == "x"
    assert found(scheme, sectors=["b"])[0] is None


def test_a_number_is_no_code_and_a_code_no_number() -> None:
    assert Condition("people", least=1).holds({"people": "many"}) is False


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"services": "all", "information": ["none"]}, "high"),
        ({"services": "some", "information": ["personal"]}, "low"),
        ({"services": "some", "information": ["critical", "personal"]}, "low"),
        ({"services": "none", "information": ["none"]}, None),
        ({"services": "none", "information": ["personal"]}, None),
    ],
)
def test_a_mean_weighs_the_greatest_number_of_each_category(
    facts: dict[str, object], level: str | None
) -> None:
    assert found(WEIGHED, **facts) == (level, ("services", "information"), ())


def test_a_mean_of_what_is_not_wholly_known_is_no_level() -> None:
    assert found(WEIGHED, services="all") == (None, ("services",), ("information",))
    assert found(WEIGHED, services="unknown", information=["critical"])[0] is None
    assert found(WEIGHED, services="all", information=["none", "destroyed"])[0] is None
    blank = Scheme("b", "B", WEIGHED.levels, (Category("services"),))
    assert found(blank, services="all") == (None, ("services",), ())
    asked = Scheme("a", "A", WEIGHED.levels, WEIGHED.categories, ("who did it",))
    assert found(asked, services="all", information=["critical"])[0] is None


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "services": st.sampled_from(["none", "some", "all", "unknown"]),
        "essential": st.sampled_from(["yes", "no", "unknown"]),
        "people": st.integers(0, 2000),
    },
)


@given(FACTS, FACTS)
def test_what_becomes_known_besides_never_lowers_a_level(
    facts: dict[str, object], more: dict[str, object]
) -> None:
    known = {name: value for name, value in facts.items() if value != "unknown"}
    first, then = judge(RULED, known).level, judge(RULED, {**more, **known}).level
    order: list[object] = [GRAVE, LIGHT, None]
    assert order.index(then) <= order.index(first)


@given(FACTS)
def test_an_exact_level_stays_whatever_becomes_known(facts: dict[str, object]) -> None:
    judged = judge(RULED, facts)
    if judged.exact:
        for services in ("none", "some", "all"):
            known = {k: v for k, v in facts.items() if v != "unknown"}
            filled = {"services": services, "essential": "yes", "people": 2000, **known}
            assert judge(RULED, filled).level == judged.level
