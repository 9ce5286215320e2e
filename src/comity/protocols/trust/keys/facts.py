"""What acts about keys add up to, as facts that join in any order.

One-writer cells: ``opened`` (time), ``key`` (by fingerprint, of whose it is: time, algorithm,
holder), ``evidence`` (by party, fingerprint and level, of who verifies: time, level), ``reading``
(by the act that told the number, of who began: party and fingerprint of the key, verifier),
``heard`` (by the same, of each of the two: word, time), ``revoked`` (by fingerprint, of whose it
is: time, reason), ``ack`` (by revocation, of each party: time).

Sets: ``lapsed`` (readings whose verifier took its word back), ``passed`` (reading, earlier reading
in which different digits were heard, party that heard the same in the first), ``owed`` (act that
began it, party, what, act, to) and ``settled`` (a beginning of it). A bound: ``ended`` (by party
and fingerprint) is the time of the first revocation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.fold import add, latest, least
from comity.protocols.trust.keys.acts import (
    AcknowledgeRevocation,
    AnswerWords,
    CommitWords,
    Heard,
    Open,
    RevealWords,
    RevokeKey,
    ShowKey,
    Verify,
    read,
)
from comity.protocols.trust.keys.chain import key_of, reading_of
from comity.protocols.trust.keys.codes import DIFFERENT, K0, K1, K3, SAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.kernel.canon import Value
    from comity.kernel.fold import Fact
    from comity.kernel.graph import Node, Past
    from comity.protocols.trust.keys.chain import Reading

ANSWER, REVEAL, HEAR = "answer_words", "reveal_words", "heard"
ACKNOWLEDGE = "acknowledge_revocation"
"""What is owed; also the codes of the captions that say so, and the kinds that do it."""


def facts(node: Node, past: Past) -> tuple[Fact, ...]:
    """Return what one act that has effect says."""
    return (*_said(node, past), *_read_aloud(node, past))


def _said(node: Node, past: Past) -> Iterator[Fact]:
    """Yield what an act says of keys."""
    header = node.header
    match read(header):
        case Open():
            yield latest("opened", value=header.time)
        case ShowKey() as key:
            told: list[Value] = [header.time, key.algorithm, key.holder]
            yield latest("key", key.fingerprint, value=told)
        case Verify(level=level):
            yield from _verified(node, past, level)
        case RevokeKey(reason=reason):
            yield from _revoked(node, past, reason)
        case AcknowledgeRevocation():
            for id_ in header.refs:
                yield latest("ack", id_, value=header.time)
                yield add("settled", id_, header.party, ACKNOWLEDGE)
        case _:
            pass


def _verified(node: Node, past: Past, level: str) -> Iterator[Fact]:
    """Yield what a party states. ``k0`` takes all of it back, and what was read aloud."""
    key, time = key_of(node, past), node.header.time
    for each in (K1, K3) if level == K0 else (level,):
        yield latest("evidence", *key, each, value=[time, level])
    if level == K0:
        for told in past.all(REVEAL):
            reading = reading_of(told, past)
            if reading.verifier == node.header.party and key_of(told, past) == key:
                yield add("lapsed", told.id)


def _revoked(node: Node, past: Past, reason: str) -> Iterator[Fact]:
    """Yield the end of a key: every other member owes a word on it, and nobody reads it aloud."""
    key, header = key_of(node, past), node.header
    yield latest("revoked", key.fingerprint, value=[header.time, reason])
    yield least("ended", *key, value=header.time)
    for party in sorted(past.members - {header.party}):
        yield add("owed", node.id, party, ACKNOWLEDGE, node.id, header.party)
    # A word on the last revocation is enough.
    for other in (*past.all(CommitWords.KIND.kind), *past.all(header.kind)):
        if key_of(other, past) == key:
            yield add("settled", other.id)


def _read_aloud(node: Node, past: Past) -> Iterator[Fact]:
    """Yield what an act adds to the reading aloud of a key."""
    act = read(node.header)
    if not isinstance(act, CommitWords | AnswerWords | RevealWords | Heard):
        return
    reading = reading_of(node, past)
    begun, first, second = reading.commit.id, reading.first, reading.second
    match act:
        case CommitWords():
            yield add("owed", begun, second, ANSWER, node.id, first)
            yield from _begun_anew(node, past, reading)
        case AnswerWords():
            yield add("settled", begun, second, ANSWER)
            yield add("owed", begun, first, REVEAL, node.id, second)
        case RevealWords():
            told: list[Value] = [*key_of(node, past), reading.verifier]
            yield latest("reading", node.id, value=told)
            yield add("settled", begun, first, REVEAL)
            yield add("owed", begun, first, HEAR, node.id, second)
            yield add("owed", begun, second, HEAR, node.id, first)
        case _:
            yield from _heard(node, past, reading)


def _heard(node: Node, past: Past, reading: Reading) -> Iterator[Fact]:
    """Yield what one of the two heard."""
    header, word = node.header, Heard.checked(node.header).word
    (told,) = header.refs
    yield latest("heard", told, value=[word, header.time])
    yield add("settled", reading.commit.id, header.party, HEAR)
    if word == SAME:
        yield from _passed(node, past, reading)


def _begun_anew(node: Node, past: Past, reading: Reading) -> Iterator[Fact]:
    """Yield that who begins again has given up what it began before with the same party."""
    for other in past.all(node.header.kind, node.header.party):
        earlier = reading_of(other, past)
        if (earlier.second, earlier.shown) == (reading.second, reading.shown):
            yield add("settled", other.id)


def _passed(node: Node, past: Past, reading: Reading) -> Iterator[Fact]:
    """Yield which earlier differences the author has got over by hearing the same now."""
    key, (told,) = key_of(node, past), node.header.refs
    for other in past.all(HEAR):
        (earlier,) = other.header.refs
        differed = Heard.checked(other.header).word == DIFFERENT
        of_the_two = reading_of(other, past).verifier == reading.verifier
        if differed and of_the_two and key_of(other, past) == key:
            yield add("passed", told, earlier, node.header.party)
