"""Verified root documents and successions, by id: the mapping admission reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.kernel import canon, documents, dsse
from comity.kernel.documents import View
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.store.access import parties as access


class DocumentStore(Mapping[Id, View]):
    """Views read from the database on demand and kept: a document never changes under its id."""

    def __init__(self, db: str) -> None:
        self._db = db
        self._views: dict[Id, View] = {}

    def __getitem__(self, id_: Id) -> View:
        view = self._views.get(id_)
        if view is None:
            view = self._views[id_] = self._read(id_)
        return view

    def require_readable(self, id_: str) -> None:
        """Refuse a store from before version 1 of the format, by the document ``id_`` in it.

        Raises Refusal S5. Whatever else is wrong with the document is for ``fsck`` to say.
        """
        data = access.document(self._db, id_)
        try:
            if data is not None:
                dsse.parse(data, limit=canon.DOCUMENT_LIMIT)
        except Refusal as refusal:
            if refusal.rule == "K19":
                raise Refusal(
                    "S5",
                    "This folder holds a node of format 0, from before the first release, and no "
                    "program reads what it signed. Make a new node in another folder with `comity "
                    "init`, and introduce the parties again.",
                ) from refusal

    def _read(self, id_: Id) -> View:
        data = access.document(self._db, id_)
        if data is None:
            raise KeyError(id_)
        envelope = dsse.parse(data, limit=canon.DOCUMENT_LIMIT)
        before = documents.predecessor(envelope)
        return documents.read(envelope, None if before is None else self[before])

    def __iter__(self) -> Iterator[Id]:
        return (Id(id_) for id_ in access.document_ids(self._db))

    def __len__(self) -> int:
        return len(access.document_ids(self._db))
