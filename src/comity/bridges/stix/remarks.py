"""What is worth saying of an object that was taken: nothing here refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.bridges.stix.observables import observables
from comity.bridges.stix.scoids import OBSERVED, sco_id
from comity.kernel.errors import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.bridges.stix.markings import Marks
    from comity.bridges.stix.record import Json, StixObject


_SEARCHED = ("domain-name", "email-addr", "ipv4-addr", "ipv6-addr", "url")


class Remark(NamedTuple):
    """Something to know of an object: ``path`` to the place, ``reason`` for a person."""

    path: str
    reason: str


def remarks(one: StixObject, marks: Marks) -> list[Remark]:
    """Return what is worth saying of an object; ``marks`` are the markings that are known."""
    return [*_named(one), *_written(one.value), *_marked(one, marks)]


def _named(one: StixObject) -> Iterator[Remark]:
    wanted = sco_id(one.value) if one.type in OBSERVED else ""
    if wanted not in {"", one.id}:
        told = Phrase(
            "From what it says, its id would be {id}. By that, others who saw the same find it.",
            id=wanted,
        )
        yield Remark("id", told)


def _written(value: Json) -> Iterator[Remark]:
    version = value.get("spec_version", "2.1")
    if version != "2.1":
        told = Phrase(
            "It is of STIX {version}; it was checked as far as 2.1 goes.", version=version
        )
        yield Remark("spec_version", told)
    if value["type"] in _SEARCHED and not observables(value):
        told = Phrase(
            "Nobody finds it by its value: that is not written as a {type} is.", type=value["type"]
        )
        yield Remark("value", told)
    if value["type"] == "observed-data" and "objects" in value:
        told = Phrase("STIX 2.1 lets observed data name what was seen, and no longer hold it.")
        yield Remark("objects", told)


def _marked(one: StixObject, marks: Marks) -> Iterator[Remark]:
    for id_ in marks.unresolved(one.refs):
        told = Phrase(
            "Nothing is known of the marking {id}. Send its definition too, or say by whom it may"
            " be seen.",
            id=id_,
        )
        yield Remark("object_marking_refs", told)
    if one.marking.tlp is None:
        for number, label in enumerate(one.value.get("labels", ())):
            if label.lower().startswith("tlp:"):
                told = Phrase(
                    "A label is no marking. Mark the object, if it may be seen so widely."
                )
                yield Remark(f"labels[{number}]", told)
