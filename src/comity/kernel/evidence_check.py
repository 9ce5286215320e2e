"""Verifying an evidence file (DESIGN section 4, "Evidence" and "Identity of strangers").

What is proven: that the author's keys signed the act, at which place of its log, under which
documents, with which content, and who held or witnessed it when. What is not: that the act was
admitted or had effect in its dossier, which takes its ancestors; and that no newer document
closed a log, which takes newer documents. Who has some gives them in ``Trust.latest``.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, cast

from comity.kernel import act as acts
from comity.kernel import checkpoint, content, dsse, kinds, policy, statement
from comity.kernel import proof as proofs
from comity.kernel.act import Act
from comity.kernel.admission import require_within_charter
from comity.kernel.canon import MAX_INT
from comity.kernel.chain import Chain
from comity.kernel.errors import Refusal
from comity.kernel.evidence import RULE, Evidence, Shown
from comity.kernel.evidence_report import (
    Cosigned,
    Finding,
    PartSeen,
    Received,
    Report,
    Trust,
    Verdict,
)
from comity.kernel.standing import Proof, Standing, standing
from comity.kernel.statement import NodeDocument, Receipt

if TYPE_CHECKING:
    from comity.kernel.checkpoint import Cosignature
    from comity.kernel.ids import Id, PartyId
    from comity.kernel.label import Footing
    from comity.kernel.policy import Policy
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
        self.proofs: dict[Id, tuple[proofs.Proof, tuple[Cosignature, ...]]] = {}
        self.chain = Chain()
        for envelope in evidence.documents:
            self.take_document(envelope)
        self.cosigners = tuple(
            checkpoint.witness_key(view.party, number, entry.keys.witness)
            for view in self.chain.latest.values()
            for number, entry in view.logs.items()
        )
        for party in [*self.chain.latest]:
            if party in trust.latest:
                self.chain.compare(trust.latest[party])
        self.documents = {party: view.version for party, view in self.chain.latest.items()}

    def found(self, check: str, subject: str, detail: str) -> None:
        self.findings.append(Finding(check, subject, detail))

    def take_document(self, envelope: dsse.Envelope) -> None:
        if envelope.id in self.chain.views:
            raise Refusal(RULE, "A document is shown twice.", envelope.id)
        known = self.chain.take(envelope)
        if not {each.keyid for each in envelope.signatures} <= known:
            raise Refusal(RULE, "A document has a signature that proves nothing.", envelope.id)
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
        if shown.proof is not None:
            self.proofs[envelope.id] = (shown.proof, self.prove(shown.proof, envelope.id, head))
        if self.standing(envelope.id, head) is Standing.DISOWNED:
            raise Refusal("K7", "The author's documents disown the statement.", envelope.id)
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
        """Verify the parts shown; with all of them there, also the size that they sum up to."""
        commitment, size = act.header.content, 0
        if any(a.part.index >= b.part.index for a, b in pairwise(shown.parts)):
            raise Refusal(RULE, "Parts are not shown by ascending index.", act.id)
        for each in shown.parts:
            content.verify_part(commitment, each)
            digest = hashlib.sha256(each.part.data).hexdigest()
            self.parts.append(PartSeen(act.id, each.part.index, len(each.part.data), digest))
            self.found("part", act.id, f"part {each.part.index} is what the act commits to")
            size += len(each.part.data)
        if len(shown.parts) == commitment.parts and size != commitment.size:
            raise Refusal("K15", "The parts have not the size that the act says.", act.id)

    def prove(self, proof: proofs.Proof, id_: Id, head: Head) -> tuple[Cosignature, ...]:
        """Verify a proof, and every line below its checkpoint."""
        if proof.extra:
            raise Refusal(RULE, "A proof carries data that nothing covers.", id_)
        if proof.index != head.seq:
            raise Refusal("W3", f"The proof is of leaf {proof.index}, not {head.seq}.", id_)
        keys = self.chain.views[head.doc].logs[head.log].keys
        log = checkpoint.log_key(head.party, head.log, keys.checkpoint)
        cosignatures = proofs.verify(proof, bytes.fromhex(id_), log, self.cosigners)
        if len(proof.checkpoint.signatures) != 1 + len(cosignatures):
            raise Refusal(RULE, "A checkpoint has a line that nothing here verifies.", id_)
        tree = proof.checkpoint.checkpoint
        self.require_one_tree(tree.origin, tree.size, tree.root, id_)
        self.found("inclusion", id_, f"leaf {proof.index} of {tree.size}")
        return cosignatures

    def require_one_tree(self, origin: str, size: int, root: bytes, id_: Id) -> None:
        if self.trees.setdefault((origin, size), root) != root:
            raise Refusal("W6", f"The log signed two trees of {size} leaves.", id_)

    def standing(self, id_: Id, head: Head, *, counted: bool = False) -> Standing:
        """Return how far the newest documents stand behind a statement."""
        latest, rung = self.chain.latest[head.party], Proof.NONE
        entry = latest.logs.get(head.log)
        if entry is None or entry.keys != self.chain.views[head.doc].logs[head.log].keys:
            return Standing.DISOWNED
        if id_ in self.proofs:
            tree = self.proofs[id_][0].checkpoint.checkpoint
            rung = Proof.COSIGNED if counted else Proof.INCLUDED
            if entry.closed is not None:
                end = (entry.closed.size, bytes.fromhex(entry.closed.root))
                self.require_one_tree(tree.origin, *end, id_)
                rung = rung if (tree.size, tree.root) == end else Proof.NONE
        return standing(id_, head.log, head.seq, latest, rung)

    def report(self) -> Report:
        subject, rules, charter = self.acts.get(self.subject), self.rules, self.charter
        if subject is None:
            raise Refusal(RULE, "The act that the file is about is missing.", self.subject)
        members, author = frozenset(rules.members), subject.header.party
        proof, cosignatures = self.proofs.get(subject.id, (None, ()))
        cosigned, proven = self.cosigned(cosignatures, author, members), None
        if self.trust.policy is not None:
            proven = self.proven_by_policy(proof)
        elif self.trust.quorum:
            proven = self.proven_by_quorum(cosigned)
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
            standing=self.standing(subject.id, subject.header.head, counted=proven is not None),
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

    def cosigned(
        self, cosignatures: tuple[Cosignature, ...], author: PartyId, members: frozenset[PartyId]
    ) -> tuple[Cosigned, ...]:
        """Return the first cosignature of each party, in order of time.

        Nobody is counted as a witness of its own log, and no key twice: the name under which a
        key cosigns is not covered by its signature.
        """
        rules, found, seen = self.trust.policy, list[Cosigned](), set[str]()
        trusted = frozenset(key.key for key in rules.cosigners) if rules else frozenset()
        for time, name, key in sorted(
            (c.time, c.cosigner.name, c.cosigner.key) for c in cosignatures
        ):
            party, _ = checkpoint.parse_witness_name(name)
            if time > MAX_INT // 1000:
                raise Refusal("W1", "A cosignature's time is beyond every calendar.", party)
            if party not in seen:
                known = key in trusted if rules else party in self.trust.witnesses
                counted = known and party != author and key not in seen
                found.append(Cosigned(party, time * 1000, counted, party in members))
                seen |= {party, key} if counted else {party}
                self.found("cosignature", self.subject, f"by {party}")
        return tuple(found)

    def proven_by_quorum(self, cosigned: tuple[Cosigned, ...]) -> int:
        """Return the time (ms) of the witness that made the quorum full. Raises Refusal W5."""
        times, quorum = [each.time for each in cosigned if each.counted], self.trust.quorum
        if len(times) < quorum:
            reason = f"{len(times)} of the {quorum} witnesses needed have cosigned."
            raise Refusal("W5", reason, self.subject)
        return times[quorum - 1]

    def proven_by_policy(self, proof: proofs.Proof | None) -> int | None:
        """Return the time (ms) at which the policy was satisfied; None if it asks for none.

        Raises Refusal W2 (the policy does not list the log) or W5.
        """
        rules = cast("Policy", self.trust.policy)
        if proof is None:
            raise Refusal("W5", "The act is not proven to be in a log.", self.subject)
        cosignatures = proofs.verify_by_policy(proof, bytes.fromhex(self.subject), rules)
        return None if rules.quorum is None else policy.satisfied_time(rules, cosignatures) * 1000


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
