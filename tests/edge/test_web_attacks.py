"""Input that is made to break a page, and what is done twice at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.canon import MAX_INT
from comity.services.people import persons
from comity.store.access import people
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on
from tests.services.staff import ask

ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC")


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def living_in(pages: Pages, zone: str) -> Visitor:
    """Return a duty officer whose times are shown in a zone."""
    visitor = pages.person("ada", "duty_officer")
    (row,) = people.people(pages.node.db)
    persons.settle(pages.node, row.id, language="en", zone=zone)
    return visitor


@pytest.mark.parametrize("zone", ZONES)
def test_an_instant_beyond_every_calendar_breaks_no_page(
    nodes: Nodes, pages: Pages, zone: str
) -> None:
    """Whoever is a member may name any instant, and takes no page from others by it."""
    orvanda, tolmere = pages.node, nodes.opened["tolmere"]
    dossier = incident(tolmere, orvanda, "Cranes stop")
    ask(tolmere, orvanda, dossier, due=MAX_INT)
    pass_on(tolmere, orvanda)
    ada = living_in(pages, zone)
    for path in ("/", "/due", "/due.csv", "/dossiers.csv", "/notices"):
        assert ada.get(path).status == 200, path
    for path in ("", "/print", "/picture"):
        assert ada.get(f"/dossiers/{dossier}{path}").status == 200, path


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_an_instant_that_no_calendar_has_in_utc_is_an_error_of_the_form(
    nodes: Nodes, pages: Pages, zone: str, at: str
) -> None:
    dossier = incident(pages.node, nodes.opened["tolmere"], "Cranes stop")
    ada = living_in(pages, zone)
    page = ada.get(f"/dossiers/{dossier}/say/ask")
    given = {"to": nodes.opened["tolmere"].me, "verb": "investigate", "due": at, "_tlp": "amber"}
    page = ada.fill(page, given, button="check")
    assert page.status == 200
    assert ada.get(page.path).status == 200


def test_a_cursor_beyond_every_number_breaks_no_page(pages: Pages) -> None:
    joan = pages.person("joan", "auditor", "duty_officer")
    for number in ("9" * 30, "9" * 5000, "²", "-1"):
        for path in ("/audit", "/dossiers"):
            assert joan.get(f"{path}?before={number}").status == 200, (path, number[:9])
