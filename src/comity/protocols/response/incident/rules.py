"""The guards of an incident, numbered as in SPEC.md. Each raises Void: the act has no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Void
from comity.kernel.ids import host_of
from comity.protocols.response.incident.acts import (
    Acknowledge,
    Answer,
    Ask,
    Close,
    HandOver,
    Inform,
    read,
)

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {
    "D1": "An ask goes to another member.",
    "D2": "An answer is due after it is asked for.",
    "D3": "Only the party that was asked answers, or a guest of it.",
    "D4": "Nobody acknowledges an own act.",
    "D5": "Who opened the incident closes it.",
    "D6": "What is closed takes only answers, acknowledgements and another closing.",
}


def require_other_member(node: Node, past: Past) -> None:
    """D1: an ask goes to another member."""
    act = read(node.header)
    if isinstance(act, Ask):
        if act.to == node.header.party:
            raise Void("D1", "The ask goes to its own author; ask another member.")
        if act.to not in past.members:
            raise Void("D1", "The party asked is not a member; invite it first.")


def require_time_to_answer(node: Node, _past: Past) -> None:
    """D2: an answer is due after it is asked for."""
    act = read(node.header)
    if isinstance(act, Ask) and act.due is not None and act.due <= node.header.time:
        raise Void("D2", "The answer would be due before it was asked for; set a later time.")


def require_asked(node: Node, past: Past) -> None:
    """D3: only the party that was asked answers, or a guest of it.

    D0 has made sure that one ask is cited. A guest's answer stands beside that of the party, which
    goes on owing its own.
    """
    if isinstance(read(node.header), Answer):
        host, _ = host_of(node.header.party)
        for ask in map(past.find, node.header.refs):
            if ask is not None and Ask.of(ask.header).to != host:
                raise Void("D3", "Another party was asked; inform the members instead.")


def require_of_others(node: Node, past: Past) -> None:
    """D4: nobody acknowledges an own act."""
    if isinstance(read(node.header), Acknowledge):
        cited = map(past.find, node.header.refs)
        if any(act is not None and act.header.party == node.header.party for act in cited):
            raise Void("D4", "An act cited is the author's own; acknowledge those of others.")


def require_opener(node: Node, past: Past) -> None:
    """D5: who opened the incident closes it."""
    if isinstance(read(node.header), Close) and node.header.party != past.charter.party:
        raise Void("D5", "Another party opened the incident; ask it to close, or leave.")


def require_open(node: Node, past: Past) -> None:
    """D6: what is closed takes only answers, acknowledgements and another closing.

    A closing the author had not seen does not count.
    """
    late = next(past.all("close"), None) is not None
    if late and isinstance(read(node.header), Inform | Ask | HandOver):
        raise Void("D6", "The incident was closed; open another that follows it.")


GUARDS = (
    require_other_member,
    require_time_to_answer,
    require_asked,
    require_of_others,
    require_opener,
    require_open,
)
