"""Names that look alike: a party that calls itself as another does is told apart from it.

A party names itself, in any script, and nobody grants names. Two that a reader could take for one
another are shown with the first digits of their fingerprints behind the name, all but this party's
own. That is a help for the eye: who a party is, its whole fingerprint says.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from comity.kernel.ids import PartyId, fingerprint

if TYPE_CHECKING:
    from comity.store.access.parties import PartyRow

DIGITS = 11
"""How much of a fingerprint stands behind a name: two groups of five digits."""

# Letters that are drawn like Latin ones, as those of UTS 39; capitals first, since some of them are
# drawn like another letter than their small form.
_DRAWN = str.maketrans(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03b1\u03b5\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408\u04c0"
    "\u0430\u0435\u043a\u043c\u043e\u043f\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u04bb\u04cf"
    "\u0501\u051b\u051d\u0475\u0433\u0578\u057d\u0585\u0131\u01c0"
    "\u0111\u0127\u0142\u00f8\u0167\u0251\u0261"
    "\u1d04\u1d0f\ua731\u1d20\u1d21\u1d22",
    "ABEZHIKMNOPTYXaenikvoptuxABEKMHOPCTYXSIJIaekmonpctyxsijhidqwvrnuoildhlotagcosvwz",
)
_LIKE_L = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})
_UNSEEN = re.compile(r"[\W_]")
# Letters of Hangul that fill a place and show nothing.
_FILLERS = frozenset("\u115f\u1160")
_TOLD = re.compile(r"(\s*[(\[{\u2983\u3010\u3014][\d\s]*[)\]}\u2984\u3011\u3015])+\s*$")
"""What a party may write behind its name as if it was told apart."""


@lru_cache(4096)
def looks(name: str) -> str:
    """Return what a name looks like at a glance: names that look alike give the same."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not _is_nothing(sign))
    drawn = _TOLD.sub("", bare).translate(_DRAWN).casefold().translate(_DRAWN).translate(_LIKE_L)
    plain = _UNSEEN.sub("", drawn).replace("rn", "m").replace("vv", "w")
    return plain or name


def _is_nothing(sign: str) -> bool:
    """Say whether nothing of its own is seen of a sign."""
    said = unicodedata.category(sign)
    return said in {"Mn", "Me", "Cf", "Cc"} or sign in _FILLERS


def told_apart(rows: Iterable[PartyRow]) -> dict[str, str]:
    """Return what each party is called here, by id: as it names itself, where no other looks so."""
    known = [*rows]
    many = Counter(looks(row.name) for row in known)
    return {row.id: _called(row, many[looks(row.name)]) for row in known}


def _called(row: PartyRow, alike: int) -> str:
    if not row.name:
        return row.id[:8]
    if row.is_self or alike == 1:
        return row.name
    return f"{row.name} ({fingerprint(PartyId(row.id))[:DIGITS]})"
