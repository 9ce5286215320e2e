"""What is counted of a party is what is kept because of it, whatever comes and goes."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from comity.kernel import blob
from comity.kernel.blob import TAG_SIZE, BlobRef
from comity.kernel.bundle import Bundle, Carried
from comity.kernel.content import Part
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.services.care.rebuild import rebuild
from comity.services.casework import erasure
from comity.services.delivery import arrival, blobs, carry, ingest
from comity.services.identity.parties import accredit
from comity.services.node import Node
from comity.services.proof import witnessing
from comity.store.access import acts as access
from comity.store.access import blobs as access_blobs
from comity.store.access import parties as access_parties
from comity.store.access import space
from comity.store.append import acts as append
from comity.store.append import parties
from comity.store.sql import query, writing
from tests.kernel.world import digest
from tests.nodes import Nodes, introduce, open_tally, pass_on, say

STEPS = 60


def claim(node: Node, dossier: str, files: dict[str, bytes]) -> Id:
    return say(node, dossier, "claim", {"status": "held"}, files=files)


def kept(node: Node) -> dict[str, int]:
    """Return the bytes kept of acts, content, mail and waiting acts, by whom they count against;
    counted one by one, of parts by the bytes that are there.
    """
    found: Counter[str] = Counter()
    for author, header in query(node.db, "SELECT party, header FROM store_act"):
        found[author] += len(header)
    parts = query(
        node.db,
        "SELECT a.party, p.via, p.path, p.data FROM store_part p JOIN store_act a ON a.id = p.act",
    )
    for author, via, path, data in parts:
        found[via or author] += (node.parts / path).stat().st_size if path else len(data or b"")
    for table, who in (("inblob", "via"), ("pending", "via"), ("mail", "sender")):
        where = "WHERE NOT done" if table == "inblob" else ""
        for party, size in query(node.db, f"SELECT {who}, size FROM store_{table} {where}"):
            found[party] += size
    documents = (
        "SELECT party, envelope FROM store_{} UNION ALL SELECT party, envelope FROM store_{}"
    )
    for party, data in query(node.db, documents.format("document", "statement")):
        found[party] += len(data)
    del found[node.me]
    accredited = query(node.db, "SELECT id FROM store_party WHERE accredited_at IS NOT NULL")
    found[space.STRANGERS] = found.total() - sum(found[party] for (party,) in accredited)
    return {party: size for party, size in found.items() if size}


@dataclass
class Story:
    """Tolmere takes in, erases and forgets what Orvanda says and Council passes on, or invents."""

    nodes: Nodes
    seed: int
    acts: list[Id] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        names = ("orvanda", "tolmere", "council")
        self.orvanda, self.tolmere, self.council = (self.nodes.make(name) for name in names)
        introduce(self.orvanda, self.tolmere, self.council, accredited=False)
        for node in (self.orvanda, self.council):
            for other in (self.orvanda, self.tolmere, self.council):
                accredit(node, other.me)
        self.dossier = open_tally(self.orvanda, self.tolmere, self.council)

    def step(self) -> None:
        """Do one thing, chosen by chance."""
        steps = [self.say, self.bring, self.bring, self.fetch, self.fetch, self.lie, self.erase]
        steps += [self.forget, self.wait, self.expire, self.mail, self.pull]
        self.chance.choice(steps)()

    def say(self) -> None:
        sizes = self.chance.choice([(10,), (10, 70_000), (90_000, 90_000, 5)])
        files = {f"f{n}": self.chance.randbytes(size) for n, size in enumerate(sizes)}
        self.acts.append(claim(self.orvanda, self.dossier, files))
        pass_on(self.orvanda, self.council)
        self.take_all(self.council, self.acts[-1])

    def take_all(self, node: Node, act: Id | None = None) -> None:
        """Let a node fetch what its peers have, or half of it come wrong."""
        for row in access_blobs.in_blobs(node.db, now=node.now()):
            source = self.council if row.via == self.council.me else self.orvanda
            there = source.spool / row.hash
            if act in {None, row.act} and there.exists():
                (node.spool / row.name).write_bytes(there.read_bytes())
                blobs.fetch(node, row)

    def item(self, *, via: Node) -> Carried | None:
        held = [row.id for row in access.acts_of(via.db, self.dossier)]
        return carry.carry(via, self.chance.choice(held), self.tolmere.me) if held else None

    def bring(self) -> None:
        via = self.chance.choice([self.orvanda, self.council])
        item = self.item(via=via)
        if item is not None:
            if self.chance.random() < 0.5:
                relay(via, self.tolmere, item.act.id)
            elif self.chance.random() < 0.5:
                item = item._replace(parts=(), leaves=(), blobs=())
            ingest.receive(self.tolmere, sender=via.me, what=Bundle(acts=(item,)))

    def lie(self) -> None:
        """Announce or bring other content than the author committed to."""
        item = self.item(via=self.orvanda)
        if item is None:
            return
        content = item.act.header.content
        last, size = content.parts - 1, content.size + TAG_SIZE
        ref = BlobRef(Id(digest(str(self.chance.random()))), size, bytes(32), 0, last, item.act.id)
        wrong = Part(0, bytes(32), b"invented"[: content.size])
        item = self.chance.choice(
            [item._replace(parts=(), leaves=(), blobs=(ref,)), item._replace(parts=(wrong,))]
        )
        via = self.chance.choice([self.orvanda, self.council])
        ingest.receive(self.tolmere, sender=via.me, what=Bundle(acts=(item,)))

    def fetch(self) -> None:
        rows = access_blobs.in_blobs(self.tolmere.db, now=self.tolmere.now())
        if rows and self.chance.random() < 0.2:
            (self.tolmere.spool / rows[0].name).write_bytes(bytes(rows[0].size))
            blobs.fetch(self.tolmere, rows[0])
        self.take_all(
            self.tolmere, None if self.chance.random() < 0.5 or not rows else Id(rows[0].act)
        )

    def _held(self) -> list[Id]:
        return [Id(row.id) for row in access.acts_of(self.tolmere.db, self.dossier)]

    def erase(self) -> None:
        if held := self._held():
            parts = self.chance.choice([(), (0,), (1, 2)])
            erasure.erase(self.tolmere, self.chance.choice(held), reason="law", parts=parts)

    def forget(self) -> None:
        if held := self._held():
            act = self.chance.choice(held)
            with writing(self.tolmere.db):
                arrival.forget_content(self.tolmere, act)
            query(self.tolmere.db, "UPDATE store_act SET whole = NOT whole WHERE id = %s", (act,))

    def wait(self) -> None:
        """Bring the newest act before those it rests on."""
        item = carry.carry(self.orvanda, self.acts[-1], self.tolmere.me) if self.acts else None
        if item is not None:
            ingest.receive(self.tolmere, sender=self.council.me, what=Bundle(acts=(item,)))

    def expire(self) -> None:
        with writing(self.tolmere.db):
            append.expire_pending(self.tolmere.db, self.tolmere.now() + 1, self.tolmere.me)

    def mail(self) -> None:
        with writing(self.tolmere.db):
            parties.insert_mail(
                self.tolmere.db,
                recipient=self.council.me,
                sender=self.orvanda.me,
                hash_=digest(str(self.chance.randrange(9))),
                cover=b"",
                sealed=self.chance.randbytes(700),
                now=self.tolmere.now(),
            )

    def pull(self) -> None:
        with writing(self.tolmere.db):
            if self.chance.random() < 0.5:
                parties.delete_mail(self.tolmere.db, self.council.me, self.chance.randrange(9))
            else:
                parties.expire_mail(
                    self.tolmere.db, self.tolmere.now() + self.chance.choice([0, 1])
                )


@pytest.mark.parametrize("seed", range(6))
def test_what_is_counted_is_what_is_kept(tmp_path: Path, seed: int) -> None:
    with Nodes(tmp_path) as nodes:
        story = Story(nodes, seed)
        for number in range(STEPS):
            story.step()
            if number == STEPS // 2:
                accredit(story.tolmere, story.orvanda.me)
            assert space.counted(story.tolmere.db) == kept(story.tolmere)
            assert space.stored(story.tolmere.db) == kept(story.tolmere)


def three(nodes: Nodes, **settings: int) -> tuple[Node, Node, Node, Id]:
    """Return an author, a holder, a relay, and an act with a large file, which the relay holds."""
    orvanda, council = nodes.make("orvanda"), nodes.make("council")
    tolmere = nodes.make("tolmere", **settings)
    introduce(orvanda, tolmere, council)
    dossier = open_tally(orvanda, tolmere, council)
    pass_on(orvanda, council)
    act = claim(orvanda, dossier, {"f": bytes(90_000)})
    pass_on(orvanda, council)
    (row,) = access_blobs.in_blobs(council.db, act=act)
    (council.spool / row.name).write_bytes((orvanda.spool / row.hash).read_bytes())
    assert blobs.fetch(council, row)
    return orvanda, tolmere, council, act


def relay(council: Node, tolmere: Node, act: Id, **members: object) -> list[Refusal]:
    """Let a relay bring an act and all it rests on; return what was refused."""
    row = access.act(council.db, act)
    assert row is not None
    items = [
        carry.carry(council, row.id, tolmere.me) for row in access.acts_of(council.db, row.dossier)
    ]
    found = tuple(
        item._replace(**members) if item.act.id == act else item  # type: ignore[arg-type]
        for item in items
        if item is not None
    )
    return ingest.receive(tolmere, sender=council.me, what=Bundle(acts=found)).refusals


def used(node: Node, *others: Node) -> list[int]:
    return [space.bytes_from(node.db, other.me) for other in others]


def test_what_a_relay_announces_counts_against_its_author_once_it_is_compared(
    nodes: Nodes,
) -> None:
    orvanda, tolmere, council, act = three(nodes)
    before = used(tolmere, council)
    assert relay(council, tolmere, act) == []
    assert used(tolmere, council)[0] > before[0] + 90_000
    assert used(tolmere, orvanda)[0] < 90_000
    (row,) = access_blobs.in_blobs(tolmere.db, act=act)
    (tolmere.spool / row.name).write_bytes((council.spool / row.hash).read_bytes())
    assert blobs.fetch(tolmere, row)
    assert used(tolmere, council) == before
    assert used(tolmere, orvanda)[0] > 90_000
    erasure.erase(tolmere, act, reason="law")
    assert used(tolmere, orvanda)[0] < 90_000


def test_what_a_relay_invents_never_counts_against_the_author(nodes: Nodes) -> None:
    orvanda, tolmere, council, act = three(nodes)
    before = used(tolmere, council)
    first, second = Part(0, bytes(32), bytes(50)), Part(1, bytes(32), bytes(90_000))
    invented, ciphertext = blob.encrypt(bytes(32), [second], act)
    assert relay(council, tolmere, act, parts=(first,), blobs=(invented,)) == []
    author = used(tolmere, orvanda)
    (row,) = access_blobs.in_blobs(tolmere.db, act=act)
    (tolmere.spool / row.name).write_bytes(ciphertext)
    assert blobs.fetch(tolmere, row)
    # It did not match, and is gone.
    assert (used(tolmere, council), used(tolmere, orvanda)) == (before, author)
    assert access.part_sizes(tolmere.db, act) == []


def test_an_author_whose_share_is_used_up_is_not_helped_by_relays(nodes: Nodes) -> None:
    orvanda, tolmere, council, act = three(nodes, disk=80_000)
    (refusal,) = relay(council, tolmere, act)
    assert (refusal.rule, refusal.subject) == ("T5", act)
    tolmere.settings = replace(tolmere.settings, disk=150_000)
    assert relay(council, tolmere, act) == []
    # What others announce for other acts of its counts before it has come.
    row = access.act(orvanda.db, act)
    assert row is not None
    second = claim(orvanda, row.dossier, {"f": bytes(90_000)})
    packed = carry.carry(orvanda, second, tolmere.me)
    assert packed is not None
    (refusal,) = ingest.receive(tolmere, sender=orvanda.me, what=Bundle(acts=(packed,))).refusals
    assert (refusal.rule, refusal.subject) == ("T5", second)


def test_who_used_its_share_up_goes_on_when_some_of_it_is_erased(nodes: Nodes) -> None:
    orvanda, tolmere, council, act = three(nodes, disk=150_000)
    assert relay(council, tolmere, act) == []
    (row,) = access_blobs.in_blobs(tolmere.db, act=act)
    (tolmere.spool / row.name).write_bytes((council.spool / row.hash).read_bytes())
    assert blobs.fetch(tolmere, row)
    dossier = row_of(orvanda, act)
    more = claim(orvanda, dossier, {"f": bytes(60_000)})
    (refusal,) = pass_on(orvanda, tolmere)
    assert (refusal.rule, refusal.subject) == ("T5", more)
    erasure.erase(tolmere, act, reason="law")
    item = carry.carry(orvanda, more, tolmere.me)
    assert item is not None
    outcome = ingest.receive(tolmere, sender=orvanda.me, what=Bundle(acts=(item,)))
    assert more in outcome.whole


def row_of(node: Node, act: Id) -> Id:
    """Return the dossier of an act."""
    row = access.act(node.db, act)
    assert row is not None
    return Id(row.dossier)


def test_counting_anew_finds_what_is_kept(nodes: Nodes) -> None:
    _, tolmere, council, act = three(nodes)
    relay(council, tolmere, act)
    right = space.counted(tolmere.db)
    query(tolmere.db, "UPDATE store_counter SET value = value * 2 WHERE name LIKE 'bytes-%%'")
    query(tolmere.db, "INSERT INTO store_counter (name, value) VALUES ('bytes-nobody', 3)")
    rebuild(tolmere)
    assert space.counted(tolmere.db) == right


def test_a_checkpoint_that_comes_twice_at_once_is_counted_once(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    note = witnessing.cut(tolmere).to_bytes().decode()
    # Both looked before either had written.
    monkeypatch.setattr(access_parties, "newest_checkpoint", lambda _db, _origin: None)
    arrival.take_checkpoint(orvanda, note)
    arrival.take_checkpoint(orvanda, note)
    assert space.counted(orvanda.db) == space.stored(orvanda.db)
