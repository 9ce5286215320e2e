"""The drills end well, and every one has a page that says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.drill_stories import DRILLS

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "howto" / "drills"


def test_every_drill_has_a_page_and_every_page_a_drill() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")} - {"index"}
    assert {"clock" if name.startswith("clock-") else name for name in DRILLS} == pages
    listed = (PAGES / "index.md").read_text(encoding="utf-8")
    assert [page for page in sorted(pages) if f"({page}.md)" not in listed] == []


@pytest.mark.slow
def test_a_drill_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.drill", "rolled-back", "lost-disk"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 drills ended well." in done.stdout
