"""What the API tells of an object beside what it says itself."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class KnownVulnerability(Schema):
    """What lists have of a vulnerability: null where the list that is here does not have it."""

    cve: str
    exploited_since: int | None = Field(description="The day on which the catalogue listed it.")
    due: int | None = Field(description="The day by which it is to be mended.")
    ransomware: bool | None = Field(description="Whether ransomware is known to use it.")
    score: float | None = Field(description="The score of EPSS, 0 to 1.")
    percentile: float | None


class Vulnerabilities(Schema):
    """The vulnerabilities that an object names, and what imported lists say of them. `catalogue`
    is the date of that of known exploited ones, `scores` that of EPSS; null where none was
    imported.
    """

    cves: list[str]
    known: list[KnownVulnerability]
    catalogue: int | None
    scores: int | None
