"""The API put together: its operations, how errors are answered, and its description."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer

from comity import __version__
from comity.edge.api import (
    account,
    adding,
    ceremony,
    clocks,
    directory,
    disclosures,
    incidents,
    landscape,
    letters,
    measures,
    memos,
    people,
    problems,
    products,
    reading,
    reports,
    running,
    saying,
    sharing,
)
from comity.edge.api.adding import NewObjects, NewPracticeVersion, NewTranslation
from comity.edge.api.asking import Token, unknown
from comity.edge.api.bodies import JSONBody
from comity.edge.api.problems import UNFIT, Wrong
from comity.edge.api.reading import Question
from comity.edge.api.reports import ClosedReport, ReportAnswer
from comity.edge.api.shapes.account import Account
from comity.edge.api.shapes.ceremony import Signature
from comity.edge.api.shapes.dossiers import Recipient
from comity.edge.api.shapes.drafts import NewDraft, Reason
from comity.edge.api.shapes.letters import Addressee
from comity.edge.api.shapes.memos import NewMemo
from comity.edge.api.shapes.node import MandateRules, Meeting, Told, Zone
from comity.edge.api.shapes.people import NewInvitation, PersonRules
from comity.edge.api.sharing import ObjectWanted
from comity.kernel.errors import Pending, Refusal
from comity.services.casework.forms import FormErrors
from comity.services.people.answers import KEY

if TYPE_CHECKING:
    from django.http import HttpRequest
    from ninja.operation import Operation

ROOT = "/api/v1/"
ABOUT = (
    "What people do at the pages of a node, for programs. A token says for whom a program acts, "
    "and reaches no further than who made it; sessions of the pages mean nothing here. Every error "
    "has one shape, and names the rule that refused."
)
FIELDS = frozenset(
    name
    for shape in (
        NewDraft,
        Reason,
        Addressee,
        Recipient,
        Told,
        Zone,
        Account,
        Signature,
        Meeting,
        MandateRules,
        NewInvitation,
        NewMemo,
        NewObjects,
        NewPracticeVersion,
        NewTranslation,
        ObjectWanted,
        PersonRules,
        Question,
        ReportAnswer,
        ClosedReport,
    )
    for name in shape.model_fields
) | {KEY, "files"}
"""What of a request a refusal may name as wrong."""


class JSONAnswer(BaseRenderer):
    """Writes answers as JSON."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: object, *, response_status: int) -> bytes:  # noqa: ARG002
        """Return the bytes of an answer."""
        return orjson.dumps(data)


class API(NinjaAPI):
    """The API; what an operation is called is what its function is."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of an operation."""
        return operation.view_func.__name__


api = API(
    title="Comity",
    version=__version__,
    description=ABOUT,
    auth=Token(),
    docs_url=None,
    openapi_url=None,
    parser=JSONBody(),
    renderer=JSONAnswer(),
)
MODULES = (
    *(reading, saying, letters, memos, account, running, ceremony, people, directory),
    *(sharing, adding, landscape, products, incidents, measures, clocks, disclosures, reports),
)
for each in MODULES:
    api.add_router("", each.router)


def _invalid(error: ValidationError) -> Wrong:
    first = error.errors[0]
    place = [str(part) for part in first["loc"]]
    field = ".".join(place[2:] or place[-1:])
    return Wrong(UNFIT, Refusal("S4", f"{field}: {first['msg']}."), field)


def _pending(error: Pending) -> Wrong:
    return problems.of_refusal(Refusal("S8", f"Something earlier is missing here: {error}."))


TOLD: dict[type[Exception], Callable[[Any], Wrong]] = {
    Wrong: lambda wrong: wrong,
    Refusal: lambda refusal: problems.of_refusal(refusal, FIELDS),
    FormErrors: problems.of_form,
    Pending: _pending,
    ValidationError: _invalid,
    AuthenticationError: lambda _: unknown(),
    RequestDataTooBig: lambda _: Wrong(413, Refusal("T7", "JSON may have at most 1 MiB here.")),
    HttpError: lambda error: Wrong(400, Refusal("S4", str(error))),
}
"""What each error is told as. Any other is a fault of this program; the middleware tells it."""


def _answer(told: Callable[[Any], Wrong], _request: HttpRequest, error: object) -> HttpResponse:
    return problems.answer(told(error))


for kind, told in TOLD.items():
    api.add_exception_handler(kind, partial(_answer, told))


@cache
def description() -> dict[str, Any]:
    """Return the API's description in OpenAPI; problems stand under a media type of their own."""
    found = api.get_openapi_schema(path_prefix=ROOT)
    schema: dict[str, Any] = orjson.loads(orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS))
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {problems.TYPE: answer["content"]["application/json"]}
    return schema
