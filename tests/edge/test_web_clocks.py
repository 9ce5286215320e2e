"""Clocks by page: what is due and why, reports, and the address that a calendar asks."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from docx import Document

from comity.services.node import Node
from comity.services.people import actors, awaiting, persons, tokens
from tests.edge.program import Program
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.reporting import HOUR, applies, aware, file, happened, reported


@dataclass
class Desk:
    """The pages of Orvanda, its reporting file, and Ada, who is on duty."""

    pages: Pages
    node: Node
    file: str
    ada: Visitor


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda = nodes.make("orvanda")
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        dossier = file(orvanda, title="Cranes <stop>")
        aware(orvanda, dossier, 30)
        happened(orvanda, dossier, "believed", 1)
        applies(orvanda, dossier, "nis2", "us_circia", "au_soci_critical")
        say(orvanda, dossier, "does_not_apply", {"regime": "dora", "reason": "not_bound"})
        reported(orvanda, dossier, "early_warning", 3)
        reported(orvanda, dossier, "report", 20, regime="au_soci_critical")
        reported(orvanda, dossier, "incident", regime="us_circia")
        with Pages(orvanda) as pages:
            yield Desk(pages, orvanda, dossier, pages.person("ada", "duty_officer"))


def listed(page: Page) -> str:
    """Return a page of clocks but for its filter, which names every regime."""
    return re.sub("(?s)<form method=.get.*?</form>", "", page.text)


def test_the_page_shows_what_is_open_and_why(desk: Desk) -> None:
    assert 'href="/clocks"' in desk.ada.get("/dossiers").text
    page = desk.ada.get("/clocks")
    for words in (
        "NIS2, Article 23 · Incident notification",
        "Cranes &lt;stop&gt;",
        "we became aware of it, 20",
        "72 hours after 20",
        "CSIRT or competent authority",
        "32022L2555",
        "This is no legal advice.",
        "waits for: Incident notification",
    ):
        assert words in page.text, words


def test_what_was_reported_is_folded_and_what_of_it_was_late_is_said(desk: Desk) -> None:
    page = desk.ada.get("/clocks").text
    # Nothing that is open stands in a fold; what was reported does, and says that it was late.
    (group,) = re.findall('(?s)<section class="clocks">.*?</section>', page)
    shown, _, folded = group.partition("<details><summary>1 comes after another report")
    later, _, ended = folded.partition(" reported or not needed")
    assert "· Incident notification" in shown
    assert "· Early warning" not in shown + later
    assert "· Final report" in later
    assert "· Early warning" in ended
    assert re.match(' <span class="tag late">1 late</span></summary>', ended)


def test_late_ones_stand_first_and_say_by_how_much(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    for title, hours in (("Fresh", 1), ("Overdue", 30)):
        dossier = file(orvanda, title=title)
        aware(orvanda, dossier, hours)
        applies(orvanda, dossier, "nis2")
    with Pages(orvanda) as pages:
        page = pages.person("ada", "duty_officer").get("/clocks").text
    assert page.index("Overdue") < page.index("Fresh")
    assert '<li class="late">' in page
    assert '<span class="tag late">late by 6 hours</span>' in page
    assert "<strong>23 hours left</strong>" in page
    assert '<span class="tag late">1 late</span>' in page.partition("Overdue")[0]


def test_clocks_are_shown_of_this_party_alone_where_that_is_asked(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    for node, other, title in ((orvanda, orvanda, "Own"), (tolmere, orvanda, "Other")):
        dossier = file(node, other, title=title)
        aware(node, dossier, 1)
        applies(node, dossier, "nis2")
    pass_on(tolmere, orvanda)
    with Pages(orvanda) as pages:
        ada = pages.person("ada", "duty_officer")
        assert "Other</bdi>" in ada.get("/clocks").text
        own = ada.get("/clocks?whose=mine").text
    assert "Own</bdi>" in own
    assert "Other</bdi>" not in own


def test_what_is_red_is_on_the_page_and_not_on_paper(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as pages:
        hana = pages.person("hana", "head")
        who = persons.require_person(orvanda, "hana@orvanda.example")
        handle = actors.of_person(orvanda, who.id).handle
        for title, readers in (("Quiet", ((orvanda.me, handle),)), ("Cranes stop", ())):
            dossier = file(orvanda, title=title, readers=readers)
            aware(orvanda, dossier, 1)
            applies(orvanda, dossier, "nis2")
        page = hana.get("/clocks")
        red, amber = re.findall('(?s)<section class="clocks.*?</section>', page.text)
        if "Cranes" in red:
            red, amber = amber, red
        assert red.startswith('<section class="clocks onscreen">')
        assert amber.startswith('<section class="clocks">')
        assert "What is TLP:RED is read on pages, and not printed." in page.text
        assert "/clocks/sheets/amber.css" in page.text
        assert "TLP:AMBER" in hana.get("/clocks/sheets/amber.css").text
        assert hana.get("/clocks/sheets/purple.css").status == 404


def test_what_else_is_owed_by_a_time_stands_beside(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    dossier = file(orvanda, tolmere)
    pass_on(orvanda, tolmere)
    say(tolmere, dossier, "request", {"regime": "nis2", "due": tolmere.now() + HOUR})
    pass_on(tolmere, orvanda)
    with Pages(orvanda) as pages:
        page = pages.person("ada", "duty_officer").get("/clocks").text
        assert "Report to tolmere" in page.partition("What else is owed")[2]
        assert "Report to" not in pages.person("dana", "diplomat").get("/clocks").text


def test_what_came_late_says_by_how_much_for_ever(desk: Desk) -> None:
    page = desk.ada.get("/clocks?which=late").text.partition("of which nobody said")[0]
    assert "NIS2, Article 23 · Early warning" in page
    assert "reported 0 d 3 h 0 min after" in page
    assert "Incident notification</strong>" not in page


def test_a_rule_that_nobody_verified_is_red_and_never_green(desk: Desk) -> None:
    page = desk.ada.get("/clocks?which=all&regime=us_circia").text
    assert page.count('<span class="tag bad">Not verified: ask your lawyer.</span>') >= 1
    assert '<span class="tag quiet">reported in time</span>' in page
    assert "tag good" not in page
    assert "tag good" not in desk.ada.get("/clocks?which=all&regime=au_soci_critical").text


def test_what_was_kept_by_a_rule_that_is_verified_is_green(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    dossier = file(orvanda)
    aware(orvanda, dossier, 30)
    applies(orvanda, dossier, "nis2")
    reported(orvanda, dossier, "notification", 1)
    with Pages(orvanda) as pages:
        page = pages.person("ada", "duty_officer").get("/clocks?which=all&regime=nis2").text
    assert '<span class="tag good">reported in time</span>' in page


def test_who_has_not_decided_is_asked(desk: Desk) -> None:
    page = desk.ada.get("/clocks").text.partition("of which nobody said")[2]
    assert "GDPR, Article 33" in page
    assert "DORA" not in page
    form = desk.ada.get(f"/dossiers/{desk.file}/say/applies?regime=gdpr_33")
    assert form.form.fields["regime"] == ["gdpr_33"]


def test_who_may_not_say_so_is_led_to_no_form(desk: Desk) -> None:
    own = desk.ada.get("/clocks")
    links = [link for link in own.read.links if "/say/" in link]
    assert links
    assert {desk.ada.get(link).status for link in links} == {200}
    hana = desk.pages.person("hana", "head").get("/clocks")
    assert "NIS2" in hana.text
    assert [link for link in hana.read.links if "/say/" in link] == []


def test_a_reporting_file_leads_to_its_clocks(desk: Desk) -> None:
    page = desk.ada.get(f"/dossiers/{desk.file}")
    (link,) = (each for each in page.read.links if each.startswith("/clocks"))
    assert link == f"/clocks?which=all&file={desk.file}"
    found = desk.ada.get(link)
    assert found.text.count("NIS2, Article 23 · Early warning") == 1
    assert "/clocks?which=all&regime=nis2" in found.read.links


def test_clocks_of_one_file_or_regime_are_found(desk: Desk) -> None:
    assert "CIRCIA" not in listed(desk.ada.get("/clocks?regime=nis2"))
    assert desk.ada.get("/clocks?file=" + "0" * 64).status == 404
    assert "NIS2" in desk.ada.get(f"/clocks?which=odd&file={desk.file}").text


def test_who_may_not_see_the_file_sees_no_clock(desk: Desk) -> None:
    dana = desk.pages.person("dana", "diplomat")
    page = listed(dana.get("/clocks?which=all"))
    assert "There is no reporting file." in page
    assert "NIS2" not in page
    assert dana.get(f"/clocks/{desk.file}/nis2/early_warning").status == 404
    assert dana.get("/clocks.ics").body.count(b"VEVENT") == 0


def test_a_wrong_list_of_own_regimes_is_said_on_the_page(desk: Desk) -> None:
    wrong = desk.node.folder / "regimes.yaml"
    wrong.write_text("[]")
    try:
        page = desk.ada.get("/clocks").text
    finally:
        wrong.unlink()
    assert "Mend regimes.yaml" in page
    assert "NIS2, Article 23" in page


def test_a_report_is_filled_in_and_kept_as_what_was_reported(desk: Desk) -> None:
    address = f"/clocks/{desk.file}/nis2/notification"
    page = desk.ada.get(address)
    assert "What changed since the early warning" in page.text
    assert "Reported before: Early warning" in page.text
    draft = desk.ada.fill(page, {"text": "The cranes stand.\r\n"}, form=page.form_with(["text"]))
    assert draft.form.fields["regime"] == ["nis2"]
    assert draft.form.fields["stage"] == ["notification"]
    assert "nis2-notification.txt" in draft.text


def test_a_report_is_taken_as_a_file(desk: Desk) -> None:
    address = f"/clocks/{desk.file}/nis2/notification"
    text = desk.ada.get(f"{address}/text")
    assert text.body.startswith(b"TLP:AMBER \xc2\xb7 technical: ")
    assert 'filename="nis2-notification.txt"' in text.headers["content-disposition"]
    assert desk.ada.get(f"{address}/json").body.startswith(b"{")
    document = desk.ada.get(f"{address}/docx")
    assert 'filename="nis2-notification.docx"' in document.headers["content-disposition"]
    (margin,) = Document(io.BytesIO(document.body)).sections[0].header.paragraphs
    assert margin.text.startswith("TLP:AMBER · technical: ")
    assert desk.ada.get(f"{address}/odt").status == 404
    assert f"{address}/docx" in desk.ada.get(address).read.links


def test_what_is_urgent_stands_above_the_work_of_who_sees_it(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as pages:
        ada, dana = pages.person("ada", "duty_officer"), pages.person("dana", "diplomat")
        assert "clock" not in ada.get("/").text
        dossier = file(orvanda)
        aware(orvanda, dossier, 30)
        applies(orvanda, dossier, "nis2", "nis2_trust")
        page = ada.get("/").text
        assert "2 clocks are late" in page
        assert "due soon" not in page
        assert "corrected" not in ada.get("/clocks").text
        aware(orvanda, dossier, 23)
        # Who says another instant gains time, and everybody sees it.
        assert '<span class="tag quiet">corrected</span>' in ada.get("/clocks").text
        assert "2 clocks are due soon" in ada.get("/").text
        assert "clocks are" not in dana.get("/").text
        reported(orvanda, dossier, "early_warning")
        assert "1 clock is due soon" in ada.get("/").text
        awaiting.gather(orvanda)
        told = ada.get("/notices").text
        assert "A clock runs: something is to be reported." in told
        link = f"/clocks/{dossier}/nis2_trust/notification"
        assert f'href="{link}"' in told
        assert ada.get(link).status == 200


# The calendar


def test_a_calendar_asks_by_an_address_that_can_be_revoked(desk: Desk) -> None:
    bob = desk.pages.person("bob", "duty_officer")
    page = bob.fill(bob.get("/clocks/calendar"), {})
    address = page.text.partition('<code dir="ltr">')[2].partition("</code>")[0]
    path = "/" + address.split("/", 3)[3]
    nobody = desk.pages.nobody()
    found = nobody.get(path)
    assert found.headers["content-type"] == "text/calendar; charset=utf-8"
    assert found.headers["cache-control"] == "private, no-store"
    assert b"Incident notification" in found.body
    assert b"Cranes" not in found.body
    assert "comity_" not in bob.get("/clocks/calendar").text
    secret = path.rpartition("/")[2].removesuffix(".ics")
    assert Program(desk.pages.app, secret).get("/work").status == 401
    (row,) = (each for each in tokens.everyone(desk.node) if each.scopes)
    mine = bob.get("/account/tokens")
    form = next(each for each in mine.read.forms if ("revoke", row.id) in each.buttons)
    bob.fill(mine, {}, form=form, button="revoke")
    assert nobody.get(path).status == 404


def test_a_wrong_address_opens_nothing(desk: Desk) -> None:
    assert desk.pages.nobody().get("/clocks/calendar/comity_wrong.ics").status == 404
    assert desk.pages.nobody().get("/clocks/calendar/%00.ics").status in {400, 404}


@pytest.mark.parametrize(("code", "able"), [("duty_officer", True), ("auditor", False)])
def test_only_who_may_open_a_file_is_led_to_opening_one(
    nodes: Nodes, code: str, *, able: bool
) -> None:
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as pages:
        page = pages.person("ada", code).get("/clocks")
        assert "There is no reporting file." in page.text
        assert ("/open/response/reporting" in page.read.links) is able
