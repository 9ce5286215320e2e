"""How far each act got with each other party, as a person reads it beside the act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.services.casework import replies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from comity.kernel.protocol import Protocol
    from comity.services.casework.ladder import Ladder
    from comity.services.casework.view import ActView, DossierView, ReplyView

GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an act got with one party, or a guest of one, called ``name``.

    ``place`` is the party's in the dossier (member, invited, left, declined) or guest. ``state`` is
    the delivery's (queued, sent, received, whole, refused, undeliverable), "" where this node did
    not send it; ``note`` why it is stuck. ``acknowledged`` and ``answered`` are acts by which a
    person there did, "" while nobody has; ``word`` tells the last of them in one line, said by the
    act ``reply`` at ``time`` (ms). ``asked``: a word is wanted; ``owed``: its protocol says so.
    """

    name: str
    place: str
    state: str
    note: str
    acknowledged: str
    answered: str
    word: str
    reply: str
    time: int
    asked: bool
    owed: bool


def answerable(protocol: Protocol | None) -> frozenset[str]:
    """Return the kinds of act that a person acknowledges or answers under a protocol."""
    if protocol is None:
        return frozenset()
    declared = [protocol.kind(kind) for kind in (replies.ACKNOWLEDGE, replies.ANSWER)]
    return frozenset(
        kind for each in declared if each is not None and each.refs for kind in each.refs.kinds
    )


def of_act(found: DossierView, act: ActView, asked: Collection[str]) -> tuple[Reach, ...]:
    """Return how far an act of a dossier got: with the parties in it, by name, then with guests.

    ``asked`` are the kinds to which a word is wanted; of others only the way is told.
    """
    said: dict[str, list[ReplyView]] = {}
    for reply in act.replies:
        said.setdefault(reply.speaker, []).append(reply)
    wanted = (act.recorded or act.kind) in asked and act.void is None
    steps = {step.party: step for step in act.ladder}
    owed = {duty.who for duty, _ in found.duties if duty.act == act.id}
    return tuple(_rows(found, act, steps, said, wanted=wanted, owed=owed))


def _rows(
    found: DossierView,
    act: ActView,
    steps: Mapping[str, Ladder],
    said: dict[str, list[ReplyView]],
    *,
    wanted: bool,
    owed: Collection[str],
) -> Iterator[Reach]:
    for party, name, place in sorted(found.members, key=lambda member: member[1]):
        step, words = steps.get(party), said.pop(party, [])
        if party != act.party and (step or words or (wanted and place == "member")):
            yield _reach(name, place, step, words, asked=wanted, owed=party in owed)
    for words in said.values():
        yield _reach(words[0].name, GUEST, None, words, asked=wanted, owed=False)


def _reach(
    name: str,
    place: str,
    step: Ladder | None,
    words: list[ReplyView],
    *,
    asked: bool,
    owed: bool,
) -> Reach:
    return Reach(
        name=name,
        place=place,
        state="" if step is None else step.state,
        note="" if step is None else step.note,
        acknowledged=_last(words, replies.NOTICES),
        answered=_last(words, replies.ANSWERS),
        word=words[-1].words if words else "",
        reply=words[-1].act if words else "",
        time=words[-1].time if words else 0,
        asked=asked,
        owed=owed,
    )


def _last(words: list[ReplyView], among: Collection[str]) -> str:
    """Return the act that says the last of those words that are of some kinds, "" without one."""
    return next((reply.act for reply in reversed(words) if reply.kind in among), "")
