"""What keys must hold whoever says what: in readings aloud, and after a key was revoked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.act import Act
from comity.kernel.fold import State
from comity.kernel.ids import Id, PartyId
from comity.protocols.trust.keys import PROTOCOL
from comity.protocols.trust.keys.acts import (
    AnswerWords,
    Heard,
    RevealWords,
    RevokeKey,
    Verify,
)
from comity.protocols.trust.keys.codes import ALGORITHMS, LENGTHS, LEVELS, REASONS
from comity.protocols.trust.keys.summary import ALARM, EVIDENCE
from comity.protocols.trust.keys.words import Side, commitment, short_string
from tests.protocols.strategies import bodies
from tests.protocols.table import Table
from tests.protocols.trust.keys.cases import DESK, LOST, NIGHT, THEIRS, begin, nonce, read_aloud

NUMBERS = st.binary(min_size=32, max_size=32).map(bytes.hex)
IDS = [Id(nonce(name)) for name in ("commit", "doc", "other doc", "show")]
ORVANDA, TOLMERE = PartyId(nonce("orvanda")), PartyId(nonce("tolmere"))
FIRST, SECOND = Side(ORVANDA, IDS[1], nonce("first")), Side(TOLMERE, IDS[2], nonce("second"))


def shown() -> tuple[Table, Act]:
    """A table of three where Orvanda has shown the key of its desk."""
    table = Table(PROTOCOL)
    table.open()
    return table, table.say("orvanda", DESK)


# The digits


def test_the_digits_are_frozen() -> None:
    assert short_string(IDS[0], FIRST, SECOND, DESK.fingerprint) == "9874 0707"
    hidden = commitment(ORVANDA, TOLMERE, IDS[3], nonce("first"))
    assert hidden == "7f20d07a89a7515cdce5f25eb8f28fda1e00cfc85b78205d181518da9357ec42"


@given(numbers=st.tuples(NUMBERS, NUMBERS))
def test_the_digits_are_two_groups_of_four(numbers: tuple[str, str]) -> None:
    first, second = FIRST._replace(nonce=numbers[0]), SECOND._replace(nonce=numbers[1])
    read = short_string(IDS[0], first, second, DESK.fingerprint)
    assert [len(group) for group in read.split(" ")] == [4, 4]
    assert read.isascii()
    assert read.replace(" ", "").isdigit()


def test_the_digits_hang_on_all_that_was_said_before() -> None:
    others = {
        short_string(IDS[1], FIRST, SECOND, DESK.fingerprint),
        short_string(IDS[0], SECOND, FIRST, DESK.fingerprint),
        short_string(IDS[0], FIRST, SECOND, NIGHT.fingerprint),
    }
    for name in Side._fields:
        wrong: Any = {name: nonce("wrong")}
        others.add(short_string(IDS[0], FIRST._replace(**wrong), SECOND, DESK.fingerprint))
        others.add(short_string(IDS[0], FIRST, SECOND._replace(**wrong), DESK.fingerprint))
    others.add(short_string(IDS[0], FIRST, SECOND, DESK.fingerprint))
    assert len(others) == 10


def test_a_commitment_is_that_of_one_party_to_one_other_for_one_key() -> None:
    told = (ORVANDA, TOLMERE, IDS[3], nonce("first"))
    wrong = {(*told[:at], nonce("wrong"), *told[at + 1 :]) for at in range(4)}
    assert len({commitment(*each) for each in (told, *wrong)}) == 5  # type: ignore[arg-type]


# Reading aloud


@given(number=NUMBERS, told=NUMBERS)
def test_a_commitment_opened_to_another_number_is_refused(number: str, told: str) -> None:
    table, key = shown()
    commit = begin(table, "tolmere", "orvanda", key, "first")
    answer = table.say("orvanda", AnswerWords(nonce=number), [commit])
    act = table.say("tolmere", RevealWords(nonce=told), [answer])
    assert table.verdict(act) == "D8"


@given(words=st.tuples(st.sampled_from(["same", "different"]), st.sampled_from([True, False])))
def test_k2_is_reached_when_both_heard_the_same_alone(words: tuple[str, bool]) -> None:
    word, apart = words
    table, key = shown()
    told = read_aloud(table, "tolmere", "orvanda", key)
    table.catch_up("tolmere")
    table.say("orvanda", Heard(word="same"), [told])
    assert levels(table) == []
    table.say("tolmere", Heard(word=word), [told], apart=apart)
    assert levels(table) == (["k2"] if word == "same" else [])
    assert (status(table) == ALARM) == (word == "different")


def levels(table: Table) -> list[str]:
    """The levels of all evidence in force."""
    summary = table.seen.summary()
    assert summary is not None
    found = [s for s in summary.subjects if s.kind == EVIDENCE and s.ends is None]
    return [subject.value.split("/")[2] for subject in found]


def status(table: Table) -> str:
    """The status of the dossier."""
    summary = table.seen.summary()
    assert summary is not None
    return summary.status


def test_the_longest_subject_fits() -> None:
    table = Table(PROTOCOL)
    table.open()
    long = max(ALGORITHMS, key=lambda code: (LENGTHS[code], len(code)))
    key = replace(DESK, algorithm=long, fingerprint="0" * LENGTHS[long], holder="h" * 64)
    act = table.say("orvanda", key)
    told = read_aloud(table, "tolmere", "orvanda", act)
    for voice in ("orvanda", "tolmere"):
        table.say(voice, Heard(word="same"), [told])
    table.say("orvanda", LOST, [act])
    summary = table.seen.summary()
    assert summary is not None
    assert max(len(subject.value) for subject in summary.subjects) == 200


# Whose word counts


@given(data=st.data())
def test_a_party_cannot_verify_its_own_key(data: st.DataObject) -> None:
    table, key = shown()
    body = data.draw(bodies(Verify.KIND.body, table))
    assert table.verdict(table.say("orvanda", "verify", [key], body)) is not None
    assert levels(table) == []


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("voice", ["tolmere", "sarivane"])
def test_nobody_revokes_the_key_of_another(voice: str, reason: str) -> None:
    table, key = shown()
    assert table.verdict(table.say(voice, RevokeKey(reason=reason), [key])) == "D10"
    assert table.verdict(table.say("tolmere", Verify(level="k3", how="qr"), [key])) is None


OWN = [
    ("orvanda", DESK, 0),
    ("orvanda", replace(DESK, holder="night"), 0),
    ("tolmere", Verify(level="k1", seen=["dns", "wkd"]), 1),
    ("sarivane", Verify(level="k3", how="qr"), 1),
    ("sarivane", Verify(level="k0"), 1),
    ("orvanda", Heard(word="same"), 2),
    ("tolmere", Heard(word="different"), 2),
]
"""What may be tried of a key of Orvanda's: who, what, and which of (nothing, key, what was told) it
cites.
"""
HOLDER = [
    ("tolmere", Verify(level="k3", how="qr", holder="duty-1"), 1),
    ("tolmere", Verify(level="k0", holder="duty-1"), 1),
    ("tolmere", Heard(word="same"), 2),
]
"""The same, by a person of Tolmere's whose own key was revoked."""


@given(
    tried=st.lists(
        st.one_of(
            *(
                st.tuples(st.just(owner), st.sampled_from(acts), st.booleans())
                for owner, acts in (("orvanda", OWN), ("tolmere", HOLDER))
            )
        ),
        min_size=1,
        max_size=6,
    ),
    revoked=st.sampled_from(["orvanda", "tolmere"]),
)
def test_what_is_said_by_a_revoked_key_afterwards_has_no_effect(
    tried: list[tuple[str, tuple[str, Any, int], bool]], revoked: str
) -> None:
    table, key = shown()
    theirs = table.say("tolmere", THEIRS)
    begun = begin(table, "tolmere", "orvanda", key, holder="duty-1")
    answer = table.say("orvanda", AnswerWords(nonce=nonce("second")), [begun])
    told = table.say("tolmere", RevealWords(nonce=nonce("first")), [answer])
    for voice in table.voices:
        table.catch_up(voice)
    before = levels(table)
    gone = table.say(revoked, LOST, [key if revoked == "orvanda" else theirs])
    for owner, (voice, act, cited), apart in tried:
        if owner == revoked:
            said = table.say(voice, act, [[], [key], [told]][cited], apart=apart)
            knew = table.seen.graph.before(table.node(gone), table.node(said))
            assert knew or apart
            assert table.verdict(said) in ({"D2", "D5"} if knew else {None, "D9"})
    if revoked == "orvanda":
        assert levels(table) == before == []


def test_nobody_begins_or_tells_by_a_revoked_key() -> None:
    table, key = shown()
    theirs = table.say("tolmere", THEIRS)
    table.say("tolmere", LOST, [theirs])
    assert table.verdict(begin(table, "tolmere", "orvanda", key, holder="duty-1")) == "D5"
    assert table.verdict(begin(table, "orvanda", "tolmere", theirs)) == "D2"
    assert table.verdict(begin(table, "tolmere", "orvanda", key)) is None


def test_levels_rise() -> None:
    assert [*LEVELS] == sorted(LEVELS)


def test_what_was_got_over_is_looked_up_once_for_all_differences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, key = shown()
    for number in range(3):
        told = read_aloud(table, "tolmere", "orvanda", key, f"number {number}")
        table.say("tolmere", Heard(word="different"), [told])
    cells, keys = list[str](), State.keys

    def noted(state: State, cell: str) -> Any:
        cells.append(cell)
        return keys(state, cell)

    monkeypatch.setattr(State, "keys", noted)
    assert status(table) == ALARM
    assert cells.count("passed") == 1
