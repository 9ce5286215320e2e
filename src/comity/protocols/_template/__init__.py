"""A small protocol to copy: a question to which every member says a word. Not offered by nodes."""

from comity.kernel.protocol import Protocol
from comity.protocols._template.acts import ACTS, Open
from comity.protocols._template.facts import CAPTIONS, STATUSES, facts, summary
from comity.protocols._template.rules import GUARDS, RULES

PROTOCOL = Protocol(
    name="pillar/name",
    version=1,
    title="Question",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "question", "dossiers": "questions"},
)
