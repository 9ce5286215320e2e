"""Tags of languages, in their one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.language import LIMIT, is_tag, spelled

# RFC 5646 appendix A and section 2.2, each by its own production.
TAGS = (
    *("de", "ast", "qaa", "abcd", "abcdefgh", "zh-Hant", "zh-cmn-Hans-CN", "zh-yue-HK", "sr-Latn"),
    *(
        "sr-Latn-RS",
        "sl-rozaj",
        "sl-rozaj-biske",
        "de-CH-1901",
        "sl-IT-nedis",
        "hy-Latn-IT-arevela",
    ),
    *("de-DE", "es-419", "de-CH-x-phonebk", "az-Arab-x-aze-derbend", "x-whatever", "qaa-Qaaa-QM"),
    *(
        "en-US-u-islamcal",
        "zh-CN-a-myext-x-private",
        "en-a-myext-b-another",
        "ar-a-aaa-b-bbb-a-ccc",
    ),
    *("de-1996", "de-1a2b", "a" * 8 + "-x-" + "b" * 8, "x-a", "en-x-us", "und"),
)
WRONG = (
    *(
        "",
        "a",
        "EN",
        "en-gb",
        "EN-GB",
        "zh-hans",
        "zh-HANS",
        "de-419-DE",
        "a-DE",
        "de-",
        "-de",
        "de--DE",
    ),
    *("de_DE", "en-x", "en-a", "x", "abcdefghi", "de-abc-abc-abc-abc", "en\n", " en", "i-klingon"),
    *(
        "en-GB-oed",
        "de-1",
        "de-12",
        "deutsch land",
        "en-X-us",
        "en-x-US",
        "de-1A2b",
        "\u0435n",
        "e\u0131",
    ),
)


@pytest.mark.parametrize("tag", TAGS)
def test_a_well_formed_tag_in_its_spelling_is_taken(tag: str) -> None:
    assert is_tag(tag)
    for written in (tag, tag.lower(), tag.upper(), f" {tag} ", tag.replace("-", "_")):
        assert spelled(written) == tag


@pytest.mark.parametrize("text", WRONG)
def test_another_text_is_no_tag(text: str) -> None:
    assert not is_tag(text)


@pytest.mark.parametrize("value", [None, 5, b"en", ["en"], True])
def test_another_type_is_no_tag(value: object) -> None:
    assert not is_tag(value)


def test_a_tag_has_at_most_35_characters() -> None:
    longest = "de" + "-abcdefgh" * 3 + "-abcde"
    assert len(longest) == LIMIT
    assert is_tag(longest)
    assert not is_tag(longest + "f")


@given(st.text(st.sampled_from("abxzABXZ019-_ \u0130"), max_size=12))
def test_a_tag_has_one_spelling(text: str) -> None:
    tag = spelled(text)
    assert spelled(tag) == tag
    if is_tag(text):
        assert tag == text
