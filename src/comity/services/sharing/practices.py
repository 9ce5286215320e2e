"""Best practice and lessons: written here, given in new versions, and read in several languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from comity.bridges.stix import practice
from comity.bridges.stix.inject import inject
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.language import is_tag, spelled
from comity.services import packs
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
TITLE, LONGEST, FEW = 250, 60_000, 20
"""Characters of a title and of a text; topics and references."""
SECTORS = "industry-sector-ov"


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


def checked(told: Practice) -> Practice:
    """Return what somebody wrote, its language in the one spelling. Raises Refusal S4 for what is
    missing, too long, or no such code.
    """
    if told.kind not in practice.KINDS:
        kinds = " or ".join(practice.KINDS)
        raise Refusal("S4", Phrase("Write one of: {kinds}.", kinds=kinds), "kind")
    if unknown := sorted({*told.sectors} - {*packs.vocabularies()[SECTORS].codes}):
        raise Refusal("S4", Phrase("There is no sector {code}.", code=unknown[0][:80]), "sectors")
    for name in ("title", "text"):
        if not getattr(told, name).strip():
            raise Refusal("S4", "Write a title and a text.", name)
    for name in ("topics", "references"):
        if len(getattr(told, name)) > FEW:
            raise Refusal("S4", Phrase("Write at most {most} of them.", most=FEW), name)
    _require_short(told.title, told.text)
    return told._replace(lang=tag(told.lang))


def _require_short(title: str, text: str) -> None:
    for name, said, most in (("title", title, TITLE), ("text", text, LONGEST)):
        if len(said) > most:
            raise Refusal("S4", Phrase("Write at most {most} characters.", most=most), name)


def tag(lang: str) -> str:
    """Return the tag of a language in its one spelling. Raises Refusal S4."""
    found = spelled(lang)
    if not is_tag(found):
        raise Refusal("S4", "Write the tag of a language, as “en” or “pt-BR”.", "lang")
    return found


def new(node: Node, told: Practice, tlp: TLP | None) -> Json:
    """Return a new best practice or lesson; of ``tlp`` None it is not marked. Raises Refusal S4."""
    now = dating.now(node)
    value = practice.written(checked(told), _id(node, practice.TYPE), now, now)
    return value if tlp is None else practice.marked(value, tlp)


def version(node: Node, of: Origin, told: Practice, tlp: TLP | None) -> Json:
    """Return a new version of an own one. Raises Refusal S4; X24 for that of another party: STIX
    lets its creator alone make one.
    """
    if not of.own:
        raise Refusal("X24", "Another party published it. Translate it, or write your own.")
    modified = dating.now(node, of.about.value["modified"])
    value = practice.rewritten(of.about.value, checked(told), modified)
    return value if tlp is None else practice.marked(value, tlp)


def translation(node: Node, of: Origin, shelf: str, told: tuple[str, str, str]) -> Json:
    """Return a translation of an object, ``told`` as language, title and text, for the shelf of
    this id. It is marked as the object stands there, or else where it stands most strictly, so
    that what has no marking gets no wider label by being translated. Raises Refusal S4 where it is
    in this language, or a title or text is left out or there is none.
    """
    lang, (title, text) = tag(told[0]), told[1:]
    _require_short(title, text)
    for name, own, said in (("title", of.words[0].title, title), ("text", of.words[0].text, text)):
        if own and not said.strip():
            raise Refusal("S4", "Translate the title and the text, if there are both.", name)
    if not title and not text:
        raise Refusal("S4", "It has no title and no text that could be translated.", "title")
    if lang == of.about.value.get("lang"):
        raise Refusal("S4", "The original is in this language. Choose another.", "lang")
    now = dating.now(node)
    words = practice.Words(lang, title, text, _id(node, practice.TRANSLATION), late=False)
    there = [each.tlp for each in of.about.readable if each.place.id == shelf]
    raw = orjson.dumps(practice.translated(of.about.value, words, now, now))
    value: Json = orjson.loads(inject(raw, max(there, default=of.about.strictest)))
    return value


def _id(node: Node, kind: str) -> str:
    return f"{kind}--{UUID(bytes=node.ports.random.bytes(16), version=4)}"
