"""The files of a dossier, and saving them."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from comity.kernel.content import STIX
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.kernel.manifest import NAME_LIMIT
from comity.services.casework import content, dossiers
from comity.services.people import audit
from comity.store.access import acts as access

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.ids import Id
    from comity.kernel.manifest import FileEntry
    from comity.services.casework.desk import Desk
    from comity.services.node import Node
    from comity.store.access.acts import ActRow

BUNDLE = "application/stix+json;version=2.1"


@dataclass(frozen=True, slots=True)
class Filed:
    """A file of an act: ``first`` is its first part; ``parts`` how many; ``held`` all of them."""

    act: str
    name: str
    type: str
    size: int
    first: int
    parts: int
    held: bool

    @property
    def key(self) -> str:
        """What tells two files of a dossier apart."""
        return f"{self.act}/{self.first}"


def files(node: Node, dossier_id: str, only: str | None = None) -> list[Filed]:
    """Return the files of a dossier, or of one act of it, in order. Raises Refusal S3 or S8."""
    dossiers.load(node, dossier_id)
    found: list[Filed] = []
    for row in access.acts_of(node.db, dossier_id):
        if only in {None, row.id}:
            found += _of_act(node, dossiers.stored_act(node, row))
    return found


def _of_act(node: Node, act: Act) -> list[Filed]:
    held = {idx for idx, _, is_held in access.part_sizes(node.db, act.id) if is_held}
    commitment = act.header.content
    if commitment.type == STIX:
        whole = len(held) == commitment.parts
        name = f"objects-{act.id[:8]}.json"
        return [Filed(act.id, name, BUNDLE, commitment.size, 0, commitment.parts, whole)]
    return [
        Filed(
            act=act.id,
            name=entry.name,
            type=entry.type,
            size=entry.size,
            first=entry.first,
            parts=entry.parts,
            held=held >= set(range(entry.first, entry.first + entry.parts)),
        )
        for entry in _entries(node, act)
    ]


def _entries(node: Node, act: Act) -> tuple[FileEntry, ...]:
    try:
        listed = content.read_manifest(node, act.id, act.header.content)
    except Refusal:
        return ()
    return () if listed is None else listed.files


def taken(desk: Desk, act_id: str) -> ActRow:
    """Return an act of which something is taken out, and note that where its label is strict.

    Raises Refusal S3 when it is not to be seen.
    """
    row = desk.act(act_id)
    head = desk.dossier(row.dossier)
    audit.note_read(desk.node, desk.actor, head.id, TLP(head.ceiling))
    return row


def opened(node: Node, row: ActRow, number: int) -> tuple[FileEntry, BinaryIO]:
    """Return a file of an act, and it opened for reading; it is gone when that is closed.

    ``number`` is its place among the act's files. Raises Refusal S3, or S8 while parts of it are
    missing here.
    """
    act = dossiers.stored_act(node, row)
    entries = () if act.header.content.type == STIX else _entries(node, act)
    if not 0 <= number < len(entries):
        raise Refusal("S3", "There is no such file here.", row.id)
    with tempfile.TemporaryDirectory(dir=node.spool) as folder:
        path = Path(folder) / "file"
        content.write_file(node, act.id, entries[number], path)
        # The name may go; whoever holds the file open reads it to its end.
        return entries[number], path.open("rb")


def save(node: Node, listed: list[Filed], folder: Path) -> dict[str, str]:
    """Save those files that are held below ``folder``; return their paths by key.

    A file there already is never written over: the new one gets a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    saved: dict[str, str] = {}
    for file in listed:
        if file.held:
            target = free(folder / file.name)
            _write(node, file, target)
            saved[file.key] = str(target)
    return saved


def free(path: Path) -> Path:
    """Return a path where nothing is yet: this one, or one with a number."""
    number, found = 1, path
    # A link that leads nowhere yet is not free: writing would go where it leads.
    while os.path.lexists(found):
        found = path.with_name(_numbered(path, number))
        number += 1
    return found


def _numbered(path: Path, number: int) -> str:
    end = f"-{number}{path.suffix}".encode()
    stem = path.stem.encode()[: max(0, NAME_LIMIT - len(end))]
    return (stem + end[-NAME_LIMIT:]).decode(errors="ignore")


def _write(node: Node, file: Filed, target: Path) -> None:
    row = access.act(node.db, file.act)
    if row is None:
        raise AssertionError(file.act)
    act = dossiers.stored_act(node, row)
    if act.header.content.type == STIX:
        _write_bundle(node, act.id, target)
        return
    entry = next(e for e in _entries(node, act) if e.first == file.first)
    content.write_file(node, act.id, entry, target)


def _write_bundle(node: Node, act: Id, target: Path) -> None:
    """Write a batch as one bundle; its id is made of the act's, so that it is the same twice."""
    made = f"bundle--{act[:8]}-{act[8:12]}-5{act[13:16]}-8{act[17:20]}-{act[20:32]}"
    with target.open("xb") as out:
        out.write(b'{"type":"bundle","id":"' + made.encode() + b'","objects":[')
        for number, part in enumerate(content.read_parts(node, act)):
            out.write((b",\n" if number else b"\n") + part.data)
        out.write(b"\n]}\n")
