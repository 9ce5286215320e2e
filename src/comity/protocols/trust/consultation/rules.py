"""The guards of a consultation, numbered as in SPEC.md. Each raises Void: the act has no effect.

None asks for a third party's word, and none knows what time it is: times are those that acts claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comity.kernel.errors import Void
from comity.kernel.kinds import Growth, Invite, Release, read_body, read_charter
from comity.protocols.trust.consultation.acts import (
    AgreeRelease,
    AnswerHelper,
    AnswerMeeting,
    MarkMistake,
    MeetingHeld,
    Pause,
    ProposeHelper,
    ProposeMeeting,
    TechnicalOnly,
    Withdraw,
    read,
)
from comity.protocols.trust.consultation.codes import ACCEPTED, AGREED, DIPLOMATIC, HOUR, TECHNICAL
from comity.protocols.trust.consultation.facts import INVITE, founders, other_of
from comity.protocols.trust.consultation.questions import (
    Acknowledge,
    Answer,
    Ask,
    DeclineAnswer,
    Inform,
    MoreTime,
    Open,
)

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import PartyId

RULES = {
    "D1": "A consultation is opened with one other party.",
    "D2": "A time that is set lies ahead.",
    "D3": "Only the two parties act in it; a helper adds to it and acknowledges.",
    "D4": "Nobody replies to its own words, or acknowledges them.",
    "D5": "Only who said something withdraws it, or marks it as a mistake.",
    "D6": "More time is taken once for a question.",
    "D7": "Each party pauses once.",
    "D8": "During a pause nothing new is asked or proposed.",
    "D9": "What was accepted can be said to be held.",
    "D10": "A helper is a third party that both agreed on, and is invited by the two alone.",
    "D11": "What was said before a helper came is released when the other party has agreed.",
    "D12": "Who has closed begins nothing new, nor does anybody once the opening was taken back.",
    "D13": "An act is in a lane of the consultation, and none in one that its author has left.",
}
NEW = (Ask, ProposeMeeting, ProposeHelper)
"""What asks for something new."""
REPLIES = (Acknowledge, Answer, MoreTime, DeclineAnswer, AnswerMeeting, AnswerHelper, AgreeRelease)


def require_one_other(node: Node, _past: Past) -> None:
    """D1: a consultation is opened with one other party."""
    if isinstance(read(node.header), Open) and len(founders(node.header)) != 2:
        raise Void(
            "D1",
            "A consultation is between two parties; name exactly one other, and helpers later.",
        )


def require_ahead(node: Node, _past: Past) -> None:
    """D2: a time that is set lies ahead."""
    at: int | None = None
    match read(node.header):
        case Open(reply_by=at) | Ask(due=at) | ProposeMeeting(at=at):
            pass
        case _:
            pass
    if at is not None and at <= node.header.time:
        raise Void("D2", "The time set would have passed when it was set; set a later one.")


def require_party(node: Node, past: Past) -> None:
    """D3: only the two parties act in it; a helper adds to it and acknowledges."""
    act = read(node.header)
    if act is None or isinstance(act, Open | Inform | Acknowledge):
        return
    if node.header.party not in founders(past.charter):
        raise Void("D3", "This is for the two parties; a helper adds to it, or acknowledges.")


def require_of_other(node: Node, past: Past) -> None:
    """D4: nobody replies to its own words, or acknowledges them."""
    if isinstance(read(node.header), REPLIES) and _own(node, past) != 0:
        raise Void("D4", "Your own party said this, or some of it; reply to the other party.")


def require_own(node: Node, past: Past) -> None:
    """D5: only who said something withdraws it, or marks it as a mistake."""
    takes_back = isinstance(read(node.header), Withdraw | MarkMistake)
    if takes_back and _own(node, past) != len(node.header.refs):
        raise Void("D5", "Another party said this, or some of it; only that party takes it back.")


def _own(node: Node, past: Past) -> int:
    """Return how many of the acts cited are the author's own."""
    cited = map(past.find, node.header.refs)
    return sum(act is not None and act.header.party == node.header.party for act in cited)


def require_more_time_once(node: Node, past: Past) -> None:
    """D6: more time is taken once for a question."""
    if isinstance(read(node.header), MoreTime):
        taken = {id_ for n in past.all("more_time", node.header.party) for id_ in n.header.refs}
        if not taken.isdisjoint(node.header.refs):
            raise Void("D6", "More time was taken for it before; answer in part, or not known.")


def require_paused_once(node: Node, past: Past) -> None:
    """D7: each party pauses once."""
    earlier = past.all("pause", node.header.party)
    if isinstance(read(node.header), Pause) and next(earlier, None) is not None:
        raise Void("D7", "Your party has paused before; agree on a meeting, or close.")


def require_no_pause(node: Node, past: Past) -> None:
    """D8: during a pause nothing new is asked or proposed.

    A pause that the author had not seen does not count; both times are as their authors say.
    """
    if isinstance(read(node.header), NEW):
        for pause in past.all("pause"):
            until = pause.header.time + Pause.checked(pause.header).hours * HOUR
            if node.header.time < until:
                raise Void("D8", "It is paused; reply to what was asked, or wait until it ends.")


def require_accepted(node: Node, past: Past) -> None:
    """D9: what was accepted can be said to be held."""
    if isinstance(read(node.header), MeetingHeld):
        (proposal,) = node.header.refs
        words = (n for n in past.all("answer_meeting") if proposal in n.header.refs)
        if not any(AnswerMeeting.checked(n.header).word == ACCEPTED for n in words):
            raise Void("D9", "Nobody accepted this meeting; accept it first, or propose another.")


def require_agreed_helper(node: Node, past: Past) -> None:
    """D10: a helper is a third party that both agreed on, and is invited by the two alone.

    One at a time: while there is one, it invites nobody either, and the kernel would ask for its
    word on the next. No step here needs a third party's.
    """
    act = read(node.header)
    if isinstance(act, ProposeHelper):
        if read_charter(past.charter).growth == Growth.CLOSED:
            raise Void("D10", "It was opened to nobody else; open one that others may join.")
        _require_room(past)
        if act.party in past.members:
            raise Void("D10", "The helper proposed is in it; name a party that is not.")
    if node.header.kind == INVITE:
        _require_room(past)
        if not _is_agreed(past, cast("Invite", read_body(node.header)).party):
            raise Void("D10", "Both have to agree on a helper first; propose it.")


def _require_room(past: Past) -> None:
    if past.members - {*founders(past.charter)}:
        raise Void("D10", "There is a helper; another may come when it has left.")


def _is_agreed(past: Past, helper: PartyId) -> bool:
    """Say whether a proposal of a helper was agreed to, by the newest word on it."""
    for node in past.all("propose_helper"):
        if ProposeHelper.checked(node.header).party == helper:
            other = other_of(past.charter, node.header.party)
            words = [n for n in past.all("answer_helper", other) if node.id in n.header.refs]
            newest = [n for n in words if not any(past.before(n, later) for later in words)]
            if any(AnswerHelper.checked(n.header).word == AGREED for n in newest):
                return True
    return False


def require_agreed_release(node: Node, past: Past) -> None:
    """D11: what was said before a helper came is released when the other party has agreed."""
    party = node.header.party
    if node.header.kind == "release" and party in founders(past.charter):
        other = other_of(past.charter, party)
        agreed = {id_ for n in past.all("agree_release", other) for id_ in n.header.refs}
        if not agreed.issuperset(cast("Release", read_body(node.header)).acts):
            raise Void("D11", "The other party has to agree first that a helper reads it.")


def require_open(node: Node, past: Past) -> None:
    """D12: who has closed begins nothing new, nor does anybody once the opening was taken back."""
    if not isinstance(read(node.header), (*NEW, Pause)):
        return
    ends = (*past.all("withdraw"), *past.all("mark_mistake"))
    if any(past.opening.id in n.header.refs for n in ends):
        raise Void("D12", "The opening was taken back; open another consultation.")
    if next(past.all("close", node.header.party), None) is not None:
        raise Void("D12", "Your party has closed it; open another consultation.")


def require_lane(node: Node, past: Past) -> None:
    """D13: an act is in a lane of the consultation, and none in one that its author has left."""
    act = read(node.header)
    lane = TECHNICAL if isinstance(act, TechnicalOnly) else getattr(act, "lane", None)
    if lane is None:
        return
    if lane not in Open.checked(past.charter).lanes:
        raise Void("D13", "It was not opened in this lane; use one that it was opened in.")
    left = next(past.all("technical_only", node.header.party), None) is not None
    if left and lane == DIPLOMATIC:
        raise Void("D13", "Your party goes on among technicians alone; use the technical lane.")


GUARDS = (
    require_one_other,
    require_ahead,
    require_party,
    require_of_other,
    require_own,
    require_more_time_once,
    require_paused_once,
    require_no_pause,
    require_accepted,
    require_agreed_helper,
    require_agreed_release,
    require_open,
    require_lane,
)
