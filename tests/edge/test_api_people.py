"""The API, of people: who is here, with which mandates, and the links that let them in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.errors import Refusal
from comity.services.people import invitations, persons
from comity.store.access.people import audit
from comity.store.sql import query
from tests.edge.program import Program, program, token
from tests.edge.visitor import PASSWORD, Pages, Visitor
from tests.nodes import Nodes


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages and the API of Orvanda."""
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def test_somebody_is_let_in_changed_and_shut_out(pages: Pages) -> None:
    kim = program(pages, "administrator", name="kim")
    given = {"mandates": ["analyst"], "name": "Ann", "email": "Ann@Orvanda.example"}
    answer = kim.post("/invitations", given, key="k")
    assert answer.status == 201
    link = answer.value["link"]
    (waiting,) = kim.get("/invitations").value["invitations"]
    assert (waiting["name"], waiting["email"]) == ("Ann", "ann@orvanda.example")
    assert (waiting["mandates"], waiting["renews"]) == (["analyst"], False)
    assert waiting["id"] not in link
    secret = link.rpartition("/welcome/")[2]
    row = persons.join(pages.node, secret, email=waiting["email"], name="Ann", password=PASSWORD)
    assert kim.get("/invitations").value == {"invitations": []}
    assert kim.get(f"/people/{row.id}").value["mandates"] == ["analyst"]
    changed = kim.put(f"/people/{row.id}", {"mandates": ["head"], "is_active": False}).value
    assert (changed["mandates"], changed["is_active"]) == (["head"], False)
    assert [each["name"] for each in kim.get("/people").value["people"]] == ["Kim", "Ann"]
    assert [entry.what for entry in audit(pages.node.db, limit=3)] == ["changed", "joined", "link"]
    assert kim.get("/people/999").rule == "S3"


def test_a_link_is_made_once_and_its_address_kept_from_who_reads_the_database(
    pages: Pages,
) -> None:
    kim = program(pages, "administrator", name="kim")
    first = kim.post("/invitations", {"mandates": ["analyst"]}, key="k")
    again = kim.post("/invitations", {"mandates": ["analyst"]}, key="k")
    assert first.body == again.body
    assert len(kim.get("/invitations").value["invitations"]) == 1
    secret = first.value["link"].rpartition("/")[2]
    for table in ("store_answer", "store_link", "store_audit"):
        assert secret not in str(query(pages.node.db, f"SELECT * FROM {table}"))
    assert kim.post("/invitations", {"mandates": ["analyst"]}).value["field"] == "Idempotency-Key"


def test_the_auditor_is_told_of_a_long_address_what_there_is_room_for(pages: Pages) -> None:
    email = f"ann@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"
    kim = program(pages, "administrator", name="kim")
    given = {"mandates": ["analyst"], "email": email}
    assert kim.post("/invitations", given, key="k").status == 201
    assert audit(pages.node.db)[0].subject == email[:140]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"mandates": []}, "mandates"),
        ({"mandates": ["king"]}, "mandates"),
        ({"mandates": ["analyst"], "email": "ann"}, "email"),
        ({"mandates": ["analyst"], "name": "x" * 121}, "name"),
    ],
)
def test_what_is_wrong_with_an_invitation_names_its_field(
    pages: Pages, given: dict[str, object], field: str
) -> None:
    kim = program(pages, "administrator", name="kim")
    answer = kim.post("/invitations", given, key="k")
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", field)


def test_the_last_who_manages_people_is_not_shut_out(pages: Pages) -> None:
    kim = program(pages, "administrator", name="kim")
    (me,) = kim.get("/people").value["people"]
    answer = kim.put(f"/people/{me['id']}", {"mandates": ["administrator"], "is_active": False})
    assert (answer.status, answer.rule) == (422, "S4")
    assert kim.get(f"/people/{me['id']}").value["is_active"]


def test_a_link_that_was_revoked_lets_nobody_in(pages: Pages) -> None:
    kim = program(pages, "administrator", name="kim")
    secret = persons.invite(pages.node, None, codes=["analyst"], name="Ann")
    (waiting,) = kim.get("/invitations").value["invitations"]
    assert kim.ask("DELETE", f"/invitations/{waiting['id']}").status == 204
    assert kim.ask("DELETE", f"/invitations/{waiting['id']}").status == 404
    with pytest.raises(Refusal, match="S11"):
        persons.require_link(pages.node, secret)
    entry = audit(pages.node.db)[0]
    assert (entry.what, entry.subject, entry.name) == ("link_revoked", "Ann", "Kim")


def test_links_are_looked_at_and_revoked_at_the_page(pages: Pages) -> None:
    kim = pages.person("kim", "administrator")
    persons.renew(pages.node, None, "kim@orvanda.example")
    persons.invite(pages.node, None, codes=["analyst"], email="ann@orvanda.example")
    page = kim.get("/people")
    assert "ann@orvanda.example" in page.text
    assert page.text.count("new password") == 1
    forms = [form for form in page.read.forms if ("revoke" in dict(form.buttons))]
    for form in forms:
        page = kim.fill(page, {}, form=form, button="revoke")
    assert "Revoked. The link lets nobody in." in page.text
    assert invitations.of_node(pages.node, None) == []


def test_no_machine_manages_people(pages: Pages) -> None:
    machine = program(pages, "administrator", name="kim", machine=True)
    for answer in (machine.get("/people"), machine.get("/invitations")):
        assert (answer.status, answer.rule) == (403, "S10")
    given = {"mandates": ["analyst"]}
    assert machine.post("/invitations", given, key="k").rule == "S10"


def signed_in(pages: Pages, email: str) -> Visitor:
    """Return somebody who signed in with the password that everybody has here."""
    visitor = pages.nobody()
    visitor.fill(visitor.get("/account/login/"), {"login": email, "password": PASSWORD})
    assert visitor.get("/").path == "/"
    return visitor


def test_a_recovered_password_closes_what_else_lets_in(pages: Pages) -> None:
    """Whoever has taken an account over made ways in that last."""
    node, kim, ada = pages.node, pages.person("kim", "administrator"), program(pages, "analyst")
    row = persons.people(node, None)[0]
    there = signed_in(pages, row.email)
    secret, older = (persons.renew(node, None, row.email) for _ in range(2))
    persons.take_secret(node, secret, f"{PASSWORD} today")
    assert ada.get("/me").status == 401
    assert there.get("/").path.startswith("/account/login/")
    with pytest.raises(Refusal, match="S11"):
        persons.require_link(node, older)
    entry = audit(node.db)[0]
    assert (entry.what, entry.subject) == ("changed", row.email)
    assert entry.detail == {"password": True, "tokens": 1}
    # Nobody else's ways in end.
    assert kim.get("/people").status == 200


def test_a_changed_password_closes_all_but_the_session_that_changed_it(pages: Pages) -> None:
    node, ada = pages.node, pages.person("ada", "duty_officer")
    (row,) = persons.people(node, None)
    there, machine = (
        signed_in(pages, row.email),
        Program(pages.app, token(node, row.id, *row.mandates)),
    )
    new = f"{PASSWORD} today"
    given = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert ada.fill(ada.get("/account/password/change/"), given).status == 200
    assert ada.get("/").path == "/"
    assert there.get("/").path.startswith("/account/login/")
    assert machine.get("/me").status == 401
