"""Parties: making this one, meeting others, and keeping their documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.kernel import canon, documents, dsse, seal, statement
from comity.kernel.documents import LogEntry
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.keys import SeedSigner
from comity.services import quota
from comity.services.casework import ruled
from comity.services.casework.issue import own_view
from comity.services.identity.keyring import Keyring, kit_code, root_code, signers_of
from comity.services.node import Node, Settings, make_folder, open_node
from comity.services.proof import equivocation
from comity.store.access import parties as access
from comity.store.append import parties as append
from comity.store.append.acts import mark_stale
from comity.store.append.log import appending, insert_statement, open_log
from comity.store.append.space import give_back
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.documents import View
    from comity.kernel.protocol import Protocol
    from comity.kernel.statement import NodeDocument
    from comity.services.ports import Ports
    from comity.store.append.log import LogWriter

SELF = "self"
WIRE = (1,)
CARD_LIMIT = 4 * 1024 * 1024
"""Bytes of a card that a person brings."""


class Made(NamedTuple):
    """A node just made, and the codes of the kit to print: the one of the spare keys, which is
    shown once and kept nowhere, and the one of the soft root key.
    """

    node: Node
    kit: str
    root: str


def init(
    folder: Path,
    ports: Ports,
    *,
    name: str,
    settings: Settings | None = None,
    known: Mapping[tuple[str, int], Protocol] | None = None,
) -> Made:
    """Make a node with a new party, marked "evaluation" until its root key is kept offline.

    Raises Refusal S5 when the folder holds a node already, or other things others may look at.
    """
    if (folder / "node.json").exists():
        raise Refusal("S5", f"{folder} holds a node already. Choose another folder.")
    make_folder(folder)
    draw = ports.random.bytes
    root, log, spare = SeedSigner(draw(32)), draw(32), draw(32)
    envelope = _first_root(root, log, spare, ports.clock.now())
    party = documents.read(envelope, None).party
    base = settings or Settings(party="", name=name)
    keys = Keyring(folder / "keys")
    keys.save_root(root.seed)
    keys.save_log(1, log)
    keys.add_hpke(draw(32))
    base.with_party(party, name).write(folder)
    node = open_node(folder, ports, known=known)
    with writing(node.db):
        save_own_document(node, envelope)
        mark = open_log(node.db, 1)
    node.anchor.write(mark)
    publish_node_document(node)
    ruled.note(node)
    return Made(node, kit_code(spare), root_code(root))


def _first_root(root: SeedSigner, log: bytes, spare: bytes, now: int) -> dsse.Envelope:
    payload = documents.root_payload(
        time=now,
        grade="evaluation",
        root_keys=[root.key],
        threshold=1,
        logs={1: LogEntry(signers_of(log).public, None)},
        next_hash=signers_of(spare).public.hash,
    )
    return dsse.sign(dsse.ROOT, payload, [root])


def publish_node_document(node: Node, *, gap: int = 0) -> Id:
    """Sign the next node document from the node's settings and keys, as a leaf of the log.

    ``gap`` leaves out that many version numbers, which a node that forgot some may have used.
    """
    with appending(node.db, node.anchor) as writer:
        return publish_within(node, writer, gap=gap)


def publish_within(node: Node, writer: LogWriter, *, gap: int = 0) -> Id:
    """As ``publish_node_document``, inside an append that is already under way."""
    row = access.party(node.db, node.me)
    version = (0 if row is None else row.node_version) + 1 + gap
    document = own_node_document(node, own_head(node, writer), version)
    envelope = sign_statement(node, writer, dsse.NODE, statement.node_payload(document), "node", "")
    append.save_node_document(node.db, node.me, document, envelope.id)
    return envelope.id


def own_node_document(node: Node, head: statement.Head, version: int) -> NodeDocument:
    """Return what this node's settings, keys and protocols say, as a node document."""
    settings = node.settings
    return statement.NodeDocument(
        head=head,
        version=version,
        name=settings.name,
        endpoints=settings.endpoints,
        hpke=tuple(seal.SecretOpener(secret).key for secret in node.keys.hpke()[:1]),
        wire=WIRE,
        protocols=_versions(node),
        witnesses=tuple(sorted(PartyId(w) for w in settings.witnesses)),
        quorum=settings.quorum,
        mailbox=PartyId(settings.mailbox) if settings.mailbox else None,
        limits={},
    )


def _versions(node: Node) -> dict[str, tuple[int, ...]]:
    names = sorted({name for name, _ in node.protocols})
    return {
        name: tuple(sorted(version for n, version in node.protocols if n == name)) for name in names
    }


def own_head(node: Node, writer: LogWriter) -> statement.Head:
    """Return the head of the next own statement."""
    return statement.Head(
        node.me, own_view(node).id, writer.log, writer.seq, writer.time(node.now())
    )


def sign_statement(
    node: Node, writer: LogWriter, payload_type: str, payload: bytes, kind: str, to: str
) -> dsse.Envelope:
    """Sign a receipt or node document, keep it, and give it its leaf."""
    envelope = dsse.sign(payload_type, payload, [node.keys.log(writer.log).act])
    insert_statement(
        node.db,
        id_=envelope.id,
        kind=kind,
        place=(node.me, writer.log, writer.seq),
        to=to,
        envelope=envelope.to_bytes(),
    )
    writer.add(envelope.id)
    return envelope


def own_documents(node: Node) -> tuple[list[dsse.Envelope], list[dsse.Envelope]]:
    """Return this party's document chain and node document, for others."""
    return documents_of(node, node.me)


def documents_of(node: Node, party: str) -> tuple[list[dsse.Envelope], list[dsse.Envelope]]:
    """Return the document chain of a party, predecessors first, and its node document if held."""
    chain = [access.document(node.db, id_) for id_ in access.document_ids(node.db, party)]
    row = access.party(node.db, party)
    held = access.statement(node.db, row.node_doc) if row is not None and row.node_doc else None
    nodes = [] if held is None else [dsse.parse(held, limit=canon.DOCUMENT_LIMIT)]
    return [dsse.parse(d, limit=canon.DOCUMENT_LIMIT) for d in chain if d is not None], nodes


def learn_documents(
    node: Node,
    chain: Sequence[dsse.Envelope],
    nodes: Sequence[dsse.Envelope],
    *,
    introduced_by: str,
) -> list[PartyId]:
    """Take in documents of parties, from whoever brings them; return the parties they are of.

    Each is verified against its predecessor; known ones change nothing; a second document in one
    place freezes the party until a person decides. Raises Refusal, or Pending when a predecessor
    is missing. Call it within a write transaction.
    """
    parties = [
        _save_document(node, envelope, is_self=False, introduced_by=introduced_by)
        for envelope in chain
    ]
    for envelope in nodes:
        _save_node_document(node, envelope, met=not introduced_by)
    return parties


def save_own_document(node: Node, envelope: dsse.Envelope) -> PartyId:
    """Keep a document of this party. Call it within a write transaction. Raises Refusal."""
    return _save_document(node, envelope, is_self=True, introduced_by=SELF)


def _save_document(
    node: Node, envelope: dsse.Envelope, *, is_self: bool, introduced_by: str
) -> PartyId:
    # Asked of the database: a view read in a transaction that was rolled back may be remembered.
    if access.document(node.db, envelope.id) is not None:
        return node.documents[envelope.id].party
    before = documents.predecessor(envelope)
    previous = None if before is None else node.documents.get(before)
    if before is not None and previous is None:
        raise Refusal("K8", "The document's predecessor is not held here.", envelope.id)
    view = documents.read(envelope, previous)
    if view.party == node.me and not is_self:
        # Only this party's own commands change what its own log rests on.
        raise Refusal("K8", "A peer does not bring this party documents of its own.", envelope.id)
    data = envelope.to_bytes()
    # Parties are free to make: who brings others pays for the first document of each.
    payer = view.party if previous is not None else PartyId(introduced_by or view.party)
    if not is_self:
        quota.take_space(node, payer, len(data), met=not introduced_by)
    if not append.insert_document(node.db, view, data) and not is_self:
        give_back(node.db, [(payer, len(data))])  # It came twice at once.
    _note_newest(node, view, is_self=is_self, introduced_by=introduced_by)
    return view.party


def _note_newest(node: Node, view: View, *, is_self: bool, introduced_by: str) -> None:
    row = access.party(node.db, view.party)
    current = None if row is None else node.documents.get(Id(row.doc))
    if access.documents_at(node.db, view.party, *view.version) > 1:
        append.freeze(
            node.db,
            view.party,
            "Two documents exist in one place; compare fingerprints and accredit again.",
        )
    if current is None or current.version < view.version:
        append.save_party(
            node.db, view, is_self=is_self, introduced_by=introduced_by, now=node.now()
        )
        # Closings and keys decide what is disowned, and a later document may say less of them.
        if current is not None and current.logs != view.logs:
            mark_stale(node.db, view.party)


def _save_node_document(node: Node, envelope: dsse.Envelope, *, met: bool) -> None:
    if access.statement(node.db, envelope.id) is not None:
        return
    document = statement.read_node(envelope)
    view = node.documents.get(document.head.doc)
    if view is None:
        raise Refusal("K6", "The node document rests on a document that is not held here.")
    statement.verify(envelope, document.head, view)
    head = document.head
    if head.party == node.me:
        return
    data = envelope.to_bytes()
    quota.take_space(node, head.party, len(data), met=met)
    kept = insert_statement(
        node.db,
        id_=envelope.id,
        kind="node",
        place=(head.party, head.log, head.seq),
        to="",
        envelope=data,
    )
    if not kept:
        give_back(node.db, [(head.party, len(data))])
    equivocation.note_place(node, head.party, head.log, [head.seq])
    append.save_node_document(node.db, head.party, document, envelope.id)


def node_document(node: Node, party: str) -> NodeDocument | None:
    """Return a party's newest node document held here, or None."""
    row = access.party(node.db, party)
    held = access.statement(node.db, row.node_doc) if row is not None and row.node_doc else None
    if held is None:
        return None
    return statement.read_node(dsse.parse(held, limit=canon.DOCUMENT_LIMIT))


def accredit(node: Node, party: str) -> None:
    """Note that a person compared this party's fingerprint; lifts a freeze. Raises Refusal S3."""
    if access.party(node.db, party) is None:
        raise Refusal("S3", "This party is not known here; introduce it first.", party)
    with writing(node.db):
        append.accredit(node.db, PartyId(party), node.now())
        append.freeze(node.db, PartyId(party), "")


def host(node: Node, party: str, *, agreed: bool) -> None:
    """Agree to keep mail for an accredited party, or stop. Raises Refusal S3 or T11."""
    row = access.party(node.db, party)
    if row is None:
        raise Refusal("S3", "This party is not known here; introduce it first.", party)
    if agreed and row.accredited_at is None:
        raise Refusal("T11", "Accredit a party before hosting its mail.", party)
    with writing(node.db):
        append.set_hosted(node.db, PartyId(party), hosted=agreed)


def card(node: Node) -> bytes:
    """Return this party's documents as a file or answer by which another gets to know it."""
    return _card(*own_documents(node))


def _card(chain: list[dsse.Envelope], nodes: list[dsse.Envelope]) -> bytes:
    return orjson.dumps(
        {
            "documents": [orjson.Fragment(e.to_bytes()) for e in chain],
            "nodes": [orjson.Fragment(e.to_bytes()) for e in nodes],
        }
    )


def card_of(node: Node, party: str) -> bytes:
    """Return another party's documents as a card, as far as they are held here. Raises T9."""
    chain, nodes = documents_of(node, party)
    if not chain:
        raise Refusal("T9", "This party is not known here.", party[:64])
    return _card(chain, nodes)


def read_card(node: Node, data: bytes, *, introduced_by: str = "") -> PartyId:
    """Take in a card; return the party it is of. Known by it, a party is not accredited yet.

    Raises Refusal T10 when it is not a card, or what its documents are refused for.
    """
    try:
        value = orjson.loads(data)
        chain = [dsse.from_object(item) for item in value["documents"][:1024]]
        nodes = [dsse.from_object(item) for item in value["nodes"][:8]]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        reason = "This is not the card of a party; `comity card` writes those."
        raise Refusal("T10", reason) from error
    if not chain:
        raise Refusal("T10", "The card holds no document of a party.")
    with writing(node.db):
        found = learn_documents(node, chain, nodes, introduced_by=introduced_by)
        if len(set(found)) != 1:
            raise Refusal("T10", "The card holds documents of more than one party.")
    return found[0]
