"""Announce a planned activity: what, when, from which addresses, and who to ask about it."""

from comity.kernel.protocol import Protocol
from comity.protocols.trust.planned.acts import ACTS, RECORDABLE, Announce
from comity.protocols.trust.planned.facts import CAPTIONS, STATUSES, facts, summary
from comity.protocols.trust.planned.rules import GUARDS, RULES

PROTOCOL = Protocol(
    name="trust/planned",
    version=1,
    title="Planned activity",
    opening=Announce.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "planned activity", "dossiers": "planned activities"},
    clause="An announcement explains: it permits nothing and asks for no consent. That there is "
    "none proves nothing.",
    recordable=RECORDABLE,
)
