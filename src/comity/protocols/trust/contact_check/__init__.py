"""Check whether a party's points of contact can be reached, and are still right."""

from comity.kernel.kinds import Growth
from comity.kernel.protocol import Protocol
from comity.protocols.trust.contact_check.acts import ACTS, RECORDABLE, Open
from comity.protocols.trust.contact_check.codes import DIPLOMATIC, TECHNICAL
from comity.protocols.trust.contact_check.facts import CAPTIONS, STATUSES, facts, summary
from comity.protocols.trust.contact_check.rules import GUARDS, RULES

PROTOCOL = Protocol(
    name="trust/contact_check",
    version=1,
    title="Contact check",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "contact check", "dossiers": "contact checks"},
    clause="A check tests whether a contact can be reached. Silence is no refusal, and no party is "
    "ranked by it.",
    recordable=RECORDABLE,
    lane=DIPLOMATIC,
    other_lanes=(TECHNICAL,),
    growths=(Growth.CLOSED,),
)
