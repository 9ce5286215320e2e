"""Acts: one signed statement in a dossier (DESIGN section 4, KERNEL "Convergence").

Frozen payload (canonical JSON, payload type ``dsse.ACT``)::

    v, party, doc, log, seq, dossier?, kind, n, prev?, parents[], time, tlp, pap?, footing?,
    realm?, body{}, content{type, parts, size, hash}, refs[]

``n`` and ``prev`` place the act in its feed: the acts of one (party, log) in one dossier, counted
from 1. ``parents`` are heads of other feeds newly seen. A charter has no ``dossier``: its own id
is the dossier's. ``body`` holds coded fields only, ``content`` commits to parts that may be
absent, late, withheld or erased. Absent fields are omitted, never null.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import orjson

from comity.kernel import canon, dsse, shape, statement
from comity.kernel.approvals import require_approvals
from comity.kernel.content import Commitment
from comity.kernel.documents import View
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId, is_hex
from comity.kernel.label import PAP, TLP, Footing
from comity.kernel.version import VERSION, require_known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.kernel.canon import Object, Value

BODY_LIMIT = 8 * 1024
MAX_PARENTS = 64
MAX_REFS = 32
CHARTER = "charter"

_T = TypeVar("_T")
_KIND = re.compile("[a-z][a-z0-9_]{0,31}")
_REQUIRED = frozenset(
    "v party doc log seq kind n parents time tlp body content refs".split()  # noqa: SIM905
)
_OPTIONAL = frozenset({"dossier", "prev", "pap", "footing", "realm"})
_TLP = {level.value: level for level in TLP}
_PAP = {level.value: level for level in PAP}
_FOOTING = {footing.value: footing for footing in Footing}


class Header(NamedTuple):
    """The signed header of an act; see the module for the fields."""

    party: PartyId
    doc: Id
    log: int
    seq: int
    dossier: Id | None
    kind: str
    n: int
    prev: Id | None
    parents: tuple[Id, ...]
    time: int
    tlp: TLP
    pap: PAP | None
    footing: Footing | None
    realm: str | None
    body: Object
    content: Commitment
    refs: tuple[Id, ...]

    @property
    def head(self) -> statement.Head:
        """The part that every statement of a log shares."""
        return statement.Head(self.party, self.doc, self.log, self.seq, self.time)

    def to_object(self) -> Object:
        """Return the fields as they are signed; absent ones are omitted."""
        value: Object = {
            "v": VERSION,
            "party": self.party,
            "doc": self.doc,
            "log": self.log,
            "seq": self.seq,
            "kind": self.kind,
            "n": self.n,
            "parents": [*self.parents],
            "time": self.time,
            "tlp": self.tlp.value,
            "body": self.body,
            "content": self.content.to_object(),
            "refs": [*self.refs],
        }
        optional: dict[str, Value | None] = {
            "dossier": self.dossier,
            "prev": self.prev,
            "pap": self.pap and self.pap.value,
            "footing": self.footing and self.footing.value,
            "realm": self.realm,
        }
        return value | {name: item for name, item in optional.items() if item is not None}

    def to_payload(self) -> bytes:
        """Return the bytes to sign. Raises Refusal K1 or K2."""
        return canon.dump(self.to_object())


class Act(NamedTuple):
    """An act as read: its id, its header, and the envelope it came in."""

    id: Id
    header: Header
    envelope: dsse.Envelope

    @property
    def dossier(self) -> Id:
        """The dossier the act belongs to; a charter's is its own id."""
        return self.header.dossier or self.id


def parse(data: bytes) -> Act:
    """Return the act in the bytes of an envelope, its signature not verified.

    Raises Refusal K1, K2, K3, K4, K10, K11 or K17.
    """
    return read(dsse.parse(data, limit=canon.HEADER_LIMIT))


def read(envelope: dsse.Envelope) -> Act:
    """Return the act in an envelope, its signature not verified.

    Raises Refusal K1, K2, K4, K10, K11 or K17.
    """
    if envelope.payload_type != dsse.ACT:
        raise Refusal("K4", "The envelope does not hold an act.", envelope.id)
    return Act(envelope.id, read_header(envelope.payload), envelope)


def read_header(payload: bytes) -> Header:
    """Return the header in ``payload``. Raises Refusal K1, K2, K4, K10, K11 or K17."""
    shaped = shape.match(payload) if len(payload) <= canon.HEADER_LIMIT else None
    header = _read_fields(payload) if shaped is None else _from_shape(*shaped)
    _require_place(header)
    return header


def _from_shape(body: Object, size: int, found: shape.Shape) -> Header:
    """Return the header whose shape was matched: what one expression cannot say is checked here."""
    _require_body_size(size)
    parents = found.parents.split('","') if found.parents else []
    refs = found.refs.split('","') if found.refs else []
    return Header(
        party=PartyId(found.party),
        doc=Id(found.doc),
        log=_whole(int(found.log), "log", 1),
        seq=int(found.seq),
        dossier=None if found.dossier is None else Id(found.dossier),
        kind=found.kind,
        n=_whole(int(found.n), "n", 1),
        prev=None if found.prev is None else Id(found.prev),
        parents=_ascending(parents, "parents", MAX_PARENTS),
        time=int(found.time),
        tlp=_pick(_TLP, found.tlp, "tlp"),
        pap=None if found.pap is None else _pick(_PAP, found.pap, "pap"),
        footing=None if found.footing is None else _pick(_FOOTING, found.footing, "footing"),
        realm=found.realm,
        body=body,
        content=Commitment.checked(found.type, int(found.parts), int(found.size), found.hash),
        refs=_distinct(refs),
    )


def _read_fields(payload: bytes) -> Header:
    """Read a header field by field, and say what is wrong with it."""
    # Every value is checked below, and the body is held against the profile as a whole.
    value = canon.load(payload)
    names = value.keys()
    version = value.get("v")
    require_known(version, "header")
    if not names >= _REQUIRED or not names <= _REQUIRED | _OPTIONAL:
        raise Refusal("K4", f"A header's fields differ: {sorted((names ^ _REQUIRED) - _OPTIONAL)}.")
    if type(version) is not int or version != VERSION:
        raise Refusal("K4", "The field 'v' is not the version of this format.")
    kind = value["kind"]
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise Refusal("K4", "The kind is not a code.")
    return Header(
        party=PartyId(_id(value["party"], "party")),
        doc=_id(value["doc"], "doc"),
        log=_whole(value["log"], "log", 1),
        seq=_whole(value["seq"], "seq", 0),
        dossier=_id(value["dossier"], "dossier") if "dossier" in names else None,
        kind=kind,
        n=_whole(value["n"], "n", 1),
        prev=_id(value["prev"], "prev") if "prev" in names else None,
        parents=_ids(value["parents"], "parents", MAX_PARENTS),
        time=_whole(value["time"], "time", 0),
        tlp=_pick(_TLP, value["tlp"], "tlp"),
        pap=_pick(_PAP, value["pap"], "pap") if "pap" in names else None,
        footing=_pick(_FOOTING, value["footing"], "footing") if "footing" in names else None,
        realm=_realm(value["realm"]) if "realm" in names else None,
        body=_body(value["body"]),
        content=Commitment.from_object(value["content"]),
        refs=_refs(value["refs"]),
    )


def _require_place(header: Header) -> None:
    """Refuse headers whose place contradicts itself, whatever the graph holds."""
    if (header.prev is None) != (header.n == 1):
        raise Refusal("K10", "Exactly the first act of a feed has no prev.")
    if header.prev in header.parents:
        raise Refusal("K11", "An act's prev is not repeated among its parents.")
    charter = header.kind == CHARTER
    if charter != (header.dossier is None):
        raise Refusal("K4", "Exactly a charter names no dossier.")
    if charter and (header.n != 1 or header.parents):
        raise Refusal("K10", "A charter is the first act and has no parents.")
    if not charter and header.n == 1 and not header.parents:
        raise Refusal("K11", "The first act of a feed cites what it has seen.")


def verify(act: Act, view: View) -> None:
    """Verify the act's signature, and its approvals where it carries any.

    ``view`` is the view the header's ``doc`` names. Raises Refusal K5, K6, K7 or K16.
    """
    statement.verify(act.envelope, act.header.head, view)
    if "approvals" in act.header.body:
        require_approvals(act.header.to_object(), view.mandates)


def _id(value: Value, name: str) -> Id:
    if not is_hex(value):
        raise Refusal("K4", f"The field {name!r} is not 64 lower-case hexadecimal digits.")
    return Id(cast("str", value))


def _whole(value: Value, name: str, least: int) -> int:
    if type(value) is not int or not least <= value <= canon.MAX_INT:
        raise Refusal("K4", f"The field {name!r} is not an integer of at least {least}.")
    return value


def _ids(value: Value, name: str, most: int) -> tuple[Id, ...]:
    if not isinstance(value, list):
        raise Refusal("K4", f"The field {name!r} is not an array of at most {most} ids.")
    return _ascending([_id(item, name) for item in value], name, most)


def _ascending(ids: Sequence[str], name: str, most: int) -> tuple[Id, ...]:
    if len(ids) > most:
        raise Refusal("K4", f"The field {name!r} is not an array of at most {most} ids.")
    if any(a >= b for a, b in itertools.pairwise(ids)):
        raise Refusal("K4", f"The ids in {name!r} are not in strictly ascending order.")
    return cast("tuple[Id, ...]", tuple(ids))


def _refs(value: Value) -> tuple[Id, ...]:
    """Read refs, whose order has meaning to a protocol; none is named twice."""
    if not isinstance(value, list):
        raise Refusal("K4", f"The field 'refs' is not an array of at most {MAX_REFS} ids.")
    return _distinct([_id(item, "refs") for item in value])


def _distinct(refs: Sequence[str]) -> tuple[Id, ...]:
    if len(refs) > MAX_REFS:
        raise Refusal("K4", f"The field 'refs' is not an array of at most {MAX_REFS} ids.")
    if len(refs) > 1 and len(set(refs)) != len(refs):
        raise Refusal("K4", "An id is named twice in 'refs'.")
    return cast("tuple[Id, ...]", tuple(refs))


def _pick(choices: dict[str, _T], value: Value, name: str) -> _T:
    if not isinstance(value, str) or value not in choices:
        raise Refusal("K4", f"The field {name!r} is not one of {sorted(choices)}.")
    return choices[value]


def _realm(value: Value) -> str:
    if not isinstance(value, str) or not _KIND.fullmatch(value):
        raise Refusal("K4", "The realm is not a code.")
    return value


def _body(value: Value) -> Object:
    if not isinstance(value, dict):
        raise Refusal("K4", "The body is not an object.")
    canon.require_profile(value, 2)
    _require_body_size(len(orjson.dumps(value)))
    return value


def _require_body_size(size: int) -> None:
    if size > BODY_LIMIT:
        raise Refusal("K1", f"The body is larger than {BODY_LIMIT} bytes.")
