"""The clients that analysts have, unchanged and over HTTP, at a node's TAXII server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import requests

from comity.bridges.taxii.media import TAXII
from comity.edge.taxii.app import TaxiiApp
from comity.services.node import Node
from tests.edge.loopback import serving
from tests.edge.shelves import Shelves, envelope, stix, uuid_of
from tests.edge.test_taxii_points import _nothing
from tests.nodes import Nodes

if TYPE_CHECKING:
    from taxii2client.v21 import ApiRoot, Collection, Server

USER, SECRET = "tool", "both"
READINGS = uuid_of("readings")


@pytest.fixture(scope="module")
def orvanda(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Nodes(tmp_path_factory.mktemp("taxii")) as nodes:
        yield nodes.make("orvanda")


@pytest.fixture(scope="module")
def url(orvanda: Node) -> Iterator[str]:
    app = TaxiiApp(orvanda, then=_nothing)
    with serving(app) as found:
        yield found
    app.close()


@pytest.fixture(autouse=True)
def shelves(monkeypatch: pytest.MonkeyPatch) -> Shelves:
    made = Shelves({"readings": "Readings"}, {SECRET: {"readings": "rw"}})
    made.install(monkeypatch)
    return made


@pytest.fixture
def server(url: str) -> Iterator[Server]:
    from taxii2client.v21 import Server

    with Server(f"{url}/taxii2/", user=USER, password=SECRET) as found:
        yield found


@pytest.fixture
def root(server: Server) -> Iterator[ApiRoot]:
    with server.default as found:
        yield found


@pytest.fixture
def collection(root: ApiRoot) -> Collection:
    (found,) = root.collections
    return found


def test_taxii2_client_makes_every_call(
    server: Server, root: ApiRoot, collection: Collection
) -> None:
    from taxii2client.v21 import Status, as_pages

    assert server.title == "orvanda"
    assert [each.url for each in server.api_roots] == [root.url]
    assert root.title == "orvanda"
    assert root.versions == [TAXII]
    assert root.max_content_length > 0
    assert (collection.id, collection.title) == (READINGS, "Readings")
    assert (collection.can_read, collection.can_write) == (True, True)
    collection.refresh()
    new = [stix(f"i{n}", v) for n in range(5) for v in (1, 2)]
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
    assert store.get(f"indicator--{READINGS}") is None
    assert {each.name for each in store.all_versions(made.id)} == {"Beacon", "Beacon of Gale"}
    found = store.query([stix2.Filter("type", "=", "malware")])
    assert [each.name for each in found] == ["Gale"]
    assert len(store.query([stix2.Filter("name", "contains", "Gale")])) == 2
    pages = stix2.TAXIICollectionStore(collection, items_per_page=1)
    assert len(pages.query()) == 2


@pytest.mark.parametrize("count", [1_000, pytest.param(25_000, marks=pytest.mark.long)])
def test_a_loop_by_added_after_sees_all_once_while_others_write(url: str, count: int) -> None:
    objects = f"{url}/taxii2/api/collections/{READINGS}/objects/"
    wanted = [stix(f"i{n}") for n in range(count)]
    written = threading.Event()

    def write() -> None:
        with client() as session:
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
    seen = list(follow(objects, written))
    writer.join()
    assert len(seen) == len(set(seen)) == count
    assert seen == [each["id"] for each in wanted]


def client() -> requests.Session:
    session = requests.Session()
    session.auth = (USER, SECRET)
    session.headers["Accept"] = TAXII
    return session


def follow(objects: str, written: threading.Event) -> Iterator[str]:
    """Yield ids as a consumer sees them: page by page, then what was added since the last of them,
    until nothing more comes after all was written.
    """
    after: dict[str, str] = {}
    with client() as session:
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
