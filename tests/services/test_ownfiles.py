"""Files that a party writes by hand, read so that nothing in them does more than be wrong."""

from __future__ import annotations

import pytest

from comity.services.response import ownfiles
from tests.kernel.world import refused

FILE = "regimes.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "a: !!int ''",
        "a: !!float ''",
        "a: !!bool perhaps",
        "a: !!timestamp soon",
        "a: !!binary é",
        "a: !!python/object/apply:os.system [id]",
        "a: 2026-02-31",
        "a: 1" + ":59" * 400 + ".5",
        "a: 0x" + "f" * 5000,
        "a: 1" + ":59" * 20_000,
        'a: "\\ud800"',
        '"\\udfff": a',
        "{[a]: b}",
        "a: 1\n---\nb: 2",
        "[" * 5000,
        "&a {<<: *a}",
        "a: {<<: {b: c}}",
    ],
)
def test_what_is_no_yaml_is_refused_whatever_it_says(text: str) -> None:
    with refused("S5"):
        ownfiles.parsed(text.encode(), FILE)


def test_a_number_as_people_write_them_is_read() -> None:
    assert ownfiles.parsed(b"a: [1, -0x10, 2026-02-28x]", FILE) == {"a": [1, -16, "2026-02-28x"]}


def test_pairs_that_refer_to_themselves_are_counted() -> None:
    with refused("S5"):
        ownfiles.parsed(b"a: &a !!pairs [b: *a]", FILE)


def test_mappings_that_merge_others_are_not_multiplied() -> None:
    # Each line is ten times the one before: the last would hold more than any memory.
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 20)]
    with refused("S5"):
        ownfiles.parsed("\n".join(lines).encode(), FILE)
