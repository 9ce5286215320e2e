"""The codes of consultations, each with its English label. Codes are signed, and frozen."""

DIPLOMATIC, TECHNICAL = "diplomatic", "technical"
LANES = {
    DIPLOMATIC: "diplomatic",
    TECHNICAL: "technical",
}

ROUTINE, URGENT, FLASH = "routine", "urgent", "flash"
URGENCIES = {
    ROUTINE: "routine",
    URGENT: "urgent",
    FLASH: "flash: before anything else",
}

KNOWN = {
    "yes": "yes",
    "no": "no",
    "not_known": "not known",
}

EFFECTS = {
    "seen": "seen",
    "expected": "expected",
    "none_seen": "none seen",
    "not_known": "not known",
}

ACKNOWLEDGED = {
    "read": "read",
    "passed_on": "passed on to those who can answer",
    "looking": "looking into it",
}

RESULTS = {
    "yes": "yes",
    "no": "no",
    "not_known": "not known",
    "cannot_say": "cannot say",
}
DECLINED = "declined"
"""What stands in the place of a result where a party declines to answer."""

DELAYS = {
    "looking": "we are still looking into it",
    "others": "we wait for others here",
    "approval": "the answer has to be approved",
    "translation": "it has to be translated",
    "volume": "there is much to go through",
    "not_stated": "we do not say why",
}

REFUSALS = {
    "law": "the law does not let us",
    "security": "for reasons of security",
    "no_mandate": "it is outside our mandate",
    "other_channel": "another channel is the right one",
    "not_stated": "we do not say why",
}

MEETINGS = {
    "text": "in writing",
    "video": "by video",
    "in_person": "in person",
}
ACCEPTED = "accepted"
MEETING_WORDS = {
    ACCEPTED: "accepted",
    "not_now": "not now",
}

AGREED = "agreed"
HELPER_WORDS = {
    AGREED: "agreed",
    "not_agreed": "not agreed",
}

MISTAKES = {
    "wrong_facts": "what was said is wrong",
    "misread": "we misread what we saw",
    "explained": "it is explained otherwise",
    "wrong_party": "it went to the wrong party",
    "sent_in_error": "it was sent in error",
    "other": "another mistake",
}

CLARIFIED, DIFFER, MOVED = "clarified", "agreed_to_differ", "moved_elsewhere"
OUTCOMES = {
    CLARIFIED: "clarified",
    DIFFER: "agreed to differ",
    MOVED: "moved elsewhere",
}

HOUR = 3_600_000
"""Milliseconds."""
REPLY_HOURS = 48
MORE_HOURS = 48
MEETING_HOURS = 48
PAUSE_HOURS = 72
ACKNOWLEDGE_HOURS = {ROUTINE: 24, URGENT: 12, FLASH: 4}
"""The clocks: by when a reply is due where nobody says otherwise, how much more time there is, by
when a proposal is answered, how long a pause lasts at most, by when a person acknowledges.
"""
