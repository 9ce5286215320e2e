"""Points of contact: what they are for, what is known of them, and how they are reached.

``FIELDS`` are names of content as well: what stands in them are words, and personal data. They
have forms that bridges and engines read: ``languages`` are BCP 47 tags parted by commas, best
first; ``zone`` is an IANA name; ``hours`` are ``24/7`` or ``Mo-Fr 08:00-16:30; Sa 09:00-12:00``;
``holidays`` are ISO dates parted by commas; ``deputies`` one a line, in order, as ``name; phone;
email``; ``openpgp`` fingerprints, one a line.
"""

ROLES = {
    "diplomatic": "diplomatic",
    "technical": "technical",
    "law_enforcement": "law enforcement",
    "legal": "legal",
    "policy": "policy",
    "other": "other",
}

FIELDS = {
    "holder": "Name of the person or desk",
    "position": "Position",
    "institution": "Institution",
    "deputies": "Deputies",
    "email": "Mail",
    "phone": "Telephone",
    "phone_emergency": "Telephone outside hours",
    "chat": "Chat",
    "video": "Video",
    "address": "Postal address",
    "website": "Website",
    "languages": "Languages",
    "hours": "Hours of work",
    "zone": "Time zone",
    "holidays": "Holidays",
    "mandate": "Mandate",
    "constituency": "Constituency",
    "openpgp": "OpenPGP fingerprints",
    "other": "Anything else",
}

NODE = "node"
CHANNELS = {
    "email": "mail",
    "phone": "telephone",
    "phone_emergency": "telephone outside hours",
    "video": "video",
    "chat": "chat",
    NODE: "message to the node",
}
"""Ways to reach a contact; all but ``NODE`` are fields as well."""

PUBLIC, MEMBERS, NAMED, REQUEST = "public", "members", "named", "request"
VISIBILITIES = {
    PUBLIC: "everybody",
    MEMBERS: "members",
    NAMED: "the parties named",
    REQUEST: "on request",
}

OWN, MAIL, IMPORTED = "own", "mail", "imported"
SOURCES = {
    OWN: "nominated by its own authority",
    MAIL: "received by mail, and written in here",
    IMPORTED: "copied from a list that is public",
}

CATEGORIES = {
    "government_diplomatic": "government, diplomatic",
    "government_technical": "government, technical",
    "law_enforcement": "law enforcement",
    "intergovernmental": "intergovernmental organisation",
    "business": "business",
    "civil_society": "civil society",
    "technical_community": "technical community",
}
