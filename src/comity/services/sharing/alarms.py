"""Alarms about versions of objects: what a party gave that readers should not take as it stands.

Other bytes of a version that is held; a version dated more than a day after it was said, which
programs take for the newest until then; a later version from another than who gave the first. None
of it is refused but the first, which is not shown: each stays the word of the party that gave it,
and people are told who that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from comity.engines.decay import DAY
from comity.kernel.errors import Phrase
from comity.services.sharing import origins
from comity.services.sharing.about import READABLE, STATES
from comity.services.sharing.validity import MILLI, moment
from comity.store.access.objects import ALARMS, CLASH, SHOWN

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.sharing.about import Held

RULES = CLASHES, AHEAD, TAKEN_OVER = ALARMS
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


def of_object(node: Node, held: Iterable[Held], names: dict[str, str]) -> list[Told]:
    """Return the alarms about an object, as far as somebody sees where it is held."""
    came = [Came(*(getattr(each, name) for name in Came._fields)) for each in held if each.act]
    source = source_of(node)
    return [
        Told(each.rule, sentence(each, names), each.came.version, each.came.party, each.came.act)
        for one in came
        for each in alarms(one, came, source)
    ]


def alarms(came: Came, among: Sequence[Came], source: Callable[[Came], str]) -> Iterator[Alarm]:
    """Yield the alarms about what came, ``among`` all that came of the object and itself;
    ``source`` says who gave something first.
    """
    if came.state == STATES[CLASH]:
        same = (each for each in among if each.version == came.version and each != came)
        yield Alarm(CLASHES, came, min(same, default=None))
    if came.state != STATES[SHOWN]:
        return
    # By whichever clock it was said first: its author may have set its own ahead.
    if came.version > min(came.time * MILLI, came.added) + DAY * MILLI:
        yield Alarm(AHEAD, came, None)
    first = min(among)
    if came.version > first.version and not _stands_by(first, came, among, source):
        yield Alarm(TAKEN_OVER, came, first)


def _stands_by(
    first: Came, came: Came, among: Sequence[Came], source: Callable[[Came], str]
) -> bool:
    """Say whether who gave the first version gave this one, too, or a later one."""
    since = [e for e in among if e.version >= came.version and e.state in _READABLE]
    if any(each.party == first.party and not (each.forwarded or first.forwarded) for each in since):
        return True
    return source(first) in map(source, since)


def source_of(node: Node) -> Callable[[Came], str]:
    """Return what says who gave something first: of what was forwarded, its origin."""
    origin = origins.sources(node)

    def source(came: Came) -> str:
        return origin(came.act, came.part) if came.forwarded else came.party

    return source


def sentence(alarm: Alarm, names: dict[str, str]) -> Phrase:
    """Return an alarm in words, with what to do."""
    party, when = _name(alarm.came, names), moment(alarm.came.version // MILLI)
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
