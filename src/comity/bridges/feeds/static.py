"""A folder of objects that anybody can serve, and a stranger can check.

::

    index.json                      what is in the folder: each file, its size, its SHA-256
    index.json.note                 a signed note that says the SHA-256 of the index
    objects/<type>/<uuid>/<version>.json
    feed.atom                       and whatever else goes along

The form is described in docs/reference/feed.md, and is version 1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from comity.bridges.held import Held, require
from comity.bridges.misp import shape
from comity.bridges.stix.record import Flaw
from comity.kernel import note
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.keys import Signer
from comity.kernel.label import TLP
from comity.kernel.note import VerifierKey

FORMAT = "comity-feed/1"
INDEX = "index.json"
NOTE = "index.json.note"
MOST = 1_000_000
"""The most files of a feed."""
_ID = re.compile(r"([a-z0-9][a-z0-9-]{1,249})--([0-9a-fA-F-]{36})")
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,5}")


class Read(NamedTuple):
    """What a feed holds: ``raws`` of objects that are as the index says, and the ``flaws``."""

    raws: list[bytes]
    made_for: TLP
    flaws: list[Flaw]


def files(
    held: Sequence[Held], made_for: TLP, title: str, made: int, others: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the files of a feed by path, without its signature.

    ``made`` is the instant in seconds, ``others`` are files that go along, made for no stricter
    label. Raises Refusal X57, and X58 for an id or a path that is none.
    """
    require(held, made_for)
    found = {_path(each): each.data for each in held}
    listed = [_entry(path, data) for path, data in sorted((found | dict(others)).items())]
    index = {
        "format": FORMAT,
        "title": title,
        "made": shape.iso(made),
        "tlp": made_for.value,
        "files": listed,
    }
    return {INDEX: orjson.dumps(index, option=orjson.OPT_INDENT_2), **found, **others}


def _path(each: Held) -> str:
    id_ = _ID.fullmatch(each.object.id)
    if not id_:
        raise Refusal("X58", Phrase("The id of an object makes no path."), each.object.id)
    return f"objects/{id_[1]}/{id_[2].lower()}/{each.object.version}.json"


def _entry(path: str, data: bytes) -> dict[str, Any]:
    if not _PATH.fullmatch(path) or path in {INDEX, NOTE}:
        raise Refusal("X58", Phrase("This is no path of a feed."), path[:200])
    return {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def text(index: bytes) -> str:
    """Return what is signed of an index: the format, and the index's SHA-256 in hexadecimal."""
    return f"{FORMAT}\n{hashlib.sha256(index).hexdigest()}\n"


def signed(index: bytes, name: str, signer: Signer) -> bytes:
    """Return the note that signs an index, under the ``name`` of a key."""
    said = text(index)
    return note.Note(said, (note.sign(said, name, signer),)).to_bytes()


def verify(index: bytes, signature: bytes, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return by which of ``keys`` an index is signed.

    Raises Refusal W1, W2 and K5 as notes do, and X58 where the note is about another index.
    """
    read_ = note.parse(signature)
    signers = note.verify_signatures(read_, keys)
    if read_.text != text(index):
        raise Refusal("X58", Phrase("The signature is of another index."))
    return signers


def read(index: bytes, held: Mapping[str, bytes]) -> Read:
    """Return the objects of a feed, of which the files are given by path.

    The index must have been verified before. A file that is not there, or is another, is a flaw.
    Raises Refusal X58 for what is no index.
    """
    value = _index(index)
    raws: list[bytes] = []
    flaws: list[Flaw] = []
    for number, entry in enumerate(value["files"]):
        try:
            path, data = _listed(entry, held)
            raws += [data] if path.startswith("objects/") else []
        except Refusal as refusal:
            flaws.append(Flaw("", f"files[{number}]", refusal.rule, refusal.reason))
    return Read(raws, TLP(value["tlp"]), flaws)


def _index(index: bytes) -> dict[str, Any]:
    value = shape.parsed(index, "X58")
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Refusal("X58", Phrase("This is no index of a feed of form {form}.", form=FORMAT))
    listed = value.get("files")
    if not isinstance(listed, list) or len(listed) > MOST:
        raise Refusal("X58", Phrase("The index lists no files, or more than {most}.", most=MOST))
    if value.get("tlp") not in [each.value for each in TLP]:
        raise Refusal("X58", Phrase("The index does not say for which label it was made."))
    return value


def _listed(entry: object, held: Mapping[str, bytes]) -> tuple[str, bytes]:
    element = entry if isinstance(entry, dict) else {}
    path = element.get("path")
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise Refusal("X58", Phrase("An entry of the index names no path of a feed."))
    data = held.get(path)
    if data is None:
        raise Refusal("X58", Phrase("{path} is listed, and not there.", path=path[:200]))
    if _entry(path, data) != {name: element.get(name) for name in ("path", "size", "sha256")}:
        raise Refusal("X58", Phrase("{path} is another file than the index says.", path=path[:200]))
    return path, data
