"""What is done with objects that claim who did something, before any of a batch is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.bridges.stix import claims as claiming
from comity.kernel.errors import Phrase, Refusal
from comity.services.sharing import stripping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.bridges.stix.claims import Claim
    from comity.bridges.stix.record import StixObject
    from comity.services.node import Node

KEEP, STRIP, LEAVE = "keep", "strip", "leave"
"""Keep a claim as that of the source that the object names; send the object without it, as this
party's own word; or leave the object out.
"""
CLAIMS = (KEEP, STRIP, LEAVE)
RULE = "X25"


class Settled:
    """A batch after what was ``said`` of claims in it, "" while nothing is.

    ``batch`` are its objects as they are told of, and ``going`` those that go. By the ``id()`` of
    each: the ``claims`` in what it came as, why it is ``out``, and the id of what it was made
    ``of``.
    """

    def __init__(self, node: Node, batch: Sequence[StixObject], said: str) -> None:
        self._node, self._said = node, said
        self._newest: dict[str, int] = {}
        for item in batch:
            self._newest[item.id] = max(item.version, self._newest.get(item.id, 0))
        self.batch: list[StixObject] = []
        self.claims: dict[int, tuple[Claim, ...]] = {}
        self.out: dict[int, Refusal] = {}
        self.of: dict[int, str] = {}
        self._leave_translations({item.id for item in batch if not self._goes_as_it_is(item)})
        self.going = [item for item in self.batch if id(item) not in self.out]

    def _goes_as_it_is(self, item: StixObject) -> bool:
        """Put an object, or what is made of it, into the batch; say whether it goes as it came."""
        found = (*claiming.claims(item.value),)
        made = [item]
        try:
            made = self._made(item, found) if found else made
        except Refusal as refusal:
            self.out[id(item)] = refusal
        self.batch += made
        self.claims[id(made[0])] = found
        self.of |= {id(each): item.id for each in made if each is not item}
        return made[0] is item and id(item) not in self.out

    def _made(self, item: StixObject, found: tuple[Claim, ...]) -> list[StixObject]:
        """Return what goes in place of an object that claims who did something.

        Raises Refusal where nothing does.
        """
        if self._said == STRIP:
            if item.version < self._newest[item.id]:
                raise Refusal(RULE, Phrase("A later version of it goes without its claims."))
            made = stripping.strip(self._node, item, found)
            return [each for each in made if each is not None]
        if self._said == KEEP and _names_source(item):
            return [item]
        raise Refusal(RULE, _why_out(self._said, found[0]))

    def _leave_translations(self, changed: set[str]) -> None:
        """Leave out what translates objects that do not go as they came: it may say what they
        said, in a language in which no claims are found.
        """
        for item in self.batch:
            if item.type == "language-content" and item.value["object_ref"] in changed:
                told = Phrase("It translates an object that does not go as it came.")
                self.out.setdefault(id(item), Refusal(RULE, told))


def _why_out(said: str, claim: Claim) -> str:
    if said == LEAVE:
        return Phrase("It claims who did it: {claim}.", claim=claim.words)
    if said == KEEP:
        return Phrase(
            "It claims who did it and does not say who claims so: no created_by_ref, and no "
            "reference to a source. Let its source say it."
        )
    return Phrase(
        "It claims who did it: {claim}. Say whether that is kept, as the claim of its source, "
        "whether the object goes without, or whether it is left out.",
        claim=claim.words,
    )


def _names_source(item: StixObject) -> bool:
    return "created_by_ref" in item.value or bool(item.value.get("external_references"))
