from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from comity.bridges.stix.scoids import CONTRIBUTING, canonical, sco_id
from tests.bridges.stix.samples import UUID, Json

WORDS = st.text(min_size=1, max_size=8)
HASHES = st.fixed_dictionaries(
    {},
    optional={
        "MD5": st.just("a" * 32),
        "SHA-1": st.just("b" * 40),
        "SHA-256": st.just("c" * 64),
        "SHA-512": st.just("d" * 128),
        "SHA3-256": st.just("e" * 64),
    },
).filter(len)
OBJECTS: dict[str, st.SearchStrategy[Any]] = {
    "artifact": st.fixed_dictionaries({"hashes": HASHES, "url": st.just("https://a.example/")}),
    "autonomous-system": st.fixed_dictionaries({"number": st.integers(0, 2**32)}),
    "directory": st.fixed_dictionaries({"path": WORDS}),
    "domain-name": st.fixed_dictionaries({"value": WORDS}),
    "email-message": st.fixed_dictionaries(
        {"is_multipart": st.just(False)},
        optional={"subject": WORDS, "body": WORDS, "from_ref": st.just(f"email-addr--{UUID}")},
    ),
    "file": st.fixed_dictionaries(
        {"name": WORDS},
        optional={
            "hashes": HASHES,
            "parent_directory_ref": st.just(f"directory--{UUID}"),
            "extensions": st.fixed_dictionaries(
                {"pdf-ext": st.fixed_dictionaries({"version": WORDS})}
            ),
        },
    ),
    "mutex": st.fixed_dictionaries({"name": WORDS}),
    "network-traffic": st.fixed_dictionaries(
        {
            "protocols": st.lists(WORDS, min_size=1),
            "src_ref": st.just(f"ipv4-addr--{UUID}"),
            "is_active": st.just(False),
        },
        optional={
            # They write such a time without its zeros: an id by them has none either.
            "start": st.just("2026-01-01T00:00:00.123Z"),
            "end": st.just("2026-01-02T00:00:00.123Z"),
            "dst_port": st.integers(0, 65535),
            "src_byte_count": st.integers(0, 9),
        },
    ),
    "process": st.fixed_dictionaries({"pid": st.integers(0, 9)}),
    "software": st.fixed_dictionaries({"name": WORDS}, optional={"vendor": WORDS}),
    "url": st.fixed_dictionaries({"value": WORDS}),
    "user-account": st.fixed_dictionaries(
        {"display_name": WORDS}, optional={"user_id": WORDS, "account_login": WORDS}
    ),
    "windows-registry-key": st.fixed_dictionaries(
        {"key": WORDS},
        optional={"values": st.lists(st.fixed_dictionaries({"name": WORDS}), min_size=1)},
    ),
    "x509-certificate": st.fixed_dictionaries(
        {"serial_number": WORDS}, optional={"hashes": HASHES}
    ),
}


def test_the_published_value() -> None:
    value = {"type": "ipv4-addr", "value": "198.51.100.3"}
    assert sco_id(value) == "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"


@pytest.mark.parametrize("kind", sorted(OBJECTS))
@given(data=st.data())
def test_ids_are_those_of_the_reference_library(kind: str, data: st.DataObject) -> None:
    import stix2

    value: Json = {"type": kind, "spec_version": "2.1", **data.draw(OBJECTS[kind])}
    theirs = stix2.parse(value, allow_custom=True)["id"]
    mine = sco_id(value)
    if mine:
        assert mine == theirs
        assert uuid.UUID(mine.partition("--")[2]).version == 5
    else:
        # They draw one by chance where nothing decides it.
        assert uuid.UUID(theirs.partition("--")[2]).version == 4


def test_every_type_of_observable_is_known() -> None:
    from stix2.registry import STIX2_OBJ_MAPS

    theirs = {
        kind: set(found._id_contributing_properties)
        for kind, found in STIX2_OBJ_MAPS["2.1"]["observables"].items()
    }
    assert theirs == {kind: set(names) for kind, names in CONTRIBUTING.items()}


@given(
    st.recursive(
        st.booleans() | st.text() | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)  # fmt: skip
@example(1.192092896e-07)
@example(1e-06)
@example([1e21, 1e20, -1e-7])
def test_json_is_written_as_rfc_8785_has_it(value: Any) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_as_they_were(number: float) -> None:
    assert float(json.loads(canonical(number))) == number
