"""The cases of an incident: each function plays one and is written as the vector of its name."""

from __future__ import annotations

from comity.kernel.act import Act
from comity.kernel.canon import Object
from comity.kernel.kinds import Growth
from comity.protocols.response.incident.acts import (
    Acknowledge,
    Close,
    Event,
    HandOver,
    Inform,
    Link,
    Open,
    Progress,
    Task,
    Topic,
)
from comity.protocols.response.incident.assistance import (
    Accept,
    Answer,
    Ask,
    Deliver,
    Offer,
    Result,
    TurnDown,
)
from comity.protocols.response.incident.codes import HOUR, MOST_INTENTS
from comity.protocols.response.incident.deconfliction import GoAhead, Intend, StandDown
from comity.protocols.response.incident.describing import Describe
from tests.kernel.world import digest
from tests.protocols.table import LATER, TIME, Table

HOST, NETWORK = digest("ip:198.51.100.7/32"), digest("ip:198.51.100.0/24")
"""Targets, as rules know them."""


def intend(*targets: str, start: int = LATER, hours: int = 2) -> Intend:
    """An intention to block targets for some hours."""
    until = start + hours * HOUR
    return Intend(verb="block-host", targets=sorted(targets), from_=start, until=until)


def offered(table: Table) -> Act:
    """An incident in which Sarivane has offered Orvanda help that nobody asked for."""
    table.open()
    return table.say("sarivane", Offer(to=table.id("orvanda"), verbs=["investigate"], until=LATER))


def accepted_crossing_the_border(table: Table) -> None:
    """Opened, told, acknowledged, asked, answered in part and then wholly, handed over, closed."""
    opening = table.open(Open(rsit="availability", occurred=TIME - 3_600_000))
    warning = table.say("orvanda", Inform(ack_wanted=True))
    table.say("tolmere", Acknowledge(as_="read"), [opening, warning])
    table.say("tolmere", Acknowledge(as_="acting"), [warning])
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="block-host", due=LATER))
    table.say("tolmere", Answer(result="partly", reason="more_information_needed"), [ask])
    table.say("orvanda", HandOver(), [ask])
    table.say("tolmere", Answer(result="done"), [ask])
    table.say("orvanda", Close(outcome="resolved"), [opening])


def accepted_waiting(table: Table) -> None:
    """Two owe an answer, one of them by a time, and one owes a word on what it was told."""
    table.open()
    first = table.say("tolmere", Inform(ack_wanted=True))
    table.say("orvanda", Acknowledge(as_="understood"), [first])
    table.say("orvanda", Ask(to=[table.id("sarivane")], verb="watch-and-report"))
    table.say("tolmere", Ask(to=[table.id("orvanda")], verb="investigate", due=LATER))
    table.say("tolmere", Ask(to=[table.id("orvanda")], verb="nothing"))


def accepted_invited_and_left(table: Table) -> None:
    """The opener adds a party, which is then asked; a member that leaves owes nothing more."""
    table.open(members=["orvanda", "tolmere"], growth=Growth.CHAIR)
    invite = table.say("orvanda", "invite", body={"party": table.id("sarivane")})
    table.say("sarivane", "join", body={"invite": invite.id})
    table.say("orvanda", Ask(to=[table.id("sarivane")], verb="contact-source-site"))
    table.say("orvanda", Ask(to=[table.id("tolmere")], verb="status-triage"))
    table.say("tolmere", "leave")


def accepted_words_after_closing(table: Table) -> None:
    """What a closing had seen is no longer owed; it may be answered still, and be closed anew."""
    opening = table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.say("orvanda", Ask(to=[table.id("sarivane")], verb="harden-asset", due=LATER))
    table.say("tolmere", Inform(ack_wanted=True))
    close = table.say("orvanda", Close(outcome="unresolved"), [opening])
    table.say("tolmere", Answer(result="cannot", reason="law"), [ask])
    table.say("tolmere", Acknowledge(as_="read"), [close])
    table.say("orvanda", Close(outcome="moved"), [opening])


def accepted_crossing_the_closing(table: Table) -> None:
    """An ask that the closing had not seen has effect, and is owed."""
    opening = table.open()
    table.say("orvanda", Close(outcome="mitigated"), [opening])
    table.say("tolmere", Ask(to=[table.id("sarivane")], verb="other"), apart=True)


def accepted_closed_in_two_ways(table: Table) -> None:
    """A restored machine of the opener closes once more: both closings are shown."""
    opening = table.open()
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Close(outcome="resolved"), [opening])
    table.say("orvanda/restored", Close(outcome="no_incident"), [opening], apart=True)


def accepted_settled_by_its_author(table: Table) -> None:
    """The opener's next closing, which has seen both, settles it."""
    opening = table.open()
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Close(outcome="resolved"), [opening])
    table.say("orvanda/restored", Close(outcome="no_incident"), [opening], apart=True)
    table.say("orvanda", Close(outcome="resolved"), [opening])


def accepted_guests(table: Table) -> None:
    """A finder without a node tells and asks through Orvanda; it is answered, in its own name."""
    opening = table.open()
    letter = table.say("orvanda", "note")
    found = table.record("orvanda", "finder", letter, Inform(ack_wanted=True))
    table.say("orvanda", Acknowledge(as_="acting"), [found])
    table.say("tolmere", Acknowledge(as_="read"), [found])
    ask = Ask(to=[table.id("sarivane")], verb="upgrade-software", due=LATER)
    asked = table.record("orvanda", "finder", letter, ask)
    table.record("orvanda", "finder", letter, HandOver(), [found])
    done = table.say("sarivane", Answer(result="done"), [asked])
    table.record("orvanda", "finder", letter, Acknowledge(as_="understood"), [done, opening])


def accepted_guest_of_the_asked_party(table: Table) -> None:
    """Tolmere's operator answers what Tolmere was asked: it stands, and Tolmere still owes."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="block-port"))
    letter = table.say("tolmere", "note")
    done = Answer(result="done")
    table.record("tolmere", "operator", letter, done, [ask])
    table.record("tolmere", "finder", letter, Ask(to=[table.id("tolmere")], verb="investigate"))


def accepted_described(table: Table) -> None:
    """Two say what they know, side by side; what one says later takes the place of its own."""
    table.open(Open(rsit="availability"))
    table.say("orvanda", Describe(rsit="outage", services="all", ongoing="yes"))
    table.say(
        "tolmere",
        Describe(rsit="sabotage", malicious="unknown", parties=[table.id("orvanda")], people=0),
    )
    known = table.say(
        "orvanda",
        Describe(
            rsit="infected-system",
            began=TIME - 50 * HOUR,
            began_precision="day",
            noticed=TIME - HOUR,
            noticed_precision="minute",
            ended=TIME - 55 * HOUR,
            ended_precision="week",
            ongoing="no",
            services="some",
            essential="yes",
            people=40_000,
            victim="large",
            sectors=["energy", "transport"],
            states=["or", "to"],
            cross_border="yes",
            information=["credentials", "personal"],
            recoverability="supplemented",
            observed="effect",
            location="critical",
            loss="severe",
            harm="none",
            capable="no",
            malicious="yes",
        ),
    )
    table.say("tolmere", Acknowledge(as_="understood"), [known])


def accepted_timeline(table: Table) -> None:
    """What happened when, by two parties; what was said wrongly is said again instead."""
    table.open()
    first = table.say("orvanda", Event(what="detection", at=TIME - HOUR, precision="minute"))
    table.say("tolmere", Event(what="first_compromise", at=TIME - 90 * HOUR, precision="week"))
    table.say("orvanda", Event(what="effect", at=TIME - 2 * HOUR), [first])


def accepted_topics_and_tasks(table: Table) -> None:
    """Messages stand together under a topic; each party takes tasks of its own."""
    table.open()
    topic = table.say("orvanda", Topic())
    table.say("tolmere", Inform(), [topic])
    table.say("tolmere", HandOver(), [topic])
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="block-host"))
    task = table.say("tolmere", Task(due=LATER), [ask])
    other = table.say("tolmere", Task())
    table.say("tolmere", Progress(state="doing"), [task])
    table.say("tolmere", Progress(state="done"), [task])
    table.say("tolmere", Progress(state="open"), [other])
    table.say("orvanda", Task(), [topic])


def accepted_linked(table: Table) -> None:
    """Two incidents are one: it is said here, and this one closes as continued elsewhere."""
    opening = table.open()
    other = digest("another incident")
    table.say("orvanda", Link(relation="related", dossier=other))
    table.say("orvanda", Link(relation="merged_into", dossier=other))
    table.say("tolmere", Link(relation="duplicate_of", dossier=other))
    table.say("orvanda", Close(outcome="moved"), [opening])


def accepted_several_helpers(table: Table) -> None:
    """Two are asked: one will and does, the other cannot and says why; the asker says what came."""
    table.open()
    both = sorted([table.id("tolmere"), table.id("sarivane")])
    ask = Ask(to=both, verb="block-host", due=LATER, purpose="protection", basis="agreement")
    asked = table.say("orvanda", ask)
    table.say("tolmere", Answer(result="will", when=LATER - HOUR), [asked])
    table.say("sarivane", Answer(result="cannot", reason="law"), [asked])
    table.say("tolmere", Deliver(more=True), [asked])
    table.say("tolmere", Deliver(), [asked], objects=3)
    table.say("orvanda", Result(result="helped"), [asked])


def accepted_promised(table: Table) -> None:
    """What was promised is owed, until it is done or the party says that it cannot after all."""
    table.open()
    one = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate", due=LATER))
    two = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="honeypot"))
    three = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="training"))
    table.say("tolmere", Answer(result="will", when=LATER), [one])
    table.say("tolmere", Answer(result="will", when=LATER), [two])
    table.say("tolmere", Answer(result="cannot", reason="no_capacity"), [two])
    table.say("tolmere", Answer(result="will", when=LATER), [three])
    table.say("tolmere", Answer(result="done"), [three])


def accepted_delivered_at_once(table: Table) -> None:
    """Who delivers without a word before has said whether it helps by doing so."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.say("tolmere", Deliver(), [ask])


def accepted_under_the_norms(table: Table) -> None:
    """A request for critical infrastructure under attack, and one about use of territory."""
    table.open()
    tolmere = [table.id("tolmere")]
    soon = TIME + 4 * HOUR
    table.say(
        "orvanda",
        Ask(to=tolmere, verb="block-host", form="norm_h", sector="transport", whether_by=soon),
    )
    table.say("orvanda", Ask(to=tolmere, verb="investigate", form="norm_c", use="command"))


def accepted_offered(table: Table) -> None:
    """Help that nobody asked for is offered, taken up by a time, delivered, and helped in part."""
    offer = offered(table)
    table.say("orvanda", Accept(due=LATER), [offer])
    table.say("sarivane", Deliver(), [offer])
    table.say("orvanda", Result(result="partly"), [offer])


def accepted_offered_to_who_asked(table: Table) -> None:
    """A party that was not asked offers what another was asked for; it is accepted, and owed."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    offer = Offer(to=table.id("orvanda"), verbs=["honeypot", "investigate"])
    table.say("orvanda", Accept(), [table.say("sarivane", offer, [ask])])


def accepted_offers_that_end(table: Table) -> None:
    """One is turned down, one is taken back by who made it, and one waits for a word."""
    down = offered(table)
    table.say("orvanda", TurnDown(reason="helped"), [down])
    offer = Offer(to=table.id("orvanda"), verbs=["investigate"], until=LATER)
    table.say("tolmere", StandDown(), [table.say("tolmere", offer)])
    table.say("tolmere", offer)


def accepted_guests_offer(table: Table) -> None:
    """An operator without a node is asked with its host, offers more, and its help is used."""
    table.open()
    letter = table.say("tolmere", "note")
    offer = Offer(to=table.id("orvanda"), verbs=["rebuild-asset"])
    given = table.record("tolmere", "operator", letter, offer)
    table.say("orvanda", Accept(), [given])
    table.record("tolmere", "operator", letter, Deliver(), [given])
    wanted = Ask(to=[table.id("orvanda")], verb="investigate")
    ask = table.record("tolmere", "operator", letter, wanted)
    table.say("sarivane", Offer(to=table.id("tolmere"), verbs=["investigate"]), [ask])
    table.record("tolmere", "operator", letter, Result(result="withdrawn"), [ask])


def accepted_same_target(table: Table) -> None:
    """Two are about to act on one target at one time: each owes the other a word."""
    table.open()
    mine = table.say("orvanda", intend(HOST))
    table.say("orvanda", intend(HOST, NETWORK))
    table.say("tolmere", intend(HOST, start=LATER + HOUR))
    table.say("tolmere", GoAhead(), [mine])


def accepted_talked_it_over(table: Table) -> None:
    """One lets the other go ahead, and stands down itself: nobody owes a word any more."""
    table.open()
    mine = table.say("orvanda", intend(HOST))
    theirs = table.say("tolmere", intend(HOST))
    table.say("tolmere", GoAhead(), [mine])
    table.say("tolmere", StandDown(), [theirs])


def accepted_not_at_the_same_time(table: Table) -> None:
    """Who acts on a target when the other is done, or on another target, owes nothing."""
    opening = table.open()
    table.say("orvanda", intend(HOST))
    table.say("tolmere", intend(HOST, start=LATER + 2 * HOUR))
    table.say("tolmere", intend(NETWORK))
    table.say("orvanda", Close(outcome="unresolved"), [opening])


def refused_d0_will_without_a_time(table: Table) -> None:
    """Who says that it will says when."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.say("tolmere", "answer", [ask], {"result": "will"})


def refused_d0_norm_h_without_its_sector(table: Table) -> None:
    """A request for critical infrastructure says of which sector."""
    table.open()
    body: Object = {"to": [table.id("tolmere")], "verb": "investigate", "form": "norm_h"}
    table.say("orvanda", "ask", body=body)


def refused_d0_unknown_class(table: Table) -> None:
    """A charter whose terms are not as declared opens nothing, and nothing under it has effect."""
    table.open({"rsit": "espionage"})


def refused_d0_unknown_kind(table: Table) -> None:
    """No kind accuses."""
    table.open()
    table.say("tolmere", "accuse", body={"party": table.id("sarivane")})


def refused_d0_unknown_field(table: Table) -> None:
    """A field that is not declared is never passed over."""
    table.open()
    table.say("tolmere", "inform", body={"urgent": True})


def refused_d0_unknown_verb(table: Table) -> None:
    """What is asked for is one of the codes."""
    table.open()
    table.say("tolmere", "ask", body={"to": [table.id("orvanda")], "verb": "hack-back"})


def refused_d0_partly_without_reason(table: Table) -> None:
    """An answer that is not simply done says why."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="block-port"))
    table.say("tolmere", "answer", [ask], {"result": "partly"})


def refused_d0_done_with_reason(table: Table) -> None:
    """An answer that is done needs no reason."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="block-port"))
    table.say("tolmere", "answer", [ask], {"result": "done", "reason": "law"})


def refused_d0_answer_to_no_ask(table: Table) -> None:
    """An answer cites an ask."""
    table.open()
    said = table.say("orvanda", Inform())
    table.say("tolmere", Answer(result="done"), [said])


def refused_d0_answer_to_closed_ask(table: Table) -> None:
    """What has no effect cannot be answered."""
    opening = table.open()
    table.say("orvanda", Close(outcome="resolved"), [opening])
    late = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="block-port"))
    table.say("tolmere", Answer(result="done"), [late])


def refused_d0_answer_without_ask(table: Table) -> None:
    """An answer cites exactly one ask."""
    table.open()
    table.say("tolmere", Answer(result="done"))


def refused_d0_answer_to_ask_not_seen(table: Table) -> None:
    """An act cites what its author had seen."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="block-port"))
    table.say("tolmere", Answer(result="done"), [ask], apart=True)


def refused_d0_closed_by_a_guest(table: Table) -> None:
    """Closing is for the opener; no host records it for a guest."""
    opening = table.open()
    letter = table.say("orvanda", "note")
    table.record("orvanda", "finder", letter, Close(outcome="resolved"), [opening])


def refused_d0_guest_with_a_role(table: Table) -> None:
    """What a guest did has coded fields of its own, and no role or approvals of its host's."""
    table.open()
    letter = table.say("orvanda", "note")
    body: Object = {"by": {"role": "minister"}}
    table.record("orvanda", "finder", letter, "inform", body=body)


def refused_d0_guest_asks_for_what_is_not_there(table: Table) -> None:
    """A recorded act is as declared, like every other."""
    table.open()
    letter = table.say("orvanda", "note")
    body: Object = {"to": [table.id("tolmere")], "verb": "hack-back"}
    table.record("orvanda", "finder", letter, "ask", body=body)


def refused_d1_guest_asks_a_stranger(table: Table) -> None:
    """What a guest asks goes to a member, too."""
    table.open(members=["orvanda", "tolmere"])
    letter = table.say("orvanda", "note")
    ask = Ask(to=[table.id("sarivane")], verb="investigate")
    table.record("orvanda", "finder", letter, ask)


def refused_d1_ask_of_oneself(table: Table) -> None:
    """An ask goes to another party."""
    table.open()
    table.say("orvanda", Ask(to=[table.id("orvanda")], verb="investigate"))


def refused_d1_ask_of_stranger(table: Table) -> None:
    """An ask goes to a member."""
    table.open(members=["orvanda", "tolmere"])
    table.say("orvanda", Ask(to=[table.id("sarivane")], verb="investigate"))


def refused_d2_due_before_asked(table: Table) -> None:
    """A deadline that has passed when it is set is no deadline."""
    table.open()
    table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate", due=TIME))


def refused_d2_due_when_asked(table: Table) -> None:
    """Not even one that passes at that moment."""
    table.open()
    due = TIME + 60_000
    table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate", due=due), time=due)


def refused_d3_answer_for_another(table: Table) -> None:
    """Nobody answers in another's place."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.say("sarivane", Answer(result="done"), [ask])


def refused_d3_guest_of_another(table: Table) -> None:
    """A guest answers what its host was asked, and nothing else."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    letter = table.say("sarivane", "note")
    table.record("sarivane", "operator", letter, Answer(result="done"), [ask])


def refused_d3_host_for_its_guest(table: Table) -> None:
    """What a guest asked Tolmere is for Tolmere to answer, not for the guest's host."""
    table.open()
    letter = table.say("orvanda", "note")
    ask = Ask(to=[table.id("tolmere")], verb="investigate")
    asked = table.record("orvanda", "finder", letter, ask)
    table.say("orvanda", Answer(result="done"), [asked])


def refused_d4_guests_own_act_acknowledged(table: Table) -> None:
    """A guest does not acknowledge itself either."""
    table.open()
    letter = table.say("orvanda", "note")
    found = table.record("orvanda", "finder", letter, Inform())
    table.record("orvanda", "finder", letter, Acknowledge(as_="read"), [found])


def refused_d4_own_act_acknowledged(table: Table) -> None:
    """Nobody acknowledges itself, not even among others."""
    opening = table.open()
    said = table.say("tolmere", Inform())
    table.say("tolmere", Acknowledge(as_="read"), [opening, said])


def refused_d5_closed_by_another(table: Table) -> None:
    """A member that has done its part leaves; it does not close."""
    opening = table.open()
    table.say("tolmere", Close(outcome="resolved"), [opening])


def refused_d6_told_after_closing(table: Table) -> None:
    """News after the end opens another incident."""
    opening = table.open()
    table.say("orvanda", Close(outcome="resolved"), [opening])
    table.say("tolmere", Inform())


def refused_d6_asked_after_closing(table: Table) -> None:
    """After the end nothing new is asked."""
    opening = table.open()
    table.say("orvanda", Close(outcome="resolved"), [opening])
    table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))


def refused_d6_guest_tells_after_closing(table: Table) -> None:
    """News of a guest after the end belongs elsewhere, too."""
    opening = table.open()
    table.say("orvanda", Close(outcome="resolved"), [opening])
    letter = table.say("tolmere", "note")
    table.record("tolmere", "operator", letter, Inform())


def refused_d6_files_after_closing(table: Table) -> None:
    """After the end no files change hands."""
    opening = table.open()
    table.say("orvanda", Close(outcome="resolved"), [opening])
    table.say("sarivane", HandOver())


def refused_d1_asked_with_oneself(table: Table) -> None:
    """Nobody is among those that it asks itself."""
    table.open()
    both = sorted([table.id("orvanda"), table.id("tolmere")])
    table.say("orvanda", Ask(to=both, verb="investigate"))


def refused_d1_offer_to_oneself(table: Table) -> None:
    """An offer goes to another."""
    table.open()
    table.say("orvanda", Offer(to=table.id("orvanda"), verbs=["investigate"]))


def refused_d1_offer_to_who_did_not_ask(table: Table) -> None:
    """An offer that cites an ask goes to who asked."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.say("sarivane", Offer(to=table.id("tolmere"), verbs=["investigate"]), [ask])


def refused_d2_whether_after_the_help(table: Table) -> None:
    """Whether one helps is said before the help is needed."""
    table.open()
    ask = Ask(to=[table.id("tolmere")], verb="investigate", due=LATER, whether_by=LATER + 1)
    table.say("orvanda", ask)


def refused_d2_whether_before_asked(table: Table) -> None:
    """Whether one helps is said after it was asked."""
    table.open()
    table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate", whether_by=TIME))


def refused_d2_promised_for_the_past(table: Table) -> None:
    """What one will do lies ahead."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.say("tolmere", Answer(result="will", when=TIME), [ask])


def refused_d2_ends_before_it_begins(table: Table) -> None:
    """What one is about to do lasts a while."""
    table.open()
    table.say("orvanda", intend(HOST, hours=0))


def refused_d2_over_before_it_is_said(table: Table) -> None:
    """What is over is nothing that one is about to do."""
    table.open()
    table.say("orvanda", intend(HOST, start=TIME - 9 * HOUR))


def refused_d2_offer_of_the_past(table: Table) -> None:
    """An offer stands for some time."""
    table.open()
    table.say("orvanda", Offer(to=table.id("tolmere"), verbs=["training"], until=TIME))


def refused_d4_own_intention(table: Table) -> None:
    """Others say whether they are disturbed."""
    table.open()
    table.say("orvanda", GoAhead(), [table.say("orvanda", intend(HOST))])


def refused_d6_offered_after_closing(table: Table) -> None:
    """After the end no help is offered."""
    opening = table.open()
    table.say("orvanda", Close(outcome="resolved"), [opening])
    table.say("tolmere", Offer(to=table.id("orvanda"), verbs=["training"]))


def refused_d7_nothing_said(table: Table) -> None:
    """A description says something."""
    table.open()
    table.say("orvanda", Describe())


def refused_d7_precision_of_nothing(table: Table) -> None:
    """How exactly a time is known goes with the time."""
    table.open()
    table.say("orvanda", Describe(began_precision="day", services="none"))


def refused_d7_none_and_some(table: Table) -> None:
    """Information is affected, or is not."""
    table.open()
    table.say("orvanda", Describe(information=["none", "personal"]))


def refused_d7_ended_before_it_began(table: Table) -> None:
    """An end follows its beginning, as far as both are known."""
    table.open()
    known = Describe(
        began=TIME, began_precision="hour", ended=TIME - 3 * HOUR, ended_precision="hour"
    )
    table.say("orvanda", known)


def refused_d8_event_of_another(table: Table) -> None:
    """What another said happened stands, with one's own beside it."""
    table.open()
    said = table.say("orvanda", Event(what="detection", at=TIME))
    table.say("tolmere", Event(what="detection", at=TIME - HOUR), [said])


def refused_d8_task_of_another(table: Table) -> None:
    """Each party says of its own tasks how they go on."""
    table.open()
    task = table.say("orvanda", Task())
    table.say("tolmere", Progress(state="done"), [task])


def refused_d8_stood_down_for_another(table: Table) -> None:
    """Nobody takes another's intention away, not even among own ones."""
    table.open()
    theirs = table.say("orvanda", intend(HOST))
    mine = table.say("tolmere", intend(HOST))
    table.say("tolmere", StandDown(), [mine, theirs])


def refused_d9_taken_up_by_another(table: Table) -> None:
    """An offer is for whom it names."""
    table.say("tolmere", Accept(), [offered(table)])


def refused_d9_turned_down_by_its_author(table: Table) -> None:
    """Who made an offer stands down from it."""
    table.say("sarivane", TurnDown(reason="not_stated"), [offered(table)])


def refused_d9_result_by_the_helper(table: Table) -> None:
    """Whether it helped is for who was helped to say."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.say("tolmere", Result(result="helped"), [ask])


def refused_d10_delivered_unasked(table: Table) -> None:
    """Who was not asked offers first."""
    table.open()
    ask = table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate"))
    table.say("sarivane", Deliver(), [ask])


def refused_d10_offer_of_another(table: Table) -> None:
    """What one party offered, another does not deliver."""
    offer = offered(table)
    table.say("orvanda", Accept(), [offer])
    table.say("tolmere", Deliver(), [offer])


def refused_d10_not_accepted(table: Table) -> None:
    """What was offered is delivered when it was accepted."""
    table.say("sarivane", Deliver(), [offered(table)])


def refused_d11_done_and_doing(table: Table) -> None:
    """What was dropped does not go on."""
    table.open()
    task = table.say("orvanda", Task())
    table.say("orvanda", Progress(state="dropped"), [task])
    table.say("orvanda", Progress(state="doing"), [task])


def refused_d12_too_many_intentions(table: Table) -> None:
    """Intentions that are over make room when their author stands down from them."""
    table.open()
    first = table.say("orvanda", intend(HOST))
    table.say("orvanda", StandDown(), [first])
    for _ in range(MOST_INTENTS + 1):
        table.say("orvanda", intend(HOST))


def refused_d13_turned_down_before(table: Table) -> None:
    """What was turned down is offered anew."""
    offer = offered(table)
    table.say("orvanda", TurnDown(reason="not_needed"), [offer])
    table.say("orvanda", Accept(), [offer])


def refused_d13_taken_back(table: Table) -> None:
    """What its author no longer offers is not accepted."""
    offer = offered(table)
    table.say("sarivane", StandDown(), [offer])
    table.say("orvanda", Accept(), [offer])


def refused_d13_over(table: Table) -> None:
    """An offer stands until its time, and no longer."""
    table.say("orvanda", Accept(), [offered(table)], time=LATER + 1)
