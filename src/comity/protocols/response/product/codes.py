"""The codes of joint products, each with its English label. Codes are signed, and frozen."""

PRODUCTS = {
    "warning": "warning",
    "advisory": "advisory",
    "statement": "statement",
}

FULL, PART, NONE, NO_POSITION = "concur", "in_part", "dissent", "no_position"
POSITIONS = {
    FULL: "we concur",
    PART: "we concur, but for the paragraphs named",
    NONE: "we dissent",
    NO_POSITION: "we take no position",
}

REASONS = {
    "error": "it holds an error",
    "outdated": "it is out of date",
    "asked": "because others asked for it",
    "not_stated": "we do not say why",
}
