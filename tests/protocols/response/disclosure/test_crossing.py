"""What parties say at the same moment adds up to one state, in every order and however often.

Without a hub Vultron's machine of embargoes does not: 8 of 30 pairs, and 60 of 190 combinations of
three parties, leave them in different states. Its rules are written down here to find which.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import permutations, product

import pytest

from comity.kernel.act import Act
from comity.kernel.declare import Coded
from comity.protocols.response.disclosure import PROTOCOL, embargo
from comity.protocols.response.disclosure.acts import (
    Accept,
    Claim,
    Propose,
    Refuse,
    Report,
    Retract,
    Withdraw,
)
from comity.protocols.response.disclosure.codes import DAY
from tests.protocols.table import NAMES, TIME, Table, gather

RULES = {
    "EP": {"N": "P", "P": "P"},
    "EA": {"P": "A"},
    "ER": {"P": "N"},
    "EV": {"A": "R", "R": "R"},
    "EC": {"R": "A"},
    "EJ": {"R": "A"},
    "ET": {"A": "X", "R": "X"},
}
"""By message from which state to which: none, proposed, active, revise, exited."""
PROPOSES, AGREES, REFUSES = {"EP", "EV"}, {"EA", "EC"}, {"ER", "EJ"}
NO_DUTY = Accept(duties=["none"])
Combination = tuple[str, tuple[str | None, ...]]


def alone(state: str, said: Sequence[str]) -> str:
    for word in said:
        state = RULES[word].get(state, state)
    return state


def diverges(state: str, said: Sequence[str | None]) -> bool:
    """Say whether, by Vultron's rules, some order of delivery leaves parties in two states."""
    ends = []
    for me, word in enumerate(said):
        others = [w for it, w in enumerate(said) if it != me and w is not None]
        own = [] if word is None else [word]
        ends.append({alone(state, [*own, *order]) for order in permutations(others)})
    return len(set.union(*ends)) > 1


def combinations(parties: int) -> list[Combination]:
    """What two or more of so many parties may say at one moment."""
    return [
        (state, said)
        for state in "NPAR"
        for said in product((None, *(w for w in RULES if state in RULES[w])), repeat=parties)
        if sum(word is not None for word in said) >= 2
    ]


def set_out(state: str, names: Sequence[str]) -> tuple[Table, Act | None]:
    """Return a table at which the embargo is in a state of Vultron's, and the terms at issue."""
    table = Table(PROTOCOL)
    table.open(Report(role="finder"))
    terms = None
    if state in "PAR":
        terms = table.say("orvanda", until(30))
    if state in "AR":
        for name in names[1:]:
            table.say(name, NO_DUTY, [terms] if terms else [])
    if state == "R":
        terms = table.say("orvanda", until(60))
    for name in NAMES:
        table.catch_up(name)
    return table, terms


def until(days: int) -> Propose:
    return Propose(end=TIME + days * DAY, use="defence", duties=["none"])


def say(table: Table, name: str, word: str, terms: Act | None) -> Act:
    """Let a party say one of Vultron's words without having heard the others'."""
    if word in PROPOSES:
        return table.say(name, until(20 + 50 * NAMES.index(name)), apart=True)
    if word == "ET":
        own = embargo.held(table.voices[name].state)[table.id(name)].terms
        terms = next(act for act in table.acts if act.id == own)
    assert terms is not None
    if word in AGREES:
        return table.say(name, NO_DUTY, [terms], apart=True)
    said = Refuse(reason="too_long") if word in REFUSES else Withdraw(reason="law")
    return table.say(name, said, [terms], apart=True)


def require_one_state(table: Table, orders: Iterator[Sequence[Act]]) -> int:
    """Demand one state of all orders, each delivered twice; return how many there were."""
    expected, count = (table.seen.digest(), table.seen.summary()), 0
    for count, order in enumerate(orders, 1):  # noqa: B007  the last is returned
        other = gather(table, [*order, *reversed(order)])
        assert (other.digest(), other.summary()) == expected
        assert embargo.read_embargo(other.state) == embargo.read_embargo(table.seen.state)
    return count


def test_so_many_pairs_and_triples_diverge_in_vultron() -> None:
    pairs, triples = combinations(2), combinations(3)
    assert (len(pairs), sum(diverges(*each) for each in pairs)) == (30, 8)
    assert (len(triples), sum(diverges(*each) for each in triples)) == (190, 60)


@pytest.mark.parametrize("parties", [2, 3])
def test_what_is_said_at_one_moment_converges_in_every_order(parties: int) -> None:
    for state, said in combinations(parties):
        names = NAMES[:parties]
        table, terms = set_out(state, names)
        crossing = [say(table, name, w, terms) for name, w in zip(names, said, strict=True) if w]
        before = table.acts[1 : -len(crossing)]
        require_one_state(table, ([*before, *order] for order in permutations(crossing)))


def deal(table: Table, draw: random.Random) -> None:
    """Let parties deal about terms and say that it is out, some without having heard others."""
    table.open(Report(role="finder"))
    for _ in range(draw.randint(2, 10)):
        name, apart = draw.choice(NAMES), draw.random() < 0.6
        proposed = [a for a in table.acts if a.header.kind == "propose"]
        claims = [a for a in table.acts if a.header.kind == "claim"]
        heard = table.voices[name].graph.nodes if apart else {a.id: a for a in table.acts}
        words: list[tuple[Coded, list[Act]]] = [(until(draw.randint(2, 90)), [])]
        words += [(w, [a]) for a in proposed if a.id in heard for w in DEALT]
        words += [(Retract(), [a]) for a in claims if a.id in heard]
        if draw.random() < 0.1:
            words = [(Claim(what=draw.choice(["public", "exploit", "attack"]), basis="own"), [])]
        said, cites = draw.choice(words)
        table.say(name, said, cites, apart=apart)


DEALT = (NO_DUTY, NO_DUTY, Refuse(reason="law"), Withdraw(reason="law"))


def shuffle(seed: int) -> int:
    """Deal, and demand one state of three orders of what was said; return how many orders."""
    draw, table = random.Random(seed), Table(PROTOCOL)
    deal(table, draw)
    orders = (draw.sample(table.acts, len(table.acts)) for _ in range(3))
    count = require_one_state(table, orders)
    state = table.seen.state
    assert not (state.keys("claim") and embargo.read_embargo(state).state in embargo.IN_FORCE)
    return count


@pytest.mark.parametrize("count", [180, pytest.param(60_000, marks=pytest.mark.long)])
def test_shuffled_acts_converge(count: int) -> None:
    assert sum(shuffle(seed) for seed in range(count // 3)) == count
