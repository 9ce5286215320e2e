"""Write something together: paragraphs, drafts, who stands behind which of them, publication."""

from comity.kernel.protocol import Protocol
from comity.protocols.response.product.acts import ACTS, Open
from comity.protocols.response.product.facts import CAPTIONS, STATUSES, facts, summary
from comity.protocols.response.product.rules import GUARDS, RULES

PROTOCOL = Protocol(
    name="response/product",
    version=1,
    title="Joint product",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "joint product", "dossiers": "joint products"},
    clause="Who has said nothing about a draft has not agreed to it.",
    other_lanes=("diplomatic",),
)
