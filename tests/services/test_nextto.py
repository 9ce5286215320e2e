"""Who should be told next: proposed from what parties said and from the directory, and told by
nobody but people.
"""

from __future__ import annotations

import pytest

from comity.kernel.canon import Value
from comity.kernel.ids import Id
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.response import nextto
from comity.services.response.nextto import CONTACT, INVITE, WAITS, ToTell
from comity.store.access import acts as access
from tests.edge.test_web_dossiers import incident
from tests.kernel.world import refused
from tests.nodes import Nodes, introduce, open_tally, pass_on, say
from tests.services.phonebook import DAY, community, nominate
from tests.services.test_carry import queries

NAMES = ("orvanda", "tolmere", "sarivane", "fennick", "wicklight")


@pytest.fixture
def town(nodes: Nodes) -> list[Node]:
    """Five parties that know each other."""
    made = [nodes.make(name) for name in NAMES]
    introduce(*made)
    return made


@pytest.fixture
def cranes(town: list[Node]) -> Id:
    """An incident of Orvanda and Tolmere, which has received it."""
    orvanda, tolmere, *_ = town
    dossier = incident(orvanda, tolmere, "Cranes stop", growth="chair", chair=orvanda.me)
    assert pass_on(orvanda, tolmere) == []
    return dossier


def found(node: Node, dossier: Id) -> list[ToTell]:
    return [*nextto.proposed(Machine(node), dossier).proposed]


def forum(town: list[Node], *who: Node, **fields: str) -> None:
    """Let each of some parties tell Orvanda of a contact for its seat."""
    for node in who:
        nominate(node, community(node, town[0]), **fields)
        assert pass_on(node, town[0]) == []


def test_nobody_is_proposed_before_anybody_says_whom_it_affects(
    town: list[Node], cranes: Id
) -> None:
    forum(town, town[2], constituency="Energy of Sarivane")
    assert found(town[0], cranes) == []


def test_who_is_affected_and_takes_no_part_is_proposed_with_who_said_so(
    town: list[Node], cranes: Id
) -> None:
    orvanda, tolmere, sarivane, *_ = town
    hit: list[Value] = [*sorted((tolmere.me, sarivane.me, orvanda.me))]
    say(tolmere, cranes, "describe", {"parties": hit})
    assert pass_on(tolmere, orvanda) == []
    told = "Its people or services are affected, as tolmere said."
    assert found(orvanda, cranes) == [ToTell(sarivane.me, "sarivane", "", INVITE, (told,))]


def test_a_member_that_has_not_received_an_own_opening_stands_first(
    town: list[Node],
) -> None:
    orvanda, tolmere, sarivane, *_ = town
    dossier = incident(orvanda, tolmere, "Cranes stop")
    say(orvanda, dossier, "describe", {"parties": [sarivane.me]})
    first, second = found(orvanda, dossier)
    assert (first.name, first.way, first.why) == ("tolmere", WAITS, (nextto.NOT_RECEIVED,))
    assert second.name == "sarivane"
    assert pass_on(orvanda, tolmere) == []
    assert [each.name for each in found(orvanda, dossier)] == ["sarivane"]
    assert [each.name for each in found(tolmere, dossier)] == ["sarivane"]


def test_who_speaks_for_the_seat_of_an_affected_party_is_proposed(
    town: list[Node], cranes: Id
) -> None:
    orvanda, _, sarivane, fennick, wicklight = town
    forum(town, sarivane, fennick, seat="sa")
    forum(town, wicklight, seat="wi")
    say(orvanda, cranes, "describe", {"parties": [sarivane.me]})
    named, other = found(orvanda, cranes)
    assert named.name == "sarivane"
    told = "It speaks for sa, as sarivane does, which is affected."
    assert (other.name, other.why) == ("fennick", (told,))


def test_who_answers_for_an_affected_sector_is_proposed_by_its_own_words(
    town: list[Node], cranes: Id
) -> None:
    orvanda, tolmere, sarivane, fennick, wicklight = town
    forum(town, tolmere, sarivane, constituency="Energy and drinking water", seat="sa")
    forum(town, fennick, constituency="Bioenergy and other fuels", seat="fe")
    forum(town, wicklight, constituency="Banks. " + "x" * 200 + " health", seat="wi")
    say(orvanda, cranes, "describe", {"sectors": ["drinking_water", "energy", "other"]})
    (each,) = found(orvanda, cranes)
    told = "(Drinking water, Energy): Energy and drinking water"
    assert (each.name, each.why) == (
        "sarivane",
        (f"By its own words it answers for a sector that is affected {told}",),
    )
    say(orvanda, cranes, "describe", {"sectors": ["health"]})
    (each,) = found(orvanda, cranes)
    assert each.name == "wicklight"
    assert each.why[0].endswith(" …")


def test_what_a_contact_says_that_it_answers_for_goes_before_words(
    town: list[Node], cranes: Id
) -> None:
    orvanda, tolmere, sarivane, fennick, wicklight = town
    forum(town, wicklight, constituency="Energy", seat="wick")
    forum(town, fennick, sectors="energy,health", constituency="Hospitals", seat="fenn")
    forum(town, sarivane, sectors="energy", states="SA,TO", seat="sari")
    forum(town, tolmere, sectors="energy", seat="tolm")
    say(orvanda, cranes, "describe", {"sectors": ["energy", "other"], "states": ["to"]})
    assert [(each.name, *each.why) for each in found(orvanda, cranes)] == [
        ("sarivane", "It serves TO, and answers for a sector that is affected: Energy."),
        ("fennick", "It answers for a sector that is affected: Energy."),
        (
            "wicklight",
            "By its own words it answers for a sector that is affected (Energy): Energy",
        ),
    ]


def test_who_says_for_what_it_answers_is_not_proposed_for_other_words(
    town: list[Node], cranes: Id
) -> None:
    orvanda, _, sarivane, fennick, wicklight = town
    forum(town, fennick, sectors="health", constituency="Not energy", seat="fenn")
    forum(town, sarivane, states="sa", sectors="energy", seat="sari")
    forum(town, wicklight, constituency="Energy", seat="wi")
    say(orvanda, cranes, "describe", {"sectors": ["energy"], "states": ["to"]})
    assert found(orvanda, cranes) == []


def test_who_serves_a_state_with_effects_is_proposed_by_its_seat_too(
    town: list[Node], cranes: Id
) -> None:
    orvanda, _, sarivane, fennick, wicklight = town
    forum(town, fennick, seat="fe")
    forum(town, sarivane, states="fe,sa", seat="sari")
    forum(town, wicklight, states="fe", sectors="health", seat="wick")
    say(orvanda, cranes, "describe", {"states": ["fe"]})
    told = "It serves a state where the incident has effects: FE."
    assert [(each.name, each.why) for each in found(orvanda, cranes)] == [
        ("fennick", (told,)),
        ("sarivane", (told,)),
        ("wicklight", (told,)),
    ]
    say(orvanda, cranes, "describe", {"states": ["fe"], "sectors": ["energy"]})
    assert [each.name for each in found(orvanda, cranes)] == ["fennick", "sarivane"]


def test_what_is_over_or_has_not_begun_proposes_nobody(
    nodes: Nodes, town: list[Node], cranes: Id
) -> None:
    orvanda, _, sarivane, fennick, _ = town
    forum(town, sarivane, sectors="energy", seat="sari", until="2026-12-01T00:00Z")
    forum(town, fennick, sectors="energy", seat="fenn", since="2099-01-01T00:00Z")
    say(orvanda, cranes, "describe", {"sectors": ["energy"]})
    assert [each.name for each in found(orvanda, cranes)] == ["sarivane"]
    nodes.clock.advance(365 * DAY)
    assert found(orvanda, cranes) == []


def test_of_what_was_copied_a_contact_is_proposed_unless_its_seat_takes_part(
    town: list[Node], cranes: Id
) -> None:
    orvanda, tolmere, _, fennick, _ = town
    copied = {"source": "imported", "constituency": "Energy"}
    forum(town, fennick, **copied, seat="zz", holder="Zenith desk")
    forum(town, fennick, **copied, seat="to", holder="Tolmere desk")
    say(orvanda, cranes, "describe", {"sectors": ["energy"]})
    assert [each.seat for each in found(orvanda, cranes)] == ["to", "zz"]
    forum(town, tolmere, seat="to")
    (each,) = found(orvanda, cranes)
    assert (each.party, each.name, each.seat, each.way) == ("", "Zenith desk", "zz", CONTACT)


def test_an_exercise_proposes_contacts_of_its_own_and_no_others(
    town: list[Node], cranes: Id
) -> None:
    orvanda, tolmere, sarivane, fennick, _ = town
    nominate(sarivane, community(sarivane, orvanda, realm="crystal"), constituency="Energy")
    assert pass_on(sarivane, orvanda) == []
    forum(town, fennick, constituency="Energy", seat="fe")
    exercise = incident(orvanda, tolmere, "Cranes stop", realm="crystal")
    assert pass_on(orvanda, tolmere) == []
    for dossier, name in ((cranes, "fennick"), (exercise, "sarivane")):
        say(orvanda, dossier, "describe", {"sectors": ["energy"]})
        assert [each.name for each in found(orvanda, dossier)] == [name]


def test_the_strongest_reason_stands_first_and_the_rest_is_left_out(
    town: list[Node], cranes: Id, monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, _, sarivane, fennick, wicklight = town
    forum(town, fennick, wicklight, constituency="Energy", seat="fe")
    hit: list[Value] = [*sorted((sarivane.me, wicklight.me))]
    say(orvanda, cranes, "describe", {"sectors": ["energy"], "parties": hit})
    all_ = found(orvanda, cranes)
    assert [each.name for each in all_] == ["wicklight", "sarivane", "fennick"]
    assert len(all_[0].why) == 2
    monkeypatch.setattr(nextto, "MOST", 2)
    some = nextto.proposed(Machine(orvanda), cranes)
    assert (len(some.proposed), some.left) == (2, 1)


def test_looking_sends_nothing_and_invites_nobody(town: list[Node], cranes: Id) -> None:
    orvanda, sarivane = town[0], town[2]
    say(orvanda, cranes, "describe", {"parties": [sarivane.me]})
    before = access.newest_act(orvanda.db)
    with queries(orvanda) as run:
        assert found(orvanda, cranes)
    assert access.newest_act(orvanda.db) == before
    assert not [sql for sql in run if "store_delivery" in sql and not sql.startswith("SELECT")]


def test_what_is_no_incident_proposes_nobody(town: list[Node]) -> None:
    tally = open_tally(town[0], town[1])
    with refused("S3"):
        nextto.proposed(Machine(town[0]), tally)
