"""What a person means: parties by name, and ids by their first digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import Id, PartyId
from comity.store.access import acts, parties

if TYPE_CHECKING:
    from comity.services.node import Node

SHORT = 8
"""Digits of an id that people are shown; as few as four may be typed."""
_PREFIX = re.compile("[0-9a-f]{4,64}")


def party(node: Node, text: str) -> PartyId:
    """Return the party that ``text`` names: by its name, whatever its case, or by its id.

    Nobody is met under the name of another's id: a whole id means its party, and the beginning of
    one, that too. Raises Refusal S3 when nobody is meant, S4 when more than one could be.
    """
    rows = parties.parties(node.db)
    wanted = text.strip().casefold()
    found = [row.id for row in rows if row.id == wanted]
    if not found:
        digits = _PREFIX.fullmatch(wanted) is not None
        found = [
            row.id
            for row in rows
            if row.name.casefold() == wanted or (digits and row.id.startswith(wanted))
        ]
    if not found:
        found = [row.id for row in rows if wanted and wanted in row.name.casefold()]
    return PartyId(_one(found, text, "party"))


def parties_called(node: Node, text: str) -> tuple[PartyId, ...]:
    """Return the parties whose id is ``text``, or whose name is, or begins with it as whole words;
    whatever its case. Several may call themselves the same.
    """
    wanted = f"{text.strip().casefold()} "
    rows = parties.parties(node.db)
    return tuple(
        PartyId(row.id)
        for row in rows
        if row.id == wanted.strip() or f"{row.name.casefold()} ".startswith(wanted)
    )


def dossier(node: Node, text: str) -> Id:
    """Return the dossier whose id begins with ``text``. Raises Refusal S3 or S4."""
    return Id(_one(acts.dossiers_like(node.db, _digits(text, "dossier")), text, "dossier"))


def act(node: Node, text: str) -> Id:
    """Return the act whose id begins with ``text``. Raises Refusal S3 or S4."""
    return Id(_one(acts.acts_like(node.db, _digits(text, "message")), text, "message"))


def _digits(text: str, what: str) -> str:
    digits = text.strip().casefold()
    if not _PREFIX.fullmatch(digits):
        told = "A {what} is named by at least 4 digits of its id (0-9, a-f)."
        raise Refusal("S4", Phrase(told, what=Phrase(what)), text)
    return digits


def _one(found: Sequence[str], text: str, what: str) -> str:
    if not found:
        raise Refusal("S3", Phrase("There is no such {what} here.", what=Phrase(what)), text)
    if len(found) > 1:
        told = "More than one {what} could be meant; write more of it."
        raise Refusal("S4", Phrase(told, what=Phrase(what)), text)
    return found[0]
