"""The codes by which an incident is described, each with its English label: facts, not verdicts.

They are what the schemes of severity ask for and a source can know, in steps that rise. How far an
intruder got and what can be restored are the categories of the National Cyber Incident Scoring
System of CISA; whom it hits are the sizes in the categories of the NCSC of the United Kingdom. What
such schemes ask about who did it is not here. Codes are signed, and frozen.
"""

YES, NO, UNKNOWN = "yes", "no", "unknown"
KNOWN = {
    YES: "yes",
    NO: "no",
    UNKNOWN: "not known",
}

MINUTE = 60_000
"""Milliseconds."""
PRECISIONS = {
    "minute": "to the minute",
    "hour": "to the hour",
    "day": "to the day",
    "week": "to the week",
    "month": "to the month",
}
WIDTHS = {
    "minute": MINUTE,
    "hour": 60 * MINUTE,
    "day": 24 * 60 * MINUTE,
    "week": 7 * 24 * 60 * MINUTE,
    "month": 31 * 24 * 60 * MINUTE,
}
"""By how much an instant of a precision may be wrong, in milliseconds."""

SERVICES = {
    "none": "all work",
    "degraded": "they work, but badly",
    "some": "some do not work",
    "most": "most do not work",
    "all": "none works",
}

VICTIMS = {
    "person": "a person",
    "small": "a small organisation",
    "medium": "a medium-sized organisation",
    "large": "a large organisation",
    "local_government": "a local or regional government",
    "central_government": "a central government",
}

NONE = "none"
INFORMATION = {
    NONE: "no information",
    "suspected": "suspected, not identified",
    "personal": "personal data",
    "proprietary": "confidential data of an organisation",
    "credentials": "passwords, keys and other credentials",
    "critical": "data of critical systems",
    "destroyed": "data or systems were destroyed",
}

RECOVERABILITY = {
    "regular": "in a time that is known, with the means there are",
    "supplemented": "in a time that is known, with more means",
    "extended": "in a time that is not known, with help from outside",
    "not_recoverable": "not at all",
}

OBSERVED = {
    "preparation": "preparation, as by scanning",
    "attempt": "attempts to get in",
    "presence": "presence inside",
    "effect": "effects on data or services",
}

LOCATIONS = {
    "perimeter": "systems that face the Internet",
    "business": "the business network",
    "business_management": "management of the business network",
    "critical_perimeter": "the edge of critical systems",
    "critical_management": "management of critical systems",
    "critical": "critical systems",
    "safety": "safety systems",
}

LOSSES = {
    "none": "no loss",
    "limited": "limited",
    "severe": "severe",
}

HARMS = {
    "none": "no harm",
    "possible": "possible",
    "considerable": "considerable",
    "death": "deaths",
}
