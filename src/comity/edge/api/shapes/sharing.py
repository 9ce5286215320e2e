"""What the API tells of an object beside what it says itself."""

from __future__ import annotations

from typing import Literal

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


class Technique(Schema):
    """A technique, sub-technique or tactic of ATT&CK that an object names: what ATT&CK calls it, ""
    where the list here does not have it; whether its id still stands, and which stand `instead`.
    """

    id: str
    name: str
    state: Literal["current", "revoked", "deprecated", "unknown"]
    instead: list[str]


class EndedByAnother(Schema):
    """That a party, or an intake by its `name`, says in its own version that an indicator does not
    hold; it is not who gave it first here, so that this ends nothing: `told` in a sentence.
    """

    party: str = Field(description="Empty for an intake.")
    name: str
    state: Literal["ahead", "expired", "revoked"]
    told: str


class Validity(Schema):
    """Whether an indicator still holds: only what is `current` is to be acted upon. How many
    parties say that it was `seen`, is `expired` or a `false_positive`; all of it in a sentence,
    `told`.
    """

    state: Literal["ahead", "current", "aged", "expired", "wrong", "revoked"]
    why: Literal["revoked", "valid_from", "valid_until", "reports", "half_life", "nothing"]
    at: int | None = Field(description="When that came or comes; null where nothing says.")
    worth: float = Field(description="From 1, new or just seen, to 0; for putting in order.")
    seen: int
    expired: int
    false_positive: int
    told: str
    others: list[EndedByAnother]


class VersionAlarm(Schema):
    """That a version has other bytes than another party gave (X22), is dated more than a day after
    it was said (X27), or is not from who gave the object first (X28): `told` in a sentence.
    `version` is in µs; `party` gave it by the act `act`.
    """

    rule: Literal["X22", "X27", "X28"]
    told: str
    version: int
    party: str
    act: str
