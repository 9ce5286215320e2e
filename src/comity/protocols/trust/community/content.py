"""What people write in a community. It travels beside what is coded, and no rule reads it.

Particulars of a contact are content, and personal data: there is a text for each of ``FIELDS``.
"""

from __future__ import annotations

from comity.kernel.fieldtypes import Text
from comity.kernel.protocol import Field
from comity.protocols._vocabulary import words
from comity.protocols._vocabulary.contacts import FIELDS

TEXT = words.TEXT
REMARK = words.REMARK
OPENING = (
    words.title("The name of the forum, or a few words by which people will recognise the list."),
    Field("purpose", Text(), "Purpose", "What it is for, and for whom.", search=True),
    Field("terms", Text(), "Terms of reference", "The rules agreed elsewhere.", required=False),
)
LINES = frozenset({"deputies", "address", "mandate", "constituency", "openpgp", "other"})
"""Particulars of more than one line."""
MOST, MOST_LONG = 400, 4000
"""Characters of a particular, of one line and of several."""
SEARCHED = frozenset({"holder", "position", "institution", "constituency"})
HELP = {
    "deputies": "One a line, in the order in which they are called: name; phone; mail.",
    "phone": "As +99 555 0100.",
    "phone_emergency": "As +99 555 0100, where it is answered when the desk is not.",
    "languages": "Their tags, best first, parted by commas: fr, ar, pt-BR.",
    "hours": "As 24/7, or Mo-Fr 08:00-16:30; Sa 09:00-12:00, by the clocks of the zone.",
    "zone": "Its name, as Africa/Accra.",
    "holidays": "Dates on which nobody answers, parted by commas: 2026-12-25, 2027-01-01.",
    "mandate": "What it may do and decide, in its own words.",
    "constituency": "Whom it answers for.",
    "openpgp": "One a line, in hexadecimal digits.",
}


def _particular(name: str, label: str) -> Field:
    many = name in LINES
    return Field(
        name,
        Text(most=MOST_LONG if many else MOST, lines=many),
        label,
        HELP.get(name, ""),
        required=False,
        search=name in SEARCHED,
    )


PARTICULARS = tuple(_particular(name, label) for name, label in FIELDS.items())
LEAVER = Field(
    "leaver",
    Text(most=400, lines=False),
    "Who leaves",
    "The name of the person who held it until now.",
    required=False,
)
WHO = Field("who", Text(most=2000), "Who applies", "Its name, seat and address.", search=True)
WHY = Field("why", Text(), "Why", "What it does, and what it wants to take part in.", search=True)
