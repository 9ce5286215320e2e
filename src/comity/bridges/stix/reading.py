"""From bytes to objects: a batch is cut, and each object read, checked and looked through.

The bytes of an object are the bytes that came; only STIX 2.0 is written anew, as 2.1. A batch that
is no JSON fails whole, as nothing in it can be told apart; in one that is, each object stands or
falls alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import orjson

from comity.bridges.stix import lift, markings, musts, strict
from comity.bridges.stix.observables import observables
from comity.bridges.stix.record import Flaw, Marking, StixObject
from comity.bridges.stix.scoids import OBSERVED
from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comity.bridges.stix.record import Json
    from comity.bridges.stix.schemas import Schemas
    from comity.kernel.label import TLP

BATCH_LIMIT = 100 * 1024 * 1024
"""The most bytes of a batch, unless the caller says less."""
MOST_OBJECTS = 1_000_000
"""The most objects of a batch."""

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_objects = msgspec.json.Decoder(list[msgspec.Raw])
_UNREFERRED = frozenset({"external_references", "kill_chain_phases"})


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
    # A member that stood twice is lost, and with it its colons; see ``strict.parse``.
    kept = sum(bytes(raw).count(b":") + 1 for raw in members.values())
    if any(":" in name for name in members) or data.count(b":") != kept:
        raise Refusal("X2", Phrase("A name stands twice in the batch, or has a colon in it."))
    kind = bytes(members.get("type", b'"bundle"'))
    if kind != b'"bundle"':
        told = Phrase("This is one object and no batch. Put it into a list under “objects”.")
        raise Refusal("X3", told, "type")


class _Read(NamedTuple):
    """What was parsed: where it stood in the batch, its bytes, and its value."""

    at: int
    raw: bytes
    value: Json


def read(raw: bytes, schemas: Schemas, others: Mapping[str, TLP]) -> StixObject:
    """Return the object that ``raw`` encodes; ``others`` are the markings that are known, by id.

    Of observed data in STIX 2.0, what it held is left out: ``read_all`` gives it too.
    Raises Refusal X1, X2 and X4 to X10, whose subject is the path of what is wrong.
    """
    first = next(_parsed(0, raw))
    return _judged(first, schemas, markings.gathered([first.value], others), {})


def read_all(
    raws: Sequence[bytes], schemas: Schemas, others: Mapping[str, TLP] | None = None
) -> tuple[list[StixObject], list[Flaw]]:
    """Return the objects of a batch, in its order, and the flaws of those that failed.

    Markings are those that are defined in the batch or known as ``others``; a translation bears
    those of what it translates, too. Observed data of STIX 2.0 is followed by what it held.
    """
    flaws: list[Flaw] = []
    found: list[_Read] = []
    for at, raw in enumerate(raws):
        try:
            found.extend(_parsed(at, raw))
        except Refusal as refusal:
            flaws.append(_flaw(at, "", refusal))
    known = markings.gathered((one.value for one in found), others or {})
    taken: list[StixObject] = []
    cache: dict[tuple[str, ...], Marking] = {}
    for one in found:
        try:
            taken.append(_judged(one, schemas, known, cache))
        except Refusal as refusal:
            flaws.append(_flaw(one.at, _id_of(one.value), refusal))
    return _translations_marked(taken), sorted(flaws, key=_place)


def _place(flaw: Flaw) -> int:
    return int(flaw.path[len("objects[") :].partition("]")[0])


def _flaw(at: int, id_: str, refusal: Refusal) -> Flaw:
    path = refusal.subject
    return Flaw(id_, f"objects[{at}]{'.' + path if path else ''}", refusal.rule, refusal.reason)


def _id_of(value: Json) -> str:
    id_ = value.get("id")
    return id_[:300] if isinstance(id_, str) else ""


def _parsed(at: int, raw: bytes) -> Iterator[_Read]:
    value = strict.parse(raw)
    if ("spec_version" in value and value["spec_version"] != "2.0") or not lift.is_old(value):
        yield _Read(at, raw, value)
        return
    for one in lift.lifted(value):
        yield _Read(at, orjson.dumps(one), one)


def _judged(
    one: _Read, schemas: Schemas, known: markings.Known, cache: dict[tuple[str, ...], Marking]
) -> StixObject:
    _, raw, value = one
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
        _marked(value, known, cache),
        observables(value),
        _refs(value),
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
    last = value.get("modified", first)
    created = musts.instant(value, "created")
    if last == first:
        return created, created
    modified = musts.instant(value, "modified")
    if modified < created:
        raise musts.not_in_order("created", "modified")
    return created, modified


def _marked(value: Json, known: markings.Known, cache: dict[tuple[str, ...], Marking]) -> Marking:
    if "granular_markings" in value or "labels" in value:
        return markings.own(value, known)
    refs = value.get("object_marking_refs")
    if refs is None:
        return markings.UNMARKED
    key = tuple(refs)
    found = cache.get(key)
    if found is None:
        found = cache[key] = markings.own(value, known)
    return found


def _refs(value: Json) -> tuple[str, ...]:
    found: list[str] = []
    for name, item in value.items():
        end = name[-4:]
        if end == "_ref":
            found += (item,) if type(item) is str else ()
        elif end == "refs" and type(item) is list:
            found += [ref for ref in item if type(ref) is str]
        elif name not in _UNREFERRED and (
            type(item) is dict or (type(item) is list and item and type(item[0]) is dict)
        ):
            found += _inner_refs(item)
    return tuple(dict.fromkeys(found))


def _inner_refs(item: object) -> Iterator[str]:
    if isinstance(item, dict):
        yield from _refs(item)
    elif isinstance(item, list):
        for within in item:
            yield from _inner_refs(within)


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
