"""Whatever stands in an object, it is read or refused in words: no other error."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.stix import reading
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.stix.samples import (
    CREATED,
    LATER,
    OTHER,
    UUID,
    indicator,
    relationship,
    sco,
    sdo,
    statement,
)

TLP_RED = {
    "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
        "extension_type": "property-extension",
        "tlp_2_0": "red",
    }
}
MARKED: dict[str, Any] = {
    "labels": ["tlp:red"],
    "object_marking_refs": [f"marking-definition--{OTHER}"],
    "granular_markings": [{"selectors": ["id"], "marking_ref": f"marking-definition--{OTHER}"}],
    "external_references": [{"source_name": "cve", "external_id": "CVE-2026-0001"}],
    "extensions": {f"extension-definition--{UUID}": {"extension_type": "property-extension"}},
    "created_by_ref": f"identity--{UUID}",
}
OBJECTS = [
    indicator(**MARKED),
    relationship(
        f"malware--{UUID}", f"tool--{UUID}", start_time=CREATED, stop_time=LATER, **MARKED
    ),
    sdo("malware", is_family=True, name="Harbour", sample_refs=[f"file--{UUID}"], **MARKED),
    sdo("x-custom", anything={"deep_ref": UUID}, **MARKED),
    sdo("language-content", object_ref=f"tool--{UUID}", contents={"fr": {"name": "Port"}}),
    sdo("vulnerability", name="CVE-2026-0001"),
    statement("TLP:RED", extensions=TLP_RED),
    sco(
        "file",
        hashes={"MD5": "a" * 32},
        name="a",
        parent_directory_ref=f"directory--{UUID}",
        **MARKED,
    ),
    sco(
        "network-traffic", src_ref=f"ipv4-addr--{UUID}", protocols=["tcp"], start=CREATED, end=LATER
    ),
    sco("email-message", is_multipart=False, from_ref=f"email-addr--{UUID}"),
    sco("x-custom-sco", value=1),
    sdo("observed-data", first_observed=CREATED, last_observed=LATER, number_observed=1)
    | {
        "spec_version": "2.0",
        "objects": {
            "0": {"type": "file", "name": "a", "parent_directory_ref": "1"},
            "1": {"type": "directory", "path": "/", "contains_refs": ["0"]},
            "2": {"type": "process", "pid": 1, "binary_ref": "0"},
        },
        "granular_markings": [
            {"selectors": ["objects.0.name"], "marking_ref": f"marking-definition--{UUID}"}
        ],
    },
    {k: v for k, v in indicator(labels=["benign"]).items() if k != "spec_version"},
]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", UUID, "tlp:red", CREATED, "9999-99-99T00:00:00.000Z", "objects.0"])
    | st.text(max_size=5),
    lambda some: st.lists(some, max_size=2) | st.dictionaries(st.text(max_size=5), some),
    max_leaves=5,
)  # fmt: skip


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in items:
        found.append((*at, key))
        if isinstance(inner, dict | list):
            found += _places(inner, (*at, key))
    return found


def _put(value: Any, place: tuple[Any, ...], new: Any) -> None:
    for step in place[:-1]:
        value = value[step]
    value[place[-1]] = new


@pytest.mark.parametrize("number", range(len(OBJECTS)))
@given(data=st.data())
def test_an_object_with_anything_anywhere_is_read_or_refused(
    number: int, data: st.DataObject
) -> None:
    value = copy.deepcopy(OBJECTS[number])
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.sampled_from(_places(value)))
        _put(value, place, data.draw(ANY))
    try:
        raw = orjson.dumps(value)
    except TypeError:  # An integer beyond 64 bits.
        return
    taken, flaws = reading.read_all([raw], stix_schemas())
    assert all(isinstance(one.text, str) for one in taken)
    assert all(flaw.rule.startswith("X") and flaw.reason for flaw in flaws)


def test_the_objects_that_are_changed_are_taken() -> None:
    _, flaws = reading.read_all([orjson.dumps(value) for value in OBJECTS], stix_schemas())
    assert [flaw.path for flaw in flaws] == []
