"""What the API takes and gives of memos."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.kinds import Name, Text
from comity.services.casework.memos import Memo
from comity.store.access.memos import ME


class Memos(Schema):
    """Memos, the oldest first."""

    memos: list[Memo]


class NewMemo(Schema):
    """A memo to be kept."""

    text: Text = Field(description="Empty to remove it.")
    readers: Name = Field(
        default=ME, description="`me`, `all` who read the act here, or a lane of the dossier."
    )
