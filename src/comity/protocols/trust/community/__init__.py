"""Keep the file of a forum: its members, its rules, its contacts, and whom it accredits."""

from comity.kernel.kinds import Growth
from comity.kernel.protocol import Protocol
from comity.protocols.trust.community.accreditation import RECORDABLE
from comity.protocols.trust.community.acts import ACTS
from comity.protocols.trust.community.facts import facts
from comity.protocols.trust.community.forum import SECRETARIAT, Open
from comity.protocols.trust.community.rules import GUARDS, RULES
from comity.protocols.trust.community.summary import CAPTIONS, STATUSES, summary

PROTOCOL = Protocol(
    name="trust/community",
    version=1,
    title="Community",
    opening=Open.KIND,
    acts=tuple(act.KIND for act in ACTS),
    guards=GUARDS,
    facts=facts,
    summary=summary,
    statuses=STATUSES,
    captions=CAPTIONS,
    rules=RULES,
    nouns={"dossier": "community", "dossiers": "communities"},
    recordable=RECORDABLE,
    offices=(SECRETARIAT,),
    lane="diplomatic",
    other_lanes=("technical", "legal", "programme"),
    growths=(Growth.CHAIR, Growth.ALL, Growth.CLOSED),
)
