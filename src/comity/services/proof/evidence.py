"""Evidence files: making one of what this node holds, and verifying one from anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from comity.kernel import checkpoint, content, dsse, evidence, evidence_check, merkle, statement
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.evidence import Shown
from comity.kernel.ids import PartyId
from comity.kernel.label import PAP, Egress, Kind, Label, Reader, require
from comity.kernel.proof import Proof
from comity.services.casework import dossiers
from comity.services.casework.content import held_part
from comity.services.delivery.carry import audience_of
from comity.services.identity.parties import documents_of
from comity.services.proof import witnessing
from comity.store import subtrees
from comity.store.access import acts as access
from comity.store.access import parties as access_parties
from comity.store.access import proofs

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.content import ShownPart
    from comity.kernel.dossier import Dossier
    from comity.kernel.dsse import Envelope
    from comity.kernel.evidence_report import Report, Trust
    from comity.kernel.statement import Head
    from comity.services.node import Node

ALL = range(content.MAX_PARTS)
"""Every part of an act's content, as ``make`` takes it."""
SHOWN = evidence.LIMIT // 16 * 11
"""The most bytes of content one file shows: they are written in base64, with their paths."""


def make(node: Node, act_id: str, *, parts: Iterable[int] = ()) -> bytes:
    """Return the evidence file about an act, of everything held here that proves something.

    ``parts`` of its content are shown, those of them that are held; by default none, so that a
    stranger learns what was said when, and not its words. Of an own act it shows the place in the
    log, at the earliest checkpoint that enough witnesses signed. Raises Refusal S3 or S8; L2 when
    content may be shown on pages only; S4 for a part that is not held; W7 when it grows too large.
    """
    row = access.act(node.db, act_id)
    if row is None:
        raise Refusal("S3", "There is no such message here.", act_id)
    dossier = dossiers.load(node, row.dossier)
    act = dossiers.stored_act(node, row)
    wanted = parts if isinstance(parts, range) else sorted(set(parts))
    if wanted:
        _require_may_show(node, dossier, act)
    statements = [
        *_charter(node, dossier, act),
        _in_log(node, act, _parts(node, act, wanted)),
        *(Shown(envelope) for envelope in _receipts(node, act)),
    ]
    parties = _parties(node, statements)
    names = [Shown(each) for party in parties for each in documents_of(node, party)[1]]
    chains = [each for party in parties for each in documents_of(node, party)[0]]
    # A node document is signed under a document of its own; what lies before it is in the chain.
    return evidence.build(act.id, chains, [*statements, *names]).to_bytes()


def _require_may_show(node: Node, dossier: Dossier, act: Act) -> None:
    """Ask the table of labels: what is for pages only does not go into a file."""
    label = Label(act.header.tlp, act.header.pap or PAP.CLEAR, frozenset({dossier.id}))
    me = Reader(node.me, Kind.PERSON, accredited=True)
    require(label, me, Egress.FILE, {dossier.id: audience_of(dossier)})


def _parts(node: Node, act: Act, wanted: Sequence[int]) -> tuple[ShownPart, ...]:
    if not wanted:
        return ()
    if sum(size for idx, size, _ in access.part_sizes(node.db, act.id) if idx in wanted) > SHOWN:
        raise Refusal("W7", f"More than {SHOWN} bytes of content do not fit; show fewer parts.")
    rows = access.parts(node.db, act.id, wanted[0], wanted[-1])
    held = {row.idx: part for row in rows if (part := held_part(node, row)) is not None}
    if not isinstance(wanted, range) and (lacking := [n for n in wanted if n not in held]):
        told = Phrase("Part {part} of the content is not held here.", part=lacking[0])
        raise Refusal("S4", told, act.id)
    leaves = [row.leaf for row in access.parts(node.db, act.id)]
    return tuple(content.show(leaves, part) for part in held.values() if part.index in wanted)


def _charter(node: Node, dossier: Dossier, act: Act) -> Iterator[Shown]:
    row = access.act(node.db, dossier.id)
    if row is not None and row.id != act.id:
        yield _in_log(node, dossiers.stored_act(node, row))


def _receipts(node: Node, act: Act) -> list[Envelope]:
    """Return receipts for the act to its author: those others gave, or the one given here."""
    author = act.header.party
    if author == node.me:
        found = proofs.receipts_with(node.db, author, act.id)
        return [dsse.parse(data, limit=statement.RECEIPT_LIMIT) for data in dict.fromkeys(found)]
    for data in proofs.receipts_to(node.db, node.me, author):
        envelope = dsse.parse(data, limit=statement.RECEIPT_LIMIT)
        if act.id in statement.read_receipt(envelope).acts:
            return [envelope]
    return []


def _in_log(node: Node, act: Act, parts: tuple[ShownPart, ...] = ()) -> Shown:
    """Return an act with what is held of the own log: the proof that it is in there, if it is and
    a checkpoint covers it, and of a closed log its path to the root at the closing.
    """
    head = act.header.head
    if head.party != node.me:
        return Shown(act.envelope, None, parts)
    end, path = _closed_at(node, head.log), None
    if end is not None and head.seq < end <= _leaves(node, head.log):
        reader = subtrees.LogReader(node.db, head.log)
        path = tuple(merkle.prove_inclusion(reader, head.seq, end))
    return Shown(act.envelope, _proof(node, head), parts, path)


def _proof(node: Node, head: Head) -> Proof | None:
    origin = checkpoint.origin(node.me, head.log)
    size = _proving_size(node, origin, head)
    cosigned = None if size is None else witnessing.cosigned(node, origin, size)
    if cosigned is None:
        return None
    tree = cosigned.checkpoint.size
    path = merkle.prove_inclusion(subtrees.LogReader(node.db, head.log), head.seq, tree)
    return Proof(head.seq, tuple(path), cosigned)


def _proving_size(node: Node, origin: str, head: Head) -> int | None:
    """Return the earliest checkpoint with enough cosignatures, else the one with the most.

    A checkpoint whose leaves are not held any more, after a restore, cannot be used.
    """
    held = _leaves(node, head.log)
    found = [each for each in proofs.proving(node.db, origin, head.seq + 1) if each[0] <= held]
    if not found:
        return None
    wanted = node.settings.quorum or len(node.settings.witnesses)
    most = max(count for _, count in found)
    return next(size for size, count in found if count >= min(wanted, most))


def _closed_at(node: Node, log: int) -> int | None:
    """Return the size at which an own log was closed, or None."""
    view = dossiers.newest(node, node.me)
    entry = None if view is None else view.logs.get(log)
    return None if entry is None or entry.closed is None else entry.closed.size


def _leaves(node: Node, log: int) -> int:
    """Return how many leaves of an own log are held."""
    return next((row.size for row in access_parties.logs(node.db) if row.log == log), 0)


def _parties(node: Node, statements: Iterable[Shown]) -> list[PartyId]:
    """Return everyone whose documents a verifier needs: authors, receivers, witnesses."""
    found = dict[PartyId, None]()
    for shown in statements:
        head = statement.read_receipt(shown.envelope).head if _is_receipt(shown) else None
        party = _author(node, shown) if head is None else head.party
        found[party] = None
        for line in () if shown.proof is None else shown.proof.checkpoint.signatures:
            if (witness := _witness(line.name)) is not None:
                found[witness] = None
    return list(found)


def _is_receipt(shown: Shown) -> bool:
    return shown.envelope.payload_type == dsse.RECEIPT


def _author(node: Node, shown: Shown) -> PartyId:
    row = access.act(node.db, shown.envelope.id)
    return node.me if row is None else PartyId(row.party)


def _witness(name: str) -> PartyId | None:
    try:
        return checkpoint.parse_witness_name(name)[0]
    except Refusal:
        return None  # The log itself, or a witness that is no party.


def verify(data: bytes, trust: Trust | None = None) -> Report:
    """Verify an evidence file, and return the report on its subject.

    Raises Refusal naming the first thing that fails.
    """
    return evidence_check.verify(evidence.parse(data), trust)
