"""What is told of an object beside what it says itself, on its page, by the API and the command
line: known exploited vulnerabilities, whether an indicator still holds, how sure its source is, and
alarms about its versions.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from comity.edge.cli.objects import _object_lines
from comity.kernel.ids import Id
from comity.services.node import Node
from comity.services.sharing import exploited, searching, showing, vulnerabilities
from comity.services.sharing.searching import at_the_machine
from tests.bridges.feeds.test_lists import ENTRY, SCORES, catalogue
from tests.edge.program import Program, program
from tests.edge.test_web_one_object import malware
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce
from tests.sharing import CREATED, deliver, indicator, open_circle, share, uuid_of

CVE, OTHER = "CVE-2025-48384", "CVE-2024-0001"


def naming(called: str, *cves: str) -> dict[str, Any]:
    about = [{"source_name": "cve", "external_id": cve} for cve in cves]
    return indicator(called, external_references=about, pattern="[mutex:name = 'x']")


NAMED, PLAIN = naming("named", CVE, OTHER, "CVE-2024-0002"), indicator("plain")
OLD = indicator("old", valid_from="2026-01-01T08:00:00Z")
SKILLED = indicator(
    "skilled",
    pattern="[mutex:name = 'y']",
    external_references=[
        {"source_name": "mitre-attack", "external_id": id_}
        for id_ in ("T1059.001", "T1086", "T1064", "T1153", "T9999", "G0001")
    ],
)
SET = {
    "type": "intrusion-set",
    "spec_version": "2.1",
    "id": f"intrusion-set--{uuid_of('set')}",
    "created": CREATED,
    "modified": CREATED,
    "name": "Heron set",
    "primary_motivation": "organizational-gain",
    "secondary_motivations": ["revenge", "lamplight", "none"],
}
SINCE = "2026-09-01T08:00:00Z"
HOLDING = indicator("holding", created=SINCE, modified=SINCE, valid_from=SINCE)
MALWARE = malware("heron", confidence=70)


@dataclass(frozen=True)
class Place:
    """Orvanda's pages and API, with objects in a circle with Tolmere."""

    node: Node
    ada: Visitor
    api: Program
    circle: Id
    tolmere: Node

    def page(self, value: dict[str, Any]) -> str:
        """Return the words of an object's page."""
        text = html.unescape(self.ada.get(f"/objects/{value['id']}").text)
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())

    def read(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return an object as the API gives it."""
        found: dict[str, Any] = self.api.get(f"/objects/{value['id']}").value
        return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        circle = open_circle(orvanda, tolmere)
        share(orvanda, circle, NAMED, PLAIN, OLD, HOLDING, MALWARE, SKILLED, SET)
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        with Pages(orvanda) as pages:
            ada, api = pages.person("ada", "duty_officer"), program(pages, "duty_officer")
            yield Place(orvanda, ada, api, circle, tolmere)


NO_LIST = "No list of known exploited vulnerabilities was imported."


def test_of_an_object_that_names_no_vulnerability_lists_say_nothing(place: Place) -> None:
    assert place.read(PLAIN)["vulnerabilities"] is None
    assert "What lists say" not in place.page(PLAIN)


def test_what_is_known_exploited_is_told_with_its_dates(place: Place) -> None:
    # One test, since lists that were imported stay.
    assert place.page(NAMED).count(NO_LIST) == 1
    cves = [CVE, OTHER, "CVE-2024-0002"]
    told = place.read(NAMED)["vulnerabilities"]
    assert told == {"cves": cves, "known": [], "catalogue": None, "scores": None}
    vulnerabilities.take_in(place.node, catalogue(ENTRY))
    page = place.page(NAMED)
    for words in (
        f"{CVE} is known to be exploited since 2025-08-25; it is to be mended by 2025-09-15.",
        f"{CVE} is known to be used for ransomware.",
        f"The catalogue of 2025-08-25 does not list {OTHER}, CVE-2024-0002.",
    ):
        assert words in page
    assert NO_LIST not in page
    assert "EPSS" not in page
    vulnerabilities.take_in(place.node, SCORES)
    score = "has the EPSS score 0.01015 of 2026-08-01; 60.6 % of all have the same or a lower one."
    assert f"{CVE} {score}" in place.page(NAMED)
    told = place.read(NAMED)["vulnerabilities"]
    assert told["known"] == [
        {
            "cve": CVE,
            "exploited_since": 1756080000000,
            "due": 1757894400000,
            "ransomware": True,
            "score": 0.01015,
            "percentile": 0.60644,
        },
        {
            "cve": OTHER,
            "exploited_since": None,
            "due": None,
            "ransomware": None,
            "score": 0.97,
            "percentile": 1.0,
        },
    ]
    assert (told["catalogue"], told["scores"]) == (1756141459000, 1785542400000 + 46500000)


def test_who_has_no_date_to_mend_it_by_is_told_of_none(nodes: Nodes) -> None:
    node = nodes.make("orvanda")
    entry = {**ENTRY, "dueDate": "", "knownRansomwareCampaignUse": "Unknown"}
    vulnerabilities.take_in(node, catalogue(entry))
    found = exploited.told(node, naming("one", CVE))
    assert found is not None
    assert [*exploited.sentences(found)] == [
        f"{CVE} is known to be exploited since 2025-08-25.",
    ]
    assert exploited.told(node, {}) is None


# Techniques of ATT&CK

SHELL = "T1059.001 Command and Scripting Interpreter: PowerShell"
NAMES = [
    SHELL,
    f"T1086 PowerShell is revoked. Instead: {SHELL}.",
    "T1064 Scripting is deprecated. Instead: T1059 Command and Scripting Interpreter.",
    "T1153 Source is deprecated, and nothing stands instead.",
    "T9999 is not in the list here, of ATT&CK 18.1, Enterprise, Mobile and ICS.",
]


def test_techniques_are_told_by_their_names_and_whether_their_ids_stand(place: Place) -> None:
    page = place.page(SKILLED)
    assert [name for name in NAMES if name not in page] == []
    # What is no technique is not said to be unknown.
    assert "G0001 is not" not in page
    assert 'href="/objects?value=T1086"' in place.ada.get(f"/objects/{SKILLED['id']}").text
    found = place.read(SKILLED)["techniques"]
    states = ["current", "revoked", "deprecated", "deprecated", "unknown"]
    assert [each["state"] for each in found] == states
    assert found[1] == {
        "id": "T1086",
        "name": "PowerShell",
        "state": "revoked",
        "instead": ["T1059.001"],
    }
    assert place.read(PLAIN)["techniques"] == []
    assert "Techniques and tactics" not in place.page(PLAIN)


def test_programs_are_told_of_techniques_where_they_look_for_objects(place: Place) -> None:
    found = place.api.get("/objects?value=T1086").value
    assert [each["id"] for each in found["techniques"]] == ["T1086"]
    (one,) = found["objects"]
    assert (one["id"], one["techniques"]) == (SKILLED["id"], place.read(SKILLED)["techniques"])
    everything = place.api.get("/objects").value
    assert everything["techniques"] == []
    named = {each["id"] for each in everything["objects"] if each["techniques"]}
    assert named == {SKILLED["id"]}


def test_mobile_techniques_are_known_too(place: Place) -> None:
    found = place.api.get("/objects?value=T1407").value["techniques"]
    assert [(each["id"], each["name"]) for each in found] == [
        ("T1407", "Download New Code at Runtime"),
    ]
    page = html.unescape(place.ada.get("/objects?value=T1431").text)
    told = "T1431 App Delivered via Web Download is revoked, and nothing stands instead."
    assert told in page


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("words=T1059.001", NAMES[:1]),
        ("words=powershell", NAMES[:2]),
        ("value=t1086", NAMES[1:2]),
        ("words=scripting+plain", []),
    ],
)
def test_what_is_looked_for_by_id_or_name_is_told(
    place: Place, asked: str, names: list[str]
) -> None:
    page = html.unescape(place.ada.get(f"/objects?{asked}").text)
    assert [name for name in NAMES if f">{name}<" in page] == names


# Codes of vocabularies


def test_codes_are_told_in_words_and_unknown_ones_as_they_stand(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = place.page(SET)
    assert "Main motive gain of an organisation " in page
    assert "Other motives revenge lamplight none " in page
    monkeypatch.setattr(place.ada, "language", "fr")
    page = place.page(SET)
    assert " gain d’une organisation " in page
    # A word of the pages that an object happens to hold as a code is not translated.
    assert " vengeance lamplight none " in page


# Whether an indicator still holds


def test_an_indicator_says_whether_it_holds_and_why(place: Place) -> None:
    page = place.page(OLD)
    assert "indicator TLP:AMBER old" in page
    assert "It counts as old since 2026-03-02 08:00 UTC: what it names" in page
    found = place.read(OLD)["validity"]
    assert (found["state"], found["why"], found["at"]) == ("aged", "half_life", 1772438400000)
    assert found["told"].startswith("It counts as old since")
    assert "It holds until 2026-10-31 08:00 UTC" in place.page(HOLDING)
    assert place.read(MALWARE)["validity"] is None
    assert "It holds" not in place.page(MALWARE)


def test_what_still_holds_is_found_at_pages_and_by_the_api(place: Place) -> None:
    found = place.ada.get("/objects?valid=on").text
    ids = {each["id"] for each in (NAMED, PLAIN, OLD, HOLDING, MALWARE) if each["id"] in found}
    assert ids == {HOLDING["id"]}
    answer = place.api.get("/objects?valid=true").value
    assert ([each["id"] for each in answer["objects"]], answer["next"]) == ([HOLDING["id"]], 0)
    assert len(place.api.get("/objects").value["objects"]) >= 5


def test_where_there_may_be_more_that_holds_the_page_leads_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "AT_ONCE", 1)
    monkeypatch.setattr(searching, "MOST_LOOKS", 1)
    found = place.ada.get("/objects?valid=on")
    while HOLDING["id"] not in found.text:
        assert "Nothing of what was added last still holds." in found.text
        more = html.unescape(found.text).partition('<a href="?valid=on&')[2].partition('"')[0]
        found = place.ada.get(f"/objects?valid=on&{more}")


def test_how_sure_its_source_is_stands_by_a_named_scale_with_its_number(place: Place) -> None:
    assert "Confidence high (70 of 100; none, low, medium or high, by STIX 2.1)" in (
        place.page(MALWARE)
    )
    assert "Confidence" not in place.page(OLD)
    assert (place.read(MALWARE)["confidence"], place.read(OLD)["confidence"]) == (70, None)


# Alarms; the last, since they add to the circle


def test_an_alarm_stands_before_all_else_and_leads_to_the_version(place: Place) -> None:
    assert (place.read(HOLDING)["alarms"], "Look at who gave" in place.page(HOLDING)) == ([], False)
    deliver(place.node, place.tolmere)
    share(place.tolmere, place.circle, {**HOLDING, "modified": "2026-09-02T08:00:00Z"})
    deliver(place.tolmere, place.node)
    page = place.page(HOLDING)
    told = "orvanda gave this object first, and tolmere a later version, of 2026-09-02 08:00 UTC."
    assert told in page
    assert page.index(told) < page.index("What it says")
    (alarm,) = place.read(HOLDING)["alarms"]
    assert (alarm["rule"], alarm["party"]) == ("X28", place.tolmere.me)
    assert f'href="?version={alarm["version"]}"' in place.ada.get(f"/objects/{HOLDING['id']}").text


def test_people_are_told_and_led_to_the_circle_that_lists_it(place: Place) -> None:
    page = place.ada.get("/notices").text
    assert "is not from who gave the object first." in page
    assert f'href="/circles/{place.circle}"' in page
    flaws = place.ada.get(f"/circles/{place.circle}").text
    flaws = flaws.partition("Not taken in, or an alarm</h2>")[2].partition("</ul>")[0]
    assert "Rule X28" in flaws
    assert f'href="/objects/{HOLDING["id"]}"' in flaws
    # It is kept as a phrase, and so said in the language of who reads it.
    french = replace(place.ada, language="fr")
    page = html.unescape(french.get(f"/circles/{place.circle}").text)
    assert "Objet donné en premier par orvanda" in page


def test_who_ends_what_another_gave_first_is_named_and_ends_nothing(place: Place) -> None:
    ended = {**HOLDING, "modified": "2026-09-03T08:00:00Z", "revoked": True}
    share(place.tolmere, place.circle, ended)
    deliver(place.tolmere, place.node)
    found = place.read(HOLDING)["validity"]
    told = "tolmere says that it is revoked."
    assert found["state"] == "current"
    assert found["others"] == [
        {"party": place.tolmere.me, "name": "tolmere", "state": "revoked", "told": told}
    ]
    page = place.page(HOLDING)
    assert f"{told} Only who gave it first here, or this party, ends it" in page
    assert ("this version is revoked" in page, "by its source" in page) == (True, False)
    lines = [*_object_lines(showing.show(place.node, at_the_machine(place.node), HOLDING["id"]))]
    assert f"  {told} It did not give it first, so that ends nothing." in lines
    valid = place.api.get("/objects?valid=true").value["objects"]
    assert HOLDING["id"] in {each["id"] for each in valid}
