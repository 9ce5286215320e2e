"""Reporting files as their subjects tell of them: what was said when, as one person sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import available_timezones

from comity.engines.running import Known
from comity.protocols.response.reporting import PROTOCOL
from comity.protocols.response.reporting.summary import (
    APPLIES,
    BEFORE,
    CLOCK,
    DOES_NOT_APPLY,
    EVENT,
    INCIDENT,
    REPORTED,
)
from comity.store.access import subjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.services.casework.desk import Desk
    from comity.store.access.acts import DossierRow
    from comity.store.access.subjects import Held

KINDS = (
    *(APPLIES, CLOCK, DOES_NOT_APPLY, EVENT, INCIDENT, REPORTED),
    *(EVENT + BEFORE, REPORTED + BEFORE),
)
UNDECIDED = "undecided"


class Word(NamedTuple):
    """That something was ``at`` an instant (ms), as an ``act`` says."""

    at: int
    act: str


@dataclass(slots=True)
class File:
    """A reporting file: its ``row``; the ``zone`` and ``place`` of its clocks as it spells them;
    the ``incident`` it is about, "" if none. ``events`` by (event, regime) and ``reports`` by
    (regime, stage) hold what is said now, ``before`` what was corrected, by kind of word and key;
    ``decided`` says of a regime (kind, why).
    """

    row: DossierRow
    zone: str = ""
    place: str = ""
    incident: str = ""
    events: dict[tuple[str, str], list[Word]] = field(default_factory=dict)
    reports: dict[tuple[str, str], list[Word]] = field(default_factory=dict)
    before: dict[tuple[str, str, str], list[Word]] = field(default_factory=dict)
    decided: dict[str, tuple[str, str]] = field(default_factory=dict)

    def known(self) -> Known:
        """Return what clocks count from. Of what was told in two ways the earlier event counts,
        and the later report, so that no clock is kinder than either.
        """
        return Known(
            {key: min(words).at for key, words in self.events.items()},
            {key: max(words).at for key, words in self.reports.items()},
        )

    def stands(self, regime: str) -> tuple[str, str]:
        """Return whether a regime applies, and why, as codes."""
        return self.decided.get(regime, (UNDECIDED, ""))


def of_desk(desk: Desk, only: str = "") -> list[File]:
    """Return the reporting files that somebody sees, or the one of a dossier."""
    rows = subjects.of_protocol(desk.node.db, desk.sights(), PROTOCOL.name, KINDS)
    held: dict[str, list[Held]] = {}
    for row in rows:
        if only in {"", row.dossier}:
            held.setdefault(row.dossier, []).append(row)
    heads = desk.seen(held)
    return [_file(heads[id_], said) for id_, said in held.items() if id_ in heads]


def _file(row: DossierRow, said: Iterable[Held]) -> File:
    file = File(row)
    for each in said:
        first, _, second = each.value.partition(":")
        word = Word(each.begins or 0, each.act)
        match each.kind:
            case "clock":
                file.zone, file.place = first, second
            case "incident":
                file.incident = each.value
            case "event":
                file.events.setdefault((first, second), []).append(word)
            case "reported":
                file.reports.setdefault((first, second), []).append(word)
            case "applies" | "does_not_apply":
                # Told in two ways, it applies: that kind comes first.
                file.decided.setdefault(first, (each.kind, second))
            case _:
                kind = each.kind.removesuffix(BEFORE)
                file.before.setdefault((kind, first, second), []).append(word)
    return file


def zone_called(code: str) -> str:
    """Return the name of a zone whose letters are small, as europe/paris; "" for no zone here."""
    return _zones().get(code, "")


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}
