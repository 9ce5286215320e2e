"""Forms that protocols bring: as whole and as helpful as those made from declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from django.http import QueryDict
from django.template.loader import get_template, select_template

from comity.edge.web import filling
from comity.edge.web.filling import ActForm
from comity.edge.web.views.saying import template_of
from comity.kernel.label import TLP
from comity.kernel.protocol import ActKind, Protocol
from comity.services.casework import forms
from comity.services.casework.saying import Place
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes
from tools import messages
from tools.vectors import all_protocols

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk

BROUGHT = sorted(messages.PROTOCOLS.rglob("forms/*"))
brought = pytest.mark.parametrize(
    "path", BROUGHT, ids=lambda path: str(path.relative_to(messages.PROTOCOLS))
)
PARTY = "0" * 64


def protocol_of(path: Path) -> Protocol:
    """Return the protocol that brought a form."""
    return all_protocols()[str(path.parents[1].relative_to(messages.PROTOCOLS))]


def kind_of(path: Path) -> ActKind:
    """Return what a form is for. Raises KeyError where the protocol has no such kind."""
    protocol = protocol_of(path)
    return {kind.kind: kind for kind in (protocol.opening, *protocol.acts)}[path.stem]


def filled(path: Path, typed: str) -> ActForm:
    """Return the form of a kind as somebody sent it who typed the same into every field."""
    kind = kind_of(path)
    opens = kind.kind == "charter"
    form = ActForm(
        forms.form(kind, protocol_of(path)),
        QueryDict(typed),
        {},
        parties=[(PARTY, "Tolmere")],
        acts=[(PARTY, "What was said")],
        ceiling=TLP.RED if opens else TLP.AMBER,
    )
    form.errors.clear()
    for name in form.fields:
        form.add_error(name, f"Wrong with {name}.")
    return form


def shown(template: str, form: ActForm) -> str:
    """Return the part of a page that is filled in."""
    text: str = get_template(template).render({"form": form, "declared": form.declared})
    return text.partition('<form method="post" enctype')[2].partition("</form>")[0]


def test_there_is_one_to_be_used_and_one_to_be_copied() -> None:
    assert {path.relative_to(messages.PROTOCOLS).parts[0] for path in BROUGHT} >= {
        "response",
        "_template",
    }


@brought
def test_it_is_a_template_of_a_kind_of_its_protocol_and_no_code(path: Path) -> None:
    assert path.suffix == ".html"
    assert kind_of(path).kind == path.stem
    text = path.read_text(encoding="utf-8")
    assert text.startswith('{% extends "comity/say.html" %}')
    assert re.findall(r"{% block (\w+)", text) == ["asked"]
    assert not re.search(r"<(script|style|form|input|textarea|select|button)\b|\|safe\b", text)


@brought
def test_it_shows_every_field_once_with_its_error_between_label_and_files(path: Path) -> None:
    form = filled(path, "")
    text = shown(str(path.relative_to(messages.PROTOCOLS)), form)
    places = {name: text.index(f'id="id_{name}_error"') for name in form.fields}
    assert [text.count(f'id="id_{name}_error"') for name in form.fields] == [1] * len(places)
    assert all(text.count(f"Wrong with {name}.") == 2 for name in form.fields)
    for link in re.findall(r'<a href="#([^"]*)">Wrong with', text):
        assert f'id="{link}"' in text, link
    in_order = sorted(places, key=lambda name: places[name])
    assert in_order[0] == filling.LABEL
    assert filling.FILES not in in_order or in_order[-1] == filling.FILES


@brought
def test_it_keeps_what_was_typed_as_the_generated_form_does(path: Path) -> None:
    typed = "&".join(f"{field.name}=a word" for field in forms.form(kind_of(path)).fields)
    own = shown(str(path.relative_to(messages.PROTOCOLS)), filled(path, typed))
    generated = shown("comity/say.html", filled(path, typed))
    assert own.count("a word") == generated.count("a word") > 0


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages of Orvanda."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda = nodes.make("orvanda")
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        with Pages(orvanda) as found:
            yield found


def test_the_opening_of_an_incident_asks_first_what_everybody_knows(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/open/response/incident")
    marks = ["How far it may go", "Title", "With whom", "If you know", "Class", "Files"]
    places = [page.text.index(mark) for mark in marks]
    assert places == sorted(places)
    page = ada.fill(page, {"text": "Since 02:40.", "occurred": "then"}, button="check")
    assert page.text.count("With whom: choose at least one.") == 2
    assert page.form_with(["title"]).fields["text"] == ["\nSince 02:40."]
    assert page.form_with(["title"]).fields["occurred"] == ["then"]


def test_a_form_is_used_for_that_kind_alone(pages: Pages) -> None:
    dossier = incident(pages.node, pages.node, "Cranes stop", members=(pages.node.me,))
    page = pages.person("bela", "duty_officer").get(f"/dossiers/{dossier}/say/ask")
    assert "If you know" not in page.text
    assert "Whom you ask" in page.text


def test_a_protocol_without_a_form_gets_the_generated_one() -> None:
    protocol = all_protocols()["response/incident"]
    for kind, name in ((protocol.opening, "charter.html"), (protocol.acts[0], "say.html")):
        found = select_template(template_of(_place(protocol, kind)))
        assert Path(found.origin.name).name == name


def _place(protocol: Protocol, kind: ActKind) -> Place:
    return Place(kind, protocol, None, cast("Desk", None))
