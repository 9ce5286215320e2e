"""Alarms about versions of objects: what a party gave that readers should not take as it stands.

Other bytes of a version that is held; a version dated more than a day after it was said, which
programs take for the newest until then; a later version from another than who gave the first. None
of it is refused but the first, which is not shown: each stays the word of the party that gave it,
and people are told who that is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from comity.engines.decay import DAY
from comity.engines.instants import plain
from comity.kernel.errors import Phrase
from comity.services.sharing import origins
from comity.services.sharing.about import READABLE, STATES
from comity.services.sharing.validity import MILLI
from comity.store.access.objects import ALARMS, CLASH, SHOWN

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.about import Held

RULES = CLASHES, AHEAD, TAKEN_OVER = ALARMS
_PAIR = 2
_READABLE = frozenset(STATES[state] for state in READABLE)


class Came(NamedTuple):
    """That an act brought a version of an object: ``added`` and ``version`` in µs, ``state`` (of
    ``about.STATES``), the ``act`` and ``part`` of it, by which ``party``, when it was said (ms) and
    whether it was ``forwarded``.
    """

    added: int
    version: int
    state: str
    act: str
    part: int
    party: str
    time: int
    forwarded: bool


class Alarm(NamedTuple):
    """A breach of ``rule`` by what ``came``; ``other`` is what it breaks it with, if anything."""

    rule: str
    came: Came
    other: Came | None


class Told(NamedTuple):
    """An alarm in words, with the version (µs), who gave it, and by which act."""

    rule: str
    told: Phrase
    version: int
    party: str
    act: str


class Among:
    """All that came of an object, put in order once: a party may give it in very many versions.

    ``source`` says who gave something first.
    """

    def __init__(self, came: Iterable[Came], source: Callable[[Came], str]) -> None:
        self._all = sorted(came)
        self._source = source
        self._of_version: dict[int, list[Came]] = defaultdict(list)
        for each in self._all:
            if len(same := self._of_version[each.version]) < _PAIR:
                same.append(each)

    @property
    def first(self) -> Came:
        """What came first."""
        return self._all[0]

    def other(self, came: Came) -> Came | None:
        """Return what came first of the same version, beside it."""
        return next((e for e in self._of_version[came.version] if e != came), None)

    def stands_by(self, came: Came) -> bool:
        """Say whether who gave the first version gave this one, too, or a later one."""
        return came.version <= self._given or came.version <= self._traced

    @cached_property
    def _given(self) -> int:
        """The newest version by the party of the first, as far as neither was forwarded."""
        own = (e for e in self._readable() if e.party == self.first.party and not e.forwarded)
        return -1 if self.first.forwarded else max((e.version for e in own), default=-1)

    @cached_property
    def _traced(self) -> int:
        """The newest version from the source of the first, through whatever hands."""
        source = self._source(self.first)
        own = (e.version for e in self._readable() if self._source(e) == source)
        return max(own, default=-1)

    def _readable(self) -> Iterator[Came]:
        return (each for each in self._all if each.state in _READABLE)


def of_object(node: Node, held: Iterable[Held], names: dict[str, str]) -> list[Told]:
    """Return the alarms about an object, as far as somebody sees where it is held."""
    came = [Came(*(getattr(each, name) for name in Came._fields)) for each in held if each.act]
    among = Among(came, source_of(node))
    return [
        Told(each.rule, sentence(each, names), each.came.version, each.came.party, each.came.act)
        for one in came
        for each in alarms(one, among)
    ]


def alarms(came: Came, among: Among) -> Iterator[Alarm]:
    """Yield the alarms about what came, ``among`` all that came of the object and itself."""
    if came.state == STATES[CLASH]:
        yield Alarm(CLASHES, came, among.other(came))
    if came.state != STATES[SHOWN]:
        return
    # By whichever clock it was said first: its author may have set its own ahead.
    if came.version > min(came.time * MILLI, came.added) + DAY * MILLI:
        yield Alarm(AHEAD, came, None)
    if came.version > among.first.version and not among.stands_by(came):
        yield Alarm(TAKEN_OVER, came, among.first)


def source_of(node: Node) -> Callable[[Came], str]:
    """Return what says who gave something first: of what was forwarded, its origin."""
    giver = origins.givers(node)

    def source(came: Came) -> str:
        return giver(came.act, came.part) if came.forwarded else came.party

    return source


def sentence(alarm: Alarm, names: dict[str, str]) -> Phrase:
    """Return an alarm in words, with what to do."""
    party, when = _name(alarm.came, names), plain(alarm.came.version // MILLI)
    if alarm.rule == AHEAD:
        return Phrase(
            "{party} gave a version dated {when}, more than a day after it was said; until then "
            "programs take it for the newest. Ask {party} whether its clock is right.",
            party=party,
            when=when,
        )
    other = Phrase("another party") if alarm.other is None else _name(alarm.other, names)
    if alarm.rule == CLASHES:
        return Phrase(
            "{party} gave other bytes for the version of {when} than {other}. They are kept apart "
            "and not shown. Ask both which are right; a change needs a later version.",
            party=party,
            when=when,
            other=other,
        )
    return Phrase(
        "{other} gave this object first, and {party} a later version, of {when}. That is the word "
        "of {party} alone. Ask {other} whether it stands by it.",
        party=party,
        when=when,
        other=other,
    )


def _name(came: Came, names: dict[str, str]) -> str:
    return names.get(came.party, came.party[:8])
