"""What the acts of a dialogue add up to, as facts that join in any order.

Cells of single writers: ``opened`` (time, cadence or 0), ``number`` (by meeting), ``date`` (by
meeting: begins, form), ``item`` (by act: meeting), ``word`` (by item: accept_item or defer_item),
``draft`` (by act: meeting, the parties that have to agree), ``agrees`` (by draft), ``own`` (by
meeting), ``commit`` (by act: due), ``outcome`` (by commit), ``ended`` (reason).

Sets, the second of each pair settling the first: ``meeting`` and ``over`` (meeting), ``held`` and
``closed`` (meeting), ``asked`` and ``heard`` (meeting, item, party), ``summing`` and ``summed``
(meeting, party), ``agreeing`` and ``replied`` (draft, party), ``committed`` and ``settled``
(commit). Also ``replaced`` (acts that set a date), ``withdrawn`` (item). ``last`` is the greatest
of the times at which the dialogue was opened and its meetings were held.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, cast

from comity.kernel.fold import add, latest, most
from comity.protocols.trust.dialogue.acts import (
    AcceptItem,
    AgreeSummary,
    Cancel,
    CloseMeeting,
    Commit,
    Commitment,
    DeferItem,
    Draft,
    End,
    Hold,
    Move,
    Open,
    OwnSummary,
    ProposeItem,
    Schedule,
    WithdrawItem,
    read,
)
from comity.protocols.trust.dialogue.past import dates, left_over, number_of, to_come

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.act import Header
    from comity.kernel.fold import Fact
    from comity.kernel.graph import Node, Past


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says; what the kernel's kinds say, the kernel adds."""
    return (*_on_meetings(node, past), *_on_items(node, past), *_on_the_rest(node, past))


def _on_meetings(node: Node, past: Past) -> Iterator[Fact]:
    header = node.header
    match read(header):
        case Open(cadence=cadence):
            yield latest("opened", value=[header.time, cadence or 0])
            yield most("last", value=header.time)
        case Schedule() as told:
            yield add("meeting", node.id)
            yield latest("number", node.id, value=told.number)
            yield latest("date", node.id, value=[told.begins, told.form])
            # Who deferred something to the next meeting is asked again, now that there is one.
            yield from (add("asked", node.id, *each) for each in left_over(past))
        case Move() as told:
            (meeting,) = header.refs
            yield latest("date", meeting, value=[told.begins, told.form])
            yield from (add("replaced", id_) for id_, _ in dates(past, meeting))
        case Cancel():
            yield from (add(cell, header.refs[0]) for cell in ("over", "heard"))
        case Hold():
            yield from _held(header, past)
        case CloseMeeting():
            yield add("closed", header.refs[0])
        case _:
            pass


def _held(header: Header, past: Past) -> Iterator[Fact]:
    (meeting,) = header.refs
    yield from (add(cell, meeting) for cell in ("over", "held", "heard"))
    yield from (add("summing", meeting, party) for party in sorted(past.members))
    yield most("last", value=max(begins for _, begins in dates(past, meeting)))


def _on_items(node: Node, past: Past) -> Iterator[Fact]:
    header = node.header
    match read(header):
        case ProposeItem():
            (meeting,) = header.refs
            yield latest("item", node.id, value=meeting)
            for party in sorted(past.members - {header.party}):
                yield add("asked", meeting, node.id, party)
        case AcceptItem() | DeferItem() as word:
            yield from (latest("word", id_, value=header.kind) for id_ in header.refs)
            for ahead in to_come(past):
                yield from (add("heard", ahead.id, id_, header.party) for id_ in header.refs)
            if isinstance(word, DeferItem):
                yield from _deferred(header, past)
        case WithdrawItem():
            yield from (add("withdrawn", id_) for id_ in header.refs)
        case _:
            pass


def _deferred(header: Header, past: Past) -> Iterator[Fact]:
    """Yield that its author is asked again at the next meeting, where that was set already."""
    for id_ in header.refs:
        # What is cited has effect (D0), and so has what that cites.
        item = cast("Node", past.find(id_))
        first = number_of(cast("Node", past.find(item.header.refs[0])))
        later = (meeting for meeting in to_come(past) if number_of(meeting) > first)
        for following in itertools.islice(later, 1):
            yield add("asked", following.id, id_, header.party)


def _on_the_rest(node: Node, past: Past) -> Iterator[Fact]:
    header = node.header
    match read(header):
        case Draft():
            yield from _drafted(node, past)
        case AgreeSummary():
            yield latest("agrees", header.refs[0])
            yield add("replied", header.refs[0], header.party)
        case OwnSummary():
            (meeting,) = header.refs
            yield latest("own", meeting)
            yield add("summed", meeting, header.party)
            yield from (add("replied", n.id, header.party) for n in _drafts(past, meeting))
        case Commit(due=due):
            yield latest("commit", node.id, value=due)
            yield add("committed", node.id)
        case Commitment() as word:
            yield from _followed(header, word)
        case End(reason=reason):
            yield latest("ended", value=reason)
        case _:
            pass


def _drafted(node: Node, past: Past) -> Iterator[Fact]:
    """Yield a draft, who has to agree to it, and that nobody owes a word on earlier ones."""
    (meeting,) = node.header.refs
    others = sorted(past.members - {node.header.party})
    yield latest("draft", node.id, value=[meeting, *others])
    yield add("summed", meeting)
    yield from (add("agreeing", node.id, party) for party in others)
    yield from (add("replied", earlier.id) for earlier in _drafts(past, meeting))


def _drafts(past: Past, meeting: str) -> Iterator[Node]:
    return (node for node in past.all("summary") if meeting in node.header.refs)


def _followed(header: Header, word: Commitment) -> Iterator[Fact]:
    (id_,) = header.refs
    yield latest("outcome", id_, value=word.outcome)
    if word.due is not None:
        yield latest("commit", id_, value=word.due)
    else:
        yield add("settled", id_)
