"""What tests of the kernel and above are made of: parties from a name, acts they sign, a protocol.

Everything is deterministic: a party's keys derive from its name, salts from what they salt. A
``Dossier`` is what an author has seen, so that two replicas of one dossier make concurrent acts,
and one author speaking into both makes a fork. Any header field can be overridden to build what
must be refused::

    orvanda, tolmere = Party("orvanda"), Party("tolmere")
    docs = documents_of(orvanda, tolmere)
    dossier = open_dossier(orvanda, [tolmere])
    act = tolmere.say(dossier, "claim", {"status": "open"})     # cites what the replica holds
    dossier.admit(act, docs)
    with refused("K10"):
        dossier.admit(tolmere.say(dossier, "note", n=7), docs)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import orjson
import pytest

from comity.kernel import act as acts
from comity.kernel import checkpoint, content, documents, dsse, merkle, proof, statement
from comity.kernel.act import Act, Header
from comity.kernel.canon import Object
from comity.kernel.checkpoint import CosignedCheckpoint
from comity.kernel.documents import Closing, LogEntry, LogKeys, View
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Refusal, Void
from comity.kernel.fieldtypes import Code, Hex, Whole
from comity.kernel.fieldtypes import Party as PartyType
from comity.kernel.fold import Fact, How, State, add, latest, least, most
from comity.kernel.graph import Node, Past
from comity.kernel.ids import Id, PartyId
from comity.kernel.keys import SeedSigner
from comity.kernel.kinds import TLOG_PROOF, Charter, Growth, TimePolicy
from comity.kernel.label import TLP, Footing
from comity.kernel.note import NoteSignature
from comity.kernel.office import Office
from comity.kernel.protocol import ActKind, Caption, Duty, Field, Protocol, Refs, Summary

TIME = 1_700_000_000_000
"""The first time anyone here claims, in milliseconds since the epoch."""


def digest(text: str) -> Id:
    """Return an id that nothing has."""
    return Id(hashlib.sha256(text.encode()).hexdigest())


@cache
def signer(name: str) -> SeedSigner:
    """Return the key pair of this name."""
    return SeedSigner(hashlib.sha256(name.encode()).digest())


@contextmanager
def refused(rule: str, match: str = "") -> Iterator[None]:
    """Demand that the block raises a Refusal of ``rule``, whose reason holds ``match``."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.rule == rule, caught.value
    assert match in caught.value.reason


def documents_of(*parties: Party) -> dict[Id, View]:
    """Return every view of these parties by its document's id: what admission is given."""
    return {view.id: view for party in parties for view in party.views}


def parts_of(*texts: str) -> list[content.Part]:
    """Return a part for each text, with a salt of its own."""
    return [
        content.Part(i, hashlib.sha256(f"{i} {text}".encode()).digest(), text.encode())
        for i, text in enumerate(texts)
    ]


class Party:
    """A party with its documents, keys and logs.

    Fields: ``name``, ``id``, ``view`` (as of its newest document) and ``views`` (of all), ``root``
    (its one root key), ``mandate`` (a mandate key, listed in its root document), ``leaves`` (the
    data of every leaf, by log).
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.root, self.mandate = signer(f"{name} root"), signer(f"{name} mandate")
        payload = documents.root_payload(
            time=TIME,
            grade="evaluation",
            root_keys=[self.root.key],
            threshold=1,
            logs={1: LogEntry(self.keys(1), None)},
            next_hash=self.keys(2).hash,
            mandates=(self.mandate.key,),
        )
        self.envelopes = [dsse.sign(dsse.ROOT, payload, [self.root])]
        self.view = documents.read(self.envelopes[0], None)
        self.views = [self.view]
        self.id: PartyId = self.view.party
        self.leaves: dict[int, list[bytes]] = {1: []}

    def signer(self, purpose: str, log: int | None = None) -> SeedSigner:
        """Return the ``act``, ``checkpoint`` or ``witness`` key pair of a log, by default the
        newest.
        """
        return signer(f"{self.name} {purpose} {log or self.view.current_log}")

    def keys(self, log: int) -> LogKeys:
        """Return the public keys of a log, also of one not opened yet."""
        return LogKeys(
            *(signer(f"{self.name} {p} {log}").key for p in ("act", "checkpoint", "witness"))
        )

    def take(self, envelope: dsse.Envelope, previous: View) -> View:
        """Make the document in ``envelope`` the one in force."""
        self.view = documents.read(envelope, previous)
        self.envelopes.append(envelope)
        self.views.append(self.view)
        self.leaves.setdefault(self.view.current_log, [])
        return self.view

    def succeed(self, closing: Closing) -> View:
        """Close the newest log and open the next with the keys announced, without the root key."""
        following = self.view.current_log + 1
        payload = documents.succession_payload(
            previous=self.view,
            keys=self.keys(following),
            closing=closing,
            next_hash=self.keys(following + 1).hash,
            time=TIME,
        )
        envelope = dsse.sign(dsse.SUCCESSION, payload, [self.signer("act", following)])
        return self.take(envelope, self.view)

    def confirm(self, logs: dict[int, LogEntry] | None = None) -> View:
        """Sign the next root document: of these logs, or of what the documents say now."""
        previous = next(view for view in self.views if view.id == self.view.root)
        payload = documents.root_payload(
            time=TIME,
            grade="hardened",
            root_keys=[self.root.key],
            threshold=1,
            logs=self.view.logs if logs is None else logs,
            next_hash=self.view.next,
            previous=previous,
            mandates=(self.mandate.key,),
        )
        return self.take(dsse.sign(dsse.ROOT, payload, [self.root]), previous)

    def head(self, log: int | None = None, **fields: Any) -> statement.Head:
        """Return the head of this party's next statement."""
        log = log or self.view.current_log
        seq = len(self.leaves[log])
        head = statement.Head(self.id, self.view.id, log, seq, TIME + 1000 * seq)
        return head._replace(**fields)

    def sign_act(self, header: Header, key: SeedSigner | None = None) -> Act:
        """Sign a header with the act key of its log, or with another."""
        key = key or self.signer("act", header.log)
        return acts.read(dsse.sign(dsse.ACT, header.to_payload(), [key]))

    def say(
        self,
        dossier: Dossier | None,
        kind: str,
        body: Mapping[str, Any] | None = None,
        *,
        parts: Sequence[content.Part] = (),
        key: SeedSigner | None = None,
        **fields: Any,
    ) -> Act:
        """Sign an act that goes on from all that ``dossier`` holds.

        ``fields`` replace those of the header. Without ``seq`` it takes the log's next place.
        """
        head = self.head(fields.pop("log", None))
        prev, others = (None, []) if dossier is None else _cited(dossier, (self.id, head.log))
        header = Header(
            *head[:4],
            dossier=None if dossier is None else dossier.id,
            kind=kind,
            n=1 if prev is None else prev.header.n + 1,
            prev=None if prev is None else prev.id,
            parents=tuple(node.id for node in others),
            time=head.time if prev is None else max(head.time, prev.header.time),
            tlp=TLP.GREEN,
            pap=None,
            footing=None,
            realm=None,
            body=dict(body or {}),
            content=content.commit(
                content.DOCUMENT, parts or parts_of(f"{self.name} {head.log} {head.seq}")
            ),
            refs=(),
        )._replace(**fields)
        act = self.sign_act(header, key)
        if "seq" not in fields:
            self.leaves[header.log].append(bytes.fromhex(act.id))
        return act

    def receipt(self, to: Party, held: Iterable[Act], **head: Any) -> dsse.Envelope:
        """Sign a receipt for acts of ``to``."""
        payload = statement.receipt_payload(self.head(**head), to.id, [a.id for a in held], [])
        return dsse.sign(dsse.RECEIPT, payload, [self.signer("act")])

    def checkpoint(self, log: int | None = None) -> CosignedCheckpoint:
        """Pad the log, and sign its head."""
        log = log or self.view.current_log
        leaves = self.leaves[log]
        for _ in range(checkpoint.padding(len(leaves), 0)):
            leaves.append(hashlib.sha256(f"padding {self.name} {len(leaves)}".encode()).digest())
        root = merkle.root(merkle.leaf_hash(leaf) for leaf in leaves)
        head = checkpoint.Checkpoint(checkpoint.origin(self.id, log), len(leaves), root)
        return checkpoint.sign(head, self.signer("checkpoint", log))

    def cosign(self, cosigned: CosignedCheckpoint, seconds: int) -> NoteSignature:
        """Witness a checkpoint."""
        name = checkpoint.witness_name(self.id, self.view.current_log)
        return checkpoint.cosign(cosigned.checkpoint, name, seconds, self.signer("witness"))

    def prove(self, act: Act, cosigned: CosignedCheckpoint) -> bytes:
        """Return the tlog-proof of an own act under a checkpoint of its log."""
        leaves = [merkle.leaf_hash(leaf) for leaf in self.leaves[act.header.log]]
        path = merkle.inclusion_path(leaves[: cosigned.checkpoint.size], act.header.seq)
        return proof.Proof(act.header.seq, tuple(path), cosigned).to_bytes()


def _cited(dossier: Dossier, feed: tuple[PartyId, int]) -> tuple[Node | None, list[Node]]:
    """Return the feed's own head, if it has one, and all other heads."""
    own = dossier.graph.feed_heads().get(feed, ())
    prev = own[0] if own else None
    return prev, [node for node in dossier.graph.heads() if node is not prev]


def edited(act: Act, key: SeedSigner, **fields: Any) -> bytes:
    """Return an envelope with fields of the act's payload replaced (None: removed), signed."""
    value = orjson.loads(act.envelope.payload) | fields
    value = {name: item for name, item in value.items() if item is not None}
    payload = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return dsse.sign(dsse.ACT, payload, [key]).to_bytes()


def evidence(act: Act, data: bytes, docs: Iterable[View], standard: str = TLOG_PROOF) -> Object:
    """Return the body of an evidence act."""
    return {
        "act": act.id,
        "standard": standard,
        "proof": base64.b64encode(data).decode(),
        "docs": [*sorted({view.id for view in docs})],
    }


def charter(author: Party, others: Sequence[Party] = (), **fields: Any) -> Act:
    """Sign a charter of ``TALLY``, closed and TLP:AMBER; ``fields`` are those of ``Charter``, and
    ``header`` a dictionary of header fields.
    """
    header = {"footing": Footing.TECHNICAL} | fields.pop("header", {})
    terms: dict[str, Any] = {
        "protocol": TALLY.name,
        "version": TALLY.version,
        "members": tuple(sorted([author.id, *(party.id for party in others)])),
        "growth": Growth.CLOSED,
        "ceiling": TLP.AMBER,
        "chair": None,
        "readers": (),
        "succeeds": None,
        "time": None,
        "terms": {},
    }
    return author.say(None, "charter", Charter(**terms | fields).to_body(), **header)


def open_dossier(author: Party, others: Sequence[Party] = (), **fields: Any) -> Dossier:
    """Return a new dossier, folded by ``TALLY``; for ``fields`` see ``charter``."""
    return replica(charter(author, others, **fields), documents_of(author))


def replica(first: Act, docs: dict[Id, View], acts: Iterable[Act] = ()) -> Dossier:
    """Return a dossier opened with its charter that has admitted ``acts`` in their order."""
    dossier = Dossier(first, docs, TALLY)
    for act in acts:
        dossier.admit(act, docs)
    return dossier


def timed(witnesses: Sequence[Party], quorum: int) -> TimePolicy:
    """Return a time policy with a grace of ten minutes."""
    return TimePolicy(tuple(sorted(party.id for party in witnesses)), quorum, 600_000)


# The test protocol: a one-writer cell, a set, a bound, guards, and a version that differs.


def _require_rising(node: Node, past: Past) -> None:
    """D1: a bid is above every bid its author made before."""
    if node.header.kind == "bid":
        before = [n.header.body["amount"] for n in past.latest("bid", node.header.party)]
        if any(_amount(node) <= int(str(amount)) for amount in before):
            raise Void("D1", "The bid is not above its author's last.")


def _require_claim(node: Node, past: Past) -> None:
    """D2: a mark cites a claim that has effect."""
    if node.header.kind == "mark" and past.effective(str(node.header.body["of"]), "claim") is None:
        raise Void("D2", "The mark cites no claim.")


def _amount(node: Node) -> int:
    return int(str(node.header.body["amount"]))


def _facts(node: Node, _past: Past) -> tuple[Fact, ...]:
    body = node.header.body
    match node.header.kind:
        case "claim":
            return (latest("status", value=body["status"]),)
        case "mark":
            return (add("marked", str(body["of"])),)
        case "bid":
            return (least("lowest", value=_amount(node)), most("highest", value=_amount(node)))
        case "objection" | "count":
            return (add(node.header.kind, node.id),)
        case _:
            return ()


def _summary(state: State) -> Summary:
    words = sorted({str(entry.value) for entry in state.entries("status")})
    highest = state.bound(How.MOST, "highest")
    return Summary(
        status="conflict" if len(words) > 1 else (words or ["open"])[0],
        parties=tuple(sorted(PartyId(str(key[0])) for key in state.keys("member"))),
        duties=tuple(Duty(e.author, "mark", None, e.act) for e in state.entries("status")),
        caption=Caption("tally", {"highest": str(highest)}),
    )


_STATUSES = {"open": "Open", "held": "Held", "done": "Done"}

TELLER = Office("teller", "teller", ("count",), "hand_over", "accept")

TALLY = Protocol(
    name="test/tally",
    version=1,
    title="Tally",
    opening=ActKind("charter", "Open a tally", "Opened"),
    acts=(
        ActKind("claim", "Claim", "Claimed", (Field("status", Code(_STATUSES), "Status"),)),
        ActKind("mark", "Mark", "Marked", (Field("of", Hex(), "Claim"),)),
        ActKind("bid", "Bid", "Bid", (Field("amount", Whole(1), "Amount"),)),
        ActKind("objection", "Object", "Objected", timed=True),
        ActKind("count", "Count", "Counted", refs=Refs(("charter", "hand_over", "bid"), "By")),
        ActKind(
            "hand_over",
            "Hand over",
            "Handed over",
            (Field("to", PartyType(), "To"),),
            refs=Refs(("charter", "hand_over"), "By", most=1),
        ),
        ActKind("accept", "Accept", "Accepted", refs=Refs(("hand_over",), "What", most=1)),
    ),
    guards=(_require_rising, _require_claim),
    facts=_facts,
    summary=_summary,
    statuses=_STATUSES | {"conflict": "Two versions"},
    captions={"tally": "Highest: {highest}"},
    recordable=frozenset({"claim", "bid"}),
    offices=(TELLER,),
)

TALLY_2 = Protocol(
    name="test/tally",
    version=2,
    title="Tally",
    opening=TALLY.opening,
    acts=(*TALLY.acts, ActKind("close", "Close", "Closed")),
    guards=TALLY.guards,
    facts=_facts,
    summary=_summary,
    statuses=TALLY.statuses,
    captions=TALLY.captions,
)
"""A later version of the same protocol, with one more kind."""
