"""The structure of a CSAF document, as sections 3.1 and 3.2 of CSAF 2.0 and of 2.1 say it.

It is written anew from those sections: the files in which OASIS publishes its schema may be used
but bear no licence under which they could be part of this program (ADR 0030). A test compares it
with that file where one is at hand, field by field.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema_rs

from comity.bridges.csaf.notation import (
    SET,
    TIME,
    URI,
    Schema,
    closed,
    codes,
    many,
    record,
    text,
)
from comity.bridges.csaf.walk import Json

SCHEMAS = {
    "2.0": "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
    "2.1": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
}
"""The address of the schema of each version, which feeds and documents of 2.1 name."""
VERSIONS = tuple(SCHEMAS)

_WORD = text()
_WORDS = many(_WORD)
_NUMBER = r"(0|[1-9]\d*)"
_PRE = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
VERSION = (
    rf"^(0|[1-9][0-9]*)$|^({_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_PRE}(?:\.{_PRE})*))?"
    r"(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?)$"
)
"""Version numbers of section 3.1.11: integers, or those of Semantic Versioning."""
_LANG = text(
    "^(([A-Za-z]{2,3}(-[A-Za-z]{3}(-[A-Za-z]{3}){0,2})?|[A-Za-z]{4,8})(-[A-Za-z]{4})?"
    "(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
    "(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?"
    "|[Xx](-[A-Za-z0-9]{1,8})+|[Ii]-[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Ii]-[Mm][Ii][Nn][Gg][Oo])$",
    0,
)
_TRIMMED = r"^[^\s\-_\.](.*[^\s\-_\.])?$"
_CPE_PART = (
    r"""(:(((\?*|\*?)([a-zA-Z0-9\-\._]|(\\[\\\*\?!"#\$%&'\(\)\+,/:;<=>@\[\]\^`\{\|\}~]))+"""
    r"(\?*|\*?))|[\*\-]))"
)
_CPE = (
    rf"(cpe:2\.3:[aho\*\-]{_CPE_PART}{{5}}"
    rf"(:(([a-zA-Z]{{2,3}}(-([a-zA-Z]{{2}}|[0-9]{{3}}))?)|[\*\-])){_CPE_PART}{{4}})"
    r"|([c][pP][eE]:/[AHOaho]?(:[A-Za-z0-9\._\-~%]*){0,6})"
)
_UUID = (
    "^(([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"
    "|([0]{8}-([0]{4}-){3}[0]{12})|([f]{8}-([f]{4}-){3}[f]{12}))$"
)
_SHARE = r"^(([0]\.([0-9])+)|([1]\.[0]+))$"
_PRODUCTS = many(_WORD, **SET)
_AFFECTED = (
    "first_affected first_fixed fixed known_affected known_not_affected last_affected recommended "
    "under_investigation"
)
_RELATIONS = (
    "default_component_of external_component_of installed_on installed_with optional_component_of"
)
_THANKS = many(
    record(
        {"names": _WORDS, "organization": _WORD, "summary": _WORD, "urls": many(URI)},
        minProperties=1,
    )
)
_LINKS = many(
    record({"category": codes("external self"), "summary": _WORD, "url": URI}, "summary url")
)


@lru_cache(maxsize=2)
def checker(version: str) -> jsonschema_rs.Validator:
    """Return what checks the structure of documents of a version, made once per process."""
    return jsonschema_rs.Draft202012Validator(schema(version), validate_formats=True)


@lru_cache(maxsize=2)
def schema(version: str) -> Schema:
    """Return the structure of a version, as JSON Schema.

    CVSS and SSVC objects and the content of extensions are any objects here: they have schemas of
    their own, and tests 6.1.8, 6.1.46 and 6.1.60 look at them.
    """
    later = version != "2.0"
    fields = {
        "document": _document(later=later),
        "product_tree": _tree(later=later),
        "vulnerabilities": many(_vulnerability(later=later)),
    }
    if not later:
        return {**record(fields, "document"), "$defs": {"branches": _branches(later=False)}}
    fields |= {"$schema": {"type": "string", "enum": [SCHEMAS["2.1"]], "format": "uri"}, **_more()}
    return {
        **closed(record(fields, "$schema document")),
        "$defs": {"branches": closed(_branches(later=True))},
    }


def known(doc: Json, version: str) -> Json:
    """Return a checked document without the fields that its version does not have.

    2.0 lets documents have others, which may be anything: no test and no reader looks at them.
    """
    whole = schema(version)
    pruned: Json = _pruned(doc, whole, whole["$defs"])
    return pruned


def _pruned(value: Any, part: Schema, defs: Schema) -> Any:  # noqa: ANN401 - any part of a document
    part = defs[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    if "items" in part:
        return [_pruned(item, part["items"], defs) for item in value]
    if "properties" not in part:
        return value
    fields = part["properties"]
    return {
        name: _pruned(inner, fields[name], defs) for name, inner in value.items() if name in fields
    }


def _more() -> Schema:
    return {"x_extensions": many({"type": "object"}, **SET)}


def _named(*, later: bool) -> Schema:
    """Return the fields that say for which products something holds; notes got them with 2.1."""
    return {"group_ids": _PRODUCTS, "product_ids": _PRODUCTS} if later else {}


def _notes(*, later: bool) -> Schema:
    kinds = codes("description details faq general legal_disclaimer other summary")
    fields = {"audience": _WORD, "category": kinds, "text": _WORD, "title": _WORD}
    return many(record(fields | _named(later=later), "category text"))


def _document(*, later: bool) -> Schema:
    publishers = "coordinator discoverer other translator user vendor"
    publisher = {
        "category": codes("multiplier " * later + publishers),
        "contact_details": _WORD,
        "issuing_authority": _WORD,
        "name": _WORD,
        "namespace": URI,
    }
    fields = {
        "acknowledgments": _THANKS,
        "aggregate_severity": record({"namespace": URI, "text": _WORD}, "text"),
        "category": text(_TRIMMED),
        "csaf_version": codes("2.1" if later else "2.0"),
        "distribution": _distribution(later=later),
        "lang": _LANG,
        "notes": _notes(later=later),
        "publisher": record(publisher, "category name namespace"),
        "references": _LINKS,
        "source_lang": _LANG,
        "title": _WORD,
        "tracking": _tracking(),
    }
    if later:
        fields |= {"license_expression": _WORD, **_more()}
    return record(
        fields, "category csaf_version publisher title tracking" + " distribution" * later
    )


def _distribution(*, later: bool) -> Schema:
    labels = "AMBER GREEN RED " + ("AMBER+STRICT CLEAR" if later else "WHITE")
    fields = {"text": _WORD, "tlp": record({"label": codes(labels), "url": URI}, "label")}
    if not later:
        return record(fields, minProperties=1)
    group = {"id": {"type": "string", "format": "uuid", "pattern": _UUID}, "name": _WORD}
    return record(fields | {"sharing_group": record(group, "id")}, "tlp")


def _tracking() -> Schema:
    number = text(VERSION, 0)
    revision = {"date": TIME, "legacy_version": _WORD, "number": number, "summary": _WORD}
    engine = record({"name": _WORD, "version": _WORD}, "name")
    fields = {
        "aliases": many(_WORD, **SET),
        "current_release_date": TIME,
        "generator": record({"date": TIME, "engine": engine}, "engine"),
        "id": text(r"^[\S](.*[\S])?$"),
        "initial_release_date": TIME,
        "revision_history": many(record(revision, "date number summary")),
        "status": codes("draft final interim"),
        "version": number,
    }
    needed = "current_release_date id initial_release_date revision_history status version"
    return record(fields, needed)


def _product(*, later: bool) -> Schema:
    least = SET if later else {"minItems": 1}
    value = text("^[0-9a-f]{32,}$" if later else "^[0-9a-fA-F]{32,}$", 32)
    algorithm = text("^[0-9a-z][0-9a-z-]*$" if later else "")
    file = record({"algorithm": algorithm, "value": value}, "algorithm value")
    hashes = record({"file_hashes": many(file, **least), "filename": _WORD}, "file_hashes filename")
    kinds = r"[a-z][a-z0-9\.\-]*" if later else r"[A-Za-z\.\-\+][A-Za-z0-9\.\-\+]*"
    purl = {**URI, **text(rf"^pkg:{kinds}/.+", 7)}
    uris = record({"namespace": URI, "uri": URI}, "namespace uri")
    helper = {
        # In 2.0 each end of the pattern holds for one of its halves alone; 2.1 has put that right.
        "cpe": text(f"^({_CPE})$" if later else f"^{_CPE}$", 5),
        "hashes": many(hashes, **least),
        "model_numbers": many(_WORD, **SET),
        **({"purls": many(purl, **SET)} if later else {"purl": purl}),
        "sbom_urls": many(URI, **least),
        "serial_numbers": many(_WORD, **SET),
        "skus": many(_WORD, **least),
        "x_generic_uris": many(uris, **least),
    }
    fields = {"name": _WORD, "product_id": _WORD}
    fields["product_identification_helper"] = record(helper, minProperties=1)
    return record(fields | (_more() if later else {}), "name product_id")


def _branches(*, later: bool) -> Schema:
    kinds = (
        "architecture host_name language patch_level product_family product_name product_version "
        "product_version_range service_pack specification vendor "
    ) + ("platform" if later else "legacy")
    fields = {
        "branches": {"$ref": "#/$defs/branches"},
        "category": codes(kinds),
        "name": _WORD,
        "product": _product(later=later),
    }
    # Three of the four: a branch ends in a product or goes on in branches.
    return many(record(fields, "category name", minProperties=3, maxProperties=3))


def _tree(*, later: bool) -> Schema:
    product = _product(later=later)
    pair = many(_WORD, uniqueItems=True, minItems=2)
    group = record(
        {"group_id": _WORD, "product_ids": pair, "summary": _WORD}, "group_id product_ids"
    )
    fields = {
        "branches": {"$ref": "#/$defs/branches"},
        "full_product_names": many(product),
        "product_groups": many(group),
        **(_paths(product) if later else _relationships(product)),
    }
    return record(fields, minProperties=1)


def _relationships(product: Schema) -> Schema:
    fields = {
        "category": codes(_RELATIONS),
        "full_product_name": product,
        "product_reference": _WORD,
        "relates_to_product_reference": _WORD,
    }
    return {"relationships": many(record(fields, " ".join(fields)))}


def _paths(product: Schema) -> Schema:
    step = {"category": codes(_RELATIONS), "next_product_reference": _WORD}
    fields = {
        "beginning_product_reference": _WORD,
        "full_product_name": product,
        "subpaths": many(record(step, " ".join(step))),
    }
    return {"product_paths": many(record(fields, " ".join(fields)))}


def _vulnerability(*, later: bool) -> Schema:
    states = _AFFECTED + " unknown" * later
    ids = record({"system_name": _WORD, "text": _WORD} | _named(later=later), "system_name text")
    fields = {
        "acknowledgments": _THANKS,
        "cve": text("^CVE-[0-9]{4}-[0-9]{4,}$", 0),
        "discovery_date": TIME,
        "flags": many(_flag(), **SET),
        "ids": many(ids, **SET),
        "involvements": many(_involvement(later=later), **SET),
        "notes": _notes(later=later),
        "product_status": record(dict.fromkeys(states.split(), _PRODUCTS), minProperties=1),
        "references": _LINKS,
        "remediations": many(_remediation(later=later)),
        "threats": many(_threat()),
        "title": _WORD,
        **(_judged_later() if later else _judged()),
    }
    return record(fields, minProperties=1)


def _flag() -> Schema:
    labels = (
        "component_not_present inline_mitigations_already_exist "
        "vulnerable_code_cannot_be_controlled_by_adversary vulnerable_code_not_in_execute_path "
        "vulnerable_code_not_present"
    )
    return record({"date": TIME, "label": codes(labels)} | _named(later=True), "label")


def _involvement(*, later: bool) -> Schema:
    states = "completed contact_attempted disputed in_progress not_contacted open"
    fields = {
        "date": TIME,
        "party": codes("coordinator discoverer other user vendor"),
        "status": codes(states),
        "summary": _WORD,
        **({"contact": _WORD} | _named(later=True) if later else {}),
    }
    return record(fields, "party status")


def _remediation(*, later: bool) -> Schema:
    kinds = "mitigation no_fix_planned none_available vendor_fix workaround"
    parts = "connected dependencies machine none parent service system vulnerable_component zone"
    fields = {
        "category": codes(kinds + " fix_planned optional_patch" * later),
        "date": TIME,
        "details": _WORD,
        "entitlements": _WORDS,
        "restart_required": record({"category": codes(parts), "details": _WORD}, "category"),
        "url": URI,
    }
    return record(fields | _named(later=True), "category details")


def _threat() -> Schema:
    fields = {
        "category": codes("exploit_status impact target_set"),
        "date": TIME,
        "details": _WORD,
    }
    return record(fields | _named(later=True), "category details")


_CWE = r"^CWE-[1-9]\d{0,5}$"
_ANY: Schema = {"type": "object"}


def _judged() -> Schema:
    """Return what 2.0 has of weaknesses and scores."""
    score = record(
        {"cvss_v2": _ANY, "cvss_v3": _ANY, "products": _PRODUCTS}, "products", minProperties=2
    )
    return {
        "cwe": record({"id": text(_CWE, 0), "name": _WORD}, "id name"),
        "release_date": TIME,
        "scores": many(score),
    }


def _judged_later() -> Schema:
    """Return what 2.1 has in their place."""
    version = text(r"^[1-9]\d*\.([0-9]|([1-9]\d+))(\.\d+)?$", 0)
    cwe = record(
        {"id": text(_CWE, 0), "name": text(_TRIMMED), "version": version}, "id name version"
    )
    share = text(_SHARE, 0)
    epss = record(
        {"percentile": share, "probability": share, "timestamp": TIME},
        "percentile probability timestamp",
    )
    content = {
        **dict.fromkeys(("cvss_v2", "cvss_v3", "cvss_v4", "ssvc_v2"), _ANY),
        "epss": epss,
        "qualitative_severity_rating": codes("critical high low medium none"),
        **_more(),
    }
    metric = {
        "content": record(content, minProperties=1),
        "products": _PRODUCTS,
        "source": URI,
    }
    first = {"date": TIME, "exploitation_date": TIME, **_named(later=True)}
    return {
        "cwes": many(cwe, **SET),
        "disclosure_date": TIME,
        "first_known_exploitation_dates": many(
            record(first, "date exploitation_date", minProperties=3), **SET
        ),
        "metrics": many(record(metric, "content products"), **SET),
        **_more(),
    }
