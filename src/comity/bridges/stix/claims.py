"""Who is said to stand behind something: claims of actors, sponsors and countries in an object.

Found so that a person is asked before they are sent: strip them, keep them as the dated claim of a
source, or send nothing. What the structure of STIX says is found whole. Of prose, a short list of
words is looked for, which say it outright; a text may claim more than is found, and who sends it
reads it.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comity.bridges.stix.record import Json

ACTOR, SPONSOR, COUNTRY = "actor", "sponsor", "country"
_ACTORS = ("threat-actor", "intrusion-set", "campaign")
_ACTOR_REF = re.compile(rf"(?:{'|'.join(_ACTORS)})--")
_ATTRIBUTING = ("attributed-to", "originates-from")
_TERMS = {
    # Terms of vocabularies that say it, by property.
    "indicator_types": {"attribution": ACTOR},
    "report_types": dict.fromkeys(_ACTORS, ACTOR),
    "threat_actor_types": {"nation-state": SPONSOR},
    "roles": {"sponsor": SPONSOR},
    "resource_level": {"government": SPONSOR},
}
_PROSE = ("name", "description", "abstract", "content", "explanation", "objective")
_PROSE_LIMIT = 64 * 1024
_STATES = "state|government|nation"
_SAID = (
    (ACTOR, re.compile(r"\battribut(?:ed|able|ion)\b", re.IGNORECASE)),
    (ACTOR, re.compile(r"\b(?:APT|UNC|UAC|FIN)[ -]?\d{1,5}\b")),
    (
        SPONSOR,
        re.compile(
            rf"\b(?:{_STATES})[ -](?:sponsored|backed|linked|aligned|affiliated|nexus)\b"
            r"|\bnation[ -]state\b|\bintelligence (?:services?|agency|agencies)\b"
            rf"|\bon behalf of (?:an? |the )?(?:{_STATES}|ministry|regime)\b",
            re.IGNORECASE,
        ),
    ),
)
_LABEL = re.compile(r"(?i)misp-galaxy:(threat-actor|intrusion-set|country)\b|(?:threat-)?actor[:=]")
_WORDS_LIMIT = 200


class Claim(NamedTuple):
    """One claim: ``path`` to it (``""``: the whole object), ``kind``, and the ``words`` of it."""

    path: str
    kind: str
    words: str


def claims(value: Json) -> list[Claim]:
    """Return what an object claims of actors, sponsors and countries, each thing once."""
    found = [*_whole(value), *_terms(value), *_refs(value, ""), *_labels(value), *_prose(value, "")]
    return list(dict.fromkeys([*found, *_translated(value)]))


def _whole(value: Json) -> Iterator[Claim]:
    kind = value["type"]
    if kind in _ACTORS:
        yield _claim("", ACTOR, value.get("name", kind))
    if kind == "relationship" and value["relationship_type"] in _ATTRIBUTING:
        of = COUNTRY if value["target_ref"].startswith("location--") else ACTOR
        yield _claim("", of, value["relationship_type"])
    if kind == "location" and "country" in value:
        yield _claim("country", COUNTRY, value["country"])
    if kind == "identity":
        for number, sector in enumerate(value.get("sectors", ())):
            if sector.startswith("government"):
                yield _claim(f"sectors[{number}]", SPONSOR, sector)


def _terms(value: Json) -> Iterator[Claim]:
    for name, terms in _TERMS.items():
        found = value.get(name)
        if isinstance(found, str) and found in terms:
            yield _claim(name, terms[found], found)
        elif isinstance(found, list):
            for number, term in enumerate(found):
                if isinstance(term, str) and term in terms:
                    yield _claim(f"{name}[{number}]", terms[term], term)


def _refs(value: Any, path: str) -> Iterator[Claim]:  # noqa: ANN401 - Any JSON.
    if isinstance(value, str):
        name = path.rpartition(".")[2].partition("[")[0]
        if name.endswith(("_ref", "_refs")) and _ACTOR_REF.match(value):
            yield _claim(path, ACTOR, value)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _refs(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _refs(item, f"{path}[{number}]")


def _labels(value: Json) -> Iterator[Claim]:
    for number, label in enumerate(value.get("labels", ())):
        if found := _LABEL.match(label):
            kind = COUNTRY if found[1] and found[1].lower() == "country" else ACTOR
            yield _claim(f"labels[{number}]", kind, label)


def _prose(value: Json, path: str) -> Iterator[Claim]:
    for name in _PROSE:
        text = value.get(name)
        if isinstance(text, str):
            for kind, words in _SAID:
                yield from (
                    _claim(f"{path}{name}", kind, found[0])
                    for found in words.finditer(text[:_PROSE_LIMIT])
                )


def _translated(value: Json) -> Iterator[Claim]:
    """Yield what a translation claims, as far as the words of claims are of its language."""
    if value["type"] == "language-content":
        for tongue, words in value["contents"].items():
            if isinstance(words, dict):
                yield from _prose(words, f"contents.{tongue}.")


def _claim(path: str, kind: str, words: object) -> Claim:
    return Claim(path, kind, str(words)[:_WORDS_LIMIT])


def stripped(value: Json, found: Sequence[Claim]) -> Json | None:
    """Return an object without claims found in it, or None where one is the object itself, or at
    a place that its path does not lead to.

    Properties and items of lists go whole, a list with its last item. What is left may lack what
    its type needs, and is held against ``reading.read`` before it is sent. It says another thing
    than the object did: see ``restated``.
    """
    if any(not claim.path for claim in found):
        return None
    left = copy.deepcopy(value)
    try:
        # From the last item of a list to the first, so that numbers stay those of the claims.
        for path in sorted({claim.path for claim in found}, key=_steps, reverse=True):
            _remove(left, _steps(path))
    except LookupError:
        # Names of properties inside extensions may hold any character, a point or bracket too.
        return None
    return left


def _steps(path: str) -> list[tuple[str, int]]:
    return [
        (name, int(number or -1)) for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)
    ]


def _remove(left: Any, steps: list[tuple[str, int]]) -> None:  # noqa: ANN401 - Any JSON.
    holders = [left]
    keys = [name or number for name, number in steps]
    for key in keys[:-1]:
        holders.append(holders[-1][key])
    for holder, key in zip(reversed(holders), reversed(keys), strict=True):
        del holder[key]
        if holder:
            return
