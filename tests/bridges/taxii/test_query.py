"""Queries, times and cursors of TAXII, for any text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.taxii import cursor, query
from comity.bridges.taxii.query import ALL, PAGED, Query
from comity.bridges.taxii.times import read_time, stix_time, taxii_time
from comity.kernel.errors import Refusal

FIELDS = PAGED | {query.ID, query.TYPE, query.VERSION, query.SPEC_VERSION}
KEY = bytes(32)


def rule(text: str) -> str:
    """Return the rule that refuses a query, or "" for none."""
    try:
        query.read(text, FIELDS)
    except Refusal as refusal:
        return refusal.rule
    return ""


def test_nothing_asked_for_is_the_last_version_of_all() -> None:
    assert query.read("", FIELDS) == Query(versions=("last",), specs=("2.1",))
    assert query.read("", FIELDS, usual=ALL).versions == ("all",)


def test_all_that_can_be_asked_for() -> None:
    asked = query.read(
        "limit=20&next=ab&added_after=2026-11-26T09:30:00.000001Z&match[id]=a--1,b--2,a--1"
        "&match[type]=a&match%5Bversion%5D=first,1970-01-01T00:00:00.5Z&match[spec_version]=2.0,2.1",
        FIELDS,
    )
    assert asked == Query(
        limit=20,
        next="ab",
        added_after=1_795_685_400_000_001,
        ids=("a--1", "b--2"),
        types=("a",),
        versions=("first", 500_000),
        specs=("2.0", "2.1"),
    )


def test_an_address_reads_what_it_knows_alone() -> None:
    assert query.read("limit=0&match[type]=,", frozenset({query.VERSION})) == Query()


def test_text_is_utf8_escaped_or_not() -> None:
    raw = "ж".encode().decode("latin-1")
    for value in (raw, "%D0%B6"):
        assert query.read(f"match[type]={value}", FIELDS).types == ("ж",)
    for value in ("%D0", "%ED%A0%80", "%FF", "\xff"):
        assert rule(f"match[type]={value}") == "X35"
    for value in ("%00", "a%0Ab", "a%20b", "a+b", "a%7F", "%C2%85", "a" * 301):
        assert rule(f"match[id]={value}") == "X35"


@given(st.text(max_size=60), st.sampled_from(sorted(FIELDS)))
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    for tried in (text, f"{name}={text}", f"{name}=%{text}"):
        assert rule(tried.encode().decode("latin-1")) in {"", "X32", "X33", "X34", "X35"}


MICROSECONDS = st.integers(min_value=-62_135_596_800_000_000, max_value=253_402_300_799_999_999)


@given(MICROSECONDS)
def test_times_are_read_as_they_are_written(when: int) -> None:
    written = taxii_time(when)
    assert len(written) == len("2026-11-26T09:30:00.000000Z")
    assert read_time(written, "added_after") == when
    assert read_time(stix_time(when), "modified") == when


def test_times_are_read_in_every_form_of_rfc_3339() -> None:
    half_past = int(datetime(2026, 11, 26, 9, 30, tzinfo=UTC).timestamp()) * 1_000_000
    for text, more in {
        "2026-11-26T09:30:00Z": 0,
        "2026-11-26t09:30:00z": 0,
        "2026-11-26T11:30:00+02:00": 0,
        "2026-11-26T09:30:00-00:00": 0,
        "2026-11-26T09:30:00.5Z": 500_000,
        "2026-11-26T09:30:00.123456999Z": 123_456,
        "2026-11-26T09:29:60Z": 0,
    }.items():
        assert read_time(text, "added_after") == half_past + more, text


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-26T09:30:00",
        "2026-11-26 09:30:00Z",
        "2026-11-26T09:30Z",
        "2026-11-26T09:30:00.Z",
        "2026-11-26T09:30:00,5Z",
        "2026-11-26T09:30:00.1234567890Z",
        "2026-02-30T09:30:00Z",
        "2026-11-26T24:30:00Z",
        "2026-11-26T09:30:61Z",
        "0000-01-01T00:00:00Z",
        "2026-11-26T09:30:00+99:99",
        "2026-11-26T09:30:00Z\n",
        "٢026-11-26T09:30:00Z",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="X34") as refused:
        read_time(text, "added_after")
    assert "2026-11-26T09:30:00.000000Z" in refused.value.reason


@given(st.integers(min_value=0, max_value=2**63), st.binary(max_size=40), st.binary(max_size=40))
def test_a_cursor_opens_its_own_scope_alone(place: int, scope: bytes, other: bytes) -> None:
    given_ = cursor.give(KEY, scope, place)
    assert cursor.read(KEY, scope, given_) == place
    assert given_ == cursor.give(KEY, scope, place)
    for key, where in ((b"1" * 32, scope), (KEY, other + scope + b"x")):
        with pytest.raises(Refusal, match="X33"):
            cursor.read(key, where, given_)


@given(st.text(max_size=30))
def test_no_other_text_is_a_cursor(text: str) -> None:
    with pytest.raises(Refusal, match="X33"):
        cursor.read(KEY, b"", text)


def test_cursors_do_not_tell_how_far_apart_they_are() -> None:
    told = [cursor.give(KEY, b"", place) for place in range(64)]
    assert len({each[:4] for each in told}) > 60, "nothing of the place is seen"
    assert len({each[12:16] for each in told}) > 60


def test_scopes_differ_in_all_but_the_page() -> None:
    base = query.read("match[type]=a", FIELDS)
    assert base.scope("c", "objects") == base._replace(limit=5, next="x").scope("c", "objects")
    others = [
        base._replace(types=("b",)),
        base._replace(types=(), ids=("a",)),
        base._replace(added_after=1),
        base._replace(versions=(ALL,)),
        base._replace(specs=("2.0",)),
    ]
    scopes = {each.scope("c", "objects") for each in (base, *others)}
    scopes |= {base.scope("d", "objects"), base.scope("c", "manifest")}
    assert len(scopes) == 8
