"""In which lane a draft is: who sees and approves it is of that lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.lanes import LANE, LANES
from comity.services.casework.kernelkinds import TRANSLATION
from comity.services.people.mandates import Hand

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.services.casework.drafts import Filling


def of(
    desk: Desk, said: tuple[str, str], dossier: str, able: tuple[str, ...], filling: Filling
) -> str:
    """Return the lane of a draft: that which is named, or of several that in which this person says
    the most. Who approves it is of that lane, too.
    """
    able = _about(desk, dossier, said[1], filling) or able
    named = {text for key in (LANE, LANES) for text in filling.texts.get(key, "").split(",")}
    among = [lane for lane in able if lane in named] or [*able]
    under = {lane: desk.actor.under(lane, *said) for lane in among}
    alone = (lane for lane, hand in under.items() if hand is not None and hand[1] is Hand.ALONE)
    second = (lane for lane, hand in under.items() if hand is not None)
    return next(alone, next(second, among[0]))


def _about(desk: Desk, dossier: str, kind: str, filling: Filling) -> tuple[str, ...]:
    """Return the lanes of what is translated, none where nothing is. Raises Refusal S3 when an act
    that it is about is not to be seen.
    """
    act = filling.texts.get("act", "")
    if not dossier or not act:
        return ()
    row = desk.dossier(dossier)
    if act in desk.sides.hidden(row, [act]):
        raise Refusal("S3", "There is no such message here.", act)
    return desk.sides.of_act(row, desk.act(act)) if kind == TRANSLATION.kind else ()
