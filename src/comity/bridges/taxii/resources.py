"""What is answered: the resources of TAXII, as bytes (sections 3.6, 3.7, 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import orjson

from comity.bridges.taxii.media import STIX, TAXII
from comity.bridges.taxii.times import stix_time, taxii_time


class Titled(Protocol):
    """A collection, as the one who asks may use it."""

    @property
    def id(self) -> str:
        """Its UUID."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def description(self) -> str:
        """What is in it, or ""."""

    @property
    def alias(self) -> str:
        """Another name, good in addresses, or ""."""

    @property
    def can_read(self) -> bool:
        """Whether objects may be asked for."""

    @property
    def can_write(self) -> bool:
        """Whether objects may be added."""


class Versioned(Protocol):
    """An object version; ``version`` in microseconds."""

    @property
    def id(self) -> str:
        """Its id of STIX."""

    @property
    def version(self) -> int:
        """Which one, 0 for an object that has none."""


class Held(Versioned, Protocol):
    """An object version in a collection; ``added`` in microseconds."""

    @property
    def added(self) -> int:
        """When it came into the collection."""


def discovery(title: str, contact: str, roots: Sequence[str]) -> bytes:
    """Return a ``discovery``; the first of the API roots is the default (section 4.1.1)."""
    value = {"title": title, "contact": contact, "default": roots[0], "api_roots": [*roots]}
    return _bytes(_told(value))


def api_root(title: str, description: str, max_content_length: int) -> bytes:
    """Return an ``api-root`` (section 4.2.1)."""
    value = {
        "title": title,
        "description": description,
        "versions": [TAXII],
        "max_content_length": max_content_length,
    }
    return _bytes(_told(value))


def collections(found: Iterable[Titled]) -> bytes:
    """Return ``collections``; no list where there are none (section 5.1.1)."""
    return _bytes(_told({"collections": [_collection(each) for each in found]}))


def collection(found: Titled) -> bytes:
    """Return a ``collection`` (section 5.2.1)."""
    return _bytes(_collection(found))


def _collection(found: Titled) -> dict[str, object]:
    told = {"description": found.description, "alias": found.alias}
    return {
        "id": found.id,
        "title": found.title,
        **_told(told),
        "can_read": found.can_read,
        "can_write": found.can_write,
        "media_types": [STIX],
    }


def envelope(objects: Sequence[bytes], more: str) -> bytes:
    """Return an ``envelope`` of objects as they are; ``more`` is the next cursor (section 3.7)."""
    if not objects:
        return b"{}"
    # Put together once: a page may have megabytes, and each further piece would copy them.
    pieces = [*objects]
    pieces[0] = _head(more) + b'"objects":[' + pieces[0]
    pieces[-1] += b"]}"
    return b",".join(pieces)


def manifest(found: Sequence[Held], more: str) -> bytes:
    """Return a ``manifest`` (section 5.3.1)."""
    records = [
        {
            "id": each.id,
            "date_added": taxii_time(each.added),
            "version": stix_time(each.version),
            "media_type": STIX,
        }
        for each in found
    ]
    return _listed("objects", records, more)


def versions(found: Sequence[Held], more: str) -> bytes:
    """Return ``versions`` (section 5.8.1)."""
    return _listed("versions", [stix_time(each.version) for each in found], more)


def _listed(name: str, values: Sequence[object], more: str) -> bytes:
    return _head(more) + f'"{name}":'.encode() + orjson.dumps(values) + b"}" if values else b"{}"


def _head(more: str) -> bytes:
    return b'{"more":true,"next":' + orjson.dumps(more) + b"," if more else b"{"


class Failed(Versioned, Protocol):
    """What was not taken, and why."""

    @property
    def message(self) -> str:
        """Where in the request it stood, by which rule it was refused, and why."""


def status(
    id_: str,
    *,
    state: str,
    requested: int,
    successes: Iterable[Versioned],
    failures: Iterable[Failed],
    pendings: Iterable[Versioned],
) -> bytes:
    """Return a ``status`` of what was ``requested`` at a time in microseconds (section 4.3.1)."""
    done, waiting = [_details(each) for each in successes], [_details(each) for each in pendings]
    failed = [{**_details(each), "message": each.message} for each in failures]
    value: dict[str, object] = {
        "id": id_,
        "status": state,
        "request_timestamp": taxii_time(requested),
        "total_count": len(done) + len(failed) + len(waiting),
        "success_count": len(done),
        "failure_count": len(failed),
        "pending_count": len(waiting),
    }
    return _bytes(value | _told({"successes": done, "failures": failed, "pendings": waiting}))


def _details(found: Versioned) -> dict[str, object]:
    return {"id": found.id, "version": stix_time(found.version)}


def error(http_status: int, title: str, description: str, code: str, subject: str) -> bytes:
    """Return an ``error``: ``code`` is the rule that refused (section 3.6.1)."""
    value = {"title": title, "description": description, "error_code": code}
    told = {"http_status": str(http_status), "details": {"subject": subject} if subject else {}}
    return _bytes(value | _told(told))


def _told(values: Mapping[str, object]) -> dict[str, object]:
    """Leave out what says nothing: no list of TAXII is empty (section 2)."""
    return {name: value for name, value in values.items() if value}


def _bytes(value: object) -> bytes:
    return orjson.dumps(value)
