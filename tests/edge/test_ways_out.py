"""The ways out of the pages, on paper and as files: each asks the one table of labels.

The table is changed under them, so that what is AMBER is for pages alone as RED is: what is given
before is not given after.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.urls import URLPattern

import comity
from comity.edge.web.urls import urlpatterns
from comity.kernel import label
from comity.kernel.label import TLP, Egress
from tests.edge.desk import Desk
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages, Visitor
from tests.network.test_consent import report
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.phonebook import community, nominate
from tests.services.reporting import applies, aware, file

TITLE = "Cranes stop"
TEMPLATES = Path(comity.__file__).parent / "edge/web/templates"
REFUSED = {
    "print": "/dossiers/{incident}/print",
    "head": "/dossiers/{incident}/head",
    "head_document": "/dossiers/{incident}/head.docx",
    "disclosure_advisory": "/dossiers/{case}/disclosure/advisory",
    "regime_report_file": "/clocks/{file}/nis2/early_warning/text",
    "note_verbale": "/acts/{seat}/note-verbale",
}
"""What leaves of one dossier, by the name of its address."""
LEFT_OUT = {
    "dossiers_table": ("/dossiers.csv", TITLE),
    "due_table": ("/due.csv", TITLE),
    "clocks_file": ("/clocks.ics", "BEGIN:VEVENT"),
    "clocks_feed": ("/clocks/calendar/{secret}.ics", "BEGIN:VEVENT"),
    "card": ("/directory/card?party=or", "+99 555 0100"),
}
"""What leaves of many dossiers, and what is found in it of one that is let out."""
OTHERWISE = {
    "announced": "What somebody here put in to be published, given to who reads and approves it.",
    "evidence": "It holds the header alone, and no content.",
    "export": "It is sealed for a member, whose node asks what may travel.",
    "file": "A file in a message is its content: who reads the page reads it.",
    "object": "Tested with what is RED in test_web_one_object.",
    "take": "Tested with what is RED in test_directory_lists.",
    "briefing": "Figures: of what is RED there is none.",
    "measures_table": "Figures, of which none tells of one dossier.",
    "guest_file": "What a guest was sent, given to that guest.",
    "guest_record": "What a guest was sent, given to that guest.",
    "report_file": "What somebody without a node sent: it is in no dossier yet.",
    "report_csaf": "What somebody without a node sent: it is in no dossier yet.",
}
"""Ways out that ask something else, and why."""


@dataclass
class Place:
    """The pages of Orvanda, where Ada is on duty; what examples of addresses name."""

    pages: Pages
    ada: Visitor
    names: dict[str, str]

    def get(self, path: str) -> tuple[int, str]:
        page = self.ada.get(path.format(**self.names))
        return page.status, page.body.decode(errors="replace")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        asked = incident(orvanda, tolmere, TITLE)
        pass_on(orvanda, tolmere)
        say(tolmere, asked, "ask", {"to": [orvanda.me], "verb": "investigate"})
        pass_on(tolmere, orvanda)
        clock = file(orvanda)
        aware(orvanda, clock, 1)
        applies(orvanda, clock, "nis2")
        with Pages(orvanda) as pages:
            ada = pages.person("ada", "duty_officer")
            page = ada.fill(ada.get("/clocks/calendar"), {})
            (secret,) = re.findall(r"/clocks/calendar/(comity_\w+)\.ics", page.text)
            names = {
                "incident": asked,
                "case": report(orvanda, tolmere),
                "file": clock,
                "seat": nominate(orvanda, community(orvanda), seat="or"),
                "secret": secret,
            }
            yield Place(pages, ada, names)


@pytest.fixture
def for_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing that is AMBER out but by pages."""
    row = label._TABLE[TLP.AMBER]
    changed = replace(row, doors=frozenset({Egress.PAGE, Egress.WIRE}))
    monkeypatch.setitem(label._TABLE, TLP.AMBER, changed)


def is_way_out(pattern: URLPattern) -> bool:
    """Say whether a view, or what it calls beside it, gives a file or a page that is printed."""
    view = inspect.unwrap(pattern.callback)
    told = inspect.getsource(view)
    beside = vars(inspect.getmodule(view))
    called = [beside.get(name) for name in re.findall(r"\b(\w+)\(", told)]
    told += "".join(inspect.getsource(each) for each in called if inspect.isfunction(each))
    shown = [(TEMPLATES / each).read_text() for each in re.findall(r'"(comity/\w+\.html)"', told)]
    return "giving." in told or any(not text.startswith("{% extends") for text in shown)


def test_every_way_out_is_named_here() -> None:
    ways = {
        pattern.name
        for pattern in urlpatterns
        if isinstance(pattern, URLPattern) and is_way_out(pattern)
    }
    assert ways == REFUSED.keys() | LEFT_OUT.keys() | OTHERWISE.keys()


@pytest.mark.parametrize("path", REFUSED.values(), ids=REFUSED)
def test_what_the_table_lets_out_is_given(place: Place, path: str) -> None:
    assert place.get(path)[0] == 200


@pytest.mark.usefixtures("for_pages")
@pytest.mark.parametrize("path", REFUSED.values(), ids=REFUSED)
def test_what_the_table_does_not_let_out_is_refused(place: Place, path: str) -> None:
    status, text = place.get(path)
    assert (status, "What is TLP:AMBER is read on pages only" in text) == (422, True)


@pytest.mark.parametrize(("path", "held"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_of_many_what_the_table_lets_out_is_there(place: Place, path: str, held: str) -> None:
    assert held in place.get(path)[1]


@pytest.mark.usefixtures("for_pages")
@pytest.mark.parametrize(("path", "held"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_of_many_what_the_table_does_not_let_out_is_left_out(
    place: Place, path: str, held: str
) -> None:
    status, text = place.get(path)
    assert (status, held in text) == (200, False)


@pytest.mark.usefixtures("for_pages")
def test_at_the_machine_the_same_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda", "tolmere")
    opened, out = desk.open("orvanda", "tolmere"), tmp_path / "out"
    for command in (("incident", opened, "--sheet"), ("evidence", opened, "--content", "-o")):
        assert desk.refused("orvanda", *command, out)["rule"] == "L4"
        assert not out.exists()
