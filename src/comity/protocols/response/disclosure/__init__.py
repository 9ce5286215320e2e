"""Disclose a vulnerability together: terms before content, and nobody in the middle."""

from comity.kernel.kinds import Growth
from comity.kernel.protocol import Protocol
from comity.protocols.response.disclosure.acts import ACTS, COORDINATOR, RECORDABLE, Report
from comity.protocols.response.disclosure.embargo import LETTING, gives
from comity.protocols.response.disclosure.facts import facts
from comity.protocols.response.disclosure.rules import GUARDS, RULES
from comity.protocols.response.disclosure.summary import CAPTIONS, STATUSES, summary

PROTOCOL = Protocol(
    name="response/disclosure",
    version=1,
    title="Coordinated disclosure",
    opening=Report.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "disclosure", "dossiers": "disclosures"},
    clause="What is learnt here is used for defence only. A report says what is weak and how it is "
    "mended, and not who is to blame.",
    recordable=RECORDABLE,
    offices=(COORDINATOR,),
    growths=(Growth.CHAIR, Growth.ALL, Growth.CLOSED),
    gives=gives,
    letting=LETTING,
)
