"""Structural admission: whether an act is in the graph (the K rules).

A pure function of the act's signature, header, ancestors and the documents its header names. It
needs no protocol code, and its verdict is for ever: no later act, document, proof or clock changes
it. Whether an admitted act has effect is a protocol's affair (``fold``); how strong the evidence
for it is, is its standing (``standing``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel import act as acts
from comity.kernel import kinds
from comity.kernel.act import CHARTER, Act
from comity.kernel.errors import Pending, Phrase, Refusal
from comity.kernel.fields import Fields
from comity.kernel.graph import Graph, Node, Past
from comity.kernel.members import Membership
from comity.kernel.timeproof import require_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.kernel.act import Header
    from comity.kernel.documents import View
    from comity.kernel.graph import Clock
    from comity.kernel.ids import Id
    from comity.kernel.label import Footing
    from comity.kernel.timeproof import Proved


_OUTSIDERS = frozenset({"join", "decline"})
"""The kinds that someone who is not a member may sign."""


class Placement(NamedTuple):
    """Where an act would stand: its node, what it cites, its past as a clock, what it proves."""

    node: Node
    prev: Node | None
    parents: tuple[Node, ...]
    clock: Clock
    proved: tuple[Proved, ...]


class Admission:
    """The admitted graph of one dossier, and the only way into it.

    Fields: ``graph``, ``charter`` (typed), ``members`` (who belongs, as of any act).
    """

    def __init__(self, charter: Act, documents: Mapping[Id, View]) -> None:
        """Open the graph with its charter. Raises Refusal or Pending, as ``admit`` does."""
        if charter.header.kind != CHARTER:
            raise Refusal("K14", "A dossier opens with a charter.", charter.id)
        self.id = charter.id
        self.graph = Graph()
        self.charter = kinds.read_charter(charter.header)
        self.members = Membership(self.graph, self.charter)
        self.proved: dict[Id, tuple[Proved, ...]] = {}
        view = verify(charter, documents)
        require_within_charter(charter.header, self.charter, charter.header)
        self.graph.add(Node(charter, 0, view.version), None, (), {})

    def admit(self, act: Act, documents: Mapping[Id, View]) -> Node:
        """Verify an act and place it; admitting one twice returns its node.

        Raises Refusal (K rules) or Pending (parents or documents not held yet). Nothing changes
        unless every check has passed.
        """
        known = self.graph.nodes.get(act.id)
        return known if known is not None else self.place(act, verify(act, documents), documents)

    def place(self, act: Act, view: View, documents: Mapping[Id, View]) -> Node:
        """As ``admit``, for an act not held yet whose signature was verified under ``view``."""
        placement = self.judge(act, view, documents)
        node = placement.node
        if placement.proved:
            self.proved[node.id] = placement.proved
        self.graph.add(node, placement.prev, placement.parents, placement.clock)
        self.members.note(node)
        return node

    def judge(self, act: Act, view: View, documents: Mapping[Id, View]) -> Placement:
        """Return where an act would stand, and change nothing. Raises Refusal or Pending."""
        header, graph = act.header, self.graph
        if act.dossier != self.id or header.kind == CHARTER:
            raise Refusal("K11", "The act belongs to another dossier.", act.id)
        prev = None if header.prev is None else graph.require_nodes((header.prev,))[0]
        parents = graph.require_nodes(header.parents)
        node = Node(act, len(graph), view.version)
        if prev is not None:
            _require_follows(node, prev)
        require_within_charter(header, self.charter, graph.charter.header)
        clock = graph.past_clock(prev, parents)
        # Guards ask a node about its own place also before it is in the graph.
        node.prev, node.parents, node.clock = prev, parents, clock
        past = Past(graph, clock)
        self._require_author(node, clock, past)
        proved = _evidence(header, past, documents) if header.kind == "evidence" else ()
        return Placement(node, prev, parents, clock, proved)

    def _require_author(self, node: Node, clock: Clock, past: Past) -> None:
        header = node.header
        outsider = header.kind in _OUTSIDERS
        if not outsider and not self.members.includes(clock, header.party):
            raise Refusal("K12", "The author is not a member in the act's own past.", node.id)
        if header.kind in kinds.KERNEL_KINDS:
            self.members.require_authority(kinds.read_body(header), header, clock, past)
            if header.kind == "record":
                node.voice(kinds.said(header))
        else:
            _require_common(header)


def verify(act: Act, documents: Mapping[Id, View]) -> View:
    """Verify an act's signature under the document it names, and return that document's view.

    Raises Pending (the document is not held) or Refusal (K5, K6, K7, K16).
    """
    view = documents.get(act.header.doc)
    if view is None:
        raise Pending(documents=frozenset({act.header.doc}))
    acts.verify(act, view)
    return view


def _require_common(header: Header) -> None:
    """Check the members every body may hold, also in kinds that only a protocol knows."""
    if not kinds.COMMON.isdisjoint(header.body):
        common = {name: value for name, value in header.body.items() if name in kinds.COMMON}
        kinds.take_common(Fields(common, "body", kinds.RULE), header)


def _require_follows(node: Node, prev: Node) -> None:
    header, before = node.header, prev.header
    if prev.feed != node.feed or header.n != before.n + 1:
        raise Refusal("K10", "The prev is not the act before this one in its feed.", node.id)
    if header.seq <= before.seq or header.time < before.time:
        raise Refusal("K10", "The act lies before its own predecessor in log or time.", node.id)
    if node.version < prev.version:
        raise Refusal("K10", "The act names an older document than its predecessor.", node.id)


def require_within_charter(header: Header, charter: kinds.Charter, first: Header) -> None:
    """Hold an act against its ``charter``, whose header is ``first``. Raises Refusal K13."""
    if header.tlp > charter.ceiling:
        told = Phrase(
            "The label is above the dossier's ceiling, {ceiling}.", ceiling=charter.ceiling.value
        )
        raise Refusal("K13", told)
    if header.realm != first.realm:
        raise Refusal("K13", "The realm is not the charter's.")
    # Reading the charter has refused a charter without footing.
    if header.footing is not None and header.footing > cast("Footing", first.footing):
        raise Refusal("K13", "An act may lower the dossier's footing and never raise it.")


def _evidence(header: Header, past: Past, documents: Mapping[Id, View]) -> tuple[Proved, ...]:
    body = cast("kinds.Evidence", kinds.read_body(header))
    subject = past.signed(body.act)
    if subject is None:
        raise Refusal("K14", "Evidence is about an act that its author had seen.", body.act)
    missing = frozenset(id_ for id_ in body.docs if id_ not in documents)
    if missing:
        raise Pending(documents=missing)
    return require_evidence(body, subject, {id_: documents[id_] for id_ in body.docs})
