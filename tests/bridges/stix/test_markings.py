from __future__ import annotations

from typing import Any

import orjson
import pytest

from comity.bridges.stix import markings, reading
from comity.bridges.stix.record import Marking
from comity.kernel.label import PAP, TLP
from comity.services.sharing.schemas import stix_schemas
from tests.bridges.stix.samples import (
    CREATED,
    OTHER,
    UUID,
    Json,
    indicator,
    read,
    read_all,
    refused,
    sdo,
    statement,
)

MINE = f"marking-definition--{UUID}"


def _id_of(tlp: TLP, ids: dict[str, TLP]) -> str:
    return next(id_ for id_, level in ids.items() if level == tlp)


def _extended(extension: str, name: str, word: str, **more: Any) -> Json:
    said = {"extension_type": "property-extension", name: word}
    head = {"type": "marking-definition", "spec_version": "2.1", "id": MINE, "created": CREATED}
    return head | {"extensions": {extension: said}} | more


@pytest.mark.parametrize(("id_", "tlp"), [*markings.TLP2_IDS.items(), *markings.TLP1_IDS.items()])
def test_the_fixed_ids_of_both_families_are_known(id_: str, tlp: TLP) -> None:
    assert read(indicator(object_marking_refs=[id_])).marking == Marking(tlp, None, ())
    granular = [{"selectors": ["pattern"], "marking_ref": id_}]
    assert read(indicator(granular_markings=granular)).marking.tlp == tlp


def test_the_fixed_ids_of_pap_are_known() -> None:
    for id_, pap in markings.PAP_IDS.items():
        assert read(indicator(object_marking_refs=[id_])).marking == Marking(None, pap, ())


def test_unmarked_is_not_clear() -> None:
    assert read(indicator()).marking == markings.UNMARKED
    assert markings.UNMARKED.tlp is None


@pytest.mark.parametrize("first", markings.TLP2_IDS)
@pytest.mark.parametrize("second", [*markings.TLP2_IDS, *markings.TLP1_IDS])
def test_the_strictest_marking_counts(first: str, second: str) -> None:
    granular = [{"selectors": ["pattern"], "marking_ref": second}]
    value = indicator(object_marking_refs=[first], granular_markings=granular)
    levels = markings.TLP2_IDS | markings.TLP1_IDS
    assert read(value).marking.tlp == max(levels[first], levels[second])


@pytest.mark.parametrize(
    ("definition", "marking"),
    [
        (statement("Ask first."), Marking(None, None, ("Ask first.",))),
        (statement("TLP:AMBER+STRICT"), Marking(TLP.AMBER_STRICT, None, ())),
        (statement(" pap: red "), Marking(None, PAP.RED, ())),
        (statement("TLP:PURPLE"), Marking(None, None, ("TLP:PURPLE",))),
        (_extended(markings.TLP2_EXTENSION, "tlp_2_0", "amber+strict"),
         Marking(TLP.AMBER_STRICT, None, ())),
        (_extended(markings.TLP2_EXTENSION, "tlp_2_0", "clear"), Marking(TLP.CLEAR, None, ())),
        (_extended(markings.PAP_EXTENSION, "pap", "white"), Marking(None, PAP.CLEAR, ())),
        (_extended(markings.TLP2_EXTENSION, "tlp_2_0", "green", definition_type="statement",
                   definition={"statement": "TLP:RED"}), Marking(TLP.RED, None, ())),
    ],
)  # fmt: skip
def test_a_marking_is_what_its_definition_in_the_batch_says(
    definition: Json, marking: Marking
) -> None:
    # Also where the definition stands after what it marks.
    taken, flaws = read_all(indicator(object_marking_refs=[MINE]), definition)
    assert not flaws
    assert taken[0].marking == marking


def test_a_definition_that_fails_still_marks() -> None:
    wrong = statement("", definition_type="tlp", definition={"tlp": "red"})
    taken, flaws = read_all(wrong, indicator(object_marking_refs=[MINE]))
    assert [flaw.rule for flaw in flaws] == ["X5"]
    assert taken[0].marking.tlp == TLP.RED


def test_what_is_known_elsewhere_counts_and_the_strictest_of_both() -> None:
    raws = [orjson.dumps(indicator(object_marking_refs=[MINE]))]
    taken, _ = reading.read_all(raws, stix_schemas(), {MINE: TLP.RED})
    assert taken[0].marking.tlp == TLP.RED
    raws.append(orjson.dumps(statement("TLP:GREEN")))
    taken, _ = reading.read_all(raws, stix_schemas(), {MINE: TLP.RED})
    assert taken[0].marking.tlp == TLP.RED
    assert reading.read(raws[0], stix_schemas(), {MINE: TLP.AMBER}).marking.tlp == TLP.AMBER


def test_nothing_gives_a_fixed_id_another_meaning() -> None:
    red = _id_of(TLP.RED, markings.TLP2_IDS)
    lying = _extended(markings.TLP2_EXTENSION, "tlp_2_0", "clear", id=red)
    taken, flaws = read_all(lying, indicator(object_marking_refs=[red]))
    assert [(flaw.rule, flaw.path) for flaw in flaws] == [("X8", "objects[0].id")]
    assert taken[0].marking.tlp == TLP.RED
    raws = [orjson.dumps(indicator(object_marking_refs=[red]))]
    assert reading.read_all(raws, stix_schemas(), {red: TLP.CLEAR})[0][0].marking.tlp == TLP.RED


def test_nothing_makes_a_fixed_id_stricter() -> None:
    clear = _id_of(TLP.CLEAR, markings.TLP2_IDS)
    lying = _extended(markings.TLP2_EXTENSION, "tlp_2_0", "red", id=clear)
    taken, _ = read_all(lying, indicator(object_marking_refs=[clear]))
    assert taken[0].marking.tlp == TLP.CLEAR


@pytest.mark.parametrize(
    ("labels", "refs", "tlp", "pap"),
    [
        (["tlp:red"], [], TLP.RED, None),
        (["TLP:AMBER+STRICT"], [], TLP.AMBER_STRICT, None),
        (["tlp:clear"], [], None, None),
        (["tlp:green", "pap:red"], [], None, PAP.RED),
        (["tlp:amber"], [], None, None),
        (["tlp:amber"], [TLP.GREEN], TLP.AMBER, None),
        (["tlp:red"], [TLP.CLEAR], TLP.RED, None),
        (["tlp:clear"], [TLP.RED], TLP.RED, None),
        (["not tlp:red"], [TLP.GREEN], TLP.GREEN, None),
    ],
)
def test_a_label_makes_stricter_and_never_wider(
    labels: list[str], refs: list[TLP], tlp: TLP | None, pap: PAP | None
) -> None:
    ids = [_id_of(level, markings.TLP2_IDS) for level in refs]
    value = indicator(labels=labels) | ({"object_marking_refs": ids} if ids else {})
    assert read(value).marking == Marking(tlp, pap, ())


def test_a_translation_bears_the_markings_of_what_it_translates() -> None:
    red = _id_of(TLP.RED, markings.TLP2_IDS)
    first = indicator(object_marking_refs=[red])
    second = sdo("language-content", object_ref=first["id"], contents={"fr": {"name": "Port"}})
    alone = second | {"id": f"language-content--{OTHER}", "object_ref": f"tool--{UUID}"}
    taken, flaws = read_all(second, first, alone)
    assert not flaws
    assert [one.marking.tlp for one in taken] == [TLP.RED, TLP.RED, None]


def test_a_granular_marking_may_name_a_language() -> None:
    granular = [{"selectors": ["name"], "lang": "fr"}]
    assert read(indicator(name="Port", granular_markings=granular)).marking == markings.UNMARKED
    assert refused(indicator(granular_markings=[{"selectors": ["pattern"]}])).rule == "X5"


@pytest.mark.parametrize(
    ("selector", "finds"),
    [
        ("pattern", True),
        ("labels.[1]", True),
        ("external_references.[0].source_name", True),
        ("labels.[2]", False),
        ("labels.[99999999999999999999]", False),
        ("labels.source", False),
        ("pattern.[0]", False),
        ("description", False),
    ],
)
def test_a_selector_finds_something(selector: str, *, finds: bool) -> None:
    granular = [{"selectors": ["pattern", selector], "marking_ref": MINE}]
    value = indicator(
        labels=["a", "b"],
        external_references=[{"source_name": "a", "url": "https://a.example/"}],
        granular_markings=granular,
    )
    if finds:
        read(value)
        return
    refusal = refused(value)
    assert (refusal.rule, refusal.subject) == ("X8", "granular_markings[0].selectors[1]")


@pytest.mark.parametrize(
    "definition",
    [
        statement("Ask.", object_marking_refs=[MINE]),
        statement("Ask.", granular_markings=[{"selectors": ["definition"], "marking_ref": MINE}]),
        _extended(markings.TLP2_EXTENSION, "tlp_2_0", "purple"),
        _extended(markings.PAP_EXTENSION, "pap", "amber+"),
        _extended(markings.TLP2_EXTENSION, "tlp_2", "red"),
    ],
)
def test_a_definition_contradicts_nothing(definition: Json) -> None:
    assert refused(definition).rule == "X8"


def test_what_is_not_known_is_told() -> None:
    marks = markings.Marks({})
    refs = [MINE, _id_of(TLP.RED, markings.TLP2_IDS), f"tool--{UUID}"]
    assert marks.unresolved(refs) == [MINE]
    marks.learn(statement("x"))
    assert marks.unresolved(refs) == []


def test_what_is_defined_is_gathered() -> None:
    found = markings.gathered([statement("TLP:RED"), indicator()], {f"x--{UUID}": TLP.GREEN})
    assert found == markings.FIXED | {
        MINE: Marking(TLP.RED, None, ()),
        f"x--{UUID}": Marking(TLP.GREEN, None, ()),
    }
