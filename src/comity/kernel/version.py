"""The version of the format: one number in all that is signed, sealed, derived or exchanged.

Frozen as version 1 (ADR 0034). A later version stands beside it, with payload types and domain
strings of its own; version 0 was never released, and nothing reads it.
"""

from __future__ import annotations

from comity.kernel.errors import Phrase, Refusal

VERSION = 1


def require_known(told: object, what: str) -> None:
    """Refuse the version ``told`` of a ``what`` when it is another than this program's.

    What is no number of a version passes, to be refused as any other field of a wrong type. Raises
    Refusal K17 (a later version: this program has to be upgraded) or K19 (version 0: its sender
    has to be).
    """
    if type(told) is not int:
        return
    if told > VERSION:
        said = Phrase(
            "The {what} is of format version {told}; this program knows {known}.",
            what=what,
            told=told,
            known=VERSION,
        )
        raise Refusal("K17", said)
    if told == 0:
        raise early()


def early(subject: str = "") -> Refusal:
    """Return the refusal of what is of version 0, to be raised."""
    return Refusal(
        "K19",
        "It is of format 0, which was given up before the first release; no program reads it any "
        "more. Ask its sender to run a current program, and to sign it anew.",
        subject,
    )
