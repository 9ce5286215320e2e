"""Advisories of CSAF: checking files with what stands beside them, taking them in, publishing.

A file is checked with its hashes (``.sha512``, ``.sha256``) and its OpenPGP signature (``.asc``)
where these lie beside it. What is taken in becomes objects on a shelf; what is published is a
folder for any web server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from comity.bridges.csaf import advisory as advisories
from comity.bridges.csaf import cvss4, lists, names, provider, reading, stix
from comity.bridges.csaf.advisory import Advisory, Publisher
from comity.bridges.csaf.lists import Lists
from comity.bridges.csaf.provider import Entry, Key, Site
from comity.bridges.csaf.rules import Fault
from comity.bridges.openpgp import keys as keyfiles
from comity.bridges.openpgp import signatures, trusted
from comity.bridges.openpgp.material import Material
from comity.bridges.stix import reading as objects
from comity.bridges.stix.record import Flaw, StixObject
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import circles, publishing
from comity.services.sharing.publishing import Published
from comity.services.sharing.schemas import stix_schemas

INTAKE = "csaf"
"""The intake into which advisories come, unless another one is named."""
_OTHERS = re.compile(r"(provider-metadata|aggregator|service|category|feed-.*|.*_invalid)\.json")
_LISTED = re.compile(r"\d{4}/[+\-a-z0-9_]+\.json")
_BESIDE = (".sha512", ".sha256", ".asc")
_LONGEST = 4096


class Checked(NamedTuple):
    """An advisory that was checked.

    Fields: ``file``; ``advisory``; its ``data``; the ``hashes`` that stood beside it; ``issuer``,
    the key that its signature names ("" where there is none); ``signer``, the fingerprint of the
    key that was trusted and did sign it ("" where none was asked for); its ``signature``; the
    ``warnings``, of what in it was not tested; and the label that it was ``given`` under, where
    that is stricter than its own.
    """

    file: Path
    advisory: Advisory
    data: bytes
    hashes: tuple[str, ...]
    issuer: str
    signer: str
    signature: bytes
    warnings: tuple[Fault, ...]
    given: TLP | None = None

    def listed_under(self, label: TLP | None) -> Checked:
        """Return it as given under the label of a list, which loosens nothing."""
        own = self.advisory.tlp or TLP.AMBER
        return self if label is None or label <= own else self._replace(given=label)


class Refused(NamedTuple):
    """A file that was refused, and why."""

    file: Path
    refusal: Refusal


@cache
def known_lists() -> Lists:
    """Return the lists that come with the program: weaknesses of CWE, subtags of languages,
    scores of CVSS 4.0, decision points of SSVC.
    """
    packs = resources.files("comity.packs")
    return Lists(
        lists.weaknesses(packs.joinpath("cwe.txt").read_text(encoding="utf-8")),
        lists.subtags(packs.joinpath("subtags.txt").read_text(encoding="utf-8")),
        cvss4.scores(packs.joinpath("cvss4.txt").read_text(encoding="utf-8")),
        lists.decisions(packs.joinpath("ssvc.txt").read_text(encoding="utf-8")),
    )


def trusted_keys(files: Iterable[Path]) -> list[Material]:
    """Return the keys of files of public keys that may sign. Raises Refusal X46."""
    return [key for file in files for key in trusted.read(_bytes(file, keyfiles.LIMIT, "X46"))]


def found(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of advisories among ``paths``: files as they are, and those in folders."""
    for path in paths:
        if path.is_dir():
            yield from sorted(
                file
                for file in path.rglob("*.json")
                if file.is_file() and not _OTHERS.fullmatch(file.name)
            )
        else:
            yield path


def check_all(
    files: Iterable[Path], keys: Sequence[Material] = (), *, now: int | None = None
) -> tuple[list[Checked], list[Refused]]:
    """Check files one by one: a bad one never stands in the way of others."""
    checked: list[Checked] = []
    refused: list[Refused] = []
    for file in files:
        try:
            checked.append(check(file, keys, now=now))
        except Refusal as refusal:
            refused.append(Refused(file, refusal))
    return checked, refused


def check(file: Path, keys: Sequence[Material] = (), *, now: int | None = None) -> Checked:
    """Return what is in a file, checked with what stands beside it.

    Where ``keys`` are given, one of them must have signed it. Hashes and signature come first, so
    that nothing of a file that is not the publisher's is read. Raises Refusal X40 to X46.
    """
    data = _bytes(file, reading.LIMIT, "X40")
    hashes = tuple(_hashes(file, data))
    signature = _beside(file, ".asc")
    issuer, signer = _signer(data, signature, keys, now)
    found = of_bytes(file, data)
    return found._replace(hashes=hashes, issuer=issuer, signer=signer, signature=signature)


def of_bytes(file: Path, data: bytes) -> Checked:
    """Return an advisory that lies nowhere yet, or not alone, checked: ``file`` is what it is
    called. Raises Refusal X40 to X43.
    """
    doc = reading.read(data, known_lists())
    advisory = advisories.read(doc)
    names.require_name(file.name, advisory.id)
    return Checked(file, advisory, data, (), "", "", b"", tuple(reading.warnings(doc)))


def publisher_of(checked: Iterable[Checked]) -> Publisher:
    """Return the one publisher of advisories. Raises Refusal X49."""
    found = {each.advisory.publisher for each in checked}
    if len(found) != 1:
        raise Refusal("X49", Phrase("A provider publishes advisories of one publisher only."))
    return found.pop()


def _bytes(file: Path, limit: int, rule: str) -> bytes:
    """Return what a file holds. Raises Refusal ``rule`` where that is too much."""
    with file.open("rb") as opened:
        data = opened.read(limit + 1)
    if len(data) > limit:
        raise Refusal(rule, Phrase("The file has more than {limit} bytes.", limit=limit), str(file))
    return data


def _beside(file: Path, end: str) -> bytes:
    path = file.with_name(file.name + end)
    limit = signatures.LIMIT if end == ".asc" else _LONGEST
    return _bytes(path, limit, "X46" if end == ".asc" else "X44") if path.is_file() else b""


def _hashes(file: Path, data: bytes) -> Iterator[str]:
    for algorithm in names.HASHES:
        said = _beside(file, f".{algorithm}")
        if said:
            names.require_hash(algorithm, data, said, file.name)
            yield algorithm


def _signer(
    data: bytes, signature: bytes, keys: Sequence[Material], now: int | None
) -> tuple[str, str]:
    """Return the key that the signature names, and the trusted one that made it."""
    if not signature and keys:
        raise Refusal("X45", Phrase("There is no signature beside it."))
    if not signature:
        return "", ""
    read = signatures.read(signature)
    if not keys:
        return read.issuer, ""
    return read.issuer, signatures.require_signed(data, read, [*keys], now=now).fingerprint


def raws(checked: Checked, given: TLP | None = None) -> list[bytes]:
    """Return an advisory as the bytes of STIX objects. Raises Refusal X47."""
    given = given or checked.given
    return stix.objects(checked.advisory, checked.data, given, checked.signature)


def as_objects(checked: Checked, given: TLP | None = None) -> list[StixObject]:
    """Return an advisory as STIX objects, the report last. Raises Refusal X47."""
    items, flaws = objects.read_all(raws(checked, given), stix_schemas())
    if flaws:
        flaw = flaws[0]
        raise Refusal(flaw.rule, flaw.reason, flaw.id)
    return items


def take_in(
    node: Node, checked: Iterable[Checked], *, circle: str = "", intake: str = INTAKE
) -> Published:
    """Put advisories on a shelf as objects: an intake's, or a circle's, where they are published.

    An identity or advisory that is there already is left as it is; one that makes no objects is a
    flaw, and the others go. Raises Refusal as ``publishing.publish`` does.
    """
    items, flaws = _objects_of(checked)
    if circle:
        done = publishing.publish(node, circle, items)
    else:
        shelf = circles.open_intake(node, name=intake, title="CSAF")
        done = publishing.add_to_intake(node, shelf, items)
    done.flaws += flaws
    return done


def _objects_of(checked: Iterable[Checked]) -> tuple[list[StixObject], list[Flaw]]:
    """Return the objects of advisories, each once, under the strictest label that it came with."""
    items, flaws = dict[tuple[str, int], StixObject](), list[Flaw]()
    for each in checked:
        try:
            found = as_objects(each)
        except Refusal as refusal:
            flaws.append(Flaw(each.advisory.id, refusal.subject, refusal.rule, refusal.reason))
            continue
        for item in found:
            other = items.setdefault((item.id, item.version), item)
            items[item.id, item.version] = max(other, item, key=_strictness)
    return [*items.values()], flaws


def _strictness(item: StixObject) -> TLP:
    return item.marking.tlp or TLP.AMBER


@dataclass(frozen=True, slots=True)
class Tree:
    """What was published: the paths ``written``, and those ``removed`` as no longer listed."""

    written: tuple[str, ...]
    removed: tuple[str, ...]


def entries(checked: Iterable[Checked]) -> list[Entry]:
    """Return advisories as what is published; one without a label is TLP:AMBER."""
    return [
        Entry(
            each.advisory,
            each.data,
            each.advisory.tlp or TLP.AMBER,
            (each.signature,) if each.signature else (),
        )
        for each in checked
    ]


def signing(file: Path, at: int) -> tuple[Key, provider.Sign]:
    """Return the key of a file of a private key, and what signs with it at a time (ms).

    Raises Refusal X46.
    """
    private, public = trusted.read_private(_bytes(file, keyfiles.LIMIT, "X46"))

    def sign(data: bytes) -> bytes:
        return signatures.make(data, private, at // 1000)

    return Key(private.fingerprint, public), sign


def publish(folder: Path, site: Site, checked: Iterable[Checked]) -> Tree:
    """Write the tree of a provider into a folder, and take away what is no longer in it.

    What leads to other files is written after them. Raises Refusal X47 to X49 before anything is
    written, and X48 where a version of an advisory lies there already and says something else.
    """
    files = provider.tree(site, entries(checked))
    for path, data in files.items():
        _require_not_rewritten(folder / path, data)
    before = _listed(folder)
    for path, data in files.items():
        write(folder, path, data)
    gone = sorted(before - files.keys())
    for path in gone:
        for end in ("", *_BESIDE):
            (folder / f"{path}{end}").unlink(missing_ok=True)
    return Tree(tuple(files), tuple(gone))


def _require_not_rewritten(path: Path, data: bytes) -> None:
    if not _LISTED.fullmatch("/".join(path.parts[-2:])) or not path.is_file():
        return
    old = _bytes(path, reading.LIMIT, "X40")
    if old != data and _version(old) == _version(data):
        raise Refusal(
            "X48", Phrase("The same version lies there, and says something else."), path.name
        )


def _version(data: bytes) -> object:
    try:
        return reading.parse(data)["document"]["tracking"]["version"]
    except (Refusal, KeyError, TypeError):
        return None


def _listed(folder: Path) -> set[str]:
    """Return the advisories that the lists in a folder name; nothing else is ever taken away."""
    listed = set()
    for index in folder.glob("*/index.txt"):
        for line in _bytes(index, reading.LIMIT, "X40").decode("utf-8", "replace").splitlines():
            if _LISTED.fullmatch(line):
                listed.add(f"{index.parent.name}/{line}")
    return listed


def write(folder: Path, path: str, data: bytes) -> None:
    """Write a file whole or not at all, and never through a link that leads out of the folder."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise Refusal("X43", Phrase("A link in the folder leads out of it."), path)
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(data)
    part.replace(target)
