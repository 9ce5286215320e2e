"""The kinds of values in what the API takes and gives.

Times are milliseconds since the epoch, UTC, and null where there is none; ids 64 lower-case
hexadecimal digits; labels and kinds the codes of the format. What a person reads is in English.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, StringConstraints

from comity.services.people.mandates import MOST_PATTERNS

WHOLE = r"^[^\x00]*$"
"""No text holds the character of number 0: not every database can keep it."""
MOST_NUMBER = 2**53 - 1

Id: TypeAlias = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
DraftId: TypeAlias = Annotated[str, StringConstraints(pattern="^[0-9a-f]{24}$")]
LinkId: TypeAlias = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
FileId: TypeAlias = Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")]
Kind: TypeAlias = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,32}$")]
Name: TypeAlias = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,64}$")]
Text: TypeAlias = Annotated[str, StringConstraints(pattern=WHOLE, max_length=100_000)]
Line: TypeAlias = Annotated[str, StringConstraints(pattern=WHOLE, max_length=300)]
Number: TypeAlias = Annotated[int, Field(ge=0, le=MOST_NUMBER)]
Object: TypeAlias = dict[str, Any]
Label: TypeAlias = Literal["clear", "green", "amber", "amber_strict", "red"]
Pattern: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00\s]{1,100}$")]
Patterns: TypeAlias = Annotated[list[Pattern], Field(max_length=MOST_PATTERNS)]
