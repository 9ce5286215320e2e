"""A small node that serves files: what it serves, to whom, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from comity.services.node import Settings
from comity.services.ports import Ports, SystemClock, SystemRandom
from comity.services.sharing import callers, shelf, stand
from comity.services.sharing.shelf import Wanted
from comity.store.database import close_database
from tests.kernel.world import refused
from tests.sharing import MARKINGS, indicator

ONE, RED = indicator("one"), indicator("red", tlp="red")


class Cut:
    """A transport that nothing may use."""

    def send(self, url: str, body: bytes, *, limit: int) -> None:
        raise AssertionError((url, len(body), limit))


def ports(_folder: Path, _settings: Settings | None) -> Ports:
    return Ports(SystemClock(), SystemRandom(), Cut())  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "node"
    close_database(f"node-{(tmp_path / 'node').resolve()}")


def write(folder: Path, name: str, *objects: object) -> Path:
    path = folder.parent / name
    path.write_bytes(orjson.dumps({"objects": objects}))
    return path


@pytest.mark.sqlite("a node of files keeps them in its own folder")
def test_a_stand_serves_what_it_may_by_a_token_that_reads_alone(folder: Path) -> None:
    path = write(folder, "one.json", ONE, RED, {"type": "nothing"})
    made = stand.set_up(folder, ports, [path], listen="127.0.0.1:1", title="Readings")
    assert (made.objects, [flaw.rule for flaw in made.flaws]) == (1, ["X4", "X23"])
    assert made.discovery == "http://127.0.0.1:1/taxii2/"
    who = callers.of_basic(made.node, made.user, made.password)
    (view,) = shelf.shelves(made.node, who)
    assert (view.title, view.can_read, view.can_write) == ("Readings", True, False)
    (data,) = shelf.page(made.node, who, shelf.readable(made.node, who, view.id), Wanted()).entries
    assert orjson.loads(data)["object_marking_refs"] == [MARKINGS["amber"]]

    again = stand.set_up(folder, ports, [path, write(folder, "two.json", indicator("two"))])
    assert again.collection == made.collection
    assert again.objects == 2
    with refused("S10"):
        callers.of_basic(again.node, made.user, made.password)


def test_where_no_file_holds_an_object_no_node_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    with refused("S4"):
        stand.set_up(folder, ports, [write(folder, "none.json", {"type": "nothing"})])
    assert not folder.exists()
