"""The cases of a reporting file: each function plays one and is written as its vector."""

from __future__ import annotations

from comity.kernel.act import Act
from comity.kernel.kinds import Growth
from comity.protocols.response.reporting.acts import (
    Applies,
    Aware,
    Close,
    DoesNotApply,
    Feedback,
    Open,
    Reported,
    Request,
)
from tests.kernel.world import digest
from tests.protocols.table import LATER, TIME, Table

HOUR = 3_600_000
ALONE = ("orvanda",)
FILE = Open(zone="europe/paris", place="fr")
AWARE = Aware(event="aware", at=TIME - 30 * HOUR)
WARNED = Reported(regime="nis2", stage="early_warning", at=TIME - 3 * HOUR)


def accepted_three_hours_late(table: Table) -> None:
    """A party alone: aware, bound by one regime and not by another, a warning, and the end."""
    table.open(FILE, members=ALONE)
    table.say("orvanda", AWARE)
    table.say("orvanda", Applies(regime="nis2", basis="bound"))
    table.say("orvanda", DoesNotApply(regime="gdpr_33", reason="no_personal_data"))
    table.say("orvanda", WARNED)
    table.say("orvanda", Close(end="settled"))


def accepted_nothing_said(table: Table) -> None:
    """A file that was just opened, about an incident."""
    table.open(Open(zone="utc", incident=digest("an incident")), members=ALONE)


def accepted_corrected(table: Table) -> None:
    """What was corrected is not forgotten, and may be said again."""
    table.open(FILE, members=ALONE)
    table.say("orvanda", AWARE)
    table.say("orvanda", Aware(event="aware", at=TIME - 29 * HOUR))
    table.say("orvanda", Aware(event="aware", at=TIME - 2 * HOUR, regime="gdpr_33"))
    table.say("orvanda", WARNED)
    table.say("orvanda", Reported(regime="nis2", stage="early_warning", at=TIME - 2 * HOUR))
    table.say("orvanda", WARNED)
    table.say("orvanda", Applies(regime="nis2", basis="precaution"))
    table.say("orvanda", DoesNotApply(regime="nis2", reason="below_threshold"))


def accepted_with_an_authority(table: Table) -> None:
    """An authority that has a node asks, is answered, and says what it thinks."""
    table.open(FILE, members=["orvanda", "tolmere"])
    table.say("orvanda", AWARE)
    asked = table.say("tolmere", Request(regime="nis2", due=LATER))
    table.say("tolmere", Request())
    report = table.say("orvanda", WARNED, [asked])
    table.say("tolmere", Feedback(result="guidance"), [report])


def accepted_by_letter(table: Table) -> None:
    """What an authority without a node says is recorded as a guest's."""
    table.open(FILE, members=ALONE)
    report = table.say("orvanda", WARNED)
    letter = table.say("orvanda", "note")
    asked = table.record("orvanda", "authority", letter, Request(due=LATER))
    table.record("orvanda", "authority", letter, Feedback(result="received"), [report])
    final = Reported(regime="nis2", stage="notification", at=TIME)
    table.say("orvanda", final, [asked])


def accepted_invited(table: Table) -> None:
    """An authority may be brought in later; who asked and left is owed its report all the same."""
    table.open(FILE, members=ALONE, growth=Growth.CHAIR)
    invite = table.say("orvanda", "invite", body={"party": table.id("tolmere")})
    table.say("tolmere", "join", body={"invite": invite.id})
    table.say("tolmere", Request(due=LATER))
    table.say("tolmere", "leave")


def accepted_opened_again(table: Table) -> None:
    """What is said after the end opens the file again."""
    table.open(FILE, members=ALONE)
    table.say("orvanda", Close(end="mistake"))
    table.say("orvanda", AWARE)


def _restored(table: Table) -> Act:
    """Open, and give Orvanda the second voice of a restored machine."""
    opening = table.open(FILE, members=ALONE)
    table.fork("orvanda", "orvanda/restored")
    return opening


def accepted_aware_in_two_ways(table: Table) -> None:
    """A restored machine says another instant: both are shown, and found."""
    _restored(table)
    table.say("orvanda", AWARE)
    other = Aware(event="aware", at=TIME - 20 * HOUR)
    table.say("orvanda/restored", other, apart=True)


def accepted_closed_in_two_ways(table: Table) -> None:
    """One machine closed it, the other went on."""
    _restored(table)
    table.say("orvanda", Close(end="settled"))
    table.say("orvanda/restored", AWARE, apart=True)


def accepted_the_same_twice(table: Table) -> None:
    """Two words that say the same are no conflict."""
    _restored(table)
    table.say("orvanda", AWARE)
    table.say("orvanda/restored", AWARE, apart=True)


def refused_d0_unknown_event(table: Table) -> None:
    """An event is one of those that clocks count from."""
    table.open(FILE, members=ALONE)
    table.say("orvanda", "aware", body={"event": "asleep", "at": TIME})


def refused_d0_no_zone(table: Table) -> None:
    """Where the clock hangs is said."""
    table.open({"place": "fr"}, members=ALONE)


def refused_d0_words_in_place_of_a_regime(table: Table) -> None:
    """A regime is named by a code, and a name has no room for an accusation."""
    table.open(FILE, members=ALONE)
    table.say("orvanda", "applies", body={"regime": "NIS 2 directive", "basis": "bound"})


def refused_d0_answer_to_no_report(table: Table) -> None:
    """An answer cites a report."""
    table.open(FILE, members=["orvanda", "tolmere"])
    said = table.say("orvanda", AWARE)
    table.say("tolmere", Feedback(result="received"), [said])


def refused_d0_reported_by_a_guest(table: Table) -> None:
    """What the party itself reports is recorded for nobody."""
    table.open(FILE, members=ALONE)
    letter = table.say("orvanda", "note")
    table.record("orvanda", "authority", letter, WARNED)


def refused_d1_aware_by_another(table: Table) -> None:
    """Nobody says for another that it became aware."""
    table.open(FILE, members=["orvanda", "tolmere"])
    table.say("tolmere", AWARE)


def refused_d1_bound_by_another(table: Table) -> None:
    """Nor that a regime binds it."""
    table.open(FILE, members=["orvanda", "tolmere"])
    table.say("tolmere", Applies(regime="nis2", basis="bound"))


def refused_d1_exempt_by_another(table: Table) -> None:
    """Nor that none does."""
    table.open(FILE, members=["orvanda", "tolmere"])
    table.say("tolmere", DoesNotApply(regime="nis2", reason="not_bound"))


def refused_d1_reported_by_another(table: Table) -> None:
    """Nor that it reported."""
    table.open(FILE, members=["orvanda", "tolmere"])
    table.say("tolmere", WARNED)


def refused_d1_closed_by_another(table: Table) -> None:
    """Nor that nothing more is to be reported."""
    table.open(FILE, members=["orvanda", "tolmere"])
    table.say("tolmere", Close(end="settled"))


def refused_d2_aware_tomorrow(table: Table) -> None:
    """Nobody became aware tomorrow."""
    table.open(FILE, members=ALONE)
    table.say("orvanda", Aware(event="aware", at=LATER))


def refused_d2_reported_tomorrow(table: Table) -> None:
    """Nothing was reported tomorrow."""
    table.open(FILE, members=ALONE)
    table.say("orvanda", Reported(regime="nis2", stage="final_report", at=LATER))


def refused_d3_own_request(table: Table) -> None:
    """Nobody asks itself."""
    table.open(FILE, members=ALONE)
    table.say("orvanda", Request(due=LATER))


def refused_d3_own_answer(table: Table) -> None:
    """Nor answers its own report."""
    table.open(FILE, members=ALONE)
    report = table.say("orvanda", WARNED)
    table.say("orvanda", Feedback(result="complete"), [report])


def refused_d4_due_when_asked(table: Table) -> None:
    """There is time to report."""
    table.open(FILE, members=["orvanda", "tolmere"])
    table.say("tolmere", Request(due=TIME))
