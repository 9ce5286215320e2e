"""Which files a backup holds: by what names, how large at most, and where they are in a node's
folder.

Keys, passwords, the anchor and the spool are none of them. What is unpacked goes where a name
leads, and a backup may have been in other hands: a name that no rule here allows is refused.
"""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.content import PART_LIMIT
from comity.kernel.errors import Phrase, Refusal
from comity.services.node import DATABASE, SETTINGS
from comity.services.response import ownfiles, rules, severity
from comity.services.sharing import peers, providers, vulnerabilities, warning

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"
DUMP = "database.dump"
LIMITS = {
    DATABASE: sys.maxsize,
    DUMP: sys.maxsize,
    SETTINGS: 1024 * 1024,
    MANIFEST: 256 * 1024 * 1024,
}
"""The most bytes of files that every backup has; a manifest has some 200 for each large part."""


class Kind(NamedTuple):
    """Files that a node may have: what their ``names`` are, and the most bytes of each."""

    names: re.Pattern[str]
    most: int


PARTS = Kind(re.compile(r"parts/([0-9a-f]{2})/\1[0-9a-f]{62}"), PART_LIMIT)
"""Large parts, as ``casework.content.part_path`` names them."""
BESIDE = (
    Kind(re.compile(re.escape(peers.FILE)), 1024 * 1024),
    Kind(re.compile(re.escape(severity.FILE)), ownfiles.LARGEST),
    Kind(re.compile(re.escape(rules.FILE)), ownfiles.LARGEST),
    Kind(re.compile(rf"{providers.FOLDER}/[0-9a-f]{{32}}\.json"), providers.LARGEST),
    Kind(
        re.compile(rf"{warning.FOLDER}/[A-Za-z0-9_-][A-Za-z0-9_. -]{{0,200}}\.json"),
        warning.LARGEST,
    ),
    Kind(
        re.compile(rf"{vulnerabilities.FOLDER}/(kev\.json|epss\.csv)"), 2 * vulnerabilities.LARGEST
    ),
)
"""What stands beside the database: the peers, the party's own schemes of severity and regimes of
reporting, how far pulling from providers has come, imported warninglists, the rows of other lists.
"""


def limit(name: str, source: Path) -> int:
    """Return the most bytes that a file of a backup may have.

    Raises Refusal S4 for a name that this program gives to no file there.
    """
    if name in LIMITS:
        return LIMITS[name]
    for kind in (PARTS, *BESIDE):
        if kind.names.fullmatch(name):
            return kind.most
    told = Phrase("No backup of this program holds a file {name}.", name=repr(name))
    raise Refusal("S4", told, str(source))


def parts(folder: Path) -> list[str]:
    """Return the names of the large parts in a node's folder."""
    return _found(folder, "parts", (PARTS,))


def copy_beside(folder: Path, target: Path) -> list[str]:
    """Copy what stands beside the database, and return the names of what was there to copy."""
    own = (peers.FILE, severity.FILE, rules.FILE)
    names = [name for name in own if (folder / name).is_file()]
    for room in (providers.FOLDER, warning.FOLDER, vulnerabilities.FOLDER):
        names += _found(folder, room, BESIDE)
    return [name for name in names if _copy(folder / name, target / name)]


def _found(folder: Path, room: str, kinds: tuple[Kind, ...]) -> list[str]:
    below = (path for path in (folder / room).rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in below)
    return sorted(name for name in names if any(kind.names.fullmatch(name) for kind in kinds))


def _copy(source: Path, target: Path) -> bool:
    """Copy a file; return False for one that was removed since it was seen."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        return False
    return True
