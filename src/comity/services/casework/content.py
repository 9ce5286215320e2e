"""Content of acts: cutting into parts before an append, storing parts, reading them back.

Files are read in pieces of one part, so memory stays flat however large they are.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson

from comity.kernel import manifest
from comity.kernel.content import DOCUMENT, PART_LIMIT, STIX, Commitment, Committer, Part
from comity.kernel.errors import Phrase, Refusal
from comity.store.access import acts as access
from comity.store.append.acts import PartRow
from comity.store.room import room

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.ids import Id
    from comity.services.node import Node
    from comity.services.ports import Random
    from comity.store.access.acts import PartHeld

FILE_FROM = 64 * 1024
"""Parts of at least this many bytes are files of the parts folder; smaller ones are rows."""


@dataclass(slots=True)
class Prepared:
    """Content cut into parts, before its act is signed: rows to insert, and the commitment."""

    commitment: Commitment
    rows: list[PartRow] = field(repr=False)


class _Cutter:
    """Takes parts one by one: draws a salt, commits, and keeps the data where it belongs."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._folder = folder
        self._random = random
        self._committer = Committer()
        self.rows: list[PartRow] = []

    def add(self, data: bytes) -> None:
        part = Part(len(self.rows), self._random.bytes(32), data)
        self._committer.add(part)
        self.rows.append(part_row(self._folder, part))

    def finish(self, kind: str) -> Prepared:
        return Prepared(self._committer.finish(kind), self.rows)


def part_path(leaf: bytes) -> str:
    """Return where the file of a large part lies, below the parts folder."""
    name = leaf.hex()
    return f"{name[:2]}/{name}"


def part_row(folder: Path, part: Part) -> PartRow:
    """Return the row of a part; its data is written below ``folder`` when it is large."""
    data, path = part.data, ""
    if len(data) >= FILE_FROM:
        path = part_path(part.leaf)
        target = folder / path
        # Named by its leaf, so writing it twice is once and a torn write is written over.
        fresh = target.with_suffix(".new")
        with room():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with fresh.open("wb") as file:
                    file.write(data)
                    file.flush()
                    # The act that names it will be committed durably, so it is there first.
                    os.fsync(file.fileno())
                fresh.replace(target)
            finally:
                fresh.unlink(missing_ok=True)
    return PartRow(part.index, part.leaf, part.salt, None if path else data, path, len(data))


def prepare_fields(
    node: Node, fields: Object, files: Sequence[tuple[str, str, Path]] = (), lang: str = ""
) -> Prepared:
    """Return content of a manifest: ``fields`` in the language ``lang``, and ``files``, each given
    as (name, media type, path).

    Raises Refusal K15 for names or sizes that a reader would refuse.
    """
    sized = [(name, kind, path.stat().st_size) for name, kind, path in files]
    listed = manifest.build(fields, sized, lang)
    cutter = _Cutter(node.parts, node.ports.random)
    cutter.add(listed.to_bytes())
    for (name, _, path), entry in zip(files, listed.files, strict=True):
        before = len(cutter.rows)
        with path.open("rb") as file:
            for data in _pieces(file):
                cutter.add(data)
        if len(cutter.rows) - before != entry.parts:
            raise Refusal("K15", Phrase("The file {name} changed while it was read.", name=name))
    return cutter.finish(DOCUMENT)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    first = file.read(PART_LIMIT)
    yield first
    while data := file.read(PART_LIMIT):
        yield data


def prepare_stix(node: Node, path: Path) -> Prepared:
    """Return content with one part per object of the STIX 2.1 bundle in ``path``.

    Raises Refusal K15 when it is not such a bundle, or holds an object larger than a part.
    """
    objects = stix_objects(path)
    if objects is None:
        told = Phrase("{name} is not a STIX 2.1 bundle with objects.", name=path.name)
        raise Refusal("K15", told)
    return prepare_objects(node, objects)


def prepare_objects(node: Node, objects: Iterable[object]) -> Prepared:
    """Return content with one part per object, each as its own JSON."""
    cutter = _Cutter(node.parts, node.ports.random)
    for item in objects:
        cutter.add(orjson.dumps(item))
    return cutter.finish(STIX)


def stix_objects(path: Path) -> list[object] | None:
    """Return the objects of a STIX bundle, or None when the file is something else."""
    with path.open("rb") as file:
        if b'"bundle"' not in file.read(4096):
            return None
    try:
        value = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict) or value.get("type") != "bundle":
        return None
    objects = value.get("objects")
    return objects if isinstance(objects, list) and objects else None


def held_part(node: Node, row: PartHeld) -> Part | None:
    """Return a stored part with its data, or None when it was withheld or erased."""
    if row.salt is None:
        return None
    data = row.data if not row.path else (node.parts / row.path).read_bytes()
    return Part(row.idx, row.salt, data or b"")


def read_parts(node: Node, act: Id, first: int = 0, last: int = 2**31 - 1) -> Iterator[Part]:
    """Yield the parts of an act that are held here, one at a time."""
    for idx, _, held in access.part_sizes(node.db, act):
        if held and first <= idx <= last and (part := _read_part(node, act, idx)) is not None:
            yield part


def _read_part(node: Node, act: Id, idx: int) -> Part | None:
    rows = access.parts(node.db, act, idx, idx)
    try:
        return held_part(node, rows[0]) if rows else None
    except FileNotFoundError:
        # The file of a part that is erased goes after its row: then there is nothing to read.
        if any(row.salt is not None for row in access.parts(node.db, act, idx, idx)):
            raise
        return None


def read_manifest(node: Node, act: Id, commitment: Commitment) -> manifest.Manifest | None:
    """Return the manifest of an act's content, or None when it has none or lacks it here."""
    rows = access.parts(node.db, act, 0, 0) if commitment.type == DOCUMENT else []
    return manifest_in(node, rows[0] if rows else None, commitment)


def manifest_in(
    node: Node, row: PartHeld | None, commitment: Commitment
) -> manifest.Manifest | None:
    """As ``read_manifest``, from the first part as it is stored, if it is."""
    if commitment.type != DOCUMENT or row is None:
        return None
    part = held_part(node, row)
    return None if part is None else manifest.parse(part.data, commitment)


def write_file(node: Node, act: Id, entry: manifest.FileEntry, target: Path) -> str:
    """Write a file of an act's content to the new file ``target``; return its SHA-256 in hex.

    Raises Refusal S8 while parts of it are missing here.
    """
    digest, count = hashlib.sha256(), 0
    with target.open("xb") as file:
        for part in read_parts(node, act, entry.first, entry.first + entry.parts - 1):
            file.write(part.data)
            digest.update(part.data)
            count += 1
    if count != entry.parts:
        target.unlink()
        told = Phrase("Parts of {name} have not arrived yet, or were erased.", name=entry.name)
        raise Refusal("S8", told, act)
    return digest.hexdigest()
