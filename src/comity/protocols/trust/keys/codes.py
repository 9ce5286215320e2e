"""The codes of keys, each with its English label. Codes are signed, and frozen."""

ALGORITHMS = {
    "pgp4": "OpenPGP, version 4",
    "pgp6": "OpenPGP, version 6",
    "x509": "certificate (SHA-256)",
    "ssh": "SSH (SHA-256)",
    "other": "another key (SHA-256)",
}
LENGTHS = {"pgp4": 40, "pgp6": 64, "x509": 64, "ssh": 64, "other": 64}
"""The hexadecimal digits of a fingerprint, by algorithm."""

USES = {
    "email": "e-mail",
    "chat": "chat",
    "phone": "calls",
    "files": "documents and files",
    "access": "access to a service",
}

K0, K1, K2, K3 = LEVELS = ("k0", "k1", "k2", "k3")
"""The levels of evidence, from the lowest up: uploaded, domain, read aloud, in person."""
SAID = {
    K1: "K1: the domain agrees",
    K3: "K3: compared in person",
    K0: "K0: what we said before no longer holds",
}
"""The levels that a party states. K2 is only reached by reading aloud."""

PLACES = {
    "dns": "DNS over TLS",
    "security_txt": "security.txt",
    "wkd": "Web Key Directory",
}

COMPARED = {
    "qr": "QR code",
    "digits": "the whole fingerprint",
}

SAME, DIFFERENT = "same", "different"
HEARD = {
    SAME: "the same digits",
    DIFFERENT: "different digits",
}

REASONS = {
    "lost": "lost",
    "stolen": "stolen, or used by another",
    "replaced": "replaced by another key",
    "left": "its holder has left",
}
