"""What circles told of, gathered for counting: only what the reader may read, page by page.

An observation is what an object is about: an indicator, a piece of malware, a campaign. Who tells
of it – by publishing it, by a sighting of it, by feedback that it was seen – tells of the same
one, so that it is counted once, and when it was first seen. Each page costs the same few queries
whatever is on it; nothing is asked for one object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import orjson

from comity.bridges.stix.times import micros
from comity.engines.landscape import Kind, Row
from comity.kernel.act import read_header
from comity.kernel.label import TLP
from comity.protocols.sharing.circle.acts import Feedback, read
from comity.services import packs
from comity.services.sharing import circles, sights
from comity.services.sharing.circles import CIRCLE
from comity.services.sharing.sights import LEVELS
from comity.store.access import landscape as access
from comity.store.access import objects
from comity.store.access.objects import Asked

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.searching import Finder
    from comity.store.access.objects import EntryRow, Sight

AT_ONCE = 1000
"""Objects on a page."""
MOST_PAGES = 20
"""The most pages that are read; what was added before is left out, and that is told."""
MOST_WORDS = 1000
"""The most own words of feedback, the newest, that are read."""
SEEN = "seen"
SIGHTING, RELATIONSHIP, IDENTITY = "sighting", "relationship", "identity"
COUNTED = (
    "campaign",
    "incident",
    "indicator",
    "infrastructure",
    "malware",
    "observed-data",
    "vulnerability",
    SIGHTING,
)
"""What is counted: what somebody may have met with, and not what is known of the world."""
CLAIMING = ("intrusion-set", "threat-actor")
TYPES = (*COUNTED, *CLAIMING, RELATIONSHIP, IDENTITY)
MOTIVES = ("primary_motivation", "secondary_motivations", "personal_motivations")
_FIRST = ("first_seen", "first_observed", "created")
Value: TypeAlias = "Mapping[str, Any]"


@dataclass(slots=True)
class Gathered:
    """What was gathered: ``rows`` to be counted, and ``claims`` of motives, which never are.

    ``label`` is the strictest of all that was ``read`` for it, so many objects and words; there is
    ``more`` where older ones were left out.
    """

    rows: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    label: TLP = TLP.CLEAR
    read: int = 0
    more: bool = False


class _Telling(NamedTuple):
    """That a party tells, at an instant (ms), of an observation; ``value`` is what it tells."""

    at: int
    kind: Kind
    party: str
    observation: str
    value: Value


def gather(node: Node, finder: Finder) -> Gathered:
    """Return what somebody may read of what circles told, as rows to be counted."""
    shelves = [shelf for shelf in circles.ensure(node) if shelf.kind == CIRCLE]
    sight = sights.sight(node, finder.reader, finder.egress, finder.ceiling, shelves)
    found, told = Gathered(), _Told()
    before = 0
    for _ in range(MOST_PAGES):
        rows = _page(node, sight, before, AT_ONCE)
        parties = access.brought(node.db, [row.added for row in rows])
        for row in rows:
            told.take(node, row, parties.get(row.added, ""))
        found.read += len(rows)
        found.label = max([found.label, *(LEVELS[row.tlp] for row in rows)])
        if len(rows) < AT_ONCE:
            break
        before = rows[-1].added
    else:
        found.more = bool(_page(node, sight, before, 1))
    _take_words(node, sight, told, found)
    found.rows, found.claims = [*told.rows()], told.claims
    return found


def _page(node: Node, sight: Sight, before: int, limit: int) -> list[EntryRow]:
    more: list[objects.Clause] = [("h.added < %s", [before])] if before else []
    return objects.page(node.db, sight, Asked(types=TYPES), limit=limit, more=more, backwards=True)


def _take_words(node: Node, sight: Sight, told: _Told, found: Gathered) -> None:
    """Take this party's own feedback that something was seen, where both may be read."""
    headers = access.newest_words(node.db, "feedback", node.me, MOST_WORDS)
    found.more |= len(headers) == MOST_WORDS
    words: dict[tuple[str, int], tuple[int, TLP]] = {}
    for header in map(read_header, headers):
        word = read(header)
        # Of what this party said of one object the newest word counts, and it comes first.
        if isinstance(word, Feedback):
            at = min(word.first or header.time, header.time) if word.as_ == SEEN else -1
            words.setdefault((header.refs[0], word.part), (at, header.tlp))
    strictest = dict(sight.passes)
    for placed in access.placed(node.db, sight, [*words]):
        at, tlp = words[placed.act, placed.part]
        if at >= 0 and tlp.rank <= strictest[placed.sources]:
            told.add(_Telling(at, Kind.OWN, node.me, placed.stix_id, orjson.loads(placed.data)))
            found.label = max(found.label, tlp, LEVELS[placed.tlp])
            found.read += 1


class _Told:
    """What was told so far, from which rows are made once all is known."""

    def __init__(self) -> None:
        self.claims: list[Row] = []
        self._tellings: list[_Telling] = []
        self._values: dict[str, Value] = {}
        self._sectors: dict[str, tuple[str, ...]] = {}
        self._targets: dict[str, set[str]] = defaultdict(set)

    def take(self, node: Node, row: EntryRow, party: str) -> None:
        """Take an object as a circle shows it."""
        value = orjson.loads(row.data)
        if value.get("revoked") is True:
            return
        if row.type == IDENTITY:
            sectors = packs.classes().sectors_of(_listed(value.get("sectors")))
            self._sectors.setdefault(row.stix_id, sectors)
        elif row.type == RELATIONSHIP:
            if value["relationship_type"] == "targets":
                self._targets[value["source_ref"]].add(value["target_ref"])
        elif row.type in CLAIMING:
            self._claim(value, row, party)
        else:
            own = row.type == SIGHTING and party == node.me
            about = value["sighting_of_ref"] if row.type == SIGHTING else row.stix_id
            kind = Kind.OWN if own else Kind.CIRCLE
            # What is told was seen no later than it came, whatever its author's clock says.
            at = min(_first(value), row.added // 1000)
            self.add(_Telling(at, kind, party, about, value))

    def add(self, telling: _Telling) -> None:
        """Take that somebody tells of something."""
        self._tellings.append(telling)
        if telling.value.get("type") != SIGHTING:
            self._values.setdefault(telling.observation, telling.value)

    def _claim(self, value: Value, row: EntryRow, party: str) -> None:
        said = (motive for name in MOTIVES for motive in _listed(value.get(name)))
        at = row.version // 1000
        self.claims += [Row(at, "", "", Kind.CIRCLE, party, row.stix_id, m[:100]) for m in said]

    def rows(self) -> Iterator[Row]:
        """Yield what is counted: of one observation, class and sectors are the same whoever tells
        of it.
        """
        sectors: dict[str, set[str]] = defaultdict(set)
        for telling in self._tellings:
            sectors[telling.observation] |= self._sectors_of(telling)
        known = {id_: packs.classes().of(value) for id_, value in self._values.items()}
        for at, kind, party, about, value in self._tellings:
            rsit = known.get(about) or packs.classes().of(value)
            for sector in sorted(sectors[about]) or [""]:
                yield Row(at, rsit, sector, kind, party, about)

    def _sectors_of(self, telling: _Telling) -> set[str]:
        where = _listed(telling.value.get("where_sighted_refs"))
        named = {*where, *self._targets.get(telling.observation, ())}
        return {sector for id_ in named for sector in self._sectors.get(id_, ())}


def _listed(value: object) -> list[str]:
    """Return the texts of a property that holds one, or a list of them."""
    items: Iterable[object] = value if isinstance(value, list) else [value]
    return [each for each in items if isinstance(each, str)]


def _first(value: Value) -> int:
    """Return when something was first seen, as far as it is told, in ms; never before 1970."""
    told = next(value[name] for name in _FIRST if isinstance(value.get(name), str))
    return max(micros(told) // 1000, 0)
