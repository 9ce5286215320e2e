"""The states of Vultron (CMU/SEI-2022-SR-012), gone through whole from the tables of this protocol.

Published: 32 states of a case, 58 steps between them, 70 histories. Of one vendor in its case, the
product of how it handles the report, embargo and case state: 1,120, of which 241 can be reached by
775 steps when one step is taken at a time, a proposal after a proposal among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from typing import NamedTuple

import pytest

from comity.kernel.act import Act
from comity.protocols.response.disclosure import PROTOCOL, embargo, stages
from comity.protocols.response.disclosure.acts import (
    Accept,
    Claim,
    Fix,
    HandleReport,
    Propose,
    Report,
    Withdraw,
)
from comity.protocols.response.disclosure.codes import CLOSED, DAY, DEPLOYED, READY, RECEIVED
from comity.protocols.response.disclosure.embargo import ACTIVE, ENDED, NONE, PROPOSED, REVISED
from comity.protocols.response.disclosure.stages import AWARE, Known
from tests.protocols.response.disclosure.test_disclosure import AGREE, until
from tests.protocols.table import TIME, Table

ALL = Known(*[True] * 6)
FIRST = TIME + 10 * DAY


class Joint(NamedTuple):
    """How a vendor handles the report, where the embargo stands, what is known."""

    stage: str = stages.START
    embargo: str = NONE
    known: Known = Known()


def also(known: Known, what: str) -> Known:
    return known._replace(**{what: True})


def histories(known: Known) -> int:
    return 1 if known == ALL else sum(histories(also(known, w)) for w in stages.following(known))


@cache
def cases() -> frozenset[tuple[Known, Known]]:
    steps, waiting = set[tuple[Known, Known]](), [Known()]
    while waiting:
        at = waiting.pop()
        found = {(at, also(at, what)) for what in stages.following(at)}
        waiting += [then for _, then in found - steps]
        steps |= found
    return frozenset(steps)


def test_a_case_has_the_published_states_steps_and_histories() -> None:
    assert len({known for step in cases() for known in step}) == 32
    assert len(cases()) == 58
    assert histories(Known()) == 70


def moves(at: Joint) -> Iterator[Joint]:
    """Yield where one step leads: of the vendor, about terms, or of what comes to be known.

    What is out comes to be so once the embargo has ended: a claim while it is in force takes both
    steps.
    """
    for stage in stages.FOLLOWING[at.stage]:
        if stage != CLOSED or at.embargo not in embargo.IN_FORCE:
            known = also(at.known, AWARE) if stage == RECEIVED else at.known
            yield Joint(stage, at.embargo, known)
    if at.stage != CLOSED and not at.known.is_out:
        for then in embargo.STEPS[at.embargo]:
            yield at._replace(embargo=then)
    for what in stages.following(at.known):
        if what in {READY, DEPLOYED}:
            is_free = stages.may_fix(at.stage, at.known, what)
        else:
            is_free = what != AWARE and at.embargo in {NONE, ENDED}
        if is_free:
            yield at._replace(known=also(at.known, what))


@cache
def walk() -> tuple[dict[Joint, tuple[Joint, ...]], frozenset[tuple[Joint, Joint]]]:
    """Return by joint state the shortest way to it, and all steps."""
    ways: dict[Joint, tuple[Joint, ...]] = {Joint(): (Joint(),)}
    steps, waiting = set[tuple[Joint, Joint]](), [Joint()]
    while waiting:
        at = waiting.pop(0)
        for then in moves(at):
            steps.add((at, then))
            if then not in ways:
                ways[then] = (*ways[at], then)
                waiting.append(then)
    return ways, frozenset(steps)


def test_a_vendor_in_its_case_has_the_published_states_and_steps() -> None:
    ways, steps = walk()
    case = {known for step in cases() for known in step}
    assert len([*product(stages.FOLLOWING, embargo.STEPS, case)]) == 1120
    assert len(ways) == 241
    assert len(steps) == 775


def test_none_has_an_embargo_in_force_of_what_is_out() -> None:
    ways, _ = walk()
    assert not [at for at in ways if at.known.is_out and at.embargo in embargo.IN_FORCE]


class Played:
    """A case at a table: Orvanda reports, Tolmere is the vendor, Sarivane says what is out."""

    def __init__(self) -> None:
        self.table = Table(PROTOCOL)
        self.report = self.table.open(Report(role="finder"))
        self.terms: list[Act] = []
        self.agreed: Act | None = None

    def go(self, at: Joint, then: Joint) -> str | None:
        """Say what leads from one state to the next; return the rule that refuses it, if any."""
        if at.stage != then.stage:
            act = self.table.say("tolmere", HandleReport(stage=then.stage), [self.report])
        elif at.known != then.known:
            act = self._find(
                next(w for w in Known._fields if not at.known.has(w) and then.known.has(w))
            )
        else:
            act = self._deal(at.embargo, then.embargo)
        return self.table.verdict(act)

    def _find(self, what: str) -> Act:
        if what in {READY, DEPLOYED}:
            return self.table.say("tolmere", Fix(step=what))
        return self.table.say("sarivane", Claim(what=what, basis="own"))

    def _deal(self, at: str, then: str) -> Act:
        if then in {PROPOSED, REVISED}:
            end = FIRST + len(self.terms) * DAY
            act = self.table.say("orvanda", Propose(end=end, use="defence", duties=["none"]))
            self.terms.append(act)
        elif then == ACTIVE:
            self.agreed = self.terms[-1]
            act = self.table.say("tolmere", Accept(duties=["none"]), [self.agreed])
        elif at == PROPOSED:
            act = self.table.say("orvanda", Withdraw(reason="delay"), [self.terms[-1]])
        else:
            assert self.agreed is not None
            act = self.table.say("tolmere", Withdraw(reason="delay"), [self.agreed])
        return act

    def read(self) -> Joint:
        """Return what the acts add up to."""
        state, vendor = self.table.seen.state, self.table.id("tolmere")
        said = [str(entry.value) for entry in state.entries("handling", by=vendor)]
        claims = {
            str(entry.value["what"])
            for (id_,) in state.keys("claim")
            for entry in state.entries("claim", id_)
            if isinstance(entry.value, dict)
        }
        steps = {what for what in (READY, DEPLOYED) if state.has("step", vendor, "", what)}
        known = Known(aware=bool(said), **dict.fromkeys(claims | steps, True))
        found = embargo.read_embargo(state).state
        # Nobody ended what was never in force: there is none.
        return Joint(said[0] if said else "", NONE if found == embargo.CLAIMED else found, known)


def play(way: tuple[Joint, ...]) -> Played:
    played = Played()
    for at, then in pairwise(way):
        assert played.go(at, then) is None, (at, then)
    return played


def test_states_are_reached_by_signed_acts() -> None:
    ways, _ = walk()
    for at in sorted(ways, key=repr)[::12]:
        assert play(ways[at]).read() == at


@pytest.mark.long
def test_every_step_is_taken_by_a_signed_act() -> None:
    ways, steps = walk()
    for at, then in steps:
        played = play(ways[at])
        assert played.go(at, then) is None, (at, then)
        assert played.read() == then


@pytest.mark.parametrize("stage", stages.FOLLOWING)
def test_what_does_not_follow_is_refused(stage: str) -> None:
    ways, _ = walk()
    way = next(way for at, way in ways.items() if at.stage == stage and at.embargo == NONE)
    for then in {*stages.FOLLOWING} - {stages.START, *stages.FOLLOWING[stage]}:
        played = play(way)
        act = played.table.say("tolmere", HandleReport(stage=then), [played.report])
        assert played.table.verdict(act) == "D1"


@pytest.mark.parametrize("what", ["public", "exploit", "attack"])
@pytest.mark.parametrize("state", [PROPOSED, ACTIVE, REVISED])
def test_a_claim_ends_what_is_in_force_at_once(what: str, state: str) -> None:
    ways, _ = walk()
    way = next(way for at, way in ways.items() if at.embargo == state)
    played = play(way)
    played.go(way[-1], way[-1]._replace(known=also(way[-1].known, what)))
    assert embargo.read_embargo(played.table.seen.state).state == embargo.CLAIMED


def test_what_no_step_leads_to_is_refused_to_signed_acts() -> None:
    """Closing under embargo, dealing after closing, and a fix of who does not handle the report."""
    ways, _ = walk()
    for at in sorted(ways, key=repr)[::5]:
        if at.embargo in embargo.IN_FORCE and CLOSED in stages.FOLLOWING[at.stage]:
            assert play(ways[at]).go(at, at._replace(stage=CLOSED)) == "D7", at
        if at.stage == CLOSED:
            played = play(ways[at])
            terms = played.table.say("orvanda", until(90))
            assert played.table.verdict(played.table.say("tolmere", AGREE, [terms])) == "D9", at
        for what in (READY, DEPLOYED):
            is_free = stages.may_fix(at.stage, at.known, what)
            if not (is_free or at.known.has(what)):
                assert play(ways[at]).go(at, at._replace(known=also(at.known, what))) == "D2", at
