"""What people write in an incident. It travels beside what is coded, and no rule reads it."""

from __future__ import annotations

from comity.kernel.fieldtypes import Text
from comity.kernel.protocol import Field
from comity.protocols._vocabulary import words

TEXT = words.TEXT
REMARK = words.REMARK
TITLE = words.title("A few words by which people will recognise the incident.")
TOPIC = Field(
    "title",
    Text(most=200, lines=False),
    "Title",
    "A few words: what the messages under it are about.",
    search=True,
)
TASK = Field("title", Text(most=200, lines=False), "What is to be done", search=True)
INFRASTRUCTURE = Field(
    "infrastructure",
    Text(),
    "Where it seems to come from",
    "Addresses, networks and services. Not who: that is not asked.",
    required=False,
    search=True,
)
OBSERVABLES = Field(
    "observables",
    Text(most=4000),
    "Targets",
    "One a line: addresses, ranges, domains, links, mail addresses or hashes of files.",
    search=True,
)
