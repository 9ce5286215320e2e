"""What a party knows of the incident itself: each field a fact that it can know, none a verdict.

No field says who did it, and none may be added. What is left out is not known. How grave it is,
each node works out from what parties told, by the scheme that it likes (``engines.severity``).
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare
from comity.kernel.fieldtypes import Code, Instant, Many, Party, Whole
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Files
from comity.protocols._vocabulary.rsit import VALUES
from comity.protocols._vocabulary.sectors import SECTORS
from comity.protocols._vocabulary.states import State
from comity.protocols.response.incident.content import REMARK
from comity.protocols.response.incident.effects import (
    HARMS,
    INFORMATION,
    KNOWN,
    LOCATIONS,
    LOSSES,
    OBSERVED,
    PRECISIONS,
    RECOVERABILITY,
    SERVICES,
    VICTIMS,
)

ZONED = "With its zone, as in 2026-05-01T02:40Z."


def _instant(label: str) -> int | None:
    return coded(Instant(), label, ZONED, default=None)


def _code(choices: dict[str, str], label: str, help_: str = "") -> str | None:
    return coded(Code(choices), label, help_, default=None)


@declare(
    "describe",
    label="Say what is known",
    caption="{by:party} said what it knows of the incident",
    help="Say what your party knows, whole: it takes the place of what it said before.",
    content=(REMARK,),
    files=Files.MAY,
)
class Describe(Coded):
    """What its author knows now; the words of other parties stand beside it.

    Instants in milliseconds, each with how exactly it is known; ``people`` is a count; ``parties``
    are those whose constituency is affected, and ``states`` those where it has effects, as the
    author claims.
    """

    rsit: str | None = _code(VALUES, "What it is", "By the Reference Security Incident Taxonomy.")
    began: int | None = _instant("When it began")
    began_precision: str | None = _code(PRECISIONS, "How exactly that is known: beginning")
    noticed: int | None = _instant("When it was noticed")
    noticed_precision: str | None = _code(PRECISIONS, "How exactly that is known: notice")
    ended: int | None = _instant("When it ended")
    ended_precision: str | None = _code(PRECISIONS, "How exactly that is known: end")
    ongoing: str | None = _code(KNOWN, "It goes on")
    services: str | None = _code(SERVICES, "Services")
    essential: str | None = _code(KNOWN, "Essential services are affected")
    people: int | None = coded(
        Whole(), "People affected", "A whole number, as well as it is known.", default=None
    )
    victim: str | None = _code(VICTIMS, "The largest that is hit")
    sectors: list[str] | None = coded(Many(Code(SECTORS)), "Sectors affected", default=None)
    parties: list[PartyId] | None = coded(
        Many(Party(outside=True, own=True)),
        "Whose people or services are affected",
        "As you see it; the parties named are not told by this.",
        default=None,
    )
    states: list[str] | None = coded(
        Many(State()),
        "States where it has effects",
        "As you see it, by their ISO 3166 codes: fr, de.",
        default=None,
    )
    cross_border: str | None = _code(KNOWN, "It spreads across borders")
    information: list[str] | None = coded(
        Many(Code(INFORMATION)), "Information affected", default=None
    )
    recoverability: str | None = _code(RECOVERABILITY, "It can be restored")
    observed: str | None = _code(OBSERVED, "What was seen, at most")
    location: str | None = _code(LOCATIONS, "Where it was seen, at the innermost")
    loss: str | None = _code(LOSSES, "Financial loss")
    harm: str | None = _code(HARMS, "Harm to people")
    capable: str | None = _code(KNOWN, "It could still disrupt services severely")
    malicious: str | None = _code(KNOWN, "Suspected to be malicious")
