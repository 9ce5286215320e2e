"""Links to other dossiers as people read them: of incidents, and of disclosures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from comity.kernel.ids import PartyId
    from comity.protocols._vocabulary.linking import Linked
    from comity.services.casework.desk import Desk


@dataclass(frozen=True, slots=True)
class LinkTold:
    """That a party says how this case belongs with another dossier; ``title`` is the other's, ""
    for one that this person does not see.
    """

    dossier: str
    name: str
    relation: str
    title: str


def told(
    desk: Desk,
    links: Collection[Linked],
    relations: Mapping[str, str],
    name: Callable[[PartyId], str],
) -> Iterator[LinkTold]:
    """Yield links in the words of ``relations``; ``name`` says what a party is called."""
    seen = desk.seen(each.dossier for each in links)
    for each in links:
        other = seen.get(each.dossier)
        yield LinkTold(
            dossier=each.dossier,
            name=name(each.author),
            relation=desk.tongue.say(relations[each.relation]),
            title="" if other is None else desk.told(other).title(other),
        )
