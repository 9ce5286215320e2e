"""Notices at the pages: the count, the list, read marks, following, and when mail may come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.ids import Id
from comity.services.casework import guests
from comity.services.casework.issue import Draft, issue
from comity.services.people import actors, awaiting
from comity.services.people.hours import Hours
from comity.store.access import people
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_saying import press, write
from tests.edge.visitor import Page, Pages
from tests.mailserver import Server, serving
from tests.nodes import Nodes, introduce, pass_on
from tests.services.staff import ask
from tests.services.test_guests import JANE, warn


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def server(pages: Pages) -> Iterator[Server]:
    """The mail server of that node."""
    with serving() as made:
        pages.node.settings = replace(pages.node.settings, mail=made.settings())
        yield made


@pytest.fixture
def cranes(nodes: Nodes, pages: Pages) -> str:
    """An incident that Tolmere opened with Orvanda, and asks for something in."""
    tolmere = nodes.opened["tolmere"]
    dossier = incident(tolmere, pages.node, "Cranes stop")
    ask(tolmere, pages.node, dossier)
    pass_on(tolmere, pages.node)
    return dossier


def main(page: Page) -> str:
    """Return the main part of a page."""
    return page.text.partition('<main id="main"')[2].partition("</main>")[0]


def test_the_header_counts_what_was_not_read_and_the_page_lists_it(
    pages: Pages, cranes: str
) -> None:
    ada, dia = pages.person("ada", "duty_officer"), pages.person("dia", "diplomat")
    assert "unread" not in ada.get("/").text
    awaiting.gather(pages.node)
    assert "1 unread" in ada.get("/").text
    assert "unread" not in dia.get("/").text
    page = ada.get("/notices")
    assert "Cranes stop" in main(page)
    assert "We owe something here." in main(page)
    assert any(link.startswith(f"/dossiers/{cranes}#a-") for link in page.read.links)
    assert "Cranes" not in dia.get("/notices").text
    page = ada.fill(page, {}, form=page.form_with({"csrfmiddlewaretoken"}))
    assert "Marked as read." in page.text
    assert "1 unread" not in page.text
    assert "Cranes stop" in main(page)


def test_all_are_marked_as_read_at_once(nodes: Nodes, pages: Pages, cranes: str) -> None:
    ask(nodes.opened["tolmere"], pages.node, cranes)
    pass_on(nodes.opened["tolmere"], pages.node)
    ada = pages.person("ada", "duty_officer")
    awaiting.gather(pages.node)
    page = ada.get("/notices")
    assert "2 unread" in page.text
    every = next(form for form in page.read.forms if ("notice", "all") in form.buttons)
    assert "unread" not in ada.fill(page, {}, form=every).text


def test_a_dossier_that_is_looked_at_has_been_read(pages: Pages, cranes: str) -> None:
    ada = pages.person("ada", "duty_officer")
    awaiting.gather(pages.node)
    ada.get(f"/dossiers/{cranes}")
    assert "unread" not in ada.get("/").text


def test_who_follows_a_dossier_is_told_what_is_new(nodes: Nodes, pages: Pages, cranes: str) -> None:
    tolmere, ada = nodes.opened["tolmere"], pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{cranes}")
    page = ada.fill(page, {}, form=next(f for f in page.read.forms if f.action.endswith("follow")))
    assert "You are told of what is new here." in page.text
    awaiting.gather(pages.node)
    ada.get(f"/dossiers/{cranes}")
    issue(tolmere, dossier_id=cranes, draft=Draft("inform"))
    pass_on(tolmere, pages.node)
    awaiting.gather(pages.node)
    assert "Something new was said." in ada.get("/notices").text
    page = ada.get(f"/dossiers/{cranes}")
    page = ada.fill(page, {}, form=next(f for f in page.read.forms if f.action.endswith("follow")))
    assert "not told any more" in page.text


def test_who_signed_in_a_dossier_follows_it(nodes: Nodes, pages: Pages, cranes: str) -> None:
    tolmere, ada = nodes.opened["tolmere"], pages.person("ada", "duty_officer")
    press(ada, write(ada, cranes, "We look into it"), "sign")
    assert "You are told of what is new here." in ada.get(f"/dossiers/{cranes}").text
    awaiting.gather(pages.node)
    ada.get(f"/dossiers/{cranes}")
    issue(tolmere, dossier_id=cranes, draft=Draft("inform"))
    pass_on(tolmere, pages.node)
    awaiting.gather(pages.node)
    assert "Something new was said." in ada.get("/notices").text


def test_a_draft_awaits_a_second_person_and_then_its_author(pages: Pages, cranes: str) -> None:
    ann, ada = pages.person("ann", "analyst"), pages.person("ada", "duty_officer")
    page = write(ann, cranes, "It was Tolmere")
    press(ann, page, "prepare")
    awaiting.gather(pages.node)
    asked = ada.get("/notices")
    assert "A colleague asks you to approve this." in asked.text
    assert page.path in asked.read.links
    assert "approve this" not in ann.get("/notices").text
    press(ada, ada.get(page.path), "return", reason="Leave out who it was.")
    awaiting.gather(pages.node)
    back = ann.get("/notices")
    assert "A colleague returned what you prepared." in back.text
    assert page.path.removesuffix("/check") in back.read.links
    assert "approve this" not in ada.get("/notices").text


def test_a_letter_to_a_guest_leads_to_where_it_is_let_go(pages: Pages, cranes: str) -> None:
    pages.person("ann", "analyst")
    ada = pages.person("ada", "duty_officer")
    row = people.person_by_email(pages.node.db, "ann@orvanda.example")
    assert row is not None
    ann = actors.of_person(pages.node, row.id)
    letter, _ = guests.make(pages.node, ann, warn(pages.node, Id(cranes)), JANE)
    awaiting.gather(pages.node)
    page = ada.get("/notices")
    assert "A colleague asks you to let a letter to a guest go." in page.text
    (link,) = [link for link in page.read.links if letter.id in link]
    assert ada.get(link).status == 200


def test_every_head_is_told_of_an_emergency_in_the_moment_it_is_signed(
    pages: Pages, cranes: str, server: Server
) -> None:
    from comity.services.people import mail

    ann, hal = pages.person("ann", "analyst"), pages.person("hal", "head")
    row = people.person_by_email(pages.node.db, "hal@orvanda.example")
    assert row is not None
    page = write(ann, cranes, "Cut the line now")
    press(ann, page, "emergency", reason="Nobody else is here.")
    # No worker has looked yet.
    shown = hal.get("/notices")
    assert "Somebody signed alone, declaring an emergency." in shown.text
    assert page.path in shown.read.links
    mail.send_due(pages.node)
    assert [got.to for got in server.got] == [["hal@orvanda.example"]]
    press(hal, hal.get(page.path), "review")
    awaiting.gather(pages.node)
    assert "declaring an emergency" in hal.get("/notices").text
    assert "has to review it" not in hal.get("/notices").text


def test_a_notice_of_an_emergency_that_was_not_signed_is_not_made(
    pages: Pages, cranes: str
) -> None:
    ann, hal = pages.person("ann", "analyst"), pages.person("hal", "head")
    page = write(ann, cranes, "Cut the line now")
    press(ann, page, "emergency")
    assert "unread" not in hal.get("/").text


def hours(pages: Pages) -> Hours:
    row = people.person_by_email(pages.node.db, "ada@orvanda.example")
    assert row is not None
    return Hours.from_object(row.hours)


def test_a_person_says_when_mail_may_come(pages: Pages, server: Server) -> None:
    assert server.port
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/account")
    form = page.form_with({"begins"})
    assert form.fields["begins"] == ["08:00"]
    assert form.fields["days"] == ["0", "1", "2", "3", "4"]
    given: dict[str, str | list[str]] = {
        "mail": ["on"],
        "digest": [],
        "begins": "07:30",
        "days": ["6", "0"],
        "quiet_from": "22:00",
        "quiet_to": "06:15",
    }
    assert "Saved." in ada.fill(page, given).text
    assert hours(pages) == Hours(
        digest=False, begins=450, days=(0, 6), quiet=(22 * 60, 6 * 60 + 15)
    )
    page = ada.get("/account")
    page = ada.fill(page, {"quiet_from": "", "quiet_to": ""}, form=page.form_with({"begins"}))
    assert hours(pages).quiet is None
    # What is chosen for the pages is another form, and leaves this as it is.
    page = ada.fill(page, {"zone": "Asia/Tashkent"})
    assert hours(pages).begins == 450


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("begins", "half past eight", "My work begins at: write it as 08:30."),
        ("begins", "", "My work begins at: fill this in."),
        ("quiet_to", "25:00", "Quiet hours until: write it as 08:30."),
        ("quiet_from", "", "Quiet hours have a beginning and an end: give both, or none."),
        ("days", "", "I work on: choose at least one."),
    ],
)
def test_what_is_wrong_with_hours_is_said_beside_its_field_and_on_top(
    pages: Pages, server: Server, field: str, text: str, told: str
) -> None:
    assert server.port
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/account")
    page = ada.fill(page, {field: [text] if text else []}, form=page.form_with({"begins"}))
    if field != "days":
        page = ada.fill(ada.get("/account"), {field: text}, form=page.form_with({"begins"}))
    assert page.text.count(told) >= 2
    assert hours(pages) == Hours()


def test_a_node_without_a_mail_server_says_so(pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    assert "This node sends no mail." in ada.get("/account").text
    page = pages.nobody().get("/account/password/reset/")
    assert "Ask whoever runs it for a link that sets a new password." in page.text
    assert 'name="email"' not in page.text


def test_a_link_for_a_new_password_comes_by_the_nodes_own_server(
    pages: Pages, server: Server
) -> None:
    pages.person("ada", "duty_officer")
    answers = {}
    for email in ("ada@orvanda.example", "nobody@orvanda.example"):
        visitor = pages.nobody()
        page = visitor.fill(visitor.get("/account/password/reset/"), {"email": email})
        answers[email] = re.sub(r'value="[^"]*"', "", page.text)
    first, second = answers.values()
    assert first == second
    pages.app.close()
    (got,) = server.got
    assert got.to == ["ada@orvanda.example"]
    assert "/account/password/reset/key/" in got.text


def test_a_server_that_fails_tells_a_visitor_nothing(pages: Pages, server: Server) -> None:
    pages.person("ada", "duty_officer")
    server.broken = "554 Gone"
    visitor = pages.nobody()
    page = visitor.get("/account/password/reset/")
    page = visitor.fill(page, {"email": "ada@orvanda.example"})
    assert page.status == 200
    pages.app.close()
    from comity.store.access import notices

    assert "554 Gone" in notices.mailing(pages.node.db).last_error
