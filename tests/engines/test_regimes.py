"""Regimes as they are read from a file, and what is said of a file that cannot be."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from comity.engines import regimes
from comity.engines.clocks import EU, Span, Unit
from comity.engines.regimes import Limit, Source
from tests.engines.regimes import EVENTS, made, regime, stage

AFTER: dict[str, str] = {"after": "warning", "within": "1 month"}


def test_a_regime_holds_what_the_file_says() -> None:
    found = made(
        stage("warning"),
        stage("final", {**AFTER, "ends": "17:30", "unless": "handled", "once": "warning"}),
        rules="eu-1182-71",
        zone="Europe/Paris",
        place="FR",
        quote="within\n a month",
        valid_from=None,
    )
    assert found.source == Source("Agreement, point 4", "https://council.example/agreement")
    assert (found.rules, found.zone, found.place, found.quote) == (
        EU,
        "Europe/Paris",
        "FR",
        "within a month",
    )
    assert (found.written, found.valid_from, found.own) == (date(2026, 11, 26), None, False)
    last = found.stage("final")
    assert last is not None
    assert last.limits == (
        Limit(Span(1, Unit.MONTHS, 1050), "warning", report=True, unless="handled", once="warning"),
    )
    assert found.stage("other") is None


def test_an_agreement_may_be_published_nowhere_and_a_law_may_not() -> None:
    found = made(agreement=True, source={"title": "Agreement, point 4"})
    assert (found.agreement, found.source) == (True, Source("Agreement, point 4", ""))
    assert made(agreement=True).source.url == "https://council.example/agreement"
    assert not made().agreement
    with pytest.raises(ValueError, match="source: write url as text"):
        made(source={"title": "A law"})


def test_a_date_may_be_one_of_yaml() -> None:
    assert made(date=date(2026, 1, 2)).written == date(2026, 1, 2)


@pytest.mark.parametrize(("ends", "minute"), [("noon", 720), ("end of day", 1440), ("00:05", 5)])
def test_a_limit_may_end_at_a_time(ends: str, minute: int) -> None:
    limit = {"since": "aware", "within": "1 day", "ends": ends}
    assert made(stage("report", limit)).stages[0].limits[0].span.ends == minute


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"id": "A b"}, "regime 1: write id with a-z"),
        ({"name": " "}, "regime agreed: write name as text"),
        ({"name": 3}, "regime agreed: write name as text"),
        ({"verified": "yes"}, "regime agreed: write verified as true or false"),
        ({"agreement": "yes"}, "regime agreed: write agreement as true or false"),
        ({"agreement": True, "source": {"title": "a", "url": "b"}}, "source: write url as the"),
        ({"date": "yesterday"}, "regime agreed: write date as a date"),
        ({"rules": "roman"}, "regime agreed: 'roman' is not one of plain, eu-1182-71"),
        ({"zone": "Paris"}, "regime agreed: write a time zone by its IANA name"),
        ({"place": "france"}, "regime agreed: write a state by its ISO 3166 code"),
        ({"stage": []}, "regime agreed: nothing here is called stage; take it out"),
        ({"stages": []}, "regime agreed: write stages as a list of something"),
        ({"source": "a law"}, "regime agreed, source: write it as a mapping"),
        ({"source": {"title": "a", "url": "a law"}}, "source: write url as the address"),
        ({"stages": [stage(), stage()]}, "regime agreed: two are called report"),
        ({"stages": ["report"]}, "regime agreed, stage 1: write it as a mapping"),
        ({"stages": [stage(contents=[""])]}, "stage report: write contents as text"),
        ({"stages": [stage(due="soon")]}, "stage report: nothing here is called due"),
    ],
)
def test_a_wrong_file_says_where_and_what_to_mend(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        made(**wrong)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ({"since": "asleep", "within": "1 day"}, "'asleep' is not one of aware, classified"),
        ({"after": "later", "within": "1 day"}, "'later' is not one of "),
        ({"since": "aware", "within": "soon"}, "write within as 24 hours"),
        ({"since": "aware", "within": "0 days"}, "write within as 24 hours"),
        ({"since": "aware", "within": "9999 months"}, "9999 months are too many; 120 at most"),
        ({"since": "aware", "within": "1 day", "ends": "evening"}, 'write ends as "17:30"'),
        ({"since": "aware", "within": "1 hour", "ends": "noon"}, "hours end when they have passed"),
        ({"since": "aware", "within": "1 day", "unless": "x"}, "'x' is not one of"),
        ({"since": "aware", "within": "1 day", "once": "x"}, "'x' is not one of later"),
        ({"since": "aware", "within": "1 day", "or": "2"}, "nothing here is called or"),
    ],
)
def test_a_wrong_limit_says_what_to_write(limit: dict[str, str], told: str) -> None:
    # A stage is counted from one that stands before it, so that none waits for itself.
    with pytest.raises(ValueError, match=f"regime agreed, stage report: .*{told}"):
        made(stage("report", limit), stage("later"))


@pytest.mark.parametrize("told", [None, {}, [], "nis2"])
def test_what_is_no_list_is_no_file_of_regimes(told: object) -> None:
    with pytest.raises(ValueError, match="write a list of 1 to 500 regimes"):
        regimes.read(told, EVENTS)


def test_two_regimes_have_two_ids() -> None:
    with pytest.raises(ValueError, match="the regimes: two are called agreed"):
        regimes.read([regime(), regime()], EVENTS)
