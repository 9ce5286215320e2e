"""What an object says without its claims, as another party's own statement.

STIX 2.1 (section 3.6.2) lets the creator of an object alone give it new versions. Whoever else
changes one makes a new object: under an id of its own, not in the name of the first one's creator,
and tied to the first by a relationship “derived-from”. An observable is named by what it is, so
that of two parties who say the same of it none is its creator: it keeps its id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.bridges.stix.claims import claims, stripped
from comity.bridges.stix.scoids import OBSERVED, sco_id
from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.bridges.stix.claims import Claim
    from comity.bridges.stix.record import Json

RULE = "X25"
_TIED = frozenset({"relationship", "sighting"})
"""Types that no relationship leads to or from."""
_NAMED = frozenset({"marking-definition", "extension-definition", "language-content"})
"""Types that mean something to others by their id alone, or by the words of another object."""


def restated(value: Json, found: Sequence[Claim], uuid: str) -> Json:
    """Return an object without claims that were ``found`` in it, under an id of its own.

    It has no creator and no times yet; whoever says it dates it. Raises Refusal X25 where nothing
    honest is left of it.
    """
    if value["type"] in _NAMED:
        raise _refused(Phrase("Others refer to it by its id, so it goes as it is or not at all."))
    if value.get("revoked"):
        raise _refused(Phrase("It says that an object is revoked, which its creator alone can."))
    if value.get("granular_markings"):
        raise _refused(Phrase("Parts of it are marked by their place, which would be another."))
    left = stripped(value, found)
    if left is None or claims(left):
        raise _refused(Phrase("It is itself such a claim, or cannot be told apart from it."))
    if value["type"] in OBSERVED:
        return _same(value, left)
    left = {name: said for name, said in left.items() if name not in {"created_by_ref", "created"}}
    left.pop("modified", None)
    return left | {"id": f"{value['type']}--{uuid}"}


def _same(value: Json, left: Json) -> Json:
    if sco_id(left) != sco_id(value):
        raise _refused(Phrase("What it claims is part of what it is."))
    return left


def tie(made: Json, of: str, uuid: str) -> Json | None:
    """Return the relationship that ties what was made to the object it was made ``of``, marked as
    it, without times; None where STIX has none.
    """
    if made["type"] in _TIED or made["id"] == of:
        return None
    tied: Json = {"type": "relationship", "spec_version": "2.1", "id": f"relationship--{uuid}"}
    tied |= {"relationship_type": "derived-from", "source_ref": made["id"], "target_ref": of}
    return tied | {name: made[name] for name in ("object_marking_refs",) if name in made}


def _refused(told: Phrase) -> Refusal:
    return Refusal(RULE, told)
