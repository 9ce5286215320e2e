"""The dossiers kept computed in memory: the ones used last, as many as a number of acts allows."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.kernel.dossier import Dossier
    from comity.services.casework.possible import Next

Key: TypeAlias = tuple[int, str, int]
"""As of when something is noted of a dossier: its acts, the own document, the minute."""


class Loaded:
    """Computed dossiers by id; hold ``node.lock`` for whatever is done with it.

    Beyond ``limit`` acts the ones unused for longest are dropped, and computed again when they are
    asked for. The one asked for last always stays. While ``busy`` says that a transaction is under
    way nothing is dropped: what is computed may be ahead of what the database can give back.
    """

    def __init__(self, limit: int, busy: Callable[[], bool]) -> None:
        self._limit = limit
        self._busy = busy
        self._held: OrderedDict[str, Dossier] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._used: set[str] = set()
        self._notes: dict[str, tuple[Key, tuple[Next, ...]]] = {}
        self._acts = 0

    def fresh(self) -> Loaded:
        """Return one that holds nothing, with the same limit."""
        return Loaded(self._limit, self._busy)

    def __len__(self) -> int:
        return len(self._held)

    def get(self, dossier_id: str) -> Dossier | None:
        """Return a dossier if it is held, as the one used last."""
        found = self._held.get(dossier_id)
        if found is not None:
            self[dossier_id] = found
        return found

    def __setitem__(self, dossier_id: str, dossier: Dossier) -> None:
        self._held[dossier_id] = dossier
        self._held.move_to_end(dossier_id)
        self._used.add(dossier_id)
        # What was used since the last time may have grown.
        for each in self._used & self._held.keys():
            size = len(self._held[each].graph)
            self._acts += size - self._sizes.get(each, 0)
            self._sizes[each] = size
        if not self._busy():
            self._used = {dossier_id}
            while self._acts > self._limit and len(self._held) > 1:
                self.pop(next(iter(self._held)))

    def noted(self, dossier_id: str, key: Key) -> tuple[Next, ...] | None:
        """Return what was noted of a dossier under this key, and nothing else since, or None."""
        known = self._notes.get(dossier_id)
        return None if known is None or known[0] != key else known[1]

    def note(self, dossier_id: str, key: Key, found: tuple[Next, ...]) -> None:
        """Keep what may be done next in a dossier as long as it is held."""
        if dossier_id in self._held:
            self._notes[dossier_id] = (key, found)

    def pop(self, dossier_id: str, default: None = None) -> Dossier | None:
        """Drop a dossier and return it; ``default`` when it is not held."""
        self._notes.pop(dossier_id, None)
        self._acts -= self._sizes.pop(dossier_id, 0)
        return self._held.pop(dossier_id, default)

    def clear(self) -> None:
        """Drop all."""
        self._held.clear()
        self._notes.clear()
        self._sizes.clear()
        self._acts = 0
