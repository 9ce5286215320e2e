"""Notarisation: this party held a file of this hash, at a place of its log, for others to check."""

from comity.kernel.protocol import Protocol
from comity.protocols.kernel.notary.acts import ACTS, Notarise
from comity.protocols.kernel.notary.facts import CAPTIONS, STATUSES, facts, summary
from comity.protocols.kernel.notary.rules import GUARDS, RULES

PROTOCOL = Protocol(
    name="kernel/notary",
    version=1,
    title="Notarised file",
    opening=Notarise.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "notarised file", "dossiers": "notarised files"},
)
