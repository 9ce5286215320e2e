"""States are written as two letters, and signed in one spelling."""

from __future__ import annotations

import re

import pytest

from comity.protocols._vocabulary.states import State, is_code, written

TYPE = State()


def test_people_write_them_in_any_case_and_read_capitals() -> None:
    assert TYPE.from_text("Fr") == TYPE.check("fr") == "fr"
    assert written("fr") == "FR"


@pytest.mark.parametrize("wrong", ["", "f", "fra", "FR", "f1", "é!", "fr\n", 7, None])
def test_what_is_none_says_what_to_write(wrong: object) -> None:
    with pytest.raises(ValueError, match="two letters of a state, as fr"):
        TYPE.check(wrong)  # type: ignore[arg-type]  # It is what others send.
    assert not isinstance(wrong, str) or not is_code(wrong)


def test_the_schema_takes_what_is_signed() -> None:
    pattern = TYPE.schema()["pattern"]
    assert isinstance(pattern, str)
    assert re.search(pattern, "fr")
    assert not re.search(pattern, "FR")
