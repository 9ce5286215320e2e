"""What the markings of an object say: TLP of both versions, PAP, and statements.

An object names marking definitions, for itself and for parts of it. A definition is known by its id
(the fixed ones of TLP and PAP), by what stands beside it in the batch, or by what is held already.
The strictest of all counts, and nothing found is unmarked, which is not CLEAR. A label in words
(``tlp:red``) is no marking: it makes an object stricter, never wider.

Sources: STIX 2.1 sections 4.14 and 7.2; the extensions for TLP 2.0 and PAP of OASIS
(cti-stix-common-objects). The former colours map as FIRST has it: WHITE is CLEAR, and AMBER, which
then had no stricter form, is AMBER.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from comity.bridges.stix.record import Marking
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import PAP, TLP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from comity.bridges.stix.record import Json

UNMARKED = Marking(None, None, ())
TLP2_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
PAP_EXTENSION = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"

_ID = "marking-definition--{}".format
TLP2_IDS: dict[str, TLP] = {
    _ID("94868c89-83c2-464b-929b-a1a8aa3c8487"): TLP.CLEAR,
    _ID("bab4a63c-aed9-4cf5-a766-dfca5abac2bb"): TLP.GREEN,
    _ID("55d920b0-5e8b-4f79-9ee9-91f868d9b421"): TLP.AMBER,
    _ID("939a9414-2ddd-4d32-a0cd-375ea402b003"): TLP.AMBER_STRICT,
    _ID("e828b379-4e03-4974-9ac4-e53a884c97c1"): TLP.RED,
}
"""The definitions of TLP 2.0, which are the ones that are served."""
TLP1_IDS: dict[str, TLP] = {
    _ID("613f2e26-407d-48c7-9eca-b8e91df99dc9"): TLP.CLEAR,
    _ID("34098fce-860f-48ae-8e50-ebd3cc5e41da"): TLP.GREEN,
    _ID("f88d31f6-486f-44da-b317-01333bde0b82"): TLP.AMBER,
    _ID("5e57c739-391a-4eb3-b6be-7d15ca92d5ed"): TLP.RED,
}
PAP_IDS: dict[str, PAP] = {
    _ID("ad15a0cd-55b6-4588-a14c-a66105329b92"): PAP.CLEAR,
    _ID("a3bea94c-b469-41dc-9cfe-d6e7daba7730"): PAP.CLEAR,
    _ID("c43594d1-4b11-4c59-93ab-1c9b14d53ce9"): PAP.GREEN,
    _ID("60f8932b-e51e-4458-b265-a2e8be9a80ab"): PAP.AMBER,
    _ID("740d36e5-7714-4c30-961a-3ae632ceee0e"): PAP.RED,
}
FIXED: dict[str, Marking] = {
    **{id_: Marking(tlp, None, ()) for id_, tlp in (TLP2_IDS | TLP1_IDS).items()},
    **{id_: Marking(None, pap, ()) for id_, pap in PAP_IDS.items()},
}
"""What the ids stand for that everyone knows."""

_TLP_WORDS = {"white": TLP.CLEAR, "amber+strict": TLP.AMBER_STRICT} | {
    level.value: level for level in (TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.RED)
}
_PAP_WORDS = {"white": PAP.CLEAR} | {level.value: level for level in PAP}
_IN_WORDS = re.compile(r"\s*(tlp|pap)\s*:\s*([a-z]+(?:\+strict)?)\s*", re.IGNORECASE | re.ASCII)


def defined(value: Json) -> Marking:
    """Return what a marking-definition stands for; ``UNMARKED`` when it says nothing known."""
    extensions = _dict(value.get("extensions"))
    said = _dict(value.get("definition"))
    tlp = _dict(extensions.get(TLP2_EXTENSION)).get("tlp_2_0")
    pap = _dict(extensions.get(PAP_EXTENSION)).get("pap")
    kind, words = value.get("definition_type"), said.get("statement")
    found = Marking(_word(_TLP_WORDS, tlp), _word(_PAP_WORDS, pap), ())
    if kind == "tlp":
        found = joined((found, Marking(_word(_TLP_WORDS, said.get("tlp")), None, ())))
    if kind == "statement" and isinstance(words, str):
        found = joined((found, _in_words(words) or Marking(None, None, (words,))))
    return found


class Marks:
    """What is known of markings while a batch is read: ``Marks(others)``, those held, by id.

    Where several say something of one id, the strictest counts; what is fixed stays. ``known`` is
    what each id stands for; ``late`` are the ids of which more was learnt after one asked.
    """

    def __init__(self, others: Mapping[str, TLP]) -> None:
        self.known = {id_: Marking(tlp, None, ()) for id_, tlp in others.items()} | FIXED
        self._told: dict[tuple[str, ...], Marking] = {(): UNMARKED}
        self._asked: set[str] = set()
        self.late: set[str] = set()

    def learn(self, value: Json) -> None:
        """Take in an object, if it defines a marking; it need not be one that is taken."""
        if value.get("type") != "marking-definition":
            return
        id_ = value.get("id")
        if isinstance(id_, str) and id_ not in FIXED:
            self.known[id_] = joined((self.known.get(id_, UNMARKED), defined(value)))
            self._told = {(): UNMARKED}
            self.late |= {id_} & self._asked

    def of(self, value: Json) -> Marking:
        """Return what an object's own markings say, of it and of its parts."""
        found = self._of(tuple(value.get("object_marking_refs", ())))
        if "granular_markings" in value:
            parts = value["granular_markings"]
            refs = [part["marking_ref"] for part in parts if "marking_ref" in part]
            found = joined((found, self._of(tuple(refs))))
        return _tightened(found, value["labels"]) if "labels" in value else found

    def _of(self, refs: tuple[str, ...]) -> Marking:
        found = self._told.get(refs)
        if found is None:
            self._asked.update(refs)
            found = self._told[refs] = joined(self.known.get(ref, UNMARKED) for ref in refs)
        return found

    def unresolved(self, refs: Iterable[str]) -> list[str]:
        """Return those among the ids that an object names which are of unknown markings."""
        markings = [ref for ref in refs if ref.startswith("marking-definition--")]
        return [ref for ref in markings if ref not in self.known]


def gathered(values: Iterable[Json], others: Mapping[str, TLP]) -> dict[str, Marking]:
    """Return what is known of markings, by id: the fixed, ``others``, and what objects define."""
    marks = Marks(others)
    for value in values:
        marks.learn(value)
    return marks.known


def joined(markings: Iterable[Marking]) -> Marking:
    """Return the strictest of each, and all statements once."""
    found = list(markings)
    if len(found) == 1:
        return found[0]
    statements = dict.fromkeys(words for marking in found for words in marking.statements)
    return Marking(
        max((marking.tlp for marking in found if marking.tlp), default=None),
        max((marking.pap for marking in found if marking.pap), default=None),
        tuple(statements),
    )


def require(value: Json) -> None:
    """Raise Refusal X8 where the markings of an object contradict the standard.

    A definition must not mark itself, nor give a fixed id another meaning; a selector must find
    something.
    """
    if value["type"] == "marking-definition":
        _require_definition(value)
    for number, part in enumerate(value.get("granular_markings", ())):
        for place, selector in enumerate(part["selectors"]):
            if not _finds(value, selector.split(".")):
                raise Refusal(
                    "X8",
                    Phrase("The selector {selector} finds nothing.", selector=selector[:200]),
                    f"granular_markings[{number}].selectors[{place}]",
                )


def _require_definition(value: Json) -> None:
    id_ = value["id"]
    parts = value.get("granular_markings", ())
    if id_ in value.get("object_marking_refs", ()) or any(
        part.get("marking_ref") == id_ for part in parts
    ):
        raise Refusal("X8", Phrase("A marking must not mark itself."), "object_marking_refs")
    for place, word in _colours(value):
        if word.lower() not in _TLP_WORDS | _PAP_WORDS:
            raise Refusal("X8", Phrase("{word} is no colour.", word=word[:100]), place)
    fixed, said = FIXED.get(id_), defined(value)
    if fixed and (said.tlp, said.pap) != (fixed.tlp, fixed.pap):
        raise Refusal(
            "X8",
            Phrase("This id is a fixed one, and stands for something else than it says here."),
            "id",
        )


def _colours(value: Json) -> Iterator[tuple[str, str]]:
    extensions = _dict(value.get("extensions"))
    for extension, name in ((TLP2_EXTENSION, "tlp_2_0"), (PAP_EXTENSION, "pap")):
        if extension in extensions:
            yield (
                f"extensions.{extension}.{name}",
                str(_dict(extensions[extension]).get(name, "nothing")),
            )


def _finds(value: Any, steps: Sequence[str]) -> bool:  # noqa: ANN401 - Any JSON.
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step[:1] == "[" and int(step[1:-1]) < len(value):
            value = value[int(step[1:-1])]
        else:
            return False
    return True


def _tightened(found: Marking, labels: Sequence[str]) -> Marking:
    said = joined([*filter(None, map(_in_words, labels)), UNMARKED])
    tlp = max(found.tlp or TLP.AMBER, said.tlp) if said.tlp else found.tlp
    tlp = found.tlp if tlp == TLP.AMBER and found.tlp is None else tlp
    pap = max(said.pap, found.pap or PAP.CLEAR) if said.pap else found.pap
    return Marking(tlp, pap, found.statements)


def _in_words(words: str) -> Marking | None:
    found = _IN_WORDS.fullmatch(words)
    if not found:
        return None
    tlp = _word(_TLP_WORDS, found[2]) if found[1].lower() == "tlp" else None
    pap = _word(_PAP_WORDS, found[2]) if found[1].lower() == "pap" else None
    return Marking(tlp, pap, ()) if tlp or pap else None


def _word(words: Mapping[str, Any], word: object) -> Any:  # noqa: ANN401 - A level, or None.
    return words.get(word.lower()) if isinstance(word, str) else None


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}
