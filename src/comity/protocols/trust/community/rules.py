"""The guards of a community, numbered as in SPEC.md. Each raises Void: the act has no effect."""

from __future__ import annotations

from comity.protocols.trust.community.accrediting import (
    require_accredited,
    require_accrediting,
    require_applicant,
    require_circulated,
    require_decided_by_rule,
    require_objector,
    require_one,
    require_voting,
)
from comity.protocols.trust.community.keeping import (
    require_ahead,
    require_asked,
    require_audience,
    require_contact,
    require_members,
    require_nominator,
    require_something,
    require_teller,
)

RULES = {
    "D1": "A nomination is replaced and ended by its nominator alone.",
    "D2": "Particulars are told, confirmed and handed over by the nominator, or the member that "
    "keeps the contact.",
    "D3": "An act names the contact that it cites, by a nomination in force.",
    "D4": "Particulars go to exactly those who are to see them.",
    "D5": "What ends, ends after it begins, and what is due is due after it is said.",
    "D6": "A change says what changes, and a confirmation confirms what was told.",
    "D7": "Who is placed, recognised or keeps a contact is a member, and the keeper another than "
    "the nominator.",
    "D8": "Particulars are asked for by others, and given or refused by who may tell them.",
    "D9": "The secretariat says of one application, decision or letter at a time what it says.",
    "D10": "Applications are made where stakeholders are accredited, and circulated for as long as "
    "the charter says.",
    "D11": "Objections are made, and votes cast, while an application is circulated.",
    "D12": "Who brought an application does not object to it, and who objected lifts it.",
    "D13": "There are votes where the members decide.",
    "D14": "A decision comes after the circulation, and is as the forum's rule has it.",
    "D15": "What is ended is an accreditation.",
    "D16": "Who brought an application writes about it.",
}
GUARDS = (
    require_nominator,
    require_teller,
    require_contact,
    require_audience,
    require_ahead,
    require_something,
    require_members,
    require_asked,
    require_one,
    require_accrediting,
    require_circulated,
    require_objector,
    require_voting,
    require_decided_by_rule,
    require_accredited,
    require_applicant,
)
