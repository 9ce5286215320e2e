"""Whether a planned activity that was announced explains an address at an instant.

It is answered from what is held here, and nobody else learns what was asked. An announcement
explains and permits nothing, and that none is found proves nothing: most activity is announced to
nobody, and what this person may not see is not looked at either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import prefix
from comity.kernel.errors import Phrase, Refusal
from comity.protocols.trust.planned import PROTOCOL
from comity.protocols.trust.planned.facts import CANCELLED, PREFIX
from comity.store.access import subjects
from comity.store.access.subjects import Sought

if TYPE_CHECKING:
    from comity.kernel.prefix import Network
    from comity.services.casework.desk import Desk
    from comity.store.access.acts import DossierRow
    from comity.store.access.subjects import SubjectRow

PROVES_NOTHING = (
    "That no announcement is found proves nothing: what somebody does need not be announced, or "
    "not to you."
)
ADDRESS, AT, MARGIN = "address", "at", "margin"
"""The names of what is asked for, under which errors about it stand."""
MOST_MARGIN = 7 * 24 * 60
"""The longest margin, in minutes."""
MINUTE = 60 * 1000
SHOWN = 100
"""Announcements told at once."""
LOOKED_AT = 10_000
"""Ranges looked at; where more fit, less has to be asked about."""


class Question(NamedTuple):
    """What is asked: about a range or an address, ``at`` an instant (ms), give or take ``margin``
    minutes.
    """

    network: Network
    at: int
    margin: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """A planned activity in the ``dossier`` called ``title``, announced by ``party``, called
    ``name``, from ``ranges`` that hold or meet what was asked about.

    ``begins`` and ``ends`` are its window, ``said`` when the announcer says that it announced this,
    ``received`` when that came here (all ms); ``afterwards`` whether either was later than the
    instant asked about. ``within`` says that the window holds that instant without a margin.
    ``status`` and ``label`` are where it stands, as a code and in words; what was cancelled is not
    one that ``explains``. ``realm`` names the exercise it belongs to, "" if none.
    """

    dossier: str
    title: str
    tlp: str
    realm: str
    party: str
    name: str
    ranges: tuple[str, ...]
    begins: int
    ends: int
    within: bool
    status: str
    label: str
    explains: bool
    said: int
    received: int
    afterwards: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """What was found: those that explain first. ``range`` and ``at`` (ms) are what was asked about,
    ``margin`` in minutes; ``more`` how many else there are, ``note`` what this does not prove.
    """

    range: str
    at: int
    margin: int
    announcements: tuple[Announcement, ...]
    more: int
    note: str = PROVES_NOTHING


def question(address: str, at: int, margin: int = 0) -> Question:
    """Return what is asked about an address or range that a person wrote.

    Raises Refusal S4, whose subject is ``ADDRESS`` or ``MARGIN``.
    """
    if not 0 <= margin <= MOST_MARGIN:
        told = Phrase("Give a margin of 0 to {most} minutes.", most=MOST_MARGIN)
        raise Refusal("S4", told, MARGIN)
    try:
        return Question(prefix.read(address.strip()), at, margin)
    except ValueError as error:
        told = Phrase("The address cannot be read: {why}.", why=error.args[0])
        raise Refusal("S4", told, ADDRESS) from error


def explain(desk: Desk, asked: Question) -> Explained:
    """Return the planned activities that the person at a desk sees and that explain, or would, what
    is asked. Raises Refusal S4, with the subject ``ADDRESS``, where too many would.
    """
    rows = subjects.find_subjects(
        desk.node.db, desk.sights(), PROTOCOL.name, _sought(asked), LOOKED_AT
    )
    if len(rows) == LOOKED_AT:
        told = "So much was announced for these addresses; ask about a smaller range."
        raise Refusal("S4", told, ADDRESS)
    heads = desk.seen(row.dossier for row in rows)
    held: dict[tuple[str, int, int], list[SubjectRow]] = {}
    for row in rows:
        if row.dossier in heads:
            held.setdefault((row.dossier, row.begins or 0, row.ends or 0), []).append(row)

    def rank(window: tuple[str, int, int]) -> tuple[bool, bool, int, str]:
        dossier, begins, ends = window
        holds = begins <= asked.at <= ends
        return not _explains(heads[dossier]), not holds, -begins, dossier

    ranked = sorted(held, key=rank)
    return Explained(
        range=_spelled(asked.network),
        at=asked.at,
        margin=asked.margin,
        announcements=tuple(_told(desk, heads[w[0]], held[w], asked) for w in ranked[:SHOWN]),
        more=len(ranked[SHOWN:]),
    )


def _explains(row: DossierRow) -> bool:
    return row.status != CANCELLED


def _sought(asked: Question) -> Sought:
    low, high = prefix.within(asked.network)
    return Sought(
        kind=PREFIX,
        values=prefix.enclosing(asked.network),
        low=low,
        high=high,
        since=asked.at - asked.margin * MINUTE,
        until=asked.at + asked.margin * MINUTE,
    )


def _told(desk: Desk, row: DossierRow, held: Sequence[SubjectRow], asked: Question) -> Announcement:
    """Tell of one window of one announcement, with all its ranges that were found."""
    first, telling = held[0], desk.told(row)
    begins, ends = first.begins or 0, first.ends or 0
    said, received = min(each.time for each in held), min(each.received_at for each in held)
    return Announcement(
        dossier=row.id,
        title=telling.title(row),
        tlp=row.ceiling,
        realm=row.realm,
        party=row.opened_by,
        name=desk.name(row.opened_by),
        ranges=tuple(_ranges(held)),
        begins=begins,
        ends=ends,
        within=begins <= asked.at <= ends,
        status=row.status,
        label=telling.status(row),
        explains=_explains(row),
        said=said,
        received=received,
        afterwards=max(said, received) > asked.at,
    )


def _ranges(held: Iterable[SubjectRow]) -> list[str]:
    """Return the ranges that were found, each once, in the order of addresses."""
    return [_spelled(prefix.at(place)) for place in sorted({row.value for row in held})]


def _spelled(network: Network) -> str:
    """Return a range for people: a single address without its length."""
    alone = network.prefixlen == network.max_prefixlen
    return str(network.network_address if alone else network)
