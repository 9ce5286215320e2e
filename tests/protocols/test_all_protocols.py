"""What every protocol must hold, whatever it is about. A new protocol is found here by itself."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import protocols
from comity.kernel import act as acts
from comity.kernel import canon, documents, dsse, kinds
from comity.kernel.act import Act
from comity.kernel.content import Commitment
from comity.kernel.documents import View
from comity.kernel.dossier import Dossier
from comity.kernel.errors import SCHEMA_RULE
from comity.kernel.fields import CODE
from comity.kernel.fieldtypes import Code, Party
from comity.kernel.ids import Id
from comity.kernel.office import TO
from comity.kernel.protocol import (
    VOID,
    ActKind,
    Field,
    Protocol,
    Refs,
    Summary,
    discover,
)
from comity.services.casework.forms import FILES, REFS
from comity.services.casework.words import PLACEHOLDER, Words
from tests.kernel.world import TALLY
from tests.protocols.strategies import deal
from tests.protocols.table import Table, gather
from tools import spec, vectors

PROTOCOLS = vectors.all_protocols()
NO_REFS = Refs((), "")
Json = dict[str, Any]

every_protocol = pytest.mark.parametrize("place", PROTOCOLS)


def vector_files(place: str) -> list[Path]:
    return sorted((vectors.folder(place) / "vectors").rglob("*.json"))


VECTORS = [(place, path) for place in PROTOCOLS for path in vector_files(place)]
every_vector = pytest.mark.parametrize(
    ("place", "path"), VECTORS, ids=[f"{place}/{path.stem}" for place, path in VECTORS]
)


@cache
def load(path: Path) -> Json:
    loaded: Json = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def views(vector: Json) -> dict[Id, View]:
    held: dict[Id, View] = {}
    for value in vector["documents"]:
        envelope = dsse.from_object(value)
        previous = documents.predecessor(envelope)
        view = documents.read(envelope, None if previous is None else held[previous])
        held[view.id] = view
    return held


def acts_of(vector: Json) -> list[Act]:
    return [acts.read(dsse.from_object(item["envelope"])) for item in vector["acts"]]


def fold(place: str, vector: Json) -> Dossier:
    held, (first, *rest) = views(vector), acts_of(vector)
    dossier = Dossier(first, held, PROTOCOLS[place])
    for act in rest:
        dossier.admit(act, held)
    return dossier


def kinds_of(protocol: Protocol) -> list[ActKind]:
    return [protocol.opening, *protocol.acts]


def fields_of(kind: ActKind) -> list[Field]:
    return [*kind.body, *kind.content]


def summary_of(dossier: Dossier) -> Summary:
    summary = dossier.summary()
    assert summary is not None
    return summary


# Declarations


@every_protocol
def test_it_stands_where_its_name_says(place: str) -> None:
    protocol = PROTOCOLS[place]
    if place != vectors.TEMPLATE:
        assert protocol.name == place
        assert discover(protocols)[place, protocol.version] is protocol
    assert CODE.fullmatch(protocol.name)


def test_nodes_do_not_offer_the_protocol_to_copy() -> None:
    assert PROTOCOLS[vectors.TEMPLATE] not in discover(protocols).values()


@every_protocol
def test_kinds_are_its_own_and_declared_once(place: str) -> None:
    protocol = PROTOCOLS[place]
    names = [kind.kind for kind in protocol.acts]
    assert protocol.opening.kind == "charter"
    assert len(set(names)) == len(names)
    assert not set(names) & kinds.KERNEL_KINDS
    for kind in protocol.acts:
        assert kind.refs is None or set(kind.refs.kinds) <= {k.kind for k in kinds_of(protocol)}


@every_protocol
def test_no_field_has_a_name_that_means_something_else(place: str) -> None:
    for kind in kinds_of(PROTOCOLS[place]):
        names = [f.name for f in fields_of(kind)]
        assert len(set(names)) == len(names)
        assert not set(names) & (kinds.COMMON | {REFS, FILES})


@every_protocol
def test_bodies_hold_no_free_text(place: str) -> None:
    for kind in kinds_of(PROTOCOLS[place]):
        assert "text" not in {f.type.name for f in kind.body}
        assert all(f.type.name == "text" for f in kind.content)


@every_protocol
def test_a_condition_names_a_field_and_its_codes(place: str) -> None:
    for kind in kinds_of(PROTOCOLS[place]):
        types = {f.name: f.type for f in kind.body if f.when is None}
        for when in (f.when for f in kind.body if f.when is not None):
            type_ = types[when.field]
            assert isinstance(type_, Code)
            assert set(when.values) <= set(type_.choices)


@pytest.mark.parametrize("protocol", [*PROTOCOLS.values(), TALLY], ids=lambda p: p.name)
def test_what_a_guest_may_do_is_declared_and_can_be_asked_for(protocol: Protocol) -> None:
    declared = {kind.kind: kind for kind in protocol.acts}
    assert protocol.recordable <= declared.keys()
    for kind in map(declared.__getitem__, protocol.recordable):
        # They are options beside those of the record itself.
        assert not {f.name for f in fields_of(kind)} & {"letter", "guest", "kind"}


@pytest.mark.parametrize("protocol", [*PROTOCOLS.values(), TALLY], ids=lambda p: p.name)
def test_an_office_is_declared_as_it_is_used(protocol: Protocol) -> None:
    declared = {kind.kind: kind for kind in protocol.acts}
    kinds_ = [k for o in protocol.offices for k in (*o.acts, o.hand_over, o.accept)]
    assert len({office.name for office in protocol.offices}) == len(protocol.offices)
    assert len(set(kinds_)) == len(kinds_)
    assert not protocol.recordable & set(kinds_)
    for office in protocol.offices:
        assert CODE.fullmatch(office.name)
        assert office.label
        for kind in (*office.acts, office.hand_over):
            refs = declared[kind].refs
            assert refs is not None
            assert {"charter", office.hand_over} <= set(refs.kinds)
        hand_over, accept = declared[office.hand_over], declared[office.accept]
        assert hand_over.refs == replace(hand_over.refs or NO_REFS, least=1, most=1)
        assert accept.refs == replace(
            accept.refs or NO_REFS, kinds=(office.hand_over,), least=1, most=1
        )
        assert [f.type for f in hand_over.body if f.name == TO and f.required] == [Party()]
        terms = [f.type for f in protocol.opening.body if f.name == office.given and f.required]
        assert terms == ([Party()] if office.given else [])


@every_protocol
def test_codes_are_codes(place: str) -> None:
    protocol = PROTOCOLS[place]
    types = [f.type for kind in kinds_of(protocol) for f in kind.body]
    codes = [code for type_ in types if isinstance(type_, Code) for code in type_.choices]
    names = [f.name for kind in kinds_of(protocol) for f in fields_of(kind)]
    for code in (*codes, *names, *protocol.statuses, *protocol.captions, *protocol.nouns):
        assert CODE.fullmatch(code), code
    assert VOID not in {*protocol.statuses, *protocol.captions}


@every_protocol
def test_every_word_for_people_is_there(place: str) -> None:
    protocol = PROTOCOLS[place]
    words = [protocol.title, *protocol.statuses.values(), *protocol.captions.values()]
    words += [*protocol.rules.values(), *protocol.nouns.values()]
    for kind in kinds_of(protocol):
        words += [kind.label, kind.caption, *(f.label for f in fields_of(kind))]
        words += [] if kind.refs is None else [kind.refs.label]
        for f in kind.body:
            words += f.type.choices.values() if isinstance(f.type, Code) else []
    for word in words:
        assert word == word.strip() != ""
    for sentence in (*protocol.rules.values(), protocol.clause):
        assert sentence.endswith(".") or not sentence
    assert {"dossier", "dossiers"} <= protocol.nouns.keys()


@every_protocol
def test_every_placeholder_of_a_caption_can_be_filled(place: str) -> None:
    protocol = PROTOCOLS[place]
    words = Words(protocol)
    for kind in kinds_of(protocol):
        required = {f.name for f in kind.body if f.required} | {"by", "at", "act"}
        for name, spec_ in PLACEHOLDER.findall(kind.caption):
            assert name in required
            assert words.type_of(name, spec_ or None, kind) is not None
        assert "{" not in PLACEHOLDER.sub("", kind.caption)
    for caption in protocol.captions.values():
        for name, spec_ in PLACEHOLDER.findall(caption):
            assert words.type_of(name, spec_ or None, None) is not None
        assert "{" not in PLACEHOLDER.sub("", caption)


# Vectors


@every_vector
def test_a_vector_gives_its_verdicts(place: str, path: Path) -> None:
    vector = load(path)
    dossier = fold(place, vector)
    found = [dossier.graph.nodes[Id(item["id"])].void for item in vector["acts"]]
    assert [void and void[0] for void in found] == [item["verdict"] for item in vector["acts"]]
    assert vectors.state(dossier) == vector["state"]
    assert vector["protocol"] == PROTOCOLS[place].id


@every_vector
def test_a_vector_is_refused_for_what_its_name_says(place: str, path: Path) -> None:
    verdicts = [item["verdict"] for item in load(path)["acts"]]
    if path.parent.name == "refused":
        assert verdicts[-1] == path.stem.partition("-")[0], place
    else:
        assert set(verdicts) == {None}, place
        assert path.parent.name == "accepted"


@every_vector
def test_a_reason_speaks_of_what_was_said_and_of_no_act(place: str, path: Path) -> None:
    nodes = fold(place, load(path)).graph.nodes.values()
    told = [node.void[1] for node in nodes if node.void and node.void[0] != SCHEMA_RULE]
    assert [reason for reason in told if re.search(r"\bacts?\b", reason)] == [], place


@every_vector
def test_a_vector_round_trips(place: str, path: Path) -> None:
    vector = load(path)
    assert path.read_text(encoding="utf-8") == vectors.text_of(vector), place
    for item, act in zip(vector["acts"], acts_of(vector), strict=True):
        data = act.envelope.to_bytes()
        assert acts.parse(data) == act
        assert canon.dump(canon.parse(act.envelope.payload)) == act.envelope.payload
        assert act.header.to_payload() == act.envelope.payload
        assert (act.id, act.header.kind) == (item["id"], item["kind"])


@every_protocol
def test_every_case_has_its_vector_and_every_vector_its_case(place: str) -> None:
    """Their bytes are compared by ``python -m tools.vectors --check``."""
    home = vectors.folder(place) / "vectors"
    held = {path.relative_to(home).with_suffix("").as_posix() for path in vector_files(place)}
    assert held == {name for name, _, _ in vectors.played(place, PROTOCOLS[place])}


@every_protocol
def test_every_rule_refuses_in_a_vector(place: str) -> None:
    names = {path.stem.partition("-")[0] for path in vector_files(place)}
    refused = {name for name in names if re.fullmatch(r"D\d+", name)}
    rules = PROTOCOLS[place].rules
    assert refused == {SCHEMA_RULE, *rules}
    assert [*rules] == [f"D{n}" for n in range(1, len(rules) + 1)]


@every_protocol
def test_every_guard_has_a_rule_and_every_rule_a_guard(place: str) -> None:
    protocol = PROTOCOLS[place]
    said = [" ".join((guard.__doc__ or "").split()).lower() for guard in protocol.guards]
    for text, (rule, title) in zip(said, protocol.rules.items(), strict=True):
        assert text.startswith(f"{rule}: {title}".lower().rstrip("."))


@every_protocol
def test_every_status_is_reached_and_every_kind_is_used(place: str) -> None:
    protocol = PROTOCOLS[place]
    statuses, used, duties = set[str](), set[str](), set[str]()
    for path in vector_files(place):
        dossier = gather_some(place, load(path))
        for state in dossier:
            summary = summary_of(state)
            statuses.add(summary.status)
            duties |= {duty.what for duty in summary.duties} | {summary.caption.code}
            used |= {n.header.kind for n in state.graph.order if n.void is None}
    assert statuses - {VOID} == set(protocol.statuses)
    assert {kind.kind for kind in kinds_of(protocol)} <= used
    assert duties - {VOID} == set(protocol.captions)


def gather_some(place: str, vector: Json) -> list[Dossier]:
    """Every state on the way through a vector, as a dossier each."""
    held, all_acts = views(vector), acts_of(vector)
    found = []
    for count in range(1, len(all_acts) + 1):
        dossier = Dossier(all_acts[0], held, PROTOCOLS[place])
        for act in all_acts[1:count]:
            dossier.admit(act, held)
        found.append(dossier)
    return found


@every_protocol
def test_reasons_tell_a_person_what_to_do(place: str) -> None:
    for path in vector_files(place):
        for node in fold(place, load(path)).graph.order:
            if node.void is not None:
                assert re.fullmatch(r"\S.{20,400}\.", node.void[1]), node.void


# The page


@every_protocol
def test_the_page_is_current(place: str) -> None:
    """``make protocols`` writes what is generated."""
    text = (vectors.folder(place) / "SPEC.md").read_text(encoding="utf-8")
    assert spec.generated(text, place, PROTOCOLS[place]) == text
    assert spec.part_names(text) == ["states", "acts", "codes", "rules"]


@every_protocol
def test_the_page_says_what_a_reader_asks(place: str) -> None:
    text = (vectors.folder(place) / "SPEC.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    wanted = ["Roles", "States", "Acts", "Codes", "Rules", "Decisions", "Worked example"]
    assert headings == wanted
    for name in re.findall(r"`vectors/([^`]+)`", text):
        assert (vectors.folder(place) / "vectors" / name).is_file()


# Generated acts


class Sealed:
    """Content that nobody may look at. Of which type it is and how many parts it has is signed in
    the header, and there whatever is erased.
    """

    def __init__(self, commitment: Commitment) -> None:
        self.type = commitment.type
        self.parts = commitment.parts

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"A rule read {name!r} of the content.")


def sealed_act(act: Act) -> Act:
    content: Any = Sealed(act.header.content)
    return act._replace(header=act.header._replace(content=content))


@every_protocol
@given(data=st.data())
def test_any_acts_end_in_a_known_state_the_same_in_every_order(
    place: str, data: st.DataObject
) -> None:
    protocol = PROTOCOLS[place]
    table = Table(protocol)
    deal(data.draw, table)
    require_known(table)
    shuffled = data.draw(st.permutations(table.acts))
    doubled = data.draw(st.permutations([*table.acts, *table.acts]))
    sealed = [sealed_act(act) for act in table.acts]
    for order in (shuffled, doubled, sealed):
        other = gather(table, order)
        assert other.digest() == table.seen.digest()
        assert summary_of(other) == summary_of(table.seen)
        assert verdicts(other) == verdicts(table.seen)
    # A verdict is for ever: it does not depend on what else is held.
    for voice in table.voices.values():
        assert verdicts(voice).items() <= verdicts(table.seen).items()


def verdicts(dossier: Dossier) -> dict[Id, tuple[str, str] | None]:
    return {node.id: node.void for node in dossier.graph.order}


def require_known(table: Table) -> None:
    """Every verdict, status, duty and line is one that the protocol declares."""
    protocol, seen = table.protocol, table.seen
    words, summary = Words(protocol), summary_of(seen)
    rules = {None, SCHEMA_RULE, *protocol.rules}
    assert {table.verdict(act) for act in table.acts} <= rules
    assert summary.status in {*protocol.statuses, VOID}
    assert set(summary.parties) <= seen.members.ever()
    assert "?" not in words.caption(summary.caption)
    assert words.status(summary.status)
    for duty in summary.duties:
        assert duty.who in summary.parties
        assert duty.act in seen.graph.nodes
        assert "?" not in words.duty(duty)
    for node in seen.graph.order:
        line = words.act(node.id, node.header)
        assert node.void is not None or "?" not in line, line
