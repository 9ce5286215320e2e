"""In which lanes of a party a dossier and its acts stand, where a protocol has several (ADR 0023).

The opening's terms may name ``lanes``, some of the protocol's; the dossier then stands in those.
The body of an act may name one ``lane`` of the dossier's; without, it stands in all of them. Lanes
are how a party divides its own people: every member has every act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comity.kernel.act import Header
    from comity.kernel.canon import Value

LANE, LANES = "lane", "lanes"
"""The names of the fields, in any protocol."""


def of_dossier(protocol: tuple[str, ...], opening: Header) -> tuple[str, ...]:
    """Return the lanes of a dossier under a protocol with these lanes."""
    terms = opening.body.get("terms")
    named = terms.get(LANES) if isinstance(terms, dict) else None
    return _among(protocol, named if isinstance(named, list) else [])


def of_act(dossier: tuple[str, ...], said: Header) -> tuple[str, ...]:
    """Return the lanes of an act, as protocols see it, in a dossier with these lanes."""
    return _among(dossier, [said.body.get(LANE)])


def _among(known: tuple[str, ...], named: list[Value] | list[Value | None]) -> tuple[str, ...]:
    # What is named and is no lane here has no effect; it is then for all, as if nothing was named.
    return tuple(lane for lane in known if lane in named) or known
