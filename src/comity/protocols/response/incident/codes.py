"""The codes of incidents, each with its English label. Codes are signed, and frozen.

``VERBS`` are the expectations of IODEF (RFC 7970 section 3.15) as they are spelled there, without
its ``ext-value``.
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

ACKNOWLEDGED = {
    "read": "read",
    "understood": "understood",
    "acting": "acting on it",
}

DONE, PARTLY, CANNOT = "done", "partly", "cannot"
RESULTS = {
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
    "not_stated": "we do not say why",
}

OUTCOMES = {
    "resolved": "resolved",
    "mitigated": "mitigated, the cause remains",
    "no_incident": "found to be no incident",
    "moved": "continued elsewhere",
    "unresolved": "closed without a solution",
}
