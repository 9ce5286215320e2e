"""What a guest takes away: a file that people can read, programs verify, and a later node keeps.

It is a ZIP archive, whose entries are ::

    letter.txt                 the letter in both languages, with its words
    1-letter.evidence.json     the act that was sent, with its words and files
    2-acknowledged.evidence.json, 3-answered.evidence.json    what the host recorded, likewise

Each ``.evidence.json`` is an evidence file of its own, which ``comity verify`` and the independent
verifier check. Taken in by the guest's own node, the archive is notarised there and kept.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel import dsse, evidence
from comity.kernel.errors import Pending, Refusal
from comity.kernel.evidence_check import verify
from comity.services.casework import letters, lettertext
from comity.services.identity.parties import learn_documents
from comity.services.proof import evidence as proofs
from comity.services.proof import notarise as notary
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from comity.kernel.evidence import Evidence
    from comity.kernel.evidence_report import Report
    from comity.kernel.ids import Id
    from comity.services.node import Node
    from comity.store.access.guests import GuestRow

LETTER = "letter.txt"
ENDING = ".evidence.json"
NAMES = ("1-letter", "2-acknowledged", "3-answered")
MOST = 16
"""Entries of an archive that is taken in."""
PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
"""What a file that only looks like an archive makes the library raise."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: an archive says nothing of when it was made."""


def make(node: Node, row: GuestRow) -> bytes:
    """Return what a guest may take away: the letter, and what was recorded of the guest so far.

    Raises Refusal as ``evidence.make``.
    """
    target = io.BytesIO()
    acts = zip(NAMES, (row.letter, row.acknowledged, row.answered), strict=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        letter = lettertext.letter_page(node, letters.of_guest(node, row), "")
        archive.writestr(zipfile.ZipInfo(LETTER, EPOCH), letter)
        for name, act in acts:
            if act:
                archive.writestr(zipfile.ZipInfo(name + ENDING, EPOCH), _evidence(node, act))
    return target.getvalue()


def _evidence(node: Node, act: str) -> bytes:
    """Return evidence of an act with its words, and with its files as far as they fit."""
    try:
        return proofs.make(node, act, parts=proofs.ALL)
    except Refusal as refusal:
        if refusal.rule != "W7":
            raise
        return proofs.make(node, act, parts=(0,))


@dataclass(frozen=True, slots=True)
class Taken:
    """What came in: a ``report`` on each statement, and the ``act`` by which this node notarised
    the archive and keeps it.
    """

    reports: tuple[Report, ...]
    act: Id


def is_record(path: Path) -> bool:
    """Say whether a file is an archive, and so may be what a guest took away."""
    return zipfile.is_zipfile(path)


def take_in(node: Node, path: Path) -> Taken:
    """Verify what a guest took away from another node, get to know its parties, and keep it.

    They are known then, and compared by nobody. Raises Refusal S4 when it is no such archive, and
    what its evidence is refused for; nothing is kept then.
    """
    found = [evidence.parse(data) for data in _read(path)]
    reports = tuple(verify(each) for each in found)
    with writing(node.db):
        for each in found:
            _learn(node, each)
    done = notary.notarise(node, path, keep=True)
    return Taken(reports, done.act)


def _learn(node: Node, found: Evidence) -> None:
    named = [
        shown.envelope for shown in found.statements if shown.envelope.payload_type == dsse.NODE
    ]
    try:
        learn_documents(node, found.documents, named, introduced_by="")
    except Pending as error:
        raise Refusal("S4", "A document of a party is missing in it.") from error


def _read(path: Path) -> list[bytes]:
    """Return the evidence files of an archive, none of them larger than one may be."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [e for e in archive.infolist() if e.filename.endswith(ENDING)]
            known = all(entry.compress_type in PACKED for entry in entries)
            if not 0 < len(entries) <= MOST or not known:
                raise _foreign(path)
            return [_entry(archive, entry) for entry in entries]
    except (*BROKEN, zlib.error) as error:
        raise _foreign(path) from error


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # Its stated size may lie, and a small archive may unpack to a large one.
    with archive.open(entry) as file:
        data = file.read(evidence.LIMIT + 1)
    if len(data) > evidence.LIMIT:
        raise Refusal("W7", "An evidence file in the archive is too large.", entry.filename)
    return data


def _foreign(path: Path) -> Refusal:
    return Refusal("S4", "This is not what a guest takes away from a node.", path.name)
