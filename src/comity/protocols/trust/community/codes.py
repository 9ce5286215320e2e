"""The codes of communities, each with its English label. Codes are signed, and frozen.

Those of contacts that other protocols sign too stand in ``protocols/_vocabulary/contacts``.
"""

LANES = {
    "diplomatic": "diplomatic",
    "technical": "technical",
    "legal": "legal",
    "programme": "programme",
}

NO_OBJECTION, SECRETARIAT, MAJORITY = "no_objection", "secretariat", "majority"
ACCREDITING = {
    NO_OBJECTION: "when nobody objects",
    SECRETARIAT: "the secretariat decides",
    MAJORITY: "the members vote",
}

RECOGNISED, ENDED = "recognised", "ended"
STANDS = {
    RECOGNISED: "recognised",
    ENDED: "recognised no more",
}

HOLDERS = {
    "person": "a person",
    "desk": "a desk that several people staff",
}

ENDS = {
    "left": "who held it has left",
    "merged": "it was merged with another",
    "mistake": "it was nominated by mistake",
    "expired": "its time has passed",
    "not_stated": "we do not say why",
}

REFUSALS = {
    "law": "the law does not let us",
    "consent": "who it is about does not agree",
    "other_channel": "another channel is the right one",
    "not_kept": "we do not have it",
    "not_stated": "we do not say why",
}

YES, NO = "yes", "no"
VOTES = {
    YES: "yes",
    NO: "no",
    "abstain": "abstains",
}

ACCREDITED, REFUSED = "accredited", "refused"
OUTCOMES = {
    ACCREDITED: "accredited",
    REFUSED: "not accredited",
}

WITHDRAWALS = {
    "asked": "who was accredited asked for it",
    "dissolved": "who was accredited is no more",
    "rules": "the rules of the forum were not kept",
    "mistake": "it was a mistake",
    "not_stated": "we do not say why",
}

DAY = 24 * 3600 * 1000
"""Milliseconds."""
MOST_DAYS = 1096
"""Three years: what nobody has confirmed for longer is no policy."""
MOST_OBJECTING = 90
OBJECTING = 14
"""Days for objections where the charter does not say."""
