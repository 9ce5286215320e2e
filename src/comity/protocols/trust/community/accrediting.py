"""The guards of accreditation: what the forum's rule asks for before a decision has effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comity.kernel.errors import Void
from comity.kernel.ids import host_of
from comity.protocols.trust.community.accreditation import (
    Apply,
    Circulate,
    Decide,
    EndAccreditation,
    Lift,
    Objection,
    Vote,
    Write,
)
from comity.protocols.trust.community.acts import read
from comity.protocols.trust.community.codes import (
    ACCREDITED,
    DAY,
    MAJORITY,
    NO,
    NO_OBJECTION,
    OBJECTING,
    YES,
)
from comity.protocols.trust.community.facts import one
from comity.protocols.trust.community.forum import Open
from comity.protocols.trust.community.records import cited, newest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.act import Header
    from comity.kernel.graph import Node, Past

ABOUT = {"circulate": "apply", "decide": "apply", "end_accreditation": "decide", "reply": "write"}
"""What the secretariat's acts are about, by kind."""


def require_one(node: Node, past: Past) -> None:
    """D9: the secretariat says of one application, decision or letter at a time what it says."""
    wanted = ABOUT.get(node.header.kind)
    if wanted is not None:
        found = [id_ for id_ in node.header.refs if past.effective(id_, wanted)]
        if len(found) != 1:
            raise Void("D9", "It cites none of what it is about, or several; cite one.")


def require_accrediting(node: Node, past: Past) -> None:
    """D10: applications are made where stakeholders are accredited, and circulated for as long as
    the charter says.
    """
    rules, act = Open.checked(past.charter), read(node.header)
    if isinstance(act, Apply) and rules.decides is None:
        raise Void("D10", "This community accredits nobody; write to its members instead.")
    if isinstance(act, Circulate):
        days = rules.objecting or OBJECTING
        if act.due < node.header.time + days * DAY:
            raise Void("D10", "The charter gives more days for objections; set a later time.")


def require_circulated(node: Node, past: Past) -> None:
    """D11: objections are made, and votes cast, while an application is circulated."""
    if isinstance(read(node.header), Objection | Vote):
        due = _due(node.header, past)
        if due is None:
            raise Void("D11", "The application was not circulated yet; wait until it is.")
        if node.header.time > due:
            raise Void("D11", "The time for it is over; write to the secretariat instead.")


def require_objector(node: Node, past: Past) -> None:
    """D12: who brought an application does not object to it, and who objected lifts it."""
    act = read(node.header)
    if isinstance(act, Objection | Lift):
        host, _ = host_of(cited(node.header, past).header.party)
        if isinstance(act, Objection) and host == node.header.party:
            raise Void("D12", "You brought this application; you cannot object to it as well.")
        if isinstance(act, Lift) and host != node.header.party:
            raise Void("D12", "Another party objected; only that party lifts its objection.")


def require_voting(node: Node, past: Past) -> None:
    """D13: there are votes where the members decide."""
    if isinstance(read(node.header), Vote) and Open.checked(past.charter).decides != MAJORITY:
        raise Void("D13", "Nobody votes in this community; object if you have to.")


def require_decided_by_rule(node: Node, past: Past) -> None:
    """D14: a decision comes after the circulation, and is as the forum's rule has it."""
    act = read(node.header)
    if isinstance(act, Decide):
        due, rule = _due(node.header, past), Open.checked(past.charter).decides
        if due is None:
            raise Void("D14", "The application was not circulated; circulate it first.")
        if rule in {NO_OBJECTION, MAJORITY}:
            if node.header.time <= due:
                raise Void("D14", "The time for objections and votes is not over; wait for it.")
            if (act.outcome == ACCREDITED) != _is_for(one(node.header, past, "apply"), past):
                raise Void("D14", "Objections or votes say otherwise; decide as they do.")


def require_accredited(node: Node, past: Past) -> None:
    """D15: what is ended is an accreditation."""
    if isinstance(read(node.header), EndAccreditation):
        decision = Decide.checked(one(node.header, past, "decide").header)
        if decision.outcome != ACCREDITED:
            raise Void("D15", "Nobody was accredited by that decision; there is nothing to end.")


def require_applicant(node: Node, past: Past) -> None:
    """D16: who brought an application writes about it."""
    brought = isinstance(read(node.header), Write)
    if brought and cited(node.header, past).header.party != node.header.party:
        raise Void("D16", "Another party brought this application; ask it to write.")


def _due(header: Header, past: Past) -> int | None:
    """Return until when the application that an act cites is circulated, if it is."""
    application = one(header, past, "apply").id
    found = (n for n in past.all("circulate") if application in n.header.refs)
    return max((Circulate.checked(n.header).due for n in found), default=None)


def _is_for(application: Node, past: Past) -> bool:
    """Say whether no member objects still or, where they vote, more are for it than against."""
    if Open.checked(past.charter).decides == NO_OBJECTION:
        lifted = {id_ for n in past.all("lift") for id_ in n.header.refs}
        about = (n for n in past.all("object") if application.id in n.header.refs)
        return not any(n.id not in lifted and n.header.party in past.members for n in about)
    votes = [*_votes(application, past)]
    return votes.count(YES) > votes.count(NO)


def _votes(application: Node, past: Past) -> Iterator[str]:
    """Yield the newest vote of each member; who voted in two ways at once has cast none."""
    cast_ = [n for n in past.all("vote") if application.id in n.header.refs]
    for member in past.members:
        own = [n for n in cast_ if n.header.party == member]
        words = {cast("str", n.header.body["word"]) for n in newest(own, past)}
        if len(words) == 1:
            yield words.pop()
