"""Chains of documents, as one shows them to a stranger: whole, in order, and without a fork.

A node that follows parties keeps their documents one by one and says Pending of what it lacks.
Who is shown a file has nothing but the file: here every document must verify from the party's
first on, and two documents of one version are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import documents, dsse
from comity.kernel.errors import Refusal
from comity.kernel.keys import key_id

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.kernel.ids import Id, PartyId


class Chain:
    """The documents of any number of parties, taken one by one.

    Fields: ``views`` by the id of their document, ``latest`` by party.
    """

    def __init__(self) -> None:
        self.views: dict[Id, View] = {}
        self.latest: dict[PartyId, View] = {}
        self._versions: dict[tuple[PartyId, tuple[int, int]], Id] = {}

    def take(self, envelope: dsse.Envelope) -> frozenset[str]:
        """Take the next document; return the ids of the keys whose signatures mean something.

        These are the root keys before and after an update, or the act key that a succession
        opens. Raises Refusal K2, K4, K5, K6, K8, K9 or K17.
        """
        before = documents.predecessor(envelope)
        previous = None if before is None else self.views.get(before)
        if before is not None and previous is None:
            raise Refusal("K8", "The document before this one is missing.", envelope.id)
        view = documents.read(envelope, previous)
        self.compare(view)
        self.views[view.id] = view
        if envelope.payload_type == dsse.SUCCESSION:
            return frozenset({key_id(view.logs[view.current_log].keys.act)})
        keys = view.root_keys | (previous.root_keys if previous else frozenset())
        return frozenset(map(key_id, keys))

    def take_bare(self, envelope: dsse.Envelope, rule: str) -> None:
        """Take the next document of a file that holds nothing which no check looks at.

        Raises also Refusal ``rule``: it was taken before, or has a signature that proves nothing.
        """
        if envelope.id in self.views:
            raise Refusal(rule, "A document is shown twice.", envelope.id)
        known = self.take(envelope)
        names = {each.keyid for each in envelope.signatures}
        if not names <= known or len(names) < len(envelope.signatures):
            raise Refusal(rule, "A document has a signature that proves nothing.", envelope.id)

    def bare(self, envelope: dsse.Envelope) -> dsse.Envelope:
        """Take the next document, and return it as ``take_bare`` wants it."""
        known = self.take(envelope)
        by_key = {each.keyid: each for each in envelope.signatures if each.keyid in known}
        return envelope._replace(signatures=tuple(by_key.values()))

    def compare(self, view: View) -> None:
        """Take what a verified view says of its party's newest documents.

        Raises Refusal K8 when the party signed another document of the same version.
        """
        place = (view.party, view.version)
        if self._versions.setdefault(place, view.id) != view.id:
            raise Refusal("K8", "The party signed two documents of one version.", view.id)
        latest = self.latest.get(view.party, view)
        if view.version >= latest.version:
            self.latest[view.party] = view
