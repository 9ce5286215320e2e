"""Meet regularly: an agenda, a summary that all agree on or one of each, and commitments."""

from comity.kernel.kinds import Growth
from comity.kernel.label import Footing
from comity.kernel.protocol import Protocol
from comity.protocols.trust.dialogue.acts import ACTS, Open
from comity.protocols.trust.dialogue.facts import facts
from comity.protocols.trust.dialogue.rules import GUARDS, RULES
from comity.protocols.trust.dialogue.summary import CAPTIONS, STATUSES, summary

PROTOCOL = Protocol(
    name="trust/dialogue",
    version=1,
    title="Dialogue",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "dialogue", "dossiers": "dialogues"},
    clause="Nothing said in a dialogue is a commitment but what a party itself commits to.",
    lane="diplomatic",
    other_lanes=("technical", "legal", "programme"),
    footing=Footing.WITHOUT_PREJUDICE,
    growths=(Growth.ALL, Growth.CLOSED),
)
