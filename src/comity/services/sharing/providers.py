"""Advisories pulled from a CSAF provider: found by its ``provider-metadata.json``, checked with the
hashes and signatures that it gives, and taken in. Of an aggregator, from each that it lists: it is
believed in nothing but where to look.

What was taken is noted in a file of the node's folder after it is there, so that the next pull, or
one after an interruption, asks for what is new or changed alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from comity.bridges.csaf import listing, reading
from comity.bridges.csaf.listing import Listed, Source
from comity.bridges.openpgp import signatures
from comity.kernel.errors import Phrase, Refusal
from comity.services.delivery import addresses, way
from comity.services.delivery.outbound import HTTPTransport
from comity.services.sharing import advisories
from comity.services.sharing.fetching import Absent, Fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from comity.bridges.csaf.listing import Aggregator
    from comity.bridges.openpgp.material import Material
    from comity.services.node import Node
    from comity.services.sharing.advisories import Checked
    from comity.services.sharing.fetching import Got

FOLDER = "providers"
"""Where it is noted what was taken, in the node's folder."""
LARGEST = 1024 * 1024 * 1024
"""The largest such file, in bytes: all that may be listed, by addresses of the greatest length."""
PIECE = 20
"""How many advisories are taken in at once."""
_BESIDE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is pulled: from which ``url``, of a provider's metadata or only its host, or of an
    aggregator's list; one of ``keys``, where there are any, must have signed each advisory; into a
    ``circle`` or an ``intake``; ``again`` asks for what was taken before, too.
    """

    url: str
    keys: Sequence[Material] = ()
    circle: str = ""
    intake: str = advisories.INTAKE
    again: bool = False

    @property
    def key(self) -> str:
        """What stands for this provider and where its advisories go."""
        told = (metadata_url(self.url), self.circle or self.intake)
        return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class Pulled:
    """What came of it: the ``provider``'s name, the ``fingerprints`` it says its keys have; how
    many advisories were ``listed``, and ``taken`` now; the ``objects`` that are new; and what was
    ``refused``, by its address. Of an aggregator, the sums, and what came of ``each`` that it
    lists and that was reached.
    """

    provider: str
    fingerprints: tuple[str, ...]
    listed: int = 0
    taken: int = 0
    objects: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    each: list[Pulled] = field(default_factory=list)

    def add(self, other: Pulled) -> None:
        """Add what came of one that an aggregator lists."""
        self.each.append(other)
        self.listed += other.listed
        self.taken += other.taken
        self.objects += other.objects
        self.refused += other.refused


def metadata_url(url: str) -> str:
    """Return the address of a provider's metadata, by which it may be named, or by its host.

    Raises Refusal X68 for an address that is not by https.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.hostname or ""
    local = parts.scheme == "http" and addresses.is_local(host)
    if not host or "@" in parts.netloc or not (parts.scheme == "https" or local):
        told = Phrase("A provider is named as https://team.example/csaf/provider-metadata.json.")
        raise Refusal("X68", told, url[:200])
    return parts._replace(path=parts.path.rstrip("/") or listing.WELL_KNOWN, fragment="").geturl()


def pull(node: Node, wanted: Wanted, tell: Callable[[str, int, int], None]) -> Pulled:
    """Take in what a provider lists and is not here. One that is refused holds up no other.

    Raises Refusal X68 for what is no provider, X69 where it is not reached: what was taken until
    then is here. Of those that an aggregator lists, that is said of each, and holds up no other.
    """
    with _out(node) as out, TemporaryDirectory(dir=node.folder) as folder:
        url = metadata_url(wanted.url)
        got = Fetch(out).get(url, listing.LIMIT)
        found = listing.aggregator(got.data, got.url)
        if found is None:
            return _Pull(node, wanted, Fetch(out), Path(folder)).run(got, tell)
        done = Pulled(found.name, (), refused=[(got.url, each) for each in found.wrong])
        for number, each in enumerate(found.providers, 1):
            one = _Pull(node, replace(wanted, url=each), Fetch(out), Path(folder))
            try:
                done.add(one.run(one.get(metadata_url(each)), tell))
            except Refusal as refusal:
                done.refused.append((each, refusal))
            tell("providers", number, len(found.providers))
        return done


def aggregated(node: Node, url: str) -> Aggregator:
    """Return whom an aggregator lists, and take in nothing. Raises Refusal X68 or X69."""
    with _out(node) as out:
        got = Fetch(out).get(metadata_url(url), listing.LIMIT)
    found = listing.aggregator(got.data, got.url)
    if found is None:
        raise Refusal("X68", Phrase("This is no aggregator.json."), got.url)
    return found


@contextmanager
def _out(node: Node) -> Iterator[HTTPTransport]:
    out = HTTPTransport(way.of_settings(node.settings, node.folder))
    try:
        yield out
    finally:
        out.close()


@dataclass(slots=True)
class _Pull:
    """One pull, and what is in hand of it."""

    node: Node
    wanted: Wanted
    fetch: Fetch
    """Other hosts than the provider's own that are not reached it does not ask again in a pull."""
    folder: Path
    taken: dict[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    """The hosts of the provider itself."""

    def run(self, got: Got, tell: Callable[[str, int, int], None]) -> Pulled:
        named = metadata_url(self.wanted.url)
        self.own = frozenset(urlsplit(url).netloc for url in (named, got.url))
        found = listing.metadata(got.data, got.url)
        done = Pulled(found.name, found.fingerprints)
        self.taken = {} if self.wanted.again else _read(self._note)
        items = self._listed(found, done)
        fresh = [each for each in items if self.taken.get(each.url) != each.changed]
        done.listed = len(items)
        for first in range(0, len(fresh), PIECE):
            self._take(fresh[first : first + PIECE], done)
            tell("advisories", min(first + PIECE, len(fresh)), len(fresh))
        return done

    @property
    def _note(self) -> Path:
        return self.node.folder / FOLDER / f"{self.wanted.key}.json"

    def get(self, url: str) -> Got:
        """Return a list. Raises Refusal X68 or X69."""
        return self.fetch.get(url, listing.LIMIT)

    def _listed(self, provider: listing.Provider, done: Pulled) -> list[Listed]:
        """Return what the lists of a provider list, each once: of several labels the strictest."""
        found: dict[str, Listed] = {}
        for source in provider.sources:
            for item in self._of_list(source, done):
                other = found.setdefault(item.url, item)
                labels = [each.tlp for each in (item, other) if each.tlp is not None]
                found[item.url] = other._replace(tlp=max(labels, default=None))
            listing.require_few(len(found), source.url)
        return [*found.values()]

    def _of_list(self, source: Source, done: Pulled) -> list[Listed]:
        """Return what one list lists; what is wrong with it is told, and holds up no other."""
        url = source.url if source.feed else f"{source.url}changes.csv"
        try:
            got = self.get(url)
            found, wrong = listing.listed(got.data, source._replace(url=got.url))
        except Refusal as refusal:
            if refusal.rule == "X69":
                raise
            found, wrong = [], [refusal]
        done.refused += [(url, each) for each in wrong]
        return found

    def _take(self, items: Sequence[Listed], done: Pulled) -> None:
        """Take a piece in, also where the provider is lost in the middle of it."""
        checked: dict[str, Checked] = {}
        try:
            for item in items:
                try:
                    checked[item.url] = self._checked(item)
                except Refusal as refusal:
                    if refusal.rule == "X69" and not self._is_elsewhere(refusal):
                        raise
                    done.refused.append((item.url, refusal))
        finally:
            self._keep(checked, {item.url: item.changed for item in items}, done)

    def _is_elsewhere(self, refusal: Refusal) -> bool:
        """Say whether another host than the provider's own is not reached, and remember that."""
        host = urlsplit(refusal.subject).netloc
        if host in self.own:
            return False
        self.fetch.lost.setdefault(host, refusal)
        return True

    def _keep(
        self, checked: Mapping[str, Checked], changed: Mapping[str, str], done: Pulled
    ) -> None:
        where = {"circle": self.wanted.circle, "intake": self.wanted.intake}
        came = advisories.take_in(self.node, checked.values(), **where)
        done.taken += len(checked)
        done.objects += len(came.objects)
        done.refused += [
            (flaw.id, Refusal(flaw.rule, flaw.reason, flaw.path)) for flaw in came.flaws
        ]
        if checked:
            self.taken |= {url: changed[url] for url in checked}
            _write(self._note, self.taken)

    def _checked(self, item: Listed) -> Checked:
        """Fetch an advisory and what stands beside it, and check all. Raises Refusal."""
        file = self.folder / listing.file_of(item.url)
        beside = {f".{algorithm}": url for algorithm, url in item.hashes.items()}
        beside |= {".asc": item.signature} if item.signature else {}
        try:
            file.write_bytes(self.fetch.get(item.url, reading.LIMIT).data)
            for end, url in beside.items():
                self._fetch_beside(file, end, url, promised=item.promised)
            found = advisories.check(file, self.wanted.keys, now=self.node.now())
            return found.listed_under(item.tlp)
        finally:
            for each in self.folder.iterdir():
                each.unlink()

    def _fetch_beside(self, file: Path, end: str, url: str, *, promised: bool) -> None:
        limit = signatures.LIMIT if end == ".asc" else _BESIDE
        try:
            file.with_name(file.name + end).write_bytes(self.fetch.get(url, limit).data)
        except Absent as refusal:
            if promised:
                rule = "X45" if end == ".asc" else "X44"
                told = Phrase("The list leads to {end}, and there is none.", end=end)
                raise Refusal(rule, told, url) from refusal


def _read(file: Path) -> dict[str, str]:
    """Return what was taken: addresses, and when each was changed. Raises Refusal S5."""
    if not file.exists():
        return {}
    try:
        return {str(url): str(at) for url, at in orjson.loads(file.read_bytes()).items()}
    except (OSError, ValueError, AttributeError) as error:
        told = "This file says nothing of what was pulled. Take it away, or pull --again."
        raise Refusal("S5", told, str(file)) from error


def _write(file: Path, taken: Mapping[str, str]) -> None:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(orjson.dumps(taken))
    part.replace(file)
