"""Whether an announced activity explains an address: found by range and time, by who may see it."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel.canon import Object
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.care import fsck
from comity.services.care.rebuild import rebuild
from comity.services.casework import erasure, explaining, issue
from comity.services.casework.desk import Desk
from comity.services.casework.explaining import Announcement, Explained
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.node import Node
from comity.services.people.mandates import Mandate, shipped
from comity.store.append.people import save_mandate
from comity.store.sql import query, writing
from tests.databases import counted
from tests.edge.test_web_dossiers import incident
from tests.nodes import START, Nodes, introduce, pass_on, say
from tests.services.staff import HOUR, hire

BEGINS, ENDS = START + HOUR, START + 3 * HOUR
AT = START + 2 * HOUR
RANGES = ["192.0.2.0/28", "192.0.2.8/29", "2001:db8:7::/48"]
WINDOW: Object = {"begins": BEGINS, "ends": ENDS}


def announce(node: Node, other: Node, title: str = "Survey", **fields: Any) -> str:
    """Announce a research scan of three ranges to one other party; ``fields`` are a charter's."""
    terms: Object = {"activity": "scan", **WINDOW, "ranges": [*RANGES], "effect": "none"}
    given = {"protocol": "trust/planned", "terms": terms} | fields
    return incident(node, other, title, **given)


@pytest.fixture
def pair(nodes: Nodes) -> tuple[Node, Node]:
    """Orvanda, which looks things up, and Tolmere, which announces."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    return orvanda, tolmere


def look(node: Node, address: str = "192.0.2.9", at: int = AT, margin: int = 0) -> Explained:
    return explaining.explain(Machine(node), explaining.question(address, at, margin))


def found(node: Node, *asked: Any) -> list[Announcement]:
    return [*look(node, *asked).announcements]


def test_an_address_is_explained_by_who_announced_it(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    dossier = announce(tolmere, orvanda)
    assert found(orvanda) == []
    pass_on(tolmere, orvanda)
    answer = look(orvanda)
    (each,) = answer.announcements
    assert (each.dossier, each.title, each.tlp) == (dossier, "Survey", "amber")
    assert (each.party, each.name) == (tolmere.me, "tolmere")
    assert each.ranges == ("192.0.2.0/28", "192.0.2.8/29")
    assert (each.begins, each.ends) == (BEGINS, ENDS)
    assert (each.status, each.label, each.explains) == ("announced", "Announced", True)
    assert (each.said, each.received, each.afterwards) == (START, START, False)
    assert (answer.range, answer.at, answer.margin, answer.more) == ("192.0.2.9", AT, 0, 0)
    assert answer.note.startswith("That no announcement is found proves nothing")
    assert found(tolmere)[0].dossier == dossier


@pytest.mark.parametrize(
    ("address", "ranges"),
    [
        ("192.0.2.0", ["192.0.2.0/28"]),
        ("192.0.2.15", ["192.0.2.0/28", "192.0.2.8/29"]),
        ("192.0.2.16", []),
        ("192.0.1.255", []),
        ("192.0.2.0/24", ["192.0.2.0/28", "192.0.2.8/29"]),
        ("0.0.0.0/0", ["192.0.2.0/28", "192.0.2.8/29"]),
        ("192.0.2.8/30", ["192.0.2.0/28", "192.0.2.8/29"]),
        ("192.0.2.128/25", []),
        ("2001:db8:7::1", ["2001:db8:7::/48"]),
        ("2001:db8:7:ffff:ffff:ffff:ffff:ffff", ["2001:db8:7::/48"]),
        ("2001:db8:8::", []),
        ("::/0", ["2001:db8:7::/48"]),
    ],
)
def test_ranges_hold_and_meet(pair: tuple[Node, Node], address: str, ranges: list[str]) -> None:
    announce(pair[1], pair[0])
    assert [r for each in found(pair[1], address) for r in each.ranges] == ranges


def test_a_window_holds_both_its_instants_and_a_margin_is_told(pair: tuple[Node, Node]) -> None:
    node = pair[1]
    announce(node, pair[0])
    for at in (BEGINS, ENDS):
        assert [each.within for each in found(node, "192.0.2.1", at)] == [True]
    for at, margin in ((BEGINS - 1, 0), (ENDS + 1, 0), (BEGINS - 60_001, 1), (ENDS + 60_001, 1)):
        assert found(node, "192.0.2.1", at, margin) == []
    for at in (BEGINS - 60_000, ENDS + 60_000):
        assert [each.within for each in found(node, "192.0.2.1", at, 1)] == [False]


def test_what_was_cancelled_explains_nothing_and_is_named(pair: tuple[Node, Node]) -> None:
    node, other = pair
    announce(node, other, "Kept")
    second = announce(node, other, "Cancelled")
    say_cited(node, second, "cancel", {"reason": "postponed"})
    told = [(each.title, each.explains, each.label) for each in found(node)]
    assert told == [("Kept", True, "Announced"), ("Cancelled", False, "Cancelled")]


def say_cited(node: Node, dossier: str, kind: str, body: Object) -> None:
    """Say something that cites the announcement."""
    issue.issue(node, dossier_id=dossier, draft=Draft(kind, body, refs=(Id(dossier),)))


def test_the_last_word_is_looked_up(nodes: Nodes, pair: tuple[Node, Node]) -> None:
    node = pair[1]
    dossier = announce(node, pair[0])
    nodes.clock.advance(1000)
    say_cited(node, dossier, "amend", {"begins": BEGINS, "ends": BEGINS + 1})
    assert found(node) == []
    (each,) = found(node, "192.0.2.9", BEGINS)
    assert each.said == START + 1000
    say_cited(
        node, dossier, "amend", {"begins": BEGINS, "ends": ENDS, "ranges": ["198.51.100.0/24"]}
    )
    assert found(node) == []
    assert len(found(node, "198.51.100.9")) == 1


def test_what_is_over_explains_nothing_later(nodes: Nodes, pair: tuple[Node, Node]) -> None:
    node = pair[1]
    dossier = announce(node, pair[0])
    nodes.clock.advance(HOUR + 1000)
    say_cited(node, dossier, "end", {"course": "early"})
    assert found(node) == []
    (each,) = found(node, "192.0.2.9", BEGINS)
    assert (each.ends, each.label, each.explains) == (BEGINS + 1000, "Over", True)


def test_what_was_announced_afterwards_says_so(nodes: Nodes, pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    nodes.clock.advance(2 * HOUR + 1)
    announce(tolmere, orvanda)
    assert [each.afterwards for each in found(tolmere)] == [True]
    assert [each.afterwards for each in found(tolmere, "192.0.2.9", AT + 1)] == [False]
    # Nobody here can vouch for more than when it came.
    nodes.clock.advance(HOUR)
    pass_on(tolmere, orvanda)
    (each,) = found(orvanda, "192.0.2.9", AT + 1)
    assert (each.said, each.received) == (AT + 1, AT + 1 + HOUR)
    assert each.afterwards


def test_it_is_found_without_its_words(pair: tuple[Node, Node]) -> None:
    node = pair[1]
    dossier = announce(node, pair[0])
    erasure.erase(node, Id(dossier), reason="personal_data")
    (each,) = found(node)
    assert each.title.startswith("Planned activity · research scan · tolmere ·")


def test_it_is_found_after_everything_was_computed_anew(pair: tuple[Node, Node]) -> None:
    node = pair[1]
    announce(node, pair[0])
    before = look(node)
    query(node.db, "UPDATE store_subject SET ends = 0")
    assert found(node) == []
    assert [f.words for f in fsck.check(node).findings] == [
        "What is stored of it is not what is computed (subjects). Run `comity rebuild`."
    ]
    rebuild(node)
    assert look(node) == before
    assert fsck.check(node).findings == []


def test_a_node_that_lacks_the_protocol_keeps_nothing_of_it(pair: tuple[Node, Node]) -> None:
    node = pair[1]
    announce(node, pair[0])
    node.protocols = {k: p for k, p in node.protocols.items() if k[0] != "trust/planned"}
    rebuild(node)
    assert query(node.db, "SELECT COUNT(*) FROM store_subject") == [(0,)]


def test_nobody_finds_what_mandates_do_not_show(pair: tuple[Node, Node]) -> None:
    node, other = pair
    red: Mandate = shipped()["duty_officer"]
    with writing(node.db):
        save_mandate(node.db, "analyst", {**red.to_object(), "ceiling": "red"}, node.now())
    ada, bea = hire(node, "Ada", "analyst"), hire(node, "Bea", "analyst")
    ann, auditor = hire(node, "Ann", "duty_officer"), hire(node, "Ed", "auditor")
    announce(node, other, "Open", ceiling=TLP.GREEN)
    announce(node, other, "Only Ada's", ceiling=TLP.RED, readers=((node.me, ada.handle),))
    seen = {
        actor.name: {a.title for a in explaining.explain(Desk(node, actor), asked()).announcements}
        for actor in (ada, bea, ann, auditor)
    }
    assert seen == {"Ada": {"Open", "Only Ada's"}, "Bea": {"Open"}, "Ann": {"Open"}, "Ed": set()}


def asked() -> explaining.Question:
    return explaining.question("192.0.2.9", AT)


def test_what_is_left_out_is_counted(
    pair: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, other = pair
    for n in range(3):
        announce(node, other, f"Survey {n}")
    monkeypatch.setattr(explaining, "SHOWN", 2)
    answer = look(node)
    assert (len(answer.announcements), answer.more) == (2, 1)


def test_what_a_person_may_not_see_crowds_nothing_out(
    pair: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, other = pair
    with writing(node.db):
        low = {**shipped()["duty_officer"].to_object(), "ceiling": "green"}
        save_mandate(node.db, "analyst", low, node.now())
    ada = Desk(node, hire(node, "Ada", "analyst"))
    announce(node, other, "Hidden")
    announce(node, other, "Open", ceiling=TLP.GREEN)
    monkeypatch.setattr(explaining, "LOOKED_AT", 3)
    assert [a.title for a in explaining.explain(ada, asked()).announcements] == ["Open"]
    with pytest.raises(Refusal, match="ask about a smaller range"):
        explaining.explain(Machine(node), asked())


def test_a_look_up_asks_the_database_the_same_however_much_is_found(
    pair: tuple[Node, Node],
) -> None:
    node, other = pair
    counts = []
    for n in range(3):
        announce(node, other, f"Survey {n}")
        with counted(node.db) as statements:
            assert len(found(node)) == n + 1
        counts.append(len(statements))
    assert len({*counts}) == 1, counts


def test_a_protocol_of_another_kind_is_not_found(pair: tuple[Node, Node]) -> None:
    node, other = pair
    announce(node, other)
    query(node.db, "UPDATE store_dossier SET protocol = 'sharing/circle'")
    assert found(node) == []


def test_what_else_is_planned_leads_to_its_dossier(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    theirs, mine = announce(tolmere, orvanda), announce(orvanda, tolmere, "Exercise")
    pass_on(tolmere, orvanda)
    say(orvanda, theirs, "conflict", {"clash": "time", "dossier": mine})
    pass_on(orvanda, tolmere)
    for node in pair:
        for dossier, title, named in ((theirs, "Exercise", True), (mine, "Survey", False)):
            (other,) = Machine(node).file(dossier).related
            assert (other.title, other.how, other.named) == (title, "cites", named)
    rebuild(tolmere)
    assert len(Machine(tolmere).file(mine).related) == 1


@pytest.mark.parametrize(
    ("address", "margin", "subject", "says"),
    [
        ("harbour", 0, "address", "The address cannot be read: write an address or a range"),
        ("192.0.2.1/24", 0, "address", "a range begins with its first address: 192.0.2.0/24"),
        ("", 0, "address", "write an address or a range"),
        ("192.0.2.1", -1, "margin", "Give a margin of 0 to 10080 minutes."),
        ("192.0.2.1", 10_081, "margin", "Give a margin of 0 to 10080 minutes."),
    ],
)
def test_what_cannot_be_asked_says_what_to_write(
    address: str, margin: int, subject: str, says: str
) -> None:
    with pytest.raises(Refusal, match=says) as caught:
        explaining.question(address, AT, margin)
    assert (caught.value.rule, caught.value.subject) == ("S4", subject)
