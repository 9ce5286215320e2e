"""The desk for tests of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.desk import Desk, leave


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nodes that know each other are kept, to be copied."""
    return tmp_path_factory.mktemp("stock")


@pytest.fixture
def desk(tmp_path: Path, stock: Path) -> Iterator[Desk]:
    """A desk without nodes."""
    made = Desk(tmp_path, stock)
    yield made
    leave(made)
