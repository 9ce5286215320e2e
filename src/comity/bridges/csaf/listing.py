"""What a CSAF provider lists (section 7.1 of CSAF 2.0 and 2.1), as a client reads it.

``provider-metadata.json`` leads to ROLIE feeds, or to folders with a ``changes.csv``; either lists
advisories with the time of their last change. Addresses may be relative, and lead by https, or by
http where the provider itself was named so.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from comity.bridges.csaf import labels, names, reading
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP

LIMIT = reading.LIMIT
"""The largest list, in bytes."""
MOST_LISTS, MOST_LISTED, LONGEST = 100, 200_000, 2000
MOST_PROVIDERS = 500
WELL_KNOWN = "/.well-known/csaf/provider-metadata.json"
_PLACE = re.compile(r"(?:[+\-A-Za-z0-9_.]+/){0,4}[+\-a-z0-9_]+\.json")


class Source(NamedTuple):
    """A list of a provider: its ``url``, whether it is a ROLIE ``feed`` or else a folder, and the
    label (``tlp``) of what it lists, None where that is not said.
    """

    url: str
    feed: bool
    tlp: TLP | None


class Provider(NamedTuple):
    """A provider: its ``name``, its lists, and the ``fingerprints`` that it says its keys have."""

    name: str
    sources: tuple[Source, ...]
    fingerprints: tuple[str, ...]


class Aggregator(NamedTuple):
    """Who lists providers: its ``name``, the addresses of their metadata, and what is ``wrong``
    with the rest of its list.
    """

    name: str
    providers: tuple[str, ...]
    wrong: tuple[Refusal, ...]


class Listed(NamedTuple):
    """An advisory in a list: its ``url``; when it was ``changed`` last, as the list says it; the
    addresses of its ``hashes``, by algorithm, and of its ``signature``, "" for none; whether these
    are ``promised`` or only where they would be; the label that it is listed under.
    """

    url: str
    changed: str
    hashes: dict[str, str]
    signature: str
    promised: bool
    tlp: TLP | None


def aggregator(data: bytes, url: str) -> Aggregator | None:
    """Return what ``aggregator.json`` lists, None for what is none (section 7.2 of CSAF).

    A provider is found at its own metadata; who only publishes, in the first place where the
    aggregator mirrors it. Raises Refusal X68.
    """
    value = _parsed(data, url)
    told = value.get("aggregator")
    if not isinstance(told, dict):
        return None
    found, wrong = list[str](), list[Refusal]()
    for one in islice(_members(value), MOST_PROVIDERS + 1):
        try:
            found.append(address(one, url))
        except Refusal as refusal:
            wrong.append(refusal)
    if len(found) + len(wrong) > MOST_PROVIDERS:
        raise Refusal("X68", Phrase("It lists more than {most}.", most=MOST_PROVIDERS), url)
    return Aggregator(str(told.get("name", ""))[:200], tuple(dict.fromkeys(found)), tuple(wrong))


def _members(value: dict[str, Any]) -> Iterator[Any]:
    for name, mirrored in (("csaf_providers", False), ("csaf_publishers", True)):
        listed_ = value.get(name)
        for each in listed_ if isinstance(listed_, list) else ():
            one = each if isinstance(each, dict) else {}
            mirrors, meta = one.get("mirrors"), one.get("metadata")
            if mirrored:
                yield mirrors[0] if isinstance(mirrors, list) and mirrors else None
            else:
                yield meta.get("url") if isinstance(meta, dict) else None


def metadata(data: bytes, url: str) -> Provider:
    """Return what ``provider-metadata.json`` says; feeds alone where there are any.

    Raises Refusal X68.
    """
    value = _parsed(data, url)
    publisher, keys = value.get("publisher"), value.get("public_openpgp_keys")
    name = publisher.get("name") if isinstance(publisher, dict) else None
    if not isinstance(name, str) or not isinstance(value.get("distributions"), list):
        told = Phrase("This is no provider-metadata.json: it names no publisher, or no lists.")
        raise Refusal("X68", told, url)
    found = [*_sources(value["distributions"], url)]
    feeds = [each for each in found if each.feed]
    if not found or len(found) > MOST_LISTS:
        raise Refusal("X68", Phrase("The provider has no list, or too many."), url)
    return Provider(name[:200], tuple(feeds or found), tuple(_fingerprints(keys)))


def _fingerprints(keys: object) -> Iterator[str]:
    for each in keys[:MOST_LISTS] if isinstance(keys, list) else ():
        said = each.get("fingerprint") if isinstance(each, dict) else None
        if isinstance(said, str):
            yield said[:LONGEST]


def _sources(distributions: list[Any], url: str) -> Iterator[Source]:
    for each in distributions:
        one = each if isinstance(each, dict) else {}
        rolie = one.get("rolie")
        feeds = rolie.get("feeds") if isinstance(rolie, dict) else None
        for feed in feeds if isinstance(feeds, list) else ():
            yield _source(feed, url, feed=True)
        if "directory" in one or "directory_url" in one:
            place = one.get("directory", {"url": one.get("directory_url")})
            yield _source(place, url, feed=False)


def _source(value: Any, url: str, *, feed: bool) -> Source:  # noqa: ANN401 - any JSON.
    place = value if isinstance(value, dict) else {}
    target = address(place.get("url"), url)
    if not feed and not target.endswith("/"):
        target += "/"
    return Source(target, feed, labels.of_word(place.get("tlp_label")))


def listed(data: bytes, source: Source) -> tuple[list[Listed], list[Refusal]]:
    """Return what a list lists, a ROLIE feed or the ``changes.csv`` of a folder, and what is wrong
    with the rest of it, which holds up no other.

    Raises Refusal X68 for what is no list, or lists too much.
    """
    # One more at most: a list of the greatest size may have millions of short lines.
    rows = [*islice(_entries(data, source) if source.feed else _lines(data), MOST_LISTED + 1)]
    require_few(len(rows), source.url)
    found, wrong = list[Listed](), list[Refusal]()
    for number, row in rows:
        try:
            found.append((_entry if source.feed else _line)(number, row, source))
        except Refusal as refusal:
            wrong.append(refusal)
    return found, wrong


def require_few(count: int, url: str) -> None:
    """Raise Refusal X68 for more advisories than a provider may list."""
    if count > MOST_LISTED:
        raise Refusal("X68", Phrase("It lists more than {most}.", most=MOST_LISTED), url)


def _entries(data: bytes, source: Source) -> Iterator[tuple[int, Any]]:
    feed = _parsed(data, source.url).get("feed")
    entries = feed.get("entry") if isinstance(feed, dict) else None
    if not isinstance(entries, list):
        raise Refusal("X68", Phrase("This is no ROLIE feed: it has no entries."), source.url)
    return enumerate(entries)


def _entry(number: int, entry: Any, source: Source) -> Listed:  # noqa: ANN401 - any JSON.
    try:
        return _linked(entry, source)
    except (KeyError, TypeError) as error:
        told = Phrase("Entry {number} of the feed has no link or no time.", number=number)
        raise Refusal("X68", told, source.url) from error


def _linked(entry: dict[str, Any], source: Source) -> Listed:
    links = [(each["rel"], address(each["href"], source.url)) for each in entry["link"]]
    itself = [url for rel, url in links if rel == "self"]
    content = entry.get("content")
    said = content.get("src") if isinstance(content, dict) else None
    url = itself[0] if itself else address(said, source.url)
    hashes = {
        algorithm: target
        for rel, target in links
        for algorithm in names.HASHES
        if rel == "hash" and target.endswith(f".{algorithm}")
    }
    signature = next((target for rel, target in links if rel == "signature"), "")
    return Listed(url, str(entry["updated"])[:50], hashes, signature, True, source.tlp)


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    lines = io.StringIO(data.decode("utf-8", "replace"), newline=None)
    return ((number, line.rstrip("\n")) for number, line in enumerate(lines, 1) if line.strip())


def _line(number: int, line: str, source: Source) -> Listed:
    try:
        # A line by itself: no field of it has several, and what is wrong with one ends there.
        row = next(csv.reader([line]))
    except csv.Error:
        row = []
    if len(row) != 2 or not _PLACE.fullmatch(row[0]) or ".." in row[0]:
        told = Phrase("Line {number} of changes.csv has no path and time.", number=number)
        raise Refusal("X68", told, source.url)
    url = urljoin(source.url, row[0])
    hashes = {algorithm: f"{url}.{algorithm}" for algorithm in names.HASHES}
    return Listed(url, row[1][:50], hashes, f"{url}.asc", False, source.tlp)


def _parsed(data: bytes, url: str) -> dict[str, Any]:
    try:
        return reading.parse(data)
    except Refusal as refusal:
        raise Refusal("X68", refusal.reason, url) from refusal


def address(said: Any, base: str) -> str:  # noqa: ANN401 - any JSON.
    """Return the address that is meant, from where it is said. Raises Refusal X68."""
    try:
        url = urljoin(base, said) if isinstance(said, str) and len(said) <= LONGEST else ""
        parts = urlsplit(url)
        _ = parts.port  # Raises for one that there is not, as 99999.
    except ValueError:
        url, parts = "", urlsplit("")
    schemes = {"https", urlsplit(base).scheme}
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc:
        told = Phrase("It leads to what is no address by https: {url}.", url=str(said)[:200])
        raise Refusal("X68", told, base)
    return url


def file_of(url: str) -> str:
    """Return the name of the file that an address ends in. Raises Refusal X43."""
    name = urlsplit(url).path.rpartition("/")[2]
    if not _PLACE.fullmatch(name) or len(name) > names.LONGEST + 5:
        raise Refusal("X43", Phrase("The address ends in no name of an advisory."), url)
    return name
