"""Tags and markings: never to the looser, in either direction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.held import Held
from comity.bridges.misp import marks, writing
from comity.bridges.misp.marks import Marks
from comity.bridges.stix.inject import SERVED
from comity.bridges.stix.markings import TLP1_IDS, TLP2_IDS
from comity.kernel.label import PAP, TLP
from tests.bridges.misp.samples import (
    attribute,
    back,
    by_type,
    event,
    expected,
    sighting,
    taken,
    uuid,
)

TAGS = {
    "tlp:white": Marks(TLP.CLEAR),
    "tlp:clear": Marks(TLP.CLEAR),
    "TLP:GREEN": Marks(TLP.GREEN),
    "tlp:amber": Marks(TLP.AMBER),
    "tlp:amber+strict": Marks(TLP.AMBER_STRICT),
    "tlp:amber-strict": Marks(TLP.AMBER_STRICT),
    "TLP: AMBER+STRICT": Marks(TLP.AMBER_STRICT),
    'tlp="red"': Marks(TLP.RED),
    "tlp：red": Marks(TLP.RED),
    "PAP:RED": Marks(pap=PAP.RED),
    "pap:white": Marks(pap=PAP.CLEAR),
    "PAP:AMBER": Marks(pap=PAP.AMBER),
    "tlp:unclear": Marks(),
    "tlp:orange": Marks(),
    "PAP:AMBER+STRICT": Marks(),
    "my:tlp:red": Marks(),
    "": Marks(),
}
TLPS = st.sampled_from([None, *TLP])
MARKS = st.builds(Marks, TLPS, st.sampled_from([None, *PAP]))


@pytest.mark.parametrize(("name", "said"), TAGS.items())
def test_a_tag_marks_however_it_is_written(name: str, said: Marks) -> None:
    assert marks.of_tag(name) == said


@given(st.lists(st.sampled_from(list(TAGS)), max_size=6))
def test_of_several_tags_the_strictest_holds(names: list[str]) -> None:
    said = marks.of_tags(names)
    assert all(said.join(TAGS[name]) == said for name in names)
    assert said.tlp in {None, *(TAGS[name].tlp for name in names)}


@given(MARKS)
def test_what_is_marked_is_tagged_as_it_is_read(said: Marks) -> None:
    assert marks.of_tags(marks.tags_of(said)) == said


@given(st.lists(st.sampled_from(list(TAGS)), max_size=4), MARKS)
def test_tags_are_raised_and_never_lowered(names: list[str], wanted: Marks) -> None:
    element = {"Tag": [{"name": name} for name in names]}
    raised = marks.of_tags(tag["name"] for tag in marks.raised(element, wanted))
    assert raised == marks.of_tags(names).join(wanted)


def test_markings_of_both_versions_of_tlp_come_back_as_tags() -> None:
    for ref, tlp in (TLP1_IDS | TLP2_IDS).items():
        (held,) = taken(event(attribute(1, "domain", "a.example"), Tag=[], Orgc=None))[:1]
        value = held.object.value | {"object_marking_refs": [ref]}
        marked = held.object._replace(value=value, marking=held.object.marking._replace(tlp=tlp))
        (made,) = writing.write([Held(marked)], "Loose").events
        assert marks.of_element(made["Attribute"][0]).tlp == tlp


def test_two_colours_of_one_event_mean_the_stricter() -> None:
    value = event(attribute(1, "domain", "a.example"))
    value["Tag"] = [{"name": "tlp:red"}, {"name": "tlp:white"}]
    assert {each.label for each in taken(value)} == {TLP.RED}
    assert back(taken(value)) == [value]


def test_an_attribute_is_no_looser_than_its_event() -> None:
    value = event(attribute(1, "domain", "a.example", Tag=[{"name": "tlp:clear"}]))
    assert {each.label for each in taken(value)} == {TLP.GREEN}


@pytest.mark.parametrize("distribution", ["0", 0, "4", 4])
def test_what_is_for_one_organisation_or_a_sharing_group_stays_there(distribution: object) -> None:
    inner = attribute(1, "domain", "a.example", distribution=distribution)
    held = taken(event(inner))
    labels = {each.object.type: each.label for each in held}
    assert labels["indicator"] == TLP.AMBER_STRICT
    assert labels["report"] == TLP.GREEN
    everything = {each.label for each in taken(event(inner, distribution=distribution))}
    assert everything == {TLP.AMBER_STRICT}


def test_what_nobody_marked_is_unmarked() -> None:
    held = taken(event(attribute(1, "domain", "a.example"), Tag=[{"name": "tlp:ex:chr"}]))
    assert {each.object.marking.tlp for each in held} == {None}
    assert {each.label for each in held} == {TLP.AMBER}
    assert by_type(held, "report")[0]["labels"] == ["tlp:ex:chr"]


RED = [{"name": "TLP:RED"}]
CLUSTER = {"uuid": uuid(70), "type": "threat-actor", "value": "Quiet Tide"}


@pytest.mark.parametrize(
    "more",
    [
        {"Tag": RED},
        {"Note": [{"note": "secret", "Tag": RED}]},
        {"Galaxy": [{"type": "threat-actor", "GalaxyCluster": [CLUSTER | {"Tag": RED}]}]},
        {"Galaxy": [{"type": "threat-actor", "GalaxyCluster": [CLUSTER]}], "Tag": RED},
        {"Sighting": [sighting(80)], "Tag": RED},
    ],
)
def test_nothing_made_of_an_attribute_is_looser_than_what_is_in_it(more: dict[str, object]) -> None:
    value = event(attribute(1, "domain", "a.example", **more), Orgc=None)
    held = taken(value)
    looser = {each.object.type for each in held if each.label < TLP.RED}
    assert looser == {"report"}
    assert back(held) == [expected(value)]


def test_an_object_is_as_strict_as_its_strictest_attribute() -> None:
    inner = [
        attribute(2, "domain", "a.example", Sighting=[sighting(81)]),
        attribute(3, "ip-dst", "198.51.100.1", Tag=RED),
    ]
    value = event(Orgc=None, Object=[{"uuid": uuid(10), "name": "domain-ip", "Attribute": inner}])
    held = taken(value)
    assert {each.object.type for each in held if each.label < TLP.RED} == {"report"}
    assert back(held) == [value]


def test_a_label_that_was_raised_raises_the_tags() -> None:
    value = event(attribute(1, "domain", "a.example"))
    held = [
        each._replace(tlp=TLP.AMBER_STRICT, pap=PAP.AMBER)
        if each.object.type in {"indicator", "report"}
        else each
        for each in taken(value)
    ]
    (made,) = back(held)
    names = [tag["name"] for tag in made["Tag"]]
    assert names == ['rsit:availability="dos"', "tlp:amber+strict", "PAP:AMBER"]
    assert made["Attribute"][0]["Tag"] == [{"name": "tlp:amber+strict"}, {"name": "PAP:AMBER"}]


def test_a_marking_that_somebody_loosened_loosens_no_tag() -> None:
    value = event(attribute(1, "domain", "a.example", Tag=RED), Tag=RED)
    held = []
    for each in taken(value):
        clear = each.object.value | {"object_marking_refs": [SERVED[TLP.CLEAR]]}
        marking = each.object.marking._replace(tlp=TLP.CLEAR)
        held.append(each._replace(object=each.object._replace(value=clear, marking=marking)))
    (made,) = back(held)
    assert marks.of_element({"Tag": made["Tag"]}).tlp == TLP.RED
    assert marks.of_element(made["Attribute"][0]).tlp == TLP.RED


def test_an_event_of_others_is_tagged_by_the_strictest_in_it() -> None:
    one, two = (
        next(
            each
            for each in taken(event(attribute(n, "domain", "a.example")))
            if "pattern" in each.object.value
        )
        for n in (1, 2)
    )
    bare = [
        Held(
            each.object._replace(
                value={k: v for k, v in each.object.value.items() if not k.startswith("x_misp")}
            ),
            tlp,
        )
        for each, tlp in ((one, None), (two, TLP.RED))
    ]
    (made,) = back(bare)
    assert made["Tag"] == [{"name": "tlp:red"}]
    assert [marks.of_element(each).tlp for each in made["Attribute"]] == [TLP.GREEN, TLP.RED]
