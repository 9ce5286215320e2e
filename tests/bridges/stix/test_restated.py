from __future__ import annotations

import orjson
import pytest

from comity.bridges.stix import reading
from comity.bridges.stix.claims import claims, stripped
from comity.bridges.stix.restated import restated, tie
from comity.bridges.stix.scoids import sco_id
from comity.kernel.errors import Refusal
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.stix.samples import CREATED, OTHER, UUID, Json, indicator, relationship, sco, sdo

NEW = "33333333-3333-4333-8333-333333333333"
MAKER = f"identity--{OTHER}"
ACTOR = f"threat-actor--{UUID}"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def made(value: Json) -> Json:
    return restated(value, claims(value), NEW)


def test_what_is_left_is_in_nobody_elses_name_and_no_version_of_the_first() -> None:
    value = indicator(description="By APT28.", created_by_ref=MAKER, object_marking_refs=[GREEN])
    left = made(value)
    assert left["id"] == f"indicator--{NEW}"
    assert left["object_marking_refs"] == [GREEN]
    assert not left.keys() & {"created", "modified", "created_by_ref", "description"}
    assert left["pattern"] == value["pattern"]
    dated = left | {"created": CREATED, "modified": CREATED}
    reading.read(orjson.dumps(dated), stix_schemas(), {})


def test_it_names_what_it_was_made_of() -> None:
    value = indicator(description="By APT28.", object_marking_refs=[GREEN])
    tied = tie(made(value), value["id"], NEW)
    assert tied == {
        "type": "relationship",
        "spec_version": "2.1",
        "id": f"relationship--{NEW}",
        "relationship_type": "derived-from",
        "source_ref": f"indicator--{NEW}",
        "target_ref": value["id"],
        "object_marking_refs": [GREEN],
    }
    dated = tied | {"created": CREATED, "modified": CREATED}
    reading.read(orjson.dumps(dated), stix_schemas(), {})
    joined = relationship(f"malware--{UUID}", f"tool--{UUID}", description="By APT28.")
    assert tie(made(joined), joined["id"], NEW) is None


def test_an_observable_keeps_its_id() -> None:
    value = sco("domain-name", value="harbour.example", labels=["actor:bear"])
    value["id"] = sco_id(value)
    left = made(value)
    assert left == {name: said for name, said in value.items() if name != "labels"}
    assert tie(left, value["id"], NEW) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (sdo("threat-actor", name="Harbour Bear"), "It is itself such a claim"),
        (sco("file", name="APT28.doc"), "part of what it is"),
        (indicator(description="By APT28.", revoked=True), "its creator alone"),
        (
            indicator(
                description="By APT28.",
                granular_markings=[{"marking_ref": GREEN, "selectors": ["description"]}],
            ),
            "marked by their place",
        ),
        (
            sdo(
                "language-content",
                object_ref=f"indicator--{UUID}",
                contents={"fr": {"description": "Attribué à APT28."}},
            ),
            "Others refer to it by its id",
        ),
        (
            # A path that leads elsewhere, and one that leads nowhere.
            indicator(x_kept={"a.b_ref": ACTOR, "a": {"b_ref": ACTOR}}),
            "It is itself such a claim",
        ),
        (indicator(x_kept={"a[0].b_ref": ACTOR}), "It is itself such a claim"),
    ],
)
def test_where_nothing_honest_is_left_that_is_said(value: Json, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refused:
        made(value)
    assert refused.value.rule == "X25"


def test_a_path_that_leads_nowhere_strips_nothing() -> None:
    value = indicator(x_kept={"a[0].b_ref": ACTOR})
    assert stripped(value, claims(value)) is None


def test_what_translations_claim_is_found() -> None:
    value = sdo(
        "language-content",
        object_ref=f"indicator--{UUID}",
        contents={"fr": {"description": "Attribué à APT28."}, "de": {"name": "Hafen"}},
    )
    assert [(each.path, each.words) for each in claims(value)] == [
        ("contents.fr.description", "APT28")
    ]
