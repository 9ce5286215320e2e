"""The cases of a disclosure: each function plays one and is written as its vector."""

from __future__ import annotations

from comity.kernel.act import Act
from comity.kernel.ids import Id
from comity.kernel.kinds import Growth
from comity.protocols.response.disclosure.acts import (
    Accept,
    Claim,
    Discuss,
    Fix,
    HandleReport,
    Inform,
    Link,
    Name,
    OfferCoordination,
    Propose,
    Publish,
    Ready,
    Refuse,
    Report,
    Retract,
    Status,
    TakeCoordination,
    Unready,
    Withdraw,
)
from comity.protocols.response.disclosure.codes import DAY
from tests.protocols.table import TIME, Table

HASH = Id("a" * 64)
FINDER = Report(role="finder", names=["cve-2026-0417"], found=TIME - 3 * DAY)
NO_DUTY = Accept(duties=["none"])
DUTY = Accept(duties=["csirt", "regulator"], within=24)


def terms(days: int) -> Propose:
    """Terms that end so many days after the first act."""
    return Propose(end=TIME + days * DAY, use="defence", duties=["none"])


def under_embargo(table: Table) -> tuple[Act, Act]:
    """Orvanda reports and proposes 30 days, and both others agree; return report and terms."""
    report = table.open(FINDER)
    proposed = table.say("orvanda", terms(30))
    table.say("tolmere", DUTY, [proposed])
    table.say("sarivane", NO_DUTY, [proposed])
    return report, proposed


def accepted_a_case_from_report_to_publication(table: Table) -> None:
    """Reported, agreed, handled by two vendors, mended, published at the end, closed by all."""
    report, _ = under_embargo(table)
    for stage in ("received", "valid", "accepted"):
        table.say("tolmere", HandleReport(stage=stage, role="vendor"), [report])
    table.say("sarivane", HandleReport(stage="received", role="vendor"), [report])
    table.say("sarivane", HandleReport(stage="invalid"), [report])
    table.say("tolmere", Status(word="investigating"))
    affected = Status(word="affected", product="gateway-3", vulnerability="cve-2026-0417")
    table.say("tolmere", affected)
    table.say("sarivane", Status(word="not_affected"))
    table.say("tolmere", Name(name="cve-2026-0418"))
    table.say("tolmere", Inform(), [report])
    table.say("tolmere", Fix(step="ready", product="gateway-3"))
    table.say("tolmere", Fix(step="deployed", product="gateway-3"))
    end = TIME + 30 * DAY
    table.say("tolmere", Publish(time=end), time=end)
    for name in ("orvanda", "tolmere", "sarivane"):
        table.say(name, HandleReport(stage="closed"), [report], time=end + DAY)


def accepted_nothing_said_yet(table: Table) -> None:
    """A report to two others, and nobody has proposed terms."""
    table.open(FINDER)


def accepted_terms_wait_for_two(table: Table) -> None:
    """Terms with a time to reply; one asks about them, and nobody has agreed."""
    table.open(FINDER)
    asked = Propose(end=TIME + 30 * DAY, use="defence", duties=["none"], reply_by=TIME + 3 * DAY)
    proposed = table.say("orvanda", asked)
    table.say("tolmere", Discuss(), [proposed])


def accepted_the_shortest_end_counts(table: Table) -> None:
    """Two propose at once, and each agrees to the other's: the earlier end is in force."""
    table.open(FINDER)
    for name in ("orvanda", "tolmere"):
        table.catch_up(name)
    thirty = table.say("orvanda", terms(30), apart=True)
    sixty = table.say("tolmere", terms(60), apart=True)
    for name in ("orvanda", "tolmere"):
        table.catch_up(name)
    table.say("orvanda", NO_DUTY, [sixty], apart=True)
    table.say("tolmere", NO_DUTY, [thirty], apart=True)


def accepted_what_one_proposes_alone_binds_nobody(table: Table) -> None:
    """Two hold to thirty days; a third proposes two, and nobody agrees: thirty stand."""
    table.open(FINDER)
    proposed = table.say("orvanda", terms(30))
    table.say("tolmere", DUTY, [proposed])
    table.say("sarivane", terms(2))


def accepted_a_later_end_that_all_agree_to(table: Table) -> None:
    """Thirty days become sixty when all who held to thirty have agreed."""
    _, _first = under_embargo(table)
    later = table.say("tolmere", terms(60))
    table.say("orvanda", NO_DUTY, [later])
    table.say("sarivane", DUTY, [later])


def accepted_a_later_end_that_one_refuses(table: Table) -> None:
    """The end stays as it was, and the embargo in force."""
    under_embargo(table)
    later = table.say("tolmere", terms(60))
    table.say("orvanda", NO_DUTY, [later])
    table.say("sarivane", Refuse(reason="too_long"), [later])


def accepted_an_end_brought_forward(table: Table) -> None:
    """One proposes an earlier end, and it counts when another agrees to it."""
    under_embargo(table)
    sooner = table.say("sarivane", terms(20))
    table.say("tolmere", DUTY, [sooner])


def accepted_one_withdraws(table: Table) -> None:
    """The embargo ends for all, and everyone sees by whom."""
    _, proposed = under_embargo(table)
    table.say("sarivane", Withdraw(reason="law"), [proposed])


def accepted_closed_when_another_withdrew(table: Table) -> None:
    """A withdrawal ends it for all: the others close before the end that was agreed."""
    report, proposed = under_embargo(table)
    table.say("sarivane", Withdraw(reason="law"), [proposed])
    table.say("orvanda", HandleReport(stage="closed"), [report])


def accepted_closed_when_it_is_said_to_be_out(table: Table) -> None:
    """Nothing is in force of what somebody says is out: who has no more to do closes."""
    report, _ = under_embargo(table)
    table.say("sarivane", Claim(what="public", basis="source", seen=TIME))
    table.say("orvanda", HandleReport(stage="closed"), [report])


def accepted_a_late_refusal_is_a_withdrawal(table: Table) -> None:
    """Who refuses what it agreed to before ends it, as if it had withdrawn."""
    _, proposed = under_embargo(table)
    table.say("tolmere", Refuse(reason="law"), [proposed])


def accepted_terms_taken_back_before_anybody_agreed(table: Table) -> None:
    """Nothing was in force, so that nothing ended; other terms may follow."""
    table.open(FINDER)
    proposed = table.say("orvanda", terms(30))
    table.say("orvanda", Withdraw(reason="not_stated"), [proposed])


def accepted_taken_back_while_another_agrees(table: Table) -> None:
    """Crossing words: whoever hears which first, one party holds to them, and none is in force."""
    table.open(FINDER)
    proposed = table.say("orvanda", terms(30))
    table.catch_up("tolmere")
    table.say("orvanda", Withdraw(reason="not_stated"), [proposed])
    table.say("tolmere", NO_DUTY, [proposed], apart=True)


def accepted_said_to_be_out_and_taken_back(table: Table) -> None:
    """A claim and its retraction stand side by side; each party judges by itself."""
    under_embargo(table)
    claim = table.say("sarivane", Claim(what="public", basis="source", seen=TIME))
    table.say("sarivane", Retract(), [claim])


def accepted_a_finder_without_a_node(table: Table) -> None:
    """A finder reports through a coordinator, agrees through it, and sees attacks."""
    report = table.open(Report(role="coordinator"), growth=Growth.CHAIR)
    proposed = table.record("orvanda", "finder", report, terms(45))
    table.say("orvanda", NO_DUTY, [proposed])
    table.record("orvanda", "finder", report, Claim(what="attack", basis="own"))


def accepted_a_vendor_comes_later(table: Table) -> None:
    """Invited after others agreed, it owes a word on the terms before it is given anything."""
    table.open(Report(role="vendor"), members=("orvanda", "tolmere"), growth=Growth.CHAIR)
    proposed = table.say("orvanda", terms(30))
    table.say("tolmere", NO_DUTY, [proposed])
    invite = table.say("orvanda", "invite", body={"party": table.id("sarivane")})
    table.say("sarivane", "join", body={"invite": invite.id})


def accepted_coordination_handed_over(table: Table) -> None:
    """The finder offers it to a vendor, who takes it and offers it on."""
    report = table.open(FINDER)
    offered = table.say("orvanda", OfferCoordination(to=table.id("tolmere")), [report])
    table.say("tolmere", TakeCoordination(), [offered])
    table.say("tolmere", OfferCoordination(to=table.id("sarivane")), [offered])


def accepted_advisories_at_the_agreed_end(table: Table) -> None:
    """Two announce theirs; one takes it back; the other publishes it at the end, and links a case
    that was split off.
    """
    under_embargo(table)
    table.say("orvanda", Ready(hash=HASH))
    ready = table.say("tolmere", Ready(hash=HASH))
    table.say("orvanda", Unready())
    end = TIME + 30 * DAY
    table.say("tolmere", Publish(time=end, hash=HASH, due=end), [ready], time=end)
    table.say("tolmere", Link(relation="split_from", dossier=Id("d" * 64)), time=end)


def refused_d0_end_missing(table: Table) -> None:
    """Terms have an end: none is indefinite."""
    table.open(FINDER)
    table.say("orvanda", "propose", body={"use": "defence", "duties": ["none"]})


def refused_d1_accepted_before_it_was_received(table: Table) -> None:
    """A report is received before it is worked on."""
    report = table.open(FINDER)
    table.say("tolmere", HandleReport(stage="accepted"), [report])


def refused_d2_a_fix_of_who_closed_it(table: Table) -> None:
    """Who found a report not valid has no fix for it."""
    report = table.open(FINDER)
    table.say("tolmere", HandleReport(stage="received"), [report])
    table.say("tolmere", HandleReport(stage="invalid"), [report])
    table.say("tolmere", Fix(step="ready"))


def refused_d2_deployed_before_it_is_ready(table: Table) -> None:
    """Of another product the fix is ready, and not of this."""
    table.open(Report(role="vendor"))
    table.say("orvanda", Fix(step="ready", product="gateway-3"))
    table.say("orvanda", Fix(step="deployed", product="gateway-4"))


def refused_d3_an_end_that_is_past(table: Table) -> None:
    """The end is to come."""
    table.open(FINDER)
    table.say("orvanda", terms(-1))


def refused_d3_an_embargo_of_a_hundred_years(table: Table) -> None:
    """It lasts a year at most."""
    table.open(FINDER)
    table.say("orvanda", terms(36_500))


def refused_d4_a_second_to_reply(table: Table) -> None:
    """Others need a day at least to answer."""
    table.open(FINDER)
    hasty = Propose(end=TIME + 30 * DAY, use="defence", duties=["none"], reply_by=TIME + 1000)
    table.say("orvanda", hasty)


def refused_d4_a_reply_after_the_end(table: Table) -> None:
    """Who may reply after the end need not reply."""
    table.open(FINDER)
    late = Propose(end=TIME + 30 * DAY, use="defence", duties=["none"], reply_by=TIME + 31 * DAY)
    table.say("orvanda", late)


def refused_d5_withdrawn_without_having_agreed(table: Table) -> None:
    """Who agreed to nothing has nothing to withdraw from."""
    table.open(FINDER)
    proposed = table.say("orvanda", terms(30))
    table.say("tolmere", Withdraw(reason="safety"), [proposed])


def refused_d5_withdrawn_from_terms_that_others_replaced(table: Table) -> None:
    """What a party agreed to last is what it holds to."""
    _, proposed = under_embargo(table)
    later = table.say("tolmere", terms(60))
    table.say("sarivane", NO_DUTY, [later])
    table.say("sarivane", Withdraw(reason="delay"), [proposed])


def refused_d6_the_claim_of_another(table: Table) -> None:
    """A claim is its author's to take back."""
    table.open(FINDER)
    claim = table.say("tolmere", Claim(what="exploit", basis="own"))
    table.say("orvanda", Retract(), [claim])


def refused_d7_closed_under_embargo(table: Table) -> None:
    """Who holds to an embargo stays until it ends."""
    report, _ = under_embargo(table)
    table.say("orvanda", HandleReport(stage="closed"), [report])


def refused_d7_closed_when_who_holds_to_nothing_refused(table: Table) -> None:
    """A refusal of who never agreed ends nothing for those who did."""
    report = table.open(FINDER)
    proposed = table.say("orvanda", terms(30))
    table.say("tolmere", DUTY, [proposed])
    table.say("sarivane", Refuse(reason="too_long"), [proposed])
    table.say("orvanda", HandleReport(stage="closed"), [report])


def refused_d7_closed_without_having_seen_the_withdrawal(table: Table) -> None:
    """What had not come when it closed does not count: every node judges it alike."""
    report, proposed = under_embargo(table)
    table.catch_up("orvanda")
    table.say("sarivane", Withdraw(reason="law"), [proposed])
    table.say("orvanda", HandleReport(stage="closed"), [report], apart=True)


def refused_d7_closed_when_another_end_was_refused(table: Table) -> None:
    """Who agreed, and refuses another end, ends nothing."""
    report, _ = under_embargo(table)
    later = table.say("tolmere", terms(60))
    table.say("sarivane", Refuse(reason="too_long"), [later])
    table.say("orvanda", HandleReport(stage="closed"), [report])


def refused_d8_no_duty_and_another(table: Table) -> None:
    """None and one more say nothing."""
    table.open(FINDER)
    proposed = table.say("orvanda", terms(30))
    table.say("tolmere", Accept(duties=["csirt", "none"]), [proposed])


def refused_d8_no_duty_within_a_time(table: Table) -> None:
    """Where there is no duty there is no time for it."""
    table.open(FINDER)
    proposed = table.say("orvanda", terms(30))
    table.say("tolmere", Accept(duties=["none"], within=24), [proposed])


def refused_d9_agreed_after_closing(table: Table) -> None:
    """Who closed its report is out of it."""
    report = table.open(FINDER)
    for stage in ("received", "invalid", "closed"):
        table.say("tolmere", HandleReport(stage=stage), [report])
    proposed = table.say("orvanda", terms(30))
    table.say("tolmere", NO_DUTY, [proposed])


def refused_d10_announced_without_terms(table: Table) -> None:
    """Without an embargo there is no end at which it would go out."""
    table.open(FINDER)
    table.say("orvanda", Ready(hash=HASH))


def refused_d10_announced_after_the_end(table: Table) -> None:
    """The end has come: who has an advisory publishes it."""
    under_embargo(table)
    table.say("tolmere", Ready(hash=HASH), time=TIME + 30 * DAY)


def refused_d10_announced_by_who_withdrew(table: Table) -> None:
    """Who holds to no terms any more publishes when it likes, and not at their end."""
    _, proposed = under_embargo(table)
    table.say("sarivane", Withdraw(reason="law"), [proposed])
    table.say("sarivane", Ready(hash=HASH))


def refused_d11_published_what_another_announced(table: Table) -> None:
    """Each publishes its own."""
    under_embargo(table)
    ready = table.say("orvanda", Ready(hash=HASH))
    end = TIME + 30 * DAY
    table.say("tolmere", Publish(time=end, hash=HASH, due=end), [ready], time=end)


def refused_d11_published_something_else(table: Table) -> None:
    """What was announced is what goes out, byte for byte."""
    under_embargo(table)
    ready = table.say("tolmere", Ready(hash=HASH))
    end = TIME + 30 * DAY
    table.say("tolmere", Publish(time=end, hash=Id("b" * 64), due=end), [ready], time=end)


def refused_d11_published_before_the_end(table: Table) -> None:
    """At the agreed end is not a millisecond before it."""
    under_embargo(table)
    ready = table.say("tolmere", Ready(hash=HASH))
    end = TIME + 30 * DAY
    table.say("tolmere", Publish(time=end - 1, hash=HASH, due=end), [ready], time=end)
