"""How what leaves a page is marked: by label and footing, and that it was an exercise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase
from comity.kernel.label import TLP, Footing

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.store.access.acts import DossierRow

FOOTINGS = {
    Footing.FORMAL: "formal: a State's or an organisation's position",
    Footing.TECHNICAL: "technical: contact between experts, nobody's position",
    Footing.WITHOUT_PREJUDICE: "without prejudice: it may not be held against who says it",
}


def of(row: DossierRow, say: Callable[[str], str] = str) -> str:
    """Return the marking of what is taken from a dossier: ``TLP:AMBER · technical: …``.

    It is that of the dossier as a whole, whatever is taken of it.
    """
    exercise = Phrase("EXERCISE {realm}: not live", realm=row.realm).said(say) if row.realm else ""
    footing = say(FOOTINGS[Footing(row.footing)]) if row.footing else ""
    return " · ".join(filter(None, (TLP(row.ceiling).written, footing, exercise)))
