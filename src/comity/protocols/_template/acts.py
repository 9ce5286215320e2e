"""The acts, one frozen type per kind. Attributes are coded and signed in the header.

Replace them with your own. What decides is coded: no free text, no personal data. What people
write is content, declared beside the attributes, and no rule can read it.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Text
from comity.kernel.protocol import Field, Refs

TITLE = Field("title", Text(most=200, lines=False), "Title", title=True, search=True)
TEXT = Field("text", Text(), "Text", required=False, search=True)
WORDS = {"agree": "agree", "object": "object"}


@declare(
    "charter",
    label="Put a question",
    caption="Question · put by {by:party} · {at:day} · {act:act}",
    help="Say in a sentence what opening this does.",
    content=(TITLE, TEXT),
)
class Open(Coded):
    """The opening; attributes here are the charter's terms."""


@declare(
    "say",
    label="Say",
    caption="{by:party}: {word}",
    help="Say in a sentence what this act does.",
    content=(TEXT,),
    refs=Refs(("charter",), "The question", most=1),
)
class Say(Coded):
    """A party's word on the question; a later word takes the place of the earlier."""

    word: str = coded(Code(WORDS), "Your word")


ACTS = (Say,)
read = reader(Open, *ACTS)
