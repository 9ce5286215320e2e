"""Tags of languages: BCP 47, well-formed (RFC 5646 section 2.1), in one spelling.

Frozen. A tag is spelled as section 2.1.1 recommends: ``zh-Hans``, ``pt-BR``, ``sl-rozaj``. Those
that section 2.1 lists as irregular are refused, since each was replaced or names no language.
Whether the parts of a tag are registered is not asked: the registry grows, and acts stay.
"""

from __future__ import annotations

import re
from functools import lru_cache

LIMIT = 35
"""The longest tag, in characters: what RFC 5646 section 4.4.1 asks everyone to provide for."""
_PRIVATE = "x(-[a-z0-9]{1,8})+"
PATTERN = (
    "([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"
    "(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*"
    f"(-{_PRIVATE})?|{_PRIVATE}"
)

_TAG = re.compile(PATTERN)


def is_tag(value: object) -> bool:
    """Say whether ``value`` is a tag in its one spelling."""
    return isinstance(value, str) and len(value) <= LIMIT and _TAG.fullmatch(value) is not None


@lru_cache(maxsize=256)
def spelled(text: str) -> str:
    """Return a tag that was written in capitals or small letters as it is spelled.

    What is no tag comes back as something else that is none.
    """
    first, *rest = text.strip().replace("_", "-").lower().split("-")
    found, cased = [first], len(first) > 1
    for each in rest:
        # Behind a single letter, an extension or private use begins, and all is small.
        cased = cased and len(each) > 1
        found.append(_cased(each) if cased else each)
    return "-".join(found)


def _cased(subtag: str) -> str:
    if len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag
