"""The desk for tests of the command line, and the TAXII server for those of TAXII."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.analyst import TaxiiServer, Tool, envelope, malware
from tests.edge.desk import Desk, leave
from tests.nodes import Nodes
from tests.sharing import indicator


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


@pytest.fixture(scope="module")
def taxii(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TaxiiServer]:
    """The TAXII server of a node."""
    with Nodes(tmp_path_factory.mktemp("taxii")) as nodes:
        server = TaxiiServer(nodes.make("orvanda"))
        yield server
        server.app.close()


@pytest.fixture
def tool(taxii: TaxiiServer) -> Tool:
    """A tool at an empty collection."""
    return taxii.tool()


@pytest.fixture
def filled(tool: Tool) -> Tool:
    """A tool at a collection of five indicators and two versions of a malware."""
    held = [*(indicator(f"i{n}") for n in range(5)), *(malware("gale", v) for v in (1, 2))]
    got = tool.post("objects/", envelope(held))
    assert (got.status, got.json["failure_count"]) == (202, 0), got.body
    return tool
