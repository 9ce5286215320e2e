from __future__ import annotations

import pytest

from comity.bridges.stix.markings import Marks
from comity.bridges.stix.remarks import remarks
from comity.bridges.stix.text import TEXT_LIMIT, text_of
from tests.bridges.stix.samples import (
    CREATED,
    LATER,
    UUID,
    Json,
    indicator,
    read,
    sco,
    sdo,
    statement,
)

ADDRESS = sco("ipv4-addr", value="198.51.100.3")


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        (indicator(), []),
        (ADDRESS, ["id"]),
        (ADDRESS | {"id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"}, []),
        (sco("process", pid=1), []),
        (sco("x-own-kind", value="a"), []),
        (sco("url", value="harbour"), ["id", "value"]),
        (indicator(spec_version="2.2"), ["spec_version"]),
        (
            sdo("observed-data", first_observed=CREATED, last_observed=LATER, number_observed=1,
                objects={"0": ADDRESS}),
            ["objects"],
        ),
        (indicator(object_marking_refs=[f"marking-definition--{UUID}"]), ["object_marking_refs"]),
        (indicator(labels=["a", "TLP:CLEAR"]), ["labels[1]"]),
        (indicator(labels=["tlp:red"]), []),
    ],
)  # fmt: skip
def test_what_is_worth_saying_is_said(value: Json, paths: list[str]) -> None:
    found = remarks(read(value), Marks({}))
    assert [remark.path for remark in found] == paths
    assert all(remark.reason.endswith(".") for remark in found)


def test_a_known_marking_is_not_worth_saying() -> None:
    marks = Marks({})
    marks.learn(statement("Ask first."))
    assert not remarks(read(indicator(object_marking_refs=[f"marking-definition--{UUID}"])), marks)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (indicator(name="Port", description="A harbour", labels=["a", "b"]),
         "Port\nA harbour\n[domain-name:value = 'harbour.example']\na\nb"),
        (sdo("malware", is_family=True, name="A", aliases=["B"], external_references=[
            {"source_name": "a", "external_id": "CVE-2026-0001"}]), "A\nB\nCVE-2026-0001"),
        (sco("file", name="a.exe", hashes={"MD5": "a" * 32}), "a.exe\n" + "a" * 32),
        (sdo("language-content", object_ref=f"tool--{UUID}",
             contents={"fr": {"name": "Port", "aliases": ["Le port"]}, "ar": {"name": "ميناء"}}),
         "Port\nLe port\nميناء"),
        (sdo("x-own-kind", name="A\x00\tB", description=["not", 7]), "A  B\nnot"),
        (sdo("x-own-kind"), ""),
    ],
)  # fmt: skip
def test_what_search_finds(value: Json, text: str) -> None:
    assert text_of(value) == read(value).text == text


def test_search_finds_the_beginning_of_what_is_long() -> None:
    assert len(text_of({"name": "a" * 10, "description": "b" * 10**6})) == TEXT_LIMIT
