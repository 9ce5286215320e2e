"""Exports: what somebody sees of a collection, in the form of another tool, for a label.

What is stricter than the label is left out before anything is written, and each form refuses it
once more: nobody has to trust that the one or the other was right. What devices act upon holds only
indicators that still hold, unless the others are wished for; each in the version that decides
(``deciding``), so that nobody takes another's indicator off a list, or changes it there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.bridges.feeds import atom, static, suricata, writing
from comity.bridges.held import Held
from comity.bridges.misp import feed
from comity.bridges.misp import writing as misp
from comity.bridges.stix import reading
from comity.engines.decay import State
from comity.kernel.checkpoint import origin
from comity.kernel.label import TLP
from comity.services.casework.issue import own_view
from comity.services.identity import roster
from comity.services.sharing import deciding, searching, validity
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.sights import LEVELS
from comity.store.access import objects
from comity.store.access.objects import Asked

if TYPE_CHECKING:
    from comity.bridges.stix.record import StixObject
    from comity.services.node import Node
    from comity.services.sharing.searching import Finder
    from comity.store.access.objects import Clause, EntryRow, Sight

PIECE = 1000
"""The most objects read at once."""


class Form(StrEnum):
    """What an export is."""

    BUNDLE = "bundle"
    CSV = "csv"
    LISTS = "lists"
    SURICATA = "suricata"
    ATOM = "atom"
    MISP = "misp"
    MISP_FEED = "misp-feed"
    STATIC = "feed"


ACTED_UPON = frozenset({Form.CSV, Form.LISTS, Form.SURICATA})
"""What devices take and act upon."""


class Wish(NamedTuple):
    """What is exported: the ``form``, the label it is ``made_for``, of which ``shelf`` ("" for all)
    and which ``types`` (() for all), under which ``title`` and, of news, at which ``address``; with
    ``ended`` also indicators that do not hold any more, where devices act upon it.
    """

    form: Form
    made_for: TLP
    shelf: str = ""
    types: tuple[str, ...] = ()
    title: str = "Objects"
    address: str = ""
    ended: bool = False


class Export(NamedTuple):
    """An export: its ``files`` by path, how many objects are ``held`` in it, what has no form in
    it, told as ``left``, and how many indicators were left out that do not hold, by ``ended``: the
    state of each.
    """

    files: dict[str, bytes]
    held: int
    left: tuple[str, ...] = ()
    ended: Mapping[State, int] = MappingProxyType({})


def export(node: Node, finder: Finder, wish: Wish) -> Export:
    """Return what somebody sees and may give to whom the label allows, in the form they wish.

    Of each object its newest version goes, and of an indicator that devices act upon the one that
    decides. Raises Refusal S3 for a collection that is not there.
    """
    ceiling = min(finder.ceiling, wish.made_for)
    narrowed = searching.Finder(finder.reader, finder.egress, ceiling)
    sight, _ = searching.seen_by(node, narrowed, wish.shelf)
    found = list(_held(node, sight, ceiling, wish))
    held = [each for _, each in found]
    ended: dict[str, State] = {}
    if wish.form in ACTED_UPON and not wish.ended:
        ended = _ended(node, sight, found)
        held = [each for each in held if each.object.id not in ended]
    files, left = _files(node, held, wish)
    return Export(files, len(held), left, Counter(ended.values()))


def _ended(node: Node, sight: Sight, found: list[tuple[int, Held]]) -> dict[str, State]:
    """Return the ids of indicators that do not hold, in their newest version, with the state of
    each: an older version of what ended is no news.
    """
    newest: dict[str, tuple[int, StixObject]] = {}
    for number, (each, *_) in found:
        before = newest.get(each.id)
        if before is None or before[1].version <= each.version:
            newest[each.id] = number, each
    ids = {number: each.id for number, each in newest.values()}
    judged = validity.judge(node, sight, {number: each.value for number, each in newest.values()})
    return {ids[n]: j.validity.state for n, j in judged.items() if not j.holds}


def _held(node: Node, sight: Sight, ceiling: TLP, wish: Wish) -> Iterator[tuple[int, Held]]:
    """Yield the objects that somebody sees and that are no stricter than the label, each with the
    number of its version.
    """
    for rows in _rows(node, sight, wish):
        found, _ = reading.read_all([row.data for row in rows], stix_schemas())
        # Of an object that stands twice among them the stricter label, whichever comes last.
        strict = sorted(rows, key=lambda row: row.tlp)
        labels = {row.stix_id: LEVELS[row.tlp] for row in strict}
        numbers = {row.data: row.object for row in rows}
        for each in found:
            yield numbers[each.raw], Held(each, labels.get(each.id, ceiling))


def _rows(node: Node, sight: Sight, wish: Wish) -> Iterator[list[EntryRow]]:
    """Yield what goes, in pieces."""
    if wish.form not in ACTED_UPON:
        yield from _pieces(node, sight, Asked((), wish.types))
        return
    others = tuple(type_ for type_ in wish.types if type_ != validity.INDICATOR)
    if others or not wish.types:
        no_indicator: Clause = ("h.type <> %s", [validity.INDICATOR])
        yield from _pieces(node, sight, Asked((), others), [no_indicator])
    if others == wish.types and others:
        return
    # All versions are looked at: the newest on a shelf may be another's word.
    for rows in _pieces(node, sight, Asked((), (validity.INDICATOR,), ("all",))):
        decided = deciding.decide(node, sight, [row.stix_id for row in rows])
        counts = {row.object for each in decided.values() for row in each.counts}
        yield [row for row in rows if row.object in counts]


def _pieces(
    node: Node, sight: Sight, asked: Asked, more: Sequence[Clause] = ()
) -> Iterator[list[EntryRow]]:
    while rows := objects.page(node.db, sight, asked, limit=PIECE, more=more):
        asked = asked._replace(after=rows[-1].added)
        yield rows


def _files(node: Node, held: list[Held], wish: Wish) -> tuple[dict[str, bytes], tuple[str, ...]]:
    made_for, now = wish.made_for, node.now() // 1000
    news = {"feed.atom": partial(_atom, node, held, wish, now)}
    whole: dict[Form, Mapping[str, Callable[[], bytes]]] = {
        Form.BUNDLE: {"objects.stix21.json": lambda: writing.bundle(held, made_for)},
        Form.CSV: {"objects.csv": lambda: writing.table(held, made_for).encode()},
        Form.ATOM: news,
    }
    if wish.form in whole:
        return {path: make() for path, make in whole[wish.form].items()}, ()
    if wish.form == Form.STATIC:
        others = {path: make() for path, make in news.items()}
        return static.files(held, made_for, wish.title, now, others), ()
    if wish.form == Form.LISTS:
        found = writing.lists(held, made_for, now)
        return {f"{kind}.txt": text.encode() for kind, text in found.items()}, ()
    return _rules(held, wish) if wish.form == Form.SURICATA else _misp(held, wish)


def _rules(held: list[Held], wish: Wish) -> tuple[dict[str, bytes], tuple[str, ...]]:
    rules = suricata.rules(held, wish.made_for)
    left = tuple(f"{kind} {value}" for kind, value in rules.left)
    return {"objects.rules": rules.text.encode()}, left


def _atom(node: Node, held: list[Held], wish: Wish, now: int) -> bytes:
    about = atom.About(wish.title, roster.names(node).get(node.me, node.me[:8]), wish.address, now)
    return atom.feed(held, wish.made_for, about)


def _misp(held: list[Held], wish: Wish) -> tuple[dict[str, bytes], tuple[str, ...]]:
    written = misp.write(held, wish.title)
    left = tuple(f"{each.id} {each.path}: {each.reason}" for each in written.flaws)
    files = feed.write(written.events, wish.made_for)
    if wish.form == Form.MISP_FEED:
        return files, left
    events = [{"Event": event} for event in written.events]
    return {"events.misp.json": orjson.dumps(events)}, left


def signed(node: Node, found: Export) -> Export:
    """Return a static feed with the signature of its index, by the key of this party's checkpoints.

    Whoever holds the party's documents, or the line of its log in a policy, has what verifies it.
    """
    log = own_view(node).current_log
    signature = static.signed(
        found.files[static.INDEX], origin(node.me, log), node.keys.log(log).checkpoint
    )
    return found._replace(files=found.files | {static.NOTE: signature})
