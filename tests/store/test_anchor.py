"""The anchor's file: two marks, of which one is whole at all times."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.store.anchor import LINE, SLOT, Anchor, Mark
from tests.kernel.world import digest, refused

MARKS = [Mark(1, size, digest(str(size))) for size in range(5)]


@pytest.fixture
def anchor(tmp_path: Path) -> Anchor:
    """An anchor that has come to the third mark."""
    made = Anchor(tmp_path / "anchor")
    made.write(MARKS[0])
    for mark in MARKS[1:3]:
        made.advance(mark)
    return made


def test_the_last_mark_is_in_force_and_the_file_never_grows(anchor: Anchor, tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    before = path.stat().st_size, path.stat().st_ino
    for mark in MARKS[3:]:
        anchor.advance(mark)
        assert Anchor(path).read() == mark
        assert (path.stat().st_size, path.stat().st_ino) == before


@pytest.mark.parametrize("length", [0, 1, 100, LINE - 1])
def test_a_mark_that_was_cut_off_leaves_the_one_before(
    anchor: Anchor, tmp_path: Path, length: int
) -> None:
    path = tmp_path / "anchor"
    before = path.read_bytes()
    anchor.advance(MARKS[3])
    after = path.read_bytes()
    at = next(i for i in (0, SLOT) if before[i : i + LINE] != after[i : i + LINE])
    path.write_bytes(
        before[:at]
        + after[at : at + length]
        + before[at + length : at + LINE]
        + before[at + LINE :]
    )
    assert Anchor(path).read() == (MARKS[3] if length == LINE - 1 else MARKS[2])
    Anchor(path).advance(MARKS[4])
    assert Anchor(path).read() == MARKS[4]


@pytest.mark.parametrize("at", [0, SLOT])
def test_a_damaged_mark_is_not_read(anchor: Anchor, tmp_path: Path, at: int) -> None:
    path = tmp_path / "anchor"
    assert anchor.read() == MARKS[2]
    data = bytearray(path.read_bytes())
    data[at + 8] ^= 1
    path.write_bytes(data)
    assert Anchor(path).read() in {MARKS[1], MARKS[2]}
    data[SLOT - at + 8] ^= 1
    path.write_bytes(data)
    with refused("S1", "cannot be read"):
        Anchor(path).read()


def test_a_mark_is_on_the_disk_before_it_is_in_force(tmp_path: Path) -> None:
    path, seen = tmp_path / "anchor", list[Mark | None]()

    def sync(_: int) -> None:
        seen.append(Anchor(path).read())

    made = Anchor(path, sync, sync)
    made.write(MARKS[0])
    # The file before it is renamed, and its folder.
    assert seen == [None, MARKS[0]]
    made.advance(MARKS[1])
    assert seen[2:] == [MARKS[1]]


def test_its_stamp_changes_with_every_append_of_any_process(anchor: Anchor, tmp_path: Path) -> None:
    other = Anchor(tmp_path / "anchor")
    assert anchor.stamp() == anchor.own
    other.advance(MARKS[2])
    assert anchor.stamp() not in {None, anchor.own}
    other.write(MARKS[2])
    assert anchor.stamp() not in {None, other.own}


def test_what_is_no_file_cannot_be_read_and_stops_nobody_who_only_glances(
    anchor: Anchor, tmp_path: Path
) -> None:
    path = tmp_path / "anchor"
    path.unlink()
    assert anchor.read() is None
    path.mkdir()
    assert anchor.stamp() is None
    with refused("S1", "cannot be read"):
        anchor.read()
