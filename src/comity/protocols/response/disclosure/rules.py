"""The guards of a disclosure, numbered as in SPEC.md. Each raises Void: the act has no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Void
from comity.protocols.response.disclosure import embargo
from comity.protocols.response.disclosure.acts import (
    Accept,
    Fix,
    HandleReport,
    Propose,
    Publish,
    Ready,
    Refuse,
    Retract,
    Withdraw,
    read,
)
from comity.protocols.response.disclosure.codes import (
    ACCEPTED,
    CLOSED,
    DAY,
    LONGEST,
    NO_DUTY,
    READY,
    SHORTEST,
)
from comity.protocols.response.disclosure.stages import FOLLOWING, START, Known, may_fix

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import PartyId

RULES = {
    "D1": "A report is handled step by step.",
    "D2": "A fix comes from who handles the report, and is ready before it is deployed.",
    "D3": "An embargo ends a day to a year after it is proposed.",
    "D4": "A reply to terms is needed a day after they are proposed at the earliest, and before "
    "their end.",
    "D5": "A party withdraws from the terms that it holds to, or else from such as it agreed to.",
    "D6": "Only who made a claim takes it back.",
    "D7": "Nobody closes its report while an embargo that it holds to is in force.",
    "D8": "Who has no duty to pass anything on names none.",
    "D9": "Who has closed its report says nothing more on terms.",
    "D10": "A party announces an advisory while it holds to an embargo whose end is to come.",
    "D11": "What goes out as announced is what its author announced, and not before its time.",
}


def require_step(node: Node, past: Past) -> None:
    """D1: a report is handled step by step.

    Of what was said in two ways either may be followed, so that one of them can stand.
    """
    act = read(node.header)
    if isinstance(act, HandleReport):
        at = stages_in(past, node.header.party)
        if not any(act.stage in FOLLOWING[stage] for stage in at):
            told = "This does not follow on what your party said before; say what comes between."
            raise Void("D1", told)


def stages_in(past: Past, party: PartyId) -> set[str]:
    """Return how a party handled the report as of ``past``; who made it works on it."""
    said = {HandleReport.checked(n.header).stage for n in past.latest("handle", party)}
    return said or {ACCEPTED if party == past.charter.party else START}


def require_fix(node: Node, past: Past) -> None:
    """D2: a fix comes from who handles the report, and is ready before it is deployed."""
    act = read(node.header)
    if not isinstance(act, Fix):
        return
    party = node.header.party
    steps = (Fix.checked(n.header) for n in past.all("fix", party))
    is_ready = any(s.step == READY and s.product == act.product for s in steps)
    at = stages_in(past, party)
    known = Known(aware=at != {START}, ready=is_ready)
    if not any(may_fix(stage, known, act.step) for stage in at):
        told = "Say first that you work on the report or deferred it; of a fix, that it is ready."
        raise Void("D2", told)


def require_end(node: Node, _past: Past) -> None:
    """D3: an embargo ends a day to a year after it is proposed, by its author's own time."""
    act = read(node.header)
    if isinstance(act, Propose):
        if act.end < node.header.time + SHORTEST:
            raise Void("D3", "The end is past or less than a day away; propose a later one.")
        if act.end > node.header.time + LONGEST:
            raise Void("D3", "The end is more than a year away; propose an earlier one.")


def require_time_to_reply(node: Node, _past: Past) -> None:
    """D4: a reply to terms is needed a day after they are proposed at the earliest, and before
    their end.
    """
    act = read(node.header)
    by = act.reply_by if isinstance(act, Propose) else None
    if isinstance(act, Propose) and by is not None and not _is_in_time(node, by, act.end):
        raise Void("D4", "Leave a day at least for a reply, and have it before the end.")


def _is_in_time(node: Node, reply_by: int, end: int) -> bool:
    return node.header.time + DAY <= reply_by <= end


def require_held(node: Node, past: Past) -> None:
    """D5: a party withdraws from the terms that it holds to, or else from such as it agreed to."""
    if isinstance(read(node.header), Withdraw):
        seen, party, (id_,) = embargo.seen_by(past), node.header.party, node.header.refs
        own = embargo.held(seen).get(party)
        agrees = party in embargo.agreeing(seen, id_)
        if not agrees or (own is not None and own.terms != id_):
            raise Void("D5", "Your party does not hold to these terms; refuse them instead.")


def require_own_claim(node: Node, past: Past) -> None:
    """D6: only who made a claim takes it back."""
    if isinstance(read(node.header), Retract):
        (id_,) = node.header.refs
        claim = past.effective(id_, "claim")
        if claim is None or claim.header.party != node.header.party:
            raise Void("D6", "Another party made this claim; say what you know of it by informing.")


def require_no_embargo(node: Node, past: Past) -> None:
    """D7: nobody closes its report while an embargo that it holds to is in force.

    That is until its end, which is compared with the author's own time, and no longer than until a
    party ended it for all or said that it is out.
    """
    act = read(node.header)
    if isinstance(act, HandleReport) and act.stage == CLOSED:
        seen = embargo.read_embargo(embargo.seen_by(past))
        end = seen.end if node.header.party in seen.held else None
        if end is not None and node.header.time < end and not embargo.is_over(past):
            raise Void("D7", "The embargo is in force; close when it has ended.")


def require_plain_duties(node: Node, _past: Past) -> None:
    """D8: who has no duty to pass anything on names none."""
    act = read(node.header)
    if isinstance(act, Propose | Accept) and _is_contrary(act):
        raise Void("D8", "Say either that you have no duty, or which and within what time.")


def _is_contrary(said: Propose | Accept) -> bool:
    return NO_DUTY in said.duties and (len(said.duties) > 1 or said.within is not None)


def require_not_closed(node: Node, past: Past) -> None:
    """D9: who has closed its report says nothing more on terms."""
    deals = isinstance(read(node.header), Propose | Accept | Refuse | Withdraw)
    if deals and stages_in(past, node.header.party) == {CLOSED}:
        raise Void("D9", "Your party has closed its report; open a case that follows this one.")


def require_end_to_come(node: Node, past: Past) -> None:
    """D10: a party announces an advisory while it holds to an embargo whose end is to come.

    That is compared with the author's own time. Whether a claim or another party's withdrawal has
    ended it before is asked where it would go out.
    """
    if isinstance(read(node.header), Ready):
        seen = embargo.read_embargo(embargo.seen_by(past))
        end = seen.end if node.header.party in seen.held else None
        if end is None or end <= node.header.time:
            told = "There is no end to wait for; agree to terms first, or publish by yourself."
            raise Void("D10", told)


def require_as_announced(node: Node, past: Past) -> None:
    """D11: what goes out as announced is what its author announced, and not before its time."""
    act = read(node.header)
    if not isinstance(act, Publish):
        return
    for id_ in node.header.refs:
        said = past.effective(id_, "ready")
        own = said is not None and said.header.party == node.header.party
        if said is None or not own or Ready.checked(said.header).hash != act.hash:
            raise Void("D11", "Name what your own party announced, with the hash of that.")
    if act.due is not None and act.time < act.due:
        raise Void("D11", "It was published before that end; leave the end out.")


GUARDS = (
    require_step,
    require_fix,
    require_end,
    require_time_to_reply,
    require_held,
    require_own_claim,
    require_no_embargo,
    require_plain_duties,
    require_not_closed,
    require_end_to_come,
    require_as_announced,
)
