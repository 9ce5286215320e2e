"""A proposal: the next root document as a file, for the people who are asked to sign it.

It carries the party's documents from the first on, so that a machine that has never seen the node
verifies what is replaced, and shows what would change. ::

    {comity: "root-proposal/v1", name, payload (base64), documents[], labels{key: label}}

``name`` and ``labels`` are this node's own words for people, and nobody signed them.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.kernel import documents, dsse
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId, fingerprint
from comity.kernel.keys import Key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comity.kernel.documents import View

KIND = "root-proposal/v1"
LIMIT = 16 * 1024 * 1024
MOST_DOCUMENTS = 1024
NO_PROPOSAL = "This is not a whole proposal of root keys; `comity ceremony propose` writes those."


class Proposal(NamedTuple):
    """A root document that people are asked to sign.

    ``envelope`` has no signatures yet; ``before`` is the root document it follows, ``newest`` the
    newest document of the party, ``after`` what it would say itself.
    """

    name: str
    envelope: dsse.Envelope
    chain: tuple[dsse.Envelope, ...]
    labels: Mapping[Key, str]
    before: View
    newest: View
    after: View

    @property
    def id(self) -> Id:
        """The id that the document will have, whoever signs it."""
        return self.envelope.id

    @property
    def spoken(self) -> str:
        """What everybody compares before signing: 12 groups of 5 digits."""
        return fingerprint(PartyId(self.id))

    @property
    def beside(self) -> list[str]:
        """What changes besides the root keys: none of "logs", "next", "mandates" as a rule."""
        pairs = {
            "logs": (self.after.logs, self.newest.logs),
            "next": (self.after.next, self.newest.next),
            "mandates": (self.after.mandates, self.newest.mandates),
        }
        return [name for name, (one, other) in pairs.items() if one != other]

    def to_bytes(self) -> bytes:
        """Return the file."""
        value = {
            "comity": KIND,
            "name": self.name,
            "payload": base64.b64encode(self.envelope.payload).decode(),
            "documents": [orjson.Fragment(each.to_bytes()) for each in self.chain],
            "labels": dict(self.labels),
        }
        return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def make(
    payload: bytes, chain: Sequence[dsse.Envelope], labels: Mapping[Key, str], name: str
) -> Proposal:
    """Return the proposal of a payload that follows a document of ``chain``.

    The chain is verified from the party's first document on. Raises Refusal K2 to K9, or T10.
    """
    envelope = dsse.Envelope(dsse.ROOT, payload, ())
    views: dict[Id | None, View] = {}
    for each in chain:
        previous = documents.predecessor(each)
        views[each.id] = documents.read(each, views.get(previous))
    before = views.get(documents.predecessor(envelope))
    if before is None or len({view.party for view in views.values()}) != 1:
        raise Refusal("T10", NO_PROPOSAL)
    newest = max(views.values(), key=lambda view: view.version)
    after = documents.proposed(payload, before)
    return Proposal(name, envelope, tuple(chain), labels, before, newest, after)


def parse(data: bytes) -> Proposal:
    """Return the proposal in a file. Raises Refusal T10, or what its documents are refused for."""
    try:
        value = orjson.loads(data[:LIMIT])
        if value["comity"] != KIND:
            raise KeyError(KIND)
        payload = base64.b64decode(value["payload"], validate=True)
        chain = [dsse.from_object(each) for each in value["documents"][:MOST_DOCUMENTS]]
        labels = {Key(str(key)): str(label)[:200] for key, label in value["labels"].items()}
        name = str(value["name"])[:200]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal("T10", NO_PROPOSAL) from error
    return make(payload, chain, labels, name)
