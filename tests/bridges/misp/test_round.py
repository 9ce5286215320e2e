"""Events of MISP go to STIX and come back as they were."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.misp import kinds, reading, writing
from comity.bridges.stix.record import Observable
from tests.bridges.misp.samples import (
    EVENT,
    attribute,
    back,
    by_type,
    event,
    expected,
    sighting,
    taken,
    uuid,
    whole,
)
from tests.shared import shared

VALUES = {
    "ip-dst": "198.51.100.7",
    "ip-src": "2001:db8::/32",
    "domain": "tide.example",
    "hostname": "a.tide.example",
    "url": "https://tide.example/a'b",
    "link": "https://tide.example/",
    "uri": "/a",
    "email": "a@tide.example",
    "email-subject": "It's \\ you",
    "filename": "a'b.doc",
    "size-in-bytes": "12",
    "domain|ip": "tide.example|198.51.100.7",
    "ip-dst|port": "198.51.100.7|443",
    "ip-src|port": "2001:db8::1|443",
    "hostname|port": "tide.example|443",
    "port": "443",
    "regkey": "HKLM\\Software\\Tide",
    "regkey|value": "HKEY_LOCAL_MACHINE\\Tide|a|b",
    "AS": "AS64496",
    "mac-address": "00:00:5e:00:53:01",
    "sha256": "a" * 64,
    "sha1": "b" * 40,
    "md5": "c" * 32,
    "filename|sha256": "bill|of.doc|" + "a" * 64,
    "malware-sample": "tide.exe|" + "c" * 32,
    "ssdeep": "3:abc:def",
    "x509-fingerprint-sha1": "b" * 40,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2)
    ),
    max_leaves=6,
)


def test_a_whole_event_comes_back_as_it_went() -> None:
    assert back(taken(whole())) == [expected(whole())]


@pytest.mark.parametrize(
    "name", ["pymisp-existing_event", "pymisp-mainly_objects_1", "pymisp-sighting_1"]
)
def test_real_events_come_back_as_they_went(name: str) -> None:
    value = json.loads(shared(f"misp/events/{name}.json").read_bytes())
    assert back(taken(value)) == [expected(value.get("Event", value))]


@pytest.mark.parametrize("detected", [True, False])
@pytest.mark.parametrize(("kind", "text"), VALUES.items())
def test_every_type_comes_back(kind: str, text: str, detected: bool) -> None:  # noqa: FBT001
    value = event(attribute(1, kind, text, to_ids=detected))
    assert back(taken(value)) == [value]


@given(
    st.sampled_from([*kinds.PATHS, "btc", "other", "yara", "vulnerability", "x"]),
    st.text(max_size=20) | st.integers(-(2**63), 2**63 - 1) | st.booleans(),
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), JSON, max_size=3
    ),
)
def test_any_value_and_any_field_comes_back(kind: str, value: Any, more: dict[str, Any]) -> None:
    known = {*attribute(1, "", ""), "Tag", "Galaxy", "Sighting", "first_seen", "last_seen", "data"}
    extra = {name: each for name, each in more.items() if name not in known}
    given_ = event(attribute(1, kind, value) | extra)
    mapped = reading.read(orjson.dumps(given_))
    if not mapped.flaws:
        assert back(taken(given_)) == [expected(given_)]


def test_local_knowledge_of_a_server_stays_behind() -> None:
    left = {
        "RelatedEvent": [{"Event": {"info": "another, secret one"}}],
        "event_creator_email": "someone@port.example",
        "SharingGroup": {"name": "those who know", "SharingGroupOrg": [{"name": "Lantern"}]},
    }
    mapped = reading.read(orjson.dumps(whole() | left))
    text = b"".join(mapped.objects)
    assert not [
        word for word in (b"secret", b"someone@", b"those who know", b"Lantern") if word in text
    ]


def test_a_reference_does_not_show_what_has_a_label_of_its_own() -> None:
    value = whole()
    value["Object"][0]["ObjectReference"][0]["Attribute"] = {"value": "secret", "type": "text"}
    assert b"secret" not in b"".join(reading.read(orjson.dumps(value)).objects)


def test_ids_are_those_of_misp_and_the_same_in_every_run() -> None:
    first, second = (reading.read(orjson.dumps(whole())).objects for _ in range(2))
    assert first == second
    ids = {each.object.id.partition("--")[2] for each in taken(whole())}
    assert {EVENT, uuid(1), uuid(100), uuid(300), uuid(500), uuid(700), uuid(800)} <= ids


def test_an_event_is_one_report_whether_it_is_published_or_not() -> None:
    draft = whole() | {"published": False, "publish_timestamp": "0"}
    (before,), (after,) = (by_type(taken(each), "report") for each in (draft, whole()))
    assert (before["id"], before["created"]) == (after["id"], after["created"])
    assert (before["published"], after["published"]) == (
        "2025-11-24T16:01:40.000Z",
        "2025-11-24T16:03:20.000Z",
    )


def test_a_deleted_attribute_is_revoked() -> None:
    value = event(attribute(1, "domain", "tide.example", deleted=True))
    assert by_type(taken(value), "indicator")[0]["revoked"] is True
    assert back(taken(value)) == [value]


def test_what_is_revoked_in_stix_is_deleted_in_misp() -> None:
    plain = attribute(1, "domain", "tide.example")
    held = [
        each._replace(object=each.object._replace(value=each.object.value | {"revoked": True}))
        if each.object.type == "indicator"
        else each
        for each in taken(event(plain))
    ]
    assert back(held)[0]["Attribute"] == [plain | {"deleted": True}]


def test_sightings_stand_beside_what_they_are_of() -> None:
    held = taken(whole())
    seen, *_ = by_type(held, "sighting")
    assert (seen["sighting_of_ref"], seen["count"]) == (f"indicator--{uuid(1)}", 1)
    assert seen["where_sighted_refs"] == [f"identity--{uuid(900)}"]
    opinions = {each["id"]: each["opinion"] for each in by_type(held, "opinion")}
    assert opinions == {
        f"opinion--{uuid(802)}": "strongly-disagree",
        f"opinion--{uuid(803)}": "disagree",
    }


def test_one_more_sighting_changes_no_other_object() -> None:
    before = reading.read(orjson.dumps(event(attribute(1, "domain", "a.example")))).objects
    seen = event(attribute(1, "domain", "a.example", Sighting=[sighting(80)]))
    after = reading.read(orjson.dumps(seen)).objects
    assert set(before) < set(after)


def test_an_object_is_one_indicator_of_all_that_is_to_be_detected() -> None:
    (made,) = [each for each in by_type(taken(whole()), "indicator") if each["id"].endswith("0100")]
    assert made["pattern"] == (
        "[file:name = 'bill|of.doc' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"
    )
    assert (made["name"], made["description"]) == ("file", "dropped")


def test_a_cluster_of_attack_is_no_version_of_mitres_own_object() -> None:
    held = taken(whole())
    (made,) = by_type(held, "attack-pattern")
    assert made["id"] != f"attack-pattern--{uuid(701)}"
    found = [each for each in held if each.object.type == "attack-pattern"]
    assert found[0].object.observables == (Observable("attack", "T1566"),)
    (actor,) = by_type(held, "threat-actor")
    assert (actor["id"], actor["aliases"]) == (f"threat-actor--{uuid(700)}", ["Tide"])


def test_a_large_event_is_one_event_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_REFS", 3)
    value = event(*(attribute(n, "domain", f"a{n}.example") for n in range(10)))
    held = taken(value)
    assert [len(each["object_refs"]) for each in by_type(held, "grouping")] == [3, 3, 1]
    assert back(held) == [value]


def test_events_are_read_in_every_frame() -> None:
    bare = event(attribute(1, "domain", "a.example"))
    expected_ = reading.read(orjson.dumps(bare)).objects
    for framed in ({"Event": bare}, [bare], [{"Event": bare}], {"response": [{"Event": bare}]}):
        assert reading.read(orjson.dumps(framed)).objects == expected_


def test_the_newest_version_of_an_object_goes_out() -> None:
    first = event(attribute(1, "domain", "a.example"))
    later = event(
        attribute(1, "domain", "b.example", timestamp="1764000900"), timestamp="1764000900"
    )
    assert writing.write([*taken(later), *taken(first)], "Loose").events == [later]


def test_what_calls_itself_a_pattern_and_is_none_comes_back_as_it_came() -> None:
    none, rule = attribute(1, "stix2-pattern", "file name = a"), attribute(2, "yara", "rule x {}")
    held = taken(given_ := event(none, rule))
    assert {"indicator", "x-misp-attribute"} <= {each.object.type for each in held}
    assert back(held) == [expected(given_)]
