"""Schemes of severity: those that come with the program, one's own, and a file that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.kernel.errors import Refusal
from comity.services.care import backup, copied
from comity.services.node import Node
from comity.services.response import ownfiles, severity
from tests.kernel.world import refused
from tests.nodes import Nodes

OWN = """
- code: harbour
  title: Harbour board
  source: our handbook
  date: "2026-01-01"
  verified: true
  by: the board
  levels:
    - code: red
      label: red
      any:
        - {sectors: [transport], people: {least: 500}}
    - {code: green, label: green, any: [{services: [none]}]}
- code: mean
  title: Harbour mean
  source: our handbook
  date: "2026-01-01"
  verified: true
  by: the board
  levels:
    - {code: high, label: high, least: 50}
    - {code: low, label: low}
  weighs:
    - {fact: services, weight: 2, numbers: {none: 0, degraded: 10, some: 40, most: 80, all: 100}}
    - {fact: information, weight: 1, numbers: {none: 0, credentials: 70}}
"""


@pytest.fixture
def node(nodes: Nodes) -> Node:
    return nodes.make("orvanda")


def levels(node: Node, **facts: object) -> dict[str, str | None]:
    return {
        told.known.scheme.code: None if told.judged.level is None else told.judged.level.code
        for told in severity.judge(node, facts)
    }


def test_every_scheme_says_where_it_is_from_and_none_claims_to_be_checked() -> None:
    shipped = severity.shipped()
    assert [each.scheme.code for each in shipped] == ["nis2", "uk", "nciss"]
    for each in shipped:
        assert each.origin.source.startswith("https://")
        assert not each.origin.verified
        assert each.origin.by
        assert not each.own


@pytest.mark.parametrize(
    ("facts", "nis2", "uk"),
    [
        ({}, None, None),
        ({"services": "all", "essential": "yes"}, "significant", "2"),
        ({"services": "all", "essential": "yes", "harm": "death"}, "significant", "1"),
        ({"services": "none", "loss": "none", "harm": "none"}, None, None),
        (
            {"services": "some", "loss": "limited", "harm": "none", "capable": "no"},
            "not_significant",
            None,
        ),
        ({"victim": "large", "observed": "presence"}, None, "4"),
        ({"victim": "large", "observed": "effect", "capable": "yes"}, "significant", "3"),
        ({"victim": "small", "observed": "attempt"}, None, "6"),
        ({"victim": "person"}, None, "6"),
        ({"victim": "medium", "observed": "presence", "services": "unknown"}, None, "5"),
    ],
)
def test_facts_reach_the_levels_of_the_schemes(
    node: Node, facts: dict[str, object], nis2: str | None, uk: str | None
) -> None:
    assert levels(node, **facts) == {"nis2": nis2, "uk": uk, "nciss": None}


def test_what_is_weighed_without_numbers_gives_no_level_and_says_what_is_known(node: Node) -> None:
    facts = {"services": "all", "observed": "effect", "location": "safety"}
    facts |= {"recoverability": "not_recoverable"}
    told = next(t for t in severity.judge(node, facts) if t.known.scheme.code == "nciss")
    assert told.judged.level is None
    assert {*told.judged.reasons} == {*facts}
    assert told.judged.missing == ("information",)


def test_a_party_has_schemes_of_its_own_which_come_first(node: Node) -> None:
    (node.folder / severity.FILE).write_text(OWN, encoding="utf-8")
    found = severity.known(node)
    assert [each.scheme.code for each in found] == ["harbour", "mean", "nis2", "uk", "nciss"]
    assert [each.own for each in found] == [True, True, False, False, False]
    assert levels(node, sectors=["transport"], people=500)["harbour"] == "red"
    assert levels(node, sectors=["transport"], people=499, services="none")["harbour"] == "green"
    assert levels(node, services="all", information=["credentials"])["mean"] == "high"
    assert levels(node, services="some", information=["none"])["mean"] == "low"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("transport", "transprot"), "sectors is never transprot"),
        (("services: [none]", "service: [none]"), "there is no fact service"),
        (("people: {least: 500}", "people: [many]"), "people has no codes"),
        (("sectors: [transport]", "sectors: {least: 1}"), "sectors is no number"),
        (("weight: 2", "weight: 0"), "the weight of services is not above 0"),
        (("code: red", "name: red"), "code is missing"),
        ((OWN, "[" * 5000), "it is no YAML, by line"),
        ((OWN, "#" * (ownfiles.LARGEST + 1)), "it has more than 1048576 bytes"),
        ((OWN, "- &r [*r]"), "it says more than 50000 things"),
        ((OWN, "code: harbour"), "it holds a list of schemes"),
        ((OWN, "- [1"), "it is no YAML, by line 1"),
        ((OWN, "- levels: 3"), "it holds a list of schemes"),
    ],
)
def test_a_file_that_is_wrong_says_where_and_gives_no_level(
    node: Node, wrong: tuple[str, str], told: str
) -> None:
    (node.folder / severity.FILE).write_text(OWN.replace(*wrong), encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        severity.judge(node, {})
    assert (caught.value.rule, caught.value.subject) == ("S5", severity.FILE)
    assert caught.value.reason.endswith("Mend severity.yaml, or take it away.")
    assert told in caught.value.reason


def test_a_file_that_cannot_be_read_gives_no_level(node: Node) -> None:
    (node.folder / severity.FILE).mkdir()
    with pytest.raises(Refusal, match="Is a directory"):
        severity.own(node)


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_schemes_of_ones_own_are_backed_up(node: Node, tmp_path: Path) -> None:
    (node.folder / severity.FILE).write_text(OWN, encoding="utf-8")
    backup.backup(node, target=tmp_path / "backup")
    assert (tmp_path / "backup" / severity.FILE).read_text(encoding="utf-8") == OWN
    assert copied.limit(severity.FILE, tmp_path) == ownfiles.LARGEST
    with refused("S4"):
        copied.limit("severity.yaml.old", tmp_path)
