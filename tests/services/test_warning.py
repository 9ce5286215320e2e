"""Warninglists: asked about every observable of an object, imported, replaced and removed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.bridges.stix import reading
from comity.bridges.stix.record import StixObject
from comity.services.node import Node
from comity.services.sharing import warning
from comity.services.sharing.schemas import stix_schemas
from tests.kernel.world import refused
from tests.nodes import Nodes
from tests.shared import shared
from tests.sharing import indicator

HARBOUR = {
    "name": "Harbour Authority's own",
    "version": 3,
    "type": "hostname",
    "matching_attributes": ["domain", "hostname", "url"],
    "list": ["harbour.example", "not a name"],
}


@pytest.fixture
def node(nodes: Nodes) -> Node:
    return nodes.make("orvanda")


def read(*values: dict[str, Any]) -> list[StixObject]:
    found, flaws = reading.read_all([orjson.dumps(each) for each in values], stix_schemas())
    assert not flaws
    return found


def about(called: str, pattern: str) -> dict[str, Any]:
    return indicator(called, pattern=pattern)


def lay(folder: Path, value: object, name: str = "list.json") -> Path:
    file = folder / name
    file.write_bytes(orjson.dumps(value))
    return file


def told(node: Node, *values: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (w.observable.value, w.hit.list, w.hit.entry) for w in warning.hits(node, read(*values))
    ]


def test_shipped_lists_are_asked_of_every_observable(node: Node) -> None:
    one = about("one", "[ipv4-addr:value = '192.168.4.9'] OR [ipv4-addr:value = '100.99.1.1']")
    two = about("two", "[domain-name:value = 'crane.harbour.test']")
    clean = about("clean", "[ipv4-addr:value = '45.33.32.156']")
    found = warning.hits(node, read(one, two, clean))
    assert [(w.id, w.observable.value, w.hit.entry) for w in found] == [
        (one["id"], "192.168.4.9/32", "192.168.0.0/16"),
        (one["id"], "100.99.1.1/32", "100.64.0.0/10"),
        (two["id"], "crane.harbour.test", "test"),
    ]
    assert found[0].hit.note == "private use (RFC 1918)"


def test_an_imported_list_is_asked_until_it_is_removed(node: Node, tmp_path: Path) -> None:
    asked = about("one", "[domain-name:value = 'www.harbour.example']")
    hit = ("www.harbour.example", HARBOUR["name"], "harbour.example")
    before = told(node, asked)
    assert hit not in before
    added = warning.add(node, lay(tmp_path, HARBOUR))
    assert added.file.startswith("harbour-authority-s-own-")
    assert [each.entry for each in added.list.skipped] == ["not a name"]
    assert hit in told(node, asked)
    assert warning.imported(node) == [added]
    # Of the same name, the later takes the place of the earlier; another is beside it.
    warning.add(node, lay(tmp_path, {**HARBOUR, "version": 4, "list": ["crane.example"]}))
    warning.add(node, lay(tmp_path, {**HARBOUR, "name": "Harbour Authority s own"}))
    assert sorted(each.list.version for each in warning.imported(node)) == [3, 4]
    assert HARBOUR["name"] not in {name for _, name, _ in told(node, asked)}
    warning.remove(node, added.file)
    assert warning.remove(node, "Harbour Authority s own").list.version == 3
    assert told(node, asked) == before
    with refused("S3"):
        warning.remove(node, added.file)


@pytest.mark.parametrize(
    "value",
    [{}, {**HARBOUR, "list": []}, {**HARBOUR, "list": ["not a name"]}, {**HARBOUR, "type": "x"}],
)
def test_what_is_no_list_is_not_imported(node: Node, tmp_path: Path, value: object) -> None:
    with refused("S4"):
        warning.add(node, lay(tmp_path, value))
    assert warning.imported(node) == []
    assert not [*(node.folder / warning.FOLDER).glob("*")]


def test_what_is_too_much_is_not_imported(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning.add(node, lay(tmp_path, HARBOUR))
    monkeypatch.setattr(warning, "MOST", 1)
    with refused("S4"):
        warning.add(node, lay(tmp_path, {**HARBOUR, "name": "Other"}))
    warning.add(node, lay(tmp_path, HARBOUR))
    monkeypatch.setattr(warning, "LARGEST", 10)
    with refused("S4"):
        warning.add(node, lay(tmp_path, HARBOUR))


def test_a_list_that_was_spoilt_is_named(node: Node, tmp_path: Path) -> None:
    added = warning.add(node, lay(tmp_path, HARBOUR))
    (node.folder / warning.FOLDER / added.file).write_bytes(b"{")
    asked = read(about("one", "[domain-name:value = 'www.harbour.example']"))
    with refused("S5"):
        warning.hits(node, asked)


def test_public_lists_are_imported(node: Node) -> None:
    files = sorted(shared("misp/warninglists").glob("*.json"))[:6]
    for file in files:
        added = warning.add(node, file)
        assert added.list.entries, file
    assert len(warning.imported(node)) == len(files) > 0
