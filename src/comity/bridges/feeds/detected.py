"""What is to be looked for, each by itself: the values that go into rules and lists.

Only indicators say that something is to be looked for; an address that was observed may be
anyone's. Of an indicator, only a comparison counts that is enough alone, or a hash, which always
is: in ``[domain-name:value = 'a' AND network-traffic:dst_port = 8443]`` the name alone means
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from comity.bridges.held import Held, current
from comity.bridges.misp import kinds
from comity.bridges.misp.kinds import Comparison
from comity.bridges.stix.normal import normal

KINDS = {
    "ipv4-addr:value": "ip",
    "ipv6-addr:value": "ip",
    "domain-name:value": "domain",
    "url:value": "url",
    "email-addr:value": "mail",
}
"""The kinds of values that others detect, by the path that compares them; hashes beside."""
_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HARMLESS = "benign"


class Detected(NamedTuple):
    """A value: ``kind``, ``value``, and the indicator it is of."""

    kind: str
    value: str
    held: Held


def detected(held: Sequence[Held]) -> list[Detected]:
    """Return what is to be looked for, each value once, by kind and value.

    Left out are indicators that are revoked or of type benign; whether the others still hold has
    been decided by who gives them.
    """
    found: dict[tuple[str, str], Detected] = {}
    for each in current(held):
        if each.object.type == "indicator" and not _is_benign(each):
            for one in _of(each):
                found.setdefault(one[:2], one)
    return [found[key] for key in sorted(found)]


def _is_benign(each: Held) -> bool:
    types = each.object.value.get("indicator_types")
    return isinstance(types, list) and _HARMLESS in types


def _of(each: Held) -> Iterator[Detected]:
    value = each.object.value
    if value.get("pattern_type") != "stix":
        return
    for alternative in kinds.compared(str(value.get("pattern"))):
        for one in alternative:
            kind = _kind(one)
            if kind and (len(alternative) == 1 or kind == "hash"):
                spelt = _spelt(kind, str(one.value))
                if spelt:
                    yield Detected(kind, spelt, each)


def _kind(one: Comparison) -> str:
    return "hash" if kinds.hash_name(one.path) else KINDS.get(one.path, "")


def _spelt(kind: str, text: str) -> str:
    """Return a value in the one spelling that has no sign that could end a line, "" for none."""
    found = text.strip() if kind == "url" else normal(kind, text) or ""
    if not found or _CONTROL.search(found) or (kind == "url" and "://" not in found):
        return ""
    return found.removesuffix("/128" if ":" in found else "/32") if kind == "ip" else found
