"""The registry of rules, and the one shape of a refusal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.errors import RULES, Pending, Phrase, Refusal, Retry, Void

SOURCE = Path(__file__).resolve().parents[2] / "src" / "comity"
# A rule id as it is written in code: a whole string, alone.
_USED = re.compile(r'"([KWLTSX][1-9][0-9]?)"')


def used(*folders: str) -> set[str]:
    files = [f for folder in folders for f in (SOURCE / folder).rglob("*.py")]
    texts = (f.read_text(encoding="utf-8") for f in files if f.name != "errors.py")
    return {rule for text in texts for rule in _USED.findall(text)}


def test_every_rule_that_refuses_is_in_the_registry() -> None:
    assert used(".") <= RULES.keys()


@pytest.mark.parametrize("family", ["K", "L", "W"])
def test_every_rule_of_the_kernel_is_used(family: str) -> None:
    assert {rule for rule in RULES if rule.startswith(family)} <= used("kernel")


def test_rules_have_families_and_consecutive_numbers() -> None:
    for family in "KWLTS":
        numbers = [int(rule[1:]) for rule in RULES if rule.startswith(family)]
        assert numbers == [*range(1, len(numbers) + 1)]
    assert {rule[0] for rule in RULES} == set("KWLTSX"), "X has tens, one for each format"


def test_every_title_is_a_sentence() -> None:
    assert all(rule.title.endswith(".") and len(rule.title) < 90 for rule in RULES.values())


def test_a_refusal_has_one_shape() -> None:
    refusal = Refusal("K17", "The format is newer.", "ab12")
    assert refusal.shape() == {
        "rule": "K17",
        "reason": "The format is newer.",
        "subject": "ab12",
        "retry": "after-upgrade",
    }
    assert str(refusal) == "K17: The format is newer. [ab12]"
    assert str(Refusal("K1", "Too large.")) == "K1: Too large."
    assert Refusal("K1", "Too large.").retry is Retry.NEVER


def test_pending_says_what_is_missing() -> None:
    pending = Pending(acts=frozenset({"a", "b"}), documents=frozenset({"c"}))
    assert pending.acts == {"a", "b"}
    assert pending.documents == {"c"}
    assert str(pending) == "2 acts and 1 documents are not held yet"


def test_a_void_act_names_its_guard() -> None:
    void = Void("D2", "No claim is cited.")
    assert (void.rule, void.reason, str(void)) == (
        "D2",
        "No claim is cited.",
        "D2: No claim is cited.",
    )


def test_a_phrase_is_its_english() -> None:
    told = Phrase("{count} items wait for {party}", count=3, party="Orvanda")
    assert told == "3 items wait for Orvanda"
    assert f"{told}." == "3 items wait for Orvanda."


def test_a_phrase_is_said_in_another_language_with_the_phrases_in_it() -> None:
    words = {"{label}: {why}": "{why} ({label})", "Answer": "Réponse", "wait": "attendez"}
    told = Phrase("{label}: {why}", label=Phrase("Answer"), why=Phrase("wait"))
    assert told == "Answer: wait"
    assert told.said(lambda text: words.get(text, text)) == "attendez (Réponse)"


def test_a_value_that_is_no_phrase_is_said_as_it_is() -> None:
    # A party may be called like one of our words.
    told = Phrase("Ask {party}", party="Answer")
    assert told.said(lambda text: text.replace("Answer", "Réponse")) == "Ask Answer"


@given(st.text(), st.text())
def test_a_value_is_never_taken_for_a_template(one: str, other: str) -> None:
    assert Phrase("{a}/{b}", a=one, b=other) == f"{one}/{other}"
    assert Phrase("{a}/{b}", a=Phrase(one), b=other).said(str) == f"{one}/{other}"


def test_a_phrase_of_a_phrase_is_that_phrase() -> None:
    told = Phrase("{count} days", count=2)
    assert Phrase(told) is told
