"""Cases of the circle protocol; ``make protocols`` writes its vectors from them."""

from __future__ import annotations

from dataclasses import replace

from comity.kernel.act import Act
from comity.kernel.ids import PartyId
from comity.kernel.kinds import Growth
from comity.kernel.label import PAP, TLP
from comity.protocols.sharing.circle.acts import (
    Applied,
    Ask,
    Compare,
    Feedback,
    Forward,
    Permit,
    Publish,
    Relabel,
    Retract,
)
from comity.protocols.sharing.circle.terms import Open
from tests.kernel.world import digest
from tests.protocols.table import LATER, TIME, Table

RULES = Open(purpose="defence", publishers="all", forward="ask")
ELSEWHERE = digest("the circle it comes from")
BEYOND = PartyId(digest("a party of another circle"))
FORWARDED = Forward(origins=[ELSEWHERE], proofs=1, hops=1)
WRONG = Retract(reason="wrong")
DONE = Applied(how="removed")
WIDER = Ask(what="widen")
ONWARD = Ask(what="forward")


def opened(table: Table, rules: Open = RULES) -> Act:
    """Open a circle of all three."""
    return table.open(rules)


def published(table: Table, tlp: TLP = TLP.AMBER) -> Act:
    """Open a circle, and let Orvanda publish three objects in it."""
    opened(table)
    return table.say("orvanda", Publish(), objects=3, tlp=tlp)


def forwarded(table: Table) -> Act:
    """Open a circle, and let Tolmere forward two objects into it."""
    opened(table)
    return table.say("tolmere", FORWARDED, objects=3, tlp=TLP.GREEN)


def permitted(table: Table, batch: Act, ask: Ask, answer: Permit) -> Act:
    """Let Tolmere ask, and Orvanda answer; return what was asked."""
    asked = table.say("tolmere", ask, [batch])
    table.say("orvanda", answer, [asked])
    return asked


# Publishing


def accepted_objects_for_all(table: Table) -> None:
    """Orvanda publishes, the others say what they make of it, and what they hold."""
    batch = published(table)
    table.say("tolmere", Feedback(part=0, as_="seen", count=3, first=TIME, last=LATER), [batch])
    table.say("tolmere", Feedback(part=0, as_="seen", count=5, first=TIME, last=LATER), [batch])
    table.say("sarivane", Feedback(part=0, as_="false_positive"), [batch])
    table.say("sarivane", Feedback(part=2, as_="useful"), [batch])
    table.say("sarivane", Compare(root=digest("what is held"), count=3))
    table.say("sarivane", "note")


def accepted_corrected(table: Table) -> None:
    """What corrects another batch says which, and the earlier stays until it is retracted."""
    batch = published(table)
    table.say("orvanda", Publish(), [batch], objects=1, tlp=TLP.AMBER, pap=PAP.AMBER)
    table.say("orvanda", Retract(reason="outdated", parts=[1]), [batch])


def accepted_by_the_chair(table: Table) -> None:
    """A circle in which the chair publishes, and the others read."""
    table.open(replace(RULES, publishers="chair"), growth=Growth.CHAIR)
    table.say("orvanda", Publish(), objects=1)


def accepted_by_who_opened_it(table: Table) -> None:
    """Where no chair is named, who opened the circle has its place."""
    opened(table, replace(RULES, publishers="chair"))
    table.say("orvanda", Publish(), objects=1)


def accepted_by_those_listed(table: Table) -> None:
    """A circle in which some publish, and who opened it."""
    listed = [table.id("tolmere")]
    opened(table, replace(RULES, publishers="listed", listed=listed))
    table.say("tolmere", Publish(), objects=1)
    table.say("orvanda", Publish(), objects=1)


def accepted_a_successor(table: Table) -> None:
    """A circle without a member that it had before goes on under the collection it had."""
    rules = replace(RULES, collection="0" * 32, pap="green", retention=90)
    table.open(rules, members=["orvanda", "tolmere"], succeeds=digest("the circle before"))


def accepted_a_policy(table: Table) -> None:
    """Every field of the exchange policy is said."""
    rules = replace(
        RULES,
        permitted_actions="internally_visible",
        encrypt_in_transit="must",
        affected_party_notifications="may",
        attribution="must_not",
        obfuscate_affected_parties="must",
        unmodified_resale="must_not",
        starts=TIME,
        ends=LATER,
        lanes=["technical"],
    )
    opened(table, rules)


def accepted_joined_and_left(table: Table) -> None:
    """Who joins later owes no word on what was retracted before, and who left none at all."""
    table.open(RULES, members=["orvanda", "tolmere"], growth=Growth.CHAIR)
    batch = table.say("orvanda", Publish(), objects=1)
    invite = table.say("orvanda", "invite", body={"party": table.id("sarivane")})
    table.say("orvanda", WRONG, [batch])
    table.say("sarivane", "join", body={"invite": invite.id})
    table.say("tolmere", "leave")


# Retracting


def accepted_retracted_and_applied(table: Table) -> None:
    """A tombstone, and what every member did about it."""
    batch = published(table)
    gone = table.say("orvanda", Retract(reason="personal_data", parts=[0, 2]), [batch])
    table.say("tolmere", DONE, [gone])
    table.say("sarivane", Applied(how="kept", reason="legal_hold"), [gone])


def accepted_retracted_for_good(table: Table) -> None:
    """Of all that is retracted nobody owes an answer, and one word applies several."""
    batch = published(table)
    part, whole = (replace(WIDER, part=0), WIDER)
    table.say("tolmere", part, [batch])
    table.say("tolmere", whole, [batch])
    table.say("tolmere", replace(WIDER, part=1), [batch])
    first = table.say("orvanda", Retract(reason="wrong", parts=[0]), [batch])
    then = table.say("orvanda", Retract(reason="law"), [batch])
    table.say("tolmere", DONE, [first, then])
    table.say("sarivane", Applied(how="never_held"), [first, then])


def accepted_kept_then_removed(table: Table) -> None:
    """A later word takes the place of the earlier."""
    gone = table.say("orvanda", WRONG, [published(table)])
    table.say("tolmere", Applied(how="kept", reason="evidence"), [gone])
    table.say("tolmere", DONE, [gone])


def accepted_applied_further_on(table: Table) -> None:
    """Who forwarded it tells its circle what the next did, by that party's own message."""
    gone = table.say("orvanda", WRONG, [published(table)])
    table.say("tolmere", DONE, [gone])
    beyond = replace(DONE, on_behalf=BEYOND, act=digest("its word"))
    table.say("tolmere", beyond, [gone])
    another = PartyId(digest("and another"))
    table.say("tolmere", replace(beyond, on_behalf=another), [gone])


def accepted_feedback_that_crossed_the_retraction(table: Table) -> None:
    """Who had not seen the retraction may have said something."""
    batch = published(table)
    table.catch_up("tolmere")
    table.say("orvanda", WRONG, [batch])
    table.say("tolmere", Feedback(part=1, as_="expired"), [batch], apart=True)


# Labels


def accepted_relabelled(table: Table) -> None:
    """Later words on one object and on all of them take each other's place."""
    batch = published(table, TLP.GREEN)
    table.say("orvanda", Relabel(tlp="amber"), [batch])
    table.say("orvanda", Relabel(tlp="clear", parts=[1, 2]), [batch])
    said = table.say("orvanda", Relabel(tlp="green", parts=[2]), [batch])
    table.say("tolmere", Applied(how="relabelled"), [said])
    table.say("orvanda", Relabel(tlp="amber"), [batch])


def accepted_relabelled_in_two_ways(table: Table) -> None:
    """A restored machine says another label; the stricter holds until a word that has seen both."""
    batch = published(table, TLP.GREEN)
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Relabel(tlp="clear", parts=[0]), [batch])
    table.say("orvanda/restored", Relabel(tlp="amber"), [batch], apart=True)
    table.say("orvanda", Relabel(tlp="green"), [batch])


def accepted_widened(table: Table) -> None:
    """Who asks is given a wider label, and so are all."""
    batch = published(table)
    permitted(table, batch, replace(WIDER, part=2), Permit(answer="no"))
    permitted(table, batch, WIDER, Permit(answer="yes", tlp="green"))
    permitted(table, batch, replace(WIDER, part=1), Permit(answer="yes", tlp="clear"))


# Forwarding


def accepted_forwarded(table: Table) -> None:
    """Objects from another circle, their provenance after them; they can only get stricter."""
    batch = forwarded(table)
    table.say("tolmere", Relabel(tlp="amber", parts=[1]), [batch])
    table.say("tolmere", Relabel(tlp="amber"), [batch])
    ask = table.say("sarivane", WIDER, [batch])
    table.say("tolmere", Permit(answer="yes"), [ask])
    gone = table.say("tolmere", Retract(reason="recalled"), [batch])
    table.say("orvanda", DONE, [gone])


def accepted_permission_to_forward(table: Table) -> None:
    """Who asks may forward one object, and not the others."""
    batch = published(table)
    permitted(table, batch, replace(ONWARD, part=1), Permit(answer="yes"))
    permitted(table, batch, ONWARD, Permit(answer="no"))
    table.say("sarivane", ONWARD, [batch])


def accepted_answered_in_two_ways(table: Table) -> None:
    """A restored machine answers otherwise: then nobody forwards it."""
    batch = published(table)
    ask = table.say("tolmere", ONWARD, [batch])
    table.catch_up("orvanda")
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Permit(answer="yes"), [ask])
    table.say("orvanda/restored", Permit(answer="no"), [ask], apart=True)


# What has no effect


def refused_d0_no_part(table: Table) -> None:
    """Feedback is on an object."""
    table.say("tolmere", "feedback", [published(table)], {"as": "seen"})


def refused_d0_kept_without_reason(table: Table) -> None:
    """Who keeps what was retracted says why."""
    gone = table.say("orvanda", WRONG, [published(table)])
    table.say("tolmere", "applied", [gone], {"how": "kept"})


def refused_d0_listed_and_not_named(table: Table) -> None:
    """Those who may publish are listed where the charter says so."""
    table.open({**RULES.to_body(), "publishers": "listed"})


def refused_d0_expelled(table: Table) -> None:
    """Nobody is expelled: a circle without a member is another."""
    opened(table)
    table.say("orvanda", "expel", body={"party": table.id("tolmere")})


def refused_d0_feedback_of_a_guest(table: Table) -> None:
    """A member says for its constituents what was seen."""
    batch = published(table)
    letter = table.say("tolmere", "note")
    table.record("tolmere", "operator", letter, Feedback(part=0, as_="seen"), [batch])


def refused_d1_published_by_another(table: Table) -> None:
    """The chair alone publishes here."""
    table.open(replace(RULES, publishers="chair"), growth=Growth.CHAIR)
    table.say("tolmere", Publish(), objects=1)


def refused_d1_forwarded_by_one_not_listed(table: Table) -> None:
    """What is forwarded into the circle is published in it."""
    opened(table, replace(RULES, publishers="listed", listed=[table.id("tolmere")]))
    table.say("sarivane", FORWARDED, objects=2)


def refused_d2_ends_before_it_starts(table: Table) -> None:
    """Such a policy was never in force."""
    opened(table, replace(RULES, starts=LATER, ends=TIME))


def refused_d2_the_collection_of_another(table: Table) -> None:
    """A circle that succeeds none has a collection of its own."""
    opened(table, replace(RULES, collection="0" * 32))


def refused_d3_words(table: Table) -> None:
    """Words and files are no objects."""
    opened(table)
    table.say("orvanda", Publish())


def refused_d3_nothing_but_provenance(table: Table) -> None:
    """A proof of nothing."""
    opened(table)
    table.say("tolmere", replace(FORWARDED, proofs=2), objects=2)


def refused_d4_corrected_by_another(table: Table) -> None:
    """Who knows better publishes, and cites nothing."""
    table.say("tolmere", Publish(), [published(table)], objects=1)


def refused_d4_retracted_by_another(table: Table) -> None:
    """Nor does the chair take back what another has said."""
    opened(table)
    batch = table.say("tolmere", Publish(), objects=1)
    table.say("orvanda", WRONG, [batch])


def refused_d4_relabelled_by_another(table: Table) -> None:
    """A label is its author's."""
    table.say("tolmere", Relabel(tlp="clear"), [published(table)])


def refused_d4_permitted_by_another(table: Table) -> None:
    """So is permission."""
    ask = table.say("tolmere", ONWARD, [published(table)])
    table.say("sarivane", Permit(answer="yes"), [ask])


def refused_d5_an_object_beyond(table: Table) -> None:
    """There are three, and the first is 0."""
    table.say("orvanda", Retract(reason="wrong", parts=[1, 3]), [published(table)])


def refused_d5_feedback_on_provenance(table: Table) -> None:
    """What shows where an object comes from is none."""
    table.say("sarivane", Feedback(part=2, as_="useful"), [forwarded(table)])


def refused_d6_above_the_ceiling(table: Table) -> None:
    """A circle holds nothing stricter than what it was opened for."""
    table.say("orvanda", Relabel(tlp="red"), [published(table)])


def refused_d6_lowered_by_a_middleman(table: Table) -> None:
    """Who forwarded it cannot widen what the source has narrowed."""
    table.say("tolmere", Relabel(tlp="clear"), [forwarded(table)])


def refused_d6_lowered_again_by_a_middleman(table: Table) -> None:
    """Nor take back that it got stricter."""
    batch = forwarded(table)
    table.say("tolmere", Relabel(tlp="amber", parts=[0]), [batch])
    table.say("tolmere", Relabel(tlp="green"), [batch])


def refused_d7_feedback_on_what_is_gone(table: Table) -> None:
    """What was retracted is removed, and not judged."""
    batch = published(table)
    table.say("orvanda", Retract(reason="wrong", parts=[1]), [batch])
    table.say("tolmere", Feedback(part=1, as_="seen"), [batch])


def refused_d7_asked_about_what_is_gone(table: Table) -> None:
    """Nor is there a label to widen."""
    batch = published(table)
    table.say("orvanda", WRONG, [batch])
    table.say("tolmere", WIDER, [batch])


def refused_d8_last_before_first(table: Table) -> None:
    """Times in the wrong order are a mistake."""
    batch = published(table)
    table.say("tolmere", Feedback(part=0, as_="seen", first=LATER, last=TIME), [batch])


def refused_d9_own_retraction(table: Table) -> None:
    """Who retracts has said all."""
    gone = table.say("orvanda", WRONG, [published(table)])
    table.say("orvanda", DONE, [gone])


def refused_d9_a_label_on_what_is_gone(table: Table) -> None:
    """What was retracted has no label any more."""
    gone = table.say("orvanda", WRONG, [published(table)])
    table.say("tolmere", Applied(how="relabelled"), [gone])


def refused_d9_kept_under_the_old_label(table: Table) -> None:
    """A label is not a matter of keeping."""
    said = table.say("orvanda", Relabel(tlp="amber"), [published(table)])
    table.say("tolmere", Applied(how="kept", reason="evidence"), [said])


def refused_d10_without_its_message(table: Table) -> None:
    """Nobody is quoted without a source."""
    gone = table.say("orvanda", WRONG, [published(table)])
    table.say("tolmere", replace(DONE, on_behalf=BEYOND), [gone])


def refused_d10_for_a_member(table: Table) -> None:
    """A member speaks for itself."""
    gone = table.say("orvanda", WRONG, [published(table)])
    told = replace(DONE, on_behalf=table.id("sarivane"), act=digest("its word"))
    table.say("tolmere", told, [gone])


def refused_d11_of_oneself(table: Table) -> None:
    """What is one's own needs no permission."""
    table.say("orvanda", ONWARD, [published(table)])


def refused_d11_where_nobody_forwards(table: Table) -> None:
    """The charter has said it for all."""
    opened(table, replace(RULES, forward="none"))
    batch = table.say("orvanda", Publish(), objects=1)
    table.say("tolmere", ONWARD, [batch])


def refused_d12_answered_twice(table: Table) -> None:
    """One answer is one."""
    asked = permitted(table, published(table), ONWARD, Permit(answer="no"))
    table.say("orvanda", Permit(answer="yes"), [asked])


def refused_d12_yes_without_a_label(table: Table) -> None:
    """Who widens says how far."""
    permitted(table, published(table), WIDER, Permit(answer="yes"))


def refused_d12_a_label_where_none_was_asked(table: Table) -> None:
    """Permission to forward changes no label."""
    permitted(table, published(table), ONWARD, Permit(answer="yes", tlp="green"))


def refused_d12_a_label_that_is_not_wider(table: Table) -> None:
    """That would be no yes."""
    permitted(table, published(table), WIDER, Permit(answer="yes", tlp="amber"))
