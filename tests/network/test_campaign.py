"""A campaign of contact checks over many nodes finds what was planted, and mends the directory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from comity.engines import reach
from comity.engines.reach import CORRECTED, IN_TIME, REACHED
from comity.kernel.ids import Id
from comity.protocols.trust.contact_check.acts import Answer
from comity.services.casework import checking_contacts as checking
from comity.services.casework import contact_figures, contact_plans, content, issue
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.directory import planning
from comity.services.directory.book import FRESH, STALE, Book
from comity.services.node import Node
from comity.store.access import acts
from tests.databases import usual
from tests.nodes import Nodes, introduce, pass_on
from tests.services.phonebook import community, nominate, tell

DAY = 24 * 3600 * 1000
STALE_EACH, SILENT_EACH = 5, 10
"""Of so many parties one has an old number in the directory, and one is silent."""
CAMPAIGN = "autumn"


@dataclass
class Member:
    """A party with a node: the ``forum`` that it shares with the council, the act by which it
    ``nominated`` its desk, the number where that is reached, and what it will do when it is asked.
    """

    node: Node
    forum: Id
    nominated: Id
    phone: str
    is_stale: bool
    is_silent: bool


def members(nodes: Nodes, council: Node, number: int) -> Iterator[Member]:
    """Yield so many parties, each in a directory with the council."""
    for at in range(number):
        node = nodes.make(f"p{at}")
        introduce(council, node)
        forum = community(council, node)
        pass_on(council, node)
        told, phone = f"+99 555 {at:04}", f"+99 777 {at:04}"
        is_stale, is_silent = at % STALE_EACH == 0, at % SILENT_EACH == 1
        nominated = nominate(node, forum, contact="desk", seat=f"s{at}", phone=told)
        pass_on(node, council)
        yield Member(node, forum, nominated, phone if is_stale else told, is_stale, is_silent)


def plan(council: Node, asked: list[Member], **fields: Any) -> dict[str, Any]:
    """Return one plan for the directories of these parties."""
    desk = Machine(council)
    about = {"campaign": CAMPAIGN, "title": "Contact check", "level": 2, "due": 24}
    plans = [planning.draw_up(desk, each.forum, **about) for each in asked]  # type: ignore[arg-type]
    checked = [each for drawn in plans for each in drawn["checked"]]
    for each in checked:
        each["contacts"][0] |= {"channels": ["phone"], "fields": ["holder", "phone"]}
    return {**plans[0], "checked": checked, **fields}


def answer(member: Member, dossier: str) -> None:
    """Let a party answer what it was asked, and put right what is wrong in the directory."""
    (probe,) = [row.id for row in acts.acts_of(member.node.db, dossier) if row.kind == "probe"]
    said = Answer(outcome="confirmed", fields=["holder", "phone"])
    words = None
    if member.is_stale:
        said = Answer(outcome="corrected", fields=["holder"], corrected=["phone"])
        words = content.prepare_fields(member.node, {"phone": member.phone})
        tell(
            member.node, member.forum, "detail", member.nominated,
            contact="desk", visibility="members", phone=member.phone,
        )  # fmt: skip
    draft = Draft("answer", said.to_body(), words, (Id(probe),))
    issue.issue(member.node, dossier_id=dossier, draft=draft)


def figure(found: contact_figures.Found, measure: str, *, others: bool = False) -> float | None:
    """Return a figure over all parties, for who asked or for others."""
    told = found.published if others else found.own
    (series,) = [s for s in told if s.measure == measure and s.channel in {"", "phone"}]
    return series.figures[reach.ALL].value


@pytest.mark.parametrize("number", [10, pytest.param(200, marks=pytest.mark.long)])
def test_what_is_found_is_what_was_planted(tmp_path: Path, number: int) -> None:
    with Nodes(tmp_path, usual) as nodes:
        council = nodes.make("council")
        asked = [*members(nodes, council, number)]
        # So old that a number is to be confirmed, and not only tried.
        nodes.clock.advance(120 * DAY)
        book = Book(Machine(council))
        kept = [book.of_seat(f"s{n}")[0].particulars["phone"] for n in range(number)]
        assert {told.fresh for told in kept} == {STALE}
        campaign, checked = contact_plans.read(council, plan(council, asked))
        started = checking.start(council, campaign, checked)
        by_party = {each.who: each.dossier for each in started}
        drill, few = contact_plans.read(
            council, plan(council, asked[:3], campaign="drill", exercise="harbour")
        )
        checking.start(council, drill, few)
        nodes.clock.advance(3600 * 1000)
        for each in asked:
            pass_on(council, each.node)
            if not each.is_silent:
                answer(each, by_party[each.node.me])
                pass_on(each.node, council)
        nodes.clock.advance(5 * DAY)
        checking.go_on(council)
        checking.close(council, CAMPAIGN, stop=True)

        found = contact_figures.of_campaign(council, CAMPAIGN)
        silent = sum(each.is_silent for each in asked)
        stale = sum(each.is_stale for each in asked)
        answered = number - silent
        assert (found.checks, found.exercises) == (number, 0)
        played = contact_figures.of_campaign(council, "drill")
        assert (played.checks, played.exercises, played.results) == (0, 3, ())
        for others in (False, True):
            assert figure(found, REACHED, others=others) == round(answered / number, 2)
            corrected = figure(found, CORRECTED, others=others)
            assert corrected == round(stale / (2 * answered), 2)
        assert figure(found, IN_TIME) == round(answered / number, 2)
        outcomes = [each.outcome for each in found.results]
        assert outcomes.count("corrected") == stale
        assert outcomes.count("silent") == silent

        for place, each in enumerate(asked):
            (contact,) = Book(Machine(council)).of_seat(f"s{place}")
            assert contact.text("phone") == each.phone
            expected = FRESH if each.is_stale else STALE
            assert contact.particulars["phone"].fresh == expected
"""A campaign over parties that each have a node: what is found is what was planted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from comity.engines.reach import ALL, CORRECTED, IN_TIME, MEDIAN, NINETIETH, REACHED
from comity.kernel.act import read_header
from comity.kernel.ids import Id
from comity.protocols.trust.contact_check.acts import Answer, Probe, Result
from comity.services.casework import checking_contacts as checking
from comity.services.casework import contact_figures, issue
from comity.services.casework.checking_contacts import Campaign, Checked, Contact
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.directory.book import Book
from comity.services.node import Node
from comity.store.access import acts
from tests.nodes import Nodes, introduce, pass_on
from tests.services.phonebook import community, nominate

HOUR = 3_600_000
CAMPAIGN = Campaign("autumn", level=2, due_hours=24, title="Are you there?")
ASKED = Contact("ops_desk", ("email", "phone"), fields=("phone",))


@dataclass
class Planted:
    """A party and the truth about it: every fifth number is stale, two of twenty are silent."""

    number: int
    node: Node
    book: Id
    record: Id

    @property
    def is_stale(self) -> bool:
        return self.number % 5 == 0

    @property
    def is_silent(self) -> bool:
        return self.number % 20 in {5, 7}

    @property
    def hours(self) -> int:
        """After how many hours mail is answered; after 24 that is late."""
        return 1 + self.number % 30

    @property
    def phone(self) -> str:
        """The number as it is in truth."""
        return f"+99 555 {self.number:04}"


def plant(nodes: Nodes, count: int) -> tuple[Node, list[Planted]]:
    """Make a secretariat, and parties that each keep a record of one desk, which it reads."""
    secretariat = nodes.make("lantern")
    parties = []
    for number in range(count):
        node = nodes.make(f"party{number}")
        introduce(secretariat, node)
        book = community(node, secretariat)
        party = Planted(number, node, book, book)
        told = "+99 555 9999" if party.is_stale else party.phone
        party.record = nominate(node, book, phone=told)
        pass_on(node, secretariat)
        parties.append(party)
    return secretariat, parties


def probes(node: Node, dossier: str) -> dict[str, Id]:
    rows = (row for row in acts.acts_of(node.db, dossier) if row.kind == "probe")
    return {Probe.of(read_header(row.header)).channel: Id(row.id) for row in rows}


def say(node: Node, dossier: str, what: Answer | Result, probe: Id) -> None:
    draft = Draft(what.KIND.kind, what.to_body(), refs=(probe,))
    issue.issue(node, dossier_id=dossier, draft=draft)


def act(party: Planted, dossier: str, secretariat: Node) -> None:
    """Answer the mail, and correct the own record where it is stale; or answer the telephone."""
    asked = probes(party.node, dossier)
    if party.is_stale:
        say(party.node, dossier, Answer(outcome="corrected", corrected=["phone"]), asked["email"])
        nominate(party.node, party.book, party.record, phone=party.phone)
    else:
        say(party.node, dossier, Answer(outcome="confirmed"), asked["email"])
        say(party.node, dossier, Answer(outcome="confirmed"), asked["phone"])
    pass_on(party.node, secretariat)


@pytest.mark.parametrize(
    "count",
    [pytest.param(20, marks=pytest.mark.slow), pytest.param(200, marks=pytest.mark.long)],
)
def test_what_a_campaign_finds_is_what_was_planted(tmp_path: Path, count: int) -> None:
    with Nodes(tmp_path) as nodes:
        run(nodes, count)


def run(nodes: Nodes, count: int) -> None:
    secretariat, parties = plant(nodes, count)
    checked = [Checked(party.node.me, "", (ASKED,)) for party in parties]
    started = checking.start(secretariat, CAMPAIGN, checked)
    where = {each.who: each.dossier for each in started}
    for party in parties:
        pass_on(secretariat, party.node)
        if party.is_stale:
            # Who is called there is somebody else.
            call = probes(secretariat, where[party.node.me])["phone"]
            say(secretariat, where[party.node.me], Result(outcome="wrong_person"), call)

    for hour in range(1, 32):
        nodes.clock.advance(HOUR)
        for party in parties:
            if party.hours == hour and not party.is_silent:
                act(party, where[party.node.me], secretariat)
        if hour % 6 == 0:
            checking.go_on(secretariat, CAMPAIGN.name)
    checking.close(secretariat, CAMPAIGN.name)
    require_figures(secretariat, parties)
    require_directory(secretariat, parties)


def require_figures(secretariat: Node, parties: list[Planted]) -> None:
    """Require that what is published is the truth."""
    found = contact_figures.of_campaign(Machine(secretariat), CAMPAIGN.name)
    figures = {(s.measure, s.channel): s.figures[ALL] for s in found.published}
    count = len(parties)
    answering = [party for party in parties if not party.is_silent]
    by_phone = [party for party in answering if not party.is_stale]
    times = sorted(party.hours for party in answering)
    stale = sum(party.is_stale for party in answering)
    assert figures[REACHED, "email"] == (round(len(answering) / count, 2), count)
    assert figures[REACHED, "phone"] == (round(len(by_phone) / count, 2), count)
    in_time = sum(hours <= 24 for hours in times)
    assert figures[IN_TIME, "email"] == (round(in_time / count, 2), count)
    assert figures[MEDIAN, "email"] == (times[math.ceil(len(times) / 2) - 1], len(times))
    assert figures[NINETIETH, "email"] == (times[math.ceil(0.9 * len(times)) - 1], len(times))
    # By mail and by telephone each field was asked about once.
    confirmed = 2 * len(by_phone)
    assert figures[CORRECTED, ""] == (round(stale / (stale + confirmed), 2), len(answering))


def require_directory(secretariat: Node, parties: list[Planted]) -> None:
    """Require that the directory says the truth, but of who never answered."""
    book = Book(Machine(secretariat))
    told = {party.number: book.of_party(party.node.me)[0].text("phone") for party in parties}
    assert told == {
        party.number: "+99 555 9999" if party.is_stale and party.is_silent else party.phone
        for party in parties
    }
