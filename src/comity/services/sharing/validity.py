"""Whether an indicator still holds: by what its source says, what parties report, and its age.

Only words count that were said of the version itself, where a reader sees it: a later version is
its source's new word. How they decide is said in ``engines.decay``, and which version of an object
decides in ``deciding``: what another than its origin says in a later one is told beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from comity.bridges.stix.observables import observables
from comity.bridges.stix.times import micros
from comity.engines import decay
from comity.engines.decay import DAY, Indicator, Report, Rules, State, Why
from comity.engines.instants import plain
from comity.kernel.errors import Phrase
from comity.kernel.ids import Id
from comity.protocols.sharing.circle import reading as said
from comity.protocols.sharing.circle.acts import Forward
from comity.services import packs
from comity.services.identity import roster
from comity.services.sharing import circles, deciding, origins, sights
from comity.store.access import acts, objects

if TYPE_CHECKING:
    from comity.protocols.sharing.circle.reading import Heard
    from comity.services.node import Node
    from comity.services.sharing.deciding import Decision
    from comity.store.access.acts import ActRow
    from comity.store.access.objects import Sight

INDICATOR = "indicator"
SEEN, EXPIRED, WRONG = "seen", "expired", "false_positive"
"""What is said of an indicator that counts for whether it holds; codes of feedback."""
ENDED = frozenset({State.AHEAD, State.EXPIRED, State.REVOKED})
"""How an indicator does not hold by what its version says, whatever anybody reports."""
MILLI = 1000
"""Microseconds in a millisecond."""
Value = Mapping[str, Any]


class Other(NamedTuple):
    """That a ``party`` called ``name`` says in its own version that an indicator does not hold,
    and that this does not decide: in which ``state`` it is by that, and since or until when (ms).
    An intake is no party, and has its title for a name.
    """

    party: str
    name: str
    state: State
    at: int


class Judged(NamedTuple):
    """How an indicator stands (``validity``), the names of the parties that say that it was
    ``seen``, is ``expired`` or ``wrong``; ``half_life`` (ms) of what it names, None where that
    does not grow old; and the ``others`` whose word that it does not hold decides nothing.
    """

    validity: decay.Validity
    seen: tuple[str, ...]
    expired: tuple[str, ...]
    wrong: tuple[str, ...]
    half_life: int | None
    others: tuple[Other, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether to act upon it."""
        return self.validity.state == State.CURRENT


def judge(node: Node, sight: Sight, values: Mapping[int, Value]) -> dict[int, Judged]:
    """Return how indicators stand now: those among ``values``, objects by the numbers of their
    versions. The questions do not grow with how many they are.
    """
    asked = {number: value for number, value in values.items() if value["type"] == INDICATOR}
    if not asked:
        return {}
    heard, names, by = _Heard(node, sight, [*asked]), roster.names(node), (rules(node), node.now())
    return {n: _judged(value, heard.of(n), names, by) for n, value in asked.items()}


def rules(node: Node) -> Rules:
    """Return by what this node judges: the pack, with half-lives of its own where it has some."""
    found = packs.decay_rules()
    own = {kind: days * DAY for kind, days in node.settings.half_lives.items()}
    return found._replace(half_lives={**found.half_lives, **own})


def of_object(node: Node, sight: Sight, number: int, value: Value) -> Judged | None:
    """Return how the indicator stands of which a version is shown: by that version where it is its
    origin's or this party's, else by the one that decides; None for no indicator.
    """
    if value.get("type") != INDICATOR:
        return None
    id_ = str(value["id"])
    decision = deciding.decide(node, sight, [id_])[id_]
    newest = decision.newest
    decides = number if newest is None or number in decision.own else newest.object
    wanted = {decides, *(row.object for _, row in decision.others)}
    values = {n: orjson.loads(data) for n, data in objects.data_of(node.db, sorted(wanted)).items()}
    judged = judge(node, sight, {decides: values[decides]})[decides]
    return judged._replace(others=tuple(_others(node, decision, values, decides)))


def _others(
    node: Node, decision: Decision, values: Mapping[int, Value], decides: int
) -> Iterator[Other]:
    """Yield who says in a version of their own that it does not hold, but for what decides."""
    names, by, now = roster.names(node), rules(node), node.now()
    for giver, row in decision.others:
        found = decay.validity(_indicator(values[row.object], giver, now), now, by)
        if row.object == decides or found.state not in ENDED or found.at is None:
            continue
        if row.act is None:
            titles = {each.number: each.title for each in objects.shelves(node.db)}
            yield Other("", titles[row.shelf], found.state, found.at)
        else:
            yield Other(giver, _name(names, giver), found.state, found.at)


class _Said(NamedTuple):
    """Who gave a version of an indicator first, and what each party says of it."""

    source: str
    words: Sequence[tuple[Heard, int]]


class _Heard:
    """What parties say of object versions, in the circles where a reader sees them."""

    def __init__(self, node: Node, sight: Sight, numbers: Sequence[int]) -> None:
        self._giver = origins.givers(node)
        self._came = _came(node, sight, numbers)
        dossiers = {act.dossier for came in self._came.values() for act, _ in came}
        states = {each: circles.state_of(node, each) for each in sorted(dossiers)}
        self._words = {
            number: [
                word
                for act, part in came
                for word in said.feedback(states[act.dossier], Id(act.id), part)
            ]
            for number, came in self._came.items()
        }
        told = {word.act for words in self._words.values() for word in words}
        rows = acts.acts_among(node.db, sorted(told))
        self._times = {id_: row.time for id_, row in rows.items()}

    def of(self, number: int) -> _Said:
        """Return what is said of one version; its source is who gave it first here."""
        words = [(word, self._times[word.act]) for word in self._words.get(number, ())]
        return _Said(self._source(number) if words else "", words)

    def _source(self, number: int) -> str:
        act, part = min(self._came[number], key=lambda came: came[0].n)
        return self._giver(act.id, part) if act.kind == Forward.KIND.kind else act.party


def _came(node: Node, sight: Sight, numbers: Sequence[int]) -> dict[int, list[tuple[ActRow, int]]]:
    """Return by which acts, as which part, object versions came to where a reader sees them."""
    held = [
        (row.object, row.act, row.part)
        for row in objects.holdings_of_objects(node.db, numbers)
        if row.act is not None and sights.passes(sight, row)
    ]
    ids = objects.act_ids(node.db, sorted({act for _, act, _ in held}))
    rows = acts.acts_among(node.db, [*ids.values()])
    found: dict[int, list[tuple[ActRow, int]]] = defaultdict(list)
    for number, act, part in held:
        found[number].append((rows[ids[act]], part))
    return found


def _judged(value: Value, told: _Said, names: Mapping[str, str], by: tuple[Rules, int]) -> Judged:
    """Return how a version stands by rules, now (ms)."""
    judges, now = by
    reports = {as_: tuple(_reports(told, as_, now)) for as_ in (SEEN, EXPIRED, WRONG)}
    indicator = _indicator(value, told.source, now)._replace(
        seen=reports[SEEN], expired=reports[EXPIRED], wrong=reports[WRONG]
    )
    who = {
        as_: tuple(sorted({_name(names, each.party) for each in some}))
        for as_, some in reports.items()
    }
    half_life = decay.half_life_of(indicator.kinds, judges.half_lives)
    found = decay.validity(indicator, now, judges)
    return Judged(found, who[SEEN], who[EXPIRED], who[WRONG], half_life)


def _indicator(value: Value, source: str, now: int) -> Indicator:
    """Return what a version says, without what anybody reports of it."""
    return Indicator(
        kinds=tuple(sorted({each.kind for each in observables(dict(value))})),
        source=source,
        valid_from=_instant(value, "valid_from") or 0,
        valid_until=_instant(value, "valid_until"),
        # It is revoked as soon as it is said, whatever the date of the version that says so.
        revoked=min(_instant(value, "modified") or 0, now) if value.get("revoked") else None,
    )


def _name(names: Mapping[str, str], party: str) -> str:
    """Return what a party is called here."""
    return names.get(party, party[:8])


def _reports(told: _Said, as_: str, now: int) -> Iterable[Report]:
    """Yield who says so, and when: what is here was said by now, by whatever clock."""
    for word, time in told.words:
        if word.as_ == as_:
            seen = word.last if as_ == SEEN and word.last is not None else time
            yield Report(word.party, min(seen, time, now))


def _instant(value: Value, name: str) -> int | None:
    """Return when a property says, None where it says nothing or a day that there is not, which
    its form allows.
    """
    text = value.get(name)
    try:
        return micros(text) // MILLI if isinstance(text, str) else None
    except ValueError:
        return None


def why(found: Judged) -> Phrase:
    """Return in a sentence how an indicator stands, and why."""
    state, reason, at, _ = found.validity
    if at is None:
        return Phrase("Nobody says when it ends, and what it names does not grow old.")
    if state in {State.AHEAD, State.AGED, State.CURRENT}:
        return _open(state, reason, plain(at), (found.half_life or 0) // DAY)
    if reason == Why.REPORTS:
        return _reported(found)
    if state == State.REVOKED:
        return Phrase("Its source revoked it.")
    return Phrase("Its source says that it was valid until {when}.", when=plain(at))


def _open(state: State, reason: Why, when: str, days: int) -> Phrase:
    if state == State.AHEAD:
        return Phrase("It is valid from {when} on, and not yet.", when=when)
    if reason == Why.VALID_UNTIL:
        return Phrase("Its source says that it is valid until {when}.", when=when)
    if state == State.AGED:
        return Phrase(
            "It counts as old since {when}: what it names is worth half as much after every {days} "
            "days in which nobody says that it was seen.",
            when=when,
            days=days,
        )
    return Phrase(
        "It holds until {when} unless somebody says that it was seen: what it names is worth half "
        "as much after every {days} days.",
        when=when,
        days=days,
    )


def _reported(found: Judged) -> Phrase:
    if found.validity.state == State.EXPIRED:
        return Phrase(
            "It is called expired by {names}, and nobody says that it was seen since.",
            names=", ".join(found.expired),
        )
    return Phrase(
        "It is called a false positive by {names}, and nobody says that it was seen since.",
        names=", ".join(found.wrong),
    )


def beside(other: Other) -> Phrase:
    """Return in a sentence who says that an indicator does not hold, which decides nothing."""
    if other.state == State.REVOKED:
        told = Phrase("{party} says that it is revoked.", party=other.name)
    elif other.state == State.AHEAD:
        told = Phrase(
            "{party} says that it is valid only from {when} on.",
            party=other.name,
            when=plain(other.at),
        )
    else:
        told = Phrase(
            "{party} says that it ended at {when}.", party=other.name, when=plain(other.at)
        )
    return told


def to_value(found: Judged | None) -> dict[str, object] | None:
    """Return it as JSON values, with how many parties say what; None for no indicator."""
    if found is None:
        return None
    state, reason, at, worth = found.validity
    told = {"state": state.value, "why": reason.value, "at": at, "worth": round(worth, 3)}
    heard = {SEEN: len(found.seen), EXPIRED: len(found.expired), WRONG: len(found.wrong)}
    others = [
        {"party": o.party, "name": o.name, "state": o.state, "told": str(beside(o))}
        for o in found.others
    ]
    return {**told, **heard, "told": str(why(found)), "others": others}
