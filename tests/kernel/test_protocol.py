"""Protocols: what their declarations demand of every act, and how they are found."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from comity.kernel.act import Act
from comity.kernel.dossier import Dossier
from comity.kernel.fieldtypes import Code
from comity.kernel.graph import Past
from comity.kernel.kinds import Growth
from comity.kernel.protocol import (
    VOID,
    ActKind,
    Caption,
    Duty,
    Field,
    Refs,
    Summary,
    by_urgency,
    discover,
    members_of,
)
from tests.kernel.world import TALLY, Party, charter, digest, documents_of

COLOUR = Field("colour", Code({"red": "Red"}), "Colour")
CITING = replace(
    TALLY,
    opening=replace(TALLY.opening, body=(replace(COLOUR, required=False),)),
    acts=(
        *TALLY.acts,
        ActKind("reply", "Reply", "Replied", refs=Refs(("bid", "claim"), "To", most=2)),
        ActKind("hint", "Hint", "Hinted", refs=Refs(("bid",), "To", least=0, most=1)),
    ),
)
orvanda, tolmere, sarivane = Party("orvanda"), Party("tolmere"), Party("sarivane")
DOCS = documents_of(orvanda, tolmere, sarivane)


def opened(**fields: object) -> Dossier:
    return Dossier(charter(orvanda, [tolmere], **fields), DOCS, CITING)


def verdict(dossier: Dossier, kind: str, body: dict[str, str | int], *refs: str) -> str | None:
    node = dossier.admit(orvanda.say(dossier, kind, {**body}, refs=refs), DOCS)
    return None if node.void is None else f"{node.void[0]}: {node.void[1]}"


def test_an_act_cites_acts_of_the_kinds_it_should() -> None:
    dossier = opened()
    bid = dossier.admit(orvanda.say(dossier, "bid", {"amount": 1}), DOCS)
    claim = dossier.admit(orvanda.say(dossier, "claim", {"status": "open"}), DOCS)
    assert verdict(dossier, "reply", {}, bid.id) is None
    assert verdict(dossier, "reply", {}, claim.id, bid.id) is None
    assert verdict(dossier, "hint", {}) is None
    assert verdict(dossier, "hint", {}, bid.id) is None


def test_an_act_that_cites_too_few_or_too_many_is_void() -> None:
    dossier = opened()
    bids = [dossier.admit(orvanda.say(dossier, "bid", {"amount": n}), DOCS).id for n in range(1, 4)]
    assert verdict(dossier, "reply", {}) == "D0: The act cites 0 acts, not 1 to 2."
    assert verdict(dossier, "reply", {}, *bids) == "D0: The act cites 3 acts, not 1 to 2."
    assert verdict(dossier, "claim", {"status": "open"}, bids[0]) == (
        "D0: The act cites 1 acts, not 0."
    )


@pytest.mark.parametrize("cited", ["unknown", "wrong kind", "void"])
def test_an_act_that_cites_what_it_should_not_is_void(cited: str) -> None:
    dossier = opened()
    bid = dossier.admit(orvanda.say(dossier, "bid", {"amount": 1}), DOCS)
    lower = dossier.admit(orvanda.say(dossier, "bid", {"amount": 1}), DOCS)
    id_ = {"unknown": digest("no act"), "wrong kind": dossier.id, "void": lower.id}[cited]
    found = verdict(dossier, "reply", {}, bid.id, id_)
    assert found is not None
    assert found.startswith(f"D0: The act cites {id_[:8]}…, which is no bid or claim with effect")


def test_an_act_cites_what_its_author_had_seen() -> None:
    ours = opened()
    theirs = Dossier(charter_of(ours), DOCS, CITING)
    bid = ours.admit(tolmere.say(ours, "bid", {"amount": 1}), DOCS)
    early = orvanda.say(theirs, "reply", refs=(bid.id,))
    node = ours.admit(early, DOCS)
    assert node.void is not None
    assert node.void[0] == "D0"


def charter_of(dossier: Dossier) -> Act:
    """The charter a dossier was opened with, signed anew: signing is deterministic."""
    return orvanda.sign_act(dossier.graph.charter.header)


@pytest.fixture(name="refused")
def refused_opening() -> Dossier:
    return opened(terms={"colour": "green"})


def test_a_charter_not_as_declared_is_void_and_so_is_all_under_it(refused: Dossier) -> None:
    first = refused.graph.charter
    assert first.void is not None
    assert first.void[0] == "D0"
    assert "'green' is not one of red" in first.void[1]
    for kind in ("objection", "note"):
        node = refused.admit(tolmere.say(refused, kind), DOCS)
        assert node.void == ("D0", "The dossier was opened against its own rules.")
    assert members_of(refused.state) == ()


def test_a_void_dossier_has_a_summary_of_its_own(refused: Dossier) -> None:
    wanted = Summary(VOID, (), (), Caption(VOID, {"act": refused.id}))
    assert refused.summary() == wanted


def test_where_the_charter_is_disowned_no_protocol_is_asked() -> None:
    dossier = opened()
    state = dossier.state_without(frozenset({dossier.id}))
    assert dossier.summary(state) == Summary(VOID, (), (), Caption(VOID, {"act": dossier.id}))
    assert dossier.summary() != dossier.summary(state)


def test_members_are_those_who_did_not_leave() -> None:
    dossier = opened(growth=Growth.CHAIR, chair=orvanda.id)
    invite = dossier.admit(orvanda.say(dossier, "invite", {"party": sarivane.id}), DOCS)
    assert members_of(dossier.state) == tuple(sorted([orvanda.id, tolmere.id]))
    dossier.admit(sarivane.say(dossier, "join", {"invite": invite.id}), DOCS)
    dossier.admit(tolmere.say(dossier, "leave"), DOCS)
    assert members_of(dossier.state) == tuple(sorted([orvanda.id, sarivane.id]))
    assert dossier.now().members == {orvanda.id, sarivane.id}
    assert dossier.past(invite).members == {orvanda.id, tolmere.id}


def test_a_past_made_without_members_does_not_guess_them() -> None:
    dossier = opened()
    with pytest.raises(TypeError, match="without saying who belongs"):
        _ = Past(dossier.graph, dossier.graph.charter.clock).members


MODULE = """
from dataclasses import replace
from tests.kernel.world import TALLY
PROTOCOL = replace(TALLY, name="{name}")
"""


@pytest.fixture(name="package")
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package ``planted`` with one protocol, one folder without, and one to copy."""
    root = tmp_path / "planted"
    for name in ("", "one", "one/first", "one/first/ui", "empty", "_template"):
        (root / name).mkdir()
        (root / name / "__init__.py").write_text("", encoding="utf-8")
    (root / "one" / "first" / "__init__.py").write_text(MODULE.format(name="one/first"))
    (root / "one" / "first" / "acts.py").write_text("raise AssertionError")
    for never_imported in ("_template", "one/first/ui"):
        (root / never_imported / "__init__.py").write_text("raise AssertionError")
    monkeypatch.syspath_prepend(tmp_path)
    yield root
    for name in [name for name in sys.modules if name.partition(".")[0] == "planted"]:
        del sys.modules[name]


def load() -> ModuleType:
    import planted  # type: ignore[import-not-found]

    assert isinstance(planted, ModuleType)
    return planted


@pytest.mark.usefixtures("package")
def test_protocols_are_found_in_their_folders() -> None:
    assert [*discover(load())] == [("one/first", 1)]


def test_earlier_versions_stay(package: Path) -> None:
    home = package / "one" / "first" / "__init__.py"
    home.write_text(MODULE.format(name="a/b") + "EARLIER = (replace(PROTOCOL, version=0),)")
    assert {*discover(load())} == {("a/b", 0), ("a/b", 1)}


def test_two_with_one_name_refuse_to_start(package: Path) -> None:
    (package / "empty" / "__init__.py").write_text(MODULE.format(name="one/first"))
    with pytest.raises(ValueError, match="Two packages define one/first@1"):
        discover(load())


def test_a_kind_is_looked_up_by_name() -> None:
    assert TALLY.kind("charter") is TALLY.opening
    assert TALLY.kind("bid") in TALLY.acts
    assert TALLY.kind("note") is None
    assert TALLY.id == "test/tally@1"


def test_members_are_given_all_content_where_a_protocol_says_nothing_else() -> None:
    dossier = Dossier(charter(orvanda, [tolmere]), documents_of(orvanda, tolmere), TALLY)
    assert TALLY.gives(dossier.state, "charter", orvanda.id, tolmere.id)
    assert not TALLY.letting


def test_duties_stand_in_one_order_the_most_urgent_first() -> None:
    one, two = sorted((orvanda.id, tolmere.id))
    wanted = (
        Duty(two, "reply", 0, "c"),
        Duty(two, "reply", 1, "a"),
        Duty(one, "reply", 1, "b"),
        Duty(two, "mark", 1, "b"),
        Duty(two, "reply", 1, "b"),
        Duty(two, "reply", 1, "b", one),
        Duty(one, "reply", None, "a"),
    )
    assert all(by_urgency(each) == wanted for each in itertools.permutations(wanted))
