"""Adding objects at the pages: looked at first, then signed, handed on, or taken in."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from comity.bridges.stix.markings import TLP2_EXTENSION
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import applying, circles, searching, warning
from comity.services.sharing.searching import Query
from comity.store.access import acts
from tests.edge.program import program
from tests.edge.visitor import Page, Pages, Visitor, with_files
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, indicator, open_circle, share, shown, uuid_of


@dataclass(frozen=True)
class Place:
    """The pages of Orvanda, which shares a circle up to AMBER with Tolmere."""

    pages: Pages
    tolmere: Node
    circle: Id
    shelf: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        orvanda.settings = replace(orvanda.settings, second_factor=False)
        circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
        share(orvanda, circle, indicator("held"), indicator("older", 1))
        deliver(orvanda, tolmere)
        with Pages(orvanda) as pages:
            yield Place(pages, tolmere, circle, circles.shelf_of(orvanda, circle).id)


@pytest.fixture(scope="module")
def ada(place: Place) -> Visitor:
    return place.pages.person("ada", "duty_officer")


def bundle(*objects: dict[str, Any]) -> str:
    return orjson.dumps({"type": "bundle", "id": "bundle--x", "objects": objects}).decode()


def look(visitor: Visitor, shelf: str, text: str, **more: str) -> Page:
    """Bring objects, and look at what would become of them."""
    page = visitor.get("/objects/add")
    return visitor.fill(page, {"shelf": shelf, "text": text, **more})


def published(node: Node, circle: Id) -> list[str]:
    return [row.id for row in acts.acts_of(node.db, circle) if row.kind == "publish"]


def test_every_object_is_told_what_becomes_of_it(place: Place, ada: Visitor) -> None:
    assert 'href="/objects/add"' in ada.get("/objects").text
    before = published(place.pages.node, place.circle)
    bad = {**indicator("bad"), "pattern_type": 7}
    page = look(
        ada,
        place.shelf,
        bundle(
            indicator("fresh", name="Fresh <one>"),
            indicator("held"),
            indicator("older", 2),
            {**indicator("older", 1), "name": "Other bytes"},
            indicator("strict", tlp="red"),
            bad,
        ),
    )
    told = html.unescape(page.text)
    for words in (
        "Fresh <one>",
        "held already",
        "a new version",
        "contradicts what is held",
        "not taken",
        "It is marked TLP:RED and stands under TLP:AMBER.",
        "pattern_type",
    ):
        assert words in told, words
    assert "<one>" not in page.text
    assert published(place.pages.node, place.circle) == before


def test_who_will_see_it_is_told_by_label(place: Place, ada: Visitor) -> None:
    batch = bundle(indicator("a1"), indicator("g1", tlp="green"), indicator("c1", tlp="clear"))
    told = look(ada, place.shelf, batch).text.partition("Who will see it")[2]
    rows = [part.partition("</dd>")[0] for part in told.split("<dd>")[1:5]]
    assert rows == ["3", "3", "2", "1"]
    for words in ("tolmere", "TLP:GREEN", "TLP:CLEAR", "Anybody may see it."):
        assert words in told


def test_what_is_known_to_be_harmless_is_looked_at_again(place: Place, ada: Visitor) -> None:
    own = indicator("own", pattern="[ipv4-addr:value = '10.1.2.3']")
    told = look(ada, place.shelf, bundle(own)).text
    assert "look again" in told
    assert "10.1.2.3/32" in told
    assert "private use (RFC 1918)" in told


def test_lists_that_were_imported_are_asked_too(place: Place, ada: Visitor, tmp_path: Path) -> None:
    listed = {"name": "Own ferries", "type": "cidr", "list": ["192.0.2.0/24"], "version": 1}
    path = tmp_path / "ferries.json"
    path.write_bytes(orjson.dumps({**listed, "matching_attributes": ["ip-dst"]}))
    warning.add(place.pages.node, path)
    assert "Own ferries" in look(ada, place.shelf, bundle(indicator("own"))).text


def test_claims_of_who_did_it_stay_out_until_somebody_says_otherwise(
    place: Place, ada: Visitor
) -> None:
    source = "identity--3d0f1c9c-2b0e-4f8b-9f53-0f0b6a1c0001"
    claim = indicator("claim", name="APT29 beacon", created_by_ref=source)
    nobodys = indicator("nobodys", name="state-sponsored beacon")
    page = look(ada, place.shelf, bundle(claim, nobodys))
    assert "There is nothing in it that would be added." in page.text
    assert "who did it" in page.text
    page = ada.fill(page, {"claims": "keep"})
    told = html.unescape(page.text)
    assert "Keep it as what the source says" in told
    assert "does not say who claims so" in told
    assert "Publish</button>" in told


def test_claims_are_stripped_and_what_is_left_is_our_own_word(place: Place, ada: Visitor) -> None:
    source = "identity--3d0f1c9c-2b0e-4f8b-9f53-0f0b6a1c0001"
    whole = indicator("whole", name="Beacon", description="By APT29.", created_by_ref=source)
    actor = {**indicator("actor"), "type": "intrusion-set", "name": "Bear"}
    actor["id"] = actor["id"].replace("indicator", "intrusion-set")
    page = look(ada, place.shelf, bundle(whole, actor))
    page = ada.fill(page, {"claims": "strip"})
    told = " ".join(html.unescape(page.text).split())
    assert f'made of <bdi dir="ltr">{whole["id"]}</bdi>' in told
    assert "goes without who did it</span>" in told
    assert "It is itself such a claim" in told
    before = shown(place.pages.node)
    ada.fill(page, {}, form=page.form_with(["seen"]), button="add")
    new = shown(place.pages.node) - before
    assert sorted(id_.partition("--")[0] for id_ in new) == ["indicator", "relationship"]
    assert whole["id"] not in new


def test_a_program_adds_and_strips_claims_too(place: Place) -> None:
    asks = program(place.pages, "duty_officer")
    claim = indicator("programs", description="By APT29.")
    path, given = f"/collections/{place.shelf}/objects", {"objects": [claim]}
    out = asks.post(path, given, key="one").value
    assert (out["acts"], out["verdicts"][0]["verdict"]) == ([], "out")
    done = asks.post(path, {**given, "claims": "strip"}, key="two").value
    assert [each["of"] for each in done["verdicts"]] == [claim["id"]] * 2
    assert {each["id"] for each in done["verdicts"]} <= shown(place.pages.node)


def test_what_was_looked_at_is_published_and_nothing_else(place: Place, ada: Visitor) -> None:
    page = look(ada, place.shelf, bundle(indicator("seen")))
    other = ada.fill(page, {"text": bundle(indicator("unseen"))}, button="add")
    assert "Publish</button>" in other.text
    assert indicator("unseen")["id"] not in shown(place.pages.node)
    done = ada.fill(page, {}, form=page.form_with(["seen"]), button="add")
    assert "Signed. It is on its way to every member." in done.text
    deliver(place.pages.node, place.tolmere)
    assert indicator("seen")["id"] in shown(place.tolmere)
    header = orjson.loads(next(_headers(place, published(place.pages.node, place.circle)[-1:])))
    assert header["body"]["by"] == {"role": "duty_officer"}


def _headers(place: Place, ids: list[str]) -> Iterator[bytes]:
    for row in acts.acts_among(place.pages.node.db, ids).values():
        yield row.header


def test_who_needs_a_second_person_hands_it_on(place: Place, ada: Visitor) -> None:
    ben = place.pages.person("ben", "analyst")
    claiming = indicator("prepared and stripped", description="By APT29.")
    batch = bundle(indicator("prepared"), indicator("prepared green", tlp="green"), claiming)
    page = ben.fill(look(ben, place.shelf, batch), {"claims": "strip"})
    before = shown(place.pages.node)
    assert "Who may sign alone: Duty officer" in " ".join(page.text.split())
    done = ben.fill(page, {}, form=page.form_with(["seen"]), button="add")
    assert "It waits for a second person now." in done.text
    assert indicator("prepared")["id"] not in shown(place.pages.node)
    work = ada.get("/").text
    draft = work.partition("/drafts/")[2].partition("/")[0].partition('"')[0]
    check = ada.get(f"/drafts/{draft}/check")
    done = ada.post(f"/drafts/{draft}/check", {"do": "approve", **_hidden(check)})
    assert done.status == 200, done.text
    applying.work(place.pages.node)
    both = {indicator("prepared")["id"], indicator("prepared green")["id"]}
    came = shown(place.pages.node) - before
    assert both <= came
    kinds = sorted(id_.partition("--")[0] for id_ in came - both)
    assert kinds == ["indicator", "relationship"]
    assert claiming["id"] not in came


def test_what_waits_keeps_the_label_that_a_marking_held_already_gives_it(
    place: Place, ada: Visitor
) -> None:
    mark = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid_of('ours alone')}",
        "created": "2026-01-01T00:00:00Z",
        "extensions": {
            TLP2_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": "amber"}
        },
    }
    share(place.pages.node, place.circle, mark)
    eve = place.pages.person("eve", "analyst")
    kept = indicator("kept amber", object_marking_refs=[mark["id"]])
    page = look(eve, place.shelf, bundle(mark, kept), unmarked="green")
    eve.fill(page, {}, form=page.form_with(["seen"]), button="add")
    draft = ada.get("/").text.partition("/drafts/")[2].partition("/")[0].partition('"')[0]
    check = ada.get(f"/drafts/{draft}/check")
    ada.post(f"/drafts/{draft}/check", {"do": "approve", **_hidden(check)})
    finder = searching.at_the_machine(place.pages.node)
    found = searching.search(place.pages.node, finder, Query(ids=(kept["id"],))).found
    assert [each.tlp for each in found] == [TLP.AMBER]
    # One that is no object makes others stricter, too, and cannot go along.
    wrong = mark | {"id": f"marking-definition--{uuid_of('wrong')}", "created": "once"}
    other = indicator("kept back", object_marking_refs=[wrong["id"]])
    page = look(eve, place.shelf, bundle(wrong, other), unmarked="green")
    done = eve.fill(page, {}, form=page.form_with(["seen"]), button="add")
    assert "Only its source may widen it" in done.text


def _hidden(page: Page) -> dict[str, str]:
    fields = page.form_with(["seen"]).fields
    return {name: fields[name][0] for name in ("seen", "csrfmiddlewaretoken")}


def test_what_is_taken_in_by_hand_is_told_to_nobody(place: Place, ada: Visitor) -> None:
    before = published(place.pages.node, place.circle)
    page = look(ada, "hand", bundle(indicator("by hand")), unmarked="green")
    assert "People of this party." in page.text
    done = ada.fill(page, {}, form=page.form_with(["seen"]), button="add")
    assert "Taken in. Nobody else is told." in done.text
    assert "Taken in by hand" in done.text
    assert published(place.pages.node, place.circle) == before


def test_a_file_and_one_object_alone_are_read_too(place: Place, ada: Visitor) -> None:
    form = ada.get("/objects/add").form_with(["shelf"])
    fields = {"csrfmiddlewaretoken": form.fields["csrfmiddlewaretoken"][0], "shelf": place.shelf}
    data = orjson.dumps(indicator("filed", name="Filed"))
    page = ada.send("/objects/add", *with_files(fields, "file", {"one.json": data}))
    assert "Filed" in page.text
    assert "Publish</button>" in page.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not json", "This is not strict JSON"),
        ("", "This is not strict JSON"),
        ('{"type": "bundle", "objects": 7}', "is no list"),
        ("[" * 5000, "There is a problem"),
    ],
)
def test_what_is_no_batch_is_told_beside_its_field(
    place: Place, ada: Visitor, text: str, says: str
) -> None:
    page = look(ada, place.shelf, text)
    assert page.status == 200
    assert says in html.unescape(page.text)
    assert "There is a problem" in page.text


def test_who_publishes_nothing_is_not_led_there(place: Place) -> None:
    head = place.pages.person("hana", "head")
    assert head.get("/objects/add").status == 404
    assert 'href="/objects/add"' not in head.get("/objects").text


def test_a_program_that_needs_a_second_person_hands_it_on_once(place: Place, ada: Visitor) -> None:
    asks = program(place.pages, "analyst")
    one, two = indicator("programs waiting"), indicator("programs waiting too")
    path, given = f"/collections/{place.shelf}/objects", {"objects": [one, {"type": "x"}]}
    done = asks.post(path, given, key="first")
    assert (done.status, done.value.keys()) == (202, {"draft", "page", "verdicts"})
    assert [each["verdict"] for each in done.value["verdicts"]] == ["new", "flaw"]
    draft = done.value["draft"]
    assert done.value["page"] == f"{place.pages.node.address}/drafts/{draft}/check"
    assert one["id"] not in shown(place.pages.node)
    # The same waits already, whatever else is wrong; under another label, or of more, it does not.
    assert asks.post(path, {"objects": [one]}, key="second").value["draft"] == draft
    others = [{"objects": [one], "unmarked": "green"}, {"objects": [one, two]}, {"objects": [two]}]
    ids = {asks.post(path, each, key=str(each)).value["draft"] for each in others}
    assert len(ids - {draft}) == 3
    other = program(place.pages, "analyst", name="other")
    assert other.post(path, given, key="first").value["draft"] not in {draft, *ids}
    check = ada.get(f"/drafts/{draft}/check")
    ada.post(f"/drafts/{draft}/check", {"do": "approve", **_hidden(check)})
    applying.work(place.pages.node)
    assert one["id"] in shown(place.pages.node)
    again = asks.post(path, given, key="third")
    assert (again.status, again.value["acts"]) == (200, [])
    assert [each["verdict"] for each in again.value["verdicts"]] == ["held", "flaw"]
