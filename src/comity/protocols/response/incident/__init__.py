"""Work on an incident together: say what is known, ask for help and give it, and close."""

from comity.kernel.protocol import Protocol
from comity.protocols.response.incident.acts import ACTS, RECORDABLE, Open
from comity.protocols.response.incident.facts import facts
from comity.protocols.response.incident.rules import GUARDS, RULES
from comity.protocols.response.incident.summary import CAPTIONS, STATUSES, summary

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
