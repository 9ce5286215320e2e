"""The file of an advisory that came as objects, with its signature: to be checked again by whoever
was given them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from comity.bridges.csaf import names, stix
from comity.kernel.errors import Refusal
from comity.services.sharing import answering, searching, shelving
from comity.store.access import around, objects
from comity.store.access.objects import Asked

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.searching import Finder
    from comity.store.access.objects import Clause, Sight

MOST = 100
"""The most objects that are looked at for one report."""


def files(node: Node, finder: Finder, text: str) -> dict[str, bytes]:
    """Return the file of an advisory by its name, and its signature where that came, too.

    ``text`` is the id of its report, or the beginning. Raises Refusal S3 and S4.
    """
    # What names what is noted after the objects: of those that just came, now.
    while shelving.let_be_found(node):
        pass
    id_ = answering.find_object(node, text)
    sight, _ = searching.seen_by(node, finder)
    report = next(_read(node, sight, (id_,)), {})
    references = report.get("external_references", ()) if report.get("type") == "report" else ()
    itself = next((each for each in references if _is_csaf(each)), None)
    if itself is None:
        raise Refusal("S4", "This is no report of a CSAF advisory.", id_)
    refs = tuple(each for each in report["object_refs"] if each.startswith("artifact--"))
    for artifact in _read(node, sight, refs):
        data = _payload(artifact, stix.FILE)
        if hashlib.sha256(data).hexdigest() == itself["hashes"]["SHA-256"]:
            name = names.file_name(itself["external_id"])
            signature = next(_signatures(node, sight, artifact["id"]), b"")
            return {name: data} | ({f"{name}.asc": signature} if signature else {})
    told = "The file of this advisory did not come with it, or is another one."
    raise Refusal("S4", told, id_)


def _is_csaf(reference: Mapping[str, Any]) -> bool:
    has_hash = "SHA-256" in reference.get("hashes", {})
    return reference.get("source_name") == "csaf" and has_hash and "external_id" in reference


def _signatures(node: Node, sight: Sight, id_: str) -> Iterator[bytes]:
    links = _read(node, sight, (), [around.naming(id_), around.other_than(id_)])
    sources = tuple(each["source_ref"] for each in links if each["type"] == "relationship")
    for artifact in _read(node, sight, sources):
        if found := _payload(artifact, stix.SIGNATURE):
            yield found


def _payload(artifact: Mapping[str, Any], kind: str) -> bytes:
    """Return what an artifact of a kind holds, b"" for another one."""
    if artifact.get("mime_type") != kind:
        return b""
    with suppress(ValueError):
        return base64.b64decode(artifact.get("payload_bin", ""))
    return b""


def _read(
    node: Node, sight: Sight, ids: tuple[str, ...], more: Sequence[Clause] = ()
) -> Iterator[dict[str, Any]]:
    if ids or more:
        for row in objects.page(node.db, sight, Asked(ids), limit=MOST, more=more):
            yield orjson.loads(row.data)
