"""Every operation of the API, as everybody: one table says who is given what."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from comity.edge.api.app import ROOT, description
from comity.kernel.ids import Id
from comity.kernel.protocol import LANES
from comity.services.casework.desk import Desk
from comity.services.identity import parties, roster
from comity.services.people.mandates import shipped
from tests.edge.program import Answer, Program, person, program, token
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_routes import (
    CIRCLES,
    EVERYBODY,
    MANAGE,
    OPENING,
    SAYING,
    TECHNICAL,
    reported,
)
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce
from tests.services.test_guests import warn
from tools import api_docs, api_pages

NUMBERS = itertools.count()
NOBODY: frozenset[str] = frozenset()
READERS = EVERYBODY - {"auditor", "administrator"}
"""Whose mandates read what circles share."""
APPROVING = frozenset({"duty_officer", "head"})
FILLING = {"texts": {"text": "x"}, "tlp": "green"}
RULES = {"lanes": [], "ceiling": "clear"}
HOURS = {"mail": True, "digest": True, "begins": 480, "days": [0, 1], "quiet": [1200, 420]}
ACCOUNT = {"language": "en", "zone": "UTC", "hours": HOURS}
JANE = {"name": "Jane", "mail": "jane@fennick.example", "first": "en", "second": "ar"}
PRACTICE = {"kind": "lesson", "title": "Two keys", "text": "Two hold them.", "lang": "en"}
MATRIX: dict[str, tuple[str, Any, frozenset[str]]] = {
    "read_me": ("GET /me", None, EVERYBODY),
    "work": ("GET /work", None, EVERYBODY),
    "find_dossiers": ("GET /dossiers", None, EVERYBODY),
    "explain_address": ("GET /explained?address=192.0.2.7", None, EVERYBODY),
    "read_landscape": ("GET /landscape?tlp=green", None, CIRCLES),
    "list_clocks": ("GET /clocks?which=late", None, EVERYBODY),
    "read_regime_report": ("GET /clocks/{dossier}/nis2/early_warning", None, NOBODY),
    "take_regime_report": ("GET /clocks/{dossier}/nis2/early_warning/file", None, NOBODY),
    "list_keys": ("GET /keys", None, EVERYBODY),
    "whom_to_call": ("GET /call?party=absent", None, NOBODY),
    "list_seats": ("GET /directory", None, EVERYBODY),
    "list_contacts": ("GET /directory/xx", None, EVERYBODY),
    "take_contacts": ("GET /directory/xx/file?format=vcard", None, EVERYBODY),
    "take_contacts_in": (
        "POST /dossiers/{act}/contacts",
        {"format": "vcard", "text": "x"},
        NOBODY,
    ),
    "list_campaigns": ("GET /contact-checks", None, EVERYBODY),
    "read_campaign": ("GET /contact-checks/figures?campaign=none", None, NOBODY),
    "start_campaign": (
        "POST /contact-checks",
        {"dossier": "{act}", "campaign": "x", "title": "x"},
        NOBODY,
    ),
    "close_campaign": (
        "POST /contact-checks/close",
        {"campaign": "x"},
        NOBODY,
    ),
    "list_collections": ("GET /collections", None, READERS),
    "find_objects": ("GET /objects?words=x", None, READERS),
    "read_object": ("GET /objects/indicator--x", None, NOBODY),
    "add_objects": (
        "POST /collections/none/objects",
        {"objects": [{"type": "indicator"}]},
        NOBODY,
    ),
    "write_practice": ("POST /collections/none/practices", PRACTICE, NOBODY),
    "write_version": (
        "POST /objects/course-of-action--x/versions",
        {**PRACTICE, "collection": "none"},
        NOBODY,
    ),
    "translate_object": (
        "POST /objects/course-of-action--x/translations",
        {"collection": "none", "lang": "nl", "title": "Twee sleutels"},
        NOBODY,
    ),
    "list_changes": ("GET /changes", None, EVERYBODY),
    "list_acts": ("GET /acts", None, EVERYBODY),
    "read_dossier": ("GET /dossiers/{dossier}", None, TECHNICAL),
    "read_act": ("GET /acts/{dossier}", None, TECHNICAL),
    "take_evidence": ("GET /acts/{dossier}/evidence", None, TECHNICAL),
    "export_dossier": ("POST /dossiers/{dossier}/export", {"party": "{party}"}, SAYING),
    "take_file": ("GET /acts/{dossier}/files/0", None, NOBODY),
    "read_measures": ("GET /measures", None, EVERYBODY),
    "read_disclosure": ("GET /dossiers/{dossier}/disclosure", None, NOBODY),
    "announce_advisory": (
        "POST /dossiers/{dossier}/disclosure/advisory",
        {"name": "a.json", "file": "e30="},
        NOBODY,
    ),
    "publish_advisory": ("POST /dossiers/{dossier}/disclosure/advisory/publish", None, NOBODY),
    "read_product": ("GET /dossiers/{dossier}/product", None, NOBODY),
    "read_incident": ("GET /dossiers/{dossier}/incident", None, TECHNICAL),
    "read_next_to_tell": ("GET /dossiers/{dossier}/incident/next", None, TECHNICAL),
    "list_reports": ("GET /reports", None, OPENING),
    "list_waiting_reports": ("GET /reports/waiting", None, OPENING),
    "clear_reports_away": (
        "POST /reports/waiting/2026-11-26",
        {"deed": "aside", "until": 1},
        NOBODY,
    ),
    "read_report": ("GET /reports/{report}", None, OPENING),
    "take_report_file": ("GET /reports/{report}/files/9", None, NOBODY),
    "take_report_csaf": ("GET /reports/{report}/csaf", None, OPENING),
    "answer_report": (
        "POST /reports/{report}/answer",
        {"text": "x"},
        frozenset({"duty_officer"}),
    ),
    "close_report": (
        "POST /reports/{report}/close",
        {"reason": "known"},
        frozenset({"duty_officer"}),
    ),
    "list_protocols": ("GET /protocols", None, EVERYBODY),
    "read_opening_form": ("GET /forms?protocol=response/incident", None, OPENING),
    "read_form": ("GET /dossiers/{dossier}/forms/inform", None, SAYING),
    "begin_draft": (
        "POST /drafts",
        {"dossier": "{dossier}", "kind": "inform", **FILLING},
        SAYING,
    ),
    # The draft is an analyst's that waits for a second person.
    "read_draft": ("GET /drafts/{draft}", None, APPROVING),
    "change_draft": ("PUT /drafts/{draft}", FILLING, NOBODY),
    "drop_draft": ("DELETE /drafts/{draft}", None, NOBODY),
    "add_file": ("POST /drafts/{draft}/files?name=a", None, NOBODY),
    "remove_file": ("DELETE /drafts/{draft}/files/{file}", None, NOBODY),
    "preview_draft": ("GET /drafts/{draft}/preview", None, APPROVING),
    "sign_draft": ("POST /drafts/{draft}/sign", None, NOBODY),
    "sign_in_emergency": ("POST /drafts/{draft}/emergency", {"reason": "x"}, NOBODY),
    "prepare_draft": ("POST /drafts/{draft}/prepare", None, NOBODY),
    "review_draft": ("POST /drafts/{draft}/review", None, NOBODY),
    "list_letters": ("GET /dossiers/{dossier}/letters", None, TECHNICAL),
    "preview_letter": ("POST /acts/{act}/letters/preview", JANE, SAYING),
    "make_letter": ("POST /acts/{act}/letters", JANE, SAYING),
    # The letter was made by an analyst, and waits for a second person.
    "read_letter": ("GET /letters/{letter}", None, TECHNICAL),
    "renew_letter": ("POST /letters/{letter}/renew", None, SAYING),
    "release_letter": ("POST /letters/{letter}/release", None, APPROVING),
    "revoke_letter": ("POST /letters/{letter}/revoke", None, SAYING),
    # Those that move it stand last, and each gets a draft of its own.
    "approve_draft": ("POST /drafts/{draft}/approve", None, APPROVING),
    "return_draft": ("POST /drafts/{draft}/return", {"reason": "x"}, APPROVING),
    "list_parties": ("GET /parties", None, EVERYBODY),
    "read_party": ("GET /parties/{party}", None, EVERYBODY),
    "introduce_party": ("POST /parties", {"card": "{card}"}, MANAGE["parties"]),
    "accredit_party": ("POST /parties/{party}/accredit", {"told": "{told}"}, MANAGE["parties"]),
    "place_party": ("PUT /parties/{party}/zone", {"zone": "UTC"}, MANAGE["parties"]),
    "list_notices": ("GET /notices", None, EVERYBODY),
    "read_notices": ("POST /notices/read", None, EVERYBODY),
    "read_notice": ("POST /notices/1/read", None, EVERYBODY),
    "follow_dossier": ("PUT /dossiers/{dossier}/follow", {"follows": True}, TECHNICAL),
    "list_memos": ("GET /dossiers/{dossier}/memos", None, TECHNICAL),
    "write_memo": ("PUT /acts/{act}/memo", {"text": "x"}, TECHNICAL),
    "read_account": ("GET /account", None, EVERYBODY),
    "change_account": ("PUT /account", ACCOUNT, EVERYBODY),
    "read_ceremony": ("GET /ceremony", None, MANAGE["node"]),
    "take_proposal": ("GET /ceremony/proposal", None, MANAGE["node"]),
    "bring_signature": ("POST /ceremony/signatures", {"code": "x"}, MANAGE["node"]),
    "publish_root": ("POST /ceremony/publish", None, MANAGE["node"]),
    "read_node": ("GET /node", None, MANAGE["node"]),
    "list_mandates": ("GET /mandates", None, MANAGE["mandates"]),
    "read_mandate": ("GET /mandates/head", None, MANAGE["mandates"]),
    "change_mandate": ("PUT /mandates/{fresh}", RULES, MANAGE["mandates"]),
    "list_people": ("GET /people", None, MANAGE["people"]),
    "read_person": ("GET /people/1", None, MANAGE["people"]),
    "change_person": (
        "PUT /people/1",
        {"mandates": ["analyst"], "is_active": True},
        MANAGE["people"],
    ),
    "list_invitations": ("GET /invitations", None, MANAGE["people"]),
    "invite_person": ("POST /invitations", {"mandates": ["analyst"]}, MANAGE["people"]),
    "revoke_invitation": (f"DELETE /invitations/{'0' * 32}", None, MANAGE["people"]),
    "read_audit": ("GET /audit", None, MANAGE["audit"]),
}
"""By operation: an example of a request and its body, and who may: codes of mandates."""
MEETS = {
    "take_proposal": (404, "S3"),
    "bring_signature": (422, "S4"),
    "publish_root": (422, "S4"),
    "revoke_invitation": (404, "S3"),
}
"""What who may is answered where an example finds nothing to do."""
READING = {name for name, (request, _, _) in MATRIX.items() if request.startswith("GET")}


@dataclass(frozen=True)
class Place:
    """The API of a node with an incident, and what examples of requests name."""

    pages: Pages
    author: Program
    dossier: str
    act: str
    party: str
    told: str
    card: Any
    report: str

    def ask(self, who: Program, name: str) -> Answer:
        """Ask for the example of an operation, with a draft of its own."""
        request, value, _ = MATRIX[name]
        method, path = request.split(" ")
        names = {"dossier": self.dossier, "party": self.party, "told": self.told}
        names |= {"report": self.report}
        draft = self.draft()
        names |= {"draft": draft, "file": "0" * 16, "fresh": "programme_officer"}
        names |= {"act": self.act, "letter": self.letter() if "{letter}" in path else ""}
        body = b"" if value is None else orjson.dumps(self._filled(value, names))
        seen = self.author.get(f"/drafts/{draft}").headers["etag"]
        more = {"HTTP_IDEMPOTENCY_KEY": f"k{next(NUMBERS)}", "HTTP_IF_MATCH": seen}
        return who.ask(method, path.format(**names), body, more)

    def _filled(self, value: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
        texts = {k: v.format(**names, card="") for k, v in value.items() if isinstance(v, str)}
        return {**value, **texts, **({"card": self.card} if "card" in value else {})}

    def draft(self) -> str:
        """Return a draft of an analyst's that waits for a second person."""
        given = {"dossier": self.dossier, "kind": "inform", **FILLING}
        id_ = self.author.post("/drafts", given).value["id"]
        assert self.author.post(f"/drafts/{id_}/prepare").status == 200
        return str(id_)

    def letter(self) -> str:
        """Return a letter of an analyst's that waits for a second person."""
        made = self.author.post(f"/acts/{self.act}/letters", JANE, key=f"k{next(NUMBERS)}")
        return str(made.value["letter"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The API of Orvanda, which shares an incident with Tolmere."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        dossier = incident(orvanda, tolmere, "Cranes stop")
        act = warn(orvanda, Id(dossier))
        orvanda.settings = replace(orvanda.settings, second_factor=False, rate=10**6)
        with Pages(orvanda) as pages:
            ann = program(pages, "analyst", name="ann")
            told = roster.known(orvanda, tolmere.me).fingerprint
            card = orjson.loads(parties.card(tolmere))
            yield Place(pages, ann, dossier, act, tolmere.me, told, card, reported(orvanda))


def test_every_operation_is_in_the_table_and_at_its_address() -> None:
    found = {
        operation["operationId"]: f"{method.upper()} {path.removeprefix(ROOT.rstrip('/'))}"
        for path, operations in description()["paths"].items()
        for method, operation in operations.items()
    }
    assert found.keys() == MATRIX.keys()
    for name, (request, _, _) in MATRIX.items():
        method, path = request.partition("?")[0].split(" ")
        assert method == found[name].split(" ")[0], name
        assert path.count("/") == found[name].count("/"), name


@pytest.mark.parametrize("who", [*shipped()])
def test_who_is_given_what(place: Place, who: str) -> None:
    asks = program(place.pages, who, name=who)
    for name, (_, _, given) in MATRIX.items():
        answer = place.ask(asks, name)
        if who in given and name in MEETS:
            assert (answer.status, answer.rule) == MEETS[name], (name, answer.body)
        elif who in given:
            assert answer.status in {200, 201, 204}, (name, answer.body)
        else:
            assert answer.status == 403 if name in MEETS else answer.status in {403, 404, 409}, (
                name,
                answer.body,
            )
            assert answer.rule in {"S3", "S10", "S12"}, name
            assert "Cranes" not in answer.body.decode(), name


@pytest.mark.parametrize("lane", LANES)
def test_a_lane_is_all_that_is_seen(place: Place, lane: str) -> None:
    """The head's mandate covers every lane; the token leaves one."""
    head = person(place.pages.node, "head", "head")
    asks = Program(place.pages.app, token(place.pages.node, head, "head", lanes=(lane,)))
    for name in READING:
        answer = place.ask(asks, name)
        given = "head" in MATRIX[name][2] and name not in MEETS
        if lane != "technical" and MATRIX[name][2] in (TECHNICAL, APPROVING):
            given = False
        assert (answer.status == 200) is given, (name, answer.body)
        assert lane == "technical" or "Cranes" not in answer.body.decode("latin-1"), name


@pytest.mark.parametrize("shown", ["", "comity_unknown"])
def test_nobody_is_given_anything(place: Place, shown: str) -> None:
    nobody = Program(place.pages.app, shown)
    for name in MATRIX:
        answer = place.ask(nobody, name)
        assert (answer.status, answer.rule) == (401, "S10"), name
        assert answer.value["subject"] == ""


def test_the_description_is_given_to_whoever_asks(place: Place) -> None:
    answer = Program(place.pages.app).get("/openapi.json")
    assert answer.status == 200
    assert answer.value == description()


@pytest.mark.parametrize(
    ("request_", "status", "rule"),
    [
        ("GET /nothing", 404, "S3"),
        ("GET /", 404, "S3"),
        ("GET ", 404, "S3"),
        ("GET /../../dossiers", 404, "S3"),
        ("DELETE /work", 405, "S4"),
        ("OPTIONS /work", 405, "S4"),
        ("POST /openapi.json", 405, "S4"),
        ("GET /acts?since=-1", 422, "S4"),
        ("GET /acts?since=99999999999999999999", 422, "S4"),
        ("GET /acts?since=x", 422, "S4"),
        ("GET /dossiers?text=%00", 400, "S4"),
        ("GET /dossiers/UPPER", 422, "S4"),
        ("GET /dossiers/a\0b", 400, "S4"),
    ],
)
def test_every_error_has_one_shape(place: Place, request_: str, status: int, rule: str) -> None:
    method, path = request_.split(" ", 1)
    answer = program(place.pages, "duty_officer").ask(method, path)
    assert (answer.status, answer.rule) == (status, rule)
    value = answer.value
    assert value.pop("field", "x")
    assert value.keys() == {"type", "title", "status", "detail", "rule", "subject", "retry"}
    assert (value["type"], value["status"]) == (f"urn:comity:rule:{rule}", status)
    if status == 405:
        assert answer.headers["allow"]


def test_a_fault_of_the_program_says_nothing_of_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_desk: Desk) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Desk, "owed", broken)
    answer = program(place.pages, "duty_officer").get("/work")
    assert (answer.status, answer.rule, answer.value["retry"]) == (503, "T13", "later")
    assert b"secret" not in answer.body


def test_what_every_page_does_is_done_by_operations_or_it_is_said_why_not() -> None:
    """Every own address is in the table, and every operation that it names is there."""
    assert api_pages.PAGES.keys() == api_docs.addresses().keys()
    named = {name for names, _ in api_pages.PAGES.values() for name in names.split()}
    assert named | api_pages.ALONE == MATRIX.keys()
    assert not named & api_pages.ALONE
    assert all(names or note for names, note in api_pages.PAGES.values())


def test_the_reference_is_current() -> None:
    assert api_docs.PAGE.read_text(encoding="utf-8") == api_docs.page()
