"""The cases of an incident: each function plays one and is written as the vector of its name."""

from __future__ import annotations

from comity.kernel.canon import Object
from comity.kernel.kinds import Growth
from comity.protocols.response.incident.acts import (
    Acknowledge,
    Answer,
    Ask,
    Close,
    HandOver,
    Inform,
    Open,
)
from tests.protocols.table import LATER, TIME, Table


def accepted_crossing_the_border(table: Table) -> None:
    """Opened, told, acknowledged, asked, answered in part and then wholly, handed over, closed."""
    opening = table.open(Open(rsit="availability", occurred=TIME - 3_600_000))
    warning = table.say("orvanda", Inform(ack_wanted=True))
    table.say("tolmere", Acknowledge(as_="read"), [opening, warning])
    table.say("tolmere", Acknowledge(as_="acting"), [warning])
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="block-host", due=LATER))
    table.say("tolmere", Answer(result="partly", reason="more_information_needed"), [ask])
    table.say("orvanda", HandOver(), [ask])
    table.say("tolmere", Answer(result="done"), [ask])
    table.say("orvanda", Close(outcome="resolved"), [opening])


def accepted_waiting(table: Table) -> None:
    """Two owe an answer, one of them by a time, and one owes a word on what it was told."""
    table.open()
    first = table.say("tolmere", Inform(ack_wanted=True))
    table.say("orvanda", Acknowledge(as_="understood"), [first])
    table.say("orvanda", Ask(to=table.id("sarivane"), verb="watch-and-report"))
    table.say("tolmere", Ask(to=table.id("orvanda"), verb="investigate", due=LATER))
    table.say("tolmere", Ask(to=table.id("orvanda"), verb="nothing"))


def accepted_invited_and_left(table: Table) -> None:
    """The opener adds a party, which is then asked; a member that leaves owes nothing more."""
    table.open(members=["orvanda", "tolmere"], growth=Growth.CHAIR)
    invite = table.say("orvanda", "invite", body={"party": table.id("sarivane")})
    table.say("sarivane", "join", body={"invite": invite.id})
    table.say("orvanda", Ask(to=table.id("sarivane"), verb="contact-source-site"))
    table.say("orvanda", Ask(to=table.id("tolmere"), verb="status-triage"))
    table.say("tolmere", "leave")


def accepted_words_after_closing(table: Table) -> None:
    """What a closing had seen is no longer owed; it may be answered still, and be closed anew."""
    opening = table.open()
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="investigate"))
    table.say("orvanda", Ask(to=table.id("sarivane"), verb="harden-asset", due=LATER))
    table.say("tolmere", Inform(ack_wanted=True))
    close = table.say("orvanda", Close(outcome="unresolved"), [opening])
    table.say("tolmere", Answer(result="cannot", reason="law"), [ask])
    table.say("tolmere", Acknowledge(as_="read"), [close])
    table.say("orvanda", Close(outcome="moved"), [opening])


def accepted_crossing_the_closing(table: Table) -> None:
    """An ask that the closing had not seen has effect, and is owed."""
    opening = table.open()
    table.say("orvanda", Close(outcome="mitigated"), [opening])
    table.say("tolmere", Ask(to=table.id("sarivane"), verb="other"), apart=True)


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
    ask = Ask(to=table.id("sarivane"), verb="upgrade-software", due=LATER)
    asked = table.record("orvanda", "finder", letter, ask)
    table.record("orvanda", "finder", letter, HandOver(), [found])
    done = table.say("sarivane", Answer(result="done"), [asked])
    table.record("orvanda", "finder", letter, Acknowledge(as_="understood"), [done, opening])


def accepted_guest_of_the_asked_party(table: Table) -> None:
    """Tolmere's operator answers what Tolmere was asked: it stands, and Tolmere still owes."""
    table.open()
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="block-port"))
    letter = table.say("tolmere", "note")
    done = Answer(result="done")
    table.record("tolmere", "operator", letter, done, [ask])
    table.record("tolmere", "finder", letter, Ask(to=table.id("tolmere"), verb="investigate"))


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
    table.say("tolmere", "ask", body={"to": table.id("orvanda"), "verb": "hack-back"})


def refused_d0_partly_without_reason(table: Table) -> None:
    """An answer that is not simply done says why."""
    table.open()
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="block-port"))
    table.say("tolmere", "answer", [ask], {"result": "partly"})


def refused_d0_done_with_reason(table: Table) -> None:
    """An answer that is done needs no reason."""
    table.open()
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="block-port"))
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
    late = table.say("orvanda", Ask(to=table.id("tolmere"), verb="block-port"))
    table.say("tolmere", Answer(result="done"), [late])


def refused_d0_answer_without_ask(table: Table) -> None:
    """An answer cites exactly one ask."""
    table.open()
    table.say("tolmere", Answer(result="done"))


def refused_d0_answer_to_ask_not_seen(table: Table) -> None:
    """An act cites what its author had seen."""
    table.open()
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="block-port"))
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
    body: Object = {"to": table.id("tolmere"), "verb": "hack-back"}
    table.record("orvanda", "finder", letter, "ask", body=body)


def refused_d1_guest_asks_a_stranger(table: Table) -> None:
    """What a guest asks goes to a member, too."""
    table.open(members=["orvanda", "tolmere"])
    letter = table.say("orvanda", "note")
    ask = Ask(to=table.id("sarivane"), verb="investigate")
    table.record("orvanda", "finder", letter, ask)


def refused_d1_ask_of_oneself(table: Table) -> None:
    """An ask goes to another party."""
    table.open()
    table.say("orvanda", Ask(to=table.id("orvanda"), verb="investigate"))


def refused_d1_ask_of_stranger(table: Table) -> None:
    """An ask goes to a member."""
    table.open(members=["orvanda", "tolmere"])
    table.say("orvanda", Ask(to=table.id("sarivane"), verb="investigate"))


def refused_d2_due_before_asked(table: Table) -> None:
    """A deadline that has passed when it is set is no deadline."""
    table.open()
    table.say("orvanda", Ask(to=table.id("tolmere"), verb="investigate", due=TIME))


def refused_d2_due_when_asked(table: Table) -> None:
    """Not even one that passes at that moment."""
    table.open()
    due = TIME + 60_000
    table.say("orvanda", Ask(to=table.id("tolmere"), verb="investigate", due=due), time=due)


def refused_d3_answer_for_another(table: Table) -> None:
    """Nobody answers in another's place."""
    table.open()
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="investigate"))
    table.say("sarivane", Answer(result="done"), [ask])


def refused_d3_guest_of_another(table: Table) -> None:
    """A guest answers what its host was asked, and nothing else."""
    table.open()
    ask = table.say("orvanda", Ask(to=table.id("tolmere"), verb="investigate"))
    letter = table.say("sarivane", "note")
    table.record("sarivane", "operator", letter, Answer(result="done"), [ask])


def refused_d3_host_for_its_guest(table: Table) -> None:
    """What a guest asked Tolmere is for Tolmere to answer, not for the guest's host."""
    table.open()
    letter = table.say("orvanda", "note")
    ask = Ask(to=table.id("tolmere"), verb="investigate")
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
    table.say("orvanda", Ask(to=table.id("tolmere"), verb="investigate"))


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
