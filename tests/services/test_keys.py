"""Keys that parties showed each other: how far each is known, and reading one aloud."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.protocols.trust.keys.acts import ShowKey, Verify
from comity.services.care import fsck
from comity.services.care.rebuild import rebuild
from comity.services.casework import content, erasure, possible
from comity.services.casework.desk import Desk
from comity.services.casework.inbox import Machine
from comity.services.directory import aloud, keys
from comity.services.directory.aloud import Reading
from comity.services.directory.keys import PublicKey
from comity.services.node import Node
from comity.services.people import audited
from comity.store.access import acts as access
from tests.edge.test_web_dossiers import incident
from tests.nodes import START, Nodes, introduce, pass_on, say
from tests.services.staff import hire

DESK = ShowKey(algorithm="pgp4", fingerprint="0f1e2d3c4b" * 4, holder="desk", uses=["email"])
DAY = 24 * 3600 * 1000


def open_keys(node: Node, other: Node, title: str = "Our keys", **fields: Any) -> str:
    """Open a dossier of keys with another party."""
    return incident(node, other, title, **{"protocol": "trust/keys"} | fields)


def show(node: Node, dossier: str, key: ShowKey = DESK) -> Id:
    """Show a key."""
    return say(node, dossier, "show_key", key.to_body())


def test_a_key_that_was_shown_in_an_exercise_says_so_and_is_not_counted(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    show(orvanda, open_keys(orvanda, tolmere, realm="autumn"))
    pass_on(orvanda, tolmere)
    assert only(tolmere).realm == "autumn"
    assert sum(number for _, number in keys.counts([only(tolmere)])) == 0
    show(orvanda, open_keys(orvanda, tolmere))
    pass_on(orvanda, tolmere)
    found = keys.listed(Machine(tolmere))
    assert sorted(key.realm for key in found) == ["", "autumn"]
    assert sum(number for _, number in keys.counts(found)) == 1


@pytest.fixture
def pair(nodes: Nodes) -> tuple[Node, Node]:
    """Orvanda, which showed the key of its desk, and Tolmere."""
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    dossier = open_keys(orvanda, tolmere)
    show(orvanda, dossier)
    pass_on(orvanda, tolmere)
    return orvanda, tolmere


def only(node: Node) -> PublicKey:
    """The only key a node holds."""
    (key,) = keys.listed(Machine(node))
    return key


def newest(node: Node) -> Reading:
    """The newest reading of the only key a node holds."""
    return aloud.of_desk(Machine(node), only(node))[0]


def meet(orvanda: Node, tolmere: Node) -> None:
    """Read the only key aloud, to where both know the digits; Tolmere begins."""
    aloud.begin(Machine(tolmere), only(tolmere))
    pass_on(tolmere, orvanda)
    aloud.go_on(Machine(orvanda), newest(orvanda))
    pass_on(orvanda, tolmere)
    aloud.go_on(Machine(tolmere), newest(tolmere))
    pass_on(tolmere, orvanda)


def verify(node: Node, act: Verify) -> None:
    say(node, only(node).dossier, "verify", act.to_body(), refs=[only(node).act])


def test_a_key_is_listed_with_what_speaks_for_it(nodes: Nodes, pair: tuple[Node, Node]) -> None:
    _, tolmere = pair
    key = only(tolmere)
    assert (key.name, key.holder, key.algorithm) == ("orvanda", "desk", "pgp4")
    assert (key.title, key.uses, key.at) == ("Our keys", ("e-mail",), START)
    assert key.spelled == "0F1E 2D3C 4B0F 1E2D 3C4B 0F1E 2D3C 4B0F 1E2D 3C4B"
    assert (key.level, key.known, key.old, key.own, key.revoked) == ("k0", "", False, False, None)
    assert keys.code_of(key) == f"OPENPGP4FPR:{DESK.fingerprint.upper()}"
    assert only(pair[0]).own

    verify(tolmere, Verify(level="k1", seen=["dns", "wkd"], holder="duty-1"))
    nodes.clock.advance(keys.OLD)
    key = only(tolmere)
    (each,) = key.evidence
    assert (each.level, each.name, each.at, each.how) == ("k1", "tolmere", START, ("dns", "wkd"))
    assert (each.holder, each.old, each.own) == ("duty-1", False, True)
    nodes.clock.advance(1)
    assert (only(tolmere).level, only(tolmere).known, only(tolmere).old) == ("k1", "k1", True)

    verify(tolmere, Verify(level="k3", how="qr", witnesses=[pair[1].me[::-1]]))  # type: ignore[list-item]
    key = only(tolmere)
    assert [each.level for each in key.evidence] == ["k3", "k1"]
    assert (key.level, key.old, key.evidence[0].how) == ("k3", False, ("qr",))
    assert len(key.evidence[0].witnesses) == 1
    assert dict(keys.counts([key])) == {"k0": 0, "k1": 0, "k2": 0, "k3": 1}
    assert dict(keys.counts(keys.listed(Machine(pair[0])))) == dict.fromkeys(keys.LEVEL_WORDS, 0)


def test_keys_are_found_by_party_holder_and_fingerprint(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    desk = Machine(tolmere)
    other = ShowKey(algorithm="x509", fingerprint="9c" * 32, holder="team/duty-1", uses=["access"])
    mine = show(tolmere, only(tolmere).dossier, other)
    first, second = keys.listed(desk)
    assert [first.holder, second.holder] == ["desk", "team/duty-1"]
    assert keys.code_of(second) == "X509:" + "9C" * 32
    assert keys.listed(desk, party=tolmere.me) == (second,)
    assert keys.listed(desk, holder="desk") == (first,)
    assert keys.listed(desk, orvanda.me, "team/duty-1") == ()
    for text in (first.act, DESK.fingerprint, first.spelled, "0x2d3c4b0f1e2d3c4b", first.act[:8]):
        assert keys.find(desk, text) == first
    assert keys.find(desk, mine) == second
    for text in ("4b", "0" * 40, "", "x"):
        with pytest.raises(Refusal, match="no such key"):
            keys.find(desk, text)
    again = open_keys(tolmere, orvanda, "Once more")
    show(tolmere, again, other)
    with pytest.raises(Refusal, match="2 keys are called so"):
        keys.find(desk, other.fingerprint)


def test_two_read_a_key_aloud_step_by_step(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    act = aloud.begin(Machine(tolmere), only(tolmere), holder="duty-1")
    reading = newest(tolmere)
    assert (reading.id, reading.step, reading.digits) == (act, aloud.WAIT, "")
    assert (reading.name, reading.with_, reading.begun) == ("orvanda", "orvanda", True)
    pass_on(tolmere, orvanda)
    assert newest(orvanda).step == aloud.ANSWER
    aloud.go_on(Machine(orvanda), newest(orvanda), holder="desk")
    assert newest(orvanda).step == aloud.WAIT
    pass_on(orvanda, tolmere)
    assert newest(tolmere).step == aloud.REVEAL
    aloud.go_on(Machine(tolmere), newest(tolmere))
    pass_on(tolmere, orvanda)
    both = newest(tolmere), newest(orvanda)
    assert [each.step for each in both] == [aloud.HEAR, aloud.HEAR]
    assert len(both[0].digits) == 9
    assert both[0].digits == both[1].digits
    said = aloud.hear(Machine(tolmere), both[0], "same")
    assert aloud.of_act(Machine(tolmere), said) == newest(tolmere)
    assert (newest(tolmere).step, newest(tolmere).said) == (aloud.WAIT, "same")
    assert only(tolmere).level == "k0"
    pass_on(tolmere, orvanda)
    aloud.hear(Machine(orvanda), newest(orvanda), "same")
    pass_on(orvanda, tolmere)
    for node in pair:
        assert (newest(node).step, newest(node).theirs) == (aloud.DONE, "same")
        assert only(node).level == "k2"
        assert only(node).evidence[0].verifier == tolmere.me
        assert fsck.check(node).findings == []
    assert (only(tolmere).known, only(orvanda).known) == ("k2", "")
    before = keys.listed(Machine(tolmere))
    rebuild(tolmere)
    assert keys.listed(Machine(tolmere)) == before


def test_the_number_committed_to_does_not_leave_the_node(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    act = Id(aloud.begin(Machine(tolmere), only(tolmere)))
    pass_on(tolmere, orvanda)
    row = access.act(orvanda.db, act)
    assert row is not None
    assert [held for _, _, held in access.part_sizes(orvanda.db, act)] in ([], [False])
    (size,) = access.part_sizes(tolmere.db, act)
    assert size[2]
    assert list(content.read_parts(orvanda, act)) == []


def test_a_step_out_of_turn_is_refused(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    with pytest.raises(Refusal, match="Say with which party"):
        aloud.begin(Machine(orvanda), only(orvanda))
    act = aloud.begin(Machine(tolmere), only(tolmere))
    reading = newest(tolmere)
    with pytest.raises(Refusal, match="Nothing is to be told now"):
        aloud.go_on(Machine(tolmere), reading)
    with pytest.raises(Refusal, match="Both numbers have to be told first"):
        aloud.hear(Machine(tolmere), reading, "same")
    with pytest.raises(Refusal, match="same, different"):
        aloud.hear(Machine(tolmere), reading, "nearly")
    for wrong in (only(tolmere).act, only(tolmere).dossier):
        with pytest.raises(Refusal, match="no such reading"):
            aloud.of_act(Machine(tolmere), wrong)
    pass_on(tolmere, orvanda)
    aloud.go_on(Machine(orvanda), newest(orvanda))
    pass_on(orvanda, tolmere)
    erasure.erase(tolmere, Id(act), reason="mistake")
    with pytest.raises(Refusal, match="is not here any more; begin again"):
        aloud.go_on(Machine(tolmere), newest(tolmere))


def test_a_third_party_takes_no_part(nodes: Nodes, pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    sarivane = nodes.make("sarivane")
    introduce(orvanda, tolmere, sarivane)
    members = tuple(sorted((orvanda.me, tolmere.me, sarivane.me)))
    dossier = open_keys(orvanda, tolmere, "Of three", members=members)
    fresh = ShowKey(algorithm="ssh", fingerprint="77" * 32, holder="night", uses=["access"])
    show(orvanda, dossier, fresh)
    pass_on(orvanda, tolmere)
    key = keys.find(Machine(tolmere), fresh.fingerprint)
    act = aloud.begin(Machine(tolmere), key)
    pass_on(orvanda, sarivane)
    pass_on(tolmere, sarivane)
    assert aloud.of_desk(Machine(sarivane), only(sarivane)) == ()
    with pytest.raises(Refusal, match="no such reading"):
        aloud.of_act(Machine(sarivane), act)


def test_different_digits_are_shown_until_they_are_the_same(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    meet(orvanda, tolmere)
    aloud.hear(Machine(tolmere), newest(tolmere), "different")
    assert only(tolmere).differed == ("tolmere",)
    assert newest(tolmere).step == aloud.DIFFERED
    row = access.dossier(tolmere.db, only(tolmere).dossier)
    assert row is not None
    assert row.status == "alarm"


def test_a_revocation_is_counted_and_ends_what_was_begun(pair: tuple[Node, Node]) -> None:
    orvanda, tolmere = pair
    aloud.begin(Machine(tolmere), only(tolmere))
    verify(tolmere, Verify(level="k1", seen=["dns", "wkd"]))
    pass_on(tolmere, orvanda)
    dossier, act = only(orvanda).dossier, only(orvanda).act
    revoked = say(orvanda, dossier, "revoke_key", {"reason": "stolen"}, refs=[act])
    pass_on(orvanda, tolmere)
    end = only(tolmere).revoked
    assert end is not None
    assert (end.reason, end.act) == ("stolen, or used by another", revoked)
    assert (end.acknowledged, end.waits) == (0, 1)
    assert newest(tolmere).step == aloud.ENDED
    assert dict(keys.counts([only(tolmere)])) == dict.fromkeys(keys.LEVEL_WORDS, 0)
    say(tolmere, dossier, "acknowledge_revocation", refs=[revoked])
    pass_on(tolmere, orvanda)
    end = only(orvanda).revoked
    assert end is not None
    assert (end.acknowledged, end.waits) == (1, 0)
    with pytest.raises(Refusal, match="D2"):
        aloud.begin(Machine(tolmere), only(tolmere))


# Who may


def test_who_sees_no_dossier_sees_no_key_in_it(pair: tuple[Node, Node]) -> None:
    _, tolmere = pair
    ada, dora = hire(tolmere, "Ada", "duty_officer"), hire(tolmere, "Dora", "programme_officer")
    assert len(keys.listed(Desk(tolmere, ada))) == 1
    assert keys.listed(Desk(tolmere, dora)) == ()


def test_a_step_is_signed_alone_by_whom_a_mandate_lets(pair: tuple[Node, Node]) -> None:
    _, tolmere = pair
    key = only(tolmere)
    for code in ("analyst", "head"):
        with pytest.raises(Refusal, match="do not let you sign this alone") as caught:
            aloud.begin(Desk(tolmere, hire(tolmere, code, code)), key)
        assert caught.value.rule == "S10"
    ada = Desk(tolmere, hire(tolmere, "Ada", "duty_officer", "auditor"))
    act = aloud.begin(ada, key)
    row = access.act(tolmere.db, act)
    assert row is not None
    assert b'"by":{"role":"duty_officer"}' in row.header
    (noted, about), *_ = audited.entries(ada)
    assert (noted.what, noted.name) == ("read_aloud", "Ada")
    assert (about.page, about.place, about.act) == ("dossier", (key.dossier,), act)


def test_what_may_be_said_next_can_be_filled_in(pair: tuple[Node, Node]) -> None:
    """A number is committed to by the steps here alone: no form hides it."""
    orvanda, tolmere = pair
    able = {each.kind for each in possible.of_id(tolmere, only(tolmere).dossier) if not each.rule}
    assert {"show_key", "verify"} <= able
    assert "commit_words" not in able
    able = {each.kind for each in possible.of_id(orvanda, only(orvanda).dossier) if not each.rule}
    assert "revoke_key" in able
    assert "verify" not in able
