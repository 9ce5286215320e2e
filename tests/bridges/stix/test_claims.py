from __future__ import annotations

import orjson
import pytest

from comity.bridges.stix import reading
from comity.bridges.stix.claims import Claim, claims, stripped
from comity.kernel.errors import Refusal
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.stix.samples import (
    CREATED,
    OTHER,
    UUID,
    Json,
    indicator,
    read,
    relationship,
    sdo,
)

ACTOR = f"threat-actor--{UUID}"
SET = f"intrusion-set--{OTHER}"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (sdo("threat-actor", name="Harbour Bear"), [("", "actor", "Harbour Bear")]),
        (sdo("intrusion-set", name="Harbour Bear"), [("", "actor", "Harbour Bear")]),
        (sdo("campaign", name="Harbour"), [("", "actor", "Harbour")]),
        (sdo("threat-actor", name="A", threat_actor_types=["spy", "nation-state"],
             roles=["sponsor"], resource_level="government"),
         [("", "actor", "A"), ("threat_actor_types[1]", "sponsor", "nation-state"),
          ("roles[0]", "sponsor", "sponsor"), ("resource_level", "sponsor", "government")]),
        (relationship(f"malware--{UUID}", f"identity--{UUID}", "attributed-to"),
         [("", "actor", "attributed-to")]),
        (relationship(f"malware--{UUID}", f"location--{UUID}", "originates-from"),
         [("", "country", "originates-from")]),
        (relationship(f"indicator--{UUID}", SET, "indicates"), [("target_ref", "actor", SET)]),
        (relationship(f"indicator--{UUID}", f"malware--{UUID}", "indicates"), []),
        (sdo("report", name="A", published=CREATED, object_refs=[f"tool--{UUID}", ACTOR],
             report_types=["tool", "threat-actor"]),
         [("report_types[1]", "actor", "threat-actor"), ("object_refs[1]", "actor", ACTOR)]),
        (sdo("location", country="or"), [("country", "country", "or")]),
        (sdo("location", region="eastern-africa"), []),
        (sdo("identity", name="A", sectors=["energy", "government-regional"]),
         [("sectors[1]", "sponsor", "government-regional")]),
        (indicator(indicator_types=["benign", "attribution"]),
         [("indicator_types[1]", "actor", "attribution")]),
        (indicator(labels=["a", 'misp-galaxy:threat-actor="A"', 'misp-galaxy:country="or"']),
         [("labels[1]", "actor", 'misp-galaxy:threat-actor="A"'),
          ("labels[2]", "country", 'misp-galaxy:country="or"')]),
        (indicator(description="Attributed to a State-Sponsored group, on behalf of the state."),
         [("description", "actor", "Attributed"), ("description", "sponsor", "State-Sponsored"),
          ("description", "sponsor", "on behalf of the state")]),
        (indicator(description="APT28 and UNC 3886, APT28; a nation-state."),
         [("description", "actor", "APT28"), ("description", "actor", "UNC 3886"),
          ("description", "sponsor", "nation-state")]),
        (indicator(description="Final state of a government site; apt 2 adapt."), []),
        (indicator(extensions={f"extension-definition--{UUID}": {
            "extension_type": "property-extension", "by_refs": [ACTOR]}}),
         [(f"extensions.extension-definition--{UUID}.by_refs[0]", "actor", ACTOR)]),
        (sdo("note", content="By their intelligence service.", object_refs=[f"tool--{UUID}"]),
         [("content", "sponsor", "intelligence service")]),
    ],
)  # fmt: skip
def test_claims_are_found_and_where(value: Json, found: list[tuple[str, str, str]]) -> None:
    read(value)
    assert claims(value) == [Claim(*one) for one in found]


def test_claims_are_stripped_and_nothing_else() -> None:
    value = sdo(
        "report",
        name="Harbour",
        published=CREATED,
        description="Attributed to somebody.",
        object_refs=[ACTOR, f"tool--{UUID}", SET],
        report_types=["campaign"],
        labels=["a", "actor:b", "c"],
    )
    left = stripped(value, claims(value))
    assert left == sdo(
        "report",
        name="Harbour",
        published=CREATED,
        object_refs=[f"tool--{UUID}"],
        labels=["a", "c"],
    )
    assert claims(left) == []
    assert len(value["object_refs"]) == 3
    read(left)


def test_what_is_a_claim_itself_is_not_stripped() -> None:
    actor = sdo("threat-actor", name="Harbour Bear")
    assert stripped(actor, claims(actor)) is None
    joined = relationship(f"indicator--{UUID}", SET, "indicates")
    left = stripped(joined, claims(joined))
    with pytest.raises(Refusal, match="X5: The property target_ref is missing"):
        reading.read(orjson.dumps(left), stix_schemas(), {})


def test_some_claims_may_be_kept() -> None:
    value = indicator(description="By APT28.", labels=["actor:b"])
    kept = [claim for claim in claims(value) if claim.path != "description"]
    assert stripped(value, kept) == indicator(description="By APT28.")
