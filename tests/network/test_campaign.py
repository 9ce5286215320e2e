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
    told = {party.number: book.named(party.node.me)[0].text("phone") for party in parties}
    assert told == {
        party.number: "+99 555 9999" if party.is_stale and party.is_silent else party.phone
        for party in parties
    }
