"""Work on an incident together: inform, acknowledge, ask, answer, hand over files, close."""

from comity.kernel.protocol import Protocol
from comity.protocols.response.incident.acts import ACTS, RECORDABLE, Open
from comity.protocols.response.incident.facts import CAPTIONS, STATUSES, facts, summary
from comity.protocols.response.incident.rules import GUARDS, RULES

PROTOCOL = Protocol(
    name="response/incident",
    version=1,
    title="Incident",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "incident", "dossiers": "incidents"},
    clause="Telling a party about an incident does not say that the party caused it.",
    recordable=RECORDABLE,
)
