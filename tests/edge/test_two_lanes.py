"""A dossier that stands in two lanes: people of either see it, and of what was said in the other
lane that it is there, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from comity.kernel.ids import Id
from comity.kernel.kinds import Charter, Growth
from comity.kernel.label import TLP, Footing
from comity.services.casework import drafts, issue, needing
from comity.services.casework.content import prepare_fields
from comity.services.casework.desk import Desk
from comity.services.casework.drafts import Filling
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.people import actors
from comity.store.access.finding import Wanted
from tests.edge.program import Program, person, token
from tests.edge.visitor import Pages, Visitor
from tests.nodes import Nodes, introduce, pass_on

LANE = {"duty_officer": "technical", "diplomat": "diplomatic"}
"""By a mandate that reads one of the two, which."""
WHO = [*LANE, "head"]
SECRET = {"technical": "Host 192.0.2.7 was ended.", "diplomatic": "Our minister is told."}
"""By lane, what Tolmere said in it."""
CODES = {"technical": "not known", "diplomatic": "cannot say"}


@dataclass(frozen=True)
class Place:
    """The pages of Orvanda, and a consultation: what was said in each lane, and that in French."""

    pages: Pages
    dossier: Id
    said: dict[str, Id]
    translated: dict[str, Id]

    def desk(self, who: str) -> Desk:
        """The desk of somebody with a mandate."""
        node = self.pages.node
        return Desk(node, actors.of_person(node, person(node, f"{who}s", who)))

    def program(self, who: str) -> Program:
        """A program that acts for somebody with a mandate."""
        node = self.pages.node
        return Program(self.pages.app, token(node, person(node, f"{who}s", who), who))


def opened(node: Node, other: Node, *lanes: str) -> Id:
    """Open a consultation of two in these lanes."""
    charter = Charter(
        protocol="trust/consultation",
        version=1,
        members=tuple(sorted((node.me, other.me))),
        growth=Growth.ALL,
        ceiling=TLP.AMBER,
        chair=None,
        readers=(),
        succeeds=None,
        time=None,
        terms={"urgency": "routine", "lanes": [*lanes]},
    )
    content = prepare_fields(node, {"title": f"Scans {len(lanes)}", "question": "Do you know?"})
    draft = Draft("charter", content=content, footing=Footing.WITHOUT_PREJUDICE)
    return issue.open_dossier(node, charter=charter, draft=draft)


def answered(node: Node, dossier: Id, lane: str, result: str) -> Id:
    """Answer the first question in a lane, with words and a file."""
    path = node.folder / f"{lane}.txt"
    path.write_bytes(b"words")
    content = prepare_fields(node, {"text": SECRET[lane]}, [(path.name, "text/plain", path)], "en")
    body = {"result": result, "lane": lane}
    draft = Draft("answer", {**body}, content, (dossier,))
    return issue.issue(node, dossier_id=dossier, draft=draft)


def translated(node: Node, dossier: Id, act: Id, lane: str) -> Id:
    """Give the words of an act in French."""
    content = prepare_fields(node, {"text": f"En français: {SECRET[lane]}"}, (), "fr")
    draft = Draft("translation", {"act": act, "lang": "fr", "as": "official"}, content)
    return issue.issue(node, dossier_id=dossier, draft=draft)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Orvanda asked Tolmere in both lanes, and it answered in each."""
    with Nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
        introduce(orvanda, tolmere)
        orvanda.settings = replace(orvanda.settings, second_factor=False, rate=10**6)
        dossier = opened(orvanda, tolmere, "diplomatic", "technical")
        pass_on(orvanda, tolmere)
        said = {
            "technical": answered(tolmere, dossier, "technical", "not_known"),
            "diplomatic": answered(tolmere, dossier, "diplomatic", "cannot_say"),
        }
        given = {lane: translated(tolmere, dossier, act, lane) for lane, act in said.items()}
        pass_on(tolmere, orvanda)
        with Pages(orvanda) as pages:
            yield Place(pages, dossier, said, given)


@pytest.fixture(scope="module")
def visitors(place: Place) -> dict[str, Visitor]:
    """Somebody of each mandate, at the pages."""
    return {who: place.pages.person(who, who) for who in WHO}


def reads(who: str, lane: str) -> bool:
    return LANE.get(who, lane) == lane


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("path", ["", "/print", "/picture"])
def test_every_page_tells_that_it_is_there_and_what_it_says_to_its_lane_alone(
    place: Place, visitors: dict[str, Visitor], who: str, path: str
) -> None:
    text = visitors[who].get(f"/dossiers/{place.dossier}{path}").text
    for lane, secret in SECRET.items():
        there = f"tolmere said something in the {lane} lane"
        assert (there in text) is not reads(who, lane)
        assert (f"tolmere answered: {CODES[lane]}" in text) is reads(who, lane)
        assert (secret in text) is (reads(who, lane) and path != "/picture")
        assert (f"{lane}.txt" in text) is (reads(who, lane) and path != "/picture")


@pytest.mark.parametrize("who", WHO)
def test_what_is_taken_out_and_done_to_it_is_as_absent(
    place: Place, visitors: dict[str, Visitor], who: str
) -> None:
    for lane, act in place.said.items():
        expected = 200 if reads(who, lane) else 404
        paths = [f"/acts/{act}/evidence", f"/acts/{act}/files/0"]
        if who in LANE:
            # A head approves what others prepare, and begins nothing.
            paths += [
                f"/dossiers/{place.dossier}/say/{k}?act={act}" for k in ("translation", "erase")
            ]
            page = visitors[who].get(f"/dossiers/{place.dossier}/say/acknowledge").text
            assert (act in page) is (SECRET[lane] in page) is reads(who, lane)
        for path in paths:
            assert visitors[who].get(path).status == expected, (lane, path)


@pytest.mark.parametrize("who", [*LANE])
def test_programs_are_told_no_more_than_people(place: Place, who: str) -> None:
    asks = place.program(who)
    listed = {each["id"] for each in asks.get("/acts").value["acts"]}
    shown = {each["id"]: each for each in asks.get(f"/dossiers/{place.dossier}").value["acts"]}
    for lane, act in place.said.items():
        known = reads(who, lane)
        assert (act in listed) is known
        assert asks.get(f"/acts/{act}").status == (200 if known else 404)
        assert asks.get(f"/acts/{act}/files/0").status == (200 if known else 404)
        assert asks.get(f"/acts/{place.translated[lane]}").status == (200 if known else 404)
        assert shown[place.translated[lane]]["hidden"] is not known
        told = shown[act]
        assert told["hidden"] is not known
        assert [told[n] for n in ("kind", "body", "fields", "files", "refs")] == (
            [told["kind"], told["body"], told["fields"], told["files"], [place.dossier]]
            if known
            else ["", {}, {}, [], []]
        )
    (first,) = (each for each in shown.values() if each["kind"] == "charter")
    words = {reply["act"]: reply["words"] for reply in first["replies"]}
    for lane, act in place.said.items():
        assert bool(words[act]) is reads(who, lane)


@pytest.mark.parametrize("who", WHO)
def test_nothing_is_found_by_the_words_of_another_lane(place: Place, who: str) -> None:
    desk = place.desk(who)
    for lane, text in (("technical", "192.0.2.7"), ("diplomatic", "minister")):
        found = desk.find(Wanted(text=text)).lines
        assert [line.id for line in found] == [place.dossier] * reads(who, lane)
    assert desk.find(Wanted(text="scans 2")).lines


def test_a_dossier_of_one_lane_is_not_seen_by_the_other(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    ids = {lane: opened(orvanda, tolmere, lane) for lane in SECRET}
    for who, lane in LANE.items():
        desk = Desk(orvanda, actors.of_person(orvanda, person(orvanda, who, who)))
        assert [*desk.seen(ids.values())] == [ids[lane]]
        assert [line.id for line in desk.find(Wanted()).lines] == [ids[lane]]


@pytest.mark.parametrize("who", [*LANE])
def test_what_is_said_in_a_lane_takes_a_mandate_of_it(place: Place, who: str) -> None:
    desk, node = place.desk(who), place.pages.node
    own, other = LANE[who], next(lane for lane in SECRET if lane != LANE[who])
    form = place.program(who).get(f"/dossiers/{place.dossier}/forms/inform").value
    (field,) = (each for each in form["fields"] if each["name"] == "lane")
    assert [choice["value"] for choice in field["choices"]] == [own]
    for lane, refused in ((own, False), ("", False), (other, True)):
        filling = Filling({"text": "News.", "lane": lane}, "amber")
        if refused:
            with pytest.raises(Exception, match="None of your mandates covers this"):
                drafts.begin(
                    node, desk.actor, kind="inform", filling=filling, dossier=place.dossier
                )
            continue
        row = drafts.begin(node, desk.actor, kind="inform", filling=filling, dossier=place.dossier)
        assert row.lane == own


@pytest.mark.parametrize("who", [*LANE])
def test_a_translation_stands_in_the_lane_of_the_original(place: Place, who: str) -> None:
    desk, node = place.desk(who), place.pages.node
    for lane, act in place.said.items():
        texts = {"act": act, "lang": "fr", "as": "unofficial", "text": "Mots."}
        begun = {"kind": "translation", "filling": Filling(texts, "amber")}
        if reads(who, lane):
            row = drafts.begin(node, desk.actor, dossier=place.dossier, **begun)  # type: ignore[arg-type]
            assert row.lane == lane
        else:
            with pytest.raises(Exception, match="There is no such message here"):
                drafts.begin(node, desk.actor, dossier=place.dossier, **begun)  # type: ignore[arg-type]


def test_what_is_owed_on_a_question_in_a_lane_is_for_its_people(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = opened(orvanda, tolmere, "diplomatic", "technical")
    pass_on(orvanda, tolmere)
    draft = Draft("ask", {"lane": "technical"})
    asked = issue.issue(tolmere, dossier_id=dossier, draft=draft)
    pass_on(tolmere, orvanda)
    for who, lane in LANE.items():
        desk = Desk(orvanda, actors.of_person(orvanda, person(orvanda, who, who)))
        agenda = needing.of_desk(desk)
        mine, aside = ({n.subject: n for n in x} for x in (agenda.needs, agenda.colleagues))
        assert (asked in mine, asked in aside) == (lane == "technical", lane != "technical")
        line = {**mine, **aside}[asked].reason
        assert line == ("tolmere asked a further question" if lane == "technical" else "")
