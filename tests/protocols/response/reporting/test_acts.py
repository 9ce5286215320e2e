"""What people write in a reporting file, as it is read."""

from __future__ import annotations

import pytest

from comity.protocols.response.reporting.acts import Open


@pytest.mark.parametrize(
    ("written", "code"),
    [("Europe/Paris", "europe/paris"), ("DE-BY", "de-by"), ("utc", "utc")],
)
def test_names_of_elsewhere_are_spelled_in_small_letters(written: str, code: str) -> None:
    zone = Open.KIND.body[0].type
    assert zone.from_text(written) == code


def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="a handle begins with a letter"):
        Open.KIND.body[0].type.from_text("+02:00")
