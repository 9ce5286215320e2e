"""The codes of incidents, each with its English label. Codes are signed, and frozen.

``VERBS`` are the expectations of IODEF (RFC 7970 section 3.15) as they are spelled there, without
its ``ext-value``. What describes the incident itself is in ``effects``.
"""

NOTHING = "nothing"
"""The verb that asks for nothing, so that nothing is owed."""

VERBS = {
    NOTHING: "nothing, for information",
    "contact-source-site": "contact the sites that are sources",
    "contact-target-site": "contact the sites that are targets",
    "contact-sender": "contact the sender",
    "investigate": "investigate the systems named",
    "block-host": "block traffic from the hosts named",
    "block-network": "block traffic from the networks named",
    "block-port": "block the ports named",
    "rate-limit-host": "limit traffic from the hosts named",
    "rate-limit-network": "limit traffic from the networks named",
    "rate-limit-port": "limit traffic on the ports named",
    "redirect-traffic": "redirect the traffic for analysis",
    "honeypot": "redirect the traffic to a honeypot",
    "upgrade-software": "upgrade or patch the software",
    "rebuild-asset": "reinstall the assets named",
    "harden-asset": "change configuration to reduce exposure",
    "remediate-other": "remedy it in another way",
    "status-triage": "confirm receipt and begin triage",
    "status-new-info": "tell us when there is news",
    "watch-and-report": "watch for it and tell us when seen",
    "training": "train users to recognise it",
    "defined-coa": "follow the agreed course of action",
    "other": "something else, as described",
}
DEEDS = {code: label for code, label in VERBS.items() if code != NOTHING}
"""What one can offer, or be about to do."""

ACKNOWLEDGED = {
    "read": "read",
    "understood": "understood",
    "acting": "acting on it",
}

PURPOSES = {
    "protection": "protection",
    "restoration": "restoration of services",
    "investigation": "technical investigation",
    "preservation": "preservation of data",
    "public_warning": "warning of the public",
    "prosecution": "prosecution",
}

NORM_H, NORM_C = "norm_h", "norm_c"
FORMS = {
    NORM_H: "for critical infrastructure under attack (norm h)",
    NORM_C: "about wrongful use of territory (norm c)",
}
"""The norms of responsible State behaviour, by their letters in A/70/174 paragraph 13."""

USES = {
    "command": "machines that control others",
    "attack": "traffic of an attack",
    "hosting": "hosting of malicious files or pages",
    "relaying": "relaying of traffic",
    "staging": "storing of what was taken",
    "other": "another use, as described",
}

BASES = {
    "courtesy": "as a courtesy",
    "norms": "norms of responsible behaviour",
    "agreement": "an agreement between us",
    "regional": "rules of a regional organisation",
    "treaty": "a treaty",
    "law": "our law",
}

WILL, DONE, PARTLY, CANNOT = "will", "done", "partly", "cannot"
RESULTS = {
    WILL: "we will",
    DONE: "done",
    PARTLY: "partly done",
    CANNOT: "cannot be done",
}

REASONS = {
    "ongoing": "work goes on",
    "not_in_our_reach": "it is not in our reach",
    "more_information_needed": "we need more information",
    "no_capacity": "we lack the people or means now",
    "no_mandate": "it is outside our mandate",
    "law": "the law does not let us",
    "other_channel": "another channel is the right one",
    "not_stated": "we do not say why",
}

TURNED_DOWN = {
    "not_needed": "it is not needed now",
    "helped": "others help already",
    "conditions": "for its conditions",
    "law": "the law does not let us",
    "not_stated": "we do not say why",
}

HELP = {
    "helped": "it helped",
    "partly": "it helped in part",
    "not": "it did not help",
    "withdrawn": "no longer needed",
}

EVENTS = {
    "first_compromise": "first compromise",
    "spread": "spread",
    "detection": "detection",
    "report": "report to us or by us",
    "effect": "effect on services or data",
    "containment": "containment",
    "eradication": "eradication",
    "recovery": "recovery",
    "other": "something else, as described",
}

OPEN, DOING, TASK_DONE, DROPPED = "open", "doing", "done", "dropped"
PROGRESS = {
    OPEN: "to be done",
    DOING: "being done",
    TASK_DONE: "done",
    DROPPED: "dropped",
}

OUTCOMES = {
    "resolved": "resolved",
    "mitigated": "mitigated, the cause remains",
    "no_incident": "found to be no incident",
    "moved": "continued elsewhere",
    "unresolved": "closed without a solution",
}

HOUR = 3_600_000
"""Milliseconds."""
WHETHER_HOURS = 8
"""Within which the asked says whether it will help, unless the ask says otherwise: the clock of
Directive 2013/40/EU, Article 13(1).
"""
MOST_INTENTS = 32
"""The most intentions that a party has at once."""
