"""The acts of a notarisation. The file's hash is coded and signed; the file itself stays where it
is, unless the party keeps it with the act.

The id of the act commits to salted content beside the hash, so that a log says nothing of which
files were notarised, not even to who has such a file and guesses.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Hex, Text, Whole
from comity.kernel.ids import Id
from comity.kernel.protocol import Field, Files, Refs

NAME = Field(
    "name",
    Text(most=255, lines=False),
    "Name",
    "What the file is called here. It is content: it is shown only if you show it.",
    title=True,
    search=True,
)
REMARK = Field("text", Text(), "Text", required=False, search=True)


@declare(
    "charter",
    label="Notarise a file",
    caption="File notarised by {by:party} · {at:day} · {act:act}",
    help="State that this party holds a file, so that anyone can check when it said so.",
    content=(NAME,),
    files=Files.MAY,
    timed=True,
)
class Notarise(Coded):
    """The statement: the file's SHA-256 and its size in bytes."""

    sha256: Id = coded(Hex("file"), "SHA-256 of the file")
    size: int = coded(Whole(), "Size in bytes")


@declare(
    "renew",
    label="State it again",
    caption="{by:party} stated it again",
    help="State that the file is still held, with the keys and witnesses of today.",
    content=(REMARK,),
    refs=Refs(("charter",), "The notarisation", most=1),
    timed=True,
)
class Renew(Coded):
    """The same statement later: evidence outlives keys when it is renewed before they fall."""


ACTS = (Renew,)
read = reader(Notarise, *ACTS)
