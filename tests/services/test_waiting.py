"""A flood of reports is cleared away many at once, and nobody who was read or answered with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.kernel.errors import Refusal
from comity.services.node import DAY, Node
from comity.services.response import intake, reports, waiting
from comity.services.response.intake import ABUSE, FLOOD, MOST_UNREAD, Said
from comity.services.response.waiting import ASIDE, ERASE
from comity.store.access import reports as access
from comity.store.access.people import audit
from comity.store.append import reports as append
from comity.store.append.log import lock
from tests.kernel.world import refused
from tests.nodes import Nodes
from tests.services.staff import hire
from tests.services.test_intake import PUMP, opened, secret

SPAM = Said(affected="Cheap pumps", description="Buy pump 1 of 9.")


@pytest.fixture
def node(nodes: Nodes) -> Node:
    return opened(nodes.make("orvanda"))


def flood(node: Node, count: int) -> list[str]:
    """Send reports that differ by digits and spaces alone, all at once; return their secrets."""
    keys = [secret(node) for _ in range(count)]
    for n, key in enumerate(keys):
        intake.submit(node, key, replace(SPAM, description=f"Buy pump {n} of {n * 9}."))
    return keys


def state(node: Node, key: str) -> tuple[str, str, bool]:
    row = intake.require_case(node, key).row
    return row.state, row.reason, row.unread


def test_the_heaps_are_of_the_same_words_and_of_a_day(nodes: Nodes, node: Node) -> None:
    flood(node, 3)
    begun = node.now()
    nodes.clock.advance(DAY)
    intake.submit(node, secret(node), PUMP)
    intake.submit(node, secret(node), replace(SPAM, description="buy PUMP  77 of 8."))
    words, first, second = waiting.heaps(node, None)
    assert (words.by_words, words.number, words.affected) == (True, 4, "Cheap pumps")
    assert words.words in {f"Buy pump {n} of {n * 9}." for n in range(3)}
    assert (words.oldest, words.newest) == (begun, node.now())
    assert [(heap.by_words, heap.number) for heap in (first, second)] == [(False, 3), (False, 2)]
    assert first.key < second.key
    load = waiting.load(node, None)
    assert (load.number, load.oldest, load.newest) == (5, begun, node.now())
    assert (
        load.size == words.size + PUMP.size - 1
    )  # The fixture's words are kept with one line end.


def test_who_begins_as_others_do_and_goes_on_otherwise_is_in_no_heap_of_theirs(node: Node) -> None:
    begun = "Buy pump 1 of 9. " * 40
    said = [
        replace(SPAM, description=begun),
        replace(SPAM, description=begun),
        replace(SPAM, description=f"{begun} And its valve opens without a password."),
        replace(SPAM, description=begun, reproduce="Ask for /valve."),
        replace(SPAM, description=begun, impact="The harbour is flooded."),
    ]
    for each in said:
        intake.submit(node, secret(node), each)
    words, day = waiting.heaps(node, None)
    assert (words.by_words, words.number) == (True, 2)
    assert len(words.words) == 400
    assert (day.by_words, day.number) == (False, 5)


def test_a_full_list_takes_reports_again_after_one_press(node: Node) -> None:
    keys = flood(node, MOST_UNREAD)
    with refused("T5"):
        intake.submit(node, secret(node), PUMP)
    heap = waiting.heaps(node, None)[0]
    assert waiting.clear_away(node, None, heap.key, ASIDE, heap.newest) == MOST_UNREAD
    assert access.load(node.db) == (0, 0)
    row = intake.submit(node, secret(node), PUMP)
    assert [each.id for each in access.unread(node.db)] == [row.id]
    assert state(node, keys[0]) == ("closed", FLOOD, False)
    # Who is no machine says so, and is read.
    intake.add(node, keys[0], "It is real.")
    assert state(node, keys[0]) == ("open", "", True)


def test_who_presses_twice_when_the_list_is_full_by_that_is_told_that_it_was_kept(
    node: Node,
) -> None:
    (*_, last) = flood(node, MOST_UNREAD)
    kept = intake.require_case(node, last).row
    assert intake.submit(node, last, SPAM).id == kept.id


def test_what_came_after_the_page_was_shown_waits_on(nodes: Nodes, node: Node) -> None:
    flood(node, 2)
    heap = waiting.heaps(node, None)[0]
    nodes.clock.advance(1000)
    (late,) = flood(node, 1)
    assert waiting.clear_away(node, None, heap.key, ABUSE, heap.newest) == 2
    assert state(node, late) == ("new", "", True)
    with refused("S3"):
        waiting.clear_away(node, None, heap.key, ABUSE, heap.newest)


def test_what_somebody_took_up_or_answered_is_in_no_heap(node: Node) -> None:
    keys = flood(node, 4)
    ids = [intake.require_case(node, key).row.id for key in keys]
    reports.answer(node, None, ids[0], "Which version?")
    intake.add(node, keys[0], "All.")
    assert state(node, keys[0])[2]
    heap = waiting.heaps(node, None)[0]
    assert heap.number == 3
    assert waiting.clear_away(node, None, heap.key, ERASE, heap.newest) == 3
    assert intake.require_case(node, keys[0]).row.id == ids[0]
    for key in keys[1:]:
        with refused("S11"):
            intake.require_case(node, key)


def test_nothing_more_is_taken_of_what_was_closed_as_no_report(node: Node) -> None:
    keys = flood(node, 2)
    heap = waiting.heaps(node, None)[0]
    waiting.clear_away(node, None, heap.key, ABUSE, heap.newest)
    with refused("S12"):
        intake.add(node, keys[0], "Again.")


def test_who_adds_while_it_is_closed_as_no_report_opens_it_no_more(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = flood(node, 2)
    heap = waiting.heaps(node, None)[0]

    def close_first(*args: str) -> None:
        for row in access.waiting(node.db):
            append.set_state(node.db, row.id, access.CLOSED, ABUSE, heap.newest)
        lock(*args)

    monkeypatch.setattr(intake, "lock", close_first)
    with refused("S12"):
        intake.add(node, keys[0], "Again.")
    assert len(access.notes(node.db, intake.require_case(node, keys[0]).row.id)) == 0


def test_it_takes_who_may_answer_finders_alone_and_is_noted_without_them(node: Node) -> None:
    flood(node, 2)
    heap = waiting.heaps(node, None)[0]
    for role in ("diplomat", "analyst"):
        with refused("S10"):
            waiting.clear_away(node, hire(node, role, role), heap.key, ASIDE, heap.newest)
    with pytest.raises(Refusal, match="Choose"):
        waiting.clear_away(node, None, heap.key, "burn", heap.newest)
    assert access.load(node.db)[0] == 2
    waiting.clear_away(node, None, heap.key, ASIDE, heap.newest)
    noted = [entry for entry in audit(node.db) if entry.what == "reports_closed"]
    assert [(entry.subject, entry.detail) for entry in noted] == [
        (heap.key, {"count": 2, "reason": FLOOD})
    ]
