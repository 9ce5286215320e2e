"""An incident as it stands: told by three parties, read at the pages, by programs and here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.services.casework import content, erasure, issue
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.response import incidents, severity
from comity.services.response.incidentview import Incident
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_saying import press
from tests.edge.visitor import Pages, Visitor
from tests.kernel.world import digest, refused
from tests.nodes import START, Nodes, introduce, pass_on
from tests.services.phonebook import community, nominate

HOUR = 3_600_000


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda, which knows Tolmere and Sarivane."""
    orvanda, tolmere, sarivane = (nodes.make(n) for n in ("orvanda", "tolmere", "sarivane"))
    introduce(orvanda, tolmere)
    introduce(orvanda, sarivane)
    introduce(tolmere, sarivane)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


@pytest.fixture
def ada(pages: Pages) -> Visitor:
    return pages.person("ada", "duty_officer")


@pytest.fixture
def cranes(nodes: Nodes, pages: Pages) -> str:
    """An incident of all three."""
    members = tuple(sorted(node.me for node in nodes.opened.values()))
    opened = incident(pages.node, nodes.opened["tolmere"], "Cranes stop", members=members)
    everybody(nodes)
    return opened


def everybody(nodes: Nodes) -> None:
    """Carry everything to everybody."""
    for sender in nodes.opened.values():
        for recipient in nodes.opened.values():
            if sender is not recipient:
                assert pass_on(sender, recipient) == []


def say(nodes: Nodes, who: str, dossier: str, kind: str, /, *refs: Id, **said: object) -> Id:
    """Let a party say something, and everybody hear it; ``words`` are its content."""
    node = nodes.opened[who]
    words = said.pop("words", {})
    assert isinstance(words, dict)
    prepared = content.prepare_fields(node, words, []) if words else None
    draft = Draft(kind, dict(said), prepared, refs)  # type: ignore[arg-type]
    found = issue.issue(node, dossier_id=dossier, draft=draft)
    everybody(nodes)
    return found


def read(node: Node, dossier: str) -> Incident:
    return incidents.read(Machine(node), dossier)


def test_before_anything_is_known_the_page_says_so(ada: Visitor, cranes: str) -> None:
    assert f"/dossiers/{cranes}/incident" in ada.get(f"/dossiers/{cranes}").read.links
    page = ada.get(f"/dossiers/{cranes}/incident")
    for words in (
        "No party has said yet what it knows.",
        "Nothing was put into the timeline yet.",
        "Nobody has asked for help, or offered it.",
    ):
        assert words in page.text
    assert "Who is about to act" not in page.text


def test_what_parties_know_stands_side_by_side_with_levels_of_each(
    nodes: Nodes, ada: Visitor, cranes: str
) -> None:
    say(nodes, "orvanda", cranes, "describe", services="all", essential="yes")
    say(nodes, "tolmere", cranes, "describe", services="none", words={"text": "All well here."})
    page = ada.get(f"/dossiers/{cranes}/incident").text
    known, level = "none works", "highly significant incident"
    assert page.index(known) < page.index(level)
    assert "All well here." in page
    assert "all work" in page
    assert "not verified" in page
    found = read(nodes.opened["sarivane"], cranes)
    levels = {d.name: {r.scheme: (r.level, r.exact) for r in d.ratings} for d in found.descriptions}
    assert levels["orvanda"]["uk"] == ("2", False)
    assert levels["orvanda"]["nis2"] == ("significant", True)
    assert levels["tolmere"]["uk"] == ("", False)
    (rating,) = (r for r in found.descriptions[0].ratings if r.scheme == "nciss")
    assert (rating.level, rating.verified) == ("", False)
    assert rating.unasked


def test_a_description_begins_with_what_was_said_before(
    nodes: Nodes, pages: Pages, ada: Visitor, cranes: str
) -> None:
    where = f"/dossiers/{cranes}/say/describe"
    assert ada.get(where).form_with(["people"]).fields["people"] == [""]
    tolmere = nodes.opened["tolmere"].me
    say(
        nodes,
        "orvanda",
        cranes,
        "describe",
        people=40,
        began=START,
        sectors=["energy", "transport"],
        parties=[tolmere],
        services="all",
    )
    say(nodes, "tolmere", cranes, "describe", people=7)
    page = ada.get(where)
    # Whose people it hits may be anybody: members, others, and one's own party.
    assert page.text.count(f'value="{pages.node.me}"') == 1
    fields = page.form_with(["people"]).fields
    assert fields["people"] == ["40"]
    assert fields["sectors"] == ["energy", "transport"]
    assert fields["parties"] == [tolmere]
    assert fields["services"] == ["all"]
    signed = press(ada, ada.fill(page, {"people": "41"}, button="check"), "sign")
    assert signed.status == 200
    body = incidents.known(Machine(pages.node), cranes)
    assert body["people"] == 41
    assert body["began"] == START // 60_000 * 60_000
    assert body["sectors"] == ["energy", "transport"]


def test_each_asked_party_has_its_own_line_and_late_stays_late(
    nodes: Nodes, ada: Visitor, cranes: str
) -> None:
    both = sorted(nodes.opened[name].me for name in ("tolmere", "sarivane"))
    ask = say(nodes, "orvanda", cranes, "ask", to=both, verb="block-host")
    assert ada.get(f"/dossiers/{cranes}/incident").text.count("no word yet") == 2
    nodes.clock.advance(9 * HOUR)
    when = nodes.clock.now() + HOUR
    say(nodes, "tolmere", cranes, "answer", ask, result="will", when=when)
    (asked,) = read(nodes.opened["sarivane"], cranes).asked
    helpers = {helper.name: helper for helper in asked.helpers}
    assert helpers["tolmere"].answers == ("we will",)
    assert (helpers["tolmere"].when, helpers["tolmere"].late) == (when, True)
    assert (helpers["sarivane"].answers, helpers["sarivane"].late) == ((), True)
    say(nodes, "sarivane", cranes, "answer", ask, result="cannot", reason="law")
    say(nodes, "tolmere", cranes, "deliver", ask, more=True, words={"text": "Two of three."})
    say(nodes, "orvanda", cranes, "result", ask, result="partly")
    (asked,) = read(nodes.opened["orvanda"], cranes).asked
    assert asked.result == "it helped in part"
    assert {helper.late for helper in asked.helpers} == {True}
    page = ada.get(f"/dossiers/{cranes}/incident").text
    assert "cannot be done: the law does not let us" in page
    assert "more will follow" in page
    assert page.count('class="tag late">late') == 2


def test_in_time_is_not_late_nor_who_is_silent_when_it_is_no_longer_wanted(
    nodes: Nodes, cranes: str
) -> None:
    both = sorted(nodes.opened[name].me for name in ("tolmere", "sarivane"))
    ask = say(nodes, "orvanda", cranes, "ask", to=both, verb="block-host")
    nodes.clock.advance(1)
    for_information = say(nodes, "orvanda", cranes, "ask", to=both, verb="nothing")
    say(nodes, "tolmere", cranes, "answer", ask, result="done")
    say(nodes, "orvanda", cranes, "result", ask, result="withdrawn")
    nodes.clock.advance(9 * HOUR)
    found = read(nodes.opened["orvanda"], cranes).asked
    assert [asked.act for asked in found] == [ask, for_information]
    assert {helper.late for asked in found for helper in asked.helpers} == {False}


def test_who_is_asked_is_led_to_its_answer(nodes: Nodes, ada: Visitor, cranes: str) -> None:
    ask = say(nodes, "tolmere", cranes, "ask", to=[nodes.opened["orvanda"].me], verb="honeypot")
    where = f"/dossiers/{cranes}/say/answer?refs={ask}"
    assert where in ada.get(f"/dossiers/{cranes}/incident").read.links
    say(nodes, "tolmere", cranes, "result", ask, result="withdrawn")
    assert where not in ada.get(f"/dossiers/{cranes}/incident").read.links


def test_who_meets_whom_is_told_before_they_do(nodes: Nodes, ada: Visitor, cranes: str) -> None:
    page = ada.get(f"/dossiers/{cranes}/say/intend")
    given = {
        "verb": "block-host",
        "observables": "198.51.100.7",
        "from": "2030-05-03T02:40",
        "until": "2030-05-03T04:40",
    }
    press(ada, ada.fill(page, given, button="check"), "sign")
    everybody(nodes)
    (mine,) = read(nodes.opened["tolmere"], cranes).intentions
    assert (mine.targets, mine.meets) == ("198.51.100.7", ())
    theirs = {"from": mine.begins, "until": mine.ends, "verb": "honeypot"}
    targets = [digest("ip:198.51.100.7/32")]
    say(nodes, "tolmere", cranes, "intend", targets=targets, **theirs)
    found = read(nodes.opened["orvanda"], cranes).intentions
    assert {each.name: each.meets for each in found} == {
        "orvanda": ("tolmere",),
        "tolmere": ("orvanda",),
    }
    assert ada.get(f"/dossiers/{cranes}/incident").text.count("same target") == 2
    assert "Talk to tolmere, who is about to act on the same target" in ada.get("/").text


def test_timeline_tasks_topics_and_links_are_shown(
    nodes: Nodes, pages: Pages, ada: Visitor, cranes: str
) -> None:
    second = incident(pages.node, nodes.opened["sarivane"], "Pumps stop")
    words = {"text": "First alarm."}
    say(
        nodes,
        "tolmere",
        cranes,
        "event",
        what="detection",
        at=START,
        precision="minute",
        words=words,
    )
    topic = say(nodes, "orvanda", cranes, "topic", words={"title": "The laptop"})
    say(nodes, "tolmere", cranes, "inform", topic, words={"text": "It is off."})
    title = {"title": "Look at quay 4"}
    say(nodes, "tolmere", cranes, "task", due=nodes.clock.now() + HOUR, words=title)
    say(nodes, "orvanda", cranes, "link", relation="related", dossier=second)
    say(nodes, "tolmere", cranes, "link", relation="part_of", dossier=digest("unknown"))
    say(nodes, "sarivane", cranes, "offer", to=pages.node.me, verbs=["training"])
    nodes.clock.advance(2 * HOUR)
    page = ada.get(f"/dossiers/{cranes}/incident")
    for told in ("First alarm.", "to the minute", "The laptop", "1 message", "Look at quay 4"):
        assert told in page.text
    for told in ("Pumps stop", "part of it", "train users to recognise it", "not answered yet"):
        assert told in page.text
    assert f"/dossiers/{cranes}/say/inform?refs={topic}" in page.read.links
    found = read(nodes.opened["tolmere"], cranes)
    assert found.topics[0].acts
    assert (found.tasks[0].state, found.tasks[0].late) == ("to be done", True)
    # Who is not in the other dossier learns its id and no more.
    assert {link.title for link in found.links} == {""}
    assert {link.title for link in read(pages.node, cranes).links} == {"", "Pumps stop"}


def test_who_is_offered_help_is_led_to_a_word_on_it(
    nodes: Nodes, ada: Visitor, cranes: str
) -> None:
    me = nodes.opened["orvanda"].me
    offer = say(nodes, "tolmere", cranes, "offer", to=me, verbs=["training"])
    say(nodes, "orvanda", cranes, "offer", to=nodes.opened["tolmere"].me, verbs=["training"])
    links = [f"/dossiers/{cranes}/say/{kind}?refs={offer}" for kind in ("accept", "turn_down")]
    found = ada.get(f"/dossiers/{cranes}/incident").read.links
    assert [link for link in found if "/accept" in link or "/turn_down" in link] == links
    say(nodes, "orvanda", cranes, "accept", offer)
    assert not {*links} & {*ada.get(f"/dossiers/{cranes}/incident").read.links}


def test_words_that_were_erased_leave_the_coded_facts(
    nodes: Nodes, ada: Visitor, cranes: str
) -> None:
    said = say(nodes, "orvanda", cranes, "event", what="effect", at=START, words={"text": "Gone."})
    orvanda = nodes.opened["orvanda"]
    erasure.carry_out(orvanda, erasure.wish(orvanda, said, reason="law"))
    page = ada.get(f"/dossiers/{cranes}/incident").text
    assert "Gone." not in page
    assert "effect on services or data" in page


def test_of_much_the_newest_is_shown_and_the_rest_counted(
    nodes: Nodes, ada: Visitor, cranes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "MOST", 2)
    for hour in range(4):
        say(nodes, "orvanda", cranes, "event", what="spread", at=START + hour * HOUR)
    found = read(nodes.opened["orvanda"], cranes)
    assert [each.at for each in found.timeline] == [START + 2 * HOUR, START + 3 * HOUR]
    assert found.left == 2
    assert "2 older entries are left out" in ada.get(f"/dossiers/{cranes}/incident").text


def test_what_was_said_last_is_the_newest_whatever_its_id(
    nodes: Nodes, cranes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    tasks, topics, offers, links = [], [], [], []
    for hour in range(6):
        nodes.clock.advance(HOUR)
        words = {"title": "A word"}
        tasks.append(say(nodes, "orvanda", cranes, "task", words=words))
        topics.append(say(nodes, "orvanda", cranes, "topic", words=words))
        offers.append(say(nodes, "orvanda", cranes, "offer", to=tolmere.me, verbs=["training"]))
        links.append(f"{hour ^ 5}" * 64)
        say(nodes, "orvanda", cranes, "link", relation="related", dossier=links[-1])
    monkeypatch.setattr(incidents, "MOST", 3)
    found = read(orvanda, cranes)
    assert [each.act for each in found.tasks] == tasks[3:]
    assert [each.act for each in found.topics] == topics[3:]
    assert [each.act for each in found.offered] == offers[3:]
    assert [each.dossier for each in found.links] == links[3:]


def test_schemes_of_ones_own_that_are_wrong_are_told_and_the_others_judge(
    nodes: Nodes, ada: Visitor, cranes: str
) -> None:
    say(nodes, "orvanda", cranes, "describe", services="all")
    (nodes.opened["orvanda"].folder / severity.FILE).write_text("- [", encoding="utf-8")
    page = ada.get(f"/dossiers/{cranes}/incident").text
    assert "Mend severity.yaml, or take it away" in page
    assert "NIS2" in page


def test_another_dossier_is_no_incident(nodes: Nodes, pages: Pages, ada: Visitor) -> None:
    terms = {
        "activity": "scan",
        "begins": START + HOUR,
        "ends": START + 2 * HOUR,
        "effect": "none",
    }
    tolmere = nodes.opened["tolmere"]
    other = incident(pages.node, tolmere, "A scan", protocol="trust/planned", terms=terms)
    assert ada.get(f"/dossiers/{other}/incident").status == 404
    assert incidents.known(Machine(pages.node), other) == {}
    with refused("S3"):
        read(pages.node, other)


def test_who_should_be_told_next_stands_there_with_a_way_to_invite_it(
    nodes: Nodes, ada: Visitor
) -> None:
    orvanda, tolmere, sarivane = (nodes.opened[n] for n in ("orvanda", "tolmere", "sarivane"))
    opened = incident(orvanda, tolmere, "Cranes stop", growth="chair", chair=orvanda.me)
    pass_on(orvanda, tolmere)
    where = f"/dossiers/{opened}/incident"
    assert "Who should be told next" not in ada.get(where).text
    issue.issue(orvanda, dossier_id=opened, draft=Draft("describe", {"parties": [sarivane.me]}))
    pass_on(orvanda, tolmere)
    page = ada.get(where)
    assert "Its people or services are affected, as orvanda said." in page.text
    invite = f"/dossiers/{opened}/say/invite?party={sarivane.me}"
    assert invite in page.read.links
    assert ada.get(invite).form_with(["party"]).fields["party"] == [sarivane.me]


def test_a_closed_incident_offers_no_invitation_and_a_contact_gets_a_letter(
    nodes: Nodes, ada: Visitor
) -> None:
    orvanda, tolmere, sarivane = (nodes.opened[n] for n in ("orvanda", "tolmere", "sarivane"))
    opened = incident(orvanda, tolmere, "Cranes stop")
    pass_on(orvanda, tolmere)
    forum = community(orvanda)
    nominate(
        orvanda, forum, seat="zz", source="imported", holder="Zenith", constituency="Energy",
        email="desk@zenith.example", languages="xx, AR",
    )  # fmt: skip
    known: Object = {"parties": [sarivane.me], "sectors": ["energy"]}
    issue.issue(orvanda, dossier_id=opened, draft=Draft("describe", known))
    page = ada.get(f"/dossiers/{opened}/incident")
    assert "Zenith" in page.text
    letter = f"/acts/{opened}/letter?author={orvanda.me}&contact=ops_desk"
    assert letter in page.read.links
    form = ada.get(letter).form_with(["mail"])
    assert (form.fields["name"], form.fields["mail"]) == (["Zenith"], ["desk@zenith.example"])
    assert (form.fields["first"], form.fields["second"]) == (["ar"], ["en"])
    form = ada.get(f"/acts/{opened}/letter?author=x&contact=%25").form_with(["mail"])
    assert form.fields["mail"] in ([""], [])
    warn = f"/open/response/product?members={sarivane.me}&product=warning&dossier={opened}"
    assert warn in page.read.links
    form = ada.get(warn).form_with(["product"])
    assert form.fields["_members"] == [sarivane.me]
    assert (form.fields["product"], form.fields["dossier"]) == (["warning"], [opened])
    assert not any("say/invite" in link for link in page.read.links)
