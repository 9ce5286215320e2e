"""Verifying an evidence file (DESIGN section 4, "Evidence" and "Identity of strangers").

What is proven: that the author's keys signed the act, at which place of its log, under which
documents, with which content, and who held or witnessed it when. What is not: that the act was
admitted or had effect in its dossier, which takes its ancestors; and that no newer document
closed a log, which takes newer documents. Who has some gives them in ``Trust.latest``.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from comity.kernel import act as acts
from comity.kernel import checkpoint, content, dsse, evidence_time, kinds, statement
from comity.kernel import proof as proofs
from comity.kernel.act import Act
from comity.kernel.admission import require_within_charter
from comity.kernel.canon import MAX_INT
from comity.kernel.chain import Chain
from comity.kernel.errors import Refusal
from comity.kernel.evidence import RULE, Evidence, Shown
from comity.kernel.evidence_report import (
    Finding,
    PartSeen,
    Received,
    Report,
    Trust,
    Verdict,
)
from comity.kernel.merkle import TreeHead, leaf_hash, verify_inclusion
from comity.kernel.standing import Proof, Standing, is_disowned, standing
from comity.kernel.statement import NodeDocument, Receipt

if TYPE_CHECKING:
    from comity.kernel.checkpoint import Cosignature
    from comity.kernel.documents import LogKeys, View
    from comity.kernel.ids import Id, PartyId
    from comity.kernel.label import Footing
    from comity.kernel.statement import Head

Statement: TypeAlias = Act | Receipt | NodeDocument


def verify(evidence: Evidence, trust: Trust | None = None) -> Report:
    """Verify everything a file holds, and return the report on its subject.

    Raises Refusal naming the first thing that fails: K1 to K9, K13 to K17, W1 to W3, W5 to W7.
    """
    case = _Case(evidence, trust or Trust())
    for shown in evidence.statements:
        case.take(shown)
    return case.report()


class _Proven(NamedTuple):
    """What of a log was verified: the ``proof``, the ``trees`` it is in, the lines by witnesses."""

    proof: proofs.Proof | None
    trees: frozenset[TreeHead]
    cosignatures: tuple[Cosignature, ...]


class _Case:
    """One file while it is examined."""

    def __init__(self, evidence: Evidence, trust: Trust) -> None:
        self.trust = trust
        self.subject = evidence.subject
        self.findings: list[Finding] = []
        self.places: dict[tuple[PartyId, int, int], Id] = {}
        self.trees: dict[tuple[str, int], bytes] = {}
        self.acts: dict[Id, Act] = {}
        self.receipts: list[Receipt] = []
        self.nodes: dict[PartyId, NodeDocument] = {}
        self.parts: list[PartSeen] = []
        self.proven: dict[Id, _Proven] = {}
        self.chain = Chain()
        for envelope in evidence.documents:
            self.take_document(envelope)
        self.cosigners = tuple(
            checkpoint.witness_key(view.party, number, entry.keys.witness)
            for view in self.chain.latest.values()
            for number, entry in view.logs.items()
        )
        self.shown = dict(self.chain.latest)
        for party in self.shown:
            if party in trust.latest:
                self.chain.compare(trust.latest[party])
        self.documents = {party: view.version for party, view in self.chain.latest.items()}

    def found(self, check: str, subject: str, detail: str) -> None:
        self.findings.append(Finding(check, subject, detail))

    def take_document(self, envelope: dsse.Envelope) -> None:
        self.chain.take_bare(envelope, RULE)
        view = self.chain.views[envelope.id]
        self.found("document", envelope.id, f"version {view.version[0]}.{view.version[1]}")

    def take(self, shown: Shown) -> None:
        """Verify one statement by itself: its document, signature, place, proof and parts."""
        envelope = shown.envelope
        if len(envelope.signatures) != 1:
            raise Refusal(RULE, "A statement has signatures that prove nothing.", envelope.id)
        said = _read(envelope)
        if not self.places:
            self.open_dossier(said, envelope.id)
        head = said.header.head if isinstance(said, Act) else said.head
        view = self.chain.views.get(head.doc)
        if view is None:
            raise Refusal("K6", "The document that a statement names is missing.", envelope.id)
        if isinstance(said, Act):
            acts.verify(said, view)
        else:
            statement.verify(envelope, head, view)
        self.found("signature", envelope.id, f"by {head.party}")
        place = (head.party, head.log, head.seq)
        if place in self.places:
            raise Refusal("W6", "Two statements are at one place of a log.", envelope.id)
        self.places[place] = envelope.id
        latest = self.chain.latest[head.party]
        if is_disowned(envelope.id, head.log, head.seq, view, latest):
            raise Refusal("K7", "The author's documents disown the statement.", envelope.id)
        self.prove(shown, head)
        self.keep(said, shown)

    def keep(self, said: Statement, shown: Shown) -> None:
        if shown.parts and not isinstance(said, Act):
            raise Refusal(RULE, "Parts are shown of what has no content.", shown.envelope.id)
        if isinstance(said, Act):
            self.hold(said)
            self.show(said, shown)
        elif isinstance(said, Receipt):
            self.receive(said, shown.envelope.id)
        elif said.version > self.nodes.get(said.head.party, said._replace(version=0)).version:
            self.nodes[said.head.party] = said

    def open_dossier(self, first: Statement, id_: Id) -> None:
        if not isinstance(first, Act) or first.header.kind != acts.CHARTER:
            raise Refusal("K14", "The first statement is not the charter.", id_)
        self.charter, self.rules = first, kinds.read_charter(first.header)

    def hold(self, act: Act) -> None:
        """Hold an act against the charter of its dossier."""
        if act.dossier != self.charter.id:
            raise Refusal(RULE, "An act of another dossier is shown.", act.id)
        require_within_charter(act.header, self.rules, self.charter.header)
        self.acts[act.id] = act

    def receive(self, receipt: Receipt, id_: Id) -> None:
        """Take a receipt, which is to the author of an act shown before it."""
        shown = (self.acts[each] for each in receipt.acts if each in self.acts)
        if receipt.to not in {act.header.party for act in shown}:
            raise Refusal(RULE, "A receipt is for no act shown before it.", id_)
        self.receipts.append(receipt)
        self.found("receipt", id_, f"by {receipt.head.party}")

    def show(self, act: Act, shown: Shown) -> None:
        """Verify the parts shown and the size they sum up to: with all of them there, exactly."""
        commitment, size = act.header.content, 0
        if any(a.part.index >= b.part.index for a, b in pairwise(shown.parts)):
            raise Refusal(RULE, "Parts are not shown by ascending index.", act.id)
        for each in shown.parts:
            content.verify_part(commitment, each)
            digest = hashlib.sha256(each.part.data).hexdigest()
            self.parts.append(PartSeen(act.id, each.part.index, len(each.part.data), digest))
            self.found("part", act.id, f"part {each.part.index} is what the act commits to")
            size += len(each.part.data)
        lacking = len(shown.parts) < commitment.parts
        if size > commitment.size or (size < commitment.size and not lacking):
            raise Refusal("K15", "The parts have not the size that the act says.", act.id)

    def prove(self, shown: Shown, head: Head) -> None:
        """Verify what is shown of the log: the proof with every line in it, and the closing."""
        id_, keys = shown.envelope.id, self.chain.views[head.doc].logs[head.log].keys
        views = (self.shown[head.party], self.chain.latest[head.party])
        ends = [end for view in views if (end := _end(view, keys, head.log)) is not None]
        trees: set[TreeHead] = set()
        cosignatures: tuple[Cosignature, ...] = ()
        if shown.proof is not None:
            cosignatures = self.verify_proof(shown.proof, id_, head, keys)
            trees.add(shown.proof.checkpoint.checkpoint.head)
        if shown.closing is not None:
            end = _end(views[0], keys, head.log)
            if end is None:
                raise Refusal(RULE, "A path is shown to the closing of an open log.", id_)
            leaf = leaf_hash(bytes.fromhex(id_))
            verify_inclusion(leaf, head.seq, end.size, shown.closing, end.root)
            self.found("closing", id_, f"leaf {head.seq} of the {end.size} with which it closed")
            trees.add(end)
        for tree in (*trees, *ends):
            name = checkpoint.origin(head.party, head.log)
            if self.trees.setdefault((name, tree.size), tree.root) != tree.root:
                raise Refusal("W6", f"The log signed two trees of {tree.size} leaves.", id_)
        self.proven[id_] = _Proven(shown.proof, frozenset(trees), cosignatures)

    def verify_proof(
        self, proof: proofs.Proof, id_: Id, head: Head, keys: LogKeys
    ) -> tuple[Cosignature, ...]:
        if proof.index != head.seq:
            raise Refusal("W3", f"The proof is of leaf {proof.index}, not {head.seq}.", id_)
        log = checkpoint.log_key(head.party, head.log, keys.checkpoint)
        cosignatures = proofs.verify(proof, bytes.fromhex(id_), log, self.cosigners)
        if proof.extra:
            raise Refusal(RULE, "A proof carries data that nothing covers.", id_)
        if len(proof.checkpoint.signatures) != 1 + len(cosignatures):
            raise Refusal(RULE, "A checkpoint has a line that nothing here verifies.", id_)
        if any(each.time > MAX_INT // 1000 for each in cosignatures):
            raise Refusal("W1", "A cosignature's time is beyond every calendar.", id_)
        self.found("inclusion", id_, f"leaf {proof.index} of {proof.checkpoint.checkpoint.size}")
        return cosignatures

    def standing(self, act: Act, *, counted: bool) -> Standing:
        """Return how far the newest documents stand behind an act; nothing here is disowned."""
        head, trees, rung = act.header.head, self.proven[act.id].trees, Proof.NONE
        named, latest = self.chain.views[head.doc], self.chain.latest[head.party]
        # A verifier's own documents may close the log elsewhere than those shown.
        end = _end(latest, named.logs[head.log].keys, head.log)
        if end in trees or (end is None and trees):
            rung = Proof.COSIGNED if counted else Proof.INCLUDED
        return standing(act.id, head.log, head.seq, named=named, latest=latest, proof=rung)

    def report(self) -> Report:
        subject, rules, charter = self.acts.get(self.subject), self.rules, self.charter
        if subject is None:
            raise Refusal(RULE, "The act that the file is about is missing.", self.subject)
        members, author = frozenset(rules.members), subject.header.party
        proof, _, cosignatures = self.proven[subject.id]
        counted = evidence_time.count_trusted(cosignatures, self.trust, author)
        proven = evidence_time.proven_time(proof, counted, self.trust, subject)
        cosigned = evidence_time.by_party(cosignatures, counted, members)
        for each in cosigned:
            self.found("cosignature", subject.id, f"by {each.party}")
        received = tuple(
            Received(each.head.party, each.head.time, subject.id in each.whole)
            for each in self.receipts
            if subject.id in each.acts and each.to == author
        )
        named = {act.header.party for act in self.acts.values()} | {r.party for r in received}
        unknown = tuple(sorted(named - self.trust.known))
        return Report(
            verdict=Verdict.UNCHECKED if unknown else Verdict.VERIFIED,
            subject=subject.id,
            act=subject,
            dossier=charter.id,
            protocol=f"{rules.protocol}@{rules.version}",
            footing=subject.header.footing or cast("Footing", charter.header.footing),
            member=author in members,
            standing=self.standing(subject, counted=proven is not None),
            size=None if proof is None else proof.checkpoint.checkpoint.size,
            proven_time=proven,
            cosigned=cosigned,
            received=received,
            parts=tuple(self.parts),
            names={party: node.name for party, node in sorted(self.nodes.items())},
            documents=dict(sorted(self.documents.items())),
            unknown=unknown,
            findings=tuple(self.findings),
        )


def _end(view: View, keys: LogKeys, log: int) -> TreeHead | None:
    """Return the tree at which a view closes the log with these keys, if it does."""
    entry = view.logs.get(log)
    closed = None if entry is None or entry.keys != keys else entry.closed
    return None if closed is None else TreeHead(closed.size, bytes.fromhex(closed.root))


def _read(envelope: dsse.Envelope) -> Statement:
    match envelope.payload_type:
        case dsse.ACT:
            return acts.read(envelope)
        case dsse.RECEIPT:
            return statement.read_receipt(envelope)
        case dsse.NODE:
            return statement.read_node(envelope)
        case _:
            raise Refusal(RULE, "An envelope among the statements holds none.", envelope.id)
