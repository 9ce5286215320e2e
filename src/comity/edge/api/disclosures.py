"""Coordinated disclosures: where the embargo stands, and who said what."""

from __future__ import annotations

from ninja import Router, Schema

from comity.edge.api.answers import answers
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.shapes.kinds import Id
from comity.kernel.label import TLP
from comity.protocols.response.disclosure import PROTOCOL
from comity.services.people import audit
from comity.services.response import disclosures
from comity.services.response.caseview import (
    DisclosureParty,
    EmbargoEnding,
    OutClaim,
    TermsProposed,
)

router = Router(tags=["Responding"])


class Disclosure(Schema):
    """A coordinated disclosure.

    `names` are codes of vulnerabilities; `coordinator` is empty where nobody has the office. The
    embargo's `state` is none, proposed, active, revised, claimed or ended, the same at every node;
    `end` is the earliest that a party holds to, in milliseconds. `keeping` is this node's own view:
    none, keeps, out, withdrawn or past; where it is out, `because` says whose claims are believed:
    own, parties or coordinator.
    """

    names: list[str]
    coordinator: str
    state: str
    end: int | None
    keeping: str
    because: str
    terms: list[TermsProposed]
    endings: list[EmbargoEnding]
    claims: list[OutClaim]
    parties: list[DisclosureParty]


@router.get("/dossiers/{dossier}/disclosure", response=answers(Disclosure))
def read_disclosure(request: Asked, dossier: Id) -> Disclosure:
    """Read a coordinated disclosure: its embargo, what was claimed, and who said what of it."""
    row = desk_of(request).dossier_of(PROTOCOL, dossier)
    audit.note_read(request.node, request.auth, row.id, TLP(row.ceiling))
    found = disclosures.case(request.node, row.id)
    return Disclosure(
        names=[*found.names],
        coordinator=found.coordinator,
        state=found.embargo.state,
        end=found.embargo.end,
        keeping=found.keeping.value,
        because=found.belief.because.value if found.belief.because else "",
        terms=[*found.terms],
        endings=[*found.endings],
        claims=[*found.claims],
        parties=[*found.parties],
    )
