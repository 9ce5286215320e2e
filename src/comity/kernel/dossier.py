"""One dossier: its admitted acts, what they mean under its protocol, and the state they join to.

Every node that holds the same acts computes the same state; no server is in charge. A node that
lacks the protocol keeps the dossier opaque: acts are admitted, relayed and receipted, unfolded.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import kinds, office
from comity.kernel.admission import Admission, verify
from comity.kernel.errors import Void
from comity.kernel.fold import Fact, How, State, add, latest, least
from comity.kernel.graph import Past
from comity.kernel.ids import PartyId
from comity.kernel.keys import Key
from comity.kernel.protocol import void_summary
from comity.kernel.quorum import Seen, count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.act import Act
    from comity.kernel.documents import View
    from comity.kernel.graph import Clock, Graph, Node
    from comity.kernel.ids import Id
    from comity.kernel.protocol import Protocol, Summary
    from comity.kernel.timeproof import Proved


class Shown(NamedTuple):
    """A state without ``disowned`` acts, after the first ``joined`` acts of a dossier."""

    disowned: frozenset[Id]
    state: State
    joined: int


class Dossier:
    """A dossier being computed from its acts.

    Fields: ``id``, ``charter``, ``graph``, ``members``, ``protocol`` (None while opaque),
    ``state`` (the join of the facts of all acts that have effect).
    """

    def __init__(
        self, charter: Act, documents: Mapping[Id, View], protocol: Protocol | None
    ) -> None:
        """Open a dossier with its charter; ``protocol`` is the one its charter pins, or None.

        Raises Refusal or Pending.
        """
        self._admission = Admission(charter, documents)
        self.id = charter.id
        self.charter = self._admission.charter
        self.members = self._admission.members
        self.graph: Graph = self._admission.graph
        self.protocol = protocol
        self.state = State(self.graph.before)
        self._shown = Shown(frozenset(), State(self.graph.before), 0)
        self._fold(self.graph.charter)

    def admit(self, act: Act, documents: Mapping[Id, View]) -> Node:
        """Verify, place and fold one act; admitting one twice changes nothing.

        Raises Refusal or Pending.
        """
        known = self.graph.nodes.get(act.id)
        if known is not None:
            return known
        return self.place(act, verify(act, documents), documents)

    def place(self, act: Act, view: View, documents: Mapping[Id, View]) -> Node:
        """As ``admit``, for an act whose signature was verified under ``view``."""
        known = self.graph.nodes.get(act.id)
        if known is not None:
            return known
        node = self._admission.place(act, view, documents)
        self._fold(node)
        return node

    def try_act(self, act: Act, view: View, documents: Mapping[Id, View]) -> None:
        """Raise what placing the act would raise, or Void if its guards would refuse it.

        Our own services ask this before they sign: nothing is signed that has no effect.
        """
        placement = self._admission.judge(act, view, documents)
        if self.protocol is not None:
            self.protocol.require(placement.node.said, self._past(placement.clock))

    def past(self, node: Node) -> Past:
        """Return what the author of ``node`` had seen."""
        return self._past(node.clock, node)

    def now(self) -> Past:
        """Return everything held here as a past: what the next own act would have seen."""
        return self._past(self.graph.past_clock(None, tuple(self.graph.heads())))

    def _past(self, clock: Clock, itself: Node | None = None) -> Past:
        return Past(self.graph, clock, itself, self.members.at)

    def summary(self, state: State | None = None) -> Summary | None:
        """Return the protocol's summary of ``state`` (all of it by default); None while opaque.

        Where the charter has no effect, or is disowned, no protocol is asked.
        """
        state = state or self.state
        if self.protocol is None:
            return None
        named = state.sources("member", self.graph.charter.header.party)
        if all(entry.act != self.id for entry in named):
            return void_summary(self.id)
        return self.protocol.summary(state)

    def state_without(self, disowned: frozenset[Id]) -> State:
        """Return the join of facts minus those of ``disowned`` acts: what pages show.

        It is kept, and goes on from the acts joined last as long as the same ones are disowned.
        """
        if not disowned:
            return self.state
        shown = self._shown
        if not self._is_continued(disowned):
            shown = Shown(disowned, State(self.graph.before), 0)
        for node in itertools.islice(self.graph.order, shown.joined, None):
            if node.id not in disowned:
                self._join(shown.state, node)
        self._shown = shown._replace(disowned=disowned, joined=len(self.graph.order))
        return shown.state

    def _is_continued(self, disowned: frozenset[Id]) -> bool:
        """Say whether all that differs from what was disowned before are acts not joined yet."""
        changed = (self.graph.nodes.get(id_) for id_ in disowned ^ self._shown.disowned)
        return all(node is None or node.index >= self._shown.joined for node in changed)

    def digest(self) -> str:
        """Return the state's digest, compared between nodes that hold the same heads."""
        return self.state.digest()

    def proven_time(self, act: Id) -> int | None:
        """Return when ``act`` provably existed, in milliseconds since the epoch, or None.

        By which time a quorum of the charter's witnesses had cosigned it, among the evidence that
        acts of this dossier carry; ``quorum`` says how they are counted.
        """
        policy, node = self.charter.time, self.graph.nodes.get(act)
        if policy is None or node is None:
            return None
        seen = [
            Seen(time, PartyId(str(party)), Key(str(key)))
            for (party, key), time in self.state.bounds(How.LEAST, "cosigned", act)
            if party in policy.witnesses
        ]
        return count(seen, log=node.header.party).time(policy.quorum)

    def proved(self, evidence: Id) -> tuple[Proved, ...]:
        """Return what an act of kind ``evidence`` was found to prove when it was admitted."""
        return self._admission.proved.get(evidence, ())

    def _fold(self, node: Node) -> None:
        if self.protocol is not None:
            try:
                self.protocol.require(node.said, self.past(node))
            except Void as void:
                node.lapse(void.rule, void.reason)
        self._join(self.state, node)

    def _join(self, state: State, node: Node) -> None:
        """Join an act's facts: what the kernel says is its author's word, what the protocol says
        of a record is the guest's.
        """
        if node.void is not None:
            state.join(node, (add("void", node.id, node.void[0]),))
            return
        state.join(node, kernel_facts(node, self.proved(node.id)))
        if self.protocol is not None:
            past = self.past(node)
            state.join(node.said, self.protocol.facts(node.said, past))
            state.join(node.said, office.facts(self.protocol.offices, node.said, past))


def kernel_facts(node: Node, proved: tuple[Proved, ...] = ()) -> tuple[Fact, ...]:
    """Return what the kernel itself says about one act, equal in every protocol.

    Cells: ``member``, ``invited``, ``recorded``, ``released`` (sets), ``membership``, ``erased``,
    ``translated`` (one-writer; the last by act and language), ``cosigned`` (smallest time,
    milliseconds, by act, party and witness key), ``received`` (the same by act and party).
    """
    header = node.header
    if header.kind == "charter":
        return tuple(add("member", party) for party in kinds.read_charter(header).members)
    if header.kind == "leave":
        return (latest("membership", value="left"),)
    if header.kind not in kinds.KERNEL_KINDS:
        return ()
    return _body_facts(kinds.read_body(header), header.party, proved)


def _body_facts(body: object, author: PartyId, proved: tuple[Proved, ...]) -> tuple[Fact, ...]:
    facts: tuple[Fact, ...] = ()
    match body:
        case kinds.Invite(party):
            facts = (add("invited", party),)
        case kinds.Join():
            facts = (add("member", author), latest("membership", value="joined"))
        case kinds.Decline():
            facts = (latest("membership", value="declined"),)
        case _:
            facts = _facts_about(body, proved)
    return facts


def _facts_about(body: object, proved: tuple[Proved, ...]) -> tuple[Fact, ...]:
    """Return what is said of other acts."""
    facts: tuple[Fact, ...] = ()
    match body:
        case kinds.Release(acts, to):
            facts = tuple(add("released", act, to) for act in acts)
        case kinds.Erase(act) as step:
            value = {name: said for name, said in step.to_body().items() if name != "act"}
            facts = (latest("erased", act, value=value),)
        case kinds.Evidence(act):
            facts = tuple(least(p.how, act, *p.by, value=p.time) for p in proved)
        case kinds.Record(letter, guest):
            facts = (add("recorded", letter, guest),)
        case kinds.Translation(act, lang, as_):
            facts = (latest("translated", act, lang, value=as_),)
        case _:
            pass  # A note says nothing coded.
    return facts
