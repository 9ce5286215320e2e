"""Offices held by citation: chair, coordinator (KERNEL "Convergence", Office).

An act of office cites what gives the office to its author: the charter, or a hand-over that its
author accepted; and nothing the author had seen hands it on. A hand-over is complete when the next
has accepted it; until then its author holds the office. Two completed hand-overs of one grant are a
shown conflict: who has seen both finds the office held by nobody, and it is lost. What was done
under either before stays done. A lost office is that of a successor dossier.

A protocol declares its offices, and no more: what such acts must cite is then demanded of each
(rule D0), and these facts are added to its own, cells of sets::

    office    (name, grant, act, party)   the charter with grant "", or an accepted hand-over
    offered   (name, grant, act, party)   a hand-over, accepted or not

``grant`` is the act by which the giver held the office, ``act`` gives it to ``party``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel import kinds
from comity.kernel.act import CHARTER
from comity.kernel.errors import SCHEMA_RULE, Phrase, Void
from comity.kernel.fold import add
from comity.kernel.ids import Id, PartyId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comity.kernel.act import Header
    from comity.kernel.fold import Fact, State
    from comity.kernel.graph import Node, Past

TO = "to"
"""The coded field of a hand-over that names who is to hold the office next."""


@dataclass(frozen=True, slots=True)
class Office:
    """An office of a protocol: ``name`` is its code, ``label`` an English source string.

    ``acts`` are the kinds that only its holder issues. ``hand_over`` is the kind by which the
    holder offers it, with the party in the field ``to``; ``accept`` the kind by which that party
    takes it, citing the hand-over alone. Both cite one act. ``given`` is the term of the charter
    that names the first holder; without it that is the charter's chair, or else its author.
    """

    name: str
    label: str
    acts: tuple[str, ...]
    hand_over: str
    accept: str
    given: str = ""


class Grant(NamedTuple):
    """What gives an office: ``act`` is the charter or a hand-over, ``to`` the party."""

    act: Id
    to: PartyId


def first(office: Office, charter: Header) -> PartyId:
    """Return to whom a charter gives the office."""
    opening = kinds.read_charter(charter)
    if office.given:
        return PartyId(str(opening.terms[office.given]))
    return opening.chair or charter.party


def held_in(office: Office, past: Past) -> tuple[Grant, ...]:
    """Return by what the office is held as of ``past``: one grant, or those in conflict."""
    accepted: dict[str, set[Grant]] = {}
    for node in past.all(office.accept):
        # It has effect, so that what it cites is a hand-over that has effect.
        offer = cast("Node", past.find(node.header.refs[0]))
        accepted.setdefault(offer.header.refs[0], set()).add(_grant(offer))
    return _last(Grant(past.opening.id, first(office, past.charter)), accepted)


def held(office: Office, state: State) -> tuple[Grant, ...]:
    """Return by what the office is held as of ``state``, for a summary.

    One grant says who holds it. Two or more are hand-overs by one holder, a conflict to show:
    nobody holds it. None: the charter itself is disowned.
    """
    accepted = _grants(office, state, "office")
    opening = accepted.pop("", None)
    return () if opening is None else _last(min(opening), accepted)


def offers(office: Office, state: State) -> tuple[Grant, ...]:
    """Return the hand-overs that wait for an acceptance, by act, for a summary's duties."""
    standing = held(office, state)
    if len(standing) != 1:
        return ()
    return tuple(sorted(_grants(office, state, "offered").get(standing[0].act, ())))


def _grants(office: Office, state: State, cell: str) -> dict[str, set[Grant]]:
    found: dict[str, set[Grant]] = {}
    for name, grant, act, party in state.keys(cell):
        if name == office.name:
            found.setdefault(str(grant), set()).add(Grant(Id(str(act)), PartyId(str(party))))
    return found


def _last(opening: Grant, accepted: Mapping[str, set[Grant]]) -> tuple[Grant, ...]:
    """Follow hand-overs from the charter on, as long as there is one."""
    here: tuple[Grant, ...] = (opening,)
    # A hand-over cites what came before it, so that this ends.
    while len(here) == 1 and (following := accepted.get(here[0].act)):
        here = tuple(sorted(following))
    return here


def _grant(offer: Node) -> Grant:
    return Grant(offer.id, PartyId(str(offer.header.body[TO])))


def authority(offices: Iterable[Office], kind: str, past: Past) -> Id | None:
    """Return what an act of ``kind`` cites as of ``past`` to be one of office, if it is."""
    for office in offices:
        if kind in {*office.acts, office.hand_over}:
            grants = held_in(office, past)
            return grants[0].act if len(grants) == 1 else None
    return None


def require(offices: Iterable[Office], node: Node, past: Past) -> None:
    """Require of an act as declared that its author may issue it by its office. Raises Void D0."""
    header = node.header
    for office in offices:
        if header.kind == CHARTER:
            _require_founder(office, header)
        elif header.kind == office.accept:
            _require_offered(office, header, past)
        elif header.kind == office.hand_over:
            _require_held(office, header, past)
            _require_next(office, header, past)
        elif header.kind in office.acts:
            _require_held(office, header, past)


def _require_founder(office: Office, charter: Header) -> None:
    if first(office, charter) not in kinds.read_charter(charter).members:
        raise _void("The office of {office} goes to no founding member; name one.", office)


def _require_held(office: Office, header: Header, past: Past) -> None:
    grant = _standing(office, past)
    if grant.to != header.party:
        raise _void("Another party holds the office of {office}; ask it to act.", office)
    if grant.act not in header.refs:
        raise _void(
            "The act does not cite {act}…, which gives its author the office of {office}; cite it.",
            office,
            act=grant.act[:8],
        )


def _require_next(office: Office, header: Header, past: Past) -> None:
    to = header.body[TO]
    if to == header.party or to not in past.members:
        raise _void("The office of {office} is handed over to another member; name one.", office)


def _require_offered(office: Office, header: Header, past: Past) -> None:
    offer = cast("Node", past.find(header.refs[0]))
    if _grant(offer).to != header.party:
        raise _void("The office of {office} was handed over to another party.", office)
    if _standing(office, past).act != offer.header.refs[0]:
        raise _void("The office of {office} was handed on already; ask its holder for it.", office)


def _standing(office: Office, past: Past) -> Grant:
    grants = held_in(office, past)
    if len(grants) != 1:
        raise _void(
            "The office of {office} was handed over twice by one holder, and nobody holds it; open "
            "a dossier that succeeds this one.",
            office,
        )
    return grants[0]


def _void(template: str, office: Office, **values: str) -> Void:
    return Void(SCHEMA_RULE, Phrase(template, office=Phrase(office.label), **values))


def facts(offices: Iterable[Office], node: Node, past: Past) -> Iterator[Fact]:
    """Yield what an act that has effect says of the offices."""
    header = node.header
    for office in offices:
        if header.kind == CHARTER:
            yield add("office", office.name, "", node.id, first(office, header))
        elif header.kind == office.hand_over:
            yield add("offered", office.name, header.refs[0], *_grant(node))
        elif header.kind == office.accept:
            offer = cast("Node", past.find(header.refs[0]))
            yield add("office", office.name, offer.header.refs[0], *_grant(offer))
