"""Somebody without a node reports a vulnerability at the pages, and is answered."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.bridges.csaf import report as csaf
from comity.bridges.csaf.report import Issued, Reported
from comity.services.response import intake, reports, waiting
from comity.store.access import reports as access
from comity.store.access.people import audit
from comity.store.access.reports import ReportRow
from tests.edge.visitor import Page, Pages, Visitor, with_files
from tests.nodes import START, Nodes
from tests.services.test_intake import opened

HARBOUR = "We thank whoever tells us first."
WORDS = {"affected": "Pump of Fennick", "description": "Long words stop it."}
LANGUAGES = ("en", "ar", "es", "fr", "ru", "zh-hans")


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which takes reports."""
    node = opened(nodes.make("orvanda"))
    node.settings = replace(node.settings, second_factor=False, safe_harbour=HARBOUR)
    with Pages(node) as found:
        yield found


def ticket(visitor: Visitor, query: str = "") -> str:
    page = visitor.get(f"/report{query}")
    assert page.status == 200, page.text
    return page.form_with(["ticket"]).fields["ticket"][0]


def send(visitor: Visitor, fields: dict[str, str], /, query: str = "", **files: bytes) -> Page:
    """Fill in the form anew and send it, as a browser does; a file's name has dots for lines."""
    named = {name.replace("_", "."): data for name, data in files.items()}
    fields = {"ticket": ticket(visitor, query), **fields}
    return visitor.send(f"/report{query}", *with_files(fields, "_files", named))


def address(page: Page) -> str:
    """The path of a report, from the page that tells it once."""
    assert page.status == 200, page.text
    found = re.findall(r'href="http://[^/"]+(/report/[\w-]{32})"', page.text)
    assert len(found) == 1, page.text
    return str(found[0])


def kept(pages: Pages) -> list[ReportRow]:
    return access.reports(pages.node.db, None, 10_000)


def test_a_finder_reports_and_is_answered(pages: Pages) -> None:
    nele = pages.nobody()
    page = nele.get("/report")
    assert HARBOUR in page.text
    more = {"name": "Nele", "public": "no", "planned": "2027-01-15T08:00", "credit": "on"}
    path = address(send(nele, {**WORDS, **more}, poc_py=b"print(1)"))
    assert "Nobody has read it yet." in nele.get(path).text
    (row,) = kept(pages)
    assert (row.name, row.public, row.exploited, row.credit) == ("Nele", "no", "unknown", True)
    assert (row.planned, row.language) == (1_800_000_000_000, "en")
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/")
    assert f'href="/reports/{row.id}"' in page.text
    page = ada.get(f"/reports/{row.id}")
    assert WORDS["description"] in page.text
    given = ada.get(f"/reports/{row.id}/files/{intake.case_of(pages.node, row).files[0].id}")
    assert given.body == b"print(1)"
    assert given.headers["content-disposition"].startswith("attachment")
    page = ada.fill(page, {"answer-text": "Thank you, we look at it."}, button="do")
    assert "The finder can read it now." in page.text
    assert "<h3><bdi>Ada</bdi></h3>" in page.text
    page = nele.get(path)
    assert "It was read." in page.text
    assert "Thank you, we look at it." in page.text
    assert "Ada" not in page.text
    page = nele.send(path, *with_files({"text": "It was 1.0."}, "_files", {"log": b"x"}))
    assert "It was 1.0." in page.text
    assert f'href="/reports/{row.id}"' in ada.get("/").text
    page = ada.get(f"/reports/{row.id}")
    page = ada.fill(page, {"close-reason": "done", "close-text": "1.1 is out."})
    assert "Closed." in page.text
    page = nele.get(path)
    assert "It was closed:" in page.text
    assert "It is dealt with" in page.text
    assert "1.1 is out." in page.text


def test_a_dossier_is_opened_of_it_with_its_words_filled_in(pages: Pages) -> None:
    address(send(pages.nobody(), {**WORDS, "name": "Nele"}))
    (row,) = kept(pages)
    ada = pages.person("ada", "duty_officer")
    page = ada.post(f"/reports/{row.id}", {"do": "begin", **token(ada, row)})
    assert page.path.startswith("/drafts/")
    fields = page.form_with({"title": ""}).fields
    assert fields["title"] == [WORDS["affected"]]
    assert fields["text"] == ["\n" + WORDS["description"]]
    assert "Nele" not in page.text
    assert f'href="{page.path}"' in ada.get(f"/reports/{row.id}").text


def token(visitor: Visitor, row: ReportRow) -> dict[str, str]:
    page = visitor.get(f"/reports/{row.id}")
    return {"csrfmiddlewaretoken": page.form.fields["csrfmiddlewaretoken"][0]}


def test_a_report_is_taken_into_a_dossier_and_erased(nodes: Nodes, pages: Pages) -> None:
    from tests.edge.test_web_dossiers import incident
    from tests.nodes import introduce

    tolmere = nodes.make("tolmere")
    introduce(pages.node, tolmere)
    dossier = incident(pages.node, tolmere, "Pumps stop")
    path = address(send(pages.nobody(), WORDS))
    (row,) = kept(pages)
    ada = pages.person("ada", "duty_officer")
    here = f"/reports/{row.id}"
    page = ada.fill(ada.get(here), {"take-dossier": dossier})
    assert f'href="/dossiers/{dossier}"' in page.text
    assert "is being dealt with" in pages.nobody().get(path).text
    form = page.form_with({"erase-sure": ""})
    page = ada.fill(page, {}, form=form)
    assert "erased: fill this in" in page.text
    assert len(kept(pages)) == 1
    page = ada.fill(ada.get(here), {"erase-sure": "on"})
    assert page.path == "/reports"
    assert kept(pages) == []
    assert ada.get(here).status == pages.nobody().get(path).status == 404


def test_an_analyst_reads_and_is_told_who_answers(pages: Pages) -> None:
    address(send(pages.nobody(), WORDS))
    (row,) = kept(pages)
    ben = pages.person("ben", "analyst")
    page = ben.get(f"/reports/{row.id}")
    assert "Ask a colleague whose mandate does." in page.text
    assert "answer-text" not in page.text
    sent = {"do": "answer", "answer-text": "Hi.", **token(ben, row)}
    assert "There is a problem" in ben.post(f"/reports/{row.id}", sent).text
    assert intake.case_of(pages.node, row).notes == ()
    assert ">Reports<" in ben.get("/").text
    hedda = pages.person("hedda", "head")
    assert ">Reports<" not in hedda.get("/").text
    sent = {"do": "close", "close-reason": "known", "csrfmiddlewaretoken": "x"}
    assert hedda.post(f"/reports/{row.id}", sent).status in {403, 404}
    assert kept(pages)[0].state == "open"


def test_where_no_reports_are_taken_the_answer_is_that_of_what_is_not_there(pages: Pages) -> None:
    held = address(send(pages.nobody(), WORDS))
    opened(pages.node, intake=False)
    absent = pages.nobody().get("/no-such-page")
    for path in ("/report", "/report?in=fr", "/report/x", "/report/" + "x" * 32):
        for method in ("GET", "POST", "OPTIONS", "PUT", "HEAD"):
            page = ask(pages.nobody(), method, path)
            assert page.status == 404, (method, path)
            if method == "GET":
                assert plain(page) == plain(absent)
                assert page.headers.keys() == absent.headers.keys()
    # Asked too often, it tells no more; and who has an address goes on being answered.
    for _ in range(intake.RATE):
        pages.nobody().get("/report/x")
    assert pages.nobody().get("/report/x").status == 404
    assert Visitor(pages.app, origin="192.0.2.9").get(held).status == 200
    assert "/report" not in pages.nobody().get("/about").text


def ask(visitor: Visitor, method: str, path: str, body: bytes = b"") -> Page:
    return visitor._ask(method, path, body, follow=False)


def plain(page: Page) -> str:
    return re.sub(r'name="(csrfmiddlewaretoken|next)" value="[^"]*"', "", page.text)


def test_head_and_other_methods_change_nothing(pages: Pages) -> None:
    path = address(send(pages.nobody(), WORDS))
    before = kept(pages)
    for where in ("/report", path):
        assert ask(pages.nobody(), "HEAD", where).status == 200
        for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW"):
            assert ask(pages.nobody(), method, where).status == 405
    assert kept(pages) == before


def test_opening_a_page_leaves_no_trace_in_any_file(pages: Pages) -> None:
    if pages.node.settings.database.startswith("postgres"):
        pytest.skip("its files are not in the folder")
    path = address(send(pages.nobody(), WORDS))

    def everything() -> dict[str, bytes]:
        files = (path for path in pages.node.folder.rglob("*") if path.is_file())
        return {str(file): file.read_bytes() for file in files}

    before = everything()
    for where in ("/report", path, f"{path}?in=ar", "/report/none"):
        pages.nobody().get(where)
    assert everything() == before


def test_its_pages_set_no_cookie_and_load_nothing_from_elsewhere(pages: Pages) -> None:
    nele = pages.nobody()
    made = send(nele, WORDS)
    path = address(made)
    given = [nele.get("/report"), made, nele.get(path), nele.get("/report/none")]
    given += [send(nele, {"affected": ""}), nele.send(path, *with_files({"text": "x"}, "f", {}))]
    for page in given:
        assert "set-cookie" not in page.headers
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-robots-tag"] == "noindex"
        assert "no-store" in page.headers["cache-control"]
        assert "<script" not in page.text
        assert not re.search(r'(src|href)="(?!/|\?|#|http://127\.0\.0\.1:8440/report/)', page.text)
        assert all('autocomplete="off"' in each for each in re.findall("<form[^>]*>", page.text))
    assert nele.cookies == {}
    sheet = gzip.compress(nele.get("/static/comity/comity.css").body)
    assert len(gzip.compress(nele.get("/report").body)) + len(sheet) <= 32 * 1024


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_asked_in_six_languages(pages: Pages, language: str) -> None:
    nele = pages.nobody()
    page = nele.get(f"/report?in={language}")
    assert f'<html lang="{language}"' in page.text
    assert all(f'href="?in={other}"' in page.text for other in {*LANGUAGES} - {language})
    path = address(send(nele, WORDS, f"?in={language}"))
    assert kept(pages)[0].language == language
    assert f'<html lang="{language}"' in nele.get(f"{path}?in={language}").text


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(pages: Pages) -> None:
    nele = pages.nobody()
    page = send(nele, {**WORDS, "description": "", "mail": "nele"})
    assert page.text.count("What the flaw is: fill this in.") == 2
    assert page.form_with(["ticket"]).fields["affected"] == [WORDS["affected"]]
    page = send(nele, {**WORDS, "mail": "nele"})
    assert page.text.count("Write an address like name@example.org.") == 2
    assert "<title>Error:" in page.text
    assert kept(pages) == []


def test_a_button_pressed_twice_reports_once_and_tells_the_same_address(pages: Pages) -> None:
    nele = pages.nobody()
    sent = with_files({"ticket": ticket(nele), **WORDS}, "_files", {})
    first = address(nele.send("/report", *sent))
    assert address(nele.send("/report", *sent)) == first
    assert len(kept(pages)) == 1


@pytest.mark.parametrize("made_up", ["", "x", "x" * 32, "x" * 32 + ":" + "y" * 43, "\0", "é" * 40])
def test_a_ticket_that_this_node_did_not_make_reports_nothing(pages: Pages, made_up: str) -> None:
    nele = pages.nobody()
    page = nele.send("/report", *with_files({"ticket": made_up, **WORDS}, "_files", {}))
    assert page.status == 200
    assert "This page is too old to be sent; load it anew." in page.text
    assert kept(pages) == []
    # The page that says so can be sent.
    assert address(nele.fill(page, WORDS, form=page.form_with(["ticket"])))


def test_another_sites_form_sends_nothing_in_the_name_of_who_is_signed_in(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    cookies = dict(ada.cookies)
    forged = {
        "csrfmiddlewaretoken": pages.nobody()
        .get("/account/login/")
        .form.fields["csrfmiddlewaretoken"][0]
    }
    address(send(ada, {**WORDS, **forged}))
    assert ada.cookies == cookies
    noted = [entry for entry in audit(pages.node.db) if entry.what.startswith("report_")]
    assert [(entry.what, entry.name, entry.person) for entry in noted] == [
        ("report_made", "finder", None)
    ]
    # Where people here act, a foreign token is refused.
    (row,) = kept(pages)
    sent = {"do": "close", "close-reason": "known", **forged}
    assert ada.post(f"/reports/{row.id}", sent).status == 403
    assert kept(pages)[0].state == "new"


def test_another_sites_form_leads_nobody_to_report_at_an_address_that_site_knows(
    pages: Pages,
) -> None:
    known = ticket(pages.nobody())
    nele = pages.nobody()
    page = nele.send("/report", *with_files({"ticket": known}, "_files", {}))
    form = page.form_with(["ticket"])
    assert form.fields["ticket"] != [known]
    made = address(nele.fill(page, WORDS, form=form))
    assert made.removeprefix("/report/") not in known
    assert WORDS["description"] in nele.get(made).text


def test_what_was_abuse_takes_nothing_more(pages: Pages) -> None:
    nele = pages.nobody()
    path = address(send(nele, WORDS))
    reports.close(pages.node, None, kept(pages)[0].id, intake.ABUSE)
    page = nele.get(path)
    assert "Nothing more is taken here." in page.text
    assert "<form" not in page.text
    page = nele.post(path, {"text": "But it is."})
    assert page.status == 200
    assert kept(pages)[0].state == "closed"


def document(**more: object) -> bytes:
    told = Reported("Pump of Fennick", "before 1.1", "Long words stop it.", impact="No water.")
    by = Issued("N-1", "Pump", "Nele", "https://nele.example", START, START)
    doc = json.loads(csaf.write(told, by))
    doc["document"]["category"] = "csaf_vulnerability_report"
    return json.dumps({**doc, **more}).encode()


def csaf_of(visitor: Visitor, data: bytes) -> Page:
    return visitor.send("/report", *with_files({"do": "csaf"}, "csaf", {"r.json": data}))


def test_a_document_of_csaf_fills_in_the_form_and_is_sent_when_looked_over(pages: Pages) -> None:
    nele = pages.nobody()
    page = csaf_of(nele, document())
    assert "Nothing was sent or kept yet" in page.text
    assert kept(pages) == []
    form = page.form_with(["ticket"])
    assert form.fields["affected"] == ["Pump of Fennick"]
    assert "Long words stop it." in form.fields["description"][0]
    path = address(nele.fill(page, {"name": "Nele"}, form=form))
    assert "No water." in nele.get(path).text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no JSON",
        b"[" * 100_000,
        b"{}",
        document(vulnerabilities=3),
        document(document=None),
        document(product_tree={"branches": []}),
        b"{" + b" " * csaf.LIMIT + b"}",
        b'{"a": 1e999}',
        b'"\xff"',
        b'{"document": {"csaf_version": {"a": []}}}',
    ],
)
def test_a_document_that_is_none_is_refused_beside_its_field(pages: Pages, data: bytes) -> None:
    page = csaf_of(pages.nobody(), data)
    assert page.status == 200
    assert 'id="id_csaf_error"' in page.text
    assert kept(pages) == []


def test_a_flood_is_cleared_away_on_one_page(pages: Pages) -> None:
    for n in range(3):
        address(send(pages.nobody(), {**WORDS, "description": f"Buy {n} pumps."}))
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/reports")
    assert "3 wait unread, of at most 500" in page.text
    assert 'href="/reports/waiting"' in page.text
    page = ada.get("/reports/waiting")
    assert re.search(r"Buy [012] pumps\.", page.text)
    heap = waiting.heaps(pages.node, None)[0]
    page = ada.fill(page, {"heap": heap.key, "deed": "erase"})
    assert "Tick that you want them erased for good." in page.text
    assert len(kept(pages)) == 3
    old = page
    page = ada.fill(old, {"heap": heap.key, "deed": "aside"})
    assert "3 reports were cleared away." in page.text
    assert {(row.state, row.reason) for row in kept(pages)} == {("closed", "flood")}
    page = ada.fill(old, {"heap": heap.key, "deed": "aside"})
    assert "Nothing of this waits any more." in page.text


def test_the_file_security_txt_names_the_form_and_nothing_while_none_is_open(pages: Pages) -> None:
    nobody, chosen = pages.nobody(), pages.node.settings
    assert nobody.get("/.well-known/security.txt").status == 404
    pages.node.settings = replace(chosen, pages="https://node.orvanda.example")
    page = nobody.get("/.well-known/security.txt")
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    assert page.text.startswith("Contact: https://node.orvanda.example/report\nExpires: ")
    assert "Preferred-Languages: ar, en, " in page.text
    pages.node.settings = replace(pages.node.settings, intake=False)
    assert nobody.get("/.well-known/security.txt").status == 404


def test_who_is_not_taken_is_told_whom_to_write_to(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_UNREAD", 0)
    pages.node.settings = replace(pages.node.settings, security_contact="desk@orvanda.example")
    page = pages.nobody().get("/report")
    assert page.status == 429
    assert "Write to desk@orvanda.example" in page.text
