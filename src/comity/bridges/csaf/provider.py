"""The tree of files by which a party is a CSAF provider (section 7.1 of CSAF 2.0 and of 2.1).

For each label a folder: years with advisories, each with its hashes and signatures; ``index.txt``
and ``changes.csv``; and beside the folders a ROLIE feed for each label, one service document, one
category document, and ``provider-metadata.json``. What is returned is a path and bytes each; a
path is made of names that are checked, so that none leads out of the folder.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from comity.bridges.csaf import labels, names
from comity.bridges.csaf.advisory import Advisory, Publisher
from comity.bridges.csaf.shape import SCHEMAS
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP, Egress, lets_out

METADATA = "provider-metadata.json"
_ADDRESS = re.compile(r"https://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~+-]+)*/?")
_SCHEME = "urn:ietf:params:rolie:category:information-type"
_PROVIDERS = {"2.1": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json"}
_TYPE = {"scheme": _SCHEME, "term": "csaf"}

Sign = Callable[[bytes], bytes]
"""Returns an armored detached signature over bytes."""


class Key(NamedTuple):
    """The OpenPGP key of the provider: its ``fingerprint``, and its ``public`` part in armor."""

    fingerprint: str
    public: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An advisory to be published.

    Fields: ``advisory``; its ``data``, as received; ``tlp`` under which it is held (never wider
    than its own); ``signatures`` that came with it, armored.
    """

    advisory: Advisory
    data: bytes
    tlp: TLP
    signatures: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """Where the tree will lie and whose it is.

    Fields: ``url`` (https, of the folder), ``publisher``, ``now`` (ms), ``ceiling``: the
    strictest label that goes there; ``key`` and ``sign``, where the provider has a key; ``listed``
    and ``mirrored``: whether aggregators may.
    """

    url: str
    publisher: Publisher
    now: int
    ceiling: TLP = TLP.CLEAR
    key: Key | None = None
    sign: Sign | None = None
    listed: bool = True
    mirrored: bool = True

    def at(self, path: str) -> str:
        """Return the address of a file of the tree."""
        return f"{self.url.rstrip('/')}/{path}"


def tree(site: Site, entries: Iterable[Entry]) -> dict[str, bytes]:
    """Return the files of the tree by their paths, what leads to others last.

    Raises Refusal X47 (a label above the ceiling or wider than the advisory's own; RED at all),
    X48 (two advisories of one name), X49 (a draft; versions of CSAF that differ; no https).
    """
    if not _ADDRESS.fullmatch(site.url):
        raise Refusal("X49", Phrase("The tree will lie at an https address."), site.url)
    found = list(entries)
    for entry in found:
        _require_publishable(site, entry)
    version = _one_version(found)
    files: dict[str, bytes] = {}
    shelves = _shelves(found)
    for tlp, shelf in shelves.items():
        files |= _folder(site, version, tlp, shelf)
    if site.key is not None:
        files[f"openpgp/{site.key.fingerprint}.asc"] = site.key.public
    for tlp, shelf in shelves.items():
        files[_feed_name(version, tlp)] = _feed(site, version, tlp, shelf)
    files["service.json"] = _service(site, version, shelves)
    files["category.json"] = _categories(found)
    files[METADATA] = _metadata(site, version, shelves)
    return files


def _require_publishable(site: Site, entry: Entry) -> None:
    advisory = entry.advisory
    labels.require_not_wider(advisory.tlp, entry.tlp, advisory.id)
    if not lets_out(entry.tlp, Egress.EXPORT):
        raise Refusal(
            "X47", Phrase("TLP:RED is for named readers, and never published."), advisory.id
        )
    if entry.tlp > site.ceiling:
        told = Phrase(
            "It is TLP:{label}, and up to TLP:{ceiling} is published there.",
            label=labels.written(entry.tlp, "2.1"),
            ceiling=labels.written(site.ceiling, "2.1"),
        )
        raise Refusal("X47", told, advisory.id)
    if advisory.status == "draft":
        raise Refusal("X49", Phrase("A draft is not published."), advisory.id)


def _one_version(entries: list[Entry]) -> str:
    versions = sorted({entry.advisory.csaf for entry in entries})
    if len(versions) > 1:
        raise Refusal(
            "X49", Phrase("One tree holds advisories of CSAF 2.0 or of 2.1; make two trees.")
        )
    return versions[0] if versions else "2.0"


def _shelves(entries: list[Entry]) -> dict[TLP, list[Entry]]:
    """Return the advisories of each label, those that changed last first."""
    shelves: dict[TLP, list[Entry]] = {TLP.CLEAR: []}
    files: dict[str, str] = {}
    for entry in entries:
        name = entry.advisory.file
        if files.setdefault(name, entry.advisory.id) != entry.advisory.id or name in {
            each.advisory.file for each in shelves.get(entry.tlp, ())
        }:
            raise Refusal("X48", Phrase("Two advisories have one name of a file."), name)
        shelves.setdefault(entry.tlp, []).append(entry)
    order = sorted(shelves, key=lambda tlp: tlp.rank)
    return {
        tlp: sorted(shelves[tlp], key=lambda e: (-e.advisory.current, e.advisory.file))
        for tlp in order
    }


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def _word(version: str, tlp: TLP) -> str:
    return labels.written(tlp, version)


def _folder_name(version: str, tlp: TLP) -> str:
    return _word(version, tlp).lower().replace("+", "_")


def _feed_name(version: str, tlp: TLP) -> str:
    return f"feed-tlp-{_folder_name(version, tlp).replace('_', '-')}.json"


def _place(version: str, entry: Entry) -> str:
    """Return the path of an advisory: label, year of its first release, and name."""
    return f"{_folder_name(version, entry.tlp)}/{_inner(entry)}"


def _inner(entry: Entry) -> str:
    year = datetime.fromtimestamp(entry.advisory.initial / 1000, UTC).year
    return f"{year:04}/{entry.advisory.file}"


def _folder(site: Site, version: str, tlp: TLP, shelf: list[Entry]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for entry in shelf:
        path = _place(version, entry)
        files[path] = entry.data
        for algorithm in names.HASHES:
            files[f"{path}.{algorithm}"] = names.hash_file(
                algorithm, entry.data, entry.advisory.file
            )
        if (signature := _signature(site, entry)) is not None:
            files[f"{path}.asc"] = signature
    folder = _folder_name(version, tlp)
    listed = [(_inner(entry), _time(entry.advisory.current)) for entry in shelf]
    files[f"{folder}/index.txt"] = "".join(f"{path}\n" for path, _ in sorted(listed)).encode()
    files[f"{folder}/changes.csv"] = _table(listed)
    return files


def _signature(site: Site, entry: Entry) -> bytes | None:
    """Return the provider's own signature, else the one that came with the advisory."""
    if site.sign is not None:
        return site.sign(entry.data)
    return entry.signatures[0] if entry.signatures else None


def _table(rows: Iterable[tuple[str, str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def _title(version: str, tlp: TLP) -> str:
    return f"Advisories of TLP:{_word(version, tlp)}"


def _feed(site: Site, version: str, tlp: TLP, shelf: list[Entry]) -> bytes:
    name = _feed_name(version, tlp)
    feed = {
        "id": name.removesuffix(".json"),
        "title": f"{_title(version, tlp)}: {site.publisher.name}",
        "link": [
            {"rel": "self", "href": site.at(name)},
            {"rel": "service", "href": site.at("service.json")},
        ],
        "category": [_TYPE],
        "updated": _time(max((e.advisory.current for e in shelf), default=site.now)),
        "entry": [_entry(site, version, each) for each in shelf],
    }
    return _json({"feed": feed})


def _entry(site: Site, version: str, entry: Entry) -> dict[str, Any]:
    advisory, address = entry.advisory, site.at(_place(version, entry))
    links = [{"rel": "self", "href": address}]
    links += [{"rel": "hash", "href": f"{address}.{each}"} for each in names.HASHES]
    if site.sign is not None or entry.signatures:
        links.append({"rel": "signature", "href": f"{address}.asc"})
    return {
        "id": advisory.id,
        "title": advisory.title,
        "link": links,
        "published": _time(advisory.initial),
        "updated": _time(advisory.current),
        "summary": {"content": ", ".join(advisory.cves) or advisory.title},
        "content": {"type": "application/json", "src": address},
        "format": {"schema": SCHEMAS[version], "version": version},
        "category": [_TYPE, {"term": advisory.category}],
    }


def _service(site: Site, version: str, shelves: Mapping[TLP, list[Entry]]) -> bytes:
    collections = [
        {
            "title": _title(version, tlp),
            "href": site.at(_feed_name(version, tlp)),
            "categories": {
                "category": [
                    _TYPE,
                    {"scheme": "https://www.first.org/tlp/", "term": _word(version, tlp)},
                ]
            },
        }
        for tlp in shelves
    ]
    workspace = [{"title": f"Advisories of {site.publisher.name}", "collection": collections}]
    return _json({"service": {"workspace": workspace}})


def _categories(entries: list[Entry]) -> bytes:
    """Return the category document: kinds of documents and their languages.

    Names of vendors and products are left out: one document lies open beside all labels.
    """
    terms = {entry.advisory.category for entry in entries}
    terms |= {entry.advisory.lang for entry in entries if entry.advisory.lang}
    return _json({"categories": {"category": [{"term": term} for term in sorted(terms)]}})


def _metadata(site: Site, version: str, shelves: Mapping[TLP, list[Entry]]) -> bytes:
    feeds = [_described(site, version, tlp, shelf) for tlp, shelf in shelves.items()]
    rolie = {
        "feeds": feeds,
        "services": [site.at("service.json")],
        "categories": [site.at("category.json")],
    }
    distributions: list[dict[str, Any]] = [{"rolie": rolie}]
    for tlp in shelves:
        address = site.at(f"{_folder_name(version, tlp)}/")
        place = {"tlp_label": _word(version, tlp), "url": address}
        distributions.append(
            {"directory": place} if version != "2.0" else {"directory_url": address}
        )
    value: dict[str, Any] = {
        "canonical_url": site.at(METADATA),
        "distributions": distributions,
        "last_updated": _time(site.now),
        "list_on_CSAF_aggregators": site.listed,
        "metadata_version": version,
        "mirror_on_CSAF_aggregators": site.mirrored,
        "publisher": site.publisher._asdict(),
        # Without a key of its own a provider is not a trusted one (requirements 18 to 20).
        "role": "csaf_trusted_provider" if site.key and site.sign else "csaf_provider",
    }
    if site.key is not None:
        address = site.at(f"openpgp/{site.key.fingerprint}.asc")
        value["public_openpgp_keys"] = [{"fingerprint": site.key.fingerprint, "url": address}]
    if version != "2.0":
        value = {"$schema": _PROVIDERS[version], **value}
    return _json(value)


def _described(site: Site, version: str, tlp: TLP, shelf: list[Entry]) -> dict[str, str]:
    said = {
        "summary": _title(version, tlp),
        "tlp_label": _word(version, tlp),
        "url": site.at(_feed_name(version, tlp)),
    }
    if version == "2.0":
        return said
    newest = max((each.advisory.current for each in shelf), default=site.now)
    return {**said, "last_updated": _time(newest)}
