"""What an advisory says, as typed values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from comity.bridges.csaf import labels, names
from comity.bridges.csaf.walk import Json, at_any, members, moment, named, products, select
from comity.kernel.label import TLP

_MS = 1_000_000


class Publisher(NamedTuple):
    """Who issues an advisory: ``name``, ``namespace`` (an address), ``category``."""

    name: str
    namespace: str
    category: str


class Product(NamedTuple):
    """A product: its ``id`` in this advisory, its ``name``, ``cpe`` and package URLs if any."""

    id: str
    name: str
    cpe: str
    purls: tuple[str, ...]


class Score(NamedTuple):
    """A score: ``version`` of CVSS, ``vector``, ``base``, and the ids of ``products``."""

    version: str
    vector: str
    base: float
    products: tuple[str, ...]


class Remediation(NamedTuple):
    """What to do: ``category``, ``details``, ``url`` if any, and the ids of ``products``."""

    category: str
    details: str
    url: str
    products: tuple[str, ...]


class Reference(NamedTuple):
    """Where more is said: ``summary``, ``url``, ``category`` (external or self)."""

    summary: str
    url: str
    category: str


class Note(NamedTuple):
    """Words: ``category``, ``title`` if any, ``text``."""

    category: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A vulnerability.

    Fields: ``cve`` and ``title`` if any; ``ids`` of other systems as (system, id); ``cwes``;
    ``scores``, ``remediations``, ``references``, ``notes``; ``states``: for each state of CSAF
    the ids of its products.
    """

    cve: str
    title: str
    ids: tuple[tuple[str, str], ...]
    cwes: tuple[str, ...]
    scores: tuple[Score, ...]
    remediations: tuple[Remediation, ...]
    references: tuple[Reference, ...]
    notes: tuple[Note, ...]
    states: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Advisory:
    """An advisory. Times are ms since 1970.

    Fields: ``id`` of tracking, ``version`` and ``status`` of it, ``csaf`` (2.0 or 2.1),
    ``category``, ``title``, ``lang`` if any, ``tlp`` (None: unlabelled), ``publisher``,
    ``initial`` and ``current`` release, ``products``, ``vulnerabilities``, ``references``,
    ``notes``, ``aliases``.
    """

    id: str
    version: str
    status: str
    csaf: str
    category: str
    title: str
    lang: str
    tlp: TLP | None
    publisher: Publisher
    initial: int
    current: int
    products: tuple[Product, ...]
    vulnerabilities: tuple[Vulnerability, ...]
    references: tuple[Reference, ...]
    notes: tuple[Note, ...]
    aliases: tuple[str, ...]

    @property
    def file(self) -> str:
        """The one name of its file. Raises Refusal X43."""
        return names.file_name(self.id)

    @property
    def cves(self) -> tuple[str, ...]:
        """The CVEs it is about, each once, in its order."""
        return tuple(dict.fromkeys(each.cve for each in self.vulnerabilities if each.cve))


def read(doc: Json) -> Advisory:
    """Return what a document says that ``reading.read`` returned."""
    document = doc["document"]
    tracking, publisher = document["tracking"], document["publisher"]
    groups = members(doc)
    return Advisory(
        id=tracking["id"],
        version=tracking["version"],
        status=tracking["status"],
        csaf=document["csaf_version"],
        category=document["category"],
        title=document["title"],
        lang=document.get("lang", ""),
        tlp=labels.read(doc),
        publisher=Publisher(publisher["name"], publisher["namespace"], publisher["category"]),
        initial=moment(tracking["initial_release_date"]) // _MS,
        current=moment(tracking["current_release_date"]) // _MS,
        products=tuple(_product(one.value) for one in products(doc)),
        vulnerabilities=tuple(
            _vulnerability(one.value, groups) for one in select(doc, "vulnerabilities[]")
        ),
        references=_references(document),
        notes=_notes(document),
        aliases=tuple(tracking.get("aliases", ())),
    )


def _product(value: Json) -> Product:
    helper = value.get("product_identification_helper", {})
    purls = helper.get("purls", [helper["purl"]] if "purl" in helper else [])
    return Product(value["product_id"], value["name"], helper.get("cpe", ""), tuple(purls))


def _references(value: Json) -> tuple[Reference, ...]:
    return tuple(
        Reference(each["summary"], each["url"], each.get("category", "external"))
        for each in value.get("references", ())
    )


def _notes(value: Json) -> tuple[Note, ...]:
    return tuple(
        Note(each["category"], each.get("title", ""), each["text"])
        for each in value.get("notes", ())
    )


def _vulnerability(value: Json, groups: dict[str, set[str]]) -> Vulnerability:
    cwes = [one.value["id"] for one in at_any(value, ("cwe", "cwes[]"))]
    states = value.get("product_status", {})
    return Vulnerability(
        cve=value.get("cve", ""),
        title=value.get("title", ""),
        ids=tuple((each["system_name"], each["text"]) for each in value.get("ids", ())),
        cwes=tuple(cwes),
        scores=tuple(_scores(value)),
        remediations=tuple(_remediation(each, groups) for each in value.get("remediations", ())),
        references=_references(value),
        notes=_notes(value),
        states={state: tuple(ids) for state, ids in states.items()},
    )


def _scores(value: Json) -> Iterator[Score]:
    pairs = [(each, each["products"]) for each in value.get("scores", ())]
    pairs += [(each["content"], each["products"]) for each in value.get("metrics", ())]
    for content, ids in pairs:
        for name in ("cvss_v2", "cvss_v3", "cvss_v4"):
            if name in content:
                one = content[name]
                yield Score(one["version"], one["vectorString"], one["baseScore"], tuple(ids))


def _remediation(value: Json, groups: dict[str, set[str]]) -> Remediation:
    ids = tuple(sorted(named(value, groups)))
    return Remediation(value["category"], value["details"], value.get("url", ""), ids)
