"""The codes of planned activities, each with its English label. Codes are signed, and frozen."""

ACTIVITIES = {
    "scan": "research scan",
    "exercise": "exercise",
    "sinkhole": "sinkhole",
    "takedown": "takedown",
    "address_change": "change of addresses",
    "key_change": "change of keys",
    "outage": "outage",
    "disclosure": "large disclosure",
    "other": "something else, as described",
}

EFFECTS = {
    "none": "none expected",
    "possible": "possible",
    "likely": "likely",
    "unknown": "not known",
}

ACKNOWLEDGED = {
    "read": "read",
    "understood": "understood",
    "acting": "acting on it",
}

RESULTS = {
    "told": "in words",
    "yes": "yes",
    "no": "no",
    "not_known": "not known",
    "cannot_say": "we cannot say",
}

CLASHES = {
    "time": "at the same time",
    "place": "at the same addresses",
    "both": "at the same time and addresses",
}

COURSES = {
    "planned": "as planned",
    "early": "ended early",
    "otherwise": "otherwise than planned",
}

REASONS = {
    "postponed": "put off",
    "not_needed": "no longer needed",
    "conflict": "because of something else that is planned",
    "asked": "because others asked for it",
    "not_stated": "we do not say why",
}
