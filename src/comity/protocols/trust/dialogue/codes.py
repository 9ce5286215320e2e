"""The codes of dialogues, each with its English label. Codes are signed, and frozen."""

LANES = {
    "diplomatic": "diplomatic",
    "technical": "technical",
    "legal": "legal",
    "programme": "programme",
}

FORMS = {
    "in_writing": "in writing",
    "video": "by video",
    "in_person": "in person",
}

CANCELLED = {
    "postponed": "put off",
    "not_needed": "not needed",
    "hindered": "somebody cannot come",
    "not_stated": "we do not say why",
}

DONE, DROPPED, MOVED = "done", "dropped", "moved"
OUTCOMES = {
    DONE: "done",
    DROPPED: "dropped",
    MOVED: "moved to a later time",
}

DROPS = {
    "overtaken": "overtaken by events",
    "not_possible": "it turned out not to be possible",
    "not_approved": "it was not approved",
    "not_stated": "we do not say why",
}

ENDS = {
    "purpose_met": "its purpose is met",
    "not_needed": "no longer needed",
    "moved_elsewhere": "moved elsewhere",
    "no_agreement": "we do not agree how to go on",
    "not_stated": "we do not say why",
}

DAY = 24 * 3_600_000
"""Milliseconds."""
LONGEST_CADENCE = 1096
"""Days: three years, of which one may be a leap year."""
