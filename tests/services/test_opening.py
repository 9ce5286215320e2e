"""Who is in the charter of a dossier to be opened, and who is invited as it is."""

from __future__ import annotations

from typing import Any

import pytest

from comity.kernel import canon
from comity.kernel.act import BODY_LIMIT
from comity.kernel.canon import Value
from comity.kernel.ids import PartyId
from comity.kernel.kinds import MAX_MEMBERS, Charter
from comity.kernel.label import TLP, Footing
from comity.protocols.response.incident import PROTOCOL
from comity.protocols.trust.dialogue import PROTOCOL as DIALOGUE
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft, open_dossier
from comity.services.casework.opening import Founding, founding
from comity.store.access import acts
from tests.kernel.world import digest, refused
from tests.nodes import Nodes, introduce, pass_on

MANY = tuple(sorted(PartyId(digest(f"party {n}")) for n in range(130)))
ME = MANY[-1]
BY: dict[str, Value] = {"role": "x" * 64, "approved_by": ["x" * 64] * 8}


def charter(count: int, **fields: Any) -> Charter:
    """The charter of an incident of so many parties, ME among them."""
    terms: dict[str, Any] = {
        "protocol": PROTOCOL.name,
        "version": 1,
        "members": MANY[-count:],
        "growth": "chair",
        "ceiling": TLP.AMBER,
        "chair": ME,
        "readers": (),
        "succeeds": None,
        "time": None,
        "terms": {},
    }
    return Charter(**terms | fields)


def test_who_has_room_in_a_charter_is_in_it() -> None:
    for count in (1, MAX_MEMBERS):
        asked = charter(count)
        assert founding(asked, PROTOCOL, ME) == Founding(asked, ())


def test_who_has_none_is_invited_and_nobody_is_left_out() -> None:
    opened, invited = founding(charter(130), PROTOCOL, ME)
    assert ME in opened.members
    assert (len(opened.members), len(invited)) == (MAX_MEMBERS, 30)
    assert sorted((*opened.members, *invited)) == [*MANY]
    assert [*opened.members] == sorted(opened.members)


@pytest.mark.parametrize("filler", [0, 900, 2500, 9000])
def test_a_body_with_its_roles_is_never_too_large_for_members(filler: int) -> None:
    terms: dict[str, Value] = {"note": "x" * filler} if filler else {}
    opened, invited = founding(charter(130, terms=terms), PROTOCOL, ME)
    assert len(opened.members) + len(invited) == 130
    size = len(canon.dump({**opened.to_body(), "by": BY}))
    if filler == 9000:
        assert opened.members == (ME,)
    else:
        assert size <= BODY_LIMIT
        assert len(opened.members) == MAX_MEMBERS or size > BODY_LIMIT - 120


def test_where_nobody_may_be_invited_by_us_it_says_what_to_do() -> None:
    for growth in ("closed", "all_consent"):
        with refused(
            "S4",
            "101 parties are too many for one opening, which has room for 100. Name fewer, or ",
        ):
            founding(charter(101, growth=growth, chair=None), PROTOCOL, ME)
    red = charter(101, ceiling=TLP.RED, readers=((ME, "p1"),))
    for asked, rules in ((red, PROTOCOL), (charter(101, growth="closed"), DIALOGUE)):
        with refused("S4", "could not invite the rest"):
            founding(asked, rules, ME)


def test_the_invited_are_told_at_once_and_join_as_others_do(nodes: Nodes) -> None:
    orvanda, tolmere, sarivane = (nodes.make(name) for name in ("orvanda", "tolmere", "sarivane"))
    introduce(orvanda, tolmere, sarivane)
    terms = charter(1, members=tuple(sorted((orvanda.me, tolmere.me))), chair=orvanda.me)
    draft = Draft("charter", {"by": {"role": "head"}}, footing=Footing.TECHNICAL)
    opened = open_dossier(orvanda, charter=terms, draft=draft, invited=[sarivane.me])
    said = [*acts.acts_of(orvanda.db, opened)]
    assert [row.kind for row in said] == ["charter", "invite"]
    assert pass_on(orvanda, sarivane) == []
    assert Machine(sarivane).file(opened).view.status
    assert dict(acts.members(orvanda.db, opened))[sarivane.me] == "invited"


def test_an_invitation_that_cannot_be_signed_opens_nothing(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    introduce(orvanda, tolmere)
    with refused("S4"):
        open_dossier(
            orvanda,
            charter=charter(1, members=(orvanda.me,), chair=orvanda.me),
            draft=Draft("charter", footing=Footing.TECHNICAL),
            invited=[MANY[0]],
        )
    closed = charter(1, members=(orvanda.me,), chair=None, growth="closed")
    with refused("K14"):
        open_dossier(
            orvanda,
            charter=closed,
            draft=Draft("charter", footing=Footing.TECHNICAL),
            invited=[tolmere.me],
        )
    assert acts.newest_act(orvanda.db) == 0
    assert not orvanda.loaded
