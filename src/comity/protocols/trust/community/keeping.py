"""The guards of contacts: nobody touches another's record, and words go to whom they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comity.kernel.audience import Reach
from comity.kernel.errors import Void
from comity.protocols._vocabulary.contacts import MEMBERS, NAMED, PUBLIC
from comity.protocols.trust.community.accreditation import Circulate, Decide
from comity.protocols.trust.community.acts import read
from comity.protocols.trust.community.codes import RECOGNISED
from comity.protocols.trust.community.contacts import (
    AskDetail,
    Confirm,
    Detail,
    End,
    Give,
    HandOver,
    Nominate,
    RefuseDetail,
)
from comity.protocols.trust.community.forum import Place, Recognise, SetPolicy
from comity.protocols.trust.community.records import (
    cited,
    in_force,
    nomination,
    root,
    tellers,
    told,
)

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.canon import Value
    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import PartyId


def require_nominator(node: Node, past: Past) -> None:
    """D1: a nomination is replaced and ended by its nominator alone."""
    if isinstance(read(node.header), Nominate | End):
        others = (past.find(id_) for id_ in node.header.refs)
        if any(each is not None and each.header.party != node.header.party for each in others):
            raise Void("D1", "Another party nominated this contact; nominate one of your own.")


def require_teller(node: Node, past: Past) -> None:
    """D2: particulars are told, confirmed and handed over by the nominator, or the member that
    keeps the contact.
    """
    if isinstance(read(node.header), Detail | Confirm | HandOver):
        for each in _cited(node.header, past):
            if node.header.party not in tellers(nomination(each, past), past):
                raise Void(
                    "D2", "Another party nominated this contact, and another keeps it; ask it."
                )


def require_contact(node: Node, past: Past) -> None:
    """D3: an act names the contact that it cites, by a nomination in force."""
    act = read(node.header)
    if isinstance(act, Nominate | Detail | Confirm | HandOver | End | AskDetail | Give):
        for each in _cited(node.header, past):
            if each.header.body["contact"] != act.contact:
                raise Void("D3", "What is cited is about another contact; name that one.")
            if not isinstance(act, Nominate | Give):
                _require_in_force(nomination(each, past), past)


def _require_in_force(nominate: Node, past: Past) -> None:
    """Require that a nomination, or one that carries it on, was neither replaced nor ended."""
    begun = root(nominate, past)
    if all(root(each, past) != begun for each in in_force(nominate, past)):
        raise Void("D3", "That nomination is not in force any more; cite the newest.")


def require_audience(node: Node, past: Past) -> None:
    """D4: particulars go to exactly those who are to see them."""
    act, to = read(node.header), _goes_to(node.header)
    if isinstance(act, Nominate | Detail | HandOver):
        if not _fits(act.visibility, to):
            raise Void(
                "D4", "The words do not go to exactly those who are said to see them; send it anew."
            )
    elif isinstance(act, Give) and to != [cited(node.header, past).header.party]:
        raise Void("D4", "What was asked for goes to who asked, and to nobody else; send it anew.")


def _goes_to(header: Header) -> Value:
    """Return to whom an act's words go, as its audience says; "members" where it says nothing.

    Words are the first part of a content. A second range would be for another.
    """
    ranges = cast("list[dict[str, Value]]", header.body.get("audience", []))
    if not ranges:
        return Reach.MEMBERS.value
    return ranges[0]["to"] if ranges[0]["first"] == 0 else ""


def _fits(visibility: str, to: Value) -> bool:
    if visibility == NAMED:
        return isinstance(to, list)
    if visibility in {MEMBERS, PUBLIC}:
        return to == visibility
    return to == Reach.AUTHOR.value


def require_ahead(node: Node, _past: Past) -> None:
    """D5: what ends, ends after it begins, and what is due is due after it is said."""
    match read(node.header):
        case Nominate(since=since, until=until):
            late = since is not None and until is not None and until <= since
        case Circulate(due=due):
            late = due <= node.header.time
        case Decide(until=until):
            late = until is not None and until <= node.header.time
        case _:
            late = False
    if late:
        raise Void("D5", "It would be over before it has begun; set a later end.")


def require_something(node: Node, past: Past) -> None:
    """D6: a change says what changes, and a confirmation confirms what was told."""
    act = read(node.header)
    if isinstance(act, SetPolicy) and not act.to_body():
        raise Void("D6", "Nothing in the policy would change; say what is to.")
    if isinstance(act, Confirm):
        known = {name for each in _cited(node.header, past) for name in told(each.header)}
        if not known.issuperset(act.fields):
            raise Void("D6", "What is cited does not tell all of that; cite what does.")


def require_members(node: Node, past: Past) -> None:
    """D7: who is placed, recognised or keeps a contact is a member, and the keeper another than
    the nominator.
    """
    party: PartyId | None = None
    match read(node.header):
        case Place(party=party) | Nominate(kept_by=party):
            pass
        case Recognise(authority=party, stand=stand):
            party = party if stand == RECOGNISED else None
        case _:
            pass
    if party is not None and party not in past.members:
        raise Void("D7", "The party named is no member; it has to join first.")
    if node.header.kind == "nominate" and party == node.header.party:
        raise Void("D7", "You keep your own contacts anyway; leave out by whom it is kept.")


def require_asked(node: Node, past: Past) -> None:
    """D8: particulars are asked for by others, and given or refused by who may tell them."""
    act = read(node.header)
    if isinstance(act, AskDetail | Give | RefuseDetail):
        able = node.header.party in tellers(nomination(node, past), past)
        if able and isinstance(act, AskDetail):
            raise Void("D8", "You may tell these particulars yourself; there is nobody to ask.")
        if not able and not isinstance(act, AskDetail):
            raise Void("D8", "Another party was asked; leave it to answer.")


def _cited(header: Header, past: Past) -> list[Node]:
    return [cast("Node", past.find(id_)) for id_ in header.refs]
