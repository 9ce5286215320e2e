"""States, by their codes of ISO 3166-1 in small letters, as seats spell them.

No list of them is kept here: which code stands for whom is said by who signs it, and a code that
nobody has assigned is free for exercises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Phrase

if TYPE_CHECKING:
    from comity.kernel.canon import Object, Value

_CODE = re.compile("[a-z]{2}")


@dataclass(frozen=True, slots=True)
class State:
    """The two letters of a state; people write them in any case."""

    name: str = "state"

    def check(self, value: Value) -> str:
        """Return the code. Raises ValueError."""
        if not isinstance(value, str) or not is_code(value):
            raise ValueError(Phrase("write the two letters of a state, as fr"))
        return value

    def from_text(self, text: str) -> str:
        """Return the code in small letters. Raises ValueError."""
        return self.check(text.lower())

    def schema(self) -> Object:
        """Return a string of two letters."""
        return {"type": "string", "pattern": f"^{_CODE.pattern}$"}


def is_code(text: str) -> bool:
    """Say whether a text is such a code; a seat may be one."""
    return _CODE.fullmatch(text) is not None


def written(code: str) -> str:
    """Return a code as it is printed: in capitals."""
    return code.upper()
