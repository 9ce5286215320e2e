"""The guards of a planned activity, numbered as in SPEC.md. Each raises Void: no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Void
from comity.protocols.trust.planned.acts import (
    Acknowledge,
    Amend,
    Announce,
    Answer,
    Ask,
    Begin,
    Cancel,
    Conflict,
    End,
    OnDuty,
    read,
)

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {
    "D1": "A window ends after it begins, and within 366 days.",
    "D2": "Who announced it amends, begins, ends and cancels it, says who is on duty, and answers.",
    "D3": "Questions, and what else is planned, come from others than who announced it.",
    "D4": "An answer is due after it is asked for.",
    "D5": "Nobody acknowledges its own words.",
    "D6": "What has begun, is over or was cancelled does not begin.",
    "D7": "What has begun or is over is not cancelled.",
    "D8": "What was cancelled is not over.",
    "D9": "What is over or was cancelled is not amended, and nothing conflicts with it.",
}
LONGEST = 366 * 24 * 3600 * 1000
"""The longest window, in milliseconds: what lasts longer is announced anew every year."""
STAGES = ("begin", "end", "cancel")


def require_window(node: Node, _past: Past) -> None:
    """D1: a window ends after it begins, and within 366 days."""
    act = read(node.header)
    if isinstance(act, Announce | Amend):
        if act.ends <= act.begins:
            raise Void("D1", "The window ends before it has begun; set a later end.")
        if act.ends - act.begins > LONGEST:
            raise Void("D1", "The window is longer than a year; announce the rest next year.")


def require_announcer(node: Node, past: Past) -> None:
    """D2: who announced it amends, begins, ends and cancels it, says who is on duty, and answers.

    No kind of these is recorded for a guest.
    """
    act = read(node.header)
    own = isinstance(act, Amend | OnDuty | Answer | Begin | End | Cancel)
    if own and node.header.party != past.charter.party:
        raise Void("D2", "Another party announced it; ask that party, or announce what is yours.")


def require_others(node: Node, past: Past) -> None:
    """D3: questions, and what else is planned, come from others than who announced it."""
    asked = isinstance(read(node.header), Ask | Conflict)
    if asked and node.header.party == past.charter.party:
        raise Void("D3", "You announced it yourself; amend it, or cancel it.")


def require_time_to_answer(node: Node, _past: Past) -> None:
    """D4: an answer is due after it is asked for."""
    act = read(node.header)
    if isinstance(act, Ask) and act.due is not None and act.due <= node.header.time:
        raise Void("D4", "The answer would be due before it was asked for; set a later time.")


def require_of_others(node: Node, past: Past) -> None:
    """D5: nobody acknowledges its own words."""
    if isinstance(read(node.header), Acknowledge):
        cited = map(past.find, node.header.refs)
        if any(act is not None and act.header.party == node.header.party for act in cited):
            told = "Your own party said this, or some of it; acknowledge what others say."
            raise Void("D5", told)


def require_to_come(node: Node, past: Past) -> None:
    """D6: what has begun, is over or was cancelled does not begin."""
    if isinstance(read(node.header), Begin) and _stages(past):
        raise Void("D6", "It was said already that it begins, is over or is cancelled.")


def require_not_begun(node: Node, past: Past) -> None:
    """D7: what has begun or is over is not cancelled.

    Of what was told in two ways either may be said again, so that one of them can stand.
    """
    if isinstance(read(node.header), Cancel):
        told = _stages(past)
        if told and "cancel" not in told:
            raise Void("D7", "It has begun; say that it is over, and how it went.")


def require_not_cancelled(node: Node, past: Past) -> None:
    """D8: what was cancelled is not over.

    Of what was told in two ways either may be said again, as by D7.
    """
    if isinstance(read(node.header), End) and _stages(past) == {"cancel"}:
        raise Void("D8", "It was cancelled; if it took place all the same, announce that anew.")


def require_open(node: Node, past: Past) -> None:
    """D9: what is over or was cancelled is not amended, and nothing conflicts with it.

    An end that the author had not seen does not count.
    """
    if isinstance(read(node.header), Amend | Conflict) and _stages(past) & {"end", "cancel"}:
        raise Void("D9", "It is over or was cancelled; announce what is planned now.")


def _stages(past: Past) -> set[str]:
    """Return which of the kinds that say where it stands the author had seen."""
    return {kind for kind in STAGES if next(past.all(kind), None) is not None}


GUARDS = (
    require_window,
    require_announcer,
    require_others,
    require_time_to_answer,
    require_of_others,
    require_to_come,
    require_not_begun,
    require_not_cancelled,
    require_open,
)
