"""What lists, work pages and look-ups know of a reporting file.

Its subjects are what was said: ``clock`` (zone:place), ``incident`` (its dossier), ``event``
(event:regime, from when it was), ``applies`` and ``does_not_apply`` (regime:why), ``reported``
(regime:stage, from when it was); words that were corrected are ``event_before`` and
``reported_before``. By when something is due is each node's own view, from the packs that it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comity.kernel.protocol import Caption, Duty, Subject, Summary, by_urgency, members_of
from comity.protocols.response.reporting.facts import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.canon import Value
    from comity.kernel.fold import Entry, State
    from comity.kernel.ids import PartyId

REPORT = "report"
"""What is owed; also the code of the caption that says so."""
EMPTY, RUNNING, CONFLICT = "empty", "running", "conflict"
STATUSES = {
    EMPTY: "Nothing said yet",
    RUNNING: "Open",
    CLOSED: "Closed",
    CONFLICT: "Told in two ways",
}
CAPTIONS = {
    "file": "Reporting file · {by:party} · {act:act}",
    REPORT: "Report to {to:party}",
}
CLOCK, INCIDENT = "clock", "incident"
EVENT, REPORTED = "event", "reported"
APPLIES, DOES_NOT_APPLY = "applies", "does_not_apply"
BEFORE = "_before"
"""What the kind of a corrected word ends with."""
WORDS = ((EVENT, "events"), (REPORTED, "reports"))
"""The cells of words that may be corrected, each with the set of all there were."""


def summary(state: State) -> Summary:
    """Return what lists, work pages and look-ups know of a reporting file."""
    opened = state.entries("opened")[0]
    parties = members_of(state)
    owed = (_duty(state, str(id_), opened.author) for (id_,) in state.open("owed", "settled"))
    return Summary(
        status=_status(state),
        parties=parties,
        duties=by_urgency(d for d in owed if d.who in parties),
        caption=Caption("file", {"by": opened.author, "act": opened.act}),
        subjects=tuple(sorted({*_subjects(state, opened)}, key=_ordered)),
    )


def _status(state: State) -> str:
    cells = [(cell, key) for cell in (EVENT, "regime", REPORTED) for key in state.keys(cell)]
    for cell, key in [*cells, ("stage", ())]:
        told = [_items(entry)[1:] for entry in state.entries(cell, *key)]
        if any(each != told[0] for each in told):
            return CONFLICT
    stage = state.entries("stage")
    if not stage:
        return EMPTY
    return CLOSED if _items(stage[0])[1] == CLOSED else RUNNING


def _subjects(state: State, opened: Entry) -> Iterator[Subject]:
    _, zone, place, incident = _items(opened)
    yield Subject(CLOCK, f"{zone}:{place}", None, None, opened.act)
    if incident:
        yield Subject(INCIDENT, str(incident), None, None, opened.act)
    for key in state.keys("regime"):
        for entry in state.entries("regime", *key):
            _, kind, why = _items(entry)
            yield Subject(str(kind), f"{key[0]}:{why}", None, None, entry.act)
    for cell, words in WORDS:
        yield from _words(state, cell, words)


def _words(state: State, cell: str, words: str) -> Iterator[Subject]:
    """Yield what is said now, and what was said before and is not any more."""
    now = {key: [*state.entries(cell, *key)] for key in state.keys(cell)}
    for first, second, at in (cast("tuple[str, str, int]", key) for key in state.keys(words)):
        value = f"{first}:{second}"
        said = [entry for entry in now[first, second] if _items(entry)[1] == at]
        kind, sources = (cell, said) if said else (cell + BEFORE, None)
        for entry in sources or state.sources(words, first, second, at)[:1]:
            yield Subject(kind, value, at, None, entry.act)


def _items(entry: Entry) -> list[Value]:
    return cast("list[Value]", entry.value)


def _duty(state: State, id_: str, who: PartyId) -> Duty:
    (asked,) = state.entries("request", id_)
    due = cast("dict[str, int]", asked.value).get("due")
    return Duty(who, REPORT, due, asked.act, asked.author)


def _ordered(subject: Subject) -> tuple[str, str, int, str]:
    return (subject.kind, subject.value, subject.begins or 0, subject.act)
