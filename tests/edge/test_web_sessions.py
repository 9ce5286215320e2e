"""What is noted of a session's use: once a minute, and at once when it comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from comity.store.sql import query
from tests.edge.visitor import Pages
from tests.nodes import Nodes


@pytest.fixture
def pages(nodes: Nodes) -> Iterator[Pages]:
    """The pages of Orvanda."""
    orvanda = nodes.make("orvanda")
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    with Pages(orvanda) as found:
        yield found


def test_a_page_that_asks_every_second_writes_once_a_minute(nodes: Nodes, pages: Pages) -> None:
    def seen() -> list[object]:
        sql = "SELECT last_seen_at, ip FROM usersessions_usersession"
        return [*query(pages.node.db, sql)]

    ada = pages.person("ada", "duty_officer")
    ada.get("/")
    first = seen()
    assert len(first) == 1
    nodes.clock.advance(50_000)
    ada.get("/dossiers")
    assert seen() == first
    nodes.clock.advance(11_000)
    ada.get("/dossiers")
    later = seen()
    assert later != first
    ada.origin = "198.51.100.7"
    ada.get("/dossiers")
    assert seen() != later
