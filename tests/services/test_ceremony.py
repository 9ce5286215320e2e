"""The root ceremony: from a soft key to holders, and from these on; what is refused, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from nacl import pwhash

from comity.kernel import dsse
from comity.kernel.errors import Refusal
from comity.kernel.keys import SeedSigner
from comity.services.casework.issue import own_view
from comity.services.identity import (
    ceremony,
    codes,
    harden,
    holders,
    holding,
    keyring,
    plans,
    proposals,
)
from comity.services.identity.holding import Step
from comity.services.identity.parties import own_documents, save_own_document
from comity.services.identity.proposals import Proposal
from comity.services.node import Node
from comity.store.access.people import audit
from comity.store.append import outbox
from comity.store.sql import writing
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say
from tests.services.test_restore import Village

NAMES = ("Head", "Deputy", "Notary")


def held(name: str) -> SeedSigner:
    return SeedSigner(name.encode().ljust(32, b"."))


def add(node: Node, *names: str) -> None:
    for name in names:
        ceremony.add(node, label=name, code=holders.holder_code(held(name)))


def bring(node: Node, proposal: Proposal, *names: str) -> None:
    """Let holders sign what was carried to them, and bring back the codes."""
    carried = proposals.parse(proposal.to_bytes())
    for name in names:
        ceremony.take(node, holders.sign(carried, held(name)))


def hold(node: Node, threshold: int = 2, names: tuple[str, ...] = NAMES) -> None:
    ceremony.begin(node, threshold)
    add(node, *names)
    bring(node, ceremony.propose(node), *names[:threshold])
    ceremony.publish(node)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with Nodes(tmp_path) as nodes:
        yield nodes.make("orvanda")


def test_the_root_key_goes_from_the_machine_to_holders(node: Node) -> None:
    party, soft = node.me, node.keys.root()
    assert soft is not None
    assert holding.state(node).step is Step.REST
    ceremony.begin(node, 2)
    add(node, *NAMES)
    assert holding.state(node).step is Step.GATHER
    proposal = ceremony.propose(node)
    state = holding.state(node)
    assert (state.step, state.old.have, state.new.have) == (Step.SIGN, 1, 0)
    assert {h.label for h in state.holders if h.new} == {*NAMES}
    bring(node, proposal, "Head")
    assert holding.state(node).step is Step.SIGN
    bring(node, proposal, "Notary")
    state = holding.state(node)
    assert state.step is Step.PUBLISH
    assert [h.label for h in state.silent] == ["Deputy"]
    document = ceremony.publish(node)
    view = own_view(node)
    assert (view.id, view.party, view.grade, view.threshold) == (document, party, "hardened", 2)
    assert view.root_keys == {held(name).key for name in NAMES}
    assert node.keys.root() is None
    assert holding.state(node).step is Step.REST
    assert {h.label for h in holding.state(node).holders} == {*NAMES}
    assert [row.what for row in audit(node.db)] == ["rooted", "signature", "signature"]


def test_others_take_the_new_root_keys_for_the_same_party(nodes: Nodes) -> None:
    node, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(node, tolmere)
    dossier = open_tally(node, tolmere)
    hold(node)
    say(node, dossier, "bid", {"amount": 1})
    assert pass_on(node, tolmere) == []
    view = tolmere.documents[own_view(node).id]
    assert (view.party, view.grade) == (node.me, "hardened")
    row = nodes.reopen("tolmere")
    assert row.documents[view.id].threshold == 2


# Later: holders come and go.


def test_a_holder_is_replaced_while_enough_others_are_there(node: Node) -> None:
    hold(node)
    ceremony.begin(node, 2)
    ceremony.drop(node, "deputy")
    add(node, "Judge")
    proposal = ceremony.propose(node)
    state = holding.state(node)
    assert {h.label: (h.old, h.new) for h in state.holders} == {
        "Head": (True, True),
        "Notary": (True, True),
        "Judge": (False, True),
        "Deputy": (True, False),
    }
    bring(node, proposal, "Head", "Judge")
    # Enough of the new ones, and too few of the old.
    assert holding.state(node).step is Step.SIGN
    with refused("K5", "1 of the 2"):
        ceremony.publish(node)
    bring(node, proposal, "Notary")
    ceremony.publish(node)
    assert own_view(node).root_keys == {held(n).key for n in ("Head", "Notary", "Judge")}
    # Who has gone signs nothing more.
    ceremony.begin(node, 2)
    ceremony.drop(node, held("Judge").key[8:16])
    with refused("K5", "neither"):
        holders.sign(ceremony.propose(node), held("Deputy"))


def test_the_number_needed_rises_and_falls(node: Node) -> None:
    hold(node)
    for number, names in ((3, NAMES), (2, NAMES)):
        ceremony.begin(node, number)
        proposal = ceremony.propose(node)
        bring(node, proposal, *names[:2])
        assert holding.state(node).step is Step.SIGN, number
        bring(node, proposal, names[2])
        ceremony.publish(node)
        assert own_view(node).threshold == number


def test_with_fewer_left_than_are_needed_nothing_can_be_changed(node: Node) -> None:
    hold(node)
    before = own_view(node)
    ceremony.begin(node, 2)
    ceremony.drop(node, "Deputy")
    ceremony.drop(node, "Notary")
    add(node, "Judge", "Clerk")
    bring(node, ceremony.propose(node), "Head", "Judge", "Clerk")
    with refused("K5", "1 of the 2"):
        ceremony.publish(node)
    assert own_view(node) == before


# Resuming.


def test_it_goes_on_where_it_was_when_the_machine_died(nodes: Nodes) -> None:
    nodes.make("orvanda")
    ceremony.begin(nodes.opened["orvanda"], 2)
    for name in NAMES:
        add(nodes.reopen("orvanda"), name)
    proposal = ceremony.propose(nodes.reopen("orvanda"))
    nodes.clock.advance(60_000)
    assert ceremony.propose(nodes.reopen("orvanda")).id == proposal.id
    for name in NAMES[:2]:
        bring(nodes.reopen("orvanda"), proposal, name)
    again = nodes.reopen("orvanda")
    assert ceremony.publish(again) == proposal.id == own_view(again).id


def test_what_was_cut_off_after_publishing_is_finished(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    ceremony.begin(node, 2)
    add(node, *NAMES)
    proposal = ceremony.propose(node)
    bring(node, proposal, *NAMES)
    monkeypatch.setattr(plans, "save_labels", die)
    with pytest.raises(KeyboardInterrupt):
        ceremony.publish(node)
    assert node.keys.root() is not None
    monkeypatch.undo()
    assert holding.state(node).step is Step.REST
    assert own_view(node).id == proposal.id
    assert node.keys.root() is None


def test_changing_what_is_wanted_asks_for_all_signatures_anew(node: Node) -> None:
    ceremony.begin(node, 2)
    add(node, *NAMES)
    first = ceremony.propose(node)
    bring(node, first, "Head", "Deputy")
    changes: list[Callable[[], object]] = [
        lambda: add(node, "Judge"),
        lambda: ceremony.drop(node, "Judge"),
        lambda: ceremony.begin(node, 3),
    ]
    for change in changes:
        ceremony.propose(node)
        change()
        assert holding.state(node).step is Step.GATHER
    ceremony.propose(node)
    with refused("S12", "another proposal"):
        ceremony.take(node, holders.sign(first, held("Head")))


def test_what_was_proposed_before_the_documents_changed_is_stale(node: Node) -> None:
    ceremony.begin(node, 2)
    add(node, *NAMES)
    proposal = ceremony.propose(node)
    bring(node, proposal, "Head")
    payload = harden.next_root(
        node, grade="evaluation", roots=own_view(node).root_keys, threshold=1
    )
    soft = node.keys.root()
    assert soft is not None
    with writing(node.db):
        save_own_document(node, dsse.sign(dsse.ROOT, payload, [soft]))
    assert holding.state(node).stale
    with refused("S12", "Propose again"):
        bring(node, proposal, "Deputy")
    with refused("S12", "Propose again"):
        ceremony.publish(node)
    fresh = ceremony.propose(node)
    assert fresh.id != proposal.id
    bring(node, fresh, *NAMES)
    ceremony.publish(node)


def test_it_is_put_away(node: Node) -> None:
    ceremony.begin(node, 2)
    (node.folder / plans.PLAN).write_text("[", encoding="utf-8")
    with refused("S5", "cannot be read"):
        holding.state(node)
    (node.folder / plans.PLAN).write_text("{}", encoding="utf-8")
    with refused("S5", "cannot be read"):
        holding.state(node)
    ceremony.cancel(node)
    with refused("S4", "No ceremony"):
        ceremony.cancel(node)
    assert holding.state(node).step is Step.REST
    assert node.keys.root() is not None


# What is refused.


def _one(node: Node) -> None:
    ceremony.begin(node, 1)


def _nine(node: Node) -> None:
    ceremony.begin(node, 9)


def _not_begun(node: Node) -> None:
    ceremony.cancel(node)
    ceremony.propose(node)


def _nameless(node: Node) -> None:
    add(node, " ")


def _namesake(node: Node) -> None:
    ceremony.add(node, label="head", code=holders.holder_code(held("Other")))


def _twice(node: Node) -> None:
    ceremony.add(node, label="Other", code=holders.holder_code(held("Head")))


def _soft(node: Node) -> None:
    soft = node.keys.root()
    assert soft is not None
    ceremony.add(node, label="Other", code=holders.holder_code(soft))


def _crowd(node: Node) -> None:
    add(node, *(f"Holder {n}" for n in range(8)))


def _stranger_goes(node: Node) -> None:
    ceremony.drop(node, "Nobody")


def _too_few(node: Node) -> None:
    for name in NAMES[1:]:
        ceremony.drop(node, name)
    ceremony.propose(node)


def _not_proposed(node: Node) -> None:
    soft = node.keys.root()
    assert soft is not None
    proposal = ceremony.propose(node)
    ceremony.begin(node, 3)
    ceremony.take(node, holders.sign(proposal, held("Head")))


def _same_again(node: Node) -> None:
    bring(node, ceremony.propose(node), "Head", "Head")


def _foreign(node: Node) -> None:
    proposal = ceremony.propose(node)
    code = holders.sign(proposal, held("Head"))
    data = bytearray(codes.read(codes.SIGNATURE, code, 128))
    data[32:64] = bytes.fromhex(held("Nobody").key[8:])
    ceremony.take(node, codes.write(codes.SIGNATURE, bytes(data)))


def _forged(node: Node) -> None:
    code = holders.sign(ceremony.propose(node), held("Head"))
    data = bytearray(codes.read(codes.SIGNATURE, code, 128))
    data[100] ^= 1
    ceremony.take(node, codes.write(codes.SIGNATURE, bytes(data)))


def _mistyped(node: Node) -> None:
    ceremony.take(node, holders.sign(ceremony.propose(node), held("Head"))[:-1] + "7")


def _another_code(node: Node) -> None:
    ceremony.take(node, holders.holder_code(held("Head")))


def _not_held(node: Node) -> None:
    data = codes.read(codes.HOLDER, holders.holder_code(held("Head")), 96)
    forged = bytes.fromhex(held("Other").key[8:]) + data[32:]
    ceremony.add(node, label="Other", code=codes.write(codes.HOLDER, forged))


@pytest.mark.parametrize(
    ("rule", "reason", "does"),
    [
        ("S4", "From two to eight", _one),
        ("S4", "From two to eight", _nine),
        ("S4", "No ceremony is under way", _not_begun),
        ("S4", "1 to 60 characters", _nameless),
        ("S4", "called so already", _namesake),
        ("S4", "has a holder already", _twice),
        ("S4", "lies on this machine", _soft),
        ("S4", "eight holders already", _crowd),
        ("S3", "No holder is called so", _stranger_goes),
        ("S4", "fewer holders", _too_few),
        ("S4", "Nothing is proposed yet", _not_proposed),
        ("S4", "here already", _same_again),
        ("K5", "nobody whose signature counts", _foreign),
        ("K5", "does not verify", _forged),
        ("S4", "mistyped", _mistyped),
        ("S4", "another code", _another_code),
        ("K5", "does not verify", _not_held),
    ],
)
def test_what_is_refused(
    nodes: Nodes, rule: str, reason: str, does: Callable[[Node], None]
) -> None:
    node = nodes.make("orvanda")
    ceremony.begin(node, 2)
    add(node, *NAMES)
    before = own_view(node)
    with refused(rule, reason):
        does(node)
    assert own_view(node) == before
    assert node.keys.root() is not None


def test_a_ceremony_that_changes_nothing_is_refused(node: Node) -> None:
    hold(node)
    ceremony.begin(node, 2)
    with refused("S4", "Nothing would change"):
        ceremony.propose(node)


def test_a_name_that_could_be_two_holders_is_none(node: Node) -> None:
    many = [held(letter) for letter in "abcdefghijklmnopqrstuvwxyz"]
    twins = next(pair for pair in combinations(many, 2) if pair[0].key[8] == pair[1].key[8])
    ceremony.begin(node, 2)
    for number, signer in enumerate(twins):
        ceremony.add(node, label=f"Holder {number}", code=holders.holder_code(signer))
    with refused("S4", "More than one"):
        ceremony.drop(node, twins[0].key[8])


# What holders carry.


def test_a_proposal_is_verified_by_a_machine_that_never_saw_the_node(node: Node) -> None:
    hold(node)
    ceremony.begin(node, 3)
    made = ceremony.propose(node)
    found = proposals.parse(made.to_bytes())
    assert (found.id, found.spoken, found.before) == (made.id, made.spoken, own_view(node))
    assert found.labels[held("Head").key] == "Head"
    assert found.beside == []
    assert (found.after.threshold, found.after.party) == (3, node.me)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"comity": "x"}'])
def test_what_is_no_proposal_is_refused(data: bytes) -> None:
    with refused("T10", "not a whole proposal"):
        proposals.parse(data)


def test_a_proposal_that_changes_more_than_the_root_keys_says_so(node: Node) -> None:
    ceremony.begin(node, 2)
    add(node, *NAMES)
    made = ceremony.propose(node)
    chain, _ = own_documents(node)
    other = made.envelope.payload.replace(made.after.next.encode(), b"0" * 64)
    assert proposals.make(other, chain, {}, "").beside == ["next"]
    with pytest.raises(Refusal):
        proposals.make(other, [], {}, "")


@dataclass(frozen=True)
class Chance:
    def bytes(self, count: int) -> bytes:
        return b"r" * count


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase is slow to try so that guessing is; here nobody guesses."""
    monkeypatch.setattr(holders, "OPS", pwhash.argon2id.OPSLIMIT_MIN)
    monkeypatch.setattr(holders, "MEMORY", pwhash.argon2id.MEMLIMIT_MIN)


@pytest.mark.usefixtures("cheap")
def test_a_stick_opens_by_its_passphrase_alone() -> None:
    signer = held("Head")
    stick = holders.seal(signer, "four green boats sail", Chance())
    assert signer.seed.hex().encode() not in stick
    assert holders.unseal(stick, " four green boats sail ").seed == signer.seed
    with refused("S4", "another one, or the file was changed"):
        holders.unseal(stick, "four green boats sank")
    changed = stick.replace(signer.key.encode(), held("Notary").key.encode())
    with refused("S4", "another one, or the file was changed"):
        holders.unseal(changed, "four green boats sail")
    with refused("S4", "too short"):
        holders.seal(signer, "short", Chance())


@pytest.mark.usefixtures("cheap")
def test_what_is_no_stick_or_asks_for_too_much_is_refused() -> None:
    stick = holders.seal(held("Head"), "four green boats sail", Chance())
    dear = stick.replace(b'"ops": 1', b'"ops": 99')
    large = stick.replace(b'"memory": 8192', b'"memory": 9999999999999')
    assert stick not in {dear, large}
    for data in (b"", b"[]", b"{}", stick[:-9], dear, large, stick.replace(b"root-key", b"x")):
        with refused("S4", "not the file of a root key"):
            holders.unseal(data, "four green boats sail")


def test_paper_and_the_kits_root_code_are_one_form(node: Node) -> None:
    """So that what was printed for an evaluation node signs as well, when its machine is gone."""
    soft = node.keys.root()
    assert soft is not None
    ceremony.begin(node, 2)
    add(node, *NAMES)
    node.keys.remove_root()
    proposal = ceremony.propose(node)
    bring(node, proposal, "Head", "Deputy")
    assert holding.state(node).step is Step.SIGN
    ceremony.take(node, holders.sign(proposal, keyring.read_root(keyring.root_code(soft))))
    ceremony.publish(node)
    assert own_view(node).grade == "hardened"


# After a restore.


def test_holders_confirm_the_log_that_a_spare_kit_opened(tmp_path: Path) -> None:
    with Nodes(tmp_path) as made:
        village = Village(made)
        hold(village.orvanda)
        village.tell()
        village.remember_the_database()
        lost = say(village.orvanda, village.dossier, "bid", {"amount": 5})
        village.exchange()
        village.roll_back()
        assert village.restore(recollect=None).awaits_root
        village.tell()
        # Nobody was asked; what was said since comes back later, and the root keys keep it.
        tolmere, node = village.tolmere, village.orvanda
        with writing(tolmere.db):
            outbox.queue(tolmere.db, "act", [(lost, node.me)], tolmere.now())
        village.exchange()
        assert holding.state(node).awaits
        ceremony.begin(node, 2)
        proposal = ceremony.propose(node, keep=True)
        assert proposal.beside == ["logs"]
        bring(node, proposal, "Head", "Notary")
        ceremony.publish(node)
        assert not harden.awaits_root(own_view(node))
        assert harden.late_statements(node) == []
        village.tell()
        say(node, village.dossier, "bid", {"amount": 9})
        village.exchange()
        village.require_peace()
