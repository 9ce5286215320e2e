"""Keep a reporting file: what one party must report of an incident, and what it said when."""

from comity.kernel.kinds import Growth
from comity.kernel.label import Footing
from comity.kernel.protocol import Protocol
from comity.protocols.response.reporting.acts import ACTS, RECORDABLE, Open
from comity.protocols.response.reporting.facts import facts
from comity.protocols.response.reporting.rules import GUARDS, RULES
from comity.protocols.response.reporting.summary import CAPTIONS, STATUSES, summary

PROTOCOL = Protocol(
    name="response/reporting",
    version=1,
    title="Reporting file",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "reporting file", "dossiers": "reporting files"},
    clause="What stands here is this party's own word on what it knew and reported, and when. It "
    "is no legal advice, and sends nothing to an authority by itself.",
    recordable=RECORDABLE,
    footing=Footing.FORMAL,
    growths=(Growth.CLOSED, Growth.CHAIR),
)
