"""A node whose memory was lost goes on with the next log, and nobody sees a fork."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.kernel import documents, dsse
from comity.kernel.canon import Object
from comity.kernel.documents import LogEntry, View
from comity.kernel.ids import Id, PartyId
from comity.kernel.keys import SeedSigner
from comity.services.care import backup, fsck, recall, restore
from comity.services.care.restore import Restored
from comity.services.casework import dossiers, erasure, view
from comity.services.casework.issue import Draft, issue, own_view
from comity.services.identity import harden
from comity.services.identity.keyring import (
    Keyring,
    LogSigners,
    kit_code,
    read_codes,
    read_kit,
    read_root,
    root_code,
    signers_of,
)
from comity.services.identity.parties import (
    learn_documents,
    own_documents,
    save_own_document,
)
from comity.services.node import Node, Settings
from comity.services.ports import Unreachable
from comity.services.proof import evidence, standing, witnessing
from comity.store.access import acts as access
from comity.store.access import parties
from comity.store.anchor import Anchor, Mark
from comity.store.append import outbox as queue
from comity.store.sql import writing
from tests.databases import remember, roll_back, usual
from tests.kernel.world import Party, refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say, spoken
from tests.store.points import Crash, crash


class Village:
    """Two nodes with a dossier, and a copy of the first one's database from before its end."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.orvanda, self.tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(self.orvanda, self.tolmere)
        self.dossier = open_tally(self.orvanda, self.tolmere)
        self.first = say(self.orvanda, self.dossier, "claim", {"status": "held"})
        self.exchange()
        witnessing.cut(self.orvanda)

    def exchange(self) -> None:
        for _ in range(2):
            assert pass_on(self.orvanda, self.tolmere) == []
            assert pass_on(self.tolmere, self.orvanda) == []

    def remember_the_database(self) -> None:
        """Copy the database, as a snapshot of a machine would."""
        self.nodes.close_connection("orvanda")
        remember(self.orvanda)

    def roll_back(self) -> None:
        """Put the copy back; the keys and the anchor stay as they are."""
        self.nodes.close_connection("orvanda")
        assert roll_back(self.orvanda)
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


def test_a_node_without_its_soft_root_key_waits_for_it(village: Village) -> None:
    root = village.orvanda.keys.root()
    assert root is not None
    village.orvanda.keys.remove_root()
    village.remember_the_database()
    say(village.orvanda, village.dossier, "bid", {"amount": 5})
    village.roll_back()
    assert village.restore().awaits_root
    village.tell()
    row = own_view(village.orvanda)
    assert harden.awaits_root(row)
    assert harden.awaits_root(newest_of(village))
    say(village.orvanda, village.dossier, "bid", {"amount": 7})
    village.exchange()
    harden.confirm_succession(village.orvanda, roots=[root])
    village.tell()
    assert not harden.awaits_root(newest_of(village))
    with refused("S4"):
        harden.confirm_succession(village.orvanda, roots=[root])
    say(village.orvanda, village.dossier, "bid", {"amount": 8})
    village.exchange()
    village.require_peace()


def newest_of(village: Village) -> View:
    view = dossiers.newest(village.tolmere, village.orvanda.me)
    assert view is not None
    return view


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_backup_in_a_new_folder(village: Village) -> None:
    target = village.nodes.folder / "backup.tar"
    backup.backup(village.orvanda, target=target)
    large = say(
        village.orvanda, village.dossier, "claim", {"status": "done"}, files={"f": b"f" * 20_000}
    )
    village.exchange()
    shutil.rmtree(village.orvanda.folder)
    backup.unpack(target, village.orvanda.folder)
    village.orvanda = village.nodes.reopen("orvanda")
    with refused("S1"):
        say(village.orvanda, village.dossier, "bid", {"amount": 6})
    restored = village.restore()
    assert restored.taken == 1
    row = access.act(village.orvanda.db, large)
    assert row is not None
    assert row.whole
    # The root key was never in the backup.
    assert restored.awaits_root
    village.tell()
    say(village.orvanda, village.dossier, "bid", {"amount": 6})
    village.exchange()
    village.require_peace()


def test_nothing_left_but_the_code_and_what_others_remember(village: Village) -> None:
    say(village.orvanda, village.dossier, "claim", {"status": "done"}, files={"f": b"f" * 90_000})
    village.exchange()
    me = village.orvanda.me
    memory = recall.parse(recall.remember(village.tolmere, of=me).to_bytes())
    village.nodes.close_connection("orvanda")
    shutil.rmtree(village.orvanda.folder)
    restore.start_over(
        village.orvanda.folder,
        village.nodes.ports("orvanda anew"),
        memories=[memory],
        base=Settings("", "", database=usual()),
        known=spoken(),
    )
    village.orvanda = village.nodes.reopen("orvanda")
    restored = village.restore(recollect=None, memories=[memory])
    assert restored.log == 2
    assert village.orvanda.settings.name == "orvanda"
    village.tell()
    # Acts with large content come by catching up, which compares heights; here a stand-in.
    rows = access.acts_of(village.tolmere.db, village.dossier)
    with writing(village.tolmere.db):
        queue.queue(
            village.tolmere.db, "act", [(Id(row.id), me) for row in rows], village.tolmere.now()
        )
    village.exchange()
    say(village.orvanda, village.dossier, "bid", {"amount": 6})
    village.exchange()
    found = [
        access.dossier(node.db, village.dossier) for node in (village.orvanda, village.tolmere)
    ]
    assert len({(row.acts, row.digest) for row in found if row is not None}) == 1
    assert fsck.check(village.tolmere).findings == []
    assert fsck.check(village.orvanda).clean
    assert access.equivocations(village.tolmere.db) == []


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_with_the_root_code_of_the_kit_the_root_key_confirms_at_once(village: Village) -> None:
    target = village.nodes.folder / "backup.tar"
    root = village.orvanda.keys.root()
    assert root is not None
    backup.backup(village.orvanda, target=target)
    shutil.rmtree(village.orvanda.folder)
    backup.unpack(target, village.orvanda.folder)
    village.orvanda = village.nodes.reopen("orvanda")
    assert harden.lacks_soft_root(village.orvanda)
    stranger = root_code(village.tolmere.keys.root())
    with refused("S4", "another party"):
        village.restore(root_code=stranger)
    assert own_view(village.orvanda).current_log == 1
    assert not village.restore(root_code=root_code(root)).awaits_root
    kept = village.orvanda.keys.root()
    assert kept is not None
    assert kept.seed == root.seed
    village.tell()
    assert not harden.awaits_root(newest_of(village))
    say(village.orvanda, village.dossier, "bid", {"amount": 6})
    village.exchange()
    village.require_peace()


def test_the_two_codes_of_a_kit_are_never_taken_for_each_other() -> None:
    seed = bytes(range(32))
    spare, root = kit_code(seed), root_code(SeedSigner(seed))
    assert (read_kit(spare), read_root(root).seed) == (seed, seed)
    assert read_kit(f" {spare.lower()} ") == read_kit(spare.removeprefix("COMITY-")) == seed
    assert read_codes(f"{spare}\n{root}\n") == read_codes(f"\n{root}\n{spare}") == (spare, root)
    assert (read_codes(spare), read_codes("")) == ((spare, ""), ("", ""))
    with refused("S4", "another code"):
        read_kit(root)
    # Without its first words a code still has a check of its own.
    for text in (spare.removeprefix("COMITY"), root[:-1], "COMITY-ROOT-1"):
        with refused("S4", "mistyped"):
            read_root(text)


def test_a_code_is_used_once(village: Village) -> None:
    village.remember_the_database()
    say(village.orvanda, village.dossier, "bid", {"amount": 5})
    village.roll_back()
    old = village.nodes.kits["orvanda"]
    village.restore()
    (village.orvanda.folder / "anchor").unlink()
    village.nodes.kits["orvanda"], new = old, village.nodes.kits["orvanda"]
    with refused("S4", "used"):
        village.restore(recollect=None)
    with refused("S4", "mistyped"):
        restore.restore(village.orvanda, code=new[:-1] + "A", hand_over=lambda _: None)
    village.nodes.kits["orvanda"] = new
    assert village.restore(recollect=None).log == 3
    village.tell()
    say(village.orvanda, village.dossier, "bid", {"amount": 9})
    village.exchange()
    village.require_peace()


def test_peers_that_cannot_be_reached_are_listed_and_asked_later(village: Village) -> None:
    village.remember_the_database()
    lost = say(village.orvanda, village.dossier, "bid", {"amount": 5})
    village.exchange()
    village.roll_back()

    def nobody(_node: Node, _peer: PartyId, _signers: LogSigners) -> recall.Recollection:
        raise Unreachable("No route.")

    restored = village.restore(recollect=nobody)
    assert restored.unreachable == {village.tolmere.me: "No route."}
    assert restored.found == 0
    village.tell()
    assert dossiers.disowned(village.tolmere, dossiers.load(village.tolmere, village.dossier))
    # Later the act comes back from the peer, and a root document keeps it.
    with writing(village.tolmere.db):
        queue.queue(village.tolmere.db, "act", [(lost, village.orvanda.me)], village.tolmere.now())
    village.exchange()
    late = harden.late_statements(village.orvanda)
    assert lost in {id_ for _, _, id_ in late}
    root = village.orvanda.keys.root()
    assert root is not None
    harden.confirm_succession(village.orvanda, roots=[root], keep=late)
    assert harden.late_statements(village.orvanda) == []
    village.tell()
    assert not dossiers.disowned(village.tolmere, dossiers.load(village.tolmere, village.dossier))
    say(village.orvanda, village.dossier, "bid", {"amount": 9})
    village.exchange()
    village.require_peace()


def test_evidence_of_before_a_restore_shows_the_path_to_the_closing(
    village: Village,
) -> None:
    act = village.first
    for amount in range(5, 25):
        say(village.orvanda, village.dossier, "bid", {"amount": amount})
    witnessing.cut(village.orvanda)
    village.exchange()
    assert shown(village, act) == ("proven", 16)
    village.remember_the_database()
    village.roll_back()
    (village.orvanda.folder / "anchor").unlink()
    closing = village.restore().closing
    assert closing is not None
    assert closing.size > 16
    # The checkpoint that covered it first still does, and its place at the closing is shown.
    assert shown(village, act) == ("proven", 16)


def test_evidence_without_the_leaves_before_the_closing_proves_a_time_and_no_standing(
    village: Village,
) -> None:
    act = village.first
    village.remember_the_database()
    for amount in range(5, 25):
        say(village.orvanda, village.dossier, "bid", {"amount": amount})
    witnessing.cut(village.orvanda)
    village.exchange()
    village.roll_back()
    closing = village.restore().closing
    assert closing is not None
    assert closing.size > 16
    assert shown(village, act) == ("unproven", 16)


def shown(village: Village, act: Id) -> tuple[str, int | None]:
    """How the evidence of an act by the first one stands, and in a tree of which size."""
    report = evidence.verify(evidence.make(village.orvanda, act))
    assert standing.of(village.orvanda, act).rung is report.standing
    return report.standing.value, report.size


def test_keys_that_the_root_replaces_disown_what_they_signed(village: Village) -> None:
    root = village.orvanda.keys.root()
    assert root is not None
    village.orvanda.keys.remove_root()
    village.remember_the_database()
    village.roll_back()
    (village.orvanda.folder / "anchor").unlink()
    village.restore()
    village.tell()
    stolen = say(village.orvanda, village.dossier, "claim", {"status": "done"})
    village.exchange()
    assert view.act(village.tolmere, stolen).standing.rung == "plain"
    # The code that opened log 2 was stolen: the root gives log 2 to keys that nobody has seen.
    with writing(village.tolmere.db):
        chain = [replacing(village, root)]
        learn_documents(village.tolmere, chain, [], introduced_by="")
    dossier = dossiers.load(village.tolmere, village.dossier)
    assert dossiers.disowned(village.tolmere, dossier) == {stolen}
    assert view.act(village.tolmere, stolen).standing.rung == "disowned"


def replacing(village: Village, root: SeedSigner) -> dsse.Envelope:
    """A root document of the first one's that gives its second log to other keys."""
    opened = own_view(village.orvanda)
    before = village.orvanda.documents[opened.root]
    payload = documents.root_payload(
        time=village.nodes.clock.now(),
        grade="hardened",
        root_keys=[root.key],
        threshold=1,
        logs={1: opened.logs[1], 2: LogEntry(Party("orvanda").keys(9), None)},
        next_hash=opened.next,
        previous=before,
    )
    return dsse.sign(dsse.ROOT, payload, [root])


@pytest.mark.parametrize("is_disowned", [True, False])
def test_what_a_party_disowned_erases_nothing(village: Village, *, is_disowned: bool) -> None:
    root = village.orvanda.keys.root()
    assert root is not None
    village.orvanda.keys.remove_root()
    village.remember_the_database()
    village.roll_back()
    (village.orvanda.folder / "anchor").unlink()
    village.restore()
    village.tell()
    # Said with stolen keys, and nothing erased by who said so.
    body: Object = {"act": village.first, "stage": "asked", "reason": "law"}
    issue(village.orvanda, dossier_id=village.dossier, draft=Draft("erase", body))
    village.exchange()
    if is_disowned:
        replaced = replacing(village, root)
        with writing(village.orvanda.db):
            save_own_document(village.orvanda, replaced)
        with writing(village.tolmere.db):
            learn_documents(village.tolmere, [replaced], [], introduced_by="")
    theirs = dossiers.load(village.tolmere, village.dossier)
    state = dossiers.shown(village.tolmere, theirs)
    assert bool(erasure.words(theirs, state, village.first)) is not is_disowned
    assert bool(erasure.withdrawn(theirs, state, village.first)) is not is_disowned
    assert bool(view.act(village.tolmere, village.first).erasing) is not is_disowned
    assert erasure.apply_again(village.orvanda) == (0 if is_disowned else 1)


@pytest.mark.parametrize(
    "at", ["hand_over", "save_log", "insert_checkpoint", "close_log", "anchor"]
)
def test_a_restore_that_is_cut_off_is_finished_by_the_next(at: str, village: Village) -> None:
    village.remember_the_database()
    say(village.orvanda, village.dossier, "bid", {"amount": 5})
    village.exchange()
    village.roll_back()
    kits: list[str] = []

    def hand_over(code: str) -> None:
        kits.append(code)
        if at == "hand_over":
            crash()

    with pytest.MonkeyPatch.context() as patch:
        if at == "save_log":
            patch.setattr(Keyring, "add_hpke", lambda *_: crash())
        elif at == "anchor":
            patch.setattr(Anchor, "write", lambda *_: crash())
        elif at != "hand_over":
            patch.setattr(restore, at, lambda *_, **__: crash())
        with pytest.raises(Crash):
            restore.restore(
                village.orvanda,
                code=village.nodes.kits["orvanda"],
                hand_over=hand_over,
                recollect=village.recollect,
            )
    village.orvanda = village.nodes.reopen("orvanda")
    with refused("S1"):
        say(village.orvanda, village.dossier, "bid", {"amount": 6})
    restored = restore.restore(
        village.orvanda,
        code=village.nodes.kits["orvanda"],
        hand_over=kits.append,
        recollect=village.recollect,
    )
    assert restored.log == 2
    assert signers_of(read_kit(kits[-1])).public.hash == own_view(village.orvanda).next
    village.tell()
    with writing(village.tolmere.db):
        rows = access.acts_of(village.tolmere.db, village.dossier)
        ids = [(Id(row.id), village.orvanda.me) for row in rows]
        queue.queue(village.tolmere.db, "act", ids, village.tolmere.now())
    village.exchange()
    say(village.orvanda, village.dossier, "bid", {"amount": 7})
    village.exchange()
    village.require_peace()


def test_a_database_of_another_log_is_not_restored(village: Village) -> None:
    village.remember_the_database()
    lost = say(village.orvanda, village.dossier, "bid", {"amount": 5})
    witnessing.cut(village.orvanda)
    village.exchange()
    # The copy goes on by itself, as a clone of the machine would.
    village.roll_back()
    (village.orvanda.folder / "anchor").unlink()
    log = parties.logs(village.orvanda.db)[-1]
    village.orvanda.anchor.write(Mark(1, log.size, log.root))
    for amount in range(20):
        say(village.orvanda, village.dossier, "bid", {"amount": 6 + amount})
    with refused("W6", "not of the same log"):
        village.restore()
    assert access.act(village.orvanda.db, lost) is None


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_erasures_are_applied_again(village: Village) -> None:
    act = say(
        village.orvanda, village.dossier, "claim", {"status": "done"}, files={"f": b"f" * 70_000}
    )
    village.exchange()
    target = village.nodes.folder / "backup"
    backup.backup(village.orvanda, target=target)
    draft = Draft("erase", {"act": act, "stage": "applied", "reason": "personal_data"})
    issue(village.orvanda, dossier_id=village.dossier, draft=draft)
    erasure.erase(village.orvanda, act, reason="personal_data")
    assert not list(village.orvanda.parts.rglob("*/*"))
    assert fsck.check(village.orvanda).findings == []
    village.exchange()
    shutil.rmtree(village.orvanda.folder)
    backup.unpack(target, village.orvanda.folder)
    assert list(village.orvanda.parts.rglob("*/*"))
    village.orvanda = village.nodes.reopen("orvanda")
    assert village.restore().erased == 1
    assert [held for _, _, held in access.part_sizes(village.orvanda.db, act)] == [False, False]
    assert not [path for path in village.orvanda.parts.rglob("*/*") if path.is_file()]
    village.tell()
    village.exchange()
    village.require_peace()


def test_memories_must_be_of_one_party(village: Village) -> None:
    memory = recall.remember(village.tolmere, of=village.orvanda.me)
    other = recall.remember(village.orvanda, of=village.tolmere.me)
    ports, folder = village.nodes.ports("x"), village.nodes.folder
    for memories in ([], [memory, other]):
        with refused("S4"):
            restore.start_over(folder / "x", ports, memories=memories)
    with refused("S5"):
        restore.start_over(village.orvanda.folder, ports, memories=[memory])
    with refused("S3"):
        recall.remember(village.tolmere, of=PartyId("0" * 64))
    for data in (b"", b"{}", b'{"comity_recollection": 2}', b"[]"):
        with refused("T10"):
            recall.parse(data)


def test_a_process_that_ran_all_the_while_goes_on_too(village: Village) -> None:
    village.remember_the_database()
    for amount in range(5, 8):
        say(village.orvanda, village.dossier, "bid", {"amount": amount})
    village.exchange()
    running = village.orvanda
    assert len(dossiers.load(running, village.dossier).graph) == 5
    village.roll_back()
    with refused("S1"):
        say(running, village.dossier, "bid", {"amount": 9})
    village.restore()
    village.tell()
    # What it had computed of the lost database is gone from its memory.
    say(running, village.dossier, "bid", {"amount": 9})
    village.orvanda = running
    village.exchange()
    village.require_peace()
