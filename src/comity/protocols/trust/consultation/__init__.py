"""Ask another party for clarification: question by question, with a clock and ways out."""

from comity.kernel.kinds import Growth
from comity.kernel.label import Footing
from comity.kernel.protocol import Protocol
from comity.protocols.trust.consultation.acts import ACTS
from comity.protocols.trust.consultation.codes import DIPLOMATIC, TECHNICAL
from comity.protocols.trust.consultation.facts import facts
from comity.protocols.trust.consultation.questions import Open
from comity.protocols.trust.consultation.rules import GUARDS, RULES
from comity.protocols.trust.consultation.summary import CAPTIONS, STATUSES, summary

PROTOCOL = Protocol(
    name="trust/consultation",
    version=1,
    title="Consultation",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "consultation", "dossiers": "consultations"},
    clause="Asking a party about something does not say that the party did it.",
    lane=DIPLOMATIC,
    other_lanes=(TECHNICAL,),
    footing=Footing.WITHOUT_PREJUDICE,
    growths=(Growth.ALL, Growth.CLOSED),
)
