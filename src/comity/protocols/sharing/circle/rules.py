"""The guards of a circle, numbered as in SPEC.md. Each raises Void: the act has no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.content import STIX
from comity.kernel.errors import Phrase, Void
from comity.kernel.kinds import read_charter
from comity.kernel.label import TLP
from comity.protocols.sharing.circle.acts import (
    Applied,
    Ask,
    Feedback,
    Forward,
    Permit,
    Publish,
    Relabel,
    Retract,
    read,
)
from comity.protocols.sharing.circle.codes import ALL, ASK, FORWARD, KEPT, RELABELLED, YES
from comity.protocols.sharing.circle.labels import (
    batch_of,
    cited,
    is_retracted,
    label_of,
    named,
    objects_of,
    strictest,
)
from comity.protocols.sharing.circle.terms import Open

if TYPE_CHECKING:
    from comity.kernel.graph import Node, Past

RULES = {
    "D1": "Who may publish by the charter publishes, and forwards objects into the circle.",
    "D2": "A policy does not end before it starts, and only a circle that succeeds another keeps "
    "a collection.",
    "D3": "What is published is a batch of STIX objects, and what is forwarded has its provenance "
    "after it.",
    "D4": "Only the author of a batch corrects, retracts and relabels it, and answers who asks "
    "about it.",
    "D5": "What is named of a batch is one of its objects.",
    "D6": "A label is within the ceiling of the circle, and what was forwarded only gets a "
    "stricter one.",
    "D7": "Of what was retracted nobody asks for more, gives feedback or changes the label.",
    "D8": "What was seen was seen first before it was seen last.",
    "D9": "That it was applied is said of another's act: of a retraction what was removed or kept, "
    "of a label that it holds.",
    "D10": "What a party beyond this circle applied is told by naming the party and its message.",
    "D11": "Permission is asked of another, and to forward where the charter has it asked for.",
    "D12": "An ask is answered once, and a yes gives a wider label where one is asked for.",
}


def require_publisher(node: Node, past: Past) -> None:
    """D1: who may publish by the charter publishes, and forwards objects into the circle."""
    if isinstance(read(node.header), Publish | Forward):
        rules = Open.checked(past.charter)
        if rules.publishers == ALL:
            return
        able = {read_charter(past.charter).chair or past.charter.party, *(rules.listed or ())}
        if node.header.party not in able:
            raise Void("D1", "Others publish here, as the charter says; ask one of them to do it.")


def require_terms(node: Node, _past: Past) -> None:
    """D2: a policy does not end before it starts, and only a circle that succeeds another keeps a
    collection.
    """
    act = read(node.header)
    if isinstance(act, Open):
        if _is_before(act.ends, act.starts):
            raise Void("D2", "The policy ends before it has started; set a later end.")
        if act.collection is not None and read_charter(node.header).succeeds is None:
            raise Void("D2", "The circle succeeds no other; leave the id of the collection out.")


def _is_before(end: int | None, start: int | None) -> bool:
    """Say whether both are said, and the end comes before the start."""
    return end is not None and start is not None and end < start


def require_batch(node: Node, _past: Past) -> None:
    """D3: what is published is a batch of STIX objects, and what is forwarded has its provenance
    after it.
    """
    if isinstance(read(node.header), Publish | Forward):
        if node.header.content.type != STIX:
            raise Void("D3", "It holds words or files and no objects; send a STIX 2.1 bundle.")
        if objects_of(node.header) < 1:
            raise Void("D3", "It holds provenance and nothing that it is of; send objects with it.")


def require_author(node: Node, past: Past) -> None:
    """D4: only the author of a batch corrects, retracts and relabels it, and answers who asks about
    it.
    """
    act = read(node.header)
    if isinstance(act, Publish | Retract | Relabel | Permit):
        found = [past.find(id_) for id_ in node.header.refs]
        if isinstance(act, Permit):
            found = [batch_of(node.header, past)]
        if any(each is not None and each.header.party != node.header.party for each in found):
            raise Void("D4", "Another party published it; ask that party to say so.")


def require_objects(node: Node, past: Past) -> None:
    """D5: what is named of a batch is one of its objects."""
    if isinstance(read(node.header), Retract | Relabel | Feedback | Ask):
        held = objects_of(cited(node.header, past).header)
        if any(part >= held for part in named(node.header) or ()):
            told = "The message holds {count} objects, the first is 0; name one of them."
            raise Void("D5", Phrase(told, count=held))


def require_label(node: Node, past: Past) -> None:
    """D6: a label is within the ceiling of the circle, and what was forwarded only gets a stricter
    one.
    """
    act = read(node.header)
    if isinstance(act, Relabel | Permit) and act.tlp is not None:
        if read_charter(past.charter).ceiling < TLP(act.tlp):
            raise Void("D6", "The label is stricter than the circle's; retract it here instead.")
        batch = batch_of(node.header, past)
        if isinstance(read(batch.header), Forward):
            held = strictest(batch, named(node.header), past)
            if TLP(act.tlp) < held:
                raise Void("D6", "Its source alone widens it; forward what the source says anew.")


def require_in_force(node: Node, past: Past) -> None:
    """D7: of what was retracted nobody asks for more, gives feedback or changes the label.

    A retraction that the author had not seen does not count.
    """
    more = isinstance(read(node.header), Relabel | Feedback | Ask)
    if more and is_retracted(cited(node.header, past), named(node.header), past):
        raise Void("D7", "It was retracted; remove it, and publish it anew if it is yours.")


def require_seen_in_order(node: Node, _past: Past) -> None:
    """D8: what was seen was seen first before it was seen last."""
    act = read(node.header)
    if isinstance(act, Feedback) and _is_before(act.last, act.first):
        raise Void("D8", "It was seen last before it was seen first; set a later last time.")


def require_applied(node: Node, past: Past) -> None:
    """D9: that it was applied is said of another's act: of a retraction what was removed or kept,
    of a label that it holds.
    """
    act = read(node.header)
    if isinstance(act, Applied):
        found = [each.header for each in map(past.find, node.header.refs) if each is not None]
        if any(each.party == node.header.party for each in found):
            raise Void("D9", "It is your own word; the others say what they did about it.")
        wrong = {RELABELLED: Retract.KIND.kind, KEPT: Relabel.KIND.kind}.get(act.how)
        if any(each.kind == wrong for each in found):
            raise Void(
                "D9",
                "What is retracted is removed or kept, and what has a new label is "
                "not kept under the old one; say which it was.",
            )


def require_relay(node: Node, past: Past) -> None:
    """D10: what a party beyond this circle applied is told by naming the party and its message."""
    act = read(node.header)
    if isinstance(act, Applied):
        if (act.on_behalf is None) != (act.act is None):
            raise Void("D10", "Name both the other party and its message, or neither of them.")
        if act.on_behalf is not None and act.on_behalf in past.members:
            raise Void("D10", "That party is a member here; it says itself what it did.")


def require_permission_needed(node: Node, past: Past) -> None:
    """D11: permission is asked of another, and to forward where the charter has it asked for."""
    act = read(node.header)
    if isinstance(act, Ask):
        if cited(node.header, past).header.party == node.header.party:
            raise Void("D11", "You published it yourself; change its label, or forward it.")
        if act.what == FORWARD and Open.checked(past.charter).forward != ASK:
            raise Void(
                "D11",
                "The charter says already who may forward, or that nobody may; "
                "ask for a wider label.",
            )


def require_answer(node: Node, past: Past) -> None:
    """D12: an ask is answered once, and a yes gives a wider label where one is asked for."""
    act = read(node.header)
    if isinstance(act, Permit):
        ask = cited(node.header, past)
        if any(past.citing(ask.id, Permit.KIND.kind)):
            raise Void("D12", "You have answered it; change the label if you think otherwise now.")
        batch = batch_of(node.header, past)
        widens = act.answer == YES and _asks_to_widen(ask, batch)
        if widens != (act.tlp is not None):
            raise Void(
                "D12",
                "A label is given with a yes to who asks for a wider one of what you "
                "published, and never else.",
            )
        if act.tlp is not None and not TLP(act.tlp) < label_of(
            batch, Ask.checked(ask.header).part, past
        ):
            raise Void("D12", "That label is not wider than the one it has; choose a wider one.")


def _asks_to_widen(ask: Node, batch: Node) -> bool:
    """Say whether a yes gives a new label. Of what was forwarded its source gives that."""
    return Ask.checked(ask.header).what != FORWARD and batch.header.kind == Publish.KIND.kind


GUARDS = (
    require_publisher,
    require_terms,
    require_batch,
    require_author,
    require_objects,
    require_label,
    require_in_force,
    require_seen_in_order,
    require_applied,
    require_relay,
    require_permission_needed,
    require_answer,
)
