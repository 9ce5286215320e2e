"""Objects that circles share: looking for them, and reading one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import orjson
from ninja import Query, Router, Schema

from comity.edge.api.answers import answers
from comity.edge.api.asking import Asked
from comity.edge.api.shapes.kinds import Line, Number
from comity.edge.api.shapes.sharing import Technique, Validity, VersionAlarm, Vulnerabilities
from comity.engines.confidence import number
from comity.kernel.label import Egress
from comity.services.sharing import (
    browsing,
    exploited,
    overview,
    searching,
    techniques,
    validity,
    whole,
)
from comity.services.sharing.about import Held
from comity.services.sharing.exploited import Told
from comity.services.sharing.searching import Found
from comity.services.sharing.validity import Judged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.engines.attack import Entry

router = Router(tags=["Sharing"])

Label = Literal["", "clear", "green", "amber", "amber_strict"]


class ObjectWanted(Schema):
    """What to look for: `words` of what was written; a `value` that can be observed, as an address
    or range; a `type`; a `collection`; a label, `tlp`; what was added `since` a moment in µs.
    `before` is the `next` of the answer before. With `valid` only indicators are found, those
    that still hold; an answer may then be empty and have a `next`.
    """

    words: Line = ""
    value: Line = ""
    type: Line = ""
    collection: Line = ""
    tlp: Label = ""
    since: Number = 0
    before: Number = 0
    valid: bool = False


class FoundObject(Schema):
    """An object: when it was `added` and its `version`, both in µs; the `collection` it stands in,
    its label there, what ATT&CK calls the `techniques` it names, and `stix`, the object as it came.
    """

    id: str
    type: str
    version: int
    added: int
    collection: str
    tlp: str
    techniques: list[Technique]
    stix: dict[str, Any]


class FoundObjects(Schema):
    """The objects found, those added last first; `next` is 0 where there are no more. `techniques`
    are those that were looked for by id, or in words that are the name of one.
    """

    techniques: list[Technique]
    objects: list[FoundObject]
    next: int


class HeldObject(Schema):
    """A version of an object in a collection: `state` there, its label, the act that brought it and
    whose it is, "" where it came from outside; `forwarded` where it came through other hands.
    """

    version: int
    collection: str
    state: str
    tlp: str
    act: str
    part: int
    dossier: str
    party: str
    forwarded: bool


class WholeObject(Schema):
    """An object: where its versions stand, and `stix`, as it came, null where only its record is
    left; `confidence` is from 0 to 100, null where its source says none; `vulnerabilities` is null
    where it names none, `validity` where it is no indicator.
    """

    id: str
    type: str
    version: int
    stix: dict[str, Any] | None
    held: list[HeldObject]
    alarms: list[VersionAlarm]
    confidence: int | None
    validity: Validity | None
    vulnerabilities: Vulnerabilities | None
    techniques: list[Technique]


class Collection(Schema):
    """A collection: `url` is its address for TAXII, `circle` its dossier, "" of an intake."""

    id: str
    title: str
    circle: str
    url: str


class Collections(Schema):
    """The collections that you see, by title."""

    collections: list[Collection]


@router.get("/collections", response=answers(Collections))
def list_collections(request: Asked) -> Collections:
    """List the collections of objects that you see: of circles, and intakes of this node."""
    finder = searching.of_actor(request.node, request.auth, Egress.API)
    found = browsing.collections(request.node, finder)
    return Collections(
        collections=[
            Collection(
                id=place.id,
                title=place.title,
                circle=place.dossier,
                url=overview.address(request.node, place.id),
            )
            for place in found
        ]
    )


@router.get("/objects", response=answers(FoundObjects))
def find_objects(request: Asked, wanted: Query[ObjectWanted]) -> FoundObjects:
    """Find objects in the collections that you see."""
    finder = searching.of_actor(request.node, request.auth, Egress.API)
    query = searching.Query(
        words=wanted.words,
        value=wanted.value,
        types=(wanted.type,) if wanted.type else (),
        shelf=wanted.collection,
        tlp=wanted.tlp,
        since=wanted.since,
        before=wanted.before,
        valid=wanted.valid,
    )
    found = searching.search(request.node, finder, query)
    return FoundObjects(
        techniques=_techniques(techniques.asked(query)),
        objects=[_found(each) for each in found.found],
        next=found.before,
    )


def _techniques(entries: Iterable[Entry]) -> list[Technique]:
    return [Technique.model_validate(techniques.to_value(each)) for each in entries]


def _found(found: Found) -> FoundObject:
    value = orjson.loads(found.data)
    return FoundObject(
        id=found.id,
        type=found.type,
        version=found.version,
        added=found.added,
        collection=found.shelf,
        tlp=found.tlp.value,
        techniques=_techniques(techniques.named(value)),
        stix=value,
    )


@router.get("/objects/{object}", response=answers(WholeObject))
def read_object(request: Asked, object: str) -> WholeObject:  # noqa: A002  as the address names it
    """Read an object, in its newest version, and where its versions stand."""
    finder = searching.of_actor(request.node, request.auth, Egress.API)
    found = whole.whole(request.node, finder, object)
    about = found.about
    whole.note_read(request.node, request.auth, about)
    return WholeObject(
        id=about.id,
        type=about.type,
        version=about.version,
        stix=dict(about.value) or None,
        held=[_held(each) for each in (*about.held, *about.others)],
        alarms=[VersionAlarm.model_validate(each._asdict()) for each in found.alarms],
        confidence=number(about.value.get("confidence")),
        validity=_validity(found.judged),
        vulnerabilities=_vulnerabilities(found.lists),
        techniques=_techniques(found.techniques),
    )


def _validity(found: Judged | None) -> Validity | None:
    value = validity.to_value(found)
    return None if value is None else Validity.model_validate(value)


def _vulnerabilities(found: Told | None) -> Vulnerabilities | None:
    value = exploited.to_value(found)
    return None if value is None else Vulnerabilities.model_validate(value)


def _held(held: Held) -> HeldObject:
    return HeldObject(
        version=held.version,
        collection=held.place.id,
        state=held.state,
        tlp=held.tlp.value,
        act=held.act,
        part=held.part,
        dossier=held.dossier,
        party=held.party,
        forwarded=held.forwarded,
    )
