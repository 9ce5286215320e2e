"""The graph of one dossier: feeds, forks, and who has seen what (KERNEL "Convergence", "Forks").

Every act carries, in memory, a vector clock: for each feed the newest act of it among the act's
ancestors, itself included. Whether X came before Y is then one look-up. A feed that forked (two
acts with one n, usually a restored backup) keeps both branches; a clock then holds a set of heads
for it, and the test follows ``prev``.

A clock is settled when its act is admitted, because admission waits for all ancestors: forks that
come to light later do not change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from comity.kernel.errors import Pending
from comity.kernel.ids import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from comity.kernel.act import Act, Header
    from comity.kernel.ids import Id, PartyId

Feed: TypeAlias = "tuple[PartyId, int]"
Heads: TypeAlias = "tuple[Node, ...]"
Clock: TypeAlias = "dict[Feed, Heads]"


class Node:
    """An admitted act in its graph.

    Fields: ``id``, ``header``, ``feed`` (party, log), ``prev`` and ``parents`` as nodes, ``clock``,
    ``index`` (order of admission here; local, never compared between nodes), ``version`` (of the
    document the act names), ``void`` (why the act has no effect, or None; set by the fold),
    ``said`` (the act as protocols see it: itself, or of a record what the guest did), ``far`` (an
    act some way back on the chain of ``prev``, or itself at its beginning).
    """

    __slots__ = (
        "clock",
        "far",
        "feed",
        "header",
        "id",
        "index",
        "parents",
        "prev",
        "said",
        "version",
        "void",
    )

    def __init__(self, act: Act, index: int, version: tuple[int, int]) -> None:
        self.id = act.id
        self.header: Header = act.header
        self.feed: Feed = (act.header.party, act.header.log)
        self.index = index
        self.version = version
        self.prev: Node | None = None
        self.far: Node = self
        self.parents: tuple[Node, ...] = ()
        self.clock: Clock = {}
        self.void: tuple[str, str] | None = None
        self.said: Node = self

    def voice(self, header: Header) -> None:
        """Let protocols see this record as the act with ``header``, at the same place."""
        said = object.__new__(Node)
        for name in Node.__slots__:
            setattr(said, name, getattr(self, name))
        said.header, said.said = header, said
        self.said = said

    def as_kind(self, kind: str) -> Node | None:
        """Return the act if it is of ``kind``, or as it was recorded if that is; else None."""
        return next((node for node in (self, self.said) if node.header.kind == kind), None)

    def lapse(self, rule: str, reason: str) -> None:
        """Note that the act has no effect."""
        self.void = self.said.void = (rule, reason)


class Graph:
    """The admitted acts of one dossier, closed under ancestors. Only ``admission`` adds to it."""

    def __init__(self) -> None:
        self.nodes: dict[Id, Node] = {}
        self.order: list[Node] = []
        self.by_place: dict[tuple[Feed, int], list[Node]] = {}
        self.by_kind: dict[tuple[str, Feed], list[Node]] = {}
        self.by_ref: dict[tuple[Id, str], list[Node]] = {}
        self.feeds: dict[PartyId, list[Feed]] = {}
        self.forked: set[Feed] = set()
        self._tips: dict[Id, Node] = {}
        self._feed_tips: dict[Feed, dict[Id, Node]] = {}

    @property
    def charter(self) -> Node:
        """The charter. Raises IndexError when the graph is still empty."""
        return self.order[0]

    def __len__(self) -> int:
        return len(self.order)

    def require_nodes(self, ids: Sequence[Id]) -> tuple[Node, ...]:
        """Return the nodes of ``ids``. Raises Pending with those that are not held."""
        nodes = self.nodes
        try:
            return tuple([nodes[id_] for id_ in ids])
        except KeyError:
            raise Pending(acts=frozenset(id_ for id_ in ids if id_ not in nodes)) from None

    def add(self, node: Node, prev: Node | None, parents: tuple[Node, ...], clock: Clock) -> None:
        """Take in a node that admission has judged; ``clock`` is that of its past."""
        node.prev, node.parents, node.far = prev, parents, _far(node, prev)
        place = self.by_place.setdefault((node.feed, node.header.n), [])
        place.append(node)
        if len(place) > 1:
            self.forked.add(node.feed)
        clock[node.feed] = self._extend(clock.get(node.feed, ()), node)
        node.clock = clock
        self.nodes[node.id] = node
        self.order.append(node)
        known = self.feeds.setdefault(node.header.party, [])
        if node.feed not in known:
            known.append(node.feed)
        for seen in (node,) if node.said is node else (node, node.said):
            self.by_kind.setdefault((seen.header.kind, node.feed), []).append(seen)
            for id_ in seen.header.refs:
                self.by_ref.setdefault((id_, seen.header.kind), []).append(seen)
        for cited in (prev, *parents):
            if cited is not None:
                self._tips.pop(cited.id, None)
        self._tips[node.id] = node
        newest = self._feed_tips.setdefault(node.feed, {})
        if prev is not None:
            newest.pop(prev.id, None)
        newest[node.id] = node

    def past_clock(self, prev: Node | None, parents: tuple[Node, ...]) -> Clock:
        """Return the clock of everything that ``prev`` and ``parents``, one at least, have seen."""
        sources = parents if prev is None else (prev, *parents)
        clock = dict(sources[0].clock)
        several: dict[Feed, set[Node]] = {}
        for source in sources[1:]:
            for feed, heads in source.clock.items():
                mine = clock.get(feed)
                if mine is None:
                    clock[feed] = heads
                elif mine is heads or mine == heads:
                    continue
                elif feed in self.forked:
                    several.setdefault(feed, {*mine}).update(heads)
                elif heads[0].header.n > mine[0].header.n:
                    clock[feed] = heads
        # Of many branches all are compared at once, and not again with each act that is cited.
        return clock | {feed: _maximal(heads) for feed, heads in several.items()}

    def includes(self, clock: Clock, node: Node) -> bool:
        """Say whether ``node`` lies within ``clock``."""
        heads = clock.get(node.feed)
        if heads is None:
            return False
        if node.feed not in self.forked:
            return node.header.n <= heads[0].header.n
        return any(_on_chain(head, node) for head in heads)

    def before(self, first: Node, then: Node) -> bool:
        """Say whether ``first`` is an ancestor of ``then``; an act is not before itself."""
        return first.id != then.id and self.includes(then.clock, first)

    def heads(self) -> list[Node]:
        """Return the acts that no other act cites, by id: what the next own act should cite."""
        return [self._tips[id_] for id_ in sorted(self._tips)]

    def feed_heads(self) -> Clock:
        """Return the newest acts of every feed: one, or one per branch where it forked.

        That is the clock of an act that would cite everything held here.
        """
        return {
            feed: tuple(newest[id_] for id_ in sorted(newest))
            for feed, newest in self._feed_tips.items()
        }

    def feed_heads_of(self, feed: Feed) -> tuple[Node, ...]:
        """Return the newest acts of one feed, unordered; none if it has said nothing."""
        return tuple(self._feed_tips.get(feed, {}).values())

    def since(self, feed: Feed, seq: int) -> Iterator[Node]:
        """Yield the acts of a feed at places of its log from ``seq`` on; on each branch the newest
        first. Along a branch places only rise, so what is older is not looked at.
        """
        for head in self.feed_heads_of(feed):
            node: Node | None = head
            while node is not None and node.header.seq >= seq:
                yield node
                node = node.prev

    def equivocations(self) -> list[tuple[Node, ...]]:
        """Return the sets of acts that share one place in a feed, ordered by feed and n."""
        return [
            tuple(sorted(nodes, key=lambda node: node.id))
            for _, nodes in sorted(self.by_place.items(), key=lambda item: item[0])
            if len(nodes) > 1
        ]

    def _extend(self, heads: Heads, node: Node) -> Heads:
        """Return ``heads`` of the node's own feed, grown by the node itself."""
        if not heads or heads == (node.prev,):
            return (node,)
        return _maximal({*heads, node})


def _maximal(heads: Collection[Node]) -> Heads:
    before = {head.prev for head in heads if head.prev is not None}
    return tuple(sorted(_beyond(heads, before), key=lambda head: head.id))


def _beyond(nodes: Iterable[Node], heads: Iterable[Node]) -> Iterator[Node]:
    """Yield those of ``nodes`` that are none of ``heads`` and not on the chain of one."""
    return (node for node, is_on_chain in _placed(nodes, heads) if not is_on_chain)


def _placed(nodes: Iterable[Node], heads: Iterable[Node]) -> Iterator[tuple[Node, bool]]:
    """Yield ``nodes``, and whether each is one of ``heads`` or on the chain of one; all are of one
    feed.

    Places are gone through from the newest down, with the acts there that heads come from. Chains
    that meet go on as one, so that thousands of branches that a liar signs cost what they hold,
    and are never compared with each other.
    """
    places: dict[int, tuple[list[Node], list[Node]]] = {}
    for node in nodes:
        places.setdefault(node.header.n, ([], []))[0].append(node)
    for head in heads:
        places.setdefault(head.header.n, ([], []))[1].append(head)
    front: dict[Id, Node] = {}
    for n in sorted(places, reverse=True):
        asked, here = places[n]
        front = {at.id: at for at in (*(_at(node, n) for node in front.values()), *here)}
        # By id: what a guest said is another object than the record that it stands in.
        yield from ((node, node.id in front) for node in asked)


def _seen_by(nodes: Iterable[Node]) -> dict[Feed, set[Node]]:
    """Return by feed the heads of what each of ``nodes`` had seen."""
    seen: dict[Feed, set[Node]] = {}
    for node in nodes:
        for feed, heads in node.clock.items():
            before = (head.prev if head.id == node.id else head for head in heads)
            seen.setdefault(feed, set()).update(n for n in before if n is not None)
    return seen


def _far(node: Node, prev: Node | None) -> Node:
    """Return how far back ``node`` points: strides of equal length are joined into one.

    So any act on a chain of n is found in O(log n) steps, and a forked feed stays affordable
    however long it gets (Myers, An applicative random-access stack, 1983).
    """
    if prev is None:
        return node
    stride, next_stride = _stride(prev), _stride(prev.far)
    return prev.far.far if stride == next_stride else prev


def _stride(node: Node) -> int:
    return node.header.n - node.far.header.n


def _on_chain(head: Node, node: Node) -> bool:
    """Say whether ``node`` is ``head`` or lies on the chain of ``prev`` behind it."""
    return _at(head, node.header.n).id == node.id


def _at(head: Node, n: int) -> Node:
    """Return the act at place ``n`` on the chain of ``prev`` behind ``head``, or ``head`` itself
    when it is not beyond that place.
    """
    while head.header.n > n:
        # Only the first act of a feed has no prev, and its n is 1.
        head = head.far if head.far.header.n >= n else cast("Node", head.prev)
    return head


class Past:
    """What an act's author had seen: the only thing a guard or a fact may ask (DESIGN section 4).

    Answers depend on the act's ancestors alone, so they are the same on every node, for ever.
    Void acts are passed over unless asked for by id. A record is seen as what the guest did, and
    its author is then the guest (``ids.guest_of``), which is never the party that recorded it.
    """

    __slots__ = ("_clock", "_graph", "_itself", "_members")

    def __init__(
        self,
        graph: Graph,
        clock: Clock,
        itself: Node | None = None,
        members: Callable[[Clock], frozenset[PartyId]] | None = None,
    ) -> None:
        """Look back over ``clock``; ``itself`` is the act whose past this is, if in the clock.

        ``members`` says who belongs as of a clock; only guards and facts need it.
        """
        self._graph = graph
        self._clock = clock
        self._itself = itself
        self._members = members

    @property
    def opening(self) -> Node:
        """The charter."""
        return self._graph.charter

    @property
    def charter(self) -> Header:
        """The charter's header."""
        return self.opening.header

    @property
    def is_void(self) -> bool:
        """Whether this past begins with a charter that has no effect."""
        first = self._graph.charter
        return first is not self._itself and first.void is not None

    @property
    def members(self) -> frozenset[PartyId]:
        """The members as of this past. Raises TypeError when it was made without them."""
        if self._members is None:
            raise TypeError("This past was made without saying who belongs.")
        return self._members(self._clock)

    def of(self, node: Node) -> Past:
        """Return what the author of ``node``, an act in this past, had seen."""
        placed = self._graph.nodes[node.id]
        return Past(self._graph, placed.clock, placed, self._members)

    def includes(self, node: Node) -> bool:
        """Say whether ``node`` lies in this past."""
        itself = self._itself is not None and node.id == self._itself.id
        return not itself and self._graph.includes(self._clock, node)

    def signed(self, id_: str) -> Node | None:
        """Return the act ``id_`` as it was signed, if it lies in this past; else None."""
        node = self._graph.nodes.get(id_)  # type: ignore[call-overload]
        return node if node is not None and self.includes(node) else None

    def find(self, id_: str) -> Node | None:
        """Return the act ``id_`` if it lies in this past, void or not; else None."""
        node = self.signed(id_)
        return None if node is None else node.said

    def effective(self, id_: str, *kinds: str) -> Node | None:
        """Return the act ``id_`` if it is in this past, has effect, and is of one of ``kinds``."""
        node = self.signed(id_)
        if node is None or node.void is not None:
            return None
        return next(filter(None, map(node.as_kind, kinds)), None)

    def all(self, kind: str, by: PartyId | None = None) -> Iterator[Node]:
        """Yield the effective acts of ``kind`` in this past, of one author or of all, unordered."""
        feeds = self._feeds(by) if by is not None else [*self._clock]
        for feed in feeds:
            said = [
                node
                for node in self._graph.by_kind.get((kind, feed), ())
                if by in {None, node.header.party} and node.void is None
            ]
            yield from self._within(feed, said)

    def citing(self, id_: str, *kinds: str) -> Iterator[Node]:
        """Yield the effective acts of ``kinds`` in this past that cite the act ``id_``, unordered.

        It costs what cites that act, and not what else was said.
        """
        by_feed: dict[Feed, list[Node]] = {}
        for kind in kinds:
            for node in self._graph.by_ref.get((cast("Id", id_), kind), ()):
                if node.void is None:
                    by_feed.setdefault(node.feed, []).append(node)
        for feed, said in by_feed.items():
            yield from self._within(feed, said)

    def _within(self, feed: Feed, nodes: list[Node]) -> Iterator[Node]:
        """Yield those of a feed's ``nodes`` that lie in this past."""
        if feed in self._graph.forked:
            return self._on_branches(feed, nodes)
        return filter(self.includes, nodes)

    def _on_branches(self, feed: Feed, nodes: list[Node]) -> Iterator[Node]:
        """Yield those of a forked feed's ``nodes`` that lie in this past, all at once."""
        itself = None if self._itself is None else self._itself.id
        for node, is_on_chain in _placed(nodes, self._clock.get(feed, ())):
            if is_on_chain and node.id != itself:
                yield node

    def _feeds(self, by: PartyId) -> list[Feed]:
        return self._graph.feeds.get(host_of(by)[0], [])

    def latest(self, kind: str, by: PartyId) -> tuple[Node, ...]:
        """Return the newest effective acts of ``kind`` by an author: one, or more if concurrent."""
        graph = self._graph
        found: dict[Id, Node] = {}
        for feed in self._feeds(by):
            newest = self._newest_of_branches if feed in graph.forked else self._newest_of_chain
            found |= {node.id: node for node in newest(kind, feed, by)}
        if len(found) < 2:
            return tuple(found.values())
        seen = _seen_by(found.values())
        by_feed: dict[Feed, list[Node]] = {}
        for node in found.values():
            by_feed.setdefault(node.feed, []).append(node)
        last = [n for feed, nodes in by_feed.items() for n in _beyond(nodes, seen.get(feed, ()))]
        return tuple(sorted(last, key=lambda node: node.id))

    def _newest_of_chain(self, kind: str, feed: Feed, by: PartyId) -> Iterator[Node]:
        # An act is admitted after those before it, so that the newest stands last.
        for node in reversed(self._graph.by_kind.get((kind, feed), [])):
            if node.void is None and node.header.party == by and self.includes(node):
                yield node
                return

    def _newest_of_branches(self, kind: str, feed: Feed, by: PartyId) -> Iterator[Node]:
        for head in self._clock.get(feed, ()):
            node: Node | None = head
            while node is not None and (seen := self._effective_as(node, kind, by)) is None:
                node = node.prev
            if node is not None and seen is not None:
                yield seen

    def _effective_as(self, node: Node, kind: str, by: PartyId) -> Node | None:
        seen = node.as_kind(kind)
        if seen is None or node is self._itself or node.void is not None:
            return None
        return seen if seen.header.party == by else None

    def before(self, first: Node, then: Node) -> bool:
        """Say whether ``first`` is an ancestor of ``then``."""
        return self._graph.before(first, then)
