"""A consultation at the generic pages and by the API: asked by two people, answered, closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.canon import Object
from comity.kernel.label import TLP
from comity.services.casework import issue
from comity.services.casework.content import prepare_fields
from comity.services.casework.desk import Desk
from comity.services.casework.issue import Draft
from comity.services.people import actors
from comity.store.access import acts
from comity.store.access.people import audit
from tests.edge.program import Program, person, token
from tests.edge.test_two_lanes import opened as consulted
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_saying import press
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on, say

HOUR = 3_600_000
CHECKED = {
    "title": "Scans of the port authority",
    "seen": "Scans of 400 addresses.",
    "unknown": "Who sends them.",
    "explanations": "A research scan.",
    "harm": "None so far.",
    "confidence": "We cannot tell.",
    "question": "Is there a planned activity that explains this?",
}


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def opened(nodes: Nodes, pages: Pages) -> tuple[Visitor, str]:
    """Let one diplomat prepare a consultation and another send it; return her, and its id."""
    dita, elin = (pages.person(name, "diplomat") for name in ("dita", "elin"))
    given: dict[str, str | list[str]] = {**CHECKED, "_tlp": "amber", "urgency": "urgent"}
    given |= {"lanes": ["diplomatic", "technical"], "_members": [nodes.opened["tolmere"].me]}
    page = dita.fill(dita.get("/open/trust/consultation"), given, button="check")
    assert "without prejudice: it may not be held against who says it" in page.text
    assert "Any member, when all agree" in page.text
    press(dita, page, "prepare")
    page = press(elin, elin.get(page.path), "approve")
    return elin, page.path.removeprefix("/dossiers/")


def test_it_is_opened_by_two_people_and_carried_by_the_generic_pages(
    nodes: Nodes, pages: Pages
) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    elin, dossier = opened(nodes, pages)
    row = acts.dossier(orvanda.db, dossier)
    assert row is not None
    assert (row.footing, row.title) == ("without_prejudice", CHECKED["title"])
    page = elin.get(f"/dossiers/{dossier}")
    assert "Asking a party about something does not say that the party did it." in page.text
    assert "Is there a planned activity that explains this?" in page.text
    pass_on(orvanda, tolmere)
    say(tolmere, dossier, "answer", {"result": "yes"}, refs=[dossier])
    pass_on(tolmere, orvanda)
    page = elin.get(f"/dossiers/{dossier}")
    assert "<bdi>tolmere answered: yes</bdi>" in page.text
    page = elin.get(f"/dossiers/{dossier}/say/close")
    # What it was opened with is the only choice, and is made.
    given: dict[str, str | list[str]] = {"outcome": "clarified", "lessons": "on", "text": "Fine."}
    page = elin.fill(page, given, button="check")
    assert "Before it is signed" in page.text
    for label, shown in (
        ("How it ends", "<bdi>clarified</bdi>"),
        ("Lessons", "<bdi>yes</bdi>"),
        ("Text", '<div class="words" dir="auto">Fine.</div>'),
    ):
        assert f"<dt>{label}</dt><dd>{shown}</dd>" in page.text
    elin.language = "fr"
    assert "<bdi>oui</bdi>" in elin.get(page.path).text


def test_each_answer_of_the_self_check_stands_under_what_was_asked(
    nodes: Nodes, pages: Pages
) -> None:
    elin, dossier = opened(nodes, pages)
    answers = [CHECKED[name] for name in CHECKED if name != "title"]
    for path in ("", "/print"):
        page = elin.get(f"/dossiers/{dossier}{path}").text
        found = re.findall(r'<p class="sort">(.*?)</p><div[^>]*>(?:<p>)?(.*?)\n?<', page)
        assert [words for _, words in found] == answers
        assert [label for label, _ in found][:3] == [
            "What is seen",
            "What is not known",
            "Other explanations considered",
        ]
    # Where there are words of one sort alone, nothing is put above them.
    say(pages.node, dossier, "ask")
    assert elin.get(f"/dossiers/{dossier}").text.count('class="sort"') == len(answers)


def test_silence_is_no_reply_by_the_own_clock(nodes: Nodes, pages: Pages) -> None:
    elin, dossier = opened(nodes, pages)
    assert "no reply" not in elin.get(f"/dossiers/{dossier}").text
    nodes.clock.advance(49 * HOUR)
    for path in (f"/dossiers/{dossier}", "/", "/due"):
        page = elin.get(path)
        assert page.status == 200
        assert '<span class="tag late">no reply</span>' in page.text
        assert "refused" not in page.text


def test_which_question_is_answered_is_told_by_its_words_and_noted_as_read(
    nodes: Nodes, pages: Pages
) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    dossier = consulted(tolmere, orvanda, "diplomatic")
    content = prepare_fields(tolmere, {"question": f"Who runs this host?\n{'x' * 90}"}, lang="en")
    asked = issue.issue(tolmere, dossier_id=dossier, draft=Draft("ask", {}, content))
    pass_on(tolmere, orvanda)
    elin = pages.person("elin", "diplomat")
    page = elin.get(f"/dossiers/{dossier}/say/answer?refs={asked}")
    assert "\u2068Scans 1\u2069" in page.text
    assert "Do you know?" not in page.text
    said = f"\u2068“Who runs this host? {'x' * 60}…”\u2069"
    assert said in page.text
    page = elin.fill(page, {"result": "yes"}, button="check")
    assert said in page.text
    assert "Scans 1</bdi></dd>" not in page.text
    assert not [entry for entry in audit(orvanda.db) if entry.what == "read"]
    strict = incident(orvanda, tolmere, "Cranes", ceiling=TLP.AMBER_STRICT, text="They stop.")
    page = pages.person("ada", "duty_officer").get(f"/dossiers/{strict}/say/acknowledge")
    assert "\u2068Cranes\u2069" in page.text
    assert [entry.subject for entry in audit(orvanda.db) if entry.what == "read"] == [strict]


def test_taking_more_time_and_declining_are_words_and_no_silence(
    nodes: Nodes, pages: Pages
) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    elin, dossier = opened(nodes, pages)
    assert "a word is owed; none yet" in elin.get(f"/dossiers/{dossier}").text
    pass_on(orvanda, tolmere)
    needed: Object = {"hours": 6, "reason": "others"}
    for kind, body, told in (
        ("more_time", needed, "needs more time (6 h): we wait for others"),
        ("decline_answer", {}, "declined to answer"),
    ):
        act = say(tolmere, dossier, kind, body, refs=[dossier])
        pass_on(tolmere, orvanda)
        page = elin.get(f"/dossiers/{dossier}").text
        assert f'<a href="#a-{act}"><bdi>tolmere {told}' in page
        assert "none yet" not in page


def test_who_opens_it_is_of_one_of_its_lanes(nodes: Nodes, pages: Pages) -> None:
    dita = pages.person("dita", "diplomat")
    given: dict[str, str | list[str]] = {**CHECKED, "_tlp": "amber", "lanes": ["technical"]}
    given |= {"urgency": "flash", "_members": [nodes.opened["tolmere"].me]}
    page = dita.fill(dita.get("/open/trust/consultation"), given, button="check")
    assert page.status == 200
    assert page.text.count("Choose a lane of your own, too") == 2
    assert CHECKED["explanations"] in page.text


def test_a_form_offers_the_helpers_that_take_no_part(nodes: Nodes, pages: Pages) -> None:
    orvanda, lantern = nodes.opened["orvanda"], nodes.make("lantern")
    introduce(orvanda, lantern)
    elin, dossier = opened(nodes, pages)
    page = elin.get(f"/dossiers/{dossier}/say/propose_helper")
    assert lantern.me in page.text
    assert nodes.opened["tolmere"].me not in page.text.partition("<form")[2]


def test_a_program_is_told_what_is_usual_and_need_not_say_it(nodes: Nodes, pages: Pages) -> None:
    node, tolmere = pages.node, nodes.opened["tolmere"]
    dita = Program(pages.app, token(node, person(node, "dita", "diplomat"), "diplomat"))
    form = dita.get("/forms?protocol=trust/consultation").value
    assert (form["footing"], form["growths"]) == ("without_prejudice", ["all_consent", "closed"])
    texts = {**CHECKED, "urgency": "flash", "lanes": "diplomatic"}
    asked = {"protocol": "trust/consultation", "texts": texts, "tlp": "green"}
    asked["members"] = [tolmere.me]
    begun = dita.post("/drafts", asked).value
    preview = dita.get(f"/drafts/{begun['id']}/preview").value
    assert (preview["footing"], preview["growth"]) == ("without_prejudice", "all_consent")
    answer = dita.post("/drafts", {**asked, "growth": "chair"})
    assert (answer.status, answer.rule, answer.value["field"]) == (422, "S4", "growth")


def test_a_helper_waits_until_both_have_invited_it(nodes: Nodes) -> None:
    orvanda, tolmere, lantern = (nodes.make(name) for name in ("orvanda", "tolmere", "lantern"))
    introduce(orvanda, tolmere, lantern)
    dossier = consulted(orvanda, tolmere, "diplomatic")
    proposed = say(orvanda, dossier, "propose_helper", {"party": lantern.me})
    pass_on(orvanda, tolmere)
    say(tolmere, dossier, "answer_helper", {"word": "agreed"}, refs=[proposed])
    say(tolmere, dossier, "invite", {"party": lantern.me})
    pass_on(tolmere, orvanda)
    pass_on(tolmere, lantern)
    desk = Desk(lantern, actors.of_person(lantern, person(lantern, "lea", "diplomat")))
    steps = {step.kind: step.reason for step in desk.file(dossier).membership}
    assert steps["join"].startswith("Not all have invited this party yet")
    assert steps["decline"] == ""
    say(orvanda, dossier, "invite", {"party": lantern.me})
    pass_on(orvanda, lantern)
    assert {step.kind: step.reason for step in desk.file(dossier).membership}["join"] == ""
