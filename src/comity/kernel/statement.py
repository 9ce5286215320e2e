"""The head that every statement in a log shares, and the two small statements: receipts and
node documents (KERNEL, "Statements, logs, documents").

Frozen payloads (canonical JSON, payload types ``dsse.RECEIPT`` and ``dsse.NODE``)::

    head      v, party, doc, log, seq, time
    receipt   head + {to, acts[], whole[]}
    node      head + {version, name, endpoints[], hpke[{key, suite}], wire[], protocols[{name,
              versions[]}], witnesses[], quorum, mailbox?, limits{}}

``time`` is milliseconds since the epoch, UTC: a claim by the party, never decisive.
``seq`` is the statement's index in the party's log ``log``, assigned under the append lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import canon, dsse
from comity.kernel.documents import View, log_keys
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.seal import SUITES, parse_hpke_key
from comity.kernel.version import VERSION

if TYPE_CHECKING:
    from comity.kernel.canon import Object, Value
    from comity.kernel.ids import Id, PartyId

MAX_RECEIPT_IDS = 256
"""The most acts one bundle carries, and so the most ids one receipt lists."""
RECEIPT_LIMIT = 64 * 1024
"""The largest receipt, in bytes."""


class Head(NamedTuple):
    """What identifies a statement's place: party, the document in force, log, index, time."""

    party: PartyId
    doc: Id
    log: int
    seq: int
    time: int

    def to_object(self) -> Object:
        """Return the head's fields with the format version."""
        return {"v": VERSION, **self._asdict()}


def take_head(fields: Fields) -> Head:
    """Read the head out of a statement's fields. Raises Refusal K4 or K17."""
    fields.version()
    return Head(
        fields.party("party"),
        fields.id("doc"),
        fields.integer("log", 1),
        fields.integer("seq"),
        fields.integer("time"),
    )


def verify(envelope: dsse.Envelope, head: Head, view: View) -> None:
    """Verify that the party signed the statement with the act key its document gives.

    ``view`` is the view that ``head.doc`` names. Raises Refusal K5, K6 or K7.
    """
    if view.id != head.doc or view.party != head.party:
        raise Refusal("K6", "The document named is not this party's.", envelope.id)
    dsse.verify_one(envelope, log_keys(view, head.log, head.seq).act)


class Receipt(NamedTuple):
    """A statement that acts are held: the headers of ``acts``, and of ``whole`` every part too.

    Only the parts meant for this party count. Logged, point to point, never itself receipted.
    """

    head: Head
    to: PartyId
    acts: tuple[Id, ...]
    whole: tuple[Id, ...]


def receipt_payload(head: Head, to: PartyId, acts: list[Id], whole: list[Id]) -> bytes:
    """Return the payload of a receipt; ``whole`` is a subset of ``acts``."""
    return canon.dump(
        {**head.to_object(), "to": to, "acts": [*sorted(acts)], "whole": [*sorted(whole)]},
        limit=RECEIPT_LIMIT,
    )


def read_receipt(envelope: dsse.Envelope) -> Receipt:
    """Return the receipt in an envelope, its signature not verified.

    Raises Refusal K2, K4 or K17.
    """
    fields = _fields(envelope, dsse.RECEIPT, "receipt", RECEIPT_LIMIT)
    head, to = take_head(fields), fields.party("to")
    acts = fields.ids("acts", MAX_RECEIPT_IDS, 1)
    whole = fields.ids("whole", MAX_RECEIPT_IDS)
    fields.end()
    if not set(whole) <= set(acts):
        raise Refusal("K4", "A receipt says more is whole than it holds.", envelope.id)
    return Receipt(head, to, acts, whole)


class NodeDocument(NamedTuple):
    """How a party's node is reached, and what it can do.

    ``name`` is how the party names itself; ``endpoints`` are base URLs, empty for a node that
    accepts no connections; ``hpke`` its sealing keys, newest first; ``protocols`` the versions it
    supports by name; ``witnesses`` the parties it asks to cosign and ``quorum`` how many it wants;
    ``mailbox`` the party that hosts its mail, if it accepts no connections itself.
    """

    head: Head
    version: int
    name: str
    endpoints: tuple[str, ...]
    hpke: tuple[str, ...]
    wire: tuple[int, ...]
    protocols: dict[str, tuple[int, ...]]
    witnesses: tuple[PartyId, ...]
    quorum: int
    mailbox: PartyId | None
    limits: Object


def node_payload(node: NodeDocument) -> bytes:
    """Return the payload of a node document."""
    hpke: list[Value] = [{"key": key, "suite": SUITES[0]} for key in node.hpke]
    protocols: list[Value] = [
        {"name": name, "versions": [*versions]} for name, versions in sorted(node.protocols.items())
    ]
    payload: Object = {
        **node.head.to_object(),
        "version": node.version,
        "name": node.name,
        "endpoints": [*node.endpoints],
        "hpke": hpke,
        "wire": [*node.wire],
        "protocols": protocols,
        "witnesses": [*sorted(node.witnesses)],
        "quorum": node.quorum,
        "limits": node.limits,
    }
    if node.mailbox is not None:
        payload["mailbox"] = node.mailbox
    return canon.dump(payload, limit=canon.DOCUMENT_LIMIT)


def read_node(envelope: dsse.Envelope) -> NodeDocument:
    """Return the node document in an envelope, its signature not verified.

    Raises Refusal K2, K4, K9 or K17.
    """
    fields = _fields(envelope, dsse.NODE, "node document", canon.DOCUMENT_LIMIT)
    head = take_head(fields)
    witnesses = fields.parties("witnesses", 16)
    node = NodeDocument(
        head=head,
        version=fields.integer("version", 1),
        name=fields.text("name", 120),
        endpoints=_texts(fields, "endpoints", 8),
        hpke=_hpke_keys(fields),
        wire=_integers(fields, "wire"),
        protocols=_protocols(fields),
        witnesses=witnesses,
        quorum=fields.integer("quorum", 0, len(witnesses)),
        mailbox=fields.optional("mailbox", fields.party),
        limits=fields.object("limits"),
    )
    fields.end()
    return node


def _fields(envelope: dsse.Envelope, kind: str, what: str, limit: int) -> Fields:
    if envelope.payload_type != kind:
        raise Refusal("K4", f"The envelope does not hold a {what}.", envelope.id)
    return Fields(canon.parse(envelope.payload, limit=limit), what)


def _texts(fields: Fields, name: str, most: int) -> tuple[str, ...]:
    values = fields.array(name, most)
    texts = tuple(v for v in values if isinstance(v, str) and 1 <= len(v) <= 500)
    if len(texts) != len(values):
        raise fields.refuse(f"needs strings of 1 to 500 characters in {name!r}.")
    return texts


def _integers(fields: Fields, name: str) -> tuple[int, ...]:
    values = fields.array(name, 32, 1)
    numbers = tuple(v for v in values if type(v) is int and v >= 0)
    if len(numbers) != len(values):
        raise fields.refuse(f"needs whole numbers in {name!r}.")
    return numbers


def _hpke_keys(fields: Fields) -> tuple[str, ...]:
    """Return the sealing keys of suites this version knows; keys of later suites are passed over,
    which is how a new suite is added as data.
    """
    keys: list[str] = []
    for item in fields.each("hpke", 8, 1):
        suite, key = item.text("suite"), item.text("key", 8000)
        item.end()
        if suite in SUITES:
            keys.append(parse_hpke_key(key))
    return tuple(keys)


def _protocols(fields: Fields) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for item in fields.each("protocols", 200):
        name = item.code("name")
        if name <= max(found, default=""):
            raise fields.refuse("needs distinct protocols in ascending order.")
        found[name] = _integers(item, "versions")
        item.end()
    return found
