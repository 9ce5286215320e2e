"""The guards of an incident, numbered as in SPEC.md. Each raises Void: the act has no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Void
from comity.kernel.ids import host_of
from comity.protocols.response.incident.acts import (
    Acknowledge,
    Close,
    Event,
    HandOver,
    Inform,
    Progress,
    Task,
    Topic,
    read,
)
from comity.protocols.response.incident.assistance import (
    Accept,
    Answer,
    Ask,
    Deliver,
    Offer,
    Result,
    TurnDown,
)
from comity.protocols.response.incident.codes import DROPPED, MOST_INTENTS, TASK_DONE
from comity.protocols.response.incident.deconfliction import GoAhead, Intend, StandDown
from comity.protocols.response.incident.describing import Describe
from comity.protocols.response.incident.effects import NONE, WIDTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import PartyId

RULES = {
    "D1": "An ask goes to other members, and an offer to one, who asked if it cites an ask.",
    "D2": "A time that is set lies ahead, and no end before its beginning.",
    "D3": "Only a party that was asked answers, or a guest of it.",
    "D4": "Nobody acknowledges its own words, or lets itself go ahead.",
    "D5": "Who opened the incident closes it.",
    "D6": "What is closed takes nothing that begins something new.",
    "D7": "A description says something, and does not contradict itself.",
    "D8": "Only who said it puts an event right, goes on with a task, or stands down.",
    "D9": "Only who is offered help takes it up or not; only who is helped says what came of it.",
    "D10": "Help is delivered by who was asked for it, or whose offer was accepted.",
    "D11": "A task that is done or was dropped does not go on.",
    "D12": "A party has at most 32 intentions at once.",
    "D13": "An offer that is over, was turned down or taken back is not accepted.",
}
NEW = Inform | Ask | HandOver | Offer | Topic | Task | Intend
"""What begins something new."""
PRECISE = ("began", "noticed", "ended")
"""The instants of a description, each with how exactly it is known."""


def require_other_members(node: Node, past: Past) -> None:
    """D1: an ask goes to other members, and an offer to one, who asked if it cites an ask."""
    match read(node.header):
        case Ask(to=to):
            _require_others(node, past, to)
        case Offer(to=one):
            _require_others(node, past, [one])
            asks = filter(None, map(past.find, node.header.refs))
            if any(host_of(ask.header.party)[0] != one for ask in asks):
                raise Void("D1", "Another party asked for it; offer the help to that party.")
        case _:
            pass


def _require_others(node: Node, past: Past, to: list[PartyId]) -> None:
    if node.header.party in to:
        raise Void("D1", "It goes to its own author; name other members.")
    if not past.members.issuperset(to):
        raise Void("D1", "A party named is not a member; invite it first.")


def require_ahead(node: Node, _past: Past) -> None:
    """D2: a time that is set lies ahead, and no end before its beginning."""
    act, time = read(node.header), node.header.time
    ends: tuple[int | None, ...] = ()
    match act:
        case Ask(due=due, whether_by=whether):
            ends = (due, whether)
            if due is not None and whether is not None and whether > due:
                raise Void("D2", "The word whether would come after the help; set it earlier.")
        case Answer(when=end) | Offer(until=end) | Accept(due=end) | Task(due=end):
            ends = (end,)
        case Intend(from_=begin, until=end):
            ends = (end,)
            if end <= begin:
                raise Void("D2", "It would end before it begins; set a later end.")
        case _:
            pass
    if any(end is not None and end <= time for end in ends):
        raise Void("D2", "The time set would have passed when it was set; set a later one.")


def require_asked(node: Node, past: Past) -> None:
    """D3: only a party that was asked answers, or a guest of it.

    D0 has made sure that one ask is cited. A guest's answer stands beside that of the party, which
    goes on owing its own.
    """
    if isinstance(read(node.header), Answer) and not _was_asked(node, past):
        raise Void("D3", "Another party was asked; inform the members, or offer your help.")


def _was_asked(node: Node, past: Past) -> bool:
    host, _ = host_of(node.header.party)
    asks = (past.effective(ref, "ask") for ref in node.header.refs)
    return any(ask is not None and host in Ask.checked(ask.header).to for ask in asks)


def require_of_others(node: Node, past: Past) -> None:
    """D4: nobody acknowledges its own words, or lets itself go ahead."""
    act = read(node.header)
    if isinstance(act, Acknowledge | GoAhead) and any(_own(node, past)):
        told = "This is what your own party is about to do; let others go ahead."
        if isinstance(act, Acknowledge):
            told = "Your own party said this, or some of it; acknowledge what others say."
        raise Void("D4", told)


def require_opener(node: Node, past: Past) -> None:
    """D5: who opened the incident closes it."""
    if isinstance(read(node.header), Close) and node.header.party != past.charter.party:
        raise Void("D5", "Another party opened the incident; ask it to close, or leave.")


def require_open(node: Node, past: Past) -> None:
    """D6: what is closed takes nothing that begins something new.

    A closing the author had not seen does not count.
    """
    if isinstance(read(node.header), NEW) and next(past.all("close"), None) is not None:
        raise Void("D6", "The incident was closed; open another that follows it.")


def require_sense(node: Node, _past: Past) -> None:
    """D7: a description says something, and does not contradict itself."""
    known = read(node.header)
    if not isinstance(known, Describe):
        return
    told = known.to_body()
    if not told:
        raise Void("D7", "The description says nothing; fill in what is known.")
    if any(f"{name}_precision" in told and name not in told for name in PRECISE):
        raise Void("D7", "It is said how exactly a time is known that is not told; add the time.")
    if known.information is not None and {NONE} < set(known.information):
        raise Void("D7", "No information is affected, and some is; say one of the two.")
    if known.began is not None and known.ended is not None:
        slack = sum(
            WIDTHS.get(each or "", 0) for each in (known.began_precision, known.ended_precision)
        )
        if known.ended + slack < known.began:
            raise Void("D7", "It would have ended before it began; put the two times right.")


def require_own(node: Node, past: Past) -> None:
    """D8: only who said it puts an event right, goes on with a task, or stands down."""
    match read(node.header):
        case Event():
            told = "Another party put this into the timeline; add what you know beside it."
        case Progress():
            told = "Another party took this task; inform the members of what you know of it."
        case StandDown():
            told = (
                "Another party said this, or some of it; stand down from what your own party said."
            )
        case _:
            return
    if not all(_own(node, past)):
        raise Void("D8", told)


def _own(node: Node, past: Past) -> Iterator[bool]:
    """Yield of each act cited whether it is the author's own."""
    cited = filter(None, map(past.find, node.header.refs))
    return (act.header.party == node.header.party for act in cited)


def require_helped(node: Node, past: Past) -> None:
    """D9: only who is offered help takes it up or not; only who is helped says what came of it.

    An ask is for its author, and an offer for whom it names.
    """
    if isinstance(read(node.header), Accept | TurnDown | Result):
        for act in filter(None, map(past.find, node.header.refs)):
            said = read(act.header)
            if (said.to if isinstance(said, Offer) else act.header.party) != node.header.party:
                raise Void("D9", "The help is for another party; inform it of what you think.")


def require_promised(node: Node, past: Past) -> None:
    """D10: help is delivered by who was asked for it, or whose offer was accepted."""
    if isinstance(read(node.header), Deliver) and not _was_asked(node, past):
        (ref,) = node.header.refs
        if past.effective(ref, "offer") is None or not all(_own(node, past)):
            raise Void("D10", "Your party was not asked for it; offer it, or inform the members.")
        if next(past.citing(ref, "accept"), None) is None:
            raise Void("D10", "The offer was not accepted; wait for a word, or inform the members.")


def require_going_on(node: Node, past: Past) -> None:
    """D11: a task that is done or was dropped does not go on."""
    if isinstance(read(node.header), Progress):
        said = (n for ref in node.header.refs for n in past.citing(ref, "progress"))
        if any(Progress.checked(n.header).state in {TASK_DONE, DROPPED} for n in said):
            raise Void("D11", "The task is done or was dropped; take a new one.")


def require_few_intents(node: Node, past: Past) -> None:
    """D12: a party has at most 32 intentions at once."""
    if isinstance(read(node.header), Intend):
        party = node.header.party
        over = {ref for n in past.all("stand_down", party) for ref in n.header.refs}
        if sum(n.id not in over for n in past.all("intend", party)) >= MOST_INTENTS:
            told = "Your party has {most} intentions; stand down from those that are over."
            raise Void("D12", Phrase(told, most=MOST_INTENTS))


def require_standing_offer(node: Node, past: Past) -> None:
    """D13: an offer that is over, was turned down or taken back is not accepted.

    What the author had not seen does not count; times are those that acts claim.
    """
    if isinstance(read(node.header), Accept):
        for offer in filter(None, map(past.find, node.header.refs)):
            until = Offer.checked(offer.header).until
            over = until is not None and until < node.header.time
            if over or next(past.citing(offer.id, "turn_down", "stand_down"), None) is not None:
                raise Void("D13", "The offer stands no more; ask for the help instead.")


GUARDS = (
    require_other_members,
    require_ahead,
    require_asked,
    require_of_others,
    require_opener,
    require_open,
    require_sense,
    require_own,
    require_helped,
    require_promised,
    require_going_on,
    require_few_intents,
    require_standing_offer,
)
