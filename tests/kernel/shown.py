"""Evidence to test with: an act with its charter, proof, parts and receipt, and ways to spoil it.

``SPOILED`` is read by the tests of both verifiers: what one refuses, the other refuses too.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import orjson

from comity.kernel import checkpoint, content, documents, dsse, merkle, proof, statement
from comity.kernel.act import Act
from comity.kernel.approvals import approval_message
from comity.kernel.checkpoint import Checkpoint, CosignedCheckpoint
from comity.kernel.content import Part, ShownPart
from comity.kernel.documents import Closing, LogEntry
from comity.kernel.evidence import Evidence, Shown
from comity.kernel.evidence_report import Trust
from comity.kernel.keys import Key, SeedSigner
from comity.kernel.label import TLP, Footing
from comity.kernel.proof import Proof
from tests.kernel.world import (
    Party,
    charter,
    digest,
    documents_of,
    edited,
    parts_of,
    replica,
    signer,
)

WITNESSED = 1_700_000_100
"""When the first witness cosigns, in seconds since the epoch."""


@dataclass
class Story:
    """An act of ``author`` in a dossier with ``receiver``; both others cosign the author's log."""

    author: Party
    receiver: Party
    witness: Party
    charter: Act
    act: Act
    parts: list[Part]
    checkpoint: CosignedCheckpoint

    @property
    def documents(self) -> list[dsse.Envelope]:
        """Every document of the three."""
        parties = (self.author, self.receiver, self.witness)
        return [envelope for party in parties for envelope in party.envelopes]

    @property
    def trust(self) -> Trust:
        """Everybody known, and one witness needed."""
        known = frozenset({self.author.id, self.receiver.id})
        return Trust(known, frozenset({self.witness.id}), 1)

    @property
    def proof(self) -> Proof:
        """The proof of the act."""
        return proof.parse(self.author.prove(self.act, self.checkpoint))

    def shown_parts(self, *indices: int) -> tuple[ShownPart, ...]:
        """Return parts with their paths."""
        leaves = [part.leaf for part in self.parts]
        return tuple(content.show(leaves, self.parts[index]) for index in indices)

    def receipt(self, *whole: Act, to: Party | None = None) -> Shown:
        """Return the receiver's receipt for charter and act, of which ``whole`` in all parts."""
        held, all_of = [self.charter.id, self.act.id], [act.id for act in whole]
        recipient = (to or self.author).id
        payload = statement.receipt_payload(self.receiver.head(), recipient, held, all_of)
        return Shown(dsse.sign(dsse.RECEIPT, payload, [self.receiver.signer("act")]))

    def shown(self, **fields: Any) -> Shown:
        """Return the act with its proof and one part; ``fields`` replace them."""
        usual: dict[str, Any] = {"proof": self.proof, "parts": self.shown_parts(1)}
        return Shown(**{"envelope": self.act.envelope} | usual | fields)

    @property
    def first(self) -> Shown:
        """The charter, without proof."""
        return Shown(self.charter.envelope)

    def evidence(self, *statements: Shown) -> Evidence:
        """Return evidence of these statements, or of charter, act and receipt, as they are."""
        shown = statements or (self.first, self.shown(), self.receipt())
        return Evidence(self.act.id, tuple(self.documents), shown)

    def path(self, size: int) -> tuple[bytes, ...]:
        """Return the path of the act in a tree of the author's first log."""
        leaves = [merkle.leaf_hash(leaf) for leaf in self.author.leaves[1][:size]]
        return tuple(merkle.inclusion_path(leaves, self.act.header.seq))

    def close_later(self, size: int = 32) -> tuple[bytes, ...]:
        """Close the author's first log ``size`` leaves long; return the act's path there."""
        self.author.leaves[1] += [bytes([i]) * 32 for i in range(size - 16)]
        self.author.succeed(closing(self.author, size))
        return self.path(size)

    def cosign(self, *witnesses: Party, at: int = WITNESSED) -> CosignedCheckpoint:
        """Return the author's checkpoint with cosignatures a minute apart."""
        head = self.author.checkpoint(self.act.header.log)
        lines = [each.cosign(head, at + 60 * place) for place, each in enumerate(witnesses)]
        return head.add(lines)


def story(*, before: int = 0, log: Closing | None = None, **header: Any) -> Story:
    """Return a story whose act comes ``before`` leaves after the charter.

    ``log``: the author closes its first log like this before it speaks. ``header``: of the act.
    """
    author, receiver, witness = Party("orvanda"), Party("tolmere"), Party("lantern sea council")
    first = charter(author, [receiver])
    author.leaves[1] += [hashlib.sha256(bytes([i])).digest() for i in range(before)]
    dossier = replica(first, documents_of(author))
    if log is not None:
        author.succeed(log)
    parts = parts_of("one", "two", "three")
    act = author.say(dossier, "claim", {"status": "open"}, parts=parts, **header)
    unsigned = CosignedCheckpoint(Checkpoint("", 0, b""), ())
    told = Story(author, receiver, witness, first, act, parts, unsigned)
    told.checkpoint = told.cosign(witness, receiver)
    return told


def closing(party: Party, size: int, *kept: Act) -> Closing:
    """Return the closing of a party's first log at ``size``, with these acts kept."""
    root = merkle.root([merkle.leaf_hash(leaf) for leaf in party.leaves[1][:size]])
    return Closing(size, root.hex(), tuple((act.header.seq, act.id) for act in kept))


def resigned(act: Act, party: Party, **fields: Any) -> dsse.Envelope:
    """Return an act with other header fields, signed again by its author."""
    data = edited(act, party.signer("act", act.header.log), **fields)
    return dsse.parse(data, limit=16 * 1024)


def clipped(envelope: dsse.Envelope) -> dsse.Envelope:
    """Return an envelope whose signature has another last byte."""
    one = envelope.signatures[0]
    other = one._replace(sig=one.sig[:-1] + bytes([one.sig[-1] ^ 1]))
    return envelope._replace(signatures=(other,))


def with_lines(told: Story, *lines: Any) -> Shown:
    """Return the act shown with these signature lines below its checkpoint."""
    clean = replace(told.proof.checkpoint, signatures=tuple(lines))
    return told.shown(proof=replace(told.proof, checkpoint=clean))


Spoil: TypeAlias = "Callable[[Story], Evidence]"
SPOILED: dict[str, tuple[str, Spoil]] = {}
"""By name: the rule by which the kernel refuses, and the spoiled evidence."""


def spoils(rule: str) -> Callable[[Spoil], Spoil]:
    def register(spoil: Spoil) -> Spoil:
        SPOILED[spoil.__name__] = (rule, spoil)
        return spoil

    return register


@spoils("K5")
def a_changed_signature(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(envelope=clipped(told.act.envelope)))


@spoils("K5")
def a_signature_by_another_party(told: Story) -> Evidence:
    forged = dsse.sign(dsse.ACT, told.act.envelope.payload, [told.receiver.signer("act")])
    return told.evidence(told.first, told.shown(envelope=forged))


@spoils("W7")
def a_second_signature(told: Story) -> Evidence:
    keys = [told.author.signer("act"), told.author.mandate]
    twice = dsse.sign(dsse.ACT, told.act.envelope.payload, keys)
    return told.evidence(told.first, told.shown(envelope=twice))


@spoils("W3")
def a_proof_of_another_leaf(told: Story) -> Evidence:
    data = told.author.prove(told.charter, told.checkpoint)
    return told.evidence(told.first, told.shown(proof=proof.parse(data)))


@spoils("W3")
def a_forged_path(told: Story) -> Evidence:
    path = (hashlib.sha256(b"forged").digest(), *told.proof.path[1:])
    return told.evidence(told.first, told.shown(proof=replace(told.proof, path=path)))


@spoils("W3")
def a_path_cut_short(told: Story) -> Evidence:
    return told.evidence(
        told.first, told.shown(proof=replace(told.proof, path=told.proof.path[1:]))
    )


@spoils("W3")
def padding_in_the_place_of_the_act(told: Story) -> Evidence:
    told.author.leaves[1][told.act.header.seq] = hashlib.sha256(b"padding").digest()
    told.checkpoint = told.cosign(told.witness)
    return told.evidence(told.first, told.shown(proof=told.proof))


@spoils("W2")
def a_checkpoint_by_another_key(told: Story) -> Evidence:
    head = told.proof.checkpoint.checkpoint
    forged = checkpoint.sign(head, told.receiver.signer("checkpoint"))
    line = replace(forged.signatures[0], key_id=told.proof.checkpoint.signatures[0].key_id)
    return told.evidence(told.first, with_lines(told, line))


@spoils("W2")
def a_checkpoint_of_another_log(told: Story) -> Evidence:
    told.receiver.leaves[1] = [*told.author.leaves[1]]
    forged = replace(told.proof, checkpoint=told.receiver.checkpoint())
    return told.evidence(told.first, told.shown(proof=forged))


@spoils("W2")
def a_checkpoint_that_only_witnesses_signed(told: Story) -> Evidence:
    return told.evidence(told.first, with_lines(told, *told.proof.checkpoint.signatures[1:]))


@spoils("K5")
def a_changed_cosignature(told: Story) -> Evidence:
    own, first, *_ = told.proof.checkpoint.signatures
    blob = first.signature[:-1] + bytes([first.signature[-1] ^ 1])
    return told.evidence(told.first, with_lines(told, own, replace(first, signature=blob)))


@spoils("K5")
def a_cosignature_at_another_time(told: Story) -> Evidence:
    own, first, *_ = told.proof.checkpoint.signatures
    blob = (WITNESSED - 1).to_bytes(8, "big") + first.signature[8:]
    return told.evidence(told.first, with_lines(told, own, replace(first, signature=blob)))


@spoils("W1")
def a_cosignature_at_no_time(told: Story) -> Evidence:
    own, first, *_ = told.proof.checkpoint.signatures
    blob = bytes(8) + first.signature[8:]
    return told.evidence(told.first, with_lines(told, own, replace(first, signature=blob)))


@spoils("W1")
def a_cosignature_beyond_every_calendar(told: Story) -> Evidence:
    late = told.witness.cosign(told.checkpoint, 2**62)
    return told.evidence(told.first, with_lines(told, told.proof.checkpoint.signatures[0], late))


@spoils("W7")
def a_cosignature_by_a_stranger(told: Story) -> Evidence:
    line = Party("sarivane").cosign(told.checkpoint, WITNESSED)
    return told.evidence(told.first, with_lines(told, *told.proof.checkpoint.signatures, line))


@spoils("W7")
def data_that_no_signature_covers(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(proof=replace(told.proof, extra=b"extra")))


@spoils("W6")
def two_trees_of_one_size(told: Story) -> Evidence:
    data = told.author.prove(told.act, told.checkpoint)
    told.author.leaves[1][-1] = hashlib.sha256(b"another").digest()
    other = told.author.prove(told.charter, told.author.checkpoint())
    charter_ = replace(told.first, proof=proof.parse(other))
    return told.evidence(charter_, told.shown(proof=proof.parse(data)))


@spoils("W6")
def two_acts_in_one_place(told: Story) -> Evidence:
    other = resigned(told.act, told.author, kind="mark")
    return told.evidence(told.first, told.shown(), Shown(other))


@spoils("W6")
def an_act_shown_twice(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(), told.shown())


@spoils("K6")
def a_missing_document(told: Story) -> Evidence:
    missing = tuple(e for e in told.documents if e not in told.receiver.envelopes)
    return replace(
        told.evidence(
            told.first, with_lines(told, *told.proof.checkpoint.signatures[:2]), told.receipt()
        ),
        documents=missing,
    )


@spoils("K8")
def a_chain_without_its_beginning(told: Story) -> Evidence:
    told.receiver.confirm()
    first = told.receiver.envelopes[0]
    return replace(told.evidence(), documents=tuple(e for e in told.documents if e is not first))


@spoils("K8")
def a_version_left_out(told: Story) -> Evidence:
    told.author.confirm()
    second = told.author.envelopes[1]
    told.author.confirm()
    return replace(told.evidence(), documents=tuple(e for e in told.documents if e is not second))


@spoils("K8")
def a_fork_of_documents(told: Story) -> Evidence:
    told.author.confirm()
    view = told.author.views[0]
    payload = documents.root_payload(
        time=7,
        grade="hardened",
        root_keys=[told.author.root.key],
        threshold=1,
        logs=view.logs,
        next_hash=view.next,
        previous=view,
    )
    fork = dsse.sign(dsse.ROOT, payload, [told.author.root])
    return replace(told.evidence(), documents=(*told.documents, fork))


@spoils("K8")
def a_document_that_rewrites_a_log(told: Story) -> Evidence:
    view = told.author.view
    payload = documents.root_payload(
        time=7,
        grade="hardened",
        root_keys=[told.author.root.key],
        threshold=1,
        logs={1: LogEntry(told.author.keys(9), None)},
        next_hash=view.next,
        previous=view,
    )
    rewriting = dsse.sign(dsse.ROOT, payload, [told.author.root])
    return replace(told.evidence(), documents=(*told.documents, rewriting))


@spoils("K8")
def a_succession_with_other_keys(told: Story) -> Evidence:
    payload = documents.succession_payload(
        previous=told.author.view,
        keys=told.author.keys(3),
        closing=closing(told.author, 2),
        next_hash=digest("next"),
        time=7,
    )
    stolen = dsse.sign(dsse.SUCCESSION, payload, [told.author.signer("act", 3)])
    return replace(told.evidence(), documents=(*told.documents, stolen))


@spoils("K5")
def a_root_document_signed_by_new_keys_alone(told: Story) -> Evidence:
    view, thief = told.author.view, signer("thief")
    payload = documents.root_payload(
        time=7,
        grade="hardened",
        root_keys=[thief.key],
        threshold=1,
        logs=view.logs,
        next_hash=view.next,
        previous=view,
    )
    forged = dsse.sign(dsse.ROOT, payload, [thief])
    return replace(told.evidence(), documents=(*told.documents, forged))


@spoils("W7")
def a_document_with_an_idle_signature(told: Story) -> Evidence:
    first, *others = told.documents
    signed = dsse.sign(dsse.ROOT, first.payload, [told.author.root, signer("stranger")])
    return replace(told.evidence(), documents=(signed, *others))


@spoils("W7")
def a_document_with_a_signature_twice(told: Story) -> Evidence:
    first, *others = told.documents
    twice = first._replace(signatures=first.signatures * 2)
    return replace(told.evidence(), documents=(twice, *others))


@spoils("W7")
def a_document_shown_twice(told: Story) -> Evidence:
    return replace(told.evidence(), documents=(*told.documents, told.documents[0]))


@spoils("K6")
def a_statement_among_the_documents(told: Story) -> Evidence:
    return replace(told.evidence(), documents=(*told.documents, told.act.envelope))


@spoils("W7")
def a_document_among_the_statements(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(), Shown(told.documents[0]))


@spoils("K7")
def a_disowned_act(told: Story) -> Evidence:
    told.author.succeed(closing(told.author, told.act.header.seq))
    return told.evidence()


@spoils("K7")
def an_act_that_names_a_document_in_which_its_log_is_closed(told: Story) -> Evidence:
    told.author.succeed(closing(told.author, told.act.header.seq))
    other = resigned(told.act, told.author, doc=told.author.view.id)
    return replace(told.evidence(told.first, Shown(other)), subject=other.id)


@spoils("K7")
def an_act_of_a_log_whose_keys_the_root_replaced(told: Story) -> Evidence:
    told.author.succeed(closing(told.author, 2))
    parts = parts_of("four")
    late = told.author.say(
        replica(told.charter, documents_of(told.author)), "claim", {"status": "held"}, parts=parts
    )
    told.author.confirm({1: told.author.views[0].logs[1], 2: LogEntry(told.author.keys(9), None)})
    return replace(told.evidence(told.first, Shown(late.envelope)), subject=late.id)


@spoils("W3")
def a_forged_path_to_the_closing(told: Story) -> Evidence:
    first, *others = told.close_later()
    path = (hashlib.sha256(first).digest(), *others)
    return told.evidence(told.first, told.shown(closing=path))


@spoils("W3")
def a_path_to_the_closing_that_is_too_long(told: Story) -> Evidence:
    path = told.close_later()
    return told.evidence(told.first, told.shown(closing=(*path, bytes(32))))


@spoils("W3")
def a_path_to_the_closing_that_is_too_short(told: Story) -> Evidence:
    path = told.close_later(48)
    return told.evidence(told.first, told.shown(closing=path[1:]))


@spoils("W3")
def a_path_to_the_closing_of_a_log_that_forgot_the_act(told: Story) -> Evidence:
    told.author.leaves[1][told.act.header.seq] = hashlib.sha256(b"another").digest()
    path = told.close_later()
    return told.evidence(told.first, told.shown(closing=path))


@spoils("W3")
def a_path_to_the_closing_of_an_act_beyond_it(told: Story) -> Evidence:
    told.author.succeed(closing(told.author, 1, told.act))
    return told.evidence(told.first, told.shown(closing=()))


@spoils("K15")
def parts_larger_together_than_the_content(told: Story) -> Evidence:
    commitment = told.act.header.content.to_object() | {"size": 5}
    other = resigned(told.act, told.author, content=commitment)
    shown = Shown(other, parts=told.shown_parts(0, 1))
    return replace(told.evidence(told.first, shown), subject=other.id)


@spoils("W7")
def a_path_to_no_closing(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(closing=told.path(16)))


@spoils("K13")
def a_raised_footing(told: Story) -> Evidence:
    raised = resigned(told.act, told.author, footing=Footing.FORMAL.value)
    return replace(told.evidence(told.first, Shown(raised)), subject=raised.id)


@spoils("K13")
def a_label_above_the_ceiling(told: Story) -> Evidence:
    above = resigned(told.act, told.author, tlp=TLP.RED.value)
    return replace(told.evidence(told.first, Shown(above)), subject=above.id)


@spoils("K13")
def an_exercise_in_a_live_dossier(told: Story) -> Evidence:
    other = resigned(told.act, told.author, realm="drill")
    return replace(told.evidence(told.first, Shown(other)), subject=other.id)


@spoils("K14")
def no_charter(told: Story) -> Evidence:
    return told.evidence(told.shown())


@spoils("K14")
def a_receipt_before_the_charter(told: Story) -> Evidence:
    return told.evidence(told.receipt(), told.first, told.shown())


@spoils("W7")
def an_act_of_another_dossier(told: Story) -> Evidence:
    other = charter(told.receiver, [told.author])
    act = told.author.say(replica(other, documents_of(told.receiver)), "note")
    return told.evidence(told.first, told.shown(), Shown(act.envelope))


@spoils("W7")
def no_subject(told: Story) -> Evidence:
    return told.evidence(told.first)


@spoils("W7")
def a_receipt_for_nothing_shown(told: Story) -> Evidence:
    payload = statement.receipt_payload(told.receiver.head(), told.author.id, [digest("other")], [])
    receipt = dsse.sign(dsse.RECEIPT, payload, [told.receiver.signer("act")])
    return told.evidence(told.first, told.shown(), Shown(receipt))


@spoils("W7")
def a_receipt_to_another_party(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(), told.receipt(to=told.witness))


@spoils("K5")
def a_forged_receipt(told: Story) -> Evidence:
    receipt = told.receipt()
    forged = dsse.sign(dsse.RECEIPT, receipt.envelope.payload, [told.author.signer("act")])
    return told.evidence(told.first, told.shown(), Shown(forged))


@spoils("K15")
def a_part_with_other_words(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(parts=changed(told, data=b"too")))


@spoils("K15")
def a_part_with_another_salt(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(parts=changed(told, salt=bytes(32))))


@spoils("K15")
def a_part_in_the_place_of_another(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(parts=changed(told, index=0)))


@spoils("W7")
def parts_out_of_order(told: Story) -> Evidence:
    return told.evidence(told.first, told.shown(parts=told.shown_parts(2, 1)))


@spoils("K15")
def all_parts_and_another_size(told: Story) -> Evidence:
    commitment = {**told.act.header.content.to_object(), "size": 99}
    act = resigned(told.act, told.author, content=commitment)
    shown = Shown(act, None, told.shown_parts(0, 1, 2))
    return replace(told.evidence(told.first, shown), subject=act.id)


@spoils("W7")
def parts_of_a_receipt(told: Story) -> Evidence:
    receipt = replace(told.receipt(), parts=told.shown_parts(1))
    return told.evidence(told.first, told.shown(), receipt)


@spoils("K14")
def a_node_document_before_the_charter(told: Story) -> Evidence:
    return told.evidence(node_document(told.author), told.first, told.shown())


@spoils("K14")
def a_charter_with_an_unknown_field(told: Story) -> Evidence:
    body = {**told.charter.header.body, "more": 1}
    other = resigned(told.charter, told.author, body=body)
    return replace(told.evidence(Shown(other)), subject=other.id)


@spoils("K14")
def a_charter_that_lacks_a_field(told: Story) -> Evidence:
    body = {k: v for k, v in told.charter.header.body.items() if k != "growth"}
    other = resigned(told.charter, told.author, body=body)
    return replace(told.evidence(Shown(other)), subject=other.id)


@spoils("K16")
def a_forged_approval(told: Story) -> Evidence:
    return approved(told, told.receiver.mandate, key=told.author.mandate.key)


@spoils("K16")
def an_approval_by_no_mandate(told: Story) -> Evidence:
    return approved(told, told.receiver.mandate)


@spoils("K16")
def an_approval_of_another_act(told: Story) -> Evidence:
    return approved(told, told.author.mandate, kind="mark")


@spoils("K16")
def an_approval_of_other_content(told: Story) -> Evidence:
    content_ = {**told.act.header.content.to_object(), "parts": 2}
    return approved(told, told.author.mandate, content=content_)


@spoils("K16")
def an_approval_twice(told: Story) -> Evidence:
    return approved(told, told.author.mandate, times=2)


@spoils("K16")
def approvals_that_are_none(told: Story) -> Evidence:
    return approved(told, told.author.mandate, times=0)


def approved(
    told: Story, mandate: SeedSigner, *, key: Key | None = None, times: int = 1, **said: Any
) -> Evidence:
    """Return evidence of the act with an approval; ``said`` is what it approved instead."""
    header = told.act.header
    message = approval_message({**header.to_object(), **said})
    line = {"key": key or mandate.key, "sig": base64.b64encode(mandate.sign(message)).decode()}
    body = {**header.body, "approvals": [line] * times}
    act = resigned(told.act, told.author, body=body)
    return replace(told.evidence(told.first, Shown(act)), subject=act.id)


def node_document(party: Party, name: str = "Orvanda", version: int = 1) -> Shown:
    """Return a node document of a party."""
    payload = statement.node_payload(
        statement.NodeDocument(
            head=party.head(seq=100 + version),
            version=version,
            name=name,
            endpoints=(),
            hpke=("x25519:" + "09" + "00" * 31,),
            wire=(1,),
            protocols={"test/tally": (1,)},
            witnesses=(),
            quorum=0,
            mailbox=None,
            limits={},
        )
    )
    return Shown(dsse.sign(dsse.NODE, payload, [party.signer("act")]))


# Fields that are not there, and fields that nobody knows.


def of_another_form(kind: str, edit: Callable[[Any], None]) -> Spoil:
    """Return what spoils one payload of evidence and signs it again with the right keys."""

    def spoil(told: Story) -> Evidence:
        act_key, author = told.author.signer("act"), told.author
        node = node_document(told.author)
        told.close_later(112)
        given = {
            "act": (told.act.envelope, act_key),
            "receipt": (told.receipt().envelope, told.receiver.signer("act")),
            "node": (node.envelope, act_key),
            "root": (told.witness.envelopes[0], told.witness.root),
            "succession": (author.envelopes[1], author.signer("act", 2)),
        }
        shown = {name: envelope for name, (envelope, _) in given.items()}
        old, key = given[kind]
        value = orjson.loads(old.payload)
        edit(value)
        new = dsse.sign(old.payload_type, orjson.dumps(value, option=orjson.OPT_SORT_KEYS), [key])
        shown[kind] = new
        documents_ = [new if each == old else each for each in told.documents]
        statements = [told.first, *(Shown(shown[each]) for each in ("act", "receipt", "node"))]
        subject = new.id if kind == "act" else told.act.id
        return Evidence(subject, tuple(documents_), tuple(statements))

    return spoil


def _add(*path: str | int) -> Callable[[Any], None]:
    def edit(value: Any) -> None:
        for step in path:
            value = value[step]
        value["unknown"] = 1

    return edit


def _remove(*path: str | int) -> Callable[[Any], None]:
    def edit(value: Any) -> None:
        for step in path[:-1]:
            value = value[step]
        del value[path[-1]]

    return edit


_PLACES: dict[str, list[tuple[str | int, ...]]] = {
    "act": [(), ("content",)],
    "receipt": [()],
    "node": [(), ("hpke", 0), ("protocols", 0)],
    "root": [(), ("roots",), ("logs", 0)],
    "succession": [(), ("keys",), ("closes",)],
}
_HEAD = "party doc log seq time".split()  # noqa: SIM905
_FIELDS = {
    "act": [*_HEAD, "kind", "n", "parents", "tlp", "body", "content", "refs"],
    "receipt": [*_HEAD, "to", "acts", "whole"],
    "node": [*_HEAD, "version", "name", "endpoints", "hpke", "wire", "protocols", "limits"],
    "root": ["version", "time", "grade", "roots", "logs", "next"],
    "succession": ["party", "root", "log", "keys", "closes", "next", "time"],
}
UNKNOWN = {
    f"{kind} {'/'.join(map(str, path))}": of_another_form(kind, _add(*path))
    for kind, paths in _PLACES.items()
    for path in paths
}
"""By name: evidence in which one object has a field more than it should, well signed."""
LACKING = {
    f"{kind} {name}": of_another_form(kind, _remove(name))
    for kind, names in _FIELDS.items()
    for name in names
} | {
    "act content/size": of_another_form("act", _remove("content", "size")),
    "root logs/witness": of_another_form("root", _remove("logs", 0, "witness")),
    "succession closes/kept": of_another_form("succession", _remove("closes", "kept")),
    "node hpke/suite": of_another_form("node", _remove("hpke", 0, "suite")),
}
"""By name: evidence in which one object lacks a field, well signed."""


def changed(told: Story, **fields: Any) -> Sequence[ShownPart]:
    """Return the part shown with other fields and the same path."""
    shown = told.shown_parts(1)[0]
    return (replace(shown, part=replace(shown.part, **fields)),)
