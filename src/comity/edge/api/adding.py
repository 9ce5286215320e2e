"""Adding objects to a collection: any, and best practices and lessons as people write them.

Where the mandates of who a program acts for ask for a second person, what is added waits in a
draft. What gets an id of its own here is asked for with ``Idempotency-Key``, so that it is written
once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import orjson
from ninja import Router, Schema, Status
from pydantic import Field

from comity.bridges.stix.practice import Practice
from comity.edge.api.answers import WRITE
from comity.edge.api.asking import Asked
from comity.edge.api.once import Key, once
from comity.edge.api.shapes.kinds import Line
from comity.kernel.label import TLP, Egress
from comity.services.sharing import adding, importing, practices, preparing, searching

if TYPE_CHECKING:
    from comity.bridges.stix.record import Json
    from comity.services.people.answers import Keep
    from comity.services.sharing.adding import Added, Target
    from comity.services.sharing.practices import Origin
    from comity.services.sharing.preparing import Prepared
    from comity.services.sharing.searching import Finder

router = Router(tags=["Sharing"])
Label = Literal["clear", "green", "amber", "amber_strict"]
Lines: TypeAlias = Annotated[tuple[Line, ...], Field(max_length=practices.FEW)]


class NewObjects(Schema):
    """Objects of STIX to add; `unmarked` is the label of those without a marking. What claims who
    did something is left out, unless `claims` keeps it, as the claim of the source that it names,
    or strips it off: then the rest goes as your own statement, under a new id.
    """

    objects: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]
    unmarked: Literal["", "clear", "green", "amber", "amber_strict"] = "amber"
    claims: Literal["", "keep", "strip", "leave"] = ""


class Verdict(Schema):
    """What became of one object: new, version, held, conflict, flaw or out; and why, by which
    `rule`, with the `path` to what is wrong. `of` is the id of the object that it was made of
    without its claims, "" where it went as it came.
    """

    id: str
    of: str
    verdict: str
    rule: str
    path: str
    reason: str


class AddedObjects(Schema):
    """The acts that were signed, none of an intake, and what became of each object."""

    acts: list[str]
    verdicts: list[Verdict]


class WaitingObjects(Schema):
    """The `draft` that waits for a second person, who approves it at the address `page` or by
    `approve_draft`; and what will become of each object.
    """

    draft: str
    page: str
    verdicts: list[Verdict]


class NewTranslation(Schema):
    """The `title` and `text` of an object in another language, `lang`, as a tag: of these what the
    object has. It goes to a `collection`, and is marked as the object stands there. What claims who
    did something does not go, unless `claims` keeps it as its source's.
    """

    collection: Line
    lang: Line
    title: str = ""
    text: str = ""
    claims: Literal["", "keep"] = ""


class NewPractice(Schema):
    """A best practice or a lesson, written in a language, `lang`, as a tag: for which `sectors`, by
    codes of industry-sector-ov, all where none is named; about which `topics`; and where more is
    said: `references`, each an address or words. `tlp` is its label. What claims who did
    something does not go, unless `claims` keeps it as its source's.
    """

    kind: Literal["best-practice", "lesson"]
    title: str
    text: str
    lang: Line
    sectors: tuple[Line, ...] = ()
    topics: Lines = ()
    references: Lines = ()
    tlp: Label = "green"
    claims: Literal["", "keep"] = ""

    def told(self) -> Practice:
        """Return what was written."""
        listed = self.sectors, self.topics, self.references
        return Practice(self.kind, self.title, self.text, self.lang, *listed)


class NewPracticeVersion(NewPractice):
    """As a new one, and the `collection` it goes to; what is left out is not in the version."""

    collection: Line


Done: TypeAlias = AddedObjects | Status[WaitingObjects]
TAKES: dict[Any, Any] = {200: AddedObjects, 202: WaitingObjects, **WRITE}


@router.post("/collections/{collection}/objects", response=TAKES)
def add_objects(request: Asked, collection: str, given: NewObjects) -> Done:
    """Add objects to a collection: to a circle's by signed acts. Where your mandate asks for a
    second person they wait in a draft: 202. Adding the same again changes nothing; one bad object
    spoils no other.
    """
    target = adding.target(request.node, _finder(request), collection)
    unmarked = TLP(given.unmarked or "amber")
    prepared = _prepared(request, target, given.objects, unmarked, given.claims)
    return _done(
        _value(request, adding.add(request.node, request.auth, target, prepared), prepared)
    )


@router.post("/collections/{collection}/practices", response=TAKES)
def write_practice(request: Asked, collection: str, given: NewPractice, key: Key) -> Done:
    """Write a best practice or a lesson into a collection; who has to ask a second person is
    answered 202.
    """

    def work(keep: Keep) -> None:
        value = practices.new(request.node, given.told(), TLP(given.tlp))
        _add_one(request, _target(request, collection), value, given.claims, keep)

    return _done(once(request, key, work))


@router.post("/objects/{object}/versions", response=TAKES)
def write_version(
    request: Asked,
    object: str,  # noqa: A002  as the address names it
    given: NewPracticeVersion,
    key: Key,
) -> Done:
    """Write a new version of a best practice or a lesson that your party published."""

    def work(keep: Keep) -> None:
        of, target = _origin(request, object), _target(request, given.collection)
        value = practices.version(request.node, of, given.told(), TLP(given.tlp))
        _add_one(request, target, value, given.claims, keep)

    return _done(once(request, key, work))


@router.post("/objects/{object}/translations", response=TAKES)
def translate_object(
    request: Asked,
    object: str,  # noqa: A002  as the address names it
    given: NewTranslation,
    key: Key,
) -> Done:
    """Translate the title and the text of an object."""

    def work(keep: Keep) -> None:
        of, target = _origin(request, object), _target(request, given.collection)
        told = given.lang, given.title, given.text
        value = practices.translation(request.node, of, target.place.id, told)
        _add_one(request, target, value, given.claims, keep)

    return _done(once(request, key, work))


def _finder(request: Asked) -> Finder:
    return searching.of_actor(request.node, request.auth, Egress.API)


def _target(request: Asked, collection: str) -> Target:
    return adding.target(request.node, _finder(request), collection)


def _origin(request: Asked, id_: str) -> Origin:
    return practices.origin(request.node, _finder(request), id_)


def _prepared(
    request: Asked, target: Target, values: list[Any], unmarked: TLP | None, claims: str
) -> Prepared:
    brought = importing.read(orjson.dumps({"objects": values}))
    return preparing.prepare(request.node, target.shelf, brought, unmarked, claims)


def _add_one(request: Asked, target: Target, value: Json, claims: str, keep: Keep) -> None:
    prepared = _prepared(request, target, [value], None, claims)
    adding.add_one(
        request.node,
        request.auth,
        target,
        prepared,
        lambda done: keep(_value(request, done, prepared)),
    )


def _value(request: Asked, done: Added, prepared: Prepared) -> dict[str, Any]:
    """Return what is answered, as JSON values."""
    names = Verdict.model_fields
    verdicts = [{name: str(getattr(each, name)) for name in names} for each in prepared.lines]
    if done.draft:
        page = f"{request.node.address}/drafts/{done.draft}/check"
        return {"draft": done.draft, "page": page, "verdicts": verdicts}
    return {"acts": [*done.acts], "verdicts": verdicts}


def _done(value: dict[str, Any]) -> Done:
    if "draft" in value:
        return Status(202, WaitingObjects.model_validate(value))
    return AddedObjects.model_validate(value)
