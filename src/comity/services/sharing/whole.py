"""Everything that a page says of one object; its questions do not grow with what is held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.bridges.stix.observables import observables
from comity.bridges.stix.scoids import sco_id
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP, Egress
from comity.protocols.sharing.circle import PROTOCOL
from comity.protocols.sharing.circle import reading as said
from comity.services.casework import dossiers
from comity.services.identity import roster
from comity.services.people import audit
from comity.services.sharing import (
    about,
    alarms,
    browsing,
    circles,
    exploited,
    origins,
    relations,
    replies,
    searching,
    techniques,
    validity,
)
from comity.services.sharing.naming import name_of
from comity.services.sharing.sights import LEVELS
from comity.store.access import around, objects
from comity.store.access.objects import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.bridges.stix.record import Observable
    from comity.engines.attack import Entry
    from comity.protocols.sharing.circle.terms import Open
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.sharing.about import About, Held, Seen
    from comity.services.sharing.browsing import Place
    from comity.services.sharing.exploited import Told
    from comity.services.sharing.origins import Way
    from comity.services.sharing.relations import Relations
    from comity.services.sharing.replies import Feedback
    from comity.services.sharing.searching import Finder
    from comity.services.sharing.validity import Judged

MOST_VALUES, MOST_FOUND = 20, 20
"""Observables of an object by which others are looked for, and objects found by them."""
FEEDBACK, ASK, FORWARD, RETRACT, RELABEL = "feedback", "ask", "forward", "retract", "relabel"


class Correlation(NamedTuple):
    """Another object about the same: what it is called, its ``shared`` observables (none where one
    of them only lies within the other's), where it stands and under which label.
    """

    id: str
    type: str
    name: str
    shared: tuple[Observable, ...]
    place: Place
    tlp: TLP


class Steps(NamedTuple):
    """What a person may do about an object where it is held, by codes of acts; and the terms of
    the circle, which hold for what all do.
    """

    held: Held
    terms: Open
    kinds: frozenset[str]


class Whole(NamedTuple):
    """An object and all that is told of it. ``proper`` is the id that an observable should have,
    "" where it has it; ``lists`` is what lists say of the vulnerabilities that it names,
    ``techniques`` are those of ATT&CK that it names, and ``judged`` is whether an indicator still
    holds; ``alarms`` are about all its versions.
    """

    about: About
    name: str
    relations: Relations
    correlations: tuple[Correlation, ...]
    ways: tuple[Way, ...]
    feedback: Feedback
    steps: tuple[Steps, ...]
    proper: str
    lists: Told | None
    techniques: tuple[Entry, ...]
    judged: Judged | None
    alarms: tuple[alarms.Told, ...]


def whole(node: Node, finder: Finder, id_: str, version: int = 0) -> Whole:
    """Return an object with all that is told of it. Raises Refusal S3."""
    seen = searching.seen_by(node, finder)
    found = about.look(node, seen, id_, version)
    readable = found.readable
    return Whole(
        found,
        name_of(found.value),
        relations.around_object(node, seen[0], id_, found.value),
        tuple(_correlations(node, seen, found)),
        tuple(origins.ways(node, readable)),
        replies.feedback(node, readable),
        tuple(_steps(node, finder, readable)),
        _proper(found),
        exploited.told(node, found.value),
        techniques.named(found.value),
        _judged(node, seen, found),
        tuple(alarms.of_object(node, (*found.held, *found.others), roster.names(node))),
    )


def file(node: Node, finder: Finder, id_: str, version: int = 0) -> bytes:
    """Return the bytes of an object as they came, to be taken along: what is TLP:RED is read on
    pages only. Raises Refusal S3.
    """
    seen = searching.seen_by(node, replace(finder, egress=Egress.FILE))
    found = about.look(node, seen, id_, version)
    if not found.raw:
        raise Refusal("S3", "There are no bytes of it here.", id_[:300])
    return found.raw


def note_read(node: Node, actor: Actor, found: About) -> None:
    """Note that a person read an object, where its label is stricter than AMBER."""
    for each in found.readable:
        if each.tlp > TLP.AMBER and each.dossier:
            audit.note_read(node, actor, each.dossier, each.tlp)


def _proper(found: About) -> str:
    if not found.value or "created" in found.value:
        return ""
    proper = sco_id(dict(found.value))
    return proper if proper != found.id else ""


def _judged(node: Node, seen: Seen, found: About) -> Judged | None:
    if not found.value:
        return None
    return validity.of_object(node, seen[0], found.readable[0].object, found.value)


def _correlations(node: Node, seen: Seen, found: About) -> list[Correlation]:
    """Return other objects about what this one is about, by one question."""
    own = observables(dict(found.value))[:MOST_VALUES] if found.value else ()
    if not own:
        return []
    sight, shelves = seen
    places = browsing.places(node, shelves.values())
    rows = objects.page(
        node.db,
        sight,
        Asked(),
        limit=MOST_FOUND,
        more=[
            around.either([searching.of_observable(*each) for each in own]),
            around.other_than(found.id),
        ],
        backwards=True,
    )
    values = [(row, orjson.loads(row.data)) for row in rows]
    return [
        Correlation(
            row.stix_id,
            row.type,
            name_of(value) or row.stix_id,
            tuple(each for each in observables(value) if each in own),
            places[row.shelf],
            LEVELS[row.tlp],
        )
        for row, value in values
    ]


def _steps(node: Node, finder: Finder, held: Sequence[Held]) -> list[Steps]:
    desk = finder.desk
    if desk is None:
        return []
    rows = desk.seen(each.dossier for each in held if each.dossier)
    found = []
    for each in held:
        row = rows.get(each.dossier)
        if row is None:
            continue
        wanted = (FEEDBACK, *((RETRACT, RELABEL) if each.party == node.me else (ASK,)))
        active = row.state == dossiers.ACTIVE
        able = {kind for kind in wanted if active and desk.under(row, kind) is not None}
        forwards = desk.actor.under_any(PROTOCOL.lanes, PROTOCOL.name, FORWARD) is not None
        able |= {FORWARD} if forwards else set()
        found.append(Steps(each, said.terms(circles.state_of(node, each.dossier)), frozenset(able)))
    return found
