"""What people write in a consultation. It travels beside what is coded, and no rule reads it."""

from __future__ import annotations

from comity.kernel.fieldtypes import Text
from comity.kernel.protocol import Field
from comity.protocols._vocabulary import words

TEXT = words.TEXT
QUESTION = Field(
    "question",
    Text(most=2000),
    "Question",
    "One question that can be answered by yes, no, not known or cannot say.",
    search=True,
)
REMARK = words.REMARK
OPENING = (
    words.title("A few words by which people will recognise it. Name no party in them."),
    Field("seen", Text(), "What is seen", "What you observed yourselves, and when.", search=True),
    Field("unknown", Text(), "What is not known", "What you looked for and did not find out."),
    Field(
        "explanations",
        Text(),
        "Other explanations considered",
        "What else would explain it: an error, a test, somebody who passes through.",
    ),
    Field("harm", Text(), "Harm", "What it does, or could do; write so when there is none."),
    Field(
        "confidence",
        Text(most=2000),
        "How sure you are",
        "In words, as likely, unlikely or we cannot tell, and what they rest on.",
    ),
    QUESTION,
    Field("helps", Text(), "What would help", "What you would ask for.", required=False),
)
"""The self-check before a consultation is opened; all of it reaches who is asked."""

MEASURES = Field("measures", Text(), "Measures taken", "What you did about it.", required=False)
