"""What may be done next: found wherever it is, asked of the guards once, and kept until it may be
another.
"""

from __future__ import annotations

import pytest

from comity.kernel.canon import Object
from comity.kernel.errors import Refusal, Void
from comity.services.casework import dossiers, issue, possible
from comity.services.casework.desk import Desk
from comity.services.casework.issue import Draft, Rehearsal
from comity.services.casework.possible import Next
from comity.services.node import Node
from tests.databases import counted
from tests.edge.test_web_dossiers import incident
from tests.nodes import Nodes, introduce, pass_on, say
from tests.services.phonebook import community, nominate, tell
from tests.services.staff import hire

MINUTE = 60_000


class Asks:
    """Counts what the guards are asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.drafts: list[Draft] = []
        rehearse = Rehearsal.of

        def noted(rehearsal: Rehearsal, draft: Draft) -> None:
            self.drafts.append(draft)
            rehearse(rehearsal, draft)

        monkeypatch.setattr(Rehearsal, "of", noted)

    def since(self) -> int:
        """Return how often they were asked since this was last called."""
        found = len(self.drafts)
        self.drafts.clear()
        return found


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> Asks:
    return Asks(monkeypatch)


@pytest.fixture
def pair(nodes: Nodes) -> tuple[Node, Node, str]:
    """Orvanda and Tolmere in an incident that both hold."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = incident(tolmere, orvanda, "Cranes stop")
    assert pass_on(tolmere, orvanda) == []
    return orvanda, tolmere, dossier


def ask(node: Node, other: Node, dossier: str) -> None:
    say(node, dossier, "ask", {"to": [other.me], "verb": "investigate"})


def found(node: Node, dossier: str) -> dict[str, Next]:
    return {each.kind: each for each in possible.of_id(node, dossier)}


def test_what_may_be_done_is_found_behind_much_that_may_not(
    nodes: Nodes, pair: tuple[Node, Node, str], asks: Asks
) -> None:
    orvanda, tolmere, dossier = pair
    ask(tolmere, orvanda, dossier)
    nodes.clock.advance(1)
    for _ in range(possible.CITED - 1):
        ask(orvanda, tolmere, dossier)
    pass_on(tolmere, orvanda)
    assert found(orvanda, dossier)["answer"].rule == ""
    answers = [draft for draft in asks.drafts if draft.kind == "answer"]
    assert len(answers) == 4 * (possible.CITED - 1) + 1


def test_the_guards_are_asked_once_until_something_is_said_or_a_minute_has_passed(
    nodes: Nodes, pair: tuple[Node, Node, str], asks: Asks
) -> None:
    orvanda, tolmere, dossier = pair
    assert found(orvanda, dossier)["answer"].rule
    assert asks.since() > 0
    first = found(orvanda, dossier)
    assert asks.since() == 0
    ask(tolmere, orvanda, dossier)
    pass_on(tolmere, orvanda)
    assert not found(orvanda, dossier)["answer"].rule
    assert asks.since() > 0
    assert found(orvanda, dossier) != first
    assert asks.since() == 0
    nodes.clock.advance(MINUTE)
    found(orvanda, dossier)
    assert asks.since() > 0


def test_what_is_dropped_from_memory_takes_its_notes_along(
    pair: tuple[Node, Node, str], asks: Asks
) -> None:
    orvanda, _, dossier = pair
    for drop in (orvanda.loaded.clear, lambda: dossiers.forget(orvanda, dossier)):
        found(orvanda, dossier)
        drop()
        asks.since()
        found(orvanda, dossier)
        assert asks.since() > 0


def test_where_fields_decide_all_of_them_are_tried_together(
    pair: tuple[Node, Node, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, dossier = pair
    ask(tolmere, orvanda, dossier)
    pass_on(tolmere, orvanda)
    tried: list[Object] = []

    def judge(_rehearsal: Rehearsal, draft: Draft) -> None:
        tried.append(draft.body)
        if draft.kind == "answer" and draft.body != {"result": "cannot", "reason": "law"}:
            raise Void("D8" if draft.body["result"] == "cannot" else "D9", "Not so.")

    monkeypatch.setattr(Rehearsal, "of", judge)
    assert found(orvanda, dossier)["answer"].rule == ""
    assert {"result": "cannot", "reason": "law"} in tried
    assert tried.count({"result": "done"}) == 2


def test_where_what_is_cited_decides_few_are_tried(
    pair: tuple[Node, Node, str], asks: Asks
) -> None:
    orvanda, tolmere, dossier = pair
    for _ in range(possible.CITED):
        ask(orvanda, tolmere, dossier)
    why = found(orvanda, dossier)["answer"]
    told = "Another party was asked; inform the members, or offer your help."
    assert (why.rule, why.reason) == ("D3", told)
    assert sum(draft.kind == "answer" for draft in asks.drafts) == 4 * possible.CITED


def test_a_rehearsal_finds_what_signing_finds(pair: tuple[Node, Node, str]) -> None:
    orvanda, tolmere, dossier = pair
    ask(orvanda, tolmere, dossier)
    (asked,) = [node.id for node in dossiers.load(orvanda, dossier).now().all("ask")]
    draft = Draft("answer", {"result": "done"}, refs=(asked,))
    with pytest.raises(Void) as rehearsed:
        Rehearsal(orvanda, dossiers.load(orvanda, dossier)).of(draft)
    with pytest.raises(Refusal, match=rehearsed.value.rule):
        issue.issue(orvanda, dossier_id=dossier, draft=draft)


def test_a_page_asks_the_database_as_often_for_many_messages_as_for_few(
    pair: tuple[Node, Node, str],
) -> None:
    orvanda, tolmere, dossier = pair
    ada = hire(orvanda, "Ada", "duty_officer")

    def statements() -> int:
        Desk(orvanda, ada).file(dossier)
        with counted(orvanda.db) as run:
            Desk(orvanda, ada).file(dossier)
        return len(run)

    def more(count: int) -> None:
        for _ in range(count):
            say(tolmere, dossier, "inform", {"ack_wanted": True})
        pass_on(tolmere, orvanda)

    more(2)
    few = statements()
    more(12)
    assert statements() == few
    assert few < 40


def test_what_has_a_beginning_and_an_end_is_tried_in_that_order(nodes: Nodes) -> None:
    """A window that ends before it begins is refused, whatever else would be possible."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    now = orvanda.now()
    terms: Object = {"activity": "scan", "begins": now, "ends": now + 1, "effect": "none"}
    dossier = incident(orvanda, tolmere, "Survey", protocol="trust/planned", terms=terms)
    pass_on(orvanda, tolmere)
    able = {
        node.me: {each.kind for each in possible.of_id(node, dossier) if not each.rule}
        for node in (orvanda, tolmere)
    }
    assert able[orvanda.me] >= {"amend", "contact", "begin", "end", "cancel"}
    assert able[tolmere.me] >= {"acknowledge", "ask", "conflict"}
    assert not able[tolmere.me] & {"amend", "answer", "begin", "end", "cancel"}


def test_numbers_are_tried_at_both_ends(nodes: Nodes) -> None:
    """The second meeting of a series has a higher number than the first."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    terms: Object = {"lanes": ["technical"]}
    growth, name = "all_consent", "trust/dialogue"
    dossier = incident(orvanda, tolmere, "Talks", protocol=name, terms=terms, growth=growth)
    meeting: Object = {"number": 1, "begins": orvanda.now() + 1, "form": "video"}
    say(orvanda, dossier, "schedule", meeting)
    assert found(orvanda, dossier)["schedule"].rule == ""


def test_in_a_directory_what_is_cited_says_which_contact_is_meant(
    pair: tuple[Node, Node, str],
) -> None:
    orvanda, tolmere, _ = pair
    forum = community(orvanda, tolmere, growth="chair", chair=orvanda.me)
    act = nominate(orvanda, forum)
    pass_on(orvanda, tolmere)

    def able(node: Node) -> set[str]:
        return {each.kind for each in possible.of_id(node, forum) if not each.rule}

    own = {"nominate", "detail", "confirm", "hand_over", "end"}
    assert able(orvanda) >= {*own, "recognise", "place", "set_policy"}
    assert able(orvanda).isdisjoint({"ask_detail", "give"})
    assert able(tolmere) >= {"nominate", "ask_detail"}
    assert able(tolmere).isdisjoint(own - {"nominate"})
    asked = tell(tolmere, forum, "ask_detail", act, fields="phone")
    pass_on(tolmere, orvanda)
    assert able(orvanda) >= {"give", "refuse_detail"}
    tell(orvanda, forum, "give", asked, phone="+99 555 0100")
    reasons = {each.kind: each.reason for each in possible.of_id(orvanda, forum)}
    assert reasons["circulate"] == "There is nothing here yet that this could be about."
