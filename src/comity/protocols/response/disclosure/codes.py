"""The codes of disclosures, each with its English label. Codes are signed, and frozen."""

from comity.protocols._vocabulary import linking

FINDER, VENDOR, COORDINATOR = "finder", "vendor", "coordinator"
ROLES = {
    FINDER: "finder",
    VENDOR: "vendor",
    COORDINATOR: "coordinator",
    "deployer": "operator of the product",
    "other": "another part",
}

RECEIVED, VALID, INVALID = "received", "valid", "invalid"
ACCEPTED, DEFERRED, CLOSED = "accepted", "deferred", "closed"
STAGES = {
    RECEIVED: "received",
    VALID: "found valid",
    INVALID: "found not valid",
    ACCEPTED: "accepted, we work on it",
    DEFERRED: "deferred, we do not work on it now",
    CLOSED: "closed",
}

WORDS = {
    "affected": "affected",
    "not_affected": "not affected",
    "investigating": "we are looking into it",
    "unknown": "not known",
}

READY, DEPLOYED = "ready", "deployed"
FIXES = {
    READY: "a fix is ready",
    DEPLOYED: "the fix is deployed",
}

PUBLIC, EXPLOIT, ATTACK = "public", "exploit", "attack"
CLAIMS = {
    PUBLIC: "the vulnerability is known to the public",
    EXPLOIT: "an exploit is known to the public",
    ATTACK: "attacks were seen",
}

OWN = "own"
BASES = {
    OWN: "we observed it ourselves",
    "source": "a source told us",
}

USES = {
    "defence": "for defence only",
}

NO_DUTY = "none"
DUTIES = {
    NO_DUTY: "none that we know of",
    "csirt": "to a national CSIRT",
    "government": "to another body of a government",
    "regulator": "to a regulator or supervisor",
    "police": "to the police or a prosecutor",
    "customers": "to customers",
    "market": "to a securities market",
    "other": "to others, as described",
}

REFUSALS = {
    "too_long": "it lasts too long",
    "too_short": "it is too short",
    "law": "the law does not let us",
    "not_for_us": "it is not for us",
    "no_mandate": "it is outside our mandate",
    "not_stated": "we do not say why",
}

ENDINGS = {
    "law": "the law obliges us",
    "safety": "people are at risk",
    "known": "too many know of it",
    "mended": "it is mended",
    "delay": "it has taken too long",
    "not_stated": "we do not say why",
}

RELATIONS = {**linking.RELATIONS, "duplicate_of": "about the same flaw as it"}

HOUR = 3_600_000
DAY = 24 * HOUR
"""Milliseconds."""
SHORTEST, LONGEST = DAY, 366 * DAY
"""How long an embargo lasts from its proposal, at least and at most."""
