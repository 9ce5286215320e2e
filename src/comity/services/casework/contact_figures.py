"""What campaigns of contact checks found: each result for who asked, and figures for others.

A result is the business of the party checked and of who asked. What others may be given are figures
over many (``engines.reach``), and only of a campaign that is closed: of one that goes on, two looks
would show who answered between them. What belongs to an exercise is in none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import yaml

from comity.engines import reach
from comity.engines.reach import Row, Series
from comity.kernel.errors import Refusal
from comity.protocols.trust.contact_check.subjects import CAMPAIGN, PROBE, probe_of
from comity.services.casework import checking_contacts
from comity.services.directory.book import STALE, Book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.services.casework.desk import Desk
    from comity.store.access.subjects import SubjectRow

PACK = "exercise_crystal.yaml"
PARTY = 64
"""Digits of the id of a party; a seat is shorter."""
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


Looked: TypeAlias = tuple[Result, int, int]
"""A result, and how many fields were still right and how many corrected."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a campaign found: ``results`` and ``own`` figures for who asked alone, ``published`` for
    others, none while the campaign is ``open``; ``baseline`` to compare with. ``exercises`` is how
    many checks belong to an exercise, and are in nothing of this.

    How fresh the directory is of who was asked stands among the own figures alone: it is as of now,
    and two looks at it would show who confirmed something between them.
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
    if not heads:
        raise Refusal("S3", "There is no such campaign of this party here.", campaign)
    live = {id_ for id_, row in heads.items() if not row.realm}
    checks = checking_contacts.found(desk, CAMPAIGN, campaign)
    who = {c.dossier: c.value.removeprefix(f"{campaign}:") for c in checks if c.dossier in live}
    going_on = sum(check.ends is None for check in checks if check.dossier in live)
    results = tuple(_results(desk, campaign, who))
    before = _looked_at(desk, campaign)
    rows = [_row(each, before.get((each[0].who, each[0].contact), [])) for each in results]
    return Found(
        campaign=campaign,
        checks=len(live),
        exercises=len(heads) - len(live),
        open=going_on,
        results=tuple(result for result, _, _ in results),
        own=(*reach.aggregate(rows, least=1), _freshness(desk, [r for r, _, _ in results])),
        published=() if going_on else reach.aggregate(rows),
        baseline=baseline(),
    )


def _results(desk: Desk, campaign: str, who: dict[str, str]) -> list[Looked]:
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


def _looked_at(desk: Desk, campaign: str) -> dict[tuple[str, str], list[int]]:
    """Return when fields of a contact were confirmed or corrected in the other campaigns of this
    party that are no exercise, by who was checked and contact (ms).
    """
    live = {row.id for row in checking_contacts.own(desk) if not row.realm}
    checks = checking_contacts.found(desk, CAMPAIGN, "")
    who = {each.dossier: each.value.partition(":")[2] for each in checks if each.dossier in live}
    found: dict[tuple[str, str], list[int]] = {}
    for row in checking_contacts.found(desk, PROBE, ""):
        told = probe_of(row.value)
        looked = row.ends is not None and told.right + told.corrected > 0
        if row.ends is not None and looked and row.dossier in who and told.campaign != campaign:
            found.setdefault((who[row.dossier], told.contact), []).append(row.ends)
    return found


def _freshness(desk: Desk, results: Sequence[Result]) -> Series:
    """Return how fresh the directory here is of the contacts asked: those that a party without a
    node has, this party keeps itself.
    """
    me, seen = desk.node.me, set[tuple[str, str]]()
    for each in results:
        author = each.who if len(each.who) == PARTY else me
        seen.add((author, each.contact))
    fields = [
        (contact.key.author if contact.key.author != me else contact.seat, told.fresh != STALE)
        for contact in Book(desk).of_records(seen)
        for told in contact.particulars.values()
    ]
    return reach.fresh(fields, least=1)


def _row(looked: Looked, before: Sequence[int]) -> Row:
    result, right, corrected = looked
    last = max((at for at in before if at <= result.asked), default=None)
    known = last is not None and result.answered is not None
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
        age=(result.answered or 0) - (last or 0) if known else None,
    )
