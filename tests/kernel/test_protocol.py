"""What a protocol declares is demanded of every act; what is found is unambiguous."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from comity.kernel import protocol
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Void
from comity.kernel.fieldtypes import Code, Whole
from comity.kernel.fold import State, add, latest
from comity.kernel.kinds import Growth
from comity.kernel.protocol import ActKind, Field, Protocol, Refs, When
from tests.kernel.world import (
    TALLY,
    Party,
    charter,
    digest,
    documents_of,
    open_dossier,
)

ORVANDA, TOLMERE = Party("orvanda"), Party("tolmere")
DOCS = documents_of(ORVANDA, TOLMERE)
ANSWER = ActKind(
    "answer",
    "Answer",
    "Answered: {result}",
    (
        Field("result", Code({"done": "Done", "cannot": "Cannot"}), "Result"),
        Field("reason", Code({"law": "Law"}), "Why", when=When("result", ("cannot",))),
        Field("count", Whole(1), "How many", required=False),
    ),
)


def void(call: Callable[..., object], *args: object) -> str:
    """Return the reason of the Void D0 that the call raises."""
    with pytest.raises(Void) as caught:
        call(*args)
    assert caught.value.rule == protocol.SCHEMA_RULE == "D0"
    return caught.value.reason


@pytest.mark.parametrize(
    "body",
    [
        {"result": "done"},
        {"result": "done", "count": 3},
        {"result": "cannot", "reason": "law"},
    ],
)
def test_fields_are_read_without_what_every_body_may_hold(body: dict[str, Any]) -> None:
    common: dict[str, Any] = {"by": {"role": "desk"}, "audience": [1], "approvals": [2]}
    assert ANSWER.read({**body, **common}) == body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "lacks the field 'result'"),
        ({"result": "maybe"}, "The field 'result' is wrong: 'maybe' is not one of"),
        ({"result": "done", "count": 0}, "'count' is wrong"),
        ({"result": "done", "more": 1}, "unknown fields: ['more']"),
        ({"result": "cannot"}, "lacks the field 'reason'"),
        ({"result": "done", "reason": "law"}, "unknown fields: ['reason']"),
    ],
)
def test_fields_that_are_not_as_declared_leave_an_act_void(
    body: dict[str, Any], reason: str
) -> None:
    assert reason in void(ANSWER.read, body)


def test_a_field_is_due_when_its_condition_says_so() -> None:
    result, reason, count = ANSWER.body
    assert result.is_due({})
    assert result.is_allowed({})
    assert not count.is_due({})
    assert count.is_allowed({})
    for values, wanted in (({"result": "cannot"}, True), ({"result": "done"}, False), ({}, False)):
        assert reason.is_due({**values}) is wanted
        assert reason.is_allowed({**values}) is wanted


def citing(refs: Refs | None) -> Dossier:
    kind = ActKind("cite", "Cite", "Cited", refs=refs)
    made = replace(TALLY, acts=(*TALLY.acts, kind))
    return Dossier(charter(ORVANDA, [TOLMERE]), DOCS, made)


def say(dossier: Dossier, kind: str, *refs: str, **body: object) -> Any:
    act = ORVANDA.say(dossier, kind, body, refs=refs)
    return dossier.admit(act, DOCS)


def test_an_act_cites_acts_with_effect_of_the_kinds_declared() -> None:
    dossier = citing(Refs(("claim", "bid"), "What", least=1, most=2))
    claim = say(dossier, "claim", status="open")
    bid = say(dossier, "bid", amount=1)
    note = say(dossier, "note")
    without_effect = say(dossier, "bid", amount=1)
    assert without_effect.void is not None
    assert say(dossier, "cite", claim.id).void is None
    assert say(dossier, "cite", bid.id, claim.id).void is None
    for refs, reason in (
        ((), "cites 0 acts, not 1 to 2"),
        ((claim.id, bid.id, note.id), "cites 3 acts, not 1 to 2"),
        ((note.id,), "no claim or bid with effect"),
        ((without_effect.id,), "no claim or bid with effect"),
        ((digest("nothing"),), "had seen"),
    ):
        node = say(dossier, "cite", *refs)
        assert node.void is not None
        assert node.void[0] == "D0"
        assert reason in node.void[1]


def test_an_act_that_declares_no_citations_cites_nothing() -> None:
    dossier = citing(None)
    node = say(dossier, "cite", digest("x"))
    assert node.void is not None
    assert "cites 1 acts, not 0" in node.void[1]
    assert say(dossier, "cite").void is None


def test_a_version_is_written_after_the_name() -> None:
    assert TALLY.id == "test/tally@1"
    assert TALLY.kind("charter") is TALLY.opening
    assert TALLY.kind("bid") is TALLY.acts[2]
    assert TALLY.kind("note") is None


def test_members_are_those_whose_newest_word_is_not_that_they_left() -> None:
    dossier = open_dossier(ORVANDA, [TOLMERE], growth=Growth.CHAIR, chair=ORVANDA.id)
    both = tuple(sorted((ORVANDA.id, TOLMERE.id)))
    assert protocol.members_of(dossier.state) == both
    dossier.admit(TOLMERE.say(dossier, "leave"), DOCS)
    assert protocol.members_of(dossier.state) == (ORVANDA.id,)
    invite = ORVANDA.say(dossier, "invite", {"party": TOLMERE.id})
    dossier.admit(invite, DOCS)
    dossier.admit(TOLMERE.say(dossier, "join", {"invite": invite.id}), DOCS)
    assert protocol.members_of(dossier.state) == both


def test_of_two_words_that_conflict_having_joined_counts() -> None:
    dossier = open_dossier(ORVANDA)
    first, then = dossier.graph.charter, say(dossier, "note")
    state = State(lambda _first, _then: False)
    state.join(first, [add("member", ORVANDA.id), latest("membership", value="left")])
    assert protocol.members_of(state) == ()
    state.join(then, [latest("membership", value="joined")])
    assert protocol.members_of(state) == (ORVANDA.id,)


def test_a_void_dossier_has_one_summary_in_every_protocol() -> None:
    summary = protocol.void_summary(digest("charter"))
    assert (summary.status, summary.caption.code) == ("void", "void")
    assert summary.caption.params == {"act": digest("charter")}
    assert not summary.parties
    assert not summary.duties


PROTOCOL = """
from tests.kernel.world import TALLY
from dataclasses import replace
PROTOCOL = replace(TALLY, name={name!r}, version={version})
EARLIER = ({earlier})
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the import path whose packages are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [n for n in sys.modules if n.split(".")[0] == "found_here"]:
        del sys.modules[name]


def write(folder: Path, path: str, text: str = "") -> None:
    file = folder / "found_here" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def found(folder: Path) -> dict[tuple[str, int], Protocol]:
    write(folder, "__init__.py")
    import importlib

    importlib.invalidate_caches()
    module: ModuleType = importlib.import_module("found_here")
    return protocol.discover(module)


def test_protocols_are_found_in_folders_and_below(package: Path) -> None:
    earlier = "replace(PROTOCOL, version=1),"
    write(package, "trust/__init__.py")
    write(
        package,
        "trust/card/__init__.py",
        PROTOCOL.format(name="trust/card", version=2, earlier=earlier),
    )
    write(package, "trust/card/acts.py", "PROTOCOL = None")
    write(package, "notary/__init__.py", PROTOCOL.format(name="test/notary", version=1, earlier=""))
    write(package, "_template/__init__.py", "raise ImportError('a template is text to copy')")
    assert sorted(found(package)) == [("test/notary", 1), ("trust/card", 1), ("trust/card", 2)]


def test_two_packages_that_claim_one_version_are_refused(package: Path) -> None:
    for name in ("one", "two"):
        write(
            package,
            f"{name}/__init__.py",
            PROTOCOL.format(name="test/same", version=1, earlier=""),
        )
    with pytest.raises(ValueError, match="Two packages define test/same@1"):
        found(package)


def test_a_package_that_cannot_be_imported_is_not_passed_over(package: Path) -> None:
    write(package, "broken/__init__.py", "import there_is_no_such_module")
    with pytest.raises(ImportError, match="there_is_no_such_module"):
        found(package)
