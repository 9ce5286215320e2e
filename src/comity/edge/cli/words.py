"""How things are written for people: ids, instants, sizes, labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from comity.engines.instants import plain
from comity.kernel.errors import Refusal
from comity.kernel.label import PAP, TLP, Footing
from comity.services.identity.find import SHORT

if TYPE_CHECKING:
    from comity.bridges.stix.record import Flaw

T = TypeVar("T", TLP, PAP, Footing)

TLP_WORDS = {tlp: tlp.written for tlp in TLP}
TLP_MEANS = {
    TLP.CLEAR: "anyone may see it",
    TLP.GREEN: "they may pass it on to parties they have accredited",
    TLP.AMBER: "they may pass it on within their own constituency, where needed",
    TLP.AMBER_STRICT: "it stays within their own organisations",
    TLP.RED: "only the persons listed, on pages, never by machines",
}
PAP_WORDS = {
    PAP.CLEAR: "PAP:CLEAR",
    PAP.GREEN: "PAP:GREEN",
    PAP.AMBER: "PAP:AMBER",
    PAP.RED: "PAP:RED",
}
FOOTING_WORDS = {
    Footing.FORMAL: "formal",
    Footing.TECHNICAL: "technical",
    Footing.WITHOUT_PREJUDICE: "without prejudice",
}


def short(id_: str) -> str:
    """Return an id as people are shown it."""
    return id_[:SHORT]


def instant(time: int | None) -> str:
    """Return an instant as the command line writes it, or that there is none."""
    if time is None:
        return "no date"
    return plain(time)


def size(count: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def flaw(told: Flaw) -> str:
    """Return what is wrong with an object: which, where, why, and by which rule, on one line."""
    where = " ".join(filter(None, (told.id, told.path)))
    return " ".join(f"{where}: {told.reason} ({told.rule})".split())


def read_tlp(text: str) -> TLP:
    """Return the level a person wrote: ``amber+strict``, ``TLP:AMBER``. Raises Refusal S4."""
    return _read(text.removeprefix("TLP:").removeprefix("tlp:"), TLP_WORDS, "--tlp")


def read_pap(text: str) -> PAP:
    """Return the level a person wrote. Raises Refusal S4."""
    return _read(text.removeprefix("PAP:").removeprefix("pap:"), PAP_WORDS, "--pap")


def read_footing(text: str) -> Footing:
    """Return the footing a person wrote: ``without prejudice``. Raises Refusal S4."""
    return _read(text, FOOTING_WORDS, "--footing")


def _read(text: str, words: Mapping[T, str], option: str) -> T:
    wanted = _plain(text)
    for value, word in words.items():
        if _plain(word.partition(":")[2] or word) == wanted:
            return value
    known = ", ".join((word.partition(":")[2] or word).lower() for word in words.values())
    raise Refusal("S4", f"{option} is one of: {known}.", text)


def _plain(text: str) -> str:
    return re.sub("[^a-z]", "", text.lower())
