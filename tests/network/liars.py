"""Parties that lie, with real nodes and real keys: their own, and nobody else's.

A liar's node runs the real services. Its *habits* change every bundle that leaves it and every
answer it gives; its *lies* are what it does once in a while besides, over the same bad network as
everyone. Both are chosen by the seed. What it signs beside its services is recorded at its own
node no more than a liar would. ::

    net.corrupt(Liar(net, "sarivane"))
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from comity.kernel import checkpoint, documents, dsse, statement
from comity.kernel.blob import BlobRef
from comity.kernel.bundle import Bundle, Carried, FeedHeads, Heights
from comity.kernel.checkpoint import Checkpoint
from comity.kernel.content import Part
from comity.kernel.cover import CoverKind
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP
from comity.kernel.statement import Head
from comity.services.care import restore
from comity.services.casework import content, dossiers, issue
from comity.services.delivery import deliver, envelope
from comity.services.identity import parties
from comity.services.ports import Reply, Unreachable
from comity.services.proof import witnessing
from comity.store.access import acts as access
from comity.store.access import parties as access_parties
from tests.network.simulator import Forger

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.services.node import Node
    from tests.network.simulator import Network

Habit: TypeAlias = "Callable[[Liar, PartyId, Bundle], Bundle]"
Lie: TypeAlias = "Callable[[Liar], None]"
SPOILED = 0.3


@dataclass
class Liar:
    """The owner of the node ``name``; ``victims`` are whom its habits are turned against.

    ``told`` counts its lies by name. ``quiet`` ends its lies, never its habits.
    """

    net: Network
    name: str
    habits: tuple[str, ...] = ()
    lies: tuple[str, ...] = ()
    victims: frozenset[str] = frozenset()
    told: dict[str, int] = field(default_factory=dict)
    quiet: bool = False

    @property
    def node(self) -> Node:
        return self.net[self.name]

    @property
    def chance(self) -> random.Random:
        return self.net.chance

    @property
    def forger(self) -> Forger:
        return Forger(self.node)

    def alter(self, to: PartyId, what: Bundle) -> Bundle:
        """Return what is sent to a party instead of ``what``."""
        for habit in self.habits:
            what = HABITS[habit](self, to, what)
        return what

    def answer(self, path: str, reply: Reply) -> Reply:
        """Return what is answered instead of ``reply``."""
        if "spoil" not in self.habits or self.chance.random() > SPOILED:
            return reply
        if self.quiet and path == "pull":
            return reply  # Who chose this host would choose another by now.
        spoiled = [
            Reply(200, self.noise(len(reply.body))),
            Reply(200, reply.body[: len(reply.body) // 2]),
            Reply(200, reply.body * 2),
            Reply(500, b"<html>"),
            Reply(400, b'{"rule":"X9","reason":"","subject":"","retry":"never"}'),
            Reply(429, b'{"rule":"T5","reason":"no"}'),
        ]
        return self.chance.choice(spoiled)

    def round(self) -> None:
        """Tell a lie, perhaps."""
        if self.quiet or self.chance.random() < 0.3:
            return
        name = self.chance.choice(self.lies)
        self.told[name] = self.told.get(name, 0) + 1
        if name not in COSTLY or self.told[name] <= 2:
            try:
                LIES[name](self)
            except (Refusal, LookupError):
                return  # It holds nothing yet to lie about.

    def noise(self, count: int) -> bytes:
        return self.chance.randbytes(count)

    def id(self) -> Id:
        return Id(self.noise(32).hex())

    def others(self, count: int = 1) -> list[str]:
        """Return names of other nodes, in a random order."""
        return self.chance.sample([n for n in self.net.nodes if n != self.name], count)

    def dossier(self) -> Id:
        """Return one of the dossiers its node holds."""
        held = [row.id for row in access.dossiers(self.node.db)]
        return Id(self.chance.choice(sorted(held)))

    def members(self, dossier_id: Id) -> list[str]:
        """Return the names of the other members of a dossier, in a random order."""
        inside = dossiers.load(self.node, dossier_id).members.now()
        names = [n for n, node in self.net.nodes.items() if node.me in inside and n != self.name]
        return self.chance.sample(names, len(names))

    def post(self, to: str, body: bytes, path: str = "bundle") -> None:
        """Send bytes to a node, or to the host of its mail."""
        url = deliver.route(self.node, self.net[to].me)
        if url is None:
            return
        try:
            self.net.send(self.name, f"{url}{deliver.PREFIX}/{path}", body, 2**25)
        except Unreachable:
            return

    def send(self, to: str, *items: Carried, **members: Any) -> None:
        """Send a bundle, as it is."""
        what = Bundle(acts=items, **members)
        self.post(to, self.net.honestly(self.node, self.net[to].me, what))

    def carried(self, act_id: str) -> Carried:
        """Return an act with everything this node holds of its content."""
        row = access.act(self.node.db, act_id)
        if row is None:
            raise LookupError(act_id)
        return Carried(
            dossiers.stored_act(self.node, row), tuple(content.read_parts(self.node, Id(row.id)))
        )

    def act_of_another(self) -> Carried:
        """Return an act of another party that came with content."""
        rows = access.acts_of(self.node.db, self.dossier())
        return self.carried(self.chance.choice([r.id for r in rows if r.party != self.node.me]))

    def head(self, seq: int) -> Head:
        return Head(self.node.me, issue.own_view(self.node).id, 1, seq, self.node.now())

    def receipt_at(self, seq: int, to: str, ids: list[Id]) -> dsse.Envelope:
        """Return a receipt in any place of its log, for acts that may not be."""
        payload = statement.receipt_payload(self.head(seq), self.net[to].me, ids, ids)
        return dsse.sign(dsse.RECEIPT, payload, [self.node.keys.log(1).act])

    def node_document(self, seq: int) -> dsse.Envelope:
        """Return a node document in any place of its log; its version is that place."""
        document = parties.own_node_document(self.node, self.head(seq), seq)
        return dsse.sign(dsse.NODE, statement.node_payload(document), [self.node.keys.log(1).act])

    def checkpoint(self, size: int) -> str:
        """Return a checkpoint of its log that no tree leads to."""
        tree = Checkpoint(witnessing.own_origin(self.node, 1), size, self.noise(32))
        return checkpoint.sign(tree, self.node.keys.log(1).checkpoint).to_bytes().decode()

    def root(self, before: View, mine: View) -> dsse.Envelope:
        """Return a root document that follows any other, signed with the liar's own root key."""
        key = self.node.keys.root()
        assert key is not None
        payload = documents.root_payload(
            time=self.chance.randint(1, 2**40),
            grade="evaluation",
            root_keys=[key.key],
            threshold=1,
            logs=mine.logs,
            next_hash=mine.next,
            previous=before,
        )
        return dsse.sign(dsse.ROOT, payload, [key])


# Habits.


def withhold_acts(liar: Liar, to: PartyId, what: Bundle) -> Bundle:
    """Some acts do not reach some parties."""
    if to not in liar.victims:
        return what
    return replace(what, acts=tuple(i for i in what.acts if liar.chance.random() < 0.3))


def withhold_content(liar: Liar, to: PartyId, what: Bundle) -> Bundle:
    """Some parties get headers alone."""
    if to not in liar.victims:
        return what
    return replace(what, acts=tuple(Carried(item.act) for item in what.acts))


def relay_nothing(liar: Liar, _: PartyId, what: Bundle) -> Bundle:
    """Nobody gets another's acts."""
    return replace(what, acts=tuple(i for i in what.acts if i.act.header.party == liar.node.me))


def repeat(_: Liar, __: PartyId, what: Bundle) -> Bundle:
    """Everything comes twice, and the newest first."""
    return replace(what, acts=(what.acts[::-1] + what.acts)[:256])


def never_receipt(_: Liar, __: PartyId, what: Bundle) -> Bundle:
    """What came is never said to be here."""
    return replace(what, receipts=())


def overstate(liar: Liar, _: PartyId, what: Bundle) -> Bundle:
    """Acts are claimed that are never given, of every feed."""
    return replace(what, heights=tuple(raised(liar, item) for item in what.heights))


def raised(liar: Liar, item: Heights) -> Heights:
    feeds = tuple(
        FeedHeads(f.party, f.log, ((liar.chance.randint(1, 2**40), liar.id()),)) for f in item.feeds
    )
    return item._replace(feeds=feeds or (FeedHeads(liar.node.me, 1, ((9, liar.id()),)),))


def refuse(_: Liar, __: PartyId, what: Bundle) -> Bundle:
    """Whatever anyone said is refused for ever."""
    subjects = [item.act.id for item in what.acts]
    words = {"rule": "K5", "reason": "No.", "retry": "never"}
    return replace(what, refusals=tuple({**words, "subject": s} for s in subjects[:64]))


def spoil(_: Liar, __: PartyId, what: Bundle) -> Bundle:
    """Answers are spoiled, see ``Liar.answer``."""
    return what


def wrong_content(liar: Liar, _: PartyId, what: Bundle) -> Bundle:
    """Content is other than what was committed to, in every way there is."""
    return replace(what, acts=tuple(liar.chance.choice(WRONG)(liar, i) for i in what.acts))


def wrong_parts(liar: Liar, item: Carried) -> Carried:
    parts = tuple(replace(part, data=liar.noise(len(part.data))) for part in item.parts)
    return item._replace(parts=parts)


def wrong_leaves(liar: Liar, item: Carried) -> Carried:
    leaves = tuple((i, liar.noise(32)) for i in range(item.act.header.content.parts))
    return item._replace(parts=(), leaves=leaves, blobs=())


def no_leaves(_: Liar, item: Carried) -> Carried:
    return item._replace(leaves=())


def wrong_blobs(liar: Liar, item: Carried) -> Carried:
    last = item.act.header.content.parts - 1
    size = min(item.act.header.content.size + 50, 16 * 2**20)
    ref = BlobRef(liar.id(), size, liar.noise(32), 0, last, item.act.id)
    return item._replace(parts=(), leaves=(), blobs=(ref,))


def lying_sizes(liar: Liar, item: Carried) -> Carried:
    blobs = tuple(replace(ref, size=liar.chance.randint(1, 2**24)) for ref in item.blobs)
    return item._replace(blobs=blobs, parts=item.parts[:1])


WRONG = (wrong_parts, wrong_leaves, no_leaves, wrong_blobs, lying_sizes)

HABITS: dict[str, Habit] = {
    f.__name__: f
    for f in (
        withhold_acts,
        withhold_content,
        relay_nothing,
        repeat,
        never_receipt,
        overstate,
        refuse,
        spoil,
        wrong_content,
    )
}


# Lies.


def equivocate(liar: Liar) -> None:
    """Two acts in one place of a feed; some get the one, some the other."""
    dossier = liar.dossier()
    one, other = liar.forger.act(dossier), liar.forger.act(dossier, "claim", {"status": "done"})
    for to in liar.members(dossier):
        liar.send(to, liar.chance.choice([one, other]))


def tell_stories(liar: Liar) -> None:
    """Each member gets a chain of its own."""
    dossier = liar.dossier()
    for to in liar.members(dossier):
        forger = liar.forger
        chain = [forger.act(dossier, parts=[Part(0, liar.noise(32), b"for you alone")])]
        for _ in range(liar.chance.randint(0, 3)):
            chain.append(forger.after(chain[-1]))
        liar.send(to, *chain)


def tell_one(liar: Liar) -> None:
    """An act goes to one member only."""
    dossier = liar.dossier()
    liar.send(liar.members(dossier)[0], liar.forger.act(dossier, "claim", {"status": "held"}))


def reuse_a_place(liar: Liar) -> None:
    """A receipt and a node document stand where an act of the log stands."""
    log = access_parties.logs(liar.node.db)[0]
    seq = liar.chance.randrange(1, max(2, log.size))
    to = liar.others()[0]
    receipt = liar.receipt_at(seq, to, [liar.id()])
    liar.send(to, receipts=(receipt,), nodes=(liar.node_document(seq),))


def fork_checkpoints(liar: Liar) -> None:
    """Two trees of one size; nobody is shown both by the liar itself."""
    size = 16 * liar.chance.randint(1, 4)
    for to in liar.others(2):
        liar.send(to, checkpoints=(liar.checkpoint(size),))
    for to in liar.others(1):
        liar.post(to, b"old 0\n\n" + liar.checkpoint(size).encode(), "add-checkpoint")


def speak_after_leaving(liar: Liar) -> None:
    """A leave, and acts after it."""
    dossier, forger = liar.dossier(), liar.forger
    left = forger.act(dossier, "leave", {})
    for to in liar.members(dossier):
        liar.send(to, left, forger.after(left))


def change_times(liar: Liar) -> None:
    """An act before what it follows, one at the beginning of time, one in a thousand years."""
    dossier = liar.dossier()
    now = liar.node.now()
    for time in (now - 10**9, 0, now + 10**13):
        liar.send(liar.members(dossier)[0], liar.forger.act(dossier, time=time))


def claim_heights(liar: Liar) -> None:
    """Acts of anyone are said to be here, in dossiers that are and that are not."""
    dossier, to = liar.dossier(), liar.others()[0]
    feeds = tuple(
        FeedHeads(node.me, 1, ((liar.chance.randint(1, 99), liar.id()),))
        for _, node in sorted(liar.net.nodes.items())
    )
    unknown = tuple(Heights(liar.id(), feeds, liar.id()) for _ in range(40))
    liar.send(to, heights=(Heights(dossier, feeds, ""), *unknown))


def spoil_content(liar: Liar) -> None:
    """Another's act comes with a content that is not its own."""
    item = liar.act_of_another()
    for to in liar.members(item.act.dossier):
        liar.send(to, liar.chance.choice(WRONG)(liar, item))


def pass_on(liar: Liar) -> None:
    """Another's act goes to every member with all parts of it, whomever they are for."""
    item = liar.act_of_another()
    if item.act.header.tlp is TLP.RED:
        return  # Who was trusted with it may tell anyone, and the one told cannot help it.
    for to in liar.members(item.act.dossier):
        liar.send(to, item)


def wait_for_nothing(liar: Liar) -> None:
    """Many acts rest on others that there are not."""
    dossier, forger = liar.dossier(), liar.forger
    acts = [forger.act(dossier, parents=(liar.id(),)) for _ in range(80)]
    liar.send(liar.members(dossier)[0], *acts)


def flood(liar: Liar) -> None:
    """More acts than anyone has to say."""
    dossier, forger = liar.dossier(), liar.forger
    to = liar.members(dossier)[0]
    chain = [forger.act(dossier)]
    for _ in range(199):
        chain.append(forger.after(chain[-1]))
    liar.send(to, *chain)


def flood_with_twins(liar: Liar) -> None:
    """Many acts in one place."""
    dossier, to = liar.dossier(), liar.others()[0]
    liar.send(to, *(liar.forger.act(dossier, body={"amount": i}) for i in range(1, 60)))


def flood_with_documents(liar: Liar) -> None:
    """One node document, and one root document, after the other."""
    to, view = liar.others()[0], issue.own_view(liar.node)
    chain: list[dsse.Envelope] = []
    for _ in range(12):
        signed = liar.root(view, view)
        chain.append(signed)
        view = documents.read(signed, view)
    liar.send(to, documents=tuple(chain), nodes=tuple(liar.node_document(i) for i in range(9, 40)))


def flood_with_statements(liar: Liar) -> None:
    """Many receipts and checkpoints."""
    to = liar.others()[0]
    receipts = tuple(liar.receipt_at(1000 + i, to, [liar.id()]) for i in range(60))
    notes = tuple(liar.checkpoint(16 * liar.chance.randint(5, 10**6)) for _ in range(8))
    liar.send(to, receipts=receipts, checkpoints=notes)


def send_garbage(liar: Liar) -> None:
    """Bytes that are nothing, at every door."""
    to = liar.others()[0]
    me, party = liar.node, liar.net[to].me
    sealed = [
        liar.noise(300),
        b'{"v":1}',
        b'{"v":1,"acts":[{}],"heights":[7]}',
        b'{"v":99,"acts":[]}',
        b"[" * 5000,
    ]
    liar.post(to, liar.forger.frame(liar.net[to], liar.chance.choice(sealed)))
    liar.post(
        to, liar.noise(200), liar.chance.choice(["bundle", "hello", "pull", "add-checkpoint"])
    )
    liar.post(to, envelope.request(me, party, CoverKind.PULL, {"after": -1}), "pull")
    liar.post(to, envelope.request(me, party, CoverKind.PULL, {"after": 2**60}), "pull")
    liar.post(to, envelope.request(me, party, CoverKind.TILE, {"log": 1, "path": "../x"}), "tile")
    liar.post(to, envelope.request(me, party, CoverKind.HELLO, {}, liar.noise(90)), "hello")


def ask_for_blobs(liar: Liar) -> None:
    """Blobs of others, and places beyond their ends."""
    to = liar.others()[0]
    spooled = [path.name for path in sorted(liar.net[to].spool.iterdir())]
    names = [*spooled, "../node.json", liar.id()]
    args: dict[str, Any] = {"blob": liar.chance.choice(names), "offset": 2**40, "length": 2**40}
    liar.post(to, envelope.request(liar.node, liar.net[to].me, CoverKind.BLOB, args), "blob")


def use_unknown_kinds(liar: Liar) -> None:
    """A kind nobody knows, a body nobody reads, a version that is not yet."""
    dossier = liar.dossier()
    items = [liar.forger.act(dossier, "frobnicate", {"x": 1}), liar.forger.act(dossier, "bid", {})]
    for to in liar.members(dossier):
        liar.send(to, liar.chance.choice(items))
    later = orjson.loads(Bundle(acts=(liar.forger.act(dossier),)).to_bytes())
    later["acts"][0]["envelope"]["payload"] = "eyJ2Ijo5fQ=="
    liar.post(to, liar.forger.frame(liar.net[to], orjson.dumps(later)))


def forge_receipts(liar: Liar) -> None:
    """What never came is said to be here, and whole."""
    to = liar.others()[0]
    known = [row.id for row in access.acts_of(liar.node.db, liar.dossier())]
    log = access_parties.logs(liar.node.db)[0]
    receipt = liar.receipt_at(log.size, to, sorted({*map(Id, known[:100]), liar.id()}))
    liar.send(to, receipts=(receipt,))
    liar.send(liar.others()[0], receipts=(receipt,))


def close_its_log(liar: Liar) -> None:
    """The first log is closed, and goes on under the document before and the one after."""
    host, node = liar.net.hosts[liar.name], liar.node
    before = issue.own_view(node)
    if before.current_log == 1:
        # What a crash in the middle of it leaves is mended by doing it again, which no liar needs.
        host.clock_crash, host.anchor_crash = None, False
        restore.restore(node, code=host.kit, hand_over=host.keep)
    dossier = liar.dossier()
    for view in (before, issue.own_view(node)):
        item = liar.forger.act(dossier, doc=view.id)
        chain, nodes = parties.own_documents(node)
        for to in liar.members(dossier):
            liar.send(to, item, documents=tuple(chain), nodes=tuple(nodes))


def bring_false_documents(liar: Liar) -> None:
    """Documents of others, signed by the liar; and a card that is another's."""
    of, to = liar.others(2)
    victim = liar.net[of]
    false = liar.root(issue.own_view(victim), issue.own_view(liar.node))
    chain, nodes = parties.own_documents(victim)
    key = liar.node.keys.log(1).act
    resigned = tuple(dsse.sign(dsse.NODE, each.payload, [key]) for each in nodes)
    liar.send(to, documents=(false, *chain[::-1]), nodes=resigned)
    card = parties.card(victim)
    liar.post(to, envelope.request(liar.node, liar.net[to].me, CoverKind.HELLO, {}, card), "hello")


def fork_its_root(liar: Liar) -> None:
    """Two root documents in one place, each with an act that rests on it."""
    dossier, before = liar.dossier(), issue.own_view(liar.node)
    for to in liar.members(dossier):
        fork = liar.root(before, before)
        item = liar.forger.act(dossier, doc=fork.id)
        liar.send(to, item, documents=(fork,))


def replay(liar: Liar) -> None:
    """What passed through its hands before, to the same node and to another."""
    path, body = liar.chance.choice(
        [(path, body) for to, path, body in liar.net.seen if to == liar.name]
    )
    for to in liar.others(2):
        liar.post(to, body, path.rpartition("/")[2])


LIES: dict[str, Lie] = {
    f.__name__: f
    for f in (
        equivocate,
        tell_stories,
        tell_one,
        reuse_a_place,
        fork_checkpoints,
        speak_after_leaving,
        change_times,
        claim_heights,
        spoil_content,
        pass_on,
        wait_for_nothing,
        flood,
        flood_with_twins,
        flood_with_documents,
        flood_with_statements,
        send_garbage,
        ask_for_blobs,
        use_unknown_kinds,
        forge_receipts,
        close_its_log,
        bring_false_documents,
        fork_its_root,
        replay,
    )
}
COSTLY = frozenset({"flood", "flood_with_twins", "flood_with_documents", "wait_for_nothing"})
