"""Objects without what they claim of actors, sponsors and countries, as this party says them.

What is left of an object is this party's own statement (see ``restated``), and this node dates it.
Its id follows from this party's and the first one's, so that a later version of the first makes a
later version of it, and bringing the same again makes nothing new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid5

import orjson

from comity.bridges.stix import markings, practice, reading
from comity.bridges.stix.restated import restated, tie
from comity.bridges.stix.scoids import OBSERVED
from comity.kernel.errors import Phrase, Refusal
from comity.services.sharing import dating
from comity.services.sharing.schemas import stix_schemas
from comity.store.access import acts, objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.bridges.stix.claims import Claim
    from comity.bridges.stix.record import Json, StixObject
    from comity.kernel.label import TLP
    from comity.services.node import Node

_NAMESPACE = UUID("5d0a3a5e-0c55-4a0e-8c5b-9d4f6b1f7c21")
"""That of ids of what is said anew; drawn once, and never changed."""


class Stripped(NamedTuple):
    """What an object became: ``made`` without its claims, and what ties it to the first, if
    anything does.
    """

    made: StixObject
    tied: StixObject | None


def strip(node: Node, item: StixObject, found: Sequence[Claim]) -> Stripped:
    """Return an object without the claims ``found`` in it.

    Raises Refusal X25 where nothing honest is left of it, X5 and others of objects where what is
    left lacks what its type needs; nothing is kept.
    """
    value = _marked(restated(item.value, found, _uuid(node, item.id)), item.marking.tlp)
    made = _read(_dated(node, value), item.marking.tlp)
    relation = tie(value, item.id, _uuid(node, f"derived-from {item.id}"))
    if relation is None:
        return Stripped(made, None)
    relation = _marked(relation, item.marking.tlp)
    return Stripped(made, _read(_dated(node, relation), item.marking.tlp))


def _marked(value: Json, tlp: TLP | None) -> Json:
    """Return what was made marked as the first is in its batch: that may be by a label among its
    words, or by a definition that is elsewhere when what was made is read again.
    """
    if tlp is None or markings.Marks({}).of(value).tlp is tlp:
        return value
    return practice.marked(value, tlp)


def _uuid(node: Node, of: str) -> str:
    return str(uuid5(_NAMESPACE, f"{node.me} {of}"))


def _dated(node: Node, value: Json) -> bytes:
    """Return the bytes of an object with its times: those held already where they say the same,
    else of a version later than those.
    """
    if value["type"] in OBSERVED:
        return orjson.dumps(value)
    held = _held(node, value["id"])
    for data, known in held:
        if {**value, "created": known["created"], "modified": known["modified"]} == known:
            return data
    now = dating.now(node, held[0][1]["modified"] if held else "")
    created = held[0][1]["created"] if held else now
    return orjson.dumps({**value, "created": created, "modified": now})


def _held(node: Node, id_: str) -> list[tuple[bytes, Json]]:
    """Return the versions of an object that this party signed, the newest first, as bytes and
    value: others may use its id, and say what they like under it.
    """
    rows = [row for row, _ in objects.holdings_of(node.db, id_) if row.act is not None]
    ids = objects.act_ids(node.db, sorted({row.act for row in rows if row.act is not None}))
    signed = acts.acts_among(node.db, [*ids.values()])
    own = {number for number, act in ids.items() if act in signed and signed[act].party == node.me}
    data = objects.data_of(node.db, sorted({row.object for row in rows if row.act in own}))
    found = (data[row.object] for row in rows if data.get(row.object))
    return [(each, orjson.loads(each)) for each in found]


def _read(raw: bytes, tlp: TLP | None) -> StixObject:
    """Return an object that was made, under the label that its markings had in its batch."""
    try:
        made = reading.read(raw, stix_schemas(), {})
    except Refusal as refusal:
        told = Phrase("Without what it claims it would not be whole: {why}", why=refusal.reason)
        raise Refusal(refusal.rule, told, refusal.subject) from refusal
    return made._replace(marking=made.marking._replace(tlp=tlp))
