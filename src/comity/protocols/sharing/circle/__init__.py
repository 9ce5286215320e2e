"""Share objects with others under a charter: publish, forward, retract, relabel, say what came."""

from comity.kernel.kinds import Growth
from comity.kernel.protocol import Protocol
from comity.protocols.sharing.circle.acts import ACTS
from comity.protocols.sharing.circle.facts import facts
from comity.protocols.sharing.circle.rules import GUARDS, RULES
from comity.protocols.sharing.circle.summary import CAPTIONS, STATUSES, summary
from comity.protocols.sharing.circle.terms import Open

PROTOCOL = Protocol(
    name="sharing/circle",
    version=1,
    title="Circle",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "circle", "dossiers": "circles"},
    clause="What is shared here says what was seen, and accuses nobody.",
    lane="technical",
    other_lanes=("diplomatic", "legal", "programme"),
    growths=(Growth.CHAIR, Growth.ALL, Growth.CLOSED),
)
