"""What no sequence of acts may do to a community: touch another's record, list two for a seat, let
words go further than is said, or keep what a member said who has left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.act import Act
from comity.kernel.audience import Reach, part_readers, ranges_of
from comity.kernel.canon import Object, Value
from comity.kernel.errors import Refusal
from comity.kernel.fieldtypes import Handle, Many
from comity.kernel.graph import Node, Past
from comity.kernel.protocol import LANES as SIDES
from comity.kernel.protocol import Subject, Summary
from comity.protocols._vocabulary.contacts import FIELDS, ROLES, SOURCES
from comity.protocols.trust.community import PROTOCOL, codes
from comity.protocols.trust.community.contacts import CONTACT, TELLING
from comity.protocols.trust.community.forum import SEAT, Open
from tests.protocols.table import NAMES, TIME, Table
from tests.protocols.trust.community import cases

Draw = Callable[[st.SearchStrategy[Any]], Any]
RULES = Open(freshness=365, cadence=182, visibility="members")
CONTACTS, SEATS = ("ops", "press"), ("or", "to")
RECORD = ("contact", "particular", "seat", "sector", "state")
"""The kinds of subject that are a nominator's record."""


def opened(*copies: str) -> Table:
    """A table of three members; ``copies`` are names whose machine was restored."""
    table = Table(PROTOCOL)
    table.open(RULES)
    for name in copies:
        table.fork(name, f"{name}/restored")
    return table


def known(table: Table) -> Summary:
    """What everyone who holds everything knows."""
    summary = table.seen.summary()
    assert summary is not None
    return summary


def author_of(subject: Subject) -> str:
    """Who nominated what a subject is about."""
    return subject.value.split("/")[0 if subject.kind in RECORD[:2] else 1]


def records(table: Table) -> dict[str, set[Subject]]:
    """The records by nominator, without whether the forum lists them."""
    found: dict[str, set[Subject]] = {table.id(name): set() for name in NAMES}
    for subject in known(table).subjects:
        if subject.kind == "contact":
            subject = subject._replace(value=subject.value.rpartition("/")[0])  # noqa: PLW2901
        if subject.kind in RECORD:
            found[author_of(subject)].add(subject)
    return found


# Sequences of acts


def fields(draw: Draw) -> Value:
    """A few particulars."""
    return sorted(draw(st.sets(st.sampled_from(["email", "holder", "phone"]), min_size=1)))


def cited(draw: Draw, table: Table, *kinds: str) -> list[Act]:
    """One act of some kinds, whoever said it, if there is one."""
    found = [act for act in table.acts if act.header.kind in kinds]
    return [draw(st.sampled_from(found))] if found else []


def keep(draw: Draw, table: Table) -> None:
    """Say something of a contact that is one's own, or is not."""
    kind = draw(st.sampled_from(["nominate", "nominate", "detail", "confirm", "hand_over", "end"]))
    refs = cited(draw, table, *(TELLING if kind == "confirm" else ("nominate",)))
    known_as = [act.header.body["contact"] for act in refs] * 3
    body: Object = {"contact": draw(st.sampled_from([*CONTACTS, *known_as]))}
    match kind:
        case "nominate":
            refs = draw(st.sampled_from([[], refs]))
            body |= nomination(draw, table)
        case "hand_over":
            body |= {"holder_is": "person", "since": TIME}
        case "end":
            body |= {"reason": "left"}
        case _:
            pass
    if kind != "end":
        body["fields"] = fields(draw)
    if kind in TELLING:
        body["visibility"] = "members"
    table.say(draw(st.sampled_from([*table.voices])), kind, refs, body, apart=draw(st.booleans()))


def meddle(table: Table, name: str) -> None:
    """Let a party try everything with what was nominated last, by itself or another."""
    for act in [act for act in table.acts if act.header.kind == "nominate"][-2:]:
        body: Object = {"contact": act.header.body["contact"]}
        told: Object = {**body, "fields": ["email", "phone"], "visibility": "members"}
        terms: Object = {"seat": "to", "role": "other", "holder_is": "desk", "source": "mail"}
        table.say(name, "detail", [act], told)
        table.say(name, "confirm", [act], {**body, "fields": ["phone"]}, time=TIME + 9**9)
        table.say(name, "hand_over", [act], told | {"holder_is": "desk", "since": TIME})
        table.say(name, "end", [act], body | {"reason": "left"})
        table.say(name, "nominate", [act], told | terms)


def nomination(draw: Draw, table: Table) -> Object:
    """The terms of a nomination, sometimes kept by another."""
    seat = draw(st.sampled_from(SEATS))
    terms: Object = {"seat": seat, "role": "legal", "holder_is": "desk", "source": "own"}
    keeper = draw(st.sampled_from(["", *NAMES]))
    return terms | ({"kept_by": table.id(keeper)} if keeper else {})


def keepers(table: Table) -> set[tuple[str, str, str]]:
    """Who keeps which contact of whom: (keeper, nominator, contact)."""
    found = set()
    for (contact,) in table.seen.state.keys("contact"):
        for entry in table.seen.state.entries("contact", str(contact)):
            assert isinstance(entry.value, dict)
            found.add((str(entry.value.get("kept_by")), str(entry.author), str(contact)))
    return found


@given(data=st.data())
def test_a_member_never_changes_the_record_of_another(data: st.DataObject) -> None:
    table = opened("tolmere")
    for _ in range(data.draw(st.integers(1, 4))):
        keep(data.draw, table)
    by = data.draw(st.sampled_from(NAMES))
    before, kept = records(table), keepers(table)
    meddle(table, by)
    after, me = records(table), table.id(by)
    for author in before.keys() - {me}:
        for subject in before[author] ^ after[author]:
            # What a nominator lets another keep, that other tells and confirms; no more.
            assert subject.kind == "particular"
            assert (me, author, subject.value.split("/")[1]) in kept


@given(data=st.data())
def test_who_left_is_in_the_directory_no_more(data: st.DataObject) -> None:
    table = opened("sarivane")
    for _ in range(data.draw(st.integers(1, 4))):
        keep(data.draw, table)
    meddle(table, "sarivane")
    table.say("sarivane", "leave")
    keep_apart(data.draw, table)
    left = table.id("sarivane")
    for subject in known(table).subjects:
        if subject.kind in RECORD:
            assert author_of(subject) != left
            assert table.seen.graph.nodes[subject.act].header.party != left


def keep_apart(draw: Draw, table: Table) -> None:
    """Nominate from a restored machine that does not know that its party has left."""
    body = {"contact": draw(st.sampled_from(CONTACTS)), **nomination(draw, table)}
    body |= {"fields": fields(draw), "visibility": "members"}
    table.say("sarivane/restored", "nominate", body=body, apart=True)


def test_who_left_can_nominate_nobody() -> None:
    table = opened()
    table.say("sarivane", "leave")
    body: Object = {"contact": "ops", "seat": "to", "role": "legal", "holder_is": "desk"}
    with pytest.raises(Refusal, match="not a member"):
        table.say("sarivane", "nominate", body=body | {"source": "own", "visibility": "members"})


# Whose nominations are listed


def preside(draw: Draw, table: Table) -> None:
    """Say something of the secretariat, from a machine of who opened it or of who took it over."""
    voice = draw(st.sampled_from(["orvanda", "orvanda/restored", "sarivane"]))
    offers = [act for act in table.acts if act.header.kind == "hand_office"]
    cites = offers[:1] if voice == "sarivane" and offers else table.acts[:1]
    body: Object = {"freshness": draw(st.sampled_from([30, 90]))}
    kind = draw(st.sampled_from(["recognise", "recognise", "set_policy"]))
    if kind == "recognise":
        stand = draw(st.sampled_from([*codes.STANDS]))
        authority = table.id(draw(st.sampled_from(NAMES)))
        body = {"seat": "to", "authority": authority, "stand": stand}
    table.say(voice, kind, cites, body, apart=draw(st.booleans()))


def hand_over(table: Table) -> None:
    """Let Orvanda offer the office to Sarivane, which takes it."""
    offer = table.say("orvanda", "hand_office", table.acts[:1], {"to": table.id("sarivane")})
    table.say("sarivane", "take_office", [offer])


def newest(table: Table, kind: str) -> list[Node]:
    """The acts of a kind that have effect and that no later one had seen."""
    graph = table.seen.graph
    said = [n for n in graph.order if n.header.kind == kind and n.void is None]
    return [n for n in said if not any(graph.before(n, later) for later in said)]


@given(data=st.data())
def test_what_the_forum_said_in_two_ways_lists_nobody(data: st.DataObject) -> None:
    table = opened("orvanda")
    terms: Object = {"contact": "ops", "seat": "to", "role": "legal", "holder_is": "desk"}
    for name in NAMES:
        table.say(name, "nominate", body=terms | {"source": "own", "visibility": "members"})
    steps = data.draw(st.integers(1, 6))
    handed = data.draw(st.integers(0, 3))
    for step in range(steps):
        if step == handed:
            hand_over(table)
        preside(data.draw, table)
    bodies = [n.header.body for n in newest(table, "recognise")]
    words = {b["authority"] if b["stand"] == "recognised" else "" for b in bodies}
    (authority,) = words if len(words) == 1 else {""}
    listed = {author_of(s): s.value.rpartition("/")[2] for s in subjects(table, "contact")}
    others = "other" if authority else "open"
    assert listed == {
        table.id(name): "listed" if table.id(name) == authority else others for name in NAMES
    }
    policy = {n.header.body["freshness"] for n in newest(table, "set_policy")} or {365}
    told = {s.value for s in subjects(table, "policy") if s.value.startswith("freshness/")}
    assert told == {f"freshness/{days}" for days in policy}
    if len(words) > 1 or len(policy) > 1:
        assert known(table).status == "conflict"


def subjects(table: Table, kind: str) -> list[Subject]:
    """The subjects of one kind."""
    return [subject for subject in known(table).subjects if subject.kind == kind]


# Who is given the words


@given(data=st.data())
def test_words_go_to_whom_their_visibility_says(data: st.DataObject) -> None:
    table = opened()
    two = sorted([table.id("orvanda"), table.id("sarivane")])
    reached: list[Value] = ["", "members", "public", "author", [two[0]], [*two]]
    for _ in range(data.draw(st.integers(1, 6))):
        to = data.draw(st.sampled_from(reached))
        kind = data.draw(st.sampled_from(["nominate", "detail", "hand_over", "give"]))
        body: Object = {"contact": "ops", "fields": ["phone"]}
        body |= {} if to == "" else {"audience": [{"first": 0, "last": 0, "to": to}]}
        if kind != "give":
            body["visibility"] = data.draw(
                st.sampled_from(["public", "members", "named", "request"])
            )
        if kind == "nominate":
            body |= {"seat": "to", "role": "legal", "holder_is": "desk", "source": "own"}
        if kind == "hand_over":
            body |= {"holder_is": "person", "since": TIME}
        nominations = [act for act in table.acts if act.header.kind == "nominate"][-1:]
        cites = [] if kind == "nominate" else nominations
        if kind == "give" and nominations:
            asked: Object = {"contact": "ops", "fields": ["phone"]}
            cites = [table.say("sarivane", "ask_detail", nominations, asked)]
        table.say("tolmere", kind, cites, body)
    for node in table.seen.graph.order:
        if node.void is None and node.header.kind in {*TELLING, "give"}:
            assert fits(table, node)


def fits(table: Table, node: Node) -> bool:
    """Say whether the kernel gives the words of an act to those that it is said to be for."""
    reaches = part_readers(ranges_of(node.header), 0)
    if node.header.kind == "give":
        return reaches == frozenset({table.id("sarivane")})
    visibility = node.header.body["visibility"]
    if visibility == "named":
        return isinstance(reaches, frozenset)
    return reaches is {
        "public": Reach.PUBLIC,
        "members": Reach.MEMBERS,
        "request": Reach.AUTHOR,
    }.get(str(visibility))


# Declarations


def test_no_personal_data_stands_in_a_header() -> None:
    types = [
        f.type.of if isinstance(f.type, Many) else f.type
        for kind in (PROTOCOL.opening, *PROTOCOL.acts)
        for f in kind.body
    ]
    assert all(type_.plain for type_ in types if isinstance(type_, Handle))
    assert {type_.name for type_ in types} <= {
        "code",
        "flag",
        "handle",
        "instant",
        "number",
        "party",
        "state",
    }


def test_each_particular_is_a_text_of_its_own() -> None:
    for kind in PROTOCOL.acts:
        if kind.kind in {*TELLING, "give"}:
            assert {*FIELDS} <= {f.name for f in kind.content}


def test_the_longest_value_can_be_found() -> None:
    longest = [max(map(len, choices)) for choices in (ROLES, SOURCES, {"listed": ""})]
    assert 64 + CONTACT.most + SEAT.most + sum(longest) + len("/////") <= 200


def test_lanes_are_sides_of_a_party() -> None:
    assert {*codes.LANES} == {*SIDES} == {*PROTOCOL.lanes}


def test_what_a_long_record_costs_grows_no_faster_than_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, before = [0], Past.before

    def counted(past: Past, first: Node, then: Node) -> bool:
        asked[0] += 1
        return before(past, first, then)

    table = Table(PROTOCOL)
    cases.opened(table)
    last = cases.nominated(table)
    costs = []
    monkeypatch.setattr(Past, "before", counted)
    for more in (20, 20):
        for _ in range(more):
            last = cases.nominated(table, last)
        asked[0] = 0
        table.say("tolmere", cases.told("chat"), [last])
        costs.append(asked[0])
    assert costs[1] < 2.5 * costs[0]
