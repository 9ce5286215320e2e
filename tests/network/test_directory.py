"""Particulars of contacts reach those they are for, and no other node by any path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comity.kernel.bundle import Bundle
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.kinds import Growth
from comity.services.casework import issue
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.delivery import envelope
from comity.services.directory.book import Book
from comity.services.node import Node
from comity.services.proof import evidence
from tests import databases
from tests.network.simulator import ROUGH, Network, require_equal
from tests.services.phonebook import community, nominate, tell

NAMES = ("orvanda", "tolmere", "council", "fennick")
VISIBILITIES = ("public", "members", "named", "request")


class Secrets:
    """What was told, each with words of its own, and which nodes it was for."""

    def __init__(self) -> None:
        self.told: list[tuple[str, set[str]]] = []

    def new(self, *names: str) -> str:
        """Return words that only the nodes of these names may ever hold."""
        words = f"kittiwake-{len(self.told)}-"
        self.told.append((words, {*names}))
        return words

    def require_kept(self, net: Network, folder: Path) -> None:
        """Raise unless every node holds what was for it, and nothing else."""
        for name in net.nodes:
            held = b"".join(databases.kept_in(folder / name).values())
            for words, readers in self.told:
                assert (words.encode() in held) == (name in readers), (words, name, readers)


def detail(net: Network, secrets: Secrets, forum: str, author: str, act: str) -> None:
    """Tell a particular of a visibility and, where some are named, of some by chance."""
    visibility = net.chance.choice(VISIBILITIES)
    others = [name for name in net.nodes if name != author]
    named = net.chance.sample(others, net.chance.randint(1, len(others)))
    readers = {"named": {author, *named}, "request": {author}}.get(visibility, {*net.nodes})
    texts: dict[str, Any] = {"visibility": visibility, "other": secrets.new(*readers)}
    if visibility == "named":
        texts["named"] = ",".join(net[name].me for name in named)
    tell(net[author], forum, "detail", act, contact="ops_desk", **texts)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What was sealed for whom, as it was before: (party, words)."""
    seal_for, seen = envelope.seal_for, list[tuple[str, bytes]]()

    def watched(node: Node, recipient: PartyId, what: Bundle) -> bytes:
        seen.extend((recipient, part.data) for each in what.acts for part in each.parts)
        return seal_for(node, recipient, what)

    monkeypatch.setattr(envelope, "seal_for", watched)
    return seen


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_what_is_not_for_a_party_never_reaches_its_node(
    tmp_path: Path, seed: int, sent: list[tuple[str, bytes]]
) -> None:
    secrets = Secrets()
    with Network(tmp_path, seed=seed, faults=ROUGH) as net:
        for name in NAMES:
            net.make(name)
        net.introduce()
        forum = community(net["orvanda"], *(net[name] for name in NAMES[1:]))
        net.faults = ROUGH
        acts = {}
        net.settle()
        for name in NAMES:
            words = secrets.new(*NAMES)
            acts[name] = nominate(net[name], forum, seat=name, other=words)
        for _ in range(12):
            author = net.chance.choice(NAMES)
            detail(net, secrets, forum, author, acts[author])
            net.faults = ROUGH
            net.run(2)
        net.settle(80)
        require_equal([*net.nodes.values()], forum)
        secrets.require_kept(net, tmp_path)
        names = {node.me: name for name, node in net.nodes.items()}
        for words, readers in secrets.told:
            told = {names[PartyId(party)] for party, data in sent if words.encode() in data}
            assert told <= readers
        require_silent_evidence(net, secrets)


def require_silent_evidence(net: Network, secrets: Secrets) -> None:
    """Raise where evidence that one node gives shows what was not for it."""
    node, name = net["tolmere"], "tolmere"
    hidden = [words for words, readers in secrets.told if name not in readers]
    assert hidden
    for contact in Book(Machine(node)).of_seat("orvanda"):
        for told in contact.particulars.values():
            given = evidence.make(node, told.act).decode()
            assert not any(words in given for words in hidden)


def test_who_has_left_gets_nothing_that_is_said_later(tmp_path: Path) -> None:
    secrets = Secrets()
    with Network(tmp_path, seed=3) as net:
        for name in NAMES[:3]:
            net.make(name)
        net.introduce()
        orvanda = net["orvanda"]
        forum = community(
            orvanda, net["tolmere"], net["council"], growth=Growth.CHAIR, chair=orvanda.me
        )
        act = nominate(orvanda, forum, other=secrets.new(*NAMES[:3]))
        net.settle()
        issue.issue(net["council"], dossier_id=forum, draft=Draft("leave"))
        net.settle()
        later = secrets.new("orvanda", "tolmere")
        tell(
            orvanda, forum, "detail", act,
            contact="ops_desk", visibility="members", mandate=later,
        )  # fmt: skip
        net.settle()
        secrets.require_kept(net, tmp_path)
        with pytest.raises(Refusal):
            nominate(net["council"], forum, contact="late", seat="xx")
