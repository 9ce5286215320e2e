"""The codes of contact checks, each with its English label. Codes are signed, and frozen."""

DIPLOMATIC, TECHNICAL = "diplomatic", "technical"
LANES = {
    DIPLOMATIC: "diplomatic",
    TECHNICAL: "technical",
}

MACHINE, PERSON, FIELDS_DUE, TASK = range(4)
"""The levels: the node answers; a person does; and says of each field due whether it is still
right; and does a small task.
"""

WAITING = "waiting"
"""What stands in the place of an outcome while there is none."""
CONFIRMED, CORRECTED, WRONG, DECLINED = "confirmed", "corrected", "wrong_person", "declined"
ANSWERS = {
    CONFIRMED: "still right",
    CORRECTED: "corrected",
    WRONG: "not the right person or desk",
    DECLINED: "declined",
}
AUTO, BOUNCED, SILENT = "auto_only", "bounced", "silent"
RESULTS = {
    AUTO: "only a machine answered",
    BOUNCED: "it came back",
    SILENT: "nobody answered",
    WRONG: "the wrong person or desk answered",
}
"""What who asked says of what came of it. An answer takes its place."""

HOLDER, DEPUTY = "holder", "deputy"
WHO = {
    HOLDER: "the person or desk named",
    DEPUTY: "a deputy",
}

TASKS = {
    "sample_acknowledged": "the sample notice was understood",
    "deputy_named": "the deputy is named",
    "lane_informed": "the other lane was informed",
}

REASONS = {
    "no_mandate": "it is outside our mandate",
    "too_often": "we were asked too often",
    "other_channel": "another channel is the right one",
    "not_stated": "we do not say why",
}

HALF, NINETY, TO_DEPUTY = "half", "ninety", "deputy"
SECOND, AUTHORITY = "second_channel", "authority"
STAGES = {
    HALF: "half of the time has passed",
    NINETY: "most of the time has passed",
    TO_DEPUTY: "asked the deputy",
    SECOND: "asked by a second channel",
    AUTHORITY: "asked who nominated the contact",
}
"""Reminders, in the order in which they go out; the first two before the answer is due."""

ENDS = {
    "done": "it is done",
    "stopped": "it was stopped",
}
