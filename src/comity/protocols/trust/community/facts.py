"""What the acts of a community add up to, as facts that join in any order.

Cells of what a party says for itself: ``contact`` (by handle, of the nominator: the nomination, or
why it ended), ``told`` (by root and field, of each teller: time). Of the secretariat: ``policy``
(by name), ``placed`` (by party: category), ``recognised`` (by seat: authority, "" for none),
``decided`` (by application).

What one party says takes the place of its own earlier word alone; so of the words of others that
it had seen it says ``outdone`` (act, of a policy also its name) and ``retold`` (root, act, field).

Others: ``confirmed`` (root, act, field: the newest time), ``due`` (by application: until when it is
circulated), ``owed`` (act, what, who, to; who is "" for the secretariat), ``settled`` (the same, or
a beginning of it). Particulars stand under the root of their record, so that what is known of a
record is worked out anew only when something is said in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comity.kernel.fold import add, latest, most
from comity.protocols.trust.community.accreditation import (
    Apply,
    Circulate,
    Decide,
    EndAccreditation,
    Reply,
    Write,
)
from comity.protocols.trust.community.acts import read
from comity.protocols.trust.community.codes import RECOGNISED
from comity.protocols.trust.community.contacts import (
    AskDetail,
    Confirm,
    End,
    Give,
    Nominate,
    RefuseDetail,
)
from comity.protocols.trust.community.forum import Open, Place, Recognise, SetPolicy
from comity.protocols.trust.community.records import (
    cited,
    nomination,
    root,
    tellings_of_others,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from comity.kernel.act import Header
    from comity.kernel.canon import Object
    from comity.kernel.fold import Fact
    from comity.kernel.graph import Node, Past

GIVE, CIRCULATE, DECIDE, REPLY = "give", "circulate", "decide", "reply"
"""What is owed; also the codes of the captions that say so, and the kinds that do it."""
POLICY = ("freshness", "cadence", "visibility")
"""What the charter says and the secretariat may say anew."""


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says; the kernel adds what its own kinds say."""
    return (
        *_of_forum(node, past),
        *_of_contacts(node, past),
        *_told(node, past),
        *_of_accreditation(node, past),
    )


# The forum


def _of_forum(node: Node, past: Past) -> Iterator[Fact]:
    header = node.header
    match read(header):
        case Open() as opening:
            yield latest("opened")
            yield from _policy(node, opening, past)
        case SetPolicy() as policy:
            yield from _policy(node, policy, past)
        case Place(party=party, category=category):
            yield latest("placed", party, value=category)
            yield from _outdone(header, past, lambda h: h.body["party"] == party)
        case Recognise(seat=seat, authority=authority, stand=stand):
            yield latest("recognised", seat, value=authority if stand == RECOGNISED else "")
            yield from _outdone(header, past, lambda h: h.body["seat"] == seat)
        case _:
            pass


def _policy(node: Node, policy: Open | SetPolicy, past: Past) -> Iterator[Fact]:
    said = {name: getattr(policy, name) for name in POLICY}
    before = [] if isinstance(policy, Open) else [past.opening, *past.all("set_policy")]
    for name, value in said.items():
        if value is not None:
            yield latest("policy", name, value=value)
            for each in before:
                if each.header.party != node.header.party:
                    yield add("outdone", each.id, name)


def _outdone(header: Header, past: Past, same: Callable[[Header], bool]) -> Iterator[Fact]:
    """Yield that an act takes the place of those of its kind by others, as an earlier secretariat,
    that say the ``same``.
    """
    for node in past.all(header.kind):
        if node.header.party != header.party and same(node.header):
            yield add("outdone", node.id)


# Contacts


def _of_contacts(node: Node, past: Past) -> Iterator[Fact]:
    header = node.header
    match read(header):
        case Nominate() as act:
            yield latest("contact", act.contact, value=_nominated(node, act, past))
        case End(contact=contact, reason=reason):
            yield latest("contact", contact, value={"ended": reason})
            yield from _asked_in_vain(node, past)
        case Confirm(fields=fields):
            for id_ in header.refs:
                said = cast("Node", past.find(id_))
                begun = root(nomination(said, past), past)
                for name in sorted({*told(said.header)} & {*fields}):
                    yield most("confirmed", begun, id_, name, value=header.time)
        case AskDetail():
            kept = Nominate.checked(cited(header, past).header).kept_by
            who = kept or cited(header, past).header.party
            yield add("owed", node.id, GIVE, who, header.party)
        case Give() | RefuseDetail():
            yield add("settled", header.refs[0])
        case _:
            pass


def _nominated(node: Node, act: Nominate, past: Past) -> Object:
    """Return what the directory knows of a nomination, with the root of its record."""
    said = act.to_body()
    names = ("seat", "role", "source", "kept_by", "sectors", "states", "since", "until")
    return {"root": root(node, past), **{name: said[name] for name in names if name in said}}


def _asked_in_vain(node: Node, past: Past) -> Iterator[Fact]:
    """Yield that nobody owes particulars any more of a contact that ended."""
    ended = nomination(node, past).header
    for asked in past.all("ask_detail"):
        about = nomination(asked, past).header
        if (about.party, about.body["contact"]) == (ended.party, ended.body["contact"]):
            yield add("settled", asked.id)


def _told(node: Node, past: Past) -> Iterator[Fact]:
    """Yield which particulars an act tells, in the place of what others told that it had seen."""
    fields = told(node.header)
    if fields:
        begun = root(nomination(node, past), past)
        yield from (latest("told", begun, name, value=node.header.time) for name in fields)
        for earlier in tellings_of_others(node, past):
            both = {*told(earlier.header)} & {*fields}
            yield from (add("retold", begun, earlier.id, name) for name in sorted(both))


# Accreditation


def _of_accreditation(node: Node, past: Past) -> Iterator[Fact]:
    header = node.header
    match read(header):
        case Apply():
            yield add("owed", node.id, CIRCULATE, "", header.party)
        case Circulate(due=due):
            application = one(header, past, "apply")
            yield most("due", application.id, value=due)
            yield add("settled", application.id, CIRCULATE)
            yield add("owed", application.id, DECIDE, "", application.header.party)
        case Decide() as decision:
            application = one(header, past, "apply")
            yield add("settled", application.id, DECIDE)
            value = _decided(header, decision, application.header)
            yield latest("decided", application.id, value=value)
            yield from _outdone(header, past, lambda h: application.id in h.refs)
        case EndAccreditation():
            yield add("outdone", one(header, past, "decide").id)
        case Write():
            yield add("owed", node.id, REPLY, "", header.party)
        case Reply():
            yield add("settled", one(header, past, "write").id)
        case _:
            pass


def one(header: Header, past: Past, kind: str) -> Node:
    """Return the act of ``kind`` that an act cites beside what gives its author the office.

    Raises StopIteration when it cites none.
    """
    return next(n for n in (past.effective(id_, kind) for id_ in header.refs) if n is not None)


def _decided(header: Header, decision: Decide, application: Header) -> Object:
    applied = Apply.checked(application)
    value: Object = {
        "outcome": decision.outcome,
        "by": application.party,
        "applicant": applied.applicant,
        "category": applied.category,
        "time": header.time,
    }
    return value if decision.until is None else {**value, "until": decision.until}
