"""Reading warninglists, in the form of github.com/MISP/misp-warninglists (``schema.json`` there).

::

    {"name", "description", "version", "type", "matching_attributes": […], "list": […]}

``type`` says how entries are compared: ``string`` with all of a value, ``substring`` with any part
of it, ``hostname`` with its host and every domain above that, ``cidr`` with its addresses. Entries
of type ``regex`` are not run: nothing installed here runs them in time that the length of a value
bounds. An entry that cannot be used is passed over and told of, as one wrong line must not switch
off a list of many thousands.

Which values a list is about is said in attribute types of MISP; here, by kinds of observables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

import orjson

from comity.kernel import prefix
from comity.kernel.errors import Phrase

LONGEST = 200
"""The most characters of an entry, as no observable has more, and of a name."""
MOST = 2_000_000
"""The most entries of one list."""

KINDS: Mapping[str, str] = {
    "AS": "asn",
    "authentihash": "hash",
    "domain": "domain",
    "filename": "file",
    "hostname": "domain",
    "imphash": "hash",
    "ip-dst": "ip",
    "ip-src": "ip",
    "ip": "ip",
    "link": "url",
    "md5": "hash",
    "sha1": "hash",
    "sha224": "hash",
    "sha256": "hash",
    "sha384": "hash",
    "sha512": "hash",
    "ssdeep": "hash",
    "tlsh": "hash",
    "uri": "url",
    "url": "url",
    "vulnerability": "cve",
    "dns-soa-email": "mail",
    "email": "mail",
    "email-dst": "mail",
    "email-reply-to": "mail",
    "email-src": "mail",
    "target-email": "mail",
    "whois-registrant-email": "mail",
}
"""The kind of observable that an attribute type of MISP is; others keep their own name."""


class Compared(StrEnum):
    """How the entries of a list are compared."""

    CIDR = "cidr"
    HOSTNAME = "hostname"
    REGEX = "regex"
    STRING = "string"
    SUBSTRING = "substring"


class Skipped(NamedTuple):
    """An ``entry`` that is not used, and the ``reason``."""

    entry: str
    reason: Phrase


class WarningList(NamedTuple):
    """One list. ``kinds`` are the kinds of observables that it is about, None for all;
    ``entries`` what they are compared with, in small letters, ranges as ``kernel.prefix`` writes
    them; ``skipped`` those that are not used; ``notes`` what is said of single entries.
    """

    name: str
    description: str
    version: int
    compared: Compared
    kinds: frozenset[str] | None
    entries: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    notes: Mapping[str, str] = MappingProxyType({})


class Hit(NamedTuple):
    """A list that a value is on: its name, the ``entry`` that says so, ``how`` (see ``How``), and
    what the list says of that entry, if anything.
    """

    list: str
    entry: str
    how: str
    note: str = ""


def read(data: bytes) -> WarningList:
    """Return the list that a file holds.

    Raises ValueError, whose message says what is wrong, for what is no list; single entries that
    cannot be used are in ``skipped``.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise _unread("type")
    name, entries = value.get("name"), value.get("list")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST:
        raise _unread("name")
    if not isinstance(entries, list) or len(entries) > MOST:
        raise _unread("list")
    made = make(
        name.strip(), value.get("type"), entries, kinds=_kinds(value.get("matching_attributes"))
    )
    description, version = str(value.get("description", ""))[:500], value.get("version")
    return made._replace(description=description, version=version if type(version) is int else 0)


def make(
    name: str,
    compared: object,
    entries: Iterable[object],
    *,
    kinds: frozenset[str] | None = None,
    notes: Mapping[str, str] | None = None,
) -> WarningList:
    """Return a list of these ``entries``, each used once; ``notes`` are by entry, as it is used.

    Raises ValueError when ``compared`` is no type of list.
    """
    if not isinstance(compared, str) or compared not in {*Compared}:
        raise _unread("type")
    way, used, skipped = Compared(compared), dict[str, None](), list[Skipped]()
    for entry in entries:
        try:
            used[_entry(way, entry)] = None
        except ValueError as error:
            skipped.append(Skipped(str(entry)[:LONGEST], error.args[0]))
    return WarningList(name, "", 0, way, kinds, (*used,), (*skipped,), notes or {})


def _unread(member: str) -> ValueError:
    return ValueError(
        Phrase(
            "This is no warninglist in the form of MISP: its member {member} is missing or wrong.",
            member=member,
        )
    )


def _kinds(attributes: object) -> frozenset[str] | None:
    """Return the kinds that attribute types stand for; of ``domain|ip``, both."""
    if not isinstance(attributes, list) or not attributes or "ALL" in attributes:
        return None
    parts = (part for each in attributes for part in str(each).split("|"))
    return frozenset(KINDS.get(part, part) for part in parts)


def _entry(way: Compared, entry: object) -> str:
    if way is Compared.REGEX:
        raise ValueError(Phrase("Regular expressions are not run."))
    if not isinstance(entry, str) or not 0 < len(entry.strip()) <= LONGEST:
        raise ValueError(
            Phrase("An entry has {least} to {most} characters.", least=1, most=LONGEST)
        )
    text = entry.strip()
    match way:
        case Compared.CIDR:
            return _range(text)
        case Compared.HOSTNAME:
            return host(text)
        case _:
            return text.lower()


def _range(text: str) -> str:
    try:
        return str(prefix.read(text))
    except ValueError as error:
        raise ValueError(Phrase("This is no range: {why}.", why=error.args[0])) from error


def host(text: str) -> str:
    """Return a host's name as observables have it: small A-labels, no dot at either end.

    Raises ValueError for what is no name.
    """
    name = text.strip(".").lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not name or any(sign in name for sign in "/:@ *"):
        raise ValueError(Phrase("This is no name of a host."))
    return name
