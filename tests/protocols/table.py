"""A table at which parties deal under one protocol: what cases, vectors and properties play on.

Every voice has a replica of the dossier and speaks from what it holds. ``say`` lets it catch up
first; ``apart=True`` does not, so that acts become concurrent. A second voice of one party, made
with ``fork``, is a party whose machine was restored from a backup::

    table = Table(PROTOCOL)
    opening = table.open(Open(rsit="availability"))           # Orvanda opens; all are members
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="investigate"))
    table.say("tolmere", Answer(result="done"), [ask], apart=True)
    table.seen.summary()                                      # as by someone who holds everything
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from comity.kernel import content
from comity.kernel.act import Act
from comity.kernel.canon import Object
from comity.kernel.declare import Coded
from comity.kernel.documents import View
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Pending
from comity.kernel.graph import Node
from comity.kernel.ids import Id, PartyId, guest_of
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.kernel.protocol import Protocol
from tests.kernel.world import TIME, Party, documents_of, parts_of

NAMES = ("orvanda", "tolmere", "sarivane")
LATER = TIME + 86_400_000
"""A day after the first act, in milliseconds since the epoch."""
__all__ = ["LATER", "NAMES", "TIME", "Table", "gather"]


class Table:
    """Parties, their voices, and the acts of one dossier in the order they were signed.

    Fields: ``protocol``, ``parties`` and ``voices`` by name, ``acts``, ``docs``, ``seen`` (a
    replica that holds everything said).
    """

    seen: Dossier

    def __init__(self, protocol: Protocol, names: Sequence[str] = NAMES) -> None:
        self.protocol = protocol
        self.parties = {name: Party(name) for name in names}
        self.docs: dict[Id, View] = documents_of(*self.parties.values())
        self.voices: dict[str, Dossier] = {}
        self.acts: list[Act] = []

    def id(self, name: str) -> PartyId:
        """The id of a party."""
        return self.parties[name].id

    def open(
        self,
        terms: Coded | Object | None = None,
        *,
        members: Sequence[str] = NAMES,
        growth: str = Growth.CLOSED,
        refs: Sequence[Act] = (),
        succeeds: Id | None = None,
    ) -> Act:
        """Open the dossier: the first member is the author, and the chair where there is one."""
        author = self.parties[members[0]]
        charter = Charter(
            protocol=self.protocol.name,
            version=self.protocol.version,
            members=tuple(sorted(self.id(name) for name in members)),
            growth=growth,
            ceiling=TLP.AMBER,
            chair=author.id if growth == Growth.CHAIR else None,
            readers=(),
            succeeds=succeeds,
            time=None,
            terms=_body(terms),
        )
        act = author.say(
            None,
            "charter",
            charter.to_body(),
            footing=Footing.TECHNICAL,
            refs=tuple(ref.id for ref in refs),
        )
        self.acts.append(act)
        self.seen = self.replica()
        self.voices = {name: self.replica() for name in self.parties}
        return act

    def say(
        self,
        voice: str,
        what: Coded | str,
        cites: Sequence[Act] = (),
        body: Object | None = None,
        *,
        apart: bool = False,
        objects: int = 0,
        **header: Any,
    ) -> Act:
        """Sign an act and let everyone who holds everything see it.

        ``what`` is a declared type, or a kind with its ``body``. ``apart`` speaks from what the
        voice already holds. With ``objects`` its content is a batch of so many, instead of words.
        The party's own name is before any ``/`` in the voice's.
        """
        if not apart:
            self.catch_up(voice)
        dossier = self.voices[voice]
        kind = what if isinstance(what, str) else what.KIND.kind
        refs = tuple(act.id for act in cites)
        party = self.parties[voice.partition("/")[0]]
        act = party.say(
            dossier,
            kind,
            (body or {}) if isinstance(what, str) else what.to_body(),
            **{"refs": refs} | (_batch(objects) if objects else {}) | header,
        )
        self.give(dossier, act)
        self.give(self.seen, act)
        self.acts.append(act)
        return act

    def record(
        self,
        voice: str,
        guest: str,
        letter: Act,
        what: Coded | str,
        cites: Sequence[Act] = (),
        *,
        body: Object | None = None,
        apart: bool = False,
    ) -> Act:
        """Let a party record what its guest did; ``letter`` is an own act of the party."""
        kind = what if isinstance(what, str) else what.KIND.kind
        did = (body or {}) if isinstance(what, str) else what.to_body()
        told: Object = {"letter": letter.id, "guest": guest, "kind": kind, "body": did}
        return self.say(voice, "record", cites, told, apart=apart)

    def guest(self, host: str, handle: str) -> PartyId:
        """The author of what a guest did."""
        return guest_of(self.id(host), handle)

    def fork(self, name: str, copy: str) -> None:
        """Give a party the second voice ``copy`` that knows what the first knows now, and from
        then on neither hears of the other until it catches up.
        """
        self.voices[copy] = self.replica(node.id for node in self.voices[name].graph.order)

    def catch_up(self, voice: str) -> None:
        """Let a voice take in everything that was said."""
        for act in self.acts:
            self.give(self.voices[voice], act)

    def replica(self, ids: Iterable[Id] | None = None) -> Dossier:
        """Return a dossier that holds the acts of ``ids``, by default all."""
        wanted = {act.id for act in self.acts} if ids is None else set(ids)
        dossier = Dossier(self.acts[0], self.docs, self.protocol)
        for act in self.acts[1:]:
            if act.id in wanted:
                self.give(dossier, act)
        return dossier

    def give(self, dossier: Dossier, act: Act) -> None:
        """Let a dossier take in an act that was signed here, so that its signature is known."""
        if act.id != dossier.id:
            dossier.place(act, self.docs[act.header.doc], self.docs)

    def node(self, act: Act) -> Node:
        """Return an act as everyone sees it."""
        return self.seen.graph.nodes[act.id]

    def verdict(self, act: Act) -> str | None:
        """Return the rule that gives an act no effect, or None."""
        void = self.node(act).void
        return None if void is None else void[0]


def gather(table: Table, acts: Iterable[Act]) -> Dossier:
    """Return a dossier given ``acts`` in this order, each again until it can be placed."""
    dossier = Dossier(table.acts[0], table.docs, table.protocol)
    waiting = list(acts)
    while waiting:
        left = [act for act in waiting if not _placed(table, dossier, act)]
        assert len(left) < len(waiting)
        waiting = left
    return dossier


def _placed(table: Table, dossier: Dossier, act: Act) -> bool:
    try:
        table.give(dossier, act)
    except Pending:
        return False
    return True


def _batch(objects: int) -> dict[str, Any]:
    parts = parts_of(*(f"object {number}" for number in range(objects)))
    return {"content": content.commit(content.STIX, parts)}


def _body(terms: Coded | Object | None) -> Object:
    if terms is None:
        return {}
    return terms.to_body() if isinstance(terms, Coded) else terms
