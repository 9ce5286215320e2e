from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.bridges.stix.schemas import Schemas
from comity.kernel.errors import Phrase, Refusal
from comity.services.sharing import schemas
from tests.bridges.stix.samples import (
    CREATED,
    OTHER,
    UUID,
    Json,
    indicator,
    read,
    refused,
    relationship,
    sco,
    sdo,
    statement,
)

RESERVED = (
    "The standard keeps these names for itself: severity, action, username, phone_numbers."
    " Use another one."
)
UNFIT = "These names are not allowed here: Own. A name has 3 to 250 small letters, digits and _."
OWN = f"extension-definition--{UUID}"


@functools.cache
def files() -> dict[str, bytes]:
    """The files of the schemas, as the product reads them."""
    given: list[dict[str, bytes]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemas, "Schemas", given.append)
        schemas.stix_schemas.__wrapped__()
    return given[0]


def test_all_types_of_the_standard_have_a_schema() -> None:
    import stix2.registry

    maps = stix2.registry.STIX2_OBJ_MAPS["2.1"]
    types = schemas.stix_schemas().types
    assert types == ({*maps["objects"], *maps["observables"]} - {"bundle"})


def test_the_schemas_are_compiled_once() -> None:
    assert schemas.stix_schemas() is schemas.stix_schemas()


def test_no_code_of_the_package_runs() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from comity.services.sharing.schemas import stix_schemas; stix_schemas();"
        "sys.exit(any(name.startswith(('stix2', 'antlr4')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_schemas_are_those_that_oasis_published(shared: Path) -> None:
    for path, data in files().items():
        published = (shared / "data/schemas/stix21" / path).read_bytes()
        assert orjson.loads(data) == orjson.loads(published)


@pytest.mark.parametrize("missing", ["common/core.json", "common/identifier.json"])
def test_a_schema_that_names_another_one_is_refused(missing: str) -> None:
    some = {path: data for path, data in files().items() if path != missing}
    with pytest.raises(Refusal, match="X11"):
        Schemas(some)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("sdos/own.json", b'{"$id":"http://a.example/own","$ref":"http://a.example/other.json"}'),
        ("sdos/own.json", b'{"$id":"http://a.example/own","$ref":"file:///etc/passwd"}'),
        ("sdos/own.json", b"{"),
        ("sdos/own.json", b'{"type":"object"}'),
    ],
)
def test_nothing_is_fetched_for_a_schema(path: str, data: bytes) -> None:
    with pytest.raises(Refusal, match="X11"):
        Schemas(files() | {path: data})


@pytest.mark.parametrize(
    "value",
    [
        sdo("tool", name="A", x_own=1, x_own_object={"a": None}),
        sdo("tool", name="A", id="tool--00000000-0000-0000-0000-000000000000"),
        sdo("tool", name="A", id="tool--0198a2f0-0000-7000-8000-000000000000"),
        sdo("tool", name="A", created="2026-01-01T00:00:00Z", modified="2026-01-01T00:00:00Z"),
        sdo("tool", name="A", rank=5, extensions={
            OWN: {"extension_type": "toplevel-property-extension"}}),
        sdo("tool", name="A", extensions={OWN: {"extension_type": "property-extension", "abc": 1}}),
        sdo("tool", name="A", external_references=[
            {"source_name": "NVD", "external_id": "CVE-2026-0001"}]),
        sdo("tool", name="A", external_references=[{"source_name": "a", "url": "http://a b/ü"}]),
        sdo("x-own-thing", anything=[1]),
        sco("x-own-thing", anything=[1]),
        sdo("own-thing", extensions={OWN: {"extension_type": "new-sdo"}}),
        sco("own-thing", extensions={OWN: {"extension_type": "new-sco"}}),
        sdo("incident", name="A"),
        sdo("extension-definition", name="A", schema="https://a.example/", version="1.0.0",
            extension_types=["new-sdo"], created_by_ref=f"identity--{UUID}"),
        sco("ipv6-addr", value="::ffff:198.51.100.3"),
        sco("ipv6-addr", value="fe80::1%eth0/64"),
        sco("domain-name", value="_dmarc.bad_host.example."),
        sco("url", value="hxxp://a[.]example/ ü", defanged=True),
        sco("email-addr", value="undisclosed-recipients:;"),
        statement("A", definition_type="x-own", definition={"own_thing": 1}),
        {"type": "file", "id": f"file--{UUID}", "name": "a"},
    ],
)  # fmt: skip
def test_what_the_standard_lets_pass_is_taken(value: Json) -> None:
    assert read(value).id == value["id"]


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        (indicator() | {"pattern": 7}, "pattern", "This must be of type string."),
        ({name: item for name, item in indicator().items() if name != "pattern"}, "",
         "The property pattern is missing."),
        (indicator(x_null=None), "x_null", "Nothing stands here. Leave the property out."),
        (indicator(x_own=[]), "x_own", "This is empty. Leave the property out."),
        (indicator(labels=[]), "labels", "This is empty. Leave the property out."),
        (indicator(severity=1), "", RESERVED),
        (indicator(Own=1), "", UNFIT),
        (indicator(confidence=101), "confidence", "This must be at most 100."),
        (indicator(confidence=-1), "confidence", "This must be at least 0."),
        (indicator(created="yesterday"), "created", None),
        (indicator(spec_version="3.0"), "spec_version",
         "This is none of the values that may stand here: 2.0, 2.1."),
        (indicator(spec_version=[]), "spec_version", "This is empty. Leave the property out."),
        (indicator(created_by_ref=f"tool--{UUID}"), "created_by_ref",
         "This must be the id of an object of type identity."),
        (sdo("sighting", sighting_of_ref=f"indicator--{UUID}",
             where_sighted_refs=[f"location--{UUID}", f"tool--{UUID}"]), "where_sighted_refs[1]",
         "This must be the id of an object of type identity / location."),
        (relationship(f"bundle--{UUID}", f"tool--{UUID}"), "source_ref",
         "This has a form that is forbidden here."),
        (indicator(external_references=[{"source_name": "a"}]), "external_references[0]", None),
        (sco("user-account"), "", None),
        (sdo("Own"), "type", None),
        (sdo("x" * 300), "type", None),
        (statement("A", definition={}), "", None),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(
    value: Json, path: str, reason: str | None
) -> None:
    refusal = refused(value)
    assert (refusal.rule, refusal.subject) == ("X5", path)
    assert isinstance(refusal.reason, Phrase)
    assert reason is None or str(refusal.reason) == reason
    assert len(refusal.reason) < 500


def test_of_several_things_missing_all_are_named() -> None:
    assert "One of these properties must be there" in refused(sco("user-account")).reason
    assert "account_login" in refused(sco("user-account")).reason


def test_a_newer_version_is_held_against_what_is_known() -> None:
    assert read(indicator(spec_version="2.2")).type == "indicator"
    assert refused(indicator(spec_version="2.2") | {"pattern": 7}).subject == "pattern"


@pytest.mark.parametrize(
    "more",
    [
        {"type": "a" * 400_000 + "!", "id": "a" * 400_000 + "!--"},
        {"id": "indicator--" + "a-" * 200_000},
        {"created": "2026-01-01T00:00:00." + "0" * 400_000},
        {"granular_markings": [{"selectors": ["a." * 100_000 + "!"], "lang": "fr"}]},
        {"extensions": {"a-" * 100_000 + "!": {}}},
        {"labels": ["a"] * 100_000 + [7]},
    ],
)
def test_a_text_made_to_cost_costs_nothing(more: dict[str, Any]) -> None:
    assert refused(indicator() | more).rule in {"X4", "X5"}


def test_a_reference_to_anything_is_no_address() -> None:
    # The schema asks for an id, whatever the type is.
    named = sdo("report", name="A", published=CREATED, object_refs=[f"x-own--{OTHER}"])
    assert read(named).refs == (f"x-own--{OTHER}",)
    assert refused(named | {"object_refs": ["https://a.example/"]}).subject == "object_refs[0]"
