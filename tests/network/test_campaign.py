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
