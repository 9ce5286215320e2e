"""Every string people read is translated, whole, in every language that has a catalogue."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from comity import settings as comity_settings
from comity.edge.web import languages
from comity.services.directory import calling
from tools import messages

TEMPLATES = Path(messages.WEB) / "templates"
LANGUAGES = messages.languages()
PLACEHOLDER = re.compile(r"%\([a-z_]+\)s|%%|\{[a-z0-9_:.]+\}|</?[a-z]+>")
OURS = {"Comity", "SHA", "STIX", "TLP", "UTC"}
"""Words that are the same in every language."""


def placeholders(text: str) -> Counter[str]:
    """Return what a translation has to keep."""
    return Counter(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated(language: str) -> None:
    lacking = list(messages.missing(messages.updated(language)))
    assert not lacking, f"`python -m tools.messages --missing {language}` lists {len(lacking)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_what_is_there_now(language: str) -> None:
    fresh = messages.updated(language)
    path = messages.LOCALE / messages.folder_of(language) / "LC_MESSAGES" / "django.po"
    assert path.read_bytes() == messages.as_po(fresh), "run `make messages`"
    with path.open("rb") as file:
        compiled = messages.as_mo(read_po(file, locale=messages.folder_of(language)))
    assert path.with_suffix(".mo").read_bytes() == compiled, "run `make messages`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_every_placeholder(language: str) -> None:
    for message in messages.read(language):
        if not message.id:
            continue
        if isinstance(message.id, str):
            pairs = [(message.id, message.string)]
        else:
            pairs = [(message.id[1], form) for form in message.string or ()]
        for source, form in pairs:
            wanted, found = placeholders(source), placeholders(str(form))
            # Of one thing, or two, a language may say the number by the word alone.
            if not isinstance(message.id, str):
                wanted.pop("%(n)s", None)
                found.pop("%(n)s", None)
            assert wanted == found, (source, form)


@pytest.mark.parametrize(
    "path",
    [*sorted(TEMPLATES.rglob("*.html")), *messages.forms()],
    ids=lambda path: str(path.relative_to(messages.SOURCE)),
)
def test_no_template_says_a_word_that_is_not_translated(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{% blocktranslate.*?endblocktranslate %\}", " ", text, flags=re.DOTALL)
    # A command is the same in every language.
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<!doctype html>|<code[ >].*?</code>", " ", text)
    text = re.sub(r"<[^>]*>", " ", text)
    words = set(re.findall(r"[^\W\d_]{2,}", re.sub(r"&[a-z]+;", " ", text)))
    assert words <= OURS


def test_what_the_directory_says_is_among_the_messages() -> None:
    told = {*calling.NOTES, "There is no such key here."}
    assert told <= {*messages.messages()}


def test_a_language_without_a_review_says_so_on_every_page() -> None:
    assert languages.is_reviewed("en")
    for language in LANGUAGES:
        glossary = Path("docs/reference/glossary") / f"{language}.md"
        assert glossary.exists()
        assert languages.is_reviewed(language) == (language in languages.REVIEWED)


@pytest.mark.parametrize(
    "place",
    [
        "protocols",
        "services/casework",
        "services/people",
        "services/care/rehearsal.py",
        "edge/web",
    ],
)
def test_no_reason_is_put_together_where_it_cannot_be_translated(place: str) -> None:
    found = [
        ast.unparse(reason)
        for path in messages.programs(place)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for reason in messages.given(node)
        if isinstance(reason, ast.JoinedStr)
    ]
    assert not found


def test_a_language_comes_with_its_catalogue(tmp_path: Path) -> None:
    for name in ("pt_BR", "sw"):
        (tmp_path / name / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "pt_BR" / "LC_MESSAGES" / "django.mo").write_bytes(b"")
    (tmp_path / "sw" / "LC_MESSAGES" / "django.po").write_bytes(b"")
    assert comity_settings.languages(tmp_path) == [
        ("en", "English"),
        ("pt-br", "Português Brasileiro"),
    ]
