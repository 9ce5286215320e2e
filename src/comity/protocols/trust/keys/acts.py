"""The acts by which parties show each other keys and record what speaks for them.

Attributes are coded and signed in the header. A person is a handle here; names are content.
"""

from __future__ import annotations

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Digits, Handle, Many, Party, Text
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Field, Files, Refs
from comity.protocols._vocabulary.words import REMARK, title
from comity.protocols.trust.keys.codes import (
    ALGORITHMS,
    COMPARED,
    HEARD,
    K1,
    K3,
    LENGTHS,
    PLACES,
    REASONS,
    SAID,
    USES,
)
from comity.protocols.trust.keys.words import NONCE

FINGERPRINT = Digits(tuple(sorted({*LENGTHS.values()})), "fingerprint")
NUMBER = Digits((2 * NONCE,), "nonce")
TITLE = title()
SHOWN = Refs(("show_key",), "Key", most=1)


def holder_of() -> str | None:
    """Declare who of its people does something for a party."""
    return coded(
        Handle(),
        "Who did it",
        "The handle of your colleague, as where you showed a key: never a name.",
        default=None,
    )


@declare(
    "charter",
    label="Show each other keys",
    caption="{by:party} opened it, to show each other keys",
    help="Show the keys of your people and desks, and record how you know that those of others "
    "are theirs.",
    content=(TITLE, REMARK),
)
class Open(Coded):
    """The opening; it has no terms."""


@declare(
    "show_key",
    label="Show a key",
    caption="{by:party} showed a key of {holder}: {algorithm}",
    help="Show a public key of one of your people or desks. Shown again, what you say last counts.",
    content=(
        Field(
            "key",
            Text(),
            "Public key",
            "As text, or add it as a file. Never a private key.",
            required=False,
        ),
        Field(
            "who",
            Text(most=200, lines=False),
            "Whose it is",
            "A name or a desk; it can be erased.",
            required=False,
        ),
        REMARK,
    ),
    files=Files.MAY,
)
class ShowKey(Coded):
    """A key of the author's: of the person or desk that it calls ``holder``."""

    algorithm: str = coded(Code(ALGORITHMS), "Kind of key")
    fingerprint: str = coded(
        FINGERPRINT, "Fingerprint", "All of it: 40 hexadecimal digits for OpenPGP 4, else 64."
    )
    holder: str = coded(
        Handle(), "Holder", "A handle that you give, as duty-1: never a name or an address."
    )
    uses: list[str] = coded(Many(Code(USES)), "For")


@declare(
    "verify",
    label="Say how you know a key",
    caption="{by:party} on a key: {level}",
    help="Record what speaks for a key of another party. What you say last counts. To read it "
    "aloud, begin on the page of keys.",
    content=(
        Field(
            "seen_there",
            Text(most=2000),
            "The domain, and what you saw there",
            "The official domain, and where you know it from.",
            required=False,
        ),
        REMARK,
    ),
    refs=SHOWN,
)
class Verify(Coded):
    """What the author knows a key of another party by; ``k0`` takes back all it had stated."""

    level: str = coded(Code(SAID), "How far")
    seen: list[str] | None = coded(
        Many(Code(PLACES), most=len(PLACES), least=2),
        "Where the domain agrees",
        "Two at least.",
        default=None,
        when=("level", (K1,)),
    )
    how: str | None = coded(
        Code(COMPARED), "What you compared", default=None, when=("level", (K3,))
    )
    witnesses: list[PartyId] | None = coded(
        Many(Party(), most=2), "Who stood by", "Two other parties at most.", default=None
    )
    holder: str | None = holder_of()


@declare(
    "commit_words",
    label="Begin to read a key aloud",
    caption="{by:party} began to read a key aloud with {to:party}",
    help="Choose a number and commit to it. The page of keys, and the command, do that for you.",
    content=(
        Field(
            "nonce",
            Text(most=2 * NONCE, lines=False),
            "Number",
            "It stays with you until it is told.",
            required=False,
        ),
    ),
    refs=SHOWN,
)
class CommitWords(Coded):
    """A commitment to a number toward ``to``; one of the two is the party whose key it is."""

    to: PartyId = coded(Party(), "With whom")
    commitment: str = coded(Digits((64,), "commitment"), "Commitment")
    holder: str | None = holder_of()


@declare(
    "answer_words",
    label="Answer with a number",
    caption="{by:party} answered with its number",
    help="Give a number that nobody could foresee. The page of keys, and the command, make one.",
    refs=Refs(("commit_words",), "What you answer", most=1),
)
class AnswerWords(Coded):
    """The number of who was asked, in 64 hexadecimal digits."""

    nonce: str = coded(NUMBER, "Number", "64 hexadecimal digits, drawn by chance.")
    holder: str | None = holder_of()


@declare(
    "reveal_words",
    label="Tell your number",
    caption="{by:party} told its number; both read aloud now",
    help="Tell the number that you committed to. The page of keys, and the command, know it.",
    refs=Refs(("answer_words",), "The other's number", most=1),
)
class RevealWords(Coded):
    """The number that was committed to. From here on both know what to read aloud."""

    nonce: str = coded(NUMBER, "Number", "The one that you committed to.")


@declare(
    "heard",
    label="Say what you heard",
    caption="{by:party} heard {word}",
    help="Say whether the other read the same digits as you see. If not, somebody may be between "
    "you.",
    content=(REMARK,),
    refs=Refs(("reveal_words",), "What was read", most=1),
)
class Heard(Coded):
    """Whether one of the two heard the digits that it saw."""

    word: str = coded(Code(HEARD), "You heard")


@declare(
    "revoke_key",
    label="Revoke a key",
    caption="{by:party} revoked a key: {reason}",
    help="Say that nobody is to rely on a key of yours any more. The others will be asked to "
    "acknowledge.",
    content=(
        Field(
            "revocation",
            Text(),
            "Revocation that was signed beforehand",
            "As text, or add it as a file, if there is one.",
            required=False,
        ),
        REMARK,
    ),
    refs=SHOWN,
    timed=True,
    files=Files.MAY,
)
class RevokeKey(Coded):
    """The end of a key of the author's. A later reason takes the place of the earlier."""

    reason: str = coded(Code(REASONS), "Why")


@declare(
    "acknowledge_revocation",
    label="Acknowledge a revocation",
    caption="{by:party} no longer relies on a key that was revoked",
    help="Say that you took the key out of use, wherever you had it.",
    content=(REMARK,),
    refs=Refs(("revoke_key",), "What was revoked"),
)
class AcknowledgeRevocation(Coded):
    """A person's word that a revoked key is out of use at the author's."""


ACTS = (
    ShowKey,
    Verify,
    CommitWords,
    AnswerWords,
    RevealWords,
    Heard,
    RevokeKey,
    AcknowledgeRevocation,
)
read = reader(Open, *ACTS)
