"""An advisory as objects of STIX 2.1: its publisher, its vulnerabilities, its notes, a report; and
its file as it came, with its signature, so that whoever is given the objects can check it again.

Ids are UUIDv5 over what the advisory calls things, so that whoever maps it gets the same objects,
and a newer version of it gives newer versions of them. The advisory itself is named by them, as
an external reference with its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from comity.bridges.csaf import labels
from comity.bridges.csaf.advisory import Advisory, Note, Reference, Vulnerability
from comity.bridges.stix.inject import SERVED
from comity.bridges.stix.scoids import sco_id
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP

# Fixed: the UUIDv5 of "https://docs.oasis-open.org/csaf/" in the namespace of addresses.
_NAMESPACE = hashlib.sha1(
    bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8") + b"https://docs.oasis-open.org/csaf/",
    usedforsecurity=False,
).digest()[:16]
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
"""The first and the last instant (ms) of the years 1 to 9999: a zone may lead out of them."""
_MOST_NOTES = 20
_LONGEST = 10_000
ATTACHED = 750 * 1024
"""The largest file that goes along, in bytes; of a larger one the report has the hash. In base64 it
is a third longer, and an object has at most 1 MiB.
"""
FILE, SIGNATURE = "application/json", "application/pgp-signature"


def objects(
    advisory: Advisory, data: bytes, given: TLP | None = None, signature: bytes = b""
) -> list[bytes]:
    """Return the STIX objects of an advisory, the report last; ``data`` are its bytes, and
    ``signature`` those of what signed them, b"" for none.

    ``given`` is a label it was received under. Objects bear the stricter one; an advisory without
    a label is AMBER. Raises Refusal X47 where ``given`` is wider than its own.
    """
    if given is not None:
        labels.require_not_wider(advisory.tlp, given, advisory.id)
    label = given or advisory.tlp or TLP.AMBER
    made = [_identity(advisory, label)]
    made += [_vulnerability(advisory, at, each) for at, each in enumerate(advisory.vulnerabilities)]
    made += _notes(advisory, [each["id"] for each in made])
    attached = [_artifact(data, FILE)] if len(data) <= ATTACHED else []
    report = _report(advisory, [*made, *attached], data)
    # Not in the report, which would change when the same file is signed anew.
    made += [*attached, *(_signed(advisory, attached[0], signature) if attached else ()), report]
    for each in made:
        each["object_marking_refs"] = [SERVED[label]]
    return [orjson.dumps(each) for each in made]


def _id(kind: str, *names: str) -> str:
    digest = hashlib.sha1(_NAMESPACE + "\n".join((kind, *names)).encode(), usedforsecurity=False)
    raw = bytearray(digest.digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x50, raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{kind}--{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _time(ms: int) -> str:
    """Return an instant as STIX writes it. Raises Refusal X6 for one of no year that it has."""
    if not _FIRST <= ms <= _LAST:
        raise Refusal("X6", Phrase("There is no such day or time."))
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def _object(advisory: Advisory, kind: str, *names: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    names = (advisory.publisher.namespace, advisory.id, *names)
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": _id(kind, *names),
        "created": _time(min(advisory.initial, advisory.current)),
        "modified": _time(advisory.current),
        **fields,
    }


def _identity(advisory: Advisory, label: TLP) -> dict[str, Any]:
    publisher = advisory.publisher
    made = _object(advisory, "identity", name=publisher.name, identity_class="organization")
    # One publisher is one identity in all of its advisories of a label, as of the first day there
    # is: the same version is marked the same everywhere.
    made["id"] = _id("identity", publisher.namespace, publisher.name, label.value)
    made["created"] = made["modified"] = _time(0)
    made["external_references"] = [{"source_name": "publisher", "url": publisher.namespace}]
    return made


def _vulnerability(advisory: Advisory, at: int, each: Vulnerability) -> dict[str, Any]:
    ids = [f"{system}: {text}" for system, text in each.ids]
    name = each.cve or each.title or (ids[0] if ids else f"{advisory.id} #{at + 1}")
    said = [note.text for note in each.notes] or [each.title or advisory.title]
    said += [f"CVSS {score.version}: {score.base} {score.vector}" for score in each.scores]
    said += [f"{remedy.category}: {remedy.details}" for remedy in each.remediations]
    links = [{"source_name": "cve", "external_id": each.cve}] if each.cve else []
    links += [{"source_name": system, "external_id": text} for system, text in each.ids]
    links += [{"source_name": "cwe", "external_id": cwe} for cwe in each.cwes]
    links += _links(each.references)
    fields = {"external_references": links} if links else {}
    key = each.cve or "\n".join(ids) or str(at)
    description = "\n\n".join(said)[:_LONGEST]
    return _object(advisory, "vulnerability", key, name=name, description=description, **fields)


def _links(references: tuple[Reference, ...]) -> list[dict[str, str]]:
    return [
        {"source_name": each.category, "description": each.summary, "url": each.url}
        for each in references
    ]


def _notes(advisory: Advisory, about: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the notes of the document, but for what lawyers and readers of products are told."""
    told = [each for each in advisory.notes if each.category not in {"legal_disclaimer", "faq"}]
    for at, note in enumerate(told[:_MOST_NOTES]):
        yield _object(advisory, "note", str(at), **_words(note), object_refs=about)


def _words(note: Note) -> dict[str, str]:
    abstract = {"abstract": note.title} if note.title else {}
    return {**abstract, "content": note.text[:_LONGEST]}


def _artifact(data: bytes, kind: str) -> dict[str, Any]:
    made = {
        "type": "artifact",
        "spec_version": "2.1",
        "mime_type": kind,
        "payload_bin": base64.b64encode(data).decode(),
        "hashes": {"SHA-256": hashlib.sha256(data).hexdigest()},
    }
    return {**made, "id": sco_id(made)}


def _signed(advisory: Advisory, file: dict[str, Any], signature: bytes) -> list[dict[str, Any]]:
    """Return the signature, and what says of which file it is; nothing where there is none."""
    if not signature:
        return []
    made = _artifact(signature, SIGNATURE)
    link = {
        "relationship_type": "related-to",
        "description": "Detached OpenPGP signature of the file.",
        "source_ref": made["id"],
        "target_ref": file["id"],
    }
    return [made, _object(advisory, "relationship", made["id"], file["id"], **link)]


def _report(advisory: Advisory, made: list[dict[str, Any]], data: bytes) -> dict[str, Any]:
    itself = {
        "source_name": "csaf",
        "external_id": advisory.id,
        "description": f"{advisory.title}, version {advisory.version}, {advisory.status}",
        "hashes": {"SHA-256": hashlib.sha256(data).hexdigest()},
    }
    urls = [each.url for each in advisory.references if each.category == "self"]
    fields = {"lang": advisory.lang} if advisory.lang else {}
    return _object(
        advisory,
        "report",
        name=advisory.title,
        description=f"{advisory.category} of {advisory.publisher.name}",
        report_types=["vulnerability"],
        published=_time(advisory.initial),
        object_refs=[each["id"] for each in made],
        external_references=[{**itself, **({"url": urls[0]} if urls else {})}],
        **fields,
    )
