"""Advisories written for the tests: one of CSAF 2.0, one of 2.1, and what changes them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import pytest

from comity.bridges.csaf import cvss4, lists
from comity.bridges.csaf.lists import Lists
from comity.kernel.errors import Refusal

Doc = dict[str, Any]
Change = Callable[[Doc], None]

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
CVSS: Doc = {
    "version": "3.1",
    "vectorString": VECTOR,
    "baseScore": 9.8,
    "baseSeverity": "CRITICAL",
    "attackVector": "NETWORK",
}
MOST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
NONE = "00000000-0000-0000-0000-000000000000"
DAY = "2026-03-0{}T10:00:00Z"

_TREE: Doc = {
    "branches": [
        {
            "category": "vendor",
            "name": "Pumps of Orvanda",
            "branches": [
                {
                    "category": "product_name",
                    "name": "Pump",
                    "branches": [
                        {
                            "category": "product_version",
                            "name": "1.0",
                            "product": {
                                "name": "Pump 1.0",
                                "product_id": "P-1",
                                "product_identification_helper": {
                                    "hashes": [
                                        {
                                            "filename": "pump.bin",
                                            "file_hashes": [
                                                {"algorithm": "sha256", "value": "a" * 64},
                                                {"algorithm": "sha512", "value": "b" * 128},
                                            ],
                                        }
                                    ],
                                    "model_numbers": ["PU-*"],
                                    "serial_numbers": ["1?2*"],
                                    "skus": [r"\*-1*"],
                                },
                            },
                        },
                        {
                            "category": "product_version",
                            "name": "1.1",
                            "product": {"name": "Pump 1.1", "product_id": "P-2"},
                        },
                    ],
                }
            ],
        }
    ],
    "full_product_names": [{"name": "Base", "product_id": "P-3"}],
    "product_groups": [{"group_id": "G-1", "product_ids": ["P-1", "P-4"]}],
}
_VULNERABILITY: Doc = {
    "cve": "CVE-2026-1234",
    "title": "Words overflow the pump",
    "notes": [{"category": "description", "text": "Words that are too long stop the pump."}],
    "product_status": {"known_affected": ["P-1"], "fixed": ["P-2"]},
    "remediations": [
        {"category": "vendor_fix", "details": "Take 1.1.", "product_ids": ["P-1"]},
    ],
    "flags": [{"label": "component_not_present", "product_ids": ["P-3"]}],
    "threats": [{"category": "impact", "details": "No pump.", "group_ids": ["G-1"]}],
    "involvements": [{"party": "vendor", "status": "completed", "date": DAY.format(1)}],
    "ids": [{"system_name": "Pumps", "text": "PU-17"}],
    "references": [{"summary": "More", "url": "https://pumps.example/17"}],
}


def _document(version: str) -> Doc:
    return {
        "category": "csaf_security_advisory",
        "csaf_version": version,
        "distribution": {"tlp": {"label": "WHITE" if version == "2.0" else "CLEAR"}},
        "lang": "en",
        "notes": [{"category": "summary", "title": "In short", "text": "Pumps stop."}],
        "publisher": {
            "category": "vendor",
            "name": "Pumps of Orvanda",
            "namespace": "https://pumps.example",
        },
        "references": [
            {"category": "self", "summary": "Here", "url": "https://pumps.example/pu.json"},
            {"summary": "There", "url": "https://elsewhere.example/pu"},
        ],
        "title": "Pumps stop",
        "tracking": {
            "current_release_date": DAY.format(2),
            "id": "PU:2026 #1",
            "initial_release_date": DAY.format(1),
            "revision_history": [
                {"date": DAY.format(1), "number": "1", "summary": "First."},
                {"date": DAY.format(2), "number": "2", "summary": "Second."},
            ],
            "status": "final",
            "version": "2",
        },
    }


def old() -> Doc:
    """Return a valid security advisory of CSAF 2.0."""
    tree, vulnerability = copy.deepcopy(_TREE), copy.deepcopy(_VULNERABILITY)
    _helper(tree)["purl"] = "pkg:npm/%40orvanda/pump@1.0"
    made = {"name": "Pump on base", "product_id": "P-4"}
    tree["relationships"] = [
        {
            "category": "installed_on",
            "full_product_name": made,
            "product_reference": "P-1",
            "relates_to_product_reference": "P-3",
        }
    ]
    vulnerability |= {
        "cwe": {"id": "CWE-121", "name": "Stack-based Buffer Overflow"},
        "scores": [{"cvss_v3": dict(CVSS), "products": ["P-1"]}],
        "release_date": DAY.format(1),
    }
    document = _document("2.0")
    return {"document": document, "product_tree": tree, "vulnerabilities": [vulnerability]}


def new() -> Doc:
    """Return a valid security advisory of CSAF 2.1."""
    tree, vulnerability = copy.deepcopy(_TREE), copy.deepcopy(_VULNERABILITY)
    purl = "pkg:npm/%40orvanda/pump@1.0"
    _helper(tree)["purls"] = [purl, f"{purl}?repository_url=mirror.example"]
    tree["product_paths"] = [
        {
            "beginning_product_reference": "P-1",
            "full_product_name": {"name": "Pump on base", "product_id": "P-4"},
            "subpaths": [{"category": "installed_on", "next_product_reference": "P-3"}],
        }
    ]
    tree["branches"][0]["branches"][0]["branches"].append(
        {
            "category": "product_version_range",
            "name": "vers:npm/<0.9.0",
            "product": {"name": "Old pumps", "product_id": "P-5"},
        }
    )
    ssvc = {
        "schemaVersion": "2.0.0",
        "timestamp": DAY.format(1),
        "target_ids": ["CVE-2026-1234"],
        "selections": [
            {"namespace": "ssvc", "key": "E", "version": "1.1.0", "values": [{"key": "N"}]}
        ],
    }
    epss = {"percentile": "0.9", "probability": "0.1", "timestamp": DAY.format(1)}
    vulnerability |= {
        "cwes": [{"id": "CWE-121", "name": "Stack-based Buffer Overflow", "version": "4.13"}],
        "disclosure_date": DAY.format(1),
        "first_known_exploitation_dates": [
            {"date": DAY.format(2), "exploitation_date": DAY.format(1), "product_ids": ["P-1"]}
        ],
        "metrics": [
            {
                "content": {"cvss_v3": dict(CVSS), "epss": epss, "ssvc_v2": ssvc},
                "products": ["P-1"],
            },
            {"content": {"qualitative_severity_rating": "low"}, "products": ["P-2"]},
        ],
    }
    document = _document("2.1")
    document["license_expression"] = "CC-BY-4.0"
    extension = {
        "$schema": "https://pumps.example/extension.json",
        "category": "supplementary",
        "critical": False,
        "content": {"pressure": 3},
    }
    return {
        "$schema": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
        "document": document,
        "product_tree": tree,
        "vulnerabilities": [vulnerability],
        "x_extensions": [extension],
    }


def _helper(tree: Doc) -> Doc:
    version = tree["branches"][0]["branches"][0]["branches"][0]
    helper: Doc = version["product"]["product_identification_helper"]
    return helper


def helper(doc: Doc) -> Doc:
    """Return the identification helper of the first product."""
    return _helper(doc["product_tree"])


def leaves(doc: Doc) -> list[Doc]:
    """Return the branches that end in products."""
    found: list[Doc] = doc["product_tree"]["branches"][0]["branches"][0]["branches"]
    return found


def flaw(doc: Doc) -> Doc:
    """Return the first vulnerability."""
    found: Doc = doc["vulnerabilities"][0]
    return found


def informing(doc: Doc) -> None:
    """Make an informational advisory of it."""
    doc["document"]["category"] = "csaf_informational_advisory"
    del doc["vulnerabilities"]


def vex(doc: Doc) -> None:
    """Make a VEX document of it."""
    doc["document"]["category"] = "csaf_vex"
    flaw(doc)["product_status"]["known_not_affected"] = ["P-3"]


def gone(kind: str) -> Change:
    """Return what makes a withdrawn or superseded document of one of 2.1."""

    def change(doc: Doc) -> None:
        document = doc["document"]
        document["category"] = f"csaf_{kind}"
        title = {"withdrawn": "Withdrawal", "superseded": "Supersession"}[kind]
        document["notes"] = [
            {"category": "description", "title": f"Reasoning for {title}", "text": "It was wrong."}
        ]
        document["references"].append(
            {
                "category": "external",
                "summary": "Superseding Document",
                "url": "https://pumps.example/18",
            }
        )
        del doc["vulnerabilities"], doc["product_tree"]

    return change


def data(doc: Doc) -> bytes:
    """Return a document as the bytes of a file."""
    return json.dumps(doc, indent=2).encode()


def denied(rule: str, function: Callable[..., object], *given: object) -> Refusal:
    """Demand that a function refuses by a rule what it is given; return the refusal."""
    with pytest.raises(Refusal) as caught:
        function(*given)
    assert caught.value.rule == rule, caught.value
    return caught.value


@cache
def known() -> Lists:
    """Return the lists that come with the program."""
    packs = resources.files("comity.packs")
    return Lists(
        lists.weaknesses((packs / "cwe.txt").read_text(encoding="utf-8")),
        lists.subtags((packs / "subtags.txt").read_text(encoding="utf-8")),
        cvss4.scores((packs / "cvss4.txt").read_text(encoding="utf-8")),
        lists.decisions((packs / "ssvc.txt").read_text(encoding="utf-8")),
    )
