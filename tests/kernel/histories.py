"""Random histories of a dossier: forks, joins, leaves, a restored node, acts that must be refused.

Chance is a function, so that hypothesis and a seeded generator can both play.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from comity.kernel.act import Act
from comity.kernel.documents import Closing, View
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Refusal
from comity.kernel.graph import Node
from comity.kernel.ids import Id
from comity.kernel.kinds import AS, Growth
from comity.kernel.label import TLP
from comity.kernel.office import held
from tests.kernel.world import TELLER, Party, charter, digest, documents_of, replica

Choose = Callable[[int], int]
"""Returns a number from 0 to below its argument."""

FOUNDERS = ("orvanda", "tolmere", "sarivane")
OUTSIDERS = ("fennick controls", "wicklight lab")
PARTIES = {Party(name).id for name in (*FOUNDERS, *OUTSIDERS)}
GROWTH = (Growth.CHAIR, Growth.ALL, Growth.CHAIR, Growth.ALL, Growth.CLOSED)
_MEMBER = (
    *("claim", "claim", "claim", "bid", "bid", "mark", "mark", "note", "record", "erase"),
    *("translation", "translation"),
    *("claim", "bid", "note", "release", "invite", "invite", "invite", "invite", "leave"),
    *("claim", "bid", "note", "join", "decline"),
    *("count", "count", "count", "hand_over", "hand_over", "hand_over", "accept", "accept"),
)
_OUTSIDER = ("join", "join", "join", "join", "join", "join", "decline", "note")


@dataclass
class History:
    """What happened: the charter, all documents, the admitted acts in one order, the refused."""

    opening: Act
    docs: dict[Id, View]
    acts: list[Act] = field(default_factory=list)
    refused: list[tuple[Act, str]] = field(default_factory=list)

    def fold(self, acts: Sequence[Act] | None = None) -> Dossier:
        """Return the dossier of these acts, by default of all."""
        return replica(self.opening, self.docs, self.acts if acts is None else acts)


def weave(choose: Choose, steps: int, liars: int = 1) -> History:
    """Let five parties speak ``steps`` times into replicas of a dossier that they merge at times.

    The first ``liars`` parties keep two replicas each and so fork their feeds.
    """
    founders, outsiders = [Party(n) for n in FOUNDERS], [Party(n) for n in OUTSIDERS]
    everyone = [*founders, *outsiders]
    growth = GROWTH[choose(5)]
    chair = founders[0].id if growth == Growth.CHAIR else None
    history = History(charter(founders[0], founders[1:], growth=growth, chair=chair), {})
    history.docs.update(documents_of(*everyone))
    places = [(p, history.fold([])) for p in (*everyone, *everyone[:liars])]
    held: dict[Id, Act] = {}
    for _ in range(steps):
        party, here = places[choose(len(places))]
        move = choose(20)
        lost = party.id not in here.members.now() and not here.members.invites_of(party.id)
        if move < 8 or (lost and move < 18):
            _merge(here, places[choose(len(places))][1], held, history)
        elif move == 8 and party.view.current_log == 1 and party in founders:
            party.succeed(Closing(choose(4), digest("root"), ()))
            history.docs.update(documents_of(party))
        else:
            kinds = _MEMBER if party.id in here.members.now() else _OUTSIDER
            kind = kinds[choose(len(kinds))]
            refs = _refs(kind, here, choose)
            body, tlp = _body(kind, here, party, choose), _label(kind, choose)
            act = party.say(here, kind, body, refs=refs, tlp=tlp)
            _tell(here, act, held, history)
    return history


def _merge(into: Dossier, source: Dossier, held: dict[Id, Act], history: History) -> None:
    for node in source.graph.order[1:]:
        # Its signature was verified when it was said.
        into.place(held[node.id], history.docs[node.header.doc], history.docs)


def _tell(here: Dossier, act: Act, held: dict[Id, Act], history: History) -> None:
    try:
        here.admit(act, history.docs)
    except Refusal as refusal:
        history.refused.append((act, refusal.rule))
    else:
        held[act.id] = act
        history.acts.append(act)


def _body(kind: str, here: Dossier, by: Party, choose: Choose) -> dict[str, Any]:
    def pick(of: Sequence[str]) -> str:
        """Mostly what makes sense, sometimes not."""
        return of[choose(len(of))] if of and choose(8) else digest("nothing")

    def act_of(*kinds: str) -> str:
        return pick([n.id for n in here.graph.order if not kinds or n.header.kind in kinds])

    own = [n.id for n in here.graph.order if n.header.party == by.id]
    strangers = sorted(PARTIES - here.members.now())[:2]
    invites: list[str] = [n.id for n in here.members.invites_of(by.id)] or [act_of("invite")]
    bodies: dict[str, Callable[[], dict[str, Any]]] = {
        "claim": lambda: {"status": ("open", "held", "done")[choose(3)]},
        "bid": lambda: {"amount": 1 + choose(5)},
        "mark": lambda: {"of": act_of("claim")},
        "record": lambda: {
            "letter": pick(own),
            "guest": ("guest", "finder")[choose(2)],
            **_recorded(choose),
        },
        "hand_over": lambda: {"to": pick(sorted(here.members.now()))},
        "erase": lambda: {
            "act": pick(own),
            "stage": "asked",
            "reason": "law",
            **({}, {"parts": [0]}, {"parts": [1]})[choose(3)],
        },
        "translation": lambda: {
            "act": act_of(),
            "lang": ("ar", "zh-Hans")[choose(2)],
            "as": AS[choose(3)],
        },
        "release": lambda: {"acts": [pick(own)], "to": pick(sorted(here.members.now()))},
        "invite": lambda: {"party": pick(strangers or [by.id])},
        "join": lambda: {"invite": pick(invites)},
        "decline": lambda: {"invite": pick(invites)} if choose(2) else {},
    }
    return bodies.get(kind, dict)()


def _label(kind: str, choose: Choose) -> TLP:
    """Most of what is said has one label; of some a translation would go further."""
    varied = kind in {"note", "translation"} and choose(4) == 0
    return TLP.AMBER if varied else TLP.GREEN


def _recorded(choose: Choose) -> dict[str, Any]:
    """What a guest did: two kinds that may be recorded, and one that may not."""
    return (
        {"kind": "claim", "body": {"status": ("open", "held")[choose(2)]}},
        {"kind": "bid", "body": {"amount": 1 + choose(5)}},
        {"kind": "objection", "body": {}},
    )[choose(3)]


def _refs(kind: str, here: Dossier, choose: Choose) -> tuple[Id, ...]:
    """What an act of office cites: mostly by what the office is held, sometimes what it was."""
    if kind == "accept":
        offers = [n.id for n in here.graph.order if n.header.kind == "hand_over"]
        return tuple(offers[-1 - choose(2) :][:1])
    if kind not in {"count", "hand_over"}:
        return ()
    grants = [g.act for g in held(TELLER, here.state)] if choose(6) else [here.id]
    return tuple(grants[:1])


def woven(seed: int, steps: int, liars: int = 1) -> History:
    """Return the history that this seed gives."""
    return weave(random.Random(seed).randrange, steps, liars)


@st.composite
def histories(draw: st.DrawFn, most: int = 40, liars: int = 2) -> History:
    """Draw a history of up to ``most`` steps with up to ``liars`` parties that fork."""
    numbers = iter(draw(st.binary(min_size=most * 6, max_size=most * 6)))

    def choose(below: int) -> int:
        return next(numbers, 0) % below

    return weave(choose, draw(st.integers(0, most)), draw(st.integers(0, liars)))


def shuffled(acts: Sequence[Act], chance: random.Random) -> list[Act]:
    """Return the acts in another order in which everything comes after what it cites."""
    waiting, order = list(acts), []
    missing = {act.id for act in acts}
    while waiting:
        ready = [a for a in waiting if not missing & {a.header.prev, *a.header.parents}]
        act = chance.choice(ready)
        waiting.remove(act)
        missing.discard(act.id)
        order.append(act)
    return order


def ancestors(node: Node) -> set[Node]:
    """Return everything before a node, counted one by one."""
    found: set[Node] = set()
    waiting = [node]
    while waiting:
        here = waiting.pop()
        cited = {c for c in (here.prev, *here.parents) if c is not None} - found
        found |= cited
        waiting += cited
    return found
