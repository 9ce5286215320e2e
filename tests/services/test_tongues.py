"""What languages are called, and who reads what."""

from __future__ import annotations

import pytest

from comity.services.casework import tongues


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("fr", "French"),
        ("zh-Hans", "Simplified Chinese"),
        ("ar-SY", "Arabic (ar-SY)"),
        ("sr-Latn-RS", "Serbian Latin (sr-Latn-RS)"),
        ("zh", "zh"),
        ("qaa-QM", "qaa-QM"),
    ],
)
def test_a_language_is_called_by_its_name_or_by_its_tag(tag: str, name: str) -> None:
    assert tongues.named(tag) == name


def test_its_name_is_said_in_the_language_of_who_reads() -> None:
    assert tongues.named("fr-CH", {"French": "Französisch"}.__getitem__) == "Französisch (fr-CH)"


@pytest.mark.parametrize(
    ("reader", "tag", "reads"),
    [
        ("en", "en", True),
        ("en", "en-GB", True),
        ("zh-hans", "zh-Hans", True),
        ("zh-hans", "zh", True),
        ("zh-hans", "zh-Hant", False),
        ("en", "enm", False),
        ("fr", "en", False),
    ],
)
def test_who_reads_a_language_reads_what_says_more_or_less(
    reader: str, tag: str, *, reads: bool
) -> None:
    assert tongues.reads(reader, tag) is reads


@pytest.mark.parametrize(
    ("tag", "from_right"),
    [("ar", True), ("ar-SY", True), ("he", True), ("fr", False), ("qaa", False)],
)
def test_it_is_known_which_languages_are_written_from_the_right(
    tag: str, *, from_right: bool
) -> None:
    assert tongues.is_from_right(tag) is from_right
