"""The codes of reporting files, each with its English label. Codes are signed, and frozen."""

EVENTS = {
    "aware": "we became aware of it",
    "believed": "we had reason to believe that it happened",
    "noticed": "we noticed it, or were told of it",
    "classified": "we classified it as one to report",
    "materiality": "we determined that it is material",
    "payment": "a ransom was paid",
    "measure_available": "a corrective measure was available",
    "handled": "it was handled",
    "received": "we received an early warning",
    "asked": "we were asked",
}
"""From what clocks are counted."""

BASES = {
    "bound": "we are bound by it",
    "agreed": "we agreed to it",
    "precaution": "as a precaution, until that is known",
}

EXEMPTIONS = {
    "not_bound": "we are not bound by it",
    "below_threshold": "the incident is below its threshold",
    "no_personal_data": "no personal data are concerned",
    "other_regime": "another regime takes its place",
    "other_party": "another party reports it",
    "not_stated": "we do not say why",
}

RESULTS = {
    "received": "received",
    "guidance": "received, with advice",
    "questions": "received, with questions",
    "complete": "nothing more is needed",
}

ENDS = {
    "settled": "nothing more is to be reported",
    "mistake": "opened by mistake",
}
