"""The catalogue of vulnerabilities known to be exploited, as CISA publishes it in JSON.

Each entry is a typed row, and two STIX objects: the vulnerability, and a note of what the catalogue
says of it. An entry has no date of its change, so that one reading is compared with the one before:
only what changed is given as objects, in the version of the catalogue's release.
Source: the catalogue's JSON schema.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from comity.bridges.misp import marks, shape
from comity.bridges.stix.inject import SERVED
from comity.bridges.stix.record import Flaw
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP

MOST = 100_000
"""The most entries of a catalogue; it grows by some 200 a year."""
CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_CWE = re.compile(r"CWE-[0-9]{1,9}")
_TEXTS = ("vendorProject", "product", "vulnerabilityName", "shortDescription", "requiredAction")
_LONGEST = 20_000


class Row(NamedTuple):
    """An entry: ``cve``, ``vendor``, ``product``, ``name``, ``description``, ``action``; the first
    seconds of the days ``added`` and ``due``; ``ransomware``, whether it is known to have been used
    for that; ``cwes``; ``mark``, by which the next reading sees whether the entry changed.
    """

    cve: str
    vendor: str
    product: str
    name: str
    description: str
    action: str
    added: int
    due: int
    ransomware: bool
    cwes: tuple[str, ...]
    mark: str


class Catalogue(NamedTuple):
    """What a file says: ``version``, ``released`` in seconds, all ``rows``; ``objects`` as JSON of
    those that changed, and the ``flaws`` of entries that are none.
    """

    version: str
    released: int
    rows: list[Row]
    objects: list[bytes]
    flaws: list[Flaw]


def read(data: bytes, before: Mapping[str, str] | None = None) -> Catalogue:
    """Return the entries of a catalogue; ``before`` maps CVEs to the marks they had.

    Raises Refusal X52 and X56 for what is no such catalogue.
    """
    value = shape.parsed(data, "X56")
    title, version, released, entries = _head(value)
    rows: dict[str, Row] = {}
    flaws: list[Flaw] = []
    for number, entry in enumerate(entries):
        try:
            row = _row(entry)
            if row.cve in rows:
                raise Refusal("X56", Phrase("{cve} stands here twice.", cve=row.cve))
            rows[row.cve] = row
        except Refusal as refusal:
            path = f"vulnerabilities[{number}]"
            rule = "X52" if refusal.rule == "X52" else "X56"
            flaws.append(Flaw(_cve(entry), path, rule, refusal.reason))
    found = list(rows.values())
    changed = [row for row in found if (before or {}).get(row.cve) != row.mark]
    made = [each for row in changed for each in _objects(row, f"{title}, {version}", released)]
    return Catalogue(version, released, found, list(map(orjson.dumps, made)), flaws)


def _head(value: object) -> tuple[str, str, int, list[Any]]:
    element: dict[str, Any] = value if isinstance(value, dict) else {}
    entries = element.get("vulnerabilities")
    if not isinstance(entries, list) or len(entries) > MOST:
        told = Phrase("This has no list “vulnerabilities” of up to {most} entries.", most=MOST)
        raise Refusal("X56", told)
    names = ("title", "catalogVersion", "dateReleased")
    heads = {name: each for name in names if isinstance(each := element.get(name), str) and each}
    if len(heads) < len(names):
        raise Refusal("X56", Phrase("The catalogue does not say its title, version and date."))
    released = datetime.fromisoformat(shape.moment(heads, "dateReleased"))
    return heads["title"][:200], heads["catalogVersion"][:100], int(released.timestamp()), entries


def _cve(entry: object) -> str:
    said = entry.get("cveID") if isinstance(entry, dict) else ""
    return said if isinstance(said, str) and CVE.fullmatch(said) else ""


def _row(entry: object) -> Row:
    element = shape.require_element(entry)
    cve = _cve(element)
    texts = [shape.text(element, name) for name in _TEXTS]
    cwes = shape.items(element, "cwes")
    if not cve or not all(isinstance(each, str) and _CWE.fullmatch(each) for each in cwes):
        raise Refusal("X56", Phrase("The entry names no CVE, or a CWE that is none."))
    if any(len(each) > _LONGEST for each in texts):
        raise Refusal("X56", Phrase("A text is longer than {most} characters.", most=_LONGEST))
    added, due = shape.day(element, "dateAdded"), shape.day(element, "dueDate")
    ransomware = shape.text(element, "knownRansomwareCampaignUse").lower() == "known"
    said = orjson.dumps([cve, *texts, added, due, ransomware, cwes])
    mark = hashlib.sha256(said).hexdigest()[:16]
    vendor, product, name, description, action = texts
    coded = (added, due, ransomware, tuple(cwes), mark)
    return Row(cve, vendor, product, name, description, action, *coded)


def vulnerability_id(cve: str) -> str:
    """Return the id of the vulnerability object of a CVE, the same for every list that names it."""
    return f"vulnerability--{marks.made('vulnerability', cve)}"


def note_id(cve: str) -> str:
    """Return the id of the note of what the catalogue says of a CVE."""
    return f"note--{marks.made('kev', cve)}"


def _objects(row: Row, catalogue: str, released: int) -> list[dict[str, Any]]:
    id_ = vulnerability_id(row.cve)
    own = {"source_name": "cve", "external_id": row.cve}
    weak = [{"source_name": "cwe", "external_id": each} for each in row.cwes]
    first = public(id_, row.added, max(released, row.added))
    second = public(note_id(row.cve), row.added, max(released, row.added))
    told = {"name": row.cve, "description": f"{row.name}. {row.description}".strip()}
    note = {
        "abstract": f"{row.cve} is known to be exploited",
        "content": _content(row),
        "object_refs": [id_],
        "external_references": [{"source_name": "kev", "description": catalogue}],
    }
    return [first | told | {"external_references": [own, *weak]}, second | note]


def public(id_: str, created: int, modified: int) -> dict[str, Any]:
    """Return the common properties of an object out of a list that is public."""
    return {
        "type": id_.partition("--")[0],
        "spec_version": "2.1",
        "id": id_,
        "created": shape.iso(created),
        "modified": shape.iso(modified),
        "object_marking_refs": [SERVED[TLP.CLEAR]],
    }


def _content(row: Row) -> str:
    said = {
        "Product": f"{row.vendor} {row.product}".strip(),
        "Listed on": shape.iso(row.added)[:10],
        "Due on": shape.iso(row.due)[:10] if row.due else "",
        "Used for ransomware": "known" if row.ransomware else "not known",
        "Asked for": row.action,
    }
    return "\n".join(f"{name}: {each}" for name, each in said.items() if each)
