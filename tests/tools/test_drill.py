"""The drills end well, and every one has a page that says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.drill_disks import small_disk
from tools.drill_stories import DRILLS

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "howto" / "drills"


def test_every_drill_has_a_page_and_every_page_a_drill() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")} - {"index"}
    assert {"clock" if name.startswith("clock-") else name for name in DRILLS} == pages
    listed = (PAGES / "index.md").read_text(encoding="utf-8")
    assert [page for page in sorted(pages) if f"({page}.md)" not in listed] == []


def start(*words: str) -> subprocess.Popen[str]:
    """Start to perform drills, in a process of their own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tools.drill", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def require_well(*started: subprocess.Popen[str]) -> None:
    """Demand that every drill started ends well."""
    try:
        said = [process.communicate(timeout=900)[0] for process in started]
    finally:
        for process in started:
            process.kill()
    for process, output in zip(started, said, strict=True):
        assert process.returncode == 0, output
        assert "drills ended well." in output


@pytest.mark.slow
def test_all_drills_end_well() -> None:
    names = [*DRILLS]
    # Mostly they wait: two at once take half the time.
    require_well(start(*names[::2]), start(*names[1::2]))


@pytest.mark.long
def test_drills_that_break_the_database_end_well_on_postgresql(postgres: str) -> None:
    require_well(start(f"--postgres={postgres}", "rolled-back", "full-disk"))


def test_a_small_disk_fills_up_and_is_seen_by_what_enters_it_alone(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "kept").write_text("before")
    with small_disk(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("this system lets nobody make a small disk")
        inside = disk.bring(tmp_path / "home")
        assert not (inside / "kept").exists()
        disk.fill()
        write = ["sh", "-c", f"echo more > {inside}/more"]
        assert subprocess.run([*disk.enter, *write], capture_output=True, check=False).returncode
        disk.free()
        assert not subprocess.run([*disk.enter, *write], check=False).returncode
        disk.take_back(tmp_path / "home")
    assert (tmp_path / "home" / "kept").read_text() == "before"
    assert (tmp_path / "home" / "more").read_text() == "more\n"
