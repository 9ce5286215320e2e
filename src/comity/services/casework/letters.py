"""The letter to a guest: the act that it carries, and who will read what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.ids import fingerprint
from comity.kernel.label import TLP, Footing
from comity.services.casework import dossiers, readers
from comity.store.access import acts as access

if TYPE_CHECKING:
    from comity.kernel.ids import Id
    from comity.services.node import Node
    from comity.store.access.guests import GuestRow


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter is, in any language.

    ``act`` is the id of what ``party`` says in it to ``name`` at ``mail``, with its label ``tlp``
    and the ``footing`` in force for it. ``readers`` are who will read what the guest answers, and
    ``charter`` is the label under which they became members; ``answers`` that of what is answered.
    ``made`` and ``expires`` in ms; ``fingerprint`` is the party's.
    """

    act: Id
    tlp: TLP
    footing: Footing
    party: str
    name: str
    mail: str
    languages: tuple[str, ...]
    made: int
    expires: int
    readers: tuple[str, ...]
    charter: TLP
    answers: TLP
    fingerprint: str

    def named(self, most: TLP = TLP.AMBER) -> tuple[str, ...]:
        """Return the readers where a label up to ``most`` may be told, else nobody."""
        return self.readers if self.charter <= most else ()


def of_guest(node: Node, row: GuestRow) -> Letter:
    """Return the letter of a link. Raises Refusal S3 or S8."""
    act = access.act(node.db, row.letter)
    if act is None:
        raise Refusal("S3", "There is no such message here.", row.letter)
    stored = dossiers.stored_act(node, act)
    with node.lock:
        dossier = dossiers.load(node, row.dossier)
    charter = dossier.graph.charter.header
    others = [reader.name for reader in readers.of_dossier(node, row.dossier)]
    return Letter(
        act=stored.id,
        tlp=stored.header.tlp,
        footing=stored.header.footing or charter.footing or Footing.TECHNICAL,
        party=node.settings.name,
        name=row.name,
        mail=row.mail,
        languages=row.languages,
        made=row.made_at,
        expires=row.expires,
        readers=(node.settings.name, *others),
        charter=charter.tlp,
        answers=answers(dossier.charter.ceiling),
        fingerprint=fingerprint(node.me),
    )


def answers(ceiling: TLP) -> TLP:
    """Return the label of what guests answer in a dossier: it names a person, so it is as strict as
    the ceiling lets it be without listing who may read it.
    """
    return min(ceiling, TLP.AMBER_STRICT)
