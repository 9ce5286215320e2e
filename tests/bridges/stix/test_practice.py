from __future__ import annotations

import pytest

from comity.bridges.stix.practice import (
    LESSON,
    Practice,
    Words,
    is_practice,
    marked,
    read,
    rewritten,
    tongues,
    translated,
    written,
)
from comity.kernel.label import TLP
from tests.bridges.stix.samples import CREATED, LATER, OTHER, UUID, Json, sdo
from tests.bridges.stix.samples import read as held

ID = f"course-of-action--{UUID}"
TOLD = Practice(
    kind=LESSON,
    title="Two keys for one door",
    text="A person alone locked us out.\nSince then two hold the keys.",
    lang="en",
    sectors=("energy", "telecommunications"),
    topics=("key custody",),
    references=("https://harbour.example/paper", "Paper 7 of the forum", "http://["),
)


def translation(lang: str, title: str, of: Json, uuid: str = OTHER) -> Json:
    words = Words(lang, title, "", f"language-content--{uuid}", late=False)
    return translated(of, words, CREATED, CREATED)


def test_what_is_written_is_an_object_and_is_read_back() -> None:
    value = marked(written(TOLD, ID, CREATED, LATER), TLP.GREEN)
    found = held(value)
    assert (found.marking.tlp, found.version > found.created) == (TLP.GREEN, True)
    assert is_practice(value)
    assert read(value) == TOLD
    assert value["external_references"][0]["source_name"] == "harbour.example"
    assert not is_practice(sdo("course-of-action", name="Close the port"))
    short = TOLD._replace(references=(), topics=(), sectors=())
    assert read(written(short, ID, CREATED, CREATED)) == short


def test_a_new_version_keeps_its_creator_and_what_a_practice_does_not_say() -> None:
    first = marked(written(TOLD, ID, CREATED, CREATED), TLP.GREEN)
    first |= {"created_by_ref": f"identity--{OTHER}", "x_chapter": 7}
    first |= {"granular_markings": [{"lang": "fr", "selectors": ["labels.[2]"]}]}
    short = TOLD._replace(references=(), topics=())
    value = rewritten(first, short, LATER)
    assert held(value).version > held(first).version
    assert read(value) == short
    assert (value["id"], value["created"], value["modified"]) == (ID, CREATED, LATER)
    assert (value["created_by_ref"], value["x_chapter"]) == (f"identity--{OTHER}", 7)
    assert not {"external_references", "object_marking_refs", "granular_markings"} & {*value}


def test_a_translation_is_an_object_marked_as_the_original() -> None:
    value = marked(written(TOLD, ID, CREATED, CREATED), TLP.GREEN)
    made = translation("fr", "Deux clés", value)
    held(made)
    assert made["object_marking_refs"] == value["object_marking_refs"]
    assert made["contents"] == {"fr": {"name": "Deux clés"}}


def test_words_are_found_by_language_those_of_this_version_first() -> None:
    old = written(TOLD, ID, CREATED, CREATED)
    value = written(TOLD, ID, CREATED, LATER)
    found = tongues(
        value,
        [
            translation("fr", "Vieux", old),
            translation("fr", "Neuf", value, UUID),
            translation("es", "Viejo", old),
            translation("en", "Not by its author", value),
            translation("de", "Of another", value) | {"object_ref": f"tool--{UUID}"},
        ],
    )
    assert [(each.lang, each.title, each.late) for each in found] == [
        ("en", TOLD.title, False),
        ("fr", "Neuf", False),
        ("es", "Viejo", True),
    ]


@pytest.mark.parametrize("contents", [{"fr": {"name": 7}}, {"fr": []}, {"fr": {"aliases": ["x"]}}])
def test_what_has_no_words_in_it_is_no_translation(contents: Json) -> None:
    value = sdo("tool", name="Crane")
    made = translation("fr", "x", value) | {"contents": contents}
    assert [each.title for each in tongues(value, [made])] == ["Crane"]
