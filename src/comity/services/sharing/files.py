"""Files of objects, as people have them, read one after the other in whatever form each has.

A file that cannot be read spoils nothing of the others, as one object spoils nothing of its batch.
Advisories are checked with the hashes and signatures that lie beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from comity.bridges.stix.record import Flaw
from comity.kernel.errors import Phrase, Refusal
from comity.services.sharing import advisories, importing
from comity.services.sharing.circles import UNMARKED
from comity.services.sharing.importing import GZIP, Wanted

if TYPE_CHECKING:
    from comity.bridges.openpgp.material import Material
    from comity.bridges.stix.record import StixObject
    from comity.kernel.label import TLP
    from comity.services.sharing.advisories import Checked
    from comity.services.sharing.importing import Imported


class FileRead(NamedTuple):
    """What files hold: objects, and the flaws of what is none, each with its file in its path.

    ``unmarked`` is the strictest label that a file says of objects without a marking, or that they
    have where another says nothing of them; None where none says anything. ``advisories`` are those
    among them.
    """

    objects: list[StixObject]
    flaws: list[Flaw]
    unmarked: TLP | None
    advisories: tuple[Checked, ...] = ()


@dataclass(frozen=True, slots=True)
class Checking:
    """How advisories are checked: one of ``keys``, where there are any, must have signed each;
    ``now`` in ms; ``tlp`` is the label of those without one, AMBER where it is None.
    """

    keys: Sequence[Material] = ()
    now: int | None = None
    tlp: TLP | None = None
    checked: list[Checked] = field(default_factory=list)

    def raws(self, path: Path, data: bytes) -> list[bytes]:
        """Return the objects of an advisory. Raises Refusal as ``advisories.check``; S4 for a file
        that is packed, since hash and signature are those of what is in it.
        """
        with path.open("rb") as file:
            if file.read(len(GZIP)) == GZIP:
                told = Phrase("This is a CSAF advisory that is packed. Unpack it first.")
                raise Refusal("S4", told, path.name)
        del data
        found = advisories.check(path, self.keys, now=self.now)
        self.checked.append(found)
        return advisories.raws(found, self.tlp if found.advisory.tlp is None else None)


def read(paths: Sequence[Path], checking: Checking | None = None) -> FileRead:
    """Return the objects in files, and in folders that are feeds. What is wrong is a flaw.

    Raises OSError for a file that cannot be opened.
    """
    checking = checking or Checking()
    objects: list[StixObject] = []
    flaws: list[Flaw] = []
    labels: list[TLP | None] = []
    for path in paths:
        try:
            found = _folder(path) if path.is_dir() else _file(path, checking)
        except Refusal as refusal:
            flaws.append(Flaw("", path.name, refusal.rule, refusal.reason))
            continue
        objects += found.objects
        labels.append(found.unmarked)
        flaws += [flaw._replace(path=f"{path.name}: {flaw.path}") for flaw in found.flaws]
    said = max((each or UNMARKED for each in labels), default=None) if any(labels) else None
    return FileRead(objects, flaws, said, (*checking.checked,))


def _file(path: Path, checking: Checking) -> Imported:
    return importing.read(_bytes(path), Wanted(advisories=partial(checking.raws, path)))


def _folder(path: Path) -> Imported:
    """Return what a folder holds that is a feed; a link in it is passed over."""
    inside = [each for each in sorted(path.rglob("*")) if each.is_file() and not each.is_symlink()]
    if sum(each.stat().st_size for each in inside) > importing.LIMIT:
        told = Phrase("The folder has more than {limit} bytes.", limit=importing.LIMIT)
        raise Refusal("X1", told, path.name)
    return importing.read_folder(
        {each.relative_to(path).as_posix(): each.read_bytes() for each in inside}
    )


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > importing.LIMIT:
        told = Phrase("The file has more than {limit} bytes.", limit=importing.LIMIT)
        raise Refusal("X1", told, path.name)
    return path.read_bytes()
