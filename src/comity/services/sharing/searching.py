"""Looking for objects: by words, by what can be observed, by type, label, collection and time.

What is found is what the reader may see; an answer takes as long as what it finds, and not as long
as what is held: words and values each have an index, and no pairs are ever stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.bridges.stix import normal
from comity.kernel import prefix
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP, Egress, Kind, Reader
from comity.protocols.sharing.circle import PROTOCOL
from comity.services.casework.desk import Desk
from comity.services.sharing import circles, deciding, sights, validity
from comity.services.sharing.sights import LEVELS
from comity.store.access import around, given, objects, words
from comity.store.access.objects import Asked, EntryRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.objects import Clause, ShelfRow, Sight

MOST = 200
"""The most that is found at once."""
_WORD = re.compile(r"\w+")
_MOST_WORDS = 16


AT_ONCE = 1000
"""Objects that are looked at together for whether they hold."""
MOST_LOOKS = 5
"""So often that is done for one answer; what was added before is found from its cursor on."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Who looks, and through which door: ``ceiling`` is the strictest label they read. What a
    person sees of circles is what stands on the ``desk``: those of the person's lanes.
    """

    reader: Reader
    egress: Egress
    ceiling: TLP
    desk: Desk | None = None


class Query(NamedTuple):
    """What is looked for; "" and () ask for nothing.

    ``words`` are found in what people wrote; ``value`` is an address, range, domain, URL, mail
    address, hash, CVE or technique; ``shelf`` a collection's id; ``since`` and ``before`` in µs,
    the latter a cursor. With ``valid`` only indicators are found, those that still hold, in the
    version that decides (``deciding``).
    """

    words: str = ""
    value: str = ""
    types: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    shelf: str = ""
    tlp: str = ""
    since: int = 0
    before: int = 0
    valid: bool = False


class Found(NamedTuple):
    """An object that was found: where it stands, under which label; times in µs."""

    added: int
    shelf: str
    id: str
    version: int
    type: str
    tlp: TLP
    data: bytes


def of_actor(node: Node, actor: Actor, egress: Egress) -> Finder:
    """Return a person or program as one who looks through a door, as their mandates allow."""
    kind = Kind.MACHINE if actor.token else Kind.PERSON
    handles = frozenset({actor.handle} - {""})
    held = [own for lane in PROTOCOL.lanes if (own := actor.ceiling(lane)) is not None]
    ceiling = max(held, default=None)
    if ceiling is None:
        raise Refusal("S10", "None of your mandates lets you read what circles share.")
    reader = Reader(node.me, kind, handles, accredited=True)
    return Finder(reader, egress, ceiling, Desk(node, actor))


def at_the_machine(node: Node) -> Finder:
    """Return who commands the machine itself as one who looks."""
    reader = Reader(node.me, Kind.PERSON, accredited=True)
    return Finder(reader, Egress.FILE, TLP.AMBER_STRICT)


def seen_by(node: Node, finder: Finder, shelf: str = "") -> tuple[Sight, dict[int, ShelfRow]]:
    """Return what somebody sees, and the shelves by number; of one ``shelf`` alone where one is
    named. Raises Refusal S3.
    """
    rows = circles.ensure(node)
    if shelf:
        rows = [sights.require_known(node, shelf)]
    if finder.desk is not None:
        rows = _on(finder.desk, rows)
    if shelf and not rows:
        raise Refusal("S3", "There is no such collection here.", shelf[:80])
    sight = sights.sight(node, finder.reader, finder.egress, finder.ceiling, rows)
    return sight, {row.number: row for row in rows}


def _on(desk: Desk, rows: Sequence[ShelfRow]) -> list[ShelfRow]:
    """Return intakes, and of circles those that stand on a desk."""
    seen = desk.seen(row.source for row in rows if row.kind == circles.CIRCLE)
    return [row for row in rows if row.kind != circles.CIRCLE or row.source in seen]


class Page(NamedTuple):
    """What was found, and the cursor ``before`` which there may be more; 0 where there is none."""

    found: list[Found]
    before: int


def search(node: Node, finder: Finder, query: Query, limit: int = MOST) -> Page:
    """Return the objects that somebody sees and looks for, those added last first.

    Raises Refusal S3 for a collection that is not there, S4 for what cannot be looked for.
    """
    sight, shelves = seen_by(node, finder, query.shelf)
    limit = min(limit, MOST)
    look = _valid if query.valid else _rows
    rows, before = look(node, sight, query, limit)
    return Page([_found(row, shelves) for row in rows], before)


def _rows(
    node: Node, sight: Sight, query: Query, limit: int, versions: tuple[str, ...] = ()
) -> tuple[list[EntryRow], int]:
    """Return the next of what is looked for, and the cursor before which there is more, or 0."""
    rows = objects.page(
        node.db,
        sight,
        Asked(query.ids, query.types, versions, after=query.since),
        limit=limit + 1,
        more=_clauses(node, query),
        backwards=True,
    )
    return rows[:limit], rows[limit - 1].added if len(rows) > limit else 0


def _valid(node: Node, sight: Sight, query: Query, limit: int) -> tuple[list[EntryRow], int]:
    """As ``_rows``, of indicators that still hold: others are looked at and passed over."""
    if query.types and validity.INDICATOR not in query.types:
        return [], 0
    query = query._replace(types=(validity.INDICATOR,))
    # Where an index finds few, all their versions: the newest may be about something else.
    versions = ("all",) if query.words or query.value or query.ids else ()
    found, known = list[tuple[int, EntryRow]](), set[int]()
    for _ in range(MOST_LOOKS):
        rows, before = _rows(node, sight, query, AT_ONCE, versions)
        decided = _decided(node, sight, query, rows)
        values = {row.object: orjson.loads(row.data) for _, row in decided}
        judged = validity.judge(node, sight, values)
        for at, row in decided:
            if judged[row.object].holds and row.object not in known:
                found.append((at, row))
                known.add(row.object)
        if len(found) > limit:
            return [row for _, row in found[:limit]], found[limit - 1][0]
        if not before:
            return [row for _, row in found], 0
        query = query._replace(before=before)
    return [row for _, row in found], query.before


def _decided(
    node: Node, sight: Sight, query: Query, rows: Sequence[EntryRow]
) -> list[tuple[int, EntryRow]]:
    """Return of each object the version that decides, where it is looked for as well, with when
    what was found of it was added (µs).
    """
    decided = deciding.decide(node, sight, [row.stix_id for row in rows])
    wanted = [(row, decided[row.stix_id].newest) for row in rows]
    known = {row.object: row for row in rows}
    others = {now.object for _, now in wanted if now is not None} - known.keys()
    known |= {row.object: row for row in _versions(node, sight, query, sorted(others))}
    return [
        (row.added, known[now.object])
        for row, now in wanted
        if now is not None and now.object in known
    ]


def _versions(node: Node, sight: Sight, query: Query, numbers: Sequence[int]) -> Sequence[EntryRow]:
    """Return these versions of objects, as far as they are looked for."""
    if not numbers:
        return ()
    more = [given.among(numbers), *_clauses(node, query._replace(before=0))]
    asked = Asked(query.ids, query.types, ("all",), after=query.since)
    return objects.page(node.db, sight, asked, limit=len(numbers), more=more)


def _found(row: EntryRow, shelves: dict[int, ShelfRow]) -> Found:
    where, tlp = shelves[row.shelf].id, LEVELS[row.tlp]
    return Found(row.added, where, row.stix_id, row.version, row.type, tlp, row.data)


def _clauses(node: Node, query: Query) -> list[Clause]:
    found: list[Clause] = []
    if query.words:
        asked = _WORD.findall(query.words)[:_MOST_WORDS]
        if not asked:
            raise Refusal("S4", "Look for words of letters or digits.", "words")
        found.append(words.clause(node.db, asked))
    if query.value:
        found.append(about(query.value))
    if query.tlp:
        found.append(("h.tlp = %s", [TLP(query.tlp).rank]))
    if query.before:
        found.append(("h.added < %s", [query.before]))
    return found


def about(text: str) -> Clause:
    """Return the condition that an object is about what a person wrote: the value itself; for an
    address or range also what holds it or lies within; for a domain also those above it.

    Raises Refusal S4 for what is no such value.
    """
    found = normal.recognised(text)
    if found is None:
        told = Phrase(
            "{value} is no address, range, domain, URL, mail address, hash, CVE or technique; look "
            "for it as a word.",
            value=repr(text[:80]),
        )
        raise Refusal("S4", told, "value")
    return of_observable(*found)


def of_observable(kind: str, value: str) -> Clause:
    """As ``about``, of a value that is normalised."""
    if kind == "ip":
        network = ip_network(value)
        return around.about(kind, prefix.enclosing(network), prefix.within(network))
    if kind == "domain":
        parts = value.split(".")
        above = [".".join(parts[i:]) for i in range(len(parts) - 1)] or [value]
        return around.about(kind, above, None)
    return around.about(kind, [value], None)


def correlated(node: Node, finder: Finder, kind: str, value: str, limit: int = MOST) -> list[Found]:
    """Return the objects that somebody sees and that are about an observable, in any collection."""
    sight, shelves = seen_by(node, finder)
    rows = objects.page(
        node.db, sight, Asked(), limit=limit, more=[of_observable(kind, value)], backwards=True
    )
    return [_found(row, shelves) for row in rows]
