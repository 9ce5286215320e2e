"""Show each other keys of people and desks, and record how they are known to be theirs."""

from comity.kernel.kinds import Growth
from comity.kernel.protocol import Protocol
from comity.protocols.trust.keys.acts import ACTS, Open
from comity.protocols.trust.keys.facts import facts
from comity.protocols.trust.keys.rules import GUARDS, RULES
from comity.protocols.trust.keys.summary import CAPTIONS, STATUSES, summary

PROTOCOL = Protocol(
    name="trust/keys",
    version=1,
    title="Keys",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "dossier of keys", "dossiers": "dossiers of keys"},
    clause="Evidence says how a key is known, and nothing of whose it is in law or how well it is "
    "kept.",
    other_lanes=("diplomatic", "legal"),
    growths=(Growth.CHAIR, Growth.ALL, Growth.CLOSED),
)
