"""The cases of a community: each function plays one and is written as the vector of its name.

Orvanda keeps the secretariat unless a case says otherwise; Tolmere nominates its operations desk.
"""

from __future__ import annotations

from typing import Any

from comity.kernel.act import Act
from comity.kernel.canon import Object, Value
from comity.kernel.kinds import Growth
from comity.protocols.trust.community.accreditation import (
    Apply,
    Circulate,
    Decide,
    EndAccreditation,
    Lift,
    Objection,
    Reply,
    Vote,
    Write,
)
from comity.protocols.trust.community.codes import DAY
from comity.protocols.trust.community.contacts import (
    AskDetail,
    Confirm,
    Detail,
    End,
    Give,
    HandOver,
    RefuseDetail,
)
from comity.protocols.trust.community.forum import (
    HandOffice,
    Open,
    Place,
    Recognise,
    SetPolicy,
    TakeOffice,
)
from tests.kernel.world import digest, parts_of
from tests.protocols.table import LATER, TIME, Table

DAYS = 14
DUE = TIME + 20 * DAY
AFTER = DUE + DAY
YEAR = AFTER + 365 * DAY
USUAL: Object = {
    "contact": "ops",
    "seat": "to",
    "role": "technical",
    "holder_is": "desk",
    "source": "own",
    "fields": ["email", "phone"],
    "visibility": "members",
}
HANDED = HandOver(
    contact="ops",
    holder_is="person",
    since=LATER,
    fields=["deputies", "holder"],
    visibility="members",
)
ENDED = End(contact="ops", reason="left")
APPLIED = Apply(applicant="harbour_lab", category="technical_community")
FOR, AGAINST = Decide(outcome="accredited", until=YEAR), Decide(outcome="refused")


def opened(table: Table, decides: str | None = None, **how: Any) -> Act:
    """Orvanda opens a forum, and keeps its secretariat."""
    rules = Open(
        freshness=365,
        cadence=182,
        visibility="members",
        decides=decides,
        objecting=None if decides is None else DAYS,
    )
    return table.open(rules, **how)


def nominated(table: Table, *cites: Act, by: str = "tolmere", **terms: Value) -> Act:
    """A party nominates its operations desk for the seat of Tolmere."""
    return table.say(by, "nominate", cites, USUAL | terms)


def told(*fields: str, contact: str = "ops", visibility: str = "members") -> Detail:
    """Particulars of the operations desk."""
    return Detail(contact=contact, fields=[*fields], visibility=visibility)


def right(*fields: str) -> Confirm:
    """The word that particulars of the operations desk are still right."""
    return Confirm(contact="ops", fields=[*fields])


def asked(*fields: str) -> AskDetail:
    """A request for particulars of the operations desk."""
    return AskDetail(contact="ops", fields=[*fields])


def words_to(reached: Value, said: Detail | Give) -> Object:
    """The body of what tells particulars to whom a visibility says, or to some parties."""
    return {**said.to_body(), "audience": [{"first": 0, "last": 0, "to": reached}]}


def recognised(table: Table, party: str, stand: str = "recognised") -> Recognise:
    """The forum's word on the seat of Tolmere."""
    return Recognise(seat="to", authority=table.id(party), stand=stand)


def circulated(table: Table, decides: str, *, until: int = DUE) -> tuple[Act, Act]:
    """A forum, and an application that a guest of Tolmere made and Orvanda circulates."""
    opening = opened(table, decides)
    letter = table.say("tolmere", "note")
    application = table.record("tolmere", "lab", letter, APPLIED)
    table.say("orvanda", Circulate(due=until), [application, opening])
    return opening, application


# The directory


def accepted_a_living_directory(table: Table) -> None:
    """Nominated and listed, told for some alone, confirmed, asked for and given, handed over."""
    opening = opened(table, growth=Growth.CHAIR)
    category = Place(party=table.id("tolmere"), category="government_technical")
    table.say("orvanda", category, [opening])
    table.say("orvanda", recognised(table, "tolmere"), [opening])
    first = nominated(table, since=TIME, until=YEAR)
    named = sorted([table.id("orvanda"), table.id("sarivane")])
    outside = words_to([*named], told("phone_emergency", visibility="named"))
    second = table.say("tolmere", "detail", [first], outside)
    table.say("tolmere", "detail", [first], words_to("author", told("chat", visibility="request")))
    table.say(
        "tolmere", "detail", [first], words_to("public", told("website", visibility="public"))
    )
    table.say("tolmere", right("email", "phone_emergency"), [first, second], time=LATER)
    ask = table.say("sarivane", asked("chat"), [first])
    given = words_to([table.id("sarivane")], Give(contact="ops", fields=["chat"]))
    table.say("tolmere", "give", [ask], given)
    table.say("tolmere", HANDED, [first], time=LATER + 60_000)
    table.say("orvanda", SetPolicy(freshness=180), [opening])


def accepted_asked_and_waiting(table: Table) -> None:
    """Two ask; one is refused, and the other waits for whom keeps the contact."""
    opened(table)
    first = nominated(table)
    kept = nominated(table, by="orvanda", contact="lab", kept_by=table.id("sarivane"))
    ask = table.say("orvanda", asked("chat"), [first])
    table.say("tolmere", RefuseDetail(reason="law"), [ask])
    table.say("tolmere", AskDetail(contact="lab", fields=["email"]), [kept])


def accepted_ended(table: Table) -> None:
    """A contact that ended is found no more, and nothing of it is owed; another one stays."""
    opened(table)
    first = nominated(table)
    other = nominated(table, contact="press", role="other", fields=["email"])
    table.say("sarivane", asked("chat"), [first])
    table.say("sarivane", AskDetail(contact="press", fields=["phone"]), [other])
    table.say("tolmere", ENDED, [first])


def accepted_nominated_anew(table: Table) -> None:
    """A nomination that cites the earlier keeps what was told; one that does not begins anew."""
    opened(table)
    first = nominated(table)
    second = nominated(table, first, role="diplomatic", fields=["email"])
    table.say("tolmere", right("phone"), [first], time=LATER)
    table.say("tolmere", told("hours"), [second])
    nominated(table, contact="ops", fields=["address"])


def accepted_nominated_for_sectors_and_states(table: Table) -> None:
    """A desk answers for two sectors in two states, and later for one sector alone."""
    opened(table)
    first = nominated(table, sectors=["energy", "health"], states=["sa", "to"])
    nominated(table, by="sarivane", contact="lab", states=["sa"])
    nominated(table, first, sectors=["health"])


def accepted_nominated_after_its_end(table: Table) -> None:
    """What was ended by mistake is nominated again, and goes on with what was told."""
    opened(table)
    first = nominated(table)
    table.say("tolmere", End(contact="ops", reason="mistake"), [first])
    nominated(table, first, fields=["email"])


def accepted_kept_by_another(table: Table) -> None:
    """A ministry nominates; the team that it names tells, confirms and hands over itself."""
    opened(table)
    first = nominated(table, kept_by=table.id("sarivane"))
    table.say("sarivane", told("phone"), [first])
    later = table.say("tolmere", told("phone", "zone"), [first])
    table.say("sarivane", right("zone"), [later], time=LATER)
    table.say("sarivane", HANDED, [first])
    table.say("tolmere", told("other"), [first])


def accepted_kept_by_another_no_more(table: Table) -> None:
    """What it told goes with it; what the nominator told stays."""
    opened(table)
    first = nominated(table, kept_by=table.id("sarivane"))
    table.say("sarivane", told("chat"), [first])
    nominated(table, first, fields=["email"])


def accepted_kept_by_the_same_and_begun_anew(table: Table) -> None:
    """What a keeper told before a nomination began anew is gone; what it told of another stays."""
    opened(table)
    keeper = table.id("sarivane")
    other = nominated(table, contact="press", kept_by=keeper)
    table.say("sarivane", told("email", contact="press"), [other])
    first = nominated(table, kept_by=keeper)
    table.say("sarivane", told("chat"), [first])
    second = nominated(table, kept_by=keeper)
    table.say("tolmere", told("email"), [second])


def accepted_kept_in_two_ways(table: Table) -> None:
    """Nominator and keeper tell the same without having seen each other: both stand."""
    opened(table)
    first = nominated(table, kept_by=table.id("sarivane"))
    table.catch_up("sarivane")
    table.say("tolmere", told("phone"), [first])
    table.say("sarivane", told("phone"), [first], apart=True)


def accepted_nominated_in_two_ways(table: Table) -> None:
    """A restored machine nominates otherwise: both stand, until the next word settles it."""
    opened(table)
    first = nominated(table)
    table.fork("tolmere", "tolmere/restored")
    nominated(table, first, role="legal")
    table.say("tolmere/restored", "nominate", [first], USUAL | {"role": "policy"}, apart=True)


def accepted_nominated_by_two(table: Table) -> None:
    """Two parties nominate for one seat under one handle: both stand, and one is listed."""
    opening = opened(table)
    nominated(table)
    nominated(table, by="sarivane", source="imported")
    table.say("orvanda", recognised(table, "sarivane"), [opening])


def accepted_recognised_no_more(table: Table) -> None:
    """The forum says one party, then another, then none; the nominations stay."""
    opening = opened(table)
    nominated(table)
    table.say("orvanda", recognised(table, "tolmere"), [opening])
    table.say("orvanda", recognised(table, "sarivane"), [opening])
    table.say("orvanda", recognised(table, "sarivane", "ended"), [opening])


def accepted_invited_and_left(table: Table) -> None:
    """With a member its nominations go, what it kept for others, its place and its recognition."""
    opening = opened(table, growth=Growth.CHAIR, members=["orvanda", "tolmere"])
    invite = table.say("orvanda", "invite", body={"party": table.id("sarivane")})
    table.say("sarivane", "join", body={"invite": invite.id})
    nominated(table, by="sarivane")
    kept = nominated(table, kept_by=table.id("sarivane"))
    table.say("sarivane", told("chat"), [kept])
    table.say("orvanda", recognised(table, "sarivane"), [opening])
    table.say("orvanda", Place(party=table.id("sarivane"), category="business"), [opening])
    table.say("orvanda", asked("chat"), [kept])
    table.say("sarivane", "leave")
    table.say("orvanda", recognised(table, "sarivane", "ended"), [opening])


# The secretariat


def accepted_office_handed_over(table: Table) -> None:
    """The next secretariat says anew what the last one said, and its word counts."""
    opening = opened(table)
    place = Place(party=table.id("tolmere"), category="business")
    table.say("orvanda", place, [opening])
    table.say("orvanda", recognised(table, "tolmere"), [opening])
    offer = table.say("orvanda", HandOffice(to=table.id("sarivane")), [opening])
    table.say("sarivane", TakeOffice(), [offer])
    table.say("sarivane", SetPolicy(cadence=90, visibility="named"), [offer])
    table.say("sarivane", recognised(table, "orvanda"), [offer])
    other = Place(party=table.id("tolmere"), category="law_enforcement")
    table.say("sarivane", other, [offer])


def accepted_office_offered_to_who_left(table: Table) -> None:
    """An offer waits for a member alone; nobody owes what only the secretariat may do, once it
    has left.
    """
    opening = opened(table, "secretariat")
    table.say("tolmere", APPLIED)
    table.say("orvanda", HandOffice(to=table.id("sarivane")), [opening])
    table.say("sarivane", "leave")
    table.say("orvanda", "leave")


def _restored(table: Table) -> Act:
    """Open, and give Orvanda the second voice of a restored machine."""
    opening = opened(table)
    table.fork("orvanda", "orvanda/restored")
    return opening


def accepted_office_lost(table: Table) -> None:
    """Handed over twice by a restored machine, the office is nobody's."""
    opening = _restored(table)
    one = table.say("orvanda", HandOffice(to=table.id("sarivane")), [opening])
    other = HandOffice(to=table.id("tolmere"))
    two = table.say("orvanda/restored", other, [opening], apart=True)
    table.catch_up("tolmere")
    table.say("sarivane", TakeOffice(), [one])
    table.say("tolmere", TakeOffice(), [two], apart=True)


def accepted_policy_in_two_ways(table: Table) -> None:
    """A restored machine set another freshness; both are shown until the next word."""
    opening = _restored(table)
    table.say("orvanda", SetPolicy(freshness=90), [opening])
    table.say("orvanda/restored", SetPolicy(freshness=30), [opening], apart=True)


def accepted_recognised_in_two_ways(table: Table) -> None:
    """Nobody is listed for a seat of which the forum said two parties at once."""
    opening = _restored(table)
    nominated(table)
    table.say("orvanda", recognised(table, "tolmere"), [opening])
    table.say("orvanda/restored", recognised(table, "sarivane"), [opening], apart=True)


# Accreditation


def accepted_accredited_without_objection(table: Table) -> None:
    """Applied for through a member, circulated, objected to, lifted, decided, written about."""
    opening, application = circulated(table, "no_objection")
    objection = table.say("sarivane", Objection(reasoned=True), [application])
    table.say("sarivane", Lift(), [objection])
    decision = table.say("orvanda", FOR, [application, opening], time=AFTER)
    letter = table.say("tolmere", "note")
    wrote = table.record("tolmere", "lab", letter, Write(), [application])
    table.say("orvanda", Reply(), [wrote, opening])
    table.record("tolmere", "lab", letter, Write(), [application])
    end = EndAccreditation(reason="asked")
    table.say("orvanda", end, [decision, opening])


def accepted_refused_for_an_objection(table: Table) -> None:
    """Sarivane objects and says nothing more; who was refused writes all the same."""
    opening, application = circulated(table, "no_objection")
    objection = table.say("sarivane", Objection(), [application])
    table.say("orvanda", AGAINST, [application, objection, opening], time=AFTER)
    letter = table.say("tolmere", "note")
    table.record("tolmere", "lab", letter, Write(), [application])


def accepted_objector_left(table: Table) -> None:
    """The objection of who has left stands in nobody's way."""
    opening, application = circulated(table, "no_objection")
    table.say("sarivane", Objection(), [application])
    table.say("sarivane", "leave")
    table.say("orvanda", FOR, [application, opening], time=AFTER)


def accepted_voted_in(table: Table) -> None:
    """Two vote for it, one after a first no; an abstention counts for neither."""
    opening, application = circulated(table, "majority")
    table.say("tolmere", Vote(word="no"), [application])
    table.say("tolmere", Vote(word="yes"), [application])
    table.say("sarivane", Vote(word="abstain"), [application])
    table.say("orvanda", FOR, [application, opening], time=AFTER)


def accepted_voted_out(table: Table) -> None:
    """A vote that was cast in two ways at once is none, and as many as against are too few."""
    opening, application = circulated(table, "majority")
    table.fork("sarivane", "sarivane/restored")
    table.catch_up("sarivane/restored")
    table.say("sarivane", Vote(word="yes"), [application])
    table.say("sarivane/restored", Vote(word="no"), [application], apart=True)
    table.say("tolmere", Vote(word="yes"), [application])
    table.say("orvanda", Vote(word="no"), [application])
    table.say("orvanda", AGAINST, [application, opening], time=AFTER)


def accepted_decided_by_the_secretariat(table: Table) -> None:
    """It decides once an application was circulated, and may change its mind."""
    opening, application = circulated(table, "secretariat")
    table.say("orvanda", AGAINST, [application, opening])
    table.say("orvanda", FOR, [application, opening])


def accepted_decided_by_the_next_secretariat(table: Table) -> None:
    """What the last one decided, the next may decide otherwise."""
    opening, application = circulated(table, "secretariat")
    table.say("orvanda", FOR, [application, opening])
    offer = table.say("orvanda", HandOffice(to=table.id("sarivane")), [opening])
    table.say("sarivane", TakeOffice(), [offer])
    table.say("sarivane", AGAINST, [application, offer])


def accepted_decided_in_two_ways(table: Table) -> None:
    """A restored machine decided otherwise: nobody is accredited until the next word."""
    opening, application = circulated(table, "secretariat")
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", FOR, [application, opening])
    table.say("orvanda/restored", AGAINST, [application, opening], apart=True)


def accepted_circulated_for_as_long_as_is_usual(table: Table) -> None:
    """Where the charter does not say for how long, it is two weeks; and it may be for longer."""
    rules = Open(freshness=30, cadence=30, visibility="public", decides="no_objection")
    opening = table.open(rules)
    application = table.say("tolmere", APPLIED)
    for due in (DUE, AFTER):
        table.say("orvanda", Circulate(due=due), [application, opening])
    table.say("tolmere", Write(), [application])


# Refused


def refused_d0_policy_by_another(table: Table) -> None:
    """Only the secretariat changes the policy."""
    table.say("tolmere", SetPolicy(freshness=30), [opened(table)])


def refused_d0_recognised_without_citing_the_office(table: Table) -> None:
    """What the secretariat says cites what gave it the office."""
    opened(table)
    table.say("orvanda", recognised(table, "tolmere"))


def refused_d0_a_handle_of_two_parts(table: Table) -> None:
    """A handle stands between strokes in the index, and has none of its own."""
    opened(table)
    nominated(table, contact="ops/desk")


def refused_d0_a_name_in_the_header(table: Table) -> None:
    """Names are content, and can be erased."""
    opened(table)
    nominated(table, contact="Jane Doe")


def refused_d0_nominated_by_a_guest(table: Table) -> None:
    """A nomination is a member's; what a guest sends is written in as received by mail."""
    opened(table)
    letter = table.say("tolmere", "note")
    table.record("tolmere", "lab", letter, "nominate", body=USUAL)


def refused_d0_accredited_for_ever(table: Table) -> None:
    """An accreditation ends."""
    opening, application = circulated(table, "secretariat")
    table.say("orvanda", "decide", [application, opening], {"outcome": "accredited"})


def refused_d1_replaced_by_another(table: Table) -> None:
    """Nobody nominates anew what another nominated."""
    opened(table)
    nominated(table, nominated(table), by="sarivane")


def refused_d1_ended_by_another(table: Table) -> None:
    """Nor ends it, though it keeps it."""
    opened(table)
    table.say("sarivane", ENDED, [nominated(table, kept_by=table.id("sarivane"))])


def refused_d2_told_by_another(table: Table) -> None:
    """Nobody tells particulars of another's contact."""
    opened(table)
    table.say("sarivane", told("phone"), [nominated(table)])


def refused_d2_confirmed_by_another(table: Table) -> None:
    """Nor says that they are right; not the secretariat either."""
    opened(table)
    table.say("orvanda", right("phone"), [nominated(table)])


def refused_d2_handed_over_by_another(table: Table) -> None:
    """Nor hands it over."""
    opened(table)
    table.say("sarivane", HANDED, [nominated(table)])


def refused_d2_told_by_who_kept_it(table: Table) -> None:
    """Who keeps it no more tells nothing more."""
    opened(table)
    first = nominated(table, kept_by=table.id("sarivane"))
    second = nominated(table, first)
    table.say("sarivane", told("phone"), [second])


def refused_d3_another_contact(table: Table) -> None:
    """What is said of one contact is not said by citing another."""
    opened(table)
    table.say("tolmere", told("phone", contact="press"), [nominated(table)])


def refused_d3_replaced_before(table: Table) -> None:
    """What began anew is not gone on with."""
    opened(table)
    first = nominated(table)
    nominated(table)
    table.say("tolmere", told("phone"), [first])


def refused_d3_confirmed_after_its_end(table: Table) -> None:
    """What has ended is not confirmed."""
    opened(table)
    first = nominated(table)
    table.say("tolmere", ENDED, [first])
    table.say("tolmere", right("phone"), [first])


def refused_d4_named_and_sent_to_all(table: Table) -> None:
    """What some alone are to see is not sent to all members."""
    opened(table)
    table.say("tolmere", told("phone", visibility="named"), [nominated(table)])


def refused_d4_on_request_and_sent_to_some(table: Table) -> None:
    """Nor is what is given on request sent to anybody."""
    opened(table)
    first = nominated(table)
    to = words_to([table.id("orvanda")], told("phone", visibility="request"))
    table.say("tolmere", "detail", [first], to)


def refused_d4_public_and_sent_to_members(table: Table) -> None:
    """Nor is what everybody is to see kept among the members; what else is sent is no matter."""
    opened(table)
    body = told("phone", visibility="public").to_body()
    body["audience"] = [{"first": 1, "last": 1, "to": "public"}]
    table.say("tolmere", "detail", [nominated(table)], body, parts=parts_of("words", "more"))


def refused_d4_given_to_all(table: Table) -> None:
    """What was asked for goes to who asked."""
    opened(table)
    ask = table.say("sarivane", asked("chat"), [nominated(table)])
    table.say("tolmere", Give(contact="ops", fields=["chat"]), [ask])


def refused_d5_until_it_began(table: Table) -> None:
    """A nomination has a length."""
    opened(table)
    nominated(table, since=TIME, until=TIME)


def refused_d5_circulated_until_now(table: Table) -> None:
    """There is time to object."""
    opening = opened(table, "secretariat")
    application = table.say("tolmere", APPLIED)
    table.say("orvanda", Circulate(due=TIME), [application, opening])


def refused_d5_accredited_until_now(table: Table) -> None:
    """An accreditation has a length."""
    opening, application = circulated(table, "secretariat")
    table.say("orvanda", Decide(outcome="accredited", until=TIME), [application, opening])


def refused_d6_policy_of_nothing(table: Table) -> None:
    """Who changes the policy says what changes."""
    table.say("orvanda", SetPolicy(), [opened(table)])


def refused_d6_confirmed_what_nobody_told(table: Table) -> None:
    """What was told elsewhere, or nowhere, is not confirmed here."""
    opened(table)
    table.say("tolmere", right("chat", "email"), [nominated(table)])


def refused_d7_a_stranger_is_placed(table: Table) -> None:
    """Only members have a category."""
    opening = opened(table, members=["orvanda", "tolmere"])
    table.say("orvanda", Place(party=table.id("sarivane"), category="business"), [opening])


def refused_d7_a_stranger_is_recognised(table: Table) -> None:
    """Only a member nominates, and so is recognised."""
    table.say("orvanda", recognised(table, "sarivane"), [opened(table, members=["orvanda"])])


def refused_d7_kept_by_a_stranger(table: Table) -> None:
    """Only a member can tell anything here."""
    opened(table)
    nominated(table, kept_by=digest("a stranger"))


def refused_d7_kept_by_oneself(table: Table) -> None:
    """Who nominates keeps it anyway."""
    opened(table)
    nominated(table, kept_by=table.id("tolmere"))


def refused_d8_asked_of_oneself(table: Table) -> None:
    """Who may tell it has nobody to ask."""
    opened(table)
    first = nominated(table, kept_by=table.id("sarivane"))
    table.say("sarivane", asked("chat"), [first])


def refused_d8_refused_by_another(table: Table) -> None:
    """Nobody refuses what was asked of another."""
    opened(table)
    ask = table.say("sarivane", asked("chat"), [nominated(table)])
    table.say("orvanda", RefuseDetail(), [ask])


def refused_d9_circulated_with_nothing(table: Table) -> None:
    """What is circulated is an application."""
    opening = opened(table, "secretariat")
    offer = table.say("orvanda", HandOffice(to=table.id("tolmere")), [opening])
    table.say("orvanda", Circulate(due=DUE), [opening, offer])


def refused_d10_applied_where_nobody_is_accredited(table: Table) -> None:
    """A list of contacts accredits nobody."""
    opened(table)
    table.say("tolmere", APPLIED)


def refused_d10_circulated_too_briefly(table: Table) -> None:
    """The charter says how much time there is."""
    circulated(table, "no_objection", until=TIME + DAYS * DAY)


def refused_d11_objected_before_it_was_circulated(table: Table) -> None:
    """Objections come when all have been told."""
    opened(table, "no_objection")
    table.say("sarivane", Objection(), [table.say("tolmere", APPLIED)])


def refused_d11_objected_too_late(table: Table) -> None:
    """And while there is time."""
    _, application = circulated(table, "no_objection")
    table.say("sarivane", Objection(), [application], time=DUE + 1)


def refused_d12_objected_to_by_its_host(table: Table) -> None:
    """Who brought an application does not object to it."""
    _, application = circulated(table, "no_objection")
    table.say("tolmere", Objection(), [application])


def refused_d12_lifted_by_another(table: Table) -> None:
    """Nobody lifts the objection of another."""
    _, application = circulated(table, "no_objection")
    objection = table.say("sarivane", Objection(), [application])
    table.say("orvanda", Lift(), [objection])


def refused_d13_voted_where_nobody_votes(table: Table) -> None:
    """Where nobody may object, nobody is outvoted."""
    _, application = circulated(table, "no_objection")
    table.say("sarivane", Vote(word="yes"), [application])


def refused_d14_decided_before_it_was_circulated(table: Table) -> None:
    """The members are told before anything is decided."""
    opening = opened(table, "secretariat")
    table.say("orvanda", AGAINST, [table.say("tolmere", APPLIED), opening])


def refused_d14_decided_before_time_is_over(table: Table) -> None:
    """Nor is anything decided while there is time."""
    opening, application = circulated(table, "no_objection")
    table.say("orvanda", FOR, [application, opening], time=DUE)


def refused_d14_accredited_against_an_objection(table: Table) -> None:
    """An objection that stands counts, with a reason or without."""
    opening, application = circulated(table, "no_objection")
    table.say("sarivane", Objection(), [application])
    table.say("orvanda", FOR, [application, opening], time=AFTER)


def refused_d14_refused_without_an_objection(table: Table) -> None:
    """Nor does the secretariat refuse where nobody objects."""
    opening, application = circulated(table, "no_objection")
    table.say("orvanda", AGAINST, [application, opening], time=AFTER)


def refused_d14_accredited_by_nobody(table: Table) -> None:
    """Where the members vote, it takes more for it than against."""
    opening, application = circulated(table, "majority")
    table.say("orvanda", FOR, [application, opening], time=AFTER)


def refused_d15_ended_what_was_refused(table: Table) -> None:
    """There is nothing to end."""
    opening, application = circulated(table, "secretariat")
    decision = table.say("orvanda", AGAINST, [application, opening])
    table.say("orvanda", EndAccreditation(reason="mistake"), [decision, opening])


def refused_d16_written_by_another(table: Table) -> None:
    """Nobody writes in the place of who applied; not its host either."""
    _, application = circulated(table, "no_objection")
    table.say("tolmere", Write(), [application])
