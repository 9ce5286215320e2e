"""Applying what others say of what they shared: tombstones and new labels, and telling that it was
done.

The acts of circles are looked at once each, in the order in which they came. A retraction takes
objects off the shelf and is answered by the node itself with ``applied``: it is a fact of the
machine and no person's word. Where this party had carried the objects on, it says the same further
on, and tells the source what was applied there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId
from comity.kernel.label import TLP
from comity.protocols.sharing.circle import PROTOCOL
from comity.protocols.sharing.circle import reading as said
from comity.protocols.sharing.circle.acts import Applied, Forward, Permit, Relabel, Retract
from comity.protocols.sharing.circle.codes import NEVER_HELD, REMOVED
from comity.services.casework import dossiers
from comity.services.casework.issue import Draft, issue
from comity.services.sharing import alerting, retracting, shelving
from comity.store.access import acts, objects
from comity.store.append import acts as append_acts
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.fold import State
    from comity.services.node import Node
    from comity.store.access.acts import ActRow

LOG = logging.getLogger(__name__)
ROUND = "circles"
"""The name under which it is kept up to which act circles were looked at."""
FULL = "S7"
"""The refusal of a disk that is full."""
RECALLED = "recalled"
LOOKED_AT = frozenset(kind.KIND.kind for kind in (Retract, Relabel, Permit, Applied))


def work(node: Node) -> int:
    """Do what is due for circles: shelve what came, apply what was said, and look at it for alarms.
    Return how much it was.
    """
    try:
        done = shelving.shelve_due(node)
    finally:
        # What stops one batch keeps no tombstone from being applied.
        applied = apply_due(node)
        alerting.raise_due(node)
    return done + applied


def is_due(node: Node) -> bool:
    """Say whether there is something to do: cheap, since it is asked all the time."""
    done = acts.round_at(node.db, ROUND) or 0
    return objects.has_work(node.db) or acts.newest_act(node.db) > done


def apply_due(node: Node, limit: int = 500) -> int:
    """Apply what came since this was asked last; return how many acts were looked at."""
    done = acts.round_at(node.db, ROUND) or 0
    rows = acts.acts_since(node.db, done, limit)
    for row in rows:
        if row.kind in LOOKED_AT and not row.void_rule:
            _apply(node, row)
    if rows:
        with writing(node.db):
            append_acts.set_cursor(node.db, ROUND, rows[-1].n)
    return len(rows)


def _apply(node: Node, row: ActRow) -> None:
    dossier = acts.dossier(node.db, row.dossier)
    if dossier is None or dossier.protocol != PROTOCOL.name:
        return
    state = _state(node, row.dossier)
    match row.kind:
        case Retract.KIND.kind:
            _retract(node, row, state, active=dossier.state == dossiers.ACTIVE)
        case Applied.KIND.kind:
            _relay(node, row)
        case _:
            _relabel(node, row, state)


def _state(node: Node, dossier_id: str) -> State:
    with node.lock:
        return dossiers.shown(node, dossiers.load(node, dossier_id))


def _retract(node: Node, row: ActRow, state: State, *, active: bool) -> None:
    told = said.retraction(state, Id(row.id))
    act = objects.act_numbers(node.db, [told.of]).get(told.of)
    with writing(node.db):
        count = 0 if act is None else retracting.apply(node, act, told.parts)
    if act is not None:
        _carry_on(node, act, told.parts, told.reason)
    if row.party != node.me and active:
        how = REMOVED if count else NEVER_HELD
        with _going_on(row.dossier):
            _tell(node, row.dossier, Id(row.id), Applied(how=how))


@contextmanager
def _going_on(dossier: str) -> Iterator[None]:
    """Go on where this party cannot say something in a circle, which it left or which is closed:
    what one refuses does not keep what others say from being applied.

    A full disk is no such thing: then all of it is done again.
    """
    try:
        yield
    except Refusal as refusal:
        if refusal.rule == FULL:
            raise
        LOG.warning("Nothing is said of it in the circle %s: %s", dossier[:8], refusal.rule)


def _tell(node: Node, dossier: str, about: Id, word: Applied) -> None:
    """Sign what came of it, unless this party has said so before."""
    state = _state(node, dossier)
    before = {each.party for each in said.applied(state, about) if each.act is not None}
    if word.on_behalf is None and node.me in before:
        return
    draft = Draft(Applied.KIND.kind, word.to_body(), refs=(about,))
    issue(node, dossier_id=dossier, draft=draft)


def _carry_on(node: Node, act: int, parts: Sequence[int] | None, reason: str) -> None:
    """Take back, where this party carried the objects on, what their source took back."""
    for further, carried in _forwards(node, act, parts):
        _take_back(node, further, carried, reason)


def _take_back(node: Node, further: ActRow, parts: Sequence[int], reason: str) -> None:
    """Take back what this party carried on: from its own shelf also where it can say so no more."""
    state = _state(node, further.dossier)
    left = [part for part in parts if not said.is_retracted(state, Id(further.id), part)]
    if left:
        with _going_on(further.dossier):
            retracting.retract(node, Id(further.id), left, reason=reason)
        with writing(node.db):
            retracting.apply(node, further.n, left)


def _raise_further(node: Node, act: int, label: TLP, parts: Sequence[int] | None) -> None:
    """Say, where this party carried objects on under a wider label, the one they have now; where
    such a label has no place, take them back.
    """
    for further, carried in _forwards(node, act, parts):
        state, circle = _state(node, further.dossier), acts.dossier(node.db, further.dossier)
        wider = [part for part in carried if said.label(state, Id(further.id), part) < label]
        wider = [part for part in wider if not said.is_retracted(state, Id(further.id), part)]
        if circle is None or not wider:
            continue
        if TLP(circle.ceiling) < label or circle.state != dossiers.ACTIVE:
            _take_back(node, further, wider, RECALLED)
        else:
            _relabel_further(node, further, label, wider)


def _relabel_further(node: Node, further: ActRow, label: TLP, parts: Sequence[int]) -> None:
    for at in range(0, len(parts), retracting.MOST_PARTS):
        word = Relabel(parts=[*parts[at : at + retracting.MOST_PARTS]], tlp=label.value)
        draft = Draft(Relabel.KIND.kind, word.to_body(), refs=(Id(further.id),))
        with _going_on(further.dossier):
            issue(node, dossier_id=further.dossier, draft=draft)


def _forwards(node: Node, act: int, parts: Sequence[int] | None) -> list[tuple[ActRow, list[int]]]:
    """Return by which own acts objects of an act were carried on, and as which parts."""
    held = objects.holdings_of_act(node.db, act, parts)
    rows, found = dict[str, acts.ActRow](), dict[str, list[int]]()
    numbers = sorted({each.object for each in held})
    for each in objects.holdings_of_objects(node.db, numbers):
        if each.act is None or each.act == act:
            continue
        row = acts.act(node.db, objects.act_ids(node.db, [each.act])[each.act])
        if row is not None and row.party == node.me and row.kind == Forward.KIND.kind:
            rows[row.id] = row
            found.setdefault(row.id, []).append(each.part)
    return [(rows[id_], sorted(parts)) for id_, parts in found.items()]


def _relay(node: Node, row: ActRow) -> None:
    """Tell the source of what was carried on that a party further on has applied its word."""
    if row.party == node.me:
        return
    header = read_header(row.header)
    word = Applied.checked(header)
    party, act = word.on_behalf or PartyId(row.party), word.act or Id(row.id)
    how = Applied(how=word.how, reason=word.reason, on_behalf=party, act=act)
    for about in header.refs:
        for origin in _because_of(node, row.dossier, about):
            state = _state(node, origin.dossier)
            if not any(each.party == party for each in said.relayed(state, Id(origin.id))):
                # Who is a member there says itself what it did, and is not told of by others.
                with suppress(Refusal):
                    _tell(node, origin.dossier, Id(origin.id), how)


def _because_of(node: Node, dossier: str, about: Id) -> list[ActRow]:
    """Return the retractions elsewhere because of which this party said ``about``: those of what
    the objects that it takes back were carried on from.
    """
    row = acts.act(node.db, about)
    if row is None or row.party != node.me or row.kind != Retract.KIND.kind:
        return []
    told = said.retraction(_state(node, dossier), about)
    number = objects.act_numbers(node.db, [told.of])[told.of]
    here = objects.holdings_of_act(node.db, number, told.parts)
    found: dict[str, ActRow] = {}
    for each in objects.holdings_of_objects(node.db, sorted({h.object for h in here})):
        if each.act is not None and each.act != number:
            found |= _retractions(node, each.act, each.part)
    return [origin for origin in found.values() if origin.dossier != dossier]


def _retractions(node: Node, act: int, part: int) -> dict[str, ActRow]:
    """Return who took back a part of an act, by id."""
    batch = Id(objects.act_ids(node.db, [act])[act])
    row = acts.act(node.db, batch)
    if row is None:
        return {}
    taken = said.retracted(_state(node, row.dossier), batch)
    ids = {id_ for key in (None, part) for id_ in taken.get(key, ())}
    return acts.acts_among(node.db, sorted(ids))


def _relabel(node: Node, row: ActRow, state: State) -> None:
    """Give what an act relabels the label that its author says now."""
    header = read_header(row.header)
    batch = header.refs[0]
    if row.kind == Permit.KIND.kind:
        batch = said.ask(state, batch).of
    number = objects.act_numbers(node.db, [batch]).get(batch)
    held = [] if number is None else objects.holdings_of_act(node.db, number)
    with writing(node.db):
        shelving.relabel(node, [(each, said.label(state, batch, each.part)) for each in held])
    if number is not None and row.kind == Relabel.KIND.kind:
        label = TLP(Relabel.checked(header).tlp)
        _raise_further(node, number, label, Relabel.checked(header).parts)
