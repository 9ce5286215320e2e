"""What the acts of a consultation add up to, as facts that join in any order.

Cells: ``opened`` (of the asker: urgency, time, to), ``question`` (by act: time, due), ``answer``
(by question, of the asked party: result, partly), ``ack`` (by act: as), ``more`` (by question:
hours), ``paused`` (of each party: hours, time), ``meeting`` (by proposal: at, time, due), ``met``
(by proposal, of the other party: word), ``held`` and ``replaced`` (by proposal), ``helper`` (by
proposal: party), ``helping`` (by proposal, of the other party: word), ``technical_only`` (of each
party), ``withdrawn`` and ``mistake`` (by act), ``closed`` (of each party: outcome), ``owed`` (act,
party, what), ``settled`` (the same, or a beginning of it).

Clocks are numbers in bodies and headers; nothing here knows what time it is. What is late is each
node's own view, and silence is no reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest
from comity.kernel.ids import PartyId
from comity.kernel.kinds import read_charter
from comity.protocols.trust.consultation.acts import (
    AnswerHelper,
    AnswerMeeting,
    Close,
    MarkMistake,
    MeetingHeld,
    Pause,
    ProposeHelper,
    ProposeMeeting,
    TechnicalOnly,
    Withdraw,
    read,
)
from comity.protocols.trust.consultation.codes import (
    ACCEPTED,
    AGREED,
    DECLINED,
    HOUR,
    MEETING_HOURS,
    REPLY_HOURS,
)
from comity.protocols.trust.consultation.questions import (
    ASKED,
    Acknowledge,
    Answer,
    Ask,
    DeclineAnswer,
    MoreTime,
    Open,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.act import Header
    from comity.kernel.canon import Object, Value
    from comity.kernel.fold import Fact
    from comity.kernel.graph import Node, Past

ANSWER, ACKNOWLEDGE, CORRECT = "answer", "acknowledge", "correct"
ANSWER_MEETING, MEET = "answer_meeting", "meeting_held"
ANSWER_HELPER, INVITE = "answer_helper", "invite"
"""What is owed; also the codes of the captions that say so."""
REPLIES = ("answer", "decline_answer")
"""The kinds that answer a question, or say that it will not be answered."""
WANTED = (*ASKED, "propose_meeting", "propose_helper")
"""The kinds by which a party wants something of the other."""


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says."""
    header, act = node.header, read(node.header)
    if isinstance(act, Open):
        return _opening(node, act)
    if header.kind == INVITE:
        return tuple(_invited(header, past))
    if act is None:
        return ()  # What the kernel's other kinds say, the kernel adds.
    # Whoever says anything has taken notice of the opening.
    noticed = add("settled", past.opening.id, header.party, ACKNOWLEDGE)
    said = _on_questions(node, past) or _taken_back(header, past) or _between(node, past)
    return (noticed, *said)


def founders(charter: Header) -> tuple[PartyId, ...]:
    """Return the two parties that a consultation was opened between."""
    return read_charter(charter).members


def other_of(charter: Header, party: PartyId) -> PartyId:
    """Return the other of the two, than one of them."""
    return next(each for each in founders(charter) if each != party)


def _opening(node: Node, opening: Open) -> tuple[Fact, ...]:
    header = node.header
    to = other_of(header, header.party)
    told: Object = {"urgency": opening.urgency, "time": header.time, "to": to}
    asked = _question(node, to, opening.reply_by)
    return (latest("opened", value=told), add("owed", node.id, to, ACKNOWLEDGE), *asked)


def _question(node: Node, to: PartyId, due: int | None) -> tuple[Fact, ...]:
    time = node.header.time
    told: Object = {"time": time, "due": due or time + REPLY_HOURS * HOUR}
    return (latest("question", node.id, value=told), add("owed", node.id, to, ANSWER))


def _invited(header: Header, past: Past) -> Iterator[Fact]:
    """Yield that a party has invited the helper that was agreed on."""
    for node in past.all("propose_helper"):
        if ProposeHelper.checked(node.header).party == header.body["party"]:
            yield add("settled", node.id, header.party, INVITE)


def _on_questions(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what an act asks, or says to questions."""
    header = node.header
    found: tuple[Fact, ...] = ()
    match read(header):
        case Ask(due=due):
            found = _question(node, other_of(past.charter, header.party), due)
        case Acknowledge(as_=word):
            found = tuple(latest("ack", id_, value=word) for id_ in header.refs)
        case Answer(result=result, partly=partly):
            found = _answered(header, past, result, partly=partly is True)
        case DeclineAnswer():
            found = _answered(header, past, DECLINED, partly=False)
        case MoreTime(hours=hours):
            found = tuple(latest("more", id_, value=hours) for id_ in header.refs)
        case _:
            pass
    return found


def _taken_back(header: Header, past: Past) -> tuple[Fact, ...]:
    """Return what an act takes back, or ends for its author."""
    found: tuple[Fact, ...] = ()
    match read(header):
        case Withdraw():
            found = _ended(header, "withdrawn")
        case MarkMistake(reason=reason):
            found = _mistaken(header, past, reason)
        case Close(outcome=outcome):
            # A closing takes nothing off its author's own list.
            own = (n for kind in WANTED for n in past.all(kind, header.party))
            found = (latest("closed", value=outcome), *(add("settled", n.id) for n in own))
        case _:
            pass
    return found


def _ended(header: Header, cell: str) -> tuple[Fact, ...]:
    """Return a word on each act cited, of which nothing is owed any more."""
    words = (latest(cell, id_) for id_ in header.refs)
    return (*words, *(add("settled", id_) for id_ in header.refs))


def _answered(header: Header, past: Past, result: str, *, partly: bool) -> tuple[Fact, ...]:
    """Return an answer. It ends what is owed unless more will follow, and puts right what its
    author had answered by mistake.
    """
    value: Object = {"result": result, "partly": partly}
    found = [latest("answer", id_, value=value) for id_ in header.refs]
    if not partly:
        found += [add("settled", id_, header.party, ANSWER) for id_ in header.refs]
        before = _replies_to(past, header.party, header.refs)
        found += [add("settled", node.id, header.party, CORRECT) for node in before]
    return tuple(found)


def _replies_to(past: Past, party: PartyId, questions: tuple[str, ...]) -> Iterator[Node]:
    """Yield what a party answered to any of some questions."""
    for kind in REPLIES:
        for node in past.all(kind, party):
            if not set(questions).isdisjoint(node.header.refs):
                yield node


def _mistaken(header: Header, past: Past, reason: str) -> tuple[Fact, ...]:
    """Return a mistake: what was asked is asked no more, the last answer is to be put right."""
    found = [latest("mistake", id_, value=reason) for id_ in header.refs]
    found += [add("settled", id_) for id_ in header.refs if past.effective(id_, *ASKED)]
    for node in filter(None, (past.effective(id_, *REPLIES) for id_ in header.refs)):
        later = _replies_to(past, header.party, node.header.refs)
        if not any(past.before(node, each) for each in later):
            found.append(add("owed", node.id, header.party, CORRECT))
    return tuple(found)


def _between(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what an act says about meeting, a helper, lanes and pauses."""
    header = node.header
    found: tuple[Fact, ...] = ()
    match read(header):
        case ProposeMeeting(at=at):
            told: Object = {
                "at": at,
                "time": header.time,
                "due": min(at, header.time + MEETING_HOURS * HOUR),
            }
            asked = add("owed", node.id, other_of(past.charter, header.party), ANSWER_MEETING)
            found = (latest("meeting", node.id, value=told), asked)
            found += _ended(header, "replaced")
        case AnswerMeeting(word=word):
            both = () if word != ACCEPTED else founders(past.charter)
            found = _replied(header, ("met", word), ANSWER_MEETING, MEET, both)
        case MeetingHeld():
            found = _ended(header, "held")
        case ProposeHelper(party=helper):
            asked = add("owed", node.id, other_of(past.charter, header.party), ANSWER_HELPER)
            found = (latest("helper", node.id, value=helper), asked)
        case AnswerHelper(word=word):
            both = () if word != AGREED else founders(past.charter)
            found = _replied(header, ("helping", word), ANSWER_HELPER, INVITE, both)
        case TechnicalOnly():
            found = (latest("technical_only"),)
        case Pause(hours=hours):
            found = (latest("paused", value={"hours": hours, "time": header.time}),)
        case _:
            pass  # What adds to it, and what a helper may read, makes nobody owe anything.
    return found


def _replied(
    header: Header, said: tuple[str, Value], what: str, then: str, both: tuple[PartyId, ...]
) -> tuple[Fact, ...]:
    """Return a word on a proposal, and what ``both`` owe then, where it was taken up."""
    (ref,) = header.refs
    cell, word = said
    found = (latest(cell, ref, value=word), add("settled", ref, header.party, what))
    return (*found, *(add("owed", ref, party, then) for party in both))
