"""The folder of a node is closed to the other users of its machine."""

from __future__ import annotations

from pathlib import Path

from tests.edge.desk import Desk


def test_a_node_closes_its_folder_to_other_users(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    desk.ok("open", "init", "--name", "Orvanda", "--kit-file", desk.home / "k")
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_of_other_things_that_is_open_to_others_is_not_taken(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    (folder / "other").write_bytes(b"")
    refusal = desk.refused("open", "init", "--name", "Orvanda")
    assert refusal["rule"] == "S5"
    assert [path.name for path in folder.iterdir()] == ["other"]
