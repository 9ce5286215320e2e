"""Notices: what awaits whom, made once, settled when it is done, and shown to who may see it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import pytest

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework import guests, needing
from comity.services.casework.desk import Desk
from comity.services.casework.issue import Draft, issue
from comity.services.identity.parties import accredit
from comity.services.node import Node
from comity.services.people import actors, awaiting, notices, persons
from comity.services.people.actors import Actor
from comity.services.people.mandates import Mandate
from comity.services.people.notices import DUTY, EMERGENCY, LATE, LETTER, NEWS, PARTY, SOON, Shown
from comity.store.access import notices as access
from comity.store.append import people as append
from comity.store.database import close_connection
from comity.store.sql import writing
from tests.edge.test_web_dossiers import incident
from tests.nodes import Nodes, introduce, pass_on
from tests.services.staff import HOUR, ask, hire
from tests.services.test_guests import JANE, warn


@pytest.fixture
def two(nodes: Nodes) -> tuple[Node, Node]:
    """Orvanda, and Tolmere, which it knows and has accredited."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    return orvanda, tolmere


def asked(nodes: Nodes, due: int | None = None, ceiling: TLP = TLP.AMBER) -> str:
    """Let Tolmere open an incident with Orvanda and ask for something in it."""
    orvanda, tolmere = nodes.opened["orvanda"], nodes.opened["tolmere"]
    dossier = incident(tolmere, orvanda, "Cranes stop", ceiling)
    ask(tolmere, orvanda, dossier, due)
    assert pass_on(tolmere, orvanda) == []
    return dossier


def told(node: Node, actor: Actor) -> list[Shown]:
    """Look for what awaits people, and return what one of them reads."""
    awaiting.gather(node)
    return notices.of_desk(Desk(node, actor))


def kinds(shown: list[Shown]) -> Counter[str]:
    return Counter(item.kind for item in shown)


def test_a_duty_awaits_those_whose_lane_and_label_cover_it(
    nodes: Nodes, two: tuple[Node, Node]
) -> None:
    node = two[0]
    ada, dia = hire(node, "Ada", "analyst"), hire(node, "Dia", "diplomat")
    kim = hire(node, "Kim", "administrator")
    dossier = asked(nodes)
    found = [(item.kind, item.dossier, item.title) for item in told(node, ada)]
    assert found == [(DUTY, dossier, "Cranes stop")]
    assert told(node, dia) == told(node, kim) == []
    assert [notices.unread(node, actor) for actor in (ada, dia, kim)] == [1, 0, 0]
    asked(nodes, ceiling=TLP.AMBER_STRICT)
    assert kinds(told(node, ada)) == {DUTY: 2}


def test_a_duty_awaits_those_alone_whose_mandates_let_them_do_it(
    nodes: Nodes, two: tuple[Node, Node]
) -> None:
    node = two[0]
    hal, ann = hire(node, "Hal", "head"), hire(node, "Ann", "analyst")
    clerk = Mandate("clerk", "Clerk", lanes=("technical",), ceiling=TLP.RED, issue=("*:answer",))
    for mandate in (clerk, replace(clerk, code="herald", issue=("*:inform",))):
        with writing(node.db):
            append.save_mandate(node.db, mandate.code, mandate.to_object(), node.now())
    cleo, hero = hire(node, "Cleo", "clerk"), hire(node, "Hero", "herald")
    asked(nodes)
    awaiting.gather(node)
    for actor, awaited in ((hal, False), (ann, True), (cleo, True), (hero, False)):
        desk = Desk(node, actor)
        assert kinds(notices.of_desk(desk)) == ({DUTY: 1} if awaited else {}), actor.name
        # The page of work says it by the same rule.
        needed = needing.of_desk(desk)
        assert [need.kind for need in needed.needs] == ([DUTY] if awaited else []), actor.name
        assert len(needed.colleagues) == (not awaited), actor.name


def test_a_label_above_the_mandate_makes_no_notice(nodes: Nodes, two: tuple[Node, Node]) -> None:
    node = two[0]
    lanes = ("technical",)
    trainee = Mandate("trainee", "Trainee", lanes=lanes, ceiling=TLP.GREEN, issue=("*",))
    with writing(node.db):
        append.save_mandate(node.db, "trainee", trainee.to_object(), node.now())
    tim = hire(node, "Tim", "trainee")
    asked(nodes)
    assert told(node, tim) == []
    asked(nodes, ceiling=TLP.GREEN)
    assert kinds(told(node, tim)) == {DUTY: 1}


def test_it_is_made_once_however_often_and_settled_when_it_is_done(
    two: tuple[Node, Node],
) -> None:
    node, tolmere = two
    ada = hire(node, "Ada", "duty_officer")
    dossier = incident(node, tolmere, "Cranes stop")
    pass_on(node, tolmere)
    request = ask(tolmere, node, dossier)
    pass_on(tolmere, node)
    first = told(node, ada)
    assert kinds(first)[DUTY] == 1
    assert told(node, ada) == first
    issue(node, dossier_id=dossier, draft=Draft("answer", {"result": "done"}, None, (request,)))
    assert kinds(told(node, ada))[DUTY] == 0
    assert notices.unread(node, ada) == 0


def test_what_comes_due_is_told_again_within_four_hours_and_when_it_is_late(
    nodes: Nodes, two: tuple[Node, Node]
) -> None:
    node = two[0]
    ada = hire(node, "Ada", "duty_officer")
    due = node.now() + 6 * HOUR
    asked(nodes, due)
    seen = []
    for wait in (0, 2 * HOUR - 1, 1, 4 * HOUR, 1, 100 * HOUR):
        nodes.clock.advance(wait)
        seen.append([item.stage for item in told(node, ada) if item.due == due])
    assert seen == [[""], [""], [SOON], [SOON], [LATE], [LATE]]
    rows = access.kept(node.db, ada.id).values()
    assert sorted(row.stage for row in rows if row.due == due) == ["", LATE, SOON]


def test_two_workers_who_look_at_once_make_each_notice_once(
    nodes: Nodes, two: tuple[Node, Node]
) -> None:
    node = two[0]
    staff = [hire(node, name, "duty_officer") for name in ("Ada", "Bea")]
    asked(nodes)
    start, failed = threading.Barrier(4), []

    def look() -> None:
        try:
            start.wait()
            for _ in range(3):
                awaiting.gather(node)
        except Exception as error:  # noqa: BLE001  told below
            failed.append(error)
        finally:
            close_connection(node.db)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    for actor in staff:
        assert kinds(notices.of_desk(Desk(node, actor))) == {DUTY: 1}


def test_one_who_saw_less_settles_nothing_and_a_second_insert_is_none(
    two: tuple[Node, Node],
) -> None:
    node = two[0]
    ada = hire(node, "Ada", "duty_officer")
    item = notices.Awaiting(DUTY, "a" * 64)
    for _ in range(2):
        with writing(node.db):
            notices.make(node, ada.id, item)
    assert len(access.kept(node.db, ada.id)) == 1


def test_a_party_nobody_compared_awaits_those_who_manage_parties(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    ada, ann = hire(orvanda, "Ada", "duty_officer"), hire(orvanda, "Ann", "analyst")
    introduce(orvanda, tolmere, accredited=False)
    (shown,) = told(orvanda, ada)
    assert (shown.kind, shown.title, shown.subject) == (PARTY, "tolmere", tolmere.me)
    assert told(orvanda, ann) == []
    accredit(orvanda, tolmere.me)
    assert told(orvanda, ada) == []


def test_news_is_told_to_who_follows_until_it_is_read(nodes: Nodes, two: tuple[Node, Node]) -> None:
    node, tolmere = two
    ada, bea = hire(node, "Ada", "duty_officer"), hire(node, "Bea", "duty_officer")
    dossier = asked(nodes)
    desk = Desk(node, ada)
    assert not notices.follows(node, ada, dossier)
    notices.follow(desk, dossier, wanted=True)
    assert notices.follows(node, ada, dossier)
    assert kinds(told(node, ada))[NEWS] == 1
    for _ in range(2):
        issue(tolmere, dossier_id=dossier, draft=Draft("inform"))
        pass_on(tolmere, node)
        assert kinds(told(node, ada))[NEWS] == 1
    assert kinds(told(node, bea))[NEWS] == 0
    notices.saw(node, ada, dossier)
    assert notices.unread(node, ada) == 0
    assert kinds(told(node, ada))[NEWS] == 0
    issue(tolmere, dossier_id=dossier, draft=Draft("inform"))
    pass_on(tolmere, node)
    assert kinds(told(node, ada))[NEWS] == 1
    notices.follow(desk, dossier, wanted=False)
    notices.saw(node, ada, dossier)
    issue(tolmere, dossier_id=dossier, draft=Draft("inform"))
    pass_on(tolmere, node)
    assert kinds(told(node, ada))[NEWS] == 0


def test_a_letter_to_a_guest_awaits_a_second_person_and_its_maker_hears_of_the_answer(
    two: tuple[Node, Node],
) -> None:
    node = two[0]
    ann, ada = hire(node, "Ann", "analyst"), hire(node, "Ada", "duty_officer")
    eve = hire(node, "Eve", "duty_officer")
    dossier = Id(incident(node, two[1], "Cranes stop"))
    waiting, _ = guests.make(node, ann, warn(node, dossier), JANE)
    assert kinds(told(node, ann)) == {}
    (shown,) = told(node, ada)
    assert (shown.kind, shown.subject, shown.dossier) == (LETTER, waiting.id, dossier)
    _, secret = guests.release(node, ada, waiting.id)
    assert kinds(told(node, ada)) == {}
    guests.acknowledge(node, secret, {"as": "read"})
    assert kinds(told(node, ann)) == kinds(told(node, ada)) == {NEWS: 1}
    assert kinds(told(node, eve)) == {}


def test_nobody_follows_what_may_not_be_seen(nodes: Nodes, two: tuple[Node, Node]) -> None:
    node = two[0]
    dia = hire(node, "Dia", "diplomat")
    dossier = asked(nodes)
    with pytest.raises(Refusal, match="S3"):
        notices.follow(Desk(node, dia), dossier, wanted=True)


def test_what_a_mandate_no_longer_covers_is_shown_no_more(
    nodes: Nodes, two: tuple[Node, Node]
) -> None:
    node = two[0]
    hire(node, "Kim", "administrator")
    ada = hire(node, "Ada", "duty_officer")
    dossier = asked(nodes)
    notices.follow(Desk(node, ada), dossier, wanted=True)
    assert kinds(told(node, ada)) == {DUTY: 1, NEWS: 1}
    persons.change(node, None, ada.id, codes=["auditor"])
    changed = actors.of_person(node, ada.id)
    assert notices.of_desk(Desk(node, changed)) == []
    assert told(node, changed) == []
    persons.change(node, None, ada.id, codes=["duty_officer"])
    assert kinds(told(node, ada)) == {DUTY: 1}


def test_a_closed_account_has_none(nodes: Nodes, two: tuple[Node, Node]) -> None:
    node = two[0]
    hire(node, "Kim", "administrator")
    ada = hire(node, "Ada", "duty_officer")
    asked(nodes)
    awaiting.gather(node)
    assert notices.unread(node, ada) == 1
    persons.change(node, None, ada.id, active=False)
    awaiting.gather(node)
    assert notices.unread(node, ada) == 0


def test_every_head_is_told_of_an_emergency_whatever_the_lane_and_keeps_it_until_it_is_read(
    two: tuple[Node, Node],
) -> None:
    node = two[0]
    ann = hire(node, "Ann", "analyst")
    heads = [hire(node, name, "head") for name in ("Hal", "Hue")]
    with writing(node.db):
        notices.tell_heads(node, ann, "d" * 24)
    assert kinds(told(node, ann)) == {}
    for head in heads:
        (shown,) = told(node, head)
        assert (shown.kind, shown.subject) == (EMERGENCY, "")
    notices.read(node, heads[0])
    assert told(node, heads[0]) == []
    assert kinds(told(node, heads[1])) == {EMERGENCY: 1}


def test_a_person_marks_the_own_notices_alone(nodes: Nodes, two: tuple[Node, Node]) -> None:
    node = two[0]
    ada, bea = hire(node, "Ada", "duty_officer"), hire(node, "Bea", "duty_officer")
    asked(nodes)
    asked(nodes)
    (first, second) = told(node, ada)
    notices.read(node, bea, first.id)
    assert notices.unread(node, ada) == 2
    notices.read(node, ada, first.id)
    assert [item.id for item in told(node, ada)] == [second.id, first.id]
    notices.read(node, ada)
    assert notices.unread(node, ada) == 0
    assert notices.unread(node, bea) == 2


def test_what_was_settled_long_ago_is_forgotten(nodes: Nodes, two: tuple[Node, Node]) -> None:
    node = two[0]
    ada = hire(node, "Ada", "duty_officer")
    with writing(node.db):
        notices.make(node, ada.id, notices.Awaiting(DUTY, "a" * 64))
    awaiting.gather(node)
    assert len(access.kept(node.db, ada.id)) == 1
    nodes.clock.advance(node.settings.expire + 1)
    awaiting.gather(node)
    assert access.kept(node.db, ada.id) == {}
