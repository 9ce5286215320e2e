"""Answers of TAXII: all of one media type, refusals too."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from comity.bridges.taxii import resources
from comity.bridges.taxii.media import TAXII
from comity.bridges.taxii.times import taxii_time
from comity.kernel.errors import RULES, Refusal, Retry
from comity.services.replies import Answer, Turned

if TYPE_CHECKING:
    from collections.abc import Sequence

STATUS = {
    "S3": 404,
    "S10": 403,
    "S12": 409,
    "T5": 429,
    "X30": 406,
    "X31": 415,
    "X32": 400,
    "X33": 400,
    "X34": 400,
    "X35": 400,
    "X36": 413,
    "X37": 400,
    "X38": 401,
    "X39": 405,
}
UNFIT, LATER, FORBIDDEN = 422, 503, 403
CHALLENGE = ("WWW-Authenticate", 'Basic realm="TAXII", charset="UTF-8"')
SOON = ("Retry-After", "5")


def answer(body: bytes, status: int = 200, *more: tuple[str, str]) -> Answer:
    """Return a resource, or no body at all, as an answer."""
    return Answer(status, body, TAXII, more=more)


def page(body: bytes, added: Sequence[int]) -> Answer:
    """Return a page of what was ``added`` at times in µs, with the first and the last of them
    (section 3.2).

    There is no such time of an empty page, and none is made up: who went on by it would skip.
    """
    if not added:
        return answer(body)
    first, last = taxii_time(added[0]), taxii_time(added[-1])
    return answer(body, 200, ("X-TAXII-Date-Added-First", first), ("X-TAXII-Date-Added-Last", last))


def refused(refusal: Refusal) -> Answer:
    """Return a refusal as an error, with the status its rule has."""
    status = _status(refusal)
    more = {401: (CHALLENGE,), LATER: (SOON,), 429: (SOON,)}.get(status, ())
    return error(status, refusal, *more)


def turned(away: Turned) -> Answer:
    """Return what the gate said as an error."""
    return error(away.status, away.refusal, *away.more)


def error(status: int, refusal: Refusal, *more: tuple[str, str]) -> Answer:
    """Return a refusal as an error."""
    body = resources.error(
        status,
        RULES[refusal.rule].title if status < LATER else HTTPStatus(status).phrase,
        str(refusal.reason),
        refusal.rule,
        refusal.subject,
    )
    return answer(body, status, *more)


def _status(refusal: Refusal) -> int:
    if refusal.rule in STATUS:
        return STATUS[refusal.rule]
    if refusal.rule.startswith("L"):
        return FORBIDDEN
    return LATER if refusal.retry is Retry.LATER else UNFIT
