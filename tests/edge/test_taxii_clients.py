"""The clients that analysts have, unchanged and over HTTP, at a node's TAXII server."""

from __future__ import annotations

import gzip
import re
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import requests

from comity.bridges.taxii.media import TAXII
from comity.edge.taxii.endpoints import MAX_CONTENT_LENGTH
from comity.edge.taxii.routes import ROOT
from comity.kernel.label import TLP
from comity.services.node import open_node
from comity.services.people import tokens
from comity.services.people.tokens import READ, WRITE, Wish
from comity.services.sharing import callers
from tests.edge.analyst import TaxiiServer, Tool, envelope, open_collection
from tests.edge.desk import Desk
from tests.edge.loopback import serving
from tests.running import Town
from tests.sharing import indicator, uuid_of

ROOT_FOLDER = Path(__file__).resolve().parents[2]

if TYPE_CHECKING:
    from taxii2client.v21 import ApiRoot, Collection, Server


@pytest.fixture(scope="module")
def url(taxii: TaxiiServer) -> Iterator[str]:
    with serving(taxii.app) as found:
        yield found


@pytest.fixture
def server(url: str, tool: Tool) -> Iterator[Server]:
    from taxii2client.v21 import Server

    with Server(f"{url}/taxii2/", user=tool.user, password=tool.secret) as found:
        yield found


@pytest.fixture
def root(server: Server) -> Iterator[ApiRoot]:
    with server.default as found:
        yield found


@pytest.fixture
def collection(root: ApiRoot, tool: Tool) -> Collection:
    (found,) = [each for each in root.collections if each.id == tool.place.id]
    return found


def test_taxii2_client_makes_every_call(
    server: Server, root: ApiRoot, collection: Collection, tool: Tool
) -> None:
    from taxii2client.v21 import Status, as_pages

    assert server.title == "orvanda"
    assert [each.url for each in server.api_roots] == [root.url]
    assert root.title == "orvanda"
    assert root.versions == [TAXII]
    assert root.max_content_length > 0
    assert (collection.id, collection.title) == (tool.place.id, "Readings")
    assert (collection.can_read, collection.can_write) == (True, True)
    collection.refresh()
    new = [indicator(f"i{n}", v) for n in range(5) for v in (1, 2)]
    status = collection.add_objects({"objects": new})
    assert (status.status, status.success_count, bool(status)) == ("complete", 10, True)
    again = root.get_status(status.id)
    again.refresh()
    again.wait_until_final()
    assert again.successes == status.successes
    assert isinstance(collection.add_objects(envelope(new), wait_for_completion=False), Status)
    assert ids(collection.get_objects()) == [each["id"] for each in new[1::2]]
    pages = [ids(each) for each in as_pages(collection.get_objects, per_request=2)]
    assert pages == [[each["id"] for each in new[1::2]][n : n + 2] for n in (0, 2, 4)]
    records = list(as_pages(collection.get_manifest, per_request=3, version="all"))
    assert sum(len(each["objects"]) for each in records) == 10
    one = new[0]["id"]
    assert ids(collection.get_object(one, version="all")) == [one, one]
    assert ids(collection.get_objects(id=one, version=["first", "last"], type="indicator")) == [
        one,
        one,
    ]
    assert len(collection.object_versions(one)["versions"]) == 2
    (late,) = records[-1]["objects"]
    after = records[-2]["objects"][-1]["date_added"]
    assert ids(collection.get_objects(added_after=after)) == [late["id"]]
    collection.delete_object(one)
    with pytest.raises(requests.HTTPError, match="404"):
        collection.get_object(one)


def ids(found: dict[str, Any]) -> list[str]:
    return [each["id"] for each in found.get("objects", [])]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_store_of_the_stix2_library_reads_and_writes(collection: Collection) -> None:
    import stix2

    store = stix2.TAXIICollectionStore(collection)
    made = stix2.Indicator(
        name="Beacon", pattern="[domain-name:value = 'gale.example']", pattern_type="stix"
    )
    store.add(made)
    newer = made.new_version(name="Beacon of Gale")
    store.add([newer, stix2.Malware(name="Gale", is_family=False)])
    assert store.get(made.id).name == "Beacon of Gale"
    assert store.get(f"indicator--{uuid_of('nobody')}") is None
    assert {each.name for each in store.all_versions(made.id)} == {"Beacon", "Beacon of Gale"}
    found = store.query([stix2.Filter("type", "=", "malware")])
    assert [each.name for each in found] == ["Gale"]
    assert len(store.query([stix2.Filter("name", "contains", "Gale")])) == 2
    pages = stix2.TAXIICollectionStore(collection, items_per_page=1)
    assert len(pages.query()) == 2


@pytest.mark.parametrize("count", [1_000, pytest.param(25_000, marks=pytest.mark.long)])
def test_a_loop_by_added_after_sees_all_once_while_others_write(
    url: str, tool: Tool, count: int
) -> None:
    objects = f"{url}{ROOT}collections/{tool.place.id}/objects/"
    wanted = [indicator(f"i{n}") for n in range(count)]
    written = threading.Event()

    def write() -> None:
        with client(tool) as session:
            for start in range(0, count, 100):
                got = session.post(
                    objects,
                    data=envelope(wanted[start : start + 100]),
                    headers={"Content-Type": TAXII},
                )
                assert got.json()["success_count"] == 100
        written.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = list(follow(objects, tool, written))
    writer.join()
    assert len(seen) == len(set(seen)) == count
    assert seen == [each["id"] for each in wanted]


def client(tool: Tool) -> requests.Session:
    session = requests.Session()
    session.auth = (tool.user, tool.secret)
    session.headers["Accept"] = TAXII
    return session


def follow(objects: str, tool: Tool, written: threading.Event) -> Iterator[str]:
    """Yield ids as a consumer sees them: page by page, then what was added since the last of them,
    until nothing more comes after all was written.
    """
    after: dict[str, str] = {}
    with client(tool) as session:
        while True:
            at_end = written.is_set()
            got = session.get(objects, params={"limit": "70", **after})
            assert got.status_code == 200, got.text
            value = orjson.loads(got.content)
            yield from ids(value)
            if "objects" in value:
                after = {"added_after": got.headers["X-TAXII-Date-Added-Last"]}
            elif at_end:
                return


def unmarked(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object as it was before the label of its shelf was put into it."""
    return {name: each for name, each in value.items() if name != "object_marking_refs"}


@pytest.mark.slow
def test_a_running_node_serves_taxii_as_the_standard_has_it(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        running = town.make("Orvanda")
        node = running.node
        place = open_collection(node)
        secret, _ = tokens.make_for_program(node, Wish("tool", scopes=(READ, WRITE)))
        objects = f"{running.url}{ROOT}collections/{place.id}/objects/"
        held = [indicator(f"i{n}", v) for n in range(3) for v in (1, 2)]
        with requests.Session() as session:
            session.auth = ("tool", secret)
            session.headers.update({"Accept": TAXII, "Content-Type": TAXII})
            whole, packed = envelope(held[:3]), gzip.compress(envelope(held[3:]))
            chunked = session.post(objects, data=iter([whole[:100], whole[100:]]))
            assert (chunked.status_code, chunked.json()["success_count"]) == (202, 3)
            more = session.post(objects[:-1], data=packed, headers={"Content-Encoding": "gzip"})
            assert (more.status_code, more.json()["success_count"]) == (202, 3)
            found = session.get(f"{objects}?match%5Bversion%5D=all&match[type]=indicator")
            assert [unmarked(each) for each in found.json()["objects"]] == held
            one = f"{objects}indicator%2D%2D{uuid_of('i0')}/"
            assert ids(session.get(one).json()) == [held[1]["id"]]
            head = session.head(one)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["Content-Type"] == TAXII
            assert session.options(one).headers["Allow"] == "DELETE, GET, HEAD, OPTIONS"
            assert session.delete(one).status_code == 200
            assert session.get(one).status_code == 404
            bomb = gzip.compress(bytes(MAX_CONTENT_LENGTH + 1))
            big = session.post(objects, data=bomb, headers={"Content-Encoding": "gzip"})
            assert (big.status_code, big.headers["Content-Type"]) == (413, TAXII)
            session.auth = None
            got = session.get(objects)
            assert (got.status_code, got.headers["Content-Type"]) == (401, TAXII)
            assert got.headers["WWW-Authenticate"].startswith("Basic ")
            assert session.get(f"{running.url}/taxii2/").json()["title"] == "Orvanda"


def test_what_the_how_to_says_works(url: str, tool: Tool) -> None:
    wish = Wish("one", scopes=(READ, WRITE), shelf=tool.place.id)
    secret, _ = tokens.make_for_program(tool.server.node, wish)
    page = (ROOT_FOLDER / "docs" / "howto" / "serve-taxii.md").read_text(encoding="utf-8")
    reading, adding = re.findall(r"^```python\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    mine = [indicator(f"h{n}") for n in range(3)]
    given: dict[str, Any] = {
        "SERVER": url,
        "USER": "one",
        "PASSWORD": secret,
        "objects_of_mine": mine,
    }
    exec(adding, given)
    given["server"].close()
    given["server"].default.close()
    reader = {**given, "USER": tool.user, "PASSWORD": tool.secret}
    exec(reading, reader)
    reader["session"].close()
    assert {each["id"] for each in mine} <= set(ids(reader))
    assert reader["fetch"](reader["last"])[0] == []


def test_the_command_of_the_how_to_makes_such_a_token(desk: Desk) -> None:
    desk.make("orvanda")
    page = (ROOT_FOLDER / "docs" / "howto" / "serve-taxii.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^comity (token create .+)$", page, re.MULTILINE)
    words = shlex.split(line.replace(" --dir DIR", ""))
    made = desk.json("orvanda", *words)
    node = open_node(desk.home / "orvanda", desk.ports())
    found = callers.of_basic(node, made["user"], made["password"])
    assert (found.name, found.reads, found.writes, found.ceiling) == (
        "SIEM",
        True,
        False,
        TLP.AMBER,
    )
