"""In which lanes a dossier stands, and an act in it, by what is coded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from comity.kernel import lanes
from comity.kernel.act import Header

BOTH = ("diplomatic", "technical")


def header(body: dict[str, Any]) -> Header:
    return cast("Header", SimpleNamespace(body=body))


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (None, BOTH),
        ({}, BOTH),
        ({"lanes": ["technical"]}, ("technical",)),
        ({"lanes": ["technical", "diplomatic"]}, BOTH),
        ({"lanes": ["legal"]}, BOTH),
        ({"lanes": "technical"}, BOTH),
    ],
)
def test_the_opening_names_lanes_of_the_protocol_or_all_are_meant(
    terms: object, expected: tuple[str, ...]
) -> None:
    body = {} if terms is None else {"terms": terms}
    assert lanes.of_dossier(BOTH, header(body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, BOTH),
        ({"lane": "technical"}, ("technical",)),
        ({"lane": "legal"}, BOTH),
        ({"lane": 7}, BOTH),
    ],
)
def test_an_act_names_a_lane_of_the_dossier_or_is_for_all(
    body: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert lanes.of_act(BOTH, header(body)) == expected


def test_where_there_is_one_lane_nothing_else_is_meant() -> None:
    assert lanes.of_act(("technical",), header({"lane": "diplomatic"})) == ("technical",)
