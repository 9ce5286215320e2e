"""What services ask of the state of a joint product."""

from __future__ import annotations

from comity.kernel.fold import State
from comity.protocols.response.product import PROTOCOL, reading
from tests.protocols.response.product import cases
from tests.protocols.table import LATER, Table


def played(case: str) -> tuple[Table, State]:
    """Play a case; return the table, and the state that everyone sees."""
    table = Table(PROTOCOL)
    getattr(cases, case)(table)
    return table, table.seen.state


def test_what_was_published_is_read_in_order_with_what_each_stands_behind() -> None:
    table, state = played("accepted_two_stand_behind_it")
    (stage,) = reading.stages(state)
    assert stage.public == LATER
    written = reading.paragraphs(state, stage.draft)
    assert [each.place for each in written] == [1, 2, 3]
    assert written[0].sources == (table.acts[0].id,)
    assert {
        each.party: (each.position, each.apart) for each in reading.stands(state, stage.draft)
    } == {
        table.id("tolmere"): ("in_part", (written[1].act,)),
        table.id("sarivane"): ("concur", ()),
    }


def test_who_has_said_nothing_is_there_with_no_position() -> None:
    table, state = played("accepted_positions_are_waited_for")
    (stage,) = reading.stages(state)
    assert (stage.public, reading.due(state, stage.draft)) == (None, LATER)
    silent = [each for each in reading.stands(state, stage.draft) if not each.act]
    assert [(each.party, each.position) for each in silent] == [(table.id("tolmere"), "")]


def test_nothing_stands_of_what_was_withdrawn() -> None:
    _, state = played("accepted_withdrawn_for_good")
    assert reading.stages(state) == []


def test_two_drafts_at_once_are_both_read() -> None:
    _, state = played("accepted_told_in_two_ways")
    assert len({stage.draft for stage in reading.stages(state)}) == 2
