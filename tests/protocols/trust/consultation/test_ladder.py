"""Every path of the ladder of clarification is walked by a case, and is left at any rung.

That nothing is sent before a second person's word, and that silence is shown as no reply, is proven
at the pages (``tests/edge/test_web_consultation.py``); two people walk a ladder in two browsers in
``tests/browser/test_consultation.py``. A receipt is no rung: it stands beside every message.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import pytest

from comity.kernel.act import Act
from comity.kernel.declare import Coded
from comity.protocols.trust.consultation import PROTOCOL, codes
from comity.protocols.trust.consultation.acts import (
    Close,
    MarkMistake,
    Pause,
    TechnicalOnly,
    Withdraw,
)
from tests.protocols.table import Table
from tests.protocols.trust.consultation import cases
from tools.vectors import play

Case = Callable[[Table], None]
MEETING = "meeting_proposed meeting_agreed met"
PATHS: tuple[tuple[str, Case, str], ...] = (
    (
        "the whole ladder",
        cases.accepted_rung_after_rung,
        f"asked acknowledged more_time partly answered {MEETING} helped one_sided clarified",
    ),
    ("no reply", cases.accepted_waiting_for_a_reply, "asked"),
    ("acknowledged", cases.accepted_acknowledged_in_one_lane, "asked acknowledged"),
    ("more time", cases.accepted_more_time, "asked more_time"),
    ("in part, then wholly", cases.accepted_answered_in_part, "asked partly answered"),
    ("an answer that says nothing", cases.accepted_cannot_say, "asked answered"),
    ("declined", cases.accepted_declined, "asked declined"),
    ("takes no part", cases.accepted_takes_no_part, "asked declined"),
    ("declined, then answered", cases.accepted_replaced_and_marked, "asked declined answered"),
    ("put right", cases.accepted_answered_by_mistake, "asked answered asked answered"),
    (
        "met, and differing",
        cases.accepted_met,
        f"asked {MEETING} one_sided agreed_to_differ",
    ),
    (
        "no meeting now",
        cases.accepted_not_now,
        "asked meeting_proposed asked meeting_agreed asked meeting_proposed asked",
    ),
    (
        "helped, and moved on",
        cases.accepted_with_a_helper,
        "asked helped one_sided moved_elsewhere",
    ),
    ("a helper leaves", cases.accepted_one_helper_after_another, "asked helped asked"),
    ("no helper agreed on", cases.accepted_not_agreed_then_another, "asked"),
    (
        "clarified",
        cases.accepted_a_crisis_that_did_not_happen,
        "asked acknowledged partly answered one_sided clarified",
    ),
    (
        "ended in two ways",
        cases.accepted_closed_in_two_ways,
        "asked one_sided in_two_ways clarified",
    ),
    ("ended by one side", cases.accepted_closed_by_one_side, "asked one_sided"),
    ("withdrawn", cases.accepted_withdrawn, "asked withdrawn"),
    ("one question withdrawn", cases.accepted_one_question_withdrawn, "asked partly answered"),
    ("a mistake", cases.accepted_opened_by_mistake, "asked answered mistake"),
    ("paused", cases.accepted_paused, "asked"),
    ("among technicians", cases.accepted_among_technicians, "asked partly"),
)
"""By what happens: the case that plays it, and the statuses in turn."""
ENDS = {"one_sided", "in_two_ways", *codes.OUTCOMES, "withdrawn", "mistake"}
RUNGS = [status for status in PROTOCOL.statuses if status not in ENDS]
ANY: tuple[tuple[Coded, str], ...] = (
    (Pause(hours=72), ""),
    (TechnicalOnly(), ""),
    *((Close(outcome=outcome), "one_sided") for outcome in codes.OUTCOMES),
)
"""What either of the two may do at any rung, and where the consultation stands then, "" where it
does not move.
"""
OWN: tuple[tuple[Coded, str], ...] = (
    (Withdraw(), "withdrawn"),
    (MarkMistake(reason="misread"), "mistake"),
)
"""What the asker may do with its opening at any rung."""


def status(table: Table) -> str:
    found = table.seen.summary()
    assert found is not None
    return found.status


@pytest.mark.parametrize(
    ("case", "statuses"), [path[1:] for path in PATHS], ids=[p[0] for p in PATHS]
)
def test_a_path_of_the_ladder_is_walked(case: Case, statuses: str) -> None:
    table = play(PROTOCOL, case)
    held = table.replica([])
    found = []
    for act in table.acts:
        table.give(held, act)
        summary = held.summary()
        found.append("" if summary is None else summary.status)
    assert [each for each, _ in groupby(found)] == statuses.split()


def test_every_status_is_on_a_path() -> None:
    assert {each for _, _, walked in PATHS for each in walked.split()} == {*PROTOCOL.statuses}


class Reached(Exception):
    """Raised when a case has come to a status."""


class Stopping(Table):
    """A table at which a case is played until it stands at ``wanted``."""

    wanted = ""

    def open(self, *args: Any, **kwargs: Any) -> Act:
        """As at every table, and stop where it should."""
        return self._unless_reached(super().open(*args, **kwargs))

    def say(self, *args: Any, **kwargs: Any) -> Act:
        """As at every table, and stop where it should."""
        return self._unless_reached(super().say(*args, **kwargs))

    def _unless_reached(self, act: Act) -> Act:
        if status(self) == self.wanted:
            raise Reached
        return act


def stopped(wanted: str) -> Table:
    """Return a table that stands at a rung of the whole ladder, or of declining."""
    table = Stopping(PROTOCOL)
    table.wanted = wanted
    case = cases.accepted_declined if wanted == "declined" else cases.accepted_rung_after_rung
    with pytest.raises(Reached):
        case(table)
    table.wanted = ""
    return table


@pytest.mark.parametrize("rung", RUNGS)
def test_the_ways_out_are_open_at_every_rung_without_anybody_else(rung: str) -> None:
    ways = [(party, *way) for party in cases.TWO for way in ANY]
    for party, act, then in [*ways, *(("orvanda", *way) for way in OWN)]:
        table = stopped(rung)
        said = table.say(party, act, table.acts[:1])
        assert table.verdict(said) is None, (party, act)
        assert status(table) == (then or rung), (party, act)
