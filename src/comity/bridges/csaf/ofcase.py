"""The draft of an advisory, CSAF 2.1, from a coordinated disclosure: what vendors said so far.

A case has codes and words; an advisory needs more, as a description and what to do. So this is a
draft for whoever writes it, valid as it is, and is published by nobody. The title is given by who
takes it; what was written in the case stays there.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from comity.bridges.csaf.shape import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comity.bridges.csaf.walk import Json
    from comity.kernel.label import TLP

VERSION = "0.1.0"
GROUPS = {
    "affected": "known_affected",
    "not_affected": "known_not_affected",
    "investigating": "under_investigation",
    "unknown": "unknown",
}
"""By a vendor's word the group of products in which an advisory names one."""
CATEGORIES = {"finder": "discoverer", "vendor": "vendor", "coordinator": "coordinator"}
_CVE = re.compile("CVE-[0-9]{4}-[0-9]{4,}")


class SaidOf(NamedTuple):
    """A vendor's ``word`` on a ``product`` and a ``vulnerability``, "" for all of them."""

    vendor: str
    product: str
    vulnerability: str
    word: str


class Case(NamedTuple):
    """A case: its ``id``, when it was ``opened`` and is written down (``now``, ms), its label, the
    codes of its vulnerabilities, who publishes, in which ``role``, and a URI that names it.
    """

    id: str
    title: str
    opened: int
    now: int
    tlp: TLP
    names: Sequence[str]
    publisher: str
    role: str
    namespace: str
    words: Sequence[SaidOf]


def draft(case: Case) -> Json:
    """Return the draft of an advisory."""
    products = sorted({(said.vendor, said.product) for said in case.words})
    ids = {each: f"CSAFPID-{number:04}" for number, each in enumerate(products, 1)}
    doc: Json = {"$schema": SCHEMAS["2.1"], "document": _document(case)}
    if ids:
        names = [
            {"product_id": id_, "name": " ".join(filter(None, each))} for each, id_ in ids.items()
        ]
        doc["product_tree"] = {"full_product_names": names}
    doc["vulnerabilities"] = [_vulnerability(case, name, ids) for name in case.names or ("",)]
    return doc


def _document(case: Case) -> Json:
    opened, now = _time(case.opened), _time(max(case.opened, case.now))
    return {
        "category": "csaf_base",
        "csaf_version": "2.1",
        "distribution": {"tlp": {"label": case.tlp.value.upper().replace("_", "+")}},
        "lang": "en",
        "publisher": {
            "category": CATEGORIES.get(case.role, "other"),
            "name": case.publisher,
            "namespace": case.namespace,
        },
        "title": case.title,
        "tracking": {
            "id": f"case-{case.id[:16]}",
            "status": "draft",
            "version": VERSION,
            "initial_release_date": opened,
            "current_release_date": now,
            "revision_history": [{"number": VERSION, "date": now, "summary": "Draft."}],
        },
    }


def _vulnerability(case: Case, name: str, ids: dict[tuple[str, str], str]) -> Json:
    known: Json = {"title": name or case.title}
    if _CVE.fullmatch(name.upper()):
        known["cve"] = name.upper()
    status: dict[str, list[str]] = {}
    for each, word in _words(case.words, name).items():
        status.setdefault(GROUPS[word], []).append(ids[each])
    if status:
        known["product_status"] = status
    return known


def _words(said: Iterable[SaidOf], name: str) -> dict[tuple[str, str], str]:
    """Return what is said of each product as to one vulnerability: what names it goes before what
    is said of all. Of what a vendor told in two ways it is still looking.
    """
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for each in said:
        if each.vulnerability in {"", name}:
            words = found.setdefault((each.vendor, each.product), {})
            words.setdefault(each.vulnerability, set()).add(each.word)
    return {each: _one(words.get(name) or words[""]) for each, words in found.items()}


def _one(told: set[str]) -> str:
    return next(iter(told)) if len(told) == 1 else "investigating"


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:23] + "Z"
