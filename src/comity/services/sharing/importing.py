"""Files of others: recognised by what they hold, and read as objects and flaws.

Read are STIX (a bundle, an envelope, a list, one object), events of MISP, the catalogue of
vulnerabilities known to be exploited, and EPSS; each also packed by gzip. Folders are feeds of MISP
and static feeds. An advisory of CSAF is recognised, and read by who checks its signature.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from comity.bridges.feeds import epss, kev, static
from comity.bridges.misp import feed, shape
from comity.bridges.misp import reading as misp
from comity.bridges.stix import reading as stix
from comity.bridges.stix.record import Flaw, StixObject
from comity.bridges.taxii import packing
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.kernel.note import VerifierKey
from comity.services.sharing.schemas import stix_schemas

LIMIT = shape.LIMIT
"""The largest file, unpacked, in bytes."""
GZIP = b"\x1f\x8b"
"""What every file packed by gzip begins with."""


class Form(StrEnum):
    """What a file or folder is."""

    STIX = "stix"
    MISP = "misp"
    MISP_FEED = "misp-feed"
    CSAF = "csaf"
    KEV = "kev"
    EPSS = "epss"
    STATIC = "feed"


class Imported(NamedTuple):
    """What a file holds: its ``form``, the ``objects``, and the ``flaws`` of what is none.

    ``unmarked`` is the label that its source says of those without a marking, None where it says
    nothing of them.
    """

    form: Form
    objects: list[StixObject]
    flaws: list[Flaw]
    unmarked: TLP | None = None


class Wanted(NamedTuple):
    """How files are read: EPSS is told of ``cves`` alone, and an advisory by ``advisories``."""

    cves: Collection[str] = ()
    advisories: Callable[[bytes], list[bytes]] | None = None


def read(data: bytes, wanted: Wanted | None = None) -> Imported:
    """Return what a file holds, whatever form it has.

    Raises the refusals of its form, of whole files: X1 to X3, X36, X37, X50, X52, X56; S4 for an
    advisory that nobody reads here.
    """
    wanted = wanted or Wanted()
    if data.startswith(GZIP):
        data = packing.unpacked(data, "gzip", LIMIT)
    data = data.removeprefix(codecs.BOM_UTF8).strip()
    form = recognised(data)
    raws, flaws = _READERS[form](data, wanted)
    objects, wrong = stix.read_all(raws, stix_schemas())
    return Imported(form, objects, [*flaws, *wrong])


def recognised(data: bytes) -> Form:
    """Return the form of a file, by its members; what is nothing else is taken for STIX."""
    if data.startswith(b"#model_version"):
        return Form.EPSS
    try:
        value = shape.parsed(data, "X1")
    except Refusal:
        return Form.STIX
    first = value[0] if isinstance(value, list) and value else value
    names = set(first) if isinstance(first, dict) else set()
    for form, members in _MEMBERS.items():
        if any(each <= names for each in members):
            return form
    return Form.STIX


_MEMBERS: dict[Form, tuple[set[str], ...]] = {
    # By which members of a JSON object, or of the first in a list, a form is known.
    Form.KEV: ({"vulnerabilities", "catalogVersion"},),
    Form.CSAF: ({"document"},),
    Form.MISP: ({"Event"}, {"response"}, {"info", "uuid"}),
}


def _stix(data: bytes, wanted: Wanted) -> tuple[list[bytes], list[Flaw]]:
    del wanted
    if data.startswith(b"["):
        data = b'{"objects":' + data + b"}"
    try:
        return stix.split(data, LIMIT), []
    except Refusal as refusal:
        if (refusal.rule, refusal.subject) != ("X3", "type"):
            raise
        return [data], []


def _misp(data: bytes, wanted: Wanted) -> tuple[list[bytes], list[Flaw]]:
    del wanted
    return misp.read(data)


def _kev(data: bytes, wanted: Wanted) -> tuple[list[bytes], list[Flaw]]:
    del wanted
    found = kev.read(data)
    return found.objects, found.flaws


def _epss(data: bytes, wanted: Wanted) -> tuple[list[bytes], list[Flaw]]:
    found = epss.read(data, wanted.cves)
    return found.objects, found.flaws


def _csaf(data: bytes, wanted: Wanted) -> tuple[list[bytes], list[Flaw]]:
    if wanted.advisories is None:
        told = Phrase("This is a CSAF advisory. It is taken in with its signature and its hash.")
        raise Refusal("S4", told)
    return wanted.advisories(data), []


_READERS: Mapping[Form, Callable[[bytes, Wanted], tuple[list[bytes], list[Flaw]]]] = {
    Form.STIX: _stix,
    Form.MISP: _misp,
    Form.CSAF: _csaf,
    Form.KEV: _kev,
    Form.EPSS: _epss,
}


def read_folder(files: Mapping[str, bytes], keys: Sequence[VerifierKey] = ()) -> Imported:
    """Return what a folder holds, its files given by path: a feed of MISP, or a static feed.

    A static feed is signed by one of ``keys``; each of its objects is under the label that it was
    made for, or a wider one. Raises Refusal X55 for a folder that is neither, X58, W1, W2 and K5
    for a static feed that is not whole or not theirs.
    """
    if static.INDEX not in files:
        mapped = feed.read(files)
        objects, wrong = stix.read_all(mapped.objects, stix_schemas())
        return Imported(Form.MISP_FEED, objects, [*mapped.flaws, *wrong])
    static.verify(files[static.INDEX], files.get(static.NOTE, b""), keys)
    found = static.read(files[static.INDEX], files)
    objects, wrong = stix.read_all(found.raws, stix_schemas())
    return Imported(Form.STATIC, objects, [*found.flaws, *wrong], found.made_for)
