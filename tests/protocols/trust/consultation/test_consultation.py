"""What a consultation must never hold: a way to accuse, or a clock of its own."""

from __future__ import annotations

import pytest

from comity.kernel.fieldtypes import Code, Many
from comity.kernel.label import Footing
from comity.kernel.protocol import LANES as SIDES
from comity.kernel.protocol import ActKind
from comity.protocols.trust.consultation import PROTOCOL, codes
from comity.protocols.trust.consultation.acts import WORDED

KINDS = (PROTOCOL.opening, *PROTOCOL.acts)
BLAME = ("accus", "actor", "attribut", "blame", "culprit", "guilt", "origin", "perpetr", "sponsor")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_nothing_that_can_be_filled_in_or_chosen_accuses(kind: ActKind) -> None:
    words = [kind.kind, kind.label]
    for field in (*kind.body, *kind.content):
        of = field.type.of if isinstance(field.type, Many) else field.type
        words += [field.name, field.label, *(of.choices.items() if isinstance(of, Code) else ())]
    assert not [w for w in map(str, words) if any(blame in w.lower() for blame in BLAME)]


def test_the_only_party_that_is_named_is_a_helper() -> None:
    named = [(k.kind, f.name) for k in KINDS for f in k.body if f.type.name == "party"]
    assert named == [("propose_helper", "party")]


def test_a_notice_is_no_attribution_and_may_not_be_held_against_anybody() -> None:
    assert "does not say that the party did it" in PROTOCOL.clause
    assert PROTOCOL.footing is Footing.WITHOUT_PREJUDICE


def test_no_party_alone_brings_another_in() -> None:
    assert set(PROTOCOL.growths) == {"all_consent", "closed"}


def test_lanes_are_sides_of_a_party() -> None:
    assert set(codes.LANES) <= set(SIDES)


def test_whatever_holds_words_can_be_given_to_a_helper() -> None:
    assert {kind.kind for kind in KINDS if kind.content} == {*WORDED}
