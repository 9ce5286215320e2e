"""What the tests of the network share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.store import database
from tests.network.simulator import Network


@pytest.fixture(autouse=True)
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let databases not wait for the disk: a process that dies loses nothing by that, only a
    machine does, and no machine dies here.
    """
    pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;"
    monkeypatch.setitem(database.SQLITE_OPTIONS, "init_command", pragmas)


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Network]:
    """A network without faults and without nodes."""
    with Network(tmp_path) as made:
        yield made
