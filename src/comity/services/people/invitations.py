"""Links that let somebody in and that nobody has used yet: looked at, and taken away.

They are made by ``persons``. Of a link's secret only the hash is kept; half of that names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.services.people import audit, persons
from comity.store.access import people as access
from comity.store.append import people as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.people import OpenRow, PersonRow


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that nobody has used yet: ``id`` names it, and does not open it.

    By it somebody sets up an account with ``mandates``, or, where ``renews``, a person of this node
    sets a new password. ``name`` and ``email`` are of whom it is for, as far as it is known; times
    in ms.
    """

    id: str
    renews: bool
    name: str
    email: str
    mandates: tuple[str, ...]
    made_at: int
    expires: int


def of_node(node: Node, actor: Actor | None) -> list[Invitation]:
    """Return the links that can still be used, the newest first. Raises Refusal S10."""
    persons.require_keeper(actor)
    known = {row.id: row for row in access.people(node.db)}
    return [_invitation(row, known) for row in access.open_links(node.db, node.now())]


def _invitation(row: OpenRow, known: Mapping[int, PersonRow]) -> Invitation:
    renews = row.purpose == persons.SECRET
    if renews:
        person = known[row.value["person"]]
        name, email, codes = person.name, person.email, person.mandates
    else:
        name, email, codes = row.value["name"], row.value["email"], tuple(row.value["mandates"])
    return Invitation(row.id, renews, name, email, codes, row.made_at, row.expires)


def revoke(node: Node, actor: Actor | None, invitation: str) -> None:
    """Take a link away before it is used. Raises Refusal S10, or S3 when there is none."""
    found = next((each for each in of_node(node, actor) if each.id == invitation), None)
    with writing(node.db):
        if found is None or not append.drop_link(node.db, invitation, node.now()):
            raise Refusal("S3", "There is no such link here, or it was used.", invitation)
        audit.note(node, actor, "link_revoked", found.email or found.name)
