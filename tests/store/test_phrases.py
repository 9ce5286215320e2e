"""Phrases as they are kept: read again as they were, and said in another language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.errors import Phrase
from comity.store.phrases import packed, unpacked

NESTED = Phrase("{what} by {who}.", what=Phrase("{n} objects", n=3), who="Tolmere {n}")
DUTCH = {"{what} by {who}.": "{what} door {who}.", "{n} objects": "{n} objecten"}


def test_what_is_kept_is_said_in_another_language() -> None:
    found = unpacked(packed(NESTED))
    assert found == NESTED == "3 objects by Tolmere {n}."
    assert isinstance(found, Phrase)
    assert found.said(lambda text: DUTCH.get(text, text)) == "3 objecten door Tolmere {n}."


@pytest.mark.parametrize("plain", ["It is STIX 2.0.", "", "{n} objects", "{", "[1]"])
def test_plain_text_is_kept_plain(plain: str) -> None:
    assert packed(plain) == packed(Phrase(plain)) == unpacked(plain) == plain


@pytest.mark.parametrize(
    "text",
    ['{"template":', '{"template":1}', '{"template":"a","values":[]}', '{"template":"a"} gave it'],
)
def test_what_only_begins_as_a_phrase_stays_what_it_is(text: str) -> None:
    assert unpacked(text) == text
    assert unpacked(packed(text)) == text


@given(st.text(), st.text())
def test_whatever_was_kept_is_read_again(text: str, value: str) -> None:
    assert unpacked(packed(text)) == text
    made = Phrase(text.replace("\x00", ""), value=value)
    assert unpacked(packed(made)) == made
