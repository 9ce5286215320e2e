"""What is chosen where a dossier is opened, beside the fields of its charter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Refusal, either
from comity.kernel.label import Footing

if TYPE_CHECKING:
    from comity.kernel.protocol import Protocol
    from comity.services.casework.drafts import Filling


def require_growth(rules: Protocol, filling: Filling) -> None:
    """Raise Refusal S4 for a way to gain members that the protocol does not know."""
    if filling.growth not in {"", *rules.growths}:
        told = "Under {protocol} others come in by {able}."
        able = either(rules.growths)
        raise Refusal("S4", Phrase(told, protocol=rules.id, able=able), "growth")


def footing(rules: Protocol, filling: Filling) -> Footing:
    """Return the footing of a dossier to be opened."""
    return Footing(filling.footing) if filling.footing else rules.footing


def growth(rules: Protocol, filling: Filling) -> str:
    """Return how a dossier to be opened gains members."""
    return filling.growth or rules.growths[0]
