"""Errors of the API: every one has the shape of RFC 9457, and names the rule that refused.

What may not be seen is answered as what is not there. No input gets a status of 500 or more: what
this node is not able to do now is 503, as at its other doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import orjson
from django.http import HttpResponse
from ninja import Schema
from pydantic import Field

from comity.kernel.errors import RULES, Refusal

if TYPE_CHECKING:
    from comity.services.casework.forms import FormErrors

TYPE = "application/problem+json"
STATUSES = {
    "S1": 503,
    "S3": 404,
    "S5": 503,
    "S6": 503,
    "S7": 503,
    "S8": 409,
    "S10": 403,
    "S12": 409,
    "T5": 429,
    "T13": 503,
}
"""The status of a refusal by its rule; of all others it is ``UNFIT``."""
UNFIT = 422
PAUSES = {429: "60", 503: "5"}
"""Seconds after which to try again, by status."""


class Problem(Schema):
    """What went wrong. Programs act on ``status``, ``rule`` and ``retry``."""

    type: str = Field(description="urn:comity:rule: and the rule.")
    title: str = Field(description="What the rule demands.")
    status: int
    detail: str = Field(description="What happened and what to do, for people, in English.")
    rule: str = Field(description="The rule that refused, as S3 or K13.")
    field: str | None = Field(None, description="What of the request is wrong, if one thing is.")
    subject: str = Field(description="The id or name of what was refused, or nothing.")
    retry: Literal["never", "later", "after-upgrade", "after-document"]


class Wrong(Exception):
    """A refusal with a status, ``field`` and ``headers`` of its own."""

    def __init__(
        self,
        status: int,
        refusal: Refusal,
        field: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(str(refusal))
        self.status, self.refusal, self.field = status, refusal, field
        self.headers = dict(headers or {})


def of_refusal(refusal: Refusal, fields: frozenset[str] = frozenset()) -> Wrong:
    """Return what was refused with its status; of a request that makes no sense, its subject is
    named as field if it is one of ``fields``.
    """
    named = refusal.rule == "S4" and refusal.subject in fields
    return Wrong(STATUSES.get(refusal.rule, UNFIT), refusal, refusal.subject if named else "")


def of_form(errors: FormErrors) -> Wrong:
    """Return all that is wrong with a form, under the first field it is wrong with."""
    refusal = Refusal("S4", " ".join(errors.errors.values()))
    return Wrong(UNFIT, refusal, next(iter(errors.errors)))


def answer(wrong: Wrong) -> HttpResponse:
    """Return the one shape of an error."""
    refusal, pause = wrong.refusal, PAUSES.get(wrong.status)
    value: dict[str, Any] = {
        "type": f"urn:comity:rule:{refusal.rule}",
        "title": RULES[refusal.rule].title,
        "status": wrong.status,
        "detail": refusal.reason,
        "rule": refusal.rule,
        "subject": refusal.subject,
        "retry": refusal.retry.value,
    }
    if wrong.field:
        value["field"] = wrong.field
    headers = {**({"Retry-After": pause} if pause else {}), **wrong.headers}
    return HttpResponse(orjson.dumps(value), TYPE, wrong.status, headers=headers)
