"""Reports of vulnerabilities as CSAF: what a finder's file says, and a report written as a file.

OASIS added a profile for such reports to its drafts of CSAF 2.1 in August 2026. Its text was not
at hand when this was written: what its category is called is not known here, and nobody is refused
for it. Any document of CSAF 2.0 or 2.1 is read that is valid but for the name of its category.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from comity.bridges.csaf import advisory, reading, shape
from comity.bridges.csaf.walk import Json, branches, moment, select
from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from comity.bridges.csaf.lists import Lists

CATEGORY = "csaf_base"
"""The category of what is written: the profile's own rules are not known here."""
LIMIT = 256 * 1024
"""The largest file that is read, in bytes: whoever sends one is unknown, and reading takes time."""
MOST_FLAWS = 50
"""The most vulnerabilities of one report, for the same reason."""
NAMING = "6.1.26"
"""The test that refuses a category which is no profile known to it."""
YES, NO, UNKNOWN = "yes", "no", "unknown"
_MS = 1_000_000
_TELLING = ("description", "details", "summary", "general")


class Reported(NamedTuple):
    """What a report says: words, ``public`` and ``exploited`` as yes, no or unknown, and when its
    finder plans to publish (``planned``, ms; None where that is not said).
    """

    affected: str
    versions: str = ""
    description: str = ""
    reproduce: str = ""
    impact: str = ""
    public: str = UNKNOWN
    exploited: str = UNKNOWN
    name: str = ""
    credit: bool = False
    planned: int | None = None


class Issued(NamedTuple):
    """Who writes a report as a file, and when: the ``id`` and ``title`` of the file, the ``name``
    and the address (``namespace``) of who writes it, when the report was made and last changed
    (ms), and the ``lang`` of its words.
    """

    id: str
    title: str
    name: str
    namespace: str
    made_at: int
    changed_at: int
    lang: str = ""


def read(data: bytes, lists: Lists, now: int) -> Reported:
    """Return what a finder's file says; ``now`` (ms) tells what was disclosed from what will be.

    Raises Refusal X40 to X42 for what is no valid document, whatever its category is called, and
    X42 where it names no product or says nothing.
    """
    if len(data) > LIMIT:
        raise Refusal("X40", Phrase("A report has at most {limit} bytes.", limit=LIMIT))
    doc = reading.parse(data)
    flaws = doc.get("vulnerabilities")
    if isinstance(flaws, list) and len(flaws) > MOST_FLAWS:
        told = "A report is about at most {most} vulnerabilities; send several."
        raise Refusal("X40", Phrase(told, most=MOST_FLAWS))
    found = [fault for fault in reading.faults(doc, lists) if fault.number != NAMING]
    if found:
        raise reading.refused(found)
    doc = shape.known(doc, doc["document"]["csaf_version"])
    said = _reported(doc, advisory.read(doc), now)
    if not (said.affected and said.description):
        raise Refusal("X42", Phrase("It names no product, or no note says what the flaw is."))
    return said


def _reported(doc: Json, said: advisory.Advisory, now: int) -> Reported:
    disclosed = _times(doc, "vulnerabilities[].disclosure_date")
    public = YES if any(time <= now for time in disclosed) else UNKNOWN
    finders = [*_finders(doc)]
    return Reported(
        affected=_line(each.name for each in said.products),
        versions=_line(
            one.value["name"]
            for one in branches(doc)
            if one.value["category"] in {"product_version", "product_version_range"}
        ),
        description=_told(said),
        impact="\n\n".join(_threats(doc, "impact")),
        public=public,
        exploited=YES if select(doc, _EXPLOITED) else UNKNOWN,
        name=finders[0] if finders else "",
        credit=bool(finders),
        planned=min((time for time in disclosed if time > now), default=None),
    )


_EXPLOITED = "vulnerabilities[].first_known_exploitation_dates[]"


def _line(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _times(doc: Json, path: str) -> list[int]:
    return [moment(one.value) // _MS for one in select(doc, path)]


def _told(said: advisory.Advisory) -> str:
    """Return the titles and notes of a document, each text once; "" where no note says what it is
    about.
    """
    notes = [note.text for note in _notes(said) if note.category in _TELLING]
    titles = [said.title]
    for flaw in said.vulnerabilities:
        titles += [flaw.cve, flaw.title]
    told = dict.fromkeys(text for text in (*titles, *notes) if text)
    return "\n\n".join(told) if notes else ""


def _notes(said: advisory.Advisory) -> Iterator[advisory.Note]:
    yield from said.notes
    for flaw in said.vulnerabilities:
        yield from flaw.notes


def _threats(doc: Json, category: str) -> list[str]:
    found = (one.value for one in select(doc, "vulnerabilities[].threats[]"))
    return [each["details"] for each in found if each["category"] == category]


def _finders(doc: Json) -> Iterator[str]:
    for path in ("document.acknowledgments[]", "vulnerabilities[].acknowledgments[]"):
        for one in select(doc, path):
            yield from one.value.get("names", ())


def write(told: Reported, by: Issued) -> bytes:
    """Return a report as a document of CSAF 2.1: a draft, TLP:AMBER, that passes its tests."""
    made, changed = _date(by.made_at), _date(by.changed_at)
    document: Json = {
        "category": CATEGORY,
        "csaf_version": "2.1",
        "distribution": {"tlp": {"label": "AMBER"}},
        "publisher": {"category": "other", "name": by.name, "namespace": by.namespace},
        "title": by.title,
        "tracking": {
            "current_release_date": changed,
            "id": by.id,
            "initial_release_date": made,
            "revision_history": [{"date": changed, "number": "0", "summary": "As reported."}],
            "status": "draft",
            "version": "0",
        },
    }
    if by.lang:
        document["lang"] = by.lang
    if told.credit and told.name:
        document["acknowledgments"] = [{"names": [told.name]}]
    doc: Json = {
        "$schema": shape.SCHEMAS["2.1"],
        "document": document,
        "product_tree": {"full_product_names": [{"name": told.affected, "product_id": "P-1"}]},
        "vulnerabilities": [_flaw(told)],
    }
    return json.dumps(doc, ensure_ascii=False, indent=2).encode() + b"\n"


def _flaw(told: Reported) -> Json:
    notes = [
        {"category": "description", "text": told.description, "title": "Description"},
        {"category": "details", "text": told.versions, "title": "Affected versions"},
        {"category": "details", "text": told.reproduce, "title": "How to reproduce it"},
        {"category": "other", "text": told.public, "title": "Known to the public"},
    ]
    flaw: Json = {
        "notes": [note for note in notes if note["text"]],
        "product_status": {"under_investigation": ["P-1"]},
        "threats": [
            {"category": "exploit_status", "details": f"Exploited: {told.exploited}"},
            {"category": "impact", "details": told.impact},
        ],
    }
    flaw["threats"] = [each for each in flaw["threats"] if each["details"]]
    if told.planned is not None:
        flaw["disclosure_date"] = _date(told.planned)
    return flaw


def _date(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
