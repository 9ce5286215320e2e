"""Advisories under embargo: announced, and published together at the agreed end, never before."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import orjson
import pytest

from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.protocols.response.disclosure.codes import DAY
from comity.services.casework import dossiers, issue, signing
from comity.services.casework.desk import Desk
from comity.services.casework.inbox import Machine
from comity.services.node import Node
from comity.services.people import awaiting, notices
from comity.services.people.mandates import shipped
from comity.services.response import announcing, disclosures, outgoing
from comity.services.response.announcing import Wish
from comity.services.response.placing import Places
from comity.services.sharing import applying
from comity.store.access import announcements as access
from comity.store.access.announcements import EARLY, FAILED, OUT, WAITING
from comity.store.append import announcements as append
from comity.store.append.people import save_mandate
from comity.store.sql import query, writing
from tests.bridges.csaf.samples import data, new
from tests.edge.test_web_dossiers import incident
from tests.kernel.world import refused
from tests.network.test_consent import agree, everything_in, propose, report
from tests.nodes import Nodes, introduce, open_tally, pass_on, say
from tests.services.staff import hire
from tests.sharing import entries, open_circle

CANARY = "spoonbill-under-glass"
NAMES = ("orvanda", "tolmere", "sarivane")
URL = "https://advisories.example/csaf"


def advisory(of: str, *, status: str = "final", label: str = "CLEAR") -> tuple[str, bytes]:
    """Return the name and bytes of a valid advisory whose title is the canary."""
    doc = new()
    doc["document"]["title"] = f"{CANARY} {of}"
    doc["document"]["tracking"]["id"] = f"{of}-2026-1"
    doc["document"]["tracking"]["status"] = status
    doc["document"]["distribution"]["tlp"]["label"] = label
    return f"{of}-2026-1.json", data(doc)


@pytest.fixture
def parties(nodes: Nodes) -> tuple[Node, Node, Node]:
    """Three nodes that know each other, each with a folder for advisories."""
    made = tuple(map(nodes.make, NAMES))
    introduce(*made)
    for node in made:
        node.settings = replace(node.settings, advisories="csaf", advisories_url=URL)
    one, two, three = made
    return one, two, three


def everyone(parties: tuple[Node, ...]) -> None:
    """Let what each said reach all others."""
    for one in parties:
        for other in parties:
            if one is not other:
                assert not pass_on(one, other)


def embargoed(parties: tuple[Node, ...], days: int = 30) -> tuple[Id, Id]:
    """Return a case that all hold to terms of, and the terms."""
    first, *others = parties
    dossier = report(first, *others)
    terms = propose(first, dossier, days=days)
    everyone(parties)
    for other in others:
        agree(other, dossier, terms)
    everyone(parties)
    return dossier, terms


def announce(node: Node, dossier: Id, *circles: Id, provider: bool = True) -> Wish:
    name, raw = advisory(node.settings.name)
    wish = Wish(name, raw, Places(circles, provider))
    announcing.announce(Machine(node), dossier, wish)
    return wish


def published(node: Node) -> bool:
    """Say whether the canary is in what this node serves as a provider."""
    folder = node.folder / "csaf"
    return folder.is_dir() and CANARY in "".join(
        each.read_text("utf-8", "replace") for each in folder.rglob("*") if each.is_file()
    )


def end_of(node: Node, dossier: Id) -> int:
    end = disclosures.case(node, dossier).end
    assert end is not None
    return end


def only(node: Node, dossier: Id) -> access.AnnouncementRow:
    (row,) = access.of_dossier(node.db, dossier)
    return row


def test_equals_publish_at_one_instant_and_none_a_millisecond_before(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    dossier, _ = embargoed(parties)
    wishes = [announce(node, dossier) for node in parties]
    everyone(parties)
    end = end_of(parties[0], dossier)
    nodes.clock.time = end - 1
    for node in parties:
        assert outgoing.look(node) == end
        assert not published(node)
    nodes.clock.time = end
    for node in parties:
        outgoing.look(node)
        assert published(node)
        assert only(node, dossier).state == OUT
    everyone(parties)
    found = disclosures.case(parties[0], dossier)
    assert found.spread == 0
    said = {each.published.hash for each in found.parties if each.published}
    assert said == {hashlib.sha256(wish.data).hexdigest() for wish in wishes}
    assert {each.published.due for each in found.parties if each.published} == {end}


def test_nothing_of_it_is_anywhere_else_before(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, sarivane = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    everyone((orvanda, tolmere))
    announce(orvanda, dossier, circle)
    nodes.clock.time = end_of(orvanda, dossier) - 1
    outgoing.look(orvanda)
    everyone(parties)
    for node in (tolmere, sarivane):
        assert CANARY.encode() not in everything_in(node.folder)
    found = access.waiting(orvanda.db)
    assert [each.state for each in found] == [WAITING]
    assert not (orvanda.folder / "csaf").exists()
    assert shelved(orvanda, circle) == []
    nodes.clock.advance(1)
    outgoing.look(orvanda)
    assert any(CANARY.encode() in each for each in shelved(orvanda, circle))
    everyone((orvanda, tolmere))
    assert CANARY.encode() in everything_in(tolmere.folder)
    assert CANARY.encode() not in everything_in(sarivane.folder)


def shelved(node: Node, circle: Id) -> list[bytes]:
    """Return what TAXII serves of a circle."""
    applying.work(node)
    return [each.data for each in entries(node, circle=circle)]


def test_who_was_away_at_the_end_publishes_when_it_is_back_and_is_seen_to_be_late(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    for node in parties:
        announce(node, dossier)
    everyone(parties)
    end = end_of(orvanda, dossier)
    nodes.clock.time = end
    outgoing.look(tolmere)
    nodes.clock.time = end + 3 * DAY
    everyone(parties)
    again = nodes.reopen("orvanda")
    again.settings = orvanda.settings
    outgoing.look(again)
    everyone(parties)
    found = disclosures.case(tolmere, dossier)
    assert found.spread == 3 * DAY
    (late,) = [e.published for e in found.parties if e.name == "orvanda"]
    assert late is not None
    assert (late.time, late.due) == (end + 3 * DAY, end)


def test_a_withdrawal_ends_it_for_people_to_decide(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, sarivane = parties
    dossier, terms = embargoed(parties)
    announce(orvanda, dossier)
    end = end_of(orvanda, dossier)
    with refused("S2"):
        announcing.publish_now(Machine(orvanda), dossier)
    say(sarivane, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    everyone(parties)
    assert outgoing.look(orvanda) is None
    assert only(orvanda, dossier).told == EARLY
    nodes.clock.time = end + DAY
    outgoing.look(orvanda)
    assert not published(orvanda)
    announcing.publish_now(Machine(orvanda), dossier)
    assert published(orvanda)
    everyone(parties)
    (done,) = [e.published for e in disclosures.case(tolmere, dossier).parties if e.published]
    assert (done.time, done.due) == (end + DAY, None)
    with refused("S3"):
        announcing.publish_now(Machine(orvanda), dossier)


def test_a_withdrawal_that_is_dated_after_the_end_is_one_all_the_same(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, _, sarivane = parties
    dossier, terms = embargoed(parties)
    announce(orvanda, dossier)
    now, end = nodes.clock.time, end_of(orvanda, dossier)
    nodes.clock.time = end + 1
    say(sarivane, dossier, "withdraw", {"reason": "law"}, refs=[terms])
    nodes.clock.time = now
    everyone((sarivane, orvanda))
    outgoing.look(orvanda)
    nodes.clock.time = end
    outgoing.look(orvanda)
    assert not published(orvanda)


def test_a_claim_counts_by_this_nodes_own_rule_and_until_it_is_taken_back(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, sarivane = parties
    dossier, _ = embargoed(parties)
    for node in parties[:2]:
        announce(node, dossier)
    end = end_of(orvanda, dossier)
    claim = say(sarivane, dossier, "claim", {"what": "exploit", "basis": "own"})
    everyone(parties)
    # One other party is not believed, unless this node says so.
    assert outgoing.look(orvanda) == end
    tolmere.settings = replace(tolmere.settings, believed_parties=1)
    assert outgoing.look(tolmere) is None
    assert only(tolmere, dossier).told == EARLY
    say(sarivane, dossier, "retract", {}, refs=[claim])
    everyone(parties)
    assert outgoing.look(tolmere) == end
    assert only(tolmere, dossier).told == ""
    say(sarivane, dossier, "claim", {"what": "exploit", "basis": "own"})
    everyone(parties)
    nodes.clock.time = end
    for node in (orvanda, tolmere):
        outgoing.look(node)
    assert (published(orvanda), published(tolmere)) == (True, False)


def test_that_others_with_faster_clocks_published_as_agreed_stops_nobody(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    tolmere.settings = replace(tolmere.settings, believed_parties=1)
    for node in (orvanda, tolmere):
        announce(node, dossier)
    end = end_of(orvanda, dossier)
    nodes.clock.time = end
    outgoing.look(orvanda)
    nodes.clock.time = end - 5000
    everyone((orvanda, tolmere))
    assert disclosures.case(tolmere, dossier).belief.because is not None
    assert outgoing.look(tolmere) == end
    nodes.clock.time = end
    outgoing.look(tolmere)
    assert published(tolmere)


def test_a_changed_end_moves_it(nodes: Nodes, parties: tuple[Node, Node, Node]) -> None:
    orvanda, tolmere, sarivane = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    first = end_of(orvanda, dossier)
    sooner = propose(tolmere, dossier, days=9)
    everyone(parties)
    assert outgoing.look(orvanda) == first
    agree(sarivane, dossier, sooner)
    everyone(parties)
    assert outgoing.look(orvanda) == first - 21 * DAY
    nodes.clock.time = first - 21 * DAY
    outgoing.look(orvanda)
    assert published(orvanda)
    assert only(orvanda, dossier).due == first - 21 * DAY


def test_an_end_that_others_agree_to_when_it_is_past_lets_nothing_out(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, sarivane = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    sooner = propose(tolmere, dossier, days=2)
    everyone(parties)
    nodes.clock.advance(3 * DAY)
    agree(sarivane, dossier, sooner)
    everyone(parties)
    outgoing.look(orvanda)
    assert not published(orvanda)
    assert only(orvanda, dossier).told == EARLY


def test_an_end_of_which_we_hear_when_it_is_past_lets_nothing_out(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, sarivane = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    everyone(parties)
    # Their words are dated before the end, as those are that somebody dates back.
    sooner = propose(tolmere, dossier, days=2)
    assert not pass_on(tolmere, sarivane)
    agree(sarivane, dossier, sooner)
    nodes.clock.advance(3 * DAY)
    everyone(parties)
    assert disclosures.case(orvanda, dossier).end == end_of(tolmere, dossier) < orvanda.now()
    outgoing.look(orvanda)
    assert not published(orvanda)
    assert only(orvanda, dossier).told == EARLY


def test_nobody_moves_with_its_own_guest_when_others_publish(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    sooner = propose(tolmere, dossier, days=2)
    agreed: dict[str, Any] = {"kind": "accept", "body": {"duties": ["none"]}}
    say(tolmere, dossier, "record", {**agreed, "letter": sooner, "guest": "x"}, refs=[sooner])
    everyone(parties)
    end = end_of(orvanda, dossier)
    assert end == nodes.clock.time + 2 * DAY
    nodes.clock.time = end
    outgoing.look(orvanda)
    assert not published(orvanda)
    assert only(orvanda, dossier).told == EARLY


def test_what_is_taken_back_goes_nowhere_and_is_forgotten(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    say(orvanda, dossier, "unready")
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    assert not published(orvanda)
    assert access.of_dossier(orvanda.db, dossier) == []


def test_what_is_announced_anew_takes_the_place_of_the_other(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    name, raw = advisory("second")
    announcing.announce(Machine(orvanda), dossier, Wish(name, raw, Places((), provider=True)))
    outgoing.look(orvanda)
    assert only(orvanda, dossier).name == name
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    assert [each.name for each in (orvanda.folder / "csaf").rglob("second*.json")] == [name]
    assert not [*(orvanda.folder / "csaf").rglob("orvanda-2026*")]


def test_the_table_says_who_is_ready_who_is_not_and_who_is_silent(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    say(tolmere, dossier, "unready")
    everyone(parties)
    found = {e.name: e.advisory for e in disclosures.case(tolmere, dossier).parties}
    assert found == {"orvanda": "ready", "tolmere": "not_ready", "sarivane": ""}


def test_what_could_not_go_out_is_refused_before_it_is_announced(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    name, raw = advisory("orvanda")
    out, desk = Places((), provider=True), Machine(orvanda)
    doc = orjson.loads(raw)
    del doc["document"]["title"]
    for rule, wish in {
        "X41": Wish(name, orjson.dumps(doc), out),
        "X40": Wish(name, b"{", out),
        "X43": Wish("other.json", raw, out),
        "X49": Wish(*advisory("orvanda", status="draft"), Places((circle,), provider=False)),
        "X47": Wish(*advisory("orvanda", label="AMBER"), out),
        "X23": Wish(*advisory("orvanda", label="AMBER+STRICT"), Places((circle,), provider=False)),
        "S4": Wish(name, raw, Places((), provider=False)),
    }.items():
        with refused(rule):
            announcing.announce(desk, dossier, wish)
    orvanda.settings = replace(orvanda.settings, advisories="")
    with refused("S4"):
        announcing.announce(desk, dossier, Wish(name, raw, out))
    with refused("S10"):
        announcing.announce(desk, dossier, Wish(name, raw, Places((dossier,), provider=False)))
    assert access.of_dossier(orvanda.db, dossier) == []


def test_without_an_end_to_come_nothing_is_announced(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *others = parties
    dossier = report(orvanda, *others)
    with refused("S2"):
        announce(orvanda, dossier)
    dossier, _ = embargoed(parties)
    nodes.clock.time = end_of(orvanda, dossier)
    with refused("S2"):
        announce(orvanda, dossier)


def test_what_cannot_go_out_is_told_and_tried_again(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    nodes.clock.time = end_of(orvanda, dossier)
    (orvanda.folder / "csaf").write_text("in the way")
    assert outgoing.look(orvanda) == nodes.clock.time + outgoing.AGAIN
    row = only(orvanda, dossier)
    assert (row.state, row.told) == (WAITING, FAILED)
    assert row.trouble
    (orvanda.folder / "csaf").unlink()
    outgoing.look(orvanda)
    assert not published(orvanda)
    nodes.clock.advance(outgoing.AGAIN)
    outgoing.look(orvanda)
    assert published(orvanda)
    assert only(orvanda, dossier).told == ""


def test_where_one_place_fails_it_is_out_in_the_others_and_the_rest_is_tried_again(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    announce(orvanda, dossier, circle)
    nodes.clock.time = end = end_of(orvanda, dossier)
    (orvanda.folder / "csaf").write_text("in the way")
    assert outgoing.look(orvanda) == end + outgoing.AGAIN
    row = only(orvanda, dossier)
    assert (row.state, row.told, row.places) == (OUT, FAILED, (circle,))
    assert shelved(orvanda, circle)
    (orvanda.folder / "csaf").unlink()
    assert outgoing.look(orvanda) == end + outgoing.AGAIN
    nodes.clock.time = end + outgoing.AGAIN
    assert outgoing.look(orvanda) is None
    assert published(orvanda)
    row = only(orvanda, dossier)
    assert (row.told, row.trouble, row.out_at, len(row.places)) == ("", "", end, 2)
    everyone(parties)
    found = disclosures.case(tolmere, dossier).parties
    assert [each.published.time for each in found if each.published] == [end]


def test_one_that_is_refused_by_now_keeps_no_other_back(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    announce(orvanda, dossier, circle)
    later, _ = embargoed(parties, days=31)
    announce(orvanda, later, circle, provider=False)
    nodes.clock.time = end_of(orvanda, dossier)
    (orvanda.folder / "csaf").write_text("in the way")
    outgoing.look(orvanda)
    row = only(orvanda, dossier)
    assert (row.state, row.told) == (OUT, FAILED)
    query(orvanda.db, "UPDATE store_announcement SET data = %s WHERE id = %s", (b"{}", row.id))
    nodes.clock.time = now = end_of(orvanda, later)
    assert outgoing.look(orvanda) == now + outgoing.AGAIN
    assert only(orvanda, later).state == OUT
    row = only(orvanda, dossier)
    assert (row.state, row.told, row.places) == (OUT, FAILED, (circle,))
    assert row.trouble


def test_who_was_interrupted_publishes_once(
    nodes: Nodes, parties: tuple[Node, Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    announce(orvanda, dossier, circle)
    nodes.clock.time = end_of(orvanda, dossier)

    def crash(*_: object, **__: object) -> Id:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(issue, "issue", crash)
        with pytest.raises(KeyboardInterrupt):
            outgoing.look(orvanda)
    assert only(orvanda, dossier).state == WAITING
    nodes.clock.advance(outgoing.AGAIN)
    outgoing.look(orvanda)
    assert only(orvanda, dossier).state == OUT
    acts = dossiers.load(orvanda, circle).graph.nodes.values()
    assert [act.header.kind for act in acts].count("publish") == 1


def test_a_node_restored_from_an_older_copy_publishes_nothing_again(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    announce(orvanda, dossier)
    row = only(orvanda, dossier)
    raw = access.data(orvanda.db, row.id)
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    with writing(orvanda.db):
        query(orvanda.db, "DELETE FROM store_announcement")
        append.insert(orvanda.db, row, raw)
    nodes.clock.advance(DAY)
    outgoing.look(orvanda)
    found = only(orvanda, dossier)
    assert (found.state, found.out_at) == (OUT, nodes.clock.time - DAY)
    said = dossiers.load(orvanda, dossier).graph.nodes.values()
    assert [each.header.kind for each in said].count("publish") == 1


def test_what_is_announced_in_an_exercise_stays_in_it(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = parties
    given: dict[str, Any] = {"protocol": "response/disclosure", "terms": {"role": "finder"}}
    dossier = incident(orvanda, tolmere, "Flaw", realm="crystal", **given)
    terms = propose(orvanda, Id(dossier))
    everyone((orvanda, tolmere))
    agree(tolmere, Id(dossier), terms)
    everyone((orvanda, tolmere))
    circle = open_circle(orvanda, tolmere)
    for places in (Places((), provider=True), Places((circle,), provider=False)):
        with refused("S4"):
            announcing.announce(Machine(orvanda), dossier, Wish(*advisory("orvanda"), places))


# People


def test_one_who_needs_a_second_person_for_the_circle_needs_one_here(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    careful = replace(shipped()["duty_officer"], second=("sharing/circle:publish",))
    with writing(orvanda.db):
        save_mandate(orvanda.db, "duty_officer", careful.to_object(), orvanda.now())
    ada, bela = hire(orvanda, "Ada", "duty_officer"), hire(orvanda, "Bela", "duty_officer")
    desk = Desk(orvanda, ada)
    name, raw = advisory("orvanda")
    done = announcing.announce(desk, dossier, Wish(name, raw, Places((circle,), provider=False)))
    assert done.draft
    with refused("S12"):
        signing.sign(orvanda, ada, done.draft)
    nodes.clock.time = end_of(orvanda, dossier) - 1
    outgoing.look(orvanda)
    assert announcing.shown(desk, dossier)[0].stands is None
    with refused("S10"):
        signing.approve(orvanda, ada, done.draft)
    signing.approve(orvanda, bela, done.draft)
    nodes.clock.advance(1)
    outgoing.look(orvanda)
    (act,) = [
        each.header
        for each in dossiers.load(orvanda, circle).graph.nodes.values()
        if each.header.kind == "publish"
    ]
    assert act.body["by"] == {"role": "duty_officer", "approved_by": ["duty_officer"]}


@pytest.mark.parametrize("able", [False, True])
def test_an_emergency_in_the_case_is_none_in_the_circle(
    nodes: Nodes, parties: tuple[Node, Node, Node], *, able: bool
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    both = "sharing/circle:publish"
    override = ("response/disclosure:ready", *([both] if able else []))
    careful = replace(shipped()["duty_officer"], second=(both,), override=override)
    with writing(orvanda.db):
        save_mandate(orvanda.db, "duty_officer", careful.to_object(), orvanda.now())
    ada, bela = hire(orvanda, "Ada", "duty_officer"), hire(orvanda, "Bela", "duty_officer")
    wish = Wish(*advisory("orvanda"), Places((circle,), provider=False))
    done = announcing.announce(Desk(orvanda, ada), dossier, wish)
    signing.send_back(orvanda, bela, done.draft, "Not yet.")
    if able:
        signing.sign_in_emergency(orvanda, ada, done.draft, "People are at risk.")
    else:
        with refused("S10"):
            signing.sign_in_emergency(orvanda, ada, done.draft, "People are at risk.")
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    assert bool(shelved(orvanda, circle)) is able


def test_other_places_for_what_was_announced_are_not_taken_as_approved(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    dossier, _ = embargoed(parties)
    circle = open_circle(orvanda, tolmere, ceiling=TLP.AMBER)
    wish = announce(orvanda, dossier)
    nodes.clock.advance(1)
    ada = Desk(orvanda, hire(orvanda, "Ada", "analyst"))
    done = announcing.announce(
        ada, dossier, wish._replace(places=Places((circle,), provider=False))
    )
    assert done.draft
    assert [bool(each.stands) for each in announcing.shown(ada, dossier)] == [False, True]
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    assert published(orvanda)
    assert shelved(orvanda, circle) == []


def test_what_nobody_approved_goes_nowhere(nodes: Nodes, parties: tuple[Node, Node, Node]) -> None:
    orvanda, *_ = parties
    dossier, _ = embargoed(parties)
    ada = Desk(orvanda, hire(orvanda, "Ada", "analyst"))
    name, raw = advisory("orvanda")
    done = announcing.announce(ada, dossier, Wish(name, raw, Places((), provider=True)))
    assert done.draft
    nodes.clock.time = end_of(orvanda, dossier)
    outgoing.look(orvanda)
    assert not published(orvanda)
    assert only(orvanda, dossier).state == WAITING


def test_alone_and_at_once_publishes_who_may_alone(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, _, sarivane = parties
    dossier, terms = embargoed(parties)
    ada = Desk(orvanda, hire(orvanda, "Ada", "analyst"))
    bela = Desk(orvanda, hire(orvanda, "Bela", "duty_officer"))
    announce(orvanda, dossier)
    say(sarivane, dossier, "withdraw", {"reason": "safety"}, refs=[terms])
    everyone(parties)
    with refused("S10"):
        announcing.publish_now(ada, dossier)
    announcing.publish_now(bela, dossier)
    assert published(orvanda)


def test_people_are_told_of_an_early_end_once(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, _, sarivane = parties
    dossier, terms = embargoed(parties)
    ada = Desk(orvanda, hire(orvanda, "Ada", "duty_officer"))
    announce(orvanda, dossier)
    say(sarivane, dossier, "withdraw", {"reason": "safety"}, refs=[terms])
    everyone(parties)
    outgoing.look(orvanda)
    awaiting.gather(orvanda)
    told = [each for each in notices.of_desk(ada) if each.kind == notices.ADVISORY]
    assert [(each.dossier, each.stage, each.subject) for each in told] == [(dossier, "", EARLY)]
    announcing.publish_now(ada, dossier)
    awaiting.gather(orvanda)
    assert not [each for each in notices.of_desk(ada) if each.kind == notices.ADVISORY]


# Cases of one flaw


def two_cases(parties: tuple[Node, Node, Node]) -> tuple[Id, Id]:
    """Return a case of all under thirty days, and one of the first two under ten."""
    return embargoed(parties)[0], embargoed(parties[:2], days=10)[0]


def link(node: Node, one: Id, relation: str, other: Id) -> None:
    say(node, one, "link", {"relation": relation, "dossier": other})


@pytest.mark.parametrize("relation", ["merged_into", "split_from"])
@pytest.mark.parametrize("turned", [False, True])
def test_of_two_cases_of_one_flaw_the_earlier_end_binds_who_is_in_both(
    nodes: Nodes,
    parties: tuple[Node, Node, Node],
    relation: str,
    turned: bool,  # noqa: FBT001  pytest's form
) -> None:
    orvanda, tolmere, sarivane = parties
    long, short = two_cases(parties)
    for node in (orvanda, sarivane):
        announce(node, long)
    ten, thirty = end_of(orvanda, short), end_of(orvanda, long)
    assert ten < thirty
    # Whichever of the two says it, here the coordinator of both.
    link(orvanda, *((short, relation, long) if turned else (long, relation, short)))
    everyone(parties)
    assert [end_of(node, long) for node in parties] == [ten, ten, thirty]
    assert end_of(tolmere, short) == ten
    nodes.clock.time = ten
    for node in (orvanda, sarivane):
        outgoing.look(node)
    assert (published(orvanda), published(sarivane)) == (True, False)
    assert only(orvanda, long).due == ten


def test_who_is_neither_we_nor_the_coordinator_merges_nothing_for_us(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, tolmere, _ = parties
    long, short = two_cases(parties)
    link(tolmere, long, "merged_into", short)
    everyone(parties)
    ten, thirty = end_of(orvanda, short), end_of(orvanda, long)
    assert ten < thirty
    # It counts for who said it.
    assert end_of(tolmere, long) == ten
    link(tolmere, long, "unrelated", short)
    assert end_of(tolmere, long) == thirty
    link(tolmere, long, "related", short)
    assert end_of(tolmere, long) == thirty


def test_over_a_third_case_ends_reach_and_a_ring_of_links_ends(
    parties: tuple[Node, Node, Node],
) -> None:
    orvanda, *_ = parties
    long, short = two_cases(parties)
    middle, _ = embargoed(parties[:2], days=20)
    link(orvanda, long, "merged_into", middle)
    link(orvanda, middle, "merged_into", short)
    link(orvanda, short, "split_from", long)
    assert {end_of(orvanda, each) for each in (long, middle, short)} == {end_of(orvanda, short)}
    others = {each.dossier for each in disclosures.case(orvanda, long).with_us}
    assert others == {middle, short}


def test_what_ended_one_of_two_cases_early_holds_back_the_other(
    nodes: Nodes, parties: tuple[Node, Node, Node]
) -> None:
    orvanda, tolmere, _ = parties
    long, short = two_cases(parties)
    announce(orvanda, long)
    link(orvanda, long, "merged_into", short)
    (terms,) = [each.act for each in disclosures.case(tolmere, short).terms]
    say(tolmere, short, "withdraw", {"reason": "law"}, refs=[terms])
    everyone(parties)
    nodes.clock.time = end_of(orvanda, short)
    outgoing.look(orvanda)
    assert not published(orvanda)
    assert only(orvanda, long).told == EARLY


def test_a_link_to_what_is_no_case_here_binds_nobody(parties: tuple[Node, Node, Node]) -> None:
    orvanda, *_ = parties
    long, _ = two_cases(parties)
    thirty = end_of(orvanda, long)
    link(orvanda, long, "merged_into", Id("d" * 64))
    link(orvanda, long, "merged_into", open_tally(orvanda))
    assert end_of(orvanda, long) == thirty
