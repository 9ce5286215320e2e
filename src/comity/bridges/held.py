"""An object with the label under which it is held, and the check before it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from comity.bridges.stix.inject import inject
from comity.bridges.stix.record import StixObject
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import PAP, TLP

UNMARKED = TLP.AMBER
"""What counts for an object that neither its own marking nor its holding labels."""


class Held(NamedTuple):
    """An object and what its holding says: ``tlp`` and ``pap``, None where it says nothing."""

    object: StixObject
    tlp: TLP | None = None
    pap: PAP | None = None

    @property
    def label(self) -> TLP:
        """The stricter of the object's own marking and the holding's label."""
        said = [each for each in (self.object.marking.tlp, self.tlp) if each]
        return max(said, default=UNMARKED)

    @property
    def data(self) -> bytes:
        """The object's bytes as they leave: with the marking of the label where its own is wider,
        or it has none, so that nobody takes it for what it is not.
        """
        own = self.object.marking.tlp
        is_said = own is not None and own >= self.label
        return self.object.raw if is_said else inject(self.object.raw, self.label)

    @property
    def limit(self) -> PAP | None:
        """The stricter of what the object and the holding permit; None where neither says."""
        said = [each for each in (self.object.marking.pap, self.pap) if each]
        return max(said, default=None)


def require(held: Iterable[Held], made_for: TLP) -> None:
    """Raise Refusal X57, naming the object, where one is stricter than what is ``made_for``."""
    for each in held:
        require_label(each.label, made_for, each.object.id)


def require_label(label: TLP, made_for: TLP, subject: str) -> None:
    """Raise Refusal X57, about ``subject``, for a label that is stricter than ``made_for``."""
    if made_for < label:
        told = Phrase(
            "This is TLP:{is_}, and the export is made for TLP:{for_}. Leave it out.",
            is_=shown(label),
            for_=shown(made_for),
        )
        raise Refusal("X57", told, subject)


def shown(tlp: TLP) -> str:
    """Return a label as people write it: ``AMBER+STRICT``."""
    return tlp.name.replace("_", "+")


def current(held: Sequence[Held]) -> list[Held]:
    """Return what is not revoked, each object in its newest version alone, in the order given.

    What was revoked is taken away as a whole: an older version of it is no news.
    """
    newest: dict[str, Held] = {}
    for each in held:
        before = newest.get(each.object.id)
        if before is None or before.object.version <= each.object.version:
            newest[each.object.id] = each
    return [each for each in newest.values() if not each.object.revoked]
