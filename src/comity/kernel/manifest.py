"""The manifest: what a person wrote, and which parts are which files.

Frozen. In content of type ``content.DOCUMENT`` part 0 is canonical JSON ::

    {"fields": {…}, "files": [{"name", "type", "size", "first", "parts"}], "lang"?: "…"}

and the other parts are the files, one after the other, each cut by ``content.split``. ``fields``
is what the kind of the act declares as content, ``lang`` the language of its texts, as a tag (see
``language``); without, nobody said. Unlike headers it holds free text: line feeds,
tabs and the direction marks of right-to-left scripts are allowed, other control characters are
not. Names of files are stricter, because they become names on a reader's disk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from unicodedata import normalize

import orjson

from comity.kernel.canon import MAX_DEPTH, MAX_INT
from comity.kernel.content import DOCUMENT, PART_LIMIT, require_type, split
from comity.kernel.errors import Refusal
from comity.kernel.fields import Fields
from comity.kernel.language import is_tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.kernel.canon import Object, Value
    from comity.kernel.content import Commitment

NAME_LIMIT = 255
"""The longest name of a file, in bytes of UTF-8: what common file systems take."""
MAX_FILES = 1024

_KEY = re.compile(r"[a-z0-9_]{1,64}")
_TEXT_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Control and bidirectional control characters, as in headers, then what separates folders on one
# system or another; the colon is there for drives and alternate streams.
_NAME_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff/\\\\:]"
)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file: ``name``, media ``type``, ``size`` in bytes, ``first`` part, number of ``parts``.

    Raises Refusal K15 when the name could leave its folder or mislead, or the numbers disagree.
    """

    name: str
    type: str
    size: int
    first: int
    parts: int

    def __post_init__(self) -> None:
        _require_name(self.name)
        require_type(self.type, "K15")
        if self.parts != len(split(self.size)):
            raise Refusal("K15", f"A file of {self.size} bytes does not have {self.parts} parts.")

    def to_object(self) -> Object:
        """Return {name, type, size, first, parts}."""
        return {
            "name": self.name,
            "type": self.type,
            "size": self.size,
            "first": self.first,
            "parts": self.parts,
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """``fields``, by name, ``files``, in the order of their parts, and ``lang``, the tag of the
    language of the texts, or "" where it is not said. Raises Refusal K15.
    """

    fields: Object
    files: tuple[FileEntry, ...]
    lang: str = ""

    def __post_init__(self) -> None:
        if self.lang and not is_tag(self.lang):
            raise Refusal("K15", f"{self.lang[:80]!r} is not the tag of a language.")
        if len(self.files) > MAX_FILES:
            raise Refusal("K15", f"A manifest lists more than {MAX_FILES} files.")
        if len({_alike(entry.name) for entry in self.files}) < len(self.files):
            raise Refusal("K15", "Two files of a manifest have one name.")
        following = 1
        for entry in self.files:
            if entry.first != following:
                raise Refusal("K15", f"The file {entry.name!r} does not begin where it should.")
            following += entry.parts

    @property
    def parts(self) -> int:
        """The number of parts of the whole content, the manifest included."""
        return 1 + sum(entry.parts for entry in self.files)

    def to_bytes(self) -> bytes:
        """Return the data of part 0. Raises Refusal K15 (too large, or not of the profile)."""
        value: Object = {"fields": self.fields, "files": [f.to_object() for f in self.files]}
        if self.lang:
            value["lang"] = self.lang
        _require_profile(value, 1)
        data = _dump(value)
        if len(data) > PART_LIMIT:
            raise Refusal("K15", f"The manifest has more than {PART_LIMIT} bytes.")
        return data


def build(fields: Object, files: Iterable[tuple[str, str, int]] = (), lang: str = "") -> Manifest:
    """Return the manifest of ``fields`` in the language ``lang``, and of ``files`` given as (name,
    type, size in bytes).
    """
    entries: list[FileEntry] = []
    following = 1
    for name, kind, size in files:
        entries.append(FileEntry(name, kind, size, following, len(split(size))))
        following += entries[-1].parts
    return Manifest(fields, tuple(entries), lang)


def parse(data: bytes, commitment: Commitment) -> Manifest:
    """Return the manifest in ``data``, part 0 of what ``commitment`` commits to, verified before.

    Raises Refusal K15: not the profile, or files that are not what was committed to.
    """
    if commitment.type != DOCUMENT or len(data) > PART_LIMIT:
        raise Refusal("K15", "The content does not begin with a manifest.", commitment.hash)
    fields = Fields(_load(data), "manifest", "K15")
    manifest = Manifest(
        fields.object("fields"),
        tuple(map(_entry, fields.each("files", MAX_FILES))),
        fields.optional("lang", fields.language) or "",
    )
    fields.end()
    total = len(data) + sum(entry.size for entry in manifest.files)
    if (manifest.parts, total) != (commitment.parts, commitment.size):
        raise Refusal("K15", "The manifest and the header disagree on sizes.", commitment.hash)
    return manifest


def _entry(fields: Fields) -> FileEntry:
    name, kind, size, first, parts = (
        fields.text("name", NAME_LIMIT),
        fields.text("type"),
        fields.integer("size"),
        fields.integer("first", 1),
        fields.integer("parts", 1),
    )
    fields.end()
    return FileEntry(name, kind, size, first, parts)


def _require_name(name: str) -> None:
    # A space or dot at the end is dropped by one system and kept by another: two names in one.
    bad = _NAME_FORBIDDEN.search(name) or name != name.strip() or name.endswith(".")
    if not name or bad or len(name.encode(errors="replace")) > NAME_LIMIT:
        raise Refusal("K15", f"{name[:80]!r} is not a name for a file.")


def _alike(name: str) -> str:
    """Return what is equal for names that some file system takes for one (Unicode D145)."""
    # Names are kept as they were given: composing would change some of Chinese and Japanese people.
    return normalize("NFD", normalize("NFD", name).casefold())


def _load(data: bytes) -> Value:
    try:
        value = cast("Value", orjson.loads(data))
    except orjson.JSONDecodeError as error:
        raise Refusal("K15", f"The manifest is not JSON: {error}.") from error
    _require_profile(value, 1)
    if _dump(value) != data:
        raise Refusal("K15", "The manifest is not in canonical form.")
    return value


def _dump(value: Value) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise Refusal("K15", f"The manifest cannot be written as JSON: {error}.") from error


def _require_profile(value: object, depth: int) -> None:
    if isinstance(value, str):
        if _TEXT_FORBIDDEN.search(value):
            raise Refusal("K15", "A text of the manifest holds a control character.")
    elif isinstance(value, dict | list):
        for item in _items(value, depth):
            _require_profile(item, depth + 1)
    elif not isinstance(value, int) or abs(value) > MAX_INT:
        raise Refusal("K15", "A value of the manifest is neither text, whole number nor boolean.")


def _items(value: dict[object, object] | list[object], depth: int) -> Iterable[object]:
    if depth > MAX_DEPTH:
        raise Refusal("K15", f"The manifest is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, list):
        return value
    if not all(isinstance(key, str) and _KEY.fullmatch(key) for key in value):
        raise Refusal("K15", "A key of the manifest is not of the form [a-z0-9_]+.")
    return value.values()
