"""The cases of a joint product: each function plays one and is written as its vector."""

from __future__ import annotations

from comity.kernel.act import Act
from comity.kernel.kinds import Growth
from comity.kernel.label import TLP
from comity.protocols.response.product.acts import (
    Comment,
    Draft,
    Open,
    Paragraph,
    Position,
    Publish,
    TakeBack,
    Withdraw,
)
from tests.protocols.table import LATER, TIME, Table

WARNING = Open(product="warning")
CONCUR = Position(position="concur")


def _paragraphs(table: Table) -> tuple[Act, Act]:
    """Let two parties write a paragraph each."""
    table.open(WARNING)
    first = table.say("orvanda", Paragraph(place=1))
    return first, table.say("tolmere", Paragraph(place=2))


def _draft(table: Table) -> tuple[Act, Act, Act]:
    first, second = _paragraphs(table)
    return first, second, table.say("orvanda", Draft(), [first, second])


def accepted_two_stand_behind_it(table: Table) -> None:
    """Written by two, commented, one paragraph replaced; one concurs, one but for a paragraph."""
    opening = table.open(Open(product="advisory", dossier=None))
    first = table.say("orvanda", Paragraph(place=1, sources=[opening.id]))
    second = table.say("tolmere", Paragraph(place=2))
    third = table.say("sarivane", Paragraph(place=2))
    table.say("orvanda", Comment(), [second, third])
    fresh = table.say("tolmere", Paragraph(place=3), [second])
    draft = table.say("orvanda", Draft(due=LATER), [first, third, fresh])
    table.say("tolmere", Position(position="in_part", apart=[third.id]), [draft])
    table.say("sarivane", CONCUR, [draft])
    table.say("orvanda", Publish(at=LATER), [draft])


def accepted_positions_are_waited_for(table: Table) -> None:
    """One has spoken on the draft; the other owes a word by a time."""
    first, second = _paragraphs(table)
    draft = table.say("orvanda", Draft(due=LATER), [first, second])
    table.say("sarivane", Position(position="no_position"), [draft])


def accepted_a_second_draft_asks_anew(table: Table) -> None:
    """What was owed on the first draft is owed on the second instead."""
    first, second, _ = _draft(table)
    table.say("tolmere", TakeBack(), [second])
    table.say("orvanda", Draft(), [first])


def accepted_a_later_word(table: Table) -> None:
    """Who dissented concurs; who concurred takes that back after publication."""
    *_, draft = _draft(table)
    table.say("tolmere", Position(position="dissent"), [draft])
    table.say("tolmere", CONCUR, [draft])
    table.say("orvanda", Publish(), [draft])
    table.say("tolmere", Position(position="no_position"), [draft])


def accepted_withdrawn(table: Table) -> None:
    """Published, withdrawn for an error, and put forward again."""
    first, second, draft = _draft(table)
    table.say("tolmere", CONCUR, [draft])
    told = table.say("orvanda", Publish(), [draft])
    table.say("orvanda", Withdraw(reason="error"), [told])
    table.say("orvanda", Draft(), [first, second])


def accepted_withdrawn_for_good(table: Table) -> None:
    """Published and withdrawn; that others were not asked anew, owes nobody a word."""
    *_, draft = _draft(table)
    table.say("tolmere", CONCUR, [draft])
    told = table.say("orvanda", Publish(), [draft])
    table.say("orvanda", Withdraw(reason="not_stated"), [told])


def accepted_told_in_two_ways(table: Table) -> None:
    """A restored machine puts another draft forward; the next publication settles it."""
    first, second, draft = _draft(table)
    table.catch_up("orvanda")
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Draft(), [first], apart=True)
    table.say("orvanda/restored", Draft(), [second], apart=True)
    table.say("tolmere", CONCUR, [draft])


def accepted_settled_after_two_ways(table: Table) -> None:
    """Of two drafts told at once, the first is published."""
    first, second, draft = _draft(table)
    table.say("tolmere", CONCUR, [draft])
    table.catch_up("orvanda")
    table.fork("orvanda", "orvanda/restored")
    table.say("orvanda", Draft(), [first], apart=True)
    table.say("orvanda/restored", Draft(), [second], apart=True)
    table.say("orvanda", Publish(), [draft])


def accepted_positions_in_two_ways(table: Table) -> None:
    """A restored machine of another says the opposite; its next word counts."""
    *_, draft = _draft(table)
    table.catch_up("tolmere")
    table.fork("tolmere", "tolmere/restored")
    table.say("tolmere", CONCUR, [draft], apart=True)
    table.say("tolmere/restored", Position(position="dissent"), [draft], apart=True)
    table.say("tolmere", CONCUR, [draft])
    table.say("orvanda", Publish(), [draft])


def accepted_a_stricter_draft(table: Table) -> None:
    """A draft may be labelled stricter than its paragraphs."""
    table.open(WARNING)
    first = table.say("tolmere", Paragraph(place=1), tlp=TLP.CLEAR)
    table.say("orvanda", Draft(), [first], tlp=TLP.GREEN)


def accepted_invited_and_left(table: Table) -> None:
    """Who joins after a draft owes no word on it; who leaves owes none."""
    opening = table.open(WARNING, members=("orvanda", "tolmere"), growth=Growth.CHAIR)
    first = table.say("orvanda", Paragraph(place=1), [])
    table.say("orvanda", Draft(), [first])
    invited = table.say("orvanda", "invite", body={"party": table.id("sarivane")})
    table.say("sarivane", "join", body={"invite": invited.id})
    table.say("tolmere", "leave")
    table.say("sarivane", Comment(), [])
    assert opening.header.party == table.id("orvanda")


def refused_d0_in_part_without_saying_which(table: Table) -> None:
    """Who concurs in part says what it does not stand behind."""
    *_, draft = _draft(table)
    table.say("tolmere", "position", [draft], {"position": "in_part"})


def refused_d0_a_draft_of_nothing(table: Table) -> None:
    """A draft holds a paragraph at least."""
    table.open(WARNING)
    table.say("orvanda", Draft())


def refused_d1_drafted_by_another(table: Table) -> None:
    """Only who began it puts drafts forward."""
    first, _ = _paragraphs(table)
    table.say("tolmere", Draft(), [first])


def refused_d1_published_by_another(table: Table) -> None:
    """Only who began it publishes."""
    *_, draft = _draft(table)
    table.say("sarivane", CONCUR, [draft])
    table.say("tolmere", Publish(), [draft])


def refused_d1_withdrawn_by_another(table: Table) -> None:
    """Only who began it withdraws; others take their own words back."""
    *_, draft = _draft(table)
    table.say("tolmere", CONCUR, [draft])
    told = table.say("orvanda", Publish(), [draft])
    table.say("tolmere", Withdraw(reason="error"), [told])


def refused_d2_replaced_by_another(table: Table) -> None:
    """Nobody replaces what another wrote."""
    first, _ = _paragraphs(table)
    table.say("tolmere", Paragraph(place=1), [first])


def refused_d2_taken_back_by_another(table: Table) -> None:
    """Nobody takes back what another wrote, not even who began it."""
    _, second = _paragraphs(table)
    table.say("orvanda", TakeBack(), [second])


def refused_d3_drafted_wider(table: Table) -> None:
    """A draft is labelled no wider than its strictest paragraph."""
    table.open(WARNING)
    first = table.say("tolmere", Paragraph(place=1), tlp=TLP.AMBER)
    table.say("orvanda", Draft(), [first], tlp=TLP.GREEN)


def refused_d3_published_wider(table: Table) -> None:
    """Publishing is labelled no wider than the draft to which the others agreed."""
    *_, draft = _draft(table)
    table.say("tolmere", CONCUR, [draft])
    table.say("orvanda", Publish(), [draft], tlp=TLP.CLEAR)


def refused_d4_drafted_though_taken_back(table: Table) -> None:
    """What its author took back is in no further draft."""
    first, second = _paragraphs(table)
    table.say("tolmere", TakeBack(), [second])
    table.say("orvanda", Draft(), [first, second])


def refused_d4_drafted_though_replaced(table: Table) -> None:
    """What its author replaced is in no further draft."""
    _, second = _paragraphs(table)
    table.say("tolmere", Paragraph(place=2), [second])
    table.say("orvanda", Draft(), [second])


def refused_d5_needed_when_asked(table: Table) -> None:
    """A position is needed after it is asked for."""
    first, _ = _paragraphs(table)
    table.say("orvanda", Draft(due=TIME), [first])


def refused_d5_public_in_the_past(table: Table) -> None:
    """What is to become public at a time does so later."""
    *_, draft = _draft(table)
    table.say("tolmere", CONCUR, [draft])
    table.say("orvanda", Publish(at=TIME), [draft])


def refused_d6_own_draft(table: Table) -> None:
    """Who put a draft forward stands behind it anyway."""
    *_, draft = _draft(table)
    table.say("orvanda", CONCUR, [draft])


def refused_d7_not_in_the_draft(table: Table) -> None:
    """What is not in the draft cannot be left out."""
    first, second, draft = _draft(table)
    third = table.say("sarivane", Paragraph(place=3))
    table.say("tolmere", Position(position="in_part", apart=[third.id]), [draft])
    assert third.id not in {first.id, second.id}


def refused_d7_but_for_everything(table: Table) -> None:
    """Who stands behind no paragraph dissents."""
    first, second, draft = _draft(table)
    apart = sorted([first.id, second.id])
    table.say("tolmere", Position(position="in_part", apart=apart), [draft])


def refused_d8_nobody_else(table: Table) -> None:
    """What nobody else stands behind is no joint product."""
    *_, draft = _draft(table)
    table.say("tolmere", Position(position="no_position"), [draft])
    table.say("orvanda", Publish(), [draft])


def refused_d8_in_two_ways(table: Table) -> None:
    """Who said both stands behind it when it has said which."""
    *_, draft = _draft(table)
    table.catch_up("tolmere")
    table.fork("tolmere", "tolmere/restored")
    table.say("tolmere", CONCUR, [draft], apart=True)
    table.say("tolmere/restored", Position(position="dissent"), [draft], apart=True)
    table.say("orvanda", Publish(), [draft])
