"""Generated acts of any protocol: what its declarations allow, and a little of what they do not.

Choices are drawn when an act is signed, because what it can cite is what was said before it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

from comity.kernel.canon import Object, Value
from comity.kernel.dossier import Dossier
from comity.kernel.fieldtypes import (
    Code,
    Digits,
    FieldType,
    Flag,
    Handle,
    Hex,
    Instant,
    Many,
    Party,
    Prefix,
    Text,
    Whole,
)
from comity.kernel.graph import Node
from comity.kernel.ids import PartyId
from comity.kernel.kinds import AS, Growth
from comity.kernel.protocol import ActKind, Field
from comity.protocols._vocabulary.states import State
from tests.kernel.world import TIME, digest
from tests.protocols.table import NAMES, Table

Draw = Callable[[st.SearchStrategy[Any]], Any]
WRONG: st.SearchStrategy[Value] = st.sampled_from(["", "no such code", -1, True, [], {}])
STEPS = st.integers(1, 25)
# Made once: which characters these are takes far longer to find than to draw some of them.
WRITTEN = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


def values(type_: FieldType[object], table: Table | None = None) -> st.SearchStrategy[Value]:
    """Values of a type. At a table, ids are mostly those of its parties and acts."""
    if isinstance(type_, Many):
        return _lists(type_, table)
    if isinstance(type_, Instant):
        return st.integers(TIME - 10_000, TIME + 100_000)
    if isinstance(type_, Whole):
        return st.integers(type_.low, type_.high)
    if isinstance(type_, Text):
        return _texts(type_)
    return st.sampled_from(_choices(type_, table))


def _choices(type_: FieldType[object], table: Table | None) -> list[Value]:
    found: list[Value]
    match type_:
        case Code(choices):
            found = [*choices]
        case Handle():
            found = ["or", "duty_desk" if type_.plain else "desk/two"]
        case Party():
            found = [digest("stranger"), *_parties(table)]
        case Hex():
            found = [digest("unknown"), *_acts(table)]
        case Digits(lengths):
            found = [digit * length for length in lengths for digit in "0f"]
        case State():
            found = ["or", "to"]
        case Prefix():
            found = ["192.0.2.0/24", "192.0.2.7/32", "2001:db8::/32", "2001:db8:1::/48"]
        case _:
            assert isinstance(type_, Flag), type_
            found = [True]
    return found


def _lists(type_: Many[Any], table: Table | None) -> st.SearchStrategy[Value]:
    most = min(type_.most, 4)
    items = st.lists(values(type_.of, table), min_size=type_.least, max_size=most, unique=True)
    return items.map(_ascending)


def _ascending(found: list[Any]) -> Value:
    return sorted(found)


@cache
def _texts(type_: Text) -> st.SearchStrategy[Value]:
    return WRITTEN.map(lambda text: (f"{text}\n{text}" if type_.lines else text)[: type_.most])


@st.composite
def bodies(
    draw: Draw, fields: tuple[Field, ...], table: Table | None = None, *, wrong: bool = False
) -> Object:
    """Bodies as declared; with ``wrong`` some are not."""
    found: Object = {}
    for f in sorted(fields, key=lambda f: f.when is not None):
        spoilt = wrong and draw(st.integers(0, 19)) == 0
        if spoilt or (f.is_allowed(found) and (f.is_due(found) or draw(st.booleans()))):
            found[f.name] = draw(WRONG if spoilt else values(f.type, table))
    return found


def _parties(table: Table | None) -> list[str]:
    return [] if table is None else [party.id for party in table.parties.values()]


def _acts(table: Table | None) -> list[str]:
    return [] if table is None else [act.id for act in table.acts]


def deal(draw: Draw, table: Table) -> None:
    """Open a dossier at the table and say some things in it, sometimes apart, sometimes forked."""
    growth = draw(st.sampled_from(table.protocol.growths))
    # Of two parties most of all: that is what many protocols are for.
    members = NAMES[: draw(st.sampled_from([2, 1, 2, 3]))]
    terms = draw(bodies(table.protocol.opening.body, table, wrong=draw(st.booleans())))
    table.open(terms, members=members, growth=growth)
    for _ in range(draw(STEPS)):
        step(draw, table)


def step(draw: Draw, table: Table) -> None:
    """Let one voice say one thing, or fork one."""
    if draw(st.integers(0, 19)) == 0:
        voice = draw(st.sampled_from(NAMES))
        table.fork(voice, f"{voice}/restored")
        return
    voice = draw(st.sampled_from([*table.voices]))
    apart = draw(st.booleans())
    if not apart:
        table.catch_up(voice)
    kind = draw(st.sampled_from(table.protocol.acts))
    kernel = draw(st.integers(0, 9)) == 0
    if not _member(table, voice) or kernel:
        _kernel_step(draw, table, voice)
    elif draw(st.integers(0, 5)) == 0:
        _record_step(draw, table, voice)
    else:
        refs = draw(_refs(kind, table))
        body = draw(bodies(kind.body, table, wrong=True))
        objects = draw(st.integers(0, 3)) if kind.batch and not kind.content else 0
        table.say(voice, kind.kind, body=body, apart=True, refs=refs, objects=objects)


def _record_step(draw: Draw, table: Table, voice: str) -> None:
    """Record what a guest did: mostly a kind that may be recorded, rarely one that may not."""
    protocol = table.protocol
    allowed = [kind for kind in protocol.acts if kind.kind in protocol.recordable]
    kind = draw(st.sampled_from([*allowed * 4, *protocol.acts]))
    party = table.id(voice.partition("/")[0])
    own = [n.id for n in table.voices[voice].graph.order if n.header.party == party]
    if own:
        did: Object = {
            "letter": draw(st.sampled_from(own)),
            "guest": draw(st.sampled_from(["finder", "operator"])),
            "kind": kind.kind,
            "body": draw(bodies(kind.body, table, wrong=True)),
        }
        refs = draw(_refs(kind, table))
        table.say(voice, "record", body=did, apart=True, refs=refs)


def _refs(kind: ActKind, table: Table) -> st.SearchStrategy[tuple[str, ...]]:
    """What an act cites: mostly acts of the right kinds, and about as many as it should."""
    wanted = () if kind.refs is None else kind.refs.kinds
    fitting = [act.id for act in table.acts if table.node(act).said.header.kind in wanted]
    least, most = (0, 0) if kind.refs is None else (kind.refs.least, min(kind.refs.most, 3))
    good = st.lists(st.sampled_from(fitting or [table.acts[0].id]), unique=True, max_size=3)
    bounded = (
        good.filter(lambda found: least <= len(found) <= most) if fitting or not least else good
    )
    any_ = st.lists(st.sampled_from([digest("unknown"), *_acts(table)]), unique=True, max_size=2)
    return st.one_of(bounded, bounded, bounded, any_).map(tuple)


def _member(table: Table, voice: str) -> bool:
    dossier = table.voices[voice]
    return table.id(voice.partition("/")[0]) in dossier.members.now()


def _kernel_step(draw: Draw, table: Table, voice: str) -> None:
    """Say what the kernel lets this voice say now: invite, join, leave, write or translate."""
    dossier, name = table.voices[voice], voice.partition("/")[0]
    party = table.id(name)
    invites = dossier.members.invites_of(party)
    if not _member(table, voice):
        used = {act.header.body.get("invite") for act in table.acts if act.header.party == party}
        fresh = [node for node in invites if node.id not in used]
        if _may_join(dossier, party, fresh):
            table.say(voice, "join", body={"invite": fresh[0].id}, apart=True)
        return
    strangers = [
        other.id for other in table.parties.values() if other.id not in dossier.members.now()
    ]
    invites_all = dossier.charter.growth == Growth.ALL
    if strangers and (invites_all or dossier.charter.chair == party):
        table.say(voice, "invite", body={"party": draw(st.sampled_from(strangers))}, apart=True)
        return
    kind = draw(st.sampled_from(["note", "note", "translation", "leave"]))
    body = _translation(draw, table, voice) if kind == "translation" else {}
    table.say(voice, kind, body=body, apart=True)


def _may_join(dossier: Dossier, party: PartyId, fresh: list[Node]) -> bool:
    """Say whether all have invited a party, since it last joined, whose word it takes."""
    joins = [*dossier.now().all("join", party)]
    stale = [each for each in fresh if any(dossier.graph.before(each, join) for join in joins)]
    inviters = {each.header.party for each in fresh}
    wanted = dossier.members.now() if dossier.charter.growth == Growth.ALL else set()
    return bool(fresh) and not stale and wanted <= inviters


def _translation(draw: Draw, table: Table, voice: str) -> Object:
    """The body of a translation that the kernel takes of this voice."""
    order, party = table.voices[voice].graph.order, table.id(voice.partition("/")[0])
    of = draw(st.sampled_from([node for node in order if node.header.kind != "translation"]))
    able = AS if of.said.header.party == party else AS[1:]
    lang = draw(st.sampled_from(["ar", "fr"]))
    return {"act": of.id, "lang": lang, "as": draw(st.sampled_from(able))}
