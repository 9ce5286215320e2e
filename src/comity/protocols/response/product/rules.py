"""The guards of a joint product, numbered as in SPEC.md. Each raises Void: no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Void
from comity.protocols.response.product.acts import (
    Draft,
    Paragraph,
    Position,
    Publish,
    TakeBack,
    Withdraw,
    read,
)
from comity.protocols.response.product.codes import FULL, PART

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.graph import Node, Past
    from comity.kernel.ids import PartyId

RULES = {
    "D1": "Who began it puts drafts forward, publishes and withdraws.",
    "D2": "A paragraph is replaced and taken back by its author.",
    "D3": "A draft, and its publication, is labelled no wider than what it holds.",
    "D4": "A draft holds no paragraph that its author took back or replaced.",
    "D5": "Positions are needed after they are asked for, and what is to become public, later.",
    "D6": "Others than who put the draft forward say where they stand.",
    "D7": "What a party does not stand behind is in the draft, and not all of it.",
    "D8": "What is published has another party behind it.",
}


def require_beginner(node: Node, past: Past) -> None:
    """D1: who began it puts drafts forward, publishes and withdraws."""
    own = isinstance(read(node.header), Draft | Publish | Withdraw)
    if own and node.header.party != past.charter.party:
        raise Void("D1", "Another party began it; ask that party, or comment.")


def require_author(node: Node, past: Past) -> None:
    """D2: a paragraph is replaced and taken back by its author."""
    if isinstance(read(node.header), Paragraph | TakeBack):
        cited = map(past.find, node.header.refs)
        if any(each is not None and each.header.party != node.header.party for each in cited):
            raise Void("D2", "Another party wrote it; write a paragraph of your own.")


def require_label(node: Node, past: Past) -> None:
    """D3: a draft, and its publication, is labelled no wider than what it holds."""
    if isinstance(read(node.header), Draft | Publish):
        cited = [each for each in map(past.find, node.header.refs) if each is not None]
        if any(node.header.tlp < each.header.tlp for each in cited):
            told = (
                "It holds what is labelled stricter; ask its author to write it under this label."
            )
            raise Void("D3", told)


def require_standing_paragraphs(node: Node, past: Past) -> None:
    """D4: a draft holds no paragraph that its author took back or replaced."""
    if isinstance(read(node.header), Draft):
        for id_ in node.header.refs:
            if next(past.citing(id_, "take_back", "paragraph"), None) is not None:
                raise Void("D4", "A paragraph of it was taken back or replaced; leave it out.")


def require_time(node: Node, _past: Past) -> None:
    """D5: positions are needed after they are asked for, and what is to become public, later."""
    match read(node.header):
        case Draft(due=due) if due is not None and due <= node.header.time:
            raise Void("D5", "Positions would be needed before they are asked for; give more time.")
        case Publish(at=at) if at is not None and at <= node.header.time:
            raise Void("D5", "That time has passed; leave it out, so that it is public now.")
        case _:
            pass


def require_others(node: Node, past: Past) -> None:
    """D6: others than who put the draft forward say where they stand."""
    if isinstance(read(node.header), Position) and node.header.party == past.charter.party:
        raise Void("D6", "You put the draft forward; put another forward, or withdraw.")


def require_within(node: Node, past: Past) -> None:
    """D7: what a party does not stand behind is in the draft, and not all of it."""
    act = read(node.header)
    if isinstance(act, Position) and act.apart is not None:
        held = {id_ for d in map(past.find, node.header.refs) if d for id_ in d.header.refs}
        if not {*act.apart} < held:
            raise Void("D7", "Name paragraphs of the draft; who stands behind none dissents.")


def require_company(node: Node, past: Past) -> None:
    """D8: what is published has another party behind it."""
    if isinstance(read(node.header), Publish):
        (draft,) = node.header.refs
        if not any(_stands_behind(draft, party, past) for party in _parties(draft, past)):
            raise Void("D8", "Nobody else stands behind it yet; say it alone, or wait.")


def _parties(draft: str, past: Past) -> Iterator[PartyId]:
    return (said.header.party for said in past.citing(draft, "position"))


def _stands_behind(draft: str, party: PartyId, past: Past) -> bool:
    """Say whether a party's newest words on a draft, as the author had seen them, agree to it."""
    said = [each for each in past.citing(draft, "position") if each.header.party == party]
    newest = [each for each in said if not any(past.before(each, then) for then in said)]
    return all(Position.of(each.header).position in {FULL, PART} for each in newest)


GUARDS = (
    require_beginner,
    require_author,
    require_label,
    require_standing_paragraphs,
    require_time,
    require_others,
    require_within,
    require_company,
)
