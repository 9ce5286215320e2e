"""The page *Work*: one list of what needs a person, why and until when, and who else may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.kernel.canon import Object
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework import guests, needing
from comity.services.casework.desk import Desk
from comity.services.node import Node
from comity.services.people import actors, awaiting, notices
from comity.services.people.actors import Actor
from comity.services.people.mandates import Mandate
from comity.store.access import people
from comity.store.append import people as append
from comity.store.sql import writing
from tests.databases import counted
from tests.edge.test_web_dossiers import incident
from tests.edge.test_web_saying import press, write
from tests.edge.visitor import Pages
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.staff import HOUR, ask, hire
from tests.services.test_guests import JANE, warn


class House:
    """Orvanda with its pages, and an incident that Tolmere opened with it."""

    def __init__(self, pages: Pages, tolmere: Node) -> None:
        self.pages, self.node, self.tolmere = pages, pages.node, tolmere
        self.cranes = self.opened("Cranes stop")

    def opened(self, title: str, ceiling: TLP = TLP.AMBER, *readers: Actor) -> Id:
        listed = tuple((self.node.me, actor.handle) for actor in readers)
        id_ = incident(self.tolmere, self.node, title, ceiling, readers=listed)
        pass_on(self.tolmere, self.node)
        return id_

    def asked(self, due: int | None, dossier: str = "") -> Id:
        """Let Tolmere ask for something, ``due`` in so many ms."""
        when = None if due is None else self.node.now() + due
        act = ask(self.tolmere, self.node, dossier or self.cranes, when)
        pass_on(self.tolmere, self.node)
        return act

    def needs(self, actor: Actor) -> list[tuple[str, str]]:
        found = needing.of_desk(Desk(self.node, actor)).needs
        return [(need.kind, need.subject) for need in found]

    def beside(self, actor: Actor) -> list[tuple[str, tuple[str, ...]]]:
        found = needing.of_desk(Desk(self.node, actor)).colleagues
        return [(need.kind, need.roles) for need in found]

    def actor(self, name: str) -> Actor:
        (found,) = (row for row in people.people(self.node.db) if row.name == name)
        return actors.of_person(self.node, found.id)


@pytest.fixture
def house(nodes: Nodes) -> Iterator[House]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as pages:
        yield House(pages, tolmere)


def test_all_that_needs_a_person_is_one_list_by_when_it_is_due(house: House, nodes: Nodes) -> None:
    ann, ada = house.pages.person("ann", "analyst"), house.pages.person("ada", "duty_officer")
    say(house.tolmere, house.cranes, "inform", {"ack_wanted": True})
    later, late = house.asked(30 * HOUR), house.asked(HOUR)
    nodes.clock.advance(2 * HOUR)
    page = write(ann, house.cranes, "Look for 192.0.2.7.")
    press(ann, page, "emergency", reason="It spreads.")
    press(ann, write(ann, house.cranes, "And for 192.0.2.8."), "prepare")
    found = needing.of_desk(Desk(house.node, house.actor("Ada"))).needs
    assert [(need.kind, need.late) for need in found] == [
        ("duty", True),
        ("review", False),
        ("duty", False),
        ("duty", False),
        ("approve", False),
    ]
    assert [need.subject for need in found if need.due and need.kind == "duty"] == [late, later]
    text = ada.get("/").text
    places = [text.index(f"refs={act}") for act in (late, later)]
    assert places[0] < text.index("It spreads.") < places[1] < text.index("Ann</bdi> asks you")
    assert text.count('class="tag late"') == 1


def test_each_says_what_where_why_and_until_when_and_leads_to_doing_it(house: House) -> None:
    act = house.asked(HOUR)
    ada = house.pages.person("ada", "duty_officer")
    text = ada.get("/").text
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text[text.index("<h1>") :]))
    assert "Answer tolmere Cranes stop tolmere asked orvanda: investigate" in told
    assert " UTC" in told
    (link,) = (link for link in ada.get("/").read.links if act in link)
    page = ada.get(link)
    assert page.form_with(["refs"]).fields["refs"] == [act]
    other = house.asked(HOUR)
    assert ada.get(link.replace(act, other)).form_with(["refs"]).fields["refs"] == [other]


def test_what_no_mandate_of_a_person_covers_lies_with_colleagues_by_role(house: House) -> None:
    act = house.asked(HOUR)
    hal = house.pages.person("hal", "head")
    ada = house.pages.person("ada", "duty_officer")
    head = house.actor("Hal")
    assert house.needs(head) == []
    assert house.beside(head) == [("duty", ("duty_officer",))]
    assert house.needs(house.actor("Ada")) == [("duty", act)]
    assert house.beside(house.actor("Ada")) == []
    text = hal.get("/").text
    assert text.index("Nothing, at the moment.") < text.index("With colleagues")
    assert "<bdi>Duty officer</bdi>" in text
    assert "Ada" not in text
    assert "say/answer" not in text
    assert "With colleagues" not in ada.get("/").text


def test_where_nobody_here_may_do_it_that_is_said(house: House) -> None:
    house.asked(HOUR)
    hal = house.pages.person("hal", "head")
    assert "no role that is held covers it" in hal.get("/").text
    low = Mandate("low", "Low", lanes=("technical",), ceiling=TLP.GREEN, issue=("*",))
    with writing(house.node.db):
        append.save_mandate(house.node.db, "low", low.to_object(), house.node.now())
    # Neither does who may not read it, whatever such a person may say.
    hire(house.node, "Lou", "low")
    assert house.beside(house.actor("Hal")) == [("duty", ())]
    hire(house.node, "Ann", "analyst")
    assert house.beside(house.actor("Hal")) == [("duty", ("analyst",))]


def test_who_sees_nothing_of_it_is_told_of_nothing(house: House) -> None:
    house.asked(HOUR)
    for name, code in (("Kim", "administrator"), ("Dia", "diplomat"), ("Leo", "legal_officer")):
        assert house.needs(hire(house.node, name, code)) == []
        assert house.beside(house.actor(name)) == []


def test_own_drafts_need_their_author_until_they_wait_for_another(house: House) -> None:
    ann, ada = house.pages.person("ann", "analyst"), house.pages.person("ada", "duty_officer")
    page = write(ann, house.cranes, "Look for 192.0.2.7.")
    author, second = house.actor("Ann"), house.actor("Ada")
    ((kind, draft),) = house.needs(author)
    assert (kind, house.needs(second)) == ("draft", [])
    press(ann, page, "prepare")
    assert house.needs(author) == []
    assert house.beside(author) == [("approve", ("duty_officer",))]
    assert house.needs(second) == [("approve", draft)]
    press(ada, ada.get(f"/drafts/{draft}/check"), "return", reason="Say since when.")
    assert house.needs(author) == [("returned", draft)]
    assert "Returned by <bdi>Ada</bdi>: <bdi>Say since when.</bdi>" in ann.get("/").text


def test_a_letter_waits_for_a_second_and_its_answer_to_be_read(house: House, nodes: Nodes) -> None:
    own = incident(house.node, house.tolmere, "Quays flood")
    act = warn(house.node, own)
    ada, ann = hire(house.node, "Ada", "duty_officer"), hire(house.node, "Ann", "analyst")
    row, _ = guests.make(house.node, ann, act, JANE)
    assert house.beside(ann) == [("letter", ("duty_officer",))]
    assert house.needs(ada) == [("letter", row.id)]
    _, secret = guests.release(house.node, ada, row.id)
    assert not house.needs(ada)
    assert not house.beside(ada)
    said = guests.answer(house.node, secret, {"text": "We patch today."})
    awaiting.gather(house.node)
    assert house.needs(ada) == house.needs(ann) == [("guest", said)]
    notices.saw(house.node, ada, own)
    assert house.needs(ada) == []
    assert house.needs(ann) == [("guest", said)]
    # What was read does not come back with what is new.
    nodes.clock.advance(1)
    pass_on(house.node, house.tolmere)
    say(house.tolmere, own, "inform")
    pass_on(house.tolmere, house.node)
    awaiting.gather(house.node)
    assert notices.unread(house.node, ada) == 1
    assert house.needs(ada) == []


def test_many_needs_come_page_by_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needing, "AT_ONCE", 2)
    acts = [house.asked((n + 1) * HOUR) for n in range(5)]
    for n in range(3):
        body: Object = {"to": [house.tolmere.me], "verb": "investigate"}
        say(house.node, house.cranes, "ask", body | {"due": house.node.now() + (n + 1) * HOUR})
    ada = house.pages.person("ada", "duty_officer")
    seen, path = [], "/"
    for _ in range(3):
        page = ada.get(path)
        seen.append(re.findall("refs=([0-9a-f]{64})", page.text))
        path = next((link for link in page.read.links if link.startswith("?after=")), "")
        path = "/" + path.replace("&amp;", "&")
    assert seen == [acts[:2], acts[2:4], acts[4:]]
    assert ada.get("/?others=2").text.count("<strong><bdi>tolmere</bdi></strong>") == 1
    assert ada.get("/?after=900&others=x").status == 200


def test_how_much_there_is_asks_the_database_no_more_often(house: House) -> None:
    ada = hire(house.node, "Ada", "duty_officer")
    hal, ann = hire(house.node, "Hal", "head"), hire(house.node, "Ann", "analyst")

    def statements() -> list[int]:
        found = []
        for actor in (ada, hal):
            with counted(house.node.db) as run:
                needing.of_desk(Desk(house.node, actor))
            found.append(len(run))
        return found

    def more() -> None:
        dossier = house.opened("Quays flood")
        house.asked(HOUR, dossier)
        say(house.node, dossier, "ask", {"to": [house.tolmere.me], "verb": "investigate"})
        red = house.opened("Red", TLP.RED, hal)
        house.asked(HOUR, red)
        own = incident(house.node, house.tolmere, "Own")
        guests.make(house.node, ann, warn(house.node, own), JANE)

    more()
    few = statements()
    for _ in range(3):
        more()
    assert statements() == few
    assert max(few) < 25
