"""CVSS 2.0, 3.0, 3.1 and 4.0 objects (FIRST): metrics, vectors, and what must agree with what.

One table of metrics per version: property, code in the vector, and the values of each. Objects are
checked by what FIRST's schemas say, written anew from these tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import jsonschema_rs

from comity.bridges.csaf.notation import Schema, record

_V2 = """
accessVector AV L:LOCAL A:ADJACENT_NETWORK N:NETWORK
accessComplexity AC H:HIGH M:MEDIUM L:LOW
authentication Au M:MULTIPLE S:SINGLE N:NONE
confidentialityImpact C N:NONE P:PARTIAL C:COMPLETE
integrityImpact I N:NONE P:PARTIAL C:COMPLETE
availabilityImpact A N:NONE P:PARTIAL C:COMPLETE
-
exploitability E U:UNPROVEN POC:PROOF_OF_CONCEPT F:FUNCTIONAL H:HIGH ND:NOT_DEFINED
remediationLevel RL OF:OFFICIAL_FIX TF:TEMPORARY_FIX W:WORKAROUND U:UNAVAILABLE ND:NOT_DEFINED
reportConfidence RC UC:UNCONFIRMED UR:UNCORROBORATED C:CONFIRMED ND:NOT_DEFINED
collateralDamagePotential CDP N:NONE L:LOW LM:LOW_MEDIUM MH:MEDIUM_HIGH H:HIGH ND:NOT_DEFINED
targetDistribution TD N:NONE L:LOW M:MEDIUM H:HIGH ND:NOT_DEFINED
confidentialityRequirement CR L:LOW M:MEDIUM H:HIGH ND:NOT_DEFINED
integrityRequirement IR L:LOW M:MEDIUM H:HIGH ND:NOT_DEFINED
availabilityRequirement AR L:LOW M:MEDIUM H:HIGH ND:NOT_DEFINED
"""
_V3 = """
attackVector AV N:NETWORK A:ADJACENT_NETWORK L:LOCAL P:PHYSICAL
attackComplexity AC L:LOW H:HIGH
privilegesRequired PR N:NONE L:LOW H:HIGH
userInteraction UI N:NONE R:REQUIRED
scope S U:UNCHANGED C:CHANGED
confidentialityImpact C N:NONE L:LOW H:HIGH
integrityImpact I N:NONE L:LOW H:HIGH
availabilityImpact A N:NONE L:LOW H:HIGH
-
exploitCodeMaturity E U:UNPROVEN P:PROOF_OF_CONCEPT F:FUNCTIONAL H:HIGH X:NOT_DEFINED
remediationLevel RL O:OFFICIAL_FIX T:TEMPORARY_FIX W:WORKAROUND U:UNAVAILABLE X:NOT_DEFINED
reportConfidence RC U:UNKNOWN R:REASONABLE C:CONFIRMED X:NOT_DEFINED
confidentialityRequirement CR L:LOW M:MEDIUM H:HIGH X:NOT_DEFINED
integrityRequirement IR L:LOW M:MEDIUM H:HIGH X:NOT_DEFINED
availabilityRequirement AR L:LOW M:MEDIUM H:HIGH X:NOT_DEFINED
modifiedAttackVector MAV N:NETWORK A:ADJACENT_NETWORK L:LOCAL P:PHYSICAL X:NOT_DEFINED
modifiedAttackComplexity MAC L:LOW H:HIGH X:NOT_DEFINED
modifiedPrivilegesRequired MPR N:NONE L:LOW H:HIGH X:NOT_DEFINED
modifiedUserInteraction MUI N:NONE R:REQUIRED X:NOT_DEFINED
modifiedScope MS U:UNCHANGED C:CHANGED X:NOT_DEFINED
modifiedConfidentialityImpact MC N:NONE L:LOW H:HIGH X:NOT_DEFINED
modifiedIntegrityImpact MI N:NONE L:LOW H:HIGH X:NOT_DEFINED
modifiedAvailabilityImpact MA N:NONE L:LOW H:HIGH X:NOT_DEFINED
"""
_V4 = """
attackVector AV N:NETWORK A:ADJACENT L:LOCAL P:PHYSICAL
attackComplexity AC L:LOW H:HIGH
attackRequirements AT N:NONE P:PRESENT
privilegesRequired PR N:NONE L:LOW H:HIGH
userInteraction UI N:NONE P:PASSIVE A:ACTIVE
vulnConfidentialityImpact VC H:HIGH L:LOW N:NONE
vulnIntegrityImpact VI H:HIGH L:LOW N:NONE
vulnAvailabilityImpact VA H:HIGH L:LOW N:NONE
subConfidentialityImpact SC H:HIGH L:LOW N:NONE
subIntegrityImpact SI H:HIGH L:LOW N:NONE
subAvailabilityImpact SA H:HIGH L:LOW N:NONE
-
exploitMaturity E A:ATTACKED P:PROOF_OF_CONCEPT U:UNREPORTED X:NOT_DEFINED
confidentialityRequirement CR H:HIGH M:MEDIUM L:LOW X:NOT_DEFINED
integrityRequirement IR H:HIGH M:MEDIUM L:LOW X:NOT_DEFINED
availabilityRequirement AR H:HIGH M:MEDIUM L:LOW X:NOT_DEFINED
modifiedAttackVector MAV N:NETWORK A:ADJACENT L:LOCAL P:PHYSICAL X:NOT_DEFINED
modifiedAttackComplexity MAC L:LOW H:HIGH X:NOT_DEFINED
modifiedAttackRequirements MAT N:NONE P:PRESENT X:NOT_DEFINED
modifiedPrivilegesRequired MPR N:NONE L:LOW H:HIGH X:NOT_DEFINED
modifiedUserInteraction MUI N:NONE P:PASSIVE A:ACTIVE X:NOT_DEFINED
modifiedVulnConfidentialityImpact MVC H:HIGH L:LOW N:NONE X:NOT_DEFINED
modifiedVulnIntegrityImpact MVI H:HIGH L:LOW N:NONE X:NOT_DEFINED
modifiedVulnAvailabilityImpact MVA H:HIGH L:LOW N:NONE X:NOT_DEFINED
modifiedSubConfidentialityImpact MSC H:HIGH L:LOW N:NEGLIGIBLE X:NOT_DEFINED
modifiedSubIntegrityImpact MSI S:SAFETY H:HIGH L:LOW N:NEGLIGIBLE X:NOT_DEFINED
modifiedSubAvailabilityImpact MSA S:SAFETY H:HIGH L:LOW N:NEGLIGIBLE X:NOT_DEFINED
Safety S N:NEGLIGIBLE P:PRESENT X:NOT_DEFINED
Automatable AU N:NO Y:YES X:NOT_DEFINED
Recovery R A:AUTOMATIC U:USER I:IRRECOVERABLE X:NOT_DEFINED
valueDensity V D:DIFFUSE C:CONCENTRATED X:NOT_DEFINED
vulnerabilityResponseEffort RE L:LOW M:MODERATE H:HIGH X:NOT_DEFINED
providerUrgency U Clear:CLEAR Green:GREEN Amber:AMBER Red:RED X:NOT_DEFINED
"""
_SCORES = ("base", "temporal", "environmental")
_BANDS = (("NONE", 0.0, 0.0), ("LOW", 0.1, 3.9), ("MEDIUM", 4.0, 6.9), ("HIGH", 7.0, 8.9))


class Metric(NamedTuple):
    """A metric: its ``property``, its ``code`` in a vector, and a value for each letter of it."""

    property: str
    code: str
    values: Mapping[str, str]
    needed: bool


def _table(text: str) -> tuple[Metric, ...]:
    base, _, rest = text.partition("\n-\n")
    lines = [(line.split(), True) for line in base.split("\n") if line]
    lines += [(line.split(), False) for line in rest.split("\n") if line]
    return tuple(
        Metric(name, code, dict(each.split(":") for each in values), needed)
        for (name, code, *values), needed in lines
    )


TABLES = {"2.0": _table(_V2), "3.0": _table(_V3), "3.1": _table(_V3), "4.0": _table(_V4)}
"""The metrics of each version, those that every vector has first."""


@lru_cache(maxsize=4)
def checker(version: str) -> jsonschema_rs.Validator:
    """Return what checks CVSS objects of a version, made once per process."""
    return jsonschema_rs.Draft202012Validator(schema(version))


def schema(version: str) -> Schema:
    """Return what FIRST's schema of a version says of an object."""
    fields: Schema = {
        metric.property: {"type": "string", "enum": sorted(metric.values.values())}
        for metric in TABLES[version]
    }
    fields["version"] = {"type": "string", "enum": [version]}
    fields["vectorString"] = {"type": "string", "pattern": _pattern(version)}
    if version == "4.0":
        needed = "version vectorString baseScore baseSeverity"
        fields |= {"baseScore": {"type": "number"}, "baseSeverity": {"type": "string"}}
        return {**record(fields, needed), "additionalProperties": False, "anyOf": [*_agreeing()]}
    needed = "version vectorString baseScore" + " baseSeverity" * (version != "2.0")
    for kind in _SCORES:
        fields[f"{kind}Score"] = {"type": "number", "minimum": 0, "maximum": 10}
        if version != "2.0":
            words = [name for name, _, _ in _BANDS] + ["CRITICAL"]
            fields[f"{kind}Severity"] = {"type": "string", "enum": words}
    return record(fields, needed)


def _agreeing() -> Iterator[Schema]:
    """Yield the pairs of score and severity that version 4.0 allows."""
    for name, least, most in (*_BANDS, ("CRITICAL", 9.0, 10.0)):
        score = {"minimum": least, "maximum": most}
        yield {"properties": {"baseScore": score, "baseSeverity": {"const": name}}}


def _pattern(version: str) -> str:
    metrics = [f"{each.code}:({'|'.join(each.values)})" for each in TABLES[version]]
    if version == "4.0":
        rest = [
            f"/{text}" if each.needed else f"(/{text})?"
            for each, text in zip(TABLES[version], metrics, strict=True)
        ]
        return "^CVSS:4[.]0" + "".join(rest) + "$"
    one = "|".join(metrics)
    begin = "" if version == "2.0" else f"CVSS:{version.replace('.', '[.]')}/"
    return f"^{begin}(({one})/)*({one})$"


def severity(score: float) -> str:
    """Return the word for a score, as every version from 3.0 on has it."""
    return next((name for name, _, most in _BANDS if score <= most), "CRITICAL")


def parts(vector: str) -> dict[str, str] | None:
    """Return the letters of a vector by metric; None where it names a metric twice."""
    pairs = [part.split(":") for part in vector.split("/") if not part.startswith("CVSS:")]
    found = {code: value for code, value in pairs}  # noqa: C416 - says that there are two
    return found if len(found) == len(pairs) else None


def contradictions(value: Mapping[str, object]) -> Iterator[str]:
    """Yield the properties of a valid object that its vector says otherwise.

    What the vector does not say, it does not contradict.
    """
    found = parts(str(value["vectorString"])) or {}
    for metric in TABLES[str(value["version"])]:
        said = metric.values.get(found.get(metric.code, ""))
        if said is not None and value.get(metric.property, said) != said:
            yield metric.property
