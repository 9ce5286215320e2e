"""Campaigns of contact checks: opened once, reminded in time, closed, and counted as planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from comity.engines.reach import ALL, CORRECTED, HALF_LIFE, REACHED
from comity.kernel.act import read_header
from comity.kernel.canon import Object
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.protocols.trust.contact_check.acts import Answer, Probe
from comity.protocols.trust.contact_check.rules import seal_of
from comity.services.casework import checking_contacts as checking
from comity.services.casework import compose, contact_figures, contact_plans, guests, issue
from comity.services.casework.checking_contacts import Campaign, Checked, Contact
from comity.services.casework.forms import FormErrors
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.casework.kernelkinds import record_body
from comity.services.delivery import work
from comity.services.node import Node
from comity.store.access import acts
from comity.store.append import outbox
from comity.store.sql import writing
from tests.databases import counted
from tests.nodes import START, Nodes, introduce, pass_on
from tests.services.phonebook import community, nominate

HOUR = 3_600_000
DESK = Contact("duty_desk", ("email",))
BOTH = Contact("duty_desk", ("email", "phone"))
CHECK = Campaign("council/2026-2", level=2, due_hours=24, title="Contacts of the Council")
RIGHT: Object = Answer(outcome="confirmed", fields=["email"]).to_body()


@pytest.fixture
def pair(nodes: Nodes) -> tuple[Node, Node]:
    """Orvanda, which checks, and Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    return orvanda, tolmere


def seats(*names: str, contact: Contact = DESK) -> list[Checked]:
    return [Checked(None, name, (contact,)) for name in names]


def probes(node: Node, dossier: str) -> list[tuple[Id, Probe]]:
    rows = [row for row in acts.acts_of(node.db, dossier) if row.kind == "probe"]
    return [(Id(row.id), Probe.of(read_header(row.header))) for row in rows]


def answer(node: Node, dossier: str, probe: str, body: Object = RIGHT) -> None:
    """Record what a contact without a node answered."""
    own: Object = {"letter": probe, "guest": "desk"}
    draft = Draft("record", record_body("answer", {**body, **own}), refs=(Id(probe),))
    issue.issue(node, dossier_id=dossier, draft=draft)


def done(found: Sequence[checking.Done]) -> list[tuple[str, str]]:
    return sorted((each.kind, each.word) for each in found)


# Opened once


def test_each_party_has_a_check_of_its_own_and_is_asked_once(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    whom = [Checked(tolmere.me, "", (BOTH,)), *seats("sarivane")]
    first = checking.start(orvanda, CHECK, whom)
    assert [(s.who, s.opened, s.probes) for s in first] == [
        (tolmere.me, True, 2),
        ("sarivane", True, 1),
    ]
    assert acts.members(orvanda.db, first[1].dossier) == [(orvanda.me, "member")]
    again = checking.start(orvanda, CHECK, whom)
    assert [(s.dossier, s.opened, s.probes) for s in again] == [
        (first[0].dossier, False, 0),
        (first[1].dossier, False, 0),
    ]
    # What was broken off goes on; another campaign is another one.
    more = checking.start(orvanda, CHECK, seats("sarivane", contact=BOTH))
    assert [(s.opened, s.probes) for s in more] == [(False, 1)]
    other = checking.start(orvanda, replace(CHECK, name="council/2026-3"), seats("sarivane"))
    assert other[0].dossier != first[1].dossier
    pass_on(orvanda, tolmere)
    assert [duty.what for duty in acts.duties(tolmere.db, tolmere.me)] == ["answer", "answer"]
    assert checking.own(Machine(tolmere)) == []


def test_an_answer_is_due_in_hours_of_work_there(pair: tuple[Node, Node]) -> None:
    """It is the evening of Monday, 21 September 2026, there: three days of work follow."""
    orvanda, _ = pair
    work = Contact("office", ("email",), hours="Mo-Fr 09:00-17:00", zone="Asia/Kathmandu")
    wrong = replace(work, handle="unread", zone="Nowhere")
    (check,) = checking.start(orvanda, CHECK, [Checked(None, "sarivane", (work, DESK, wrong))])
    due = {told.contact: told.due for _, told in probes(orvanda, check.dossier)}
    assert due["office"] == round(datetime(2026, 9, 24, 11, 15, tzinfo=UTC).timestamp() * 1000)
    assert due["duty_desk"] == due["unread"] == START + 24 * HOUR


def test_who_tells_of_hardly_any_work_is_late_all_the_same(pair: tuple[Node, Node]) -> None:
    slow = Contact("slow", ("email",), hours="Mo 00:00-00:01", zone="Africa/Accra")
    rest = replace(slow, handle="rest", hours="Tu 08:00-20:00")
    whom = Checked(None, "sarivane", (slow, rest))
    (check,) = checking.start(pair[0], CHECK, [whom])
    due = {told.contact: told.due - START for _, told in probes(pair[0], check.dossier)}
    assert due["slow"] == (24 * 10 + 14 * 24) * HOUR
    assert 7 * 24 * HOUR < due["rest"] < 9 * 24 * HOUR


@pytest.mark.parametrize("step", ["_open", "_probe"])
def test_two_who_start_one_campaign_ask_each_party_once(
    pair: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    orvanda, whom = pair[0], seats("sarivane", contact=BOTH)
    others: list[checking.Started] = []
    does = getattr(checking, step)

    def after(*given: Any) -> Any:
        """Let another start it, between looking and doing."""
        monkeypatch.setattr(checking, step, does)
        others.extend(checking.start(orvanda, CHECK, whom))
        return does(*given)

    monkeypatch.setattr(checking, step, after)
    (mine,) = checking.start(orvanda, CHECK, whom)
    assert mine.dossier == others[0].dossier
    assert mine.probes + others[0].probes == 2
    assert len(checking.own(Machine(orvanda))) == 1
    assert len(probes(orvanda, mine.dossier)) == 2


def test_a_contact_without_a_node_answers_a_letter_by_its_link(pair: tuple[Node, Node]) -> None:
    orvanda, _ = pair
    (check,) = checking.start(orvanda, CHECK, seats("sarivane"))
    ((probe, _told),) = probes(orvanda, check.dossier)
    to = guests.Addressee("Jane Fenn", "jane@fennick.example", ("en", "ar"))
    _row, secret = guests.make(orvanda, None, probe, to)
    texts = {"outcome": "corrected", "fields": "email", "corrected": "phone", "phone": "555 0101"}
    guests.answer(orvanda, secret, texts, lang="en")
    (result,) = contact_figures.of_campaign(Machine(orvanda), CHECK.name).results
    assert (result.outcome, result.answered) == ("corrected", START)


def test_a_seal_is_taken_as_it_is_written(pair: tuple[Node, Node]) -> None:
    """It has the digits of an id, and is none of anything that is kept here."""
    orvanda, _ = pair
    seal = seal_of("duty_desk", "phone", 41_337_002)
    texts = {"contact": "duty_desk", "channel": "phone", "level": "1", "seal": seal}
    due = "2026-09-22T14:00Z"
    assert compose.read(orvanda, Probe.KIND, {**texts, "due": due}).body["seal"] == seal
    with pytest.raises(FormErrors) as wrong:
        compose.read(orvanda, Probe.KIND, {**texts, "due": due, "seal": "41337002"})
    assert [*wrong.value.errors] == ["seal"]


# Going on


def test_reminders_go_out_in_their_time_each_once(pair: tuple[Node, Node], nodes: Nodes) -> None:
    orvanda, _ = pair
    (check,) = checking.start(orvanda, CHECK, seats("sarivane", contact=BOTH))
    mail, phone = sorted(probes(orvanda, check.dossier), key=lambda p: p[1].channel)
    told = []
    for _ in range(60):
        nodes.clock.advance(HOUR)
        told += [(nodes.clock.now() - START, d.probe, d.word) for d in checking.go_on(orvanda)]
        if nodes.clock.now() == START + 20 * HOUR:
            answer(orvanda, check.dossier, phone[0])
    assert told == [
        *((12 * HOUR, id_, "half") for id_ in sorted((mail[0], phone[0]))),
        (22 * HOUR, mail[0], "ninety"),
        (24 * HOUR, mail[0], "deputy"),
        (36 * HOUR, mail[0], "second_channel"),
        (48 * HOUR, mail[0], "authority"),
    ]


def test_what_can_no_longer_be_said_keeps_nothing_else_back(
    pair: tuple[Node, Node], nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, _ = pair
    checking.start(orvanda, CHECK, seats("sarivane", "orvale"))
    nodes.clock.advance(12 * HOUR)
    stage, first = checking._stage, {row.id for row in checking.own(Machine(orvanda))}

    def raced(past: Any, probe: Any, now: int) -> Any:
        """Let another run say it first, in one of the two."""
        found: Any = stage(past, probe, now)
        row = acts.act(orvanda.db, probe.id)
        if row is not None and row.dossier == min(first):
            checking._say(orvanda, row.dossier, found, probe.id)
        return found

    monkeypatch.setattr(checking, "_stage", raced)
    assert done(checking.go_on(orvanda)) == [("remind", "half")]


def test_a_node_reminds_by_itself_and_looks_every_ten_minutes(
    pair: tuple[Node, Node], nodes: Nodes
) -> None:
    orvanda, _ = pair
    (check,) = checking.start(orvanda, CHECK, seats("sarivane"))

    def reminders() -> int:
        return sum(row.kind == "remind" for row in acts.acts_of(orvanda.db, check.dossier))

    checking.go_on_by_itself(orvanda)
    nodes.clock.advance(checking.PAUSE - 1)
    with counted(orvanda.db) as queries:
        checking.go_on_by_itself(orvanda)
    assert len(queries) == 1
    nodes.clock.advance(12 * HOUR)
    work.work_once(orvanda)
    assert reminders() == 1
    checking.close(orvanda, CHECK.name, stop=True)
    nodes.clock.advance(24 * HOUR)
    work.work_once(orvanda)
    assert reminders() == 1


def test_of_reminders_missed_the_last_goes_out_alone(pair: tuple[Node, Node], nodes: Nodes) -> None:
    orvanda, _ = pair
    checking.start(orvanda, CHECK, seats("sarivane"))
    nodes.clock.advance(40 * HOUR)
    # There is no second channel, so that the deputy's turn is the last before the authority's.
    assert done(checking.go_on(orvanda)) == [("remind", "deputy")]
    assert checking.go_on(orvanda) == []


def test_a_node_of_level_0_is_found_by_its_receipt(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    whom = [Checked(tolmere.me, "", (Contact("duty_desk", ("node",)),))]
    (check,) = checking.start(orvanda, replace(CHECK, level=0), whom)
    assert checking.go_on(orvanda) == []
    with writing(orvanda.db):
        items = [Id(row.id) for row in acts.acts_of(orvanda.db, check.dossier)]
        outbox.mark_received(
            orvanda.db, tolmere.me, items, state="whole", receipt=Id("0" * 64), now=orvanda.now()
        )
    assert done(checking.go_on(orvanda)) == [("result", "auto_only")]
    assert checking.go_on(orvanda) == []


# The end


def test_it_is_closed_when_all_is_due_and_who_said_nothing_was_silent(
    pair: tuple[Node, Node], nodes: Nodes
) -> None:
    orvanda, _ = pair
    first, second = checking.start(orvanda, CHECK, seats("sarivane", "orvale"))
    answer(orvanda, first.dossier, probes(orvanda, first.dossier)[0][0])
    with pytest.raises(Refusal, match="1 probes are not due yet"):
        checking.close(orvanda, CHECK.name)
    nodes.clock.advance(24 * HOUR)
    assert {*checking.close(orvanda, CHECK.name)} == {first.dossier, second.dossier}
    heads = acts.dossiers_among(orvanda.db, [first.dossier, second.dossier])
    assert heads[first.dossier].status == "confirmed"
    assert heads[second.dossier].status == "not_reached"
    with pytest.raises(Refusal, match="No check of this campaign is open"):
        checking.close(orvanda, CHECK.name)
    assert checking.start(orvanda, CHECK, seats("sarivane", contact=BOTH))[0].probes == 0


def test_it_can_be_stopped(pair: tuple[Node, Node]) -> None:
    orvanda, _ = pair
    (check,) = checking.start(orvanda, CHECK, seats("sarivane"))
    assert checking.close(orvanda, CHECK.name, stop=True) == [check.dossier]
    assert acts.dossiers_among(orvanda.db, [check.dossier])[check.dossier].status == "closed"


# What was found


def test_what_is_found_is_what_was_planted(pair: tuple[Node, Node], nodes: Nodes) -> None:
    orvanda, _ = pair
    names = [f"seat{n}" for n in range(10)]
    started = checking.start(orvanda, CHECK, seats(*names))
    corrected = Answer(outcome="corrected", fields=["email"], corrected=["phone"]).to_body()
    nodes.clock.advance(3 * HOUR)
    for number, check in enumerate(started[:8]):
        probe, _told = probes(orvanda, check.dossier)[0]
        answer(orvanda, check.dossier, probe, corrected if number < 2 else RIGHT)
    found = contact_figures.of_campaign(Machine(orvanda), CHECK.name)
    assert (found.checks, found.open, found.published) == (10, 10, ())
    nodes.clock.advance(30 * HOUR)
    checking.close(orvanda, CHECK.name)
    found = contact_figures.of_campaign(Machine(orvanda), CHECK.name)
    published = {(s.measure, s.channel): s.figures[ALL] for s in found.published}
    assert published[REACHED, "email"] == (0.8, 10)
    assert published["median", "email"] == (3, 8)
    assert published[CORRECTED, ""] == (0.2, 8)
    assert {r.outcome for r in found.results} == {"confirmed", "corrected", "silent"}
    assert [r.who for r in found.results] == sorted(names)
    assert found.baseline.channels["email"] == 99


def test_figures_for_others_stay_as_they_were_when_it_was_closed(
    pair: tuple[Node, Node], nodes: Nodes
) -> None:
    orvanda, desk = pair[0], Machine(pair[0])
    names = [f"seat{n}" for n in range(6)]
    started = checking.start(orvanda, CHECK, seats(*names))
    for check in started[:5]:
        answer(orvanda, check.dossier, probes(orvanda, check.dossier)[0][0])
    nodes.clock.advance(30 * HOUR)
    checking.close(orvanda, CHECK.name)
    given = contact_figures.of_campaign(desk, CHECK.name)
    nodes.clock.advance(HOUR)
    answer(orvanda, started[5].dossier, probes(orvanda, started[5].dossier)[0][0])
    late = contact_figures.of_campaign(desk, CHECK.name)
    assert late.published == given.published
    assert late.own != given.own
    # Nor does anybody come to it, whom the difference would tell of.
    with pytest.raises(Refusal, match="This campaign is closed"):
        checking.start(orvanda, CHECK, seats(*names, "one_more"))
    assert len(checking.own(desk, CHECK.name)) == 6


def test_figures_over_few_are_for_who_asked_alone(pair: tuple[Node, Node], nodes: Nodes) -> None:
    orvanda, _ = pair
    # All campaigns together are none: a figure over them less the others would tell of few.
    checking.start(orvanda, replace(CHECK, name="other"), seats(*(f"seat{n}" for n in range(6))))
    with pytest.raises(Refusal, match="There is no such campaign"):
        contact_figures.of_campaign(Machine(orvanda), "")
    checking.start(orvanda, CHECK, seats("sarivane", "orvale"))
    nodes.clock.advance(24 * HOUR)
    checking.close(orvanda, CHECK.name)
    found = contact_figures.of_campaign(Machine(orvanda), CHECK.name)
    assert all(s.figures[ALL].is_withheld or s.figures[ALL].parties == 0 for s in found.published)
    assert found.own[0].figures[ALL].parties == 2


def test_exercises_are_in_no_statistics(pair: tuple[Node, Node]) -> None:
    orvanda, _ = pair
    checking.start(orvanda, CHECK, seats("sarivane"))
    checking.start(orvanda, replace(CHECK, realm="harbour"), seats("orvale"))
    found = contact_figures.of_campaign(Machine(orvanda), CHECK.name)
    assert (found.checks, found.exercises) == (1, 1)
    assert [r.who for r in found.results] == ["sarivane"]
    assert contact_figures.campaigns(Machine(orvanda)) == [(CHECK.name, 2, 2)]
    with pytest.raises(Refusal, match="no such campaign"):
        contact_figures.of_campaign(Machine(orvanda), "council/2025-1")


# As a person writes it

PLAN = """
campaign: council/2026-2
title: Contacts of the Council
level: 2
hours: 24
lanes: [technical, diplomatic]
checked:
  - party: tolmere
    contacts:
      - contact: duty_desk
        channels: [node, email]
        hours: Mo-Fr 08:00-16:30
        zone: Europe/Paris
        holidays: 2026-12-25
        fields: [phone, email]
  - seat: sarivane/ministry
    contacts: [{contact: desk, channels: [email], listed_by: tolmere}]
"""


def test_a_plan_is_read_as_it_is_written(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    campaign, (first, second) = contact_plans.read(orvanda, yaml.safe_load(PLAN))
    assert campaign == replace(CHECK, lanes=("diplomatic", "technical"))
    assert (first.party, second.seat) == (tolmere.me, "sarivane/ministry")
    (contact,) = first.contacts
    assert (contact.channels, contact.fields) == (("node", "email"), ("email", "phone"))
    assert contact.holidays == "2026-12-25"
    assert second.contacts[0].listed_by == tolmere.me
    assert len(checking.start(orvanda, campaign, [first, second])) == 2


@pytest.mark.parametrize(
    ("old", "new", "subject"),
    [
        ("campaign: council/2026-2", "campaign: Jane Fenn", "campaign"),
        ("title: Contacts of the Council", "title:", "title"),
        ("level: 2", "level: 4", "level"),
        ("level: 2", "level: 0", "channels"),
        ("hours: 24", "hours: a day", "hours"),
        ("hours: 24", "ours: 24", "campaign"),
        ("zone: Europe/Paris", "zone: Paris", "hours"),
        ("[node, email]", "[fax]", "channel"),
        ("[node, email]", "[]", "channels"),
        ("party: tolmere", "party: ''", "checked"),
        ("channels: [email]", "channels: [node]", "sarivane/ministry"),
        ("contact: desk", "contact: +1 202 555 0100", "contact"),
    ],
)
def test_a_plan_that_cannot_be_read_says_where(
    pair: tuple[Node, Node], old: str, new: str, subject: str
) -> None:
    with pytest.raises(Refusal) as refused:
        contact_plans.read(pair[0], yaml.safe_load(PLAN.replace(old, new, 1)))
    assert (refused.value.rule, refused.value.subject) == ("S4", subject)


def test_a_plan_of_nothing_or_of_one_twice_is_refused(pair: tuple[Node, Node]) -> None:
    twice = PLAN.replace("sarivane/ministry", "orvale") + PLAN.partition("checked:\n")[2].replace(
        "sarivane/ministry", "orvale"
    )
    for plan, why in (("[]", "Write campaign as names"), (twice, "stands there twice")):
        with pytest.raises(Refusal, match=why):
            contact_plans.read(pair[0], yaml.safe_load(plan))


def test_a_handle_stands_for_a_live_campaign_or_for_an_exercise(pair: tuple[Node, Node]) -> None:
    orvanda, _ = pair
    checking.start(orvanda, CHECK, seats("sarivane"))
    with pytest.raises(Refusal, match="This handle stands for a live campaign") as refused:
        checking.start(orvanda, replace(CHECK, realm="drill"), seats("sarivane"))
    assert refused.value.subject == "campaign"


def test_what_a_plan_does_not_say_is_taken_from_the_directory(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    book = community(tolmere, orvanda)
    nominate(tolmere, book, hours="Mo-Fr 09:00-17:00", zone="Asia/Kathmandu")
    pass_on(tolmere, orvanda)
    plan = PLAN.replace("duty_desk", "ops_desk")
    _, (first, _) = contact_plans.read(orvanda, yaml.safe_load(plan))
    assert first.contacts[0].zone == "Europe/Paris"
    assert first.contacts[0].fields == ("email", "phone")
    bare = {"contact": "ops_desk", "channels": ["email"]}
    value = {**yaml.safe_load(plan), "checked": [{"party": "tolmere", "contacts": [bare]}]}
    _, (first,) = contact_plans.read(orvanda, value)
    (contact,) = first.contacts
    assert (contact.hours, contact.zone) == ("Mo-Fr 09:00-17:00", "Asia/Kathmandu")
    assert {"hours", "phone", "zone"} <= {*contact.fields}
    _, (first,) = contact_plans.read(orvanda, {**value, "level": 1})
    assert first.contacts[0].fields == ()


def test_how_old_words_were_when_they_were_checked_tells_how_fast_they_change(
    pair: tuple[Node, Node], nodes: Nodes
) -> None:
    orvanda, _ = pair
    book, names = community(orvanda), [f"s{number}" for number in range(6)]
    for name in names:
        nominate(orvanda, book, seat=name, contact=f"desk_{name}", email="desk@or.example")
    nodes.clock.advance(100 * 24 * HOUR)
    whom = [Checked(None, name, (Contact(f"desk_{name}", ("email",)),)) for name in names]
    started = checking.start(orvanda, CHECK, whom)
    changed = Answer(outcome="corrected", corrected=["email"]).to_body()
    for number, each in enumerate(started):
        ((probe, _),) = probes(orvanda, each.dossier)
        answer(orvanda, each.dossier, probe, changed if number % 2 else RIGHT)
    checking.close(orvanda, CHECK.name, stop=True)
    found = contact_figures.of_campaign(Machine(orvanda), CHECK.name)
    figures = {series.measure: series.figures[ALL] for series in found.published}
    assert figures[HALF_LIFE] == (100, 6)
    assert figures[contact_figures.FRESH] == (1.0, 6)
    nodes.clock.advance(300 * 24 * HOUR)
    late = checking.start(orvanda, replace(CHECK, name="later"), whom[:2])
    assert len(late) == 2
    found = contact_figures.of_campaign(Machine(orvanda), "later")
    figures = {series.measure: series.figures[ALL] for series in found.own}
    assert figures[contact_figures.FRESH] == (0.0, 2)
