"""Best practice and lessons: written here, given in new versions, and read in several languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from comity.bridges.stix import practice
from comity.kernel.errors import Refusal
from comity.services.casework import tongues
from comity.services.sharing import about, dating, searching
from comity.store.access import around, objects
from comity.store.access.objects import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comity.bridges.stix.practice import Practice, Words
    from comity.bridges.stix.record import Json
    from comity.kernel.label import TLP
    from comity.services.node import Node
    from comity.services.sharing.about import About
    from comity.services.sharing.searching import Finder

MOST = 100
"""Translations of an object that are looked at, and languages that are told of."""
LONGEST = 60_000
"""Characters of a text that are shown."""


@dataclass(frozen=True, slots=True)
class Origin:
    """An object that a new version or a translation is made of: where it stands for this reader,
    its ``words`` in the languages there are, and whether it is ``own`` to give new versions of.
    """

    about: About
    words: tuple[Words, ...]
    own: bool


def origin(node: Node, finder: Finder, id_: str) -> Origin:
    """Return an object to go on from. Raises Refusal S3 where there is none, or nothing to read."""
    seen = searching.seen_by(node, finder)
    found = about.look(node, seen, id_)
    if not found.raw:
        raise Refusal("S3", "There is no such object here.", id_[:300])
    return Origin(found, tuple(words_of(node, finder, found.value)), is_own(node, found))


def is_own(node: Node, found: About) -> bool:
    """Say whether an object is a best practice or lesson that this party published."""
    own = any(each.party == node.me and not each.forwarded for each in found.readable)
    return own and practice.is_practice(found.value)


def words_of(node: Node, finder: Finder, value: Mapping[str, Any]) -> list[Words]:
    """Return an object's words in each language that somebody reads here, its own first."""
    sight, _ = searching.seen_by(node, finder)
    rows = objects.page(
        node.db,
        sight,
        Asked(types=(practice.TRANSLATION,)),
        limit=MOST,
        more=[around.naming(str(value.get("id", "")))],
        backwards=True,
    )
    found = practice.tongues(value, [orjson.loads(row.data) for row in rows])
    return [each._replace(text=each.text[:LONGEST]) for each in found[:MOST]]


def chosen(words: Sequence[Words], reader: str) -> Words:
    """Return the words for who reads a language; those of the author where there are none."""
    return next(
        (each for each in words if each.lang and tongues.reads(reader, each.lang)), words[0]
    )


def new(node: Node, told: Practice, tlp: TLP | None) -> Json:
    """Return a new best practice or lesson; of ``tlp`` None it is not marked."""
    now = dating.now(node)
    value = practice.written(told, _id(node, practice.TYPE), now, now)
    return value if tlp is None else practice.marked(value, tlp)


def version(node: Node, of: Origin, told: Practice, tlp: TLP | None) -> Json:
    """Return a new version of an own one. Raises Refusal X24 for that of another party: STIX lets
    its creator alone make one.
    """
    if not of.own:
        raise Refusal("X24", "Another party published it. Translate it, or write your own.")
    created = of.about.value["created"]
    modified = dating.now(node, of.about.value["modified"])
    value = practice.written(told, of.about.id, created, modified)
    return value if tlp is None else practice.marked(value, tlp)


def translation(node: Node, of: Origin, lang: str, title: str, text: str) -> Json:
    """Return a translation of an object into a language. Raises Refusal S4 where it is in it."""
    if lang == of.about.value.get("lang"):
        raise Refusal("S4", "The original is in this language. Choose another.", "lang")
    now = dating.now(node)
    words = practice.Words(lang, title, text, _id(node, practice.TRANSLATION), late=False)
    # It may stand under a stricter label than its markings say; the same words go nowhere else.
    value = practice.translated(of.about.value, words, now, now)
    return practice.marked(value, of.about.strictest)


def _id(node: Node, kind: str) -> str:
    return f"{kind}--{UUID(bytes=node.ports.random.bytes(16), version=4)}"
