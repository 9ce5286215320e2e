"""What is to be looked for, each by itself: the values that go into rules and lists.

Only indicators say that something is to be looked for; an address that was observed may be
anyone's. Of an indicator, only a comparison counts that is enough alone, or a hash, which always
is: in ``[domain-name:value = 'a' AND network-traffic:dst_port = 8443]`` the name alone means
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
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


def detected(held: Sequence[Held], now: int) -> list[Detected]:
    """Return what is to be looked for at ``now`` (seconds), each value once, by kind and value.

    Left out are indicators that are revoked, expired, not yet valid or of type benign.
    """
    found: dict[tuple[str, str], Detected] = {}
    for each in current(held):
        if each.object.type == "indicator" and _is_valid(each, now):
            for one in _of(each):
                found.setdefault(one[:2], one)
    return [found[key] for key in sorted(found)]


def _is_valid(each: Held, now: int) -> bool:
    value = each.object.value
    types = value.get("indicator_types")
    if isinstance(types, list) and _HARMLESS in types:
        return False
    since, until = (_seconds(value.get(name)) for name in ("valid_from", "valid_until"))
    return (since is None or since <= now) and (until is None or now < until)


def _seconds(said: object) -> float | None:
    if not isinstance(said, str):
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


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
