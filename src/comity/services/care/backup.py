"""Copies of a node that are kept elsewhere: ``comity backup``.

A backup holds the database as of one moment, large parts of content, the settings, the peers of
sharing, imported lists, and a manifest with the hash of every file. It holds no private key, no
password, no anchor and no spool: with it alone nobody can sign as this party, and going on from it
takes the printed spare-key code (``restore``).
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from comity.kernel.errors import Phrase, Refusal
from comity.services.care import copied
from comity.services.care.copied import DUMP, LIMITS, MANIFEST
from comity.services.care.report import quiet
from comity.services.node import DATABASE, SETTINGS, Settings, make_folder
from comity.store import copies
from comity.store.access import parties

if TYPE_CHECKING:
    from comity.services.care.report import Progress
    from comity.services.node import Node

LAST = "backup.json"
VERSION = 1
TAR = ".tar"
_MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    ``made_at`` in ms; ``logs`` are (number, size, root) of own logs; ``files`` the SHA-256 of each
    file by its path in the backup; ``database`` names the file among them that holds it.
    """

    party: str
    name: str
    made_at: int
    database: str
    logs: tuple[tuple[int, int, str], ...]
    files: dict[str, str]

    def to_bytes(self) -> bytes:
        """Return the manifest as JSON."""
        value = {"comity_backup": VERSION, **asdict(self)}
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def backup(node: Node, *, target: Path, progress: Progress = quiet) -> Manifest:
    """Copy the node into the folder ``target``, or into the file when its name ends in .tar.

    The node goes on meanwhile. Raises Refusal S4 when the target exists, or, on PostgreSQL, holds
    no dump yet: then the reason says which command makes one. S7 when the disk is full.
    """
    packed = target.suffix == TAR
    postgres = copies.is_postgres(node.db)
    if target.exists() and not (postgres and not packed and (target / DUMP).exists()):
        raise Refusal("S4", f"{target} exists already. Choose another name.")
    if postgres:
        _require_dump(node, target)
    folder = target if postgres else target.with_name(f"{target.name}.new")
    if folder != target:
        # What a crash left there is of another moment.
        shutil.rmtree(folder, ignore_errors=True)
    try:
        manifest = _fill(node, folder, progress, postgres=postgres)
        if packed:
            _pack(folder, target)
        elif folder != target:
            folder.rename(target)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        words = "there is no room" if full else f"{error.strerror}".lower()
        reason = f"The backup could not be written: {words}."
        raise Refusal("S7" if full else "S4", reason, str(target)) from error
    finally:
        if folder != target:
            shutil.rmtree(folder, ignore_errors=True)
    _note_last(node, manifest, target)
    return manifest


def _require_dump(node: Node, target: Path) -> None:
    """Raise Refusal S4 unless ``pg_dump`` has put its copy into the target."""
    dump = target / DUMP
    if target.suffix == TAR or not dump.exists() or _beginning(dump) != b"PGDMP":
        folder = target.with_suffix("")
        raise Refusal(
            "S4",
            "PostgreSQL copies itself. First: mkdir -p "
            f"{folder} && pg_dump --format=custom --file={folder / DUMP} "
            f"--dbname={copies.named(node.db)}. Then: comity backup {folder}",
        )


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(5)


def _fill(node: Node, folder: Path, progress: Progress, *, postgres: bool) -> Manifest:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Before the database: what a list brought is kept before the file says that it did.
    names = copied.copy_beside(node.folder, folder)
    if postgres:
        # What the dump holds is not newer than this; parts are copied after it and only grow.
        logs = tuple((row.log, row.size, row.root) for row in parties.logs(node.db))
    else:
        copies.copy(node.db, folder / DATABASE)
        logs = copies.logs_of(folder / DATABASE)
    # The address of a database may hold a password, and is of this machine alone.
    replace(node.settings, database=DATABASE).write(folder)
    names += [SETTINGS, DUMP if postgres else DATABASE]
    files = {name: _digest(folder / name) for name in names}
    found = copied.parts(node.folder)
    for done, name in enumerate(found, 1):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(node.folder / name, folder / name)
        files[name] = _digest(folder / name)
        progress("parts", done, len(found))
    manifest = Manifest(
        party=node.me,
        name=node.settings.name,
        made_at=node.now(),
        database=DUMP if postgres else DATABASE,
        logs=logs,
        files=files,
    )
    (folder / MANIFEST).write_bytes(manifest.to_bytes())
    return manifest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(folder: Path, target: Path) -> None:
    fresh = target.with_name(f"{target.name}.part")
    fresh.unlink(missing_ok=True)
    # Closed to other users from its first byte, and not only once it is complete.
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        for path in _files(folder):
            tar.add(path, path.relative_to(folder).as_posix(), recursive=False)
    fresh.replace(target)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _note_last(node: Node, manifest: Manifest, target: Path) -> None:
    """Remember the last backup, so that the doctor can say how old it is."""
    value = {"at": manifest.made_at, "where": str(target), "logs": manifest.logs}
    (node.folder / LAST).write_bytes(orjson.dumps(value) + b"\n")


def last(node: Node) -> int | None:
    """Return when the last backup was made, in ms, or None."""
    try:
        return int(orjson.loads((node.folder / LAST).read_bytes())["at"])
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def verify(source: Path) -> Manifest:
    """Return the manifest of a backup folder whose every file is what it says.

    Raises Refusal S4: not a backup, damaged, or with files that no backup of this program has.
    """
    manifest = _read(source)
    named = manifest.files.keys() & {SETTINGS, manifest.database}
    if len(named) < 2 or manifest.database not in {DATABASE, DUMP}:
        raise Refusal("S4", "The backup lists no settings or no database.", str(source))
    root = source.resolve()
    for name, digest in manifest.files.items():
        limit = copied.limit(name, source)
        path = root / name
        # Equal to where it leads only if nothing on the way there is a link.
        if path.resolve() != path or not path.is_file():
            raise Refusal("S4", Phrase("The backup lacks its file {name}.", name=name), str(source))
        if path.stat().st_size > limit or _digest(path) != digest:
            told = Phrase("The backup's file {name} is damaged.", name=name)
            raise Refusal("S4", told, str(source))
    return manifest


def _read(source: Path) -> Manifest:
    try:
        path = source / MANIFEST
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LIMITS[MANIFEST]:
            raise OSError(MANIFEST)
        value = orjson.loads(path.read_bytes())
        if value.pop("comity_backup") != VERSION:
            raise Refusal("S4", "The backup is of another version of this program.", str(source))
        value["logs"] = tuple((log, size, root) for log, size, root in value["logs"])
        value["files"] = {str(name): str(digest) for name, digest in value["files"].items()}
        return Manifest(**value)
    except (OSError, orjson.JSONDecodeError, *_MALFORMED) as error:
        told = Phrase("There is no backup in {folder}.", folder=source)
        raise Refusal("S4", told, str(source)) from error


def unpack(source: Path, folder: Path) -> Manifest:
    """Put a backup, a folder or a .tar, into the new node folder; ``restore`` comes next.

    Only files that a backup has are taken, regular ones, each of at most the size that this program
    gives it. A dump of PostgreSQL is loaded by ``pg_restore``; the
    reason of the refusal says how. Raises Refusal S4 (damaged, or not made by ``backup``), S5 (the
    folder holds a node already) or S7 (no room).
    """
    if (folder / SETTINGS).exists():
        raise Refusal("S5", f"{folder} holds a node already. Choose another folder.")
    make_folder(folder)
    spare = folder / "unpacked"
    shutil.rmtree(spare, ignore_errors=True)
    try:
        if not source.is_dir():
            _open_tar(source, spare)
        opened = source if source.is_dir() else spare
        manifest = verify(opened)
        _require_settings(opened, manifest)
        for name in manifest.files:
            if name != SETTINGS:
                (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copyfile(opened / name, folder / name)
        # Last, for its presence says that a node is here.
        shutil.copyfile(opened / SETTINGS, folder / SETTINGS)
    finally:
        shutil.rmtree(spare, ignore_errors=True)
    return manifest


def _require_settings(opened: Path, manifest: Manifest) -> None:
    """Raise Refusal S4 unless the settings are of the party, and name a database in its folder."""
    try:
        settings = Settings.read(opened)
    except (Refusal, *_MALFORMED) as error:
        raise Refusal("S4", "The backup's settings cannot be read.", str(opened)) from error
    if (settings.party, settings.database) != (manifest.party, DATABASE):
        raise Refusal("S4", "The backup's settings are of another node.", str(opened))


def _open_tar(source: Path, folder: Path) -> None:
    """Take the files of a backup out of an archive. Raises Refusal S4 or S7."""
    folder.mkdir(mode=0o700)
    try:
        with tarfile.open(source, mode="r:") as tar:
            for member in tar:
                if not member.isdir():
                    _take_member(tar, member, folder, source)
    except (OSError, tarfile.TarError) as error:
        told = Phrase("{file} cannot be read as a backup: {error}.", file=source, error=error)
        raise Refusal("S4", told) from error


def _take_member(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, source: Path) -> None:
    name = member.name.removeprefix("./")
    limit = copied.limit(name, source)
    # A sparse file says a size that is not in the archive; links and devices are no files.
    plain = member.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and not member.issparse()
    file = tar.extractfile(member) if plain else None
    if file is None or member.size > limit or (folder / name).exists():
        told = Phrase("The backup's file {name} is none, too large, or there twice.", name=name)
        raise Refusal("S4", told, name)
    if member.size > shutil.disk_usage(folder).free:
        told = Phrase("There is no room for the backup's file {name}.", name=name)
        raise Refusal("S7", told, str(folder))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with file, (folder / name).open("xb") as target:
        shutil.copyfileobj(file, target)
