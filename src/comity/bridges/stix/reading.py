"""From bytes to objects: a batch is cut, and each object read, checked and looked through.

The bytes of an object are the bytes that came; only STIX 2.0 is written anew, as 2.1. A batch that
is no JSON fails whole, as nothing in it can be told apart; in one that is, each object stands or
falls alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import orjson

from comity.bridges.stix import lift, markings, musts, strict
from comity.bridges.stix.observables import observables
from comity.bridges.stix.record import Flaw, StixObject
from comity.bridges.stix.scoids import OBSERVED
from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comity.bridges.stix.record import Json, Marking
    from comity.bridges.stix.schemas import Schemas
    from comity.kernel.label import TLP

BATCH_LIMIT = 100 * 1024 * 1024
"""The most bytes of a batch, unless the caller says less."""
MOST_OBJECTS = 1_000_000
"""The most objects of a batch."""

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_objects = msgspec.json.Decoder(list[msgspec.Raw])


def split(data: bytes, limit: int = BATCH_LIMIT, most: int = MOST_OBJECTS) -> list[bytes]:
    """Return the objects of a bundle or envelope, each as it stands there, byte for byte.

    Raises Refusal X1 (too large, too many, too deep), X2 (no strict JSON) or X3 (no batch). What is
    inside the objects is looked at by ``read``.
    """
    if len(data) > limit:
        told = Phrase("The batch has {size} bytes; at most {limit} are taken at once.",
                      size=len(data), limit=limit)  # fmt: skip
        raise Refusal("X1", told)
    members = _cut(data)
    _require_batch(data, members)
    if "objects" not in members:
        return []
    try:
        raws = _objects.decode(members["objects"])
    except msgspec.ValidationError:
        raise Refusal("X3", Phrase("What stands under “objects” is no list."), "objects") from None
    if len(raws) > most:
        told = Phrase("The batch has {count} objects; at most {most} are taken at once.",
                      count=len(raws), most=most)  # fmt: skip
        raise Refusal("X1", told)
    return [bytes(raw) for raw in raws]


def _cut(data: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _members.decode(data)
    except RecursionError:
        raise Refusal("X1", Phrase("Something in the batch nests too deep to be read.")) from None
    except msgspec.ValidationError:
        raise Refusal("X3", Phrase("A batch is an object with a list “objects” in it.")) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal("X2", Phrase("This is not strict JSON: {why}.", why=str(error))) from None


def _require_batch(data: bytes, members: Mapping[str, msgspec.Raw]) -> None:
    if any(":" in name for name in members) or not _is_whole(data, members):
        raise Refusal("X2", Phrase("A name stands twice in the batch, or has a colon in it."))
    kind = bytes(members.get("type", b'"bundle"'))
    if kind != b'"bundle"':
        told = Phrase("This is one object and no batch. Put it into a list under “objects”.")
        raise Refusal("X3", told, "type")


def _is_whole(data: bytes, members: Mapping[str, msgspec.Raw]) -> bool:
    """Say whether each member of a batch is among what was read of it.

    One that stood twice is lost, and with it its colons; see ``strict.parse``. Those of the objects
    need not be counted, where they stand first of all that has a bracket.
    """
    raws = {name: bytes(raw) for name, raw in members.items()}
    objects, at = raws.get("objects", b""), data.find(b"[")
    if objects and at >= 0 and data.startswith(objects, at):
        data = data[:at] + data[at + len(objects) :]
        raws["objects"] = b""
    return data.count(b":") == sum(raw.count(b":") + 1 for raw in raws.values())


def read(raw: bytes, schemas: Schemas, others: Mapping[str, TLP]) -> StixObject:
    """Return the object that ``raw`` encodes; ``others`` are the markings that are known, by id.

    Of observed data in STIX 2.0, what it held is left out: ``read_all`` gives it too.
    Raises Refusal X1, X2 and X4 to X10, whose subject is the path of what is wrong.
    """
    kept, value = next(iter(_parsed(raw)))
    marks = markings.Marks(others)
    marks.learn(value)
    return _judged(kept, value, schemas, marks)


def read_all(
    raws: Sequence[bytes], schemas: Schemas, others: Mapping[str, TLP] | None = None
) -> tuple[list[StixObject], list[Flaw]]:
    """Return the objects of a batch, in its order, and the flaws of those that failed.

    Markings are those that are defined in the batch or known as ``others``; a translation bears
    those of what it translates, too. Observed data of STIX 2.0 is followed by what it held.
    """
    taken: list[StixObject] = []
    flaws: list[Flaw] = []
    marks = markings.Marks(others or {})
    for at, raw in enumerate(raws):
        id_ = ""
        try:
            for kept, value in _parsed(raw):
                id_ = _id_of(value)
                marks.learn(value)
                taken.append(_judged(kept, value, schemas, marks))
        except Refusal as refusal:
            path = refusal.subject and f".{refusal.subject}"
            flaws.append(Flaw(id_, f"objects[{at}]{path}", refusal.rule, refusal.reason))
    if marks.late:
        # Some were told by what stood after them in the batch.
        for at, one in enumerate(taken):
            if not marks.late.isdisjoint(one.refs):
                taken[at] = one._replace(marking=marks.of(one.value))
    return _translations_marked(taken), flaws


def _id_of(value: Json) -> str:
    id_ = value.get("id")
    return id_[:300] if type(id_) is str else ""


def _parsed(raw: bytes) -> Sequence[tuple[bytes, Json]]:
    """Return what an object is as STIX 2.1: itself, or what lifting made of it."""
    value = strict.parse(raw)
    if not lift.is_old(value):
        return ((raw, value),)
    return [(orjson.dumps(one), one) for one in lift.lifted(value)]


def _judged(raw: bytes, value: Json, schemas: Schemas, marks: markings.Marks) -> StixObject:
    kind = _require_named(value)
    schemas.require(value)
    musts.require(value)
    created, version = _times(value)
    return StixObject(
        value["id"],
        kind,
        version,
        created,
        raw,
        marks.of(value),
        observables(value),
        value.get("revoked", False) is True,
        value,
    )


def _require_named(value: Json) -> str:
    kind, id_ = value.get("type"), value.get("id")
    if type(kind) is not str or not kind:
        raise Refusal("X4", Phrase("The object has no type."), "type")
    if kind == "bundle":
        told = Phrase("A bundle stands inside the batch. Send its objects on their own.")
        raise Refusal("X3", told)
    if type(id_) is not str or not id_.startswith(f"{kind}--"):
        told = Phrase("The id must begin with {kind}-- and go on with a UUID.", kind=kind[:100])
        raise Refusal("X4", told, "id")
    return kind


def _times(value: Json) -> tuple[int, int]:
    """Return when an object was created, and its version. Raises Refusal X6.

    What can be seen has neither, whatever a property of one's own says.
    """
    first = value.get("created")
    if first is None or value["type"] in OBSERVED:
        return 0, 0
    created = musts.instant(value, "created")
    last = value.get("modified", first)
    if last == first:
        return created, created
    modified = musts.instant(value, "modified")
    if modified < created:
        raise musts.not_in_order("created", "modified")
    return created, modified


def _translations_marked(taken: list[StixObject]) -> list[StixObject]:
    if not any(one.type == "language-content" for one in taken):
        return taken
    by_id: dict[str, list[Marking]] = {}
    for one in taken:
        by_id.setdefault(one.id, []).append(one.marking)
    return [
        one._replace(
            marking=markings.joined([one.marking, *by_id.get(one.value["object_ref"], ())])
        )
        if one.type == "language-content"
        else one
        for one in taken
    ]
