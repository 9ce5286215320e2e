"""What campaigns of contact checks found: each result for who asked, and figures for others.

A result is the business of the party checked and of who asked. What others may be given are figures
over many (``engines.reach``), and only of a campaign that is closed, as it stood then: of one that
goes on, two looks would show who answered between them. What belongs to an exercise is in none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from comity.engines import reach
from comity.engines.reach import Row, Series
from comity.kernel.errors import Refusal
from comity.kernel.ids import is_hex
from comity.protocols.trust.contact_check.codes import SILENT
from comity.protocols.trust.contact_check.subjects import CAMPAIGN, NOBODY, PROBE, probe_of
from comity.services.casework import checking_contacts
from comity.services.casework.contact_ages import Ages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.services.casework.desk import Desk
    from comity.store.access.subjects import SubjectRow

PACK = "exercise_crystal.yaml"
FRESH = "fresh"
"""The measure of how many contacts were told of lately."""
YEAR = 365
EVERYONE = "everyone"
"""The one group of a campaign: nothing here says of what kind a party is."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is published of reach elsewhere: mean shares in hundredths by channel, and by task; from
    which ``source``, of which ``years``, whether somebody ``verified`` it there, and ``by`` whom.
    """

    title: str
    source: str
    years: str
    verified: bool
    by: str
    channels: dict[str, int]
    tasks: dict[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one probe: who was checked (a party's id or a seat), in which dossier, and how;
    times in ms.
    """

    dossier: str
    who: str
    contact: str
    channel: str
    level: int
    outcome: str
    by: str
    asked: int
    answered: int | None
    due: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a campaign found: ``results`` and ``own`` figures for who asked alone, ``published`` for
    others, none while the campaign is ``open``; ``baseline`` to compare with. ``exercises`` is how
    many checks belong to an exercise, and are in nothing of this.
    """

    campaign: str
    checks: int
    exercises: int
    open: int
    results: tuple[Result, ...]
    own: tuple[Series, ...]
    published: tuple[Series, ...]
    baseline: Baseline


@cache
def baseline() -> Baseline:
    """Return the published means that the program comes with."""
    text = resources.files("comity.packs").joinpath(PACK).read_text(encoding="utf-8")
    value: dict[str, Any] = yaml.safe_load(text)
    return Baseline(**value)


class Line(NamedTuple):
    """A campaign in a list: how many ``checks``, and how many of them are ``open``."""

    campaign: str
    checks: int
    open: int


def campaigns(desk: Desk) -> list[Line]:
    """Return the campaigns of this party that somebody sees, the newest first."""
    mine = {row.id for row in checking_contacts.own(desk)}
    lines: dict[str, list[SubjectRow]] = {}
    for row in checking_contacts.found(desk, CAMPAIGN, ""):
        if row.dossier in mine:
            lines.setdefault(row.value.partition(":")[0], []).append(row)
    newest = sorted(lines, key=lambda name: (-max(row.begins or 0 for row in lines[name]), name))
    return [
        Line(name, len(lines[name]), sum(row.ends is None for row in lines[name]))
        for name in newest
    ]


def of_campaign(desk: Desk, campaign: str) -> Found:
    """Return what a campaign of this party found, of what somebody sees of it.

    Raises Refusal S3 when there is none.
    """
    heads = {row.id: row for row in checking_contacts.own(desk, campaign)}
    # Over several, a figure would tell of one what is withheld of it.
    if not heads or not campaign:
        raise Refusal("S3", "There is no such campaign of this party here.", campaign)
    live = {id_ for id_, row in heads.items() if not row.realm}
    checks = checking_contacts.found(desk, CAMPAIGN, campaign)
    who = {c.dossier: c.value.removeprefix(f"{campaign}:") for c in checks if c.dossier in live}
    going_on = sum(check.ends is None for check in checks if check.dossier in live)
    results = tuple(_results(desk, campaign, who))
    ages = _ages(desk, [result for result, _, _ in results])
    rows = [
        _row(result, right, corrected, age)
        for (result, right, corrected), age in zip(results, ages, strict=True)
    ]
    closed = {check.dossier: check.ends or 0 for check in checks}
    stood = [
        _as_it_stood(row, closed[result.dossier])
        for row, (result, *_) in zip(rows, results, strict=True)
    ]
    return Found(
        campaign=campaign,
        checks=len(live),
        exercises=len(heads) - len(live),
        open=going_on,
        results=tuple(result for result, _, _ in results),
        own=(*reach.aggregate(rows, least=1), _fresh(rows, least=1)),
        published=() if going_on else (*reach.aggregate(stood), _fresh(stood)),
        baseline=baseline(),
    )


def _results(desk: Desk, campaign: str, who: dict[str, str]) -> list[tuple[Result, int, int]]:
    found = []
    for row in checking_contacts.found(desk, PROBE, campaign):
        if row.dossier in who:
            told = probe_of(row.value)
            result = Result(
                dossier=row.dossier,
                who=who[row.dossier],
                contact=told.contact,
                channel=told.channel,
                level=told.level,
                outcome=told.outcome,
                by=told.who,
                asked=row.begins or 0,
                answered=row.ends,
                due=told.due,
            )
            found.append((result, told.right, told.corrected))
    # In an order that says nothing: by who was checked.
    return sorted(found, key=lambda f: (f[0].who, f[0].contact, f[0].channel, f[0].asked))


def _ages(desk: Desk, results: Sequence[Result]) -> list[int | None]:
    """Return how old the words on each contact were when it was asked (ms)."""
    keepers = [each.who if is_hex(each.who) else desk.node.me for each in results]
    ages = Ages(desk, {*keepers})
    pairs = zip(keepers, results, strict=True)
    return [ages.of(keeper, each.contact, each.asked) for keeper, each in pairs]


def _fresh(rows: Sequence[Row], least: int = reach.LEAST) -> Series:
    """Return the share of contacts of which something was told or confirmed within a year before.

    A contact is counted once, by whatever channels it was asked.
    """
    ages = {(row.party, row.contact): row.age for row in rows}
    held = ((party, age) for (party, _), age in ages.items())
    return Series(FRESH, "", {reach.ALL: reach.fresh(held, YEAR, least)})


def _row(result: Result, right: int, corrected: int, age: int | None) -> Row:
    return Row(
        party=result.who,
        group=EVERYONE,
        contact=result.contact,
        channel=result.channel,
        outcome=result.outcome,
        who=result.by,
        asked=result.asked,
        answered=result.answered,
        due=result.due,
        right=right,
        corrected=corrected,
        age=age,
    )


def _as_it_stood(row: Row, closed: int) -> Row:
    """Return a result as it stood when its check was closed: an answer that came later counts for
    who asked, and would be seen in a figure that was looked at twice.
    """
    if row.answered is None or row.answered <= closed:
        return row
    return row._replace(outcome=SILENT, who=NOBODY, answered=None, right=0, corrected=0)
