"""TLP in advisories: TLP 1 in CSAF 2.0, TLP 2 in 2.1. No way in or out ever loosens a label."""

from __future__ import annotations

from comity.bridges.csaf.walk import Json
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP

_IN = {
    "WHITE": TLP.CLEAR,
    "CLEAR": TLP.CLEAR,
    "GREEN": TLP.GREEN,
    "AMBER": TLP.AMBER,
    "AMBER+STRICT": TLP.AMBER_STRICT,
    "RED": TLP.RED,
}
# TLP 1 has no AMBER+STRICT, and its AMBER lets clients read: what is next is RED.
_OUT = {
    "2.0": ("WHITE", "GREEN", "AMBER", "RED", "RED"),
    "2.1": ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"),
}


def read(doc: Json) -> TLP | None:
    """Return the label of a document whose structure was checked; None where it has none.

    What has none is held as AMBER, until its source says otherwise.
    """
    said = doc["document"].get("distribution", {}).get("tlp", {}).get("label")
    return _IN[said] if said else None


def of_word(word: object) -> TLP | None:
    """Return the label that a provider names for a list; None for UNLABELED and what is none."""
    return _IN.get(word) if isinstance(word, str) else None


def written(tlp: TLP, version: str) -> str:
    """Return the word for a label in a version of CSAF, never a wider one."""
    return _OUT[version][tlp.rank]


def require_not_wider(own: TLP | None, given: TLP, subject: str) -> None:
    """Raise Refusal X47 where an advisory is given a wider label than its own."""
    if own is not None and given < own:
        told = Phrase(
            "The advisory is TLP:{own}, and cannot be given out as TLP:{given}.",
            own=written(own, "2.1"),
            given=written(given, "2.1"),
        )
        raise Refusal("X47", told, subject)
