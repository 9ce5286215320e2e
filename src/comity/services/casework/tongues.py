"""What languages are called, and whether who reads one reads a text in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf.locale import LANG_INFO

from comity.kernel.language import spelled

if TYPE_CHECKING:
    from collections.abc import Callable


def named(tag: str, say: Callable[[str], str] = str) -> str:
    """Return what a language is called: ``French``; with its tag where that says more.

    ``say`` translates an English name. A language without a name here is called by its tag.
    """
    parts = tag.lower().split("-")
    for length in range(len(parts), 0, -1):
        name = LANG_INFO.get("-".join(parts[:length]), {}).get("name")
        if name:
            return say(name) if length == len(parts) else f"{say(name)} ({tag})"
    return tag


def is_from_right(tag: str) -> bool:
    """Say whether a language is written from the right."""
    known = (LANG_INFO.get(part, {}) for part in (tag.lower(), tag.lower().partition("-")[0]))
    return any(each.get("bidi", False) for each in known)


def reads(reader: str, tag: str) -> bool:
    """Say whether who reads the language ``reader`` reads a text in ``tag``.

    Either may say more than the other, as ``en-GB`` of ``en``; ``zh-Hant`` is none of ``zh-Hans``.
    """
    one, other = f"{spelled(reader)}-", f"{tag}-"
    return one.startswith(other) or other.startswith(one)
