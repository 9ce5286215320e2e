"""What the API takes and gives of the root ceremony: what is public, and no secret."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from comity.edge.api.shapes.kinds import WHOLE
from comity.services.identity.holding import Count


class Holder(Schema):
    """Who holds a root key: of the document in force (`old`), of the next one (`new`); `soft` is
    the key that lies on the node's machine.
    """

    key: str
    label: str
    old: bool
    new: bool
    signed: bool
    soft: bool


class Ceremony(Schema):
    """How the root keys stand, and the ceremony that is under way, if there is one. `old` counts
    signatures by root keys in force, `new` by those proposed.
    """

    step: Literal["rest", "gather", "sign", "publish"]
    grade: str
    holders: list[Holder]
    old: Count
    new: Count
    proposal: str = Field(description="Its id, or nothing.")
    spoken: str = Field(description="The digits that every holder compares before signing.")
    beside: list[str] = Field(description="What else would change: logs, next, mandates.")
    stale: bool
    awaits: bool = Field(description="A log was opened by the spare keys, and is not confirmed.")


class Signature(Schema):
    """A signature code that a holder brought; it begins with COMITY-SIGNATURE."""

    code: Annotated[str, StringConstraints(pattern=WHOLE, max_length=4096)]
