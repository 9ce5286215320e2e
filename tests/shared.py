"""Real public data, for tests that are run where it is; it is no part of this project."""

import os
from pathlib import Path

import pytest

SHARED = Path(
    os.environ.get("COMITY_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)


def shared(path: str) -> Path:
    """A file of the shared data; the test is skipped where it is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"the shared data is not here: {path}")
    return found
