"""What people write in a disclosure. It travels beside what is coded, and no rule reads it."""

from comity.kernel.fieldtypes import Text
from comity.kernel.protocol import Field
from comity.protocols._vocabulary import words

TITLE = words.title(
    "A few words by which people will recognise the case. Like all that is written about the "
    "vulnerability, only who agreed to terms is given them."
)
TEXT = words.TEXT
REPORT = Field(
    "text",
    Text(),
    "What is weak, and how you know",
    "Which products, how it shows, and what it lets somebody do.",
    search=True,
)
REMARK = words.REMARK
EVIDENCE = Field(
    "text",
    Text(),
    "What you rest it on",
    "What you saw and when, or who told you.",
    search=True,
)
OPEN_REMARK = Field(
    "text",
    Text(most=4000),
    "Text",
    "All members are given this, also those who agreed to nothing: say nothing of the "
    "vulnerability itself.",
    required=False,
)
OPEN_TEXT = Field(
    "text",
    Text(most=4000),
    "Text",
    "All members are given this, also those who agreed to nothing: say nothing of the "
    "vulnerability itself.",
)
PLACES = Field("text", Text(), "Where it is published", "Addresses, one a line.", search=True)
