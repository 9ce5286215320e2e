"""What is TLP:RED, by page: opened with its readers chosen, read by them and noted, and there for
nobody else: not in lists, files, evidence, drafts or what is to be approved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel import kinds
from comity.kernel.act import read_header
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework import issue
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft
from comity.services.people.mandates import Mandate, shipped
from comity.store.access import acts
from comity.store.access.people import audit, people
from comity.store.append.people import save_mandate
from comity.store.sql import writing
from tests.edge.program import program
from tests.edge.test_web_saying import press
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on

TITLE = "Only for two"


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, where duty officers and analysts may read what is RED."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    for code in ("duty_officer", "analyst"):
        mandate: Mandate = replace(shipped()[code], ceiling=TLP.RED)
        with writing(orvanda.db):
            save_mandate(orvanda.db, code, mandate.to_object(), orvanda.now())
    with Pages(orvanda) as found:
        yield found


def reader(pages: Pages, name: str) -> str:
    """Return how a person here is listed."""
    row = next(row for row in people(pages.node.db) if row.name == name)
    return f"{pages.node.me}:{row.handle}"


def filled(visitor: Visitor, pages: Pages, nodes: Nodes, *names: str, others: str = "") -> Page:
    """Fill in the opening of a RED incident whose readers are these."""
    page = visitor.get("/open/response/incident")
    given: dict[str, str | list[str]] = {
        "_members": [nodes.opened["tolmere"].me],
        "_tlp": "red",
        "_readers": [reader(pages, name) for name in names],
        "_others": others,
        "title": TITLE,
        "text": "Since 02:40.",
    }
    return visitor.fill(page, given, button="check")


def opened(visitor: Visitor, pages: Pages, nodes: Nodes, *names: str) -> str:
    page = press(visitor, filled(visitor, pages, nodes, *names, others="tolmere: p77"), "sign")
    assert page.status == 200
    (row,) = acts.dossiers(pages.node.db)
    return row.id


def test_its_readers_read_it_and_that_is_noted(nodes: Nodes, pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    page = filled(ada, pages, nodes, "Ada", others="tolmere: p77")
    for told in ("TLP:RED", "Ada</bdi> (<bdi>orvanda", "p77</bdi> (<bdi>tolmere"):
        assert told in page.text
    page = press(ada, page, "sign")
    assert page.path.startswith("/dossiers/")
    assert TITLE in page.text
    dossier = page.path.removeprefix("/dossiers/")
    charter = acts.act(pages.node.db, dossier)
    assert charter is not None
    listed = kinds.read_charter(read_header(charter.header)).readers
    assert {f"{party}:{handle}" for party, handle in listed} == {
        reader(pages, "Ada"),
        f"{nodes.opened['tolmere'].me}:p77",
    }
    newest = audit(pages.node.db)[0]
    assert (newest.what, newest.subject, newest.name) == ("read", dossier, "Ada")
    printed = ada.get(f"/dossiers/{dossier}/print")
    assert (printed.status, "What is TLP:RED is read on pages only" in printed.text) == (422, True)
    assert "read on pages only" in page.text


def test_for_who_may_read_red_and_is_not_listed_it_is_not_there(nodes: Nodes, pages: Pages) -> None:
    ada, bea = pages.person("ada", "duty_officer"), pages.person("bea", "duty_officer")
    dossier = opened(ada, pages, nodes, "Ada")
    content = prepare_fields(pages.node, {"text": "See."})
    act = issue.issue(pages.node, dossier_id=dossier, draft=Draft("inform", content=content))
    for path in (
        f"/dossiers/{dossier}",
        f"/dossiers/{dossier}/picture",
        f"/dossiers/{dossier}/export",
        f"/dossiers/{dossier}/sheet.css",
        f"/dossiers/{dossier}/say/inform",
        f"/acts/{act}/evidence",
        f"/acts/{act}/files/0",
    ):
        assert bea.get(path).status == 404, path
    for path in ("/", "/dossiers", "/dossiers?text=two", "/due", "/dossiers.csv", "/due.csv"):
        page = bea.get(path)
        assert TITLE not in page.text
        assert dossier not in page.text
    assert TITLE in ada.get("/dossiers").text
    assert ada.get(f"/acts/{act}/evidence").status == 200
    assert (audit(pages.node.db)[0].what, audit(pages.node.db)[0].name) == ("read", "Ada")


def test_what_quotes_it_under_a_wider_label_stays_with_its_readers(
    nodes: Nodes, pages: Pages
) -> None:
    """A note is labelled by who writes it, and stands in the dossier all the same."""
    ada, bea = pages.person("ada", "duty_officer"), pages.person("bea", "duty_officer")
    dossier = opened(ada, pages, nodes, "Ada")
    content = prepare_fields(pages.node, {"text": f"As they say: {TITLE}."})
    note = Draft("note", content=content, tlp=TLP.GREEN, refs=(Id(dossier),))
    act = issue.issue(pages.node, dossier_id=dossier, draft=note)
    for path in (
        f"/dossiers/{dossier}",
        f"/acts/{act}/evidence",
        f"/acts/{act}/files/0",
        f"/acts/{act}/memo",
        f"/acts/{act}/letter",
        f"/dossiers/{dossier}/say/translation?about={act}",
    ):
        assert bea.get(path).status == 404, path
    for path in ("/", "/dossiers", "/dossiers?text=they", "/notices", "/dossiers.csv"):
        assert act not in bea.get(path).text, path
        assert dossier not in bea.get(path).text, path
    # No machine reads it, and it is not printed.
    joan = program(pages, "duty_officer", name="joan")
    assert joan.get(f"/acts/{act}").status == 404
    assert ada.get(f"/dossiers/{dossier}/print").status == 422
    assert f"As they say: {TITLE}." in ada.get(f"/dossiers/{dossier}").text


def test_who_opens_it_need_not_be_among_its_readers(nodes: Nodes, pages: Pages) -> None:
    ada, bea = pages.person("ada", "duty_officer"), pages.person("bea", "duty_officer")
    dossier = opened(ada, pages, nodes, "Bea")
    assert ada.get(f"/dossiers/{dossier}").status == 404
    assert TITLE in bea.get(f"/dossiers/{dossier}").text


def test_what_is_to_be_approved_in_it_is_for_its_readers_alone(nodes: Nodes, pages: Pages) -> None:
    ada, bea = pages.person("ada", "duty_officer"), pages.person("bea", "duty_officer")
    ann = pages.person("ann", "analyst")
    page = filled(ann, pages, nodes, "Ann", "Ada")
    press(ann, page, "prepare")
    assert page.path in ada.get("/").text
    assert page.path not in bea.get("/").text
    assert bea.get(page.path).status == 404
    press(ada, ada.get(page.path), "approve")
    (row,) = acts.dossiers(pages.node.db)
    page = ann.get(f"/dossiers/{row.id}/say/inform")
    page = ann.fill(page, {"text": "Look at it.", "_tlp": "red"}, button="check")
    press(ann, page, "prepare")
    assert page.path in ada.get("/").text
    assert page.path not in bea.get("/").text
    assert bea.get(page.path).status == 404


@pytest.mark.parametrize(
    ("names", "others", "told"),
    [
        ((), "", "list at least one person"),
        (("Ada",), "p77", "begin each line with the name of a party"),
        (("Ada",), "nobody: p77", "begin each line with the name of a party"),
        (("Ada",), "tolmere: P 77", "end each line with a colon and the handle"),
        (("Ada",), "sarivane: p77", "only persons of parties that take part"),
    ],
)
def test_readers_that_cannot_be_listed_are_said_beside_their_field(
    nodes: Nodes, pages: Pages, names: tuple[str, ...], others: str, told: str
) -> None:
    introduce(pages.node, nodes.make("sarivane"))
    ada = pages.person("ada", "duty_officer")
    page = filled(ada, pages, nodes, *names, others=others)
    assert told in page.text
    assert page.form_with(["text"]).fields["text"][0].strip() == "Since 02:40."
    assert page.form_with(["_others"]).fields["_others"][0].strip() == others
    assert acts.dossiers(pages.node.db) == []


def test_who_may_not_read_red_is_not_offered_it(pages: Pages) -> None:
    with writing(pages.node.db):
        usual = shipped()["duty_officer"].to_object()
        save_mandate(pages.node.db, "duty_officer", usual, pages.node.now())
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/open/response/incident")
    assert 'value="red"' not in page.text
    assert "If TLP:RED" not in page.text
    given: dict[str, str | list[str]] = {"_tlp": "red", "title": TITLE, "text": "Since 02:40."}
    ada.fill(page, given, button="check")
    assert acts.dossiers(pages.node.db) == []


def test_the_other_party_shows_it_to_those_listed_there(nodes: Nodes, pages: Pages) -> None:
    tolmere = nodes.opened["tolmere"]
    tolmere.settings = replace(tolmere.settings, second_factor=False)
    with Pages(tolmere) as there:
        hal, other = there.person("hal", "head"), there.person("oda", "head")
        handle = reader(there, "Hal")
        ada = pages.person("ada", "duty_officer")
        assert "By it another party lists you" in ada.get("/account").text
        assert handle.rpartition(":")[2] in hal.get("/account").text
        page = filled(ada, pages, nodes, "Ada", others=handle)
        page = press(ada, page, "sign")
        pass_on(pages.node, tolmere)
        assert TITLE in hal.get(page.path).text
        assert other.get(page.path).status == 404
        assert (audit(tolmere.db)[0].what, audit(tolmere.db)[0].name) == ("read", "Hal")
