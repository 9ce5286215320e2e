"""Objects at the pages: found, read whole, and hidden from who may not see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import applying
from tests.databases import counted
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, indicator, open_circle, share


@dataclass(frozen=True)
class Place:
    """The pages of Orvanda, which shares a circle with Tolmere, and another one of diplomats."""

    pages: Pages
    tolmere: Node
    circle: Id


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        circle = open_circle(orvanda, tolmere)
        deliver(orvanda, tolmere)
        named = indicator("named", name="Quill <b>feather</b>", description="Moved at dusk.")
        domain = indicator("domain", tlp="green", pattern="[domain-name:value = 'a.b.example']")
        share(orvanda, circle, named, domain)
        hidden = open_circle(orvanda, tolmere, lanes=["diplomatic"])
        share(orvanda, hidden, indicator("hidden", name="Envoy's own"))
        applying.work(orvanda)
        with Pages(orvanda) as pages:
            yield Place(pages, tolmere, circle)


@pytest.fixture(scope="module")
def ada(place: Place) -> Visitor:
    return place.pages.person("ada", "duty_officer")


# Looking for them


def test_objects_are_listed_with_what_they_are_and_where(ada: Visitor) -> None:
    assert 'href="/objects"' in ada.get("/").text
    page = ada.get("/objects").text
    for words in (
        "Quill &lt;b&gt;feather&lt;/b&gt;",
        "Lantern Sea circle",
        "TLP:AMBER",
        "TLP:GREEN",
        f'href="/objects/{indicator("named")["id"]}"',
    ):
        assert words in page


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        ("words=quill", {"named"}),
        ("words=nowhere", set()),
        ("value=192.0.2.0/24", {"named"}),
        ("value=www.a.b.example", {"domain"}),
        ("type=malware", set()),
        ("type=indicator&tlp=green", {"domain"}),
        ("since=2100-01-01", set()),
    ],
)
def test_what_is_looked_for_is_found(ada: Visitor, asked: str, finds: set[str]) -> None:
    page = ada.get(f"/objects?{asked}").text
    for called in ("named", "domain"):
        assert (f"/objects/{indicator(called)['id']}" in page) == (called in finds), called
    assert finds or "No object that you see fits." in page


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("value=nonsense", "look for it as a word"),
        ("words=%2A", "Look for words of letters or digits."),
        ("type=gossip", "Select a valid choice"),
        ("shelf=elsewhere", "Select a valid choice"),
    ],
)
def test_what_cannot_be_looked_for_is_told(ada: Visitor, asked: str, says: str) -> None:
    page = ada.get(f"/objects?{asked}").text
    assert says in page
    assert "There is a problem" in page


def test_what_other_lanes_share_is_not_there(place: Place, ada: Visitor) -> None:
    assert "Envoy" not in ada.get("/objects").text
    envoy = place.pages.person("ines", "diplomat")
    assert "Envoy" in envoy.get("/objects").text
    assert ada.get(f"/objects/{indicator('hidden')['id']}").status == 404


def test_who_reads_no_lane_is_not_led_there(place: Place) -> None:
    admin = place.pages.person("root", "administrator")
    assert admin.get("/objects").status == 404
    assert 'href="/objects"' not in admin.get("/").text


def test_pages_go_on_by_a_cursor_and_cost_the_same(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, indicator("first"))
    with Pages(orvanda) as pages:
        ada = pages.person("ada", "duty_officer")

        def asked(path: str) -> tuple[int, str]:
            with counted(orvanda.db) as queries:
                page = ada.get(path).text
            return len(queries), page

        asked("/objects")
        few, page = asked("/objects")
        assert "Objects added earlier" not in page
        share(orvanda, circle, *(indicator(f"n{i}") for i in range(60)), unmarked=TLP.GREEN)
        many, page = asked("/objects")
        assert many == few
        seen = page.count('href="/objects/indicator')
        earlier = page.split('">Objects added earlier')[0].rpartition('href="')[2]
        assert seen + asked(f"/objects{earlier}")[1].count('href="/objects/indicator') == 61
