"""A node whose memory was lost goes on with the next log, and nobody sees a fork."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.kernel.ids import PartyId
from comity.services import fsck, recall, restore, witnessing
from comity.services.issue import own_view
from comity.services.keyring import LogSigners
from comity.services.node import Node
from comity.services.parties import learn_documents, own_documents
from comity.services.restore import Restored
from comity.store.access import acts as access
from comity.store.sql import writing
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say


class Village:
    """Two nodes with a dossier, and a copy of the first one's database from before its end."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.orvanda, self.tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(self.orvanda, self.tolmere)
        self.dossier = open_tally(self.orvanda, self.tolmere)
        say(self.orvanda, self.dossier, "claim", {"status": "held"})
        self.exchange()
        witnessing.cut(self.orvanda)
        self.copy = nodes.folder / "copy"

    def exchange(self) -> None:
        for _ in range(2):
            assert pass_on(self.orvanda, self.tolmere) == []
            assert pass_on(self.tolmere, self.orvanda) == []

    def remember_the_database(self) -> None:
        """Copy the database, as a snapshot of a machine would."""
        self.nodes.close_connection("orvanda")
        for file in self.orvanda.folder.glob("comity.sqlite3*"):
            self.copy.mkdir(exist_ok=True)
            shutil.copy(file, self.copy / file.name)

    def roll_back(self) -> None:
        """Put the copy back; the keys and the anchor stay as they are."""
        self.nodes.close_connection("orvanda")
        for file in self.orvanda.folder.glob("comity.sqlite3*"):
            file.unlink()
        for file in self.copy.iterdir():
            shutil.copy(file, self.orvanda.folder / file.name)
        self.orvanda = self.nodes.reopen("orvanda")

    def recollect(self, node: Node, peer: PartyId, signers: LogSigners) -> recall.Recollection:
        assert signers.public.hash == own_view(node).next
        memory = recall.remember(self.tolmere, of=node.me)
        assert peer == self.tolmere.me
        return recall.parse(memory.to_bytes())

    def restore(self, **more: object) -> Restored:
        kits: list[str] = []
        restored = restore.restore(
            self.orvanda,
            code=self.nodes.kits["orvanda"],
            hand_over=kits.append,
            **{"recollect": self.recollect, **more},  # type: ignore[arg-type]
        )
        self.nodes.kits["orvanda"] = kits[0]
        return restored

    def tell(self) -> None:
        """Bring the first one's documents to the second."""
        chain, nodes = own_documents(self.orvanda)
        with writing(self.tolmere.db):
            learn_documents(self.tolmere, chain, nodes, introduced_by="")

    def require_peace(self) -> None:
        """Both hold the same acts, in the same state, without anything that looks like a fork."""
        rows = [access.dossier(node.db, self.dossier) for node in (self.orvanda, self.tolmere)]
        assert all(row is not None for row in rows)
        assert len({(row.acts, row.digest) for row in rows if row is not None}) == 1
        for node in (self.orvanda, self.tolmere):
            assert access.equivocations(node.db) == []
            assert fsck.check(node).findings == []


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with Nodes(tmp_path) as nodes:
        yield Village(nodes)


def test_a_database_rolled_back_goes_on_with_the_next_log(village: Village) -> None:
    village.remember_the_database()
    lost = say(village.orvanda, village.dossier, "bid", {"amount": 5})
    village.exchange()
    village.roll_back()
    with refused("S1", "comity restore"):
        say(village.orvanda, village.dossier, "bid", {"amount": 6})
    restored = village.restore()
    assert (restored.log, restored.awaits_root) == (2, False)
    assert restored.reached == [village.tolmere.me]
    assert (restored.found, restored.taken) == (1, 1)
    assert restored.closing is not None
    assert lost in {id_ for _, id_ in restored.closing.kept}
    assert access.act(village.orvanda.db, lost) is not None
    village.tell()
    first = say(village.orvanda, village.dossier, "bid", {"amount": 7})
    village.exchange()
    village.require_peace()
    row = access.act(village.tolmere.db, first)
    assert row is not None
    assert (row.log, row.void_rule) == (2, "")
