from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.stix.musts import ORDERED, REFERENCES
from comity.bridges.stix.times import micros
from tests.bridges.stix.samples import (
    CREATED,
    LATER,
    UUID,
    Json,
    indicator,
    read,
    refused,
    relationship,
    sco,
    sdo,
)

WHOLE: dict[str, Json] = {
    "campaign": sdo("campaign", name="A"),
    "indicator": indicator(),
    "infrastructure": sdo("infrastructure", name="A"),
    "intrusion-set": sdo("intrusion-set", name="A"),
    "malware": sdo("malware", name="A", is_family=True),
    "malware-analysis": sdo("malware-analysis", product="a", result="benign"),
    "network-traffic": sco("network-traffic", protocols=["tcp"], src_ref=f"ipv4-addr--{UUID}"),
    "observed-data": sdo("observed-data", number_observed=1, object_refs=[f"url--{UUID}"]),
    "relationship": relationship(f"malware--{UUID}", f"tool--{UUID}"),
    "sighting": sdo("sighting", sighting_of_ref=f"indicator--{UUID}"),
    "threat-actor": sdo("threat-actor", name="A"),
    "directory": sco("directory", path="/"),
    "domain-name": sco("domain-name", value="a.example"),
    "email-addr": sco("email-addr", value="a@a.example"),
    "email-message": sco("email-message", is_multipart=False),
    "file": sco("file", name="a"),
    "ipv4-addr": sco("ipv4-addr", value="198.51.100.3"),
    "ipv6-addr": sco("ipv6-addr", value="2001:db8::1"),
    "process": sco("process", pid=1),
    "windows-registry-key": sco("windows-registry-key", key="HKEY_USERS\\A"),
}


@pytest.mark.parametrize("kind", sorted(ORDERED))
def test_times_follow_each_other(kind: str) -> None:
    first, last, differ = ORDERED[kind]
    read(WHOLE[kind] | {first: CREATED, last: LATER})
    refusal = refused(WHOLE[kind] | {first: LATER, last: CREATED})
    assert (refusal.rule, refusal.subject) == ("X6", last)
    assert str(refusal.reason) == f"{last} must be later than {first}."
    equal = WHOLE[kind] | {first: CREATED, last: CREATED}
    assert refused(equal).rule == "X6" if differ else read(equal)
    # The same moment, written in two ways.
    moment = WHOLE[kind] | {first: CREATED, last: CREATED.replace(".000Z", ".000000Z")}
    assert refused(moment).rule == "X6" if differ else read(moment)


def test_an_object_is_not_modified_before_it_is_created() -> None:
    refusal = refused(sdo("tool", name="A", created=LATER, modified=CREATED))
    assert (refusal.rule, refusal.subject) == ("X6", "modified")
    assert read(sdo("tool", name="A", created=CREATED, modified=CREATED)).version


@pytest.mark.parametrize("time", ["2026-02-30T00:00:00.000Z", "0000-01-01T00:00:00.000Z"])
@pytest.mark.parametrize("name", ["created", "modified", "valid_from"])
def test_a_time_exists(time: str, name: str) -> None:
    refusal = refused(indicator(valid_until=LATER) | {name: time})
    assert (refusal.rule, refusal.subject) == ("X6", name)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)), st.integers(0, 9))  # noqa: DTZ001
def test_times_are_microseconds(moment: datetime, digits: int) -> None:
    fraction = f"{moment.microsecond:06}000"[:digits]
    text = f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + (f".{fraction}" if digits else "") + "Z"
    whole = moment.replace(tzinfo=UTC, microsecond=int(fraction[:6].ljust(6, "0") or "0"))
    assert micros(text) == (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_a_leap_second_is_the_second_before_it() -> None:
    leap = micros("2016-12-31T23:59:60.5Z")
    assert leap == micros("2016-12-31T23:59:59.5Z")
    read(sdo("tool", name="A", created="2016-12-31T23:59:60.000Z"))


@pytest.mark.parametrize(
    ("kind", "name", "types"),
    [(kind, name, types) for kind, table in REFERENCES.items() for name, types in table.items()],
)
def test_a_reference_leads_to_a_type_that_may_stand_there(
    kind: str, name: str, types: tuple[str, ...]
) -> None:
    def with_ref(type_: str) -> Json:
        ref = f"{type_}--{UUID}"
        return WHOLE[kind] | {name: ref if name.endswith("_ref") else [f"{types[0]}--{UUID}", ref]}

    for type_ in types:
        read(with_ref(type_))
    refusal = refused(with_ref("opinion"))
    place = name if name.endswith("_ref") else f"{name}[1]"
    # The schema looks at some of them itself.
    assert refusal.rule in {"X5", "X7"}
    assert refusal.subject in {place, name}


@pytest.mark.parametrize(
    ("value", "rule", "path"),
    [
        (indicator(created_by_ref=f"tool--{UUID}"), "X5", "created_by_ref"),
        (indicator(object_marking_refs=[f"tool--{UUID}"]), "X5", "object_marking_refs[0]"),
        (relationship(f"relationship--{UUID}", f"tool--{UUID}"), "X5", "source_ref"),
        (relationship(f"tool--{UUID}", f"extension-definition--{UUID}"), "X5", "target_ref"),
        (sdo("sighting", sighting_of_ref=f"url--{UUID}"), "X7", "sighting_of_ref"),
        (sdo("sighting", sighting_of_ref=f"extension-definition--{UUID}"), "X7", "sighting_of_ref"),
        (sdo("sighting", sighting_of_ref=f"relationship--{UUID}"), "X5", "sighting_of_ref"),
        (WHOLE["network-traffic"] | {"is_active": True, "end": LATER}, "X5", "is_active"),
    ],
)
def test_what_the_standard_forbids_is_refused(value: Json, rule: str, path: str) -> None:
    refusal = refused(value)
    assert (refusal.rule, refusal.subject) == (rule, path)


def test_a_sighting_may_be_of_what_one_named_oneself() -> None:
    read(sdo("sighting", sighting_of_ref=f"x-own-thing--{UUID}"))


def test_a_custom_property_named_as_a_time_is_no_time() -> None:
    one = read(sco("file", name="a", created="yesterday", modified=7))
    assert (one.created, one.version) == (0, 0)
