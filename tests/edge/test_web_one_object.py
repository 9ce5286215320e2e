"""The page of one object: what it says, its label and why, its relations, its way here; forwarding
it.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.casework.issue import Draft, issue
from comity.services.node import Node
from comity.services.sharing import applying, retracting
from comity.store.access.acts import acts_of
from comity.store.access.people import audit
from tests.databases import counted
from tests.edge.program import program
from tests.edge.visitor import Page, Pages, Visitor
from tests.nodes import Nodes, introduce
from tests.sharing import CREATED, deliver, entries, indicator, open_circle, share, shown, uuid_of


def malware(called: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "malware",
        "spec_version": "2.1",
        "id": f"malware--{uuid_of(called)}",
        "created": CREATED,
        "modified": CREATED,
        "is_family": False,
        "name": called,
        **more,
    }


def tie(source: dict[str, Any], kind: str, target: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "relationship",
        "spec_version": "2.1",
        "id": f"relationship--{uuid_of(source['id'] + kind + target['id'])}",
        "created": CREATED,
        "modified": CREATED,
        "relationship_type": kind,
        "source_ref": source["id"],
        "target_ref": target["id"],
    }


ONE = indicator("one", name="Beacon <one>", labels=["heron"], lang="en")
WIDE = indicator("wide", tlp="clear", name="Wide one")
MARKED = indicator(
    "marked",
    object_marking_refs=["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"],
    pattern="[domain-name:value = 'a.example']",
)
HERON = malware("Heron")


@dataclass(frozen=True)
class Place:
    """Tolmere's pages: it has a circle with Orvanda, which forwards nothing, and one further on
    with Sarivane, which does not know Orvanda.
    """

    pages: Pages
    orvanda: Node
    sarivane: Node
    near: Id
    far: Id
    act: Id


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere, sarivane = (nodes.make(n) for n in ("orvanda", "tolmere", "sarivane"))
        introduce(orvanda, tolmere)
        introduce(tolmere, sarivane)
        near = open_circle(orvanda, tolmere, forward="none", retention=90, pap="amber")
        ties = [tie(ONE, "indicates", HERON), tie(HERON, "variant-of", HERON)]
        act = share(orvanda, near, ONE, HERON, *ties).acts[0]
        share(orvanda, near, WIDE, MARKED)
        deliver(orvanda, tolmere)
        far = open_circle(tolmere, sarivane)
        share(tolmere, far, indicator("same", name="Seen far off"))
        tolmere.settings = replace(tolmere.settings, second_factor=False)
        with Pages(tolmere) as pages:
            yield Place(pages, orvanda, sarivane, near, far, act)


@pytest.fixture(scope="module")
def ada(place: Place) -> Visitor:
    return place.pages.person("ada", "duty_officer")


def page_of(visitor: Visitor, value: dict[str, Any], more: str = "") -> str:
    found = visitor.get(f"/objects/{value['id']}{more}")
    assert found.status == 200, found.text
    return html.unescape(found.text)


# What it says


def test_what_it_says_stands_in_words_before_the_bytes(ada: Visitor) -> None:
    found = ada.get(f"/objects/{ONE['id']}").text
    assert "<one>" not in found
    words, _, raw = found.partition("As it came")
    for said in ("Beacon &lt;one&gt;", "Pattern", "192.0.2.7", "heron", "Valid from"):
        assert said in words
    assert '"pattern_type"' not in words
    assert "&quot;pattern_type&quot;:&quot;stix&quot;" in raw


def test_its_bytes_are_given_as_they_came(ada: Visitor) -> None:
    import orjson

    given = ada.get(f"/objects/{ONE['id']}?get=1")
    assert given.body == orjson.dumps(ONE)
    assert given.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (ONE, ["It has no TLP marking.", "AMBER where nothing was said", "TLP:AMBER"]),
        (MARKED, ["It is marked by TLP 1, which TLP 2.0 calls TLP:CLEAR.", "So it is marked."]),
        (WIDE, ["It is marked TLP:CLEAR.", "Kept for 90 days at most.", "PAP:AMBER"]),
        (WIDE, ["Forwarded, where it is AMBER or stricter, by: nobody."]),
    ],
)
def test_labels_are_explained(ada: Visitor, value: dict[str, Any], says: list[str]) -> None:
    found = page_of(ada, value)
    for words in says:
        assert words in found


def test_a_label_that_was_changed_says_so(nodes: Nodes) -> None:
    orvanda, tolmere = _two(nodes)
    circle = open_circle(orvanda, tolmere)
    done = share(orvanda, circle, ONE)
    draft = Draft("relabel", {"tlp": "amber_strict"}, refs=(done.acts[0],))
    issue(orvanda, dossier_id=circle, draft=draft)
    deliver(tolmere, orvanda)
    with Pages(orvanda) as pages:
        ada = pages.person("ada", "duty_officer")
        assert "Who published it changed its label since." in page_of(ada, ONE)
    noted = [row for row in audit(orvanda.db, None, 50) if row.what == "read"]
    assert [row.subject for row in noted] == [circle]


def _two(nodes: Nodes) -> tuple[Node, Node]:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    orvanda.settings = replace(orvanda.settings, second_factor=False)
    return orvanda, tolmere


def test_versions_and_what_was_taken_back(nodes: Nodes) -> None:
    orvanda, tolmere = _two(nodes)
    circle = open_circle(orvanda, tolmere)
    first = share(orvanda, circle, indicator("one", 1, name="Earlier words"))
    second = share(orvanda, circle, indicator("one", 2, name="Later words"))
    with Pages(orvanda) as pages:
        ada = pages.person("ada", "duty_officer")
        found = page_of(ada, ONE)
        assert "Later words" in found
        assert "Other versions" in found
        version = found.partition("Other versions")[2].partition("?version=")[2].partition('"')[0]
        assert "Earlier words" in page_of(ada, ONE, f"?version={version}")
        retracting.retract(orvanda, second.acts[0], None, reason="wrong")
        assert "Earlier words" in page_of(ada, ONE)
        retracting.retract(orvanda, first.acts[0], None, reason="personal_data")
        gone = page_of(ada, ONE)
        assert "It is not shown any more." in gone
        assert "Taken back by orvanda" in gone.replace("<bdi>", "").replace("</bdi>", "")
        assert "Earlier words" not in gone
        assert "nobody signed it" not in gone
        assert ada.get(f"/objects/{ONE['id']}?get=1").status == 404


# Relations, and what is about the same


def test_relations_are_drawn_and_listed_and_cycles_end(ada: Visitor) -> None:
    found = ada.get(f"/objects/{HERON['id']}").text
    assert 'role="img" aria-labelledby="drawing-title drawing-told"' in found
    assert "<desc" in found
    assert "indicates" in found
    assert f'href="/objects/{ONE["id"]}"' in found
    assert "Nothing that you see names it" not in found
    assert "It is named by" in page_of(ada, HERON)


def test_what_is_not_here_is_named_by_its_id_alone(nodes: Nodes) -> None:
    orvanda, tolmere = _two(nodes)
    circle = open_circle(orvanda, tolmere)
    absent = malware("absent")
    share(orvanda, circle, ONE, tie(ONE, "indicates", absent))
    applying.work(orvanda)
    with Pages(orvanda) as pages:
        found = page_of(pages.person("ada", "duty_officer"), ONE)
    assert absent["id"] in found
    assert f'href="/objects/{absent["id"]}"' not in found
    assert "not here, or not for you" in found


def test_neighbours_are_bounded_and_cost_the_same(nodes: Nodes) -> None:
    orvanda, tolmere = _two(nodes)
    circle = open_circle(orvanda, tolmere)
    share(orvanda, circle, HERON, ONE, tie(ONE, "indicates", HERON))
    applying.work(orvanda)
    with Pages(orvanda) as pages:
        ada = pages.person("ada", "duty_officer")

        def asked() -> tuple[int, str]:
            with counted(orvanda.db) as queries:
                found = page_of(ada, HERON)
            return len(queries), found

        asked()
        few, found = asked()
        assert "There are more" not in found
        others = [indicator(f"n{n}") for n in range(60)]
        share(orvanda, circle, *others, *(tie(each, "indicates", HERON) for each in others))
        applying.work(orvanda)
        many, found = asked()
        assert many == few
        assert "There are more; these are told of." in found
        assert found.count("<rect") == 41


def test_what_is_about_the_same_stands_with_its_collection(ada: Visitor) -> None:
    found = page_of(ada, ONE).partition("About the same")[2]
    for words in ("Seen far off", "192.0.2.7/32"):
        assert words in found


# Where it came from


def test_the_way_of_an_object_is_told_at_any_distance(place: Place, ada: Visitor) -> None:
    found = page_of(ada, WIDE)
    assert "its keys were compared" in found
    link = found.partition("/forward?added=")[2].partition('"')[0]
    page = ada.get(f"/objects/{WIDE['id']}/forward?added={link}")
    assert "Lantern Sea circle" in page.text
    done = ada.fill(page, {"circle": place.far})
    assert "Signed. It is on its way to every member." in done.text
    noted = audit(place.pages.node.db, None, 50)
    assert any(row.what == "said" and row.detail.get("kind") == "forward" for row in noted)
    deliver(place.pages.node, place.sarivane)
    place.sarivane.settings = replace(place.sarivane.settings, second_factor=False)
    with Pages(place.sarivane) as pages:
        told = page_of(pages.person("sam", "duty_officer"), WIDE)
    way = told.partition("Where it came from")[2].partition("As it came")[0]
    assert "known here only by what tolmere shows, not compared" in way
    assert way.index("published it") < way.index("forwarded it")


def test_what_may_not_be_forwarded_says_why_and_leads_to_its_source(
    place: Place, ada: Visitor
) -> None:
    found = page_of(ada, ONE)
    link = found.partition("/forward?added=")[2].partition('"')[0]
    page = html.unescape(ada.get(f"/objects/{ONE['id']}/forward?added={link}").text)
    assert "There is no other circle that it may go to from your hands." in page
    assert "Rule L6" in page
    ask = page.partition(f"/dossiers/{place.near}/say/ask?")[2].partition('"')[0]
    form = ada.get(f"/dossiers/{place.near}/say/ask?{ask}")
    assert form.form_with(["what"]).fields["refs"] == [place.act]
    assert form.form_with(["what"]).fields["what"] == ["forward"]
    assert form.form_with(["what"]).fields["part"] == ["0"]


def forward_page(visitor: Visitor, value: dict[str, Any]) -> Page:
    link = page_of(visitor, value).partition("/forward?added=")[2].partition('"')[0]
    return visitor.get(f"/objects/{value['id']}/forward?added={link}")


def test_a_forward_is_kept_for_a_second_person_and_goes_when_it_is_approved(
    place: Place, ada: Visitor
) -> None:
    ben = place.pages.person("ben", "analyst")
    page = forward_page(ben, MARKED)
    assert "Who may sign alone: Duty officer" in " ".join(page.text.split())
    done = ben.fill(page, {"circle": place.far})
    assert "It waits for a second person now." in done.text
    assert MARKED["id"] not in shown(place.pages.node, circle=place.far)
    path = waiting(ada)
    check = ada.get(path)
    told = html.unescape(check.text).partition("What leaves this house")[2].partition("</dl>")[0]
    for words in ("What is forwarded", "(indicator)", "Lantern Sea circle"):
        assert words in told
    assert 'value="approve"' not in ben.get(path).text

    ada.post(path, {"do": "return", "reason": "Ask them first.", **hidden(check)})
    back = ben.get(path.removesuffix("/check"))
    assert "Ask them first." in back.text
    assert "Change it" not in back.text
    ben.post(path, {"do": "prepare", **hidden(back)})
    ada.post(path, {"do": "approve", **hidden(ada.get(path))})
    assert MARKED["id"] in shown(place.pages.node, circle=place.far)
    last = [row for row in acts_of(place.pages.node.db, place.far) if row.kind == "forward"][-1]
    body = orjson.loads(last.header)["body"]
    assert body["by"] == {"role": "analyst", "approved_by": ["duty_officer"]}


def test_what_was_taken_back_meanwhile_is_not_forwarded_by_approving_it(
    place: Place, ada: Visitor
) -> None:
    ben, gone = place.pages.person("bea", "analyst"), indicator("soon gone", tlp="clear")
    act = share(place.orvanda, place.near, gone).acts[0]
    deliver(place.orvanda, place.pages.node)
    ben.fill(forward_page(ben, gone), {"circle": place.far})
    retracting.retract(place.orvanda, act, None, reason="wrong")
    deliver(place.orvanda, place.pages.node)
    path = waiting(ada)
    check = ada.get(path)
    assert "is not there any more, or you do not see it" in check.text
    assert "soon gone" not in check.text
    done = ada.post(path, {"do": "approve", **hidden(check)})
    assert "There is a problem" in done.text
    assert gone["id"] not in shown(place.pages.node, circle=place.far)
    ada.post(path, {"do": "return", "reason": "It is gone.", **hidden(ada.get(path))})
    ben.post(path.removesuffix("/check"), {"drop": "1", **hidden(ben.get(path))})
    assert "was thrown away" in ben.get(path).text


def test_a_draft_carries_on_nothing_that_its_author_does_not_see(place: Place) -> None:
    asks = program(place.pages, "duty_officer", ceiling=TLP.GREEN)
    wide = open_circle(place.pages.node, place.sarivane, ceiling=TLP.GREEN)
    hidden = indicator("hidden", tlp="green")
    share(place.pages.node, place.far, hidden)
    (held,) = entries(place.pages.node, circle=place.far, ids=(hidden["id"],))
    given = {"dossier": wide, "kind": "forward", "texts": {"added": str(held.added)}}
    draft = asks.post("/drafts", {**given, "tlp": "green"}).value["id"]
    refused = asks.post(f"/drafts/{draft}/sign", key="sign")
    assert (refused.status, refused.value["rule"]) == (409, "S12")


def waiting(visitor: Visitor) -> str:
    """Return the path of the draft that waits for a person."""
    draft = visitor.get("/").text.partition("/drafts/")[2].partition("/")[0].partition('"')[0]
    return f"/drafts/{draft}/check"


def hidden(page: Page) -> dict[str, str]:
    fields = page.form_with(["seen"]).fields
    return {name: fields[name][0] for name in ("seen", "csrfmiddlewaretoken")}


def test_what_is_not_ones_to_forward_is_not_there(ada: Visitor) -> None:
    assert ada.get(f"/objects/{ONE['id']}/forward?added=1").status == 404
    assert ada.get("/objects/indicator--no").status == 404


# What is said of it


def test_feedback_is_counted_and_told_by_party(place: Place, ada: Visitor) -> None:
    found = page_of(ada, ONE)
    assert "Nobody has said anything of it yet." in found
    query = found.partition(f"/dossiers/{place.near}/say/feedback?")[2].partition('"')[0]
    form = ada.get(f"/dossiers/{place.near}/say/feedback?{query}")
    assert form.form_with(["part"]).fields["part"] == ["0"]
    draft = Draft("feedback", {"part": 0, "as": "useful", "count": 3}, refs=(place.act,))
    issue(place.pages.node, dossier_id=place.near, draft=draft)
    found = page_of(ada, ONE).partition("Feedback</h2>")[2]
    for words in ("useful", "tolmere", "3 times"):
        assert words in found


def test_ones_own_may_be_taken_back_and_that_of_others_not(place: Place, ada: Visitor) -> None:
    assert "/say/retract?" not in page_of(ada, ONE)
    own = page_of(ada, indicator("same"))
    query = own.partition(f"/dossiers/{place.far}/say/retract?")[2].partition('"')[0]
    form = ada.get(f"/dossiers/{place.far}/say/retract?{query}")
    assert form.form_with(["reason"]).fields["parts"][0].strip() == "0"
