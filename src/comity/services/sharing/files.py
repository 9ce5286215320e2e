"""Files of objects, as people have them, read one after the other in whatever form each has.

A file that cannot be read spoils nothing of the others, as one object spoils nothing of its batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from comity.bridges.stix.record import Flaw
from comity.kernel.errors import Phrase, Refusal
from comity.services.sharing import importing
from comity.services.sharing.circles import UNMARKED

if TYPE_CHECKING:
    from comity.bridges.stix.record import StixObject
    from comity.kernel.label import TLP
    from comity.services.sharing.importing import Imported


class FileRead(NamedTuple):
    """What files hold: objects, and the flaws of what is none, each with its file in its path.

    ``unmarked`` is the strictest label that a file says of objects without a marking, or that they
    have where another says nothing of them; None where none says anything.
    """

    objects: list[StixObject]
    flaws: list[Flaw]
    unmarked: TLP | None


def read(paths: Sequence[Path]) -> FileRead:
    """Return the objects in files, and in folders that are feeds. What is wrong is a flaw.

    Raises OSError for a file that cannot be opened.
    """
    objects: list[StixObject] = []
    flaws: list[Flaw] = []
    labels: list[TLP | None] = []
    for path in paths:
        try:
            found = _folder(path) if path.is_dir() else importing.read(_bytes(path))
        except Refusal as refusal:
            flaws.append(Flaw("", path.name, refusal.rule, refusal.reason))
            continue
        objects += found.objects
        labels.append(found.unmarked)
        flaws += [flaw._replace(path=f"{path.name}: {flaw.path}") for flaw in found.flaws]
    said = max((each or UNMARKED for each in labels), default=None) if any(labels) else None
    return FileRead(objects, flaws, said)


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
