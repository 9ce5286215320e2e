"""The codes of circles, each with its English label. Codes are signed, and frozen.

Those of the Information Exchange Policy are FIRST's, IEP 2.0, with ``_`` for ``-`` and what stands
after ``visible`` left as it is; ``obfuscate_affected_parties`` is of IEP 1.0, which 2.0 left out.
"""

LANES = {
    "technical": "technical",
    "diplomatic": "diplomatic",
    "legal": "legal",
    "programme": "programme",
}

PURPOSES = {
    "defence": "defence of own systems",
    "early_warning": "early warning",
    "response": "response to what has happened",
    "research": "research",
    "practice": "good practice and lessons",
    "exercise": "exercise",
}

TLPS = {
    "clear": "TLP:CLEAR",
    "green": "TLP:GREEN",
    "amber": "TLP:AMBER",
    "amber_strict": "TLP:AMBER+STRICT",
    "red": "TLP:RED",
}

PAPS = {
    "clear": "PAP:CLEAR – whatever the law allows",
    "green": "PAP:GREEN – also what others can notice, as blocking",
    "amber": "PAP:AMBER – only what its subject cannot notice, as looking it up elsewhere",
    "red": "PAP:RED – only on own systems, and nothing that anybody can notice",
}

ALL, CHAIR, LISTED = "all", "chair", "listed"
PUBLISHERS = {
    ALL: "every member",
    CHAIR: "the chair",
    LISTED: "the chair, and those that are listed",
}

NOBODY, ASK, MEMBERS = "none", "ask", "members"
FORWARDERS = {
    NOBODY: "nobody",
    ASK: "who has asked its author, and may",
    MEMBERS: "every member",
}

ACTIONS = {
    "none": "none",
    "contact_for_instruction": "ask before acting",
    "internally_visible": "what is visible inside only",
    "externally_visible_indirect": "what is visible outside, but touches nobody",
    "externally_visible_direct": "what is visible outside, and touches others",
}
MUST, MAY, MUST_NOT = "must", "may", "must_not"
MUST_OR_MAY = {MUST: "must", MAY: "may"}
MAY_OR_NOT = {MAY: "may", MUST_NOT: "must not"}
MUST_MAY_OR_NOT = {MAY: "may", MUST: "must", MUST_NOT: "must not"}

RETRACTIONS = {
    "wrong": "it is wrong",
    "outdated": "it is out of date",
    "recalled": "its source took it back",
    "personal_data": "it holds personal data",
    "law": "the law demands it",
    "duplicate": "it was published twice",
}

REMOVED, RELABELLED, KEPT, NEVER_HELD = "removed", "relabelled", "kept", "never_held"
APPLICATIONS = {
    REMOVED: "removed",
    RELABELLED: "the new label holds",
    KEPT: "kept, and not used",
    NEVER_HELD: "never held",
}
SILENT = "silent"
"""Of who owes a word that it applied, and has said none; no act says it."""
KEEPING = {
    "legal_hold": "the law forbids to remove it",
    "evidence": "it is evidence",
}

FEEDBACK = {
    "seen": "seen",
    "false_positive": "false positive",
    "expired": "expired",
    "useful": "useful",
}

WIDEN, FORWARD = "widen", "forward"
ASKS = {
    WIDEN: "a wider label",
    FORWARD: "permission to forward it",
}

YES, NO = "yes", "no"
ANSWERS = {
    YES: "yes",
    NO: "no",
}

MOST_DAYS = 3660
"""Ten years: what is kept for longer has no term."""
