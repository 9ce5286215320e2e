"""How the kernel's own kinds are told and filled in: declarations like those of a protocol.

What a body of theirs must be is the kernel's (``kernel.kinds``); here stand the words, and the
fields of the acts that a person issues.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from comity.kernel.fieldtypes import Code, Handle, Hex, Language, Many, Party, Text
from comity.kernel.kinds import MACHINE, MAX_RELEASED, OFFICIAL, UNOFFICIAL
from comity.kernel.protocol import ActKind, Field, Files

if TYPE_CHECKING:
    from collections.abc import Collection

    from comity.kernel.canon import Object

REASONS = {
    "mistake": "sent by mistake",
    "personal_data": "personal data",
    "law": "required by law",
    "agreement": "agreed between us",
    "retention": "kept long enough",
    "other": "another reason",
}
STAGES = {"asked": "asks the others to erase", "applied": "erased", "refused": "keeps"}

TEXT = Field("text", Text(), "Text", search=True)
LANGUAGE = Field(
    "lang",
    Language(),
    "Language of the text",
    "Its tag, as ar, en or zh-Hans. Readers of other languages are told which it is.",
    required=False,
)
"""Goes with the words of any kind, and into the manifest beside them."""

INVITE = ActKind(
    "invite",
    "Invite a party",
    "{by:party} invited {party}",
    (Field("party", Party(), "Whom you invite"),),
    help="Invite a party to join. It sees the opening and may then join or decline.",
)
JOIN = ActKind(
    "join",
    "Join",
    "{by:party} joined",
    (Field("invite", Hex(), "Invitation", "The invitation that you take up."),),
    help="Become a member. Members see who says what from then on.",
)
DECLINE = ActKind(
    "decline",
    "Decline",
    "{by:party} declined to take part",
    (Field("invite", Hex(), "Invitation", "Leave it out as a founding member.", required=False),),
)
LEAVE = ActKind("leave", "Leave", "{by:party} left", help="Take no further part.")
NOTE = ActKind("note", "Write a note", "{by:party} wrote a note", content=(TEXT,), files=Files.MAY)
RELEASE = ActKind(
    "release",
    "Release earlier content",
    "{by:party} released earlier content to {to}",
    (
        Field(
            "acts",
            Many(Hex(), MAX_RELEASED),
            "Messages",
            "Messages of your own, separated by commas.",
        ),
        Field("to", Party(), "To whom"),
    ),
    help="Give what you said before a member joined to that member.",
)
ERASE = ActKind(
    "erase",
    "Erase content",
    "{by:party} {stage} {act}",
    (
        Field("act", Hex(), "Message"),
        Field("stage", Code(STAGES), "Step"),
        Field("reason", Code(REASONS), "Reason"),
    ),
    help="Ask the others to erase the content of a message of yours, or answer such a wish.",
)
EVIDENCE = ActKind("evidence", "Add evidence", "{by:party} added evidence for a message")
RECORD = ActKind(
    "record",
    "Record for a guest",
    "{by:party} recorded what a guest did",
    (
        Field("letter", Hex(), "Letter", "A message of yours that the guest answers or follows."),
        Field("guest", Handle(), "Guest", "A handle, as finder_1: never a name or an address."),
    ),
    help="State what a guest of yours did, who has no node. Others see it as said by your guest.",
)
"""Its form; ``record_of`` adds that of the recorded act."""
MAIL = Field(
    "mail",
    Text(most=400, lines=False),
    "Guest, by mail to",
    "Whom you reached, and where. It is content: it is shown to members, and can be erased.",
    required=False,
)
"""Content beside that of the recorded act: who the guest is stands nowhere else."""


AS = {
    OFFICIAL: "official: by the party that wrote the original",
    UNOFFICIAL: "unofficial: a help for readers",
    MACHINE: "machine: checked by nobody",
}
TRANSLATION = ActKind(
    "translation",
    "Translate",
    "{by:party} translated {act} into {lang}",
    (
        Field("act", Hex(), "Message"),
        Field("lang", Language(), "Into which language", "Its tag, as ar, en or zh-Hans."),
        Field("as", Code(AS), "What this translation is"),
    ),
    help="Give the words of a message in another language. The original stays beside them.",
)
"""Its form; ``translation_of`` adds the words of what is translated."""


def translation_of(kind: ActKind, names: Collection[str], *, own: bool) -> ActKind:
    """Return the translation of an act of ``kind`` with words in the fields ``names``: the same
    words, all of them; only an ``own`` one may be called official.
    """
    able = Code({code: words for code, words in AS.items() if own or code != OFFICIAL})
    return replace(
        TRANSLATION,
        body=(*TRANSLATION.body[:-1], replace(TRANSLATION.body[-1], type=able)),
        content=tuple(
            replace(f, required=True, when=None, title=False)
            for f in kind.content
            if f.name in names
        ),
    )


def record_of(kind: ActKind) -> ActKind:
    """Return the record of an act of ``kind``: the same form, and whose guest did it by what."""
    return replace(
        kind,
        kind=RECORD.kind,
        label=f"{RECORD.label}: {kind.label}",
        body=(*RECORD.body, *kind.body),
        content=(*kind.content, MAIL),
        help=RECORD.help,
    )


def record_body(kind: str, filled: Object) -> Object:
    """Return the body of a record of ``kind`` from its filled form."""
    outer = {field.name for field in RECORD.body}
    inner: Object = {name: value for name, value in filled.items() if name not in outer}
    return {n: v for n, v in filled.items() if n in outer} | {"kind": kind, "body": inner}


KERNEL_ACTS = {
    kind.kind: kind
    for kind in (INVITE, JOIN, DECLINE, LEAVE, NOTE, RELEASE, ERASE, EVIDENCE, RECORD, TRANSLATION)
}
"""Every kernel kind but the charter, which its protocol declares."""
FILLED_IN = (INVITE, JOIN, DECLINE, LEAVE, NOTE, RELEASE, ERASE)
"""Those that a person issues by a form of their own; a record has that of the recorded act."""
