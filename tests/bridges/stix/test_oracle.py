"""The reference library of STIX judges the same objects: what it takes is taken here."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import pytest

from comity.bridges.stix import reading
from comity.bridges.stix.record import Flaw, StixObject
from comity.kernel.label import TLP
from comity.services.sharing.schemas import stix_schemas

FILES = [
    "amnesty-pegasus.stix21.json",
    "apt1.json",
    "attack-enterprise.stix21.json.gz",
    "attack-ics.stix21.json.gz",
    "indicator-for-c2-ip-address.json",
    "indicator-to-campaign-relationship.json",
    "indicators-for-C2-with-COA.json",
    "infrastructure.json",
    "malicious-email-indicator-with-attachment.json",
    "mvt-candiru.stix21.json",
    "mvt-predator.stix21.json",
    "poisonivy.json",
]
PATTERNS = {"domain": b"[domain-name:value", "mail": b"[email-addr:value", "file": b"[file:name"}
"""How a pattern begins that looks for one thing of a kind."""


@cache
def taken(path: Path) -> tuple[list[bytes], list[StixObject], list[Flaw]]:
    data = path.read_bytes()
    raws = reading.split(gzip.decompress(data) if path.suffix == ".gz" else data)
    objects, flaws = reading.read_all(raws, stix_schemas())
    return raws, objects, flaws


@pytest.mark.parametrize("name", FILES)
def test_what_others_published_is_taken_byte_for_byte(shared: Path, name: str) -> None:
    raws, objects, flaws = taken(shared / "data/stix" / name)
    assert not flaws
    assert [one.raw for one in objects] == raws
    assert all(one.version >= one.created > 0 for one in objects if "created" in one.value)


@pytest.mark.parametrize("name", [name for name in FILES if "mvt" in name or "pegasus" in name])
def test_what_patterns_look_for_is_found(shared: Path, name: str) -> None:
    raws, objects, _ = taken(shared / "data/stix" / name)
    written = {kind: sum(raw.count(text) for raw in raws) for kind, text in PATTERNS.items()}
    kinds = [found.kind for one in objects for found in one.observables]
    assert {kind: kinds.count(kind) for kind in PATTERNS} == written
    assert len(kinds) == sum(written.values())


def test_a_marked_object_of_others_is_marked(shared: Path) -> None:
    raw = (shared / "data/stix/interop-objectmarking-test.json").read_bytes()
    one = reading.read(raw, stix_schemas(), {})
    assert one.marking.tlp in set(TLP)


def _differences(shared: Path, name: str, step: int) -> list[str]:
    import stix2

    raws, objects, _ = taken(shared / "data/stix" / name)
    found = []
    for raw, mine in list(zip(raws, objects, strict=True))[::step]:
        theirs = stix2.parse(raw.decode(), allow_custom=True)
        moment = theirs.get("modified") or theirs.get("created")
        version = mine.version if moment is None else round(_stamp(moment) * 10**6)
        if (theirs["id"], theirs["type"], version) != (mine.id, mine.type, mine.version):
            found.append(mine.id)
    return found


def _stamp(moment: object) -> float:
    from stix2.utils import parse_into_datetime

    return float(parse_into_datetime(moment).timestamp())


@pytest.mark.parametrize("name", FILES)
def test_the_reference_library_reads_the_same(shared: Path, name: str) -> None:
    _, objects, _ = taken(shared / "data/stix" / name)
    assert _differences(shared, name, max(1, len(objects) // 40)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_the_reference_library_reads_the_same_of_all(shared: Path, name: str) -> None:
    assert _differences(shared, name, 1) == []


def test_the_reference_library_takes_what_is_lifted() -> None:
    import orjson
    import stix2

    from tests.bridges.stix.test_hostile import OBJECTS

    old = [value for value in OBJECTS if value.get("spec_version") in {None, "2.0"}]
    objects, flaws = reading.read_all([orjson.dumps(value) for value in old], stix_schemas())
    assert not flaws
    assert len(objects) > len(old)
    for one in objects:
        theirs = stix2.parse(one.raw.decode(), allow_custom=True)
        assert theirs["id"] == one.id
