"""What sharing keeps beside the database comes back whole with a backup, and no password does."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from comity.kernel.label import TLP
from comity.services.care import backup, copied, doctor, restore
from comity.services.node import Node
from comity.services.sharing import peers, searching, vulnerabilities, warning
from comity.services.sharing.peers import Peer
from comity.services.sharing.searching import Query
from tests.bridges.feeds.test_lists import ENTRY, SCORES, catalogue
from tests.kernel.world import refused
from tests.nodes import Nodes
from tests.services.test_backup import kept, member, packed, take_nothing
from tests.services.test_warning import HARBOUR, about, lay, told

__all__ = ["kept"]

SECRET = "corridor-lantern-88"
SECTOR = Peer(
    name="sector",
    url="https://taxii.sector.example/taxii2/",
    user="orvanda",
    into="sector",
    unmarked=TLP.GREEN,
)
OPEN = Peer(name="open", url="https://open.example/", into="open")
ASKED = about("one", "[domain-name:value = 'www.harbour.example']")
FILES = {"peers.json", "vulnerabilities/kev.json", "vulnerabilities/epss.csv"}


def shelved(node: Node) -> list[str]:
    found = searching.search(node, searching.at_the_machine(node), Query(shelf="kev"))
    return sorted(each.id for each in found.found)


def fill(node: Node) -> None:
    """Let a node have all that sharing keeps in files."""
    peers.add(node, SECTOR, SECRET)
    peers.add(node, OPEN)
    warning.add(node, lay(node.folder.parent, HARBOUR))
    vulnerabilities.take_in(node, catalogue(ENTRY))
    vulnerabilities.take_in(node, SCORES)


@pytest.fixture
def nodes_here(tmp_path: Path) -> Iterator[Nodes]:
    with Nodes(tmp_path) as nodes:
        yield nodes


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_all_that_sharing_keeps_comes_back(name: str, nodes_here: Nodes) -> None:
    node = nodes_here.make("orvanda")
    fill(node)
    before = (warning.imported(node), vulnerabilities.exploited(node), vulnerabilities.scores(node))
    objects, hits = shelved(node), told(node, ASKED)
    target = nodes_here.folder / name
    made = backup.backup(node, target=target)
    lists = {f"lists/{each.file}" for each in before[0]}
    assert set(made.files) == {"node.json", "comity.sqlite3", *FILES, *lists}
    nodes_here.close_connection("orvanda")
    shutil.rmtree(node.folder)
    backup.unpack(target, node.folder)
    everything = b"".join(p.read_bytes() for p in node.folder.rglob("*") if p.is_file())
    assert SECRET.encode() not in everything
    node = nodes_here.reopen("orvanda")
    restore.restore(node, code=nodes_here.kits["orvanda"], hand_over=lambda _: None)
    assert peers.read(node.folder) == [OPEN, SECTOR]
    assert before == (
        warning.imported(node), vulnerabilities.exploited(node), vulnerabilities.scores(node)
    )  # fmt: skip
    assert (shelved(node), told(node, ASKED)) == (objects, hits)
    assert vulnerabilities.take_in(node, catalogue(ENTRY)).objects == 0


def test_the_doctor_names_peers_without_a_password(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    fill(node)
    assert "peer sector" not in subjects(node)
    (node.folder / SECTOR.secret).unlink()
    assert {"peer sector", "peer open"} & subjects(node) == {"peer sector"}
    with refused("X60"):
        peers.set_password(node, "open", SECRET)
    with refused("X60"):
        peers.set_password(node, "sector", "")
    with refused("S3"):
        peers.set_password(node, "other", SECRET)
    peers.set_password(node, "sector", SECRET)
    assert peers.password(node, SECTOR) == SECRET
    assert "peer sector" not in subjects(node)


@pytest.mark.parametrize(
    ("file", "subject"),
    [
        ("peers.json", "peers"),
        ("lists/a.json", "lists"),
        ("vulnerabilities/kev.json", "lists"),
        ("vulnerabilities/epss.csv", "lists"),
        ("severity.yaml", "severity"),
    ],
)
def test_the_doctor_names_what_was_spoilt(file: str, subject: str, nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    known = {"peers", "lists", "severity"}
    assert not known & subjects(node)
    (node.folder / file).parent.mkdir(exist_ok=True)
    (node.folder / file).write_bytes(b"{")
    assert known & subjects(node) == {subject}


def subjects(node: Node) -> set[str]:
    return {str(finding.subject) for finding in doctor.examine(node, reaching=False).findings}


def test_a_file_ahead_of_the_database_is_given_again(nodes: Nodes) -> None:
    """A dump of PostgreSQL is older than the files beside it."""
    node, other = nodes.make("orvanda"), nodes.make("tolmere")
    vulnerabilities.take_in(other, catalogue(ENTRY))
    shutil.copytree(other.folder / "vulnerabilities", node.folder / "vulnerabilities")
    change = vulnerabilities.take_in(node, catalogue(ENTRY))
    assert (change.new, change.objects) == ((), 2)
    assert shelved(node) == shelved(other)


@pytest.mark.parametrize(
    "name",
    [
        "keys/peer-sector", "lists/.x.json", "lists/x", "lists/../x.json", "lists/a/b.json",
        "lists/x.json\n", f"lists/{202 * 'x'}.json", "peers.json.new", "vulnerabilities/x.json",
    ],
)  # fmt: skip
def test_what_looks_like_a_file_of_sharing_is_not_taken(name: str, kept: Path) -> None:
    take_nothing(packed(kept, member(name)), reason="No backup of this program")


def test_what_is_in_a_folder_and_no_list_is_not_copied(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    warning.add(node, lay(node.folder.parent, HARBOUR))
    (name,) = [path.name for path in (node.folder / "lists").iterdir()]
    (node.folder / "lists" / f".{name}.part").write_bytes(b"half")
    assert copied.copy_beside(node.folder, node.folder.parent / "copy") == [f"lists/{name}"]


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_what_a_killed_copy_left_is_in_no_other(nodes_here: Nodes) -> None:
    node = nodes_here.make("orvanda")
    left = nodes_here.folder / "copy.tar.new" / "lists" / "removed-since.json"
    left.parent.mkdir(parents=True)
    left.write_bytes(orjson.dumps(HARBOUR))
    target = nodes_here.folder / "copy.tar"
    backup.backup(node, target=target)
    with tarfile.open(fileobj=io.BytesIO(target.read_bytes())) as tar:
        assert "lists/removed-since.json" not in tar.getnames()
    home = nodes_here.folder / "home"
    (home / "unpacked").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    backup.unpack(target, home)
    assert not (home / "unpacked").exists()
