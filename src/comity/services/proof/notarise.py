"""Notarising a file: log its hash, let witnesses sign, give the evidence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.checkpoint import origin
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.protocols.kernel.notary import PROTOCOL
from comity.protocols.kernel.notary.acts import Notarise
from comity.services.casework import content
from comity.services.casework.issue import Draft, open_dossier
from comity.services.proof import evidence, witnessing
from comity.store.access import parties

if TYPE_CHECKING:
    from pathlib import Path

    from comity.kernel.evidence_report import Report
    from comity.services.node import Node

PIECE = 1024 * 1024
FILE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Notarised:
    """What came of it: the ``act``, the file's ``sha256`` and ``size``, how many witnesses
    ``cosigned`` at once, and the ``evidence``.
    """

    act: Id
    sha256: str
    size: int
    cosigned: int
    evidence: bytes


def digest(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file and its size, reading it in pieces."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found.update(piece)
            size += len(piece)
    return found.hexdigest(), size


def notarise(node: Node, path: Path, *, name: str = "", keep: bool = False) -> Notarised:
    """State that this party holds the file, cut a checkpoint over it and ask the witnesses.

    With ``keep`` the file is content of the act as well, and so in this node's backups. A witness
    that cannot be reached is asked again by the worker; evidence made later shows it.
    """
    sha256, size = digest(path)
    charter = Charter(
        protocol=PROTOCOL.name,
        version=PROTOCOL.version,
        members=(node.me,),
        growth=Growth.CLOSED,
        ceiling=TLP.CLEAR,
        chair=None,
        readers=(),
        succeeds=None,
        time=None,
        terms=Notarise(sha256=Id(sha256), size=size).to_body(),
    )
    called = name or path.name
    kept = [(called, FILE, path)] if keep else []
    prepared = content.prepare_fields(node, {"name": called}, kept)
    draft = Draft("charter", content=prepared, footing=Footing.TECHNICAL)
    act = open_dossier(node, charter=charter, draft=draft)
    witnessing.cut(node)
    witnessing.collect(node)
    return Notarised(act, sha256, size, _cosigned(node), evidence.make(node, act))


def _cosigned(node: Node) -> int:
    log = next(row for row in parties.logs(node.db) if not row.closed)
    name = origin(node.me, log.log)
    return len(parties.cosignatures(node.db, name, log.checkpoint_size))


def require_file(report: Report, path: Path) -> None:
    """Require that ``path`` is the file that the evidence is about, or one that it shows.

    Raises Refusal K15: the evidence is about another file, or about none.
    """
    sha256, _ = digest(path)
    terms = report.act.header.body.get("terms")
    stated = terms.get("sha256") if isinstance(terms, dict) else None
    shown = {part.sha256 for part in report.parts}
    if sha256 != stated and sha256 not in shown:
        raise Refusal("K15", "The evidence is about another file, or does not show it.", sha256)
