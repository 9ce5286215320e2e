"""Every page and operation that names a dossier, by lane and label, with mandates a node changed.

What a person's mandates do not reach is answered as what is not there: no status, header or word
tells the two apart. The addresses are those of the two tables by role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from comity.kernel.label import TLP
from comity.protocols.response.incident import PROTOCOL
from comity.services.casework import drafts, signing
from comity.services.casework.drafts import Filling
from comity.services.people import actors, mandates
from comity.services.people.mandates import Mandate
from tests.edge.program import Answer, Program, person, token
from tests.edge.test_api_routes import MATRIX as OPERATIONS
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_routes import MATRIX as ADDRESSES
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import Nodes, introduce, say

TWIN = replace(PROTOCOL, name="norms/consultation", lane="diplomatic")
"""The same dealings, of another side of the party."""
DOSSIERS = {
    "Cranes": (PROTOCOL.name, TLP.AMBER),
    "Pumps": (PROTOCOL.name, TLP.GREEN),
    "Envoys": (TWIN.name, TLP.AMBER),
    "Borders": (TWIN.name, TLP.GREEN),
}
"""By a word of its title: the protocol and the label of each dossier."""
REACH: dict[str, tuple[tuple[str, ...], TLP, set[str]]] = {
    "shore": (("technical",), TLP.AMBER_STRICT, {"Cranes", "Pumps"}),
    "envoy": (("diplomatic",), TLP.AMBER_STRICT, {"Envoys", "Borders"}),
    "low": (("technical", "diplomatic"), TLP.GREEN, {"Pumps", "Borders"}),
    "low_shore": (("technical",), TLP.GREEN, {"Pumps"}),
    "elsewhere": (("legal", "programme"), TLP.RED, set()),
}
"""By mandate, each with every act in its hands: its lanes, its ceiling, and what it sees."""
ABSENT = "0" * 64
PAGE = "/dossiers/{dossier}/print"
NAMED = [name for name, (path, _) in ADDRESSES.items() if "{dossier}" in path or "drafts/" in path]
NAMING = [
    name
    for name, (request, value, _) in OPERATIONS.items()
    if re.search("{dossier}|{draft}", request) or "dossier" in (value or {})
]


@dataclass(frozen=True)
class Named:
    """What an example of an address names: a dossier, an act in it with a file, a draft."""

    dossier: str = ABSENT
    act: str = ABSENT
    draft: str = ABSENT[:24]

    def put(self, text: str) -> str:
        """Put the names into an example of an address or of a body."""
        text = text.replace("/acts/{dossier}", f"/acts/{self.act}")
        text = text.replace("/drafts/{absent}", "/drafts/{draft}")
        for word, name in (("dossier", self.dossier), ("draft", self.draft)):
            text = text.replace(f"{{{word}}}", name)
        return re.sub(r"\{[a-z]+\}", "0" * 16, text)

    def told(self, text: str) -> str:
        """Return an answer without what was asked for, and what is new in every answer."""
        for name in (self.dossier, self.act, self.draft):
            text = text.replace(name, "-")
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


@dataclass(frozen=True)
class Place:
    """The pages and the API of a node with a dossier of each lane and label."""

    pages: Pages
    named: dict[str, Named]


def change(pages: Pages, mandate: Mandate) -> None:
    """Decide what a mandate is, as an administrator."""
    dagny = actors.of_person(pages.node, person(pages.node, "dagny", "administrator"))
    mandates.change(pages.node, dagny, mandate)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Orvanda, with four dossiers that it shares with Tolmere, and in each a draft that waits."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        orvanda.settings = replace(orvanda.settings, second_factor=False, rate=10**6)
        for node in (orvanda, tolmere):
            node.protocols = {**node.protocols, (TWIN.name, TWIN.version): TWIN}
        with Pages(orvanda) as pages:
            for code, (lanes, ceiling, _) in REACH.items():
                every = ("*",)
                made = Mandate(code, code, "", lanes, ceiling, issue=every, approve=every)
                change(pages, made)
            both = Mandate("all", "all", "", (PROTOCOL.lane, TWIN.lane), TLP.RED, second=("*",))
            change(pages, both)
            author = actors.of_person(orvanda, person(orvanda, "ann", "all"))
            named = {}
            for title, (protocol, tlp) in DOSSIERS.items():
                dossier = incident(orvanda, tolmere, title, tlp, protocol=protocol)
                act = say(orvanda, dossier, "files", files={"log.txt": b"log"})
                filling = Filling({"text": title}, tlp.value)
                row = drafts.begin(orvanda, author, kind="inform", filling=filling, dossier=dossier)
                signing.prepare(orvanda, author, row.id)
                named[title] = Named(dossier, act, row.id)
            yield Place(pages, named)


def pages_of(visitor: Visitor, named: Named) -> dict[str, tuple[Any, ...]]:
    """Ask for every page that names a dossier, and send it a form; by name, what is told."""
    found = {}
    for name in NAMED:
        path = named.put(ADDRESSES[name][0])
        sent = {"csrfmiddlewaretoken": visitor.cookies.get("csrftoken", ""), "text": "x"}
        found[name] = _told(visitor.get(path, follow=False), named)
        found[f"{name}, sent"] = _told(visitor.post(path, sent, follow=False), named)
    return found


def operations_of(asks: Program, named: Named) -> dict[str, tuple[Any, ...]]:
    """Ask for every operation that names a dossier; by name, what is told."""
    found = {}
    for name in NAMING:
        request, value, _ = OPERATIONS[name]
        method, path = named.put(request).split(" ")
        body = b"" if value is None else named.put(orjson.dumps(value).decode()).encode()
        answer = asks.ask(method, path, body, {"HTTP_IDEMPOTENCY_KEY": name})
        found[name] = _told(answer, named)
    return found


def _told(answer: Page | Answer, named: Named) -> tuple[Any, ...]:
    headers = {k: v for k, v in answer.headers.items() if k not in {"content-length", "etag"}}
    return answer.status, named.told(str(headers)), named.told(answer.body.decode("latin-1"))


def test_both_tables_name_dossiers_acts_and_drafts() -> None:
    assert len(NAMED) >= 12
    assert len(NAMING) >= 15


@pytest.mark.parametrize("who", [*REACH])
def test_pages_beyond_a_mandate_are_as_absent(place: Place, who: str) -> None:
    visitor = place.pages.person(who, who)
    absent = pages_of(visitor, Named())
    for title, named in place.named.items():
        if title not in REACH[who][2]:
            assert pages_of(visitor, named) == absent, title
            continue
        for name in ("dossier", "evidence", "file", "check"):
            page = visitor.get(named.put(ADDRESSES[name][0]), follow=False)
            assert page.status == 200, (title, name)


@pytest.mark.parametrize("who", [*REACH])
def test_operations_beyond_a_mandate_are_as_absent(place: Place, who: str) -> None:
    node = place.pages.node
    asks = Program(place.pages.app, token(node, person(node, who, who), who))
    absent = operations_of(asks, Named())
    for title, named in place.named.items():
        if title not in REACH[who][2]:
            assert operations_of(asks, named) == absent, title
            continue
        for name in ("read_dossier", "read_act", "take_file", "read_form", "read_draft"):
            path = named.put(OPERATIONS[name][0]).removeprefix("GET ")
            assert asks.get(path).status == 200, (title, name)


@pytest.mark.parametrize("who", [*REACH])
def test_no_list_says_what_is_beyond_a_mandate(place: Place, who: str) -> None:
    node = place.pages.node
    visitor = place.pages.person(f"{who}2", who)
    asks = Program(place.pages.app, token(node, person(node, who, who), who))
    lists = [visitor.get(path).text for path, _ in ADDRESSES.values() if "{" not in path]
    lists += [
        asks.get(request.removeprefix("GET ")).body.decode()
        for request, _, _ in OPERATIONS.values()
        if request.startswith("GET") and "{" not in request
    ]
    for title, named in place.named.items():
        seen = any(title in text or named.dossier in text for text in lists)
        assert seen is (title in REACH[who][2]), title


def test_a_mandate_that_is_changed_reaches_otherwise_at_once(place: Place) -> None:
    visitor = None
    for lane, ceiling, seen in (
        ("technical", TLP.AMBER, {"Cranes", "Pumps"}),
        ("technical", TLP.GREEN, {"Pumps"}),
        ("diplomatic", TLP.RED, {"Envoys", "Borders"}),
    ):
        change(place.pages, Mandate("moved", "moved", "", (lane,), ceiling))
        visitor = visitor or place.pages.person("moved", "moved")
        found = {t for t, n in place.named.items() if visitor.get(n.put(PAGE)).status == 200}
        assert found == seen
