"""The API, saying something: drafts, previews, signing once however often it is asked for."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from comity.edge.api.shapes import drafts as shapes
from comity.kernel.act import read_header
from comity.services.casework import content, forms, issue
from comity.services.casework import drafts as drafting
from comity.services.casework.issue import Draft
from comity.services.people import answers
from comity.store.access import acts, drafts
from comity.store.access.acts import ActRow
from comity.store.access.people import audit
from tests.edge.program import Answer, Program, person, program, token
from tests.edge.test_web_dossiers import incident
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce, open_tally


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages and the API of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def cranes(nodes: Nodes, pages: Pages) -> str:
    """An incident of Orvanda and Tolmere."""
    return incident(pages.node, nodes.opened["tolmere"], "Cranes stop")


def said(pages: Pages, dossier: str) -> list[ActRow]:
    """Return what was said in a dossier, its opening aside."""
    return list(acts.acts_of(pages.node.db, dossier))[1:]


def needs(who: Program) -> list[tuple[str, str]]:
    """Return kind and subject of what needs somebody."""
    return [(each["kind"], each["subject"]) for each in who.get("/work").value["needs"]]


def draft(who: Program, dossier: str, **fields: Any) -> str:
    """Begin a message in a dossier and return its draft."""
    given = {"dossier": dossier, "kind": "inform", "texts": {"text": "Look for 192.0.2.7"}}
    answer = who.post("/drafts", {**given, "tlp": "amber", **fields})
    assert answer.status == 201, answer.body
    return str(answer.value["id"])


def test_an_incident_is_opened_and_who_reads_it_is_seen_before(nodes: Nodes, pages: Pages) -> None:
    tolmere = nodes.opened["tolmere"]
    ada = program(pages, "duty_officer")
    names = {each["name"] for each in ada.get("/protocols").value["protocols"]}
    assert "response/incident" in names
    form = ada.get("/forms?protocol=response/incident").value
    assert form["parties"] == [{"value": tolmere.me, "label": "tolmere"}]
    assert {"title", "text"} <= {field["name"] for field in form["fields"]}
    texts = {"title": "Cranes stop", "text": "Since 02:40."}
    opening = {"protocol": "response/incident", "texts": texts, "tlp": "green"}
    begun = ada.post("/drafts", {**opening, "members": [tolmere.me], "footing": "technical"}).value
    assert (begun["state"], begun["kind"]) == ("open", "charter")
    preview = ada.get(f"/drafts/{begun['id']}/preview").value
    assert [reader["name"] for reader in preview["readers"]] == ["tolmere"]
    assert (preview["hand"], preview["role"]) == ("alone", "duty_officer")
    signed = ada.post(f"/drafts/{begun['id']}/sign", key="k").value
    row = acts.dossier(pages.node.db, signed["dossier"])
    assert row is not None
    assert (row.title, row.ceiling) == ("Cranes stop", "green")
    charter = acts.act(pages.node.db, signed["act"])
    assert charter is not None
    assert read_header(charter.header).body["by"] == {"role": "duty_officer"}


def test_what_is_wrong_names_its_field(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    id_ = draft(ada, cranes, kind="ask", texts={"text": "Does anybody know?"})
    for answer in (ada.get(f"/drafts/{id_}/preview"), ada.post(f"/drafts/{id_}/sign", key="k")):
        assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", "to")
        assert answer.value["detail"].startswith("Whom you ask: ")
    answer = ada.post("/drafts", {"dossier": cranes, "kind": "inform", "texts": {}, "tlp": "blue"})
    assert (answer.status, answer.value["field"]) == (422, "tlp")
    answer = ada.post("/drafts", {"dossier": "x", "texts": {"A": ""}, "tlp": "amber"})
    assert (answer.status, answer.rule) == (422, "S4")
    answer = ada.ask("POST", "/drafts", b"{")
    assert (answer.status, answer.rule) == (400, "S4")
    answer = ada.post(f"/drafts/{id_}/sign")
    assert (answer.status, answer.value["field"]) == (422, "Idempotency-Key")
    assert not said(pages, cranes)


def test_the_places_of_fields_are_those_that_the_api_promises() -> None:
    assert {*get_args(shapes.FormField.model_fields["place"].annotation)} == {*forms.Place}


def test_a_wider_label_than_the_dossiers_is_refused(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    given = {"dossier": cranes, "kind": "inform", "texts": {}, "tlp": "amber_strict"}
    answer = ada.post("/drafts", given)
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", "tlp")
    id_ = draft(ada, cranes)
    changed = {"texts": {}, "tlp": "amber_strict"}
    assert ada.put(f"/drafts/{id_}", changed).value["field"] == "tlp"
    assert ada.put(f"/drafts/{id_}", {"texts": {}, "tlp": "red"}).status == 422


def test_a_message_is_translated_by_the_same_ways(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    id_ = draft(ada, cranes, texts={"text": "Die Kräne stehen.", "lang": "DE"})
    act = ada.post(f"/drafts/{id_}/sign", key="k").value["act"]
    assert ada.get(f"/acts/{act}").value["lang"] == "de"
    place = f"/dossiers/{cranes}/forms/translation"
    assert (ada.get(place).rule, ada.get(f"{place}?about={'0' * 64}").status) == ("S4", 404)
    form = ada.get(f"{place}?about={act}").value
    assert [field["name"] for field in form["fields"]] == ["act", "lang", "as", "text"]
    assert (form["floor"], form["ceiling"]) == ("amber", "amber")
    texts = {"act": act, "lang": "en", "as": "official", "text": "The cranes stand still."}
    given = {"dossier": cranes, "kind": "translation", "texts": texts, "tlp": "green"}
    answer = ada.post("/drafts", given)
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", "tlp")
    id_ = draft(ada, cranes, kind="translation", texts={**texts, "lang": "German"})
    assert ada.get(f"/drafts/{id_}/preview").value["field"] == "lang"
    ada.put(f"/drafts/{id_}", {"texts": texts, "tlp": "amber"})
    done = ada.post(f"/drafts/{id_}/sign", key="l").value["act"]
    (found,) = ada.get(f"/acts/{act}").value["translations"]
    assert found.pop("time")
    assert found.pop("party") == pages.node.me
    assert found == {
        "act": done, "called": "official", "name": "orvanda", "lang": "en", "tlp": "amber",
        "mark": "Official translation by orvanda", "pap": "", "content": "here",
        "footing": "technical", "narrowed": False,
        "fields": {"text": "The cranes stand still."},
    }  # fmt: skip
    (own,) = [each for each in ada.get(f"/dossiers/{cranes}").value["acts"] if each["id"] == done]
    assert own["caption"] == f"orvanda translated {act[:4]} into English"


def test_what_is_translated_is_in_the_dossier_or_absent(pages: Pages, cranes: str) -> None:
    prepared = content.prepare_fields(pages.node, {"text": "Elsewhere."})
    told = Draft("note", {}, prepared)
    other = issue.issue(pages.node, dossier_id=open_tally(pages.node), draft=told)
    ada = program(pages, "duty_officer")
    answers_ = [
        ada.post("/drafts", {
            "dossier": cranes, "kind": "translation", "tlp": tlp,
            "texts": {"act": act, "lang": "fr", "as": "official", "text": "Ailleurs."},
        })
        for act in (other, "0" * 64)
        for tlp in ("clear", "amber")
    ]  # fmt: skip
    assert {(each.status, each.rule) for each in answers_} == {(404, "S3")}


def test_a_draft_is_changed_and_thrown_away(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    id_ = draft(ada, cranes)
    changed = ada.put(f"/drafts/{id_}", {"texts": {"text": "Better"}, "tlp": "green"}).value
    assert changed["form"]["texts"] == {"text": "Better"}
    assert needs(ada) == [("draft", id_)]
    other = program(pages, "duty_officer", name="bea")
    hidden, absent = other.get(f"/drafts/{id_}"), other.get(f"/drafts/{'0' * 24}")
    assert (hidden.status, absent.status) == (404, 404)
    assert hidden.body.replace(id_.encode(), b"0" * 24) == absent.body
    assert ada.ask("DELETE", f"/drafts/{id_}").status == 204
    assert drafts.drafts(pages.node.db) == []


def test_a_second_person_approves_and_nobody_is_one_to_oneself(pages: Pages, cranes: str) -> None:
    node = pages.node
    ann = person(node, "ann", "analyst", "duty_officer")
    low = Program(pages.app, token(node, ann, "analyst"))
    high = Program(pages.app, token(node, ann, "duty_officer"))
    ada = program(pages, "duty_officer")
    id_ = draft(low, cranes)
    assert low.post(f"/drafts/{id_}/sign", key="k").rule == "S10"
    assert low.post(f"/drafts/{id_}/prepare").value["state"] == "waiting"
    assert high.approve(id_, key="k").rule == "S10"
    assert needs(ada) == [("approve", id_)]
    assert ada.post(f"/drafts/{id_}/return", {"reason": " "}).value["field"] == "reason"
    assert ada.post(f"/drafts/{id_}/return", {"reason": "Why?"}).value["state"] == "returned"
    assert low.get(f"/drafts/{id_}").value["reason"] == "Why?"
    low.post(f"/drafts/{id_}/prepare")
    signed = ada.approve(id_, key="k").value
    (row,) = said(pages, cranes)
    assert row.id == signed["act"]
    body = read_header(row.header).body
    assert body["by"] == {"role": "analyst", "approved_by": ["duty_officer"]}


def test_what_is_approved_is_what_was_seen(pages: Pages, cranes: str) -> None:
    """Its author may take a draft back and change it while another person reads it."""
    ann, ada = program(pages, "analyst", name="ann"), program(pages, "duty_officer")
    id_ = draft(ann, cranes)
    ann.post(f"/drafts/{id_}/prepare")
    seen = ada.get(f"/drafts/{id_}/preview").headers["etag"]
    assert ada.get(f"/drafts/{id_}").headers["etag"] == seen
    ada.post(f"/drafts/{id_}/return", {"reason": "Why?"})
    assert ann.put(f"/drafts/{id_}", {"texts": {"text": "Open the gates"}, "tlp": "amber"}).status
    ann.post(f"/drafts/{id_}/prepare")
    for wrong in (seen, '"0"', "x", f"W/{seen}"):
        answer = ada.approve(id_, key="k", seen=wrong)
        assert (answer.status, answer.rule) == (412, "S12"), wrong
    for none in ("", "*"):
        more = {"HTTP_IDEMPOTENCY_KEY": "k", "HTTP_IF_MATCH": none}
        answer = ada.ask("POST", f"/drafts/{id_}/approve", b"", more)
        assert (answer.status, answer.rule) == (428, "S4")
        assert answer.value["field"] == "If-Match"
    assert not said(pages, cranes)
    seen = ada.get(f"/drafts/{id_}").headers["etag"]
    first = ada.approve(id_, key="k", seen=seen)
    # It is another version by now; the same request is answered the same.
    again = ada.approve(id_, key="k", seen=seen)
    assert (first.status, first.body) == (again.status, again.body) == (200, first.body)
    assert len(said(pages, cranes)) == 1


def test_an_emergency_is_signed_alone_and_reviewed(pages: Pages, cranes: str) -> None:
    ann, hal = program(pages, "analyst", name="ann"), program(pages, "head", name="hal")
    id_ = draft(ann, cranes)
    answer = ann.post(f"/drafts/{id_}/emergency", {"reason": ""}, key="k1")
    assert (answer.rule, answer.value["field"]) == ("S4", "reason")
    assert ann.post(f"/drafts/{id_}/emergency", {"reason": "Alone."}, key="k2").status == 200
    assert len(said(pages, cranes)) == 1
    assert needs(hal) == [("review", id_)]
    assert hal.post(f"/drafts/{id_}/review").status == 200
    assert needs(hal) == []


def test_the_same_request_signs_once_and_is_answered_the_same(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    id_ = draft(ada, cranes)
    first = ada.post(f"/drafts/{id_}/sign", key="k")
    again = ada.post(f"/drafts/{id_}/sign", key="k")
    assert (first.status, first.body) == (again.status, again.body) == (200, first.body)
    assert len(said(pages, cranes)) == 1
    # With another key it is another request, and the draft is signed by now.
    assert ada.post(f"/drafts/{id_}/sign", key="k2").rule == "S12"
    # Keys are a token's own.
    bea = program(pages, "duty_officer", name="bea")
    assert bea.post(f"/drafts/{draft(bea, cranes)}/sign", key="k").status == 200


def test_a_key_is_not_used_for_another_request(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    one, other = draft(ada, cranes), draft(ada, cranes)
    assert ada.post(f"/drafts/{one}/sign", key="k").status == 200
    answer = ada.post(f"/drafts/{other}/sign", key="k")
    assert (answer.status, answer.rule) == (422, "S4")
    assert answer.value["field"] == "Idempotency-Key"
    assert len(said(pages, cranes)) == 1
    ann = program(pages, "analyst", name="ann")
    id_ = draft(ann, cranes)
    assert ann.post(f"/drafts/{id_}/emergency", {"reason": "Alone."}, key="k").status == 200
    answer = ann.post(f"/drafts/{id_}/emergency", {"reason": "Other."}, key="k")
    assert answer.value["field"] == "Idempotency-Key"


@pytest.mark.parametrize("drafts_", [1, 2])
def test_two_that_come_at_once_with_one_key_sign_once(
    pages: Pages, cranes: str, monkeypatch: pytest.MonkeyPatch, drafts_: int
) -> None:
    """Both look for an earlier answer before either has signed."""
    ada = program(pages, "duty_officer")
    ids = [draft(ada, cranes) for _ in range(drafts_)]
    gate, earlier = threading.Barrier(2), answers._earlier
    waited: list[int] = []

    def together(*asked: Any) -> Any:
        found = earlier(*asked)
        if len(waited) < 2:
            waited.append(1)
            gate.wait()
        return found

    monkeypatch.setattr(answers, "_earlier", together)
    got: list[Answer] = []

    def ask(id_: str) -> None:
        got.append(ada.post(f"/drafts/{id_}/sign", key="k"))

    both = [threading.Thread(target=ask, args=(ids[n % drafts_],)) for n in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(said(pages, cranes)) == 1
    if drafts_ == 1:
        assert got[0].status == got[1].status == 200
        assert got[0].body == got[1].body
    else:
        refused = next(answer for answer in got if answer.status != 200)
        assert refused.value["field"] == "Idempotency-Key"
        assert {row.state for row in drafts.drafts(pages.node.db)} == {"open"}


def test_answers_are_forgotten_after_a_month(nodes: Nodes, pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    first = draft(ada, cranes)
    ada.post(f"/drafts/{first}/sign", key="k")
    nodes.clock.advance(answers.KEPT + 1)
    assert ada.post(f"/drafts/{draft(ada, cranes)}/sign", key="k2").status == 200
    assert ada.post(f"/drafts/{first}/sign", key="k").rule == "S12"


def test_files_are_added_and_removed(pages: Pages, cranes: str) -> None:
    ada = program(pages, "duty_officer")
    id_ = draft(ada, cranes, kind="files", texts={"text": "Two files"})
    place = f"/drafts/{id_}/files"
    assert ada.ask("POST", f"{place}?name=a.txt", b"a.txt").status == 201
    answer = ada.ask("POST", f"{place}?name=b.txt", b"b.txt")
    first = answer.value["files"][0]
    assert (first["name"], first["size"]) == ("a.txt", 5)
    left = ada.ask("DELETE", f"/drafts/{id_}/files/{first['path']}").value["files"]
    assert [file["name"] for file in left] == ["b.txt"]
    signed = ada.post(f"/drafts/{id_}/sign", key="k").value
    assert ada.get(f"/acts/{signed['act']}/files/0").body == b"b.txt"
    id_ = draft(ada, cranes, kind="close", texts={})
    assert ada.ask("POST", f"/drafts/{id_}/files?name=a", b"x").value["field"] == "files"


def test_a_draft_holds_so_many_files(
    pages: Pages, cranes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "MOST_FILES", 1)
    ada = program(pages, "duty_officer")
    place = f"/drafts/{draft(ada, cranes, kind='files')}/files?name=a"
    assert ada.ask("POST", place, b"one").status == 201
    answer = ada.ask("POST", place, b"two")
    assert (answer.status, answer.value["field"]) == (422, "files")


class _Unread(io.BytesIO):
    """A body of which nothing may be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError(size)


def test_a_file_over_the_limit_is_refused_unread(
    pages: Pages, cranes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "FILE_LIMIT", 4)
    ada = program(pages, "duty_officer")
    place = f"/drafts/{draft(ada, cranes, kind='files')}/files?name=a"
    more = {"wsgi.input": _Unread(), "CONTENT_LENGTH": "5"}
    answer = ada.ask("POST", place, b"", more)
    assert (answer.status, answer.rule) == (413, "T7")
    assert ada.ask("POST", place, b"", {**more, "CONTENT_LENGTH": ""}).status == 411
    # Neither is the body of who may not add a file.
    nobody = Program(pages.app)
    assert nobody.ask("POST", place, b"", {**more, "CONTENT_LENGTH": "4"}).status == 401
    short = {"CONTENT_LENGTH": "4"}
    answer = ada.ask("POST", place, b"one", short)
    assert (answer.status, answer.rule) == (400, "T7")
    assert ada.ask("POST", place, b"four").status == 201
    assert list(pages.node.spool.iterdir()) == []


def test_a_body_of_json_is_small(pages: Pages) -> None:
    ada = program(pages, "duty_officer")
    more = {"wsgi.input": _Unread(), "CONTENT_LENGTH": str(2 * 1024 * 1024)}
    answer = ada.ask("POST", "/drafts", b"", more)
    assert (answer.status, answer.rule) == (413, "T7")


def test_who_has_no_mandate_for_it_cannot_begin(pages: Pages, cranes: str) -> None:
    hal = program(pages, "head", name="hal")
    given = {"dossier": cranes, "kind": "inform", "texts": {}, "tlp": "amber"}
    assert hal.post("/drafts", given).rule == "S10"
    assert hal.get(f"/dossiers/{cranes}/forms/inform").rule == "S10"
    assert hal.get("/protocols").value == {"protocols": []}


def test_a_program_of_a_person_shares_that_persons_drafts(pages: Pages, cranes: str) -> None:
    node = pages.node
    ada = person(node, "ada", "duty_officer")
    one, other = (Program(pages.app, token(node, ada, "duty_officer")) for _ in range(2))
    id_ = draft(one, cranes)
    assert other.get(f"/drafts/{id_}").status == 200
    other.post(f"/drafts/{id_}/sign", key="k")
    entry = audit(node.db)[0]
    assert (entry.what, entry.name, entry.person) == ("said", "Ada", ada)
    assert entry.detail["token"] == other.get("/me").value["token"]
