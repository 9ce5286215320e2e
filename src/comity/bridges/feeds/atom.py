"""News of objects as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from comity.bridges.held import Held, current, require, shown
from comity.bridges.misp import marks, shape
from comity.bridges.stix.times import micros
from comity.kernel.label import TLP

MOST = 1_000
"""The most entries; the newest are taken."""
_LONGEST = 2_000
# What XML 1.0 cannot say, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class About(NamedTuple):
    """What a feed says of itself: its ``title``, its ``author``, its own address, where it is
    known, and the instant in seconds at which it was ``made``.
    """

    title: str
    author: str
    address: str
    made: int


def feed(held: Sequence[Held], made_for: TLP, about: About) -> bytes:
    """Return the newest objects as a feed, the newest first. Raises Refusal X57."""
    require(held, made_for)
    found = [each for each in current(held) if each.object.version]
    found.sort(key=lambda each: (-each.object.version, each.object.id))
    return "".join(_lines(found[:MOST], made_for, about)).encode()


def _lines(found: Sequence[Held], made_for: TLP, about: About) -> Iterator[str]:
    newest = found[0].object.version // 1_000_000 if found else about.made
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield f"<id>urn:uuid:{marks.made('atom', about.address or about.title)}</id>\n"
    yield f"<title>{_text(about.title)}</title>\n"
    yield f"<subtitle>TLP:{shown(made_for)}</subtitle>\n"
    yield f"<updated>{shape.iso(newest)}</updated>\n"
    yield f"<author><name>{_text(about.author)}</name></author>\n"
    if about.address:
        yield f'<link rel="self" href="{_text(about.address)}"/>\n'
    for each in found:
        yield from _entry(each)
    yield "</feed>\n"


def _entry(each: Held) -> Iterator[str]:
    value = each.object.value
    title = str(value.get("name") or value.get("abstract") or "") or each.object.id
    words = str(value.get("description") or value.get("pattern") or value.get("content") or "")
    yield f"<entry>\n<id>urn:uuid:{marks.made('object', each.object.id)}</id>\n"
    yield f"<title>{_text(title)}</title>\n<updated>{_instant(value)}</updated>\n"
    yield f'<category term="{_text(each.object.type)}"/>\n'
    yield f'<category term="TLP:{shown(each.label)}"/>\n'
    for _, found in each.object.observables[:50]:
        yield f'<category term="{_text(found)}"/>\n'
    yield f"<summary>{_text(words) or _text(title)}</summary>\n</entry>\n"


def _instant(value: shape.Element) -> str:
    return shape.iso(micros(str(value.get("modified") or value["created"])) // 1_000_000)


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text[:_LONGEST]))
