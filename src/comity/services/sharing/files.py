"""Files of objects, as people have them: bundles, envelopes, lists, single objects; packed or not.

A file that cannot be read spoils nothing of the others, as one object spoils nothing of its batch.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from comity.bridges.stix import reading
from comity.bridges.stix.record import Flaw
from comity.bridges.taxii import packing
from comity.kernel.errors import Phrase, Refusal
from comity.services.sharing.schemas import stix_schemas
from comity.services.sharing.shelving import place_in

if TYPE_CHECKING:
    from comity.bridges.stix.record import StixObject

GZIP = b"\x1f\x8b"
"""What every file packed by gzip begins with."""


class FileRead(NamedTuple):
    """What files hold: objects, and the flaws of what is none, each with its file in its path."""

    objects: list[StixObject]
    flaws: list[Flaw]


def read(paths: Sequence[Path]) -> FileRead:
    """Return the objects in files; a marking may be defined in another file than it is used in.

    Raises OSError for a file that cannot be opened. Raises nothing else: what is wrong is a flaw.
    """
    raws: list[bytes] = []
    places: list[tuple[str, int]] = []
    flaws: list[Flaw] = []
    for path in paths:
        try:
            found = objects_in(_bytes(path))
        except Refusal as refusal:
            flaws.append(Flaw("", path.name, refusal.rule, refusal.reason))
        else:
            raws += found
            places += [(path.name, at) for at in range(len(found))]
    objects, wrong = reading.read_all(raws, stix_schemas())
    return FileRead(objects, [*flaws, *(_located(flaw, places) for flaw in wrong)])


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > reading.BATCH_LIMIT:
        told = Phrase("The file has more than {limit} bytes.", limit=reading.BATCH_LIMIT)
        raise Refusal("X1", told, path.name)
    data = path.read_bytes()
    if data.startswith(GZIP):
        return packing.unpacked(data, "gzip", reading.BATCH_LIMIT)
    return data


def objects_in(data: bytes) -> list[bytes]:
    """Return the objects in a bundle, an envelope or a list, or the one object that it is.

    Raises Refusal X1, X2 or X3.
    """
    data = data.removeprefix(codecs.BOM_UTF8).strip()
    if data.startswith(b"["):
        data = b'{"objects":' + data + b"}"
    try:
        return reading.split(data)
    except Refusal as refusal:
        if (refusal.rule, refusal.subject) == ("X3", "type"):
            return [data]
        raise


def _located(flaw: Flaw, places: Sequence[tuple[str, int]]) -> Flaw:
    """Return a flaw with its path in its own file."""
    name, at = places[place_in(flaw)]
    within = flaw.path.partition("]")[2]
    return flaw._replace(path=f"{name}: objects[{at}]{within}")
