"""An object as somebody sees it: its versions, where each stands, and whose hands it came through.

And as a file that shows a stranger who said it first, which anybody verifies without a node.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.kernel import exhibit
from comity.kernel.content import Part
from comity.kernel.errors import Refusal
from comity.kernel.exhibit import Exhibit
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP
from comity.services.casework.content import held_part
from comity.services.identity import roster
from comity.services.sharing import (
    about,
    alarms,
    answering,
    exploited,
    forwarding,
    searching,
    techniques,
    validity,
)
from comity.services.sharing.answering import Place
from comity.store.access import acts, objects

if TYPE_CHECKING:
    from comity.engines.attack import Entry
    from comity.kernel.act import Act
    from comity.kernel.provenance import Verified
    from comity.services.node import Node
    from comity.services.sharing.exploited import Told
    from comity.services.sharing.searching import Finder
    from comity.services.sharing.validity import Judged


class Hop(NamedTuple):
    """An act that an object came through: its ``kind`` is publish or forward; ``time`` in ms, by
    its author's clock. ``name`` is what this node knows its author as, "" for a stranger.
    """

    act: Id
    kind: str
    party: PartyId
    name: str
    dossier: str
    time: int
    tlp: TLP


class Shown(NamedTuple):
    """An object that somebody sees: the ``data`` of its newest version, where it stands in all
    its versions, and the ``hops`` that the newest came through, () where nobody signed it;
    ``lists`` is what lists say of the vulnerabilities that it names, ``techniques`` are those of
    ATT&CK that it names, ``judged`` is whether an indicator still holds; ``alarms`` are about all
    its versions.
    """

    id: str
    data: bytes
    places: tuple[Place, ...]
    hops: tuple[Hop, ...]
    lists: Told | None
    techniques: tuple[Entry, ...]
    judged: Judged | None
    alarms: tuple[alarms.Told, ...]


def show(node: Node, finder: Finder, stix_id: str, circle: str = "") -> Shown:
    """Return an object, as far as somebody sees it. Raises Refusal S3."""
    found = _seen(node, finder, stix_id)
    newest = found[0].added
    number = objects.objects_of(node.db, [newest])[newest]
    data = objects.data_of(node.db, [number])[number]
    hops: tuple[Hop, ...] = ()
    if any(place.act for place in found):
        place = answering.newest(node, stix_id, circle)
        # What stands under a label that is not for this reader is not told of either.
        if place in found:
            hops = _hops(_exhibit(node, place).verify(), roster.names(node))
    value, seen = orjson.loads(data), searching.seen_by(node, finder)
    judged = validity.of_object(node, seen[0], number, value)
    whole = about.look(node, seen, stix_id)
    alarming = alarms.of_object(node, (*whole.held, *whole.others), roster.names(node))
    lists, names = exploited.told(node, value), techniques.named(value)
    return Shown(stix_id, data, tuple(found), hops, lists, names, judged, tuple(alarming))


def _seen(node: Node, finder: Finder, stix_id: str) -> list[Place]:
    """Return where an object stands for who sees it there. Raises Refusal S3."""
    sight, _ = searching.seen_by(node, finder)
    passes = dict(sight.passes)
    rows = {row.added: row for row, _ in objects.holdings_of(node.db, stix_id)}
    found = [
        place
        for place in answering.places(node, stix_id)
        if passes.get(rows[place.added].sources, -1) >= place.tlp.rank
    ]
    if not found:
        raise Refusal("S3", "There is no such object here.", stix_id)
    return found


def evidence(node: Node, finder: Finder, stix_id: str, circle: str = "") -> bytes:
    """Return the file that shows who said an object first, and whose hands it came through.

    Raises Refusal S3, S4 for what nobody signed, S8 for what is not whole here, W8.
    """
    place = answering.newest(node, stix_id, circle)
    if place not in _seen(node, finder, stix_id):
        raise Refusal("S3", "Its label does not let it be written into a file.", stix_id)
    return _exhibit(node, place).to_bytes()


def _exhibit(node: Node, place: Place) -> Exhibit:
    rows = acts.parts(node.db, place.act, place.part, place.part)
    part = held_part(node, rows[0]) if rows else None
    if part is None:
        raise Refusal("S8", "Its bytes are not here any more.", place.act)
    came, _, _ = forwarding.trace(node, [(Id(place.act), place.part)])
    return Exhibit(Part(0, part.salt, part.data), came)


def _hops(found: Verified, names: dict[str, str]) -> tuple[Hop, ...]:
    return tuple(_hop(act, names) for act in found.through(0))


def _hop(act: Act, names: dict[str, str]) -> Hop:
    head = act.header
    name = names.get(head.party, "")
    return Hop(act.id, head.kind, head.party, name, act.dossier, head.time, head.tlp)


class Report(NamedTuple):
    """What an object file shows: the object's ``id`` and ``data``, and the ``hops`` it came
    through; ``unknown`` are the authors whose fingerprints have yet to be compared.
    """

    id: str
    data: bytes
    hops: tuple[Hop, ...]
    unknown: tuple[PartyId, ...]


def verify(data: bytes, known: Collection[str] = (), names: dict[str, str] | None = None) -> Report:
    """Verify an object file, and return what it shows; ``known`` are parties whose fingerprints
    were compared. Nothing in a file vouches for itself.

    Raises Refusal W8, W3 and K rules, naming the first thing that fails.
    """
    found = exhibit.parse(data)
    hops = _hops(found.verify(), names or {})
    unknown = dict.fromkeys(hop.party for hop in hops if hop.party not in known)
    return Report(_id_in(found.part.data), found.part.data, hops, tuple(unknown))


def _id_in(data: bytes) -> str:
    try:
        return str(orjson.loads(data)["id"])[:300]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        raise Refusal("X4", "What was signed is no object with an id.") from None
