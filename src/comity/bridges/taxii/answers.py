"""What a server answers, read strictly: a wrong type anywhere is refused, and told where.

Members that the standard does not have are passed over (section 1.6.2). What people are shown of a
server's words is cut.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import msgspec

from comity.bridges.stix import reading
from comity.bridges.taxii import media
from comity.bridges.taxii.packing import PLAIN
from comity.bridges.taxii.times import read_time
from comity.kernel.errors import Phrase, Refusal

SHOWN = 300
"""The most characters of a server's words that people are shown."""
PLAIN_JSON = "application/json"
MOST = 1000
"""The most API roots and collections that are looked at."""
_DAY = 24 * 3600 * 1_000_000


class Discovery(msgspec.Struct, frozen=True):
    """A ``discovery`` (section 4.1.1)."""

    title: str
    default: str = ""
    api_roots: tuple[str, ...] = ()

    @property
    def roots(self) -> tuple[str, ...]:
        """The API roots, each once, the default first."""
        named = (self.default, *self.api_roots) if self.default else self.api_roots
        return tuple(dict.fromkeys(named))[:MOST]


class ApiRoot(msgspec.Struct, frozen=True):
    """An ``api-root`` (section 4.2.1); lengths in bytes."""

    title: str
    versions: tuple[str, ...]
    max_content_length: int


class Collection(msgspec.Struct, frozen=True):
    """A ``collection`` (section 5.2.1)."""

    id: str
    title: str
    can_read: bool
    can_write: bool
    alias: str = ""
    media_types: tuple[str, ...] = ()


class Collections(msgspec.Struct, frozen=True):
    """``collections`` (section 5.1.1)."""

    collections: tuple[Collection, ...] = ()


class Detail(msgspec.Struct, frozen=True):
    """Of a status, one object: its ``version`` as the server writes it, or "" (section 4.3.2)."""

    id: str
    version: str = ""
    message: str = ""


class Status(msgspec.Struct, frozen=True):
    """A ``status`` (section 4.3.1)."""

    id: str
    status: str
    total_count: int
    success_count: int
    failure_count: int
    pending_count: int
    failures: tuple[Detail, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing more comes of the request."""
        return self.status == "complete"


class Envelope(NamedTuple):
    """An ``envelope``: objects as they stand there, whether there is ``more``, and the cursor
    ``next``, "" where none was given (section 3.7).
    """

    objects: list[bytes]
    more: bool
    next: str


class _Paging(msgspec.Struct, frozen=True):
    more: bool = False
    next: str = ""


class _Error(msgspec.Struct, frozen=True):
    title: str = ""
    description: str = ""


class _Front(msgspec.Struct, frozen=True):
    api_roots: msgspec.Raw = msgspec.Raw(b"")
    default: msgspec.Raw = msgspec.Raw(b"")
    versions: msgspec.Raw = msgspec.Raw(b"")


T = TypeVar("T")


def require_answered(content_type: str, encoding: str) -> None:
    """Check the headers of an answer: TAXII 2.1 or plain JSON, and not packed. Raises Refusal X61.

    Plain JSON is what servers give whose makers left the type to their framework.
    """
    name, *pieces = content_type.lower().replace(" ", "").replace('"', "").split(";")
    versions = {piece.partition("=")[2] for piece in pieces if piece.startswith("version=")}
    if name not in {media.NAME, PLAIN_JSON} or versions - {media.VERSION}:
        told = Phrase(
            "It answered {type}, which is not TAXII 2.1. Is this the address of a server of it?",
            type=short(content_type) or "nothing of a type",
        )
        raise Refusal("X61", told, "Content-Type")
    if encoding.strip().lower() not in PLAIN:
        told = Phrase("It packed its answer, which it was not asked to do.")
        raise Refusal("X61", told, "Content-Encoding")


def front(data: bytes) -> Discovery | ApiRoot:
    """Return what stands at an address that people were given: one or the other.

    Raises Refusal X62.
    """
    found = _read(data, _Front, "discovery")
    if found.api_roots or found.default:
        return discovery(data)
    if found.versions:
        return api_root(data)
    told = Phrase("It names no API root and is none. Is this the address of a TAXII 2.1 server?")
    raise Refusal("X62", told, "api_roots")


def discovery(data: bytes) -> Discovery:
    """Read a ``discovery``. Raises Refusal X62."""
    return _read(data, Discovery, "discovery")


def api_root(data: bytes) -> ApiRoot:
    """Read an ``api-root`` that speaks TAXII 2.1. Raises Refusal X62."""
    found = _read(data, ApiRoot, "api-root")
    if not any(each.replace(" ", "") in {media.TAXII, "taxii-2.1"} for each in found.versions):
        told = Phrase("This API root does not speak TAXII 2.1: it says {versions}.",
                      versions=short(", ".join(found.versions)))  # fmt: skip
        raise Refusal("X62", told, "versions")
    if found.max_content_length <= 0:
        raise Refusal("X62", Phrase("It takes no content at all."), "max_content_length")
    return found


def collections(data: bytes) -> tuple[Collection, ...]:
    """Read ``collections``. Raises Refusal X62."""
    return _read(data, Collections, "collections").collections[:MOST]


def status(data: bytes) -> Status:
    """Read a ``status``. Raises Refusal X62."""
    found = _read(data, Status, "status")
    if found.status not in {"complete", "pending"}:
        told = Phrase("A status is complete or pending, not {word}.", word=short(found.status))
        raise Refusal("X62", told, "status")
    return found


def envelope(data: bytes, limit: int) -> Envelope:
    """Read an ``envelope`` of at most ``limit`` bytes.

    Raises Refusal X62, and X1 to X3 of what holds the objects. What is in these is not looked at.
    """
    # No server answers nothing at all, but for those that have nothing to answer.
    data = data.strip() or b"{}"
    objects = reading.split(data, limit)
    paging = _read(data, _Paging, "envelope")
    return Envelope(objects, paging.more, paging.next)


def said(data: bytes) -> str:
    """Return what an ``error`` says, cut, or "" where it is none (section 3.6.1)."""
    try:
        found = msgspec.json.decode(data, type=_Error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return short(": ".join(filter(None, (found.title, found.description))))


def added_last(header: str, now: int) -> int | None:
    """Read X-TAXII-Date-Added-Last, "" where there was none; times in µs. Raises Refusal X62.

    What is added from tomorrow on would be passed over for ever, were such a time believed.
    """
    if not header:
        return None
    try:
        found = read_time(header.strip(), "X-TAXII-Date-Added-Last")
    except Refusal as error:
        told = Phrase("X-TAXII-Date-Added-Last is no time: {text}.", text=short(header))
        raise Refusal("X62", told, "X-TAXII-Date-Added-Last") from error
    if not 0 <= found <= now + _DAY:
        told = Phrase("X-TAXII-Date-Added-Last is a time to come: {text}.", text=short(header))
        raise Refusal("X62", told, "X-TAXII-Date-Added-Last")
    return found


def short(text: str) -> str:
    """Return a server's words as people are shown them: on one line, and not too many."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"


def _read(data: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        told = Phrase("Its {kind} is not as TAXII has it: {why}.", kind=name, why=short(str(error)))
        raise Refusal("X62", told, name) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        told = Phrase("Its {kind} is not JSON: {why}.", kind=name, why=short(str(error)))
        raise Refusal("X62", told, name) from error
