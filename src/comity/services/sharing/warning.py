"""Asking warninglists about objects: before they are sent, and where they are read.

The lists are those that the program comes with, and those that whoever looks after the node has
imported; the latter are files in the node's folder, so that a change counts at once for every
process. A hit is only told: nothing is dropped, and nothing is kept back, because of one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from comity.bridges.stix.record import Observable, StixObject
from comity.engines import warnings
from comity.engines.warnings import Hit, WarningList, Warnings
from comity.kernel.errors import Phrase, Refusal
from comity.services import packs

if TYPE_CHECKING:
    from comity.services.node import Node

FOLDER = "lists"
"""Where imported lists are, in the node's folder."""
LARGEST = 64 * 1024 * 1024
"""The largest file that is taken for a list, in bytes."""
MOST = 500
"""The most lists that are imported."""
_LEFT_OUT = re.compile(r"[^a-z0-9]+")
_Kept: TypeAlias = "tuple[tuple[str, int, int], ...]"


class Warned(NamedTuple):
    """What lists say of an object: its ``id``, the ``observable`` that is on a list, the ``hit``.

    Of an object with several observables, or of one that is on several lists, there are several.
    """

    id: str
    observable: Observable
    hit: Hit


class Imported(NamedTuple):
    """A list that was imported, and the ``file`` it is kept in."""

    file: str
    list: WarningList


def hits(node: Node, objects: Iterable[StixObject]) -> list[Warned]:
    """Return what lists say of objects, in the order of these and of their observables."""
    asked = _asked(node.folder / FOLDER, _kept(node))
    return [
        Warned(each.id, observable, hit)
        for each in objects
        for observable in each.observables
        for hit in asked.hits(observable.kind, observable.value)
    ]


def imported(node: Node) -> list[Imported]:
    """Return the lists that were imported, by the names of their files."""
    return [*_read(node.folder / FOLDER, _kept(node))]


def add(node: Node, file: Path) -> Imported:
    """Import a list; one of the same name takes the place of the one before.

    Raises Refusal S4 for what is no list, for one list too many, and for a list of which no entry
    can be used.
    """
    if file.stat().st_size > LARGEST:
        raise Refusal("S4", Phrase("The file has more than {most} bytes.", most=LARGEST), file.name)
    data = file.read_bytes()
    try:
        read = warnings.read(data)
    except ValueError as error:
        raise Refusal("S4", error.args[0], file.name) from error
    if not read.entries:
        raise Refusal("S4", "No entry of this list can be used: it would never warn.", file.name)
    name, folder = _file_of(read.name), node.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    if not (folder / name).exists() and len(_kept(node)) >= MOST:
        raise Refusal("S4", Phrase("There are {most} lists already; remove one.", most=MOST))
    part = folder / f".{name}.part"
    part.write_bytes(data)
    part.replace(folder / name)
    return Imported(name, read)


def remove(node: Node, name: str) -> Imported:
    """Remove an imported list, by its name or its file's. Raises Refusal S3."""
    found = next((i for i in imported(node) if name in {i.list.name, i.file}), None)
    if found is None:
        raise Refusal("S3", "No list of this name was imported.", name[:80])
    (node.folder / FOLDER / found.file).unlink()
    return found


def _file_of(name: str) -> str:
    """Return the name of a list's file: what can be read of its own, and what makes it one."""
    readable = _LEFT_OUT.sub("-", name.lower()).strip("-")[:60]
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.json"


def _kept(node: Node) -> _Kept:
    """Return the files of lists, each with what changes when it is written."""
    found = ((path.name, path.stat()) for path in sorted((node.folder / FOLDER).glob("*.json")))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)


@lru_cache(maxsize=4)
def _read(folder: Path, kept: _Kept) -> tuple[Imported, ...]:
    """Return the lists in a folder. Raises Refusal S5 for a file that somebody has spoilt."""
    return tuple(Imported(name, _list(folder / name)) for name, _, _ in kept)


def _list(path: Path) -> WarningList:
    try:
        return warnings.read(path.read_bytes())
    except ValueError as error:
        told = "This file in the folder of lists is no list. Take it away, or import it anew."
        raise Refusal("S5", told, path.name) from error


@lru_cache(maxsize=4)
def _asked(folder: Path, kept: _Kept) -> Warnings:
    """Return all lists, indexed; made anew when a file has changed."""
    return Warnings([*packs.special_addresses(), *(each.list for each in _read(folder, kept))])
