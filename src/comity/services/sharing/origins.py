"""Where an object came from: the signed acts it went through, its origin first.

It was verified when it came, and what failed is on no shelf; here it is only told. Of each party
it is said how this node knows it: what a middleman shows proves that the keys are those with which
the origin signed, and not whose they are.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.act import read
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.protocols.sharing.circle.acts import Forward
from comity.services.casework import dossiers
from comity.services.identity.alike import told_apart
from comity.services.sharing import shelving
from comity.store.access import acts, parties

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from comity.kernel.act import Act
    from comity.kernel.provenance import Came
    from comity.services.node import Node
    from comity.services.sharing.about import Held
    from comity.store.access.parties import PartyRow

_ACTS = 16
MOST = 8
"""Collections of which it is told how an object came there."""
SELF, COMPARED, MET, INTRODUCED, STRANGE = "self", "compared", "met", "introduced", "strange"
"""How this node knows a party: it is this one; its keys were compared; it gave its documents
itself; another introduced it; it is known by what a middleman shows alone.
"""


class Hop(NamedTuple):
    """An act that an object went through: by which party, how that is ``known``, ``by`` whom it
    was introduced or is shown, when it was signed (ms), as which kind, under which label.
    """

    party: str
    name: str
    known: str
    by: str
    time: int
    kind: str
    tlp: TLP


class Way(NamedTuple):
    """How an object came to where it is ``held``; without hops nothing can be told."""

    held: Held
    hops: tuple[Hop, ...]


def ways(node: Node, held: Sequence[Held]) -> list[Way]:
    """Return how an object came to each circle where it stands."""
    told = [each for each in held if each.act][:MOST]
    rows = parties.parties(node.db)
    called = told_apart(rows)
    known = {row.id: row._replace(name=called[row.id]) for row in rows}
    return [Way(each, tuple(_hops(node, each, known))) for each in told]


def _hops(node: Node, held: Held, known: Mapping[str, PartyRow]) -> Iterator[Hop]:
    row = acts.act(node.db, held.act)
    if row is None:
        return
    act = dossiers.stored_act(node, row)
    last = _name(act.header.party, known)
    for each in (*_before(node, act, held.part), act):
        party = each.header.party
        how, by = _known(known.get(party), known, last)
        name = _name(party, known)
        yield Hop(party, name, how, by, each.header.time, each.header.kind, each.header.tlp)


def sources(node: Node, act_id: str) -> tuple[str, dict[int, str]]:
    """Return the author of an act, and by part who gave first what it forwarded; "" and nothing
    where that is not here any more.
    """
    row = acts.act(node.db, act_id)
    if row is None:
        return "", {}
    act, found = dossiers.stored_act(node, row), dict[int, str]()
    for came in _came(node, act):
        party = read(came.envelope).header.party
        for part in came.places():
            found.setdefault(part, party)
    return act.header.party, found


def givers(node: Node) -> Callable[[str, int], str]:
    """Return what says by the id of an act that forwarded, and a part of it, who gave that first.
    Asked in the order of the acts it reads each once.
    """
    # One act forwards many objects, and where all of them came from is read as a whole.
    of_act = lru_cache(maxsize=_ACTS)(partial(sources, node))

    def giver(act: str, part: int) -> str:
        author, found = of_act(act)
        return found.get(part, author)

    return giver


def _before(node: Node, act: Act, part: int) -> list[Act]:
    """Return the acts before one that forwarded an object."""
    return [read(came.envelope) for came in _came(node, act) if came.has(part)]


def _came(node: Node, act: Act) -> Sequence[Came]:
    """Return what an act that forwards says of where its objects came from."""
    if act.header.kind != Forward.KIND.kind:
        return ()
    try:
        return shelving.provenance_of(node, act.id, act.header).came
    except Refusal:
        return ()  # It is not here any more: what it came by cannot be told.


def _name(party: str, known: Mapping[str, PartyRow]) -> str:
    row = known.get(party)
    return party[:8] if row is None else row.name or party[:8]


def _known(row: PartyRow | None, known: Mapping[str, PartyRow], last: str) -> tuple[str, str]:
    if row is None:
        return STRANGE, last
    if row.is_self:
        return SELF, ""
    if row.accredited_at is not None:
        return COMPARED, ""
    if row.introduced_by in known and row.introduced_by != row.id:
        return INTRODUCED, _name(row.introduced_by, known)
    return MET, ""
