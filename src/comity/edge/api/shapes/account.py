"""What the API takes and gives of a person's own account, and of what awaits that person."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.kinds import Line
from comity.services.people.notices import Shown

Minute = Annotated[int, Field(ge=0, lt=24 * 60)]
Day = Annotated[int, Field(ge=0, le=6)]


class Notices(Schema):
    """What awaits a person, unread first."""

    notices: list[Shown]


class Following(Schema):
    """Whether a person is told of what is new in a dossier."""

    follows: bool


class HoursShape(Schema):
    """When mail may come. Times are minutes past midnight where the person is; days are numbered
    from Monday, 0. In `quiet` hours, (from, until), only what is urgent comes.
    """

    mail: bool = Field(description="Whether any comes.")
    digest: bool = Field(description="One when work begins, instead of one for each thing.")
    begins: Minute
    days: Annotated[list[Day], Field(max_length=7)]
    quiet: tuple[Minute, Minute] | None


class Account(Schema):
    """What a person chose: the language of pages and mails, the time zone, and when mail comes."""

    language: Line = Field(description="As en, ar or zh-hans; empty before one was chosen.")
    zone: Line = Field(description="As Europe/Paris (IANA); empty before one was chosen.")
    hours: HoursShape
