"""What the acts of an incident add up to, as facts that join in any order.

Cells of the work: ``opened`` (of its opener: rsit, occurred, time), ``said`` (acts that may be owed
an acknowledgement), ``ack`` (by act, of each party: as), ``described`` (of each party: what it
knows), ``event`` (by act: what, at, precision), ``replaced`` (events, by act), ``topic`` and ``in``
(act, what belongs to it), ``task`` (by act: due, for), ``progress`` (by task: state), ``link`` (by
dossier, of each party: relation), ``closed`` (of the opener: outcome).

Of help: ``ask`` (by act: what it says, whether_by, time), ``answer`` (by ask, of each party:
result, when, reason, time), ``offer`` (by act: to, verbs, until, asks), ``taken`` (by offer:
accepted or why not, due), ``delivered`` (by ask or offer, of each party: more, time), ``result``
(by ask or offer: result); ``whether`` and ``helped`` (by ask or offer, and party: the time at which
it first did).

Of intentions: ``intent`` (by act: verb, from, until), ``aimed`` (act, target), ``go_ahead`` (by
intention), ``stood_down`` (by intention or offer).

``owed`` (act, party, what) and ``settled`` (the same, or a beginning of it). What a guest did
stands under the guest, and fulfils no party's duty; a duty towards a guest is owed by members.
Nothing here knows what time it is: what is late is each node's own view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest, least
from comity.protocols._vocabulary import linking
from comity.protocols.response.incident.acts import (
    Acknowledge,
    Close,
    Event,
    HandOver,
    Inform,
    Link,
    Open,
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
from comity.protocols.response.incident.codes import (
    DONE,
    DROPPED,
    HOUR,
    NOTHING,
    PARTLY,
    TASK_DONE,
    WHETHER_HOURS,
    WILL,
)
from comity.protocols.response.incident.deconfliction import GoAhead, Intend, StandDown
from comity.protocols.response.incident.describing import Describe

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.canon import Value
    from comity.kernel.fold import Fact
    from comity.kernel.graph import Node, Past

ANSWER, ACKNOWLEDGE, DELIVER = "answer", "acknowledge", "deliver"
OFFERED, GO_AHEAD, PROGRESS = "offered", "go_ahead", "progress"
"""What is owed; also the codes of the captions that say so."""
ENDED_BY_CLOSING = ("ask", "inform", "offer", "task")
"""The kinds of which nothing is owed any more when a closing had seen them."""


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says."""
    return (
        *_told(node, past),
        *_worked(node),
        *_asked(node),
        *_offered(node, past),
        *_aimed(node),
        *_closed(node, past),
    )


def whether_by(ask: Ask, time: int) -> int:
    """Return by when those asked at ``time`` say whether they will help (ms): where the ask does
    not say, in 8 hours, and no later than the help is needed.
    """
    if ask.whether_by is not None:
        return ask.whether_by
    usual = time + WHETHER_HOURS * HOUR
    return usual if ask.due is None else min(usual, ask.due)


def _told(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what an act tells all members."""
    header = node.header
    found: tuple[Fact, ...] = ()
    match read(header):
        case Open() as opening:
            found = (latest("opened", value={**opening.to_body(), "time": header.time}),)
        case Inform(ack_wanted=wanted):
            others = sorted(past.members - {header.party}) if wanted else []
            owed = [add("owed", node.id, party, ACKNOWLEDGE) for party in others]
            found = (add("said", node.id), *owed, *_belongs(node))
        case HandOver():
            found = (add("said", node.id), *_belongs(node))
        case Acknowledge(as_=word):
            found = _on_each(header, "ack", word)
            found += tuple(add("settled", ref, header.party, ACKNOWLEDGE) for ref in header.refs)
        case Describe() as known:
            found = (latest("described", value=known.to_body()),)
        case Event() as event:
            found = (
                latest("event", node.id, value=event.to_body()),
                *_on_each(header, "replaced", value=True),
            )
        case _:
            pass  # What the kernel's own kinds say, the kernel adds.
    return found


def _worked(node: Node) -> tuple[Fact, ...]:
    """Return what an act says of the work on the incident."""
    header = node.header
    found: tuple[Fact, ...] = ()
    match read(header):
        case Topic():
            found = (latest("topic", node.id),)
        case Task() as task:
            value: Value = {**task.to_body(), "for": [*header.refs]}
            owed = add("owed", node.id, header.party, PROGRESS)
            found = (latest("task", node.id, value=value), owed)
        case Progress(state=state):
            found = _on_each(header, "progress", state)
            if state in {TASK_DONE, DROPPED}:
                found += _settled(header)
        case Link(relation=relation, dossier=dossier):
            found = (linking.said(dossier, relation),)
        case _:
            pass
    return found


def _belongs(node: Node) -> tuple[Fact, ...]:
    return tuple(add("in", ref, node.id) for ref in node.header.refs)


def _on_each(header: Header, cell: str, value: Value) -> tuple[Fact, ...]:
    """Return the author's word on each act cited."""
    return tuple(latest(cell, ref, value=value) for ref in header.refs)


def _asked(node: Node) -> tuple[Fact, ...]:
    """Return what an act says about help that was asked for."""
    header, time = node.header, node.header.time
    found: tuple[Fact, ...] = ()
    match read(header):
        case Ask(verb=verb, to=to) as ask:
            owed = [add("owed", node.id, party, ANSWER) for party in to if verb != NOTHING]
            value: Value = {**ask.to_body(), "whether_by": whether_by(ask, time), "time": time}
            found = (latest("ask", node.id, value=value), *owed)
        case Answer() as answer:
            found = _answered(header, answer)
        case Deliver() as delivered:
            found = _delivered(header, delivered)
        case Result(result=result):
            found = _on_each(header, "result", result) + _settled(header)
        case _:
            pass
    return found


def _settled(header: Header) -> tuple[Fact, ...]:
    """Return that of what is cited nothing is owed any more."""
    return tuple(add("settled", ref) for ref in header.refs)


def _offered(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what an act says about help that was offered."""
    header = node.header
    found: tuple[Fact, ...] = ()
    match read(header):
        case Offer(to=to) as offer:
            value: Value = {**offer.to_body(), "asks": [*header.refs]}
            found = (latest("offer", node.id, value=value), add("owed", node.id, to, OFFERED))
        case Accept() as accepted:
            value = {"accepted": True, **accepted.to_body()}
            found = _on_each(header, "taken", value) + _on_offer(header, past)
        case TurnDown(reason=reason):
            found = _on_each(header, "taken", {"reason": reason}) + _settled(header)
        case _:
            pass
    return found


def _answered(header: Header, answer: Answer) -> tuple[Fact, ...]:
    """Return an answer. One that says it will is kept by doing so: by delivering, or by an answer
    that it is done.
    """
    (ask,) = header.refs
    party, time = header.party, header.time
    found = [
        latest("answer", ask, value={**answer.to_body(), "time": time}),
        least("whether", ask, party, value=time),
        add("settled", ask, party, ANSWER),
    ]
    if answer.result in {DONE, PARTLY}:
        found.append(least("helped", ask, party, value=time))
    if answer.result == WILL:
        found.append(add("owed", ask, party, DELIVER))
    if answer.result == DONE:
        found.append(add("settled", ask, party))
    return tuple(found)


def _delivered(header: Header, delivered: Deliver) -> tuple[Fact, ...]:
    """Return help that was handed over; who was asked has then said whether it will, too."""
    (ref,) = header.refs
    party, time = header.party, header.time
    found = (
        latest("delivered", ref, value={**delivered.to_body(), "time": time}),
        least("whether", ref, party, value=time),
        least("helped", ref, party, value=time),
        add("settled", ref, party, ANSWER),
    )
    return found if delivered.more else (*found, add("settled", ref, party))


def _on_offer(header: Header, past: Past) -> tuple[Fact, ...]:
    """Return what an offer's author owes when it is accepted."""
    offers = filter(None, map(past.find, header.refs))
    settled = (add("settled", ref, header.party, OFFERED) for ref in header.refs)
    return (*settled, *(add("owed", n.id, n.header.party, DELIVER) for n in offers))


def _aimed(node: Node) -> tuple[Fact, ...]:
    """Return what an act says about what parties are about to do."""
    header = node.header
    found: tuple[Fact, ...] = ()
    match read(header):
        case Intend(targets=targets) as intent:
            value = {k: v for k, v in intent.to_body().items() if k != "targets"}
            aimed = (add("aimed", node.id, target) for target in targets)
            found = (latest("intent", node.id, value=value), *aimed)
        case GoAhead():
            found = _on_each(header, "go_ahead", value=True)
        case StandDown():
            found = _settled(header) + tuple(add("stood_down", ref) for ref in header.refs)
        case _:
            pass
    return found


def _closed(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return the end, and of what it had seen nothing is owed any more."""
    closing = read(node.header)
    if not isinstance(closing, Close):
        return ()
    return (
        latest("closed", value=closing.outcome),
        *(add("settled", n.id) for kind in ENDED_BY_CLOSING for n in past.all(kind)),
        *(add("stood_down", n.id) for n in past.all("intend")),
    )
