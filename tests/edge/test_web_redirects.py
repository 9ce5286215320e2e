"""No page leads a person who signs in, or changes the language, to another site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.edge.visitor import PASSWORD, Pages
from tests.nodes import Nodes

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
)


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.mark.parametrize("where", ELSEWHERE)
def test_signing_in_and_out_leads_nowhere_else(pages: Pages, where: str) -> None:
    pages.person("ada", "duty_officer")
    ada = pages.nobody()
    page = ada.get("/account/login/")
    sent = {"login": "ada@orvanda.example", "password": PASSWORD, "next": where}
    token = {"csrfmiddlewaretoken": page.form.fields["csrfmiddlewaretoken"][0]}
    answer = ada.post("/account/login/", {**sent, **token}, follow=False)
    assert answer.headers["location"] == "/"
    for path in ("/language", "/account/logout/", "/account/reauthenticate/"):
        token = {"csrfmiddlewaretoken": ada.cookies["csrftoken"]}
        sent = {"next": where, "language": "fr", "password": PASSWORD}
        answer = ada.post(path, {**sent, **token}, follow=False)
        assert "evil" not in answer.headers.get("location", ""), path
        assert "alert" not in answer.headers.get("location", ""), path
