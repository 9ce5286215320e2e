"""What the API gives of the landscape: what was seen, by class, sector and month."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from comity.edge.api.shapes.kinds import Label


class SeenSpan(Schema):
    """So many observations from the `first` month to the `last`; one month, where both are."""

    first: str
    last: str
    seen: int


class SeenLine(Schema):
    """One class in one sector. In the months that are `withheld` something was or may have been
    seen that is not told; in those that are in neither, nothing was.
    """

    rsit: str = Field(description="A class of the Reference Security Incident Taxonomy.")
    sector: str = Field(description="By industry-sector-ov of STIX 2.1; empty where not told.")
    seen: int
    new: int | None = Field(description="Since the week began; null where it is not told.")
    spans: list[SeenSpan]
    withheld: list[str]


class SilentSource(Schema):
    """A source of which nothing came for 30 days; `last` is when something did."""

    source: str = Field(description="A party, or kev or epss.")
    kind: str
    last: int | None


class MotiveClaim(Schema):
    """A motive that somebody claims; `source` is the party that passed the claim on."""

    motive: str
    source: str
    day: str


class Landscape(Schema):
    """What was seen. `label` is the strictest of all that was read for it; where there is `more`,
    older objects are left out. No figure is told that is less than `least` and not 0.
    """

    label: Label
    made: int
    week: int
    months: list[str]
    least: int
    read: int
    more: bool
    seen: int = Field(description="The sum of all lines, at least.")
    lines: list[SeenLine]
    public: dict[str, int] = Field(
        description="Vulnerabilities that public lists tell of, by month."
    )
    listed: int | None = Field(description="The date of KEV, or null where it is not here.")
    scored: int | None = Field(description="The date of EPSS, or null where it is not here.")
    unseen_classes: list[str]
    unseen_sectors: list[str]
    silent: list[SilentSource]
    claims: list[MotiveClaim]
