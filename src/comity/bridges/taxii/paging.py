"""Following the pages of a server: where the next begins, and that they come to an end.

Pages follow each other by ``next`` where the server gives one, else by the time at which the last
object was added. Servers err: they say ``more`` and give nothing to go on by, give the same again,
or round times. Whatever they do, each step goes on, or is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.bridges.taxii.times import taxii_time
from comity.kernel.errors import Phrase, Refusal

if TYPE_CHECKING:
    from comity.bridges.taxii.answers import Envelope

MOST_EMPTY = 10
"""Pages in a row that may hold nothing though more is said to follow."""
_ROUNDED = 1000
"""Microseconds: a time that is a multiple of this was rounded, as far as can be told."""


@dataclass(slots=True)
class Pages:
    """Where following stands: times in µs.

    ``after`` is where it began, 0 for everything; ``mark`` up to where all that was added has been
    taken, to begin from another time; ``next`` the cursor of the page to ask for.
    """

    after: int = 0
    next: str = ""
    mark: int = 0
    ended: bool = False
    _last: int = 0
    _empty: int = 0
    _seen: set[bytes] = field(default_factory=set)
    _lost: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.mark = self._last = self.after

    def query(self, limit: int) -> dict[str, str]:
        """Return what is asked next: the filters stay the same along ``next`` (section 3.5)."""
        asked = {"limit": str(limit)}
        if self.after:
            asked["added_after"] = taxii_time(self.after)
        if self.next:
            asked["next"] = self.next
        return asked

    def take(self, page: Envelope, last: int | None) -> None:
        """Take note of a page and of when its last object was added. Raises Refusal X63."""
        self._last = max(self._last, last or 0)
        if not page.more:
            self.ended = True
            # More may come at the very time that a rounded one stands for.
            self.mark = max(self.mark, self._last - (self._last % _ROUNDED == 0))
            return
        self._require_new(page)
        # The next page may hold more of what was added at that same time.
        self.mark = max(self.mark, self._last - 1)
        self.next = page.next
        if not page.next:
            self.after = self._later()

    def lose(self) -> bool:
        """Begin again from the mark, since the server does not know its cursor any more. Say
        whether that leads anywhere: it does once from each mark.
        """
        if not self.next or self.mark in self._lost:
            return False
        self._lost.add(self.mark)
        self._seen.clear()
        self.after, self.next = self.mark, ""
        return True

    def _later(self) -> int:
        for time in (self._last - 1, self._last):
            if time > self.after:
                return time
        told = Phrase(
            "It says that there is more, and gives neither a cursor nor a later time to go on from."
            " Tell its administrator; what came before was taken."
        )
        raise Refusal("X63", told, "next")

    def _require_new(self, page: Envelope) -> None:
        self._empty = 0 if page.objects else self._empty + 1
        digest = hashlib.sha256(b"\0".join(page.objects)).digest()
        if (page.objects and digest in self._seen) or self._empty > MOST_EMPTY:
            told = Phrase(
                "It gives the same page again and again and says that there is more. Tell its "
                "administrator; what came before was taken."
            )
            raise Refusal("X63", told, "next")
        self._seen.add(digest)
