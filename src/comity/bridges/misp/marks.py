"""Tags of TLP and PAP and the markings of STIX, in both directions, never to the looser.

Of two tags the stricter holds; what an event says holds for all that is in it. A tag that names no
colour known here marks nothing, and what is unmarked is AMBER to whoever takes it in.

A distribution is no label, but two of them say a limit that a label must not undo: 0, “your
organisation only”, and 4, the members of a sharing group. TLP has a word for that: AMBER+STRICT.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from comity.bridges.misp.shape import Element, elements, text
from comity.bridges.stix.inject import SERVED
from comity.bridges.stix.markings import PAP_IDS
from comity.kernel.label import PAP, TLP

_PAP_IDS = {pap: id_ for id_, pap in PAP_IDS.items()}
NARROW = {"0": TLP.AMBER_STRICT, "4": TLP.AMBER_STRICT}
"""The distributions that say a limit, and the label that says it too."""
NAMESPACE = bytes.fromhex("4fa3c0de5a4e5d0e9d0ac0d0f7b0a931")
"""The namespace of the UUIDs that are made here; frozen."""
_L = TypeVar("_L", TLP, PAP)
_TAG = re.compile(r'(tlp|pap)[:=]"?([a-z+_ -]+?)"?')
_TLP = {
    "white": TLP.CLEAR,
    "clear": TLP.CLEAR,
    "green": TLP.GREEN,
    "amber": TLP.AMBER,
    "amber+strict": TLP.AMBER_STRICT,
    "red": TLP.RED,
}
_PAP = {
    "white": PAP.CLEAR,
    "clear": PAP.CLEAR,
    "green": PAP.GREEN,
    "amber": PAP.AMBER,
    "red": PAP.RED,
}


class Marks(NamedTuple):
    """What an element is marked with; None where it says nothing."""

    tlp: TLP | None = None
    pap: PAP | None = None

    def join(self, other: Marks) -> Marks:
        """Return the strictest of each."""
        return Marks(_strictest(self.tlp, other.tlp), _strictest(self.pap, other.pap))

    def refs(self) -> list[str]:
        """Return the ids of the markings that say it."""
        found = [SERVED[self.tlp]] if self.tlp else []
        return found + ([_PAP_IDS[self.pap]] if self.pap else [])


def _strictest(one: _L | None, other: _L | None) -> _L | None:
    return max((each for each in (one, other) if each), default=None)


def of_tag(name: str) -> Marks:
    """Return what one tag marks, however it is written: ``TLP:RED``, ``tlp:amber+strict``."""
    plain = unicodedata.normalize("NFKC", name).strip().lower().replace(" ", "")
    found = _TAG.fullmatch(plain)
    if not found:
        return Marks()
    colour = re.sub("[_-]", "+", found[2])
    return Marks(_TLP.get(colour)) if found[1] == "tlp" else Marks(pap=_PAP.get(colour))


def of_tags(names: Iterable[str]) -> Marks:
    """Return the strictest of what tags mark."""
    found = Marks()
    for name in names:
        found = found.join(of_tag(name))
    return found


def of_element(element: Element, taken: Iterable[str] = ()) -> Marks:
    """Return what the tags and the distribution of an element mark, and of all that is in it.

    Notes of analysts and clusters have tags and distributions of their own, and are kept with the
    element. ``taken`` names what is not, as it becomes objects of its own. Raises Refusal X51.
    """
    found = of_tags(names(element)).join(Marks(NARROW.get(text(element, "distribution"))))
    inside = [value for name, value in element.items() if name not in taken]
    while inside:
        value = inside.pop()
        if isinstance(value, dict):
            found = found.join(_inside(value))
            inside.extend(value.values())
        elif isinstance(value, list):
            inside.extend(value)
    return found


def _inside(value: Element) -> Marks:
    """Return what something within an element marks, which need not have the form of one."""
    tag, distribution = value.get("name"), value.get("distribution")
    found = of_tag(tag) if isinstance(tag, str) and len(tag) < 100 else Marks()
    return found.join(Marks(NARROW.get(str(distribution))))


def names(element: Element) -> list[str]:
    """Return the names of an element's tags."""
    return [text(tag, "name") for tag in elements(element, "Tag")]


def raised(element: Element, wanted: Marks) -> list[Any]:
    """Return an element's tags such that they say ``wanted`` or stricter.

    The looser tags go, and one comes.
    """
    tags = elements(element, "Tag")
    said = of_tags(names(element))
    kept = [tag for tag in tags if of_tag(text(tag, "name")) == Marks()]
    return kept + [{"name": name} for name in tags_of(said.join(wanted))]


def tags_of(marks: Marks) -> list[str]:
    """Return the tags by which MISP says it."""
    found = [f"tlp:{marks.tlp.value.replace('_', '+')}"] if marks.tlp else []
    return found + ([f"PAP:{marks.pap.name}"] if marks.pap else [])


def made(*parts: str) -> str:
    """Return the UUID (version 5) that is made of ``parts``, the same in every run."""
    digest = hashlib.sha1(NAMESPACE + "\n".join(parts).encode(), usedforsecurity=False).digest()
    raw = int.from_bytes(digest[:16], "big")
    raw = raw & ~(0xF000 << 64) | (5 << 76)
    raw = raw & ~(0xC000 << 48) | (0x8000 << 48)
    hexed = f"{raw:032x}"
    return "-".join((hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:]))
