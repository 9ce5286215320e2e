"""What a dialogue must never hold: a way to commit another party, or to decide over it."""

from __future__ import annotations

from comity.kernel.label import Footing
from comity.kernel.protocol import LANES as SIDES
from comity.protocols.trust.dialogue import PROTOCOL, codes

KINDS = (PROTOCOL.opening, *PROTOCOL.acts)


def test_no_field_names_a_party() -> None:
    assert not [(k.kind, f.name) for k in KINDS for f in k.body if f.type.name == "party"]


def test_what_is_said_may_not_be_held_against_anybody() -> None:
    assert PROTOCOL.footing is Footing.WITHOUT_PREJUDICE


def test_all_are_equal() -> None:
    assert PROTOCOL.growths == ("all_consent", "closed")
    assert not PROTOCOL.offices


def test_lanes_are_the_sides_of_a_party() -> None:
    assert {*codes.LANES} == {*SIDES} == {*PROTOCOL.lanes}
