"""The landscape: what is counted, for whom, under which label; and that nobody learns of few."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from comity.engines.landscape import Claim, Kind, Silent, Total
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP, Egress, Reader
from comity.kernel.label import Kind as Kinds
from comity.services.casework.content import prepare_fields
from comity.services.casework.issue import Draft, issue
from comity.services.node import Node
from comity.services.sharing import landscape, observing, searching, vulnerabilities
from comity.services.sharing.landscape import View
from comity.services.sharing.searching import Finder
from tests.bridges.feeds.test_lists import ENTRY, SCORES, catalogue
from tests.nodes import Nodes, introduce
from tests.sharing import deliver, indicator, open_circle, share, uuid_of


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    return nodes.make("orvanda")


@pytest.fixture
def tolmere(nodes: Nodes, orvanda: Node) -> Node:
    other = nodes.make("tolmere")
    introduce(orvanda, other)
    return other


@pytest.fixture
def circle(orvanda: Node, tolmere: Node) -> Id:
    opened = open_circle(orvanda, tolmere)
    deliver(orvanda, tolmere)
    return opened


def seen(node: Node, up_to: TLP | None = None) -> View:
    return landscape.view(node, searching.at_the_machine(node), up_to)


def several(called: str, count: int, **more: Any) -> list[dict[str, Any]]:
    """Return indicators of phishing."""
    more = {"labels": ["phishing"], "tlp": "green", **more}
    return [indicator(f"{called} {n}", **more) for n in range(count)]


def of_type(kind: str, called: str, *, tlp: str = "green", **more: Any) -> dict[str, Any]:
    value = indicator(called, tlp=tlp)
    value = {k: v for k, v in value.items() if k not in {"pattern", "pattern_type", "valid_from"}}
    return {**value, "type": kind, "id": f"{kind}--{uuid_of(called)}", **more}


def of_relation(kind: str, source: str, target: str) -> dict[str, Any]:
    ends = {"relationship_type": kind, "source_ref": source, "target_ref": target}
    return of_type("relationship", f"{source} {target}", **ends)


def say_seen(node: Node, circle: Id, act: Id, part: int, as_: str = "seen", **more: Any) -> None:
    words = prepare_fields(node, {}, lang="en")
    draft = Draft("feedback", {"part": part, "as": as_, **more}, words, refs=(act,), tlp=TLP.GREEN)
    issue(node, dossier_id=circle, draft=draft)


def test_nothing_told_is_told_as_nothing(orvanda: Node) -> None:
    view = seen(orvanda)
    assert (view.landscape.total(), view.label, view.read) == (Total(0, 0), TLP.CLEAR, 0)
    assert (view.listed, view.by_class(), view.by_sector()) == (None, [], [])
    assert "fraud" in view.landscape.unseen_classes
    assert "test" not in view.landscape.unseen_classes
    assert view.months[-1] == "2026-09"


def test_what_circles_tell_is_counted_by_class_and_sector(
    orvanda: Node, tolmere: Node, circle: Id
) -> None:
    phished = several("phish", 5)
    harbour = of_type(
        "identity", "harbour", name="H", identity_class="organization", sectors=["energy"]
    )
    aimed = [of_relation("targets", each["id"], harbour["id"]) for each in phished]
    floods = several("flood", 6, labels=["ddos"])
    share(orvanda, circle, *phished, harbour, *aimed, *floods)
    deliver(orvanda, tolmere)
    for node in (orvanda, tolmere):
        view = seen(node)
        assert dict(view.by_class()) == {"fraud": Total(5, 0), "availability": Total(6, 0)}
        assert view.by_sector() == [("energy", Total(5, 0))]
        assert (view.label, view.read, view.more) == (TLP.GREEN, 17, False)
        assert "energy" not in view.landscape.unseen_sectors


def test_nobody_learns_of_few(orvanda: Node, circle: Id) -> None:
    share(orvanda, circle, *several("phish", 4), *several("flood", 5, labels=["ddos"]))
    view = seen(orvanda)
    assert view.landscape.total() == Total(5, 1)
    (flood, phish) = view.landscape.lines
    assert (flood.seen, phish.seen, phish.withheld) == (5, 0, (view.months[-1],))
    assert (phish.new, view.landscape.new(rsit="availability")) == (None, Total(5, 0))
    # One more of the same, and all five are told.
    share(orvanda, circle, *several("phish", 5)[4:])
    assert seen(orvanda).landscape.total() == Total(10, 0)


def test_no_figure_for_a_reader_comes_from_what_is_stricter(orvanda: Node, circle: Id) -> None:
    green = [*several("phish", 5), *several("flood", 3, labels=["ddos"])]
    motive = of_type(
        "threat-actor", "crane", tlp="amber", name="Crane", primary_motivation="ideology"
    )
    strict = several("strict", 4, tlp="amber_strict", labels=["spam"])
    amber = [*several("more", 7, tlp="amber"), *several("f", 2, labels=["ddos"], tlp="amber")]
    share(orvanda, circle, *green)
    before = seen(orvanda, TLP.GREEN)
    share(orvanda, circle, *amber, *strict, motive)
    told = seen(orvanda, TLP.GREEN)
    assert (told.label, told.read) == (TLP.GREEN, 8)
    assert (told.landscape, told.by_class()) == (before.landscape, before.by_class())
    assert told.landscape.claims == ()
    assert "abusive-content" in told.landscape.unseen_classes
    wider = seen(orvanda, TLP.AMBER)
    assert (wider.label, wider.landscape.total(rsit="fraud")) == (TLP.AMBER, Total(12, 0))
    assert wider.landscape.total(rsit="availability") == Total(5, 0)
    assert seen(orvanda).label is TLP.AMBER_STRICT
    nothing = seen(orvanda, TLP.CLEAR)
    assert (nothing.read, nothing.label, nothing.landscape.lines) == (0, TLP.CLEAR, ())


def test_who_is_of_no_circle_is_told_of_nothing(orvanda: Node, circle: Id) -> None:
    share(orvanda, circle, *several("phish", 5, tlp="amber"))
    stranger = Reader(PartyId("f" * 64), Kinds.MACHINE, accredited=True)
    view = landscape.view(orvanda, Finder(stranger, Egress.API, TLP.AMBER))
    assert (view.read, view.landscape.lines) == (0, ())


def test_a_sighting_and_a_word_tell_of_the_same_observation(
    orvanda: Node, tolmere: Node, circle: Id
) -> None:
    told = several("phish", 5)
    (act,) = share(orvanda, circle, *told).acts
    deliver(orvanda, tolmere)
    sighting = of_type("sighting", "seen", sighting_of_ref=told[0]["id"], count=3)
    share(tolmere, circle, sighting)
    for part in (0, 1, 4):
        say_seen(tolmere, circle, act, part)
    view = seen(tolmere)
    assert view.by_class() == [("fraud", Total(5, 0))]
    assert view.read == 9
    # It has told of something itself, and only a party that has not is silent.
    silent = {each.source for each in view.landscape.silent}
    assert silent == {"kev", "epss"}
    assert Silent(tolmere.me, Kind.CIRCLE, None) in seen(orvanda).landscape.silent


def test_only_the_newest_own_word_that_it_was_seen_is_taken(
    orvanda: Node, tolmere: Node, circle: Id
) -> None:
    (act,) = share(orvanda, circle, *several("phish", 5)).acts
    deliver(orvanda, tolmere)
    for as_ in ("seen", "false_positive"):
        say_seen(tolmere, circle, act, 0, as_)
    assert seen(tolmere).read == 5
    say_seen(tolmere, circle, act, 0)
    assert seen(tolmere).read == 6


def test_a_strict_word_about_a_wide_object_is_for_its_own_readers(
    orvanda: Node, circle: Id
) -> None:
    (act,) = share(orvanda, circle, *several("phish", 5)).acts
    words = prepare_fields(orvanda, {}, lang="en")
    strict = Draft("feedback", {"part": 0, "as": "seen"}, words, refs=(act,), tlp=TLP.AMBER)
    issue(orvanda, dossier_id=circle, draft=strict)
    green, amber = seen(orvanda, TLP.GREEN), seen(orvanda, TLP.AMBER)
    assert (green.label, green.read) == (TLP.GREEN, 5)
    assert (amber.label, amber.read) == (TLP.AMBER, 6)


def test_a_motive_is_a_claim_with_a_source_and_a_day(orvanda: Node, circle: Id) -> None:
    actor = of_type(
        "threat-actor",
        "crane",
        name="Crane",
        modified="2026-09-02T08:00:00.000Z",
        created="2026-09-02T08:00:00.000Z",
        primary_motivation="ideology",
        secondary_motivations=["revenge"],
    )
    share(orvanda, circle, actor)
    view = seen(orvanda)
    assert view.landscape.claims == (
        Claim("ideology", orvanda.me, "2026-09-02"),
        Claim("revenge", orvanda.me, "2026-09-02"),
    )
    assert view.landscape.lines == ()
    assert view.name(orvanda.me) == "orvanda"


def test_public_lists_are_counted_apart(orvanda: Node, circle: Id) -> None:
    months = seen(orvanda).months
    vulnerabilities.take_in(orvanda, catalogue({**ENTRY, "dateAdded": f"{months[3]}-05"}))
    vulnerabilities.take_in(orvanda, SCORES.replace(b"2026-08", months[-1].encode()))
    share(orvanda, circle, *several("phish", 5))
    view = seen(orvanda)
    assert {month: n for month, n in view.public().items() if n} == {months[3]: 1, months[-1]: 1}
    assert (view.landscape.total(), view.by_class()) == (Total(5, 0), [("fraud", Total(5, 0))])
    assert "vulnerable" not in view.landscape.unseen_classes
    assert (view.label, view.listed is None, view.scored is None) == (TLP.GREEN, False, False)


def test_what_was_taken_back_or_revoked_is_not_counted(orvanda: Node, circle: Id) -> None:
    told = several("phish", 6)
    share(orvanda, circle, *told)
    share(orvanda, circle, {**told[0], "revoked": True, "modified": "2026-11-01T08:00:09.000Z"})
    assert seen(orvanda).by_class() == [("fraud", Total(5, 0))]


def test_it_costs_the_same_however_many_objects_there_are(
    orvanda: Node, circle: Id, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connections[orvanda.db]) as asked:
            seen(orvanda)
        return len(asked)

    (act,) = share(orvanda, circle, *several("phish", 5)).acts
    say_seen(orvanda, circle, act, 0)
    few = cost()
    (act,) = share(orvanda, circle, *several("more", 60)).acts
    for part in range(5):
        say_seen(orvanda, circle, act, part)
    assert cost() == few
    # A page more costs a page more, and what is left out is told.
    monkeypatch.setattr(observing, "AT_ONCE", 20)
    assert few < cost() <= few + 3 * 4
    monkeypatch.setattr(observing, "MOST_PAGES", 2)
    view = seen(orvanda)
    # The newest 40, and six that own words are about.
    assert (view.more, view.landscape.total(rsit="fraud").seen) == (True, 46)
