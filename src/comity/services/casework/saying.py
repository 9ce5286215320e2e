"""What somebody is about to say, before a draft of it is kept: of which kind, where, about what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.fieldtypes import Many, Party
from comity.kernel.label import TLP
from comity.kernel.lanes import LANE
from comity.services.casework import compose, dossiers, drafts, forms, membership, translations
from comity.services.casework.kernelkinds import TRANSLATION
from comity.services.identity import roster
from comity.store.access import acts as access
from comity.store.access.finding import beginnings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from comity.kernel.ids import PartyId
    from comity.kernel.protocol import ActKind, Field, Protocol
    from comity.services.casework.desk import Desk
    from comity.services.casework.forms import FormField
    from comity.services.casework.translations import Original
    from comity.services.identity.roster import Known
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.acts import DossierRow


QUOTED = 50
"""Acts of which a form that may cite them shows how their words begin."""
BEGINNING = 80
"""Characters of that."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is being said: the kind, in which dossier, or opening one under ``protocol``; of a
    translation also the ``original``.
    """

    kind: ActKind
    protocol: Protocol
    row: DossierRow | None
    desk: Desk
    original: Original | None = None

    @property
    def ceiling(self) -> TLP:
        """The strictest label it may carry: of a dossier, that; to open one, RED to who reads it,
        who alone may say who else does.
        """
        if self.row is not None:
            return TLP(self.row.ceiling)
        red = self.desk.actor.reads_any(self.protocol.lanes, TLP.RED)
        return TLP.RED if red else TLP.AMBER_STRICT

    @property
    def floor(self) -> TLP:
        """The widest label it may carry: of a translation, the original's."""
        return TLP.CLEAR if self.original is None else self.original.header.tlp

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes in which it may be said."""
        return self.protocol.lanes if self.row is None else self.desk.sides.of(self.row)

    @property
    def able(self) -> frozenset[str]:
        """Those of its lanes in which this person may say it."""
        under, said = self.desk.actor.under, (self.protocol.name, self.kind.kind)
        return frozenset(lane for lane in self.lanes if under(lane, *said) is not None)

    @property
    def form(self) -> forms.Form:
        """What there is to fill in; a lane is one in which this person may say it."""
        form = forms.form(self.kind, self.protocol)
        return replace(form, fields=tuple(_narrowed(field, self.able) for field in form.fields))


def _narrowed(field: FormField, able: Collection[str]) -> FormField:
    if field.name != LANE:
        return field
    return replace(field, choices=tuple(each for each in field.choices if each[0] in able))


def place(
    desk: Desk, *, dossier: str = "", kind: str = "", protocol: str = "", about: str = ""
) -> Place:
    """Return the place of an act of ``kind`` in a dossier, ``about`` an act where it is a
    translation or, without a dossier, of what opens one under ``protocol``. Raises Refusal S3, S4
    or S8.
    """
    if not dossier:
        rules = compose.protocol_of(desk.node, protocol)
        return Place(rules.opening, rules, None, desk)
    row = desk.dossier(dossier)
    found = desk.protocol(row)
    if found is None:
        raise Refusal("S3", "It cannot be read here.")
    if about and about in desk.sides.hidden(row, [about]):
        raise Refusal("S3", "There is no such message here.", about)
    declared = membership.kind_of(desk.node, dossier, kind, about)
    original = None
    if kind == TRANSLATION.kind:
        original = translations.original(desk.node, about, dossier)
    return Place(declared, found, row, desk, original)


def openable(node: Node, actor: Actor) -> list[Protocol]:
    """Return the protocols under which a person may open dossiers."""
    return [
        protocol
        for protocol in node.protocols.values()
        if actor.under_any(protocol.lanes, protocol.name, drafts.CHARTER) is not None
    ]


def require(actor: Actor, place: Place) -> None:
    """Raise Refusal S10 unless a mandate covers what is about to be begun."""
    if actor.under_any(place.lanes, place.protocol.name, place.kind.kind) is None:
        raise Refusal("S10", "None of your mandates covers this.", place.kind.kind)


def parties(place: Place) -> list[Known]:
    """Return the parties that may be named: of a dossier those it is about, to open one everybody
    known.
    """
    everyone = roster.everyone(place.desk.node)
    if place.row is None:
        return [party for party in everyone if not party.is_self]
    meant = _meant(place.desk.node, place.row.id, place.kind)
    return [party for party in everyone if party.id in meant]


def _meant(node: Node, dossier: str, kind: ActKind) -> Collection[PartyId]:
    with node.lock:
        loaded = dossiers.load(node, dossier)
        if any(_is_anybody(field) for field in kind.body):
            return {party.id for party in roster.everyone(node)}
        if kind.kind == "invite" or any(_is_outside(field) for field in kind.body):
            return membership.invitable(node, loaded)
        if kind.kind == "release":
            return membership.lacking(node, loaded)
        own = any(isinstance(field.type, Party) and field.type.own for field in kind.body)
        return loaded.members.now() - (set() if own else {node.me})


def _is_anybody(field: Field) -> bool:
    """Say whether a field is for any party at all: those that take part, others, and one's own."""
    of = field.type.of if isinstance(field.type, Many) else field.type
    return isinstance(of, Party) and of.outside and of.own


def _is_outside(field: Field) -> bool:
    return isinstance(field.type, Party) and field.type.outside


def acts(place: Place, about: str = "") -> list[tuple[str, str]]:
    """Return the acts that may be meant, as (id, what it says in a line, when, and what it is
    called if it has a title); one alone where it is known what it is ``about``.
    """
    lines = _lines(place, about)
    return _named(place, lines, access.titles(place.desk.node.db, [*lines]))


def quoted(place: Place, about: str = "") -> list[tuple[str, str]]:
    """As ``acts``; what has no title is told by how its words begin, as far as they are here. Who
    reads this reads of the dossier.
    """
    lines, db = _lines(place, about), place.desk.node.db
    titles = access.titles(db, [*lines])
    words = beginnings(db, [id_ for id_ in lines if id_ not in titles][:QUOTED], BEGINNING + 1)
    said = {id_: " ".join(text.split()) for id_, text in words.items()}
    return _named(place, lines, titles | {i: f"“{_cut(text)}”" for i, text in said.items() if text})


def _cut(text: str) -> str:
    return text if len(text) <= BEGINNING else f"{text[:BEGINNING].rstrip()}…"


def _named(
    place: Place, lines: Mapping[str, str], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    apart = place.desk.tongue.apart
    return [
        (id_, f"{line} · {apart(names[id_])}" if id_ in names else line)
        for id_, line in lines.items()
    ]


def _lines(place: Place, about: str) -> dict[str, str]:
    row, node, kind = place.row, place.desk.node, place.kind
    if row is None:
        return {}
    told = place.desk.told(row)
    with node.lock:
        loaded = dossiers.load(node, row.id)
        if place.original is not None:
            found = [loaded.graph.nodes[place.original.id]]
        elif kind.kind in membership.KINDS:
            found = membership.subjects(node, loaded, kind.kind, about)
        else:
            found = forms.citable(kind, loaded.now())
        hidden = place.desk.sides.hidden(row, (act.id for act in found))
        return {act.id: told.line_at(act.id, act.header) for act in found if act.id not in hidden}
