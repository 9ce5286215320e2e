"""What stored rows of dossiers and acts are called for people, with this node's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import Caption, Duty
from comity.services.casework import dossiers
from comity.services.casework.words import Words
from comity.services.identity import roster

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow, DutyRow


def words_of(node: Node, row: DossierRow) -> Words | None:
    """Return the words of a dossier's protocol, or None when this node lacks it."""
    protocol = node.protocols.get((row.protocol, row.version))
    names = {PartyId(id_): name for id_, name in roster.names(node).items()}
    return None if protocol is None else Words(protocol, names)


def title_of(node: Node, row: DossierRow) -> str:
    """Return a dossier's title, or its caption while the title is not here."""
    words = words_of(node, row)
    if row.title or words is None or not row.caption:
        return row.title or f"{row.protocol} · {row.id[:8]}"
    return words.caption(Caption(row.caption, row.params))


def status_of(node: Node, row: DossierRow) -> str:
    """Return a dossier's status in words; while it is not whole, what it waits for."""
    return status_in(words_of(node, row), row)


def status_in(words: Words | None, row: DossierRow) -> str:
    """As ``status_of``, with the words of its protocol."""
    if row.state == dossiers.JOINING:
        return "Not joined yet, or its earlier messages have not arrived"
    if words is None:
        return f"Cannot be read here: this node has no {row.protocol}@{row.version}; upgrade it"
    return words.status(row.status) if row.status else ""


def duty_of(node: Node, row: DossierRow, duty: DutyRow) -> str:
    """Return what is owed, in words."""
    words, to = words_of(node, row), PartyId(duty.to) if duty.to else None
    if words is None:
        return duty.what
    return words.duty(Duty(PartyId(duty.who), duty.what, duty.due, duty.act, to))


def act_of(node: Node, row: DossierRow, act: Act) -> str:
    """Return an act in one line, without its content."""
    words = words_of(node, row)
    if words is None:
        return f"{roster.names(node).get(act.header.party, '')}: {act.header.kind}"
    return words.act(Id(act.id), act.header)
