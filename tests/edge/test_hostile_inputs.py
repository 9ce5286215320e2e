"""Input that is wrong or ill meant, at pages and API: refused in words, or shown and undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.services.casework import issue
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.people import awaiting, persons
from comity.services.response import disclosures
from comity.store.access import drafts, people
from comity.store.access import reports as reports_access
from tests.edge.program import program
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_finders import address, send, token
from tests.edge.test_web_saying import press
from tests.edge.visitor import Page, Pages
from tests.network.test_consent import agree, propose, report
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.test_intake import opened
from tests.sharing import deliver, indicator, open_circle, share, uuid_of

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages and the API of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def cranes(nodes: Nodes, pages: Pages) -> Id:
    """An incident of Orvanda and Tolmere."""
    return incident(pages.node, nodes.opened["tolmere"], "Cranes stop")


NO_JSON = {
    "no number": b'{"dossier":"%s","kind":"inform","texts":{},"tlp":"amber","n":NaN}',
    "no end": b'{"dossier":"%s","kind":"inform","texts":{},"tlp":"amber","n":-Infinity}',
    "a name twice": b'{"dossier":"%s","kind":"inform","texts":{},"tlp":"amber","tlp":"clear"}',
    "a name twice within": b'{"dossier":"%s","kind":"inform","tlp":"amber","texts":{"a":"","a":""}}',  # noqa: E501
    "half a letter": b'{"dossier":"%s","kind":"inform","tlp":"amber","texts":{"text":"\\ud800"}}',
    "no UTF-8": b'{"dossier":"%s","kind":"inform","tlp":"amber","texts":{"text":"\xff"}}',
    "more behind it": b'{"dossier":"%s","kind":"inform","texts":{},"tlp":"amber"}{}',
    "no end of levels": b"[" * 100_000,
}


@pytest.mark.parametrize("name", NO_JSON)
def test_a_body_that_is_no_strict_json_is_refused_and_nothing_is_done(
    pages: Pages, cranes: Id, name: str
) -> None:
    ada = program(pages, "duty_officer")
    body = NO_JSON[name].replace(b"%s", cranes.encode())
    answer = ada.ask("POST", "/drafts", body)
    assert (answer.status, answer.rule) == (400, "S4"), answer.body
    assert answer.value["detail"]
    assert not drafts.drafts(pages.node.db)


@pytest.mark.parametrize("levels", [100, 900, 960, 990, 995, 1_000, 1_020, 1_030])
def test_a_body_that_nests_is_refused_at_whatever_level_a_parser_stops(
    pages: Pages, levels: int
) -> None:
    ada = program(pages, "duty_officer")
    answer = ada.ask("POST", "/drafts", b'{"a":' * levels + b"1" + b"}" * levels)
    assert (answer.status in {400, 422}, answer.rule) == (True, "S4"), answer.body


@pytest.mark.parametrize("number", ["9" * 400, "1e400", "-1e999", "0.1"])
def test_a_number_that_nobody_can_hold_is_no_fault_of_the_node(
    pages: Pages, cranes: Id, number: str
) -> None:
    ada = program(pages, "duty_officer")
    body = f'{{"dossier":"{cranes}","kind":"inform","texts":{{}},"tlp":{number}}}'
    assert ada.ask("POST", "/drafts", body.encode()).status in {400, 422}
    assert not drafts.drafts(pages.node.db)


@pytest.mark.parametrize(
    "label", [None, "", "AMBER", "Amber", "white", "WHITE", "TLP:AMBER", "red"]
)
def test_a_label_is_said_and_never_guessed(pages: Pages, cranes: Id, label: str | None) -> None:
    ada = program(pages, "duty_officer")
    given = {"dossier": cranes, "kind": "inform", "texts": {"text": "Look"}, "tlp": label}
    answer = ada.post("/drafts", {name: each for name, each in given.items() if each is not None})
    assert (answer.status, answer.value["field"]) == (422, "tlp")
    assert not drafts.drafts(pages.node.db)


@pytest.mark.parametrize(
    "due", ["2026-05-03T02:40", "2026-05-03", "2026-06-30T23:59:60Z", "2026-02-30T02:40Z", "soon"]
)
def test_an_instant_without_its_zone_or_that_no_calendar_has_is_refused(
    nodes: Nodes, pages: Pages, cranes: Id, due: str
) -> None:
    ada = program(pages, "duty_officer")
    texts = {"to": nodes.opened["tolmere"].me, "verb": "investigate", "due": due}
    given = {"dossier": cranes, "kind": "ask", "texts": texts, "tlp": "amber"}
    id_ = ada.post("/drafts", given).value["id"]
    answer = ada.get(f"/drafts/{id_}/preview")
    assert (answer.status, answer.value["field"]) == (422, "due")
    assert "with its zone, as in 2026-05-03T02:40Z" in answer.value["detail"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        # The clock jumps over it, so an hour later is meant; or shows it twice, and the first is.
        ("2027-03-28T02:30", ["28 March 2027, 03:30 CEST", "28 March 2027, 01:30 UTC"]),
        ("2027-10-31T02:30", ["31 October 2027, 02:30 CEST", "31 October 2027, 00:30 UTC"]),
    ],
)
def test_a_time_at_which_clocks_are_moved_is_shown_in_utc_before_it_is_signed(
    nodes: Nodes, pages: Pages, cranes: Id, typed: str, told: list[str]
) -> None:
    ada = pages.person("ada", "duty_officer")
    (row,) = people.people(pages.node.db)
    persons.settle(pages.node, row.id, language="en", zone="Europe/Paris")
    page = ada.get(f"/dossiers/{cranes}/say/ask")
    given = {"to": nodes.opened["tolmere"].me, "verb": "investigate", "due": typed, "text": "Look."}
    page = ada.fill(page, given, button="check")
    assert all(each in page.text for each in told)


def require_harmless(page: Page) -> None:
    assert page.status == 200, page.path
    assert "<script>alert" not in page.text, page.path
    assert "<img src=x" not in page.text, page.path
    assert 'href="javascript' not in page.text, page.path
    assert 'src="https://x.example' not in page.text, page.path
    assert "1414" not in re.sub("[0-9a-f]{64}", "", page.text), page.path


def places(dossier: str, *more: str) -> Iterator[str]:
    yield from (
        "/",
        "/dossiers",
        "/due",
        "/notices",
        "/parties",
        "/dossiers?text=alert",
        "/measures",
    )
    yield from (f"/dossiers/{dossier}{each}" for each in ("", "/print", "/picture", *more))


def test_what_a_party_calls_itself_runs_nowhere(nodes: Nodes, pages: Pages) -> None:
    evil = nodes.make(f"{SCRIPT}{IMAGE}".replace("/", "\u2215"))
    introduce(pages.node, evil)
    dossier = report(evil, pages.node)
    terms = propose(evil, dossier)
    pass_on(evil, pages.node)
    agree(pages.node, dossier, terms)
    ada = pages.person("ada", "duty_officer")
    for path in (*places(dossier, "/disclosure"), f"/parties/{evil.me}"):
        require_harmless(ada.get(path))


WRITTEN = (
    f"{SCRIPT}{IMAGE} [x](javascript:alert(1)) ![y](https://x.example/y.png) {{{{ 7|add:7 }}}}"
)


def written(node: Node, dossier: Id, kind: str, body: Object) -> None:
    """Say something whose every word is written to run."""
    content = prepare_fields(node, {"text": WRITTEN})
    issue.issue(node, dossier_id=dossier, draft=Draft(kind, body, content))


def test_what_is_written_in_a_disclosure_runs_nowhere(nodes: Nodes, pages: Pages) -> None:
    tolmere, orvanda = nodes.opened["tolmere"], pages.node
    dossier = report(tolmere, orvanda)
    terms = propose(tolmere, dossier)
    pass_on(tolmere, orvanda)
    agree(orvanda, dossier, terms)
    pass_on(orvanda, tolmere)
    told: dict[str, Object] = {"discuss": {}, "inform": {}}
    told["claim"] = {"what": "public", "basis": "source"}
    for kind, body in told.items():
        written(tolmere, dossier, kind, body)
    assert not pass_on(tolmere, orvanda)
    ada = pages.person("ada", "duty_officer")
    for path in places(dossier, "/disclosure"):
        require_harmless(ada.get(path))
    assert ada.get(f"/dossiers/{dossier}").text.count("alert(1)") >= len(told)


def test_what_is_written_in_an_incident_runs_nowhere(nodes: Nodes, pages: Pages) -> None:
    tolmere, orvanda = nodes.opened["tolmere"], pages.node
    dossier = incident(tolmere, orvanda, WRITTEN, text=WRITTEN)
    told: dict[str, Object] = {
        "describe": {"services": "some"},
        "event": {"what": "spread", "at": tolmere.now()},
        "ask": {"to": [orvanda.me], "verb": "investigate", "due": tolmere.now() + 9_000_000},
        "task": {"due": tolmere.now() + 9_000_000},
        "inform": {},
        "note": {},
    }
    for kind, body in told.items():
        written(tolmere, dossier, kind, body)
    assert not pass_on(tolmere, orvanda)
    awaiting.gather(orvanda)
    ada = pages.person("ada", "duty_officer")
    for path in places(dossier, "/incident", "/head", "/say/inform", "/guests"):
        require_harmless(ada.get(path))
    assert ada.get(f"/dossiers/{dossier}").text.count("alert(1)") > len(told)


def test_what_an_object_of_a_circle_says_runs_nowhere(nodes: Nodes, pages: Pages) -> None:
    tolmere, orvanda = nodes.opened["tolmere"], pages.node
    circle = open_circle(tolmere, orvanda)
    evil = indicator("evil", name=WRITTEN, description=WRITTEN, labels=[WRITTEN])
    evil["external_references"] = [{"source_name": SCRIPT, "url": "javascript:alert(1)"}]
    actor = {**indicator("tool"), "type": "tool", "id": f"tool--{uuid_of('tool')}", "name": WRITTEN}
    tool = {
        name: actor[name] for name in ("type", "spec_version", "id", "created", "modified", "name")
    }
    tie = {**tool, "type": "relationship", "id": f"relationship--{uuid_of('tie')}"}
    del tie["name"]
    tie |= {"relationship_type": "indicates", "source_ref": evil["id"], "target_ref": tool["id"]}
    share(tolmere, circle, evil, tool, tie)
    deliver(tolmere, orvanda)
    ada = pages.person("ada", "duty_officer")
    paths = [*places(circle), f"/circles/{circle}", "/circles", "/objects", "/objects?q=alert"]
    for path in (*paths, *(f"/objects/{each['id']}" for each in (evil, tool, tie))):
        require_harmless(ada.get(path))
    assert "alert(1)" in ada.get(f"/objects/{evil['id']}").text


def test_a_closed_case_takes_what_is_news_and_nothing_more_on_terms(
    nodes: Nodes, pages: Pages
) -> None:
    tolmere, orvanda = nodes.opened["tolmere"], pages.node
    dossier = report(orvanda, tolmere)
    terms = propose(orvanda, dossier)
    say(orvanda, dossier, "handle", {"stage": "closed"}, refs=[dossier])
    pass_on(orvanda, tolmere)
    # This party says nothing more on terms, and is told what to do instead.
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/dossiers/{dossier}/say/propose")
    end = f"{datetime.fromtimestamp(orvanda.now() / 1000 + 9 * 86_400, UTC):%Y-%m-%dT%H:%M}"
    given: dict[str, str | list[str]] = {"end": end, "use": "defence", "duties": ["none"]}
    page = press(ada, ada.fill(page, given, button="check"), "sign")
    assert "open a case that follows this one" in page.text
    # What others still say comes, is shown, and opens nothing again.
    agree(tolmere, dossier, terms)
    say(tolmere, dossier, "claim", {"what": "attack", "basis": "own"})
    assert not pass_on(tolmere, orvanda)
    page = ada.get(f"/dossiers/{dossier}/disclosure")
    assert "attacks were seen" in page.text
    (own,) = [
        each for each in disclosures.case(orvanda, dossier).parties if each.party == orvanda.me
    ]
    assert own.stage == "closed"


TONGUES = {
    "affected": "بوابة المرفأ 3",
    "versions": "1.0 и раньше",
    "description": "长文本使泵停止。\n\nLes textes longs arrêtent la pompe.",
    "reproduce": "Envíe 4096 letras; затем ещё одну; ثم انتظر.",
    "impact": "Nobody can open the gate. 没有人能打开闸门。",
}


def test_a_report_in_several_languages_is_read_answered_and_taken_over_whole(
    pages: Pages,
) -> None:
    opened(pages.node)
    nele = pages.nobody()
    path = address(send(nele, TONGUES, "?language=ar"))
    (row,) = reports_access.reports(pages.node.db, None, 10)
    ada = pages.person("ada", "duty_officer")
    page = ada.get(f"/reports/{row.id}")
    for words in TONGUES.values():
        assert all(line in page.text for line in words.split("\n"))
    ada.fill(page, {"answer-text": "Спасибо. شكرا. 谢谢。"}, button="do")
    assert "Спасибо. شكرا. 谢谢。" in nele.get(path).text
    given = orjson.loads(ada.get(f"/reports/{row.id}/csaf").body)
    notes = given["vulnerabilities"][0]["notes"]
    assert TONGUES["description"] in [note["text"] for note in notes]
    page = ada.post(f"/reports/{row.id}", {"do": "begin", **token(ada, row)})
    fields = page.form_with({"title": ""}).fields
    assert fields["title"] == [TONGUES["affected"]]
    assert all(words in fields["text"][0] for name, words in TONGUES.items() if name != "affected")
