"""Lists of vulnerabilities: imported, imported again, and told wherever a CVE is shown."""

from __future__ import annotations

import gzip

import orjson
import pytest

from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import searching, vulnerabilities
from comity.services.sharing.searching import Query
from comity.services.sharing.vulnerabilities import Kind
from tests.bridges.feeds.test_lists import ENTRY, SCORES, catalogue
from tests.kernel.world import refused
from tests.nodes import Nodes
from tests.shared import shared
from tests.sharing import indicator, open_circle, share

CVE = "CVE-2025-48384"
OTHER = {**ENTRY, "cveID": "CVE-2024-0001"}
NOTE = ("note", TLP.CLEAR)
LATER = {"catalogVersion": "2025.08.26", "dateReleased": "2025-08-26T17:00:00Z"}


@pytest.fixture
def node(nodes: Nodes) -> Node:
    return nodes.make("orvanda")


def there(node: Node, shelf: str) -> list[tuple[str, TLP]]:
    """Return what an intake shows: types and labels."""
    found = searching.search(node, searching.at_the_machine(node), Query(shelf=shelf)).found
    return sorted((each.type, each.tlp) for each in found)


def test_a_catalogue_is_taken_in_once(node: Node) -> None:
    first = vulnerabilities.take_in(node, catalogue(ENTRY, OTHER))
    assert (first.kind, first.version, first.rows, first.objects) == ("kev", "2025.08.25", 2, 4)
    assert (first.new, first.changed, first.gone) == ((CVE, "CVE-2024-0001"), (), ())
    held = [("note", TLP.CLEAR)] * 2 + [("vulnerability", TLP.CLEAR)] * 2
    assert there(node, "kev") == held
    again = vulnerabilities.take_in(node, catalogue(ENTRY, OTHER))
    assert again == first._replace(new=(), objects=0)
    assert there(node, "kev") == held
    # A later edition that says the same has a later date, and makes no version of any object.
    same = catalogue(ENTRY, OTHER, catalogVersion="b", dateReleased="2025-08-26T01:00:00Z")
    assert vulnerabilities.take_in(node, same).objects == 0
    changed = {**ENTRY, "knownRansomwareCampaignUse": "Unknown"}
    later = vulnerabilities.take_in(node, catalogue(changed, **LATER))
    assert (later.new, later.changed, later.gone) == ((), (CVE,), ("CVE-2024-0001",))
    assert (later.objects, later.flaws) == (2, ())
    with refused("S4", "later edition"):
        vulnerabilities.take_in(node, catalogue(ENTRY, OTHER))


def test_what_is_known_of_a_vulnerability_is_told(node: Node) -> None:
    assert vulnerabilities.known(node, [CVE]) == []
    vulnerabilities.take_in(node, catalogue(ENTRY))
    (told,) = vulnerabilities.known(node, [CVE, "CVE-2024-0001", CVE])
    assert told.exploited is not None
    assert (told.exploited.since, told.exploited.due) == (1756080000000, 1757894400000)
    assert (told.exploited.ransomware, told.score, told.scored) == (True, None, None)
    vulnerabilities.take_in(node, gzip.compress(SCORES))
    first, second = vulnerabilities.known(node, ["CVE-2024-0001", CVE])
    assert (first.exploited, first.score, first.percentile) == (None, 0.97, 1.0)
    assert (second.score, second.percentile) == (0.01015, 0.60644)
    assert vulnerabilities.day(first.scored or 0) == "2026-08-01"
    # Half a name is no name.
    assert vulnerabilities.known(node, ["CVE-2024-000", "cve"]) == []


def test_scores_go_to_the_intake_for_what_is_told_of_alone(node: Node) -> None:
    first = vulnerabilities.take_in(node, SCORES)
    assert (first.rows, first.objects, len(first.new)) == (2, 0, 2)
    about = [{"source_name": "cve", "external_id": CVE}]
    one = indicator("one", tlp="green", external_references=about)
    share(node, open_circle(node), one)
    assert vulnerabilities.take_in(node, SCORES).objects == 1
    news = SCORES.replace(b"0.01015", b"0.51015").replace(b"2026-08-01", b"2026-08-02")
    later = vulnerabilities.take_in(node, news)
    assert (later.changed, later.objects, there(node, "epss")) == ((CVE,), 1, [NOTE])
    again = vulnerabilities.take_in(node, news)
    assert again == later._replace(changed=(), objects=0)
    # What only a list names is not what somebody here tells of.
    vulnerabilities.take_in(node, catalogue(OTHER))
    newest = news.replace(b"9.7e-1", b"9.8e-1").replace(b"2026-08-02", b"2026-08-03")
    assert vulnerabilities.take_in(node, newest).objects == 0
    with refused("S4", "later edition"):
        vulnerabilities.take_in(node, SCORES)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"{}", None),
        (b"", None),
        (b"\x1f\x8b\x08garbage", None),
        (gzip.compress(SCORES)[:-9], None),
        (SCORES, Kind.KEV),
        (catalogue(ENTRY), Kind.EPSS),
    ],
)
def test_what_is_no_list_changes_nothing(node: Node, data: bytes, kind: Kind | None) -> None:
    with refused("X56"):
        vulnerabilities.take_in(node, data, kind)
    assert (vulnerabilities.exploited(node), vulnerabilities.scores(node)) == (None, None)


def test_an_entry_that_is_none_is_told_and_the_others_are_taken(node: Node) -> None:
    change = vulnerabilities.take_in(node, catalogue({**ENTRY, "cveID": "x"}, OTHER))
    assert (change.new, [flaw.path for flaw in change.flaws]) == (
        ("CVE-2024-0001",),
        ["vulnerabilities[0]"],
    )


def test_the_public_catalogue_is_taken_in(node: Node) -> None:
    data = shared("kev/known_exploited_vulnerabilities.json").read_bytes()
    change = vulnerabilities.take_in(node, data)
    count = len(orjson.loads(data)["vulnerabilities"])
    assert (change.rows, change.objects, change.flaws) == (count, 2 * count, ())
