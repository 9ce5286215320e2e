"""Scales of confidence: the tables of STIX 2.1, appendix A, with the library of OASIS as oracle."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from comity.engines.confidence import STEPS, TAGS, Scale, of_tag, step, value

ORACLE = {
    Scale.LEVELS: ("none_low_med_high_to_value", "value_to_none_low_medium_high"),
    Scale.TEN: ("zero_ten_to_value", "value_to_zero_ten"),
    Scale.ADMIRALTY: ("admiralty_credibility_to_value", "value_to_admiralty_credibility"),
    Scale.WEP: ("wep_to_value", "value_to_wep"),
    Scale.DNI: ("dni_to_value", "value_to_dni"),
}


@pytest.mark.parametrize("scale", Scale)
def test_every_word_and_every_number_is_as_in_the_appendix(scale: Scale) -> None:
    oracle = import_module("stix2.confidence.scales")
    to_number, to_word = (getattr(oracle, name) for name in ORACLE[scale])
    for each in STEPS[scale]:
        assert value(scale, each.code) == to_number(each.label)
    for number in range(101):
        assert step(scale, number).label == to_word(number)


@pytest.mark.parametrize("scale", Scale)
def test_there_and_back_is_the_same_word(scale: Scale) -> None:
    for each in STEPS[scale]:
        assert step(scale, each.value) == each


@pytest.mark.parametrize(
    ("scale", "code", "number", "other", "there"),
    [
        (Scale.ADMIRALTY, "2", 70, Scale.DNI, "likely"),
        (Scale.DNI, "very-likely", 85, Scale.LEVELS, "high"),
        (Scale.LEVELS, "low", 15, Scale.TEN, "2"),
        (Scale.WEP, "certain", 100, Scale.ADMIRALTY, "1"),
        (Scale.TEN, "0", 0, Scale.WEP, "impossible"),
    ],
)
def test_a_word_goes_from_scale_to_scale(
    scale: Scale, code: str, number: int, other: Scale, there: str
) -> None:
    assert value(scale, code) == number
    assert step(other, number).code == there


def test_that_truth_cannot_be_judged_is_no_number() -> None:
    assert value(Scale.ADMIRALTY, "6") is None
    with pytest.raises(ValueError, match="write one of 0, 1, 2, 3"):
        value(Scale.TEN, "11")
    with pytest.raises(ValueError, match="write one of none, low, medium, high"):
        value(Scale.LEVELS, "Low")


@pytest.mark.parametrize("number", [-1, 101])
def test_a_number_beyond_the_scale_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 100"):
        step(Scale.DNI, number)


@pytest.mark.parametrize(
    ("tag", "number"),
    [
        (("admiralty-scale", "information-credibility", "2"), 70),
        (("admiralty-scale", "information-credibility", "6"), None),
        (("admiralty-scale", "source-reliability", "a"), None),
        (("estimative-language", "likelihood-probability", "almost-certain"), 95),
        (("estimative-language", "confidence-in-analytic-judgment", "moderate"), 50),
        (("estimative-language", "likelihood-probability", "surely"), None),
    ],
)
def test_tags_of_misp_say_a_number(tag: tuple[str, str, str], number: int | None) -> None:
    assert of_tag(*tag) == number


@pytest.mark.parametrize("name", ["admiralty-scale", "estimative-language"])
def test_every_tag_of_these_taxonomies_is_understood(shared: Path, name: str) -> None:
    file = shared / "data" / "misp" / "taxonomies" / f"{name}.json"
    if not file.is_file():
        pytest.skip(f"no taxonomy in {file}")
    for told in json.loads(file.read_bytes())["values"]:
        if (name, told["predicate"]) in TAGS:
            for entry in told["entry"]:
                number = of_tag(name, told["predicate"], entry["value"])
                assert (number is None) is (entry["value"] == "6"), entry
