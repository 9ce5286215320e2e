"""The addresses of TAXII, each good with a slash at its end and without one.

::

    GET         /taxii2/                                       discovery
    GET         /taxii2/api/                                   api root
    GET         /taxii2/api/status/<id>/                       status
    GET         /taxii2/api/collections/                       collections
    GET         /taxii2/api/collections/<id>/                  collection
    GET         /taxii2/api/collections/<id>/manifest/         manifest
    GET POST    /taxii2/api/collections/<id>/objects/          envelope
    GET DELETE  /taxii2/api/collections/<id>/objects/<id>/     envelope
    GET         /taxii2/api/collections/<id>/objects/<id>/versions/   versions

Where there is GET there is HEAD, and OPTIONS everywhere.
"""

from __future__ import annotations

import re
from typing import NamedTuple

TOP = "/taxii2"
ROOT = f"{TOP}/api/"
DISCOVERY = "discovery"
_READ = ("GET", "HEAD", "OPTIONS")
_HERE, _API, _EACH = TOP[1:], "api", "*"
_COLLECTION = (_HERE, _API, "collections", _EACH)
_OBJECT = (*_COLLECTION, "objects", _EACH)
ENDPOINTS = {
    (_HERE,): (DISCOVERY, _READ),
    (_HERE, _API): ("api_root", _READ),
    (_HERE, _API, "status", _EACH): ("status", _READ),
    (_HERE, _API, "collections"): ("collections", _READ),
    _COLLECTION: ("collection", _READ),
    (*_COLLECTION, "manifest"): ("manifest", _READ),
    (*_COLLECTION, "objects"): ("objects", (*_READ, "POST")),
    _OBJECT: ("object", (*_READ, "DELETE")),
    (*_OBJECT, "versions"): ("versions", _READ),
}
"""Every address, with ``*`` where it holds a name: its endpoint and methods."""
_NAMED = (3, 5)
"""Where in an address a name stands."""
_NAME = re.compile(r"[^\x00-\x20\x7f-\x9f]{1,300}")


class Route(NamedTuple):
    """Where an address leads: an endpoint by its ``name``, and its ``methods``. ``first`` is the
    collection or the status, ``second`` the object.
    """

    name: str
    methods: tuple[str, ...]
    first: str = ""
    second: str = ""


def find(path: str) -> Route | None:
    """Return where an address leads, or None; ``path`` is as WSGI gives it, bytes as Latin-1."""
    try:
        parts = path.encode("latin-1").decode().removesuffix("/").split("/")[1:]
    except UnicodeError:
        return None
    names = [part for place, part in enumerate(parts) if place in _NAMED]
    shape = tuple(_EACH if place in _NAMED else part for place, part in enumerate(parts))
    if shape not in ENDPOINTS or not all(map(_NAME.fullmatch, names)):
        return None
    return Route(*ENDPOINTS[shape], *names)
