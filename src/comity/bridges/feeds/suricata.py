"""Rules for Suricata: an alert for each address, name and plain URL that is to be looked for.

Hashes and mail addresses have no rule: Suricata compares files with lists (``writing.lists``), and
does not read mail that is encrypted. Of an https URL only the name is seen on the line, which says
too little. What has no rule is told.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from comity.bridges.feeds.detected import Detected, detected
from comity.bridges.held import Held, require, shown
from comity.kernel.label import TLP

FIRST_SID = 1_000_000_000
SIDS = 1_000_000_000
"""The ids of our rules: far from those that others keep for theirs."""
_PLAIN = re.compile(r"[A-Za-z0-9_./?=&%~+,@-]")
_URL = re.compile(r"http://([^/?#@\\]+)([/?][^#]*)?(#.*)?", re.DOTALL)


class Rules(NamedTuple):
    """The ``text`` of the rules, and what of the kind has none: ``left``, as (kind, value)."""

    text: str
    left: list[tuple[str, str]]


def rules(held: Sequence[Held], made_for: TLP) -> Rules:
    """Return the rules for what is to be looked for. Raises Refusal X57.

    The id of a rule is worked out from what it looks for, so that it stays the same; of two that
    would have one, the later in order takes the next.
    """
    require(held, made_for)
    lines = [f"# TLP:{shown(made_for)}"]
    left: list[tuple[str, str]] = []
    taken: set[int] = set()
    for one in detected(held):
        matched = _matched(one)
        if matched:
            lines.append(f"{matched[0]} ({_options(one, matched[1], _sid(one, taken))})")
        else:
            left.append(one[:2])
    return Rules("".join(f"{line}\n" for line in lines), left)


def _matched(one: Detected) -> tuple[str, str] | None:
    """Return the head and the options that match a value, None where Suricata has none."""
    if one.kind == "ip":
        return f"alert ip $HOME_NET any -> [{one.value}] any", ""
    if one.kind == "domain" and one.value.isascii() and "*" not in one.value:
        name = _content(f".{one.value}")
        return "alert dns any any -> any any", f" dns.query; dotprefix; {name}; nocase; endswith;"
    url = _URL.fullmatch(one.value) if one.kind == "url" else None
    if url is None or not one.value.isascii():
        return None
    host = _content(url[1].partition(":")[0].lower())
    path = _content(url[2] if (url[2] or "").startswith("/") else f"/{url[2] or ''}")
    port = url[1].partition(":")[2]
    where = port if port.isdecimal() and 0 < int(port) < 65536 else "any"
    matched = (
        f" http.host; {host}; startswith; endswith; http.uri.raw; {path}; startswith; endswith;"
    )
    return f"alert http $HOME_NET any -> any {where}", matched


def _content(text: str) -> str:
    """Return a content to match; all that has a meaning in a rule is written as bytes."""
    said = "".join(
        each if _PLAIN.fullmatch(each) else f"|{each.encode().hex().upper()}|" for each in text
    )
    return f'content:"{said}"'


def _options(one: Detected, matched: str, sid: int) -> str:
    indicator = one.held.object
    said = str(indicator.value.get("name") or "") or f"{one.kind} {one.value}"
    message = re.sub(r"[^A-Za-z0-9 _./,+@-]", " ", said)[:120].strip() or one.kind
    ours = f"metadata:stix {indicator.id}, tlp {shown(one.held.label)}"
    return f'msg:"{message}";{matched} classtype:trojan-activity; {ours}; sid:{sid}; rev:1;'


def _sid(one: Detected, taken: set[int]) -> int:
    digest = hashlib.sha256(f"{one.kind} {one.value}".encode()).digest()
    at = int.from_bytes(digest[:8], "big") % SIDS
    while at in taken:
        at = (at + 1) % SIDS
    taken.add(at)
    return FIRST_SID + at
