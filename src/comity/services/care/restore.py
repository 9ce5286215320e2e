"""Going on after memory was lost: ``comity restore`` (KERNEL "Restore").

A node never signs with keys whose history it is not sure of. It closes the old log at the last
checkpoint that anyone holds, keeps what it finds of its own beyond that, and goes on with the
next log, whose keys were printed when the last one began. Nothing it does looks like a fork.

Three ways to come here: the database was rolled back under the node, a backup was put into a new
folder, or nothing is left but the printed code and what others remember.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from comity.kernel import act as acts
from comity.kernel import checkpoint, documents, dsse, statement
from comity.kernel.bundle import Bundle
from comity.kernel.documents import MAX_KEPT, Closing
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.merkle import EMPTY_ROOT
from comity.services.care.recall import Recollect, Recollection
from comity.services.casework import erasure, ruled
from comity.services.casework.issue import own_view
from comity.services.delivery import ingest
from comity.services.identity.harden import awaits_root, confirm_succession, take_soft_root
from comity.services.identity.keyring import kit_code, read_kit, signers_of
from comity.services.identity.parties import (
    learn_documents,
    publish_node_document,
    save_own_document,
)
from comity.services.node import SETTINGS, Settings, make_folder, open_node
from comity.services.ports import Unreachable
from comity.store import subtrees
from comity.store.access import acts as access
from comity.store.access import checks, parties
from comity.store.anchor import Mark
from comity.store.append import outbox
from comity.store.append import parties as append
from comity.store.append import rebuild as store
from comity.store.append.log import close_log, insert_checkpoint, insert_statement, open_log
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.documents import View
    from comity.kernel.keys import Signer
    from comity.kernel.protocol import Protocol
    from comity.kernel.statement import Head
    from comity.services.identity.keyring import LogSigners
    from comity.services.node import Node
    from comity.services.ports import Ports
    from comity.store.access.parties import LogRow

VERSION_GAP = 1000
"""Node document versions left out, in case some were published after the backup."""


@dataclass(slots=True)
class Restored:
    """What a restore did.

    ``log`` is the new log and ``closing`` where the old one ended; None when an interrupted
    restore was only finished. ``kit`` is the next spare-key code. ``reached`` peers remembered
    something, ``unreachable`` ones (with the reason) can be asked again: what they hold can still
    be kept by a root document. ``found`` counts own statements that the database had lost,
    ``taken`` acts that are back in their dossiers, ``erased`` erasures applied again.
    """

    log: int
    closing: Closing | None = None
    kit: str = ""
    reached: list[PartyId] = field(default_factory=list)
    unreachable: dict[PartyId, str] = field(default_factory=dict)
    found: int = 0
    taken: int = 0
    erased: int = 0
    awaits_root: bool = True


def start_over(
    folder: Path,
    ports: Ports,
    *,
    memories: Sequence[Recollection],
    base: Settings | None = None,
    known: Mapping[tuple[str, int], Protocol] | None = None,
) -> Node:
    """Make a node for a party of which only others remember anything; ``restore`` comes next.

    Its settings are those of its last node document, with the database and the way out of
    ``base``. Raises Refusal S4 (nothing remembered) or
    S5 (the folder holds a node already).
    """
    if (folder / SETTINGS).exists():
        raise Refusal("S5", f"{folder} holds a node already. Choose another folder.")
    if len({memory.of for memory in memories}) != 1:
        raise Refusal("S4", "Recollections of exactly one party are needed.")
    me = memories[0].of
    make_folder(folder)
    settings = _settings(memories, me)
    if base is not None:
        settings = replace(settings, database=base.database, proxy=base.proxy, ca=base.ca)
    settings.write(folder)
    node = open_node(folder, ports, known=known)
    for memory in memories:
        _learn(node, memory)
    own_view(node)
    ruled.note(node)
    return node


def _settings(memories: Sequence[Recollection], me: PartyId) -> Settings:
    nodes = [statement.read_node(envelope) for memory in memories for envelope in memory.nodes]
    mine = [document for document in nodes if document.head.party == me]
    last = max(mine, key=lambda document: document.version, default=None)
    if last is None:
        return Settings(party=me, name="")
    return Settings(
        party=me,
        name=last.name,
        endpoints=last.endpoints,
        witnesses=last.witnesses,
        quorum=last.quorum,
        mailbox=last.mailbox or "",
    )


def restore(
    node: Node,
    *,
    code: str,
    hand_over: Callable[[str], None],
    recollect: Recollect | None = None,
    memories: Sequence[Recollection] = (),
    roots: Sequence[Signer] = (),
    root_code: str = "",
) -> Restored:
    """Close the newest own log and go on with the next.

    ``code`` is the spare-key code printed last. ``hand_over`` gets the next one before anything
    is signed, so that it cannot be lost. ``recollect`` asks each known peer and witness,
    ``memories`` were brought as files. With enough ``roots``, or with the soft root key of an
    evaluation node, which ``root_code`` brings back to a new machine, the new log is confirmed at
    once; else peers show "awaiting root confirmation". Raises Refusal S4 (a wrong code), K8, or
    W6 (this database is not of the log that others hold checkpoints of).
    """
    restored = _finish_interrupted(node)
    if restored is None:
        seed = read_kit(code)
        restored, gathered = _gather(node, signers_of(seed), recollect, memories)
        # Only now is it known for certain which root keys are in force; nothing is signed yet.
        if root_code:
            take_soft_root(node, root_code)
        _succeed(node, seed, hand_over, restored, gathered)
    else:
        gathered = [*memories]
        if root_code:
            take_soft_root(node, root_code)
    publish_node_document(node, gap=VERSION_GAP)
    signers = [*roots] or [key for key in [node.keys.root()] if key is not None]
    if signers:
        confirm_succession(node, roots=signers)
    restored.awaits_root = awaits_root(own_view(node))
    _take_back(node, restored, gathered)
    restored.erased = erasure.apply_again(node)
    _queue_again(node)
    return restored


def _finish_interrupted(node: Node) -> Restored | None:
    """Finish a restore that was cut off between its commit and the anchor, and say so.

    The new log is empty and the anchor still stands at the one before: nothing was ever signed
    on it, for the anchor is set before anything leaves.
    """
    rows = [row for row in parties.logs(node.db) if not row.closed]
    mark = _mark(node)
    if len(rows) != 1 or mark is None or not node.keys.has_log(rows[0].log):
        return None
    row = rows[0]
    if row.size or mark.log >= row.log or node.keys.log(row.log).public != _keys(node, row):
        return None
    node.anchor.write(Mark(row.log, 0, row.root))
    return Restored(row.log)


def _mark(node: Node) -> Mark | None:
    try:
        return node.anchor.read()
    except Refusal:
        return None


def _keys(node: Node, row: LogRow) -> object:
    entry = own_view(node).logs.get(row.log)
    return None if entry is None else entry.keys


def _gather(
    node: Node,
    signers: LogSigners,
    recollect: Recollect | None,
    memories: Sequence[Recollection],
) -> tuple[Restored, list[Recollection]]:
    """Ask everyone, and take in the documents they hold of this party."""
    restored = Restored(0)
    gathered = [memory for memory in memories if memory.of == node.me]
    for row in parties.parties(node.db):
        if recollect is None or row.id == node.me:
            continue
        peer = PartyId(row.id)
        try:
            gathered.append(recollect(node, peer, signers))
            restored.reached.append(peer)
        except (Unreachable, Refusal) as error:
            restored.unreachable[peer] = str(error)
    for memory in gathered:
        _learn(node, memory)
    view = own_view(node)
    if signers.public.hash != view.next:
        raise Refusal(
            "S4",
            "This is not the spare-key code that the newest document announces: it was used "
            "before, or belongs to another party.",
        )
    return restored, gathered


def _learn(node: Node, memory: Recollection) -> None:
    """Take in documents: this party's own are verified like anyone's."""
    for envelope in memory.documents:
        try:
            with writing(node.db):
                _learn_document(node, envelope)
        except Refusal as refusal:
            _count(node, memory.peer, refusal)
    for envelope in memory.nodes:
        try:
            with writing(node.db):
                _learn_node(node, envelope)
        except Refusal as refusal:
            _count(node, memory.peer, refusal)


def _learn_document(node: Node, envelope: dsse.Envelope) -> None:
    before = documents.predecessor(envelope)
    previous = None if before is None else node.documents.get(before)
    party = PartyId(envelope.id) if previous is None else previous.party
    if party == node.me:
        save_own_document(node, envelope)
    else:
        learn_documents(node, [envelope], [], introduced_by="")


def _learn_node(node: Node, envelope: dsse.Envelope) -> None:
    document = statement.read_node(envelope)
    head = document.head
    if head.party != node.me:
        learn_documents(node, [], [envelope], introduced_by="")
        return
    statement.verify(envelope, head, _named(node, head))
    _keep_statement(node, envelope, head, "node", "")
    append.save_node_document(node.db, node.me, document, envelope.id)


def _named(node: Node, head: Head) -> View:
    view = node.documents.get(head.doc)
    if view is None:
        raise Refusal("K6", "The statement rests on a document that is not held here.")
    return view


def _keep_statement(node: Node, envelope: dsse.Envelope, head: Head, kind: str, to: str) -> None:
    insert_statement(
        node.db,
        id_=envelope.id,
        kind=kind,
        place=(head.party, head.log, head.seq),
        to=to,
        envelope=envelope.to_bytes(),
    )


def _count(node: Node, peer: str, refusal: Refusal) -> None:
    with writing(node.db):
        append.count_refusal(
            node.db, rule=refusal.rule, peer=peer, reason=refusal.reason, now=node.now()
        )


def _succeed(
    node: Node,
    seed: bytes,
    hand_over: Callable[[str], None],
    restored: Restored,
    gathered: Sequence[Recollection],
) -> None:
    """Sign the succession, close every log before, and open the new one."""
    view = own_view(node)
    old, new = view.current_log, view.current_log + 1
    remembered = [_own(node, memory) for memory in gathered]
    closing = _closing(node, view, gathered, [item for each in remembered for item in each])
    spare = node.ports.random.bytes(32)
    restored.kit = kit_code(spare)
    hand_over(restored.kit)
    envelope = dsse.sign(
        dsse.SUCCESSION,
        documents.succession_payload(
            previous=view,
            keys=signers_of(seed).public,
            closing=closing,
            next_hash=signers_of(spare).public.hash,
            time=node.now(),
        ),
        [signers_of(seed).act],
    )
    node.keys.save_log(new, seed)
    node.keys.add_hpke(node.ports.random.bytes(32))
    with node.anchor.locked():
        if _mark(node) is None:
            # From here on a crash leaves what ``_finish_interrupted`` knows.
            node.anchor.write(Mark(old, closing.size, closing.root))
        with writing(node.db):
            save_own_document(node, envelope)
            for log in range(1, new):
                close_log(node.db, log)
            for head, item in (pair for each in remembered for pair in each):
                _keep_receipt(node, head, item, restored)
            for row in parties.parties(node.db):
                append.skip_mail(node.db, PartyId(row.id))
            mark = open_log(node.db, new)
        node.anchor.write(mark)
    restored.log, restored.closing = new, closing


def _own(node: Node, memory: Recollection) -> list[tuple[Head, dsse.Envelope]]:
    """Return the statements in a recollection that this party itself signed, verified."""
    found: list[tuple[Head, dsse.Envelope]] = []
    for envelope in memory.statements:
        try:
            head = _head(envelope)
            if head.party == node.me:
                statement.verify(envelope, head, _named(node, head))
                found.append((head, envelope))
        except Refusal as refusal:
            _count(node, memory.peer, refusal)
    return found


def _head(envelope: dsse.Envelope) -> Head:
    if envelope.payload_type == dsse.ACT:
        return acts.read(envelope).header.head
    if envelope.payload_type == dsse.RECEIPT:
        return statement.read_receipt(envelope).head
    return statement.read_node(envelope).head


def _keep_receipt(node: Node, head: Head, envelope: dsse.Envelope, restored: Restored) -> None:
    """Keep an own receipt that the database had lost; acts come back through their dossiers."""
    held = access.acts_at(node.db, node.me, head.log, head.seq)
    if envelope.id not in held:
        restored.found += 1
    if envelope.payload_type == dsse.RECEIPT:
        to = statement.read_receipt(envelope).to
        _keep_statement(node, envelope, head, "receipt", to)


def _closing(
    node: Node,
    view: View,
    gathered: Sequence[Recollection],
    remembered: Sequence[tuple[Head, dsse.Envelope]],
) -> Closing:
    """Return where the newest log ends: at the last checkpoint anyone holds, with what is kept."""
    log = view.current_log
    row = next((row for row in parties.logs(node.db) if row.log == log), None)
    size, root = _last_checkpoint(node, view, gathered, row)
    mine = {(s, i) for number, s, i in checks.act_places(node.db, node.me) if number == log}
    mine |= {(s.seq, s.id) for s in checks.statements_of(node.db, node.me) if s.log == log}
    said = {(head.seq, envelope.id) for head, envelope in remembered if head.log == log}
    first = {id_ for _, id_ in mine if access.act(node.db, id_) is not None}
    first |= {e.id for _, e in remembered if e.payload_type == dsse.ACT}
    kept: dict[int, str] = {}
    # Acts before receipts, should there be more than a closing can keep, or two in one place.
    beyond = sorted(
        (item for item in mine | said if item[0] >= size), key=lambda i: (i[1] not in first, i)
    )
    for seq, id_ in beyond:
        if len(kept) < MAX_KEPT:
            kept.setdefault(seq, id_)
    return Closing(size, root, tuple((seq, Id(kept[seq])) for seq in sorted(kept)))


def _last_checkpoint(
    node: Node, view: View, gathered: Sequence[Recollection], row: LogRow | None
) -> tuple[int, str]:
    log = view.current_log
    origin = checkpoint.origin(node.me, log)
    best: tuple[int, str] | None = None
    own = parties.newest_checkpoint(node.db, origin)
    notes = [] if own is None else [own.note]
    for text in [*notes, *(text for memory in gathered for text in memory.checkpoints)]:
        tree = _checkpoint(view, node.me, log, text)
        if tree is None:
            continue
        _require_this_log(node, row, tree)
        _keep_checkpoint(node, tree, text)
        if best is None or tree.size > best[0]:
            best = (tree.size, tree.root.hex())
    if best is not None:
        return best
    # Nobody was shown a checkpoint, so that nobody is contradicted by where the database ends.
    return (0, EMPTY_ROOT.hex()) if row is None else (row.size, row.root)


def _checkpoint(view: View, me: PartyId, log: int, text: str) -> checkpoint.Checkpoint | None:
    """Return a checkpoint of an own log, or None when it is not one."""
    try:
        signed = checkpoint.parse(text.encode())
        key = checkpoint.log_key(me, log, view.logs[log].keys.checkpoint)
        checkpoint.verify_log(signed, key)
    except Refusal:
        return None
    return signed.checkpoint


def _require_this_log(node: Node, row: LogRow | None, tree: checkpoint.Checkpoint) -> None:
    if row is None or tree.size > row.size:
        return
    if subtrees.root_at(node.db, row.log, tree.size) != tree.root:
        raise Refusal(
            "W6",
            f"Others hold a checkpoint of size {tree.size} that this database does not lead to: "
            "it is not of the same log. Restore another backup.",
            tree.origin,
        )


def _keep_checkpoint(node: Node, tree: checkpoint.Checkpoint, text: str) -> None:
    with writing(node.db):
        insert_checkpoint(
            node.db,
            origin=tree.origin,
            size=tree.size,
            root=tree.root.hex(),
            note=text,
            at=node.now(),
        )


def _take_back(node: Node, restored: Restored, gathered: Sequence[Recollection]) -> None:
    """Admit what peers gave back, as if they had sent it now.

    Own acts without their content are left to catching up, which brings both together.
    """
    before = len(checks.act_places(node.db, node.me))
    for memory in gathered:
        for each in memory.bundles:
            whole = tuple(
                item
                for item in each.acts
                if item.parts or item.leaves or item.act.header.party != node.me
            )
            if whole:
                ingest.receive(node, sender=memory.peer, what=Bundle(acts=whole))
    restored.taken = len(checks.act_places(node.db, node.me)) - before


def _queue_again(node: Node) -> None:
    """Queue again what no receipt came for, and tell every peer soon how far this node holds."""
    now = node.now()
    with writing(node.db):
        store.queue_sent_again(node.db)
        for row in parties.parties(node.db):
            if row.id != node.me:
                outbox.note_heard(node.db, PartyId(row.id), now)
    node.nudged |= {row.id for row in parties.parties(node.db) if row.id != node.me}
