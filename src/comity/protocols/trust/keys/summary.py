"""What lists and look-ups show of keys: each key, what speaks for it, and what was revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from comity.kernel.fold import How
from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import Caption, Duty, Subject, Summary, members_of
from comity.protocols.trust.keys.codes import K0, K2, SAME
from comity.protocols.trust.keys.facts import ACKNOWLEDGE, ANSWER, HEAR, REVEAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comity.kernel.canon import Value
    from comity.kernel.fold import Entry, State

OPEN, REVOKING, ALARM, CONFLICT = "open", "revoking", "alarm", "conflict"
STATUSES = {
    OPEN: "Open",
    REVOKING: "A revocation waits to be acknowledged",
    ALARM: "Different digits were heard",
    CONFLICT: "A key was shown in two ways",
}
CAPTIONS = {
    "keys": "Keys · opened by {by:party} · {at:day} · {keys:number} shown, {revoked:number} "
    "revoked · {act:act}",
    ANSWER: "Answer {to:party}, to read a key aloud",
    REVEAL: "Tell {to:party} your number, to read a key aloud",
    HEAR: "Say whether {to:party} read the same digits",
    ACKNOWLEDGE: "Acknowledge that {to:party} revoked a key",
}
KEY, EVIDENCE, REVOKED, ACKNOWLEDGED, DIFFERED = (
    "key",
    "evidence",
    "revoked",
    "acknowledged",
    "differed",
)
"""The kinds of subjects."""


class Word(NamedTuple):
    """What one of two heard: ``time`` in ms, who, in which act, and whether the ``same``."""

    time: int
    act: Id
    same: bool
    author: PartyId


def summary(state: State) -> Summary:
    """Return what lists and look-ups know of a dossier of keys."""
    (opened,) = state.entries("opened")
    parties = members_of(state)
    duties = (_duty(*map(str, key)) for key in state.open("owed", "settled"))
    owed = tuple(sorted((d for d in duties if d.who in parties), key=_by_act))
    revoked = {*_revoked(state)}
    params = {
        "by": opened.author,
        "at": str(opened.value),
        "keys": str(len({*_keys(state)})),
        "revoked": str(len(revoked)),
        "act": opened.act,
    }
    subjects = tuple(sorted({*_subjects(state)}, key=_by_value))
    return Summary(
        status=_status(state, owed, subjects),
        parties=parties,
        duties=owed,
        caption=Caption("keys", params),
        subjects=subjects,
    )


def _status(state: State, owed: Iterable[Duty], subjects: Iterable[Subject]) -> str:
    if any(each.kind == DIFFERED for each in subjects):
        return ALARM
    if any(_is_told_in_two_ways(state, *key) for key in _keys(state)):
        return CONFLICT
    return REVOKING if any(duty.what == ACKNOWLEDGE for duty in owed) else OPEN


def _is_told_in_two_ways(state: State, party: PartyId, fingerprint: str) -> bool:
    told = [_items(entry)[1:] for entry in state.entries("key", fingerprint, by=party)]
    return any(each != told[0] for each in told)


def _duty(_begun: str, who: str, what: str, act: str, to: str) -> Duty:
    return Duty(PartyId(who), what, None, act, PartyId(to))


def _by_act(duty: Duty) -> tuple[str, str]:
    return duty.act, duty.who


def _by_value(subject: Subject) -> tuple[str, str, Id]:
    return subject.kind, subject.value, subject.act


def _items(entry: Entry) -> list[Value]:
    return cast("list[Value]", entry.value)


def _keys(state: State) -> Iterator[tuple[PartyId, str]]:
    """Yield (party, fingerprint) of every key that was shown."""
    return _named(state, "key")


def _revoked(state: State) -> Iterator[tuple[PartyId, str]]:
    """Yield (party, fingerprint) of every key that was revoked."""
    return _named(state, "revoked")


def _named(state: State, cell: str) -> Iterator[tuple[PartyId, str]]:
    for (fingerprint,) in state.keys(cell):
        for entry in state.entries(cell, fingerprint):
            yield entry.author, str(fingerprint)


# By what a dossier is found


def _subjects(state: State) -> Iterator[Subject]:
    yield from _shown(state)
    yield from _ended(state)
    yield from _newest((*_stated(state), *_read_aloud(state)))
    yield from _differed(state)


def _shown(state: State) -> Iterator[Subject]:
    """Yield every key, in each way in which it was told at last."""
    for party, fingerprint in {*_keys(state)}:
        for entry in state.entries("key", fingerprint, by=party):
            time, algorithm, holder = _items(entry)
            value = f"{party}/{holder}/{algorithm}/{fingerprint}"
            yield Subject(KEY, value, _number(time), _end(state, party, fingerprint), entry.act)


def _end(state: State, party: PartyId, fingerprint: str) -> int | None:
    """Return when a key was first revoked."""
    return state.bound(How.LEAST, "ended", party, fingerprint)


def _ended(state: State) -> Iterator[Subject]:
    """Yield every revocation, and who has acknowledged it."""
    for party, fingerprint in {*_revoked(state)}:
        for entry in state.entries("revoked", fingerprint, by=party):
            value = f"{party}/{fingerprint}"
            yield Subject(REVOKED, value, _number(_items(entry)[0]), None, entry.act)
            for ack in state.entries("ack", entry.act):
                said = f"{value}/{ack.author}"
                yield Subject(ACKNOWLEDGED, said, _number(ack.value), None, ack.act)


def _stated(state: State) -> Iterator[Subject]:
    """Yield the evidence that parties state of keys of others."""
    for party, fingerprint, level in state.keys("evidence"):
        for entry in state.entries("evidence", party, fingerprint, level):
            time, word = _items(entry)
            if word != K0:
                value = f"{party}/{fingerprint}/{level}/{entry.author}"
                end = _end(state, PartyId(str(party)), str(fingerprint))
                yield Subject(EVIDENCE, value, _number(time), end, entry.act)


def _read_aloud(state: State) -> Iterator[Subject]:
    """Yield the evidence of readings in which both heard the same; none was taken back."""
    for told, entry in _readings(state):
        if _is_heard(words := _words(state, told)) and not state.has("lapsed", told):
            party, fingerprint, verifier = map(str, _items(entry))
            value = f"{party}/{fingerprint}/{K2}/{verifier}"
            last, end = max(words), _end(state, PartyId(party), fingerprint)
            yield Subject(EVIDENCE, value, last.time, end, last.act)


def _differed(state: State) -> Iterator[Subject]:
    """Yield the readings in which somebody heard different digits, as long as that stands.

    It ends when the key is revoked, or when both have heard the same in a later reading.
    """
    later = _later(state)
    for told, entry in _readings(state):
        party, fingerprint, verifier = map(str, _items(entry))
        words = [word for word in _words(state, told) if not word.same]
        ended = _end(state, PartyId(party), fingerprint) is not None
        if words and not ended and not _is_over(state, later.get(told, {})):
            last = max(words)
            yield Subject(DIFFERED, f"{party}/{fingerprint}/{verifier}", last.time, None, last.act)


def _later(state: State) -> dict[str, dict[str, set[str]]]:
    """Return the later readings in which who got over a difference, by the reading it was in."""
    found: dict[str, dict[str, set[str]]] = {}
    for reading, earlier, who in state.keys("passed"):
        found.setdefault(str(earlier), {}).setdefault(str(reading), set()).add(str(who))
    return found


def _is_over(state: State, later: Mapping[str, set[str]]) -> bool:
    return any(len(who) > 1 and _is_heard(_words(state, each)) for each, who in later.items())


def _readings(state: State) -> Iterator[tuple[str, Entry]]:
    for (told,) in state.keys("reading"):
        for entry in state.entries("reading", told):
            yield str(told), entry


def _words(state: State, told: str) -> list[Word]:
    return [
        Word(_number(_items(e)[1]), e.act, _items(e)[0] == SAME, e.author)
        for e in state.entries("heard", told)
    ]


def _is_heard(words: list[Word]) -> bool:
    """Say whether both have heard the same digits, and nobody different ones."""
    return len({word.author for word in words}) > 1 and all(word.same for word in words)


def _newest(found: Iterable[Subject]) -> Iterator[Subject]:
    """Yield of subjects with one value the newest."""
    newest: dict[str, Subject] = {}
    for subject in sorted(found, key=lambda s: (s.begins or 0, s.act)):
        newest[subject.value] = subject
    yield from newest.values()


def _number(value: Value) -> int:
    return cast("int", value)
