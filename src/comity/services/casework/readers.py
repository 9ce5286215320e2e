"""Who will be able to read what is about to be said: shown before anything is signed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comity.kernel.ids import Id
from comity.services.casework import audiences, dossiers, giving, translations
from comity.services.casework.giving import is_opening_given as given
from comity.services.identity.alike import told_apart
from comity.store.access import parties

if TYPE_CHECKING:
    from comity.kernel.canon import Object
    from comity.kernel.ids import PartyId
    from comity.kernel.protocol import Protocol
    from comity.services.casework.opening import Founding
    from comity.services.node import Node

WITHHELD, TO_INVITE = "withheld", "to_invite"


@dataclass(frozen=True, slots=True)
class ReaderParty:
    """A party that will be able to read it: its ``name``, and whether this node ``accredited`` it.

    ``state`` is member or invited; an invited party reads what is said after it joined. It is
    withheld where the dossier's rules give a member the words later, when its own word lets them;
    to_invite where it is invited as a dossier opens, and joins or declines.
    """

    party: PartyId
    name: str
    accredited: bool
    state: str


def of_dossier(node: Node, dossier_id: str) -> list[ReaderParty]:
    """Return who reads what is said in a dossier now. Raises Refusal S3 or S8."""
    states = dossiers.member_states(dossiers.load(node, dossier_id))
    return _readers(node, [(p, state) for p, state in states if state in {"member", "invited"}])


def of_draft(node: Node, dossier_id: str, kind: str, body: Object) -> list[ReaderParty]:
    """Return who reads the words of what is about to be said in a dossier: an act of a kind, with
    this body. Raises Refusal S3 or S8.
    """
    with node.lock:
        dossier = dossiers.load(node, dossier_id)
        state = dossiers.shown(node, dossier)
        return [
            reader
            if giving.is_kind_given(dossier, state, kind, node.me, reader.party)
            else replace(reader, state=WITHHELD)
            for reader in of_dossier(node, dossier_id)
            if audiences.is_for(body, reader.party, node.me)
        ]


def of_translation(node: Node, dossier_id: str, act: str) -> list[ReaderParty]:
    """Return who reads a translation of an act in a dossier: of those there now, whom the words of
    the original are for. Raises Refusal S3 or S8.
    """
    with node.lock:
        dossier = dossiers.load(node, dossier_id)
        state, placed = dossiers.shown(node, dossier), dossier.graph.nodes[Id(act)]
        return [
            reader
            for reader in of_dossier(node, dossier_id)
            if translations.are_words_for(dossier, state, placed, reader.party)
        ]


def of_members(
    node: Node, members: Iterable[PartyId], protocol: Protocol | None = None
) -> list[ReaderParty]:
    """Return who reads what is said in a dossier about to be opened under a protocol."""
    return _readers(
        node,
        [
            (party, "member" if protocol is None or given(protocol, node.me, party) else WITHHELD)
            for party in members
        ],
    )


def of_opening(node: Node, opened: Founding, protocol: Protocol) -> list[ReaderParty]:
    """Return who reads what is said in a dossier about to be opened, with who is invited to it."""
    invited = _readers(node, [(party, TO_INVITE) for party in opened.invited])
    return [*of_members(node, opened.charter.members, protocol), *invited]


def _readers(node: Node, states: Sequence[tuple[PartyId, str]]) -> list[ReaderParty]:
    rows = {row.id: row for row in parties.parties(node.db)}
    called = told_apart(rows.values())
    found = [
        ReaderParty(
            party=party,
            name=called.get(party, party[:8]),
            accredited=party in rows and rows[party].accredited_at is not None,
            state=state,
        )
        for party, state in states
        if party != node.me
    ]
    return sorted(found, key=lambda reader: (reader.name, reader.party))
