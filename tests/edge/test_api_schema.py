"""The API asked everything that its description allows, and what it does not.

What is asked is generated from the description, the same in every run; every answer is compared
with it: its status, media type, headers and shape. No input may give a status of 500 or more.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from comity.edge.api.app import description
from tests.edge.program import Program, program
from tests.edge.test_api_routes import JANE
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce, say

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = sorted(
    operation["operationId"]
    for operations in description()["paths"].values()
    for operation in operations.values()
)


@dataclass
class Place:
    """The API of a node, who may do nearly all of it, and the names of what is there."""

    pages: Pages
    ada: Program
    names: dict[str, str]
    statuses: set[int] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def draft(self) -> str:
        """Return a new draft."""
        given = {"dossier": self.names["dossier"], "kind": "files", "texts": {"text": "x"}}
        return str(self.ada.post("/drafts", {**given, "tlp": "green"}).value["id"])

    def letter(self) -> str:
        """Return a new letter."""
        where = f"/acts/{self.names['act']}/letters"
        return str(self.ada.post(where, JANE, key=f"k{next(self.numbers)}").value["letter"])


@pytest.fixture
def place(nodes: Nodes) -> Iterator[Place]:
    """The API of Orvanda, which shares an incident with Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, rate=10**6)
    dossier = incident(orvanda, tolmere, "Cranes stop")
    act = say(orvanda, dossier, "inform", files={"a.txt": b"one"})
    names = {"dossier": dossier, "act": act, "party": tolmere.me, "code": "legal_officer"}
    with Pages(orvanda) as pages:
        ada = program(pages, "duty_officer", "administrator", "auditor", "head")
        yield Place(pages, ada, {**names, "kind": "inform", "number": "0", "notice": "1"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "met"),
    [(GenerationMode.POSITIVE, {200, 201, 204, 404, 409}), (GenerationMode.NEGATIVE, {400, 422})],
)
def test_every_answer_is_as_described(place: Place, mode: GenerationMode, met: set[int]) -> None:
    app = _whole(place.pages.app)
    for cases in asked(mode).values():
        place.names |= {"draft": place.draft(), "letter": place.letter()}
        for number, case in enumerate(cases):
            _ask(app, case, place, known=number % 2 == 1)
    assert sorted(asked(mode)) == OPERATIONS
    assert place.statuses >= met, place.statuses


@cache
def asked(mode: GenerationMode) -> dict[str, list[Any]]:
    """Return what every operation is asked: made once, for it takes far longer than to ask it."""
    schema: Any = schemathesis.openapi.from_dict(description())
    found = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        found[operation.definition.raw["operationId"]] = _cases(operation, mode)
    return found


def _whole(app: Any) -> Any:
    """Return the application, with every answer read to its end and closed, as a server does."""

    def read(environ: Any, start: Any) -> list[bytes]:
        answer = app(environ, start)
        try:
            return [b"".join(answer)]
        finally:
            if hasattr(answer, "close"):
                answer.close()

    return read


def _cases(operation: Any, mode: GenerationMode) -> list[Any]:
    found = []

    @settings(
        max_examples=6,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        deadline=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def keep(case: Any) -> None:
        found.append(case)

    keep()
    return found


def _ask(app: Any, case: Any, place: Place, *, known: bool) -> None:
    """Ask once. Every other request names what is there, so that it gets beyond the door."""
    if known and case.path_parameters:
        case.path_parameters = {n: place.names.get(n, v) for n, v in case.path_parameters.items()}
    headers = {"Authorization": f"Bearer {place.ada.token}", "Accept-Encoding": "identity"}
    answer = case.call_and_validate(headers=headers, checks=CHECKS, app=app)
    place.statuses.add(answer.status_code)
