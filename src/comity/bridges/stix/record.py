"""What reading gives: objects, what was found in them, and the flaws of those that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from comity.bridges.stix.refs import refs_of
from comity.bridges.stix.text import text_of

if TYPE_CHECKING:
    from comity.kernel.label import PAP, TLP

Json: TypeAlias = dict[str, Any]
"""An object as parsed."""


class Flaw(NamedTuple):
    """Why one object was not taken.

    Fields: ``id`` of the object (``""`` where it has none that can be said), ``path`` to the place
    (``objects[3].pattern``), ``rule`` (X…), ``reason`` (a Phrase or plain text, for a person).
    """

    id: str
    path: str
    rule: str
    reason: str


class Observable(NamedTuple):
    """Something that can be seen in a network or a file, spelt in one way.

    Fields: ``kind`` (a key of ``normal.KINDS``), ``value`` (at most 200 characters).
    """

    kind: str
    value: str


class Marking(NamedTuple):
    """What the markings of an object say: the strictest of each, None where none says it.

    Fields: ``tlp`` (None: unmarked), ``pap``, ``statements`` (terms in words, each once).
    """

    tlp: TLP | None
    pap: PAP | None
    statements: tuple[str, ...]


class StixObject(NamedTuple):
    """One object in one version.

    Fields: ``id``, ``type``, ``version`` (microseconds since the epoch of ``modified``, else of
    ``created``, else 0), ``created`` (the same of ``created``, else 0), ``raw`` (the bytes as they
    are kept), ``marking`` (its own), ``observables``, ``revoked``, ``value`` (parsed).
    """

    id: str
    type: str
    version: int
    created: int
    raw: bytes
    marking: Marking
    observables: tuple[Observable, ...]
    revoked: bool
    value: Json

    @property
    def refs(self) -> tuple[str, ...]:
        """The ids it names, each once; looked for when asked, since few ask."""
        return refs_of(self.value)

    @property
    def text(self) -> str:
        """What full-text search finds in it."""
        return text_of(self.value)
