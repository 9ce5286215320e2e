"""Events of MISP for the tests: a whole one, and how one goes to STIX and comes back."""

from __future__ import annotations

import copy
from typing import Any

import orjson

from comity.bridges.held import Held
from comity.bridges.misp import kept, reading, writing
from comity.bridges.stix import reading as stix
from comity.services.sharing.schemas import stix_schemas

Json = dict[str, Any]
EVENT = "5a3c2fcd-8328-42bb-a95e-4f4402de0b81"
ORG = {
    "id": "2",
    "name": "Port Authority of Tolmere",
    "uuid": "55f6ea5e-2c60-40e5-964f-47a8950d210f",
}


def uuid(number: int) -> str:
    return f"5a3c2fda-78f4-44b7-8366-{number:012d}"


def attribute(number: int, kind: str, value: Any, **more: Any) -> Json:
    return {
        "uuid": uuid(number),
        "type": kind,
        "category": "Network activity",
        "value": value,
        "to_ids": True,
        "timestamp": "1764000000",
        "comment": "",
        "distribution": "5",
        "sharing_group_id": "0",
        "deleted": False,
    } | more


def event(*attributes: Json, **more: Any) -> Json:
    return {
        "uuid": EVENT,
        "info": "Ships that do not sail",
        "date": "2025-11-20",
        "timestamp": "1764000100",
        "publish_timestamp": "1764000200",
        "published": True,
        "analysis": "1",
        "threat_level_id": "2",
        "distribution": "3",
        "sharing_group_id": "0",
        "Orgc": ORG,
        "Tag": [{"name": "tlp:green", "colour": "#33FF00"}, {"name": 'rsit:availability="dos"'}],
        "Attribute": list(attributes),
    } | more


def sighting(number: int, kind: str = "0", **more: Any) -> Json:
    said = {"uuid": uuid(number), "type": kind, "date_sighting": "1764000300", "source": "probe"}
    return said | {"Organisation": {"uuid": uuid(900), "name": "Harbour Watch"}} | more


def whole() -> Json:
    """An event that has something of everything."""
    cluster = {
        "uuid": uuid(700),
        "type": "threat-actor",
        "value": "Quiet Tide",
        "description": "A group.",
        "meta": {"synonyms": ["Tide"], "refs": ["https://tide.example/a"]},
    }
    technique = cluster | {
        "uuid": uuid(701),
        "type": "mitre-attack-pattern",
        "value": "Phishing - T1566",
        "meta": {"external_id": ["T1566"]},
    }
    galaxies = [{"type": "threat-actor", "GalaxyCluster": [cluster]}]
    file = {
        "uuid": uuid(100),
        "name": "file",
        "meta-category": "file",
        "timestamp": "1764000050",
        "distribution": "5",
        "comment": "dropped",
        "deleted": False,
        "Attribute": [
            attribute(101, "filename", "bill|of.doc", object_relation="filename"),
            attribute(102, "md5", "d41d8cd98f00b204e9800998ecf8427e", object_relation="md5"),
            attribute(103, "size-in-bytes", "17", to_ids=False, Sighting=[sighting(801)]),
        ],
        "ObjectReference": [
            {
                "uuid": uuid(300),
                "referenced_uuid": uuid(1),
                "relationship_type": "connects-to",
                "comment": "",
            }
        ],
    }
    picture = file | {"uuid": uuid(110), "name": "image", "ObjectReference": []}
    picture["Attribute"] = [attribute(111, "attachment", "a.png", data="aGVsbG8=", to_ids=False)]
    return event(
        attribute(1, "ip-src", "198.51.100.7", Sighting=[sighting(800), sighting(802, "1")]),
        attribute(2, "domain|ip", "tide.example|198.51.100.8", comment="it's here"),
        attribute(3, "url", "https://tide.example/a?b=c", to_ids=False, Galaxy=galaxies),
        attribute(4, "md5", "d41d8cd98f00b204e9800998ecf8427e", deleted=True),
        attribute(5, "btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
        attribute(6, "vulnerability", "CVE-2024-0001", to_ids=False, Tag=[{"name": "tlp:red"}]),
        attribute(7, "yara", "rule tide { condition: true }"),
        attribute(8, "ip-dst", "203.0.113.0/24", distribution="4", sharing_group_id="7"),
        attribute(9, "port", 8443, to_ids=0, first_seen="2025-11-19T10:00:00.123456+00:00"),
        attribute(10, "stix2-pattern", "[file:name = 'a'] FOLLOWEDBY [file:name = 'b']"),
        attribute(11, "campaign-name", "Low Water", to_ids=False, ShadowAttribute=[]),
        Object=[file, picture],
        Galaxy=[*galaxies, {"type": "mitre-attack-pattern", "GalaxyCluster": [technique]}],
        EventReport=[
            {"uuid": uuid(500), "name": "What we know", "content": "# Tide", "deleted": False}
        ],
        Sighting=[sighting(803, "2")],
        ShadowAttribute=[attribute(600, "domain", "proposed.example")],
    )


def taken(value: Json | list[Json]) -> list[Held]:
    """An event as the objects that it becomes, each of which STIX takes."""
    mapped = reading.read(orjson.dumps(value))
    assert mapped.flaws == []
    objects, flaws = stix.read_all(mapped.objects, stix_schemas())
    assert flaws == []
    return [Held(each) for each in objects]


def back(held: list[Held]) -> list[Json]:
    """The events that objects become."""
    written = writing.write(held, "Loose ends")
    assert written.flaws == []
    return written.events


def expected(value: Any, within: str = "") -> Any:
    """What comes back of an event: all but what is left behind."""
    shown = ("Attribute", "Object") if within == "ObjectReference" else ()
    if isinstance(value, dict):
        left = {*kept.LEFT, *shown}
        return {name: expected(each, name) for name, each in value.items() if name not in left}
    return [expected(each, within) for each in value] if isinstance(value, list) else value


def by_type(held: list[Held], kind: str) -> list[Json]:
    return [copy.deepcopy(each.object.value) for each in held if each.object.type == kind]
