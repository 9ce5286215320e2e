"""What people write in most protocols, beside what is coded; no rule reads it."""

from __future__ import annotations

from comity.kernel.fieldtypes import Text
from comity.kernel.protocol import Field

TEXT = Field("text", Text(), "Text", search=True)
"""What is said, where that is words alone."""
REMARK = Field("text", Text(), "Text", "If there is more to say.", required=False, search=True)
"""Words beside what is coded."""


def title(told: str = "A few words by which people will recognise it.") -> Field:
    """Return the title of a dossier; ``told`` is the help beside it."""
    return Field("title", Text(most=200, lines=False), "Title", told, title=True, search=True)
