"""Dossiers at the pages: found, read like a case file, and hidden from who may not see them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.kernel.kinds import Charter
from comity.kernel.label import TLP, Footing
from comity.services.casework import issue
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft
from comity.services.identity import roster
from comity.services.node import Node
from comity.store.access.people import audit
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce, pass_on, say


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def incident(
    node: Node,
    other: Node,
    title: str,
    ceiling: TLP = TLP.AMBER,
    text: str = "Since 02:40.",
    realm: str | None = None,
    **fields: Any,
) -> Id:
    """Open an incident of two, in an exercise ``realm`` or none; ``fields`` are those of its
    charter.
    """
    terms: dict[str, Any] = {
        "protocol": "response/incident",
        "version": 1,
        "members": tuple(sorted((node.me, other.me))),
        "growth": "closed",
        "ceiling": ceiling,
        "chair": None,
        "readers": (),
        "succeeds": None,
        "time": None,
        "terms": {},
    }
    charter = Charter(**terms | fields)
    content = prepare_fields(node, {"title": title, "text": text})
    draft = Draft("charter", content=content, footing=Footing.TECHNICAL)
    return issue.open_dossier(node, charter=charter, draft=draft, realm=realm)


def test_a_dossier_reads_like_a_case_file(nodes: Nodes, pages: Pages) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    id_ = incident(orvanda, tolmere, "Cranes stop")
    pass_on(orvanda, tolmere)
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/dossiers")
    assert f'href="/dossiers/{id_}"' in page.text
    page = ada.get(f"/dossiers/{id_}")
    for words in (
        "Cranes stop",
        "Since 02:40.",
        "TLP:AMBER",
        "tolmere",
        "takes part",
        "technical: contact between experts",
        "Telling a party about an incident does not say that the party caused it.",
    ):
        assert words in page.text
    # Nothing to answer or acknowledge, no help, task or intention to say more of, nobody to bring
    # in or to give what was said before.
    assert page.text.count("Not now:") == 2 + 7 + 2


def test_an_open_page_is_told_when_there_is_news_and_only_then(nodes: Nodes, pages: Pages) -> None:
    ada = pages.person("ada", "duty_officer")
    dossier = incident(pages.node, nodes.opened["tolmere"], "Cranes stop")
    page = ada.get(f"/dossiers/{dossier}")
    (since,) = re.findall(r'id="file" data-n="([0-9]+)"', page.text)
    quiet = ada.get(f"/dossiers/{dossier}/news?since={since}")
    assert (quiet.status, quiet.text) == (204, "")
    say(pages.node, dossier, "note")
    told = ada.get(f"/dossiers/{dossier}/news?since={since}")
    assert (told.status, int(told.text) > int(since)) == (200, True)
    assert "live.js" in page.text
    assert "live.js" not in ada.get(f"/dossiers/{dossier}?before=1").text


def test_what_may_be_done_next_is_what_guards_and_mandates_allow(
    nodes: Nodes, pages: Pages
) -> None:
    id_ = incident(nodes.opened["orvanda"], nodes.opened["tolmere"], "Cranes stop")
    analyst = pages.person("ann", "analyst").get(f"/dossiers/{id_}")
    assert "with a second person" in analyst.text
    head = pages.person("hal", "head").get(f"/dossiers/{id_}")
    assert "Not under your mandates." in head.text


def test_why_something_may_not_be_done_now_is_said_in_the_language_of_the_reader(
    nodes: Nodes, pages: Pages
) -> None:
    id_ = incident(nodes.opened["tolmere"], nodes.opened["orvanda"], "Cranes stop")
    pass_on(nodes.opened["tolmere"], nodes.opened["orvanda"])
    ada = pages.person("ada", "duty_officer")
    why = "Another party opened the incident; ask it to close, or leave."
    assert why in ada.get(f"/dossiers/{id_}").text
    with translation.override("fr"):
        french = html.escape(translation.gettext(why))
    ada.language = "fr"
    assert why not in ada.get(f"/dossiers/{id_}").text
    assert french in ada.get(f"/dossiers/{id_}").text


@pytest.mark.parametrize("codes", [["administrator"], ["auditor"], ["diplomat"], ["legal_officer"]])
def test_who_sees_other_lanes_or_none_sees_no_trace_of_it(
    nodes: Nodes, pages: Pages, codes: list[str]
) -> None:
    id_ = incident(nodes.opened["orvanda"], nodes.opened["tolmere"], "Cranes stop")
    other = pages.person("oda", *codes)
    for path in ("/", "/dossiers", "/dossiers?text=cranes"):
        page = other.get(path)
        assert page.status == 200
        assert "Cranes" not in page.text
        assert id_ not in page.text
    hidden, absent = other.get(f"/dossiers/{id_}"), other.get(f"/dossiers/{'0' * 64}")
    assert hidden.status == absent.status == 404


def test_a_dossier_stricter_than_a_mandate_is_not_there(nodes: Nodes, pages: Pages) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    wide = incident(orvanda, tolmere, "Wide", TLP.GREEN)
    strict = incident(orvanda, tolmere, "Strict", TLP.AMBER_STRICT)
    ada = pages.person("ada", "duty_officer")
    assert ada.get(f"/dossiers/{wide}").status == 200
    assert all(entry.what != "read" for entry in audit(orvanda.db))
    assert ada.get(f"/dossiers/{strict}").status == 200
    assert (audit(orvanda.db)[0].what, audit(orvanda.db)[0].subject) == ("read", strict)
    found = ada.get("/dossiers?ceiling=green").text
    assert wide in found
    assert strict not in found


def test_dossiers_are_found_by_where_they_stand(nodes: Nodes, pages: Pages) -> None:
    id_ = incident(nodes.opened["orvanda"], nodes.opened["tolmere"], "Cranes stop")
    ada = pages.person("ada", "duty_officer")
    page = ada.get("/dossiers").text
    assert '<option value="closed">Closed / Closed without an answer</option>' in page
    assert id_ in ada.get("/dossiers?status=open").text
    assert id_ not in ada.get("/dossiers?status=closed").text


@pytest.mark.parametrize("code", ["duty_officer", "analyst", "diplomat", "head", "auditor"])
def test_only_who_may_open_a_dossier_is_led_to_opening_one(pages: Pages, code: str) -> None:
    person = pages.person("pat", code)
    opens = person.get("/open").status == 200
    for path in ("/dossiers", "/start"):
        assert ("/open" in person.get(path).read.links) is opens, path


def test_what_another_party_owes_is_not_ours_whatever_it_calls_itself(
    nodes: Nodes, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    id_ = incident(orvanda, tolmere, "Cranes stop")
    body: Object = {"to": [tolmere.me], "verb": "investigate", "due": orvanda.now() + 3_600_000}
    issue.issue(orvanda, dossier_id=id_, draft=Draft("ask", body))
    same = {orvanda.me: "orvanda", tolmere.me: "orvanda"}
    monkeypatch.setattr(roster, "names", lambda _node: same)
    page = pages.person("ada", "duty_officer").get("/")
    assert "Nothing, at the moment." in page.text
    assert "What waits on others" in page.text


def test_searching_finds_words_and_nothing_else(nodes: Nodes, pages: Pages) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    cranes, water = (incident(orvanda, tolmere, title) for title in ("Cranes stop", "Water 100%"))
    ada = pages.person("ada", "duty_officer")
    assert cranes in (text := ada.get("/dossiers?text=CRANES+s").text)
    assert water not in text
    assert water in (text := ada.get("/dossiers?text=100%25").text)
    assert cranes not in text
    assert "There are none" in ada.get("/dossiers?text=100_").text
    assert ada.get("/dossiers?protocol=nothing&before=x&party=x").status == 200
