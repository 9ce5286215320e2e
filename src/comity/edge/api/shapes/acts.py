"""What the API gives of acts."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class ActLine(Schema):
    """An act that was admitted, by its number `n` in this node."""

    n: int
    id: str
    dossier: str
    party: str
    kind: str
    time: int
    received_at: int
    void: str = Field(description="The rule that gives it no effect, or nothing.")
    held: bool = Field(description="Whether all its content that is meant for us is here.")


class Acts(Schema):
    """Acts that were admitted; `since` is where to go on, and `more` says whether at once."""

    acts: list[ActLine]
    since: int
    more: bool
