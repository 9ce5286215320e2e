"""Best practice and lessons as objects of STIX: courses of action, and their translations.

Which of the two it is, for which sectors and about what, are tags: ``best-practice`` or
``lesson``, ``sector:energy`` (a code of industry-sector-ov), ``topic:phishing``. STIX has a type
for neither, and a report has to name an object. A translation is a ``language-content``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from comity.bridges.stix.inject import SERVED
from comity.bridges.stix.markings import TLP1_IDS, TLP2_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comity.bridges.stix.record import Json
    from comity.kernel.label import TLP

TYPE, TRANSLATION = "course-of-action", "language-content"
PRACTICE, LESSON = "best-practice", "lesson"
KINDS = (PRACTICE, LESSON)
_SECTOR, _TOPIC = "sector:", "topic:"
_WORDS = ("name", "description")
_SAID_ANEW = frozenset({*_WORDS, "lang", "labels", "external_references", "modified"})
_MARKED_ANEW = frozenset({"object_marking_refs", "granular_markings"})
_LEVELS = TLP2_IDS | TLP1_IDS


class Practice(NamedTuple):
    """What a best practice or a lesson says.

    Fields: ``kind`` of ``KINDS``; ``title`` and ``text``, written in ``lang`` (tag); ``sectors``
    (codes of industry-sector-ov) and ``topics`` (words); ``references``, each a URL or words.
    """

    kind: str
    title: str
    text: str
    lang: str
    sectors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class Words(NamedTuple):
    """The title and text of an object in a language (tag): as its author wrote them, where ``of``
    is "", else by the translation of this id; ``late`` says that it translates another version.
    """

    lang: str
    title: str
    text: str
    of: str
    late: bool


def is_practice(value: Mapping[str, Any]) -> bool:
    """Say whether an object is a best practice or a lesson."""
    return value.get("type") == TYPE and bool({*KINDS} & {*value.get("labels", ())})


def written(told: Practice, id_: str, created: str, modified: str) -> Json:
    """Return the object that says it, in a version of ``modified``; not marked yet."""
    labels = [told.kind, *(_SECTOR + each for each in told.sectors)]
    labels += [_TOPIC + each for each in told.topics]
    value: Json = {"type": TYPE, "spec_version": "2.1", "id": id_, "created": created}
    value |= {"modified": modified, "name": told.title, "description": told.text}
    value |= {"lang": told.lang, "labels": labels}
    references = [_reference(each) for each in told.references]
    return value | ({"external_references": references} if references else {})


def rewritten(value: Mapping[str, Any], told: Practice, modified: str) -> Json:
    """Return the next version of an object; not marked yet. What a practice does not say stays: a
    new version has the creator of the first, or STIX takes it for no version of it.
    """
    anew = _SAID_ANEW | _MARKED_ANEW
    kept = {name: said for name, said in value.items() if name not in anew}
    return kept | written(told, value["id"], value["created"], modified)


def _reference(text: str) -> Json:
    try:
        parts = urlsplit(text)
        if parts.scheme in {"http", "https"} and parts.hostname:
            return {"source_name": parts.hostname, "url": text}
    except ValueError:
        pass
    # A reference has an address, a number or words beside its name.
    return {"source_name": text, "description": text}


def read(value: Mapping[str, Any]) -> Practice:
    """Return what a best practice or a lesson says."""
    labels = value.get("labels", ())
    return Practice(
        kind=LESSON if LESSON in labels else PRACTICE,
        title=value["name"],
        text=value.get("description", ""),
        lang=value.get("lang", ""),
        sectors=tuple(_after(_SECTOR, labels)),
        topics=tuple(_after(_TOPIC, labels)),
        references=tuple(
            each.get("url", each["source_name"]) for each in value.get("external_references", ())
        ),
    )


def _after(prefix: str, labels: Iterable[str]) -> Iterator[str]:
    return (each.removeprefix(prefix) for each in labels if each.startswith(prefix))


def marked(value: Json, tlp: TLP) -> Json:
    """Return an object under a marking of TLP, beside those of its markings that are none; it stays
    as it is where that is how it is marked.
    """
    refs = value.get("object_marking_refs", ())
    if max((_LEVELS[each] for each in refs if each in _LEVELS), default=None) is tlp:
        return value
    return value | {"object_marking_refs": [*(e for e in refs if e not in _LEVELS), SERVED[tlp]]}


def translated(of: Mapping[str, Any], words: Words, created: str, modified: str) -> Json:
    """Return the translation of an object, marked as it; ``words.of`` is the id it gets."""
    contents = dict(zip(_WORDS, (words.title, words.text), strict=True))
    value: Json = {"type": TRANSLATION, "spec_version": "2.1", "id": words.of}
    value |= {"created": created, "modified": modified, "object_ref": of["id"]}
    value |= {"object_modified": of["modified"]} if "modified" in of else {}
    value |= {"contents": {words.lang: {name: said for name, said in contents.items() if said}}}
    return value | {name: of[name] for name in ("object_marking_refs",) if name in of}


def tongues(of: Mapping[str, Any], translations: Iterable[Mapping[str, Any]]) -> list[Words]:
    """Return an object's words in each language there is: its own first, then of each language the
    translation of this version, or else the first that is given.
    """
    lang = of.get("lang", "")
    own = Words(lang, of.get("name", ""), of.get("description", ""), "", late=False)
    found = {lang: own}
    for each in translations:
        if each.get("object_ref") == of.get("id"):
            late = each.get("object_modified", of.get("modified")) != of.get("modified")
            for words in _contents(each, late=late):
                known = found.get(words.lang)
                if known is None or (known.late and not late):
                    found[words.lang] = words
    return [*found.values()]


def _contents(value: Mapping[str, Any], *, late: bool) -> Iterator[Words]:
    for lang, told in value["contents"].items():
        name, text = ((told.get(each) if isinstance(told, dict) else "") for each in _WORDS)
        said = [each if isinstance(each, str) else "" for each in (name, text)]
        if any(said):
            yield Words(lang, said[0], said[1], value["id"], late)
