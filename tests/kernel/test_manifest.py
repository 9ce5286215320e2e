"""The manifest: free text and files within the first part of content."""

from collections.abc import Callable
from typing import Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.canon import MAX_INT, Object
from comity.kernel.content import DOCUMENT, PART_LIMIT, STIX, Commitment
from comity.kernel.manifest import MAX_FILES, FileEntry, Manifest, build, parse
from tests.kernel import refusals

NAME = "report.pdf"


def commitment(data: bytes, parts: int = 1, size: int = 0) -> Commitment:
    return Commitment(DOCUMENT, parts, len(data) + size, "0" * 64)


def refuses(call: Callable[[], object]) -> None:
    refusals.refuses("K15", call)


def nested(levels: int) -> Object:
    value: Object = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"))
keys = st.text("abcxyz_019", min_size=1, max_size=12)
values = st.recursive(
    st.booleans() | st.integers(-MAX_INT, MAX_INT) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
).filter(lambda value: depth(value) <= 6)
sizes = st.sampled_from([0, 1, PART_LIMIT - 1, PART_LIMIT, PART_LIMIT + 1, 5 * PART_LIMIT])
files = st.lists(
    st.tuples(st.text("abc", min_size=1, max_size=8), st.just("text/plain"), sizes),
    max_size=5,
    unique_by=lambda f: f[0],
)


def depth(value: Any) -> int:
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, items), default=0)
    return 0


@given(st.dictionaries(keys, values, max_size=4), files)
def test_a_manifest_reads_what_it_writes(fields: Any, listed: list[tuple[str, str, int]]) -> None:
    manifest = build(fields, listed)
    data = manifest.to_bytes()
    total = sum(size for _, _, size in listed)
    assert parse(data, commitment(data, manifest.parts, total)) == manifest
    assert [entry.first for entry in manifest.files][:1] == [1][: len(listed)]


def test_it_says_in_which_language_it_was_written_or_nothing() -> None:
    plain, data = build({}).to_bytes(), build({}, lang="pt-BR").to_bytes()
    assert data == b'{"fields":{},"files":[],"lang":"pt-BR"}'
    assert parse(data, commitment(data)) == Manifest({}, (), "pt-BR")
    assert parse(plain, commitment(plain)).lang == ""
    refuses(lambda: build({}, lang="pt-br"))
    for wrong in (b'"pt-br"', b'""', b"1", b"null"):
        spoilt = data.replace(b'"pt-BR"', wrong)
        refuses(lambda spoilt=spoilt: parse(spoilt, commitment(spoilt)))  # type: ignore[misc]


def test_its_bytes_are_canonical_and_hold_text_of_any_script() -> None:
    text = "Zeile eins\n\tZeile zwei \u200fتحية\u2028"
    data = build({"text": text}, [(NAME, "application/pdf", 3)]).to_bytes()
    assert data.decode() == (
        '{"fields":{"text":"Zeile eins\\n\\tZeile zwei \u200fتحية\u2028"},"files":'
        '[{"first":1,"name":"report.pdf","parts":1,"size":3,"type":"application/pdf"}]}'
    )
    assert parse(data, commitment(data, 2, 3)).fields == {"text": text}


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a/b",
        "a\\b",
        "C:x",
        "a\x00b",
        "a\nb",
        "a\x7fb",
        "a\x85b",
        "cod\u202efdp.exe",
        "a\u2066b",
        "\ufeffa",
        " a",
        "a ",
        "a.",
        "a" * 256,
        "é" * 128,
        "\ud800",
    ],
)
def test_a_name_that_could_leave_its_folder_or_mislead_is_refused(name: str) -> None:
    refuses(lambda: build({}, [(name, "text/plain", 1)]).to_bytes())


@pytest.mark.parametrize(
    "name", ["a", ".profile", "دليل.txt", "é" * 127, "a" * 255, "a b (2).tar.gz"]
)
def test_an_ordinary_name_is_taken(name: str) -> None:
    data = build({}, [(name, "text/plain", 1)]).to_bytes()
    assert parse(data, commitment(data, 2, 1)).files[0].name == name


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        None,
        MAX_INT + 1,
        -MAX_INT - 1,
        "a\x00",
        "a\r\n",
        "a\x1b[2J",
        "a\x7f",
        "a\x9b",
        {"Key": 1},
        {"": 1},
        {"a" * 65: 1},
        nested(7),
    ],
)
def test_a_value_outside_the_profile_is_neither_written_nor_read(value: Any) -> None:
    fields = cast("Object", {"x": value})
    refuses(lambda: build(fields).to_bytes())
    data = orjson.dumps({"fields": fields, "files": []}, option=orjson.OPT_SORT_KEYS)
    refuses(lambda: parse(data, commitment(data)))


def test_the_largest_numbers_are_taken() -> None:
    data = build({"x": MAX_INT, "y": -MAX_INT}).to_bytes()
    assert parse(data, commitment(data)).fields == {"x": MAX_INT, "y": -MAX_INT}


def test_depth_counts_as_in_headers() -> None:
    data = build({"x": nested(6)}).to_bytes()
    assert parse(data, commitment(data)).fields == {"x": nested(6)}


def test_what_json_cannot_hold_is_not_written() -> None:
    refuses(lambda: build({"x": "\ud800"}).to_bytes())
    refuses(lambda: build(cast("Object", {1: "x"})).to_bytes())


def test_a_manifest_stays_within_one_part() -> None:
    refuses(lambda: build({"x": "a" * PART_LIMIT}).to_bytes())
    data = build({"x": "a" * (PART_LIMIT - 30)}).to_bytes()
    assert len(data) == PART_LIMIT
    parse(data, commitment(data))
    larger = data.replace(b"aa", b"aaa", 1)
    refuses(lambda: parse(larger, commitment(larger)))


def test_content_of_another_type_has_no_manifest() -> None:
    data = build({}).to_bytes()
    refuses(lambda: parse(data, Commitment(STIX, 1, len(data), "0" * 64)))


def test_the_header_and_the_manifest_agree_on_parts_and_size() -> None:
    data = build({}, [(NAME, "text/plain", PART_LIMIT + 5)]).to_bytes()
    parse(data, commitment(data, 3, PART_LIMIT + 5))
    refuses(lambda: parse(data, commitment(data, 4, PART_LIMIT + 5)))
    refuses(lambda: parse(data, commitment(data, 3, PART_LIMIT + 4)))


def test_files_follow_each_other_and_each_has_the_parts_of_its_size() -> None:
    first = FileEntry("a", "text/plain", 1, 1, 1)
    for second in (FileEntry("b", "text/plain", 1, 1, 1), FileEntry("b", "text/plain", 1, 3, 1)):
        refuses(lambda second=second: Manifest({}, (first, second)))  # type: ignore[misc]
    refuses(lambda: Manifest({}, (FileEntry("a", "text/plain", 1, 2, 1),)))
    refuses(lambda: FileEntry("a", "text/plain", 1, 1, 2))
    refuses(lambda: FileEntry("a", "text/plain", PART_LIMIT + 1, 1, 1))
    refuses(lambda: FileEntry("a", "Text", 1, 1, 1))


def test_no_two_files_have_one_name_on_any_disk() -> None:
    for one, other in (
        ("a", "A"),
        ("caf\u00e9", "cafe\u0301"),
        ("\u0623\u0631", "\u0627\u0654\u0631"),
        ("\u795e", "\ufa19"),
        ("\u00c4", "a\u0308"),
    ):
        refuses(lambda pair=(one, other): build({}, [(n, "text/plain", 1) for n in pair]))  # type: ignore[misc]


def test_a_name_is_kept_as_it_is_spelled() -> None:
    for name in ("\u0623\u062d\u0645\u062f", "\u0627\u0654", "\u795e\u5d0e", "\ufa19\ufa11"):
        data = build({"by": name}, [(name, "text/plain", 1)]).to_bytes()
        found = parse(data, commitment(data, 2, 1))
        assert (found.fields["by"], found.files[0].name) == (name, name)


def test_a_manifest_lists_a_bounded_number_of_files() -> None:
    assert MAX_FILES == 1024
    many = [(str(i), "text/plain", 0) for i in range(MAX_FILES + 1)]
    assert build({}, many[:-1]).parts == MAX_FILES + 1
    refuses(lambda: build({}, many))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"fields":{}}',
        b'{"fields":[],"files":[]}',
        b'{"fields":{},"files":{}}',
        b'{"fields":{},"files":[],"more":1}',
        b'{"fields":{},"files":[1]}',
        b'{"files":[],"fields":{}}',
        b'{"fields":{},"files":[] }',
        b'{"fields":{"a":1,"a":2},"files":[]}',
        b'{"fields":{},"files":[{"first":1,"more":1,"name":"a","parts":1,"size":0,"type":"a/b"}]}',
        b'{"fields":{},"files":[{"first":1,"name":1,"parts":1,"size":0,"type":"a/b"}]}',
        b'{"fields":{"a":"\xff"},"files":[]}',
    ],
)
def test_bytes_that_are_no_manifest_are_refused(data: bytes) -> None:
    refuses(lambda: parse(data, commitment(data)))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_manifest_or_refused(data: bytes) -> None:
    refuses(lambda: parse(data, commitment(data)))


@given(st.data())
def test_any_change_of_one_byte_gives_a_manifest_or_a_refusal(data: st.DataObject) -> None:
    good = build({"text": "abc", "n": 7}, [(NAME, "text/plain", 3)]).to_bytes()
    i = data.draw(st.integers(0, len(good) - 1))
    changed = good[:i] + data.draw(st.binary(min_size=1, max_size=1)) + good[i + 1 :]
    rule = refusals.rule_of(lambda: parse(changed, commitment(changed, 2, 3)))
    assert rule in {None, "K15"}
    if rule is None:
        assert parse(changed, commitment(changed, 2, 3)).to_bytes() == changed
