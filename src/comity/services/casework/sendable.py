"""Which acts may go to somebody without a node, by whose hand, and why not the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.ids import guest_of
from comity.kernel.label import PAP, TLP, Egress, Kind, Label, Reader
from comity.kernel.label import require as require_label
from comity.kernel.standing import Standing
from comity.services.casework import content, dossiers, guestways
from comity.services.casework.desk import Desk
from comity.services.casework.giving import is_kind_given
from comity.services.casework.kernelkinds import NOTE
from comity.services.delivery.carry import audience_of
from comity.services.people.mandates import Hand
from comity.services.proof import standing
from comity.store.access import acts as access

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.protocol import Protocol
    from comity.services.casework.view import ActView
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.acts import ActRow, DossierRow


def require(node: Node, actor: Actor | None, act_id: str) -> tuple[ActRow, Hand]:
    """Return an act that may go to a guest, and how: by the hand of ``actor`` alone, or by that of
    a second person, too. None is who commands the machine itself.

    Raises Refusal as ``require_hand`` and ``require_act``.
    """
    hand = require_hand(node, actor, act_id)
    return require_act(node, act_id), hand


def require_act(node: Node, act_id: str) -> ActRow:
    """Return an act that may go to a guest, whoever sends it.

    Raises Refusal L2 or L3 when its label keeps it from a guest, S4 for another reason that stays,
    S2 when nobody could answer, S3.
    """
    row, _ = _rows(node, act_id)
    header = read_header(row.header)
    _require_label(node, row, header)
    _require_own(node, row, header)
    _require_words(node, row, header)
    ways = guestways.of_letter(node, row.id)
    if ways.acknowledge is None and ways.answer is None:
        raise Refusal("S2", "Nothing can be recorded for a guest in this dossier now.", row.id)
    return row


def require_given(node: Node, row: ActRow, guest: str) -> None:
    """Require that the dossier's protocol gives the words of an act to a guest of this party.

    Raises Refusal S4: where consent comes first, that of the guest is recorded before.
    """
    with node.lock:
        dossier = dossiers.load(node, row.dossier)
        state = dossiers.shown(node, dossier)
        if not is_kind_given(dossier, state, row.kind, node.me, guest_of(node.me, guest)):
            told = (
                "The guest has not agreed to the terms of this dossier. Send it these first; it "
                "agrees by the link."
            )
            raise Refusal("S4", told, row.id)


def _rows(node: Node, act_id: str) -> tuple[ActRow, DossierRow]:
    row = access.act(node.db, act_id)
    head = None if row is None else access.dossier(node.db, row.dossier)
    if row is None or head is None:
        raise Refusal("S3", "There is no such message here.", act_id)
    return row, head


def require_hand(node: Node, actor: Actor | None, act_id: str) -> Hand:
    """Return how ``actor`` may say an act of this kind there, as the mandates decide.

    Raises Refusal S3 when the act is not to be seen, S10 when none covers it.
    """
    row, head = _rows(node, act_id)
    if actor is None:
        return Hand.ALONE
    under = actor.under(_lane(node, actor, row, head), head.protocol, row.kind)
    if under is None:
        raise Refusal("S10", "None of your mandates covers this.", row.kind)
    return under[1]


def _lane(node: Node, actor: Actor, row: ActRow, head: DossierRow) -> str:
    """Return the lane of an act that ``actor`` sees. Raises Refusal S3, as for none at all."""
    desk = Desk(node, actor)
    desk.act(row.id)
    return desk.lane(head)


def require_second(node: Node, actor: Actor, act_id: str, first: int | None) -> None:
    """Require that ``actor`` may let a letter go that the person ``first`` made.

    Raises Refusal S3 when the act is not to be seen, S10 otherwise.
    """
    row, head = _rows(node, act_id)
    lane = _lane(node, actor, row, head)
    if first == actor.id or actor.approving(lane, head.protocol, row.kind) is None:
        raise Refusal("S10", "Another person has to approve this.", row.kind)


def may_release(node: Node, actor: Actor, act_id: str, first: int | None) -> bool:
    """Say whether ``require_second`` lets this person be the second."""
    try:
        require_second(node, actor, act_id, first)
    except Refusal:
        return False
    return True


def may(node: Node, actor: Actor, act_id: str) -> bool:
    """Say whether a mandate of ``actor`` covers saying an act."""
    try:
        require_hand(node, actor, act_id)
    except Refusal:
        return False
    return True


def _require_label(node: Node, row: ActRow, header: Header) -> None:
    """Ask the table of labels: a guest is reached by mail, as one whom this party serves."""
    label = Label(header.tlp, header.pap or PAP.CLEAR, frozenset({row.dossier}))
    guest = Reader(
        guest_of(node.me, guestways.EXAMPLE), Kind.PERSON, constituent_of=frozenset({node.me})
    )
    with node.lock:
        audience = audience_of(dossiers.load(node, row.dossier))
    require_label(label, guest, Egress.MAIL, {row.dossier: audience})


def _require_own(node: Node, row: ActRow, header: Header) -> None:
    protocol = _protocol(node, row)
    if header.party != node.me:
        raise Refusal("S4", "Only what this party said itself can go to a guest.", row.id)
    if protocol is None or not protocol.recordable:
        raise Refusal("S4", "In dossiers of this kind nothing is recorded for guests.", row.id)
    if not _is_said(protocol, row.kind) or row.void_rule:
        raise Refusal(
            "S4", "Only what was said to others, and has effect, goes to a guest.", row.id
        )
    if standing.of(node, row.id).rung is Standing.DISOWNED:
        raise Refusal("S4", "This party no longer stands behind it, so it goes to nobody.", row.id)


def _protocol(node: Node, row: ActRow) -> Protocol | None:
    head = access.dossier(node.db, row.dossier)
    return None if head is None else node.protocols.get((head.protocol, head.version))


def _is_said(protocol: Protocol, kind: str) -> bool:
    return protocol.kind(kind) is not None or kind == NOTE.kind


def _require_words(node: Node, row: ActRow, header: Header) -> None:
    if "audience" in header.body:
        raise Refusal("S4", "Parts of it are for some members only, so it stays with them.", row.id)
    if content.read_manifest(node, dossiers.stored_act(node, row).id, header.content) is None:
        raise Refusal("S4", "It has no words here that a letter could carry.", row.id)


def seems(node: Node, actor: Actor, head: DossierRow, act: ActView) -> bool:
    """Say whether an act on a page may seem to go to a guest; ``require`` says it for sure."""
    protocol = node.protocols.get((head.protocol, head.version))
    return (
        protocol is not None
        and head.state == dossiers.ACTIVE
        and act.party == node.me
        and act.void is None
        and TLP(act.tlp) <= TLP.AMBER
        and bool(protocol.recordable)
        and _is_said(protocol, act.kind)
        and actor.under(protocol.lane, head.protocol, act.kind) is not None
    )
