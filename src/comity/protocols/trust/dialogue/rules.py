"""The guards of a dialogue, numbered as in SPEC.md. Each raises Void: the act has no effect.

None asks what time it is, and none asks for a third party's word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Void
from comity.kernel.kinds import read_charter
from comity.protocols.trust.dialogue.acts import (
    AcceptItem,
    AgreeSummary,
    Cancel,
    CloseMeeting,
    Commit,
    Commitment,
    DeferItem,
    Draft,
    Hold,
    Move,
    Open,
    OwnSummary,
    ProposeItem,
    Schedule,
    WithdrawItem,
    read,
)
from comity.protocols.trust.dialogue.codes import MOVED
from comity.protocols.trust.dialogue.past import going, is_cited, number_of

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {
    "D1": "A dialogue is opened with at least one other party.",
    "D2": "A time that is set lies ahead.",
    "D3": "A meeting has a higher number than those that were set before it.",
    "D4": "What was cancelled is not held; what was held or cancelled is not moved, cancelled or "
    "given items.",
    "D5": "Nobody accepts or defers an own item, or agrees to an own summary.",
    "D6": "Only its author withdraws an item, or says what became of a commitment.",
    "D7": "A meeting is summed up and closed after it was held.",
    "D8": "A meeting is closed when the next one is set, or fewer than two parties go on.",
    "D9": "A commitment that was done or dropped stays so.",
    "D10": "Who has ended it sets, moves, proposes and commits to nothing more.",
    "D11": "An act is in a lane of the dialogue.",
}


def require_another(node: Node, _past: Past) -> None:
    """D1: a dialogue is opened with at least one other party."""
    if isinstance(read(node.header), Open) and len(read_charter(node.header).members) < 2:
        raise Void("D1", "A dialogue takes two parties; name at least one other.")


def require_ahead(node: Node, _past: Past) -> None:
    """D2: a time that is set lies ahead."""
    at: int | None = None
    match read(node.header):
        case Schedule(begins=at) | Move(begins=at) | Commit(due=at) | Commitment(due=at):
            pass
        case _:
            pass
    if at is not None and at <= node.header.time:
        raise Void("D2", "The time set would have passed when it was set; set a later one.")


def require_next_number(node: Node, past: Past) -> None:
    """D3: a meeting has a higher number than those that were set before it."""
    act = read(node.header)
    if isinstance(act, Schedule):
        last = max(map(number_of, past.all("schedule")), default=0)
        if act.number <= last:
            told = Phrase("Meeting {last} was set before; number this one higher.", last=last)
            raise Void("D3", told)


def require_to_come(node: Node, past: Past) -> None:
    """D4: what was cancelled is not held; what was held or cancelled is not moved, cancelled or
    given items.
    """
    act = read(node.header)
    if isinstance(act, Hold | Move | Cancel | ProposeItem):
        (meeting,) = node.header.refs
        if is_cited(past, meeting, "cancel"):
            raise Void("D4", "This meeting was cancelled; set another.")
        if not isinstance(act, Hold) and is_cited(past, meeting, "hold"):
            raise Void("D4", "This meeting was held; set the next one.")


def require_of_others(node: Node, past: Past) -> None:
    """D5: nobody accepts or defers an own item, or agrees to an own summary."""
    act = read(node.header)
    if isinstance(act, AcceptItem | DeferItem | AgreeSummary) and _own(node, past) != 0:
        told = "Your own party proposed this item; the others accept it or defer it."
        if isinstance(act, AgreeSummary):
            told = "Your own party wrote this summary, and so agrees to it; the others reply."
        raise Void("D5", told)


def require_own(node: Node, past: Past) -> None:
    """D6: only its author withdraws an item, or says what became of a commitment."""
    act = read(node.header)
    if isinstance(act, WithdrawItem | Commitment) and _own(node, past) != len(node.header.refs):
        told = "Another party committed to this; only that party says what became of it."
        if isinstance(act, WithdrawItem):
            told = "Another party proposed this item; only that party withdraws it."
        raise Void("D6", told)


def _own(node: Node, past: Past) -> int:
    """Return how many of the acts cited are the author's own."""
    cited = map(past.find, node.header.refs)
    return sum(act is not None and act.header.party == node.header.party for act in cited)


def require_held(node: Node, past: Past) -> None:
    """D7: a meeting is summed up and closed after it was held."""
    after = isinstance(read(node.header), Draft | OwnSummary | CloseMeeting)
    if after and not is_cited(past, node.header.refs[0], "hold"):
        raise Void("D7", "Nobody has said that this meeting was held; say so first.")


def require_next(node: Node, past: Past) -> None:
    """D8: a meeting is closed when the next one is set, or fewer than two parties go on."""
    if isinstance(read(node.header), CloseMeeting) and len(going(past)) >= 2:
        (meeting,) = node.header.refs
        numbers = {n.id: number_of(n) for n in past.all("schedule")}
        later = [id_ for id_, number in numbers.items() if number > numbers[meeting]]
        if all(is_cited(past, id_, "cancel") for id_ in later):
            raise Void("D8", "No meeting after this one is set; set the next, or end the dialogue.")


def require_unsettled(node: Node, past: Past) -> None:
    """D9: a commitment that was done or dropped stays so."""
    if isinstance(read(node.header), Commitment):
        for said in past.all("commitment", node.header.party):
            ends = Commitment.checked(said.header).outcome != MOVED
            if ends and said.header.refs == node.header.refs:
                raise Void("D9", "You said that it is done or dropped; make another commitment.")


def require_going(node: Node, past: Past) -> None:
    """D10: who has ended it sets, moves, proposes and commits to nothing more."""
    new = isinstance(read(node.header), Schedule | Move | ProposeItem | Commit)
    if new and next(past.all("end", node.header.party), None) is not None:
        raise Void("D10", "Your party has ended the dialogue; open another one.")


def require_lane(node: Node, past: Past) -> None:
    """D11: an act is in a lane of the dialogue."""
    lane = getattr(read(node.header), "lane", None)
    if lane is not None and lane not in Open.checked(past.charter).lanes:
        raise Void("D11", "It was not opened in this lane; use one that it was opened in.")


GUARDS = (
    require_another,
    require_ahead,
    require_next_number,
    require_to_come,
    require_of_others,
    require_own,
    require_held,
    require_next,
    require_unsettled,
    require_going,
    require_lane,
)
