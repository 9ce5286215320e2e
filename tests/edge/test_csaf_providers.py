"""Providers of advisories: pulled from over HTTP, as this program publishes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from comity.bridges.csaf.provider import METADATA, Site
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.care import copied
from comity.services.care.report import quiet
from comity.services.delivery.outbound import HTTPTransport
from comity.services.node import Node
from comity.services.ports import Reply
from comity.services.sharing import advisories, providers, searching
from comity.services.sharing.providers import Pulled, Wanted
from comity.services.sharing.searching import Query
from tests.bridges.csaf.samples import Doc, old
from tests.bridges.openpgp.samples import CRYSTAL_KEY, CRYSTAL_SECRET, ORVANDA_KEY
from tests.edge.desk import START, Desk
from tests.edge.loopback import serving
from tests.kernel.world import refused
from tests.nodes import Nodes
from tests.services.test_advisories import lay

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

AT = "https://pumps.example/csaf"
FIRST, SECOND = "white/2026/pu_2026_1.json", "green/2026/pu-2.json"


@dataclass
class Provider:
    """The files of a provider, served; ``asked`` are the paths in turn, ``broken`` says a status
    for some of them, ``moved`` where some are now.
    """

    files: dict[str, bytes]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix("/csaf/")
        self.asked.append(path)
        there = "200 OK" if path in self.files else "404 Not Found"
        if path in self.moved:
            start("302 Found", [("Location", self.moved[path])])
            return []
        start(self.broken.get(path, there), [])
        return [self.files.get(path, b"").replace(AT.encode(), self.url.encode())]

    def edit(self, path: str, change: Callable[[Any], None]) -> None:
        """Change a file of JSON."""
        value = orjson.loads(self.files[path])
        change(value)
        self.files[path] = orjson.dumps(value)

    def documents(self) -> list[str]:
        """Return the advisories asked for since the last time."""
        found = [path for path in self.asked if path.endswith(".json") and "/" in path]
        self.asked.clear()
        return found


def second() -> Doc:
    doc = old()
    doc["document"]["tracking"]["id"] = "PU-2"
    doc["document"]["distribution"]["tlp"]["label"] = "GREEN"
    return doc


def publish(folder: Path, *docs: Doc, now: int) -> dict[str, bytes]:
    """Publish advisories as a trusted provider, and return the files of its folder."""
    secret = folder / "secret.asc"
    secret.write_bytes(CRYSTAL_SECRET)
    files = [lay(folder / "in", doc, name=name(doc), at=now) for doc in docs]
    checked = [advisories.check(file) for file in files]
    key, sign = advisories.signing(secret, now)
    publisher = checked[0].advisory.publisher
    site = Site(AT, publisher, now, ceiling=TLP.AMBER, key=key, sign=sign)
    out = folder / "out"
    advisories.publish(out, site, checked)
    paths = [path for path in out.rglob("*") if path.is_file()]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def name(doc: Doc) -> str:
    return {"PU:2026 #1": "pu_2026_1.json"}.get(doc["document"]["tracking"]["id"], "pu-2.json")


@pytest.fixture
def node(nodes: Nodes) -> Node:
    made = nodes.make("orvanda")
    made.settings = replace(made.settings, local_addresses=True)
    return made


@pytest.fixture
def provider(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Provider]:
    at = START if "desk" in request.fixturenames else request.getfixturevalue("node").now()
    made = Provider(publish(tmp_path, old(), second(), now=at))
    with serving(made) as url:
        made.url = f"{url}/csaf"
        yield made


def pull(node: Node, provider: Provider, key: bytes = CRYSTAL_KEY, **more: Any) -> Pulled:
    file = node.folder.parent / "key.asc"
    file.write_bytes(key)
    keys = advisories.trusted_keys([file])
    wanted = Wanted(f"{provider.url}/{METADATA}", keys, **more)
    return providers.pull(node, wanted, quiet)


def rules(done: Pulled) -> list[str]:
    return [refusal.rule for _, refusal in done.refused]


def labels(node: Node) -> list[TLP]:
    query = Query(shelf=advisories.INTAKE, types=("report",))
    found = searching.search(node, searching.at_the_machine(node), query).found
    return sorted(each.tlp for each in found)


def test_what_is_published_is_pulled_once(node: Node, provider: Provider) -> None:
    done = pull(node, provider)
    assert (done.provider, done.listed, done.taken, done.refused) == ("Pumps of Orvanda", 2, 2, [])
    assert sorted(provider.documents()) == [SECOND, FIRST]
    assert labels(node) == [TLP.CLEAR, TLP.GREEN]
    again = pull(node, provider)
    assert (again.listed, again.taken, provider.documents()) == (2, 0, [])
    # What is changed is asked for, and nothing else.
    provider.edit("feed-tlp-green.json", lambda v: v["feed"]["entry"][0].update(updated="later"))
    assert (pull(node, provider).taken, provider.documents()) == (1, [SECOND])
    everything = pull(node, provider, again=True)
    assert (everything.taken, everything.objects) == (2, 0)
    # Into another place it goes anew.
    assert pull(node, provider, intake="pumps").taken == 2


def test_a_provider_is_found_by_its_host(node: Node, provider: Provider) -> None:
    host = provider.url.removesuffix("/csaf")
    assert providers.metadata_url("team.example").startswith("https://team.example/.well-known/")
    assert providers.metadata_url(host) == f"{host}/.well-known/csaf/provider-metadata.json"
    for bad in ("http://team.example/x.json", "https://a:b@team.example", "ftp://team.example", ""):
        with refused("X68"):
            providers.metadata_url(bad)
    with refused("X68", "nothing at this address"):
        providers.pull(node, Wanted(host), quiet)


def test_folders_are_read_where_there_is_no_feed(node: Node, provider: Provider) -> None:
    provider.edit(METADATA, lambda value: value["distributions"].pop(0))
    # What would lie there need not: its hashes do.
    for path in (f"{FIRST}.sha512", f"{SECOND}.sha256"):
        del provider.files[path]
    done = pull(node, provider)
    assert (done.listed, done.taken, done.refused) == (2, 2, [])
    assert "white/changes.csv" in provider.asked


def test_an_interrupted_pull_goes_on(
    node: Node, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "PIECE", 1)
    provider.broken[SECOND] = "503 Away"
    with refused("X69", "503"):
        pull(node, provider)
    assert provider.documents() == [FIRST, SECOND]
    provider.broken.clear()
    assert (pull(node, provider).taken, provider.documents()) == (1, [SECOND])
    (note,) = (node.folder / providers.FOLDER).iterdir()
    assert copied.copy_beside(node.folder, node.folder / "copy") == [f"providers/{note.name}"]
    note.write_bytes(b"[]")
    with refused("S5", "--again"):
        pull(node, provider)


def test_in_one_piece_too_what_came_before_is_kept(node: Node, provider: Provider) -> None:
    provider.broken[SECOND] = "503 Away"
    with refused("X69"):
        pull(node, provider)
    assert labels(node) == [TLP.CLEAR]
    provider.documents()
    provider.broken.clear()
    pull(node, provider)
    assert provider.documents() == [SECOND]


def spoil_hash(provider: Provider) -> None:
    provider.files[f"{FIRST}.sha256"] = b"0" * 64


def spoil_text(provider: Provider) -> None:
    provider.files[FIRST] += b"\n"


def lose_hash(provider: Provider) -> None:
    del provider.files[f"{FIRST}.sha512"]


def lose_signature(provider: Provider) -> None:
    del provider.files[f"{FIRST}.asc"]


def forbid(provider: Provider) -> None:
    provider.broken[FIRST] = "403 No"


def redirect(provider: Provider) -> None:
    provider.broken[FIRST] = "302 Elsewhere"


def rename(provider: Provider) -> None:
    provider.edit("feed-tlp-white.json", lambda v: _first(v)["link"][0].update(href="x.json"))
    for end in ("", ".asc", ".sha512", ".sha256"):
        provider.files[f"x.json{end}"] = provider.files[f"{FIRST}{end}"]


def climb(provider: Provider) -> None:
    provider.edit("feed-tlp-white.json", lambda v: _first(v)["link"][0].update(href="a/%2e%2e"))


def forget_time(provider: Provider) -> None:
    provider.edit("feed-tlp-white.json", lambda v: _first(v).pop("updated"))


def lose_list(provider: Provider) -> None:
    del provider.files["feed-tlp-white.json"]


def enlarge(provider: Provider) -> None:
    provider.files[f"{FIRST}.sha512"] = b"0" * 100_000


def _first(value: Any) -> Any:
    return value["feed"]["entry"][0]


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (spoil_hash, "X44"),
        (spoil_text, "X44"),
        (lose_hash, "X44"),
        (lose_signature, "X45"),
        (forbid, "X68"),
        (redirect, "X68"),
        (rename, "X44"),
        (climb, "X43"),
        (enlarge, "X68"),
        (forget_time, "X68"),
        (lose_list, "X68"),
    ],
)
def test_one_that_is_not_right_holds_up_no_other(
    spoil: Callable[[Provider], None], rule: str, node: Node, provider: Provider
) -> None:
    spoil(provider)
    done = pull(node, provider)
    assert (rules(done), done.taken, labels(node)) == ([rule], 1, [TLP.GREEN])
    # It is asked for again the next time.
    assert rules(pull(node, provider)) == [rule]


def test_what_another_key_signed_is_not_taken(node: Node, provider: Provider) -> None:
    assert rules(pull(node, provider, ORVANDA_KEY)) == ["X45", "X45"]
    done = providers.pull(node, Wanted(f"{provider.url}/{METADATA}"), quiet)
    assert (done.taken, [len(each) for each in done.fingerprints]) == (2, [40])


def test_a_list_makes_a_label_stricter_and_never_wider(node: Node, provider: Provider) -> None:
    def relabel(value: Any) -> None:
        white, green = value["distributions"][0]["rolie"]["feeds"]
        white["tlp_label"], green["tlp_label"] = "AMBER", "WHITE"

    provider.edit(METADATA, relabel)
    pull(node, provider)
    assert labels(node) == [TLP.GREEN, TLP.AMBER]


def test_of_two_lists_of_one_advisory_the_stricter_label_holds(
    node: Node, provider: Provider
) -> None:
    def twice(value: Any) -> None:
        feeds = value["distributions"][0]["rolie"]["feeds"]
        feeds[1] = feeds[0] | {"tlp_label": "AMBER"}

    provider.edit(METADATA, twice)
    assert pull(node, provider).listed == 1
    assert labels(node) == [TLP.AMBER]


def test_another_host_that_is_away_holds_up_no_other_and_is_asked_once(
    node: Node, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lead(value: Any) -> None:
        first = _first(value)
        first["link"][0]["href"] = "http://127.0.0.1:9/pu_2026_1.json"
        again = [{"rel": "self", "href": "http://127.0.0.1:9/pu_2026_9.json"}]
        value["feed"]["entry"].append(first | {"link": again})

    asked, ask = list[str](), HTTPTransport.ask

    def counted(self: HTTPTransport, method: str, url: str, *given: Any, **more: Any) -> Reply:
        asked.append(url)
        return ask(self, method, url, *given, **more)

    monkeypatch.setattr(HTTPTransport, "ask", counted)
    provider.edit("feed-tlp-white.json", lead)
    done = pull(node, provider)
    assert (rules(done), done.taken, labels(node)) == (["X69", "X69"], 1, [TLP.GREEN])
    assert len([url for url in asked if ":9/" in url]) == 1


def test_no_list_leads_where_this_node_does_not_connect(node: Node, provider: Provider) -> None:
    def lead(value: Any) -> None:
        _first(value)["link"][0]["href"] = "http://169.254.169.254/pu_2026_1.json"

    provider.edit("feed-tlp-white.json", lead)
    assert rules(pull(node, provider)) == ["X68"]


def test_pulling_by_the_command_line(desk: Desk, provider: Provider) -> None:
    desk.make("orvanda")
    settings = desk.home / "orvanda" / "node.json"
    value = json.loads(settings.read_bytes())
    settings.write_text(json.dumps(value | {"local_addresses": True}), encoding="utf-8")
    (desk.home / "key.asc").write_bytes(CRYSTAL_KEY)
    url = f"{provider.url}/{METADATA}"
    said = desk.ok("orvanda", "csaf", "pull", url)
    assert said.startswith("Pumps of Orvanda: 2 listed, 2 taken in, ")
    assert "Signatures were not verified" in said
    assert "It says that its key is 89276EBE" in said
    again = desk.json("orvanda", "csaf", "pull", url, "--key", desk.home / "key.asc", "--again")
    assert (again["taken"], again["objects"], again["refused"]) == (2, 0, [])
    spoil_hash(provider)
    got = desk.run("orvanda", "csaf", "pull", url, "--again")
    assert (got.exit_code, "(rule X44)" in got.stderr) == (1, True)


def test_what_moved_is_found_and_leads_on_from_there(node: Node, provider: Provider) -> None:
    # The metadata, a list and an advisory: what they name stands where they are now.
    for path, to in ((METADATA, "new/meta.json"), ("feed-tlp-green.json", "new/green.json")):
        provider.files[to] = provider.files.pop(path).replace(f"{AT}/".encode(), b"../")
        provider.moved[path] = f"{provider.url}/{to}"
    provider.files["elsewhere.json"] = provider.files.pop(FIRST)
    provider.moved[FIRST] = "/csaf/elsewhere.json"
    done = pull(node, provider)
    assert (done.listed, done.taken, done.refused) == (2, 2, [])
    assert labels(node) == [TLP.CLEAR, TLP.GREEN]
    assert pull(node, provider).taken == 0


def test_where_a_provider_moved_is_its_own_host(node: Node, provider: Provider) -> None:
    old_ = provider.url.replace("127.0.0.1", "localhost")
    provider.moved["old.json"] = f"{provider.url}/{METADATA}"
    provider.broken[SECOND] = "503 Away"
    with refused("X69", "503"):
        providers.pull(node, Wanted(f"{old_}/old.json"), quiet)


def test_no_redirect_leads_where_this_node_does_not_connect(node: Node, provider: Provider) -> None:
    provider.moved[FIRST] = "https://169.254.169.254/x.json"
    assert rules(pull(node, provider)) == ["X68"]


def aggregator(provider: Provider, *urls: Any, **more: Any) -> str:
    told = [{"metadata": {"url": each}} for each in urls]
    value = {"aggregator": {"name": "Lantern list"}, "csaf_providers": told, **more}
    provider.files["aggregator.json"] = orjson.dumps(value)
    return f"{provider.url}/aggregator.json"


def test_all_that_an_aggregator_lists_are_pulled_and_none_holds_up_another(
    node: Node, provider: Provider
) -> None:
    mirrored = {"csaf_publishers": [{"mirrors": [f"{AT}/mirror/{METADATA}"]}]}
    provider.files[f"mirror/{METADATA}"] = provider.files[METADATA]
    away, none = "http://127.0.0.1:9/a.json", f"{AT}/aggregator.json"
    url = aggregator(provider, away, f"{AT}/{METADATA}", none, "ftp://team.example/x", **mirrored)
    found = providers.aggregated(node, url)
    assert (found.name, len(found.providers), len(found.wrong)) == ("Lantern list", 4, 1)
    done = providers.pull(node, Wanted(url), quiet)
    assert (done.provider, [each.provider for each in done.each]) == (
        *("Lantern list", ["Pumps of Orvanda"] * 2),
    )
    assert (done.listed, done.taken, labels(node)) == (4, 4, [TLP.CLEAR, TLP.GREEN])
    # One scheme is none; one is away; one is no provider but the aggregator again.
    assert rules(done) == ["X68", "X69", "X68"]
    # What each of them gave is noted as when it is pulled by itself.
    provider.documents()
    assert pull(node, provider).taken == 0
    assert providers.pull(node, Wanted(url), quiet).taken == 0
    with refused("X68", "no aggregator.json"):
        providers.aggregated(node, f"{provider.url}/{METADATA}")


def test_an_aggregator_by_the_command_line(desk: Desk, provider: Provider) -> None:
    desk.make("orvanda")
    settings = desk.home / "orvanda" / "node.json"
    value = json.loads(settings.read_bytes())
    settings.write_text(json.dumps(value | {"local_addresses": True}), encoding="utf-8")
    url = aggregator(provider, f"{AT}/{METADATA}")
    listed = desk.ok("orvanda", "csaf", "providers", url)
    assert listed == f"Lantern list: 1 provider\n{provider.url}/{METADATA}\n"
    said = desk.ok("orvanda", "csaf", "pull", url)
    assert "Pumps of Orvanda: 2 listed, 2 taken in" in said
    assert "\nLantern list: 2 listed, 2 taken in" in said
    again = desk.json("orvanda", "csaf", "pull", url)
    assert [each["taken"] for each in (again, *again["providers"])] == [0, 0]
    aggregator(provider, 5)
    got = desk.run("orvanda", "csaf", "providers", url)
    assert (got.exit_code, "(rule X68)" in got.stderr) == (1, True)


def test_a_provider_that_cannot_be_reached_is_told(node: Node) -> None:
    with pytest.raises(Refusal) as caught:
        providers.pull(node, Wanted("http://127.0.0.1:9/x.json"), quiet)
    assert caught.value.rule == "X69"
