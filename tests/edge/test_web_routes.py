"""Every address of the pages, as everybody: one table says who is given what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from django.urls import URLPattern

from comity.edge.web.urls import urlpatterns
from comity.services.node import Node
from comity.services.people.mandates import shipped
from comity.services.response import intake
from comity.services.response.intake import Said
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce

EVERYBODY = frozenset(shipped())
TECHNICAL = frozenset({"duty_officer", "analyst", "head"})
CIRCLES = frozenset(code for code, mandate in shipped().items() if mandate.lanes)
SAYING = frozenset({"duty_officer", "analyst"})
ANYBODY = EVERYBODY | {"nobody"}
MANAGE = {
    what: frozenset(code for code, mandate in shipped().items() if what in mandate.manage)
    for what in ("people", "mandates", "node", "parties", "audit")
}
OPENING = frozenset({"duty_officer", "analyst"})
READING = frozenset(code for code, mandate in shipped().items() if mandate.lanes)
MATRIX = {
    "email": ("/account/email/", frozenset()),
    "work": ("/", EVERYBODY),
    "due": ("/due", EVERYBODY),
    "due_table": ("/due.csv", EVERYBODY),
    "dossiers_table": ("/dossiers.csv", EVERYBODY),
    "start": ("/start", EVERYBODY),
    "dossiers": ("/dossiers", EVERYBODY),
    "dossier": ("/dossiers/{dossier}", TECHNICAL),
    "objects": ("/objects", READING),
    "add": ("/objects/add", READING - {"head"}),
    "practice": ("/objects/practice", READING - {"head"}),
    "object": ("/objects/indicator--{absent}", frozenset()),
    "version": ("/objects/indicator--{absent}/version", frozenset()),
    "translate": ("/objects/indicator--{absent}/translate", frozenset()),
    "forward": ("/objects/indicator--{absent}/forward", frozenset()),
    "circles": ("/circles", READING),
    "circle": ("/circles/{dossier}", frozenset()),
    "product": ("/dossiers/{dossier}/product", frozenset()),
    "incident": ("/dossiers/{dossier}/incident", TECHNICAL),
    "head": ("/dossiers/{dossier}/head", TECHNICAL),
    "head_document": ("/dossiers/{dossier}/head.docx", TECHNICAL),
    "disclosure": ("/dossiers/{dossier}/disclosure", frozenset()),
    "disclosure_advisory": ("/dossiers/{dossier}/disclosure/advisory", frozenset()),
    "announce": ("/dossiers/{dossier}/disclosure/announce", frozenset()),
    "announced": ("/dossiers/{dossier}/disclosure/announced/" + "a" * 64, frozenset()),
    "publish_now": ("/dossiers/{dossier}/disclosure/publish", frozenset()),
    "directory": ("/directory", EVERYBODY),
    "card": ("/directory/card", frozenset()),
    "seat": ("/directory/seats/xx", frozenset()),
    "take": ("/directory/seats/xx/file", frozenset()),
    "bring": ("/dossiers/{dossier}/contacts", frozenset()),
    "note_verbale": ("/acts/{dossier}/note-verbale", frozenset()),
    "explain": ("/explain?address=192.0.2.7", EVERYBODY),
    "measures": ("/measures", EVERYBODY),
    "measures_table": ("/measures.csv", EVERYBODY),
    "clocks": ("/clocks?which=all", EVERYBODY),
    "clocks_sheet": ("/clocks/sheets/green.css", EVERYBODY),
    "clocks_file": ("/clocks.ics", EVERYBODY),
    "clocks_address": ("/clocks/calendar", EVERYBODY),
    "clocks_feed": ("/clocks/calendar/{absent}.ics", frozenset()),
    "regime_report": ("/clocks/{dossier}/nis2/early_warning", frozenset()),
    "regime_report_file": ("/clocks/{dossier}/nis2/early_warning/text", frozenset()),
    "landscape": ("/landscape", CIRCLES),
    "briefing": ("/landscape/briefing?tlp=green", CIRCLES),
    "briefing_sheet": ("/landscape/sheets/green.css", EVERYBODY),
    "campaign": ("/contact-checks/start", frozenset({"duty_officer"})),
    "contact_checks": ("/contact-checks", EVERYBODY),
    "keys": ("/keys", EVERYBODY),
    "key": ("/keys/{absent}", frozenset()),
    "reading": ("/keys/reading/{absent}", frozenset()),
    "print": ("/dossiers/{dossier}/print", TECHNICAL),
    "sheet": ("/dossiers/{dossier}/sheet.css", TECHNICAL),
    "picture": ("/dossiers/{dossier}/picture", TECHNICAL),
    "export": ("/dossiers/{dossier}/export", TECHNICAL),
    "say": ("/dossiers/{dossier}/say/inform", SAYING),
    "news": ("/dossiers/{dossier}/news", TECHNICAL),
    "follow": ("/dossiers/{dossier}/follow", frozenset()),
    "notices": ("/notices", EVERYBODY),
    "choose": ("/open", OPENING | {"diplomat", "legal_officer", "programme_officer"}),
    "open": ("/open/response/incident", OPENING),
    "draft": ("/drafts/{absent}", frozenset()),
    "check": ("/drafts/{absent}/check", frozenset()),
    "evidence": ("/acts/{dossier}/evidence", TECHNICAL),
    "file": ("/acts/{dossier}/files/0", frozenset()),
    "memo": ("/acts/{dossier}/memo", TECHNICAL),
    "letter": ("/acts/{dossier}/letter", SAYING),
    "guests": ("/dossiers/{dossier}/guests", TECHNICAL),
    "guest_letter": ("/dossiers/{dossier}/guests/{absent}", frozenset()),
    "guest": ("/guest/{absent}", frozenset()),
    "guest_file": ("/guest/{absent}/files/0", frozenset()),
    "guest_record": ("/guest/{absent}/record", frozenset()),
    "report": ("/report", frozenset()),
    "report_case": ("/report/{absent}", frozenset()),
    "securitytxt": ("/.well-known/security.txt", frozenset()),
    "reports": ("/reports", OPENING),
    "reports_waiting": ("/reports/waiting", OPENING),
    "report_here": ("/reports/{report}", OPENING),
    "report_file": ("/reports/{report}/files/9", frozenset()),
    "report_csaf": ("/reports/{report}/csaf", OPENING),
    "parties": ("/parties", EVERYBODY),
    "introduce": ("/parties/introduce", MANAGE["parties"]),
    "party": ("/parties/{party}", EVERYBODY),
    "node": ("/node", MANAGE["node"]),
    "ceremony": ("/node/ceremony", MANAGE["node"]),
    "proposal": ("/node/ceremony/proposal", frozenset()),
    "mandates": ("/mandates", MANAGE["mandates"]),
    "mandate": ("/mandates/head", MANAGE["mandates"]),
    "people": ("/people", MANAGE["people"]),
    "invite": ("/people/invite", MANAGE["people"]),
    "person": ("/people/1", MANAGE["people"]),
    "audit": ("/audit", MANAGE["audit"]),
    "account": ("/account", EVERYBODY),
    "tokens": ("/account/tokens", EVERYBODY),
    "about": ("/about", ANYBODY),
    "welcome": ("/welcome/{absent}", frozenset()),
    "language": ("/language", frozenset()),
}
"""By the name of an address: an example of it, and who is given the page: codes of mandates, or
nobody, for whoever has not signed in. Everybody else is told that there is no such page."""


@dataclass(frozen=True)
class Place:
    """The pages of a node with an incident, and what examples of addresses name."""

    pages: Pages
    names: dict[str, str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The pages of Orvanda, which shares an incident with Tolmere."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        dossier = incident(orvanda, tolmere, "Cranes stop")
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        with Pages(orvanda) as pages:
            names = {"dossier": dossier, "party": tolmere.me, "absent": "0" * 24}
            yield Place(pages, {**names, "report": reported(orvanda)})


def reported(node: Node) -> str:
    """Return a report that somebody sent to a node, which takes none any more."""
    chosen = node.settings
    node.settings = replace(chosen, intake=True)
    said = Said("Cranes", "They stop.")
    row = intake.submit(node, intake.new_secret(node), said)
    node.settings = chosen
    return row.id


def test_every_address_is_in_the_table() -> None:
    names = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert names == MATRIX.keys()


@pytest.mark.parametrize("who", [*shipped(), "nobody"])
def test_who_is_given_what(place: Place, who: str) -> None:
    visitor = place.pages.nobody() if who == "nobody" else place.pages.person(who, who)
    for name, (example, given) in MATRIX.items():
        page = visitor.get(example.format(**place.names), follow=False)
        if who in given:
            assert page.status == 200, (name, page.status)
        elif who == "nobody" and MATRIX[name][1]:
            assert page.status == 302, name
            assert page.headers["location"].startswith("/account/login/"), name
        else:
            assert page.status in {302, 404, 405}, (name, page.status)
            assert "Cranes" not in page.text


@pytest.mark.parametrize("who", [*shipped()])
def test_no_page_says_what_its_reader_may_not_know(place: Place, who: str) -> None:
    visitor = place.pages.person(f"{who}2", who)
    for name, (example, _) in MATRIX.items():
        page = visitor.get(example.format(**place.names))
        assert page.status < 500, name
        if who not in TECHNICAL:
            assert "Cranes" not in page.text, name


FILES = {"evidence", "head_document", "report_csaf"}
"""What is taken along, and not looked at as a page."""


def test_pages_fit_a_slow_line(place: Place) -> None:
    import gzip

    visitor = place.pages.person("ada", "duty_officer")
    sheet = visitor.get("/static/comity/comity.css").body
    for name, (example, given) in MATRIX.items():
        if "duty_officer" in given and name not in FILES:
            page = visitor.get(example.format(**place.names))
            size = len(gzip.compress(page.body)) + len(gzip.compress(sheet))
            assert size <= 32 * 1024, (name, size)
            loaded = [part for part in page.text.split('"') if part.startswith(("http", "//"))]
            assert not [part for part in loaded if "w3.org" not in part and "8440" not in part], (
                name
            )
