"""What an embargo is made of, and what a disclosure must never hold."""

from __future__ import annotations

import pytest

from comity.kernel.act import Act
from comity.kernel.declare import Coded
from comity.kernel.fieldtypes import Code, Many
from comity.kernel.kinds import Growth
from comity.kernel.protocol import ActKind, Duty
from comity.protocols.response.disclosure import PROTOCOL, embargo
from comity.protocols.response.disclosure.acts import (
    Accept,
    Claim,
    HandleReport,
    Inform,
    OfferCoordination,
    Propose,
    Publish,
    Refuse,
    Report,
    TakeCoordination,
    Withdraw,
)
from comity.protocols.response.disclosure.codes import DAY
from comity.protocols.response.disclosure.embargo import Embargo, read_embargo
from tests.protocols.table import TIME, Table

KINDS = (PROTOCOL.opening, *PROTOCOL.acts)
BLAME = ("accus", "actor", "attribut", "blame", "culprit", "fault", "guilt", "perpetr", "sponsor")
FINDER = Report(role="finder")
AGREE = Accept(duties=["none"])


def until(days: int) -> Propose:
    return Propose(end=TIME + days * DAY, use="defence", duties=["none"])


def opened() -> tuple[Table, Act]:
    """Return a table with terms of 30 days that Orvanda proposed."""
    table = Table(PROTOCOL)
    table.open(FINDER)
    return table, table.say("orvanda", until(30))


def found(table: Table) -> Embargo:
    return read_embargo(table.seen.state)


def days(table: Table) -> float:
    end = found(table).end
    assert end is not None
    return (end - TIME) / DAY


def gives(table: Table, kind: str, to: str, author: str = "orvanda") -> bool:
    return PROTOCOL.gives(table.seen.state, kind, table.id(author), table.id(to))


def bound(table: Table) -> set[str]:
    return {name for name in table.parties if table.id(name) in found(table).held}


def owed(table: Table) -> list[Duty]:
    summary = table.seen.summary()
    assert summary is not None
    return [*summary.duties]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_nothing_that_can_be_filled_in_or_chosen_says_who_is_to_blame(kind: ActKind) -> None:
    words = [kind.kind, kind.label]
    for field in (*kind.body, *kind.content):
        of = field.type.of if isinstance(field.type, Many) else field.type
        words += [field.name, field.label, *(of.choices.items() if isinstance(of, Code) else ())]
    assert not [w for w in map(str, words) if any(blame in w.lower() for blame in BLAME)]


def test_what_is_given_without_consent_is_about_terms_and_taking_part_alone() -> None:
    withheld = {kind.kind for kind in KINDS} - embargo.OPEN
    assert withheld == {
        "charter",
        "name",
        "handle",
        "status",
        "fix",
        "claim",
        "retract",
        "inform",
        "ready",
        "unready",
        "publish",
        "link",
    }


def test_silence_is_no_consent() -> None:
    table, _ = opened()
    assert (found(table).state, bound(table)) == (embargo.PROPOSED, set())
    assert not gives(table, "charter", "tolmere")
    assert gives(table, "propose", "tolmere")


def test_consent_lets_content_through_to_that_party_alone() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    given = [n for n in table.parties if gives(table, "charter", n)]
    assert given == ["orvanda", "tolmere"]


def test_who_withdraws_is_given_no_more_until_it_agrees_again() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    table.say("tolmere", Withdraw(reason="law"), [terms])
    assert not gives(table, "inform", "tolmere")
    table.say("tolmere", AGREE, [terms])
    assert gives(table, "inform", "tolmere")
    assert found(table).state == embargo.ENDED


def test_a_withdrawal_says_by_whom() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    table.say("sarivane", AGREE, [terms])
    act = table.say("sarivane", Withdraw(reason="law"), [terms])
    assert [(e.author, e.act) for e in found(table).ended] == [(table.id("sarivane"), act.id)]


def test_refusing_another_end_leaves_what_is_in_force() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    later = table.say("orvanda", until(60))
    assert found(table).state == embargo.REVISED
    table.say("tolmere", Refuse(reason="too_long"), [later])
    assert (found(table).state, days(table)) == (embargo.ACTIVE, 30)


def test_refusing_terms_that_were_left_for_others_ends_nothing() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    later = table.say("orvanda", until(60))
    table.say("tolmere", AGREE, [later])
    table.say("tolmere", Refuse(reason="too_short"), [terms])
    assert (found(table).state, days(table)) == (embargo.ACTIVE, 60)


def test_a_counter_proposal_is_a_word_on_what_it_cites() -> None:
    table, terms = opened()
    other = table.say("tolmere", until(20), [terms])
    assert found(table).state == embargo.PROPOSED
    asked = {(d.who, d.act) for d in owed(table) if d.what == "answer_terms"}
    sarivane = table.id("sarivane")
    assert asked == {(table.id("orvanda"), other.id), (sarivane, terms.id), (sarivane, other.id)}


def test_nobody_is_given_the_report_by_proposing_less_than_its_author_asks_for() -> None:
    table, _ = opened()
    sooner = table.say("tolmere", until(2))
    assert not gives(table, "charter", "tolmere")
    table.say("orvanda", AGREE, [sooner])
    assert gives(table, "charter", "tolmere")
    assert days(table) == 2


def test_who_binds_itself_for_longer_than_the_author_asks_is_given_it() -> None:
    table, _ = opened()
    later = table.say("tolmere", until(60))
    # Alone it binds itself to nothing: its withdrawal would end nothing, and nobody would see it.
    assert not gives(table, "charter", "tolmere")
    table.say("sarivane", AGREE, [later])
    assert gives(table, "charter", "tolmere")
    assert gives(table, "charter", "sarivane")
    assert not gives(table, "inform", "orvanda", author="tolmere")
    table.say("tolmere", Withdraw(reason="law"), [later])
    assert found(table).state == embargo.ENDED


def test_who_agrees_to_no_terms_gives_nothing_to_anybody() -> None:
    table = Table(PROTOCOL)
    table.open(FINDER)
    terms = table.say("tolmere", until(30))
    table.say("sarivane", AGREE, [terms])
    assert not gives(table, "charter", "tolmere")
    assert gives(table, "inform", "tolmere", author="sarivane")


def test_what_one_proposes_alone_binds_nobody_and_is_asked_about() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    sooner = table.say("sarivane", until(2))
    assert (found(table).state, days(table)) == (embargo.REVISED, 30)
    assert bound(table) == {"orvanda", "tolmere"}
    table.say("tolmere", AGREE, [sooner])
    # Sarivane has said nothing on the thirty days, which stand as a later end that is proposed.
    assert (found(table).state, days(table)) == (embargo.REVISED, 2)
    assert bound(table) == {"orvanda", "tolmere", "sarivane"}


def test_who_takes_a_proposal_back_holds_to_what_it_agreed_to_before() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    later = table.say("orvanda", until(60))
    table.say("orvanda", Refuse(reason="not_stated"), [later])
    assert (found(table).state, days(table)) == (embargo.ACTIVE, 30)
    assert not found(table).ended


def test_a_restored_party_that_agreed_to_two_ends_holds_to_the_earlier() -> None:
    table = Table(PROTOCOL)
    table.open(FINDER)
    long, short = table.say("orvanda", until(60)), table.say("sarivane", until(30))
    table.catch_up("tolmere")
    table.fork("tolmere", "tolmere/restored")
    table.say("tolmere", AGREE, [long], apart=True)
    table.say("tolmere/restored", AGREE, [short], apart=True)
    assert found(table).held[table.id("tolmere")].terms == short.id


def test_a_restored_party_that_agreed_and_refused_at_once_holds_to_nothing() -> None:
    table, terms = opened()
    table.catch_up("tolmere")
    table.fork("tolmere", "tolmere/restored")
    table.say("tolmere", AGREE, [terms], apart=True)
    table.say("tolmere/restored", Refuse(reason="law"), [terms], apart=True)
    assert (found(table).state, bound(table)) == (embargo.PROPOSED, set())


def test_nobody_holds_to_terms_whose_act_is_disowned() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    shown = table.seen.state_without(frozenset({terms.id}))
    assert read_embargo(shown) == Embargo(embargo.NONE, None, {}, (), ())


def test_who_leaves_goes_on_holding_to_terms() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    table.say("tolmere", "leave")
    assert (found(table).state, bound(table)) == (embargo.ACTIVE, {"orvanda", "tolmere"})


def test_what_a_guest_agrees_to_stands_under_the_guest() -> None:
    table = Table(PROTOCOL)
    report = table.open(FINDER)
    terms = table.say("tolmere", until(30))
    table.record("orvanda", "finder", report, AGREE, [terms])
    assert {*found(table).held} == {table.id("tolmere"), table.guest("orvanda", "finder")}
    assert not gives(table, "inform", "orvanda")


def test_duties_under_law_stand_beside_consent() -> None:
    table, terms = opened()
    table.say("tolmere", Accept(duties=["csirt", "regulator"], within=24), [terms])
    held = found(table).held[table.id("tolmere")]
    assert (held.duties, held.within) == (("csirt", "regulator"), 24)
    assert (found(table).held[table.id("orvanda")].duties) == ("none",)


def test_an_earlier_end_that_counts_is_owed_no_word_of_who_holds_to_a_later() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    table.say("sarivane", AGREE, [terms])
    sooner = table.say("sarivane", until(20))
    assert {d.who for d in owed(table) if d.what == "answer_terms"} == {
        table.id("orvanda"),
        table.id("tolmere"),
    }
    table.say("tolmere", AGREE, [sooner])
    assert not [d for d in owed(table) if d.what == "answer_terms"]


def test_a_reply_is_owed_by_the_time_that_terms_say() -> None:
    table = Table(PROTOCOL)
    table.open(FINDER, members=("orvanda", "tolmere"))
    asked = Propose(end=TIME + 9 * DAY, use="defence", duties=["none"], reply_by=TIME + 2 * DAY)
    table.say("orvanda", asked)
    assert [(d.what, d.due) for d in owed(table)] == [("answer_terms", TIME + 2 * DAY)]


def test_who_has_closed_its_report_owes_no_word_on_terms() -> None:
    table, terms = opened()
    for name in ("tolmere", "sarivane"):
        table.say(name, AGREE, [terms])
    table.say("tolmere", Withdraw(reason="law"), [terms])
    table.say("orvanda", HandleReport(stage="closed"), [table.acts[0]])
    later = table.say("sarivane", until(60))
    asked = [duty.who for duty in owed(table) if duty.what == "answer_terms"]
    assert asked == [table.id("tolmere")]
    assert table.verdict(table.say("orvanda", AGREE, [later])) == "D9"


def test_only_who_was_given_the_report_owes_a_word_on_it() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    assert [d.who for d in owed(table) if d.what == "handle"] == [table.id("tolmere")]
    table.say("tolmere", HandleReport(stage="received"), [table.acts[0]])
    assert not [d for d in owed(table) if d.what == "handle"]


def test_the_loss_of_the_coordinator_holds_up_nobody() -> None:
    """Two handed it on at once: nobody coordinates, and all go on."""
    table = Table(PROTOCOL)
    report = table.open(FINDER)
    table.catch_up("orvanda")
    table.fork("orvanda", "orvanda/restored")
    one = table.say("orvanda", OfferCoordination(to=table.id("tolmere")), [report], apart=True)
    other = OfferCoordination(to=table.id("sarivane"))
    two = table.say("orvanda/restored", other, [report], apart=True)
    table.say("tolmere", TakeCoordination(), [one], apart=False)
    table.say("sarivane", TakeCoordination(), [two], apart=True)
    terms = table.say("tolmere", until(30))
    for act in (table.say("sarivane", AGREE, [terms]), table.say("tolmere", Inform(), [report])):
        assert table.verdict(act) is None
    assert found(table).state == embargo.ACTIVE


def test_an_offer_to_coordinate_is_owed_a_word() -> None:
    table = Table(PROTOCOL)
    report = table.open(FINDER)
    offered = table.say("orvanda", OfferCoordination(to=table.id("sarivane")), [report])
    (duty,) = owed(table)
    asked = (table.id("sarivane"), "take_coordination", offered.id, table.id("orvanda"))
    assert (duty.who, duty.what, duty.act, duty.to) == asked


def test_a_claim_is_not_forgotten_when_terms_are_agreed_to_anew() -> None:
    table, terms = opened()
    table.say("sarivane", Claim(what="public", basis="source"))
    table.say("tolmere", AGREE, [terms])
    assert found(table).state == embargo.CLAIMED
    assert gives(table, "charter", "tolmere")


def test_closing_is_free_when_the_end_has_come() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    close = HandleReport(stage="closed")
    act = table.say("orvanda", close, [table.acts[0]], time=TIME + 30 * DAY)
    assert table.verdict(act) is None


@pytest.mark.parametrize("said", [Withdraw(reason="law"), Refuse(reason="law")])
def test_closing_is_free_when_another_ended_the_embargo(said: Coded) -> None:
    table, terms = opened()
    for name in ("tolmere", "sarivane"):
        table.say(name, AGREE, [terms])
    table.say("tolmere", said, [terms])
    act = table.say("orvanda", HandleReport(stage="closed"), [table.acts[0]])
    assert table.verdict(act) is None


@pytest.mark.parametrize("said", [Claim(what="attack", basis="own"), Publish(time=TIME)])
def test_closing_is_free_when_it_is_said_to_be_out(said: Coded) -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    table.say("tolmere", said)
    act = table.say("orvanda", HandleReport(stage="closed"), [table.acts[0]])
    assert table.verdict(act) is None


def test_a_refusal_of_who_agreed_to_nothing_frees_nobody() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    table.say("sarivane", Refuse(reason="too_long"), [terms])
    act = table.say("orvanda", HandleReport(stage="closed"), [table.acts[0]])
    assert table.verdict(act) == "D7"


def test_who_holds_to_nothing_closes_when_it_wants() -> None:
    table, terms = opened()
    table.say("tolmere", AGREE, [terms])
    for stage in ("received", "invalid", "closed"):
        act = table.say("sarivane", HandleReport(stage=stage), [table.acts[0]])
        assert table.verdict(act) is None


def test_a_case_may_be_opened_to_many() -> None:
    assert PROTOCOL.growths[0] == Growth.CHAIR
