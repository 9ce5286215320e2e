"""The pack of ATT&CK: tactics, techniques and sub-techniques by id, made from MITRE's own STIX.

``python -m tools.attack VERSION FILE…`` writes ``src/comity/packs/attack.txt`` anew from bundles of
STIX 2.1 (also gzipped), as https://github.com/mitre-attack/attack-stix-data has them; the comments
at its head, with the terms of use, stay as they are. What a revoked id was replaced by is followed
to what stands, if anything does. Of deprecated ones that is told in their description alone, by
links in its first line.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from comity.engines.attack import CURRENT, DEPRECATED, REVOKED, Catalogue, Entry, write

PACK = Path(__file__).resolve().parent.parent / "src" / "comity" / "packs" / "attack.txt"
KINDS = ("attack-pattern", "x-mitre-tactic")
_LINK = re.compile(r"attack\.mitre\.org/techniques/(T[0-9]{4})(?:/([0-9]{3}))?")


def objects(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield the objects of bundles."""
    for file in files:
        data = file.read_bytes()
        data = gzip.decompress(data) if file.suffix == ".gz" else data
        yield from json.loads(data)["objects"]


def catalogue(version: str, given: Iterable[dict[str, Any]]) -> Catalogue:
    """Return the entries of what MITRE publishes; raises ValueError where two have one id."""
    given = [*given]
    kinds = {each["id"]: each for each in given if each["type"] in KINDS}
    after = {
        each["source_ref"]: each["target_ref"]
        for each in given
        if each["type"] == "relationship" and each["relationship_type"] == "revoked-by"
    }
    entries: dict[str, Entry] = {}
    for each in kinds.values():
        entry = _entry(each, kinds, after)
        if entries.setdefault(entry.id, entry) != entry:
            message = f"{entry.id} stands for two things"
            raise ValueError(message)
    return Catalogue(version, entries)


def _entry(
    each: dict[str, Any], kinds: Mapping[str, dict[str, Any]], after: Mapping[str, str]
) -> Entry:
    if each.get("revoked"):
        last = each["id"]
        while last in after:
            last = after[last]
        return Entry(_id(each), each["name"], REVOKED, _stands(kinds[last]))
    if each.get("x_mitre_deprecated"):
        return Entry(_id(each), each["name"], DEPRECATED, _stands(each))
    return Entry(_id(each), each["name"], CURRENT)


def _stands(each: dict[str, Any]) -> tuple[str, ...]:
    """Return the ids that stand in place of one that is not there any more, or its own."""
    if each.get("x_mitre_deprecated"):
        first = each.get("description", "").partition("\n")[0]
        links = [f"{id_}.{sub}" if sub else id_ for id_, sub in _LINK.findall(first)]
        return tuple(dict.fromkeys(links))
    return () if each.get("revoked") else (_id(each),)


def _id(each: dict[str, Any]) -> str:
    return next(
        str(reference["external_id"])
        for reference in each["external_references"]
        if reference["source_name"].startswith("mitre")
    )


def text(head: str, found: Catalogue) -> str:
    """Return the pack, under the comments of the one that was."""
    comments = [line for line in head.splitlines() if line.startswith("#")]
    return "\n".join([*comments, *write(found), ""])


if __name__ == "__main__":
    VERSION, *FILES = sys.argv[1:]
    FOUND = catalogue(VERSION, objects(map(Path, FILES)))
    PACK.write_text(text(PACK.read_text(encoding="utf-8"), FOUND), encoding="utf-8")
