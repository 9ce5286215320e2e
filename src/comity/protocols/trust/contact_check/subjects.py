"""By what a contact check is found: how a value is spelled, and read again.

Frozen with the protocol. Parts of a value are parted by colons, which no handle, code or id has:

``campaign``  ``campaign:checked``, the second a party's id or a seat; holds from the opening to
              the closing.
``probe``     ``campaign:contact:level:channel:outcome:answered level:who:right:corrected:due``,
              from when it was asked to the first answer; all that statistics need.
``checked``   ``listed by:contact:channel:outcome:answered level``, from when that is known; the
              last test of a channel of a contact, for directories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.ids import Id
from comity.kernel.protocol import Subject
from comity.protocols.trust.contact_check.codes import MACHINE, WAITING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CAMPAIGN, PROBE, CHECKED = "campaign", "probe", "checked"
NOBODY = "nobody"
"""Who answered, while nobody has."""


class Came(NamedTuple):
    """What came of a probe: the ``act`` that says so at ``time`` (ms), the ``outcome``, ``who``
    answered, at what ``level``, and how many fields were ``right`` and how many ``corrected``.
    """

    act: str
    time: int
    outcome: str
    who: str = NOBODY
    level: int = MACHINE
    right: int = 0
    corrected: int = 0


class Asked(NamedTuple):
    """A probe, by its act: which contact, listed by whom, by which channel, at what level; when it
    was ``asked``, is ``due``, and was ``first`` answered (ms), and what came of it.
    """

    probe: str
    contact: str
    listed_by: str
    channel: str
    level: int
    due: int
    asked: int
    first: int | None
    came: Came | None

    @property
    def outcome(self) -> str:
        """The outcome, also while there is none."""
        return WAITING if self.came is None else self.came.outcome


class Told(NamedTuple):
    """A value of ``probe``, read: as in ``Asked`` and ``Came``."""

    campaign: str
    contact: str
    level: int
    channel: str
    outcome: str
    answered: int
    who: str
    right: int
    corrected: int
    due: int


def subjects_of(
    campaign: str, checked: str, held: tuple[int, int | None, str], tests: Iterable[Asked]
) -> Iterator[Subject]:
    """Yield what a check is about; ``held`` is from when to when (ms), and the opening's act."""
    since, until, opening = held
    ends = None if until is None else max(since, until)
    yield Subject(CAMPAIGN, f"{campaign}:{checked}", since, ends, Id(opening))
    for test in tests:
        came = test.came or Came(test.probe, test.asked, WAITING)
        told = Told(
            campaign,
            test.contact,
            test.level,
            test.channel,
            came.outcome,
            came.level,
            came.who,
            came.right,
            came.corrected,
            test.due,
        )
        # A clock that is slow there does not let anybody answer before being asked.
        first = None if test.first is None else max(test.asked, test.first)
        yield Subject(PROBE, ":".join(map(str, told)), test.asked, first, Id(test.probe))
        if test.came is not None:
            where = (test.listed_by, test.contact, test.channel, came.outcome, came.level)
            yield Subject(CHECKED, ":".join(map(str, where)), came.time, None, Id(came.act))


def probe_of(value: str) -> Told:
    """Return what a value of ``probe`` tells."""
    campaign, contact, level, channel, outcome, answered, *rest = value.split(":")
    who, right, corrected, due = rest
    return Told(
        campaign=campaign,
        contact=contact,
        level=int(level),
        channel=channel,
        outcome=outcome,
        answered=int(answered),
        who=who,
        right=int(right),
        corrected=int(corrected),
        due=int(due),
    )
